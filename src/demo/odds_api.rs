//! The Odds API's answers: paths, parameters, prices in credits and refusals.

mod ask;
mod body;
mod view;

use serde_json::json;

use self::ask::{Ask, Refusal};
use super::market::Market;
use super::reply::{Params, Reply};
use super::schedule::{MINUTE, Millis, SECOND, millis, time};
use crate::domain::league::League;

/// Sports of the demo: key, group, title, description.
const SPORTS: [(League, &str, &str, &str, &str); 2] = [
    (
        League::Mlb,
        "baseball_mlb",
        "Baseball",
        "MLB",
        "Major League Baseball",
    ),
    (
        League::Nfl,
        "americanfootball_nfl",
        "American Football",
        "NFL",
        "US Football",
    ),
];

/// A sport as the feed names it.
#[derive(Clone, Copy)]
struct Sport {
    /// None for a sport the demo does not play.
    league: Option<League>,
    key: &'static str,
    title: &'static str,
}

fn sport(key: &str) -> Option<Sport> {
    if let Some((league, key, _, title, _)) = SPORTS.iter().find(|s| s.1 == key) {
        return Some(Sport {
            league: Some(*league),
            key,
            title,
        });
    }
    let idle = [("basketball_nba", "NBA"), ("icehockey_nhl", "NHL")];
    idle.into_iter()
        .find(|(known, _)| *known == key)
        .map(|(key, title)| Sport {
            league: None,
            key,
            title,
        })
}

/// Answer a path under `/v4/`. The key is the server's matter.
pub(super) fn answer(market: &Market, path: &[&str], params: &Params, now: Millis) -> Reply {
    respond(market, path, params, now).unwrap_or_else(Refusal::reply)
}

fn respond(market: &Market, path: &[&str], params: &Params, now: Millis) -> Result<Reply, Refusal> {
    let known = |key: &str| sport(key).ok_or(Refusal::UnknownSport);
    match path {
        ["sports"] => Ok(sports()),
        ["sports", key, "events"] => {
            let ask = Ask::events(params)?;
            Ok(Reply::ok(&body::events(market, known(key)?, &ask, now)))
        }
        ["sports", key, "odds"] => {
            let ask = Ask::odds(params, false)?;
            let odds = body::odds(market, known(key)?, &ask, now);
            let cost = if odds.is_empty() { 0 } else { ask.cost() };
            Ok(Reply::ok(&odds).costing(cost))
        }
        ["sports", key, "scores"] => {
            let ask = Ask::scores(params)?;
            let scores = body::scores(market, known(key)?, &ask, now);
            Ok(Reply::ok(&scores).costing(if ask.days_from.is_some() { 2 } else { 1 }))
        }
        ["sports", key, "events", id, "odds"] => {
            let ask = Ask::odds(params, true)?;
            let event = body::event_odds(market, known(key)?, id, &ask, now);
            let event = event.ok_or(Refusal::UnknownEvent)?;
            let cost = ask.cost_of(event.markets_held());
            Ok(Reply::ok(&event).costing(cost))
        }
        ["sports", key, "events", id, "markets"] => {
            let ask = Ask::odds(params, true)?;
            let event = body::event_markets(market, known(key)?, id, &ask, now);
            Ok(Reply::ok(&event.ok_or(Refusal::UnknownEvent)?).costing(1))
        }
        ["historical", rest @ ..] => historical(market, rest, params, now),
        _ => Err(Refusal::NotFound),
    }
}

/// Snapshots are kept every five minutes, taken 38 seconds after the mark.
const SNAPSHOT_EVERY: Millis = 5 * MINUTE;
const SNAPSHOT_OFFSET: Millis = 38 * SECOND;
/// 6 June 2020: there is nothing older.
const FIRST_SNAPSHOT: Millis = 1_591_401_600_000;

fn historical(
    market: &Market,
    path: &[&str],
    params: &Params,
    now: Millis,
) -> Result<Reply, Refusal> {
    let date = params.get("date").ok_or(Refusal::Missing("date"))?;
    let date = chrono::DateTime::parse_from_rfc3339(date).map_err(|_| Refusal::Invalid("date"))?;
    let wanted = millis(date.to_utc());
    if wanted < FIRST_SNAPSHOT {
        return Err(Refusal::Invalid("date"));
    }
    // The newest snapshot at or before the date, and never one of the future.
    let mark = (wanted.min(now) - SNAPSHOT_OFFSET).div_euclid(SNAPSHOT_EVERY);
    let at = mark * SNAPSHOT_EVERY + SNAPSHOT_OFFSET;
    let known = |key: &str| sport(key).ok_or(Refusal::UnknownSport);
    match path {
        ["sports", key, "odds"] => {
            let ask = Ask::odds(params, false)?;
            let odds = body::odds(market, known(key)?, &ask, at);
            let cost = if odds.is_empty() { 0 } else { 10 * ask.cost() };
            Ok(envelope(at, now, &odds).costing(cost))
        }
        ["sports", key, "events"] => {
            let events = body::events(market, known(key)?, &Ask::events(params)?, at);
            Ok(envelope(at, now, &events).costing(u32::from(!events.is_empty())))
        }
        ["sports", key, "events", id, "odds"] => {
            let ask = Ask::odds(params, true)?;
            let event = body::event_odds(market, known(key)?, id, &ask, at);
            let event = event.ok_or(Refusal::UnknownEvent)?;
            let cost = 10 * ask.cost_of(event.markets_held());
            Ok(envelope(at, now, &event).costing(cost))
        }
        _ => Err(Refusal::NotFound),
    }
}

fn envelope(at: Millis, now: Millis, data: &impl serde::Serialize) -> Reply {
    let iso = |at| time(at).to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    let next = at + SNAPSHOT_EVERY;
    Reply::ok(&json!({
        "timestamp": iso(at),
        "previous_timestamp": iso(at - SNAPSHOT_EVERY),
        "next_timestamp": (next <= now).then(|| iso(next)),
        "data": data,
    }))
}

fn sports() -> Reply {
    let list: Vec<_> = SPORTS
        .iter()
        .map(|(_, key, group, title, description)| {
            json!({
                "key": key, "group": group, "title": title, "description": description,
                "active": true, "has_outrights": false,
            })
        })
        .collect();
    Reply::ok(&list)
}
