//! `settlement.json`.

use linetape::analytics::settlement::{
    Bet, Conditions, Innings, Outcome, Pitchers, Score, settle, settle_baseball,
};
use linetape::domain::market::{Line, Market, Side};
use serde_json::Value;

use super::file::{self, Tally, id, number};

#[test]
fn settlement_json() {
    let Some(file) = file::read("settlement.json") else {
        return;
    };
    let mut tally = Tally::new("settlement.json");
    for vector in file["vectors"].as_array().unwrap() {
        let said = vector["outcome"].as_str().unwrap();
        let result = vector["result"].as_str().unwrap();
        if id(vector).starts_with("mlb/") {
            let held = baseball(vector["market"].as_str().unwrap(), result, said);
            tally.check(id(vector), held, &format!("{result}: {said}"));
            continue;
        }
        let found = settle(&bet(vector), score(vector, result)).unwrap();
        tally.check(
            id(vector),
            found.as_str() == said,
            &format!("{found}, not {said}"),
        );
    }
    tally.end();
}

fn bet(vector: &Value) -> Bet {
    let (market, side) = match vector["market"].as_str().unwrap() {
        "asian_handicap" => (Market::Spread, Side::Home),
        "total_over" => (Market::Total, Side::Over),
        "total_under" => (Market::Total, Side::Under),
        other => panic!("{other}"),
    };
    Bet {
        market,
        side,
        line: Line::from_points(number(vector, "line").unwrap()),
        team: None,
        three_way: false,
    }
}

/// What the words of a result say of the side that is bet on.
fn score(vector: &Value, result: &str) -> Score {
    if let Some((home, away)) = result.split_once('-') {
        let (home, away) = (home.parse().unwrap(), away.parse().unwrap());
        return Score { home, away };
    }
    let words: Vec<&str> = result.split(' ').collect();
    let points = |n: usize| words.get(n).map_or(1, |word| word.parse().unwrap());
    let (home, away) = match words[0] {
        "win" => (points(2), 0),
        "draw" => (0, 0),
        "lose" => (0, points(2)),
        _ => (points(0), 0),
    };
    assert!(words[0] != "draw" || vector["market"] == "asian_handicap");
    Score { home, away }
}

/// House rules of shortened and changed games: each of the file's sentences as the games it speaks of.
fn baseball(market: &str, result: &str, said: &str) -> bool {
    let plain = Conditions::default();
    let halves = |halves| Conditions {
        innings: Some(Innings {
            halves,
            scheduled: 9,
        }),
        ..plain
    };
    let (ahead, behind) = (Score { home: 5, away: 2 }, Score { home: 2, away: 5 });
    let stands = |market: Market, line: Option<f64>, score: Score, conditions: &Conditions| {
        let side = if market == Market::Total {
            Side::Over
        } else {
            Side::Home
        };
        let line = line.and_then(Line::from_points);
        let bet = Bet {
            market,
            side,
            line,
            team: None,
            three_way: false,
        };
        settle_baseball(&bet, score, conditions).unwrap() != Outcome::NoAction
    };
    let moneyline = |score, conditions: &_| stands(Market::Moneyline, None, score, conditions);
    let run_line = |score, conditions: &_| stands(Market::Spread, Some(-1.5), score, conditions);
    let total = |score, conditions: &_| stands(Market::Total, Some(9.5), score, conditions);
    match (market, result) {
        ("moneyline", "5 full (4.5 if home leads)") => {
            said == "action" && moneyline(behind, &halves(10)) && moneyline(ahead, &halves(9))
        }
        ("moneyline", "4.5, home trails") => said == "no_action" && !moneyline(behind, &halves(9)),
        ("run_line", "9 (8.5 if home leads)") => {
            said == "action" && run_line(behind, &halves(18)) && run_line(ahead, &halves(17))
        }
        ("run_line", "called in 7th") => {
            said == "no_action" && !run_line(ahead, &halves(12)) && !run_line(ahead, &halves(13))
        }
        ("total", "called in 7th, 8-6, line 9.5") => {
            let score = Score { home: 8, away: 6 };
            let some_books = Conditions {
                decided_counts: true,
                ..halves(13)
            };
            said.starts_with("no_action") && !total(score, &halves(13)) && total(score, &some_books)
        }
        ("any", "postponed to another calendar date") => {
            let postponed = Conditions {
                postponed: true,
                ..plain
            };
            said.starts_with("void")
                && !moneyline(ahead, &postponed)
                && !run_line(ahead, &postponed)
                && !total(ahead, &postponed)
        }
        ("moneyline", "starter changed, listed pitchers") => {
            let listed = Conditions {
                pitchers: Pitchers::Listed,
                pitcher_changed: true,
                ..plain
            };
            let action = Conditions {
                pitchers: Pitchers::Action,
                ..listed
            };
            said.starts_with("void") && !moneyline(ahead, &listed) && moneyline(ahead, &action)
        }
        // A rule we have no game for holds nowhere.
        _ => false,
    }
}
