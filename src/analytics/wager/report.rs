//! What one's bets add up to, by what they have in common.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::analytics::metrics;
use crate::analytics::settlement::Outcome;
use crate::domain::time::slate_date;

/// A bet as a report counts it.
#[derive(Debug, Clone, PartialEq)]
pub struct Counted {
    /// Book.
    pub book: String,
    /// League.
    pub league: String,
    /// Market.
    pub market: String,
    /// When it was made.
    pub placed_at: DateTime<Utc>,
    /// Staked, hundredths.
    pub stake: i64,
    /// How it ended, and the profit in hundredths; none while it is open.
    pub ended: Option<(Outcome, i64)>,
    /// Expected value of 1 when it was made.
    pub expected_value: Option<f64>,
    /// Against the close.
    pub clv: Option<f64>,
}

/// What a report splits by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum By {
    /// All together.
    All,
    /// Book.
    Book,
    /// League.
    League,
    /// Market.
    Market,
    /// Month in which the bet was made, US Eastern slates.
    Month,
}

impl By {
    /// Every one, in the order of a report.
    pub const ALL: [Self; 5] = [
        Self::All,
        Self::Book,
        Self::League,
        Self::Market,
        Self::Month,
    ];

    /// `book`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Book => "book",
            Self::League => "league",
            Self::Market => "market",
            Self::Month => "month",
        }
    }

    fn of(self, bet: &Counted) -> String {
        match self {
            Self::All => "all".to_owned(),
            Self::Book => bet.book.clone(),
            Self::League => bet.league.clone(),
            Self::Market => bet.market.clone(),
            Self::Month => slate_date(bet.placed_at).format("%Y-%m").to_string(),
        }
    }
}

/// What some bets add up to. Amounts are in the currency.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Sum {
    /// What they have in common.
    pub by: By,
    /// Which one.
    pub value: String,
    /// Bets.
    pub bets: usize,
    /// Those without a result.
    pub open: usize,
    /// Won; halves count half.
    pub won: f64,
    /// Lost.
    pub lost: f64,
    /// Pushes and bets that did not stand.
    pub pushed: usize,
    /// Staked on those that ended.
    pub staked: f64,
    /// Won less lost.
    pub profit: f64,
    /// By unit staked.
    pub roi: Option<f64>,
    /// Profit that was to be expected when the bets were made, of those that ended and had a fair price then.
    pub expected: Option<f64>,
    /// What those bets made.
    pub made: Option<f64>,
    /// Ended bets with a fair price when they were made.
    pub with_fair: usize,
    /// Mean value against the close.
    pub clv: Option<f64>,
    /// Share that beat the close.
    pub beat_close: Option<f64>,
    /// Bets with a close.
    pub with_close: usize,
}

/// The sums of some bets by what they have in common, in the order of its values.
pub fn report(bets: &[Counted], by: By) -> Vec<Sum> {
    let mut parts: BTreeMap<String, Vec<&Counted>> = BTreeMap::new();
    for bet in bets {
        parts.entry(by.of(bet)).or_default().push(bet);
    }
    parts
        .into_iter()
        .map(|(value, bets)| sum(by, value, &bets))
        .collect()
}

fn money(hundredths: i64) -> f64 {
    hundredths as f64 / 100.0
}

fn sum(by: By, value: String, bets: &[&Counted]) -> Sum {
    let ended: Vec<(&Counted, Outcome, i64)> = bets
        .iter()
        .filter_map(|bet| bet.ended.map(|(outcome, profit)| (*bet, outcome, profit)))
        .collect();
    let share = |outcome: Outcome| match outcome {
        Outcome::Win => (1.0, 0.0),
        Outcome::HalfWin => (0.5, 0.0),
        Outcome::HalfLose => (0.0, 0.5),
        Outcome::Lose => (0.0, 1.0),
        Outcome::Push | Outcome::NoAction => (0.0, 0.0),
    };
    // A bet that did not stand was no stake.
    let staked: i64 = ended
        .iter()
        .filter(|(_, outcome, _)| *outcome != Outcome::NoAction)
        .map(|(bet, _, _)| bet.stake)
        .sum();
    let profit: i64 = ended.iter().map(|(_, _, profit)| profit).sum();
    let fair: Vec<(f64, i64)> = ended
        .iter()
        .filter(|(_, outcome, _)| *outcome != Outcome::NoAction)
        .filter_map(|(bet, _, profit)| Some((money(bet.stake) * bet.expected_value?, *profit)))
        .collect();
    let closes: Vec<f64> = bets.iter().filter_map(|bet| bet.clv).collect();
    let of_closes = |total: f64| (!closes.is_empty()).then(|| total / closes.len() as f64);
    Sum {
        by,
        value,
        bets: bets.len(),
        open: bets.len() - ended.len(),
        // From 0 on: the sum of nothing is -0 otherwise.
        won: ended.iter().fold(0.0, |sum, e| sum + share(e.1).0),
        lost: ended.iter().fold(0.0, |sum, e| sum + share(e.1).1),
        pushed: ended
            .iter()
            .filter(|(_, outcome, _)| matches!(outcome, Outcome::Push | Outcome::NoAction))
            .count(),
        staked: money(staked),
        profit: money(profit),
        roi: metrics::roi(money(profit), money(staked)),
        expected: (!fair.is_empty()).then(|| fair.iter().map(|(ev, _)| ev).sum()),
        made: (!fair.is_empty()).then(|| money(fair.iter().map(|(_, profit)| profit).sum())),
        with_fair: fair.len(),
        clv: of_closes(closes.iter().sum()),
        beat_close: of_closes(closes.iter().filter(|clv| **clv > 0.0).count() as f64),
        with_close: closes.len(),
    }
}
