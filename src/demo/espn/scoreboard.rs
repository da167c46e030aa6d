//! `/apis/site/v2/sports/{sport}/{league}/scoreboard`: games, scores, prices before the start.

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Timelike};
use chrono_tz::Tz;
use chrono_tz::US::Eastern;
use serde_json::{Map, Value, json};

use super::super::dice::mix;
use super::super::linescore::{Linescore, linescore, ordinal};
use super::super::market::Market;
use super::super::reply::Reply;
use super::super::schedule::{Club, MINUTE, Millis, time};
use super::super::slate::{Game, Slate, Stage};
use super::Place;
use super::odds::odds;
use crate::domain::league::League;
use crate::domain::source::Source;

/// Days that one question can span.
const MOST_DAYS: i64 = 7;

/// The games of a league from one day to another; its `leagues` stand there without any game too.
pub(super) fn body(
    market: &Market,
    place: Place,
    (first, last): (NaiveDate, NaiveDate),
    at: Millis,
) -> Reply {
    let mut events = Vec::new();
    for date in first
        .iter_days()
        .take_while(|date| *date <= last)
        .take(MOST_DAYS as usize)
    {
        let Some(slate) = market.games_of(date, at) else {
            continue;
        };
        events.extend(
            slate
                .of(place.league)
                .map(|game| event(market, place, &slate, game, at)),
        );
    }
    let year = first.year();
    let mut body = json!({
        "leagues": [league(place, first)],
        "season": {"type": 2, "year": year},
        "events": events,
    });
    if let Some(body) = body.as_object_mut() {
        match place.league {
            League::Nfl => body.insert(
                "week".into(),
                json!({"number": week(first), "teamsOnBye": []}),
            ),
            League::Mlb => body.insert("day".into(), json!({"date": first.to_string()})),
            _ => None,
        };
    }
    Reply::ok(&body)
}

/// The demo's football plays all year: its weeks are those of the calendar.
fn week(date: NaiveDate) -> u32 {
    date.iso_week().week()
}

fn league(place: Place, date: NaiveDate) -> Value {
    let year = date.year();
    let (start, end) = (
        format!("{year}-01-02T08:00Z"),
        format!("{year}-12-31T07:59Z"),
    );
    let calendar = if place.league == League::Nfl {
        let monday = date - TimeDelta::days(i64::from(date.weekday().num_days_from_monday()));
        let from = format!("{monday}T07:00Z");
        let to = format!("{}T06:59Z", monday + TimeDelta::days(7));
        json!([{
            "label": "Regular Season", "value": "2", "startDate": start, "endDate": end,
            "entries": [{
                "label": format!("Week {}", week(date)), "alternateLabel": format!("Week {}", week(date)),
                "detail": monday.format("%b %-d").to_string(), "value": week(date).to_string(),
                "startDate": from, "endDate": to,
            }],
        }])
    } else {
        json!([format!("{date}T07:00Z")])
    };
    json!({
        "id": place.id.to_string(), "uid": place.uid(), "name": place.name,
        "abbreviation": place.slug.to_uppercase(), "midsizeName": place.slug.to_uppercase(), "slug": place.slug,
        "season": {
            "year": year, "startDate": start, "endDate": end, "displayName": year.to_string(),
            "type": {"id": "2", "type": 2, "name": "Regular Season", "abbreviation": "reg"},
        },
        "calendarType": if place.league == League::Nfl { "list" } else { "day" },
        "calendarIsWhitelist": place.league != League::Mlb,
        "calendarStartDate": start, "calendarEndDate": end, "calendar": calendar,
    })
}

/// A time as ESPN writes it: without seconds.
fn minute(at: Millis) -> String {
    time(at).format("%Y-%m-%dT%H:%MZ").to_string()
}

