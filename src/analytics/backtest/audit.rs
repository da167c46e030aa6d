//! Whether a walk knew too much: each choice is held against the rows as they became known.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::walk::{Game, Walked};
use super::{AsKnown, Choice, Ended, History, Plan};
use crate::analytics::signal::{Preset, Signal};

/// What a choice knew too early.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Leak {
    /// The signal does not follow from the rows known when it was seen.
    Signal,
    /// The price was not known to be on offer when it was taken.
    Price,
    /// It was settled before its result was known, or before the game began.
    Result,
    /// It knew of results of other choices that were not known yet.
    Record,
}

/// A choice that knew too much.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Breach {
    /// The game.
    pub game: i64,
    /// When it was made.
    pub decided_at: DateTime<Utc>,
    /// What it knew.
    pub leak: Leak,
}

impl Breach {
    fn of(choice: &Choice, leak: Leak) -> Self {
        Self {
            game: choice.game,
            decided_at: choice.decided_at,
            leak,
        }
    }
}

/// Go over every choice of a walk with the rows that were known by then, and with nothing of what the walk kept. None found
/// means that the same choices follow from what was known.
pub fn audit(histories: &[History], plan: &Plan, walked: &Walked) -> Vec<Breach> {
    let mut found = Vec::new();
    for (n, history) in histories.iter().enumerate() {
        let mine = walked.choices.iter().filter(|c| c.history == n);
        found.extend(of_game(history, plan, mine));
    }
    let ended: Vec<Option<Ended>> = histories.iter().map(|history| history.ended).collect();
    found.extend(of_results(&ended, walked));
    found
}

/// Signals and prices of one game's choices.
pub fn of_game<'a>(
    history: &History,
    plan: &Plan,
    choices: impl Iterator<Item = &'a Choice>,
) -> Vec<Breach> {
    let presets: Arc<[Preset]> = vec![plan.preset.clone()].into();
    let mut found = Vec::new();
    let mut mine: Vec<&Choice> = choices.collect();
    // One detector goes from decision to decision, another from bet to bet.
    mine.sort_by_key(|choice| choice.decided_at);
    let mut known = Game::of(history, &AsKnown, &presets);
    for choice in &mine {
        known.hear(choice.decided_at);
        let said = known.detector.signals();
        if !said.iter().any(|signal| is(signal, choice)) {
            found.push(Breach::of(choice, Leak::Signal));
        }
    }
    mine.retain(|choice| choice.placed.is_some());
    mine.sort_by_key(|choice| choice.placed.as_ref().map(|placed| placed.at));
    let mut known = Game::of(history, &AsKnown, &Vec::new().into());
    for choice in mine {
        let Some(placed) = &choice.placed else {
            continue;
        };
        known.hear(placed.at);
        let best = known
            .detector
            .best(&choice.market, choice.period, choice.side);
        let offered = best.is_some_and(|best| {
            best.line == placed.line
                && best.shop == placed.book
                && best.odds.to_american() == placed.american
        });
        if !offered || placed.at < choice.decided_at + plan.delay {
            found.push(Breach::of(choice, Leak::Price));
        }
    }
    found
}

/// Results, by history: what was settled when, and what later choices knew of it.
pub fn of_results(ended: &[Option<Ended>], walked: &Walked) -> Vec<Breach> {
    let known = |choice: &Choice| {
        let ended = ended.get(choice.history).copied().flatten();
        ended.map(|ended| ended.known_at)
    };
    let mut found = Vec::new();
    let mut results = Vec::new();
    for choice in &walked.choices {
        let Some(paid) = &choice.paid else { continue };
        let began = choice.starts_at.is_none_or(|start| start <= paid.at);
        if !began || known(choice).is_none_or(|at| at > paid.at) {
            found.push(Breach::of(choice, Leak::Result));
        }
        results.extend(known(choice));
    }
    results.sort_unstable();
    for choice in &walked.choices {
        if choice.standing.graded != results.partition_point(|at| *at < choice.decided_at) {
            found.push(Breach::of(choice, Leak::Record));
        }
    }
    found
}

/// Whether a signal is the one that was chosen.
fn is(signal: &Signal, choice: &Choice) -> bool {
    signal.market == choice.market
        && signal.period == choice.period
        && signal.side == choice.side
        && signal.detected_at == choice.detected_at
        && signal.strength.to_bits() == choice.strength.to_bits()
}
