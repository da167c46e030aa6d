//! The embedded default: a private cluster of real PostgreSQL, durable, on a unix socket in the data directory.
//!
//! Several linetapes share one cluster. Each holds `users.lock` together with the others; starting and stopping happen
//! under `start.lock`. The last to leave stops the server; one that is killed leaves it running, and the next attaches.
//!
//! A server that goes away while linetape runs was either *stopped* (it removed its `postmaster.pid`: somebody wanted
//! that, so it is left alone until it is back) or *killed* (the file is still there: it is started again). See
//! [`Embedded::ensure_running`].

mod account;
mod cluster;
mod error;
mod home;
mod lock;
mod log_file;
mod postmaster;
pub(in crate::store) mod programs;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, Connection as _};
use tokio::sync::Mutex;
use tokio::task::JoinSet;

use self::account::Account;
use self::cluster::State;
use self::home::{Home, PORT};
use self::log_file::LogFile;
use self::postmaster::{Launch, Server, Sight};
use self::programs::Programs;
use crate::store::install::{self, InstallPolicy};

pub use self::cluster::OWNER;
pub use self::error::EmbeddedError;
pub use self::programs::SUPPORTED;

/// Every connection of linetape is called this, or begins with it; others count as guests of the cluster.
pub const APPLICATION: &str = "linetape";

/// How long to wait for another linetape that starts or stops the cluster.
const LOCK_PATIENCE: Duration = Duration::from_secs(150);

/// The same when leaving: whoever is told to quit does not wait long; the next to leave will stop the server.
const LEAVE_PATIENCE: Duration = Duration::from_secs(5);

/// Between looks at the length of the server's log.
const LOG_LOOK: Duration = Duration::from_mins(1);

/// What the cluster is started with.
#[derive(Debug)]
pub struct EmbeddedOptions {
    /// linetape's data directory; the cluster is in `postgres/data` below it.
    pub data_dir: PathBuf,
    /// Directory of the programs (`database.programs`); none means `LINETAPE_PG_BIN`, then a search.
    pub programs: Option<PathBuf>,
    /// Account that runs the cluster when linetape is root (`database.run_as`).
    pub run_as: Option<String>,
    /// What to do on a machine without the programs.
    pub install: InstallPolicy,
    /// The environment: `PATH`, `LINETAPE_PG_BIN`, `XDG_RUNTIME_DIR`, `TMPDIR` are read.
    pub env: BTreeMap<String, String>,
}

/// Whether the server is there, and why not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It answers.
    Running,
    /// It had been killed, and was started again.
    Restarted,
    /// Somebody shut it down: it stays down until somebody starts it (see [`Embedded::pg_ctl_hint`]).
    Stopped,
    /// A process holds the cluster and does not answer: it is starting, recovering or stopping.
    Busy,
}

/// How leaving went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leave {
    /// The last linetape left, and the server has stopped.
    Stopped,
    /// Another linetape uses it.
    InUse,
    /// This many other clients (psql, a dashboard) are connected, so it goes on; the next linetape to leave stops it.
    Guests(i64),
    /// The server was down already, or does not answer.
    NotRunning,
    /// It was told to stop, and has not ended within 30 s.
    StillStopping,
}

/// A running private cluster, and this process's share in it.
#[derive(Debug)]
pub struct Embedded {
    home: Home,
    account: Account,
    options: EmbeddedOptions,
    server: Server,
    log: LogFile,
    users: Mutex<Option<File>>,
    /// Those that wait for the end of servers started here, and the keeper of the log's bound.
    tasks: Mutex<JoinSet<()>>,
}

impl Embedded {
    /// Whether this machine has PostgreSQL programs at all; asked before a screen takes the terminal, so that a person
    /// can still be asked whether to install them.
    ///
    /// Fails when no account can run them.
    pub async fn has_programs(options: &EmbeddedOptions) -> Result<bool, EmbeddedError> {
        let expected = Home::expected_data(&options.data_dir);
        let account = Account::choose(&expected, options.run_as.as_deref()).await?;
        Ok(!find_programs(options, &account).await?.is_empty())
    }

