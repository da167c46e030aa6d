//! The spool's logic over any store: what is accepted, what is acknowledged, and what follows a fault.

use chrono::{DateTime, TimeDelta, Utc};

use crate::config::settings::{self, WhenFull};
use crate::domain::clean::clean;
use crate::domain::payload::Payload;

use super::bounds::{Measure, Pressure, disk_full_sentence};
use super::error::SpoolError;
use super::record::Record;
use super::status::SpoolStatus;
use super::store::{Fault, SpoolDisk, SpoolStore, StoreError, Totals};
use super::transaction::{Change, Room, STEP_RECORDS};

/// Uncompressed bytes read in one step when many are handled.
const STEP_BYTES: u64 = 8 << 20;

/// How long after the disk said "full" it is tried again.
const BLOCKED_FOR: TimeDelta = TimeDelta::seconds(2);

/// Characters kept of a reason.
const REASON_LENGTH: usize = 300;

/// The queue of payloads on one disk.
pub(crate) struct Journal<D: SpoolDisk> {
    disk: D,
    /// None between an I/O fault and the reopening that follows.
    store: Option<D::Store>,
    bounds: settings::Spool,
    totals: Totals,
    status: SpoolStatus,
    /// Until when a disk that said "full" is believed, and the sentence: a quota is not seen in the free space.
    blocked: Option<(DateTime<Utc>, String)>,
    /// Whether freed space may still be given back.
    compacting: bool,
}

impl<D: SpoolDisk> Journal<D> {
    /// Open the file on `disk`. A damaged one is set aside; one by a later version is an error.
    pub fn open(disk: D, bounds: settings::Spool) -> Result<Self, SpoolError> {
        let mut journal = Self {
            disk,
            store: None,
            bounds,
            totals: Totals::default(),
            status: SpoolStatus::default(),
            blocked: None,
            compacting: true,
        };
        journal.ensure_open()?;
        journal.reconsider();
        Ok(journal)
    }

    /// How the queue does.
    pub fn status(&self) -> SpoolStatus {
        self.status.clone()
    }

    /// Add a group of records in one commit. `Ok` means durable; an `Err` promises nothing.
    pub fn append(&mut self, records: &[Record]) -> Vec<Result<u64, SpoolError>> {
        if let Err(error) = self.ensure_open() {
            return records.iter().map(|_| Err(error.clone())).collect();
        }
        let (verdicts, room) = self.admit(records);
        let admitted: Vec<&Record> = records
            .iter()
            .zip(&verdicts)
            .filter_map(|(record, verdict)| verdict.is_ok().then_some(record))
            .collect();
        let written = if admitted.is_empty() {
            Ok(Vec::new())
        } else {
            self.write(&admitted, room)
        };
        self.reconsider();
        let mut seqs = written.map(Vec::into_iter);
        verdicts
            .into_iter()
            .map(|verdict| {
                verdict?;
                match &mut seqs {
                    Ok(seqs) => seqs.next().ok_or(SpoolError::Closed),
                    Err(error) => Err(error.clone()),
                }
            })
            .collect()
    }

    /// Payloads after `after` in order: at most `max_records`, and about `max_bytes` of bodies but at least one. What
    /// cannot be read back is put aside, so that it never blocks the queue.
    pub fn peek(
        &mut self,
        after: u64,
        max_records: usize,
        max_bytes: u64,
    ) -> Result<Vec<(u64, Payload)>, SpoolError> {
        let mut after = after;
        loop {
            let read = self.attempt(|store| store.read(after, max_records, max_bytes))?;
            let Some((last, _)) = read.last() else {
                return Ok(Vec::new());
            };
            after = *last;
            let mut good = Vec::with_capacity(read.len());
            for (seq, record) in &read {
                match record.decode() {
                    Ok(payload) => good.push((*seq, payload)),
                    Err(reason) => {
                        tracing::warn!(
                            seq,
                            reason,
                            "a payload in the spool cannot be read and was put aside"
                        );
                        self.quarantine(*seq, &reason)?;
                    }
                }
            }
            if !good.is_empty() {
                return Ok(good);
            }
        }
    }

