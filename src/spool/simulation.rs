//! A simulated disk with faults.
//!
//! The disk behaves like the ones that lose data: a write is in the cache until synced; a power cut keeps some of the
//! cache and may tear the last frame; a failed fsync throws the cache away and says yes when asked again; behind a
//! torn frame nothing can be read.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::rc::Rc;

use chrono::{DateTime, TimeDelta, Utc};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use uuid::Uuid;

use super::record::Record;
use super::store::{Fault, Head, Inserted, Quarantined, SpoolDisk, SpoolStore, StoreError, Totals};

/// One change in a frame.
#[derive(Clone)]
enum Op {
    Insert(u64, Record),
    Remove(u64),
    PutAside(u64, String, DateTime<Utc>),
    Dropped(u64),
    InsertQuarantined(Quarantined),
    RemoveQuarantined(Uuid),
}

/// One transaction on the platter; a torn one cannot be read.
#[derive(Clone)]
struct Frame {
    ops: Vec<Op>,
    whole: bool,
}

/// What the frames add up to.
#[derive(Clone, Default)]
pub(crate) struct State {
    pub records: BTreeMap<u64, Record>,
    pub quarantine: BTreeMap<Uuid, Quarantined>,
    pub dropped: u64,
    pub highest: u64,
}

impl State {
    fn apply(&mut self, op: &Op) {
        match op {
            Op::Insert(seq, record) => {
                self.highest = self.highest.max(*seq);
                self.records.insert(*seq, record.clone());
            }
            Op::Remove(seq) => drop(self.records.remove(seq)),
            Op::PutAside(seq, reason, at) => {
                if let Some(record) = self.records.remove(seq) {
                    self.quarantine
                        .entry(record.fetch_id)
                        .or_insert(Quarantined {
                            record,
                            reason: reason.clone(),
                            at: *at,
                        });
                }
            }
            Op::Dropped(records) => self.dropped += records,
            Op::InsertQuarantined(quarantined) => {
                self.quarantine
                    .entry(quarantined.record.fetch_id)
                    .or_insert_with(|| quarantined.clone());
            }
            Op::RemoveQuarantined(fetch_id) => drop(self.quarantine.remove(fetch_id)),
        }
    }
}

/// How often each fault strikes, in a thousand calls.
#[derive(Clone, Copy, Default)]
pub(crate) struct Faults {
    pub full: u32,
    pub io: u32,
    pub corrupt: u32,
    pub power_cut: u32,
    /// Sabotage: commits that never sync.
    pub no_fsync: bool,
}

pub(crate) struct Disk {
    durable: Vec<Frame>,
    cache: Vec<Frame>,
    pub aside: Vec<State>,
    pub faults: Faults,
    rng: ChaCha8Rng,
    powered: bool,
    pub now: DateTime<Utc>,
    pub free: u64,
}

impl Disk {
    fn strikes(&mut self, per_mille: u32) -> bool {
        self.rng.random_range(0..1_000) < per_mille
    }

    /// A call that touches the disk and may fail.
    fn touch(&mut self) -> Result<(), StoreError> {
        self.now += TimeDelta::milliseconds(3);
        if !self.powered || self.strikes(self.faults.io) {
            return Err(error(Fault::Io));
        }
        if self.strikes(self.faults.corrupt) {
            return Err(error(Fault::Corrupt));
        }
        Ok(())
    }

    /// What becomes of the cache when nobody syncs it: some frames arrive, the next may arrive torn.
    fn lose_cache(&mut self) {
        let arrived = self.rng.random_range(0..=self.cache.len());
        let torn = self.rng.random_bool(0.5);
        let lost = self.cache.split_off(arrived);
        self.durable.append(&mut self.cache);
        if let Some(frame) = lost.into_iter().next()
            && torn
        {
            self.durable.push(Frame {
                ops: frame.ops,
                whole: false,
            });
        }
    }

    /// What can be read back.
    pub fn state(&self) -> State {
        let mut state = State::default();
        for frame in self.durable.iter().take_while(|frame| frame.whole) {
            frame.ops.iter().for_each(|op| state.apply(op));
        }
        state
    }
}

fn error(fault: Fault) -> StoreError {
    StoreError {
        fault,
        reason: format!("simulated {fault:?}"),
    }
}

#[derive(Clone)]
pub(crate) struct SimulatedDisk(pub Rc<RefCell<Disk>>);

impl SimulatedDisk {
    pub fn new(seed: u64, faults: Faults) -> Self {
        Self(Rc::new(RefCell::new(Disk {
            durable: Vec::new(),
            cache: Vec::new(),
            aside: Vec::new(),
            faults,
            rng: ChaCha8Rng::seed_from_u64(seed),
            powered: true,
            now: DateTime::from_timestamp(1_752_361_327, 0).unwrap(),
            free: u64::MAX,
        })))
    }

    /// The power goes and comes back.
    pub fn power_cycle(&self) {
        let mut disk = self.0.borrow_mut();
        disk.lose_cache();
        disk.powered = true;
    }

    pub fn without_faults(&self) {
        self.0.borrow_mut().faults = Faults::default();
    }
}

pub(crate) struct SimulatedStore {
    disk: Rc<RefCell<Disk>>,
    committed: State,
    state: State,
    staged: Vec<Op>,
}

impl SimulatedStore {
    fn stage(&mut self, op: Op) -> Result<(), StoreError> {
        self.disk.borrow_mut().touch()?;
        self.state.apply(&op);
        self.staged.push(op);
        Ok(())
    }
}

impl SpoolDisk for SimulatedDisk {
    type Store = SimulatedStore;

