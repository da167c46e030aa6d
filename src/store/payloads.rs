//! Raw zone: bodies by hash, and the log of every fetch.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgPool, Row as _};
use uuid::Uuid;

use crate::domain::league::League;
use crate::domain::payload::{Payload, PayloadHash};
use crate::domain::source::{Source, Stream};
use crate::domain::tape::Origin;

/// Level 3 packs a scoreboard about 15:1 in under a millisecond.
const ZSTD_LEVEL: i32 = 3;

/// What staging made of a fetch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Its rows are in the staging zone.
    Staged,
    /// The same bytes of the same instant were staged before.
    Duplicate,
    /// The body is no response of the feed.
    Refused,
    /// The fetch brought no body.
    Failed,
}

impl Fate {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Staged => "staged",
            Self::Duplicate => "duplicate",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }
}

/// A row of `raw_data.collection_log`.
#[derive(Debug, Clone)]
pub struct Logged<'a> {
    /// The fetch.
    pub payload: &'a Payload,
    /// What became of it.
    pub fate: Fate,
    /// Games in it.
    pub games: i32,
    /// Prices in it.
    pub quotes: i32,
    /// Rows appended from it.
    pub changes: i32,
    /// What was not understood.
    pub rejects: i32,
    /// Earliest and latest market time of a price in it.
    pub span: Option<(DateTime<Utc>, DateTime<Utc>)>,
}

/// What staging made of a fetch, as the log has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// `staged`, `duplicate`, `refused` or `failed`.
    pub fate: String,
    /// Games in it.
    pub games: i32,
    /// Prices in it.
    pub quotes: i32,
    /// Rows appended from it.
    pub changes: i32,
    /// What was not understood.
    pub rejects: i32,
}

/// What became of these fetches.
pub async fn outcomes(
    pool: &PgPool,
    fetches: &[Uuid],
) -> Result<HashMap<Uuid, Outcome>, sqlx::Error> {
    let rows = sqlx::query(
        "select fetch_id, staged, games, quotes, changes, rejects from raw_data.collection_log where fetch_id = any ($1)",
    )
    .bind(fetches)
    .fetch_all(pool)
    .await?;
    rows.iter()
        .map(|row| {
            let outcome = Outcome {
                fate: row.try_get(1)?,
                games: row.try_get(2)?,
                quotes: row.try_get(3)?,
                changes: row.try_get(4)?,
                rejects: row.try_get(5)?,
            };
            Ok((row.try_get(0)?, outcome))
        })
        .collect()
}

/// Whether a game's tick history was fetched and stored.
pub async fn history_stored(
    pool: &PgPool,
    source: Source,
    source_game_id: &str,
) -> Result<bool, sqlx::Error> {
    let streams: Vec<&str> = Stream::ALL
        .iter()
        .filter(|s| s.source() == source && s.is_ticks())
        .map(|s| s.as_str())
        .collect();
    sqlx::query_scalar(
        "select exists (
             select from raw_data.collection_log
             where stream = any ($1) and source_game_id = $2 and staged in ('staged', 'duplicate'))",
    )
    .bind(&streams)
    .bind(source_game_id)
    .fetch_one(pool)
    .await
}

/// A fetch as the log has it.
#[derive(Debug, Clone)]
pub struct StoredFetch {
    /// Feed and endpoint.
    pub stream: Stream,
    /// The URL asked, without any key.
    pub url: String,
    /// The game the request asked for.
    pub source_game_id: Option<Arc<str>>,
    /// When and which bytes.
    pub origin: Origin,
}

/// Make the partitions that rows from `first` to `last` need.
pub async fn ensure_partitions(
    connection: &mut PgConnection,
    first: DateTime<Utc>,
    last: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query("select core_betting.ensure_partitions($1, $2)")
        .bind(first)
        .bind(last)
        .execute(connection)
        .await?;
    Ok(())
}

/// Which of these fetches are in the log already: their commit was in doubt and went through after all.
pub async fn already_logged(
    connection: &mut PgConnection,
    payloads: &[&Payload],
) -> Result<HashSet<Uuid>, sqlx::Error> {
    let ids: Vec<Uuid> = payloads.iter().map(|p| p.fetch_id).collect();
    let known: Vec<Uuid> = sqlx::query_scalar(
        "select fetch_id from raw_data.collection_log where fetch_id = any ($1)",
    )
    .bind(&ids)
    .fetch_all(connection)
    .await?;
    Ok(known.into_iter().collect())
}

