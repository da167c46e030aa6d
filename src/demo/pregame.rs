//! What a site that repeats other shops' prices before the start has of them.

use super::market::Market;
use super::schedule::Millis;
use super::slate::{Game, STAMP_GAP, Stage};
use super::tape::{Kind, Status, Tick};

/// A market of a shop before the start, frozen once the game is under way.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pregame {
    /// The shop's first price.
    pub(super) open: Tick,
    /// Its last one that could be bet.
    pub(super) now: Tick,
    /// Off the board at the moment, or for good.
    pub(super) off: bool,
}

/// A market of shop number `n` as of `at`; none before the shop has hung it, and none of a postponed game.
pub(super) fn pregame(game: &Game, n: usize, kind: Kind, at: Millis) -> Option<Pregame> {
    if game.stage(at) == Stage::Postponed {
        return None;
    }
    let series = game.tape(n)?.series(kind);
    let known = series
        .ticks
        .partition_point(|tick| tick.at + STAMP_GAP <= at);
    let known = series.ticks.get(..known)?;
    let now = known
        .iter()
        .rev()
        .find(|tick| tick.status == Status::Open && !tick.live)?;
    let last = known.last()?;
    Some(Pregame {
        open: *known.first()?,
        now: *now,
        off: last.live || last.status != Status::Open,
    })
}

/// The last time a site looked that looks `every` so often.
pub(super) fn looked(at: Millis, every: Millis) -> Millis {
    at - at.rem_euclid(every)
}

impl Market {
    /// The number of the shop that goes by a key, which is The Odds API's, or by Action Network's name of it.
    pub(super) fn shop(&self, name: &str) -> Option<usize> {
        self.cast.shops.iter().position(|shop| {
            shop.key.as_deref() == Some(name) || shop.title.eq_ignore_ascii_case(name)
        })
    }
}

/// An American price as pages write it: with its sign.
pub(super) fn signed(price: i32) -> String {
    format!("{price:+}")
}

/// A line as pages write it: with its sign, and its half only where it has one.
pub(super) fn signed_line(line: f64) -> String {
    if line == 0.0 {
        "0".to_owned()
    } else {
        format!("{line:+}")
    }
}
