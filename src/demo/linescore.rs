//! The score period by period, as far as it has been played.

use super::schedule::Millis;
use super::slate::{Game, Stage};
use crate::domain::league::League;

/// Points of one inning or quarter; none for a half that has not begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Period {
    pub(super) number: u8,
    pub(super) home: Option<u16>,
    pub(super) away: Option<u16>,
}

/// A started game.
#[derive(Debug)]
pub(super) struct Linescore {
    pub(super) periods: Vec<Period>,
    pub(super) home: u16,
    pub(super) away: u16,
    /// The inning or quarter that is being played, or was played last.
    pub(super) current: u8,
    /// Whether the visitors bat, or have the ball.
    pub(super) top: bool,
    pub(super) over: bool,
}

/// The score of a game at `at`; none before its start, and none when it is not played.
pub(super) fn linescore(game: &Game, at: Millis) -> Option<Linescore> {
    let stage = game.stage(at);
    if !matches!(stage, Stage::Live | Stage::Final) {
        return None;
    }
    let over = stage == Stage::Final;
    let per_period = if game.fixture.league == League::Mlb {
        2
    } else {
        6
    };
    let played = &game.latent.played;
    let done = played.partition_point(|part| part.until <= at);
    // The part in progress counts with no points yet.
    let begun = if over { done } else { done + 1 };
    let mut out = Linescore {
        periods: Vec::new(),
        home: 0,
        away: 0,
        current: 1,
        top: true,
        over,
    };
    for part in 0..begun {
        let number = (part / per_period + 1) as u8;
        let (home, away) = match played.get(part).filter(|_| part < done) {
            Some(p) => (p.home, p.away),
            None => (out.home, out.away),
        };
        if out.periods.last().is_none_or(|p| p.number != number) {
            out.periods.push(Period {
                number,
                home: None,
                away: None,
            });
        }
        let (gained_home, gained_away) = (home - out.home, away - out.away);
        if let Some(period) = out.periods.last_mut() {
            let add = |points: &mut Option<u16>, gained| {
                *points = Some(points.unwrap_or_default() + gained);
            };
            // Half an inning is one side's; a quarter belongs to both.
            if per_period == 6 || part % 2 == 1 {
                add(&mut period.home, gained_home);
            }
            if per_period == 6 || part % 2 == 0 {
                add(&mut period.away, gained_away);
            }
        }
        (out.home, out.away) = (home, away);
        (out.current, out.top) = (number, part % 2 == 0);
    }
    Some(out)
}

/// `1st`, `2nd`, `11th`.
pub(super) fn ordinal(n: u8) -> String {
    let suffix = match (n % 10, n % 100) {
        (1, rest) if rest != 11 => "st",
        (2, rest) if rest != 12 => "nd",
        (3, rest) if rest != 13 => "rd",
        _ => "th",
    };
    format!("{n}{suffix}")
}
