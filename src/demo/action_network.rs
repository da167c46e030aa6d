//! Action Network's answers: paths, parameters and refusals.

mod books;
mod history;
mod league;
mod outcome;
mod scoreboard;
mod scoreboard_v1;

use chrono::NaiveDate;
use serde_json::json;

use super::market::Market;
use super::reply::{Params, Reply};
use super::schedule::{Millis, time};
use crate::domain::league::League;
use crate::domain::time::slate_date;

/// Books shown when none are asked for.
const DEFAULT_BOOKS: [u32; 9] = [15, 30, 68, 69, 71, 75, 79, 123, 2988];
/// Further ahead than this there is no schedule yet.
const SCHEDULE_DAYS: i64 = 10;

/// Answer a path under `/web/`.
pub(super) fn answer(market: &Market, path: &[&str], params: &Params, now: Millis) -> Reply {
    match path {
        ["v2", "scoreboard", league] => slate(params, league, now, |league, date| {
            scoreboard::body(market, league, date, &ask(market, params), now)
        }),
        ["v1", "scoreboard", league] => slate(params, league, now, |league, date| {
            scoreboard_v1::body(market, league, date, &ask(market, params), now)
        }),
        ["v2", "markets", "event", id, "history"] => match id.parse() {
            Ok(id) => history::body(market, id, &ask(market, params), now),
            Err(_) => refuse(400, "Event ID must be a number"),
        },
        ["v1", "books"] => books::body(market),
        _ => refuse(404, "Not Found"),
    }
}

fn refuse(status: u16, message: &str) -> Reply {
    Reply::json(
        status,
        &json!({"statusCode": status, "error": if status == 404 { "Not Found" } else { "Bad Request" }, "message": message}),
    )
}

/// Books and periods a request asks for.
struct Ask {
    /// Places of the shops in the cast.
    shops: Vec<usize>,
    /// Whether the full game is wanted; its name is `event`, never `game`.
    full_game: bool,
}

fn ask(market: &Market, params: &Params) -> Ask {
    let ids: Vec<u32> = params.list("bookIds").map_or_else(
        || DEFAULT_BOOKS.to_vec(),
        |ids| ids.iter().filter_map(|id| id.parse().ok()).collect(),
    );
    let shops = market.cast.shops.iter().enumerate();
    Ask {
        shops: shops
            .filter(|(_, shop)| shop.an.is_some_and(|id| ids.contains(&id)))
            .map(|(n, _)| n)
            .collect(),
        full_game: params
            .list("periods")
            .is_none_or(|periods| periods.contains(&"event")),
    }
}

/// A scoreboard of a league on a day.
fn slate(
    params: &Params,
    league: &str,
    now: Millis,
    body: impl FnOnce(League, Option<NaiveDate>) -> Reply,
) -> Reply {
    let Some(league) = league.parse().ok().filter(|l| *l != League::Other) else {
        return refuse(404, "League not found");
    };
    let today = slate_date(time(now));
    let date = match params.get("date") {
        None => today,
        // Dashes are refused.
        Some(text) if text.len() == 8 => match NaiveDate::parse_from_str(text, "%Y%m%d") {
            Ok(date) => date,
            Err(_) => return refuse(400, "Invalid date format"),
        },
        Some(_) => return refuse(400, "Invalid date format"),
    };
    let scheduled = (date - today).num_days() <= SCHEDULE_DAYS;
    body(league, scheduled.then_some(date))
}
