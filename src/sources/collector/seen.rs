//! Which prices a payload had already.

use foldhash::{HashMap, HashSet};

use crate::domain::market::{Line, Period, Phase, Side};

/// What makes two quotes of one payload the same quote. Texts stand in it by their numbers.
#[derive(Debug, Clone, Copy)]
pub(super) struct QuoteKey {
    pub(super) game: u32,
    pub(super) book: u32,
    pub(super) participant: u32,
    pub(super) period: Period,
    /// 0 to 3 for the common ones, more for props.
    pub(super) market: u32,
    pub(super) side: Side,
    pub(super) phase: Option<Phase>,
    /// The line of an alternate.
    pub(super) alternate: Option<Line>,
    /// Whether it is the opener beside a current price.
    pub(super) opener: bool,
    /// The time of a tick, in microseconds.
    pub(super) tick: Option<i64>,
}

/// One book's common markets on one game: at most 4 markets, 5 sides and 3 phases, a bit each.
type Sheet = u64;
type SheetKey = (u32, u32, u32, Period);
/// A key without its tick, packed so that it is hashed in one go.
type SeriesKey = [u64; 3];

/// The prices so far. Neighbours mostly belong together, so that few of them are looked up.
#[derive(Debug, Default)]
pub(super) struct Seen {
    sheets: Group<SheetKey, Sheet>,
    series: Group<SeriesKey, Ticks>,
    /// Alternates, openers and props, of which there are any number.
    others: HashSet<SeriesKey>,
}

impl Seen {
    /// Note a price; whether it is the first of its key.
    pub(super) fn insert(&mut self, key: &QuoteKey) -> bool {
        let phase = key.phase.map_or(0, |phase| phase as u32 + 1);
        if let Some(tick) = key.tick {
            let ticks = self.series.of(packed(key, phase));
            return ticks.is_some_and(|ticks| ticks.insert(tick));
        }
        if key.market > 3 || key.alternate.is_some() || key.opener {
            return self.others.insert(packed(key, phase));
        }
        let sheet = (key.game, key.book, key.participant, key.period);
        let bit = 1 << (key.market * 15 + key.side as u32 * 3 + phase);
        self.sheets.of(sheet).is_some_and(|sheet| {
            let first = *sheet & bit == 0;
            *sheet |= bit;
            first
        })
    }
}

/// Things by key, of which the last one asked for is at hand.
#[derive(Debug)]
struct Group<K, T> {
    all: Vec<T>,
    places: HashMap<K, usize>,
    last: Option<(K, usize)>,
}

impl<K, T> Default for Group<K, T> {
    fn default() -> Self {
        Self {
            all: Vec::new(),
            places: HashMap::default(),
            last: None,
        }
    }
}

impl<K: Copy + Eq + std::hash::Hash, T: Default> Group<K, T> {
    #[inline]
    fn of(&mut self, key: K) -> Option<&mut T> {
        let place = match self.last {
            Some((last, place)) if last == key => place,
            _ => self.place(key),
        };
        self.all.get_mut(place)
    }

    fn place(&mut self, key: K) -> usize {
        let place = *self.places.entry(key).or_insert(self.all.len());
        if place == self.all.len() {
            self.all.push(T::default());
        }
        self.last = Some((key, place));
        place
    }
}

/// The times of one series' ticks. They come in order, and where they do not, the late ones are kept apart.
#[derive(Debug, Default)]
struct Ticks {
    rising: Vec<i64>,
    late: HashSet<i64>,
}

impl Ticks {
    fn insert(&mut self, tick: i64) -> bool {
        if self.rising.last().is_none_or(|newest| *newest < tick) {
            self.rising.push(tick);
            return true;
        }
        self.rising.binary_search(&tick).is_err() && self.late.insert(tick)
    }
}

fn packed(key: &QuoteKey, phase: u32) -> SeriesKey {
    let pack = |high: u32, low: u32| u64::from(high) << 32 | u64::from(low);
    let alternate = key.alternate.map_or(i32::MIN, Line::hundredths);
    [
        pack(key.game, key.book),
        pack(key.market << 1 | u32::from(key.opener), key.participant),
        pack(
            alternate.cast_unsigned(),
            (key.period as u32) << 16 | (key.side as u32) << 8 | phase,
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: QuoteKey = QuoteKey {
        game: 1,
        book: 2,
        participant: u32::MAX,
        period: Period::Full,
        market: 0,
        side: Side::Home,
        phase: None,
        alternate: None,
        opener: false,
        tick: None,
    };

    #[test]
    fn every_part_of_a_key_counts() {
        let mut seen = Seen::default();
        let line = Some(Line::from_hundredths(150));
        let mut keys = vec![
            QuoteKey { game: 2, ..KEY },
            QuoteKey { book: 3, ..KEY },
            QuoteKey {
                participant: 7,
                ..KEY
            },
            QuoteKey {
                period: Period::Half1,
                ..KEY
            },
            QuoteKey { market: 4, ..KEY },
            QuoteKey {
                market: 4,
                alternate: line,
                ..KEY
            },
            QuoteKey {
                alternate: line,
                ..KEY
            },
            QuoteKey {
                alternate: line,
                side: Side::Away,
                ..KEY
            },
            QuoteKey {
                opener: true,
                ..KEY
            },
            QuoteKey {
                market: 4,
                opener: true,
                ..KEY
            },
            QuoteKey {
                tick: Some(5),
                ..KEY
            },
            QuoteKey {
                tick: Some(5),
                phase: Some(Phase::Live),
                ..KEY
            },
        ];
        keys.extend([9, 8, 3, 7, 12, 4].map(|tick| QuoteKey {
            tick: Some(tick),
            ..KEY
        }));
        for market in 0..4 {
            for side in Side::ALL {
                for phase in [None, Some(Phase::Pregame), Some(Phase::Live)] {
                    keys.push(QuoteKey {
                        market,
                        side: *side,
                        phase,
                        ..KEY
                    });
                }
            }
        }
        for key in &keys {
            assert!(seen.insert(key), "{key:?}");
        }
        for key in &keys {
            assert!(!seen.insert(key), "{key:?}");
        }
    }
}
