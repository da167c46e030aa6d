//! Change-only: which observations become rows of the tape.
//!
//! A row is kept when line, price or status differ from the predecessor by market time within the series. In-order
//! observations are decided against the series' tail; one that falls before the tail is held
//! against the stored rows, and where it disagrees its game's stream is *late*: the caller replays that stream from raw
//! with [`replay`]. Both ways give the
//! same rows: the tape is a function of the set of payloads, never of their order.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};

use super::game::GameId;
use super::payload::PayloadHash;
use super::series::{Observation, Price, SeriesKey};
use super::source::{Source, Stream};

/// Which fetch an observation came from. Ordered: the earliest observed speaks first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Origin {
    /// When the payload was received.
    pub observed_at: DateTime<Utc>,
    /// Its bytes.
    pub payload_hash: PayloadHash,
    /// Fetched after the fact.
    pub reconstructed: bool,
}

/// A row of the tape.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// What was seen.
    pub seen: Observation,
    /// Where it came from.
    pub origin: Origin,
}

/// The newest state of a series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tail {
    /// Price in force.
    pub price: Price,
    /// When it began.
    pub changed_at: DateTime<Utc>,
    /// When it was last confirmed.
    pub last_seen_at: DateTime<Utc>,
    /// The fetch that brought it.
    pub origin: Origin,
    /// Id of the series in the store, once it has one.
    pub series_id: Option<i64>,
}

/// Streams of games that must be replayed from raw, each from a market time on.
pub type LateStreams = BTreeMap<(GameId, Stream), DateTime<Utc>>;

/// What one payload's observations did to the tape.
#[derive(Debug, Clone, Default)]
pub struct Kept {
    /// New rows, in the payload's order, each with the price before it.
    pub changes: Vec<(Change, Option<Price>)>,
    /// Series seen (changed ones included) and the newest market time each was seen at.
    pub seen: Vec<(SeriesKey, DateTime<Utc>)>,
    /// Observations before the tail that the tail alone cannot place: [`late_among`] asks the rows.
    pub suspects: Vec<Observation>,
}

/// A stored row, as far as [`late_among`] needs it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Row {
    /// When the price began.
    pub at: DateTime<Utc>,
    /// The price.
    pub price: Price,
    /// The fetch that brought it.
    pub origin: Origin,
}

/// Streams of games that must be replayed from raw, each from the market time on that a suspect disagrees about.
/// `rows` holds the stored rows of every suspect's series, oldest first.
pub fn late_among(
    suspects: &[Observation],
    origin: Origin,
    rows: &HashMap<SeriesKey, Vec<Row>>,
) -> LateStreams {
    let mut late = BTreeMap::new();
    for suspect in suspects {
        let rows = rows.get(&suspect.key).map_or(&[][..], Vec::as_slice);
        let covering = rows
            .partition_point(|row| row.at <= suspect.at)
            .checked_sub(1)
            .and_then(|n| rows.get(n));
        // Confirming the row in force changes nothing, unless it is the row itself seen by an earlier fetch.
        let placed = covering.is_some_and(|row| {
            row.price == suspect.price && (row.at < suspect.at || row.origin <= origin)
        });
        if !placed {
            let from = late
                .entry((suspect.key.game_id, suspect.key.stream))
                .or_insert(suspect.at);
            *from = suspect.at.min(*from);
        }
    }
    late
}

/// The newest state of every series at hand.
#[derive(Debug, Clone, Default)]
pub struct Tape {
    tails: HashMap<SeriesKey, Tail>,
}

impl Tape {
    /// The tail of a series.
    pub fn tail(&self, key: &SeriesKey) -> Option<&Tail> {
        self.tails.get(key)
    }

    /// Number of series at hand.
    pub fn len(&self) -> usize {
        self.tails.len()
    }

    /// Whether no series is at hand.
    pub fn is_empty(&self) -> bool {
        self.tails.is_empty()
    }

    /// Take a tail as the store has it.
    pub fn load(&mut self, key: SeriesKey, tail: Tail) {
        self.tails.insert(key, tail);
    }

