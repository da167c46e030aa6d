//! Rows of `fair_odds`.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sqlx::{PgConnection, Row as _};

use super::settling::{Bet, ages};
use crate::analytics::fair::row::FairRow;
use crate::analytics::price::rounded_american;
use crate::domain::game::GameId;
use crate::domain::market::Line;

pub(super) type FairSaid = (Option<f64>, i16, String, Vec<i64>);

pub(super) fn said_fair(row: &FairRow) -> FairSaid {
    let books = i16::try_from(row.anchors.len()).unwrap_or(i16::MAX);
    let ages = ages(&anchors(row));
    (row.probability, books, row.devig.as_str().to_owned(), ages)
}

pub(super) async fn stored_fair(
    connection: &mut PgConnection,
    game: GameId,
) -> Result<HashMap<(String, DateTime<Utc>), FairSaid>, sqlx::Error> {
    let rows = sqlx::query(
        "select bet_id, at, probability, books, method, anchors from analytics.fair_odds where game_id = $1",
    )
    .bind(game.as_i64())
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            let ages = ages(&row.try_get(5)?);
            let said = (row.try_get(2)?, row.try_get(3)?, row.try_get(4)?, ages);
            Ok(((row.try_get(0)?, row.try_get(1)?), said))
        })
        .collect()
}

pub(super) async fn remove_fair(
    connection: &mut PgConnection,
    game: GameId,
    keys: &[(String, DateTime<Utc>)],
) -> Result<u64, sqlx::Error> {
    if keys.is_empty() {
        return Ok(0);
    }
    let done = sqlx::query(
        "delete from analytics.fair_odds f using unnest($2::text[], $3::timestamptz[]) as d(bet_id, at)
         where f.game_id = $1 and f.bet_id = d.bet_id and f.at = d.at",
    )
    .bind(game.as_i64())
    .bind(keys.iter().map(|k| &*k.0).collect::<Vec<_>>())
    .bind(keys.iter().map(|k| k.1).collect::<Vec<_>>())
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

pub(super) async fn put_fair(
    connection: &mut PgConnection,
    game: GameId,
    rows: &[(&Bet, &FairRow)],
) -> Result<u64, sqlx::Error> {
    if rows.is_empty() {
        return Ok(0);
    }
    let done = sqlx::query(
        "insert into analytics.fair_odds (game_id, bet_id, at, market, period, participant, side, line, method,
             probability, books, anchors, reason)
         select $1, bet_id, at, market, period, participant, side, line::numeric, method, probability, books, anchors, reason
         from unnest($2::text[], $3::timestamptz[], $4::text[], $5::text[], $6::text[], $7::text[], $8::float8[],
             $9::text[], $10::float8[], $11::int2[], $12::jsonb[], $13::text[])
             as f(bet_id, at, market, period, participant, side, line, method, probability, books, anchors, reason)
         on conflict do nothing",
    )
    .bind(game.as_i64())
    .bind(rows.iter().map(|(b, _)| b.id.as_str()).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, r)| r.at).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, r)| r.bet.market.as_str()).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, r)| r.bet.period.as_str()).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, r)| &*r.bet.participant).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, r)| r.bet.side.as_str()).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, r)| r.bet.line.map(Line::points)).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, r)| r.devig.as_str()).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, r)| r.probability).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, r)| said_fair(r).1).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, r)| anchors(r)).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, r)| r.reason.as_deref()).collect::<Vec<_>>())
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

/// Every anchor of a side's fair price, as stored.
pub(super) fn anchors(row: &FairRow) -> Value {
    let place = side_place(row);
    row.anchors
        .iter()
        .map(|a| {
            json!({"book": &*a.book, "weight": a.weight, "probability": a.probabilities.get(place),
                   "overround": a.overround, "seen_s": a.seen})
        })
        .collect()
}

/// Where a side's probability stands among its market's.
pub(super) fn side_place(row: &FairRow) -> usize {
    use crate::domain::market::Side;
    match row.bet.side {
        Side::Home | Side::Over => 0,
        Side::Away | Side::Under => 1,
        Side::Draw => 2,
    }
}

pub(super) fn american(decimal: f64) -> Option<i32> {
    rounded_american(decimal).and_then(|a| i32::try_from(a).ok())
}
