//! Runs of the daily jobs. A due run is one row; whoever puts it into `running` does it.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use serde_json::Value;
use sqlx::{FromRow, PgPool};
use uuid::Uuid;

use crate::domain::job::Job;
use crate::domain::league::League;

/// How long a run may be silent before it counts as dead; its process tells every few seconds that it lives.
const SILENCE: &str = "2 minutes";

/// A run: a job and when it was due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// Job.
    pub job: Job,
    /// When.
    pub at: DateTime<Utc>,
}

/// A run as stored.
#[derive(Debug, Clone, PartialEq, Serialize, FromRow)]
pub struct Run {
    /// Job.
    pub job: String,
    /// When it was due.
    pub due_at: DateTime<Utc>,
    /// `running`, `done`, `failed` or `missed`; `waiting` of the next.
    pub state: String,
    /// How often it was begun.
    pub attempts: i32,
    /// When it was last begun.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
    /// What came of it.
    pub result: Option<Value>,
    /// Why it failed or was missed.
    pub error: Option<String>,
    /// Asked for by a person.
    pub by_hand: bool,
    /// Runs missed since the last one made; of the newest run only.
    #[sqlx(default)]
    pub missed: i64,
}

/// Note when `job` is due next, so that a later start knows what was missed. Another time noted for later, from other
/// settings, is taken back.
pub async fn plan(pool: &PgPool, due: Due, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
    sqlx::query(
        "with old as (
             delete from operational.jobs where job = $1 and state = 'waiting' and due_at > $3 and due_at <> $2
         )
         insert into operational.jobs (job, due_at, state) values ($1, $2, 'waiting') on conflict (job, due_at) do nothing",
    )
    .bind(due.job.as_str())
    .bind(due.at)
    .bind(now)
    .execute(pool)
    .await?;
    Ok(())
}

/// Forget what was noted for a job that is off: what it does not do is not missed.
pub async fn unplan(pool: &PgPool, job: Job) -> Result<(), sqlx::Error> {
    sqlx::query("delete from operational.jobs where job = $1 and state = 'waiting'")
        .bind(job.as_str())
        .execute(pool)
        .await?;
    Ok(())
}

/// The oldest run noted and not made yet.
pub async fn oldest_waiting(pool: &PgPool, job: Job) -> Result<Option<DateTime<Utc>>, sqlx::Error> {
    sqlx::query_scalar(
        "select min(due_at) from operational.jobs where job = $1 and state = 'waiting'",
    )
    .bind(job.as_str())
    .fetch_one(pool)
    .await
}

/// Record runs as missed, unless somebody made them. Returns those that were not recorded before.
pub async fn miss(
    pool: &PgPool,
    job: Job,
    due: &[DateTime<Utc>],
    why: &str,
) -> Result<Vec<DateTime<Utc>>, sqlx::Error> {
    if due.is_empty() {
        return Ok(Vec::new());
    }
    sqlx::query_scalar(
        "insert into operational.jobs as j (job, due_at, state, error)
         select $1, d, 'missed', $3 from unnest($2::timestamptz[]) d
         on conflict (job, due_at) do update set state = 'missed', error = excluded.error where j.state = 'waiting'
         returning due_at",
    )
    .bind(job.as_str())
    .bind(due)
    .bind(why)
    .fetch_all(pool)
    .await
}

