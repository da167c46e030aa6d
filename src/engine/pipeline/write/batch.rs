//! What a batch gathers before it is written, and what is told of it afterwards.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};

use super::item::Item;
use crate::domain::clean::clean;
use crate::domain::feed::Reject;
use crate::domain::game::GameId;
use crate::domain::identity::Identity;
use crate::domain::series::{Observation, SeriesKey};
use crate::domain::source::{Source, Stream};
use crate::domain::splits::SplitChange;
use crate::domain::tape::{Change, Origin};
use crate::engine::pipeline::stage::Games;
use crate::store::payloads::Fate;
use crate::store::writer::Extraction;

/// What one batch did, by source.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SourceTally {
    /// Payloads stored.
    pub payloads: u64,
    /// Rows appended.
    pub changes: u64,
    /// What was not understood.
    pub rejects: u64,
}

/// What one batch did.
#[derive(Debug, Clone, Default)]
pub struct BatchReport {
    /// By source.
    pub sources: BTreeMap<Source, SourceTally>,
    /// Prices seen, repeats included.
    pub observations: u64,
    /// Rows of the extraction log.
    pub extractions: Vec<Extraction>,
    /// Games whose rows were rewritten by a replay, or went to another game or came from one.
    pub rewritten: BTreeSet<GameId>,
    /// Whether games may have been joined or split: by this batch, or by another writer before it.
    pub regrouped: bool,
    /// Games that feeds' games came to in this batch, most of them as they were named.
    pub joined: BTreeSet<GameId>,
    /// Its payloads.
    pub stored: Vec<Origin>,
}

impl BatchReport {
    /// Over all sources.
    pub fn total(&self) -> SourceTally {
        self.sources
            .values()
            .fold(SourceTally::default(), |sum, t| SourceTally {
                payloads: sum.payloads + t.payloads,
                changes: sum.changes + t.changes,
                rejects: sum.rejects + t.rejects,
            })
    }
}

/// What a batch gathers before it is written.
#[derive(Debug, Default)]
pub(super) struct Batch {
    /// By payload.
    pub(super) changes: Vec<Vec<Change>>,
    pub(super) splits: Vec<SplitChange>,
    pub(super) seen: HashMap<SeriesKey, Seen>,
    pub(super) touched: BTreeMap<(GameId, Stream), (DateTime<Utc>, DateTime<Utc>)>,
    pub(super) lines: HashMap<(GameId, Stream), i32>,
    pub(super) suspects: Vec<(Vec<Observation>, Origin)>,
    pub(super) late: BTreeMap<(GameId, Stream), DateTime<Utc>>,
}

/// What a batch saw of one series.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Seen {
    /// Newest market time.
    pub(super) at: DateTime<Utc>,
    /// Newest market time of a change.
    pub(super) changed_at: Option<DateTime<Utc>>,
    /// Fetches that showed it.
    pub(super) fetches: i64,
    /// Those among them that brought a change: counted where changes are merged.
    pub(super) counted: i64,
}

impl Seen {
    /// Whether the merge of its changes has said everything.
    pub(super) fn is_merged(&self) -> bool {
        self.fetches == self.counted && Some(self.at) == self.changed_at
    }
}

impl Batch {
    /// Changes in slices of whole payloads, each of `rows` changes or, where the last payload is large, some more.
    pub(super) fn whole_payloads(&self, rows: usize) -> Vec<Vec<&Change>> {
        let mut slices: Vec<Vec<&Change>> = Vec::new();
        for payload in &self.changes {
            match slices.last_mut() {
                Some(slice) if slice.len() < rows => slice.extend(payload),
                _ => slices.push(payload.iter().collect()),
            }
        }
        slices
    }

    pub(super) fn doubt(&mut self, key: (GameId, Stream), from: DateTime<Utc>) {
        let earliest = self.late.entry(key).or_insert(from);
        *earliest = from.min(*earliest);
    }

    /// The extraction log's rows: one a game and stream. A reject makes its own game's run partial; one that belongs to
    /// no game is counted with its payload.
    pub(super) fn extractions(&self, items: &[Item<'_>], identity: &Identity) -> Vec<Extraction> {
        let mut fetches: HashMap<(GameId, Stream), i64> = HashMap::new();
        let mut rejects: HashMap<(GameId, Stream), &Reject> = HashMap::new();
        for item in items.iter().filter(|i| i.fate == Fate::Staged) {
            let stream = item.payload.request.stream;
            let asked = item.payload.request.source_game_id.iter();
            let games: BTreeSet<GameId> = item
                .decoded
                .games
                .iter()
                .map(|g| &g.source_game_id)
                .chain(asked)
                .map(|id| Games::id(identity, stream.source(), id))
                .collect();
            for game in games {
                *fetches.entry((game, stream)).or_default() += 1;
            }
            for reject in item.decoded.rejects.iter().chain(&item.staged.rejects) {
                if let Some(id) = &reject.game {
                    let game = Games::id(identity, stream.source(), id);
                    rejects.entry((game, stream)).or_insert(reject);
                }
            }
        }
        self.touched
            .iter()
            .map(|(&(game_id, stream), (watermark, at))| {
                let reject = rejects.get(&(game_id, stream));
                Extraction {
                    game_id,
                    stream,
                    at: *at,
                    watermark: Some(*watermark),
                    extractions: fetches.get(&(game_id, stream)).copied().unwrap_or(1),
                    lines: self.lines.get(&(game_id, stream)).copied().unwrap_or(0),
                    status: if reject.is_some() {
                        "partial"
                    } else {
                        "success"
                    },
                    error: reject.map(|r| clean(&format!("{}: {}", r.path, r.reason), 200)),
                }
            })
            .collect()
    }
}

pub(super) fn report(
    items: &[Item<'_>],
    batch: &Batch,
    extractions: Vec<Extraction>,
    rewritten: BTreeSet<GameId>,
) -> BatchReport {
    let mut report = BatchReport {
        observations: batch
            .seen
            .values()
            .map(|seen| u64::try_from(seen.fetches).unwrap_or(0))
            .sum(),
        extractions,
        rewritten,
        ..BatchReport::default()
    };
    for item in items {
        let tally = report
            .sources
            .entry(item.payload.request.stream.source())
            .or_default();
        tally.payloads += 1;
        tally.changes += u64::try_from(item.changes).unwrap_or(0);
        tally.rejects += item.rejects() as u64;
    }
    report
}
