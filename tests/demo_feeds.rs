//! The demo's six further feeds: the captured key paths and types, every quirk, and one game behind all eight.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "demo_feeds/paths.rs"]
mod paths;
#[path = "demo_feeds/quirks.rs"]
mod quirks;
#[path = "demo_feeds/series.rs"]
mod series;
#[path = "demo_feeds/shapes.rs"]
mod shapes;
#[path = "demo_feeds/signals.rs"]
mod signals;
#[path = "demo_feeds/truth.rs"]
mod truth;

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use linetape::demo::{EPOCH, Market};
use serde_json::Value;

const DAY: &str = "2025-07-12";
const MLB: &str = "/espn/apis/site/v2/sports/baseball/mlb";
const NFL: &str = "/espn/apis/site/v2/sports/football/nfl";
const SCHEDULE: &str = "/mlb_stats/api/v1/schedule";
const HYDRATED: &str = "sportId=1&date=2025-07-12&hydrate=team,linescore,probablePitcher";
const SBD: &str = "/sbd/v2/matchups/mlb/betting-splits";
const BOOKS: &str = "books=betmgm,bet365,fanatics,draftkings,caesars,fanduel";
const VSIN: &str = "/vsin/betting-splits/";
const SBR: &str = "/sbr/betting-odds/mlb-baseball";
const GOALSERVE: &str = "/goalserve/getfeed/demo";
const ODDS: &str = "cat=baseball_10&date_start=12.07.2025&date_end=13.07.2025";

/// Every question of a look at the slate of the epoch's day: path and query.
fn questions() -> Vec<(String, String)> {
    let mut out: Vec<(String, String)> = Vec::new();
    let mut ask = |path: String, query: &str| out.push((path, query.to_owned()));
    for league in [MLB, NFL] {
        ask(format!("{league}/scoreboard"), "dates=20250712&limit=500");
        ask(format!("{league}/teams"), "");
        ask(format!("{}/standings", league.replace("site/", "")), "");
    }
    ask(SCHEDULE.into(), HYDRATED);
    ask("/mlb_stats/api/v1/teams".into(), "sportId=1");
    ask("/mlb_stats/api/v1/standings".into(), "leagueId=103,104");
    for league in ["mlb", "nfl"] {
        ask(format!("/sbd/v2/matchups/{league}/betting-splits"), BOOKS);
        for book in ["circa", "dk"] {
            ask(VSIN.into(), &format!("bookid={book}&view={league}"));
        }
    }
    for league in ["mlb-baseball", "nfl-football"] {
        for market in ["money-line", "pointspread", "totals"] {
            ask(
                format!("/sbr/betting-odds/{league}/{market}/full-game/"),
                "date=2025-07-12",
            );
        }
    }
    for json in ["", "&json=1"] {
        ask(
            format!("{GOALSERVE}/getodds/soccer"),
            &format!("{ODDS}{json}"),
        );
        ask(
            format!("{GOALSERVE}/baseball/usa"),
            &format!("date=12.07.2025{json}"),
        );
        ask(
            format!("{GOALSERVE}/football/nfl-scores"),
            &format!("date=12.07.2025{json}"),
        );
    }
    out
}

fn minutes(n: i64) -> DateTime<Utc> {
    EPOCH + TimeDelta::minutes(n)
}

/// Every 50 minutes of the epoch's day, from ten in the morning to the last out.
fn a_day() -> impl Iterator<Item = DateTime<Utc>> {
    (0..=18).map(|n| minutes(n * 50))
}

fn text(market: &Market, path: &str, query: &str, now: DateTime<Utc>) -> String {
    let reply = market.answer(path, query, now);
    assert_eq!(reply.status, 200, "{path}?{query}");
    String::from_utf8(reply.body).unwrap()
}

fn json(market: &Market, path: &str, query: &str, now: DateTime<Utc>) -> Value {
    serde_json::from_str(&text(market, path, query, now)).unwrap()
}

