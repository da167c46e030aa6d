//! Migrations: the schema as readable SQL, applied at start.

use sqlx::PgPool;
use sqlx::migrate::{MigrateError, Migrator};

use super::failure::{Failure, classify};

static MIGRATIONS: Migrator = sqlx::migrate!();

/// Why the schema cannot be brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// The database was written by a newer linetape.
    #[error(
        "the database has schema version {found}, and this linetape knows {known}: it reads and does not write; update linetape, or point it at another database"
    )]
    Newer {
        /// Version in the database.
        found: i64,
        /// Newest version this program knows.
        known: i64,
    },
    /// A migration failed half-way or was changed after it ran.
    #[error(
        "the schema cannot be brought up to date: {0}; restore a backup, or point linetape at another database (a demo's: `linetape demo --fresh`)"
    )]
    Migrate(#[from] MigrateError),
    /// The database did not answer.
    #[error("the schema cannot be read: {0}")]
    Database(#[from] sqlx::Error),
}

impl SchemaError {
    /// Whether trying again may help: the database went away meanwhile, or is busy.
    pub fn passes(&self) -> bool {
        match self {
            Self::Migrate(
                MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _),
            ) => classify(error) == Failure::Transient,
            Self::Database(_) => true,
            Self::Newer { .. } | Self::Migrate(_) => false,
        }
    }

    /// The exit code of design section 8: 69 while the database is away, else 78, configuration.
    pub fn exit_code(&self) -> u8 {
        if self.passes() { 69 } else { 78 }
    }
}

/// The newest schema version this program knows.
pub fn known_version() -> i64 {
    MIGRATIONS.iter().map(|m| m.version).max().unwrap_or(0)
}

/// The tables the newest schema consists of, `schema.table`, in the order they are made. Partitions are not named.
pub fn tables() -> Vec<String> {
    let mut tables: Vec<String> = Vec::new();
    for line in MIGRATIONS.iter().flat_map(|m| m.sql.as_str().lines()) {
        let named = |rest: &str| {
            let name = rest.split([' ', '(', ';']).next().unwrap_or_default();
            name.to_owned()
        };
        if let Some(rest) = line.strip_prefix("create table ") {
            tables.push(named(rest.trim_start_matches("if not exists ")));
        } else if let Some(rest) = line.strip_prefix("drop table ") {
            let gone = named(rest.trim_start_matches("if exists "));
            tables.retain(|table| *table != gone);
        }
    }
    tables
}

/// Bring the schema up to date; returns its version. Running it again changes nothing.
pub async fn migrate(pool: &PgPool) -> Result<i64, SchemaError> {
    if let Some(found) = version(pool).await?
        && found > known_version()
    {
        return Err(SchemaError::Newer {
            found,
            known: known_version(),
        });
    }
    let mut connection = pool.acquire().await?;
    let done = MIGRATIONS.run_direct(None, &mut *connection, false).await;
    if done.is_err() {
        // sqlx leaves its advisory lock on the session then, and everybody's next try would wait for it.
        let _ = connection.close().await;
    }
    done?;
    Ok(known_version())
}

/// The version of the schema in the database; none before the first migration.
pub async fn version(pool: &PgPool) -> Result<Option<i64>, sqlx::Error> {
    let exists: bool =
        sqlx::query_scalar("select to_regclass('public._sqlx_migrations') is not null")
            .fetch_one(pool)
            .await?;
    if !exists {
        return Ok(None);
    }
    sqlx::query_scalar("select max(version) from public._sqlx_migrations where success")
        .fetch_one(pool)
        .await
}
