//! A game, whichever answer it came in.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::linescore::{self, Linescore};
use crate::domain::feed::{FeedGame, FeedResult, PeriodScore};
use crate::domain::league::League;
use crate::domain::source::Source;
use crate::domain::status::GameStatus;
use crate::sources::collector::Collector;
use crate::sources::json::{Pointer, Scalar, record};

record! {
    /// A team as every answer has it.
    Team<'a> {
        id: Scalar<'a> = "id",
        name: Scalar<'a> = "name",
        abbreviation: Scalar<'a> = "abbreviation",
        sport: Sport<'a> = "sport",
    }
}
record! {
    Sport<'a> { id: Scalar<'a> = "id" }
}

impl Team<'_> {
    /// Sport 1 is the major league; guests, minor leagues and colleges have other numbers. Short forms tell none.
    pub(super) fn league(&self) -> League {
        match self.sport.id.whole() {
            None | Some(1) => League::Mlb,
            Some(_) => League::Other,
        }
    }
}

/// What an answer tells of a game.
pub(super) struct Told<'t> {
    pub(super) id: &'t str,
    pub(super) home: &'t str,
    pub(super) away: &'t str,
    pub(super) starts_at: Option<DateTime<Utc>>,
    pub(super) status: Option<GameStatus>,
    pub(super) double_header: &'t Scalar<'t>,
    pub(super) game_number: &'t Scalar<'t>,
    pub(super) home_score: Option<i32>,
    pub(super) away_score: Option<i32>,
}

/// A game and, once it has begun, its result.
pub(super) fn game(
    told: &Told<'_>,
    (linescore, place): (&Linescore<'_>, &Pointer<'_>),
    collector: &mut Collector<'_>,
) -> (FeedGame, Option<FeedResult>) {
    let id = collector.word(told.id).text;
    let (home, away) = (
        collector.word(told.home).text,
        collector.word(told.away).text,
    );
    let mut game = collector.name_game(&id, League::Mlb, &home, &away, told.starts_at);
    game.status = told.status;
    game.game_number = number(told);
    // Before the first pitch a game may have a score of 0 already.
    let begun = matches!(
        told.status,
        Some(GameStatus::Live | GameStatus::Final | GameStatus::Suspended)
    );
    if !begun {
        return (game, None);
    }
    let teams = place.key("teams");
    let mut total = |told: Option<i32>, runs, side: &str| {
        told.or_else(|| linescore::runs(runs, &teams.key(side), collector))
    };
    game.home_score = total(told.home_score, &linescore.teams.home, "home");
    game.away_score = total(told.away_score, &linescore.teams.away, "away");
    let periods: Vec<PeriodScore> = linescore::periods(linescore, place, collector);
    let scored = game.home_score.is_some() || game.away_score.is_some();
    let result = scored.then(|| FeedResult {
        source: Source::MlbStats,
        source_game_id: Arc::clone(&game.source_game_id),
        home_score: game.home_score,
        away_score: game.away_score,
        periods,
        status: game.status,
    });
    (game, result)
}

/// The number within a doubleheader. Split squads are numbered too, and play different teams.
fn number(told: &Told<'_>) -> u8 {
    let is_one = told.double_header.text().is_some_and(|kind| kind != "N");
    told.game_number
        .whole()
        .filter(|number| is_one && (1..=4).contains(number))
        .and_then(|number| u8::try_from(number).ok())
        .unwrap_or(1)
}
