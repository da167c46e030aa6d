//! Goalserve's answers: prices and scores as XML, or as JSON where `json=1` asks for it. The key is in the path.

mod odds;
mod scores;
mod tree;

use chrono::NaiveDate;

use super::market::Market;
use super::reply::{Params, Reply};
use super::schedule::{Millis, time};
use crate::domain::league::League;
use crate::domain::time::slate_date;

/// The demo's key.
const KEY: &str = "demo";

/// Answer a path under `/goalserve/`.
pub(super) fn answer(market: &Market, path: &[&str], params: &Params, now: Millis) -> Reply {
    let ["getfeed", key, rest @ ..] = path else {
        return Reply::page(
            404,
            "<html><body><h1>404 - File or directory not found.</h1></body></html>",
        );
    };
    if *key != KEY {
        return Reply::page(403, "<html><body><h1>Access denied</h1></body></html>");
    }
    let today = slate_date(time(now));
    let day = |name: &str| match params.get(name) {
        None => Some(today),
        Some(text) => NaiveDate::parse_from_str(text, "%d.%m.%Y").ok(),
    };
    let body = match rest {
        ["getodds", "soccer"] => {
            let league = match params.get("cat") {
                Some("baseball_10") => Some(League::Mlb),
                Some("football_10") => Some(League::Nfl),
                _ => None,
            };
            let days = day("date_start").zip(day("date_end"));
            league
                .zip(days)
                .map(|(league, days)| (odds::body(market, league, days, now), "@"))
        }
        ["baseball", "usa"] => {
            day("date").map(|day| (scores::body(market, League::Mlb, day, now), ""))
        }
        ["football", "nfl-scores"] => {
            day("date").map(|day| (scores::body(market, League::Nfl, day, now), ""))
        }
        _ => None,
    };
    match body {
        // The American scores have their attributes bare in JSON; the odds mark them.
        Some((tree, mark)) if params.get("json") == Some("1") => Reply::ok(&tree.to_json(mark)),
        Some((tree, _)) => Reply::xml(tree.to_xml()),
        None => Reply::page(
            404,
            "<html><body><h1>404 - File or directory not found.</h1></body></html>",
        ),
    }
}
