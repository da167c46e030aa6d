//! `/api/v1/schedule`: games by day, with scores where `hydrate` asks for them.

use chrono::{Datelike, NaiveDate, SecondsFormat, TimeDelta, Timelike};
use chrono_tz::US::Eastern;
use serde_json::{Map, Value, json};

use super::super::dice::mix;
use super::super::linescore::{Linescore, linescore, ordinal};
use super::super::market::Market;
use super::super::reply::{Params, Reply};
use super::super::schedule::{HOUR, Millis, time};
use super::super::slate::{Game, Slate, Stage};
use super::lists::NOTICE;
use super::team::{full, named, short};
use crate::domain::league::League;
use crate::domain::source::Source;

/// Days that one question can span.
const MOST_DAYS: usize = 31;
/// From an hour before the start a game counts as about to begin, and its score is 0.
const PRE_GAME: Millis = HOUR;
/// Pitchers of the demo.
const PITCHERS: [&str; 12] = [
    "Amos Birch",
    "Bo Carver",
    "Cal Denning",
    "Dex Holloway",
    "Eli Marsh",
    "Finn Ortega",
    "Gus Pell",
    "Hank Rowe",
    "Ivo Sands",
    "Jory Tate",
    "Kit Vance",
    "Lou Wexler",
];

/// What a question wants beside the bare rows.
#[derive(Clone, Copy)]
struct Hydrate {
    team: bool,
    linescore: bool,
    pitchers: bool,
}

/// An answer without any game.
pub(super) fn none() -> Value {
    json!({
        "copyright": NOTICE, "totalItems": 0, "totalEvents": 0, "totalGames": 0, "totalGamesInProgress": 0, "dates": [],
    })
}

/// The games of some days as of `at`. A day without games is not listed.
pub(super) fn body(
    market: &Market,
    (first, last): (NaiveDate, NaiveDate),
    params: &Params,
    at: Millis,
) -> Reply {
    let wants = params.list("hydrate").unwrap_or_default();
    let wants = |name: &str| wants.iter().any(|w| w.split('(').next() == Some(name));
    let hydrate = Hydrate {
        team: wants("team"),
        linescore: wants("linescore"),
        pitchers: wants("probablePitcher"),
    };
    let (mut dates, mut total, mut live) = (Vec::new(), 0, 0);
    for date in first
        .iter_days()
        .take_while(|date| *date <= last)
        .take(MOST_DAYS)
    {
        let Some(slate) = market.games_of(date, at) else {
            continue;
        };
        let mut games: Vec<&Game> = slate.of(League::Mlb).collect();
        games.sort_by_key(|game| (game.announced_start(at), game.fixture.an_id));
        if games.is_empty() {
            continue;
        }
        let playing = games.iter().filter(|g| g.stage(at) == Stage::Live).count();
        let rows: Vec<_> = games
            .iter()
            .map(|game| row(market, &slate, game, hydrate, at))
            .collect();
        (total, live) = (total + rows.len(), live + playing);
        dates.push(json!({
            "date": date.to_string(), "totalItems": rows.len(), "totalEvents": 0, "totalGames": rows.len(),
            "totalGamesInProgress": playing, "games": rows, "events": [],
        }));
    }
    Reply::ok(&json!({
        "copyright": NOTICE, "totalItems": total, "totalEvents": 0, "totalGames": total,
        "totalGamesInProgress": live, "dates": dates,
    }))
}

