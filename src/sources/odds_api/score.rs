//! Scores. No capture proves this shape.

use std::sync::Arc;

use super::event::{self, Header};
use crate::domain::feed::FeedResult;
use crate::domain::source::Source;
use crate::domain::status::GameStatus;
use crate::sources::collector::{Collector, Word};
use crate::sources::json::{List, Pointer, Scalar, Shape, record};

record! {
    /// An event with its score.
    ScoredEvent<'a> {
        id: Scalar<'a> = "id",
        sport_key: Scalar<'a> = "sport_key",
        commence_time: Scalar<'a> = "commence_time",
        home_team: Scalar<'a> = "home_team",
        away_team: Scalar<'a> = "away_team",
        completed: Scalar<'a> = "completed",
        scores: List<ScoreRow<'a>> = "scores",
    }
}
record! {
    ScoreRow<'a> { name: Scalar<'a> = "name", score: Scalar<'a> = "score" }
}

/// Every event of a list.
pub(super) fn events(
    list: &List<ScoredEvent<'_>>,
    place: &Pointer<'_>,
    collector: &mut Collector<'_>,
) {
    for (index, event) in list.items.iter().enumerate() {
        one(event, &place.at(index), collector);
        collector.reading(None);
    }
}

fn one(event: &ScoredEvent<'_>, place: &Pointer<'_>, collector: &mut Collector<'_>) {
    if event.shape != Shape::Right {
        collector.rejects.push(place, "an event is not an object");
        return;
    }
    let header = Header {
        id: &event.id,
        sport_key: &event.sport_key,
        commence_time: &event.commence_time,
        home_team: &event.home_team,
        away_team: &event.away_team,
    };
    let Some((mut game, _, teams)) = event::game(&header, place, collector) else {
        return;
    };
    let at_scores = place.key("scores");
    if event.scores.shape == Shape::Wrong {
        collector
            .rejects
            .push(&at_scores, "the scores are not a list");
    }
    let mut of = |team: &Word| {
        let found = event
            .scores
            .items
            .iter()
            .enumerate()
            .find(|(_, row)| row.name.text() == Some(&*team.text));
        found.and_then(|(index, row)| {
            let score = row.score.score();
            if score.is_none() && !row.score.is_none() {
                collector
                    .rejects
                    .push(&at_scores.at(index).key("score"), "this is not a score");
            }
            score
        })
    };
    game.home_score = of(&teams.home);
    game.away_score = of(&teams.away);
    for (index, row) in event.scores.items.iter().enumerate() {
        let known = row
            .name
            .text()
            .is_some_and(|name| name == &*teams.home.text || name == &*teams.away.text);
        if !known {
            collector.rejects.push(
                &at_scores.at(index),
                "this score's name is neither of the event's teams",
            );
        }
    }
    let has_score = game.home_score.is_some() || game.away_score.is_some();
    game.status = match event.completed.flag() {
        Some(true) => Some(GameStatus::Final),
        Some(false) if has_score => Some(GameStatus::Live),
        // No score yet: the feed does not say whether the game has begun.
        _ => None,
    };
    let result = has_score.then(|| FeedResult {
        source: Source::OddsApi,
        source_game_id: Arc::clone(&game.source_game_id),
        home_score: game.home_score,
        away_score: game.away_score,
        periods: Vec::new(),
        status: game.status,
    });
    if collector.game(game, place)
        && let Some(result) = result
    {
        collector.result(result);
    }
}
