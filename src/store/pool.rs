//! The pool of connections: what every connection is set to, and what is checked before anything is trusted to it.

use std::time::{Duration, Instant};

use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sqlx::{AssertSqlSafe, Connection as _};

use super::session;
use crate::config::settings::Database;
use crate::domain::clean::clean;

/// The oldest release that linetape is built for, as `server_version_num` has it.
const OLDEST: i32 = 150_000;

/// How long a transaction may sit without a statement; a stuck task must not hold locks and vacuum back.
const IDLE_IN_TRANSACTION: Duration = Duration::from_mins(1);

/// A connection is replaced after this time, so that a moved server or a grown backend does not stay for ever.
const MAX_LIFETIME: Duration = Duration::from_mins(30);

/// Why a server cannot be used. Never holds a password.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// Nothing answers, or not in time.
    #[error(
        "the database does not answer: {0}; check that it runs and that host, port and firewall are right"
    )]
    Down(String),
    /// TLS is required and cannot be had.
    #[error(
        "no TLS connection to the database: {0}; give the server a certificate, or add sslmode=disable to the url if the network is private"
    )]
    Tls(String),
    /// It answers no.
    #[error("the database refuses: {0}; check user, password, rights and the name of the database")]
    Refused(String),
    /// It is a standby.
    #[error("the server is a standby and cannot be written to; point the url at the primary")]
    Standby,
    /// It is too old.
    #[error(
        "the server is PostgreSQL {0}, and linetape needs 15 or later; upgrade it, or use another"
    )]
    TooOld(String),
    /// A pooler in transaction mode mixes up prepared statements.
    #[error(
        "a connection pooler between linetape and PostgreSQL hands out answers of other statements ({0}); set max_prepared_statements above 0 (PgBouncer 1.21 or later), use pool_mode = session, or connect to PostgreSQL directly"
    )]
    Pooler(String),
}

impl ConnectError {
    /// The exit code of design section 8: 69 down, 77 refused, 78 configuration.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Down(_) => 69,
            Self::Refused(_) => 77,
            Self::Tls(_) | Self::Standby | Self::TooOld(_) | Self::Pooler(_) => 78,
        }
    }
}

impl From<sqlx::Error> for ConnectError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Tls(why) => Self::Tls(clean(&why.to_string(), 300)),
            sqlx::Error::Database(database) => {
                let code = database.code().unwrap_or_default().into_owned();
                let text = clean(database.message(), 300);
                // A prepared statement is not there, or there twice: another client's is in its place.
                if matches!(code.as_str(), "26000" | "42P05") {
                    Self::Pooler(text)
                } else if ["28", "3D", "42"]
                    .iter()
                    .any(|class| code.starts_with(class))
                {
                    Self::Refused(text)
                } else {
                    Self::Down(text)
                }
            }
            // sqlx words these as configuration; the text names no password, and it is a person's to read.
            sqlx::Error::Configuration(why) if why.to_string().contains("TLS") => {
                Self::Tls(clean(&why.to_string(), 300))
            }
            other => Self::Down(clean(&other.to_string(), 300)),
        }
    }
}

/// What a first look at a server found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// The server's version, `15.18`.
    pub version: String,
    /// Time for one statement and its answer, on an open connection.
    pub latency: Duration,
}

/// Connect once and check that the server can be used: its release, and that it takes writes.
pub async fn look(options: &PgConnectOptions, patience: Duration) -> Result<Look, ConnectError> {
    let ask = async {
        let mut connection = PgConnection::connect_with(options).await?;
        let begun = Instant::now();
        let (version, number, standby): (String, i32, bool) = sqlx::query_as(
            "select current_setting('server_version'), current_setting('server_version_num')::int, pg_is_in_recovery()",
        )
        .fetch_one(&mut connection)
        .await?;
        let latency = begun.elapsed();
        connection.close().await?;
        let version = version
            .split_whitespace()
            .next()
            .unwrap_or_default()
            .to_owned();
        if number < OLDEST {
            return Err(ConnectError::TooOld(version));
        }
        if standby {
            return Err(ConnectError::Standby);
        }
        Ok(Look { version, latency })
    };
    // Nothing is lost when this is cut off: the connection is its own, not the pool's.
    match tokio::time::timeout(patience, ask).await {
        Ok(found) => found,
        Err(_) => Err(ConnectError::Down(format!(
            "no answer within {} s",
            patience.as_secs_f32()
        ))),
    }
}

/// Set what linetape's statements rely on: `search_path = public` (all its SQL names its schemas, and sqlx's table of
/// migrations must not move with a role's name), UTC, and time limits in milliseconds, 0 for none. A standby, after a
/// failover, is an error.
pub(super) async fn dress(
    connection: &mut PgConnection,
    statement: &str,
    idle: &str,
) -> Result<(), sqlx::Error> {
    let standby: bool = sqlx::query_scalar(
        "select pg_is_in_recovery() from (select
           set_config('search_path', 'public', false),
           set_config('TimeZone', 'UTC', false),
           set_config('statement_timeout', $1, false),
           set_config('idle_in_transaction_session_timeout', $2, false)
         offset 0) as settings",
    )
    .bind(statement)
    .bind(idle)
    .fetch_one(connection)
    .await?;
    if standby {
        return Err(sqlx::Error::Configuration(Box::new(ConnectError::Standby)));
    }
    Ok(())
}

