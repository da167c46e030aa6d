//! Lines: the append-only history and the current row of each series.

mod append;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};

use super::games::parse;
use super::payloads::hash;
use crate::domain::game::GameId;
use crate::domain::market::{Line, Market};
use crate::domain::odds::Odds;
use crate::domain::series::{LineSlot, Price, SeriesKey};
use crate::domain::source::Stream;
use crate::domain::tape::{Origin, Row, Tail};

pub use self::append::{append, append_replayed};

/// A confirmation: the series was seen again.
#[derive(Debug, Clone, Copy)]
pub struct Confirmation {
    /// Game.
    pub game_id: GameId,
    /// Series.
    pub series_id: i64,
    /// Newest market time it was seen at.
    pub seen_at: DateTime<Utc>,
    /// Fetches that showed it.
    pub fetches: i64,
}

/// Count confirmations on the current rows.
pub async fn confirm(
    connection: &mut PgConnection,
    rows: &[Confirmation],
) -> Result<u64, sqlx::Error> {
    if rows.is_empty() {
        return Ok(0);
    }
    let done = sqlx::query(
        "update core_betting.lines_current c
         set last_seen_at = greatest(c.last_seen_at, i.seen_at), observations = c.observations + i.fetches
         from unnest($1::int8[], $2::int8[], $3::timestamptz[], $4::int8[]) as i(game_id, series_id, seen_at, fetches)
         where c.game_id = i.game_id and c.series_id = i.series_id",
    )
    .bind(rows.iter().map(|r| r.game_id.as_i64()).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| r.series_id).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| r.seen_at).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| r.fetches).collect::<Vec<_>>())
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

/// Set when series were last seen, back in time too: for sightings that a moved start took to another phase.
pub async fn set_last_seen(
    connection: &mut PgConnection,
    keys: &[&SeriesKey],
    seen_at: &[DateTime<Utc>],
) -> Result<u64, sqlx::Error> {
    if keys.is_empty() {
        return Ok(0);
    }
    let ids = series_ids(connection, keys).await?;
    let done = sqlx::query(
        "update core_betting.lines_current c set last_seen_at = greatest(c.at, i.seen_at)
         from unnest($1::int8[], $2::int8[], $3::timestamptz[]) as i(game_id, series_id, seen_at)
         where c.game_id = i.game_id and c.series_id = i.series_id",
    )
    .bind(keys.iter().map(|k| k.game_id.as_i64()).collect::<Vec<_>>())
    .bind(&ids)
    .bind(seen_at)
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

/// The store's ids of series, in the order asked.
pub async fn series_ids(
    connection: &mut PgConnection,
    keys: &[&SeriesKey],
) -> Result<Vec<i64>, sqlx::Error> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    sqlx::query_scalar(
        "select core_betting.series_id(game_id, stream, source_book_id, market, period, participant, side, phase, slot)
         from unnest($1::int8[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
             $9::text[]) with ordinality
             as k(game_id, stream, source_book_id, market, period, participant, side, phase, slot, nth)
         order by nth",
    )
    .bind(keys.iter().map(|k| k.game_id.as_i64()).collect::<Vec<_>>())
    .bind(keys.iter().map(|k| k.stream.as_str()).collect::<Vec<_>>())
    .bind(keys.iter().map(|k| &*k.source_book_id).collect::<Vec<_>>())
    .bind(keys.iter().map(|k| k.market.as_str()).collect::<Vec<_>>())
    .bind(keys.iter().map(|k| k.period.as_str()).collect::<Vec<_>>())
    .bind(keys.iter().map(|k| &*k.participant).collect::<Vec<_>>())
    .bind(keys.iter().map(|k| k.side.as_str()).collect::<Vec<_>>())
    .bind(keys.iter().map(|k| k.phase.as_str()).collect::<Vec<_>>())
    .bind(keys.iter().map(|k| k.slot.to_string()).collect::<Vec<_>>())
    .fetch_all(connection)
    .await
}

/// The current row of every series of these games.
pub async fn tails(
    connection: &mut PgConnection,
    games: &[GameId],
) -> Result<Vec<(SeriesKey, Tail)>, sqlx::Error> {
    let ids: Vec<i64> = games.iter().map(|g| g.as_i64()).collect();
    let rows = sqlx::query(
        "select game_id, stream, source_book_id, market, period, participant, side, phase, line_slot,
                line::float8, american, decimal::float8, status, at, observed_at, payload_hash, last_seen_at, series_id
         from core_betting.lines_current where game_id = any ($1)",
    )
    .bind(&ids)
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            let tail = Tail {
                price: price(row, 9)?,
                changed_at: row.try_get(13)?,
                origin: Origin {
                    observed_at: row.try_get(14)?,
                    payload_hash: hash(row, 15)?,
                    reconstructed: false,
                },
                last_seen_at: row.try_get(16)?,
                series_id: Some(row.try_get(17)?),
            };
            Ok((series_key(row)?, tail))
        })
        .collect()
}

/// Rows of the given series, oldest first.
pub async fn rows_of(
    connection: &mut PgConnection,
    keys: &[&SeriesKey],
) -> Result<HashMap<SeriesKey, Vec<Row>>, sqlx::Error> {
    let ids = series_ids(connection, keys).await?;
    let games: Vec<i64> = keys.iter().map(|k| k.game_id.as_i64()).collect();
    let rows = sqlx::query(
        "select game_id, stream, source_book_id, market, period, participant, side, phase, line_slot,
                line::float8, american, decimal::float8, status, at, observed_at, payload_hash, reconstructed
         from core_betting.line_history
         where (game_id, series_id) in (select * from unnest($1::int8[], $2::int8[]))
         order by at",
    )
    .bind(&games)
    .bind(&ids)
    .fetch_all(connection)
    .await?;
    let mut out: HashMap<SeriesKey, Vec<Row>> = HashMap::new();
    for row in &rows {
        out.entry(series_key(row)?)
            .or_default()
            .push(history_row(row)?);
    }
    Ok(out)
}

