//! Odds ratio for three outcomes and more: Σ π/(π + c(1−π)) = 1, solved for c.

use super::{DevigError, NOT_FOUND};

/// Fair probabilities and c. The sum falls with c and is convex, so Newton's method from its high side never passes the
/// root.
pub(super) fn solve(implied: &[f64]) -> Result<(Vec<f64>, f64), DevigError> {
    let mut c = 1.0;
    for _ in 0..200 {
        let (mut f, mut slope) = (-1.0, 0.0);
        for p in implied {
            let fair = p / (p + c * (1.0 - p));
            f += fair;
            slope -= fair * (1.0 - p) / (p + c * (1.0 - p));
        }
        let step = -f / slope;
        if !step.is_finite() {
            return Err(NOT_FOUND);
        }
        let next = if c + step > 0.0 { c + step } else { 0.5 * c };
        let change = ((next - c) / next).abs();
        c = next;
        if change <= 1e-10 {
            let fair = implied.iter().map(|p| p / (p + c * (1.0 - p)));
            return Ok((fair.collect(), c));
        }
    }
    Err(NOT_FOUND)
}