fn row(market: &Market, slate: &Slate, game: &Game, hydrate: Hydrate, at: Millis) -> Value {
    let fixture = &game.fixture;
    let pk = fixture.id(Source::MlbStats);
    let stage = game.stage(at);
    let start = game.announced_start(at);
    let score = linescore(game, at);
    let next_day = fixture.date + TimeDelta::days(1);
    let official = if stage == Stage::Postponed {
        next_day
    } else {
        fixture.date
    };
    let season = fixture.date.year().to_string();
    let iso = |at: Millis| time(at).to_rfc3339_opts(SecondsFormat::Secs, true);
    let evening = time(start).with_timezone(&Eastern).hour() >= 17;
    let mut out = json!({
        "gamePk": pk, "gameGuid": guid(fixture.an_id), "link": format!("/api/v1.1/game/{pk}/feed/live"),
        "gameType": "R", "season": season, "gameDate": iso(start), "officialDate": official.to_string(),
        "status": status(game, at),
        "teams": {
            "away": side(market, game, hydrate, score.as_ref(), false, at),
            "home": side(market, game, hydrate, score.as_ref(), true, at),
        },
        "venue": named("venues", fixture.home.id(Source::MlbStats) + 2_000, &format!("{} Park", fixture.home.city_and_nick().0)),
        "content": {"link": format!("/api/v1/game/{pk}/content")},
        "gameNumber": fixture.number, "publicFacing": true,
        // Two tickets, hours apart: a split doubleheader.
        "doubleHeader": if slate.is_doubleheader(game) { "S" } else { "N" },
        "gamedayType": "P", "tiebreaker": "N", "calendarEventID": format!("14-{pk}-{}", fixture.date),
        "seasonDisplay": season, "dayNight": if evening { "night" } else { "day" }, "scheduledInnings": 9,
        "reverseHomeAwayStatus": false, "inningBreakLength": 120, "gamesInSeries": 3,
        "seriesGameNumber": (fixture.date.num_days_from_ce() + 2) % 3 + 1, "seriesDescription": "Regular Season",
        "recordSource": "S", "ifNecessary": "N", "ifNecessaryDescription": "Normal Game",
    });
    let Some(object) = out.as_object_mut() else {
        return out;
    };
    match stage {
        Stage::Postponed => {
            object.insert(
                "rescheduleDate".into(),
                json!(iso(fixture.scheduled + 24 * HOUR)),
            );
            object.insert("rescheduleGameDate".into(), json!(next_day.to_string()));
        }
        Stage::Final => {
            object.insert("isTie".into(), json!(false));
        }
        Stage::Scheduled | Stage::Live => {}
    }
    if hydrate.linescore {
        object.insert("linescore".into(), score_body(game, score.as_ref()));
    }
    out
}

/// An identifier that is the game's for ever.
fn guid(an_id: u64) -> String {
    let (a, b) = (mix(&[an_id, 42]), mix(&[an_id, 43]));
    uuid::Uuid::from_u64_pair(a, b).to_string()
}

fn about_to_begin(game: &Game, at: Millis) -> bool {
    game.stage(at) == Stage::Scheduled && at >= game.announced_start(at) - PRE_GAME
}

fn status(game: &Game, at: Millis) -> Value {
    let delayed = game.fixture.delayed_at.is_some_and(|told| at >= told);
    let (state, letter, coded, detailed, code, reason) = match game.stage(at) {
        Stage::Scheduled if delayed => ("Preview", "P", "P", "Delayed Start", "PR", Some("Rain")),
        Stage::Scheduled if about_to_begin(game, at) => {
            ("Preview", "P", "P", "Pre-Game", "P", None)
        }
        Stage::Scheduled => ("Preview", "P", "S", "Scheduled", "S", None),
        Stage::Live => ("Live", "L", "I", "In Progress", "I", None),
        Stage::Final => ("Final", "F", "F", "Final", "F", None),
        // Final it says of a game that is not played at all.
        Stage::Postponed => ("Final", "F", "D", "Postponed", "DR", Some("Rain")),
    };
    let mut out = json!({
        "abstractGameState": state, "abstractGameCode": letter, "codedGameState": coded, "detailedState": detailed,
        "statusCode": code, "startTimeTBD": false,
    });
    if let (Some(out), Some(reason)) = (out.as_object_mut(), reason) {
        out.insert("reason".into(), json!(reason));
    }
    out
}

