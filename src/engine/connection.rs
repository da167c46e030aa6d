//! How the engine reaches Postgres: the embedded cluster, or the server that settings or environment name.

use std::collections::BTreeMap;
use std::path::PathBuf;

use futures_util::future::BoxFuture;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use tokio::sync::Mutex;

use super::pipeline::drain::{Connect, Connected};
use crate::config::settings::Database;
use crate::domain::clean::clean;
use crate::domain::payload::PayloadHash;
use crate::store::connect::{Server, Target};
use crate::store::embedded::{Embedded, EmbeddedOptions, Standing};
use crate::store::install::{self, Ask, InstallError, InstallPolicy};
use crate::store::pool;

/// A way to one database.
pub struct Connection {
    target: Target,
    /// The server as it was named, when linetape uses a database of its own beside it.
    beside: Option<Box<Server>>,
    database: String,
    settings: Database,
    data_dir: PathBuf,
    env: BTreeMap<String, String>,
    install: bool,
    embedded: Mutex<Option<Embedded>>,
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection")
            .field("database", &self.database)
            .finish_non_exhaustive()
    }
}

/// Why a database cannot be reached: a sentence and an exit code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{sentence}")]
pub struct Unreachable {
    /// What is wrong and what to do.
    pub sentence: String,
    /// By the table of exit codes: 69 down, 77 permission, 78 settings.
    pub exit_code: u8,
}

impl Connection {
    /// A way to `database` on `target`. A server's own database is used unless `own_database` asks for `database`
    /// beside it, as the demo does. `install` says yes to installing PostgreSQL where it is missing.
    pub fn new(
        target: Target,
        database: &str,
        own_database: bool,
        settings: &Database,
        data_dir: PathBuf,
        env: BTreeMap<String, String>,
        install: bool,
    ) -> Self {
        let mut beside = None;
        let (target, database) = match target {
            Target::Server(server) if own_database => {
                let own = Server::clone(&server).with_database(database);
                beside = Some(server);
                (Target::Server(Box::new(own)), database.to_owned())
            }
            Target::Server(server) => {
                let database = server.database().to_owned();
                (Target::Server(server), database)
            }
            Target::Embedded => (Target::Embedded, database.to_owned()),
        };
        Self {
            target,
            beside,
            database,
            settings: settings.clone(),
            data_dir,
            env,
            install,
            embedded: Mutex::new(None),
        }
    }

    /// Names the database among all that this machine's linetapes write to: the spool keeps one directory for each.
    pub fn fingerprint(&self) -> String {
        let place = match &self.target {
            Target::Embedded => format!("embedded/{}", self.database),
            Target::Server(server) => server.shown_url(),
        };
        let hash = PayloadHash::of(place.as_bytes()).to_string();
        let short: String = hash.chars().take(12).collect();
        let name: String = self
            .database
            .chars()
            .filter(|c| c.is_ascii_alphanumeric() || *c == '_')
            .take(40)
            .collect();
        format!("{name}-{short}")
    }

    /// What psql needs; a password is never in it. None for the embedded cluster before it runs.
    pub async fn url(&self) -> Option<String> {
        match &self.target {
            Target::Embedded => self
                .embedded
                .lock()
                .await
                .as_ref()
                .map(|e| e.url(&self.database)),
            Target::Server(server) => Some(server.shown_url()),
        }
    }

    /// Whether the cluster is linetape's own.
    pub const fn is_embedded(&self) -> bool {
        matches!(self.target, Target::Embedded)
    }

    /// Before anything is shown: make sure that PostgreSQL programs are there, or may be installed. `asker` is a person
    /// at a terminal. Fails with the one command to type.
    pub async fn prepare(&mut self, asker: Option<Box<dyn Ask>>) -> Result<(), Unreachable> {
        if !self.is_embedded() {
            return Ok(());
        }
        let fail = |sentence: String, exit_code| Unreachable {
            sentence,
            exit_code,
        };
        let options = self.embedded_options();
        let found = Embedded::has_programs(&options)
            .await
            .map_err(|e| fail(e.to_string(), e.exit_code()))?;
        if found || matches!(options.install, InstallPolicy::Yes) {
            return Ok(());
        }
        let command = install::command(&self.env)
            .ok_or_else(|| fail(InstallError::NoManager.to_string(), 69))?;
        if asker.is_some_and(|a| a.agree(&command)) {
            self.install = true;
            return Ok(());
        }
        Err(fail(InstallError::NotAllowed { command }.to_string(), 69))
    }

    fn embedded_options(&self) -> EmbeddedOptions {
        EmbeddedOptions {
            data_dir: self.data_dir.clone(),
            programs: self.settings.programs.clone(),
            run_as: self.settings.run_as.clone(),
            install: InstallPolicy::choose(self.install, &self.env, None),
            env: self.env.clone(),
        }
    }

    /// Connect, starting what must be started.
    pub async fn open(
        &self,
        progress: &(dyn Fn(String) + Send + Sync),
    ) -> Result<Connected, Unreachable> {
        match &self.target {
            Target::Embedded => self.open_embedded(progress).await,
            Target::Server(server) => self.open_server(server, progress).await,
        }
    }

