//! Fair probabilities: a book's prices without its margin.
//!
//! Input are implied probabilities πᵢ = 1/dᵢ (d: decimal odds) of all outcomes of one market; B = Σπᵢ. Output are
//! probabilities that add up to 1. How the margin is spread over the outcomes is what the methods differ in, so a fair
//! price is stored with the name of its method.
//!
//! | Method | Formula | Source |
//! |---|---|---|
//! | multiplicative | p = π/B | – |
//! | additive | p = π − (B−1)/n; also known as WPO and differential margin weighting | – |
//! | power | p = π^(1/k), Σp = 1 | Vovk & Zhdanov (2009) |
//! | Shin | p = (√(z² + 4(1−z)π²/B) − z) / (2(1−z)), Σp = 1 | Shin (1993), Jullien & Salanié (1994) |
//! | odds ratio | p = π/(c + π − cπ), Σp = 1; also known as logarithmic | Cheung (2015) |
//! | balanced book | z = (B−1)/(n−1), p = (π−z)/(1−z) | Fingleton & Waldron (1999) |
//! | goto | p = π − σ(B−1)/Σσ, σ = √(1−π) | Goto (2023) |
//! | Jensen–Shannon | each outcome as far (Jensen–Shannon distance) from π | Lindstrøm (2023) |
//! | probit | p = Φ(Φ⁻¹(π) − c), Σp = 1 | – |

mod jensen_shannon;
mod linear;
mod odds_ratio;
mod pair;
mod power;
mod probit;
mod shin;
#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize, Serializer};

use crate::domain::market::{UnknownName, names};

names! {
    /// How the margin is taken out.
    Method, "devig method" {
        /// In proportion to the implied probability.
        Multiplicative = "multiplicative",
        /// The same from each outcome.
        Additive = "additive",
        /// By an exponent.
        Power = "power",
        /// Shin's model of insiders: z is their share.
        Shin = "shin",
        /// The same factor on each outcome's odds ratio.
        OddsRatio = "odds_ratio",
        /// A book that earns the same whatever happens.
        BalancedBook = "balanced_book",
        /// In proportion to the standard error of each probability.
        Goto = "goto",
        /// The same Jensen–Shannon distance for each outcome.
        JensenShannon = "jensen_shannon",
        /// The same shift of each outcome's normal quantile.
        Probit = "probit",
    }
}

impl Method {
    /// A method by any of the names in use: its own, `wpo`, `differential_margin`, `logarithmic`, `jsd` and such, with
    /// spaces or dashes instead of underscores, in any case.
    pub fn named(text: &str) -> Result<Self, UnknownName> {
        let name = text.trim().to_ascii_lowercase().replace([' ', '-'], "_");
        Ok(match name.as_str() {
            "wpo" | "differential_margin" | "differential_margin_weighting" => Self::Additive,
            "logarithmic" | "log" | "or" => Self::OddsRatio,
            "jsd" => Self::JensenShannon,
            "basic" | "proportional" => Self::Multiplicative,
            "bb" => Self::BalancedBook,
            other => return other.parse(),
        })
    }
}

/// Why a market has no fair probabilities under a method.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum DevigError {
    /// The book is below 1, and the method describes books above it.
    #[error(
        "the implied probabilities add up to {overround:.6}, below 1, and this method explains margins only; use \
         multiplicative, additive, power or odds_ratio, or look for an arbitrage"
    )]
    Underround {
        /// Σπ.
        overround: f64,
    },
    /// The method itself leaves 0 to 1: it takes more from a long shot than it has.
    #[error(
        "the method gives outcome {} of the market no probability between 0 and 1; use power, odds_ratio or shin", outcome + 1
    )]
    OutOfRange {
        /// Which outcome, from 0.
        outcome: usize,
    },
    /// The input is no market.
    #[error("{reason}; give the decimal odds, above 1, of two outcomes or more")]
    Degenerate {
        /// What is wrong with it.
        reason: &'static str,
    },
}

/// What a method makes of a market.
#[derive(Debug, Clone, PartialEq)]
pub struct Solution {
    /// One per outcome, in the order given; they add up to 1. Methods that are linear in π may leave 0 to 1 on long
    /// shots, see [`Solution::out_of_range`].
    pub probabilities: Vec<f64>,
    /// B = Σπ.
    pub overround: f64,
    /// The method's parameter: k of power, z of Shin and balanced book, c of odds ratio and probit, the distance of
    /// Jensen–Shannon; none where a method has none.
    pub parameter: Option<f64>,
}

impl Solution {
    /// The first outcome whose number is no probability.
    pub fn out_of_range(&self) -> Option<usize> {
        let within = |p: &f64| *p >= 0.0 && *p <= 1.0;
        self.probabilities.iter().position(|p| !within(p))
    }

    /// Whether the book is below 1.
    pub fn underround(&self) -> bool {
        self.overround < 1.0 - NO_MARGIN
    }
}

/// Books this near to 1 have no margin: the sum of correctly rounded probabilities is not exact.
const NO_MARGIN: f64 = 1e-12;

