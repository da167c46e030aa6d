//! `odds_conversion.json` and `hold.json`.

use linetape::analytics::margin;
use linetape::analytics::price::{Price, decimal_of_probability, rounded_american};
use linetape::domain::odds::Odds;

use super::file::{self, Tally, decimal, id, implied, number, numbers};

const EXACT: f64 = 1e-12;

/// Fractions that the reference cut off at a denominator of 100; these are the true ones.
const CUT: [(&str, &str, &str); 2] = [
    ("us/-101", "99/100", "100/101"),
    ("us/-100000", "0/1", "1/1000"),
];

#[test]
fn odds_conversion_json() {
    let Some(file) = file::read("odds_conversion.json") else {
        return;
    };
    let mut tally = Tally::new("odds_conversion.json");
    for vector in file["vectors"].as_array().unwrap() {
        let mut pairs = Vec::new();
        if let Some(p) = number(vector, "probability") {
            let american = rounded_american(decimal_of_probability(p).unwrap()).unwrap();
            let expected = number(vector, "american_rounded").unwrap();
            tally.near(id(vector), &[(american as f64, expected)], 0.0);
            continue;
        }
        let given = number(vector, "decimal").unwrap();
        let fraction = vector["fractional"].as_str();
        let price: Price = match (vector["american"].as_i64(), fraction) {
            (Some(american), _) => format!("{american:+}").parse().unwrap(),
            (None, Some(fraction)) => fraction.parse().unwrap(),
            (None, None) => format!("{given:?}").parse().unwrap(),
        };
        pairs.push((price.decimal(), given));
        if let Some(p) = number(vector, "implied_probability") {
            pairs.push((price.probability(), p));
        }
        if let Some(american) = number(vector, "american_rounded") {
            pairs.push((price.american() as f64, american));
        }
        if let Some(american) = vector["american"].as_i64() {
            let canonical = if american == -100 { 100 } else { american };
            pairs.push((price.american() as f64, canonical as f64));
            pairs.push((Odds::american(american).unwrap().to_decimal(), given));
            let (profit, stake) = price.fraction();
            let cut = CUT.iter().find(|(of, ..)| *of == id(vector));
            if let Some((_, theirs, ours)) = cut {
                assert_eq!(fraction, Some(*theirs));
                assert_eq!(format!("{profit}/{stake}"), *ours);
            } else {
                let right = fraction == Some(format!("{profit}/{stake}").as_str());
                pairs.push((f64::from(u8::from(right)), 1.0));
            }
        }
        tally.near(id(vector), &pairs, EXACT);
    }
    for cents in file["cents_across_even"]["examples"].as_array().unwrap() {
        let odds = |name: &str| Odds::american(cents[name].as_i64().unwrap()).unwrap();
        let found = odds("a").cents_to(odds("b"));
        let name = format!("cents {} {}", cents["a"], cents["b"]);
        let expected = number(cents, "cents").unwrap();
        tally.near(&name, &[(f64::from(found), expected)], 0.0);
    }
    tally.end();
}

/// The file's policy on what is no price, and how prices may be written.
#[test]
fn the_edges_of_odds() {
    for refused in ["0", "-0", "-99", "50", "1.0", "5/0", "-1/2", "0.5"] {
        assert!(refused.parse::<Price>().is_err(), "{refused}");
    }
    let american = |text: &str| text.parse::<Price>().unwrap().american();
    for even in [
        "+100", "-100", "EVEN", "PK", "pk", "Ev", "evens", "EVS", "1/1",
    ] {
        assert_eq!(american(even), 100, "{even}");
    }
    assert_eq!(american("1.995"), -101);
    assert_eq!(american("2.005"), 101);
    assert_eq!(american("1.48"), -208);
    assert_eq!(american("\u{2212}110"), -110);
    assert_eq!(american("+1,200"), 1200);
}

#[test]
fn hold_json() {
    let Some(file) = file::read("hold.json") else {
        return;
    };
    let mut tally = Tally::new("hold.json");
    for vector in file["vectors"].as_array().unwrap() {
        let mut decimals = numbers(&vector["decimal"]);
        decimals.extend(numbers(&vector["american"]).into_iter().map(decimal));
        let found = margin::of(&implied(&decimals)).unwrap();
        let mut pairs = vec![(found.overround, number(vector, "overround").unwrap())];
        if let Some(hold) = number(vector, "hold") {
            pairs.push((found.hold, hold));
        }
        tally.near(id(vector), &pairs, number(vector, "tolerance").unwrap());
    }
    tally.end();
}
