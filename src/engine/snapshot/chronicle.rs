//! The past of what keeps no history of its own: fair prices, persistence, cache, sources, backfills, jobs, the log, and
//! older looks of the extraction log. Snapshots are noted as they pass; the newest are kept a second apart, older ones
//! ever more coarsely, so that a day takes no more memory than an hour.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{
    BackfillView, CacheView, ExtractionView, FairBoard, JobsView, PersistenceView, Snapshot,
    SourceView,
};
use crate::domain::game::GameId;
use crate::domain::source::Stream;
use crate::engine::event::LogLine;

/// Least real time between two samples.
const APART: Duration = Duration::from_secs(1);
/// Samples kept; when there are more, every second one of the older half goes.
const SAMPLES: usize = 2_400;
/// Prices kept over all fair boards, before they are thinned likewise.
const FAIR_PRICES: usize = 60_000;
/// Looks of the extraction log kept besides the newest of each game.
const LOOKS: usize = 20_000;
/// Log lines kept, and shown at a time.
const LINES: usize = 2_000;
const SHOWN: usize = 500;

/// How linetape did at one moment.
#[derive(Debug, Clone)]
struct Sample {
    at: DateTime<Utc>,
    persistence: Arc<PersistenceView>,
    cache: Arc<CacheView>,
    sources: Arc<Vec<SourceView>>,
    backfills: Arc<Vec<BackfillView>>,
    jobs: Arc<JobsView>,
}

/// What passed in this run.
#[derive(Debug, Clone, Default)]
pub struct Chronicle {
    samples: VecDeque<Sample>,
    fair: VecDeque<(DateTime<Utc>, Arc<FairBoard>)>,
    /// Prices in `fair`.
    fair_prices: usize,
    /// Looks that were followed by another, oldest first.
    looks: VecDeque<ExtractionView>,
    newest: HashMap<(GameId, Stream), ExtractionView>,
    extractions: Option<Arc<Vec<ExtractionView>>>,
    /// With the engine's clock when they were noted; a line's own time is the machine's.
    lines: VecDeque<(DateTime<Utc>, LogLine)>,
    logs: Option<Arc<Vec<LogLine>>>,
    noted: Option<Duration>,
}

impl Chronicle {
    /// Note a snapshot that was published, `elapsed` after the start, in real time.
    pub fn note(&mut self, snapshot: &Snapshot, elapsed: Duration) {
        self.note_extractions(snapshot);
        self.note_lines(snapshot);
        if self.noted.is_some_and(|last| elapsed < last + APART) {
            return;
        }
        self.noted = Some(elapsed);
        let at = snapshot.now;
        // A clock that was set back begins anew: what comes after must be findable by its time.
        if self.samples.back().is_some_and(|last| last.at > at) {
            self.samples.clear();
            self.fair.clear();
            self.fair_prices = 0;
        }
        self.samples.push_back(Sample {
            at,
            persistence: Arc::clone(&snapshot.persistence),
            cache: Arc::clone(&snapshot.cache),
            sources: Arc::clone(&snapshot.sources),
            backfills: Arc::clone(&snapshot.backfills),
            jobs: Arc::clone(&snapshot.jobs),
        });
        if self.samples.len() > SAMPLES {
            thin(&mut self.samples);
        }
        let same = |(_, last): &(_, Arc<FairBoard>)| Arc::ptr_eq(last, &snapshot.fair);
        if snapshot.fair.looked && !self.fair.back().is_some_and(same) {
            self.fair_prices += weight(&snapshot.fair);
            self.fair.push_back((at, Arc::clone(&snapshot.fair)));
            while self.fair_prices > FAIR_PRICES && self.fair.len() > 2 {
                thin(&mut self.fair);
                self.fair_prices = self.fair.iter().map(|(_, fair)| weight(fair)).sum();
            }
        }
    }