/// What the method makes of the implied probabilities `implied` (πᵢ from 1e-9 to 1, exclusive), numbers outside 0 to 1
/// included where the method's formula gives them.
///
/// Fails with [`DevigError::Degenerate`] for fewer than two outcomes and for πᵢ out of range, with
/// [`DevigError::Underround`] for Shin's method below 1, and with [`DevigError::OutOfRange`] where a long shot would have
/// to go below 0 and the method has no number for that (Jensen–Shannon).
pub fn solve(method: Method, implied: &[f64]) -> Result<Solution, DevigError> {
    let overround = overround(implied)?;
    if method == Method::Shin && overround < 1.0 - NO_MARGIN {
        return Err(DevigError::Underround { overround });
    }
    let (probabilities, parameter) = match (method, implied) {
        (Method::Multiplicative, _) => (linear::multiplicative(implied, overround), None),
        (Method::Additive, _) => (linear::additive(implied, overround), None),
        (Method::BalancedBook, _) => {
            let (probabilities, z) = linear::balanced_book(implied, overround);
            (probabilities, Some(z))
        }
        (Method::Goto, _) => (linear::goto(implied, overround), None),
        (Method::Power, _) => {
            let (probabilities, k) = power::solve(implied)?;
            (probabilities, Some(k))
        }
        (Method::Shin, &[a, b]) => {
            let z = pair::shin_share(a, b);
            (pair::additive(a, b).to_vec(), Some(z))
        }
        (Method::Shin, _) => {
            let (probabilities, z) = shin::solve(implied, overround)?;
            (probabilities, Some(z))
        }
        (Method::OddsRatio, &[a, b]) => {
            let (probabilities, c) = pair::odds_ratio(a, b);
            (probabilities.to_vec(), Some(c))
        }
        (Method::OddsRatio, _) => {
            let (probabilities, c) = odds_ratio::solve(implied)?;
            (probabilities, Some(c))
        }
        (Method::JensenShannon, _) => {
            let (probabilities, distance) = jensen_shannon::solve(implied, overround)?;
            (probabilities, Some(distance))
        }
        (Method::Probit, &[a, b]) => {
            let (probabilities, c) = pair::probit(a, b)?;
            (probabilities.to_vec(), Some(c))
        }
        (Method::Probit, _) => {
            let (probabilities, c) = probit::solve(implied)?;
            (probabilities, Some(c))
        }
    };
    Ok(Solution {
        probabilities,
        overround,
        parameter,
    })
}

/// Fair probabilities of a market of any size: each in 0 to 1, adding up to 1. `implied` are πᵢ = 1/dᵢ.
///
/// Fails as [`solve`], and with [`DevigError::OutOfRange`] where the method leaves 0 to 1.
pub fn fair(method: Method, implied: &[f64]) -> Result<Vec<f64>, DevigError> {
    let solution = solve(method, implied)?;
    match solution.out_of_range() {
        Some(outcome) => Err(DevigError::OutOfRange { outcome }),
        None => Ok(solution.probabilities),
    }
}

/// Fair probabilities of a two-way market from π₁ and π₂, in closed form where there is one, without allocating.
///
/// Fails as [`fair`].
#[inline]
pub fn two_way(method: Method, p1: f64, p2: f64) -> Result<[f64; 2], DevigError> {
    if !(is_price(p1) && is_price(p2)) {
        return Err(NO_PROBABILITY);
    }
    Ok(match method {
        Method::Multiplicative => pair::multiplicative(p1, p2),
        Method::Shin if p1 + p2 < 1.0 - NO_MARGIN => {
            return Err(DevigError::Underround { overround: p1 + p2 });
        }
        Method::Additive | Method::Shin => pair::additive(p1, p2),
        Method::Power => power::pair(p1, p2)?,
        Method::OddsRatio => pair::odds_ratio(p1, p2).0,
        Method::BalancedBook => pair::balanced_book(p1, p2),
        Method::Goto => pair::goto(p1, p2),
        Method::JensenShannon => jensen_shannon::pair(p1, p2)?,
        Method::Probit => pair::probit(p1, p2)?.0,
    })
}

/// The conservative view: per outcome the least fair probability of all methods that keep to 0 to 1. The numbers add up to
/// less than 1, unless all methods agree.
///
/// Fails with [`DevigError::Degenerate`] as [`solve`].
pub fn worst_case(implied: &[f64]) -> Result<Vec<f64>, DevigError> {
    // Multiplicative has an answer for every market, so there is always one to begin with.
    let mut worst = fair(Method::Multiplicative, implied)?;
    for found in Method::ALL.iter().filter_map(|m| fair(*m, implied).ok()) {
        for (least, p) in worst.iter_mut().zip(found) {
            *least = least.min(p);
        }
    }
    Ok(worst)
}

const NO_PROBABILITY: DevigError = DevigError::Degenerate {
    reason: "an implied probability is not between 0 and 1, or below one in a billion",
};

const NOT_FOUND: DevigError = DevigError::Degenerate {
    reason: "the equation of the method could not be solved for such a market",
};

/// Whether some book could offer it. Below one in a billion no book has a price, and squares would lose their digits.
#[inline]
fn is_price(p: f64) -> bool {
    (1e-9..1.0).contains(&p)
}

/// B, of a market that is one.
pub(super) fn overround(implied: &[f64]) -> Result<f64, DevigError> {
    if implied.len() < 2 {
        return Err(DevigError::Degenerate {
            reason: "a market has two outcomes or more",
        });
    }
    if !implied.iter().all(|p| is_price(*p)) {
        return Err(NO_PROBABILITY);
    }
    Ok(implied.iter().sum())
}
