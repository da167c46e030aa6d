//! Probit for three outcomes and more: ΣΦ(Φ⁻¹(π) − c) = 1, solved for c.

use super::{DevigError, NO_PROBABILITY, NOT_FOUND};
use crate::analytics::normal;

/// Fair probabilities and c.
pub(super) fn solve(implied: &[f64]) -> Result<(Vec<f64>, f64), DevigError> {
    let quantiles: Option<Vec<f64>> = implied.iter().map(|p| normal::quantile(*p)).collect();
    let quantiles = quantiles.ok_or(NO_PROBABILITY)?;
    // The sum falls with c; Newton's method within what is known to hold the root.
    let (mut low, mut high) = (f64::NEG_INFINITY, f64::INFINITY);
    let mut c = 0.0;
    for _ in 0..200 {
        let (mut f, mut slope) = (-1.0, 0.0);
        for quantile in &quantiles {
            f += normal::cumulative(quantile - c);
            slope -= normal::density(quantile - c);
        }
        if f > 0.0 {
            low = c;
        } else {
            high = c;
        }
        // Far out the sum is flat; a step of one standard deviation comes back.
        let newton = c + (-f / slope).clamp(-1.0, 1.0);
        let next = if newton >= low && newton <= high {
            newton
        } else {
            0.5 * (low + high)
        };
        if !next.is_finite() {
            return Err(NOT_FOUND);
        }
        let change = (next - c).abs();
        c = next;
        if change <= 1e-10 {
            let fair = quantiles.iter().map(|q| normal::cumulative(q - c));
            return Ok((fair.collect(), c));
        }
    }
    Err(NOT_FOUND)
}
