//! Which planted events a preset's definition asks for, by the numbers that were planted, and when it may tell of them.

use chrono::{DateTime, TimeDelta, Utc};
use linetape::analytics::signal::Signal;
use linetape::analytics::signal::rule::{Divergence, Flip, Heavy, Late, Rlm, Rule, Size, Steam};
use linetape::demo::{Moved, Planted, PlantedKind, Shares};
use linetape::domain::market::{Market, Side};
use linetape::domain::odds::Odds;

/// Counters err by so many points: what is planted nearer to a threshold than this is neither asked for nor ruled out.
const WOBBLE: f64 = 1.5;
/// A condition that was told is told again only after it was this far below its threshold.
const SLACK: f64 = 3.0;
/// Counters are read again after so long.
const RECOUNT: TimeDelta = TimeDelta::minutes(15);
/// Overround of an ordinary shop.
const MARGIN: f64 = 0.045;

/// An event that a preset should tell of.
pub struct Asked<'a> {
    pub event: &'a Planted,
    from: DateTime<Utc>,
    pub until: DateTime<Utc>,
    /// Side that the signal points to; none where either will do.
    side: Option<Side>,
    /// Shop that the signal names; none where none need be.
    shop: Option<&'static str>,
}

impl<'a> Asked<'a> {
    /// What a rule should tell of an event in a game that starts at `start`, to one who looks since `opened`; none where its
    /// definition is not met.
    pub fn of(
        rule: &Rule,
        event: &'a Planted,
        (opened, start): (DateTime<Utc>, DateTime<Utc>),
    ) -> Option<Self> {
        let soon = (event.at, event.until + TimeDelta::minutes(5));
        let counted = (event.at, event.until + RECOUNT);
        let is = |kind| event.kind == kind;
        let mut side = event.side;
        let (from, until) = match rule {
            Rule::Steam(rule) => is_steam(rule, event).then_some(soon)?,
            Rule::Rlm(rule) => is_reverse(rule, event)
                .then_some((event.at, event.until + TimeDelta::minutes(60)))?,
            Rule::Against(_) => is(PlantedKind::LoneLeader).then_some(soon)?,
            Rule::Divergence(rule) => match rule.within {
                None => parts(rule, event.shares?).then_some(counted)?,
                // It may have parted long before: it is told when the last hours begin.
                Some(within) => (gap(event.shares?, 1) >= rule.gap + WOBBLE)
                    .then_some((event.at.max(start - within), start))?,
            },
            Rule::Flip(rule) => flips(rule, event, start).then_some(counted)?,
            Rule::Heavy(rule) => {
                side = side.and_then(Side::opposite);
                grows_heavy(rule, event.shares?).then_some(counted)?
            }
            Rule::Fade(rule) => {
                let [before, after] = event.shares?.tickets.map(|own| 100.0 - own);
                let from = match before {
                    // The public was there all along.
                    _ if before >= rule.tickets + WOBBLE => opened,
                    _ if before < rule.tickets - SLACK => event.at,
                    _ => return None,
                };
                (after >= rule.tickets + WOBBLE).then_some((from, event.until + RECOUNT))?
            }
            Rule::Late(rule) => is_late(rule, event, start)
                .then_some((start - rule.within, event.until + TimeDelta::minutes(5)))?,
            Rule::Conflict(rule) => {
                (is(PlantedKind::StaleShop) && cents(event.moved?) >= rule.cents).then_some(soon)?
            }
            Rule::Stale(_) => is(PlantedKind::StaleShop).then_some(soon)?,
            Rule::HeadFake(_) => {
                side = None;
                is(PlantedKind::HeadFake)
                    .then_some((event.at, event.until + TimeDelta::minutes(10)))?
            }
            Rule::Opener(rule) => (event.market.is_some()
                && event.until <= opened + rule.within
                && is_met(rule.size, event))
            .then_some((opened, event.until + TimeDelta::minutes(5)))?,
        };
        (from < until && until <= start.max(event.until)).then_some(Self {
            event,
            from,
            until,
            side,
            shop: event
                .shop
                .filter(|_| matches!(rule, Rule::Stale(_) | Rule::Conflict(_) | Rule::Against(_))),
        })
    }

