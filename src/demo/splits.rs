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

/// Where a story takes the tickets and the money of a game.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Sway {
    /// Side whose shares are told.
    pub(super) side: Side,
    /// Percent of tickets on it, before and after.
    pub(super) tickets: [f64; 2],
    /// Percent of money.
    pub(super) money: [f64; 2],
    /// When they begin to go there.
    pub(super) from: Millis,
    /// When they are there.
    pub(super) until: Millis,
    /// Whether the spread's bettors go with the moneyline's.
    pub(super) wide: bool,
}

impl Sway {
    fn covers(&self, kind: Kind) -> bool {
        match self.side {
            Side::Over | Side::Under => kind == Kind::Total,
            _ => kind == Kind::Moneyline || (kind == Kind::Spread && self.wide),
        }
    }

    /// Tickets and money of the first side at a moment.
    fn at(&self, at: Millis) -> (f64, f64) {
        let span = (self.until - self.from).max(1) as f64;
        let done = ((at - self.from) as f64 / span).clamp(0.0, 1.0);
        let now = |[before, after]: [f64; 2]| {
            let own = before + (after - before) * done;
            match self.side {
                Side::Home | Side::Over => own,
                _ => 100.0 - own,
            }
        };
        (now(self.tickets), now(self.money))
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
    let sway = latent.sway.filter(|sway| sway.covers(kind));
    if early || (kind == Kind::Total && sway.is_none() && unit(0) < 0.1) {
        return Share {
            tickets: 0,
            money: 0,
            known: false,
        };
    }
    let (tickets, money) = sway.map_or_else(
        || {
            // Most games are near even, and money near tickets.
            let base = 30.0 + 20.0 * (unit(1) + unit(5));
            (base, base + 15.0 * (unit(2) + unit(6) - 1.0))
        },
        |sway| sway.at(counted * RECOUNT),
    );
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
        tickets: percent(tickets + noise(3)),
        money: percent(money + noise(4)),
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
