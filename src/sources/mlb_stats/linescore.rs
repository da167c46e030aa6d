//! Runs by inning.

use std::sync::Arc;

use crate::domain::feed::PeriodScore;
use crate::sources::collector::Collector;
use crate::sources::json::{List, Pointer, Scalar, Shape, record};

record! {
    /// The line score of a game.
    Linescore<'a> {
        innings: List<Inning<'a>> = "innings",
        teams: Totals<'a> = "teams",
    }
}
record! {
    Inning<'a> { num: Scalar<'a> = "num", home: Runs<'a> = "home", away: Runs<'a> = "away" }
}
record! {
    /// Both teams' totals.
    Totals<'a> { home: Runs<'a> = "home", away: Runs<'a> = "away" }
}
record! {
    /// A half inning that was not played has no runs.
    Runs<'a> { runs: Scalar<'a> = "runs" }
}

/// Runs of both teams by inning.
pub(super) fn periods(
    linescore: &Linescore<'_>,
    place: &Pointer<'_>,
    collector: &mut Collector<'_>,
) -> Vec<PeriodScore> {
    if linescore.shape == Shape::Wrong {
        collector
            .rejects
            .push(place, "the line score is not an object");
    }
    let innings = place.key("innings");
    let mut out = Vec::with_capacity(linescore.innings.items.len().min(16));
    for (index, inning) in linescore.innings.items.iter().enumerate() {
        let at = innings.at(index);
        let Some(number) = inning
            .num
            .whole()
            .filter(|number| (1..=60).contains(number))
        else {
            collector
                .rejects
                .push(&at, "an inning's runs without its number");
            continue;
        };
        let home = runs(&inning.home, &at.key("home"), collector);
        let away = runs(&inning.away, &at.key("away"), collector);
        if home.is_some() || away.is_some() {
            out.push(PeriodScore {
                period: Arc::from(number.to_string()),
                home,
                away,
            });
        }
    }
    out
}

/// One number of runs.
pub(super) fn runs(
    runs: &Runs<'_>,
    place: &Pointer<'_>,
    collector: &mut Collector<'_>,
) -> Option<i32> {
    let score = runs.runs.score();
    if score.is_none() && !runs.runs.is_none() {
        collector
            .rejects
            .push(&place.key("runs"), "this is no number of runs");
    }
    score
}
