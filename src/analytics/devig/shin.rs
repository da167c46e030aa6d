//! Shin's method for three outcomes and more.

use super::{DevigError, NOT_FOUND};

/// Fair probabilities and z, the share of insiders, in 0 to 1.
///
/// With c = π²/B the condition Σp = 1 is Σ√(z² + 4(1−z)c) = 2 + (n−2)z. Its left side less its right is convex in z,
/// positive at 0, and has a root of no meaning at 1; so Newton's method from 0 rises to the root below 1 and never passes it.
pub(super) fn solve(implied: &[f64], book: f64) -> Result<(Vec<f64>, f64), DevigError> {
    let mut fair: Vec<f64> = implied.iter().map(|p| p * p / book).collect();
    let others = fair.len() as f64 - 2.0;
    let mut z = 0.0_f64;
    for _ in 0..200 {
        let (mut g, mut slope) = (-2.0 - others * z, -others);
        for c in &fair {
            let root = (z * z + 4.0 * (1.0 - z) * c).sqrt();
            g += root;
            slope += (z - 2.0 * c) / root;
        }
        let step = -g / slope;
        if !step.is_finite() {
            return Err(NOT_FOUND);
        }
        z = (z + step).clamp(0.0, 1.0);
        if step.abs() <= 1e-12 {
            for c in &mut fair {
                // (√ − z)/(2(1−z)) without the difference, which would cost a long shot its digits.
                *c = 2.0 * *c / ((z * z + 4.0 * (1.0 - z) * *c).sqrt() + z);
            }
            return Ok((fair, z));
        }
    }
    Err(NOT_FOUND)
}
