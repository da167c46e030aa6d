//! Closed forms for two outcomes. `a` and `b` are implied probabilities in 0 to 1.

use super::{DevigError, NO_PROBABILITY};
use crate::analytics::normal;

#[inline]
pub(super) fn multiplicative(a: f64, b: f64) -> [f64; 2] {
    let scale = 1.0 / (a + b);
    [a * scale, b * scale]
}

/// π − (B−1)/2 = (1 ± (π₁−π₂))/2; never outside 0 to 1. Shin's method gives the same for two outcomes.
#[inline]
pub(super) fn additive(a: f64, b: f64) -> [f64; 2] {
    let margin = (a - 0.5) + (b - 0.5);
    [a - 0.5 * margin, b - 0.5 * margin]
}

/// Shin's z = (B−1)(δ²−B) / (B(δ²−1)), δ = π₁−π₂.
pub(super) fn shin_share(a: f64, b: f64) -> f64 {
    let margin = (a - 0.5) + (b - 0.5);
    let (book, square) = (a + b, (a - b) * (a - b));
    margin * (square - book) / (book * (square - 1.0))
}

/// Both odds ratios over c multiply to 1, so c = √(o₁o₂) with o = π/(1−π).
#[inline]
pub(super) fn odds_ratio(a: f64, b: f64) -> ([f64; 2], f64) {
    // √(π₁(1−π₂)) and √(π₂(1−π₁)) are in the ratio of √o₁ to √o₂.
    let (first, second) = ((a * (1.0 - b)).sqrt(), (b * (1.0 - a)).sqrt());
    let scale = 1.0 / (first + second);
    let c = (a * b / ((1.0 - a) * (1.0 - b))).sqrt();
    ([first * scale, second * scale], c)
}

/// With z = B−1 the formula is (1−π₂)/((1−π₁)+(1−π₂)).
#[inline]
pub(super) fn balanced_book(a: f64, b: f64) -> [f64; 2] {
    let scale = 1.0 / ((1.0 - a) + (1.0 - b));
    [(1.0 - b) * scale, (1.0 - a) * scale]
}

#[inline]
pub(super) fn goto(a: f64, b: f64) -> [f64; 2] {
    let margin = (a - 0.5) + (b - 0.5);
    let (first, second) = ((1.0 - a).sqrt(), (1.0 - b).sqrt());
    let each = margin / (first + second);
    [a - first * each, b - second * each]
}

/// Quantiles shifted by c must be opposite, so c is their mean.
#[inline]
pub(super) fn probit(a: f64, b: f64) -> Result<([f64; 2], f64), DevigError> {
    let (Some(first), Some(second)) = (normal::quantile(a), normal::quantile(b)) else {
        return Err(NO_PROBABILITY);
    };
    let half = 0.5 * (first - second);
    // The smaller of the two keeps its relative precision.
    let small = normal::cumulative(-half.abs());
    let both = if half < 0.0 {
        [small, 1.0 - small]
    } else {
        [1.0 - small, small]
    };
    Ok((both, 0.5 * (first + second)))
}
