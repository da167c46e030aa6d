//! Why lines move: signals, each a function of what was known and when.
//!
//! [`detect`] reads a game's tape in the order in which it became known and returns every signal of every preset. It
//! has no clock and no state beyond the tape: the same rows give the same signals, live, replayed or rebuilt, bit for
//! bit. Rows that became known at one moment for one market time are taken together, so their order says nothing.
//!
//! What moves is measured in *fair probability*: a shop's two prices without their margin (multiplicative), and for
//! spreads and totals carried to one line by a normal margin of the league, so that line and juice are one number.

mod clones;
mod market;
mod preset;
mod reason;
pub mod rule;
mod rules;
mod scale;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

pub use self::preset::{Preset, presets};
pub use self::rule::{Rule, Size};
pub use self::scale::Scale;
use super::features::MarketState;
use crate::domain::league::League;
use crate::domain::market::{Line, Market, Period, Side, UnknownName, names};
use crate::domain::odds::Odds;

mod kind {
    use super::{UnknownName, names};
    use serde::{Deserialize, Serialize, Serializer};
    use std::fmt;
    use std::str::FromStr;

    names! {
        /// What a signal says.
        Kind, "kind of signal" {
            /// Several shops moved one way within a window.
            Steam = "steam",
            /// Most bets on one side, and the price goes to the other.
            Rlm = "rlm",
            /// Money and tickets disagree.
            Divergence = "divergence",
            /// The market moved close to the start.
            LateMoney = "late_money",
            /// Tickets and money agree, heavily.
            Consensus = "consensus",
            /// So many tickets on a side that the other is worth a look.
            PublicFade = "public_fade",
            /// One shop stands apart from the rest.
            BookConflict = "book_conflict",
            /// A shop did not follow a move, and its price is now better than fair.
            Stale = "stale",
            /// The market left its opening number while limits were low.
            Opener = "opener",
            /// There and back: a move that was taken back.
            HeadFake = "head_fake",
        }
    }
}
pub use kind::Kind;

/// A shop on the tape.
#[derive(Debug, Clone, PartialEq)]
pub struct Shop {
    /// Canonical slug, or the feed's label.
    pub slug: Arc<str>,
    /// How much its word counts among shops: positive, 1 for an ordinary one.
    pub weight: f64,
}

/// A way a shop is heard: one feed's id of it. The smallest that was heard speaks for the shop; a change of speaker is
/// a seam, never a move.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Voice {
    /// Index into [`Cast::shops`].
    pub shop: usize,
    /// Order among the shop's voices: not its primary id, then the stream's rank.
    pub order: (bool, u8),
    /// The feed's id of the shop; decides between equals.
    pub id: Arc<str>,
}

/// One change of a main line, pregame.
#[derive(Debug, Clone, PartialEq)]
pub struct Quote {
    /// When it was received.
    pub known_at: DateTime<Utc>,
    /// Market time.
    pub at: DateTime<Utc>,
    /// Index into [`Cast::voices`].
    pub voice: usize,
    /// Id of its series in the store; with `at` it names the row.
    pub series_id: i64,
    /// Market.
    pub market: Market,
    /// Part of the game.
    pub period: Period,
    /// Side.
    pub side: Side,
    /// Line; none for a moneyline.
    pub line: Option<Line>,
    /// Price; none when it cannot be bet.
    pub odds: Option<Odds>,
    /// Fetched after the fact.
    pub reconstructed: bool,
}

/// One change of a split.
#[derive(Debug, Clone, PartialEq)]
pub struct SplitSeen {
    /// When it was received.
    pub known_at: DateTime<Utc>,
    /// Market time.
    pub at: DateTime<Utc>,
    /// Who counts: `vsin:draftkings`, `action_network`.
    pub scope: Arc<str>,
    /// Market.
    pub market: Market,
    /// Part of the game.
    pub period: Period,
    /// Side.
    pub side: Side,
    /// Share of bets, 0–100.
    pub tickets_pct: Option<f64>,
    /// Share of money, 0–100.
    pub money_pct: Option<f64>,
    /// Number of bets.
    pub tickets: Option<i64>,
}

