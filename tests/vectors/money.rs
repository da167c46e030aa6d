//! `kelly_ev.json`, `clv.json` and `arbitrage_middle.json`.

use linetape::analytics::devig::Method;
use linetape::analytics::ev::{Chances, break_even, expected_value};
use linetape::analytics::middle::{Leg, Middle};
use linetape::analytics::{arbitrage, clv, kelly};
use serde_json::Value;

use super::file::{self, Tally, decimal, id, number, numbers};

#[test]
fn kelly_ev_json() {
    let Some(file) = file::read("kelly_ev.json") else {
        return;
    };
    let mut tally = Tally::new("kelly_ev.json");
    for vector in file["vectors"].as_array().unwrap() {
        let odds = number(vector, "decimal").unwrap();
        let chances = Chances::new(number(vector, "p").unwrap(), 0.0).unwrap();
        let share = number(vector, "fraction").unwrap_or(1.0);
        let found = kelly::stake(odds, &chances, share).unwrap();
        let mut pairs = vec![(found.fraction, number(vector, "stake").unwrap())];
        if let Some(growth) = number(vector, "expected_growth") {
            pairs.push((found.growth, growth));
        }
        if let Some(ev) = number(vector, "ev_per_unit") {
            pairs.push((expected_value(odds, &chances).unwrap(), ev));
        }
        tally.near(
            id(vector),
            &pairs,
            number(vector, "tolerance").unwrap_or(1e-9),
        );
    }
    for vector in file["mutually_exclusive"].as_array().unwrap() {
        let decimals = numbers(&vector["decimal"]);
        // The reference stakes 99 % of the bankroll at most.
        let found = kelly::exclusive(&decimals, &numbers(&vector["p"]), 0.99).unwrap();
        let mut pairs: Vec<(f64, f64)> = found
            .stakes
            .into_iter()
            .zip(numbers(&vector["stakes"]))
            .collect();
        pairs.push((found.growth, number(vector, "growth").unwrap()));
        let name = format!("exclusive {}", vector["decimal"]);
        tally.near(&name, &pairs, number(vector, "tolerance").unwrap());
    }
    for vector in file["push"].as_array().unwrap() {
        let of = |name| number(vector, name).unwrap();
        let chances = Chances::new(of("win"), of("push")).unwrap();
        let mut pairs = vec![
            (chances.decided().unwrap(), of("p_cond")),
            (chances.lose, of("lose")),
        ];
        // The published edges are per bet that is decided.
        for (american, edge) in vector["edges"].as_object().unwrap() {
            let odds = decimal(american.parse().unwrap());
            let ev = expected_value(odds, &chances).unwrap();
            pairs.push((ev / (1.0 - chances.push), edge.as_f64().unwrap()));
        }
        pairs.push((break_even(&chances).unwrap(), decimal(-216.06)));
        tally.near(id(vector), &pairs, of("tolerance"));
    }
    tally.end();
}

#[test]
fn clv_json() {
    let Some(file) = file::read("clv.json") else {
        return;
    };
    let mut tally = Tally::new("clv.json");
    for vector in file["vectors"].as_array().unwrap() {
        let odds = |name| decimal(number(vector, name).unwrap());
        let found = clv::measure(odds("bet"), odds("close"), &[], Method::Power).unwrap();
        let mut pairs = Vec::new();
        for (name, measure) in [
            ("cents", found.cents.map(|cents| cents as f64)),
            ("prob_points", Some(found.points)),
            ("prob_points_raw", Some(found.points)),
            ("relative", Some(found.relative)),
            ("relative_raw", Some(found.relative)),
        ] {
            if let Some(expected) = number(vector, name) {
                pairs.push((measure.unwrap(), expected));
            }
        }
        tally.near(id(vector), &pairs, number(vector, "tolerance").unwrap());
    }
    for vector in file["vs_no_vig_close"].as_array().unwrap() {
        // Decimal odds have a point and lie below 100.
        let odds = |value: &Value| {
            let given = value.as_f64().unwrap();
            if given.abs() >= 100.0 {
                decimal(given)
            } else {
                given
            }
        };
        let close: Vec<f64> = vector["close"]
            .as_array()
            .unwrap()
            .iter()
            .map(odds)
            .collect();
        for (method, expected) in vector["ev"].as_object().unwrap() {
            let method = Method::named(method).unwrap();
            let found = clv::measure(odds(&vector["bet"]), close[0], &close[1..], method).unwrap();
            let name = format!("{} {method}", vector["bet"]);
            // The references' own solvers stop at about 1e-12.
            tally.near(
                &name,
                &[(found.ev.unwrap(), expected.as_f64().unwrap())],
                1e-11,
            );
        }
    }
    tally.end();
}