    /// Remember the store's id of a series.
    pub fn name(&mut self, key: &SeriesKey, series_id: i64) {
        if let Some(tail) = self.tails.get_mut(key) {
            tail.series_id = Some(series_id);
        }
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

    /// Take a feed's series of a game to another game.
    pub fn carry(&mut self, source: Source, from: GameId, to: GameId) {
        let of_feed = |key: &SeriesKey| key.game_id == from && key.stream.source() == source;
        let keys: Vec<SeriesKey> = self.tails.keys().filter(|k| of_feed(k)).cloned().collect();
        for key in keys {
            if let Some(tail) = self.tails.remove(&key) {
                let series_id = None;
                let key = SeriesKey { game_id: to, ..key };
                self.tails.insert(key, Tail { series_id, ..tail });
            }
        }
    }

    /// Forget one series.
    pub fn remove(&mut self, key: &SeriesKey) {
        self.tails.remove(key);
    }

    /// Forget everything.
    pub fn clear(&mut self) {
        self.tails.clear();
    }

    /// Decide the observations of one payload. They may come in any order; each series must appear with its market
    /// times ascending, which [`in_market_order`] arranges.
    pub fn keep_changes(&mut self, observations: Vec<Observation>, origin: Origin) -> Kept {
        let mut kept = Kept::default();
        let mut seen: HashMap<SeriesKey, usize> = HashMap::new();
        for observation in observations {
            let at = observation.at;
            if let Some(index) = seen.get(&observation.key) {
                if let Some((_, newest)) = kept.seen.get_mut(*index) {
                    *newest = at.max(*newest);
                }
            } else {
                seen.insert(observation.key.clone(), kept.seen.len());
                kept.seen.push((observation.key.clone(), at));
            }
            let Some(tail) = self.tails.get_mut(&observation.key) else {
                let tail = Tail {
                    price: observation.price,
                    changed_at: at,
                    last_seen_at: at,
                    origin,
                    series_id: None,
                };
                self.tails.insert(observation.key.clone(), tail);
                kept.changes.push((
                    Change {
                        seen: observation,
                        origin,
                    },
                    None,
                ));
                continue;
            };
            let same = tail.price == observation.price;
            if at > tail.last_seen_at {
                tail.last_seen_at = at;
                if !same {
                    let before = std::mem::replace(&mut tail.price, observation.price);
                    tail.changed_at = at;
                    tail.origin = origin;
                    kept.changes.push((
                        Change {
                            seen: observation,
                            origin,
                        },
                        Some(before),
                    ));
                }
            } else {
                let confirms = same
                    && (at > tail.changed_at || (at == tail.changed_at && tail.origin <= origin));
                if !confirms {
                    kept.suspects.push(observation);
                }
            }
        }
        kept
    }
}

/// Observations of a payload with each series' market times ascending; the payload's order otherwise stays.
pub fn in_market_order(mut observations: Vec<Observation>) -> Vec<Observation> {
    if !observations.is_sorted_by_key(|o| o.at) {
        observations.sort_by_key(|o| o.at);
    }
    observations
}

/// What a replay gives.
#[derive(Debug, Clone, Default)]
pub struct Replayed {
    /// The rows, by series and market time.
    pub changes: Vec<Change>,
    /// Newest market time each series was seen at.
    pub last_seen: HashMap<SeriesKey, DateTime<Utc>>,
    /// Same series and time, other value: the later observed loses and is kept aside.
    pub conflicts: Vec<Change>,
}

/// The rows that a set of observations gives. `before` holds the price in force just before `from`, by series;
/// observations before `from` are left out.
pub fn replay(
    sightings: impl IntoIterator<Item = (Observation, Origin)>,
    before: &HashMap<SeriesKey, Price>,
    from: DateTime<Utc>,
) -> Replayed {
    let mut series: HashMap<SeriesKey, BTreeMap<DateTime<Utc>, Change>> = HashMap::new();
    let mut out = Replayed::default();
    for (seen, origin) in sightings {
        if seen.at < from {
            continue;
        }
        let times = series.entry(seen.key.clone()).or_default();
        let change = Change { seen, origin };
        match times.entry(change.seen.at) {
            std::collections::btree_map::Entry::Vacant(slot) => {
                slot.insert(change);
            }
            std::collections::btree_map::Entry::Occupied(mut slot) => {
                let rank = |c: &Change| (c.origin, c.seen.ordinal);
                let loser = if rank(&change) < rank(slot.get()) {
                    slot.insert(change)
                } else {
                    change
                };
                if loser.seen.price != slot.get().seen.price {
                    out.conflicts.push(loser);
                }
            }
        }
    }
    for (key, times) in series {
        let mut price = before.get(&key).copied();
        if let Some((newest, _)) = times.last_key_value() {
            out.last_seen.insert(key, *newest);
        }
        for change in times.into_values() {
            if price != Some(change.seen.price) {
                price = Some(change.seen.price);
                out.changes.push(change);
            }
        }
    }
    let order = |c: &Change| (c.seen.key.clone(), c.seen.at);
    out.changes.sort_by_cached_key(order);
    out.conflicts.sort_by_cached_key(order);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::market::{Market, Period, Phase, QuoteStatus, Side};
    use crate::domain::odds::Odds;
    use crate::domain::series::LineSlot;
    use proptest::prelude::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(second, 0).unwrap()
    }

    fn seen(second: i64, american: i64) -> Observation {
        Observation {
            key: SeriesKey {
                game_id: GameId::from_i64(1),
                stream: Stream::OddsApiOdds,
                source_book_id: "dk".into(),
                market: Market::Moneyline,
                period: Period::Full,
                participant: "".into(),
                side: Side::Home,
                phase: Phase::Pregame,
                slot: LineSlot::Main,
            },
            book: None,
            at: at(second),
            source_at: None,
            price: Price {
                line: None,
                odds: Odds::american(american).ok(),
                status: QuoteStatus::Open,
            },
            opener: false,
            ordinal: 0,
        }
    }

