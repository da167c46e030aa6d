//! The numbers of the panels, in tables: each panel number has its twin here or can be counted.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, Row as _};

/// What the store holds so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// Rows of the collection log.
    pub payloads: i64,
    /// Rows of the line history.
    pub changes: i64,
    /// Prices seen, repeats included.
    pub observations: i64,
    /// Rows of the validation results.
    pub rejects: i64,
    /// Bytes of the database.
    pub bytes: i64,
}

/// Count what the store holds.
///
/// Changes and observations come from the current rows, which is exact and far smaller than the history.
pub async fn totals(connection: &mut PgConnection) -> Result<Totals, sqlx::Error> {
    let row = sqlx::query(
        "select (select count(*) from raw_data.collection_log),
                (select coalesce(sum(changes), 0)::int8 from core_betting.lines_current),
                (select coalesce(sum(observations), 0)::int8 from core_betting.lines_current),
                (select count(*) from operational.validation_results),
                pg_database_size(current_database())",
    )
    .fetch_one(connection)
    .await?;
    Ok(Totals {
        payloads: row.try_get(0)?,
        changes: row.try_get(1)?,
        observations: row.try_get(2)?,
        rejects: row.try_get(3)?,
        bytes: row.try_get(4)?,
    })
}

/// The persistence panel at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct PersistenceRow {
    /// When, by the machine's clock.
    pub at: DateTime<Utc>,
    /// Totals as shown.
    pub totals: Totals,
    /// Payloads waiting.
    pub spool_depth: i64,
    /// Bytes waiting.
    pub spool_bytes: i64,
    /// 95th percentile of the batch time.
    pub batch_p95_ms: Option<f32>,
    /// Failed writes.
    pub errors: i64,
}

/// Keep the persistence panel's numbers.
pub async fn write_persistence(
    connection: &mut PgConnection,
    row: &PersistenceRow,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "insert into operational.persistence_metrics (at, payloads, changes, observations, rejects, spool_depth,
             spool_bytes, batch_p95_ms, errors) values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing",
    )
    .bind(row.at)
    .bind(row.totals.payloads)
    .bind(row.totals.changes)
    .bind(row.totals.observations)
    .bind(row.totals.rejects)
    .bind(row.spool_depth)
    .bind(row.spool_bytes)
    .bind(row.batch_p95_ms)
    .bind(row.errors)
    .execute(connection)
    .await?;
    Ok(())
}

/// One key family of the cache panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CacheRow {
    /// Family.
    pub family: &'static str,
    /// Answered from memory.
    pub memory_hits: i64,
    /// Answered from Redis.
    pub redis_hits: i64,
    /// Answered by neither.
    pub misses: i64,
}

/// Keep the cache panel's numbers.
pub async fn write_cache(
    connection: &mut PgConnection,
    at: DateTime<Utc>,
    rows: &[CacheRow],
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "insert into operational.cache_metrics (at, family, memory_hits, redis_hits, misses)
         select $1, * from unnest($2::text[], $3::int8[], $4::int8[], $5::int8[]) on conflict do nothing",
    )
    .bind(at)
    .bind(rows.iter().map(|r| r.family).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| r.memory_hits).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| r.redis_hits).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| r.misses).collect::<Vec<_>>())
    .execute(connection)
    .await?;
    Ok(())
}

/// One key family as it was last written down.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, sqlx::FromRow)]
pub struct StoredCacheRow {
    /// When.
    pub at: DateTime<Utc>,
    /// Family.
    pub family: String,
    /// Answered from memory.
    pub memory_hits: i64,
    /// Answered from Redis.
    pub redis_hits: i64,
    /// Answered by neither.
    pub misses: i64,
}

/// The latest numbers of every key family.
pub async fn latest_cache(pool: &sqlx::PgPool) -> Result<Vec<StoredCacheRow>, sqlx::Error> {
    sqlx::query_as(
        "select distinct on (family) at, family, memory_hits, redis_hits, misses
         from operational.cache_metrics order by family, at desc",
    )
    .fetch_all(pool)
    .await
}

