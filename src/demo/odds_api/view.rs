//! What the service has seen of a shop: it looks once a minute, and some shops freeze at the start.

use super::super::market::Market;
use super::super::price::{chance_of, decimal, pair};
use super::super::schedule::{HOUR, MINUTE, Millis, SECOND};
use super::super::shop::{Shop, Trait};
use super::super::slate::{Game, STAMP_GAP};
use super::super::tape::{Kind, Status, Tick};

/// The service looks at a shop this often before the start.
const LOOK: Millis = 60 * SECOND;
/// And this often in play.
const LOOK_LIVE: Millis = 40 * SECOND;
/// A finished game leaves the list.
const LEAVES: Millis = 3 * MINUTE;

/// A market of a shop as last seen.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen {
    pub(super) tick: Tick,
    pub(super) updated: Millis,
}

/// When the service last looked at shop `n`.
pub(super) fn looked(market: &Market, game: &Game, n: usize, at: Millis) -> Millis {
    let every = if at >= game.fixture.actual {
        LOOK_LIVE
    } else {
        LOOK
    };
    let phase = (market.luck(game, &[30, n as u64]) * every as f64) as Millis;
    at - (at - phase).rem_euclid(every)
}

/// What was last seen of a market: nothing while it is locked, the close of a shop that froze at the start.
pub(super) fn seen(
    market: &Market,
    game: &Game,
    (n, shop): (usize, &Shop),
    kind: Kind,
    at: Millis,
) -> Option<Seen> {
    let series = game.tape(n)?.series(kind);
    let mut updated = looked(market, game, n, at);
    // Some markets are looked at one round later than their shop.
    if market.luck(game, &[31, n as u64, kind as u64]) < 0.08 {
        updated -= LOOK;
    }
    if let Some(locked) = series
        .locked_at
        .filter(|locked| !shop.has(Trait::Live) && updated >= *locked)
    {
        return Some(Seen {
            tick: *series.close()?,
            updated: looked(market, game, n, locked),
        });
    }
    let tick = *series.at(updated - STAMP_GAP)?;
    (tick.status == Status::Open).then_some(Seen { tick, updated })
}

/// The start as the service knows it: corrected by a minute at times, and to the true start once under way.
pub(super) fn commence_time(market: &Market, game: &Game, at: Millis) -> Millis {
    let fixture = &game.fixture;
    if let Some(postponed) = fixture.postponed_at
        && at >= postponed
    {
        return fixture.scheduled + 24 * HOUR;
    }
    if at >= fixture.actual {
        return fixture.actual.div_euclid(SECOND) * SECOND;
    }
    let announced = game.announced_start(at);
    let corrected = market.luck(game, &[32]) < 0.2 && at >= fixture.scheduled - 4 * HOUR;
    if corrected && announced == fixture.scheduled {
        announced + MINUTE
    } else {
        announced
    }
}

/// Whether the service still lists the game.
pub(super) fn listed(game: &Game, at: Millis) -> bool {
    let over = game.latent.ends().is_some_and(|ends| at >= ends + LEAVES);
    let called_off = game
        .fixture
        .postponed_at
        .is_some_and(|told| at >= told + 2 * HOUR);
    !over && !called_off
}

/// Other lines of a market and their prices, around the main one.
pub(super) fn alternates(
    game: &Game,
    shop: &Shop,
    kind: Kind,
    main: &Tick,
) -> Vec<(f64, i32, i32)> {
    let (scale, steps, sign) = match kind {
        Kind::Moneyline => return Vec::new(),
        Kind::Spread => (game.latent.margin_scale, [-2.0, -1.0, 1.0, 2.0], 1.0),
        Kind::Total => (game.latent.total_scale, [-1.0, -0.5, 0.5, 1.0], -1.0),
    };
    let (first, second) = (1.0 / decimal(main.first), 1.0 / decimal(main.second));
    let logit = (first / second).ln();
    steps
        .into_iter()
        .map(|step| {
            let p = chance_of(logit + sign * step / scale);
            let (a, b) = pair(p, shop.margin + 0.015, shop.grid);
            (main.line() + step, a, b)
        })
        .collect()
}
