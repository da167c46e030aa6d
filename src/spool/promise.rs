//! The promise, held over many seeds of a disk with faults: nothing acknowledged is lost, nothing is there twice.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::TimeDelta;
use proptest::prelude::*;
use uuid::Uuid;

use super::error::SpoolError;
use super::journal::Journal;
use super::record::{Record, tests::payload};
use super::simulation::{Faults, SimulatedDisk};
use super::store::SpoolDisk;
use crate::config::settings::{self, WhenFull};

/// What a run does.
#[derive(Debug, Clone)]
enum Step {
    /// Append this many new payloads in one group; a refused one is tried again when `again`.
    Append { payloads: u8, again: bool },
    /// Read up to this many, commit them elsewhere, acknowledge them.
    Drain(u8),
    /// Put the head of the queue aside.
    Quarantine,
    /// The power goes; the next process opens the file.
    PowerCut,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => (1..6_u8, any::<bool>()).prop_map(|(payloads, again)| Step::Append { payloads, again }),
        3 => (1..8_u8).prop_map(Step::Drain),
        1 => Just(Step::Quarantine),
        1 => Just(Step::PowerCut),
    ];
    proptest::collection::vec(step, 1..40)
}

/// What must be true, kept outside the journal.
#[derive(Default)]
struct Ledger {
    /// Acknowledged to the fetcher: fetch id by place.
    acknowledged: BTreeMap<u64, Uuid>,
    /// Committed elsewhere.
    drained: BTreeSet<Uuid>,
    /// Removed with an `Ok`: must never come back.
    removed: BTreeSet<Uuid>,
    quarantined: BTreeSet<Uuid>,
}

fn bounds(when_full: WhenFull) -> settings::Spool {
    settings::Spool {
        // Some ten payloads, so that runs meet the bound.
        max_bytes: 4_000,
        max_age: Duration::from_hours(1),
        when_full,
        ..settings::Spool::default()
    }
}

fn reopen(disk: &SimulatedDisk, when_full: WhenFull) -> Journal<SimulatedDisk> {
    loop {
        disk.power_cycle();
        if let Ok(journal) = Journal::open(disk.clone(), bounds(when_full)) {
            return journal;
        }
    }
}

fn record(n: u128, disk: &SimulatedDisk) -> Record {
    let body = vec![b'x'; 5 + (n % 40) as usize];
    Record::encode(&payload(n, &body), disk.now()).unwrap()
}

/// Play `steps` on a disk with `faults`; the error says which promise was broken.
fn play(steps: &[Step], seed: u64, faults: Faults, when_full: WhenFull) -> Result<(), String> {
    let disk = SimulatedDisk::new(seed, faults);
    let mut journal = reopen(&disk, when_full);
    let mut ledger = Ledger::default();
    let mut next = 1;
    for step in steps {
        match step {
            Step::Append { payloads, again } => {
                let group: Vec<Record> = (0..*payloads)
                    .map(|n| record(next + u128::from(n), &disk))
                    .collect();
                next += u128::from(*payloads);
                let outcomes = journal.append(&group);
                let mut refused = Vec::new();
                for (record, outcome) in group.into_iter().zip(outcomes) {
                    match outcome {
                        Ok(seq) => drop(ledger.acknowledged.insert(seq, record.fetch_id)),
                        Err(_) => refused.push(record),
                    }
                }
                if *again {
                    for record in refused {
                        if let Some(Ok(seq)) = journal.append(std::slice::from_ref(&record)).pop() {
                            ledger.acknowledged.insert(seq, record.fetch_id);
                        }
                    }
                }
            }
            Step::Drain(records) => {
                let Ok(read) = journal.peek(0, usize::from(*records), u64::MAX) else {
                    continue;
                };
                ledger.drained.extend(read.iter().map(|(_, p)| p.fetch_id));
                let seqs: Vec<u64> = read.iter().map(|(seq, _)| *seq).collect();
                if journal.acknowledge(&seqs).is_ok() {
                    ledger.removed.extend(read.iter().map(|(_, p)| p.fetch_id));
                }
            }
            Step::Quarantine => {
                if let Ok(read) = journal.peek(0, 1, u64::MAX)
                    && let Some((seq, payload)) = read.first()
                    && journal.quarantine(*seq, "not storable") == Ok(true)
                {
                    ledger.quarantined.insert(payload.fetch_id);
                }
            }
            Step::PowerCut => {
                drop(journal);
                journal = reopen(&disk, when_full);
            }
        }
    }
    drop(journal);
    disk.without_faults();
    ledger.check(reopen(&disk, when_full), &disk)
}