    /// Attach to the cluster of `options.data_dir`, starting it, making it, and (when allowed) installing PostgreSQL
    /// first, as needed. `progress` gets a sentence for every step that can take long.
    ///
    /// Fails with an [`EmbeddedError`], whose text has a next step.
    pub async fn start(
        options: EmbeddedOptions,
        progress: &(dyn Fn(String) + Sync),
    ) -> Result<Self, EmbeddedError> {
        let expected = Home::expected_data(&options.data_dir);
        let account = Account::choose(&expected, options.run_as.as_deref()).await?;
        let home = Home::open(&options.data_dir, &account).await?;
        let starting = lock::exclusive(&home.start_lock(), LOCK_PATIENCE).await?;
        let users = lock::shared(&home.users_lock()).await?;
        let log = LogFile::of(&home.data(), &account);
        let mut tasks = JoinSet::new();
        let server = match postmaster::settle(&home.data(), progress).await {
            Sight::Running(server) => server,
            Sight::Busy(pid) => return Err(unanswered(&home, &log, pid.as_raw_nonzero().get())),
            Sight::Killed | Sight::Stopped => {
                // With other users about, the number in the file may be one of another container's.
                if lock::is_sole(&users, &home.users_lock()).await? {
                    postmaster::clear_recycled(&home.data())?;
                }
                boot(&home, &account, &options, &log, &mut tasks, progress).await?
            }
        };
        keep_log_bounded(&log, &mut tasks);
        drop(starting);
        Ok(Self {
            home,
            account,
            options,
            server,
            log,
            users: Mutex::new(Some(users)),
            tasks: Mutex::new(tasks),
        })
    }

    /// How to connect to one of the cluster's databases.
    pub fn connect_options(&self, database: &str) -> PgConnectOptions {
        postmaster::options(&self.server.socket_dir, database)
    }

    /// The same as a URL for psql and other clients, as the account that runs linetape (or root).
    pub fn url(&self, database: &str) -> String {
        // The port is named, because psql would take it from PGPORT otherwise; `localhost`, because sqlx refuses a URL
        // with an empty host.
        format!(
            "postgresql://{OWNER}@localhost:{PORT}/{}?host={}",
            escape(database),
            escape(&self.server.socket_dir.to_string_lossy())
        )
    }

    /// The server's version, `15.18`.
    pub fn version(&self) -> &str {
        &self.server.version
    }

    /// The directory of the cluster itself, PostgreSQL's own `data_directory`.
    pub fn data_directory(&self) -> PathBuf {
        self.home.data()
    }

    /// The server's log.
    pub fn log_path(&self) -> &Path {
        self.log.path()
    }

    /// The beginning of a `pg_ctl` command line for this cluster; append ` stop`, ` start` or ` status`.
    pub async fn pg_ctl_hint(&self) -> String {
        let found = find_programs(&self.options, &self.account).await.ok();
        let major = self
            .server
            .version
            .split(['.', 'b', 'r'])
            .next()
            .and_then(|major| major.parse().ok());
        let program = found
            .as_ref()
            .and_then(|found| found.choose(major))
            .map_or_else(|| PathBuf::from("pg_ctl"), |set| set.program("pg_ctl"));
        format!(
            "{}{} -D {} -l {}",
            self.account.shell_prefix(&self.options.env),
            shell_quote(&program),
            shell_quote(&self.home.data()),
            shell_quote(self.log.path())
        )
    }

    /// Create the database when it is missing; returns whether it was. Serialised with other linetapes.
    pub async fn ensure_database(&self, name: &str) -> Result<bool, EmbeddedError> {
        let _starting = lock::exclusive(&self.home.start_lock(), LOCK_PATIENCE).await?;
        let create = async {
            let mut connection =
                PgConnection::connect_with(&self.connect_options("postgres")).await?;
            let there: bool =
                sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
                    .bind(name)
                    .fetch_one(&mut connection)
                    .await?;
            if !there {
                // A name cannot be bound; the server quotes it.
                let statement: String =
                    sqlx::query_scalar("select format('create database %I', $1::text)")
                        .bind(name)
                        .fetch_one(&mut connection)
                        .await?;
                sqlx::raw_sql(AssertSqlSafe(statement))
                    .execute(&mut connection)
                    .await?;
            }
            connection.close().await?;
            Ok(!there)
        };
        create.await.map_err(|source| EmbeddedError::Sql {
            what: "creating the database",
            source,
        })
    }