    /// Whether a signal of the same game tells of it.
    pub fn is_told_by(&self, signal: &Signal) -> bool {
        let named = |shop: &str| {
            let mut all = signal.waiting.iter().chain(&signal.movers);
            all.any(|f| &*f.shop == shop)
        };
        same_market(self.event, signal)
            && self.side.is_none_or(|side| side == signal.side)
            && (self.from..=self.until).contains(&signal.detected_at)
            && self.shop.is_none_or(named)
    }
}

/// Whether a signal is about anything of an event: the same kind of market, while it went on or soon after.
pub fn is_near(event: &Planted, signal: &Signal) -> bool {
    let slack = TimeDelta::minutes(30);
    (event.at..=event.until + slack).contains(&signal.detected_at)
}

fn same_market(event: &Planted, signal: &Signal) -> bool {
    let total = |m: &Market| *m == Market::Total;
    let market = event.market.as_ref();
    market.is_none_or(|m| total(m) == total(&signal.market))
}

/// What a move weighs in cents at a shop with a usual margin, on the side where it weighs more.
fn cents(moved: Moved) -> f64 {
    let odds = |p: f64| Odds::decimal(1.0 / (p * (1.0 + MARGIN))).unwrap();
    let [before, after] = moved.fair;
    let own = odds(before).cents_to(odds(after)).abs();
    let other = odds(1.0 - before).cents_to(odds(1.0 - after)).abs();
    f64::from(own.max(other))
}

/// Whether a move is as large as that, however it is hung: a shop says it in juice, or moves its line by a half at least.
fn is_met(size: Size, event: &Planted) -> bool {
    let Some(moved) = event.moved else {
        return false;
    };
    let probability = moved.fair[1] - moved.fair[0];
    let in_juice = size.is_met(probability, 0.0, cents(moved) as i32);
    let in_line = size.is_met(probability, moved.points.max(0.5), 0);
    in_juice && (event.market == Some(Market::Moneyline) || in_line)
        || moved.points >= 1.0 && in_line
}

fn is_steam(rule: &Steam, event: &Planted) -> bool {
    let at_once = match event.kind {
        PlantedKind::Steam => true,
        PlantedKind::Weather => event.until - event.at <= rule.window,
        _ => false,
    };
    at_once && is_met(rule.size, event) && rule.mean.is_none_or(|mean| is_met(mean, event))
}

fn is_reverse(rule: &Rlm, event: &Planted) -> bool {
    let Some(shares) = event.shares else {
        return false;
    };
    let share = if rule.by_money {
        shares.money[1]
    } else {
        shares.tickets[1]
    };
    let gap = rule
        .gap
        .is_none_or(|least| gap(shares, 1) >= least + WOBBLE);
    100.0 - share >= rule.public + WOBBLE && gap && is_met(rule.size, event)
}

/// Money less tickets on the event's side, before (0) or after (1).
fn gap(shares: Shares, when: usize) -> f64 {
    shares.money[when] - shares.tickets[when]
}

fn parts(rule: &Divergence, shares: Shares) -> bool {
    gap(shares, 0) < rule.gap - SLACK && gap(shares, 1) >= rule.gap + WOBBLE
}

fn flips(rule: &Flip, event: &Planted, start: DateTime<Utc>) -> bool {
    let Some([before, after]) = event.shares.map(|s| s.money.map(|own| 100.0 - own)) else {
        return false;
    };
    start - event.at <= rule.within
        && before >= rule.early + WOBBLE
        && after < 50.0
        && before - after >= rule.by + WOBBLE
}

fn grows_heavy(rule: &Heavy, shares: Shares) -> bool {
    let public = |when: usize| (100.0 - shares.tickets[when], 100.0 - shares.money[when]);
    let ((tickets, money), (before_tickets, before_money)) = (public(1), public(0));
    tickets >= rule.tickets + WOBBLE
        && money >= rule.money + WOBBLE
        && (tickets - money).abs() <= rule.alike
        && (before_tickets < rule.tickets - SLACK || before_money < rule.money - SLACK)
}

fn is_late(rule: &Late, event: &Planted, start: DateTime<Utc>) -> bool {
    event.market.is_some() && event.at >= start - rule.within && is_met(rule.size, event)
}
