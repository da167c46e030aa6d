//! How good the rows of each zone are, by feed and in all, in the seeds' own terms.

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::{FromRow, PgPool};

/// One feed in one zone, or all feeds of it.
#[derive(Debug, Clone, PartialEq, Serialize, FromRow)]
pub struct Quality {
    /// The feed; none for all of them.
    pub source: Option<String>,
    /// Fetches, rows of the history, or series.
    pub records: i64,
    /// What was kept out, with its reason in `operational.validation_results`; of curated rows those below the
    /// threshold.
    pub rejected: i64,
    /// What should be there and is, 0 to 1.
    pub completeness: Option<f64>,
    /// What is there and right.
    pub accuracy: Option<f64>,
    /// What fits together.
    pub consistency: Option<f64>,
    /// The three, weighed.
    pub score: Option<f64>,
    /// The lowest score of a record.
    pub lowest: Option<f64>,
    /// Share of records that pass validation.
    pub validation_rate: Option<f64>,
    /// Share of records that come through.
    pub completion_rate: Option<f64>,
}

/// Why records were kept out, the most frequent first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromRow)]
pub struct Reason {
    /// `reject`, `refused`, `conflict` or `quarantine`.
    pub kind: String,
    /// In words; what differs from case to case is not in it.
    pub reason: String,
    /// How often.
    pub count: i64,
}

/// Raw: a fetch should bring bytes, the bytes should be a response, and they should still be stored.
pub async fn raw(pool: &PgPool) -> Result<Vec<Quality>, sqlx::Error> {
    sqlx::query_as(
        "with fetches as (
             select l.source, l.payload_hash is not null as has_body, l.staged in ('staged', 'duplicate') as is_response,
                    l.staged = 'refused' as is_refused,
                    exists (select from raw_data.payloads p where p.payload_hash = l.payload_hash) as is_stored
             from raw_data.collection_log l
         ), parts as (
             select source, count(*) as records, count(*) filter (where is_refused) as rejected,
                    avg(0.8 + 0.2 * has_body::int)::float8 as completeness,
                    (avg(is_response::int) filter (where has_body))::float8 as accuracy,
                    (avg(is_stored::int) filter (where has_body))::float8 as consistency,
                    avg(has_body::int)::float8 as completion_rate
             from fetches group by grouping sets ((source), ())
         )
         select source, records, rejected, completeness, accuracy, consistency,
                (completeness + coalesce(accuracy, 0) + coalesce(consistency, 0)) / 3 as score,
                null::float8 as lowest, accuracy as validation_rate, completion_rate
         from parts order by source nulls first",
    )
    .fetch_all(pool)
    .await
}

/// Staging: prices that were understood, of fetches that were staged; scored by the rows of the history.
pub async fn staging(pool: &PgPool) -> Result<Vec<Quality>, sqlx::Error> {
    sqlx::query_as(
        "with fetches as (
             select source, sum(quotes) filter (where staged = 'staged') as quotes,
                    sum(rejects) filter (where staged = 'staged') as rejects,
                    (avg((staged in ('staged', 'duplicate'))::int) filter (where payload_hash is not null))::float8
                        as completion_rate
             from raw_data.collection_log group by grouping sets ((source), ())
         ), parts as (
             select split_part(stream, '/', 1) as source, sum(changes)::int8 as records,
                    (sum(changes * completeness) / sum(changes))::float8 as completeness,
                    (sum(changes * accuracy) / sum(changes))::float8 as accuracy,
                    (sum(changes * consistency) / sum(changes))::float8 as consistency,
                    (sum(changes * quality_score) / sum(changes))::float8 as score, min(quality_score)::float8 as lowest
             from analytics.line_movement_quality group by grouping sets ((split_part(stream, '/', 1)), ())
         )
         select f.source, coalesce(p.records, 0)::int8 as records, coalesce(f.rejects, 0)::int8 as rejected,
                p.completeness, p.accuracy, p.consistency, p.score, p.lowest,
                (f.quotes::float8 / nullif(f.quotes + f.rejects, 0)) as validation_rate, f.completion_rate
         from fetches f left join parts p on p.source is not distinct from f.source
         order by f.source nulls first",
    )
    .fetch_all(pool)
    .await
}