    /// Remove what Postgres has committed; returns how many were still there.
    pub fn acknowledge(&mut self, seqs: &[u64]) -> Result<u64, SpoolError> {
        let removed = self.attempt(|store| {
            let removed = store.remove(seqs)?;
            store.commit()?;
            Ok(removed)
        })?;
        self.status.acknowledged += removed.0;
        self.apply(Change {
            removed,
            ..Change::default()
        });
        self.compacting |= self.totals.depth == 0 && removed.0 > 0;
        self.reconsider();
        Ok(removed.0)
    }

    /// Put a record aside; false when it was not waiting.
    pub fn quarantine(&mut self, seq: u64, reason: &str) -> Result<bool, SpoolError> {
        let reason = clean(reason, REASON_LENGTH);
        let now = self.disk.now();
        let moved = self.attempt(|store| {
            let moved = store.put_aside(seq, &reason, now)?;
            store.commit()?;
            Ok(moved)
        })?;
        if let Some(bytes) = moved {
            self.apply(Change {
                removed: (1, bytes),
                quarantined: 1,
                ..Change::default()
            });
        }
        self.reconsider();
        Ok(moved.is_some())
    }

    /// Move everything out of `other`, in its order. Each step is durable here before it leaves there, so a crash
    /// between the two leaves a record in both, and the next adoption finds it by its `fetch_id`. Bounds do not
    /// apply: the bytes are on the disk already.
    pub fn adopt(&mut self, other: &mut impl SpoolStore) -> Result<u64, SpoolError> {
        let path = self.disk.path();
        let theirs = |error: StoreError| SpoolError::disk(&path, error.reason);
        let mut moved = 0;
        loop {
            let step = other.read(0, STEP_RECORDS, STEP_BYTES).map_err(theirs)?;
            if step.is_empty() {
                break;
            }
            let change = self.attempt(|store| {
                let mut change = Change::default();
                for (_, record) in &step {
                    change.insert(store.insert(record)?, record);
                }
                store.commit()?;
                Ok(change)
            })?;
            moved += change.added.0;
            self.apply(change);
            let seqs: Vec<u64> = step.iter().map(|(seq, _)| *seq).collect();
            other.remove(&seqs).map_err(theirs)?;
            other.commit().map_err(theirs)?;
        }
        loop {
            let step = other.quarantined(STEP_RECORDS).map_err(theirs)?;
            if step.is_empty() {
                break;
            }
            let quarantined = self.attempt(|store| {
                let mut added = 0;
                for quarantined in &step {
                    added += u64::from(store.insert_quarantined(quarantined)?);
                }
                store.commit()?;
                Ok(added)
            })?;
            self.apply(Change {
                quarantined,
                ..Change::default()
            });
            for quarantined in &step {
                other
                    .remove_quarantined(quarantined.record.fetch_id)
                    .map_err(theirs)?;
            }
            other.commit().map_err(theirs)?;
        }
        self.reconsider();
        Ok(moved)
    }

    /// Whether there is space to give back.
    pub fn wants_compaction(&self) -> bool {
        self.compacting && self.totals.depth == 0
    }

    /// Give some freed space back.
    pub fn compact(&mut self) {
        // A failure costs nothing but space; the next drain tries again.
        self.compacting = self.attempt(SpoolStore::compact).unwrap_or(false);
    }

    /// Judge the bounds anew: after a change, and from time to time while full, since space may come from elsewhere.
    pub fn reconsider(&mut self) {
        let measure = self.measure();
        let was_full = self.status.full.is_some();
        if self
            .blocked
            .as_ref()
            .is_some_and(|(until, _)| *until <= measure.now)
        {
            self.blocked = None;
        }
        self.status.full = match (&self.blocked, self.bounds.when_full) {
            (Some((_, sentence)), _) => Some(sentence.clone()),
            (None, WhenFull::StopPolling) => Pressure::of(&self.bounds, &measure, 0, was_full)
                .map(|pressure| pressure.sentence(&self.bounds, &measure)),
            (None, WhenFull::DropOldest) => None,
        };
        self.status.depth = self.totals.depth;
        self.status.bytes = self.totals.bytes;
        self.status.dropped = self.totals.dropped;
        self.status.quarantined = self.totals.quarantined;
        self.status.oldest = measure.head.map(|head| head.observed_at);
    }