fn event(market: &Market, place: Place, slate: &Slate, game: &Game, at: Millis) -> Value {
    let fixture = &game.fixture;
    let id = fixture.id(Source::Espn);
    let uid = format!("{}~e:{id}", place.uid());
    let start = minute(game.announced_start(at));
    let score = linescore(game, at);
    let status = status(game, score.as_ref(), at);
    let (home, away) = (&fixture.home, &fixture.away);
    let headline = slate.is_doubleheader(game).then(
        || json!({"type": "event", "headline": format!("Doubleheader - Game {}", fixture.number)}),
    );
    let football = fixture.league == League::Nfl;
    let mut competition = json!({
        "id": id.to_string(), "uid": format!("{uid}~c:{id}"), "date": start, "startDate": start,
        "attendance": 0, "type": {"id": "1", "abbreviation": "STD"}, "timeValid": true, "neutralSite": false,
        "conferenceCompetition": false, "recent": false,
        "venue": {
            "id": home.id(Source::Espn).to_string(), "fullName": format!("{} Park", home.city_and_nick().0),
            "address": {"city": home.city_and_nick().0}, "indoor": false,
        },
        "competitors": [
            competitor(place, game, home, true, score.as_ref()),
            competitor(place, game, away, false, score.as_ref()),
        ],
        "notes": headline.into_iter().collect::<Vec<_>>(),
        "status": status,
        "broadcasts": [{"market": "national", "names": [if football { "CBS" } else { "ESPN+" }]}],
        "format": {"regulation": {"periods": if football { 4 } else { 9 }}},
        "geoBroadcasts": [],
    });
    if let Some(competition) = competition.as_object_mut() {
        if football {
            competition.insert("playByPlayAvailable".into(), json!(score.is_some()));
            competition.insert("broadcast".into(), json!("CBS"));
            competition.insert("highlights".into(), json!([]));
        } else {
            competition.insert("wasSuspended".into(), json!(false));
        }
        if let Some(odds) = odds(market, game, at) {
            competition.insert("odds".into(), json!(odds));
        }
    }
    let mut out = json!({
        "id": id.to_string(), "uid": uid, "date": start,
        "name": format!("{} at {}", away.team.name, home.team.name),
        "shortName": format!("{} @ {}", away.abbr(Source::Espn), home.abbr(Source::Espn)),
        "season": {"year": fixture.date.year(), "type": 2, "slug": "regular-season"},
        "competitions": [competition], "status": status,
    });
    if let Some(out) = out.as_object_mut().filter(|_| football) {
        out.insert("week".into(), json!({"number": week(fixture.date)}));
    }
    out
}

fn competitor(
    place: Place,
    game: &Game,
    club: &Club,
    home: bool,
    score: Option<&Linescore>,
) -> Value {
    let id = club.id(Source::Espn);
    let uid = format!("{}~t:{id}", place.uid());
    let (city, nick) = club.city_and_nick();
    let baseball = place.league == League::Mlb;
    let points = score.map_or(0, |s| if home { s.home } else { s.away });
    let mut out = json!({
        "id": id.to_string(), "uid": uid, "type": "team", "order": u8::from(!home),
        "homeAway": if home { "home" } else { "away" }, "score": points.to_string(),
        "team": {
            "id": id.to_string(), "uid": uid, "location": city, "name": nick,
            "abbreviation": club.abbr(Source::Espn), "displayName": club.team.name, "shortDisplayName": nick,
            "color": "0c2340", "alternateColor": "ffffff", "isActive": true,
            "venue": {"id": id.to_string()},
            "logo": format!("https://static.demo.invalid/{}/{}.png", place.slug, club.abbr(Source::Espn)),
        },
        "statistics": [],
        "records": [{
            "name": "overall", "abbreviation": "Game", "type": "total", "summary": club.record_text(),
        }],
    });
    let Some(object) = out.as_object_mut() else {
        return out;
    };
    if baseball {
        if let Some(team) = object.get_mut("team").and_then(Value::as_object_mut) {
            team.remove("venue");
        }
        let extra = score.map_or(0, |_| mix(&[game.fixture.an_id, 41, u64::from(home)]) % 6);
        object.insert("hits".into(), json!(u64::from(points) + extra));
        object.insert("errors".into(), json!(extra / 4));
    }
    if let Some(score) = score {
        object.insert("linescores".into(), json!(lines(score, home, baseball)));
        if score.over {
            object.insert("winner".into(), json!((score.home > score.away) == home));
        }
    }
    out
}

