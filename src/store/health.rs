//! How each source does, by the log of fetches.

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::{FromRow, PgPool, Row as _};

use super::games::parse;
use crate::analytics::health::{Look, WINDOW};
use crate::domain::source::Source;

/// The latest looks of a source before a moment, oldest first.
pub async fn looks(
    pool: &PgPool,
    source: Source,
    before: DateTime<Utc>,
) -> Result<Vec<Look>, sqlx::Error> {
    let rows = sqlx::query(
        "select observed_at, request, raw_data.look_outcome(status, error, staged), games + quotes, rejects, elapsed_ms
         from raw_data.collection_log
         where source = $1 and observed_at < $2 and observed_at > $2 - interval '24 hours'
           and not reconstructed and request like 'http%' and staged <> 'pending'
         order by observed_at desc, fetch_id desc limit $3",
    )
    .bind(source.as_str())
    .bind(before)
    .bind(i64::try_from(WINDOW).unwrap_or(i64::MAX))
    .fetch_all(pool)
    .await?;
    let count = |n: i32| u32::try_from(n).unwrap_or(0);
    rows.iter()
        .rev()
        .map(|row| {
            Ok(Look {
                at: row.try_get(0)?,
                request: row.try_get::<&str, _>(1)?.into(),
                outcome: parse(row.try_get(2)?)?,
                rows: count(row.try_get(3)?),
                rejects: count(row.try_get(4)?),
                elapsed_ms: count(row.try_get(5)?),
            })
        })
        .collect()
}

/// A source as the database tells of it.
#[derive(Debug, Clone, PartialEq, Serialize, FromRow)]
pub struct SourceStatus {
    /// The source.
    pub source: String,
    /// `unknown`, `healthy`, `degraded`, `down` or `off`, as the latest run left it.
    pub health: String,
    /// `closed`, `open` or `half_open`, as the latest run left it.
    pub breaker: String,
    /// Seconds between two looks.
    pub every_s: i32,
    /// Looks of the day before that count.
    pub looks: i64,
    /// Those that brought an answer.
    pub answered: i64,
    /// Failures since the last answer.
    pub failures_in_a_row: i64,
    /// The last answer.
    pub last_success: Option<DateTime<Utc>>,
    /// Seconds since it.
    pub stale_s: Option<f64>,
    /// Median time of an answer.
    pub p50_ms: Option<i32>,
    /// 95th percentile of it.
    pub p95_ms: Option<i32>,
    /// Rows that answers usually had.
    pub usual_rows: Option<f64>,
    /// Rows of the latest answers.
    pub latest_rows: Option<f64>,
    /// What goes wrong again and again, the most telling first.
    pub patterns: Vec<String>,
    /// 0 to 1; null when nobody looked within a day.
    pub confidence: Option<f64>,
    /// Why it was not healthy, and what to do.
    pub reason: Option<String>,
}

/// How each source does at `now`.
pub async fn at(pool: &PgPool, now: DateTime<Utc>) -> Result<Vec<SourceStatus>, sqlx::Error> {
    sqlx::query_as(
        "select h.source, h.health, h.breaker, h.every_s, coalesce(a.looks, 0) as looks, coalesce(a.answered, 0) as answered,
                coalesce(a.failures_in_a_row, 0) as failures_in_a_row,
                coalesce(a.last_success, h.last_success) as last_success,
                extract(epoch from $1 - coalesce(a.last_success, h.last_success))::float8 as stale_s,
                a.p50_ms, a.p95_ms, a.usual_rows, a.latest_rows, coalesce(a.patterns, '{}') as patterns, a.confidence, h.reason
         from raw_data.source_health h left join raw_data.source_health_at($1) a using (source)
         order by h.source",
    )
    .bind(now)
    .fetch_all(pool)
    .await
}