    fn measure(&mut self) -> Measure {
        let heads = self.store.as_mut().and_then(|store| store.heads(1).ok());
        Measure {
            totals: self.totals,
            head: heads.and_then(|heads| heads.first().copied()),
            free: self.disk.free_bytes(),
            now: self.disk.now(),
        }
    }

    /// Judge a group against the bounds; returns a verdict each, and how many bytes must go first.
    fn admit(&mut self, records: &[Record]) -> (Vec<Result<(), SpoolError>>, Room) {
        let measure = self.measure();
        let mut room = Room::default();
        if self.bounds.when_full == WhenFull::DropOldest
            && Pressure::of_age(&self.bounds, &measure).is_some()
        {
            room.max_age = Some(self.bounds.max_age);
        }
        let mut incoming = 0;
        let verdicts = records
            .iter()
            .map(|record| {
                let size = record.stored_bytes();
                self.fits_alone(record, size)?;
                let was_full = self.status.full.is_some();
                let wanted = incoming + size;
                if let Some(pressure) = Pressure::of(&self.bounds, &measure, wanted, was_full) {
                    let sentence = pressure.sentence(&self.bounds, &measure);
                    if self.bounds.when_full == WhenFull::StopPolling {
                        self.status.full = Some(sentence.clone());
                        return Err(SpoolError::Full(sentence));
                    }
                    if wanted > self.bounds.max_bytes {
                        return Err(SpoolError::Full(sentence));
                    }
                    room.make(&pressure, wanted);
                }
                incoming = wanted;
                Ok(())
            })
            .collect();
        (verdicts, room)
    }

    /// Bounds on a single payload, which no waiting would change.
    fn fits_alone(&self, record: &Record, size: u64) -> Result<(), SpoolError> {
        if record.body_bytes > self.bounds.max_record_bytes {
            return Err(SpoolError::TooLarge {
                bytes: record.body_bytes,
                limit: self.bounds.max_record_bytes,
                setting: "spool.max_record_bytes",
            });
        }
        if size > self.bounds.max_bytes {
            return Err(SpoolError::TooLarge {
                bytes: size,
                limit: self.bounds.max_bytes,
                setting: "spool.max_bytes",
            });
        }
        Ok(())
    }

    /// One transaction: drop what must go, add what was admitted, commit.
    fn write(&mut self, admitted: &[&Record], room: Room) -> Result<Vec<u64>, SpoolError> {
        let outcome = match self.write_once(admitted, room) {
            // The records are still in our hands and the file is a new one: this is no repeated fsync.
            Err(SpoolError::Corrupt { .. }) => self.write_once(admitted, room),
            // The bounds allowed it but the disk did not: old payloads give up their pages.
            Err(SpoolError::Full(_)) if self.bounds.when_full == WhenFull::DropOldest => {
                let bytes = admitted.iter().map(|record| record.stored_bytes()).sum();
                self.write_once(
                    admitted,
                    Room {
                        bytes: room.bytes.max(bytes),
                        ..room
                    },
                )
            }
            outcome => outcome,
        };
        if outcome.is_ok() {
            self.status.appended += admitted.len() as u64;
        }
        outcome
    }

    fn write_once(&mut self, admitted: &[&Record], room: Room) -> Result<Vec<u64>, SpoolError> {
        let now = self.disk.now();
        let (seqs, change) = self.attempt(|store| {
            let mut change = Change::default();
            room.drop_oldest(store, now, &mut change)?;
            let mut seqs = Vec::with_capacity(admitted.len());
            for record in admitted {
                seqs.push(change.insert(store.insert(record)?, record));
            }
            store.commit()?;
            Ok((seqs, change))
        })?;
        self.apply(change);
        Ok(seqs)
    }

