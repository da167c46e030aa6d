//! What the spool's logic asks of a disk. `SQLite` answers in the program, a simulation with faults in tests.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::record::Record;

/// What kind of failure it was: each has its own answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// No space: the handle is good, the transaction is rolled back, a smaller write may succeed.
    Full,
    /// Another connection holds the file: try later.
    Busy,
    /// Read, write or fsync failed: the handle must go, for a repeated fsync may lie.
    Io,
    /// The file is damaged: set it aside.
    Corrupt,
    /// Written by a later version: leave it alone.
    Newer { found: i64, known: i64 },
    /// A bug or a misuse.
    Other,
}

/// A failed call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoreError {
    pub fault: Fault,
    pub reason: String,
}

/// What lies in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Totals {
    /// Records waiting.
    pub depth: u64,
    /// Bytes they are charged with.
    pub bytes: u64,
    /// Records put aside.
    pub quarantined: u64,
    /// Records dropped so far because the spool was full.
    pub dropped: u64,
    /// Highest sequence number ever given.
    pub highest: u64,
}

/// What came of an insert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Inserted {
    /// Added under this sequence number.
    New(u64),
    /// It waits already under this one.
    Known(u64),
}

/// A waiting record without its body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head {
    pub seq: u64,
    pub stored_bytes: u64,
    pub observed_at: DateTime<Utc>,
    pub spooled_at: DateTime<Utc>,
}

/// A record put aside, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Quarantined {
    pub record: Record,
    pub reason: String,
    pub at: DateTime<Utc>,
}

/// An open spool file. Changes gather in one transaction until [`SpoolStore::commit`]; only its `Ok` makes them durable.
pub(crate) trait SpoolStore {
    /// Add a record at the end, unless one with its `fetch_id` waits already.
    fn insert(&mut self, record: &Record) -> Result<Inserted, StoreError>;

    /// Remove waiting records; returns count and bytes of those that were there.
    fn remove(&mut self, seqs: &[u64]) -> Result<(u64, u64), StoreError>;

    /// Move a waiting record to the quarantine; returns its bytes, none when it was not there.
    fn put_aside(
        &mut self,
        seq: u64,
        reason: &str,
        at: DateTime<Utc>,
    ) -> Result<Option<u64>, StoreError>;

    /// Add to the count of dropped records.
    fn count_dropped(&mut self, records: u64) -> Result<(), StoreError>;

    /// Add to the quarantine; false when its `fetch_id` is there already.
    fn insert_quarantined(&mut self, quarantined: &Quarantined) -> Result<bool, StoreError>;

    /// Remove from the quarantine.
    fn remove_quarantined(&mut self, fetch_id: Uuid) -> Result<(), StoreError>;

    /// Make everything since the last commit durable, all or nothing.
    fn commit(&mut self) -> Result<(), StoreError>;

    /// Forget everything since the last commit.
    fn rollback(&mut self);

    /// Records after `after` in order: at most `max_records`, and at most `max_bytes` of uncompressed bodies but never
    /// fewer than one while one waits.
    fn read(
        &mut self,
        after: u64,
        max_records: usize,
        max_bytes: u64,
    ) -> Result<Vec<(u64, Record)>, StoreError>;

    /// The first `limit` waiting records.
    fn heads(&mut self, limit: usize) -> Result<Vec<Head>, StoreError>;

    /// The first `limit` records of the quarantine.
    fn quarantined(&mut self, limit: usize) -> Result<Vec<Quarantined>, StoreError>;

    /// Count everything.
    fn totals(&mut self) -> Result<Totals, StoreError>;

    /// Give some freed space back to the disk; true while there is more to give.
    fn compact(&mut self) -> Result<bool, StoreError>;
}

/// Where a spool file lives.
pub(crate) trait SpoolDisk {
    /// The open file.
    type Store: SpoolStore;

    /// Open and check the file, making it when absent. New sequence numbers begin above `floor`.
    fn open(&mut self, floor: u64) -> Result<Self::Store, StoreError>;

    /// Rename a damaged file aside; returns its new path.
    fn set_aside(&mut self) -> Result<PathBuf, StoreError>;

    /// Bytes free for us; none when the system does not say.
    fn free_bytes(&self) -> Option<u64>;

    /// This machine's clock.
    fn now(&self) -> DateTime<Utc>;

    /// The file.
    fn path(&self) -> PathBuf;
}
