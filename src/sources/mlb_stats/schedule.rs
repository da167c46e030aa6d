//! The schedule: days of games, with scores and innings where they are asked for.

use std::collections::HashMap;
use std::sync::Arc;

use super::game::{self, Team, Told};
use super::linescore::Linescore;
use super::not_a_response;
use super::status::{self, Status};
use crate::domain::feed::{FeedGame, FeedResult};
use crate::domain::status::GameStatus;
use crate::sources::Refusal;
use crate::sources::collector::Collector;
use crate::sources::json::{Document, List, Pointer, Scalar, Shape, record};

record! {
    /// The whole schedule.
    Schedule<'a> { dates: List<Day<'a>> = "dates" }
}
record! {
    Day<'a> { games: List<Game<'a>> = "games" }
}
record! {
    Game<'a> {
        id: Scalar<'a> = "gamePk",
        starts_at: Scalar<'a> = "gameDate",
        status: Status<'a> = "status",
        teams: Teams<'a> = "teams",
        linescore: Linescore<'a> = "linescore",
        number: Scalar<'a> = "gameNumber",
        double_header: Scalar<'a> = "doubleHeader",
    }
}
record! {
    Teams<'a> { away: Side<'a> = "away", home: Side<'a> = "home" }
}
record! {
    Side<'a> { score: Scalar<'a> = "score", team: Team<'a> = "team" }
}

/// Decode a schedule of any number of days.
pub(super) fn decode<'c>(
    document: &Document<'_>,
    mut collector: Collector<'c>,
) -> Result<Collector<'c>, Refusal> {
    let schedule: Schedule<'_> = document.read()?;
    if schedule.dates.shape == Shape::Absent {
        return Err(not_a_response(document, "a schedule").into());
    }
    let root = Pointer::Root;
    let dates = root.key("dates");
    if schedule.dates.shape != Shape::Right {
        collector.rejects.push(&dates, "the dates are not a list");
    }
    let mut found = Found::default();
    for (index, day) in schedule.dates.items.iter().enumerate() {
        let day_place = dates.at(index);
        let games = day_place.key("games");
        if day.games.shape != Shape::Right {
            let at = if day.shape == Shape::Right {
                &games
            } else {
                &day_place
            };
            collector.rejects.push(at, "a day's games are not a list");
        }
        for (index, game) in day.games.items.iter().enumerate() {
            let place = games.at(index);
            if let Some(read) = one_game(game, &place, &mut collector) {
                found.add(read, &place, &mut collector);
            }
            collector.reading(None);
        }
    }
    found.finish(&mut collector);
    Ok(collector)
}

/// A game and its result.
type Read = (FeedGame, Option<FeedResult>);

/// The games so far. One that was moved is listed under its first day as postponed and under the day it is played.
#[derive(Default)]
struct Found {
    games: Vec<Read>,
    places: HashMap<Arc<str>, usize>,
}

impl Found {
    fn add(&mut self, read: Read, place: &Pointer<'_>, collector: &mut Collector<'_>) {
        let moved = |read: &Read| read.0.status == Some(GameStatus::Postponed);
        let id = Arc::clone(&read.0.source_game_id);
        let Some(before) = self.places.get(&id).and_then(|at| self.games.get_mut(*at)) else {
            self.places.insert(id, self.games.len());
            self.games.push(read);
            return;
        };
        // A suspended game is listed again on the day it goes on: the later listing knows more.
        if moved(before) || before.0.status == Some(GameStatus::Suspended) {
            *before = read;
        } else if !moved(&read) && before.0 != read.0 {
            collector.rejects.push(
                place,
                "the payload has this game twice; the first one stands",
            );
        }
    }

    fn finish(self, collector: &mut Collector<'_>) {
        for (game, result) in self.games {
            if collector.game(game, &Pointer::Root)
                && let Some(result) = result
            {
                collector.result(result);
            }
        }
    }
}

fn one_game(game: &Game<'_>, place: &Pointer<'_>, collector: &mut Collector<'_>) -> Option<Read> {
    if game.shape != Shape::Right {
        collector.rejects.push(place, "a game is not an object");
        return None;
    }
    let id = game.id.id();
    collector.reading(id.as_deref());
    let Some(id) = id else {
        collector.rejects.push(
            &place.key("gamePk"),
            "a game without its gamePk cannot be placed",
        );
        return None;
    };
    let teams = place.key("teams");
    if game.teams.home.shape == Shape::Absent && game.teams.away.shape == Shape::Absent {
        collector
            .rejects
            .push(&teams, "a game without teams cannot be named");
        return None;
    }
    let home = name(&game.teams.home, &teams.key("home"), collector)?;
    let away = name(&game.teams.away, &teams.key("away"), collector)?;
    let status = status::status(&game.status, &place.key("status"), collector);
    let starts_at = collector.optional_time(&game.starts_at, &place.key("gameDate"));
    let home_score = score(&game.teams.home, &teams.key("home"), collector);
    let away_score = score(&game.teams.away, &teams.key("away"), collector);
    let told = Told {
        id: &id,
        home,
        away,
        starts_at,
        status,
        double_header: &game.double_header,
        game_number: &game.number,
        home_score,
        away_score,
    };
    let linescore = (&game.linescore, &place.key("linescore"));
    Some(game::game(&told, linescore, collector))
}

fn name<'a>(
    side: &Side<'a>,
    place: &Pointer<'_>,
    collector: &mut Collector<'_>,
) -> Option<&'a str> {
    let name = side.team.name.text();
    if name.is_none() {
        collector
            .rejects
            .push(place, "a team without a name, so the game cannot be named");
    }
    name
}

fn score(side: &Side<'_>, place: &Pointer<'_>, collector: &mut Collector<'_>) -> Option<i32> {
    let score = side.score.score();
    if score.is_none() && !side.score.is_none() {
        collector
            .rejects
            .push(&place.key("score"), "this is not a score");
    }
    score
}
