//! MLB Stats API's answers: schedules with scores, teams, standings. It has no prices.

mod lists;
mod schedule;
mod team;

use chrono::NaiveDate;
use serde_json::json;

use super::market::Market;
use super::reply::{Params, Reply};
use super::schedule::{Millis, time};
use crate::domain::time::slate_date;

/// Major League Baseball among the sports.
const MAJORS: &str = "1";

/// Answer a path under `/mlb_stats/`.
pub(super) fn answer(market: &Market, path: &[&str], params: &Params, now: Millis) -> Reply {
    match path {
        ["api", "v1", "schedule"] => match days(params, now) {
            Some(_) if !majors(params, "sportId") => Reply::ok(&schedule::none()),
            Some(days) => schedule::body(market, days, params, now),
            None => refuse(
                400,
                "Invalid Request with value for date. Expected YYYY-MM-DD",
            ),
        },
        ["api", "v1", "teams"] if majors(params, "sportId") => lists::teams(market),
        ["api", "v1", "teams"] => lists::no_teams(),
        ["api", "v1", "standings"] => {
            lists::standings(market, &params.list("leagueId").unwrap_or_default())
        }
        _ => refuse(404, "Object not found"),
    }
}

fn refuse(status: u16, message: &str) -> Reply {
    Reply::json(
        status,
        &json!({"messageNumber": 11, "message": message, "timestamp": "", "traceId": null}),
    )
}

fn majors(params: &Params, name: &str) -> bool {
    params
        .list(name)
        .is_none_or(|sports| sports.contains(&MAJORS))
}

/// The days asked for, first and last; today without any.
fn days(params: &Params, now: Millis) -> Option<(NaiveDate, NaiveDate)> {
    let day = |name: &str| {
        params
            .get(name)
            .map(|text| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok())
    };
    let today = slate_date(time(now));
    match (day("date"), day("startDate"), day("endDate")) {
        (Some(day), _, _) => day.map(|day| (day, day)),
        (None, Some(first), Some(last)) => Some((first?, last?)),
        (None, None, None) => Some((today, today)),
        _ => None,
    }
}
