//! Stories: what is to happen in a game besides drift, and in which games of a day.

use chrono::{Datelike, NaiveDate};

use super::dice::Dice;
use super::schedule::{Fixture, HOUR, Millis, eastern};
use crate::domain::league::League;

/// What is to happen in a game besides drift.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Plot {
    Steam,
    ReverseLine,
    HeadFake,
    Suspension,
    SharpMoney,
    Lopsided,
    LateFlip,
    StaleShop,
    Weather,
    LoneLeader,
}

/// A game's stories.
#[derive(Debug, Clone, Default)]
pub(super) struct Dealt {
    pub(super) plots: Vec<Plot>,
    /// The first is told minutes after ten.
    pub(super) early: bool,
}

/// Stories that want a game to themselves, the choosiest first; a slate too small for all has those that fit.
const ALONE: [Plot; 6] = [
    Plot::StaleShop,
    Plot::LateFlip,
    Plot::Lopsided,
    Plot::SharpMoney,
    Plot::LoneLeader,
    Plot::Weather,
];

/// Deal the stories: each game has one at most while there are games enough.
pub(super) fn deal(seed: u64, date: NaiveDate, fixtures: &[Fixture]) -> Vec<Dealt> {
    let day = u64::from(date.num_days_from_ce().unsigned_abs());
    let mut dice = Dice::new(seed, &[11, day]);
    let mut dealt = vec![Dealt::default(); fixtures.len()];
    let mut order: Vec<usize> = fixtures
        .iter()
        .filter(|f| f.postponed_at.is_none() && f.league == League::Mlb)
        .map(|f| usize::from(f.index))
        .collect();
    dice.shuffle(&mut order);
    // The first story is told minutes after ten, so its game must be open by then.
    if let Some(first) = order
        .iter()
        .position(|n| fixtures.get(*n).is_some_and(|f| !f.opens_late))
    {
        order.swap(0, first);
    }
    let every = |share: f64, least: usize| ((order.len() as f64 * share) as usize).max(least);
    let mut stories = vec![
        Plot::Steam,
        Plot::ReverseLine,
        Plot::HeadFake,
        Plot::Suspension,
    ];
    stories.extend(std::iter::repeat_n(Plot::Steam, every(0.25, 1) - 1));
    stories.extend(std::iter::repeat_n(Plot::ReverseLine, every(0.12, 1) - 1));
    stories.extend(std::iter::repeat_n(Plot::HeadFake, every(0.06, 1) - 1));
    stories.extend(std::iter::repeat_n(Plot::Suspension, every(0.12, 1) - 1));
    for (n, plot) in stories.into_iter().enumerate() {
        let Some(game) = order.get(n % order.len().max(1)) else {
            break;
        };
        if let Some(dealt) = dealt.get_mut(*game) {
            dealt.plots.push(plot);
            dealt.early |= n == 0 && order.len() > 4;
        }
    }
    let ten = eastern(date, 10, 0);
    for plot in std::iter::repeat_n(ALONE, every(0.06, 1)).flatten() {
        let free = order
            .iter()
            .filter_map(|n| fixtures.get(*n))
            .filter(|f| dealt_nothing(&dealt, f) && suits(plot, f, ten));
        let game = match plot {
            // Both are seen soon on a day game.
            Plot::StaleShop | Plot::LateFlip => free.min_by_key(|f| f.scheduled),
            // Everybody watches the last game of the day.
            Plot::Lopsided => free.max_by_key(|f| f.scheduled),
            _ => free.into_iter().next(),
        };
        if let Some(dealt) = game.and_then(|f| dealt.get_mut(usize::from(f.index))) {
            dealt.plots.push(plot);
        }
    }
    // One steam move on a spread a day.
    if let Some(last) = dealt.len().checked_sub(1)
        && fixtures.get(last).is_some_and(|f| f.league == League::Nfl)
        && let Some(dealt) = dealt.get_mut(last)
    {
        dealt.plots.push(Plot::Steam);
    }
    dealt
}

fn dealt_nothing(dealt: &[Dealt], fixture: &Fixture) -> bool {
    dealt
        .get(usize::from(fixture.index))
        .is_some_and(|dealt| dealt.plots.is_empty())
}

/// Whether a game's day is one that the story can be told in.
fn suits(plot: Plot, fixture: &Fixture, ten: Millis) -> bool {
    let after_ten = fixture.scheduled - ten;
    let long_enough = match plot {
        Plot::StaleShop => after_ten >= 4 * HOUR,
        Plot::LateFlip => after_ten >= 7 * HOUR / 2,
        _ => true,
    };
    long_enough && !fixture.opens_late && fixture.delayed_at.is_none()
}
