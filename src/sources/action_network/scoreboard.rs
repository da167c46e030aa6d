//! The slate: games, their markets by book, splits and scores.

use std::sync::Arc;

use super::by_book::{self, ByBook, Words};
use super::flat::{self, Row};
use super::names;
use super::not_a_response;
use super::outcome::{self, GameRef, Keys, Outcome, TeamRef, Terms};
use super::split::Splits;
use crate::domain::feed::{FeedGame, FeedResult, PeriodScore};
use crate::domain::league::League;
use crate::domain::source::Source;
use crate::domain::status::GameStatus;
use crate::sources::Refusal;
use crate::sources::collector::Collector;
use crate::sources::json::{Document, List, Pointer, Scalar, Shape, record};

record! {
    /// An answer of either version, bare or inside a page.
    Scoreboard<'a> {
        league: LeagueInfo<'a> = "league",
        games: List<Game<'a>> = "games",
        received_at: Scalar<'a> = "receivedAt",
    }
}
record! {
    LeagueInfo<'a> { name: Scalar<'a> = "name" }
}
record! {
    Game<'a> {
        id: Scalar<'a> = "id",
        status: Scalar<'a> = "status",
        real_status: Scalar<'a> = "real_status",
        start_time: Scalar<'a> = "start_time",
        home_team_id: Scalar<'a> = "home_team_id",
        away_team_id: Scalar<'a> = "away_team_id",
        league_name: Scalar<'a> = "league_name",
        teams: List<Team<'a>> = "teams",
        boxscore: Boxscore<'a> = "boxscore",
        markets: ByBook<'a> = "markets",
        odds: List<Row<'a>> = "odds",
    }
}
record! {
    Team<'a> { id: Scalar<'a> = "id", full_name: Scalar<'a> = "full_name" }
}
record! {
    Boxscore<'a> {
        home: Scalar<'a> = "total_home_points",
        away: Scalar<'a> = "total_away_points",
        linescore: List<Linescore<'a>> = "linescore",
    }
}
record! {
    Linescore<'a> {
        abbr: Scalar<'a> = "abbr",
        id: Scalar<'a> = "id",
        home: Scalar<'a> = "home_points",
        away: Scalar<'a> = "away_points",
    }
}

impl Game<'_> {
    fn outcomes(&self) -> usize {
        let periods = self
            .markets
            .entries
            .iter()
            .flat_map(|(_, book)| &book.entries);
        let markets = periods.flat_map(|(_, period)| &period.entries);
        markets.map(|(_, outcomes)| outcomes.items.len()).sum()
    }
}

/// Decode an answer of either version, or the bare rows of one game.
pub(super) fn decode<'c>(
    document: &Document<'_>,
    mut collector: Collector<'c>,
) -> Result<Collector<'c>, Refusal> {
    if document.is_list() {
        let rows: List<Row<'_>> = document.read()?;
        if !rows.items.is_empty() && rows.items.iter().all(|row| row.book_id.is_none()) {
            return Err(not_a_response(document, "a scoreboard").into());
        }
        let mut game = GameRef::default();
        if let Some(id) = collector.context.source_game_id {
            game.id = Some(collector.word(id));
        }
        let mut splits = Splits::default();
        flat::rows(&rows, &game, &mut splits, &Pointer::Root, &mut collector);
        return Ok(collector);
    }
    let scoreboard: Scoreboard<'_> = document.read()?;
    if scoreboard.games.shape == Shape::Absent {
        return Err(not_a_response(document, "a scoreboard").into());
    }
    games(&scoreboard, &Pointer::Root, &mut collector);
    Ok(collector)
}

/// Every game of an answer.
pub(super) fn games(
    scoreboard: &Scoreboard<'_>,
    place: &Pointer<'_>,
    collector: &mut Collector<'_>,
) {
    let place = place.key("games");
    if scoreboard.games.shape != Shape::Right {
        collector.rejects.push(&place, "the games are not a list");
    }
    let league = scoreboard.league.name.text();
    collector.expect_quotes(scoreboard.games.items.iter().map(Game::outcomes).sum());
    for (index, game) in scoreboard.games.items.iter().enumerate() {
        one_game(game, league, &place.at(index), collector);
        collector.reading(None);
    }
}

fn one_game(
    game: &Game<'_>,
    league: Option<&str>,
    place: &Pointer<'_>,
    collector: &mut Collector<'_>,
) {
    let Some(known) = identify(game, place, collector) else {
        return;
    };
    let league = game
        .league_name
        .text()
        .or(league)
        .map_or(League::Other, names::league);
    let Some(feed_game) = describe(game, &known, league, place, collector) else {
        return;
    };
    let status = feed_game.status;
    if !collector.game(feed_game, place) {
        return;
    }
    score(game, &known, status, &place.key("boxscore"), collector);
    let mut splits = Splits::default();
    markets(game, &known, &mut splits, &place.key("markets"), collector);
    flat::rows(
        &game.odds,
        &known,
        &mut splits,
        &place.key("odds"),
        collector,
    );
}

