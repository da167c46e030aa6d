//! The traps of identity, by name: what other programs fell into. A wrong join is worse than none.

use std::path::Path;

use chrono::{DateTime, NaiveDate, Utc};
use linetape::domain::feed::FeedGame;
use linetape::domain::game::GameId;
use linetape::domain::identity::Identity;
use linetape::domain::league::League;
use linetape::domain::payload::PayloadHash;
use linetape::domain::source::{Source, Stream};
use linetape::domain::status::GameStatus;
use linetape::domain::team::Teams;
use linetape::domain::time::slate_date;
use serde_json::Value;

use crate::payloads::{decode, fixture, line_of};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// A game as a feed names it, with the teams that its names mean.
fn game(
    source: Source,
    id: &str,
    league: League,
    (away, home): (&str, &str),
    start: &str,
) -> FeedGame {
    let teams = Teams::builtin().unwrap();
    let slug = |name: &str| teams.find(league, name).map(|team| team.slug.clone());
    FeedGame {
        source,
        source_game_id: id.into(),
        league,
        game_number: 1,
        home: home.into(),
        away: away.into(),
        home_team: slug(home),
        away_team: slug(away),
        starts_at: Some(at(start)),
        slate_date: None,
        status: None,
        home_score: None,
        away_score: None,
    }
}

/// Hear games, a payload each, and say which game each is.
fn placed(games: &[&FeedGame]) -> Vec<GameId> {
    let mut identity = Identity::default();
    for (n, game) in (0_u8..).zip(games) {
        let moment = (
            DateTime::from_timestamp(i64::from(n), 0).unwrap(),
            PayloadHash([n; 32]),
        );
        identity.hear(moment, [*game]);
        identity.regroup();
    }
    let id = |game: &&FeedGame| identity.get(game.source, &game.source_game_id).unwrap();
    games.iter().map(id).collect()
}

const NIGHT: &str = "2025-11-22T01:00:00Z";

#[test]
fn one_team_in_common_joins_nothing() {
    let ours = game(
        Source::ActionNetwork,
        "1",
        League::Nba,
        ("LA Clippers", "Denver Nuggets"),
        NIGHT,
    );
    let theirs = game(
        Source::OddsApi,
        "a",
        League::Nba,
        ("Oklahoma City Thunder", "Denver Nuggets"),
        NIGHT,
    );
    assert!(ours.away_team.is_some() && theirs.away_team.is_some());
    let ids = placed(&[&ours, &theirs]);
    assert_ne!(ids[0], ids[1]);
}

#[test]
fn washington_state_at_oregon_is_not_washington_at_oregon_state() {
    for league in [League::Ncaaf, League::Ncaab] {
        let ours = game(
            Source::ActionNetwork,
            "1",
            league,
            ("Washington St", "Oregon"),
            NIGHT,
        );
        let theirs = game(
            Source::OddsApi,
            "a",
            league,
            ("Washington", "Oregon St"),
            NIGHT,
        );
        let spelt = game(
            Source::Espn,
            "e",
            league,
            ("Washington State", "Oregon"),
            NIGHT,
        );
        for game in [&ours, &theirs, &spelt] {
            assert!(
                game.home_team.is_some() && game.away_team.is_some(),
                "{league}: {game:?}"
            );
        }
        let ids = placed(&[&ours, &theirs, &spelt]);
        assert_ne!(ids[0], ids[1], "{league}");
        assert_eq!(ids[0], ids[2], "{league}: two spellings of one game");
    }
}

#[test]
fn codes_that_differ_by_feed_name_one_team_in_their_league_only() {
    let teams = Teams::builtin().unwrap();
    let slug = |league, code| teams.find(league, code).map(|team| team.slug.clone());
    for (league, one, other) in [
        (League::Nfl, "WAS", "WSH"),
        (League::Nfl, "JAC", "JAX"),
        (League::Mlb, "AZ", "ARI"),
    ] {
        assert!(slug(league, one).is_some(), "{league} {one}");
        assert_eq!(
            slug(league, one),
            slug(league, other),
            "{league} {one} {other}"
        );
    }
    assert_ne!(slug(League::Nfl, "SEA"), slug(League::Mlb, "SEA"));
    assert_ne!(slug(League::Nfl, "SF"), slug(League::Mlb, "SF"));
}

const BIRDS: (&str, &str) = ("Miami Marlins", "Baltimore Orioles");

