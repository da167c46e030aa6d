//! Jensen–Shannon: each outcome's (p, 1−p) lies at the same Jensen–Shannon distance from (π, 1−π).
//!
//! The distance is the root of the divergence in nats, here with the sign of π − p, so that it passes smoothly through 0.

use super::{DevigError, NOT_FOUND};

/// φ(x)/x² with φ(x) = (1+x)ln(1+x) + (1−x)ln(1−x) = Σ x^(2k)/(k(2k−1)).
fn spread(x: f64) -> f64 {
    const SERIES: [f64; 12] = [
        1.0 / 276.0,
        1.0 / 231.0,
        1.0 / 190.0,
        1.0 / 153.0,
        1.0 / 120.0,
        1.0 / 91.0,
        1.0 / 66.0,
        1.0 / 45.0,
        1.0 / 28.0,
        1.0 / 15.0,
        1.0 / 6.0,
        1.0,
    ];
    let y = x * x;
    if y < 1e-3 {
        let near = SERIES.iter().skip(7);
        near.fold(0.0, |sum, c| sum * y + c)
    } else if y < 0.06 {
        SERIES.iter().fold(0.0, |sum, c| sum * y + c)
    } else if y < 1.0 {
        ((1.0 + x) * x.ln_1p() + (1.0 - x) * (-x).ln_1p()) / y
    } else {
        2.0 * std::f64::consts::LN_2
    }
}

/// Signed distance of `p` from `implied`. With m the mean of both and h half their difference the divergence is
/// (mφ(h/m) + (1−m)φ(h/(1−m)))/2: a sum of what is positive, so that near 0 no digit is lost.
fn distance(implied: f64, p: f64) -> f64 {
    let (h, m, q) = halves(implied, p);
    h * (0.5 * (spread(h / m) / m + spread(h / q) / q)).sqrt()
}

/// Derivative of the distance by p; negative.
fn slope(implied: f64, p: f64, distance: f64) -> f64 {
    let (h, m, q) = halves(implied, p);
    if h.abs() < 1e-10 {
        return -(8.0 * m * q).sqrt().recip();
    }
    0.25 * ((-h / m).ln_1p() - (h / q).ln_1p()) / distance
}

/// Half the difference, the mean, and one less the mean.
fn halves(implied: f64, p: f64) -> (f64, f64, f64) {
    let h = 0.5 * (implied - p);
    (h, 0.5 * (implied + p), 0.5 * ((1.0 - implied) + (1.0 - p)))
}

/// Two outcomes, without allocating: a secant from the additive solution.
#[inline]
pub(super) fn pair(a: f64, b: f64) -> Result<[f64; 2], DevigError> {
    let margin = (a - 0.5) + (b - 0.5);
    // Solve for what is taken from the first; the rest of the margin is taken from the second.
    let off = |taken: f64| distance(a, a - taken) - distance(b, b - (margin - taken));
    // Distances near π go as √(8π(1−π)), so that is how the margin is shared first.
    let (first, second) = ((a * (1.0 - a)).sqrt(), (b * (1.0 - b)).sqrt());
    let mut taken = margin * first / (first + second);
    let mut gap = off(taken);
    let mut slope = (first + second) / (8.0_f64.sqrt() * first * second);
    for _ in 0..100 {
        let mut step = -gap / slope;
        let within = |t: f64| {
            let (p, q) = (a - t, b - (margin - t));
            p > 0.0 && p < 1.0 && q > 0.0 && q < 1.0
        };
        for _ in 0..60 {
            if within(taken + step) {
                break;
            }
            step *= 0.5;
        }
        if !within(taken + step) {
            break;
        }
        taken += step;
        if step.abs() <= 1e-9 * (a - taken).min(b - (margin - taken)) {
            return Ok([a - taken, b - (margin - taken)]);
        }
        let now = off(taken);
        if now == 0.0 {
            return Ok([a - taken, b - (margin - taken)]);
        }
        slope = (now - gap) / step;
        gap = now;
        if slope.is_nan() || slope <= 0.0 {
            break;
        }
    }
    let (fair, _) = solve(&[a, b], a + b)?;
    match fair.as_slice() {
        &[p, q] => Ok([p, q]),
        _ => Err(NOT_FOUND),
    }
}

/// Fair probabilities and the distance, negative below a book of 1.
///
/// Newton's method on all equations at once: each step shares out what is missing from 1 by the outcomes' slopes.
pub(super) fn solve(implied: &[f64], book: f64) -> Result<(Vec<f64>, f64), DevigError> {
    let mut fair: Vec<f64> = implied.iter().map(|p| p / book).collect();
    for _ in 0..30 {
        // p ← p + (D − d)/d', with D such that the sum is 1.
        let (mut sum, mut weight) = (0.0, 0.0);
        let tangents: Vec<(f64, f64)> = (implied.iter().zip(&fair))
            .map(|(implied, p)| {
                let d = distance(*implied, *p);
                let slope = slope(*implied, *p, d);
                sum += p - d / slope;
                weight += 1.0 / slope;
                (d, slope)
            })
            .collect();
        let target = (1.0 - sum) / weight;
        let (mut change, mut off) = (0.0_f64, 0.0_f64);
        for (p, (d, slope)) in fair.iter_mut().zip(tangents) {
            off = off.max((target - d).abs());
            let next = *p + (target - d) / slope;
            let next = next.max(0.1 * *p).min(0.1 * *p + 0.9);
            change = change.max(((next - *p) / next).abs());
            *p = next;
        }
        // Beside 0 the distance is so steep that p stands still without being there.
        if change <= 1e-8 && off <= 1e-15 + 1e-6 * target.abs() {
            return Ok((fair, target));
        }
    }
    slowly(implied, book)
}

/// Where Newton's method does not settle: whether there is a solution at all, then bisection.
fn slowly(implied: &[f64], book: f64) -> Result<(Vec<f64>, f64), DevigError> {
    let end = if book > 1.0 { 0.0 } else { 1.0 };
    let furthest = |(_, p): &(usize, &f64)| distance(**p, end).abs();
    let ends = implied.iter().enumerate();
    let Some((outcome, shortest)) = ends.min_by(|a, b| furthest(a).total_cmp(&furthest(b))) else {
        return Err(NOT_FOUND);
    };
    let limit = distance(*shortest, end);
    let sum = |d: f64| implied.iter().map(|p| at_distance(*p, d)).sum::<f64>();
    if (sum(limit) > 1.0) == (book > 1.0) {
        return Err(DevigError::OutOfRange { outcome });
    }
    let (mut near, mut far) = (0.0, limit);
    for _ in 0..100 {
        let middle = 0.5 * (near + far);
        if (sum(middle) > 1.0) == (book > 1.0) {
            near = middle;
        } else {
            far = middle;
        }
    }
    let found = implied.iter().map(|p| at_distance(*p, near));
    Ok((found.collect(), near))
}

/// The p at a signed distance from `implied`, by bisection: the distance falls with p.
fn at_distance(implied: f64, d: f64) -> f64 {
    let (mut low, mut high) = if d > 0.0 {
        (0.0, implied)
    } else {
        (implied, 1.0)
    };
    for _ in 0..100 {
        let middle = 0.5 * (low + high);
        if distance(implied, middle) > d {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}
