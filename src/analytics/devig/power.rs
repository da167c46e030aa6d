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
    let logs @ [la, lb] = [favourite.ln(), other.ln()];
    let rest = 1.0 - favourite;
    let margin = other - rest;
    // ln b − ln(1 − a) = ln(1 + margin/rest) by its Padé approximant, and the step of the third order by its first three
    // derivatives there, all of them times what would be divided by.
    let top = margin * (6.0 * rest + 3.0 * margin);
    let bottom = 6.0 * rest * other + margin * margin;
    let g1 = lb * rest + la * favourite;
    let g2 = la * la * favourite;
    let g3 = la * g2 * (1.0 + favourite);
    let (square, turn) = (6.0 * g1 * g1 * bottom, top * g2);
    let more = -top * rest * (square - 3.0 * turn)
        / (g1 * (square - 6.0 * turn) * bottom + top * top * g3);
    if (more * lb).abs() < SHORT {
        let (p, q) = (
            favourite * short_exp(more * la),
            other * short_exp(more * lb),
        );
        let (pa, qb) = (p * la, q * lb);
        let (off, slope, bend) = ((p - 1.0) + q, pa + qb, pa * la + qb * lb);
        let step = lb * -off * slope / (slope * slope - 0.5 * off * bend);
        // What is left of the error is the cube of that; so is what this series leaves out.
        if step.abs() < 4e-5 {
            let small = q * (1.0 + step * (1.0 + 0.5 * step));
            return Ok(if a >= b {
                [1.0 - small, small]
            } else {
                [small, 1.0 - small]
            });
        }
    }
    let near = 1.0 + more;
    // Books far from 1 begin where the general way begins.
    let start = if near > 0.5 && near < 2.0 { near } else { 1.0 };
    let [p, q] = far(logs, start)?;
    Ok(if a >= b { [p, q] } else { [q, p] })
}

/// Long shots, and books far from 1.
#[cold]
fn far([la, lb]: [f64; 2], start: f64) -> Result<[f64; 2], DevigError> {
    let mut x = start;
    for _ in 0..4 {
        let (p, q) = ((x * la).exp(), (x * lb).exp());
        let (pa, qb) = (p * la, q * lb);
        let (paa, qbb) = (pa * la, qb * lb);
        let by = step([(p - 1.0) + q, pa + qb, paa + qbb, paa * la + qbb * lb]);
        let t = by * lb;
        // What is left of the error is a small part of the fourth power of that.
        if t.abs() < 1e-3 {
            let small = q * (1.0 + t * (1.0 + t * (0.5 + t * (1.0 / 6.0 + t * (1.0 / 24.0)))));
            return Ok([1.0 - small, small]);
        }
        x += by;
    }
    let mut fair = [la.exp(), lb.exp()];
    raise(&[la, lb], &mut fair, 1.0)?;
    Ok(fair)
}

/// How far [`short_exp`] is exact.
const SHORT: f64 = 0.25;

/// exp(y) for |y| below [`SHORT`], by its series, whose terms do not wait for each other.
#[inline]
fn short_exp(y: f64) -> f64 {
    let y2 = y * y;
    let y4 = y2 * y2;
    let first = (1.0 + y) + y2 * (0.5 + y * (1.0 / 6.0));
    let next = (1.0 / 24.0 + y * (1.0 / 120.0)) + y2 * (1.0 / 720.0 + y * (1.0 / 5_040.0));
    let last = (1.0 / 40_320.0 + y * (1.0 / 362_880.0)) + y2 * (1.0 / 3_628_800.0);
    first + y4 * (next + y4 * last)
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