/// Take a run: true for one process only. A run that is missed can be made up, one whose process fell silent taken over. To ask
/// again is no harm, when the first answer was lost.
pub async fn claim(
    pool: &PgPool,
    due: Due,
    holder: Uuid,
    now: DateTime<Utc>,
    by_hand: bool,
) -> Result<bool, sqlx::Error> {
    let sql = format!(
        "insert into operational.jobs as j (job, due_at, state, attempts, started_at, holder, seen_at, by_hand)
         values ($1, $2, 'running', 1, $4, $3, clock_timestamp(), $5)
         on conflict (job, due_at) do update
         set state = 'running', attempts = j.attempts + 1, started_at = excluded.started_at, finished_at = null,
             error = null, result = null, holder = excluded.holder, seen_at = excluded.seen_at
         where j.state in ('waiting', 'missed')
            or j.state = 'running' and (j.holder = excluded.holder or j.seen_at < clock_timestamp() - interval '{SILENCE}')"
    );
    let claimed = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(due.job.as_str())
        .bind(due.at)
        .bind(holder)
        .bind(now)
        .bind(by_hand)
        .execute(pool)
        .await?;
    Ok(claimed.rows_affected() == 1)
}

/// A sign of life.
pub async fn beat(pool: &PgPool, due: Due, holder: Uuid) -> Result<(), sqlx::Error> {
    sqlx::query(
        "update operational.jobs set seen_at = clock_timestamp()
         where job = $1 and due_at = $2 and holder = $3 and state = 'running'",
    )
    .bind(due.job.as_str())
    .bind(due.at)
    .bind(holder)
    .execute(pool)
    .await?;
    Ok(())
}

/// Note what came of a run that `holder` took: its result, or why it failed.
pub async fn finish(
    pool: &PgPool,
    due: Due,
    holder: Uuid,
    now: DateTime<Utc>,
    outcome: &Result<Value, String>,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "update operational.jobs
         set state = case when $5::text is null then 'done' else 'failed' end, result = $4, error = $5,
             finished_at = greatest(started_at, $6), seen_at = clock_timestamp()
         where job = $1 and due_at = $2 and holder = $3",
    )
    .bind(due.job.as_str())
    .bind(due.at)
    .bind(holder)
    .bind(outcome.as_ref().ok())
    .bind(outcome.as_ref().err())
    .bind(now)
    .execute(pool)
    .await?;
    Ok(())
}

/// Runs whose process fell silent have failed. Returns them.
pub async fn bury(pool: &PgPool) -> Result<Vec<(String, DateTime<Utc>)>, sqlx::Error> {
    let sql = format!(
        "update operational.jobs set state = 'failed', error = 'the linetape that did it ended before it was done'
         where state = 'running' and seen_at < clock_timestamp() - interval '{SILENCE}' returning job, due_at"
    );
    sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .fetch_all(pool)
        .await
}

/// The newest run of every job, with how many were missed since the last one made; and the next one noted.
pub async fn newest(pool: &PgPool) -> Result<Vec<Run>, sqlx::Error> {
    sqlx::query_as(
        "with newest as (
             select distinct on (job, state = 'waiting') * from operational.jobs
             order by job, state = 'waiting', case when state = 'waiting' then due_at end, due_at desc
         )
         select n.job, n.due_at, n.state, n.attempts, n.started_at, n.finished_at, n.result, n.error, n.by_hand,
                case when n.state = 'waiting' then 0 else
                    (select count(*) from operational.jobs m where m.job = n.job and m.state = 'missed'
                     and m.due_at > coalesce((select max(d.due_at) from operational.jobs d
                                              where d.job = n.job and d.state in ('done', 'failed', 'running')), '-infinity'))
                end as missed
         from newest n order by n.job, n.due_at",
    )
    .fetch_all(pool)
    .await
}

/// Games of the slates `from` to `to`: all, and those that are over with a score.
pub async fn results(
    pool: &PgPool,
    leagues: &[League],
    from: NaiveDate,
    to: NaiveDate,
) -> Result<(i64, i64), sqlx::Error> {
    let leagues: Vec<&str> = leagues.iter().map(|l| l.as_str()).collect();
    sqlx::query_as(
        "select count(*), count(*) filter (where status = 'final' and home_score is not null)
         from core_betting.games where league = any ($1) and slate_date between $2 and $3",
    )
    .bind(leagues)
    .bind(from)
    .bind(to)
    .fetch_one(pool)
    .await
}
