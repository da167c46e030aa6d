//! Games with scores and prices: the scoreboard, and the page of odds, which wraps the same competitions.

use std::sync::Arc;

use super::league::{self, LeagueInfo};
use super::not_a_response;
use super::odds::{self, GameRef, Odds};
use super::score::{self, Linescore};
use super::status::{self, Status};
use crate::domain::feed::{FeedGame, FeedResult};
use crate::domain::league::League;
use crate::domain::source::Source;
use crate::domain::status::GameStatus;
use crate::sources::Refusal;
use crate::sources::collector::Collector;
use crate::sources::json::{Document, List, Pointer, Scalar, Shape, record};

record! {
    /// A scoreboard.
    Scoreboard<'a> {
        leagues: List<LeagueInfo<'a>> = "leagues",
        events: List<Event<'a>> = "events",
    }
}
record! {
    /// The page of odds: weeks, each with its events.
    Page<'a> {
        current: PageLeague<'a> = "currentValues",
        lines: List<Week<'a>> = "lines",
    }
}
record! {
    PageLeague<'a> { league: Scalar<'a> = "league" }
}
record! {
    Week<'a> { events: List<Event<'a>> = "events" }
}
record! {
    Event<'a> {
        id: Scalar<'a> = "id",
        uid: Scalar<'a> = "uid",
        date: Scalar<'a> = "date",
        competitions: List<Competition<'a>> = "competitions",
        status: Status<'a> = "status",
    }
}
record! {
    Competition<'a> {
        id: Scalar<'a> = "id",
        uid: Scalar<'a> = "uid",
        date: Scalar<'a> = "date",
        competitors: List<Competitor<'a>> = "competitors",
        status: Status<'a> = "status",
        odds: List<Odds<'a>> = "odds",
    }
}
record! {
    /// A team in a game.
    Competitor<'a> {
        home_away: Scalar<'a> = "homeAway",
        team: Team<'a> = "team",
        score: Scalar<'a> = "score",
        linescores: List<Linescore<'a>> = "linescores",
    }
}
record! {
    Team<'a> {
        abbreviation: Scalar<'a> = "abbreviation",
        name: Scalar<'a> = "displayName",
    }
}

/// Decode a scoreboard.
pub(super) fn decode<'c>(
    document: &Document<'_>,
    mut collector: Collector<'c>,
) -> Result<Collector<'c>, Refusal> {
    let board: Scoreboard<'_> = document.read()?;
    if board.events.shape == Shape::Absent {
        return Err(not_a_response(document, "a scoreboard").into());
    }
    // A board of several leagues tells nothing of a single game.
    let league = match board.leagues.items.as_slice() {
        [one] => one.league(),
        _ => None,
    };
    let league = league.or_else(|| league::asked(collector.context));
    events(
        &board.events,
        league,
        &Pointer::Root.key("events"),
        &mut collector,
    );
    Ok(collector)
}

/// Decode the page of odds.
pub(super) fn decode_page<'c>(
    document: &Document<'_>,
    mut collector: Collector<'c>,
) -> Result<Collector<'c>, Refusal> {
    let page: Page<'_> = document.read()?;
    if page.lines.shape == Shape::Absent {
        return Err(not_a_response(document, "a page of odds").into());
    }
    let root = Pointer::Root;
    let lines = root.key("lines");
    if page.lines.shape != Shape::Right {
        collector.rejects.push(&lines, "the lines are not a list");
    }
    let league = page.current.league.text().map(league::of_slug);
    let league = league.or_else(|| league::asked(collector.context));
    for (index, week) in page.lines.items.iter().enumerate() {
        let place = lines.at(index);
        events(&week.events, league, &place.key("events"), &mut collector);
    }
    Ok(collector)
}

fn events(
    list: &List<Event<'_>>,
    league: Option<League>,
    place: &Pointer<'_>,
    collector: &mut Collector<'_>,
) {
    if list.shape != Shape::Right {
        collector.rejects.push(place, "the events are not a list");
    }
    for (index, event) in list.items.iter().enumerate() {
        one_event(event, league, &place.at(index), collector);
        collector.reading(None);
    }
}

fn one_event(
    event: &Event<'_>,
    league: Option<League>,
    place: &Pointer<'_>,
    collector: &mut Collector<'_>,
) {
    if event.shape != Shape::Right {
        collector.rejects.push(place, "an event is not an object");
        return;
    }
    collector.reading(event.id.id().as_deref());
    let at = place.key("competitions");
    if event.competitions.items.is_empty() {
        collector
            .rejects
            .push(&at, "an event without a competition");
    }
    // An event of one competition has its id; a tournament's competitions have their own.
    let single = event.competitions.items.len() == 1;
    for (index, competition) in event.competitions.items.iter().enumerate() {
        let game = (competition, &at.at(index));
        one_game((event, place), game, single, league, collector);
    }
}

