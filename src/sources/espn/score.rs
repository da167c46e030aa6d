//! Scores, whole and by period.

use std::sync::Arc;

use super::scoreboard::Competitor;
use crate::domain::feed::PeriodScore;
use crate::sources::collector::Collector;
use crate::sources::json::{Pointer, Scalar, record};

record! {
    /// One period of one team. Older answers number none: the place in the list is the period.
    Linescore<'a> {
        value: Scalar<'a> = "value",
        display: Scalar<'a> = "displayValue",
        period: Scalar<'a> = "period",
    }
}

/// More periods than any game has; beyond them a list is no score.
const MOST_PERIODS: usize = 60;

/// A team's score, which is text.
pub(super) fn total(
    team: &Competitor<'_>,
    place: &Pointer<'_>,
    collector: &mut Collector<'_>,
) -> Option<i32> {
    let score = team.score.score();
    if score.is_none() && !team.score.is_none() && team.score != Scalar::Text("") {
        collector
            .rejects
            .push(&place.key("score"), "this is not a score");
    }
    score
}

/// Scores of both teams by period. One that a team did not play (the last half inning) is none.
pub(super) fn periods(
    home: (&Competitor<'_>, &Pointer<'_>),
    away: (&Competitor<'_>, &Pointer<'_>),
    collector: &mut Collector<'_>,
) -> Vec<PeriodScore> {
    let home = of_team(home.0, home.1, collector);
    let away = of_team(away.0, away.1, collector);
    let played = home.len().max(away.len());
    (0..played)
        .map(|index| PeriodScore {
            period: Arc::from((index + 1).to_string()),
            home: home.get(index).copied().flatten(),
            away: away.get(index).copied().flatten(),
        })
        .collect()
}

fn of_team(
    team: &Competitor<'_>,
    place: &Pointer<'_>,
    collector: &mut Collector<'_>,
) -> Vec<Option<i32>> {
    let place = place.key("linescores");
    let mut scores: Vec<Option<i32>> = Vec::with_capacity(team.linescores.items.len().min(16));
    for (index, line) in team.linescores.items.iter().enumerate() {
        let at = place.at(index);
        let number = match line.period.whole() {
            Some(period) => usize::try_from(period - 1).unwrap_or(usize::MAX),
            None => index,
        };
        if number >= MOST_PERIODS {
            collector
                .rejects
                .push(&at, "no game has a period of this number");
            continue;
        }
        let score = line.value.score().or_else(|| line.display.score());
        if score.is_none() && !line.value.is_none() {
            collector.rejects.push(&at, "this is not a period's score");
        }
        if scores.len() <= number {
            scores.resize(number + 1, None);
        }
        if let Some(slot) = scores.get_mut(number) {
            *slot = score;
        }
    }
    scores
}