impl Ledger {
    fn check(
        &self,
        mut journal: Journal<SimulatedDisk>,
        disk: &SimulatedDisk,
    ) -> Result<(), String> {
        let remaining = journal
            .peek(0, usize::MAX, u64::MAX)
            .map_err(|error| error.to_string())?;
        let here: BTreeMap<Uuid, u64> = remaining.iter().map(|(s, p)| (p.fetch_id, *s)).collect();
        if here.len() != remaining.len() {
            return Err("a payload is there twice".into());
        }
        if !remaining.is_sorted_by(|a, b| a.0 < b.0) {
            return Err("the order is lost".into());
        }
        if let Some(back) = self.removed.iter().find(|id| here.contains_key(id)) {
            return Err(format!("{back} was removed and is back"));
        }
        let aside = disk.0.borrow().aside.clone();
        let set_aside: BTreeSet<Uuid> = aside
            .iter()
            .flat_map(|state| {
                let waiting = state.records.values().map(|record| record.fetch_id);
                waiting.chain(state.quarantine.keys().copied())
            })
            .collect();
        let quarantine = disk.0.borrow().state().quarantine;
        if let Some(lost) = self.quarantined.iter().find(|id| {
            !quarantine.contains_key(id) && !set_aside.contains(id) && !here.contains_key(id)
        }) {
            return Err(format!("{lost} left the quarantine by itself"));
        }
        let mut missing = 0;
        for (seq, id) in &self.acknowledged {
            match here.get(id) {
                Some(at) if at == seq => {}
                Some(at) => return Err(format!("{id} was acknowledged at {seq} and is at {at}")),
                None if self.drained.contains(id)
                    || quarantine.contains_key(id)
                    || set_aside.contains(id) => {}
                None => missing += 1,
            }
        }
        let status = journal.status();
        let dropped = status.dropped + aside.iter().map(|state| state.dropped).sum::<u64>();
        if missing > dropped {
            return Err(format!(
                "{missing} acknowledged payloads are missing and only {dropped} were counted as dropped"
            ));
        }
        let bytes: u64 = disk
            .0
            .borrow()
            .state()
            .records
            .values()
            .map(Record::stored_bytes)
            .sum();
        if (status.depth, status.bytes) != (remaining.len() as u64, bytes) {
            return Err(format!("the status is wrong: {status:?}"));
        }
        Ok(())
    }
}

const ALL_FAULTS: Faults = Faults {
    full: 60,
    io: 25,
    corrupt: 2,
    power_cut: 40,
    no_fsync: false,
};

fn cases(default: u32) -> ProptestConfig {
    // `PROPTEST_CASES=10000` for the long run.
    let cases = std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|cases| cases.parse().ok())
        .unwrap_or(default);
    ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(cases(1_000))]

    #[test]
    fn nothing_acknowledged_is_lost_and_nothing_is_there_twice(steps in steps(), seed: u64) {
        let played = play(&steps, seed, ALL_FAULTS, WhenFull::StopPolling);
        prop_assert!(played.is_ok(), "{played:?}");
    }

    #[test]
    fn what_is_dropped_is_counted(steps in steps(), seed: u64) {
        let played = play(&steps, seed, ALL_FAULTS, WhenFull::DropOldest);
        prop_assert!(played.is_ok(), "{played:?}");
    }
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn adoption_survives_any_crash(waiting in 1..150_u32, seed: u64) {
        let faults = Faults { corrupt: 0, ..ALL_FAULTS };
        let theirs = SimulatedDisk::new(seed, Faults::default());
        let ours = SimulatedDisk::new(seed ^ 1, faults);
        let large = || settings::Spool { max_bytes: u64::MAX, ..bounds(WhenFull::StopPolling) };
        let mut left = Journal::open(theirs.clone(), large()).unwrap();
        let records: Vec<Record> = (1..=u128::from(waiting)).map(|n| record(n, &theirs)).collect();
        prop_assert!(left.append(&records).iter().all(Result::is_ok));
        prop_assert_eq!(left.quarantine(1, "not storable"), Ok(true));
        drop(left);
        theirs.0.borrow_mut().faults = faults;
        loop {
            theirs.power_cycle();
            ours.power_cycle();
            let Ok(mut journal) = Journal::open(ours.clone(), large()) else { continue };
            let Ok(mut other) = theirs.clone().open(0) else { continue };
            if journal.adopt(&mut other).is_ok() {
                break;
            }
        }
        ours.without_faults();
        theirs.without_faults();
        prop_assert_eq!(theirs.0.borrow().state().records.len(), 0);
        let mut journal = Journal::open(ours, large()).unwrap();
        let moved = journal.peek(0, usize::MAX, u64::MAX).unwrap();
        let ids: Vec<u128> = moved.iter().map(|(_, p)| p.fetch_id.as_u128()).collect();
        prop_assert_eq!(ids, (2..=u128::from(waiting)).collect::<Vec<_>>());
        prop_assert_eq!(journal.status().quarantined, 1);
    }
}

#[test]
fn a_missing_fsync_is_noticed() {
    let faults = Faults {
        no_fsync: true,
        ..Faults::default()
    };
    let steps = [
        Step::Append {
            payloads: 5,
            again: false,
        },
        Step::PowerCut,
    ];
    let broken = (0..50)
        .filter(|seed| play(&steps, *seed, faults, WhenFull::StopPolling).is_err())
        .count();
    assert!(broken > 10, "{broken} of 50 runs lost payloads");
}

