//! The devig methods a second time: other arrangements of the equations, solved by bisection, none of the code under test but
//! Φ and its inverse, which have a second implementation of their own below.

use linetape::analytics::devig::Method;
use linetape::analytics::normal;

/// The root of what falls from `low` to `high`, by bisection.
fn falling(mut low: f64, mut high: f64, f: impl Fn(f64) -> f64) -> f64 {
    for _ in 0..80 {
        let middle = 0.5 * (low + high);
        if f(middle) > 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

/// What a method makes of a market; none where it has no answer.
pub fn solve(method: Method, implied: &[f64]) -> Option<Vec<f64>> {
    let n = implied.len() as f64;
    let book: f64 = implied.iter().sum();
    let map = |f: &dyn Fn(f64) -> f64| -> Vec<f64> { implied.iter().map(|p| f(*p)).collect() };
    let off = |f: &dyn Fn(f64) -> f64| implied.iter().map(|p| f(*p)).sum::<f64>() - 1.0;
    Some(match method {
        // Fair odds are the odds times the book.
        Method::Multiplicative => map(&|p| 1.0 / (book / p)),
        // Margin weighted by odds: fair odds n·o/(n − m·o).
        Method::Additive => map(&|p| {
            let odds = 1.0 / p;
            (n - (book - 1.0) * odds) / (n * odds)
        }),
        // In base 2.
        Method::Power => {
            let fair = |x: f64, p: f64| (x * p.log2()).exp2();
            let x = falling(0.0, 50.0, |x| off(&|p| fair(x, p)));
            map(&|p| fair(x, p))
        }
        Method::Shin => {
            if book < 1.0 {
                return None;
            }
            // The formula as published, the difference of roots included.
            let fair = |z: f64, p: f64| {
                ((z * z + 4.0 * (1.0 - z) * p * p / book).sqrt() - z) / (2.0 * (1.0 - z))
            };
            let z = falling(0.0, 1.0 - 1e-9, |z| off(&|p| fair(z, p)));
            map(&|p| fair(z, p))
        }
        // A shift of log-odds.
        Method::OddsRatio => {
            let fair = |t: f64, p: f64| 1.0 / (1.0 + (t - (p / (1.0 - p)).ln()).exp());
            let t = falling(-20.0, 20.0, |t| off(&|p| fair(t, p)));
            map(&|p| fair(t, p))
        }
        Method::BalancedBook => map(&|p| ((n - 1.0) * p - (book - 1.0)) / (n - book)),
        // So many standard errors from each.
        Method::Goto => {
            let fair = |s: f64, p: f64| p - s * ((p - p * p) / p).sqrt();
            let s = falling(-2.0, 2.0, |s| off(&|p| fair(s, p)));
            map(&|p| fair(s, p))
        }
        Method::JensenShannon => return jensen_shannon(implied, book),
        Method::Probit => {
            let quantiles: Vec<f64> = map(&|p| normal::quantile(p).unwrap());
            let sum = |c: f64| {
                quantiles
                    .iter()
                    .map(|q| normal::cumulative(q - c))
                    .sum::<f64>()
            };
            let c = falling(-10.0, 10.0, |c| sum(c) - 1.0);
            quantiles
                .iter()
                .map(|q| normal::cumulative(q - c))
                .collect()
        }
    })
}

/// The divergence by its definition: the mean of both relative entropies to the middle.
fn divergence(p: f64, q: f64) -> f64 {
    let m = 0.5 * (p + q);
    let part = |x: f64, y: f64| {
        if x > 0.0 {
            x * ((x - y) / y).ln_1p()
        } else {
            0.0
        }
    };
    0.5 * (part(p, m) + part(1.0 - p, 1.0 - m) + part(q, m) + part(1.0 - q, 1.0 - m))
}

/// The divergence D common to all outcomes, by Illinois' false position on D, each p(D) by the same.
fn jensen_shannon(implied: &[f64], book: f64) -> Option<Vec<f64>> {
    let end = if book > 1.0 { 0.0 } else { 1.0 };
    let furthest = (implied.iter().map(|p| divergence(*p, end))).fold(f64::INFINITY, f64::min);
    // In the distance p is nearly linear, so that few steps do.
    let at = |distance: f64, implied: f64| {
        let gap = |p: f64| divergence(implied, p).sqrt() - distance;
        false_position(end, implied, gap)
    };
    let sum = |d: f64| implied.iter().map(|p| at(d, *p)).sum::<f64>() - 1.0;
    let limit = furthest.sqrt();
    if (sum(limit) > 0.0) == (book > 1.0) {
        return None;
    }
    let d = false_position(0.0, limit, sum);
    Some(implied.iter().map(|p| at(d, *p)).collect())
}

/// A root between two ends of different sign.
fn false_position(a: f64, b: f64, f: impl Fn(f64) -> f64) -> f64 {
    let (mut a, mut b) = (a, b);
    let (mut fa, mut fb) = (f(a), f(b));
    let mut kept = 0;
    for _ in 0..200 {
        if fa == 0.0 {
            return a;
        }
        if fb == 0.0 || (b - a).abs() <= 1e-15 * b.abs().max(1e-3) {
            return b;
        }
        let c = b - fb * (b - a) / (fb - fa);
        let fc = f(c);
        if (fc > 0.0) == (fb > 0.0) {
            (b, fb) = (c, fc);
            if kept == 1 {
                fa *= 0.5;
            }
            kept = 1;
        } else {
            (a, fa) = (c, fc);
            if kept == 2 {
                fb *= 0.5;
            }
            kept = 2;
        }
    }
    b
}

/// Φ by its series near the middle and by its continued fraction in the tails.
fn phi(z: f64) -> f64 {
    let density = (-0.5 * z * z).exp() / (2.0 * std::f64::consts::PI).sqrt();
    if z.abs() < 3.0 {
        let (mut term, mut sum) = (z, z);
        for k in 1..200 {
            term *= z * z / f64::from(2 * k + 1);
            sum += term;
        }
        return 0.5 + density * sum;
    }
    let mut fraction = 0.0;
    for k in (1..200).rev() {
        fraction = f64::from(k) / (z.abs() + fraction);
    }
    let tail = density / (z.abs() + fraction);
    if z < 0.0 { tail } else { 1.0 - tail }
}

#[test]
fn the_normal_distribution_agrees_with_its_series_and_its_fraction() {
    for step in -800..=800 {
        let z = f64::from(step) / 100.0;
        let (found, expected) = (normal::cumulative(z), phi(z));
        assert!((found - expected).abs() < 2e-15, "{z}: {found} {expected}");
        assert!(
            (found / expected - 1.0).abs() < 1e-12,
            "{z}: {found} {expected}"
        );
        if found > 1e-15 && found < 1.0 - 1e-9 {
            let back = normal::quantile(expected).unwrap();
            let doubt = 1e-15 * (1.0 - expected).recip().max(1.0) / normal::density(z).min(0.1);
            assert!((back - z).abs() < 1e-12_f64.max(doubt), "{z}: {back}");
        }
    }
}
