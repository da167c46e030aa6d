//! A database beside the one in use, for as long as a comparison takes.

use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, PgPool};

use super::pool;
use crate::config::settings::Database;
use crate::domain::clean::clean;

/// What PostgreSQL keeps of a name, in bytes.
const LONGEST_NAME: usize = 63;

/// Added to the name of the database in use.
const SUFFIX: &str = "_rebuild";

/// Why no scratch database can be had.
#[derive(Debug, thiserror::Error)]
pub enum ScratchError {
    /// Another comparison uses it.
    #[error("another linetape is rebuilding this database to compare it; wait until it is done")]
    Busy,
    /// The account may not make databases.
    #[error(
        "this account may not make the database {0:?}, in which the zone is rebuilt; grant it: alter role … createdb"
    )]
    Denied(String),
    /// The database did not answer.
    #[error("the scratch database cannot be made or removed: {0}")]
    Database(#[from] sqlx::Error),
}

impl ScratchError {
    /// The exit code of design section 8: 75 busy, 77 not allowed, 69 the database is away.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Busy => 75,
            Self::Denied(_) => 77,
            Self::Database(_) => 69,
        }
    }
}

/// A database of its own on the same server. One that is not [removed](Self::remove), after a `kill -9`, is removed by
/// the next that is made.
#[derive(Debug)]
pub struct Scratch {
    /// Connections to it.
    pub pool: PgPool,
    name: String,
    /// Its session holds the lock under which there is at most one.
    keeper: PgConnection,
}

impl Scratch {
    /// Make it, empty, beside the database of `pool`.
    pub async fn make(beside: &PgPool, settings: &Database) -> Result<Self, ScratchError> {
        let options: PgConnectOptions = beside.connect_options().as_ref().clone();
        let mut keeper = PgConnection::connect_with(&options).await?;
        let (database, alone): (String, bool) = sqlx::query_as(
            "select current_database(), pg_try_advisory_lock(hashtextextended('linetape rebuild ' || current_database(), 0))",
        )
        .fetch_one(&mut keeper)
        .await?;
        if !alone {
            return Err(ScratchError::Busy);
        }
        let name = name_beside(&database);
        drop_database(&mut keeper, &name).await?;
        let make: String =
            sqlx::query_scalar("select format('create database %I template template0', $1::text)")
                .bind(&name)
                .fetch_one(&mut keeper)
                .await?;
        if let Err(error) = sqlx::raw_sql(AssertSqlSafe(make))
            .execute(&mut keeper)
            .await
        {
            let denied = error
                .as_database_error()
                .and_then(sqlx::error::DatabaseError::code);
            return Err(match denied.as_deref() {
                Some("42501") => ScratchError::Denied(clean(&name, 80)),
                _ => error.into(),
            });
        }
        // It is thrown away whatever happens, so nobody waits for its disk.
        let careless = options
            .database(&name)
            .options([("synchronous_commit", "off")]);
        // Copying a zone is one statement, however long it takes.
        let patient = Database {
            statement_timeout: Duration::ZERO,
            ..settings.clone()
        };
        Ok(Self {
            pool: pool::lazy(careless, &patient),
            name,
            keeper,
        })
    }

    /// Close its connections and remove it.
    pub async fn remove(mut self) -> Result<(), ScratchError> {
        self.pool.close().await;
        drop_database(&mut self.keeper, &self.name).await?;
        self.keeper.close().await?;
        Ok(())
    }
}

/// `linetape_rebuild`; a long name gives way to the suffix.
fn name_beside(database: &str) -> String {
    let mut end = database.len().min(LONGEST_NAME - SUFFIX.len());
    while !database.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{SUFFIX}", database.get(..end).unwrap_or_default())
}

async fn drop_database(connection: &mut PgConnection, name: &str) -> Result<(), sqlx::Error> {
    let statement: String =
        sqlx::query_scalar("select format('drop database if exists %I with (force)', $1::text)")
            .bind(name)
            .fetch_one(&mut *connection)
            .await?;
    sqlx::raw_sql(AssertSqlSafe(statement))
        .execute(connection)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_never_the_databases_own() {
        assert_eq!(name_beside("linetape"), "linetape_rebuild");
        let long = "ä".repeat(31);
        let beside = name_beside(&long);
        assert!(
            beside.len() <= LONGEST_NAME && beside.ends_with(SUFFIX),
            "{beside}"
        );
        assert_ne!(name_beside(&"x".repeat(63)), "x".repeat(63));
    }
}
