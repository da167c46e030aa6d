//! Strategies on stored history: a walk forward that sees at each moment only what was known then.
//!
//! [`walk`](walk::walk) goes through the rows of many games in the order in which they became known. A preset's signal is a
//! choice; after a stated delay the best price that is *then* known to be open is taken, a stake put on it, and once the
//! result is known it is settled. What a choice knows of earlier ones is only what was settled before it.
//! [`audit`](audit::audit) goes over the outcome with the rows themselves and finds any choice that knew too much.

pub mod audit;
pub mod measure;
#[cfg(test)]
mod tests;
pub mod walk;

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize, Serializer};

use super::metrics;
use super::normal;
use super::settlement::{Outcome, Score};
use super::signal::{GameTape, Preset, Quote, SplitSeen};
use crate::domain::league::League;
use crate::domain::market::{Line, Market, Period, Side, UnknownName, names};

/// Fewest settled choices before Kelly stakes anything.
pub const KELLY_NEEDS: usize = 20;
/// How many settled choices weigh as much as no edge at all.
const SHRINK: f64 = 50.0;

/// How a game ended, and since when that was known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ended {
    /// Since when.
    pub known_at: DateTime<Utc>,
    /// The score; none for a game that was called off.
    pub score: Option<Score>,
}

/// All that is stored of a game.
#[derive(Debug, Clone, PartialEq)]
pub struct History {
    /// The game.
    pub game: i64,
    /// Its slate.
    pub slate: NaiveDate,
    /// Its rows.
    pub tape: GameTape,
    /// Its result, once it had one.
    pub ended: Option<Ended>,
}

/// The one place that says when something is seen.
pub trait Sight {
    /// When a price is.
    fn quote(&self, quote: &Quote) -> DateTime<Utc>;
    /// When a split is.
    fn split(&self, split: &SplitSeen) -> DateTime<Utc>;
    /// When a result is.
    fn ended(&self, ended: &Ended) -> DateTime<Utc>;
}

/// Everything is seen when it became known.
#[derive(Debug, Clone, Copy, Default)]
pub struct AsKnown;

impl Sight for AsKnown {
    fn quote(&self, quote: &Quote) -> DateTime<Utc> {
        quote.known_at
    }

    fn split(&self, split: &SplitSeen) -> DateTime<Utc> {
        split.known_at
    }

    fn ended(&self, ended: &Ended) -> DateTime<Utc> {
        ended.known_at
    }
}

/// How much is staked.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Staking {
    /// The same on each.
    Flat {
        /// So much.
        unit: f64,
    },
    /// A share of Kelly's stake on the bankroll of that moment. The chance of a win is the fair probability plus what earlier
    /// choices won beyond theirs, drawn towards nothing while they are few; a confidence is no chance.
    Kelly {
        /// Share of full Kelly.
        share: f64,
        /// At most so much of the bankroll.
        cap: f64,
    },
}

/// What is walked with.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The preset.
    pub preset: Preset,
    /// Between a signal's moment and the price that is taken.
    pub delay: TimeDelta,
    /// Money at the start.
    pub bankroll: f64,
    /// How much is staked.
    pub staking: Staking,
    /// Weaker signals are passed, 0 to 1.
    pub min_strength: f64,
}

names! {
    /// What was done about a signal.
    Verdict, "verdict" {
        /// Bet.
        Bet = "bet",
        /// Kelly's stake was nothing; it is graded on one unit of paper.
        Paper = "paper",
        /// The same side of the same market was chosen before.
        Repeated = "repeated",
        /// Scores of a part of the game are not kept.
        PartOfGame = "part_of_game",
        /// The game would have begun before the bet was made.
        Began = "began",
        /// No shop was open when the bet was to be made.
        NoPrice = "no_price",
        /// Weaker than asked for.
        Weak = "weak",
        /// No money was left.
        Broke = "broke",
    }
}

impl Verdict {
    /// Why, as a sentence.
    pub const fn why(self) -> &'static str {
        match self {
            Self::Bet => "the preset's signal, at the best price known to be open when it was bet",
            Self::Paper => {
                "no stake: what is known of the preset so far gives it no edge at this price"
            }
            Self::Repeated => "passed: the same side of the same market was chosen before",
            Self::PartOfGame => "passed: results of a part of the game are not kept",
            Self::Began => "passed: the game begins before a bet could be made",
            Self::NoPrice => "passed: no shop was known to be open when the bet was to be made",
            Self::Weak => "passed: the signal is weaker than asked for",
            Self::Broke => "passed: no money was left",
        }
    }
}

