//! Payloads that came out of their stream's order and are on their way to the store.
//!
//! A history says up to when the payloads of a stream are in it, which tells nothing of one that was received earlier
//! and comes to be written later, as after another process's spool was taken over. What such a payload showed is kept
//! here until it is committed.

use std::collections::{HashMap, VecDeque};

use chrono::{DateTime, Utc};

use crate::domain::game::GameId;
use crate::domain::series::SeriesKey;
use crate::domain::source::{Source, Stream};
use crate::domain::tape::Origin;

/// Payloads kept; of older ones the next look, or the next start, tells.
const MOST: usize = 256;

/// A series and the newest market time it was seen at.
type Seen = (SeriesKey, DateTime<Utc>);

/// What came out of order.
#[derive(Debug, Default)]
pub(super) struct Late {
    newest: HashMap<Stream, DateTime<Utc>>,
    waiting: VecDeque<(Origin, Vec<Seen>)>,
}

impl Late {
    /// A payload of `stream` came, and showed this.
    pub(super) fn heard(&mut self, stream: Stream, origin: Origin, seen: &[Seen]) {
        let newest = self.newest.entry(stream).or_insert(origin.observed_at);
        if origin.observed_at >= *newest {
            *newest = origin.observed_at;
            return;
        }
        if self.waiting.len() >= MOST {
            self.waiting.pop_front();
        }
        self.waiting.push_back((origin, seen.to_vec()));
    }

    /// These payloads are in the store.
    pub(super) fn stored(&mut self, origins: &[Origin]) {
        self.waiting.retain(|(origin, _)| !origins.contains(origin));
    }

    /// When the series of a game were seen by what is on its way.
    pub(super) fn of_game(&self, game: GameId) -> HashMap<SeriesKey, DateTime<Utc>> {
        let mut seen: HashMap<SeriesKey, DateTime<Utc>> = HashMap::new();
        for (key, at) in self.waiting.iter().flat_map(|(_, seen)| seen) {
            if key.game_id == game {
                let newest = seen.entry(key.clone()).or_insert(*at);
                *newest = (*newest).max(*at);
            }
        }
        seen
    }

    /// A feed's game is another game now.
    pub(super) fn carry(&mut self, source: Source, from: GameId, to: GameId) {
        for (key, _) in self.waiting.iter_mut().flat_map(|(_, seen)| seen) {
            if key.game_id == from && key.stream.source() == source {
                key.game_id = to;
            }
        }
    }

    /// Start over.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}
