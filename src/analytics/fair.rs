//! Fair prices from anchor books, and what every other price is worth against them.
//!
//! An *anchor* is a book whose opinion counts, with a weight. Each anchor's prices of one market at one number are freed of
//! their margin ([`super::devig`]); the fair probability of an outcome is the anchors' weighted geometric mean, shared out
//! over the outcomes again:
//!
//! `pᵢ = Πₐ pₐᵢ^wₐ / Σⱼ Πₐ pₐⱼ^wₐ`, with `Σ w = 1`.
//!
//! For two outcomes that is the weighted mean of log-odds (Satopää et al. 2014). Every outcome rests on the same anchors, so
//! that the probabilities add up to 1; with [`Devig::WorstCase`] each is the least of all methods and they add up to less.
//! A price is worth `p·d − 1`, d after the exchange's commission. Where a result can push, p is of the bets that are
//! decided: a push gives the stake back.

pub mod board;
pub mod offer;
pub mod row;
pub mod tape;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Serialize, Serializer};

use super::devig::{self, DevigError, Method};
use super::ev::after_commission;
use crate::domain::market::UnknownName;

/// How the margin is taken out of the anchors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Devig {
    /// By one method.
    Method(Method),
    /// Per outcome the least probability of all methods.
    WorstCase,
}

impl Devig {
    /// Every way.
    pub fn all() -> impl Iterator<Item = Self> {
        let methods = Method::ALL.iter().map(|method| Self::Method(*method));
        methods.chain([Self::WorstCase])
    }

    /// Name in settings, tables and `--json`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Method(method) => method.as_str(),
            Self::WorstCase => "worst_case",
        }
    }

    /// Fair probability of the first of two sides, from one book's implied ones, where there is one.
    pub fn first(self, one: f64, other: f64) -> Option<f64> {
        match self {
            Self::Method(method) => devig::two_way(method, one, other).ok().map(|[p, _]| p),
            Self::WorstCase => devig::worst_case(&[one, other]).ok()?.first().copied(),
        }
    }

    /// Fair probabilities of one book's implied ones.
    pub fn of(self, implied: &[f64]) -> Result<Vec<f64>, DevigError> {
        match self {
            Self::Method(method) => devig::fair(method, implied),
            Self::WorstCase => devig::worst_case(implied),
        }
    }
}

impl fmt::Display for Devig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Devig {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        if text.trim() == "worst_case" {
            return Ok(Self::WorstCase);
        }
        Method::named(text).map(Self::Method)
    }
}

impl Serialize for Devig {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// What counts, and how much.
#[derive(Debug, Clone, PartialEq)]
pub struct Rules {
    /// Books whose opinion counts, with their weights, above 0.
    pub anchors: BTreeMap<Arc<str>, f64>,
    /// How their margin is taken out.
    pub devig: Devig,
    /// Anchors without which there is no fair price.
    pub min_anchors: usize,
    /// Seconds after which an anchor that was not seen again does not count.
    pub anchor_max_age: f64,
    /// Seconds after which a price that was not seen again is stale: never best, in no arbitrage and no middle.
    pub max_age: f64,
    /// Share of winnings that a book keeps, 0 to 1: exchanges.
    pub commission: BTreeMap<Arc<str>, f64>,
    /// Expected value from which a price is to be taken.
    pub take: f64,
    /// Change of expected value that is worth a row of its own.
    pub min_change: f64,
    /// How often a middle may have to hit to pay, at most.
    pub middle_break_even: f64,
}

impl Rules {
    /// Decimal odds after the book's commission; none for what is no price.
    pub fn net(&self, book: &str, decimal: f64) -> Option<f64> {
        let share = self.commission.get(book).copied().unwrap_or(0.0);
        after_commission(decimal, share)
            .ok()
            .filter(|net| *net > 1.0)
    }
}

/// One book's prices of a market's outcomes, all at one number.
#[derive(Debug, Clone, PartialEq)]
pub struct Row<'a> {
    /// Book.
    pub book: &'a Arc<str>,
    /// Per outcome the decimal odds after commission and the seconds since they were seen; none while it cannot be bet.
    pub prices: Vec<Option<(f64, f64)>>,
}

/// Why an anchor's prices do not count.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum LeftOut {
    /// An outcome cannot be bet there: suspended, off, or never offered.
    #[error("an outcome cannot be bet there")]
    Incomplete,
    /// Not seen for too long.
    #[error("not seen for {0:.0} s")]
    Stale(f64),
    /// The margin cannot be taken out.
    #[error("{0}")]
    Margin(DevigError),
}

/// One book's opinion, and how much it counted.
#[derive(Debug, Clone, PartialEq)]
pub struct Anchor {
    /// Book.
    pub book: Arc<str>,
    /// Share of the whole weight.
    pub weight: f64,
    /// Its own fair probabilities, by outcome.
    pub probabilities: Vec<f64>,
    /// Its overround, after commission.
    pub overround: f64,
    /// Seconds since its oldest price was seen.
    pub seen: f64,
}

/// A market's fair prices, and what they rest on.
#[derive(Debug, Clone, PartialEq)]
pub struct Fair {
    /// How the margin was taken out.
    pub devig: Devig,
    /// By outcome.
    pub probabilities: Vec<f64>,
    /// Books, by name.
    pub anchors: Vec<Anchor>,
}

/// Why a market has no fair price.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum NoFair {
    /// A price needs its opposite.
    #[error("a market has two outcomes or more, and only {0} is priced")]
    OneSided(usize),
    /// Too few anchors have both sides, fresh, at this number.
    #[error(
        "{found} of {needed} anchors price every outcome here and lately; set fair.anchors and fair.min_anchors, or look at another number"
    )]
    TooFew {
        /// Those that do.
        found: usize,
        /// Those that must.
        needed: usize,
    },
    /// No method holds for all anchors.
    #[error("{0}")]
    Margin(DevigError),
}