/// One source as the sources panel shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct HealthRow {
    /// Source name.
    pub source: &'static str,
    /// Health name.
    pub health: &'static str,
    /// Last good answer.
    pub last_success: Option<DateTime<Utc>>,
    /// Next try.
    pub next_at: Option<DateTime<Utc>>,
    /// Cadence in seconds.
    pub every_s: i32,
    /// Requests that brought a body.
    pub fetched: i64,
    /// Requests that brought none.
    pub failed: i64,
    /// Changes staged.
    pub changes: i64,
    /// Rejects.
    pub rejects: i64,
    /// Time of the last answer.
    pub last_ms: Option<i32>,
    /// Credits left.
    pub quota_remaining: Option<i64>,
    /// Credits used.
    pub quota_used: Option<i64>,
    /// Why not healthy.
    pub reason: Option<String>,
    /// Breaker's name.
    pub breaker: &'static str,
    /// 0 to 1.
    pub confidence: Option<f64>,
    /// What goes wrong again and again.
    pub pattern: Option<&'static str>,
    /// Failures since the last answer.
    pub failures_in_a_row: i32,
    /// Share of looks that brought an answer.
    pub success_rate: Option<f64>,
    /// Median time of an answer.
    pub p50_ms: Option<i32>,
    /// 95th percentile of it.
    pub p95_ms: Option<i32>,
    /// The moment these are of.
    pub assessed_at: Option<DateTime<Utc>>,
    /// How the format changed.
    pub drift: Option<String>,
}

/// Rewrite the rows of these sources.
pub async fn write_health(
    connection: &mut PgConnection,
    rows: &[HealthRow],
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "insert into raw_data.source_health as h (source, health, last_success, next_at, every_s, fetched, failed,
             changes, rejects, last_ms, quota_remaining, quota_used, reason, breaker, confidence, pattern,
             failures_in_a_row, success_rate, p50_ms, p95_ms, assessed_at, drift)
         select * from unnest($1::text[], $2::text[], $3::timestamptz[], $4::timestamptz[], $5::int4[], $6::int8[],
             $7::int8[], $8::int8[], $9::int8[], $10::int4[], $11::int8[], $12::int8[], $13::text[],
             $14::text[], $15::float8[], $16::text[], $17::int4[], $18::float8[], $19::int4[], $20::int4[],
             $21::timestamptz[], $22::text[])
         on conflict (source) do update set
             health = excluded.health, last_success = excluded.last_success, next_at = excluded.next_at,
             every_s = excluded.every_s, fetched = excluded.fetched, failed = excluded.failed,
             changes = excluded.changes, rejects = excluded.rejects, last_ms = excluded.last_ms,
             quota_remaining = excluded.quota_remaining, quota_used = excluded.quota_used,
             reason = excluded.reason, breaker = excluded.breaker, confidence = excluded.confidence,
             pattern = excluded.pattern, failures_in_a_row = excluded.failures_in_a_row,
             success_rate = excluded.success_rate, p50_ms = excluded.p50_ms, p95_ms = excluded.p95_ms,
             assessed_at = excluded.assessed_at, drift = excluded.drift, updated_at = now()",
    )
    .bind(rows.iter().map(|r| r.source).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| r.health).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| r.last_success).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| r.next_at).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| r.every_s).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| r.fetched).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| r.failed).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| r.changes).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| r.rejects).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| r.last_ms).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| r.quota_remaining).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| r.quota_used).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| r.reason.as_deref()).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| r.breaker).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| r.confidence).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| r.pattern).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| r.failures_in_a_row).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| r.success_rate).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| r.p50_ms).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| r.p95_ms).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| r.assessed_at).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| r.drift.as_deref()).collect::<Vec<_>>())
    .execute(connection)
    .await?;
    Ok(())
}

/// The newest instant the demo's clock had reached: where a later run goes on.
pub async fn latest_observation(
    connection: &mut PgConnection,
) -> Result<Option<DateTime<Utc>>, sqlx::Error> {
    sqlx::query_scalar("select max(observed_at) from raw_data.collection_log")
        .fetch_one(connection)
        .await
}
