//! What is in the database: version, sizes, rows. For `database status`, `test-connection` and the screen.

use std::time::Instant;

use serde::Serialize;
use sqlx::postgres::PgPool;
use sqlx::{AssertSqlSafe, FromRow, PgConnection};

use super::failure::{Failure, classify};
use super::session::{self, Standing};
use crate::domain::clean::clean;

/// Who runs the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// linetape does.
    Embedded,
    /// Somebody else does.
    Server,
}

/// One table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromRow)]
pub struct TableStatus {
    /// `raw_data`, `core_betting`, `analytics` or `operational`.
    pub schema: String,
    /// Its name.
    pub table: String,
    /// Rows, counted; those of a partitioned table are its partitions'.
    pub rows: i64,
    /// Bytes on disk with indexes and TOAST, partitions included.
    pub bytes: i64,
}

/// What `database status --json` prints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DatabaseStatus {
    /// What psql needs to connect; never a password.
    pub url: String,
    /// Who runs the server.
    pub mode: Mode,
    /// The server's version, `15.18`.
    pub version: String,
    /// Whose rights are used.
    pub session: Standing,
    /// The newest migration applied; null when the schema is not set up.
    pub schema_version: Option<i64>,
    /// Bytes of the whole database on disk.
    pub size_bytes: i64,
    /// Time for one statement and its answer, microseconds.
    pub latency_us: u64,
    /// Rows of all tables.
    pub rows: i64,
    /// The tables of the four schemas, by name.
    pub tables: Vec<TableStatus>,
    /// Tables that the newest schema has and the database has not, `schema.table`.
    pub missing: Vec<String>,
}

/// Read the status. All counts are of one moment. `url` is the one without a password.
pub async fn read(pool: &PgPool, mode: Mode, url: String) -> Result<DatabaseStatus, sqlx::Error> {
    let mut transaction = pool.begin().await?;
    // Counting ten million rows takes longer than a writer's statement may.
    sqlx::raw_sql("set transaction isolation level repeatable read, read only; set local statement_timeout = '10min'")
        .execute(&mut *transaction)
        .await?;
    let begun = Instant::now();
    let version: String =
        sqlx::query_scalar("select split_part(current_setting('server_version'), ' ', 1)")
            .fetch_one(&mut *transaction)
            .await?;
    let latency_us = u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX);
    let size_bytes = sqlx::query_scalar("select pg_database_size(current_database())")
        .fetch_one(&mut *transaction)
        .await?;
    let session = session::standing(&mut transaction).await?;
    let schema_version = schema_version(&mut transaction).await?;
    let tables = tables(&mut transaction).await?;
    transaction.commit().await?;
    let there = |name: &String| {
        tables
            .iter()
            .any(|t| format!("{}.{}", t.schema, t.table) == *name)
    };
    let missing = super::migrate::tables()
        .into_iter()
        .filter(|name| !there(name))
        .collect();
    Ok(DatabaseStatus {
        url,
        mode,
        version,
        session,
        schema_version,
        size_bytes,
        latency_us,
        rows: tables.iter().map(|table| table.rows).sum(),
        tables,
        missing,
    })
}

/// The newest successful migration; none when there is no table of migrations, or it is empty.
pub async fn schema_version(connection: &mut PgConnection) -> Result<Option<i64>, sqlx::Error> {
    let there: bool =
        sqlx::query_scalar("select to_regclass('public._sqlx_migrations') is not null")
            .fetch_one(&mut *connection)
            .await?;
    if !there {
        return Ok(None);
    }
    sqlx::query_scalar("select max(version) from public._sqlx_migrations where success")
        .fetch_one(connection)
        .await
}

/// Every table of the four schemas with its count and size. Partitions are counted through their parent only.
async fn tables(connection: &mut PgConnection) -> Result<Vec<TableStatus>, sqlx::Error> {
    // The server quotes the names that become part of the counting statement.
    let counts: Vec<String> = sqlx::query_scalar(
        "select format('select %L::text as schema, %L::text as \"table\",
                               (select count(*) from %I.%I) as rows,
                               (select coalesce(sum(pg_total_relation_size(relid)), pg_total_relation_size(%s))::bigint
                                  from pg_partition_tree(%s)) as bytes',
                       space.nspname, class.relname, space.nspname, class.relname, class.oid, class.oid)
           from pg_class as class
           join pg_namespace as space on space.oid = class.relnamespace
          where space.nspname in ('raw_data', 'core_betting', 'analytics', 'operational')
            and class.relkind in ('r', 'p') and not class.relispartition
          order by space.nspname, class.relname",
    )
    .fetch_all(&mut *connection)
    .await?;
    if counts.is_empty() {
        return Ok(Vec::new());
    }
    sqlx::query_as(AssertSqlSafe(
        counts.join("\nunion all\n") + "\norder by 1, 2",
    ))
    .fetch_all(connection)
    .await
}

/// What `database test-connection --json` prints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Whether a statement was answered.
    pub ok: bool,
    /// Time for it, microseconds; null when it was not.
    pub latency_us: Option<u64>,
    /// `transient`, `poison` or `operator`; null when it was answered.
    pub failure: Option<&'static str>,
    /// What went wrong, cleaned; null when nothing did.
    pub reason: Option<String>,
}

/// Ask one statement.
pub async fn check(pool: &PgPool) -> Check {
    let begun = Instant::now();
    let answer: Result<i32, sqlx::Error> = sqlx::query_scalar("select 1").fetch_one(pool).await;
    match answer {
        Ok(_) => Check {
            ok: true,
            latency_us: u64::try_from(begun.elapsed().as_micros()).ok(),
            failure: None,
            reason: None,
        },
        Err(error) => Check {
            ok: false,
            latency_us: None,
            failure: Some(Failure::as_str(classify(&error))),
            reason: Some(clean(&error.to_string(), 300)),
        },
    }
}
