//! ESPN's answers: scoreboards with one shop's prices, teams, standings.

mod lists;
mod odds;
mod scoreboard;

use chrono::NaiveDate;
use serde_json::json;

use super::market::Market;
use super::reply::{Params, Reply};
use super::schedule::{Millis, time};
use crate::domain::league::League;
use crate::domain::time::slate_date;

/// A league as ESPN files it.
#[derive(Clone, Copy)]
struct Place {
    league: League,
    sport: &'static str,
    slug: &'static str,
    name: &'static str,
    sport_id: u32,
    id: u32,
}

const PLACES: [Place; 4] = [
    Place {
        league: League::Mlb,
        sport: "baseball",
        slug: "mlb",
        name: "Major League Baseball",
        sport_id: 1,
        id: 10,
    },
    Place {
        league: League::Nfl,
        sport: "football",
        slug: "nfl",
        name: "National Football League",
        sport_id: 20,
        id: 28,
    },
    Place {
        league: League::Nba,
        sport: "basketball",
        slug: "nba",
        name: "National Basketball Association",
        sport_id: 40,
        id: 46,
    },
    Place {
        league: League::Nhl,
        sport: "hockey",
        slug: "nhl",
        name: "National Hockey League",
        sport_id: 70,
        id: 90,
    },
];

impl Place {
    fn find(sport: &str, slug: &str) -> Option<Self> {
        PLACES
            .into_iter()
            .find(|place| place.sport == sport && place.slug == slug)
    }

    /// The id in which ESPN keeps sport and league together.
    fn uid(self) -> String {
        format!("s:{}~l:{}", self.sport_id, self.id)
    }
}

/// Answer a path under `/espn/`.
pub(super) fn answer(market: &Market, path: &[&str], params: &Params, now: Millis) -> Reply {
    match path {
        ["apis", "site", "v2", "sports", sport, slug, "scoreboard"] => {
            let Some(place) = Place::find(sport, slug) else {
                return refuse(404, "Failed to get league");
            };
            match dates(params, now) {
                Some(dates) => scoreboard::body(market, place, dates, now),
                None => refuse(400, "Failed to parse dates"),
            }
        }
        ["apis", "site", "v2", "sports", sport, slug, "teams"] => Place::find(sport, slug)
            .map_or_else(
                || refuse(404, "Failed to get league"),
                |place| lists::teams(market, place),
            ),
        ["apis", "v2", "sports", sport, slug, "standings"] => Place::find(sport, slug).map_or_else(
            || refuse(404, "Failed to get league"),
            |place| lists::standings(market, place),
        ),
        _ => refuse(404, "Not Found"),
    }
}

fn refuse(status: u16, message: &str) -> Reply {
    Reply::json(status, &json!({"code": status, "message": message}))
}

/// The days asked for, first and last: `YYYYMMDD` or `YYYYMMDD-YYYYMMDD`; today without any.
fn dates(params: &Params, now: Millis) -> Option<(NaiveDate, NaiveDate)> {
    let Some(text) = params.get("dates") else {
        let today = slate_date(time(now));
        return Some((today, today));
    };
    let day = |text: &str| {
        (text.len() == 8)
            .then(|| NaiveDate::parse_from_str(text, "%Y%m%d").ok())
            .flatten()
    };
    match text.split_once('-') {
        None => day(text).map(|day| (day, day)),
        Some((first, last)) => Some((day(first)?, day(last)?)),
    }
}
