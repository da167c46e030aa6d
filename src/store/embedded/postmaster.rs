//! The server process: finding it, starting it, telling how it ended, stopping it.
//!
//! `postmaster.pid` says where to look; only a connection that reports our data directory proves that the server is
//! there. How a server that is gone has ended: it removes its `postmaster.pid` on every ordered shutdown (`pg_ctl stop`
//! in any mode, SIGTERM, SIGINT, SIGQUIT), and leaves it behind when it was killed or the machine went down.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgSslMode};
use sqlx::{ConnectOptions as _, Connection as _};
use tokio::process::Child;
use tokio::time::{sleep, timeout};

use super::account::Account;
use super::cluster::{OWNER, last_lines};
use super::error::EmbeddedError;
use super::home::PORT;
use super::log_file::LogFile;
use super::programs::Programs;

/// Between looks at a server that is starting or stopping.
const LOOK: Duration = Duration::from_millis(20);
/// How long a server that was killed may still be in the way: unreaped, or its last children leaving.
const LEAVING: Duration = Duration::from_secs(10);
/// How long a start may take, crash recovery included (2 GB of WAL took 6.6 s).
const STARTING: Duration = Duration::from_mins(2);
/// How long an ordered shutdown may take, its checkpoint included.
const STOPPING: Duration = Duration::from_secs(30);

/// A server that has answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Server {
    /// Where its socket is.
    pub(super) socket_dir: PathBuf,
    /// Its version, `15.18`.
    pub(super) version: String,
}

/// What `postmaster.pid` and a connection say together.
#[derive(Debug)]
pub(super) enum Sight {
    /// It answers, and it is ours.
    Running(Server),
    /// A process holds the cluster and does not answer (yet): starting, recovering or stopping.
    Busy(Pid),
    /// The server was killed: it left its file behind.
    Killed,
    /// Nobody runs it: never started, or shut down in order.
    Stopped,
}

/// The beginning of a `postmaster.pid`.
struct PidFile {
    pid: Pid,
    socket_dir: Option<PathBuf>,
}

/// Pid (line 1) and socket directory (line 5). A file that is being written reads as one without a socket.
fn read_pid_file(data: &Path) -> Option<PidFile> {
    let text = fs::read_to_string(data.join("postmaster.pid")).ok()?;
    let mut lines = text.lines();
    let pid = lines.next()?.trim().parse::<i32>().ok()?;
    let socket_dir = lines
        .nth(3)
        .map(str::trim)
        .filter(|dir| dir.starts_with('/'))
        .map(PathBuf::from);
    Some(PidFile {
        // A negative number marks a standalone server.
        pid: Pid::from_raw(pid.abs())?,
        socket_dir,
    })
}

/// Look once.
pub(super) async fn look(data: &Path) -> Sight {
    let Some(file) = read_pid_file(data) else {
        return Sight::Stopped;
    };
    // The answer counts before the number: in another container's cluster the number is not one of ours.
    if let Some(dir) = &file.socket_dir
        && let Some(server) = ask(dir, data).await
    {
        return Sight::Running(server);
    }
    // It may have gone in between.
    if read_pid_file(data).is_none() {
        return Sight::Stopped;
    }
    if !is_postmaster(file.pid, data) {
        return Sight::Killed;
    }
    Sight::Busy(file.pid)
}

/// Whether the process lives and can be the server of `data`. A number that another program, or another cluster, has
/// got since, or a dead process that nobody has reaped, is none. Where there is no `/proc`, living is enough.
fn is_postmaster(pid: Pid, data: &Path) -> bool {
    // EPERM: it lives, as somebody else.
    if test_kill_process(pid).is_err_and(|why| why != rustix::io::Errno::PERM) {
        return false;
    }
    // `1234 (postgres) S …`; the name may itself hold parentheses.
    let Ok(stat) = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())) else {
        return true;
    };
    let Some((before, after)) = stat.rsplit_once(')') else {
        return true;
    };
    let name = before.split_once('(').map_or("", |(_, name)| name);
    // The server works in its data directory.
    let elsewhere = fs::read_link(format!("/proc/{}/cwd", pid.as_raw_nonzero()))
        .ok()
        .zip(fs::canonicalize(data).ok())
        .is_some_and(|(its, ours)| its != ours);
    name.starts_with("postgres") && !after.trim_start().starts_with('Z') && !elsewhere
}

