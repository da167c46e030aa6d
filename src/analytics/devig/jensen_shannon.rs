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

/// atanh(z)/z − 1 by z² = Σ z^(2k)/(2k+1), to 2e-15.
#[inline]
fn bend(square: f64) -> f64 {
    // In pairs, which do not wait for each other.
    let twice = square * square;
    let low = 1.0 / 3.0 + square * (1.0 / 5.0);
    let middle = 1.0 / 7.0 + square * (1.0 / 9.0);
    let high = 1.0 / 11.0 + square * (1.0 / 13.0) + twice * (1.0 / 15.0);
    let short = square * (low + twice * (middle + twice * high));
    if square < 0.02 {
        short
    } else if square < 0.1 {
        let rest = 1.0 / 17.0 + square * (1.0 / 19.0);
        let last =
            1.0 / 21.0 + square * (1.0 / 23.0) + twice * (1.0 / 25.0 + square * (1.0 / 27.0));
        let eighth = (twice * twice) * (twice * twice);
        short + eighth * (rest + twice * last)
    } else {
        let z = square.sqrt();
        z.atanh() / z - 1.0
    }
}

/// Two outcomes in closed steps. (q, 1−q) lies from (b, 1−b) as (p, 1−p) from (1−b, b), so that p is what lies as far from a
/// as from c = 1−b. With H the entropy of (x, 1−x) that is H((p+a)/2) − H((p+c)/2) = (H(a) − H(c))/2: the entropy of p itself
/// falls out. With s the additive solution, d half the margin, e = p − s, x = s + e/2, y = 1 − x and δ = d/2, H(x+δ) − H(x−δ)
/// is −δ(2 bend(δ²/x²) − 2 bend(δ²/y²) + ln((x²−δ²)/(y²−δ²))): divided by −δ it rises with e, loses no digit however small
/// the margin, and its derivatives are made of the same parts.
#[inline]
pub(super) fn pair(a: f64, b: f64) -> Result<[f64; 2], DevigError> {
    let half = 0.5 * ((a - 0.5) + (b - 0.5));
    let (first, second) = (a - half, b - half);
    let least = first.min(second);
    // One division for two: 1/s = (1−s)/(s(1−s)).
    let both = 1.0 / (first * second);
    let (left, right) = (half * second * both, half * first * both);
    let ends = bend(left * left) - bend(right * right);
    // The solution's terms in d² and d⁴; the next is one in d⁶.
    let square = half * half;
    let more = (11.0 - 12.0 * first * second) / 192.0 * square * both * both;
    let mut off = square * (first - second) * both * (0.25 + more);
    let quarter = 0.25 * square;
    let (for_a, for_b) = (b * (1.0 - a), a * (1.0 - b));
    for _ in 0..20 {
        let (x, y) = (first + 0.5 * off, second - 0.5 * off);
        let both = 1.0 / (x * y);
        let (over, under) = (y * both, x * both);
        let (left, right) = (bend(quarter * over * over), bend(quarter * under * under));
        let (wide, narrow) = (x * x - quarter, y * y - quarter);
        // Both are alike, and ln(α/β) = 2 atanh((α−β)/(α+β)).
        let (alpha, beta) = (for_a * wide, for_b * narrow);
        let all = 1.0 / ((alpha + beta) * wide * narrow);
        let apart = (alpha - beta) * wide * narrow * all;
        let value = 2.0 * ((left - right - ends) + apart * (1.0 + bend(apart * apart)));
        let slope = (1.0 + left) * over + (1.0 + right) * under;
        let curve = 0.5 * (x - y) * (alpha + beta) * all;
        // Halley's step: what is left of an error is of its cube.
        let step = value * slope / (slope * slope - 0.5 * value * curve);
        off -= step;
        if step.abs() <= 3e-5 * least {
            return Ok([first + off, second - off]);
        }
        // The solution lies between a and c.
        off = off.clamp(-half.abs(), half.abs());
    }
    Err(NOT_FOUND)
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
