//! What each shop hangs, and when: the truth, seen through a shop's lag, laziness, lean and margin.

mod act;
mod desk;

use self::act::{Act, acts};
use self::desk::{Desk, Score, belief};
use super::dice::{Dice, mix_unit};
use super::latent::Latent;
use super::schedule::{Fixture, Millis, SECOND};
use super::shop::{Role, Shop, Trait};

/// The three main markets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Moneyline,
    Spread,
    Total,
}

impl Kind {
    pub(super) const ALL: [Self; 3] = [Self::Moneyline, Self::Spread, Self::Total];
}

/// Whether a price can be bet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    Open,
    Suspended,
    /// The shop is done with the game.
    Closed,
}

/// A price from one moment on. The first side is home or over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tick {
    pub(super) at: Millis,
    /// Line in half points: home view of a spread; 0 for a moneyline.
    pub(super) half_points: i16,
    pub(super) first: i32,
    pub(super) second: i32,
    pub(super) status: Status,
    pub(super) live: bool,
}

impl Tick {
    /// Line in points, home view.
    pub(super) fn line(&self) -> f64 {
        f64::from(self.half_points) / 2.0
    }

    fn same_price(&self, other: &Self) -> bool {
        Self {
            at: other.at,
            ..*self
        } == *other
    }
}

/// One shop's ticks in one market, by time; empty where it does not offer it.
#[derive(Debug, Default)]
pub(super) struct Series {
    pub(super) ticks: Vec<Tick>,
    /// When the shop locked the pregame market for the start.
    pub(super) locked_at: Option<Millis>,
}

impl Series {
    /// The tick in force at `at`.
    pub(super) fn at(&self, at: Millis) -> Option<&Tick> {
        let known = self.ticks.partition_point(|tick| tick.at <= at);
        known.checked_sub(1).and_then(|last| self.ticks.get(last))
    }

    /// The last price that could be bet before the start.
    pub(super) fn close(&self) -> Option<&Tick> {
        self.ticks
            .iter()
            .rev()
            .find(|tick| tick.status == Status::Open && !tick.live)
    }

    /// When the shop opened the market.
    pub(super) fn opened_at(&self) -> Option<Millis> {
        self.ticks.first().map(|tick| tick.at)
    }

    fn push(&mut self, tick: Tick) {
        if self.ticks.last().is_none_or(|last| !last.same_price(&tick)) {
            self.ticks.push(tick);
        }
    }
}

/// One shop's ticks of one game.
#[derive(Debug, Default)]
pub(super) struct Tape {
    series: [Series; 3],
}

impl Tape {
    /// The ticks of a market.
    pub(super) fn series(&self, kind: Kind) -> &Series {
        let [moneyline, spread, total] = &self.series;
        match kind {
            Kind::Moneyline => moneyline,
            Kind::Spread => spread,
            Kind::Total => total,
        }
    }
}

/// Every shop's tape of a game, in the shops' order.
pub(super) fn tapes(seed: u64, fixture: &Fixture, latent: &Latent, shops: &[Shop]) -> Vec<Tape> {
    let mut tapes: Vec<Tape> = Vec::with_capacity(shops.len());
    for (n, shop) in shops.iter().enumerate() {
        let mut dice = Dice::new(seed, &[6, fixture.an_id, n as u64]);
        let tape = match shop.role {
            Role::Clone => {
                let of = shops
                    .iter()
                    .position(|s| s.key.is_some() && s.key == shop.of);
                of.and_then(|of| tapes.get(of))
                    .map(|tape| copy(tape, &mut dice))
                    .unwrap_or_default()
            }
            Role::Opener => Tape::default(),
            Role::Leader | Role::Follower | Role::Consensus => Tape {
                series: Kind::ALL.map(|kind| {
                    if offers(seed, fixture, n, shop, kind) {
                        hang(fixture, latent, shop, kind, &mut dice)
                    } else {
                        Series::default()
                    }
                }),
            },
        };
        tapes.push(tape);
    }
    for (n, shop) in shops.iter().enumerate() {
        if shop.is_opener() {
            let opener = opener(&tapes);
            if let Some(slot) = tapes.get_mut(n) {
                *slot = opener;
            }
        }
    }
    tapes
}

