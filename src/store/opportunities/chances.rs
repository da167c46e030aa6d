//! Rows of `opportunities`: value, arbitrage and middles, with their legs.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sqlx::{PgConnection, Row as _};

use super::fair::american;
use super::settling::{Bet, ages};
use crate::analytics::fair::board::Leg;
use crate::analytics::fair::row::{Chance, Kind};
use crate::domain::game::GameId;
use crate::domain::market::Line;

pub(super) type ChanceKey = (DateTime<Utc>, String, String, String, String);

pub(super) type ChanceSaid = (Option<f64>, f64, Option<DateTime<Utc>>, Vec<i64>);

pub(super) fn said_chance(row: &Chance) -> ChanceSaid {
    (
        row.legs.first().map(|leg| leg.decimal),
        row.worth,
        row.closed_at,
        ages(&legs(&row.legs)),
    )
}

pub(super) async fn stored_chances(
    connection: &mut PgConnection,
    game: GameId,
) -> Result<HashMap<ChanceKey, ChanceSaid>, sqlx::Error> {
    let rows = sqlx::query(
        "select at, kind, bet_id, book, others, decimal, coalesce(expected_value, break_even), closed_at, legs
         from analytics.opportunities where game_id = $1",
    )
    .bind(game.as_i64())
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            let key = (
                row.try_get(0)?,
                row.try_get(1)?,
                row.try_get(2)?,
                row.try_get(3)?,
                row.try_get(4)?,
            );
            let ages = ages(&row.try_get(8)?);
            let said = (row.try_get(5)?, row.try_get(6)?, row.try_get(7)?, ages);
            Ok((key, said))
        })
        .collect()
}

pub(super) async fn remove_chances(
    connection: &mut PgConnection,
    game: GameId,
    keys: &[ChanceKey],
) -> Result<u64, sqlx::Error> {
    if keys.is_empty() {
        return Ok(0);
    }
    let done = sqlx::query(
        "delete from analytics.opportunities o
         using unnest($2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[])
             as d(at, kind, bet_id, book, others)
         where o.game_id = $1 and o.at = d.at and o.kind = d.kind and o.bet_id = d.bet_id and o.book = d.book
           and o.others = d.others",
    )
    .bind(game.as_i64())
    .bind(keys.iter().map(|k| k.0).collect::<Vec<_>>())
    .bind(keys.iter().map(|k| &*k.1).collect::<Vec<_>>())
    .bind(keys.iter().map(|k| &*k.2).collect::<Vec<_>>())
    .bind(keys.iter().map(|k| &*k.3).collect::<Vec<_>>())
    .bind(keys.iter().map(|k| &*k.4).collect::<Vec<_>>())
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

/// Every leg, as stored.
pub fn legs(legs: &[Leg]) -> Value {
    legs.iter()
        .map(|leg| {
            json!({"side": leg.side, "line": leg.line.map(Line::points), "book": &*leg.book, "decimal": leg.decimal,
                   "net": leg.net, "stake": leg.stake, "seen_s": leg.seen, "changed_s": leg.changed})
        })
        .collect()
}

pub(super) fn others(legs: &[Leg]) -> String {
    let words: Vec<String> = legs
        .iter()
        .skip(1)
        .map(|leg| {
            let line = leg.line.map_or_else(String::new, |line| format!(" {line}"));
            format!("{}{line} {}", leg.side, leg.book)
        })
        .collect();
    words.join(", ")
}

pub(super) async fn put_chances(
    connection: &mut PgConnection,
    game: GameId,
    rows: &[(&Bet, &Chance)],
) -> Result<u64, sqlx::Error> {
    if rows.is_empty() {
        return Ok(0);
    }
    let first = |c: &Chance| {
        c.legs
            .first()
            .map(|leg| (leg.book.to_string(), leg.decimal, leg.stake))
    };
    let worth = |c: &Chance, middle: bool| ((c.kind == Kind::Middle) == middle).then_some(c.worth);
    let done = sqlx::query(
        "insert into analytics.opportunities (game_id, at, kind, bet_id, book, others, market, period, participant, side,
             line, american, decimal, fair_probability, expected_value, break_even, stake, legs, closed_at)
         select $1, at, kind, bet_id, book, others, market, period, participant, side, line::numeric, american, decimal,
                fair, ev, break_even, stake, legs, closed_at
         from unnest($2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
             $9::text[], $10::text[], $11::float8[], $12::int4[], $13::float8[], $14::float8[], $15::float8[],
             $16::float8[], $17::float8[], $18::jsonb[], $19::timestamptz[])
             as o(at, kind, bet_id, book, others, market, period, participant, side, line, american, decimal, fair, ev,
                  break_even, stake, legs, closed_at)
         on conflict (game_id, at, kind, bet_id, book, others) do update set closed_at = excluded.closed_at
         where opportunities.closed_at is distinct from excluded.closed_at",
    )
    .bind(game.as_i64())
    .bind(rows.iter().map(|(_, c)| c.at).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, c)| c.kind.as_str()).collect::<Vec<_>>())
    .bind(rows.iter().map(|(b, _)| b.id.as_str()).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, c)| first(c).map(|f| f.0).unwrap_or_default()).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, c)| others(&c.legs)).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, c)| c.bet.market.as_str()).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, c)| c.bet.period.as_str()).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, c)| &*c.bet.participant).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, c)| c.bet.side.as_str()).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, c)| c.bet.line.map(Line::points)).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, c)| first(c).and_then(|f| american(f.1))).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, c)| first(c).map(|f| f.1)).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, c)| c.fair).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, c)| worth(c, false)).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, c)| worth(c, true)).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, c)| first(c).map(|f| f.2)).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, c)| legs(&c.legs)).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, c)| c.closed_at).collect::<Vec<_>>())
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}