/// Which game and which teams: by their ids, never by the order of `teams`.
fn identify(
    game: &Game<'_>,
    place: &Pointer<'_>,
    collector: &mut Collector<'_>,
) -> Option<GameRef> {
    if game.shape != Shape::Right {
        collector.rejects.push(place, "a game is not an object");
        return None;
    }
    let id = game.id.id();
    collector.reading(id.as_deref());
    let Some(id) = id else {
        collector
            .rejects
            .push(&place.key("id"), "a game without an id cannot be placed");
        return None;
    };
    let mut team = |member: &str, id: &Scalar<'_>| {
        let name = game
            .teams
            .items
            .iter()
            .find(|team| id.id().is_some_and(|id| team.id.is_id(&id)))
            .and_then(|team| team.full_name.text());
        let found = id.id().zip(name);
        if found.is_none() {
            collector.rejects.push(
                &place.key(member),
                "no team of the game has this id and a full_name, so the game cannot be named",
            );
        }
        found.map(|(id, name)| TeamRef {
            id: id.into(),
            name: collector.word(name),
        })
    };
    let home = team("home_team_id", &game.home_team_id)?;
    let away = team("away_team_id", &game.away_team_id)?;
    if home.id == away.id {
        collector
            .rejects
            .push(&place.key("away_team_id"), "a team cannot play itself");
        return None;
    }
    Some(GameRef {
        id: Some(collector.word(&id)),
        home: Some(home),
        away: Some(away),
    })
}

fn describe(
    game: &Game<'_>,
    known: &GameRef,
    league: League,
    place: &Pointer<'_>,
    collector: &mut Collector<'_>,
) -> Option<FeedGame> {
    let (Some(id), Some(home), Some(away)) = (&known.id, &known.home, &known.away) else {
        return None;
    };
    let starts_at = collector.optional_time(&game.start_time, &place.key("start_time"));
    let mut described = collector.name_game(
        &id.text,
        league,
        &home.name.text,
        &away.name.text,
        starts_at,
    );
    described.status = status(game, place, collector);
    if game.boxscore.shape == Shape::Right {
        described.home_score = game.boxscore.home.score();
        described.away_score = game.boxscore.away.score();
    }
    Some(described)
}

/// `status`, or `real_status` where the first says nothing known.
fn status(
    game: &Game<'_>,
    place: &Pointer<'_>,
    collector: &mut Collector<'_>,
) -> Option<GameStatus> {
    let known = |scalar: &Scalar<'_>| scalar.text().and_then(names::status);
    let found = known(&game.status).or_else(|| known(&game.real_status));
    if found.is_none() && !game.status.is_none() {
        collector
            .rejects
            .push(&place.key("status"), "this game status is not known");
    }
    found
}

fn score(
    game: &Game<'_>,
    known: &GameRef,
    status: Option<GameStatus>,
    place: &Pointer<'_>,
    collector: &mut Collector<'_>,
) {
    let boxscore = &game.boxscore;
    if boxscore.shape == Shape::Wrong {
        collector
            .rejects
            .push(place, "the box score is not an object");
    }
    if boxscore.shape != Shape::Right {
        return;
    }
    let home_score = points(&boxscore.home, &place.key("total_home_points"), collector);
    let away_score = points(&boxscore.away, &place.key("total_away_points"), collector);
    let lines = place.key("linescore");
    let mut periods = Vec::with_capacity(boxscore.linescore.items.len());
    for (index, line) in boxscore.linescore.items.iter().enumerate() {
        let place = lines.at(index);
        let name = line
            .abbr
            .text()
            .map(Arc::from)
            .or_else(|| line.id.id().map(|id| Arc::from(&*id)));
        let home = points(&line.home, &place.key("home_points"), collector);
        let away = points(&line.away, &place.key("away_points"), collector);
        if let Some(period) = name {
            periods.push(PeriodScore { period, home, away });
        } else {
            collector
                .rejects
                .push(&place, "a period's score without its name");
        }
    }
    let (Some(id), true) = (
        &known.id,
        home_score.is_some() || away_score.is_some() || !periods.is_empty(),
    ) else {
        return;
    };
    collector.result(FeedResult {
        source: Source::ActionNetwork,
        source_game_id: Arc::clone(&id.text),
        home_score,
        away_score,
        periods,
        status,
    });
}

fn points(scalar: &Scalar<'_>, place: &Pointer<'_>, collector: &mut Collector<'_>) -> Option<i32> {
    let score = scalar.score();
    if score.is_none() && !scalar.is_none() {
        collector.rejects.push(place, "this is not a score");
    }
    score
}

/// `markets`: book, then period, then type, then outcomes.
fn markets(
    game: &Game<'_>,
    known: &GameRef,
    splits: &mut Splits,
    place: &Pointer<'_>,
    collector: &mut Collector<'_>,
) {
    if game.markets.shape == Shape::Wrong {
        collector
            .rejects
            .push(place, "the markets are not an object keyed by book");
    }
    let words = Words {
        book: "a book's markets are not an object keyed by period",
        period: "a period's markets are not an object keyed by type",
    };
    by_book::each(
        &game.markets,
        &words,
        place,
        collector,
        |outcome, keys, at, collector| quote(outcome, keys, known, splits, at, collector),
    );
}

fn quote(
    outcome: &Outcome<'_>,
    keys: &Keys<'_>,
    game: &GameRef,
    splits: &mut Splits,
    place: &Pointer<'_>,
    collector: &mut Collector<'_>,
) {
    let Some(placed) = outcome::place(outcome, keys, game, place, collector) else {
        return;
    };
    let terms = Terms {
        odds: &outcome.odds,
        value: &outcome.value,
        line_status: &outcome.line_status,
    };
    if let Some(offer) = outcome::offer(&terms, &placed.market, keys.book.id(), place, collector) {
        let slot = placed.slot(game, keys.book, placed.phase);
        collector.quote(&slot, &offer, place);
    }
    splits.consensus(
        &outcome.bet_info,
        game,
        &placed,
        &place.key("bet_info"),
        collector,
    );
}