/// Connect, and check that the server there has our data directory.
async fn ask(socket_dir: &Path, data: &Path) -> Option<Server> {
    let options = options(socket_dir, "postgres").disable_statement_logging();
    let question = async {
        let mut connection = PgConnection::connect_with(&options).await?;
        let answer: (String, String) = sqlx::query_as(
            "select current_setting('data_directory'), current_setting('server_version')",
        )
        .fetch_one(&mut connection)
        .await?;
        connection.close().await?;
        Ok::<_, sqlx::Error>(answer)
    };
    let (its, version) = timeout(Duration::from_secs(2), question).await.ok()?.ok()?;
    let same = fs::canonicalize(its).ok()? == fs::canonicalize(data).ok()?;
    let version = version
        .split_whitespace()
        .next()
        .unwrap_or_default()
        .to_owned();
    same.then(|| Server {
        socket_dir: socket_dir.to_path_buf(),
        version,
    })
}

/// How to connect to a database of the cluster.
pub(super) fn options(socket_dir: &Path, database: &str) -> PgConnectOptions {
    PgConnectOptions::new_without_pgpass()
        .host("localhost")
        .port(PORT)
        .socket(socket_dir)
        .username(OWNER)
        .database(database)
        .ssl_mode(PgSslMode::Disable)
        .application_name(super::APPLICATION)
}

/// What it takes to start a server.
pub(super) struct Launch<'a> {
    pub(super) data: &'a Path,
    pub(super) account: &'a Account,
    pub(super) programs: &'a Programs,
    pub(super) log: &'a LogFile,
}

/// A server that was started here. Its process has to be reaped when it ends: an unreaped postmaster would keep the
/// next one from starting, since its number still answers to `kill`.
pub(super) struct Started {
    pub(super) server: Server,
    pub(super) process: Option<Child>,
}

/// Wait for the end of a server that was started here.
pub(super) async fn reap(process: Option<Child>) {
    if let Some(mut process) = process
        && let Ok(status) = process.wait().await
    {
        tracing::info!(%status, "the embedded PostgreSQL has ended");
    }
}

impl Launch<'_> {
    /// Start the server and wait until it answers. Called under the start lock, when nobody runs it.
    pub(super) async fn start(
        &self,
        progress: &(dyn Fn(String) + Sync),
    ) -> Result<Started, EmbeddedError> {
        let begun = Instant::now();
        loop {
            self.log.trim()?;
            let offset = self.log.len();
            let mut child = Kept::spawn(self)?;
            if let Some(server) = self.wait_ready(&mut child, begun, progress).await? {
                let process = child.let_live();
                return Ok(Started { server, process });
            }
            let said = self.log.since(offset);
            // Right after a crash: the old postmaster is not reaped yet, or its children are still leaving.
            let in_the_way = said.contains("\"postmaster.pid\" already exists")
                || said.contains("pre-existing shared memory block")
                || said.contains(".lock\" already exists");
            if !in_the_way || begun.elapsed() > LEAVING {
                return Err(self.failed(&last_lines(&said)));
            }
            sleep(Duration::from_millis(200)).await;
        }
    }

    /// Wait for an answer; none when the child ended.
    async fn wait_ready(
        &self,
        child: &mut Kept,
        begun: Instant,
        progress: &(dyn Fn(String) + Sync),
    ) -> Result<Option<Server>, EmbeddedError> {
        let mut told = 0;
        loop {
            if child.ended()? {
                return Ok(None);
            }
            if let Sight::Running(server) = look(self.data).await {
                return Ok(Some(server));
            }
            let waited = begun.elapsed();
            if waited > STARTING {
                return Err(
                    self.failed(&format!("it has not answered for {} s", STARTING.as_secs()))
                );
            }
            if waited.as_secs() >= told + 3 {
                told = waited.as_secs();
                progress(format!(
                    "PostgreSQL is starting, {told} s (after a crash it first replays its log)"
                ));
            }
            sleep(LOOK).await;
        }
    }

    fn failed(&self, output: &str) -> EmbeddedError {
        EmbeddedError::Start {
            data: self.data.to_path_buf(),
            output: output.to_owned(),
            log: self.log.path().to_path_buf(),
        }
    }
}

/// A child that is stopped when it is dropped before it was let go: a start that fails, or is cancelled, leaves
/// nothing behind.
struct Kept {
    child: Option<Child>,
    data: PathBuf,
}

