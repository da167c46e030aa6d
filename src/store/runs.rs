//! Runs of the pipeline: what was asked, when, and what came of it.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use sqlx::{FromRow, PgExecutor, PgPool};
use uuid::Uuid;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Every record went through.
    Success,
    /// Some did not.
    Partial,
    /// It did not do what was asked.
    Failed,
}

impl Ending {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Partial => "partial",
            Self::Failed => "failed",
        }
    }
}

/// What came of a run.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// How it ended.
    pub ending: Ending,
    /// Records it went through.
    pub records: u64,
    /// Those that failed.
    pub failed: u64,
    /// By zone.
    pub zones: Value,
    /// The first things that went wrong, cleaned.
    pub errors: Vec<String>,
}

/// A run as stored.
#[derive(Debug, Clone, PartialEq, Serialize, FromRow)]
pub struct Run {
    /// The run.
    pub run_id: Uuid,
    /// Which zones it went through.
    pub mode: String,
    /// `running`, `success`, `partial` or `failed`.
    pub status: String,
    /// The one feed it was about.
    pub source: Option<String>,
    /// Whether it changed no row of a zone.
    pub dry_run: bool,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub completed_at: Option<DateTime<Utc>>,
    /// Records it went through.
    pub records_total: i64,
    /// Those that failed.
    pub records_failed: i64,
    /// What it did, by zone.
    pub zones: Value,
    /// What went wrong.
    pub errors: Value,
}

/// Note that a run begins; returns its id.
pub async fn begin(
    pool: &PgPool,
    mode: &str,
    source: Option<&str>,
    dry_run: bool,
) -> Result<Uuid, sqlx::Error> {
    let id = Uuid::now_v7();
    sqlx::query(
        "insert into operational.pipeline_runs (run_id, mode, status, source, dry_run) values ($1, $2, 'running', $3, $4)",
    )
    .bind(id)
    .bind(mode)
    .bind(source)
    .bind(dry_run)
    .execute(pool)
    .await?;
    Ok(id)
}

/// Note what came of it. What is noted already stays: a commit whose answer was lost is no failure.
pub async fn end(
    executor: impl PgExecutor<'_>,
    run: Uuid,
    outcome: &Outcome,
) -> Result<(), sqlx::Error> {
    let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    sqlx::query(
        "update operational.pipeline_runs
         set status = $2, completed_at = greatest(started_at, clock_timestamp()), records_total = $3,
             records_failed = $4, zones = $5, errors = $6
         where run_id = $1 and status = 'running'",
    )
    .bind(run)
    .bind(outcome.ending.as_str())
    .bind(number(outcome.records))
    .bind(number(outcome.failed))
    .bind(&outcome.zones)
    .bind(Value::from(outcome.errors.clone()))
    .execute(executor)
    .await?;
    Ok(())
}

/// The newest runs first; one, when it is named.
pub async fn list(pool: &PgPool, run: Option<Uuid>, limit: i64) -> Result<Vec<Run>, sqlx::Error> {
    sqlx::query_as(
        "select run_id, mode, status, source, dry_run, started_at, completed_at, records_total, records_failed, zones,
                errors
         from operational.pipeline_runs where $1::uuid is null or run_id = $1
         order by started_at desc, run_id desc limit $2",
    )
    .bind(run)
    .bind(limit)
    .fetch_all(pool)
    .await
}