/// Curated: summaries with the lowest score of their rows, and rows of the history that the summaries account for.
pub async fn curated(pool: &PgPool, threshold: f64) -> Result<Vec<Quality>, sqlx::Error> {
    sqlx::query_as(
        "with parts as (
             select split_part(stream, '/', 1) as source, count(*) as records,
                    count(*) filter (where quality_score < $1) as rejected, avg(completeness)::float8 as completeness,
                    avg(accuracy)::float8 as accuracy, avg(consistency)::float8 as consistency,
                    avg(quality_score)::float8 as score, min(quality_score)::float8 as lowest, sum(changes) as changes
             from analytics.line_movement_quality group by grouping sets ((split_part(stream, '/', 1)), ())
         ), streams as (
             select stream, count(*) as rows from core_betting.line_history group by stream
         ), history as (
             select split_part(stream, '/', 1) as source, sum(rows) as rows
             from streams group by grouping sets ((split_part(stream, '/', 1)), ())
         )
         select h.source, coalesce(p.records, 0)::int8 as records, coalesce(p.rejected, 0)::int8 as rejected,
                p.completeness, p.accuracy, p.consistency, p.score, p.lowest,
                1 - p.rejected::float8 / nullif(p.records, 0) as validation_rate,
                (least(p.changes, h.rows) / nullif(h.rows, 0))::float8 as completion_rate
         from history h left join parts p on p.source is not distinct from h.source
         order by h.source nulls first",
    )
    .bind(threshold)
    .fetch_all(pool)
    .await
}

/// Curated over all feeds, for whoever asks often: the history is not counted from its beginning. What comes through is
/// judged by the rows since `since`, each of which its summary must span.
pub async fn curated_since(
    pool: &PgPool,
    threshold: f64,
    since: DateTime<Utc>,
) -> Result<Quality, sqlx::Error> {
    sqlx::query_as(
        "with parts as (
             select count(*) as records, count(*) filter (where quality_score < $1) as rejected,
                    avg(completeness)::float8 as completeness, avg(accuracy)::float8 as accuracy,
                    avg(consistency)::float8 as consistency, avg(quality_score)::float8 as score,
                    min(quality_score)::float8 as lowest
             from analytics.line_movement_quality
         ), history as (
             select count(*) as rows, count(*) filter (where not c.stale and h.at between c.first_at and c.at) as through
             from core_betting.line_history h left join core_betting.lines_current c using (game_id, series_id)
             where h.at >= $2
         )
         select null::text as source, records, rejected, completeness, accuracy, consistency, score, lowest,
                1 - rejected::float8 / nullif(records, 0) as validation_rate,
                through::float8 / nullif(rows, 0) as completion_rate
         from parts, history",
    )
    // Planned for this instant, so that the months before are not opened.
    .persistent(false)
    .bind(threshold)
    .bind(since)
    .fetch_one(pool)
    .await
}

/// The scores of these series' summaries.
pub async fn scores(pool: &PgPool, series: &[(i64, i64)]) -> Result<Vec<f64>, sqlx::Error> {
    let (games, ids): (Vec<i64>, Vec<i64>) = series.iter().copied().unzip();
    sqlx::query_scalar(
        "select q.quality_score::float8 from analytics.line_movement_summary q
         join unnest($1::int8[], $2::int8[]) as w(game_id, series_id) using (game_id, series_id)",
    )
    .bind(games)
    .bind(ids)
    .fetch_all(pool)
    .await
}

/// Why records were kept out of staging.
pub async fn reasons(pool: &PgPool, limit: i64) -> Result<Vec<Reason>, sqlx::Error> {
    sqlx::query_as(
        "select kind, regexp_replace(reason, '\\m[0-9][-0-9:.TZ]*\\M', '#', 'g') as reason, count(*) as count
         from operational.validation_results group by 1, 2 order by 3 desc, 1, 2 limit $1",
    )
    .bind(limit)
    .fetch_all(pool)
    .await
}