/// Whether a shop hangs a market on a game at all.
fn offers(seed: u64, fixture: &Fixture, n: usize, shop: &Shop, kind: Kind) -> bool {
    let luck = mix_unit(&[seed, 7, fixture.an_id, n as u64, kind as u64]);
    match kind {
        Kind::Moneyline => luck >= shop.missing / 4.0,
        Kind::Spread | Kind::Total => !shop.has(Trait::MoneylineOnly) && luck >= shop.missing,
    }
}

/// The first price of every market, whoever hung it.
fn opener(tapes: &[Tape]) -> Tape {
    Tape {
        series: Kind::ALL.map(|kind| {
            let first = tapes
                .iter()
                .filter_map(|tape| tape.series(kind).ticks.first())
                .min_by_key(|tick| tick.at);
            Series {
                ticks: first.copied().into_iter().collect(),
                locked_at: None,
            }
        }),
    }
}

/// The same path within two seconds.
fn copy(tape: &Tape, dice: &mut Dice) -> Tape {
    let mut after = |at: Millis| at + dice.between(200.0, 1_900.0) as Millis;
    Tape {
        series: Kind::ALL.map(|kind| {
            let series = tape.series(kind);
            let mut last = Millis::MIN;
            let mut ticks = series.ticks.clone();
            for tick in &mut ticks {
                last = after(tick.at).max(last + 1);
                tick.at = last;
            }
            Series {
                locked_at: series.locked_at.map(|at| at + 2 * SECOND),
                ticks,
            }
        }),
    }
}

/// The ticks of one market at one shop.
fn hang(fixture: &Fixture, latent: &Latent, shop: &Shop, kind: Kind, dice: &mut Dice) -> Series {
    let mut series = Series::default();
    let mut desk = Desk::new(fixture.league, shop, kind);
    let (mut locked, mut seen, mut live) = (false, 0, false);
    let key = shop.key.as_deref();
    let asleep = latent.asleep.filter(|asleep| key == Some(asleep.shop));
    let lone = latent.lone.filter(|lone| key == Some(lone.shop));
    for (at, act) in acts(fixture, latent, shop, dice) {
        let (belief, must) = match act {
            Act::Look { step, must } => {
                // A slow reaction never forgets what the shop has seen since.
                seen = seen.max(step);
                let sleeps = asleep.is_some_and(|s| (s.at..s.until).contains(&at));
                if locked || live || sleeps {
                    continue;
                }
                let own = lone.filter(|lone| (lone.at..lone.until).contains(&at));
                let belief = belief(latent, seen, Score::NotStarted);
                (belief.and_margin(own.map_or(0.0, |lone| lone.by)), must)
            }
            Act::Unlock { step } => {
                seen = seen.max(step);
                locked = false;
                (belief(latent, seen, Score::NotStarted), true)
            }
            Act::Live { part } => {
                (locked, live) = (false, true);
                let seen = latent.steps.len().saturating_sub(1);
                let part = part.and_then(|part| latent.played.get(part));
                (belief(latent, seen, Score::After(part)), true)
            }
            Act::Lock | Act::Start | Act::Close => {
                locked = true;
                if matches!(act, Act::Start) {
                    series.locked_at = Some(at);
                }
                let status = if matches!(act, Act::Close) {
                    Status::Closed
                } else {
                    Status::Suspended
                };
                if let Some(last) = series.ticks.last().copied() {
                    series.push(Tick { at, status, ..last });
                }
                continue;
            }
        };
        if let Some(tick) = desk.price(at, belief, must) {
            series.push(tick);
        }
    }
    series
}
