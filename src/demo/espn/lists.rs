//! Teams and standings: what has no prices.

use chrono::Datelike;
use serde_json::{Value, json};

use super::super::market::Market;
use super::super::reply::Reply;
use super::super::schedule::Club;
use super::super::spelling::standings as divisions;
use super::Place;
use crate::demo::EPOCH;
use crate::domain::source::Source;

fn team(place: Place, club: &Club) -> Value {
    let id = club.id(Source::Espn);
    let (city, nick) = club.city_and_nick();
    json!({
        "id": id.to_string(), "uid": format!("{}~t:{id}", place.uid()), "slug": club.url_slug(),
        "abbreviation": club.abbr(Source::Espn), "displayName": club.team.name, "shortDisplayName": nick,
        "name": nick, "nickname": nick, "location": city, "color": "0c2340", "alternateColor": "ffffff",
        "isActive": true, "isAllStar": false,
    })
}

/// `/apis/site/v2/sports/{sport}/{league}/teams`.
pub(super) fn teams(market: &Market, place: Place) -> Reply {
    let clubs = Club::all(place.league, &market.teams);
    let teams: Vec<_> = clubs
        .iter()
        .map(|club| json!({"team": team(place, club)}))
        .collect();
    let (sport, year) = (place.sport, EPOCH.year());
    let name = format!("{}{}", sport[..1].to_uppercase(), &sport[1..]);
    Reply::ok(&json!({
        "sports": [{
            "id": place.sport_id.to_string(), "uid": format!("s:{}", place.sport_id), "name": name, "slug": sport,
            "leagues": [{
                "id": place.id.to_string(), "uid": place.uid(), "name": place.name,
                "abbreviation": place.slug.to_uppercase(), "shortName": place.slug.to_uppercase(), "slug": place.slug,
                "year": year, "season": {"year": year, "displayName": year.to_string()},
                "teams": teams,
            }],
        }],
    }))
}

/// `/apis/v2/sports/{sport}/{league}/standings`.
pub(super) fn standings(market: &Market, place: Place) -> Reply {
    let year = EPOCH.year();
    let all = divisions(place.league, &market.cast, &market.teams);
    let mut children: Vec<Value> = Vec::new();
    for conference in all.chunk_by(|a, b| a.conference == b.conference) {
        let name = conference.first().map_or("", |s| s.conference);
        let mut clubs: Vec<&Club> = conference.iter().flat_map(|s| &s.clubs).collect();
        clubs.sort_by_key(|club| (std::cmp::Reverse(club.record().0), club.an_id));
        let best = clubs.first().map_or(0, |club| club.record().0);
        let entries: Vec<_> = clubs.iter().map(|club| entry(place, club, best)).collect();
        children.push(json!({
            "id": (children.len() + 7).to_string(), "uid": format!("{}~g:{}", place.uid(), children.len() + 7),
            "name": long_name(name), "abbreviation": name,
            "standings": {
                "id": "1", "name": "overall", "displayName": "Standings", "season": year, "seasonType": 2,
                "seasonDisplayName": year.to_string(), "entries": entries,
            },
        }));
    }
    Reply::ok(&json!({
        "id": place.id.to_string(), "uid": place.uid(), "name": place.name,
        "abbreviation": place.slug.to_uppercase(), "children": children,
    }))
}

fn long_name(conference: &str) -> &str {
    match conference {
        "AL" => "American League",
        "NL" => "National League",
        "AFC" => "American Football Conference",
        "NFC" => "National Football Conference",
        other => other,
    }
}

fn entry(place: Place, club: &Club, best: u64) -> Value {
    let (won, lost) = club.record();
    let behind = best - won;
    let share = won as f64 / (won + lost) as f64;
    let stat = |name: &str, short: &str, value: f64, shown: String| {
        json!({
            "name": name, "displayName": name, "shortDisplayName": short, "description": name, "abbreviation": short,
            "type": name.to_lowercase(), "value": value, "displayValue": shown,
        })
    };
    let behind_text = if behind == 0 {
        "-".to_owned()
    } else {
        behind.to_string()
    };
    json!({
        "team": team(place, club),
        "stats": [
            stat("wins", "W", won as f64, won.to_string()),
            stat("losses", "L", lost as f64, lost.to_string()),
            stat("winPercent", "PCT", share, club.percentage()),
            stat("gamesBehind", "GB", behind as f64, behind_text),
            {
                "id": "0", "name": "overall", "abbreviation": "overall", "displayName": "Overall", "type": "total",
                "shortDisplayName": "OVER", "description": "Overall Record", "summary": club.record_text(),
                "displayValue": club.record_text(),
            },
        ],
    })
}