    async fn open_embedded(
        &self,
        progress: &(dyn Fn(String) + Send + Sync),
    ) -> Result<Connected, Unreachable> {
        let fail = |sentence: String, exit_code| Unreachable {
            sentence,
            exit_code,
        };
        let mut slot = self.embedded.lock().await;
        if let Some(embedded) = slot.as_ref() {
            match embedded.ensure_running().await {
                Ok(Standing::Running | Standing::Restarted) => {}
                Ok(Standing::Stopped) => {
                    let hint = embedded.pg_ctl_hint().await;
                    return Err(fail(
                        format!(
                            "the embedded PostgreSQL was stopped by somebody; start it with `{hint} start`"
                        ),
                        69,
                    ));
                }
                Ok(Standing::Busy) => {
                    return Err(fail(
                        "the embedded PostgreSQL is starting or recovering; wait a moment".into(),
                        69,
                    ));
                }
                Err(error) => return Err(fail(error.to_string(), error.exit_code())),
            }
        } else {
            progress("looking for PostgreSQL".into());
            let options = self.embedded_options();
            let started = Embedded::start(options, progress).await;
            *slot = Some(started.map_err(|e| fail(e.to_string(), e.exit_code()))?);
        }
        let Some(embedded) = slot.as_ref() else {
            return Err(fail("the embedded PostgreSQL did not start".into(), 69));
        };
        embedded
            .ensure_database(&self.database)
            .await
            .map_err(|e| fail(e.to_string(), e.exit_code()))?;
        let options = embedded.connect_options(&self.database);
        let (pool, _) = pool::open_working(options, &self.settings)
            .await
            .map_err(|e| fail(e.to_string(), e.exit_code()))?;
        Ok(Connected {
            pool,
            server: format!("PostgreSQL {} embedded", embedded.version()),
        })
    }

    async fn open_server(
        &self,
        server: &Server,
        progress: &(dyn Fn(String) + Send + Sync),
    ) -> Result<Connected, Unreachable> {
        progress(format!("connecting to {}", server.shown_url()));
        let fail = |e: pool::ConnectError| Unreachable {
            exit_code: e.exit_code(),
            sentence: e.to_string(),
        };
        if let Some(beside) = &self.beside {
            self.make_database(beside).await?;
        }
        let (pool, found) = pool::open_working(server.options(), &self.settings)
            .await
            .map_err(fail)?;
        pool::canary(&pool).await.map_err(fail)?;
        let version = found.version;
        Ok(Connected {
            pool,
            server: format!("PostgreSQL {version} {}", server.shown_url()),
        })
    }

    /// Make linetape's own database on a server when it is missing.
    async fn make_database(&self, server: &Server) -> Result<(), Unreachable> {
        let make = async {
            let mut connection = PgConnection::connect_with(&server.options()).await?;
            // A name cannot be bound; the server quotes it.
            let statement: Option<String> = sqlx::query_scalar(
                "select format('create database %I', $1::text)
                 where not exists (select from pg_database where datname = $1)",
            )
            .bind(&self.database)
            .fetch_optional(&mut connection)
            .await?;
            if let Some(statement) = statement {
                sqlx::raw_sql(AssertSqlSafe(statement))
                    .execute(&mut connection)
                    .await?;
            }
            connection.close().await
        };
        let patience = self.settings.connect_timeout;
        let outcome = tokio::time::timeout(patience, make).await;
        let error = match outcome {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(error)) => pool::ConnectError::from(error),
            Err(_) => {
                pool::ConnectError::Down(format!("no answer within {} s", patience.as_secs_f32()))
            }
        };
        Err(Unreachable {
            exit_code: error.exit_code(),
            sentence: error.to_string(),
        })
    }

    /// Drop the database and begin anew: only ever the demo's own.
    pub async fn start_over(
        &self,
        progress: &(dyn Fn(String) + Send + Sync),
    ) -> Result<(), Unreachable> {
        let down = |e: sqlx::Error| Unreachable {
            sentence: clean(&e.to_string(), 300),
            exit_code: 69,
        };
        let connected = self.open(progress).await?;
        let options = connected.pool.connect_options().as_ref().clone();
        connected.pool.close().await;
        let mut connection = PgConnection::connect_with(&options.database("postgres"))
            .await
            .map_err(down)?;
        let name = self.database.replace('"', "");
        sqlx::query(AssertSqlSafe(format!(
            "drop database if exists \"{name}\" with (force)"
        )))
        .execute(&mut connection)
        .await
        .map_err(down)?;
        sqlx::query(AssertSqlSafe(format!("create database \"{name}\"")))
            .execute(&mut connection)
            .await
            .map_err(down)?;
        connection.close().await.map_err(down)
    }

    /// Leave the embedded cluster; the last to leave stops it.
    pub async fn leave(&self) {
        if let Some(embedded) = self.embedded.lock().await.take() {
            match embedded.leave().await {
                Ok(how) => tracing::info!(?how, "left the embedded PostgreSQL"),
                Err(error) => {
                    tracing::warn!(%error, "the embedded PostgreSQL could not be left cleanly");
                }
            }
        }
    }
}

impl Connect for Connection {
    fn connect<'a>(
        &'a self,
        progress: &'a (dyn Fn(String) + Send + Sync),
    ) -> BoxFuture<'a, Result<Connected, String>> {
        Box::pin(async move { self.open(progress).await.map_err(|e| e.sentence) })
    }
}
