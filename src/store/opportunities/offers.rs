//! Rows of `bet_offers`.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, Row as _};

use super::fair::american;
use super::settling::Bet;
use crate::analytics::fair::offer::{confidence, volume};
use crate::analytics::fair::row::OfferRow;
use crate::domain::game::GameId;

/// State, decimal and net odds, fair probability, value and class.
pub(super) type OfferSaid = (
    String,
    Option<f64>,
    Option<f64>,
    Option<f64>,
    Option<f64>,
    String,
);

pub(super) type OfferKey = (String, String, DateTime<Utc>);

pub(super) fn said_offer(row: &OfferRow) -> OfferSaid {
    let (state, class) = (row.state.as_str().to_owned(), row.class.as_str().to_owned());
    (state, row.decimal, row.net, row.fair, row.ev, class)
}

pub(super) async fn stored_offers(
    connection: &mut PgConnection,
    game: GameId,
) -> Result<HashMap<OfferKey, OfferSaid>, sqlx::Error> {
    let rows = sqlx::query(
        "select bet_id, book, offered_at, status, decimal, net_decimal, fair_probability, expected_value, class
         from core_betting.bet_offers where game_id = $1",
    )
    .bind(game.as_i64())
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            let key = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
            let said = (
                row.try_get(3)?,
                row.try_get(4)?,
                row.try_get(5)?,
                row.try_get(6)?,
                row.try_get(7)?,
                row.try_get(8)?,
            );
            Ok((key, said))
        })
        .collect()
}

pub(super) async fn remove_offers(
    connection: &mut PgConnection,
    game: GameId,
    keys: &[OfferKey],
) -> Result<u64, sqlx::Error> {
    if keys.is_empty() {
        return Ok(0);
    }
    let done = sqlx::query(
        "delete from core_betting.bet_offers o
         using unnest($2::text[], $3::text[], $4::timestamptz[]) as d(bet_id, book, offered_at)
         where o.game_id = $1 and o.bet_id = d.bet_id and o.book = d.book and o.offered_at = d.offered_at",
    )
    .bind(game.as_i64())
    .bind(keys.iter().map(|k| &*k.0).collect::<Vec<_>>())
    .bind(keys.iter().map(|k| &*k.1).collect::<Vec<_>>())
    .bind(keys.iter().map(|k| k.2).collect::<Vec<_>>())
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

pub(super) async fn put_offers(
    connection: &mut PgConnection,
    game: GameId,
    rows: &[(&Bet, &OfferRow)],
) -> Result<u64, sqlx::Error> {
    if rows.is_empty() {
        return Ok(0);
    }
    let sure = |r: &OfferRow| r.ev.map(|ev| confidence(ev, r.books > 1));
    let done = sqlx::query(
        "insert into core_betting.bet_offers (game_id, bet_id, book, offered_at, status, american, decimal, net_decimal,
             implied_probability, fair_probability, expected_value, class, confidence_score, volume_indicator)
         select $1, o.* from unnest($2::text[], $3::text[], $4::timestamptz[], $5::text[], $6::int4[], $7::float8[],
             $8::float8[], $9::float8[], $10::float8[], $11::float8[], $12::text[], $13::float8[], $14::text[]) as o
         on conflict do nothing",
    )
    .bind(game.as_i64())
    .bind(rows.iter().map(|(b, _)| b.id.as_str()).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, r)| &*r.book).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, r)| r.at).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, r)| r.state.as_str()).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, r)| r.decimal.and_then(american)).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, r)| r.decimal).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, r)| r.net).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, r)| r.decimal.map(|d| 1.0 / d)).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, r)| r.fair).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, r)| r.ev).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, r)| r.class.as_str()).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, r)| sure(r)).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, r)| volume(r.books)).collect::<Vec<_>>())
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}
