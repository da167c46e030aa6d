//! How far a zone has come, and when it was last run.

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::{AssertSqlSafe, FromRow, PgPool};
use uuid::Uuid;

/// How far a zone has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, FromRow)]
pub struct Position {
    /// The newest thing in it.
    pub newest: Option<DateTime<Utc>>,
    /// The newest thing in the zone before, by the same clock.
    pub before: Option<DateTime<Utc>>,
    /// Records of the zone before that have not come through.
    pub waiting: i64,
}

/// A run that went through a zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromRow)]
pub struct LastRun {
    /// The run.
    pub run_id: Uuid,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// How it ended.
    pub status: String,
}

/// How far `raw`, `staging` or `curated` has come. Raw and staging go by the time of receipt, curated by the market time
/// of the newest change, which the history and its summaries share.
pub async fn position(pool: &PgPool, zone: &str) -> Result<Position, sqlx::Error> {
    let query = match zone {
        "raw" => {
            "select max(observed_at) as newest, null::timestamptz as before, 0::int8 as waiting
             from raw_data.collection_log where payload_hash is not null"
        }
        "staging" => {
            "select max(observed_at) filter (where staged in ('staged', 'duplicate')) as newest,
                    max(observed_at) filter (where staged <> 'refused') as before,
                    count(*) filter (where staged in ('pending', 'rolled_back')) as waiting
             from raw_data.collection_log where payload_hash is not null"
        }
        _ => return curated(pool).await,
    };
    sqlx::query_as(AssertSqlSafe(query)).fetch_one(pool).await
}

/// The history is looked at from the newest summary on, which by its months and BRIN is a few pages, however long it is;
/// what is older cannot be newer than that.
async fn curated(pool: &PgPool) -> Result<Position, sqlx::Error> {
    let (newest, waiting): (Option<DateTime<Utc>>, i64) = sqlx::query_as(
        "select max(at), count(*) filter (where stale) from core_betting.lines_current",
    )
    .fetch_one(pool)
    .await?;
    // Planned for this instant: a plan for any would read an index of the whole month.
    let before: Option<DateTime<Utc>> = sqlx::query_scalar(
        "select greatest($1, max(at)) from core_betting.line_history where at >= coalesce($1, '-infinity')",
    )
    .persistent(false)
    .bind(newest)
    .fetch_one(pool)
    .await?;
    Ok(Position {
        newest,
        before,
        waiting,
    })
}

/// The last run that went through a zone and was not a dry one.
pub async fn last_run(pool: &PgPool, zone: &str) -> Result<Option<LastRun>, sqlx::Error> {
    sqlx::query_as(
        "select run_id, started_at, status from operational.pipeline_runs
         where not dry_run and (zones ? $1 or mode in ('full', $1 || '_only'))
         order by started_at desc, run_id desc limit 1",
    )
    .bind(zone)
    .fetch_optional(pool)
    .await
}