#[test]
fn a_second_game_that_is_cancelled_leaves_the_first_as_it_is() {
    let first = game(
        Source::ActionNetwork,
        "1",
        League::Mlb,
        BIRDS,
        "2025-07-12T17:05:00Z",
    );
    let second = FeedGame {
        game_number: 2,
        ..game(
            Source::ActionNetwork,
            "2",
            League::Mlb,
            BIRDS,
            "2025-07-12T23:05:00Z",
        )
    };
    let theirs = game(
        Source::OddsApi,
        "a",
        League::Mlb,
        BIRDS,
        "2025-07-12T17:06:00Z",
    );
    let other = FeedGame {
        game_number: 2,
        ..game(
            Source::OddsApi,
            "b",
            League::Mlb,
            BIRDS,
            "2025-07-12T23:06:00Z",
        )
    };
    let cancelled = FeedGame {
        status: Some(GameStatus::Cancelled),
        ..second.clone()
    };
    let ids = placed(&[&first, &second, &theirs, &other, &cancelled]);
    assert_eq!((ids[0], ids[1]), (ids[2], ids[3]));
    assert_ne!(ids[0], ids[1]);
    assert_eq!(ids[4], ids[1], "cancelled, and still the second game");
    // A feed that drops the cancelled game from its list numbers the first alone, and nothing moves.
    let after = placed(&[&first, &second, &theirs, &cancelled, &theirs]);
    assert_eq!(after[4], after[0]);
}

#[test]
fn a_live_child_of_an_event_joins_nothing() {
    // One feed lists an event and its live child at the same start: another feed's game could be either.
    let parent = game(
        Source::OddsApi,
        "parent",
        League::Mlb,
        BIRDS,
        "2025-07-12T23:05:00Z",
    );
    let child = game(
        Source::OddsApi,
        "child",
        League::Mlb,
        BIRDS,
        "2025-07-12T23:05:00Z",
    );
    let ours = game(
        Source::ActionNetwork,
        "1",
        League::Mlb,
        BIRDS,
        "2025-07-12T23:05:00Z",
    );
    let ids = placed(&[&parent, &child, &ours]);
    assert_ne!(ids[0], ids[1]);
    assert!(ids[2] != ids[0] && ids[2] != ids[1]);
    // Joined before the child came, it stays with the parent, and the child stays alone.
    let ids = placed(&[&parent, &ours, &child]);
    assert_eq!(ids[1], ids[0]);
    assert_ne!(ids[2], ids[0]);
}

#[test]
fn home_and_away_swapped_at_a_neutral_site_is_no_join() {
    let ours = game(
        Source::ActionNetwork,
        "1",
        League::Nfl,
        ("Buffalo Bills", "Kansas City Chiefs"),
        NIGHT,
    );
    let theirs = game(
        Source::OddsApi,
        "a",
        League::Nfl,
        ("Kansas City Chiefs", "Buffalo Bills"),
        NIGHT,
    );
    let ids = placed(&[&ours, &theirs]);
    assert_ne!(ids[0], ids[1], "their sides would be swapped");
}

#[test]
fn a_late_game_and_the_next_days_are_two() {
    let late = game(
        Source::ActionNetwork,
        "1",
        League::Mlb,
        BIRDS,
        "2025-07-13T02:10:00Z",
    );
    let theirs = game(
        Source::OddsApi,
        "a",
        League::Mlb,
        BIRDS,
        "2025-07-13T02:15:00Z",
    );
    let next = game(
        Source::OddsApi,
        "b",
        League::Mlb,
        BIRDS,
        "2025-07-13T17:05:00Z",
    );
    let ids = placed(&[&late, &next, &theirs]);
    assert_eq!(ids[2], ids[0]);
    assert_ne!(ids[1], ids[0]);
}

/// Every price with the game it belongs to.
fn prices(stream: Stream, body: &Value) -> Vec<String> {
    let decoded = decode(stream, body.to_string().as_bytes(), None).unwrap();
    let price = |quote: &linetape::domain::feed::Quote| {
        format!("{:?} {}", quote.source_game_id, line_of(quote))
    };
    let mut all: Vec<String> = decoded.quotes.iter().map(price).collect();
    all.sort();
    all
}

/// The document with its lists of games turned round.
fn turned(value: &Value, lists: &[&str]) -> Value {
    let mut value = value.clone();
    for list in lists {
        if let Some(items) = value.pointer_mut(list).and_then(Value::as_array_mut) {
            items.reverse();
        }
    }
    value
}

