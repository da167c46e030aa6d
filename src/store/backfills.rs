//! Days of history fetched. A day is complete only when its data is committed.

use std::collections::HashSet;

use chrono::NaiveDate;
use sqlx::PgPool;

use crate::domain::league::League;
use crate::domain::source::Source;

/// Days already complete.
pub async fn complete_days(
    pool: &PgPool,
    source: Source,
    league: League,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<HashSet<NaiveDate>, sqlx::Error> {
    let days: Vec<NaiveDate> = sqlx::query_scalar(
        "select day from operational.backfill_progress
         where source = $1 and league = $2 and day between $3 and $4 and state = 'complete'",
    )
    .bind(source.as_str())
    .bind(league.as_str())
    .bind(from)
    .bind(to)
    .fetch_all(pool)
    .await?;
    Ok(days.into_iter().collect())
}

/// A day is begun.
pub async fn begin_day(
    pool: &PgPool,
    source: Source,
    league: League,
    day: NaiveDate,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "insert into operational.backfill_progress (source, league, day, state) values ($1, $2, $3, 'running')
         on conflict (source, league, day) do update set state = 'running', started_at = now(), completed_at = null",
    )
    .bind(source.as_str())
    .bind(league.as_str())
    .bind(day)
    .execute(pool)
    .await?;
    Ok(())
}

/// A day's data is committed.
pub async fn complete_day(
    pool: &PgPool,
    source: Source,
    league: League,
    day: NaiveDate,
    games: i32,
    payloads: i32,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "update operational.backfill_progress
         set state = 'complete', completed_at = now(), games = $4, payloads = $5
         where source = $1 and league = $2 and day = $3",
    )
    .bind(source.as_str())
    .bind(league.as_str())
    .bind(day)
    .bind(games)
    .bind(payloads)
    .execute(pool)
    .await?;
    Ok(())
}