    /// Look whether the server is there, and start it again if it was killed. One that was shut down in order stays
    /// down: somebody wanted that. Cheap when it runs (one connection); call it when statements fail, not before each.
    pub async fn ensure_running(&self) -> Result<Standing, EmbeddedError> {
        let data = self.home.data();
        match postmaster::look(&data).await {
            Sight::Running(_) => return Ok(Standing::Running),
            Sight::Busy(_) => return Ok(Standing::Busy),
            Sight::Stopped => return Ok(Standing::Stopped),
            Sight::Killed => {}
        }
        let _starting = lock::exclusive(&self.home.start_lock(), LOCK_PATIENCE).await?;
        // Another linetape may have been faster.
        match postmaster::look(&data).await {
            Sight::Running(_) => return Ok(Standing::Running),
            Sight::Busy(_) => return Ok(Standing::Busy),
            Sight::Stopped => return Ok(Standing::Stopped),
            Sight::Killed => {}
        }
        let progress = |step: String| tracing::info!("{step}");
        tracing::warn!("the embedded PostgreSQL was killed; starting it again");
        let mut tasks = self.tasks.lock().await;
        boot(
            &self.home,
            &self.account,
            &self.options,
            &self.log,
            &mut tasks,
            &progress,
        )
        .await?;
        Ok(Standing::Restarted)
    }

    /// Give up this process's share; the last linetape stops the server, unless somebody else is connected. Close the
    /// pools first. Called twice, the second does nothing.
    pub async fn leave(&self) -> Result<Leave, EmbeddedError> {
        let Some(users) = self.users.lock().await.take() else {
            return Ok(Leave::NotRunning);
        };
        let _starting = lock::exclusive(&self.home.start_lock(), LEAVE_PATIENCE).await?;
        if !lock::alone(&users, &self.home.users_lock())? {
            return Ok(Leave::InUse);
        }
        let data = self.home.data();
        match postmaster::look(&data).await {
            Sight::Running(_) => {}
            Sight::Busy(_) | Sight::Killed | Sight::Stopped => return Ok(Leave::NotRunning),
        }
        match self.guests().await {
            Ok(0) => {}
            Ok(guests) => return Ok(Leave::Guests(guests)),
            Err(source) => {
                return Err(EmbeddedError::Sql {
                    what: "counting its clients",
                    source,
                });
            }
        }
        if postmaster::stop(&data).await? {
            Ok(Leave::Stopped)
        } else {
            Ok(Leave::StillStopping)
        }
    }

    /// Clients that are not linetape's.
    async fn guests(&self) -> Result<i64, sqlx::Error> {
        let mut connection = PgConnection::connect_with(&self.connect_options("postgres")).await?;
        let guests = sqlx::query_scalar(
            "select count(*) from pg_stat_activity
              where backend_type = 'client backend' and not starts_with(application_name, $1)",
        )
        .bind(APPLICATION)
        .fetch_one(&mut connection)
        .await?;
        connection.close().await?;
        Ok(guests)
    }
}

/// Start the server that nobody runs, making the cluster first when there is none. Called under the start lock.
async fn boot(
    home: &Home,
    account: &Account,
    options: &EmbeddedOptions,
    log: &LogFile,
    tasks: &mut JoinSet<()>,
    progress: &(dyn Fn(String) + Sync),
) -> Result<Server, EmbeddedError> {
    let data = home.data();
    let env = &options.env;
    let runtime = absolute(env, "XDG_RUNTIME_DIR");
    let temp = absolute(env, "TMPDIR").unwrap_or_else(|| PathBuf::from("/tmp"));
    let socket_dir = home.socket_dir(account, runtime.as_deref(), &temp)?;
    cluster::sweep(home)?;
    let programs = match cluster::state(&data)? {
        State::Made(version) => {
            programs_for(&version, &data, &socket_dir, options, account, progress).await?
        }
        state => {
            if state == State::Broken {
                let aside = cluster::move_aside(home)?;
                progress(format!(
                    "{} held files but no whole cluster; they are kept in {}",
                    data.display(),
                    aside.display()
                ));
            }
            let programs = newest_programs(options, account, progress).await?;
            progress(format!(
                "making a private PostgreSQL {} cluster in {}",
                programs.version,
                data.display()
            ));
            cluster::init(home, account, &programs, &socket_dir).await?;
            programs
        }
    };
    cluster::configure(&data, account, &socket_dir)?;
    progress(format!("starting PostgreSQL {}", programs.version));
    let launch = Launch {
        data: &data,
        account,
        programs: &programs,
        log,
    };
    let started = launch.start(progress).await?;
    tasks.spawn(postmaster::reap(started.process));
    Ok(started.server)
}

