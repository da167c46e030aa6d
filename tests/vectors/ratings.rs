//! `elo.json` and `pythag_log5.json`.

use std::collections::BTreeMap;

use linetape::analytics::elo::{Elo, Multiplier, Ratings, expected, home_advantage};
use linetape::analytics::pythagorean::{log5, win_share};
use linetape::domain::league::League;
use serde_json::Value;

use super::file::{self, Tally, id, number, numbers};

#[test]
fn elo_json() {
    let Some(file) = file::read("elo.json") else {
        return;
    };
    let mut tally = Tally::new("elo.json");
    for vector in file["vectors"].as_array().unwrap() {
        if id(vector).starts_with("538nfl/") {
            nfl(vector, &mut tally);
        } else if vector["home_pts"].is_number() {
            nba(vector, &mut tally);
        } else {
            single(vector, &mut tally);
        }
    }
    sequence(&file["penaltyblog_sequence"], &mut tally);
    tally.end();
}

fn nfl(vector: &Value, tally: &mut Tally) {
    let elo = Elo::of(League::Nfl).unwrap();
    let of = |name| number(vector, name).unwrap();
    let ratings = Ratings {
        home: of("elo1"),
        away: of("elo2"),
    };
    let neutral = vector["neutral"] == true;
    let forecast = elo.forecast(ratings, neutral).unwrap();
    let score = |name| vector[name].as_i64().unwrap() as i32;
    let after = elo
        .update(ratings, score("score1"), score("score2"), neutral)
        .unwrap();
    // Probabilities to 1e-12; ratings as the file rounds them.
    let mut held = (forecast - of("prob1")).abs() <= 1e-12;
    for (name, found) in [("elo1_post", after.home), ("elo2_post", after.away)] {
        held &= number(vector, name).is_none_or(|expected| (found - expected).abs() <= 1e-3);
    }
    tally.check(id(vector), held, &format!("{forecast} {after:?}"));
}

fn nba(vector: &Value, tally: &mut Tally) {
    let elo = Elo::of(League::Nba).unwrap();
    let of = |name| number(vector, name).unwrap();
    let ratings = Ratings {
        home: of("home_elo"),
        away: of("away_elo"),
    };
    let after = elo
        .update(ratings, of("home_pts") as i32, of("away_pts") as i32, false)
        .unwrap();
    let forecast = elo.forecast(ratings, false).unwrap();
    let found = [
        ("forecast_home", forecast),
        ("home_post", after.home),
        ("away_post", after.away),
    ];
    let pairs: Vec<(f64, f64)> = found
        .into_iter()
        .filter_map(|(name, found)| Some((found, number(vector, name)?)))
        .collect();
    tally.near(id(vector), &pairs, of("tolerance"));
}

fn single(vector: &Value, tally: &mut Tally) {
    let of = |name| number(vector, name).unwrap();
    match id(vector) {
        "538nba/spread" => {
            let elo = Elo {
                home: of("hca"),
                ..Elo::of(League::Nba).unwrap()
            };
            let ratings = Ratings {
                home: of("home"),
                away: of("away"),
            };
            // The file's favourite is positive, ours gives points.
            let spread = -elo.spread(ratings, false).unwrap();
            tally.near(id(vector), &[(spread, of("spread"))], 1e-12);
        }
        "hfa/0.55" => {
            let found = home_advantage(of("home_win_rate")).unwrap();
            // 400·log₁₀(55/45) is 34.86007; the page prints 34.8, cut off, which is a hair beyond the file's tolerance.
            tally.near(id(vector), &[(found, of("hfa"))], of("tolerance") + 1e-4);
        }
        _ => {
            let found = expected(of("r1") - of("r2"));
            tally.near(id(vector), &[(found, of("p1"))], 1e-14);
        }
    }
}

fn sequence(sequence: &Value, tally: &mut Tally) {
    let of = |name| number(sequence, name).unwrap();
    let elo = Elo {
        k: of("k"),
        home: of("hfa"),
        multiplier: Multiplier::Flat,
        ..Elo::of(League::Nba).unwrap()
    };
    let mut ratings: BTreeMap<&str, f64> = BTreeMap::new();
    for (n, game) in sequence["games"].as_array().unwrap().iter().enumerate() {
        let (home, away) = (
            game["home"].as_str().unwrap(),
            game["away"].as_str().unwrap(),
        );
        let rated = |team| ratings.get(team).copied().unwrap_or(of("start"));
        let before = Ratings {
            home: rated(home),
            away: rated(away),
        };
        let (scored, allowed) = match game["result"].as_str().unwrap() {
            "home" => (1, 0),
            "away" => (0, 1),
            _ => (0, 0),
        };
        let forecast = elo.forecast(before, false).unwrap();
        let after = elo.update(before, scored, allowed, false).unwrap();
        ratings.extend([(home, after.home), (away, after.away)]);
        let mut pairs = vec![(forecast, number(game, "p_home_before").unwrap())];
        for (team, rating) in game["ratings_after"].as_object().unwrap() {
            pairs.push((ratings[team.as_str()], rating.as_f64().unwrap()));
        }
        tally.near(&format!("sequence {n}"), &pairs, 1e-9);
    }
}

#[test]
fn pythag_log5_json() {
    let Some(file) = file::read("pythag_log5.json") else {
        return;
    };
    let mut tally = Tally::new("pythag_log5.json");
    for vector in file["vectors"].as_array().unwrap() {
        let of = |name| number(vector, name).unwrap();
        let pair = match numbers(&vector["log5"]).as_slice() {
            &[a, b] => (log5(a, b, 0.5).unwrap(), of("p")),
            _ => (
                win_share(of("rs"), of("ra"), of("exponent")).unwrap(),
                of("win_pct"),
            ),
        };
        tally.near(id(vector), &[pair], of("tolerance"));
    }
    tally.end();
}
