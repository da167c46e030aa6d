//! A team as the league's own service describes it.

use serde_json::{Value, json};

use super::super::market::Market;
use super::super::schedule::Club;
use crate::domain::source::Source;

/// A league or division and its number.
pub(super) fn named(kind: &str, id: u32, name: &str) -> Value {
    json!({"id": id, "name": name, "link": format!("/api/v1/{kind}/{id}")})
}

/// Number and name of a conference, which the service calls a league.
pub(super) fn league(conference: &str) -> (u32, &'static str) {
    match conference {
        "AL" => (103, "American League"),
        _ => (104, "National League"),
    }
}

/// Number and name of a division.
pub(super) fn division(conference: &str, division: &str) -> (u32, String) {
    let (id, name) = match (conference, division) {
        ("AL", "WEST") => (200, "West"),
        ("AL", "EAST") => (201, "East"),
        ("AL", _) => (202, "Central"),
        (_, "WEST") => (203, "West"),
        (_, "EAST") => (204, "East"),
        _ => (205, "Central"),
    };
    (id, format!("{} {name}", league(conference).1))
}

/// Id, name and link: what a row has when teams are not asked for.
pub(super) fn short(club: &Club) -> Value {
    named("teams", club.id(Source::MlbStats), &club.team.name)
}

/// Everything the service knows of a team.
pub(super) fn full(market: &Market, club: &Club, season: i32) -> Value {
    let id = club.id(Source::MlbStats);
    let (city, nick) = club.city_and_nick();
    let abbr = club.abbr(Source::MlbStats);
    let place = market.cast.division(club.team.slug.as_str());
    let conference = place.map_or("", |p| p.conference.as_str());
    let (league_id, league_name) = league(conference);
    let (division_id, division_name) =
        division(conference, place.map_or("", |p| p.division.as_str()));
    json!({
        "id": id, "name": club.team.name, "link": format!("/api/v1/teams/{id}"), "season": season,
        "venue": named("venues", id + 2_000, &format!("{city} Park")),
        "teamCode": abbr.to_lowercase(), "fileCode": abbr.to_lowercase(), "abbreviation": abbr,
        "teamName": nick, "locationName": city, "firstYearOfPlay": "1901", "shortName": city,
        "league": named("league", league_id, league_name),
        "division": named("divisions", division_id, &division_name),
        "sport": named("sports", 1, "Major League Baseball"),
        "allStarStatus": "N", "active": true,
    })
}