    fn apply(&mut self, change: Change) {
        let totals = &mut self.totals;
        totals.depth = (totals.depth + change.added.0).saturating_sub(change.removed.0);
        totals.bytes = (totals.bytes + change.added.1).saturating_sub(change.removed.1);
        totals.dropped += change.dropped;
        totals.quarantined += change.quarantined;
        totals.highest = totals.highest.max(change.highest);
    }

    /// Run `work`, which commits what it changes, and answer its faults.
    fn attempt<T>(
        &mut self,
        work: impl FnOnce(&mut D::Store) -> Result<T, StoreError>,
    ) -> Result<T, SpoolError> {
        self.ensure_open()?;
        let Some(store) = &mut self.store else {
            return Err(SpoolError::Closed);
        };
        let error = match work(store) {
            Ok(done) => return Ok(done),
            Err(error) => error,
        };
        match error.fault {
            Fault::Full => {
                store.rollback();
                let sentence = disk_full_sentence(&error.reason);
                self.blocked = Some((self.disk.now() + BLOCKED_FOR, sentence.clone()));
                Err(SpoolError::Full(sentence))
            }
            Fault::Busy | Fault::Other | Fault::Newer { .. } => {
                store.rollback();
                Err(SpoolError::disk(self.disk.path(), error.reason))
            }
            Fault::Io => {
                // A second fsync may say yes to pages the kernel has already thrown away, so the handle goes and the
                // file is read anew: only what is really there counts.
                tracing::warn!(
                    reason = error.reason,
                    "the spool's disk failed; the file is opened anew"
                );
                self.store = None;
                if let Err(again) = self.ensure_open() {
                    tracing::warn!(reason = %again, "the spool could not be opened again yet");
                }
                Err(SpoolError::disk(self.disk.path(), error.reason))
            }
            Fault::Corrupt => {
                self.store = None;
                self.set_aside(&error.reason)?;
                self.ensure_open()?;
                Err(SpoolError::Corrupt {
                    reason: error.reason,
                })
            }
        }
    }

    fn ensure_open(&mut self) -> Result<(), SpoolError> {
        if self.store.is_some() {
            return Ok(());
        }
        let floor = self.totals.highest;
        let opened = match self.open_counted(floor) {
            Err(error) if error.fault == Fault::Corrupt => {
                self.set_aside(&error.reason)?;
                self.open_counted(floor)
            }
            opened => opened,
        };
        let (store, totals) = opened.map_err(|error| self.refusal(error))?;
        self.totals = Totals {
            highest: totals.highest.max(floor),
            ..totals
        };
        self.store = Some(store);
        Ok(())
    }

    fn open_counted(&mut self, floor: u64) -> Result<(D::Store, Totals), StoreError> {
        let mut store = self.disk.open(floor)?;
        let totals = store.totals()?;
        Ok((store, totals))
    }

    fn set_aside(&mut self, reason: &str) -> Result<(), SpoolError> {
        let aside = self
            .disk
            .set_aside()
            .map_err(|error| SpoolError::disk(self.disk.path(), error.reason))?;
        let sentence = format!(
            "the spool file was damaged ({reason}) and was set aside as {}; `linetape spool recover` reads what can still be read",
            aside.display()
        );
        tracing::warn!("{sentence}");
        self.status.set_aside = Some(sentence);
        Ok(())
    }

    fn refusal(&self, error: StoreError) -> SpoolError {
        match error.fault {
            Fault::Newer { found, known } => SpoolError::Newer {
                path: self.disk.path(),
                found,
                known,
            },
            Fault::Full => SpoolError::Full(disk_full_sentence(&error.reason)),
            _ => SpoolError::disk(self.disk.path(), error.reason),
        }
    }
}
