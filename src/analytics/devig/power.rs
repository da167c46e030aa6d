//! Power: Σ πᵢ^x = 1, solved for the exponent x = 1/k.

use super::{DevigError, NOT_FOUND};

/// Fair probabilities and k.
pub(super) fn solve(implied: &[f64]) -> Result<(Vec<f64>, f64), DevigError> {
    let logs: Vec<f64> = implied.iter().map(|p| p.ln()).collect();
    let mut fair = implied.to_vec();
    let x = raise(&logs, &mut fair)?;
    Ok((fair, 1.0 / x))
}

/// Two outcomes, without allocating.
#[inline]
pub(super) fn pair(a: f64, b: f64) -> Result<[f64; 2], DevigError> {
    let mut fair = [a, b];
    raise(&[a.ln(), b.ln()], &mut fair)?;
    Ok(fair)
}

/// Raise `powers` (πᵢ¹ on entry) to the x that makes them add up to 1, and return x.
///
/// The sum falls with x and is convex, so Newton's method from its high side never passes the root. Near the root a step of
/// Householder's third order squares the error twice; one evaluation beyond the first, which is free at x = 1, is the rule.
#[inline]
fn raise(logs: &[f64], powers: &mut [f64]) -> Result<f64, DevigError> {
    let steepest = logs.iter().fold(0.0_f64, |most, log| most.max(-log));
    let mut x = 1.0;
    for _ in 0..200 {
        // The sum less 1, and its first three derivatives.
        let (mut f, mut f1, mut f2, mut f3) = (-1.0, 0.0, 0.0, 0.0);
        for (power, log) in powers.iter().zip(logs) {
            f += power;
            let first = power * log;
            f1 += first;
            f2 += first * log;
            f3 += first * log * log;
        }
        let mut step = -f / f1;
        if (step * steepest).abs() < 0.5 {
            step = -f * (6.0 * f1 * f1 - 3.0 * f * f2)
                / (6.0 * f1 * f1 * f1 - 6.0 * f * f1 * f2 + f * f * f3);
        }
        if x + step <= 0.0 {
            step = -0.5 * x;
        }
        x += step;
        let change = (step * steepest).abs();
        if change < 1e-4 {
            // What is left of the error is the fourth power of that; so is what this series leaves out.
            for (power, log) in powers.iter_mut().zip(logs) {
                let t = step * log;
                *power *= 1.0 + t * (1.0 + t * (0.5 + t / 6.0));
            }
            return if x.is_finite() { Ok(x) } else { Err(NOT_FOUND) };
        }
        for (power, log) in powers.iter_mut().zip(logs) {
            *power = (x * log).exp();
        }
    }
    Err(NOT_FOUND)
}