#[test]
fn arbitrage_middle_json() {
    let Some(file) = file::read("arbitrage_middle.json") else {
        return;
    };
    let mut tally = Tally::new("arbitrage_middle.json");
    for vector in file["vectors"].as_array().unwrap() {
        match id(vector) {
            "middle/kingyao" => kingyao(vector, &mut tally),
            "middle/-110-110" => both_at_110(vector, &mut tally),
            "middle/total_50_51" => fifty(vector, &mut tally),
            _ => arb(vector, &mut tally),
        }
    }
    tally.end();
}

fn arb(vector: &Value, tally: &mut Tally) {
    let row = |row: &Value| numbers(row).into_iter().map(Some).collect();
    let books: Vec<Vec<Option<f64>>> = vector["books"]
        .as_array()
        .unwrap()
        .iter()
        .map(row)
        .collect();
    let found = arbitrage::find(&books).unwrap();
    let book = |n: &usize| *n as f64;
    let has = f64::from(u8::from(found.exists()));
    let mut pairs = vec![
        (has, f64::from(u8::from(vector["has"] == true))),
        (
            found.guaranteed,
            number(vector, "guaranteed_return").unwrap(),
        ),
    ];
    pairs.extend(
        found
            .best
            .iter()
            .copied()
            .zip(numbers(&vector["best_odds"])),
    );
    pairs.extend(
        found
            .books
            .iter()
            .map(book)
            .zip(numbers(&vector["best_book"])),
    );
    pairs.extend(found.stakes.iter().copied().zip(numbers(&vector["stakes"])));
    tally.near(id(vector), &pairs, 1e-12);
}

fn leg(number: f64, american: f64, stake: f64) -> Leg {
    Leg {
        number,
        decimal: decimal(american),
        stake,
    }
}

fn kingyao(vector: &Value, tally: &mut Tally) {
    let middle = Middle::spreads(leg(-2.5, -110.0, 110.0), leg(3.5, -120.0, 120.0)).unwrap();
    let (p, pnl) = (&vector["p"], &vector["pnl"]);
    let of = |value: &Value, name| number(value, name).unwrap();
    let results = [
        (4.0, "jets_by_4plus"),
        (3.0, "jets_by_3"),
        (0.0, "raiders_cover_2_5"),
    ];
    let mut pairs: Vec<(f64, f64)> = results
        .iter()
        .map(|(margin, name)| (middle.profit(*margin), of(pnl, name)))
        .collect();
    let chances = results.map(|(margin, name)| (margin, of(p, name)));
    pairs.push((middle.expected(&chances).unwrap(), of(vector, "ev")));
    tally.near(id(vector), &pairs, 1e-9);
}

fn both_at_110(vector: &Value, tally: &mut Tally) {
    let stake = number(vector, "stake_each").unwrap();
    let middle = Middle::spreads(leg(-2.5, -110.0, stake), leg(3.5, -110.0, stake)).unwrap();
    let of = |name| number(vector, name).unwrap();
    let pairs = [(middle.break_even(), of("breakeven"))];
    tally.near(id(vector), &pairs, of("tolerance"));
    // The payoffs are printed to the cent.
    assert!((middle.hit() - of("hit")).abs() < 0.005);
    assert!((middle.above() - of("miss")).abs() < 0.005);
}

fn fifty(vector: &Value, tally: &mut Tally) {
    let middle = Middle::new(leg(50.0, -110.0, 110.0), leg(51.0, 100.0, 110.0)).unwrap();
    let of = |name| number(vector, name).unwrap();
    // On 50 the over pushes and the under wins; on 51 the other way round; nowhere do both win.
    let results = [
        (50.0, of("p50")),
        (51.0, of("p51")),
        (60.0, 0.5 * of("p_other")),
        (40.0, 0.5 * of("p_other")),
    ];
    let by_hand = of("p50") * 110.0 + of("p51") * 100.0 - 0.5 * of("p_other") * 10.0;
    let pairs = [
        (middle.expected(&results).unwrap(), by_hand),
        (middle.profit(50.0), 110.0),
        (middle.profit(51.0), 100.0),
    ];
    assert_eq!((middle.window(), middle.pushes()), (None, vec![50.0, 51.0]));
    tally.near(id(vector), &pairs, 1e-9);
}