impl Kept {
    fn spawn(launch: &Launch<'_>) -> Result<Self, EmbeddedError> {
        let log = launch.log.open()?;
        let also = log
            .try_clone()
            .map_err(EmbeddedError::io("open the log", launch.log.path()))?;
        let child = launch
            .account
            .command(&launch.programs.program("postgres"))
            .arg("-D")
            .arg(launch.data)
            .stdout(Stdio::from(log))
            .stderr(Stdio::from(also))
            // Its own group: Ctrl-C on linetape's terminal is not for the server.
            .process_group(0)
            .spawn()
            .map_err(EmbeddedError::io("run postgres for", launch.data))?;
        Ok(Self {
            child: Some(child),
            data: launch.data.to_path_buf(),
        })
    }

    fn ended(&mut self) -> Result<bool, EmbeddedError> {
        let ended = match &mut self.child {
            Some(child) => child
                .try_wait()
                .map_err(EmbeddedError::io("watch the server of", &self.data))?
                .is_some(),
            None => true,
        };
        Ok(ended)
    }

    fn let_live(mut self) -> Option<Child> {
        self.child.take()
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        let pid = self.child.as_ref().and_then(Child::id);
        if let Some(pid) = pid.and_then(|pid| Pid::from_raw(pid.cast_signed())) {
            // Immediate shutdown: its children go with it, which SIGKILL would not see to.
            let _ = kill_process(pid, Signal::QUIT);
        }
    }
}

/// Wait while a process holds the cluster without answering; returns the first sight that is not that. A process that
/// never answers is reported as busy in the end.
pub(super) async fn settle(data: &Path, progress: &(dyn Fn(String) + Sync)) -> Sight {
    let begun = Instant::now();
    let mut told = false;
    loop {
        let sight = look(data).await;
        if !matches!(sight, Sight::Busy(_)) || begun.elapsed() > STARTING {
            return sight;
        }
        if !told && begun.elapsed() > Duration::from_secs(1) {
            progress("waiting for PostgreSQL, which is starting or stopping".into());
            told = true;
        }
        sleep(LOOK).await;
    }
}

/// A fast shutdown of the server that runs in `data`: clients are cut off, everything is written, then it ends.
/// Returns whether it has ended in time.
pub(super) async fn stop(data: &Path) -> Result<bool, EmbeddedError> {
    let Some(file) = read_pid_file(data) else {
        return Ok(true);
    };
    if !is_postmaster(file.pid, data) {
        return Ok(false);
    }
    if let Err(why) = kill_process(file.pid, Signal::INT)
        && why != rustix::io::Errno::SRCH
    {
        return Err(EmbeddedError::io("stop the server of", data)(why.into()));
    }
    let begun = Instant::now();
    while is_postmaster(file.pid, data) {
        if begun.elapsed() > STOPPING {
            return Ok(false);
        }
        sleep(LOOK).await;
    }
    Ok(true)
}

/// Remove a `postmaster.pid` whose number now belongs to something that is not this server (a container that starts
/// again hands out the same small numbers). PostgreSQL itself would refuse to start for ever. Its own check of the
/// shared memory still guards against children of the old server.
pub(super) fn clear_recycled(data: &Path) -> Result<(), EmbeddedError> {
    let Some(file) = read_pid_file(data) else {
        return Ok(());
    };
    // An old server that is only unreaped has no working directory; PostgreSQL waits for that one by itself.
    let recycled = test_kill_process(file.pid).is_ok()
        && !is_postmaster(file.pid, data)
        && fs::read_link(format!("/proc/{}/cwd", file.pid.as_raw_nonzero())).is_ok();
    if recycled {
        let path = data.join("postmaster.pid");
        fs::remove_file(&path).map_err(EmbeddedError::io("remove the stale", &path))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pid_file_names_process_and_socket() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("postmaster.pid");
        fs::write(
            &path,
            "4242\n/data\n1700000000\n5432\n/run/here\n\n  1234  5\nready   \n",
        )
        .unwrap();
        let file = read_pid_file(root.path()).unwrap();
        assert_eq!(file.pid.as_raw_nonzero().get(), 4242);
        assert_eq!(file.socket_dir.as_deref(), Some(Path::new("/run/here")));
        fs::write(&path, "4242\n/data\n").unwrap();
        assert!(read_pid_file(root.path()).unwrap().socket_dir.is_none());
        fs::write(&path, "").unwrap();
        assert!(read_pid_file(root.path()).is_none());
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn a_number_that_another_program_has_is_no_server() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("postmaster.pid");
        fs::write(&path, format!("{}\n", std::process::id())).unwrap();
        assert!(matches!(look(root.path()).await, Sight::Killed));
        clear_recycled(root.path()).unwrap();
        assert!(!path.exists());
        assert!(matches!(look(root.path()).await, Sight::Stopped));
    }
}
