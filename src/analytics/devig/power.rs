//! Power: Σ πᵢ^x = 1, solved for the exponent x = 1/k.

use super::{DevigError, NOT_FOUND};

/// Fair probabilities and k.
pub(super) fn solve(implied: &[f64]) -> Result<(Vec<f64>, f64), DevigError> {
    let logs: Vec<f64> = implied.iter().map(|p| p.ln()).collect();
    let mut fair = implied.to_vec();
    let x = raise(&logs, &mut fair, 1.0)?;
    Ok((fair, 1.0 / x))
}

/// Two outcomes, without allocating. `x·ln b − ln(1 − aˣ)`, a the favourite, is nearly straight in x where the sum itself bends
/// most, so that one step from 1 comes near enough for one more to be the last.
#[inline]
pub(super) fn pair(a: f64, b: f64) -> Result<[f64; 2], DevigError> {
    let (favourite, other) = if a >= b { (a, b) } else { (b, a) };
    let logs = [favourite.ln(), other.ln()];
    let ratio = favourite / (1.0 - favourite);
    let g1 = logs[1] + logs[0] * ratio;
    let g2 = logs[0] * logs[0] * ratio * (1.0 + ratio);
    let g3 = logs[0] * g2 * (1.0 + 2.0 * ratio);
    let near = 1.0 + step([logs[1] - (1.0 - favourite).ln(), g1, g2, g3]);
    // Books far from 1 begin where the general way begins.
    let start = if near > 0.5 && near < 2.0 { near } else { 1.0 };
    let mut fair = [(start * logs[0]).exp(), (start * logs[1]).exp()];
    raise(&logs, &mut fair, start)?;
    Ok(if a >= b { fair } else { [fair[1], fair[0]] })
}

/// A step of Householder's method of the third order, by a function and its first three derivatives.
#[inline]
fn step([f, f1, f2, f3]: [f64; 4]) -> f64 {
    let slope = f1 * f1;
    -f * (6.0 * slope - 3.0 * f * f2) / (6.0 * slope * f1 - 6.0 * f * f1 * f2 + f * f * f3)
}

/// Raise `powers` (πᵢˣ on entry) to the x that makes them add up to 1, and return that x.
///
/// The sum falls with x and is convex, so Newton's method from its high side never passes the root. Near the root a step of
/// the third order squares the error twice.
#[inline]
fn raise(logs: &[f64], powers: &mut [f64], start: f64) -> Result<f64, DevigError> {
    let steepest = logs.iter().fold(0.0_f64, |most, log| most.max(-log));
    let mut x = start;
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
        let mut step = if f.abs() * steepest < -0.5 * f1 {
            step([f, f1, f2, f3])
        } else {
            -f / f1
        };
        if x + step <= 0.0 {
            step = -0.5 * x;
        }
        x += step;
        let change = (step * steepest).abs();
        if change < 1e-4 {
            // What is left of the error is the fourth power of that; so is what this series leaves out.
            for (power, log) in powers.iter_mut().zip(logs) {
                let t = step * log;
                *power *= 1.0 + t * (1.0 + t * (0.5 + t * (1.0 / 6.0)));
            }
            return if x.is_finite() { Ok(x) } else { Err(NOT_FOUND) };
        }
        for (power, log) in powers.iter_mut().zip(logs) {
            *power = (x * log).exp();
        }
    }
    Err(NOT_FOUND)
}
