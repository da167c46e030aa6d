//! `devig.json`: nine methods over markets of 2 to 20 outcomes.

use linetape::analytics::devig::{DevigError, Method, fair, solve, two_way};

use super::file::{self, Tally, id, implied, number, numbers};

/// Vectors that miss their own tolerance: the reference's inner search stopped at distances that differ by 5e-5, and the
/// method asks for equal ones.
const NO_SOLUTION: [&str; 2] = ["implied_trouble4b/jsd", "us_p200_m240/jsd"];

/// The Jensen–Shannon distance of two coins by its definition.
fn distance(p: f64, q: f64) -> f64 {
    let m = 0.5 * (p + q);
    let part = |x: f64, y: f64| x * (x / y).ln();
    let sum = part(p, m) + part(1.0 - p, 1.0 - m) + part(q, m) + part(1.0 - q, 1.0 - m);
    (0.5 * sum).sqrt()
}

#[test]
fn devig_json() {
    let Some(file) = file::read("devig.json") else {
        return;
    };
    let mut tally = Tally::new("devig.json");
    for vector in file["vectors"].as_array().unwrap() {
        let name = vector["method"].as_str().unwrap();
        let method = Method::named(name).unwrap();
        let implied = implied(&numbers(&vector["decimal_odds"]));
        let expected = numbers(&vector["probabilities"]);
        let tolerance = number(vector, "tolerance").unwrap();
        let solution = match solve(method, &implied) {
            Ok(solution) => solution,
            Err(error) => {
                tally.check(id(vector), false, &error.to_string());
                continue;
            }
        };
        let mut pairs: Vec<(f64, f64)> = solution
            .probabilities
            .iter()
            .copied()
            .zip(expected.iter().copied())
            .collect();
        pairs.push((
            solution.overround - 1.0,
            number(vector, "booksum_minus_1").unwrap(),
        ));
        // The reference searches distances from 1e-7 up, so that its parameter of a market without margin is that.
        if let (Some(found), Some(parameter)) = (solution.parameter, number(vector, "parameter")) {
            pairs.push((found, parameter));
        }
        if let &[a, b] = implied.as_slice() {
            let pair = two_way(method, a, b).unwrap();
            pairs.extend(pair.into_iter().zip(expected.iter().copied()));
        }
        // What leaves 0 to 1 is shown as it is by `solve`, and is no fair probability.
        let out = vector["out_of_range"] == true;
        let refused = matches!(fair(method, &implied), Err(DevigError::OutOfRange { .. }));
        if NO_SOLUTION.contains(&id(vector)) {
            let apart = |fair: &[f64]| {
                let distances = fair.iter().zip(&implied).map(|(p, q)| distance(*p, *q));
                distances.clone().fold(0.0, f64::max) - distances.fold(1.0, f64::min)
            };
            let shown = apart(&expected) > tolerance && apart(&solution.probabilities) < 1e-10;
            tally.check(
                id(vector),
                shown,
                "the reference's distances differ, and ours must not",
            );
            continue;
        }
        if expected.len() == solution.probabilities.len()
            && out == solution.out_of_range().is_some()
            && out == refused
        {
            tally.near(id(vector), &pairs, tolerance);
        } else {
            tally.check(id(vector), false, &format!("{solution:?}"));
        }
    }
    tally.end();
}

/// Where the methods are exact, the references agree to far better than their tolerance.
#[test]
fn closed_forms_and_newton_agree_to_twelve_places() {
    let Some(file) = file::read("devig.json") else {
        return;
    };
    let mut worst = (0.0_f64, String::new());
    for vector in file["vectors"].as_array().unwrap() {
        let method = Method::named(vector["method"].as_str().unwrap()).unwrap();
        if method == Method::JensenShannon {
            // The reference itself is good to 2e-5 only.
            continue;
        }
        let found = solve(method, &implied(&numbers(&vector["decimal_odds"]))).unwrap();
        for (p, expected) in found
            .probabilities
            .iter()
            .zip(numbers(&vector["probabilities"]))
        {
            let off = (p - expected).abs();
            if off > worst.0 {
                worst = (off, id(vector).to_owned());
            }
        }
    }
    println!(
        "devig.json: furthest from a reference {:.1e} ({})",
        worst.0, worst.1
    );
    assert!(worst.0 <= 1e-12, "{worst:?}");
}