/// Who and when: what a game's rows refer to.
#[derive(Debug, Clone, PartialEq)]
pub struct Cast {
    /// League.
    pub league: League,
    /// Scheduled start, when known.
    pub starts_at: Option<DateTime<Utc>>,
    /// Home and away, for sentences: `BAL`.
    pub teams: [Arc<str>; 2],
    /// Shops that take bets; a consensus or an opener is none.
    pub shops: Vec<Shop>,
    /// How each is heard.
    pub voices: Vec<Voice>,
}

/// Everything known of a game that signals are made of.
#[derive(Debug, Clone, PartialEq)]
pub struct GameTape {
    /// Who and when.
    pub cast: Cast,
    /// Changes of prices, in any order.
    pub quotes: Vec<Quote>,
    /// Changes of splits, in any order.
    pub splits: Vec<SplitSeen>,
}

/// A row of the tape that a signal rests on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Evidence {
    /// Series in the store.
    pub series_id: i64,
    /// Market time of the row.
    pub at: DateTime<Utc>,
    /// Line after the change.
    pub line: Option<Line>,
    /// Price after the change.
    pub odds: Option<Odds>,
    /// Line before it.
    pub before_line: Option<Line>,
    /// Price before it.
    pub before_odds: Option<Odds>,
}

/// Splits that a signal rests on.
#[derive(Debug, Clone, PartialEq)]
pub struct SplitEvidence {
    /// Who counts.
    pub scope: Arc<str>,
    /// Market time of the row.
    pub at: DateTime<Utc>,
    /// Share of bets on the side that is named, 0–100.
    pub tickets_pct: Option<f64>,
    /// Share of money on it.
    pub money_pct: Option<f64>,
    /// Which side.
    pub side: Side,
    /// Share of the bets that came since the snapshot before, where counts allow it; else the numbers are cumulative.
    pub recent_tickets_pct: Option<f64>,
}

/// The best price on a signal's side when it was seen: what one could have bet.
#[derive(Debug, Clone, PartialEq)]
pub struct Available {
    /// Shop.
    pub shop: Arc<str>,
    /// Line.
    pub line: Option<Line>,
    /// Price.
    pub odds: Odds,
}

/// A shop in a signal.
#[derive(Debug, Clone, PartialEq)]
pub struct Follower {
    /// Shop.
    pub shop: Arc<str>,
    /// When it moved, or when its standing price began.
    pub at: DateTime<Utc>,
    /// Change of the signal side's fair probability, in −1 to 1; for one that did not move, what its price lags behind
    /// the consensus.
    pub delta: f64,
}

/// A signal.
#[derive(Debug, Clone, PartialEq)]
pub struct Signal {
    /// What it says.
    pub kind: Kind,
    /// The preset that saw it.
    pub preset: Arc<str>,
    /// Market.
    pub market: Market,
    /// Part of the game.
    pub period: Period,
    /// The side it points to.
    pub side: Side,
    /// Market time of the row that completed it.
    pub detected_at: DateTime<Utc>,
    /// When that row was received.
    pub observed_at: DateTime<Utc>,
    /// 0 to 1, by the rule's own measure.
    pub strength: f64,
    /// Change of the side's fair probability that it speaks of, −1 to 1; none where it speaks of splits alone.
    pub delta: Option<f64>,
    /// Consensus fair probability of the side when it was seen, at the line most shops had.
    pub fair: Option<f64>,
    /// Groups of shops that moved, or one for what a single shop or counter says.
    pub groups: usize,
    /// Shops that moved, first mover first.
    pub movers: Vec<Follower>,
    /// Shops that had not moved when it was seen.
    pub waiting: Vec<Follower>,
    /// Movers that came after it was seen, while it went on.
    pub later: Vec<Follower>,
    /// When its last mover moved.
    pub until: DateTime<Utc>,
    /// Prices moved and no line did.
    pub juice_only: bool,
    /// Seconds between looks at the shops: what is shorter cannot be seen. None where nothing tells.
    pub resolution_s: Option<f64>,
    /// What one could have bet.
    pub available: Option<Available>,
    /// The rows it rests on.
    pub evidence: Vec<Evidence>,
    /// The splits it rests on.
    pub splits: Vec<SplitEvidence>,
    /// One sentence.
    pub reason: String,
    /// Rests on rows that were fetched after the fact.
    pub reconstructed: bool,
}

