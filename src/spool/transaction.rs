//! What one transaction changes.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::bounds::Pressure;
use super::record::Record;
use super::store::{Inserted, SpoolStore, StoreError};

/// Records read in one step when many are handled.
pub(crate) const STEP_RECORDS: usize = 64;

/// What a transaction did to the totals, applied once it is durable.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Change {
    pub added: (u64, u64),
    pub removed: (u64, u64),
    pub dropped: u64,
    pub quarantined: u64,
    pub highest: u64,
}

impl Change {
    /// A record was inserted; returns its place.
    pub fn insert(&mut self, inserted: Inserted, record: &Record) -> u64 {
        match inserted {
            Inserted::New(seq) => {
                self.added.0 += 1;
                self.added.1 += record.stored_bytes();
                self.highest = self.highest.max(seq);
                seq
            }
            Inserted::Known(seq) => seq,
        }
    }
}

/// What must be dropped before a group is written; nothing unless `drop_oldest` is set.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Room {
    pub bytes: u64,
    pub max_age: Option<Duration>,
}

impl Room {
    /// Room for `incoming` bytes, which break the bound `pressure` tells.
    pub fn make(&mut self, pressure: &Pressure, incoming: u64) {
        match pressure {
            Pressure::Bytes(over) => self.bytes = self.bytes.max(*over),
            // What is dropped is reused by what comes, so that the file does not grow.
            Pressure::Space { .. } => self.bytes = self.bytes.max(incoming),
            Pressure::Age(_) => {}
        }
    }

    /// Drop from the head of the queue, within the transaction that brings what comes instead.
    pub fn drop_oldest(
        self,
        store: &mut impl SpoolStore,
        now: DateTime<Utc>,
        change: &mut Change,
    ) -> Result<(), StoreError> {
        let mut left = self.bytes;
        loop {
            let heads = store.heads(STEP_RECORDS)?;
            let mut seqs = Vec::new();
            for head in &heads {
                let too_old = self.max_age.is_some_and(|age| {
                    (now - head.spooled_at)
                        .to_std()
                        .is_ok_and(|waited| waited > age)
                });
                if left == 0 && !too_old {
                    break;
                }
                left = left.saturating_sub(head.stored_bytes);
                seqs.push(head.seq);
            }
            let (records, bytes) = store.remove(&seqs)?;
            change.removed.0 += records;
            change.removed.1 += bytes;
            change.dropped += records;
            if seqs.len() < STEP_RECORDS {
                break;
            }
        }
        if change.dropped > 0 {
            store.count_dropped(change.dropped)?;
            tracing::warn!(
                records = change.dropped,
                "the spool is full: the oldest payloads are dropped (spool.when_full)"
            );
        }
        Ok(())
    }
}
