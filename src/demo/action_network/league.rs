//! What a scoreboard says of its league.

use chrono::{Datelike, NaiveDate, TimeDelta};
use serde_json::{Value, json};

use crate::domain::league::League;

/// The feed's number of a league.
pub(super) const fn id(league: League) -> u32 {
    match league {
        League::Nfl => 1,
        League::Ncaaf => 2,
        League::Nhl => 3,
        League::Nba => 4,
        League::Wnba => 5,
        League::Ncaab => 6,
        League::Mlb => 8,
        League::Soccer | League::Other => 9,
    }
}

const fn sport(league: League) -> &'static str {
    match league {
        League::Mlb => "baseball",
        League::Nfl | League::Ncaaf => "football",
        League::Nba | League::Wnba | League::Ncaab => "basketball",
        League::Nhl => "hockey",
        League::Soccer | League::Other => "soccer",
    }
}

const fn description(league: League) -> &'static str {
    match league {
        League::Mlb => "Major League Baseball",
        League::Nfl => "National Football League",
        League::Nba => "National Basketball Association",
        League::Nhl => "National Hockey League",
        League::Ncaaf => "NCAA Football",
        League::Ncaab => "NCAA Basketball",
        League::Wnba => "Women's National Basketball Association",
        League::Soccer | League::Other => "Soccer",
    }
}

/// The demo's football plays all year: its weeks are those of the calendar.
pub(super) fn week(date: NaiveDate) -> u32 {
    date.iso_week().week()
}

/// The `league` object.
pub(super) fn object(league: League, date: NaiveDate) -> Value {
    let year = date.year();
    let (conferences, divisions): (&[&str], &[&str]) = match league {
        League::Mlb => (&["AL", "NL"], &["East", "Central", "West"]),
        League::Nfl => (&["AFC", "NFC"], &["East", "North", "South", "West"]),
        _ => (&[], &[]),
    };
    let monday = date - TimeDelta::days(i64::from(date.weekday().num_days_from_monday()));
    let calendar = |name: &str| {
        json!({
            "abbr": name, "label": name, "week": week(date),
            "startDate": format!("{monday}T05:00Z"), "endDate": format!("{}T04:59Z", monday + TimeDelta::days(7)),
        })
    };
    let calendar_info = if league == League::Nfl {
        json!({"pre": [calendar("PRE 1")], "reg": [calendar("Week 1")], "post": [calendar("Wild Card")]})
    } else {
        json!({})
    };
    json!({
        "id": id(league), "sport": sport(league), "name": league, "description": description(league),
        "logo": format!("https://static.demo.invalid/leagues/{league}.png"),
        "current_season": year.to_string(), "current_season_type": "reg",
        "pre_season_start": format!("{year}-01-01T08:00:00.000Z"), "pre_season_end": format!("{year}-01-02T07:59:59.000Z"),
        "reg_season_start": format!("{year}-01-02T08:00:00.000Z"), "reg_season_end": format!("{year}-12-31T07:59:59.000Z"),
        "post_season_start": format!("{year}-12-31T08:00:00.000Z"), "post_season_end": format!("{year}-12-31T23:59:59.000Z"),
        "blacklist_dates": [format!("{year}-12-25T08:00:00.000Z")],
        "calendar_info": calendar_info, "current_week": week(date),
        "updated_at": format!("{year}-01-01T08:25:20.387Z"), "is_active": true,
        "conferences": conferences.iter().map(|c| json!({"id": c, "display": c})).collect::<Vec<_>>(),
        "divisions": conferences.iter().flat_map(|c| divisions.iter().map(move |d| {
            json!({"id": d.to_uppercase(), "display": d, "conference_id": c})
        })).collect::<Vec<_>>(),
    })
}
