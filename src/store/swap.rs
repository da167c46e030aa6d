//! Rows made anew take the place of those stored, in the transaction of whoever asks.

use futures_util::TryStreamExt as _;
use sqlx::{AssertSqlSafe, PgConnection, Postgres, Transaction};
use uuid::Uuid;

use super::known::Known;
use chrono::{DateTime, Utc};

/// What staging writes, and what is derived from it in the same row.
const TABLES: [&str; 11] = [
    "core_betting.games",
    "core_betting.game_sources",
    "core_betting.game_facts",
    "core_betting.game_merges",
    "core_betting.game_outcomes",
    "core_betting.line_history",
    "core_betting.lines_current",
    "core_betting.betting_splits",
    "core_betting.team_sources",
    "core_betting.team_stats_daily",
    "operational.extraction_log",
];

/// Let a transaction last as long as it takes to make a zone anew, also while it waits for another connection's work.
pub async fn take_all_time(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(
        "set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0",
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Take the pen, which keeps other writers waiting: what they collect stays in their spools. False where somebody is
/// writing at this moment.
pub async fn take_pen_at_once(
    connection: &mut PgConnection,
    writer: Uuid,
) -> Result<bool, sqlx::Error> {
    sqlx::raw_sql("set local lock_timeout = '2s'")
        .execute(&mut *connection)
        .await?;
    match super::writer::take_pen(&mut *connection, writer).await {
        Ok(_) => {}
        Err(error) => {
            let code = error
                .as_database_error()
                .and_then(sqlx::error::DatabaseError::code);
            return if code.as_deref() == Some("55P03") {
                Ok(false)
            } else {
                Err(error)
            };
        }
    }
    sqlx::raw_sql("set local lock_timeout = 0")
        .execute(connection)
        .await?;
    Ok(true)
}

/// Put what the scratch database holds in the place of what is stored. Readers see the old rows until the commit.
pub async fn swap(
    tx: &mut Transaction<'_, Postgres>,
    scratch: &mut PgConnection,
) -> Result<(), sqlx::Error> {
    let (first, last): (Option<DateTime<Utc>>, Option<DateTime<Utc>>) = sqlx::query_as(
        "select min(at), max(at) from (select at from core_betting.line_history
                                       union all select at from core_betting.betting_splits) as rows",
    )
    .fetch_one(&mut *scratch)
    .await?;
    if let (Some(first), Some(last)) = (first, last) {
        super::payloads::ensure_partitions(tx, first, last).await?;
    }
    // The summaries come as they are.
    sqlx::raw_sql("set local linetape.replay = 'on'")
        .execute(&mut **tx)
        .await?;
    for table in TABLES {
        sqlx::query(AssertSqlSafe(format!("delete from {table}")))
            .execute(&mut **tx)
            .await?;
        // Numbers of this database's own sequences are given anew: others see by them that something changed.
        let columns: String = sqlx::query_scalar(
            "select string_agg(quote_ident(attname), ', ' order by attnum) from pg_attribute
             where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = ''
               and attidentity = '' and attname <> 'revision'",
        )
        .bind(table)
        .fetch_one(&mut **tx)
        .await?;
        let into = format!("copy {table} ({columns}) from stdin (format binary)");
        let out = format!("copy (select {columns} from {table}) to stdout (format binary)");
        let mut copy = tx.copy_in_raw(&into).await?;
        let mut chunks = scratch.copy_out_raw(&out).await?;
        while let Some(chunk) = chunks.try_next().await? {
            copy.send(chunk).await?;
        }
        drop(chunks);
        copy.finish().await?;
    }
    sqlx::raw_sql("set local linetape.replay = 'off'")
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Note in the log which fetches the rows are made of now. Returns how many were taken out, and put back.
pub async fn mark(connection: &mut PgConnection, known: &Known) -> Result<(u64, u64), sqlx::Error> {
    let (after, until) = known.columns();
    let mut counts = [0, 0];
    let turns = [
        ("staged", "rolled_back", "not "),
        ("rolled_back", "staged", ""),
    ];
    for (count, (from, to, not)) in counts.iter_mut().zip(turns) {
        let done = sqlx::query(AssertSqlSafe(format!(
            "update raw_data.collection_log l set staged = '{to}'
             where l.staged = '{from}' and {not}exists (
                 select from unnest($1::timestamptz[], $2::timestamptz[]) as k(after, until)
                 where l.stored_at > k.after and l.stored_at <= k.until)"
        )))
        .bind(&after)
        .bind(&until)
        .execute(&mut *connection)
        .await?;
        *count = done.rows_affected();
    }
    let [out, back] = counts;
    Ok((out, back))
}

/// Every series that has a row of history or a summary.
pub async fn all_series(connection: &mut PgConnection) -> Result<Vec<(i64, i64)>, sqlx::Error> {
    sqlx::query_as(
        "select game_id, series_id from core_betting.line_history
         union select game_id, series_id from core_betting.lines_current order by 1, 2",
    )
    .fetch_all(connection)
    .await
}