#[test]
fn a_full_disk_is_a_sentence_and_the_same_handle_goes_on() {
    let disk = SimulatedDisk::new(1, Faults::default());
    let mut journal = reopen(&disk, WhenFull::StopPolling);
    disk.0.borrow_mut().faults.full = 1_000;
    let refused = journal.append(&[record(1, &disk)]).pop().unwrap();
    assert!(matches!(refused, Err(SpoolError::Full(_))), "{refused:?}");
    assert!(journal.status().full.is_some());
    disk.without_faults();
    disk.0.borrow_mut().now += TimeDelta::seconds(3);
    journal.reconsider();
    assert_eq!(journal.status().full, None);
    assert_eq!(journal.append(&[record(1, &disk)]), [Ok(1)]);
}

#[test]
fn a_full_spool_refuses_until_a_tenth_is_free() {
    let disk = SimulatedDisk::new(1, Faults::default());
    let mut journal = reopen(&disk, WhenFull::StopPolling);
    let mut n = 0;
    let mut accepted = Vec::new();
    let refusal = loop {
        n += 1;
        match journal.append(&[record(n, &disk)]).pop().unwrap() {
            Ok(seq) => accepted.push(seq),
            Err(error) => break error,
        }
    };
    assert!(refusal.to_string().contains("spool.max_bytes"), "{refusal}");
    assert!(journal.status().bytes <= 4_000);
    assert!(journal.status().full.is_some());
    for seq in &accepted {
        let bytes = journal.status().bytes;
        assert_eq!(journal.status().full.is_some(), bytes > 3_600, "{bytes}");
        journal.acknowledge(&[*seq]).unwrap();
    }
    assert_eq!(journal.status().depth, 0);
}

#[test]
fn low_space_and_old_payloads_stop_polling() {
    let disk = SimulatedDisk::new(1, Faults::default());
    let mut journal = reopen(&disk, WhenFull::StopPolling);
    disk.0.borrow_mut().free = 1 << 20;
    let refused = journal.append(&[record(1, &disk)]).pop().unwrap();
    assert!(refused.unwrap_err().to_string().contains("min_free_bytes"));
    disk.0.borrow_mut().free = u64::MAX;
    assert_eq!(journal.append(&[record(1, &disk)]), [Ok(1)]);
    disk.0.borrow_mut().now += TimeDelta::hours(2);
    journal.reconsider();
    assert!(journal.status().full.unwrap().contains("max_age"));
}

#[test]
fn drop_oldest_makes_room_and_counts() {
    let disk = SimulatedDisk::new(1, Faults::default());
    let mut journal = reopen(&disk, WhenFull::DropOldest);
    for n in 1..=50 {
        assert_eq!(journal.append(&[record(n, &disk)]), [Ok(n as u64)]);
    }
    let status = journal.status();
    assert!(status.bytes <= 4_000 && status.full.is_none());
    assert_eq!(status.dropped + status.depth, 50);
    let first = journal.peek(0, 1, u64::MAX).unwrap().remove(0).0;
    assert_eq!(first, status.dropped + 1);
    disk.0.borrow_mut().now += TimeDelta::hours(2);
    journal.append(&[record(51, &disk)]);
    assert_eq!(journal.status().depth, 1);
}

#[test]
fn what_can_never_fit_is_refused_without_stopping_the_rest() {
    let disk = SimulatedDisk::new(1, Faults::default());
    let limits = settings::Spool {
        max_record_bytes: 10,
        ..bounds(WhenFull::StopPolling)
    };
    let mut journal = Journal::open(disk.clone(), limits).unwrap();
    let outcomes = journal.append(&[record(1, &disk), record(39, &disk), record(2, &disk)]);
    assert!(matches!(
        outcomes.as_slice(),
        [Ok(1), Err(SpoolError::TooLarge { .. }), Ok(2)]
    ));
    assert_eq!(journal.status().full, None);
}

#[test]
fn a_damaged_record_never_blocks_the_queue() {
    let disk = SimulatedDisk::new(1, Faults::default());
    let mut journal = reopen(&disk, WhenFull::StopPolling);
    let mut damaged = record(1, &disk);
    damaged.body.truncate(3);
    journal.append(&[damaged, record(2, &disk)]);
    let read = journal.peek(0, 1, u64::MAX).unwrap();
    assert_eq!(read.iter().map(|(seq, _)| *seq).collect::<Vec<_>>(), [2]);
    assert_eq!(
        (journal.status().depth, journal.status().quarantined),
        (1, 1)
    );
}

#[test]
fn a_damaged_file_is_set_aside_and_places_go_on_above() {
    let disk = SimulatedDisk::new(1, Faults::default());
    let mut journal = reopen(&disk, WhenFull::StopPolling);
    assert_eq!(
        journal.append(&[record(1, &disk), record(2, &disk)]),
        [Ok(1), Ok(2)]
    );
    disk.0.borrow_mut().faults.corrupt = 1_000;
    assert!(journal.peek(0, 1, 1).is_err());
    disk.without_faults();
    assert_eq!(journal.append(&[record(3, &disk)]), [Ok(3)]);
    assert_eq!(journal.status().depth, 1);
    assert!(journal.status().set_aside.is_some());
    assert_eq!(disk.0.borrow().aside[0].records.len(), 2);
}
