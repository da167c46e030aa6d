//! Which fetches the rows of staging were made of at an instant.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

/// Fetches stored after one instant and until another, by the server's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// After this.
    pub after: DateTime<Utc>,
    /// Until this, included.
    pub until: DateTime<Utc>,
}

/// Spans of fetches, one after another. Every fetch that was ever staged, where there is one span without end.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Known(pub Vec<Span>);

/// A rollback or rebuild: what was known after it, and when.
#[derive(FromRow)]
struct Turn {
    completed_at: DateTime<Utc>,
    mode: String,
    known: Option<Value>,
}

impl Known {
    /// Every fetch stored until an instant.
    pub fn until(instant: DateTime<Utc>) -> Self {
        Self(vec![Span {
            after: DateTime::UNIX_EPOCH,
            until: instant,
        }])
    }

    /// Every fetch.
    pub fn all() -> Self {
        // PostgreSQL's years go further, and nothing is stored there.
        Self::until(DateTime::from_timestamp(253_402_300_799, 0).unwrap_or(DateTime::UNIX_EPOCH))
    }

    /// The two columns of an `unnest`.
    pub fn columns(&self) -> (Vec<DateTime<Utc>>, Vec<DateTime<Utc>>) {
        self.0.iter().map(|span| (span.after, span.until)).unzip()
    }
}

/// When a run ended; none where there is no such run, or it has not ended.
pub async fn ended_at(
    connection: &mut PgConnection,
    run: Uuid,
) -> Result<Option<DateTime<Utc>>, sqlx::Error> {
    let found: Option<Option<DateTime<Utc>>> =
        sqlx::query_scalar("select completed_at from operational.pipeline_runs where run_id = $1")
            .bind(run)
            .fetch_optional(connection)
            .await?;
    Ok(found.flatten())
}

/// The latest run that put other rows in the place of a zone's; none before the first. Who remembers stored rows reads
/// them anew when this changes.
pub async fn latest_turn(connection: &mut PgConnection) -> Result<Option<Uuid>, sqlx::Error> {
    sqlx::query_scalar(
        "select run_id from operational.pipeline_runs
         where mode in ('rollback', 'rebuild') and status = 'success' and not dry_run
         order by completed_at desc, run_id desc limit 1",
    )
    .fetch_optional(connection)
    .await
}

/// What staging was made of at an instant: after a rollback, what that left and what came since; else all until then.
pub async fn at(
    connection: &mut PgConnection,
    instant: DateTime<Utc>,
) -> Result<Known, sqlx::Error> {
    let turn: Option<Turn> = sqlx::query_as(
        "select completed_at, mode, zones #> '{staging,known}' as known from operational.pipeline_runs
         where mode in ('rollback', 'rebuild') and status = 'success' and not dry_run and zones ? 'staging'
           and completed_at <= $1
         order by completed_at desc limit 1",
    )
    .bind(instant)
    .fetch_optional(connection)
    .await?;
    let Some(turn) = turn.filter(|turn| turn.mode == "rollback") else {
        return Ok(Known::until(instant));
    };
    let known = turn.known.unwrap_or_default();
    let mut known: Known =
        serde_json::from_value(known).map_err(|e| sqlx::Error::Decode(Box::new(e)))?;
    known.0.push(Span {
        after: turn.completed_at,
        until: instant,
    });
    Ok(known)
}