fn lines(score: &Linescore, home: bool, baseball: bool) -> Vec<Value> {
    let own = score.periods.iter().filter_map(|period| {
        let points = if home { period.home } else { period.away };
        Some((period.number, points?))
    });
    own.map(|(number, points)| {
        if baseball {
            json!({"value": points})
        } else {
            json!({"value": f64::from(points), "displayValue": points.to_string(), "period": number})
        }
    })
    .collect()
}

fn status(game: &Game, score: Option<&Linescore>, at: Millis) -> Value {
    let baseball = game.fixture.league == League::Mlb;
    let period = score.map_or(0, |s| s.current);
    let (id, name, state, description, detail, short) = match game.stage(at) {
        Stage::Scheduled => {
            let start = time(game.announced_start(at)).with_timezone(&Eastern);
            (
                "1",
                "STATUS_SCHEDULED",
                "pre",
                "Scheduled",
                spoken(&start),
                start.format("%-m/%-d - %-I:%M %p %Z").to_string(),
            )
        }
        Stage::Postponed => (
            "6",
            "STATUS_POSTPONED",
            "post",
            "Postponed",
            "Postponed".to_owned(),
            "Postponed".to_owned(),
        ),
        Stage::Final => {
            let regular = if baseball { 9 } else { 4 };
            let detail = match period {
                n if n <= regular => "Final".to_owned(),
                n if baseball => format!("Final/{n}"),
                _ => "Final/OT".to_owned(),
            };
            ("3", "STATUS_FINAL", "post", "Final", detail.clone(), detail)
        }
        Stage::Live => live(game, score, at),
    };
    let kind: Map<String, Value> = [
        ("id", json!(id)),
        ("name", json!(name)),
        ("state", json!(state)),
        ("completed", json!(name == "STATUS_FINAL")),
        ("description", json!(description)),
        ("detail", json!(detail)),
        ("shortDetail", json!(short)),
    ]
    .into_iter()
    .map(|(key, value)| (key.to_owned(), value))
    .collect();
    let clock = if baseball { json!(0) } else { json!(0.0) };
    json!({"clock": clock, "displayClock": "0:00", "period": period, "type": kind})
}

type Words = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    String,
    String,
);

fn live(game: &Game, score: Option<&Linescore>, at: Millis) -> Words {
    let (period, top) = score.map_or((1, true), |s| (s.current, s.top));
    if game.fixture.league == League::Mlb {
        let half = if top { "Top" } else { "Bottom" };
        let detail = format!("{half} {}", ordinal(period));
        return (
            "2",
            "STATUS_IN_PROGRESS",
            "in",
            "In Progress",
            detail.clone(),
            detail,
        );
    }
    let ended = game
        .played(at)
        .filter(|p| p.period < period && at - p.until < 2 * MINUTE);
    match ended.map(|p| p.period) {
        Some(2) => (
            "23",
            "STATUS_HALFTIME",
            "in",
            "Halftime",
            "Halftime".to_owned(),
            "Halftime".to_owned(),
        ),
        Some(n) => {
            let detail = format!("End of {} Quarter", ordinal(n));
            (
                "22",
                "STATUS_END_PERIOD",
                "in",
                "End of Period",
                detail,
                format!("End of {}", ordinal(n)),
            )
        }
        None => {
            let detail = format!("0:00 - {} Quarter", ordinal(period));
            (
                "2",
                "STATUS_IN_PROGRESS",
                "in",
                "In Progress",
                detail,
                format!("0:00 - {}", ordinal(period)),
            )
        }
    }
}

/// `Sat, July 12th at 1:05 PM EDT`.
fn spoken(start: &DateTime<Tz>) -> String {
    let day = ordinal(start.day() as u8);
    // The hour without a leading zero, as people say it.
    let hour = start.hour12().1;
    format!(
        "{} {day} at {hour}{}",
        start.format("%a, %B"),
        start.format(":%M %p %Z")
    )
}