    fn open(&mut self, floor: u64) -> Result<SimulatedStore, StoreError> {
        let mut disk = self.0.borrow_mut();
        disk.touch()?;
        // Nobody syncs for a handle that was dropped.
        disk.lose_cache();
        let keep = disk.durable.iter().take_while(|frame| frame.whole).count();
        disk.durable.truncate(keep);
        let mut state = disk.state();
        state.highest = state.highest.max(floor);
        Ok(SimulatedStore {
            disk: Rc::clone(&self.0),
            committed: state.clone(),
            state,
            staged: Vec::new(),
        })
    }

    fn set_aside(&mut self) -> Result<PathBuf, StoreError> {
        let mut disk = self.0.borrow_mut();
        let state = disk.state();
        disk.aside.push(state);
        disk.durable.clear();
        disk.cache.clear();
        Ok("aside".into())
    }

    fn free_bytes(&self) -> Option<u64> {
        Some(self.0.borrow().free)
    }

    fn now(&self) -> DateTime<Utc> {
        self.0.borrow().now
    }

    fn path(&self) -> PathBuf {
        "simulated".into()
    }
}

impl SpoolStore for SimulatedStore {
    fn insert(&mut self, record: &Record) -> Result<Inserted, StoreError> {
        let known = self
            .state
            .records
            .iter()
            .find(|(_, waiting)| waiting.fetch_id == record.fetch_id);
        if let Some((seq, _)) = known {
            return Ok(Inserted::Known(*seq));
        }
        let seq = self.state.highest + 1;
        self.stage(Op::Insert(seq, record.clone()))?;
        Ok(Inserted::New(seq))
    }

    fn remove(&mut self, seqs: &[u64]) -> Result<(u64, u64), StoreError> {
        let mut removed = (0, 0);
        for seq in seqs {
            if let Some(bytes) = self.state.records.get(seq).map(Record::stored_bytes) {
                self.stage(Op::Remove(*seq))?;
                removed.0 += 1;
                removed.1 += bytes;
            }
        }
        Ok(removed)
    }

    fn put_aside(
        &mut self,
        seq: u64,
        reason: &str,
        at: DateTime<Utc>,
    ) -> Result<Option<u64>, StoreError> {
        let bytes = self.state.records.get(&seq).map(Record::stored_bytes);
        self.stage(Op::PutAside(seq, reason.into(), at))?;
        Ok(bytes)
    }

    fn count_dropped(&mut self, records: u64) -> Result<(), StoreError> {
        self.stage(Op::Dropped(records))
    }

    fn insert_quarantined(&mut self, quarantined: &Quarantined) -> Result<bool, StoreError> {
        let known = self
            .state
            .quarantine
            .contains_key(&quarantined.record.fetch_id);
        self.stage(Op::InsertQuarantined(quarantined.clone()))?;
        Ok(!known)
    }

    fn remove_quarantined(&mut self, fetch_id: Uuid) -> Result<(), StoreError> {
        self.stage(Op::RemoveQuarantined(fetch_id))
    }

    fn commit(&mut self) -> Result<(), StoreError> {
        let mut disk = self.disk.borrow_mut();
        let faults = disk.faults;
        disk.touch()?;
        if disk.strikes(faults.full) {
            return Err(error(Fault::Full));
        }
        if !self.staged.is_empty() {
            let ops = std::mem::take(&mut self.staged);
            disk.cache.push(Frame { ops, whole: true });
        }
        if disk.strikes(faults.power_cut) {
            disk.powered = false;
            return Err(error(Fault::Io));
        }
        if disk.strikes(faults.io) {
            // The cache is gone, and the next sync of this handle will say that all is well.
            disk.lose_cache();
            return Err(error(Fault::Io));
        }
        if !faults.no_fsync {
            let mut cache = std::mem::take(&mut disk.cache);
            disk.durable.append(&mut cache);
        }
        self.committed = self.state.clone();
        Ok(())
    }

    fn rollback(&mut self) {
        self.staged.clear();
        self.state = self.committed.clone();
    }

    fn read(
        &mut self,
        after: u64,
        max_records: usize,
        max_bytes: u64,
    ) -> Result<Vec<(u64, Record)>, StoreError> {
        self.disk.borrow_mut().touch()?;
        let mut bytes = 0;
        let mut read: Vec<(u64, Record)> = Vec::new();
        for (seq, record) in self.state.records.range(after + 1..).take(max_records) {
            bytes += record.body_bytes;
            if bytes > max_bytes && !read.is_empty() {
                break;
            }
            read.push((*seq, record.clone()));
        }
        Ok(read)
    }

    fn heads(&mut self, limit: usize) -> Result<Vec<Head>, StoreError> {
        self.disk.borrow_mut().touch()?;
        let head = |(seq, record): (&u64, &Record)| Head {
            seq: *seq,
            stored_bytes: record.stored_bytes(),
            observed_at: record.observed_at,
            spooled_at: record.spooled_at,
        };
        Ok(self.state.records.iter().take(limit).map(head).collect())
    }

    fn quarantined(&mut self, limit: usize) -> Result<Vec<Quarantined>, StoreError> {
        self.disk.borrow_mut().touch()?;
        Ok(self
            .state
            .quarantine
            .values()
            .take(limit)
            .cloned()
            .collect())
    }

    fn totals(&mut self) -> Result<Totals, StoreError> {
        Ok(Totals {
            depth: self.state.records.len() as u64,
            bytes: self.state.records.values().map(Record::stored_bytes).sum(),
            quarantined: self.state.quarantine.len() as u64,
            dropped: self.state.dropped,
            highest: self.state.highest,
        })
    }

    fn compact(&mut self) -> Result<bool, StoreError> {
        self.disk.borrow_mut().touch()?;
        Ok(false)
    }
}
