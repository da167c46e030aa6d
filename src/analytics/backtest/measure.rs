//! What a walk's bets add up to: return and its interval, hits, drawdown, streaks, and how markets go together.

use std::collections::{BTreeMap, BTreeSet};

use super::{Choice, Paid, Placed, shares};
use crate::analytics::metrics::{self, Interval};
use crate::analytics::normal;
use crate::domain::market::{Market, Side};

/// Samples of a bootstrap.
const ROUNDS: usize = 1_000;
/// Where its draws begin, so that the same bets give the same interval.
const SEED: u64 = 5;
/// Confidence of every interval.
const CONFIDENCE: f64 = 0.95;

/// What bets add up to.
#[derive(Debug, Clone, PartialEq)]
pub struct Performance {
    /// Bets that ended.
    pub bets: usize,
    /// Won; halves count half.
    pub won: f64,
    /// Lost.
    pub lost: f64,
    /// Pushes and bets that did not stand.
    pub pushed: usize,
    /// Staked.
    pub staked: f64,
    /// Won less lost.
    pub profit: f64,
    /// By unit staked.
    pub roi: Option<f64>,
    /// Its 95 % interval, by a bootstrap over games, since bets on one game go together. None below two games.
    pub roi_between: Option<Interval>,
    /// Share won of those won or lost, with Wilson's 95 % interval; a half counts as a whole there.
    pub hits: Option<Interval>,
    /// Mean profit of those that won.
    pub average_win: Option<f64>,
    /// Mean loss of those that lost, above 0.
    pub average_loss: Option<f64>,
    /// All won over all lost; none without a loss.
    pub profit_factor: Option<f64>,
    /// Deepest fall from a peak as a share of it, above 0.
    pub max_drawdown: f64,
    /// Mean return of a unit over its standard deviation, by bet.
    pub sharpe: Option<f64>,
    /// Chance of such a return and better where there is none to be had (normal approximation).
    pub p_value: Option<f64>,
    /// Most wins in a row.
    pub win_streak: usize,
    /// Most losses in a row.
    pub lose_streak: usize,
    /// Mean expected value when they were made, of those with a fair price.
    pub average_ev: Option<f64>,
    /// Mean value against the close.
    pub average_clv: Option<f64>,
    /// Share that beat the close.
    pub beat_close: Option<f64>,
}

type Settled<'a> = (&'a Choice, &'a Placed, &'a Paid);

/// Bets with money on them that ended, in the order in which they did.
pub fn settled<'a>(choices: impl IntoIterator<Item = &'a Choice>) -> Vec<Settled<'a>> {
    let mut bets: Vec<Settled<'a>> = choices
        .into_iter()
        .filter_map(|choice| {
            choice
                .settled()
                .map(|(placed, paid)| (choice, placed, paid))
        })
        .collect();
    bets.sort_by_key(|(choice, placed, paid)| (paid.at, choice.history, placed.at));
    bets
}

