//! Stored records that a run of the pipeline goes through once more.

use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, PgConnection, PgPool};
use uuid::Uuid;

use super::rebuild::{FETCH_COLUMNS, LoggedFetch, logged};
use crate::domain::payload::PayloadHash;
use crate::domain::source::Source;

/// Which of them.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter {
    /// Only this feed.
    pub source: Option<Source>,
    /// From then on.
    pub from: Option<DateTime<Utc>>,
    /// And before.
    pub to: Option<DateTime<Utc>>,
}

fn limit(batch: usize) -> i64 {
    i64::try_from(batch.max(1)).unwrap_or(i64::MAX)
}

/// The next hashes of logged responses, in their own order.
pub async fn hashes(
    connection: &mut PgConnection,
    filter: &Filter,
    after: Option<PayloadHash>,
    batch: usize,
) -> Result<Vec<PayloadHash>, sqlx::Error> {
    let found: Vec<Vec<u8>> = sqlx::query_scalar(
        "select distinct payload_hash from raw_data.collection_log
         where payload_hash > coalesce($1, ''::bytea) and ($2::text is null or source = $2)
           and ($3::timestamptz is null or observed_at >= $3) and ($4::timestamptz is null or observed_at < $4)
         order by payload_hash limit $5",
    )
    .bind(after.map(|hash| hash.0.to_vec()))
    .bind(filter.source.map(Source::as_str))
    .bind(filter.from)
    .bind(filter.to)
    .bind(limit(batch))
    .fetch_all(connection)
    .await?;
    Ok(found
        .iter()
        .filter_map(|hash| PayloadHash::from_slice(hash))
        .collect())
}

/// The next fetches that brought bytes and were not staged, as they were received.
pub async fn unstaged(
    connection: &mut PgConnection,
    filter: &Filter,
    after: Option<(DateTime<Utc>, Uuid)>,
    batch: usize,
) -> Result<Vec<LoggedFetch>, sqlx::Error> {
    let rows = sqlx::query(AssertSqlSafe(format!(
        "select {FETCH_COLUMNS}
         from raw_data.collection_log
         where staged in ('pending', 'refused') and payload_hash is not null and ($1::text is null or source = $1)
           and ($2::timestamptz is null or observed_at >= $2) and ($3::timestamptz is null or observed_at < $3)
           and ($4::timestamptz is null or (observed_at, fetch_id) > ($4, $5))
         order by observed_at, fetch_id limit $6"
    )))
    .bind(filter.source.map(Source::as_str))
    .bind(filter.from)
    .bind(filter.to)
    .bind(after.map(|a| a.0))
    .bind(after.map(|a| a.1))
    .bind(limit(batch))
    .fetch_all(connection)
    .await?;
    rows.iter().map(logged).collect()
}

/// These fetches are staged under other ids now: they are repeats, and no longer kept as refused.
pub async fn settle(pool: &PgPool, fetches: &[Uuid]) -> Result<(), sqlx::Error> {
    sqlx::query(
        "with settled as (
             update raw_data.collection_log set staged = 'duplicate' where fetch_id = any ($1)
             returning payload_hash, observed_at
         )
         delete from operational.validation_results v using settled s
         where v.payload_hash = s.payload_hash and v.observed_at = s.observed_at and v.kind = 'refused'",
    )
    .bind(fetches)
    .execute(pool)
    .await?;
    Ok(())
}

/// Series of a feed, of games that start in the span; of at most so many games, those that start last.
pub async fn series(
    pool: &PgPool,
    filter: &Filter,
    max_games: Option<u32>,
) -> Result<Vec<(i64, i64)>, sqlx::Error> {
    sqlx::query_as(
        "select c.game_id, c.series_id
         from core_betting.lines_current c
         where ($1::text is null or split_part(c.stream, '/', 1) = $1)
           and (($2::timestamptz is null and $3::timestamptz is null and $4::int8 is null) or c.game_id in (
                select g.game_id from core_betting.games g
                where ($2::timestamptz is null or g.starts_at >= $2) and ($3::timestamptz is null or g.starts_at < $3)
                order by g.starts_at desc nulls last, g.game_id limit $4))
         order by c.game_id, c.series_id",
    )
    .bind(filter.source.map(Source::as_str))
    .bind(filter.from)
    .bind(filter.to)
    .bind(max_games.map(i64::from))
    .fetch_all(pool)
    .await
}

/// Series of the history without a summary, or whose summary waits to be derived.
pub async fn underived(pool: &PgPool, filter: &Filter) -> Result<Vec<(i64, i64)>, sqlx::Error> {
    sqlx::query_as(
        "select distinct h.game_id, h.series_id
         from core_betting.line_history h
         left join core_betting.lines_current c using (game_id, series_id)
         where (c.series_id is null or c.stale) and ($1::text is null or split_part(h.stream, '/', 1) = $1)
           and ($2::timestamptz is null or h.observed_at >= $2) and ($3::timestamptz is null or h.observed_at < $3)
         order by 1, 2",
    )
    .bind(filter.source.map(Source::as_str))
    .bind(filter.from)
    .bind(filter.to)
    .fetch_all(pool)
    .await
}

/// Derive the summaries of these series from the history.
pub async fn recompute(
    connection: &mut PgConnection,
    series: &[(i64, i64)],
) -> Result<(), sqlx::Error> {
    let (games, ids): (Vec<i64>, Vec<i64>) = series.iter().copied().unzip();
    sqlx::query("select core_betting.recompute_series($1, $2)")
        .bind(games)
        .bind(ids)
        .execute(connection)
        .await?;
    Ok(())
}
