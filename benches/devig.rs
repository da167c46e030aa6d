//! Taking out the margin: nanoseconds a market, each method beside a plain bisection of the same equation in the same run.
//!
//! Budgets: two outcomes in 50 ns, Shin's method for three in 1 µs. `cargo bench --bench devig`.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::hint::black_box;
use std::time::Instant;

use linetape::analytics::devig::{Method, fair, two_way};
use linetape::analytics::normal;

const MARKETS: usize = 4_096;
const ROUNDS: usize = 7;

/// Two-way markets, favourites up to −1150, margins of 2 to 8 %.
fn pairs() -> Vec<[f64; 2]> {
    let market = |n: usize| {
        let share = n as f64 / MARKETS as f64;
        let p = 0.08 + 0.84 * share;
        let margin = 1.02 + 0.06 * ((n * 7_919) % MARKETS) as f64 / MARKETS as f64;
        [p * margin, (1.0 - p) * margin]
    };
    (0..MARKETS).map(market).collect()
}

fn triples() -> Vec<[f64; 3]> {
    let market = |[a, b]: [f64; 2]| [0.7 * a, 0.7 * b, 0.3 * (a + b)];
    pairs().into_iter().map(market).collect()
}

/// Best of several rounds, nanoseconds a market.
fn time<T>(markets: &[T], mut once: impl FnMut(&T) -> f64) -> f64 {
    let mut best = f64::INFINITY;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        let mut sum = 0.0;
        for market in markets {
            sum += once(black_box(market));
        }
        black_box(sum);
        best = best.min(start.elapsed().as_secs_f64() * 1e9 / markets.len() as f64);
    }
    best
}

/// The root of a falling function, by halving until nothing changes at 1e-12.
fn bisect(mut low: f64, mut high: f64, f: impl Fn(f64) -> f64) -> f64 {
    while high - low > 1e-12 {
        let middle = 0.5 * (low + high);
        if f(middle) > 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

/// The first outcome's fair probability the plain way.
fn naive(method: Method, implied: &[f64]) -> f64 {
    let book: f64 = implied.iter().sum();
    let n = implied.len() as f64;
    let fair = |x: f64, p: f64| match method {
        Method::Multiplicative => p / x,
        Method::Additive => p - x / n,
        Method::Power => p.powf(x),
        Method::Shin => ((x * x + 4.0 * (1.0 - x) * p * p / book).sqrt() - x) / (2.0 * (1.0 - x)),
        Method::OddsRatio => p / (x + p - x * p),
        Method::BalancedBook => (p - x) / (1.0 - x),
        Method::Goto => p - x * (1.0 - p).sqrt(),
        Method::JensenShannon => at_distance(p, x),
        Method::Probit => normal::cumulative(normal::quantile(p).unwrap_or(0.0) - x),
    };
    let (low, high) = match method {
        Method::Multiplicative | Method::Power | Method::OddsRatio => (0.5, 3.0),
        Method::Shin | Method::BalancedBook => (0.0, 0.9),
        _ => (0.0, 0.5),
    };
    let x = bisect(low, high, |x| {
        implied.iter().map(|p| fair(x, *p)).sum::<f64>() - 1.0
    });
    fair(x, implied[0])
}

fn at_distance(implied: f64, distance: f64) -> f64 {
    let part = |x: f64, y: f64| if x > 0.0 { x * (x / y).ln() } else { 0.0 };
    let far = |p: f64| {
        let m = 0.5 * (p + implied);
        let all =
            part(p, m) + part(1.0 - p, 1.0 - m) + part(implied, m) + part(1.0 - implied, 1.0 - m);
        (0.5 * all).max(0.0).sqrt()
    };
    bisect(0.0, implied, |p| far(p) - distance)
}

fn report(what: &str, ours: f64, naive: f64, budget: f64) {
    let verdict = if ours <= budget { "met" } else { "MISSED" };
    println!(
        "{what:<28} {ours:>8.1} ns  bisection {naive:>10.1} ns  {:>7.1} ×  budget {budget} ns: {verdict}",
        naive / ours
    );
}

fn main() {
    let (pairs, triples) = (pairs(), triples());
    let few = &pairs[..256];
    for method in Method::ALL {
        let ours = time(&pairs, |[a, b]| {
            two_way(*method, *a, *b).map_or(0.0, |both| both[0])
        });
        let plain = time(few, |market| naive(*method, market));
        report(&format!("two-way {method}"), ours, plain, 50.0);
    }
    let shin = time(&triples, |market| {
        fair(Method::Shin, market).map_or(0.0, |fair| fair[0])
    });
    let plain = time(&triples[..256], |market| naive(Method::Shin, market));
    report("three-way shin", shin, plain, 1_000.0);
    for method in Method::ALL.iter().filter(|method| **method != Method::Shin) {
        let ours = time(&triples, |market| {
            fair(*method, market).map_or(0.0, |fair| fair[0])
        });
        println!("{:<28} {ours:>8.1} ns", format!("three-way {method}"));
    }
}