#[test]
fn a_price_belongs_to_its_game_by_id_never_by_order() {
    for (name, stream, lists) in [
        ("an_scoreboard.json", Stream::AnScoreboard, &["/games"][..]),
        ("odds_api_odds.json", Stream::OddsApiOdds, &[""][..]),
        (
            "espn_scoreboard.json",
            Stream::EspnScoreboard,
            &["/events"][..],
        ),
        ("sbd_splits.json", Stream::SbdSplits, &["/games"][..]),
        (
            "sbr_page.json",
            Stream::SbrOdds,
            &["/pageProps/oddsTables/0/oddsTableModel/gameRows"][..],
        ),
    ] {
        let body: Value = serde_json::from_slice(&fixture(name)).unwrap();
        let straight = prices(stream, &body);
        assert_eq!(prices(stream, &turned(&body, lists)), straight, "{name}");
    }
}

#[test]
fn a_name_of_another_time_is_read_by_the_day() {
    let teams = Teams::builtin().unwrap();
    let day = |text: &str| -> NaiveDate { text.parse().unwrap() };
    let then = teams.find_on(League::Nfl, "LosAngeles", day("2016-11-13"));
    assert_eq!(then.map(|team| team.slug.as_str()), Some("nfl:rams"));
    assert!(
        teams
            .find_on(League::Nfl, "LosAngeles", day("2019-11-13"))
            .is_none()
    );
}

/// A start, and the slate it belongs to.
const SLATES: [(&str, &str); 10] = [
    // Either side of the change to summer time, and of the slate's end on its 23 hours.
    ("2025-03-09T06:59:00Z", "2025-03-08"),
    ("2025-03-09T07:59:59Z", "2025-03-08"),
    ("2025-03-09T08:00:00Z", "2025-03-09"),
    // The change back: 25 hours, and a Sunday's kickoff at one.
    ("2025-11-02T08:59:59Z", "2025-11-01"),
    ("2025-11-02T18:00:00Z", "2025-11-02"),
    // London at half past one in the afternoon, on the day its own clocks change.
    ("2025-10-26T13:30:00Z", "2025-10-26"),
    // Phoenix at twenty to seven, which has no summer time.
    ("2025-07-02T01:40:00Z", "2025-07-01"),
    // Los Angeles late, the next day in London.
    ("2025-07-13T05:10:00Z", "2025-07-12"),
    // Tokyo at ten past seven in the evening, before dawn in New York.
    ("2025-03-18T10:10:00Z", "2025-03-18"),
    // Tokyo at noon is the evening before in New York.
    ("2025-03-19T03:00:00Z", "2025-03-18"),
];

#[test]
fn the_slate_is_the_eastern_one_wherever_the_game_is() {
    for (start, slate) in SLATES {
        assert_eq!(slate_date(at(start)).to_string(), slate, "{start}");
    }
}

/// A file of vectors; none, and said so, where there is none.
fn vectors(name: &str) -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/vectors")
        .join(name);
    let Ok(text) = std::fs::read(&path) else {
        println!("skipped: no ../shared/vectors/{name}");
        return Vec::new();
    };
    let file: Value = serde_json::from_slice(&text).unwrap();
    file["vectors"].as_array().unwrap().clone()
}

#[test]
fn the_vectors_of_time_zones_hold() {
    for vector in vectors("timezones.json") {
        if let Some(slate) = vector["slate_date_4am_cutoff"].as_str() {
            let start = at(vector["utc"].as_str().unwrap());
            assert_eq!(slate_date(start).to_string(), slate, "{vector}");
        }
        if let (Some(zone), Some(utc), Some(offset)) = (
            vector["zone"].as_str(),
            vector["utc"].as_str(),
            vector["offset_min"].as_i64(),
        ) {
            let zone: chrono_tz::Tz = zone.parse().unwrap();
            let local = at(utc).with_timezone(&zone).naive_local();
            assert_eq!(
                (local - at(utc).naive_utc()).num_minutes(),
                offset,
                "{vector}"
            );
        }
    }
}

/// Each trap of the vectors, and the test here that shows it; codes that are another team's today are left out.
const SHOWN: [&str; 9] = [
    "codes differ by feed",
    "two-letter city codes across leagues",
    "one-team match accepted",
    "Washington St vs Oregon",
    "home/away swapped at neutral sites",
    "MLB doubleheader",
    "arrays from separate endpoints joined by order",
    "late games fall on the next UTC date",
    "live and pre-match are separate events",
];

#[test]
fn every_trap_of_the_vectors_has_a_test() {
    for vector in vectors("identity_traps.json") {
        let trap = vector["trap"].as_str().unwrap();
        assert!(
            SHOWN.iter().any(|shown| trap.starts_with(shown)),
            "no test shows: {trap}"
        );
    }
}