    fn note_extractions(&mut self, snapshot: &Snapshot) {
        let rows = &snapshot.extractions;
        if self
            .extractions
            .as_ref()
            .is_some_and(|last| Arc::ptr_eq(last, rows))
        {
            return;
        }
        self.extractions = Some(Arc::clone(rows));
        for row in rows.iter() {
            let key = (row.game_id, row.stream);
            let before = self.newest.get(&key);
            if before.is_some_and(|b| b.last_extracted_at == row.last_extracted_at) {
                continue;
            }
            if let Some(before) = self.newest.insert(key, row.clone()) {
                self.looks.push_back(before);
            }
        }
        while self.looks.len() > LOOKS {
            self.looks.pop_front();
        }
    }

    fn note_lines(&mut self, snapshot: &Snapshot) {
        let logs = &snapshot.logs;
        let before = self.logs.replace(Arc::clone(logs));
        if before.as_ref().is_some_and(|last| Arc::ptr_eq(last, logs)) {
            return;
        }
        let newest = before.as_ref().and_then(|last| last.first());
        let fresh: Vec<&LogLine> = logs
            .iter()
            .take_while(|line| newest != Some(*line))
            .collect();
        for line in fresh.into_iter().rev() {
            self.lines.push_back((snapshot.now, line.clone()));
        }
        while self.lines.len() > LINES {
            self.lines.pop_front();
        }
    }

    /// Whether a sample tells how linetape itself did at `at`.
    pub fn reaches(&self, at: DateTime<Utc>) -> bool {
        self.samples.front().is_some_and(|first| first.at <= at)
    }

    /// Whether fair prices and chances of `at` are known.
    pub fn reaches_fair(&self, at: DateTime<Utc>) -> bool {
        self.fair.front().is_some_and(|(first, _)| *first <= at)
    }

    /// Put what was noted into a snapshot of the past; what was not noted yet stays as it is.
    pub fn recall(&self, past: &mut Snapshot) {
        let at = past.now;
        let after = self.samples.partition_point(|sample| sample.at <= at);
        if let Some(sample) = after
            .checked_sub(1)
            .and_then(|index| self.samples.get(index))
        {
            past.persistence = Arc::clone(&sample.persistence);
            past.cache = Arc::clone(&sample.cache);
            past.sources = Arc::clone(&sample.sources);
            past.backfills = Arc::clone(&sample.backfills);
            past.jobs = Arc::clone(&sample.jobs);
            let lines = self.lines.iter().rev().skip_while(|(noted, _)| *noted > at);
            past.logs = Arc::new(lines.take(SHOWN).map(|(_, line)| line.clone()).collect());
        }
        let after = self.fair.partition_point(|(moment, _)| *moment <= at);
        if let Some((_, fair)) = after.checked_sub(1).and_then(|index| self.fair.get(index)) {
            past.fair = Arc::clone(fair);
        }
        let mut known: HashSet<(GameId, Stream)> = past
            .extractions
            .iter()
            .map(|row| (row.game_id, row.stream))
            .collect();
        let older: Vec<ExtractionView> = self
            .looks
            .iter()
            .rev()
            .filter(|row| row.last_extracted_at <= at && known.insert((row.game_id, row.stream)))
            .cloned()
            .collect();
        if !older.is_empty() {
            let mut rows = past.extractions.as_ref().clone();
            rows.extend(older);
            rows.sort_by_key(|row| std::cmp::Reverse(row.last_extracted_at));
            past.extractions = Arc::new(rows);
        }
    }
}

fn weight(fair: &FairBoard) -> usize {
    let views: usize = fair.games.values().map(Vec::len).sum();
    views + fair.chances.len() + 1
}

