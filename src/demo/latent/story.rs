//! A story as it is told: what it changes in a game's truth, in its tickets and money, and at single shops.

mod bettors;
mod single;
mod whole;

use std::ops::RangeInclusive;

use super::super::dice::Dice;
use super::super::planted::{Moved, Planted, PlantedKind, Shares};
use super::super::plot::Plot;
use super::super::price::chance_of;
use super::super::schedule::{Fixture, HOUR, MINUTE, Millis, time};
use super::super::splits::Sway;
use super::{Asleep, Change, Lone, Pace, Step};
use crate::domain::league::League;
use crate::domain::market::{Market, Side};

/// What the stories of a game make of it.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub(super) changes: Vec<Change>,
    /// Stretches without drift, of the total or of the margin.
    quiet: Vec<(RangeInclusive<Millis>, bool)>,
    pub(super) sway: Option<Sway>,
    pub(super) asleep: Option<Asleep>,
    pub(super) lone: Option<Lone>,
    pub(super) planted: Vec<Planted>,
}

impl Told {
    /// Whether drift would disturb a story.
    pub(super) fn disturbs(&self, (at, by_margin, by_total, _): &Change) -> bool {
        self.quiet.iter().any(|(stretch, on_total)| {
            let same = if *on_total { *by_total } else { *by_margin };
            same != 0.0 && stretch.contains(at)
        })
    }
}

/// A game that stories are told of.
pub(super) struct Stage<'a> {
    pub(super) fixture: &'a Fixture,
    /// Ten in the morning.
    pub(super) ten: Millis,
    /// The last moment at which anything moves before the start.
    pub(super) last: Millis,
    /// Whether its stories are told minutes after ten.
    pub(super) early: bool,
    /// Scales of the margin and of the total.
    pub(super) scales: (f64, f64),
    /// Expected margin at the opening.
    pub(super) margin: f64,
}

/// A story's market and direction.
#[derive(Clone, Copy)]
struct Course {
    on_total: bool,
    up: bool,
    scales: (f64, f64),
}

impl Course {
    /// The truth goes so far: in fair probability near even money, as a share of the distribution's scale.
    fn goes(self, at: Millis, probability: f64, pace: Pace) -> Change {
        let by = 4.0 * probability * if self.up { 1.0 } else { -1.0 };
        if self.on_total {
            (at, 0.0, by * self.scales.1, pace)
        } else {
            (at, by * self.scales.0, 0.0, pace)
        }
    }

    /// In so many equal steps within `span`.
    fn walks(
        self,
        at: Millis,
        span: Millis,
        (steps, each): (i64, f64),
    ) -> impl Iterator<Item = Change> {
        (0..steps).map(move |step| self.goes(at + span * step / steps, each, Pace::Drift))
    }

    fn side(self) -> Side {
        match (self.on_total, self.up) {
            (true, true) => Side::Over,
            (true, false) => Side::Under,
            (false, true) => Side::Home,
            (false, false) => Side::Away,
        }
    }
}

/// What a story comes to besides its changes.
struct Outcome {
    kind: PlantedKind,
    course: Course,
    at: Millis,
    until: Millis,
    shop: Option<&'static str>,
}

impl Stage<'_> {
    /// Tell a story.
    pub(super) fn tell(&self, plot: Plot, told: &mut Told, dice: &mut Dice) {
        let (from, until) = if self.early {
            (self.ten + 3 * MINUTE, self.ten + 6 * MINUTE)
        } else {
            let from = (self.fixture.scheduled - 5 * HOUR).max(self.ten + 75 * MINUTE);
            (from, self.last - 12 * MINUTE)
        };
        let until = until.max(from + MINUTE);
        let at = from + ((until - from) as f64 * dice.unit()) as Millis;
        let course = Course {
            on_total: dice.chance(0.3),
            up: dice.chance(0.5),
            scales: self.scales,
        };
        let had = told.sway;
        let outcome = match plot {
            Plot::Steam => whole::steam(at, course, told, dice),
            Plot::HeadFake => whole::head_fake(at, course, told, dice),
            Plot::Suspension => whole::suspension(at, course, told, dice),
            Plot::ReverseLine => whole::reverse_line((from, until), course, told, dice),
            Plot::SharpMoney => self.sharp_money(course, told, dice),
            Plot::Lopsided => self.lopsided(course, told, dice),
            Plot::LateFlip => self.late_flip(course, told, dice),
            Plot::StaleShop => self.stale_shop(course, told, dice),
            Plot::Weather => whole::weather((from, until), course, told, dice),
            Plot::LoneLeader => single::lone_leader((from, until), course, told, dice),
        };
        let side = outcome.course.side();
        // Football's moneylines are thin; its story is told by the spread.
        let market = match (outcome.course.on_total, self.fixture.league) {
            (true, _) => Market::Total,
            (false, League::Mlb) => Market::Moneyline,
            (false, _) => Market::Spread,
        };
        let shares = told.sway.filter(|sway| had != Some(*sway));
        told.planted.push(Planted {
            kind: outcome.kind,
            league: self.fixture.league,
            game: self.fixture.an_id,
            odds_api_id: self.fixture.odds_api_id.clone(),
            market: Some(market),
            side: Some(side),
            at: time(outcome.at),
            until: time(outcome.until),
            moved: None,
            shares: shares.map(|sway| Shares {
                tickets: sway.tickets,
                money: sway.money,
            }),
            shop: outcome.shop,
        });
    }
}

impl Outcome {
    const fn new(kind: PlantedKind, course: Course, at: Millis, until: Millis) -> Self {
        Self {
            kind,
            course,
            at,
            until,
            shop: None,
        }
    }
}

/// How far the truth went while an event went on; none where it is about no single market.
pub(super) fn moved(event: &Planted, steps: &[Step], scales: (f64, f64)) -> Option<Moved> {
    let side = event.side?;
    let market = event.market.as_ref()?;
    let truth = |before: usize| {
        let step = before.checked_sub(1).and_then(|n| steps.get(n));
        step.or(steps.first())
    };
    let (at, until) = (event.at.timestamp_millis(), event.until.timestamp_millis());
    let before = truth(steps.partition_point(|s| s.at < at))?;
    let after = truth(steps.partition_point(|s| s.at <= until))?;
    let sign = match side {
        Side::Home | Side::Over => 1.0,
        _ => -1.0,
    };
    let points = |of: fn(&Step) -> f64| sign * (of(after) - of(before));
    Some(match market {
        Market::Moneyline => Moved {
            fair: [before, after].map(|s| chance_of(sign * s.margin / scales.0)),
            points: 0.0,
        },
        Market::Total => lined(points(|s| s.total), scales.1),
        _ => lined(points(|s| s.margin), scales.0),
    })
}

fn lined(points: f64, scale: f64) -> Moved {
    Moved {
        fair: [0.5, chance_of(points / scale)],
        points,
    }
}