/// Every signal of `presets` on a game's tape, by the moment it became known, then by kind, preset, market and side.
pub fn detect(tape: &GameTape, presets: &Arc<[Preset]>) -> Vec<Signal> {
    let mut detector = Detector::new(tape.cast.clone(), Arc::clone(presets));
    detector.hear(tape.quotes.clone(), tape.splits.clone());
    detector.in_order()
}

/// A game's detector: takes what became known, moment by moment.
#[derive(Debug)]
pub struct Detector {
    cast: Cast,
    presets: Arc<[Preset]>,
    clones: clones::Clones,
    markets: Vec<market::Watch>,
    rules: rules::Memory,
    heard_until: Option<(DateTime<Utc>, DateTime<Utc>)>,
    out: Vec<Signal>,
}

impl Detector {
    /// A detector that has heard nothing.
    pub fn new(cast: Cast, presets: Arc<[Preset]>) -> Self {
        Self {
            clones: clones::Clones::new(cast.shops.len()),
            cast,
            presets,
            markets: Vec::new(),
            rules: rules::Memory::default(),
            heard_until: None,
            out: Vec::new(),
        }
    }

    /// Who and when.
    pub fn cast(&self) -> &Cast {
        &self.cast
    }

    /// The latest moment it was told of: when it became known, and for which market time. What lies before can no longer
    /// be told: a detector of all rows must take its place.
    pub fn heard_until(&self) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        self.heard_until
    }

    /// Rows in any order, all of them later than what was heard.
    pub fn hear(&mut self, mut quotes: Vec<Quote>, mut splits: Vec<SplitSeen>) {
        quotes.sort_by_key(|q| (q.known_at, q.at));
        splits.sort_by(|a, b| {
            let order = |s: &SplitSeen| (s.known_at, s.at);
            order(a).cmp(&order(b)).then_with(|| {
                (&a.scope, &a.market, a.period, a.side)
                    .cmp(&(&b.scope, &b.market, b.period, b.side))
            })
        });
        let (mut quotes, mut splits) = (quotes.as_slice(), splits.as_slice());
        loop {
            let moment = match (quotes.first(), splits.first()) {
                (None, None) => break,
                (Some(q), None) => (q.known_at, q.at),
                (None, Some(s)) => (s.known_at, s.at),
                (Some(q), Some(s)) => (q.known_at, q.at).min((s.known_at, s.at)),
            };
            let now = quotes.partition_point(|q| (q.known_at, q.at) <= moment);
            let (batch, rest) = quotes.split_at(now);
            quotes = rest;
            let now = splits.partition_point(|s| (s.known_at, s.at) <= moment);
            let (counted, rest) = splits.split_at(now);
            splits = rest;
            self.heard_until = Some(moment);
            self.take(batch, counted);
        }
    }

    /// What became known at one moment for one market time.
    fn take(&mut self, quotes: &[Quote], splits: &[SplitSeen]) {
        let mut touched: Vec<usize> = Vec::new();
        for quote in quotes {
            let Some(index) = self.market(&quote.market, quote.period) else {
                continue;
            };
            if let Some(watch) = self.markets.get_mut(index) {
                watch.quote(&self.cast, quote);
            }
            if !touched.contains(&index) {
                touched.push(index);
            }
        }
        for split in splits {
            let Some(index) = self.market(&split.market, split.period) else {
                continue;
            };
            if let Some(watch) = self.markets.get_mut(index) {
                watch.split(split);
            }
            if !touched.contains(&index) {
                touched.push(index);
            }
        }
        // The order of markets in a payload says nothing either.
        touched.sort_by(|a, b| {
            let name = |i: &usize| self.markets.get(*i).map(market::Watch::name);
            name(a).cmp(&name(b))
        });
        for index in touched {
            let Some(watch) = self.markets.get_mut(index) else {
                continue;
            };
            watch.settle(&self.cast, &mut self.clones);
            let rules = rules::Moment {
                cast: &self.cast,
                watch,
                clones: &self.clones,
                nth: index,
            };
            rules.judge(&self.presets, &mut self.rules, &mut self.out);
            if let Some(watch) = self.markets.get_mut(index) {
                watch.counted.clear();
            }
        }
    }

    /// Fair probability of a side at `line`, as the shops that quoted it last had it: the median of each shop's last open
    /// price, without margin (multiplicative), carried to that line. None where nobody quoted.
    pub fn closing(
        &self,
        market: &Market,
        period: Period,
        side: Side,
        line: Option<Line>,
    ) -> Option<f64> {
        self.markets
            .iter()
            .find(|w| w.is(market, period))?
            .closing(side, line)
    }

    /// The line most shops had last, with the sign of `side`; none for a moneyline.
    pub fn closing_line(&self, market: &Market, period: Period, side: Side) -> Option<Line> {
        self.markets
            .iter()
            .find(|w| w.is(market, period))?
            .closing_line(side)
    }

    /// Fair probability of a side at `line` by the shops that are open now, as [`Self::closing`] has it, and how many they
    /// are. None where nobody is.
    pub fn fair(
        &self,
        market: &Market,
        period: Period,
        side: Side,
        line: Option<Line>,
    ) -> Option<(f64, usize)> {
        self.markets
            .iter()
            .find(|w| w.is(market, period))?
            .fair(side, line)
    }

    /// A market as features see it; none where nothing was heard of it.
    pub fn state(&self, market: &Market, period: Period) -> Option<MarketState> {
        let watch = self.markets.iter().find(|w| w.is(market, period))?;
        Some(watch.state(&self.cast))
    }

    /// The best price of a side that is open now, at the line most shops have.
    pub fn best(&self, market: &Market, period: Period, side: Side) -> Option<Available> {
        self.markets
            .iter()
            .find(|w| w.is(market, period))?
            .best(&self.cast, side)
    }

    /// The signals so far, by the moment they became known.
    pub fn in_order(&self) -> Vec<Signal> {
        let mut all = self.out.clone();
        all.sort_by(|a, b| {
            (
                a.observed_at,
                a.detected_at,
                a.kind,
                &a.preset,
                &a.market,
                a.period,
                a.side,
            )
                .cmp(&(
                    b.observed_at,
                    b.detected_at,
                    b.kind,
                    &b.preset,
                    &b.market,
                    b.period,
                    b.side,
                ))
        });
        all
    }

    /// Signals so far, in the order they were seen.
    pub fn signals(&self) -> &[Signal] {
        &self.out
    }

    fn market(&mut self, market: &Market, period: Period) -> Option<usize> {
        if !matches!(market, Market::Moneyline | Market::Spread | Market::Total) {
            return None;
        }
        let found = self.markets.iter().position(|w| w.is(market, period));
        Some(found.unwrap_or_else(|| {
            self.markets.push(market::Watch::new(
                market.clone(),
                period,
                Scale::of(self.cast.league, market, period),
            ));
            self.markets.len() - 1
        }))
    }
}

/// Seconds between two times, as a fraction.
fn seconds(span: TimeDelta) -> f64 {
    span.num_milliseconds() as f64 / 1000.0
}