/// Which of these fetches repeat one already staged: the same bytes, instant, stream and game.
pub async fn already_staged(
    connection: &mut PgConnection,
    payloads: &[&Payload],
) -> Result<HashSet<Uuid>, sqlx::Error> {
    let known: Vec<Uuid> = sqlx::query_scalar(
        "select i.fetch_id
         from unnest($1::uuid[], $2::bytea[], $3::timestamptz[], $4::text[], $5::text[])
              as i(fetch_id, payload_hash, observed_at, stream, source_game_id)
         where exists (
             select from raw_data.collection_log l
             where l.payload_hash = i.payload_hash and l.observed_at = i.observed_at and l.stream = i.stream
               and l.source_game_id is not distinct from i.source_game_id and l.staged = 'staged')",
    )
    .bind(payloads.iter().map(|p| p.fetch_id).collect::<Vec<_>>())
    .bind(payloads.iter().map(|p| p.hash.0.to_vec()).collect::<Vec<_>>())
    .bind(payloads.iter().map(|p| p.observed_at).collect::<Vec<_>>())
    .bind(payloads.iter().map(|p| p.request.stream.as_str()).collect::<Vec<_>>())
    .bind(payloads.iter().map(|p| p.request.source_game_id.as_deref()).collect::<Vec<_>>())
    .fetch_all(connection)
    .await?;
    Ok(known.into_iter().collect())
}

/// Store the bodies that no row holds yet.
pub async fn store_bodies(
    connection: &mut PgConnection,
    payloads: &[&Payload],
) -> Result<u64, sqlx::Error> {
    let mut seen = HashSet::new();
    let with_body: Vec<&&Payload> = payloads
        .iter()
        .filter(|p| p.error.is_none() && seen.insert(p.hash))
        .collect();
    if with_body.is_empty() {
        return Ok(0);
    }
    let hashes: Vec<Vec<u8>> = with_body.iter().map(|p| p.hash.0.to_vec()).collect();
    let known: Vec<Vec<u8>> = sqlx::query_scalar(
        "select distinct payload_hash from raw_data.payloads where payload_hash = any ($1)",
    )
    .bind(&hashes)
    .fetch_all(&mut *connection)
    .await?;
    let known: HashSet<PayloadHash> = known
        .iter()
        .filter_map(|h| PayloadHash::from_slice(h))
        .collect();
    let fresh: Vec<&&Payload> = with_body
        .into_iter()
        .filter(|p| !known.contains(&p.hash))
        .collect();
    if fresh.is_empty() {
        return Ok(0);
    }
    let bodies = fresh
        .iter()
        .map(|p| zstd::bulk::compress(&p.body, ZSTD_LEVEL))
        .collect::<Result<Vec<_>, _>>()
        .map_err(sqlx::Error::Io)?;
    let done = sqlx::query(
        "insert into raw_data.payloads (payload_hash, observed_at, original_bytes, body)
         select * from unnest($1::bytea[], $2::timestamptz[], $3::int4[], $4::bytea[])
         on conflict do nothing",
    )
    .bind(fresh.iter().map(|p| p.hash.0.to_vec()).collect::<Vec<_>>())
    .bind(fresh.iter().map(|p| p.observed_at).collect::<Vec<_>>())
    .bind(
        fresh
            .iter()
            .map(|p| i32::try_from(p.body.len()).unwrap_or(i32::MAX))
            .collect::<Vec<_>>(),
    )
    .bind(bodies)
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

/// Write the log rows of a batch.
pub async fn log(
    connection: &mut PgConnection,
    rows: &[Logged<'_>],
    demo: bool,
) -> Result<(), sqlx::Error> {
    let body = |p: &Payload| p.error.is_none().then(|| p.hash.0.to_vec());
    sqlx::query(
        "insert into raw_data.collection_log (fetch_id, stream, source, request, league, source_game_id, status,
             observed_at, elapsed_ms, body_bytes, payload_hash, error, reconstructed, staged, games, quotes, changes,
             rejects, min_at, max_at, demo)
         select *, $21 from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
             $7::int2[], $8::timestamptz[], $9::int4[], $10::int4[], $11::bytea[], $12::text[], $13::bool[],
             $14::text[], $15::int4[], $16::int4[], $17::int4[], $18::int4[], $19::timestamptz[], $20::timestamptz[])
         on conflict (fetch_id) do nothing",
    )
    .bind(rows.iter().map(|r| r.payload.fetch_id).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| r.payload.request.stream.as_str()).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| r.payload.request.stream.source().as_str()).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| r.payload.request.url.as_str()).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| r.payload.request.league.map(League::as_str)).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| r.payload.request.source_game_id.as_deref()).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| i16::try_from(r.payload.status).unwrap_or(0)).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| r.payload.observed_at).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| i32::try_from(r.payload.elapsed_ms).unwrap_or(i32::MAX)).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| i32::try_from(r.payload.body.len()).unwrap_or(i32::MAX)).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| body(r.payload)).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| r.payload.error.as_deref()).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| r.payload.reconstructed).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| r.fate.as_str()).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| r.games).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| r.quotes).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| r.changes).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| r.rejects).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| r.span.map(|s| s.0)).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| r.span.map(|s| s.1)).collect::<Vec<_>>())
    .bind(demo)
    .execute(connection)
    .await?;
    Ok(())
}

