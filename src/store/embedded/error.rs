//! Why the private cluster is not there, in sentences with a next step.

use std::io;
use std::path::{Path, PathBuf};

use crate::store::install::InstallError;

/// Why the private cluster cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedError {
    /// No complete set of programs on the machine, and nobody allowed installing one.
    #[error(transparent)]
    Install(#[from] InstallError),
    /// A directory of programs was named, and it is not one.
    #[error(
        "{dir} has no complete set of PostgreSQL programs ({missing} missing or not runnable); set database.programs or LINETAPE_PG_BIN to a directory that has postgres, initdb and pg_ctl"
    )]
    Incomplete {
        /// The directory named.
        dir: PathBuf,
        /// The programs it lacks.
        missing: String,
    },
    /// There are programs, of releases that linetape does not support.
    #[error(
        "only PostgreSQL {found} was found here, and linetape needs 15 to 18; install one of those, or point DATABASE_URL at a server"
    )]
    UnsupportedMajor {
        /// The majors found.
        found: String,
    },
    /// The data directory belongs to a major release whose programs are not here.
    #[error(
        "the cluster in {data} was made by PostgreSQL {major}, and this machine has programs for {found} only; linetape never upgrades a cluster by itself. \
         Either install PostgreSQL {major}, or carry the data over: start the cluster with PostgreSQL {major}'s `pg_ctl -D {data} start` (on the machine that has it), \
         write it out with `pg_dumpall -h {socket_dir} -U linetape_owner > linetape.sql`, stop it, move {data} aside, \
         start linetape once, and read it back with `psql -f linetape.sql` and the url that `linetape database status` prints"
    )]
    OtherMajor {
        /// The data directory.
        data: PathBuf,
        /// What its `PG_VERSION` says.
        major: String,
        /// The majors of the programs found, or `none`.
        found: String,
        /// Where the server listens once it runs.
        socket_dir: PathBuf,
    },
    /// Root has nobody to run the cluster as.
    #[error(
        "PostgreSQL refuses to run as root, and {tried}; create the account, name another in database.run_as, or point DATABASE_URL at a server"
    )]
    NoAccount {
        /// What was tried, as a clause.
        tried: String,
    },
    /// The existing cluster belongs to somebody else.
    #[error(
        "the cluster in {data} belongs to {owner}, and linetape runs as {me}; run linetape as {owner} or root, or give --data-dir another directory"
    )]
    ForeignOwner {
        /// The data directory.
        data: PathBuf,
        /// The account that owns it.
        owner: String,
        /// The account linetape would use.
        me: String,
    },
    /// The account cannot get to the directory, and no other place will do.
    #[error(
        "the account {account} cannot reach {path} (a directory above it is closed to others), and {tried}; give --data-dir a directory that {account} can enter, such as /var/lib/linetape"
    )]
    Unreachable {
        /// The directory.
        path: PathBuf,
        /// The account that runs the cluster.
        account: String,
        /// What else was tried, as a clause.
        tried: String,
    },
    /// Another linetape holds the start-up lock.
    #[error(
        "another linetape has been starting or stopping the cluster for {seconds} s (it holds {lock}); wait for it, or end it"
    )]
    Busy {
        /// The lock file.
        lock: PathBuf,
        /// How long was waited.
        seconds: u64,
    },
    /// initdb failed.
    #[error("initdb could not make the cluster in {data}: {output}")]
    Init {
        /// The data directory.
        data: PathBuf,
        /// The last lines initdb printed.
        output: String,
    },
    /// The server did not come up.
    #[error("PostgreSQL did not start in {data}: {output}; its log is {log}")]
    Start {
        /// The data directory.
        data: PathBuf,
        /// The last lines of its log, or how long was waited.
        output: String,
        /// The log file.
        log: PathBuf,
    },
    /// A statement linetape itself runs on the cluster failed.
    #[error("the cluster answers, but {what} failed: {source}")]
    Sql {
        /// What was asked.
        what: &'static str,
        /// The answer.
        #[source]
        source: sqlx::Error,
    },
    /// No directory is short enough, or safe enough, for the socket.
    #[error(
        "no directory for the server's socket: {tried}; give --data-dir a shorter path, or set TMPDIR to a directory you own"
    )]
    NoSocketDir {
        /// What was tried, as a clause.
        tried: String,
    },
    /// The system refused something.
    #[error("cannot {action} {path}: {source}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// The system's answer.
        #[source]
        source: io::Error,
    },
}

impl EmbeddedError {
    /// The exit code of design section 8: 69 a dependency is missing, 74 I/O, 75 locked, 77 permission, 78 configuration.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Install(_)
            | Self::UnsupportedMajor { .. }
            | Self::Init { .. }
            | Self::Start { .. }
            | Self::Sql { .. } => 69,
            Self::Busy { .. } => 75,
            Self::NoAccount { .. } | Self::ForeignOwner { .. } | Self::Unreachable { .. } => 77,
            Self::Io { source, .. } if source.kind() == io::ErrorKind::PermissionDenied => 77,
            Self::Io { .. } => 74,
            Self::Incomplete { .. } | Self::OtherMajor { .. } | Self::NoSocketDir { .. } => 78,
        }
    }

    /// For `map_err`: an [`EmbeddedError::Io`] that names the act and the path.
    pub(super) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Io {
            action,
            path,
            source,
        }
    }
}