fn side(
    market: &Market,
    game: &Game,
    hydrate: Hydrate,
    score: Option<&Linescore>,
    home: bool,
    at: Millis,
) -> Value {
    let fixture = &game.fixture;
    let club = if home { &fixture.home } else { &fixture.away };
    let (won, lost) = club.record();
    let mut out = Map::new();
    let mut set = |key: &str, value: Value| out.insert(key.to_owned(), value);
    set(
        "leagueRecord",
        json!({"wins": won, "losses": lost, "pct": club.percentage()}),
    );
    match score {
        Some(score) => {
            set("score", json!(if home { score.home } else { score.away }));
            if score.over {
                set("isWinner", json!((score.home > score.away) == home));
            }
        }
        None if about_to_begin(game, at) => {
            set("score", json!(0));
        }
        None => {}
    }
    let team = if hydrate.team {
        full(market, club, fixture.date.year())
    } else {
        short(club)
    };
    set("team", team);
    // A pitcher is named late at times, and in some games never.
    let side = u64::from(home);
    let unnamed = market.luck(game, &[44, side]) < 0.08
        || (fixture.opens_late && at < fixture.scheduled - 6 * HOUR);
    if hydrate.pitchers && !unnamed {
        let luck = mix(&[
            u64::from(club.an_id),
            45,
            u64::from(fixture.date.num_days_from_ce().unsigned_abs()) % 5,
        ]);
        let id = 600_000 + luck % 90_000;
        let name = PITCHERS
            .get((luck % PITCHERS.len() as u64) as usize)
            .copied()
            .unwrap_or_default();
        set(
            "probablePitcher",
            json!({"id": id, "fullName": name, "link": format!("/api/v1/people/{id}")}),
        );
    }
    set("splitSquad", json!(false));
    set("seriesNumber", json!(1 + fixture.date.ordinal() / 3));
    Value::Object(out)
}

/// The score by innings; before the start, only who plays.
fn score_body(game: &Game, score: Option<&Linescore>) -> Value {
    let fixture = &game.fixture;
    let Some(score) = score else {
        return json!({
            "innings": [],
            "teams": {"home": {"team": short(&fixture.home)}, "away": {"team": short(&fixture.away)}},
        });
    };
    let half = |number: u8, home: bool, runs: Option<u16>| {
        let luck = mix(&[fixture.an_id, 46, u64::from(number), u64::from(home)]);
        // What has not been played has no hits either, but the keys are there.
        let hits = runs.map_or(0, |runs| u64::from(runs) + luck % 2);
        let mut out = json!({
            "hits": hits, "errors": u64::from(runs.is_some() && luck.is_multiple_of(11)), "leftOnBase": hits.min(luck % 3),
        });
        if let (Some(out), Some(runs)) = (out.as_object_mut(), runs) {
            out.insert("runs".into(), json!(runs));
        }
        out
    };
    let innings: Vec<_> = score
        .periods
        .iter()
        .map(|period| {
            json!({
                "num": period.number, "ordinalNum": ordinal(period.number),
                "home": half(period.number, true, period.home),
                "away": half(period.number, false, period.away),
            })
        })
        .collect();
    let sum = |side: &str, key: &str| -> u64 {
        innings
            .iter()
            .filter_map(|inning| inning[side][key].as_u64())
            .sum()
    };
    let total = |side: &str, runs: u16| {
        json!({
            "runs": runs, "hits": sum(side, "hits"), "errors": sum(side, "errors"),
            "leftOnBase": sum(side, "leftOnBase"),
        })
    };
    let word = if score.top { "Top" } else { "Bottom" };
    json!({
        "currentInning": score.current, "currentInningOrdinal": ordinal(score.current), "inningState": word,
        "inningHalf": word, "isTopInning": score.top, "scheduledInnings": 9,
        "innings": innings,
        "teams": {"home": total("home", score.home), "away": total("away", score.away)},
        "balls": 0, "strikes": 0, "outs": if score.over { 3 } else { 0 },
    })
}
