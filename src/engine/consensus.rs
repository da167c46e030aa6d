//! What the shops of a game say together, from what is quoted.

use std::sync::Arc;

use crate::analytics::consensus::{self as common, Consensus, NoConsensus};
use crate::analytics::fair::Rules;
use crate::analytics::fair::board::Number;
use crate::domain::market::{Line, Market, Period, Side};

use super::opportunities::market::Quotes;

/// One shop's main line of a side, its margin taken out.
#[derive(Debug, Clone, PartialEq)]
pub struct Opinion {
    /// Shop.
    pub book: Arc<str>,
    /// Its line, with the sign of the side.
    pub line: Option<Line>,
    /// Fair probability.
    pub probability: f64,
    /// How much it counts in the weighted mean; none where it does not.
    pub weight: Option<f64>,
    /// Seconds since the older of its prices was seen.
    pub seen: f64,
    /// Seconds since the newer of its prices changed.
    pub changed: f64,
}

/// A side of a market, as the shops together see it.
#[derive(Debug, Clone, PartialEq)]
pub struct Common {
    /// Market.
    pub market: Market,
    /// Part of the game.
    pub period: Period,
    /// Team or player, else empty.
    pub participant: Arc<str>,
    /// Side.
    pub side: Side,
    /// All shops alike: the common line, and the median there.
    pub agreed: Result<Consensus, NoConsensus>,
    /// The mean of log-odds by the anchors' weights, as a probability.
    pub sharp: Result<f64, NoConsensus>,
    /// What each shop says, by its name.
    pub opinions: Vec<Opinion>,
}

impl Common {
    /// Those at the common line.
    pub fn there(&self) -> impl Iterator<Item = &Opinion> {
        let line = self.agreed.as_ref().ok().map(|agreed| agreed.line);
        self.opinions.iter().filter(move |o| Some(o.line) == line)
    }
}

/// Every side of a market, from `fewest` shops on. Stale prices and alternate lines say nothing.
pub fn of(quotes: &Quotes, rules: &Rules, fewest: usize) -> Vec<Common> {
    let mut sides: Vec<(Side, Vec<Opinion>)> = Vec::new();
    for number in &quotes.board.numbers {
        for (side, opinion) in opinions(number, rules) {
            let at = sides.iter().position(|(had, _)| *had == side);
            let at = at.unwrap_or_else(|| {
                sides.push((side, Vec::new()));
                sides.len() - 1
            });
            if let Some((_, all)) = sides.get_mut(at)
                && !all.iter().any(|had| had.book == opinion.book)
            {
                all.push(opinion);
            }
        }
    }
    let weights = rules.anchors.iter();
    let sharp = common::Rules {
        weights: weights.map(|(book, w)| (book.to_string(), *w)).collect(),
        providers: fewest,
        ..common::Rules::default()
    };
    let alike = common::Rules {
        providers: fewest,
        ..common::Rules::default()
    };
    // The line is the first side's; the others are told at the same number.
    let mut there: Option<Vec<Arc<str>>> = None;
    let common = |(side, mut opinions): (Side, Vec<Opinion>)| {
        opinions.sort_by(|a, b| a.book.cmp(&b.book));
        let is_there = |o: &&Opinion| there.as_ref().is_none_or(|all| all.contains(&o.book));
        let said: Vec<common::Opinion<'_>> = opinions
            .iter()
            .filter(is_there)
            .map(|opinion| common::Opinion {
                book: &opinion.book,
                line: opinion.line,
                fair: opinion.probability,
            })
            .collect();
        let agreed = common::consensus(&said, &alike);
        let sharp = common::consensus(&said, &sharp).map(|found| found.weighted);
        let common = Common {
            market: quotes.market.clone(),
            period: quotes.period,
            participant: Arc::clone(&quotes.participant),
            side,
            agreed,
            sharp,
            opinions,
        };
        if there.is_none() && common.agreed.is_ok() {
            there = Some(common.there().map(|o| Arc::clone(&o.book)).collect());
        }
        common
    };
    sides.into_iter().map(common).collect()
}

/// Of every shop whose main line this number is, and that prices each outcome.
fn opinions(number: &Number, rules: &Rules) -> Vec<(Side, Opinion)> {
    let Some(first) = number.outcomes.first() else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for book in first.offers.iter().map(|offer| &offer.book) {
        let offers: Option<Vec<_>> = number
            .outcomes
            .iter()
            .map(|outcome| {
                let mut own = outcome.offers.iter().filter(|offer| offer.book == *book);
                own.find(|offer| offer.main && !offer.stale)
            })
            .collect();
        let Some(offers) = offers.filter(|offers| offers.len() > 1) else {
            continue;
        };
        let implied: Vec<f64> = offers.iter().map(|offer| 1.0 / offer.net).collect();
        let Ok(fair) = rules.devig.of(&implied) else {
            continue;
        };
        let seen = offers.iter().map(|o| o.seen).fold(0.0, f64::max);
        let changed = offers
            .iter()
            .map(|o| o.changed)
            .fold(f64::INFINITY, f64::min);
        for (outcome, probability) in number.outcomes.iter().zip(fair) {
            if probability > 0.0 && probability < 1.0 {
                let opinion = Opinion {
                    book: Arc::clone(book),
                    line: outcome.line,
                    probability,
                    weight: rules.anchors.get(book).copied(),
                    seen,
                    changed,
                };
                found.push((outcome.side, opinion));
            }
        }
    }
    found
}