/// Every row of a game's stream, by series, oldest first.
pub async fn rows_of_stream(
    connection: &mut PgConnection,
    game: GameId,
    stream: Stream,
) -> Result<HashMap<SeriesKey, Vec<Row>>, sqlx::Error> {
    let rows = sqlx::query(
        "select game_id, stream, source_book_id, market, period, participant, side, phase, line_slot,
                line::float8, american, decimal::float8, status, at, observed_at, payload_hash, reconstructed
         from core_betting.line_history where game_id = $1 and stream = $2 order by at",
    )
    .bind(game.as_i64())
    .bind(stream.as_str())
    .fetch_all(connection)
    .await?;
    let mut out: HashMap<SeriesKey, Vec<Row>> = HashMap::new();
    for row in &rows {
        out.entry(series_key(row)?)
            .or_default()
            .push(history_row(row)?);
    }
    Ok(out)
}

/// Streams of a game with a price seen at `from` or later.
pub async fn streams_seen_since(
    connection: &mut PgConnection,
    game: GameId,
    from: DateTime<Utc>,
) -> Result<Vec<Stream>, sqlx::Error> {
    let names: Vec<String> = sqlx::query_scalar(
        "select distinct stream from core_betting.lines_current where game_id = $1 and last_seen_at >= $2",
    )
    .bind(game.as_i64())
    .bind(from)
    .fetch_all(connection)
    .await?;
    names.iter().map(|name| parse(name)).collect()
}

/// Remove rows: the one exception to append-only, for a stream that is replayed from raw.
pub async fn remove(
    connection: &mut PgConnection,
    rows: &[(&SeriesKey, DateTime<Utc>)],
) -> Result<u64, sqlx::Error> {
    if rows.is_empty() {
        return Ok(0);
    }
    let keys: Vec<&SeriesKey> = rows.iter().map(|r| r.0).collect();
    let ids = series_ids(connection, &keys).await?;
    let done = sqlx::query(
        "delete from core_betting.line_history h
         using unnest($1::int8[], $2::int8[], $3::timestamptz[]) as d(game_id, series_id, at)
         where h.game_id = d.game_id and h.series_id = d.series_id and h.at = d.at",
    )
    .bind(
        rows.iter()
            .map(|r| r.0.game_id.as_i64())
            .collect::<Vec<_>>(),
    )
    .bind(&ids)
    .bind(rows.iter().map(|r| r.1).collect::<Vec<_>>())
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

/// Recompute the current rows of series from their history.
pub async fn recompute(
    connection: &mut PgConnection,
    keys: &[&SeriesKey],
) -> Result<(), sqlx::Error> {
    if keys.is_empty() {
        return Ok(());
    }
    let ids = series_ids(connection, keys).await?;
    sqlx::query("select core_betting.recompute_series($1::int8[], $2::int8[])")
        .bind(keys.iter().map(|k| k.game_id.as_i64()).collect::<Vec<_>>())
        .bind(&ids)
        .execute(connection)
        .await?;
    Ok(())
}

/// The nine key columns, which every query above selects first.
pub(super) fn series_key(row: &PgRow) -> Result<SeriesKey, sqlx::Error> {
    let slot: &str = row.try_get(8)?;
    Ok(SeriesKey {
        game_id: GameId::from_i64(row.try_get(0)?),
        stream: parse(row.try_get(1)?)?,
        source_book_id: row.try_get::<String, _>(2)?.into(),
        market: Market::from_name(row.try_get(3)?),
        period: parse(row.try_get(4)?)?,
        participant: row.try_get::<String, _>(5)?.into(),
        side: parse(row.try_get(6)?)?,
        phase: parse(row.try_get(7)?)?,
        slot: LineSlot::parse(slot)
            .ok_or_else(|| sqlx::Error::Decode(format!("{slot:?} is no line slot").into()))?,
    })
}

/// Line, American, decimal and status from four columns in a row.
///
/// The feed's own format is not needed to compare prices: American is exact where it was given, and a decimal price
/// keeps its four places.
pub(super) fn price(row: &PgRow, from: usize) -> Result<Price, sqlx::Error> {
    let american: Option<i32> = row.try_get(from + 1)?;
    let decimal: Option<f64> = row.try_get(from + 2)?;
    let odds = american
        .zip(decimal)
        .and_then(|(american, decimal)| stored_odds(american, decimal));
    Ok(Price {
        line: row
            .try_get::<Option<f64>, _>(from)?
            .and_then(Line::from_points),
        odds,
        status: parse(row.try_get(from + 3)?)?,
    })
}

/// The price as the feed gave it: American when the stored decimal is what that American price converts to.
fn stored_odds(american: i32, decimal: f64) -> Option<Odds> {
    let as_american = Odds::american(i64::from(american)).ok();
    as_american
        .filter(|o| (o.to_decimal() - decimal).abs() < 0.000_051)
        .or_else(|| Odds::decimal(decimal).ok())
        .or(as_american)
}

fn history_row(row: &PgRow) -> Result<Row, sqlx::Error> {
    Ok(Row {
        at: row.try_get(13)?,
        price: price(row, 9)?,
        origin: Origin {
            observed_at: row.try_get(14)?,
            payload_hash: hash(row, 15)?,
            reconstructed: row.try_get(16)?,
        },
    })
}