/// Staged fetches of a stream that hold a market time of `from` or later and may hold one of the games.
pub async fn fetches_since(
    connection: &mut PgConnection,
    stream: Stream,
    source_game_ids: &[Arc<str>],
    leagues: &[League],
    from: DateTime<Utc>,
) -> Result<Vec<StoredFetch>, sqlx::Error> {
    let ids: Vec<&str> = source_game_ids.iter().map(|id| &**id).collect();
    let rows = sqlx::query(
        "select source_game_id, observed_at, payload_hash, reconstructed, request
         from raw_data.collection_log
         where stream = $1 and max_at >= $2 and staged = 'staged'
           and (source_game_id is null or source_game_id = any ($3)) and (league is null or league = any ($4))
         order by observed_at, payload_hash",
    )
    .bind(stream.as_str())
    .bind(from)
    .bind(&ids)
    .bind(leagues.iter().map(|l| l.as_str()).collect::<Vec<_>>())
    .fetch_all(connection)
    .await?;
    rows.iter().map(|row| stored_fetch(stream, row)).collect()
}

fn stored_fetch(stream: Stream, row: &sqlx::postgres::PgRow) -> Result<StoredFetch, sqlx::Error> {
    Ok(StoredFetch {
        stream,
        url: row.try_get(4)?,
        source_game_id: row.try_get::<Option<String>, _>(0)?.map(Arc::from),
        origin: Origin {
            observed_at: row.try_get(1)?,
            payload_hash: hash(row, 2)?,
            reconstructed: row.try_get(3)?,
        },
    })
}

/// The latest staged fetches of a stream whose market times all lie before `before`, newest first.
pub async fn fetches_before(
    connection: &mut PgConnection,
    stream: Stream,
    source_game_ids: &[Arc<str>],
    leagues: &[League],
    before: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<StoredFetch>, sqlx::Error> {
    let ids: Vec<&str> = source_game_ids.iter().map(|id| &**id).collect();
    let rows = sqlx::query(
        "select source_game_id, observed_at, payload_hash, reconstructed, request
         from raw_data.collection_log
         where stream = $1 and max_at < $2 and staged = 'staged'
           and (source_game_id is null or source_game_id = any ($3)) and (league is null or league = any ($4))
         order by max_at desc, payload_hash limit $5",
    )
    .bind(stream.as_str())
    .bind(before)
    .bind(&ids)
    .bind(leagues.iter().map(|l| l.as_str()).collect::<Vec<_>>())
    .bind(limit)
    .fetch_all(connection)
    .await?;
    rows.iter().map(|row| stored_fetch(stream, row)).collect()
}

/// The bytes of a payload, verbatim; none when no row holds them.
///
/// Fails when the stored bytes do not hash to `wanted`: the row was damaged.
pub async fn body(
    connection: &mut PgConnection,
    wanted: PayloadHash,
) -> Result<Option<Vec<u8>>, sqlx::Error> {
    let row = sqlx::query("select encoding, body, original_bytes from raw_data.payloads where payload_hash = $1 limit 1")
        .bind(wanted.0.as_slice())
        .fetch_optional(connection)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let stored: Vec<u8> = row.try_get(1)?;
    let body = match row.try_get::<&str, _>(0)? {
        "zstd" => {
            let size = usize::try_from(row.try_get::<i32, _>(2)?).unwrap_or(0);
            zstd::bulk::decompress(&stored, size).map_err(|why| {
                sqlx::Error::Decode(format!("payload {wanted} is damaged: {why}").into())
            })?
        }
        _ => stored,
    };
    if PayloadHash::of(&body) == wanted {
        Ok(Some(body))
    } else {
        Err(sqlx::Error::Decode(
            format!("payload {wanted} is damaged: its bytes have another hash").into(),
        ))
    }
}

/// A hash column.
pub(super) fn hash(row: &sqlx::postgres::PgRow, index: usize) -> Result<PayloadHash, sqlx::Error> {
    let bytes: &[u8] = row.try_get(index)?;
    PayloadHash::from_slice(bytes)
        .ok_or_else(|| sqlx::Error::Decode("a payload hash is not 32 bytes long".into()))
}
