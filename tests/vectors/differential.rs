//! 100,000 random markets through two implementations: 2 to 20 outcomes, margins of −2 to 30 %, probabilities down to 1e-4.

use linetape::analytics::devig::{DevigError, Method, fair, two_way};

use super::random::Dice;
use super::second;

const MARKETS: usize = 100_000;
const TOLERANCE: f64 = 1e-9;

#[derive(Default)]
struct Count {
    same: usize,
    out_of_range: usize,
    underround: usize,
    furthest: f64,
}

/// Run one shard of a method's markets, so that they run beside each other. What is not equal must be refused for the reason that the second implementation shows.
fn run(method: Method, shard: usize, shards: usize) {
    let mut dice = Dice::new(0x11ae_7a9e + shard as u64);
    let mut count = Count::default();
    for _ in 0..MARKETS / shards {
        let implied = dice.market();
        let book: f64 = implied.iter().sum();
        let found = fair(method, &implied);
        let expected = second::solve(method, &implied);
        if let &[a, b] = implied.as_slice() {
            let pair = two_way(method, a, b).map(|both| both.to_vec());
            match (&pair, &found) {
                (Ok(pair), Ok(found)) => close(method, &implied, pair, found, &mut 0.0),
                (pair, found) => assert_eq!(pair, found, "{method} {implied:?}"),
            }
        }
        match (found, expected) {
            (Ok(found), Some(expected)) => {
                close(method, &implied, &found, &expected, &mut count.furthest);
                count.same += 1;
            }
            // Shin's insiders explain margins only.
            (Err(DevigError::Underround { overround }), None) => {
                assert!(method == Method::Shin && overround < 1.0 && book < 1.0);
                count.underround += 1;
            }
            // A method that is linear in the margin overdraws a long shot, and so does the second implementation of it.
            (Err(DevigError::OutOfRange { outcome }), Some(expected)) => {
                assert!(
                    !(0.0..=1.0).contains(&expected[outcome]),
                    "{method} {implied:?}"
                );
                count.out_of_range += 1;
            }
            // No distance is common to all outcomes: a long shot is at 0 before the others have given enough.
            (Err(DevigError::OutOfRange { .. }), None) if method == Method::JensenShannon => {
                count.out_of_range += 1;
            }
            (found, expected) => panic!("{method} {implied:?}: {found:?}, {expected:?}"),
        }
    }
    println!(
        "{method} {shard}: {} markets equal (furthest {:.1e}), {} out of range in both, {} underround in both",
        count.same, count.furthest, count.out_of_range, count.underround
    );
    assert_eq!(
        count.same + count.out_of_range + count.underround,
        MARKETS / shards
    );
    assert!(
        count.same > MARKETS / shards / 10,
        "{method} is hardly compared"
    );
}

fn close(method: Method, implied: &[f64], found: &[f64], expected: &[f64], furthest: &mut f64) {
    assert_eq!(found.len(), expected.len());
    for (p, q) in found.iter().zip(expected) {
        assert!(
            (p - q).abs() <= TOLERANCE,
            "{method} {implied:?}: {found:?}, {expected:?}"
        );
        *furthest = furthest.max((p - q).abs());
    }
}

macro_rules! methods {
    ($($name:ident $method:ident of $shards:literal: $($test:ident $shard:literal),+;)+) => {
        $(mod $name {
            $(#[test]
            fn $test() {
                super::run(super::Method::$method, $shard, $shards);
            })+
        })+
    };
}

methods! {
    multiplicative Multiplicative of 1: all 0;
    additive Additive of 1: all 0;
    power Power of 2: first 0, second 1;
    shin Shin of 2: first 0, second 1;
    odds_ratio OddsRatio of 2: first 0, second 1;
    balanced_book BalancedBook of 1: all 0;
    goto_ Goto of 1: all 0;
    jensen_shannon JensenShannon of 8: first 0, second 1, third 2, fourth 3, fifth 4, sixth 5, seventh 6, eighth 7;
    probit Probit of 4: first 0, second 1, third 2, fourth 3;
}