async fn find_programs(
    options: &EmbeddedOptions,
    account: &Account,
) -> Result<programs::Found, EmbeddedError> {
    programs::search(options.programs.as_deref(), &options.env, account).await
}

/// The programs of an existing cluster's own major.
async fn programs_for(
    version: &str,
    data: &Path,
    socket_dir: &Path,
    options: &EmbeddedOptions,
    account: &Account,
    progress: &(dyn Fn(String) + Sync),
) -> Result<Programs, EmbeddedError> {
    let mut found = find_programs(options, account).await?;
    if found.is_empty() {
        install::install(&options.install, &options.env, progress).await?;
        found = find_programs(options, account).await?;
    }
    version
        .parse()
        .ok()
        .and_then(|major| found.choose(Some(major)))
        .cloned()
        .ok_or_else(|| EmbeddedError::OtherMajor {
            data: data.to_path_buf(),
            major: version.chars().take(12).collect(),
            found: found.majors(),
            socket_dir: socket_dir.to_path_buf(),
        })
}

/// The newest programs here, installed when there are none and that is allowed.
async fn newest_programs(
    options: &EmbeddedOptions,
    account: &Account,
    progress: &(dyn Fn(String) + Sync),
) -> Result<Programs, EmbeddedError> {
    let found = find_programs(options, account).await?;
    if let Some(programs) = found.choose(None) {
        return Ok(programs.clone());
    }
    if !found.is_empty() {
        return Err(EmbeddedError::UnsupportedMajor {
            found: found.majors(),
        });
    }
    install::install(&options.install, &options.env, progress).await?;
    let found = find_programs(options, account).await?;
    found.choose(None).cloned().ok_or_else(|| {
        if found.is_empty() {
            EmbeddedError::Install(install::InstallError::StillMissing)
        } else {
            EmbeddedError::UnsupportedMajor {
                found: found.majors(),
            }
        }
    })
}

fn absolute(env: &BTreeMap<String, String>, name: &str) -> Option<PathBuf> {
    env.get(name)
        .map(PathBuf::from)
        .filter(|dir| dir.is_absolute())
}

fn unanswered(home: &Home, log: &LogFile, pid: i32) -> EmbeddedError {
    EmbeddedError::Start {
        data: home.data(),
        output: format!("process {pid} holds the cluster and has not answered for 120 s"),
        log: log.path().to_path_buf(),
    }
}

fn keep_log_bounded(log: &LogFile, tasks: &mut JoinSet<()>) {
    let log = log.clone();
    tasks.spawn(async move {
        loop {
            tokio::time::sleep(LOG_LOOK).await;
            if let Err(why) = log.trim() {
                tracing::warn!("{why}");
            }
        }
    });
}

/// Percent-encode for a URL; slashes stay, so that the printed directory can be read.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(byte.into());
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// Quote a path for a POSIX shell, when it needs it.
fn shell_quote(path: &Path) -> String {
    let text = path.to_string_lossy();
    if text
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-._/+@:".contains(&byte))
    {
        return text.into_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_and_shell_words_survive_odd_paths() {
        assert_eq!(escape("/run/a b%"), "/run/a%20b%25");
        assert_eq!(shell_quote(Path::new("/plain/path-1.2")), "/plain/path-1.2");
        assert_eq!(shell_quote(Path::new("/it's here")), r"'/it'\''s here'");
    }
}
