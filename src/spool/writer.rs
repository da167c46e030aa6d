//! The one thread that owns the file, and the group commit.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::time::Duration;

use chrono::Utc;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, timeout, timeout_at};

use super::Spooled;
use super::adoption;
use super::directory::SpoolDirectory;
use super::error::SpoolError;
use super::file::SqliteDisk;
use super::journal::Journal;
use super::record::Record;
use super::status::SpoolStatus;
use crate::domain::payload::Payload;

/// How often a full spool looks for space that others have freed.
const FULL_CHECK: Duration = Duration::from_millis(500);

/// An answer on its way.
pub(crate) type Reply<T> = oneshot::Sender<Result<T, SpoolError>>;

/// What the thread is asked.
pub(crate) enum Command {
    Append(Box<Payload>, Reply<u64>),
    Peek {
        after: u64,
        max_records: usize,
        max_bytes: u64,
        reply: Reply<Vec<Spooled>>,
    },
    Acknowledge(Vec<u64>, Reply<u64>),
    Quarantine(u64, String, Reply<bool>),
    AdoptOrphans(Reply<u64>),
    Close(Reply<()>),
}

/// State of the thread.
pub(crate) struct Writer {
    pub journal: Journal<SqliteDisk>,
    /// Locked for as long as the thread runs.
    pub directory: SpoolDirectory,
    pub root: PathBuf,
    pub fingerprint: String,
    pub commands: mpsc::Receiver<Command>,
    pub status: watch::Sender<SpoolStatus>,
    pub commit_records: usize,
    pub commit_delay: Duration,
}

impl Writer {
    /// Serve until closed, or until every handle is gone.
    pub async fn run(mut self) {
        let mut deferred = VecDeque::new();
        let closed = loop {
            let next = match deferred.pop_front() {
                Some(command) => Some(command),
                None => self.next().await,
            };
            match next {
                Some(Command::Append(payload, reply)) => {
                    let group = self.gather((payload, reply), &mut deferred).await;
                    self.append(group);
                }
                Some(Command::Peek {
                    after,
                    max_records,
                    max_bytes,
                    reply,
                }) => {
                    let read = self.journal.peek(after, max_records, max_bytes);
                    self.publish();
                    answer(
                        reply,
                        read.map(|read| {
                            read.into_iter()
                                .map(|(seq, payload)| Spooled { seq, payload })
                                .collect()
                        }),
                    );
                }
                Some(Command::Acknowledge(seqs, reply)) => {
                    let done = self.journal.acknowledge(&seqs);
                    self.publish();
                    answer(reply, done);
                }
                Some(Command::Quarantine(seq, reason, reply)) => {
                    let done = self.journal.quarantine(seq, &reason);
                    self.publish();
                    answer(reply, done);
                }
                Some(Command::AdoptOrphans(reply)) => {
                    let done =
                        adoption::adopt_orphans(&mut self.journal, &self.root, &self.fingerprint);
                    self.publish();
                    answer(reply, done);
                }
                Some(Command::Close(reply)) => break Some(reply),
                None => break None,
            }
        };
        // The file first, then the lock: nobody may find the directory free while the file is still open.
        drop(self.journal);
        drop(self.directory);
        if let Some(reply) = closed {
            answer(reply, Ok(()));
        }
    }

    /// The next command; space is given back and bounds are judged anew while there is none.
    async fn next(&mut self) -> Option<Command> {
        loop {
            if self.journal.wants_compaction() {
                match self.commands.try_recv() {
                    Ok(command) => return Some(command),
                    Err(mpsc::error::TryRecvError::Disconnected) => return None,
                    Err(mpsc::error::TryRecvError::Empty) => self.journal.compact(),
                }
                continue;
            }
            if self.status.borrow().full.is_none() {
                return self.commands.recv().await;
            }
            if let Ok(command) = timeout(FULL_CHECK, self.commands.recv()).await {
                return command;
            }
            self.journal.reconsider();
            self.publish();
        }
    }

    /// Payloads that arrive close behind the first share its fsync. Any other command ends the group and follows it.
    async fn gather(
        &mut self,
        first: (Box<Payload>, Reply<u64>),
        deferred: &mut VecDeque<Command>,
    ) -> Vec<(Box<Payload>, Reply<u64>)> {
        let deadline = Instant::now() + self.commit_delay;
        let mut group = vec![first];
        while group.len() < self.commit_records && deferred.is_empty() {
            match timeout_at(deadline, self.commands.recv()).await {
                Ok(Some(Command::Append(payload, reply))) => group.push((payload, reply)),
                Ok(Some(other)) => deferred.push_back(other),
                Ok(None) | Err(_) => break,
            }
        }
        group
    }

    fn append(&mut self, group: Vec<(Box<Payload>, Reply<u64>)>) {
        let spooled_at = Utc::now();
        let mut records = Vec::with_capacity(group.len());
        let mut replies = Vec::with_capacity(group.len());
        for (payload, reply) in group {
            match Record::encode(&payload, spooled_at) {
                Ok(record) => {
                    records.push(record);
                    replies.push(reply);
                }
                Err(error) => answer(reply, Err(error)),
            }
        }
        let outcomes = self.journal.append(&records);
        self.publish();
        for (reply, outcome) in replies.into_iter().zip(outcomes) {
            answer(reply, outcome);
        }
    }

    fn publish(&self) {
        let status = self.journal.status();
        self.status.send_if_modified(|published| {
            let changed = *published != status;
            if changed {
                published.clone_from(&status);
            }
            changed
        });
    }
}

/// Answer; whoever asked may have gone, and what was done for them stands.
fn answer<T>(reply: Reply<T>, outcome: Result<T, SpoolError>) {
    drop(reply.send(outcome));
}