/// What was known of the preset's choices when one was made: of those settled before.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Standing {
    /// Settled.
    pub graded: usize,
    /// Won; halves count half.
    pub won: f64,
    /// Lost.
    pub lost: f64,
    /// Profit by unit.
    pub roi: Option<f64>,
    /// What they won beyond their fair probability, on average.
    pub excess: Option<f64>,
    /// Probability that their return is above nothing ([`confidence`]).
    pub confidence: Option<f64>,
}

/// The bet itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Placed {
    /// When.
    pub at: DateTime<Utc>,
    /// Where.
    pub book: Arc<str>,
    /// Line.
    pub line: Option<Line>,
    /// American.
    pub american: i32,
    /// Decimal.
    pub decimal: f64,
    /// Median fair probability of the side at that line, by the shops open then.
    pub fair: Option<f64>,
    /// Decimal price times that, less one.
    pub expected_value: Option<f64>,
    /// Staked; nothing on paper.
    pub stake: f64,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Paid {
    /// When that was known.
    pub at: DateTime<Utc>,
    /// How it ended.
    pub outcome: Outcome,
    /// Profit on one unit.
    pub units: f64,
    /// Profit on the stake.
    pub profit: f64,
    /// The bankroll then.
    pub bankroll: f64,
    /// Line most shops closed at.
    pub close_line: Option<Line>,
    /// Fair probability at the close, at the line that was bet.
    pub close: Option<f64>,
    /// Decimal price times that, less one.
    pub clv: Option<f64>,
}

/// A signal, and what was done about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    /// Which of the histories.
    pub history: usize,
    /// The game.
    pub game: i64,
    /// League.
    pub league: League,
    /// Its slate.
    pub slate: NaiveDate,
    /// Start.
    pub starts_at: Option<DateTime<Utc>>,
    /// Market.
    pub market: Market,
    /// Part of the game.
    pub period: Period,
    /// Side.
    pub side: Side,
    /// The signal's strength.
    pub strength: f64,
    /// Its market time.
    pub detected_at: DateTime<Utc>,
    /// When it was seen.
    pub decided_at: DateTime<Utc>,
    /// What was done.
    pub verdict: Verdict,
    /// What was known of earlier choices.
    pub standing: Standing,
    /// The bet.
    pub placed: Option<Placed>,
    /// What came of it; none while the game has no result.
    pub paid: Option<Paid>,
}

impl Choice {
    /// The money that was bet, once settled: stake and profit.
    pub fn settled(&self) -> Option<(&Placed, &Paid)> {
        let bet = self.verdict == Verdict::Bet;
        self.placed.as_ref().zip(self.paid.as_ref()).filter(|_| bet)
    }

    /// How long before the start it was bet: `0-2h`, `2-6h`, `6-24h`, `24h+`.
    pub fn bucket(&self) -> Option<&'static str> {
        let before = self.starts_at? - self.placed.as_ref()?.at;
        Some(match before.num_hours() {
            ..2 => "0-2h",
            2..6 => "2-6h",
            6..24 => "6-24h",
            _ => "24h+",
        })
    }
}

/// Probability that bets with these returns make money at all: Φ(√n · mean / standard deviation), the normal approximation.
/// None below two, and where they do not vary.
pub fn confidence(returns: &[f64]) -> Option<f64> {
    let sharpe = metrics::sharpe(returns)?;
    Some(normal::cumulative(sharpe * (returns.len() as f64).sqrt()))
}

/// The chance of a win that Kelly stakes on: the fair probability plus the mean excess of earlier choices times n/(n + 50).
/// None below [`KELLY_NEEDS`] of them.
pub fn chance(fair: f64, standing: &Standing) -> Option<f64> {
    if standing.graded < KELLY_NEEDS {
        return None;
    }
    let n = standing.graded as f64;
    Some((fair + standing.excess? * n / (n + SHRINK)).clamp(0.0, 1.0))
}

/// Shares won and lost.
pub const fn shares(outcome: Outcome) -> (f64, f64) {
    match outcome {
        Outcome::Win => (1.0, 0.0),
        Outcome::HalfWin => (0.5, 0.0),
        Outcome::HalfLose => (0.0, 0.5),
        Outcome::Lose => (0.0, 1.0),
        Outcome::Push | Outcome::NoAction => (0.0, 0.0),
    }
}