/// Let every second one of the older half go; the oldest stays, so that the past reaches as far as before.
fn thin<T>(kept: &mut VecDeque<T>) {
    let half = kept.len() / 2;
    let mut index = 0;
    kept.retain(|_| {
        index += 1;
        index > half || index % 2 == 1
    });
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::engine::event::Severity;
    use crate::engine::hub::Hub;
    use crate::engine::reference::Reference;
    use crate::engine::snapshot::{ExtractionStatus, Mode};

    fn snapshots(count: u32) -> impl Iterator<Item = (Snapshot, Duration)> {
        let epoch: DateTime<Utc> = "2025-07-12T18:00:00Z".parse().unwrap();
        let reference = Arc::new(Reference::builtin().unwrap());
        let mut hub = Hub::new(reference, Mode::Live, epoch);
        let mut blank = hub.snapshot(epoch).as_ref().clone();
        (0..count).map(move |n| {
            let now = epoch + TimeDelta::seconds(i64::from(n) * 60);
            blank.now = now;
            let persistence = PersistenceView {
                payloads: n.into(),
                ..blank.persistence.as_ref().clone()
            };
            blank.persistence = Arc::new(persistence);
            blank.fair = Arc::new(FairBoard {
                looked: true,
                method: "power",
                ..FairBoard::default()
            });
            blank.extractions = Arc::new(vec![ExtractionView {
                game_id: GameId::from_i64(1),
                game: "MIA @ BAL".into(),
                stream: Stream::AnScoreboard,
                last_extracted_at: now,
                watermark: None,
                extractions: n.into(),
                lines: 0,
                last_lines: 0,
                status: ExtractionStatus::Success,
                error: None,
            }]);
            let mut logs = blank.logs.as_ref().clone();
            logs.insert(
                0,
                LogLine {
                    at: DateTime::UNIX_EPOCH,
                    severity: Severity::Info,
                    target: "test".into(),
                    message: format!("line {n}"),
                },
            );
            blank.logs = Arc::new(logs);
            (blank.clone(), Duration::from_secs(n.into()))
        })
    }

    #[test]
    fn a_moment_is_told_as_it_was() {
        let mut chronicle = Chronicle::default();
        let mut last = None;
        for (snapshot, elapsed) in snapshots(30) {
            chronicle.note(&snapshot, elapsed);
            last = Some(snapshot);
        }
        let live = last.unwrap();
        let at = live.now - TimeDelta::minutes(9) - TimeDelta::seconds(30);
        let mut past = live.at(at);
        assert!(past.extractions.is_empty(), "the newest look came later");
        chronicle.recall(&mut past);
        // 29 looks at minutes 0 to 29: half past the nineteenth minute the newest is that of minute 19.
        assert_eq!(past.persistence.payloads, 19);
        assert_eq!(past.extractions.len(), 1);
        assert_eq!(past.extractions[0].extractions, 19);
        assert_eq!(past.logs[0].message, "line 19");
        assert_eq!(past.logs.len(), 20);
        assert_eq!(past.fair.method, "power");
        assert!(chronicle.reaches(at) && chronicle.reaches_fair(at));
        assert!(!chronicle.reaches(at - TimeDelta::hours(1)));
        let mut before = live.at(at - TimeDelta::hours(1));
        chronicle.recall(&mut before);
        assert_eq!(before.persistence.payloads, 29, "nothing is made up");
    }

    #[test]
    fn a_long_run_takes_no_more_room_and_still_reaches_its_beginning() {
        let mut chronicle = Chronicle::default();
        let mut first = None;
        for (snapshot, elapsed) in snapshots(SAMPLES as u32 + 900) {
            first.get_or_insert(snapshot.now);
            chronicle.note(
                &Snapshot {
                    logs: Arc::default(),
                    ..snapshot
                },
                elapsed,
            );
        }
        assert!(chronicle.samples.len() <= SAMPLES);
        assert!(chronicle.reaches(first.unwrap()));
        let times: Vec<_> = chronicle.samples.iter().map(|sample| sample.at).collect();
        assert!(times.is_sorted());
        // The newest hour is whole.
        let newest = &times[times.len() - 60..];
        assert!(
            newest
                .windows(2)
                .all(|two| two[1] - two[0] == TimeDelta::minutes(1))
        );
    }

    #[test]
    fn what_comes_faster_than_a_second_is_one_sample() {
        let mut chronicle = Chronicle::default();
        for (snapshot, elapsed) in snapshots(10) {
            chronicle.note(&snapshot, elapsed / 10);
        }
        assert_eq!(chronicle.samples.len(), 1);
        assert_eq!(chronicle.looks.len(), 9, "but no look is left out");
    }
}
