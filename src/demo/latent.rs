//! The truth of a game: its expected margin and total over time, what was planted in them, and how it is played.

mod play;
mod story;

use self::play::play;
use self::story::{Stage, Told, moved};
use super::dice::Dice;
use super::planted::{Planted, PlantedKind};
use super::plot::Dealt;
use super::schedule::{Fixture, HOUR, MINUTE, Millis, eastern, time};
use super::splits::Sway;
use crate::domain::league::League;

/// How a change of the truth reaches the shops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pace {
    /// Each at its own lag, if it cares.
    Drift,
    /// Everybody within seconds.
    Fast,
    /// Everybody locks for this long and opens again at the new price.
    News(Millis),
}

/// A change of the truth.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    pub(super) at: Millis,
    /// Expected margin, home view, after the step.
    pub(super) margin: f64,
    /// Expected total after the step.
    pub(super) total: f64,
    pub(super) pace: Pace,
}

/// A part of the game that has been played: half an inning, or a drive.
#[derive(Debug, Clone, Copy)]
pub(super) struct Played {
    pub(super) until: Millis,
    /// 1-based inning or quarter.
    pub(super) period: u8,
    /// Score after it.
    pub(super) home: u16,
    pub(super) away: u16,
    /// Share of the game still to play, 0–1.
    pub(super) left: f64,
    /// Whether the score changed.
    pub(super) scored: bool,
}

/// A shop that goes on showing the prices it had.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asleep {
    /// The Odds API's key of it.
    pub(super) shop: &'static str,
    pub(super) at: Millis,
    /// When it prices again.
    pub(super) until: Millis,
}

/// A shop that believes something else than the others.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lone {
    /// The Odds API's key of it.
    pub(super) shop: &'static str,
    pub(super) at: Millis,
    pub(super) until: Millis,
    /// How much more margin for the home side than the truth has.
    pub(super) by: f64,
}

/// What happens in a game.
#[derive(Debug)]
pub(super) struct Latent {
    /// From the first opening on, by time; the first is the opening.
    pub(super) steps: Vec<Step>,
    /// The game, part by part; empty when postponed.
    pub(super) played: Vec<Played>,
    pub(super) planted: Vec<Planted>,
    /// Tickets and money that are not as they happen to be.
    pub(super) sway: Option<Sway>,
    pub(super) asleep: Option<Asleep>,
    pub(super) lone: Option<Lone>,
    /// Scale of the margin's logistic distribution.
    pub(super) margin_scale: f64,
    /// Scale of the total's.
    pub(super) total_scale: f64,
}

impl Latent {
    /// When the last part was played; none when the game is not played.
    pub(super) fn ends(&self) -> Option<Millis> {
        self.played.last().map(|p| p.until)
    }

    /// The part of the game last completed at `at`.
    pub(super) fn played_at(&self, at: Millis) -> Option<&Played> {
        let done = self.played.partition_point(|p| p.until <= at);
        done.checked_sub(1).and_then(|last| self.played.get(last))
    }
}

/// Standard deviation of a normal distribution times this is the scale of the logistic one with the same spread.
const LOGISTIC: f64 = 0.551_328_895;

/// A change still to be added up: at, change of margin, change of total, pace.
type Change = (Millis, f64, f64, Pace);

/// Live through a game once.
pub(super) fn live_through(fixture: &Fixture, dealt: &Dealt, dice: &mut Dice) -> Latent {
    let baseball = fixture.league == League::Mlb;
    let (margin_sd, total_sd) = if baseball { (4.3, 4.4) } else { (13.86, 13.0) };
    let (margin_scale, total_scale) = (margin_sd * LOGISTIC, total_sd * LOGISTIC);
    let (mut margin, mut total) = if baseball {
        (
            (0.25 + 0.75 * dice.normal()).clamp(-2.2, 2.4),
            8.6 + 0.7 * dice.normal(),
        )
    } else {
        (
            (1.5 + 4.5 * dice.normal()).clamp(-11.0, 12.0),
            45.0 + 3.0 * dice.normal(),
        )
    };
    let ten = eastern(fixture.date, 10, 0);
    let opening = ten - 21 * HOUR;
    let last = fixture.postponed_at.unwrap_or(fixture.scheduled) - 2 * MINUTE;

    let mut changes: Vec<Change> = Vec::new();
    for n in 0..170 {
        // The market gets busier towards the start.
        let at = last - ((last - opening) as f64 * dice.unit().powf(1.7)) as Millis;
        let size = 0.026 * dice.normal();
        changes.push(if n % 2 == 0 {
            (at, size * margin_scale, 0.0, Pace::Drift)
        } else {
            (at, 0.0, size * total_scale, Pace::Drift)
        });
    }
    let mut told = Told::default();
    let stage = Stage {
        fixture,
        ten,
        last,
        early: dealt.early,
        scales: (margin_scale, total_scale),
        margin,
    };
    for plot in &dealt.plots {
        stage.tell(*plot, &mut told, dice);
    }
    for change in &mut changes {
        if told.disturbs(change) {
            // Shops look all the same.
            (change.1, change.2) = (0.0, 0.0);
        }
    }
    changes.append(&mut told.changes);

    changes.sort_by_key(|change| change.0);
    let mut steps = vec![Step {
        at: opening,
        margin,
        total,
        pace: Pace::Drift,
    }];
    for (at, by_margin, by_total, pace) in changes {
        margin += by_margin;
        total += by_total;
        steps.push(Step {
            at,
            margin,
            total,
            pace,
        });
    }
    let mut planted = told.planted;
    for event in &mut planted {
        event.moved = moved(event, &steps, (margin_scale, total_scale));
    }
    planted.extend(told_by_the_schedule(fixture));
    let played = if fixture.postponed_at.is_some() {
        Vec::new()
    } else {
        play(fixture, margin, total, dice)
    };
    Latent {
        steps,
        played,
        planted,
        sway: told.sway,
        asleep: told.asleep,
        lone: told.lone,
        margin_scale,
        total_scale,
    }
}

/// The postponement and the doubleheader.
fn told_by_the_schedule(fixture: &Fixture) -> impl Iterator<Item = Planted> {
    let tell = |kind, at, until| Planted {
        kind,
        league: fixture.league,
        game: fixture.an_id,
        odds_api_id: fixture.odds_api_id.clone(),
        market: None,
        side: None,
        at: time(at),
        until: time(until),
        moved: None,
        shares: None,
        shop: None,
    };
    let postponed = fixture
        .postponed_at
        .map(|at| tell(PlantedKind::Postponement, at, at + 5 * MINUTE));
    let second = (fixture.number == 2).then(|| {
        tell(
            PlantedKind::Doubleheader,
            fixture.scheduled,
            fixture.scheduled,
        )
    });
    postponed.into_iter().chain(second)
}