    fn origin(second: i64) -> Origin {
        Origin {
            observed_at: at(second),
            payload_hash: PayloadHash([second as u8; 32]),
            reconstructed: false,
        }
    }

    #[test]
    fn only_changes_become_rows() {
        let mut tape = Tape::default();
        let rows: Vec<i64> = [(1, -110), (2, -110), (3, -120), (4, -110)]
            .into_iter()
            .flat_map(|(t, a)| tape.keep_changes(vec![seen(t, a)], origin(t)).changes)
            .map(|(change, _)| change.seen.at.timestamp())
            .collect();
        assert_eq!(rows, [1, 3, 4]);
    }

    #[test]
    fn a_game_let_go_is_read_again_and_the_others_stay() {
        let of = |game, american| {
            let mut seen = seen(2, american);
            seen.key.game_id = GameId::from_i64(game);
            seen
        };
        let mut tape = Tape::default();
        tape.keep_changes(vec![of(1, -110), of(2, -110)], origin(2));
        tape.keep_games(|game| game == GameId::from_i64(2));
        assert_eq!(tape.len(), 1);
        assert!(tape.tail(&of(1, -110).key).is_none());
        let again = tape.keep_changes(vec![of(2, -110)], origin(3));
        assert!(again.changes.is_empty(), "what stays is still known");
    }

    #[test]
    fn a_suspension_is_a_change_and_keeps_its_price() {
        let mut tape = Tape::default();
        tape.keep_changes(vec![seen(1, -110)], origin(1));
        let mut locked = seen(2, -110);
        locked.price.status = QuoteStatus::Suspended;
        let kept = tape.keep_changes(vec![locked], origin(2));
        assert_eq!(kept.changes.len(), 1);
        assert_eq!(kept.changes[0].0.seen.price.odds, Odds::american(-110).ok());
    }

    #[test]
    fn what_disagrees_with_the_past_is_late() {
        let mut tape = Tape::default();
        let mut rows = HashMap::new();
        for (t, american) in [(5, -110), (9, -110), (12, -125)] {
            for (change, _) in tape
                .keep_changes(vec![seen(t, american)], origin(t))
                .changes
            {
                rows.entry(change.seen.key.clone())
                    .or_insert_with(Vec::new)
                    .push(Row {
                        at: change.seen.at,
                        price: change.seen.price,
                        origin: change.origin,
                    });
            }
        }
        let mut late = |t, american, observed| {
            let kept = tape.keep_changes(vec![seen(t, american)], origin(observed));
            assert!(kept.changes.is_empty());
            late_among(&kept.suspects, origin(observed), &rows)
                .into_values()
                .next()
        };
        assert_eq!(late(7, -110, 20), None, "confirms the price in force then");
        assert_eq!(late(12, -125, 20), None, "the same look again");
        assert_eq!(late(5, -110, 20), None, "the first row again");
        assert_eq!(late(7, -120, 20), Some(at(7)), "another price then");
        assert_eq!(late(3, -110, 20), Some(at(3)), "before the first row");
        assert_eq!(
            late(5, -110, 4),
            Some(at(5)),
            "the row itself, seen by an earlier fetch"
        );
    }

    #[test]
    fn same_time_other_value_is_kept_aside() {
        let both = [(seen(1, -110), origin(2)), (seen(1, -120), origin(1))];
        let replayed = replay(both, &HashMap::new(), at(0));
        assert_eq!(replayed.changes.len(), 1);
        assert_eq!(replayed.changes[0].origin, origin(1));
        assert_eq!(replayed.conflicts.len(), 1);
    }

    proptest! {
        /// In order, one look at a time, or replayed from the set: the same rows.
        #[test]
        fn the_tape_is_a_function_of_the_set(looks in proptest::collection::vec((0_i64..40, 0_usize..3), 1..60), seed in 0_usize..1000) {
            let prices = [-110, -115, 105];
            let mut by_time = BTreeMap::new();
            for (t, p) in looks { by_time.entry(t).or_insert(prices[p]); }
            let mut tape = Tape::default();
            let in_order: Vec<Change> = by_time.iter()
                .flat_map(|(t, a)| tape.keep_changes(vec![seen(*t, *a)], origin(*t)).changes)
                .map(|(change, _)| change)
                .collect();
            let mut shuffled: Vec<_> = by_time.iter().map(|(t, a)| (seen(*t, *a), origin(*t))).collect();
            let n = shuffled.len();
            for i in 0..n { shuffled.swap(i, (i * 7 + seed) % n); }
            let doubled: Vec<_> = shuffled.iter().cloned().chain(shuffled.iter().cloned()).collect();
            let replayed = replay(doubled, &HashMap::new(), at(-1));
            prop_assert_eq!(replayed.changes, in_order);
            prop_assert!(replayed.conflicts.is_empty());
        }
    }
}