/// The data in a `SportsbookReview` page.
fn next_data(page: &str) -> Value {
    let (_, rest) = page.split_once("type=\"application/json\">").unwrap();
    serde_json::from_str(rest.split_once("</script>").unwrap().0).unwrap()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

#[test]
fn one_seed_is_one_answer() {
    let hash = |seed: u64| {
        let market = Market::new(seed, 6).unwrap();
        let mut hasher = blake3::Hasher::new();
        for now in a_day().step_by(5) {
            for (path, query) in questions() {
                hasher.update(text(&market, &path, &query, now).as_bytes());
            }
        }
        hasher.finalize()
    };
    assert_eq!(hash(7), hash(7));
    assert_ne!(hash(7), hash(8));
}

#[test]
fn an_answer_is_no_larger_than_the_real_ones() {
    let market = Market::new(7, 15).unwrap();
    for now in [minutes(100), minutes(500)] {
        for (path, query) in questions() {
            let size = text(&market, &path, &query, now).len();
            assert!(size < 250_000, "{size} {path}?{query}");
        }
    }
}

/// Away and home of every baseball game that a feed lists, by full name.
fn games(market: &Market, feed: &str, now: DateTime<Utc>) -> BTreeSet<(String, String)> {
    let name = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let two = |away: &Value, home: &Value| (name(away), name(home));
    match feed {
        "action_network" => {
            let body = json(market, "/web/v2/scoreboard/mlb", "", now);
            let team = |game: &Value, id: &str| {
                let found = list(&game["teams"]).iter().find(|t| t["id"] == game[id]);
                name(&found.unwrap()["full_name"])
            };
            let rows = list(&body["games"]).iter();
            rows.map(|g| (team(g, "away_team_id"), team(g, "home_team_id")))
                .collect()
        }
        "odds_api" => {
            let body = json(market, "/v4/sports/baseball_mlb/events", "", now);
            list(&body)
                .iter()
                .map(|g| two(&g["away_team"], &g["home_team"]))
                .collect()
        }
        "espn" => {
            let body = json(market, &format!("{MLB}/scoreboard"), "dates=20250712", now);
            let side = |event: &Value, n: usize| {
                event["competitions"][0]["competitors"][n]["team"]["displayName"].clone()
            };
            list(&body["events"])
                .iter()
                .map(|e| two(&side(e, 1), &side(e, 0)))
                .collect()
        }
        "mlb_stats" => {
            let body = json(market, SCHEDULE, HYDRATED, now);
            let rows = list(&body["dates"][0]["games"]).iter();
            rows.map(|g| {
                two(
                    &g["teams"]["away"]["team"]["name"],
                    &g["teams"]["home"]["team"]["name"],
                )
            })
            .collect()
        }
        "sbd" => {
            let body = json(market, SBD, BOOKS, now);
            let full = |team: &Value| {
                let (city, nick) = (name(&team["city"]), name(&team["team"]));
                if city == nick {
                    city
                } else {
                    format!("{city} {nick}")
                }
            };
            let rows = list(&body["data"][0]["games"]).iter();
            rows.map(|g| (full(&g["away"]), full(&g["home"]))).collect()
        }
        "vsin" => {
            let page = text(market, VSIN, "bookid=circa&view=mlb", now);
            let names: Vec<_> = page
                .match_indices("/teams/")
                .filter_map(|(at, _)| {
                    Some(
                        page[at..]
                            .split_once('>')?
                            .1
                            .split_once('<')?
                            .0
                            .trim()
                            .to_owned(),
                    )
                })
                .filter(|name| !name.is_empty())
                .collect();
            names
                .chunks(2)
                .map(|two| (two[0].clone(), two[1].clone()))
                .collect()
        }
        "sbr" => {
            let page = text(
                market,
                &format!("{SBR}/totals/full-game/"),
                "date=2025-07-12",
                now,
            );
            let data = next_data(&page);
            let rows =
                list(&data["props"]["pageProps"]["oddsTables"][0]["oddsTableModel"]["gameRows"])
                    .to_vec();
            let full =
                |team: &Value| name(&team["fullName"]).replace("Athletics Athletics", "Athletics");
            rows.iter()
                .map(|r| {
                    (
                        full(&r["gameView"]["awayTeam"]),
                        full(&r["gameView"]["homeTeam"]),
                    )
                })
                .collect()
        }
        _ => {
            let body = json(
                market,
                &format!("{GOALSERVE}/baseball/usa"),
                "date=12.07.2025&json=1",
                now,
            );
            let rows = list(&body["scores"]["category"]["match"]).iter();
            rows.map(|g| two(&g["awayteam"]["name"], &g["hometeam"]["name"]))
                .collect()
        }
    }
}

#[test]
fn one_game_stands_behind_all_eight() {
    let market = Market::new(7, 15).unwrap();
    let now = minutes(60);
    let known = games(&market, "action_network", now);
    assert_eq!(known.len(), 14, "a doubleheader is one pair of teams");
    for feed in ["espn", "mlb_stats", "sbd", "vsin", "sbr", "goalserve"] {
        let found = games(&market, feed, now);
        assert_eq!(found, known, "{feed}");
    }
    assert!(games(&market, "odds_api", now).is_superset(&known));
}

#[test]
fn refusals_are_the_feeds_own() {
    let market = Market::new(7, 2).unwrap();
    let status = |path: &str, query: &str| market.answer(path, query, EPOCH).status;
    assert_eq!(
        status(&format!("{MLB}/scoreboard"), "dates=2025-07-12"),
        400
    );
    assert_eq!(status(&format!("{MLB}x/scoreboard"), ""), 404);
    assert_eq!(status(SCHEDULE, "sportId=1&date=20250712"), 400);
    assert_eq!(status("/sbd/v2/matchups/curling/betting-splits", ""), 404);
    assert_eq!(status("/sbr/betting-odds/curling/", ""), 404);
    let odds = "getodds/soccer";
    assert_eq!(
        status(&format!("/goalserve/getfeed/another/{odds}"), ODDS),
        403
    );
    assert_eq!(status(&format!("{GOALSERVE}/{odds}"), "cat=chess_10"), 404);
    // Far from today nothing is scheduled, and no slate is built for it.
    let far = json(
        &market,
        &format!("{MLB}/scoreboard"),
        "dates=19990101",
        EPOCH,
    );
    assert!(list(&far["events"]).is_empty() && list(&far["leagues"]).len() == 1);
    let idle = text(&market, VSIN, "bookid=dk&view=nba", EPOCH);
    assert!(idle.contains("freezetable") && !idle.contains("data-param2"));
}
