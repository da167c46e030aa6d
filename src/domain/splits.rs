//! Tickets and money as staged: one series a game, stream, scope, market, period and side.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::game::GameId;
use super::market::{Market, Period, Side};
use super::source::{Source, Stream};
use super::tape::{LateStreams, Origin};

/// Which splits belong together over time.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SplitKey {
    /// Game.
    pub game_id: GameId,
    /// Feed and endpoint.
    pub stream: Stream,
    /// `all` for a game-level consensus, else the feed's id of the book.
    pub scope: Arc<str>,
    /// Market.
    pub market: Market,
    /// Part of the game.
    pub period: Period,
    /// Side.
    pub side: Side,
}

/// Shares and counts at one moment. 0/0 is no data and never stored.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SplitValue {
    /// Share of bets, 0–100.
    pub tickets_pct: Option<f64>,
    /// Share of money, 0–100.
    pub money_pct: Option<f64>,
    /// Number of bets.
    pub tickets: Option<i64>,
    /// Money staked.
    pub money: Option<i64>,
}

/// One observed split.
#[derive(Debug, Clone, PartialEq)]
pub struct SplitObservation {
    /// Series.
    pub key: SplitKey,
    /// Market time.
    pub at: DateTime<Utc>,
    /// Value.
    pub value: SplitValue,
}

/// A row of the split history.
#[derive(Debug, Clone, PartialEq)]
pub struct SplitChange {
    /// What was seen.
    pub seen: SplitObservation,
    /// Where it came from.
    pub origin: Origin,
}

/// The newest split of every side at hand: value, when it began, when last seen.
#[derive(Debug, Clone, Default)]
pub struct SplitTape {
    tails: HashMap<SplitKey, (SplitValue, DateTime<Utc>, DateTime<Utc>)>,
}

impl SplitTape {
    /// Take a split as the store has it.
    pub fn load(&mut self, key: SplitKey, value: SplitValue, at: DateTime<Utc>) {
        self.tails.insert(key, (value, at, at));
    }

    /// Forget a game's stream, before it is loaded again.
    pub fn forget(&mut self, game_id: GameId, stream: Stream) {
        self.tails
            .retain(|key, _| key.game_id != game_id || key.stream != stream);
    }

    /// Forget the games that are not to be kept.
    pub fn keep_games(&mut self, kept: impl Fn(GameId) -> bool) {
        self.tails.retain(|key, _| kept(key.game_id));
        self.tails.shrink_to_fit();
    }

    /// Take a feed's splits of a game to another game.
    pub fn carry(&mut self, source: Source, from: GameId, to: GameId) {
        let of_feed = |key: &SplitKey| key.game_id == from && key.stream.source() == source;
        let keys: Vec<SplitKey> = self.tails.keys().filter(|k| of_feed(k)).cloned().collect();
        for key in keys {
            if let Some(tail) = self.tails.remove(&key) {
                self.tails.insert(SplitKey { game_id: to, ..key }, tail);
            }
        }
    }

    /// Forget everything.
    pub fn clear(&mut self) {
        self.tails.clear();
    }

    /// The changes among a payload's splits, and the streams that must be replayed because a split lies in the past.
    pub fn keep_changes(
        &mut self,
        observations: Vec<SplitObservation>,
        origin: Origin,
    ) -> (Vec<SplitChange>, LateStreams) {
        let mut changes = Vec::new();
        let mut late = BTreeMap::new();
        for seen in observations {
            let Some((value, since, last_seen)) = self.tails.get_mut(&seen.key) else {
                self.tails
                    .insert(seen.key.clone(), (seen.value, seen.at, seen.at));
                changes.push(SplitChange { seen, origin });
                continue;
            };
            if seen.at > *last_seen {
                *last_seen = seen.at;
                if *value != seen.value {
                    (*value, *since) = (seen.value, seen.at);
                    changes.push(SplitChange { seen, origin });
                }
            } else if *value != seen.value || seen.at < *since {
                let from = late
                    .entry((seen.key.game_id, seen.key.stream))
                    .or_insert(seen.at);
                *from = seen.at.min(*from);
            }
        }
        (changes, late)
    }
}

/// The rows that a set of splits gives; see [`super::tape::replay`].
pub fn replay_splits(
    sightings: impl IntoIterator<Item = (SplitObservation, Origin)>,
    before: &HashMap<SplitKey, SplitValue>,
    from: DateTime<Utc>,
) -> Vec<SplitChange> {
    let mut series: HashMap<SplitKey, BTreeMap<DateTime<Utc>, SplitChange>> = HashMap::new();
    for (seen, origin) in sightings {
        if seen.at >= from {
            let times = series.entry(seen.key.clone()).or_default();
            let change = SplitChange { seen, origin };
            match times.get(&change.seen.at) {
                Some(had) if had.origin <= origin => {}
                _ => {
                    times.insert(change.seen.at, change);
                }
            }
        }
    }
    let mut rows = Vec::new();
    for (key, times) in series {
        let mut value = before.get(&key).copied();
        for change in times.into_values() {
            if value != Some(change.seen.value) {
                value = Some(change.seen.value);
                rows.push(change);
            }
        }
    }
    rows.sort_by_cached_key(|c| (c.seen.key.clone(), c.seen.at));
    rows
}