/// Measure `bets`, in the order in which they ended, from a bankroll of `start`.
pub fn performance(bets: &[Settled<'_>], start: f64) -> Performance {
    let sum = |of: &dyn Fn(&Settled<'_>) -> f64| bets.iter().fold(0.0, |sum, b| sum + of(b));
    let (staked, profit) = (sum(&|b| b.1.stake), sum(&|b| b.2.profit));
    let (won, lost) = (
        sum(&|b| shares(b.2.outcome).0),
        sum(&|b| shares(b.2.outcome).1),
    );
    let decided = |side: fn(f64) -> bool| -> Vec<f64> {
        let profits = bets.iter().map(|b| b.2.profit);
        profits.filter(|profit| side(*profit)).collect()
    };
    let (wins, losses) = (decided(|p| p > 0.0), decided(|p| p < 0.0));
    let mean = |all: &[f64]| (!all.is_empty()).then(|| all.iter().sum::<f64>() / all.len() as f64);
    let lost_money = -losses.iter().sum::<f64>();
    let returns: Vec<f64> = bets.iter().map(|b| b.2.units).collect();
    let sharpe = metrics::sharpe(&returns);
    let clvs: Vec<f64> = bets.iter().filter_map(|b| b.2.clv).collect();
    let evs: Vec<f64> = bets.iter().filter_map(|b| b.1.expected_value).collect();
    Performance {
        bets: bets.len(),
        won,
        lost,
        pushed: bets.len() - wins.len() - losses.len(),
        staked,
        profit,
        roi: metrics::roi(profit, staked),
        roi_between: by_games(bets),
        hits: metrics::wilson(
            wins.len() as u64,
            (wins.len() + losses.len()) as u64,
            CONFIDENCE,
        ),
        average_win: mean(&wins),
        average_loss: mean(&losses).map(f64::abs),
        profit_factor: (lost_money > 0.0).then(|| wins.iter().sum::<f64>() / lost_money),
        max_drawdown: drawdown(bets, start),
        sharpe,
        p_value: sharpe.map(|s| 1.0 - normal::cumulative(s * (returns.len() as f64).sqrt())),
        win_streak: streak(bets, |profit| profit > 0.0),
        lose_streak: streak(bets, |profit| profit < 0.0),
        average_ev: mean(&evs),
        average_clv: mean(&clvs),
        beat_close: (!clvs.is_empty())
            .then(|| clvs.iter().filter(|clv| **clv > 0.0).count() as f64 / clvs.len() as f64),
    }
}

/// Deepest fall of the money from a peak, the start being one.
fn drawdown(bets: &[Settled<'_>], start: f64) -> f64 {
    let (mut money, mut peak, mut deepest) = (start, start, 0.0_f64);
    for (_, _, paid) in bets {
        money += paid.profit;
        peak = peak.max(money);
        if peak > 0.0 {
            deepest = deepest.max((peak - money) / peak);
        }
    }
    deepest
}

/// Longest run; a push neither ends nor lengthens one.
fn streak(bets: &[Settled<'_>], counts: fn(f64) -> bool) -> usize {
    let (mut longest, mut now) = (0, 0);
    for (_, _, paid) in bets {
        if counts(paid.profit) {
            now += 1;
        } else if paid.profit != 0.0 {
            now = 0;
        }
        longest = longest.max(now);
    }
    longest
}

/// Return by unit staked, its interval by a bootstrap over games (percentile method).
fn by_games(bets: &[Settled<'_>]) -> Option<Interval> {
    let mut games: BTreeMap<usize, (f64, f64)> = BTreeMap::new();
    for (choice, placed, paid) in bets {
        let game = games.entry(choice.history).or_default();
        game.0 += paid.profit;
        game.1 += placed.stake;
    }
    let games: Vec<(f64, f64)> = games.into_values().collect();
    if games.len() < 2 {
        return None;
    }
    metrics::bootstrap_ratio(&games, CONFIDENCE, ROUNDS, SEED)
}

/// How bets on two markets of one game went together.
#[derive(Debug, Clone, PartialEq)]
pub struct Together {
    /// Of moneyline, spread and total the first of the two.
    pub market: Market,
    /// The other.
    pub other: Market,
    /// `same` team or the `other` one; for a team and a total, `over` or `under`.
    pub relation: &'static str,
    /// Pairs of bets.
    pub pairs: usize,
    /// Both made money.
    pub both_won: usize,
    /// Both lost it.
    pub both_lost: usize,
    /// Profit of the first's bets.
    pub profit: f64,
    /// Staked on them.
    pub staked: f64,
    /// Profit of the other's.
    pub other_profit: f64,
    /// Staked on them.
    pub other_staked: f64,
}

/// Pairs of bets on different markets of the same game.
pub fn together(bets: &[Settled<'_>]) -> Vec<Together> {
    let mut found: BTreeMap<(Market, Market, &'static str), Together> = BTreeMap::new();
    let games: BTreeSet<usize> = bets.iter().map(|b| b.0.history).collect();
    for game in games {
        let mut mine: Vec<&Settled<'_>> = bets.iter().filter(|b| b.0.history == game).collect();
        mine.sort_by(|a, b| (&a.0.market, a.0.side).cmp(&(&b.0.market, b.0.side)));
        for (n, one) in mine.iter().enumerate() {
            for two in mine.iter().skip(n + 1) {
                if one.0.market == two.0.market {
                    continue;
                }
                let relation = match two.0.side {
                    Side::Over => "over",
                    Side::Under => "under",
                    side if side == one.0.side => "same",
                    _ => "other",
                };
                let (market, other) = (one.0.market.clone(), two.0.market.clone());
                let pair = found
                    .entry((market.clone(), other.clone(), relation))
                    .or_insert(Together {
                        market,
                        other,
                        relation,
                        pairs: 0,
                        both_won: 0,
                        both_lost: 0,
                        profit: 0.0,
                        staked: 0.0,
                        other_profit: 0.0,
                        other_staked: 0.0,
                    });
                pair.pairs += 1;
                pair.both_won += usize::from(one.2.profit > 0.0 && two.2.profit > 0.0);
                pair.both_lost += usize::from(one.2.profit < 0.0 && two.2.profit < 0.0);
                pair.profit += one.2.profit;
                pair.staked += one.1.stake;
                pair.other_profit += two.2.profit;
                pair.other_staked += two.1.stake;
            }
        }
    }
    found.into_values().collect()
}