/// An anchor that did not count, and why.
pub type Absent = (Arc<str>, LeftOut);

/// The fair prices of a market with `outcomes` outcomes from `rows`, and the anchors that did not count.
///
/// Fails with a sentence where fewer than [`Rules::min_anchors`] count. The answer does not depend on the order of `rows`; of a
/// book that comes twice the first row counts.
pub fn price(
    outcomes: usize,
    rows: &[Row<'_>],
    rules: &Rules,
) -> (Result<Fair, NoFair>, Vec<Absent>) {
    let mut left_out = Vec::new();
    if outcomes < 2 {
        return (Err(NoFair::OneSided(outcomes)), left_out);
    }
    let mut heard: BTreeMap<&Arc<str>, Opinion> = BTreeMap::new();
    for row in rows {
        let Some(weight) = rules.anchors.get(row.book).copied() else {
            continue;
        };
        let counts = weight > 0.0 && weight.is_finite();
        if !counts || heard.contains_key(row.book) {
            continue;
        }
        match opinion(outcomes, row, rules) {
            Ok((implied, probabilities, seen)) => {
                let opinion = Opinion {
                    weight,
                    implied,
                    probabilities,
                    seen,
                };
                heard.insert(row.book, opinion);
            }
            Err(why) => left_out.push((Arc::clone(row.book), why)),
        }
    }
    let (found, needed) = (heard.len(), rules.min_anchors.max(1));
    if found < needed {
        return (Err(NoFair::TooFew { found, needed }), left_out);
    }
    let total: f64 = heard.values().map(|o| o.weight).sum();
    let pooled = match rules.devig {
        Devig::Method(_) => Ok(pool(
            outcomes,
            heard
                .values()
                .map(|o| (o.weight / total, &*o.probabilities)),
        )),
        Devig::WorstCase => worst(outcomes, heard.values(), total),
    };
    let fair = pooled.map(|probabilities| Fair {
        devig: rules.devig,
        probabilities,
        anchors: heard
            .into_iter()
            .map(|(book, opinion)| Anchor {
                book: Arc::clone(book),
                weight: opinion.weight / total,
                overround: opinion.implied.iter().sum(),
                probabilities: opinion.probabilities,
                seen: opinion.seen,
            })
            .collect(),
    });
    (fair, left_out)
}

struct Opinion {
    weight: f64,
    implied: Vec<f64>,
    probabilities: Vec<f64>,
    seen: f64,
}

/// Implied and fair probabilities of one anchor, and the age of its oldest price.
fn opinion(
    outcomes: usize,
    row: &Row<'_>,
    rules: &Rules,
) -> Result<(Vec<f64>, Vec<f64>, f64), LeftOut> {
    let open: Vec<(f64, f64)> = row.prices.iter().copied().flatten().collect();
    if open.len() != outcomes || row.prices.len() != outcomes {
        return Err(LeftOut::Incomplete);
    }
    let seen = open.iter().map(|(_, seen)| *seen).fold(0.0, f64::max);
    // An age that is no number is no age to rely on.
    if !open.iter().all(|(_, seen)| *seen <= rules.anchor_max_age) {
        return Err(LeftOut::Stale(seen));
    }
    let implied: Vec<f64> = open.iter().map(|(decimal, _)| 1.0 / decimal).collect();
    let fair = rules.devig.of(&implied).map_err(LeftOut::Margin)?;
    match fair.iter().position(|p| !(*p > 0.0 && *p < 1.0)) {
        Some(outcome) => Err(LeftOut::Margin(DevigError::OutOfRange { outcome })),
        None => Ok((implied, fair, seen)),
    }
}

/// The weighted geometric mean of opinions, adding up to 1.
fn pool<'a>(outcomes: usize, opinions: impl Iterator<Item = (f64, &'a [f64])>) -> Vec<f64> {
    let mut logs = vec![0.0; outcomes];
    for (weight, probabilities) in opinions {
        for (log, p) in logs.iter_mut().zip(probabilities) {
            *log += weight * p.ln();
        }
    }
    // The greatest becomes 1, so that nothing under- or overflows.
    let top = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let means: Vec<f64> = logs.iter().map(|log| (log - top).exp()).collect();
    let sum: f64 = means.iter().sum();
    means.iter().map(|mean| mean / sum).collect()
}

/// Per outcome the least of the pooled probabilities of every method that holds for all anchors.
fn worst<'a>(
    outcomes: usize,
    heard: impl Iterator<Item = &'a Opinion>,
    total: f64,
) -> Result<Vec<f64>, NoFair> {
    let heard: Vec<&Opinion> = heard.collect();
    let mut least: Option<Vec<f64>> = None;
    let mut why = None;
    for method in Method::ALL {
        let opinions: Result<Vec<Vec<f64>>, DevigError> = heard
            .iter()
            .map(|o| devig::fair(*method, &o.implied))
            .collect();
        let opinions = match opinions {
            Ok(opinions) if opinions.iter().flatten().all(|p| *p > 0.0 && *p < 1.0) => opinions,
            Ok(_) => continue,
            Err(error) => {
                why = why.or(Some(error));
                continue;
            }
        };
        let weighted = heard.iter().zip(&opinions);
        let pooled = pool(outcomes, weighted.map(|(o, p)| (o.weight / total, &**p)));
        least = Some(match least {
            None => pooled,
            Some(had) => had.iter().zip(pooled).map(|(a, b)| a.min(b)).collect(),
        });
    }
    least.ok_or(NoFair::Margin(
        why.unwrap_or(DevigError::OutOfRange { outcome: 0 }),
    ))
}
