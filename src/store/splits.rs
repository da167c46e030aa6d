//! Tickets and money by side, a row a change.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};

use super::games::parse;
use crate::domain::game::GameId;
use crate::domain::market::Market;
use crate::domain::source::Stream;
use crate::domain::splits::{SplitChange, SplitKey, SplitValue};

/// Append rows; one whose key and time exist already is left alone.
pub async fn append(
    connection: &mut PgConnection,
    changes: &[SplitChange],
) -> Result<u64, sqlx::Error> {
    if changes.is_empty() {
        return Ok(0);
    }
    let keys: Vec<&SplitKey> = changes.iter().map(|c| &c.seen.key).collect();
    let done = sqlx::query(
        "insert into core_betting.betting_splits (game_id, stream, scope, market, period, side, at, tickets_pct,
             money_pct, tickets, money, observed_at, payload_hash)
         select * from unnest($1::int8[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
             $7::timestamptz[], $8::float8[], $9::float8[], $10::int8[], $11::int8[], $12::timestamptz[], $13::bytea[])
         on conflict do nothing",
    )
    .bind(keys.iter().map(|k| k.game_id.as_i64()).collect::<Vec<_>>())
    .bind(keys.iter().map(|k| k.stream.as_str()).collect::<Vec<_>>())
    .bind(keys.iter().map(|k| &*k.scope).collect::<Vec<_>>())
    .bind(keys.iter().map(|k| k.market.as_str()).collect::<Vec<_>>())
    .bind(keys.iter().map(|k| k.period.as_str()).collect::<Vec<_>>())
    .bind(keys.iter().map(|k| k.side.as_str()).collect::<Vec<_>>())
    .bind(changes.iter().map(|c| c.seen.at).collect::<Vec<_>>())
    .bind(changes.iter().map(|c| c.seen.value.tickets_pct).collect::<Vec<_>>())
    .bind(changes.iter().map(|c| c.seen.value.money_pct).collect::<Vec<_>>())
    .bind(changes.iter().map(|c| c.seen.value.tickets).collect::<Vec<_>>())
    .bind(changes.iter().map(|c| c.seen.value.money).collect::<Vec<_>>())
    .bind(changes.iter().map(|c| c.origin.observed_at).collect::<Vec<_>>())
    .bind(changes.iter().map(|c| c.origin.payload_hash.0.to_vec()).collect::<Vec<_>>())
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

/// One row of the history of splits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StoredSplit {
    /// Series.
    pub key: SplitKey,
    /// Value.
    pub value: SplitValue,
    /// Market time.
    pub at: DateTime<Utc>,
}

/// A game's whole history of splits, by side and market time.
pub async fn of_game(
    connection: &mut PgConnection,
    game: GameId,
) -> Result<Vec<StoredSplit>, sqlx::Error> {
    let rows = sqlx::query(
        "select game_id, stream, scope, market, period, side, tickets_pct::float8, money_pct::float8, tickets, money, at
         from core_betting.betting_splits where game_id = $1
         order by stream, scope, market, period, side, at",
    )
    .bind(game.as_i64())
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| split_row(row).map(|(key, value, at)| StoredSplit { key, value, at }))
        .collect()
}

/// The newest row of every side of these games.
pub async fn latest(
    connection: &mut PgConnection,
    games: &[GameId],
) -> Result<Vec<(SplitKey, SplitValue, DateTime<Utc>)>, sqlx::Error> {
    let ids: Vec<i64> = games.iter().map(|g| g.as_i64()).collect();
    let rows = sqlx::query(
        "select distinct on (game_id, stream, scope, market, period, side)
                game_id, stream, scope, market, period, side, tickets_pct::float8, money_pct::float8, tickets, money, at
         from core_betting.betting_splits where game_id = any ($1)
         order by game_id, stream, scope, market, period, side, at desc",
    )
    .bind(&ids)
    .fetch_all(connection)
    .await?;
    rows.iter().map(split_row).collect()
}

/// The split in force just before `from`, by side, of one game's stream.
pub async fn before(
    connection: &mut PgConnection,
    game: GameId,
    stream: Stream,
    from: DateTime<Utc>,
) -> Result<HashMap<SplitKey, SplitValue>, sqlx::Error> {
    let rows = sqlx::query(
        "select distinct on (scope, market, period, side)
                game_id, stream, scope, market, period, side, tickets_pct::float8, money_pct::float8, tickets, money, at
         from core_betting.betting_splits where game_id = $1 and stream = $2 and at < $3
         order by scope, market, period, side, at desc",
    )
    .bind(game.as_i64())
    .bind(stream.as_str())
    .bind(from)
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| split_row(row).map(|(key, value, _)| (key, value)))
        .collect()
}

/// Replace one game's stream from `from` on: for a stream that is replayed from raw.
pub async fn replace(
    connection: &mut PgConnection,
    game: GameId,
    stream: Stream,
    from: DateTime<Utc>,
    changes: &[SplitChange],
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "delete from core_betting.betting_splits where game_id = $1 and stream = $2 and at >= $3",
    )
    .bind(game.as_i64())
    .bind(stream.as_str())
    .bind(from)
    .execute(&mut *connection)
    .await?;
    append(connection, changes).await?;
    Ok(())
}

fn split_row(row: &PgRow) -> Result<(SplitKey, SplitValue, DateTime<Utc>), sqlx::Error> {
    let key = SplitKey {
        game_id: GameId::from_i64(row.try_get(0)?),
        stream: parse(row.try_get(1)?)?,
        scope: row.try_get::<String, _>(2)?.into(),
        market: Market::from_name(row.try_get(3)?),
        period: parse(row.try_get(4)?)?,
        side: parse(row.try_get(5)?)?,
    };
    let value = SplitValue {
        tickets_pct: row.try_get(6)?,
        money_pct: row.try_get(7)?,
        tickets: row.try_get(8)?,
        money: row.try_get(9)?,
    };
    Ok((key, value, row.try_get(10)?))
}
