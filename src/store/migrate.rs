//! Migrations: the schema as readable SQL, applied at start.

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::{Connection as _, PgConnection, PgPool};

use super::failure::{Failure, classify};
use super::session;
use super::status::schema_version;

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

/// Bring the schema up to date, on a connection with the login's own rights; returns its version. Running it again
/// changes nothing, and where nothing is to be done no right is needed but to look.
pub async fn migrate(pool: &PgPool) -> Result<i64, SchemaError> {
    let mut connection = session::of_owner(pool).await?;
    let done = bring_up_to_date(&mut connection).await;
    // Not left to chance: sqlx keeps its advisory lock on a session whose migration failed.
    let _ = connection.close().await;
    done
}

async fn bring_up_to_date(connection: &mut PgConnection) -> Result<i64, SchemaError> {
    if let Some(found) = schema_version(connection).await? {
        if found > known_version() {
            return Err(SchemaError::Newer {
                found,
                known: known_version(),
            });
        }
        if is_ours(connection).await? {
            return Ok(found);
        }
    }
    MIGRATIONS.run_direct(None, connection, false).await?;
    Ok(known_version())
}

/// Whether every migration has been applied as this program has it, and no other.
async fn is_ours(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let applied: Vec<(i64, Vec<u8>, bool)> = sqlx::query_as(
        "select version, checksum, success from public._sqlx_migrations order by version",
    )
    .fetch_all(connection)
    .await?;
    let known = MIGRATIONS.iter().map(|m| (m.version, &*m.checksum, true));
    Ok(known.eq(applied.iter().map(|(v, sum, ok)| (*v, sum.as_slice(), *ok))))
}
