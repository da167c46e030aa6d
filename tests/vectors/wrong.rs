//! `bad_public_vectors.json`: published numbers that are wrong, each shown to be.

use linetape::analytics::ev::Chances;
use linetape::analytics::kelly;
use linetape::analytics::middle::{Leg, Middle};
use linetape::analytics::price::Price;
use linetape::analytics::pythagorean::win_share;
use linetape::analytics::spread::Margins;

use super::file::{self, Tally};

#[test]
fn bad_public_vectors_json() {
    let Some(file) = file::read("bad_public_vectors.json") else {
        return;
    };
    let mut tally = Tally::new("bad_public_vectors.json");
    for vector in file["vectors"].as_array().unwrap() {
        let (source, claim) = (
            vector["source"].as_str().unwrap(),
            vector["claim"].as_str().unwrap(),
        );
        let correct = vector["correct"].as_str().unwrap();
        tally.check(source, refuted(source, correct), claim);
    }
    tally.end();
}

/// Whether our number is the file's right one and not the published one.
fn refuted(source: &str, correct: &str) -> bool {
    let near = |found: f64, right: f64, claimed: f64, tolerance: f64| {
        (found - right).abs() <= tolerance && (found - claimed).abs() > 2.0 * tolerance
    };
    let leg = |number: f64| Leg {
        number,
        decimal: 21.0 / 11.0,
        stake: 100.0,
    };
    match source {
        "theprimecalculator.com" => {
            let right: f64 = correct.parse().unwrap();
            near(win_share(750.0, 680.0, 14.0).unwrap(), right, 0.769, 1e-4)
        }
        "nuropicks.com middling" => {
            let middle = Middle::spreads(leg(-2.5), leg(3.5)).unwrap();
            near(middle.break_even(), 0.047_62, 0.0455, 5e-6)
                && near(middle.hit(), 181.82, 90.91, 5e-3)
        }
        "gridironandwine.com" => {
            // Over games of every spread the model ends on 14 and on 1 as often as games did.
            let share = |size: f64| {
                let nfl = Margins::nfl();
                let push = |line: f64| nfl.chances(0.0, line).unwrap().push;
                push(size) + push(-size)
            };
            near(share(14.0), 0.059, 0.026, 0.008) && near(share(1.0), 0.0425, 0.025, 0.008)
        }
        "sharksnip middle guide" => {
            // Both bets on one team, +3.5 and −2.5, are no middle: wherever −2.5 wins, so does +3.5, and nothing lies between.
            let (plus, minus) = (leg(-3.5), leg(2.5));
            let one_side = |margin: f64| {
                let wins = |leg: &Leg| margin > leg.number;
                wins(&minus) && !wins(&plus)
            };
            (-60..60).all(|margin| !one_side(f64::from(margin)))
                && Middle::spreads(leg(-2.5), leg(3.5)).unwrap().window() == Some((3.0, 3.0))
        }
        "sportmonks docs sample" => {
            let price: Price = "1.48".parse().unwrap();
            price.fraction() == (12, 25) && price.american() == -208
        }
        // A claim we have no answer to is not refuted.
        _ => false,
    }
}

/// The domain notes name further ones.
#[test]
fn other_published_slips() {
    let chances = Chances::new(0.46, 0.0).unwrap();
    let full = kelly::stake(2.3, &chances, 1.0).unwrap();
    assert!((full.fraction - 0.0446).abs() < 5e-5, "published as 2.46 %");
    // "A quarter of Kelly keeps 94 % of the growth": it keeps 2c − c² = 44 %.
    let even = Chances::new(0.52, 0.0).unwrap();
    let growth = |share| kelly::stake(2.0, &even, share).unwrap().growth;
    assert!((growth(0.25) / growth(1.0) - 0.4375).abs() < 0.001);
}
