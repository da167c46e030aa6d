//! What each stream's JSON looks like, and what changed in it.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use sqlx::{FromRow, PgConnection, PgPool};

use crate::domain::payload::PayloadHash;

/// What a stream's payloads looked like so far.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub struct Baseline {
    /// Payloads looked at.
    pub observations: i64,
    /// When the first was observed.
    pub first_at: DateTime<Utc>,
    /// When the latest was.
    pub last_at: DateTime<Utc>,
    /// The tree of fields.
    pub paths: Value,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromRow)]
pub struct DriftRow {
    /// Feed and endpoint.
    pub stream: String,
    /// The league asked for, or empty.
    pub league: String,
    /// Where, cleaned.
    pub path: String,
    /// `new`, `missing` or `type`.
    pub change: String,
    /// The types, in words.
    pub detail: String,
    /// When the payload that showed it was observed.
    pub observed_at: DateTime<Utc>,
    /// That payload.
    #[serde(serialize_with = "hex")]
    pub payload_hash: Vec<u8>,
}

fn hex<S: serde::Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    let hash = PayloadHash::from_slice(bytes).map(|hash| hash.to_string());
    hash.serialize(serializer)
}

/// What is known of a stream and league, held until the transaction ends.
pub async fn baseline(
    connection: &mut PgConnection,
    stream: &str,
    league: &str,
) -> Result<Option<Baseline>, sqlx::Error> {
    sqlx::query_as(
        "select observations, first_at, last_at, paths from raw_data.schema_baselines
         where stream = $1 and league = $2 for update",
    )
    .bind(stream)
    .bind(league)
    .fetch_optional(connection)
    .await
}

/// Keep what is known now.
pub async fn write_baseline(
    connection: &mut PgConnection,
    stream: &str,
    league: &str,
    known: &Baseline,
    latest: &PayloadHash,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "insert into raw_data.schema_baselines (stream, league, observations, first_at, last_at, paths, payload_hash)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (stream, league) do update set
             observations = excluded.observations, last_at = excluded.last_at, paths = excluded.paths,
             payload_hash = excluded.payload_hash",
    )
    .bind(stream)
    .bind(league)
    .bind(known.observations)
    .bind(known.first_at)
    .bind(known.last_at)
    .bind(&known.paths)
    .bind(latest.0.to_vec())
    .execute(connection)
    .await?;
    Ok(())
}

/// Keep changes; returns those that were not known.
pub async fn note(
    connection: &mut PgConnection,
    rows: Vec<DriftRow>,
) -> Result<Vec<DriftRow>, sqlx::Error> {
    let mut fresh = Vec::new();
    for row in rows {
        let done = sqlx::query(
            "insert into raw_data.schema_drift (stream, league, path, change, detail, observed_at, payload_hash)
             values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing",
        )
        .bind(&row.stream)
        .bind(&row.league)
        .bind(&row.path)
        .bind(&row.change)
        .bind(&row.detail)
        .bind(row.observed_at)
        .bind(&row.payload_hash)
        .execute(&mut *connection)
        .await?;
        if done.rows_affected() > 0 {
            fresh.push(row);
        }
    }
    Ok(fresh)
}

/// Fields that are missing still.
pub async fn missing(
    connection: &mut PgConnection,
    stream: &str,
    league: &str,
) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar(
        "select path from raw_data.schema_drift
         where stream = $1 and league = $2 and change = 'missing' and ended_at is null",
    )
    .bind(stream)
    .bind(league)
    .fetch_all(connection)
    .await
}

/// These are there again.
pub async fn end_missing(
    connection: &mut PgConnection,
    stream: &str,
    league: &str,
    paths: &[String],
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    if paths.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "update raw_data.schema_drift set ended_at = $4
         where stream = $1 and league = $2 and change = 'missing' and path = any ($3)",
    )
    .bind(stream)
    .bind(league)
    .bind(paths)
    .bind(at)
    .execute(connection)
    .await?;
    Ok(())
}

/// Changes observed since `since` that still hold, the latest first.
pub async fn recent(
    pool: &PgPool,
    since: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<DriftRow>, sqlx::Error> {
    sqlx::query_as(
        "select stream, league, path, change, detail, observed_at, payload_hash from raw_data.schema_drift
         where observed_at >= $1 and ended_at is null
         order by change <> 'missing', observed_at desc, stream, league, path limit $2",
    )
    .bind(since)
    .bind(limit)
    .fetch_all(pool)
    .await
}