fn one_game(
    (event, event_place): (&Event<'_>, &Pointer<'_>),
    (competition, place): (&Competition<'_>, &Pointer<'_>),
    single: bool,
    league: Option<League>,
    collector: &mut Collector<'_>,
) {
    if competition.shape != Shape::Right {
        collector
            .rejects
            .push(place, "a competition is not an object");
        return;
    }
    let (id, id_place) = if single && !event.id.is_none() {
        (&event.id, event_place)
    } else {
        (&competition.id, place)
    };
    let Some(id) = id.id() else {
        collector
            .rejects
            .push(&id_place.key("id"), "a game without an id cannot be placed");
        return;
    };
    collector.reading(Some(&id));
    let list = place.key("competitors");
    let Some((home, away)) = sides(&competition.competitors, &list, collector) else {
        return;
    };
    let (home_place, away_place) = (list.at(home.0), list.at(away.0));
    let league = league::of_uid(&competition.uid)
        .or_else(|| league::of_uid(&event.uid))
        .or(league)
        .unwrap_or(League::Other);
    let (Some(home_name), Some(away_name)) = (home.1.team.name.text(), away.1.team.name.text())
    else {
        return;
    };
    let word = collector.word(&id);
    let (home_name, away_name) = (collector.word(home_name), collector.word(away_name));
    let (date, date_place) = if competition.date.is_none() {
        (&event.date, event_place)
    } else {
        (&competition.date, place)
    };
    let starts_at = collector.optional_time(date, &date_place.key("date"));
    let mut game = collector.name_game(
        &word.text,
        league,
        &home_name.text,
        &away_name.text,
        starts_at,
    );
    let (status, begun) = stand((event, event_place), (competition, place), collector);
    game.status = status;
    let result = scored(
        &mut game,
        begun,
        (home.1, &home_place),
        (away.1, &away_place),
        collector,
    );
    if !collector.game(game, place) {
        return;
    }
    if let Some(result) = result {
        collector.result(result);
    }
    let abbreviations = home
        .1
        .team
        .abbreviation
        .text()
        .zip(away.1.team.abbreviation.text());
    let game = GameRef {
        id: Some(&word),
        league,
        teams: abbreviations,
        begun,
    };
    odds::all(&competition.odds, &game, &place.key("odds"), collector);
}

/// A team and its place in the list.
type Placed<'l, 'a> = (usize, &'l Competitor<'a>);

/// Home and away with their places in the list, by `homeAway` and never by order.
fn sides<'l, 'a>(
    list: &'l List<Competitor<'a>>,
    place: &Pointer<'_>,
    collector: &mut Collector<'_>,
) -> Option<(Placed<'l, 'a>, Placed<'l, 'a>)> {
    let mut side = |name: &str| {
        let found = list
            .items
            .iter()
            .enumerate()
            .find(|(_, one)| one.home_away == Scalar::Text(name))?;
        if found.1.team.name.text().is_none() {
            let at = place.at(found.0);
            collector.rejects.push(
                &at.key("team"),
                "a team without a displayName cannot be named",
            );
            return None;
        }
        Some(found)
    };
    let (home, away) = (side("home"), side("away"));
    let found = home.zip(away);
    if found.is_none() && list.items.iter().all(|one| one.team.name.text().is_some()) {
        collector
            .rejects
            .push(place, "a game needs one home and one away team");
    }
    found
}

/// Where the game stands, and whether it has begun.
fn stand(
    (event, event_place): (&Event<'_>, &Pointer<'_>),
    (competition, place): (&Competition<'_>, &Pointer<'_>),
    collector: &mut Collector<'_>,
) -> (Option<GameStatus>, bool) {
    let (told, place) = if competition.status.shape == Shape::Right {
        (&competition.status, place)
    } else {
        (&event.status, event_place)
    };
    let status = status::status(told, &place.key("status"), collector);
    let begun = matches!(
        status,
        Some(GameStatus::Live | GameStatus::Final | GameStatus::Suspended)
    );
    (status, begun)
}

/// The score of a game that has begun: before the start ESPN writes 0.
fn scored(
    game: &mut FeedGame,
    begun: bool,
    home: (&Competitor<'_>, &Pointer<'_>),
    away: (&Competitor<'_>, &Pointer<'_>),
    collector: &mut Collector<'_>,
) -> Option<FeedResult> {
    if !begun {
        return None;
    }
    game.home_score = score::total(home.0, home.1, collector);
    game.away_score = score::total(away.0, away.1, collector);
    let periods = score::periods(home, away, collector);
    (game.home_score.is_some() || game.away_score.is_some()).then(|| FeedResult {
        source: Source::Espn,
        source_game_id: Arc::clone(&game.source_game_id),
        home_score: game.home_score,
        away_score: game.away_score,
        periods,
        status: game.status,
    })
}
