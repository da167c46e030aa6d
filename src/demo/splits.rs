//! Tickets and money: one number a game, market and side, whoever shows it.

use super::dice::{mix, mix_unit};
use super::latent::Latent;
use super::schedule::{Fixture, HOUR, MINUTE, Millis};
use super::tape::Kind;
use crate::domain::market::Side;

/// Shares of the first side (home, over), 0–100; the other side has the rest. 0 on both sides is "no data".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Share {
    pub(super) tickets: u8,
    pub(super) money: u8,
    /// False where nothing is known: both sides then read 0.
    pub(super) known: bool,
}

impl Share {
    /// Tickets and money of the first or the second side.
    pub(super) fn of(self, first: bool) -> (u8, u8) {
        match (self.known, first) {
            (false, _) => (0, 0),
            (true, true) => (self.tickets, self.money),
            (true, false) => (100 - self.tickets, 100 - self.money),
        }
    }
}

/// The feed recounts every ten minutes.
const RECOUNT: Millis = 10 * MINUTE;
/// Nothing is known earlier than this before the start.
const FIRST_COUNT: Millis = 20 * HOUR;

/// The share at a moment.
pub(super) fn share(
    seed: u64,
    fixture: &Fixture,
    latent: &Latent,
    kind: Kind,
    at: Millis,
) -> Share {
    let unit = |what: u64| mix_unit(&[seed, 8, fixture.an_id, kind as u64, what]);
    let counted = at.min(fixture.actual).div_euclid(RECOUNT);
    let early = at < fixture.scheduled - FIRST_COUNT;
    if early || (kind == Kind::Total && unit(0) < 0.1) {
        return Share {
            tickets: 0,
            money: 0,
            known: false,
        };
    }
    let public = latent.public.filter(|public| {
        matches!(
            (kind, public.side),
            (Kind::Moneyline | Kind::Spread, Side::Home | Side::Away)
                | (Kind::Total, Side::Over | Side::Under)
        )
    });
    let (base, gap) = match public {
        Some(public) => {
            let on_first = matches!(public.side, Side::Home | Side::Over);
            let share = 73.0 + 7.0 * unit(1);
            let gap = -14.0 - 12.0 * unit(2);
            if on_first {
                (share, gap)
            } else {
                (100.0 - share, -gap)
            }
        }
        None => (26.0 + 48.0 * unit(1), 30.0 * (unit(2) - 0.5)),
    };
    // The count settles as bets come in.
    let progress = (at - (fixture.scheduled - FIRST_COUNT)) as f64 / FIRST_COUNT as f64;
    let wobble = 9.0 * (1.0 - progress.clamp(0.0, 0.95));
    let noise = |what: u64| {
        // A new count nearly always agrees with the one before.
        let slow = counted / 4 + (mix(&[seed, fixture.an_id, what]) % 4) as i64;
        wobble * (mix_unit(&[seed, 9, fixture.an_id, kind as u64, what, slow as u64]) - 0.5)
    };
    let percent = |x: f64| x.round().clamp(1.0, 99.0) as u8;
    Share {
        tickets: percent(base + noise(3)),
        money: percent(base + gap + noise(4)),
        known: true,
    }
}

/// Bets counted on the game.
pub(super) fn bets(seed: u64, fixture: &Fixture, at: Millis) -> u32 {
    let early = fixture.scheduled - FIRST_COUNT;
    let at = at.min(fixture.actual).div_euclid(RECOUNT) * RECOUNT;
    let progress = ((at - early) as f64 / FIRST_COUNT as f64).clamp(0.0, 1.0);
    let all = 8_000.0 + 60_000.0 * mix_unit(&[seed, 10, fixture.an_id]);
    (all * progress.powi(3)) as u32
}
