//! A PostgreSQL of the test's own, to be stopped and started without hurting the others.

use std::path::{Path, PathBuf};
use std::process::Command;

use linetape::config::settings::Database;
use linetape::store::embedded::Embedded;
use linetape::store::pool;
use sqlx::PgPool;
use uuid::Uuid;

use super::postgres::options;

/// A private cluster with one database, gone when dropped.
#[derive(Debug)]
pub struct Cluster {
    folder: PathBuf,
    pg_ctl: String,
    embedded: Embedded,
}

/// How a server is stopped.
#[derive(Debug, Clone, Copy)]
pub enum Stop {
    /// Open transactions are rolled back, and it ends in order.
    Fast,
    /// As if it had crashed: the next start replays its log.
    Immediate,
}

const DATABASE: &str = "faulty";

impl Cluster {
    /// Make and start one.
    pub async fn start() -> Self {
        // Not a private temporary directory: the account that runs the server has to reach it.
        let name = format!("faults-{}", Uuid::now_v7().simple());
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let embedded = Embedded::start(options(folder.clone()), &|_| {})
            .await
            .unwrap();
        embedded.ensure_database(DATABASE).await.unwrap();
        Self {
            pg_ctl: embedded.pg_ctl_hint().await,
            folder,
            embedded,
        }
    }

    /// Its database, for linetape.
    pub fn url(&self) -> String {
        self.embedded.url(DATABASE)
    }

    /// The directory of its socket.
    pub fn socket(&self) -> PathBuf {
        let options = self.embedded.connect_options(DATABASE);
        options.get_socket().unwrap().join(".s.PGSQL.5432")
    }

    /// Its database, for the test.
    pub async fn pool(&self) -> PgPool {
        let options = self.embedded.connect_options(DATABASE);
        pool::open(options, &Database::default()).await.unwrap()
    }

    fn ctl(&self, what: &str) {
        let command = format!("{} -w -s {what}", self.pg_ctl);
        let done = Command::new("sh").args(["-c", &command]).output().unwrap();
        assert!(done.status.success(), "{command}: {done:?}");
    }

    /// Stop it, and wait until it has stopped.
    pub fn stop(&self, how: Stop) {
        self.ctl(match how {
            Stop::Fast => "-m fast stop",
            Stop::Immediate => "-m immediate stop",
        });
    }

    /// Start it again, and wait until it answers.
    pub fn start_again(&self) {
        self.ctl("start >/dev/null");
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let stop = format!("{} -w -s -m immediate stop", self.pg_ctl);
        let _ = Command::new("sh").args(["-c", &stop]).output();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
