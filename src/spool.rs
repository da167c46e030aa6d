//! The durable local buffer in front of Postgres.
//!
//! Every response is committed here, with an fsync, before anything reads it; it leaves only after Postgres has
//! committed it. What [`Spool::append`] has acknowledged survives kill -9, a power cut and an outage of Postgres, up
//! to the bounds of `[spool]`; when full, polling stops (default) or the oldest payloads go (setting, counted).
//! Delivery is at least once: whoever drains must be idempotent by `fetch_id`.
//!
//! One `SQLite` file a process, one connection, one thread. The logic lives in `journal` over a `SpoolStore`, so that
//! a simulated disk with faults can stand in for `SQLite` in tests.

mod adoption;
mod bounds;
mod directory;
mod error;
mod export;
mod file;
mod journal;
mod listing;
#[cfg(test)]
mod promise;
mod record;
mod recovery;
#[cfg(test)]
mod simulation;
mod sqlite;
mod status;
mod store;
mod transaction;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot, watch};

pub use error::SpoolError;
pub use export::{Exported, export};
pub use listing::{Listed, SpoolFile, files, list};
pub use recovery::{Recovered, recover};
pub use status::SpoolStatus;

use crate::config::settings;
use crate::domain::payload::Payload;
use writer::{Command, Reply, Writer};

/// Commands that may wait for the thread. Payloads are held in memory until committed, so this also bounds memory.
const QUEUE: usize = 64;

/// A waiting payload and its place in the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spooled {
    /// Place: grows, never used twice in a process's life.
    pub seq: u64,
    /// What was received.
    pub payload: Payload,
}

/// A handle on this process's spool. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Spool {
    commands: mpsc::Sender<Command>,
    status: watch::Receiver<SpoolStatus>,
    directory: Arc<Path>,
}

impl Spool {
    /// Open this process's spool for the database with this fingerprint, below `root`. Payloads left by processes
    /// that are gone are taken over and come first. A damaged file is set aside with a warning (see
    /// [`SpoolStatus::set_aside`]).
    ///
    /// Blocks while the file is checked and orphans are moved: well under 100 ms unless much is waiting. Fails when
    /// the directory cannot be made or the disk is full.
    pub fn open(
        root: &Path,
        fingerprint: &str,
        bounds: &settings::Spool,
    ) -> Result<Self, SpoolError> {
        let (directory, journal) = adoption::settle_in(root, fingerprint, bounds)?;
        let path: Arc<Path> = directory.path().into();
        let (commands, receiver) = mpsc::channel(QUEUE);
        let (status_sender, status) = watch::channel(journal.status());
        let writer = Writer {
            journal,
            directory,
            root: root.to_owned(),
            fingerprint: fingerprint.to_owned(),
            commands: receiver,
            status: status_sender,
            commit_records: bounds.commit_records.max(1),
            commit_delay: bounds.commit_delay,
        };
        // Its own clock: a test's virtual time must not decide when a group is committed.
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .map_err(|error| SpoolError::disk(&*path, error))?;
        std::thread::Builder::new()
            .name("spool".into())
            .spawn(move || runtime.block_on(writer.run()))
            .map_err(|error| SpoolError::disk(&*path, error))?;
        Ok(Self {
            commands,
            status,
            directory: path,
        })
    }

    /// Store a payload; resolves with its place only after the commit that holds it. Appending a payload whose
    /// `fetch_id` still waits returns the place it has. An error promises nothing: the payload may be appended again.
    pub async fn append(&self, payload: Payload) -> Result<u64, SpoolError> {
        self.ask(|reply| Command::Append(Box::new(payload), reply))
            .await
    }

    /// Payloads after `after` (none: from the head) in order: at most `max_records`, and at most `max_bytes` of
    /// bodies but at least one while one waits. They stay until acknowledged.
    pub async fn peek(
        &self,
        after: Option<u64>,
        max_records: usize,
        max_bytes: u64,
    ) -> Result<Vec<Spooled>, SpoolError> {
        let after = after.unwrap_or(0);
        self.ask(|reply| Command::Peek {
            after,
            max_records,
            max_bytes,
            reply,
        })
        .await
    }

    /// Remove what Postgres has committed; returns how many were still waiting. Repeating it does no harm.
    pub async fn acknowledge(&self, seqs: Vec<u64>) -> Result<u64, SpoolError> {
        self.ask(|reply| Command::Acknowledge(seqs, reply)).await
    }

    /// Put aside a payload that can never be stored, with the reason; false when it no longer waits. It is kept until
    /// somebody exports it.
    pub async fn quarantine(&self, seq: u64, reason: String) -> Result<bool, SpoolError> {
        self.ask(|reply| Command::Quarantine(seq, reason, reply))
            .await
    }

    /// Take over what processes that died since the opening have left; returns how many payloads. They join at the
    /// end of the queue.
    pub async fn adopt_orphans(&self) -> Result<u64, SpoolError> {
        self.ask(Command::AdoptOrphans).await
    }

    /// How the spool does. Costs a lock and a clone.
    pub fn status(&self) -> SpoolStatus {
        self.status.borrow().clone()
    }

    /// Follow the status.
    pub fn watch(&self) -> watch::Receiver<SpoolStatus> {
        self.status.clone()
    }

    /// Whether a payload would be taken now; [`SpoolError::Full`] says why not. Ask before spending a request.
    pub fn can_accept(&self) -> Result<(), SpoolError> {
        match &self.status.borrow().full {
            None => Ok(()),
            Some(sentence) => Err(SpoolError::Full(sentence.clone())),
        }
    }

    /// This process's directory.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Finish what was asked, close the file and release the directory. What waits is there for the next process.
    pub async fn close(&self) -> Result<(), SpoolError> {
        match self.ask(Command::Close).await {
            // Closed by another handle.
            Err(SpoolError::Closed) => Ok(()),
            outcome => outcome,
        }
    }

    async fn ask<T>(&self, command: impl FnOnce(Reply<T>) -> Command) -> Result<T, SpoolError> {
        let (reply, answer) = oneshot::channel();
        self.commands
            .send(command(reply))
            .await
            .map_err(|_| SpoolError::Closed)?;
        answer.await.map_err(|_| SpoolError::Closed)?
    }
}

/// Directories of `fingerprint` below `root` whose owners are gone: what the next [`Spool::open`] takes over.
pub fn orphans(root: &Path, fingerprint: &str) -> Result<Vec<PathBuf>, SpoolError> {
    let paths = directory::all(root, fingerprint)?;
    Ok(paths
        .into_iter()
        .filter(|path| directory::owner(path).is_none())
        .collect())
}