/// A pool that connects when it is first used, with the login's own rights. What leads to a standby is thrown away.
pub fn lazy(options: PgConnectOptions, settings: &Database) -> PgPool {
    make(options, settings, false)
}

fn make(options: PgConnectOptions, settings: &Database, working: bool) -> PgPool {
    let statement = settings.statement_timeout.as_millis().to_string();
    let idle = IDLE_IN_TRANSACTION.as_millis().to_string();
    PgPoolOptions::new()
        .min_connections(0)
        .max_connections(settings.max_connections.max(2))
        .acquire_timeout(settings.connect_timeout)
        .max_lifetime(MAX_LIFETIME)
        .after_connect(move |connection, _| {
            let (statement, idle) = (statement.clone(), idle.clone());
            Box::pin(async move {
                dress(&mut *connection, &statement, &idle).await?;
                if working {
                    session::take_on_role(connection).await?;
                }
                Ok(())
            })
        })
        .connect_lazy_with(options.application_name(super::embedded::APPLICATION))
}

/// Check a server, then open a pool on it, with the login's own rights.
pub async fn open(options: PgConnectOptions, settings: &Database) -> Result<PgPool, ConnectError> {
    look(&options, settings.connect_timeout).await?;
    Ok(lazy(options, settings))
}

/// Check a server, then open a pool for the daily work: with the rights of [`session::WORKING_ROLE`] where that is
/// ready. Each connection decides when it is made, so bring the schema up to date before the first.
pub async fn open_working(
    options: PgConnectOptions,
    settings: &Database,
) -> Result<(PgPool, Look), ConnectError> {
    let found = look(&options, settings.connect_timeout).await?;
    Ok((make(options, settings, true), found))
}

/// Tasks that ask at the same time.
const ASKERS: i64 = 4;
/// Distinct statements of each.
const QUESTIONS: i64 = 25;

/// Find out whether a pooler mixes up prepared statements, as PgBouncer before 1.21 does in transaction mode: sqlx
/// sends Parse and Bind apart, and the pooler may change backends in between. Distinct statements run at the same time
/// over several connections; each must get its own answer. Takes about 10 ms on a direct connection.
///
/// The connections are not the pool's: there the mix-up would already hit what [`lazy`] sets, and be retried in
/// silence until the pool gives up.
pub async fn canary(pool: &PgPool) -> Result<(), ConnectError> {
    let mut askers = tokio::task::JoinSet::new();
    for asker in 0..ASKERS {
        let options = pool.connect_options();
        askers.spawn(async move {
            let mut connection = PgConnection::connect_with(&options).await?;
            for question in 0..QUESTIONS {
                ask_distinct(&mut connection, asker * QUESTIONS + question).await?;
            }
            connection.close().await?;
            Ok(())
        });
    }
    while let Some(asked) = askers.join_next().await {
        asked.unwrap_or_else(|why| Err(ConnectError::Down(why.to_string())))?;
    }
    Ok(())
}

async fn ask_distinct(connection: &mut PgConnection, number: i64) -> Result<(), ConnectError> {
    // The text differs by a number of our own, which makes each a statement of its own.
    let statement = AssertSqlSafe(format!("select $1::bigint * 1000 + {number}"));
    let asked = sqlx::query_scalar::<_, i64>(statement).bind(7_i64);
    match asked.fetch_one(connection).await {
        Ok(answer) if answer == 7_000 + number => Ok(()),
        Ok(answer) => Err(ConnectError::Pooler(format!(
            "asked for {}, got {answer}",
            7_000 + number
        ))),
        // The statement has other parameters, or its answer other columns.
        Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("08P01") => {
            Err(ConnectError::Pooler(clean(error.message(), 200)))
        }
        Err(
            error @ (sqlx::Error::ColumnDecode { .. }
            | sqlx::Error::Decode(_)
            | sqlx::Error::RowNotFound),
        ) => Err(ConnectError::Pooler(clean(&error.to_string(), 200))),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_server_that_is_not_there_is_down_at_once() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let options = PgConnectOptions::new_without_pgpass()
            .host("127.0.0.1")
            .port(port);
        let error = look(&options, Duration::from_secs(5)).await.unwrap_err();
        assert!(matches!(error, ConnectError::Down(_)), "{error}");
        assert_eq!(error.exit_code(), 69);
    }

    #[tokio::test]
    async fn a_server_that_says_nothing_is_given_up() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let options = PgConnectOptions::new_without_pgpass()
            .host("127.0.0.1")
            .port(port);
        let error = look(&options, Duration::from_millis(50)).await.unwrap_err();
        assert!(error.to_string().contains("no answer within"), "{error}");
    }
}
