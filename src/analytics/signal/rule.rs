//! The rules that make signals, each with its parameters.

use std::sync::Arc;

use chrono::TimeDelta;

use super::Kind;

/// How large a move must be: one of the three is enough.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Size {
    /// Change of fair probability.
    pub probability: f64,
    /// Points of line.
    pub points: f64,
    /// Cents across even money, the line unmoved.
    pub cents: i32,
}

impl Size {
    /// Any move at all.
    pub const ANY: Self = Self {
        probability: 1e-9,
        points: 0.25,
        cents: 1,
    };

    pub(super) const fn probability(probability: f64) -> Self {
        Self {
            probability,
            points: f64::INFINITY,
            cents: i32::MAX,
        }
    }

    pub(super) const fn fair(probability: f64) -> Self {
        Self {
            probability,
            points: 0.5,
            cents: i32::MAX,
        }
    }

    pub(super) const fn points_or_cents(points: f64, cents: i32) -> Self {
        Self {
            probability: f64::INFINITY,
            points,
            cents,
        }
    }

    /// Whether a move of this much is large enough.
    pub fn is_met(&self, probability: f64, points: f64, cents: i32) -> bool {
        probability.abs() >= self.probability
            || points.abs() >= self.points
            || cents.abs() >= self.cents
    }
}

/// A rule, with its parameters.
#[derive(Debug, Clone, PartialEq)]
pub enum Rule {
    /// Several shops, one way, within a window.
    Steam(Steam),
    /// Against the bets.
    Rlm(Rlm),
    /// Others against one shop that leads.
    Against(Against),
    /// Money and tickets apart.
    Divergence(Divergence),
    /// A move close to the start.
    Late(Late),
    /// The majority changed sides close to the start.
    Flip(Flip),
    /// Tickets and money together.
    Heavy(Heavy),
    /// The public on one side.
    Fade(Fade),
    /// One shop's price apart from the others'.
    Conflict(Conflict),
    /// A shop that did not follow.
    Stale(Stale),
    /// Away from the opening.
    Opener(Opener),
    /// There and back.
    HeadFake(HeadFake),
}

impl Rule {
    /// What its signals say.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Steam(_) => Kind::Steam,
            Self::Rlm(_) | Self::Against(_) => Kind::Rlm,
            Self::Divergence(_) => Kind::Divergence,
            Self::Late(_) | Self::Flip(_) => Kind::LateMoney,
            Self::Heavy(_) => Kind::Consensus,
            Self::Fade(_) => Kind::PublicFade,
            Self::Conflict(_) => Kind::BookConflict,
            Self::Stale(_) => Kind::Stale,
            Self::Opener(_) => Kind::Opener,
            Self::HeadFake(_) => Kind::HeadFake,
        }
    }
}

/// Steam: at least `groups` groups of shops moved one way within `window`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Steam {
    /// Groups of shops, clones counted once.
    pub groups: usize,
    /// From the first of the moves to the last.
    pub window: TimeDelta,
    /// What counts as a move: a shop's net move within the window.
    pub size: Size,
    /// What the mean of the moves must reach besides.
    pub mean: Option<Size>,
    /// Least share of the groups that moved which went this way.
    pub agree: f64,
    /// Least share of the groups that quote.
    pub share: f64,
    /// Least score, 0 to 100: 100 × groups × mean move / 0.30.
    pub score: f64,
    /// The window is a stretch of the clock (12:00–12:05) and does not slide.
    pub aligned: bool,
    /// Silence after a signal of the same market and side.
    pub cooldown: TimeDelta,
}

/// Reverse line movement: at least `tickets` percent on a side, and its price has fallen since that was counted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rlm {
    /// Percent of tickets (of money, where `by_money`) on the public side.
    pub public: f64,
    /// Tickets less money on that side, percentage points, at least; none to ask nothing.
    pub gap: Option<f64>,
    /// How far the price went against it.
    pub size: Size,
    /// The public side is that of the money.
    pub by_money: bool,
}

/// Reverse line movement without splits: the mean of the others moves against one shop.
#[derive(Debug, Clone, PartialEq)]
pub struct Against {
    /// The shop that is believed.
    pub leader: Arc<str>,
    /// Within this.
    pub window: TimeDelta,
    /// How far each must have moved.
    pub size: Size,
}

/// Money % less tickets % on a side.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Divergence {
    /// Percentage points, at least.
    pub gap: f64,
    /// Bets counted, at least, where the counter tells; a counter that does not tell is heard when this is 0.
    pub tickets: i64,
    /// Only this close to the start.
    pub within: Option<TimeDelta>,
}

/// The consensus moved within the last hours before the start.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Late {
    /// How close to the start.
    pub within: TimeDelta,
    /// How far since then.
    pub size: Size,
}

/// A majority of the money crossed 50 % within the last hours.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Flip {
    /// How close to the start.
    pub within: TimeDelta,
    /// Share of money that the side had before, percent.
    pub early: f64,
    /// How far it fell, percentage points.
    pub by: f64,
}

/// Tickets and money heavily on one side.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Heavy {
    /// Percent of tickets, at least.
    pub tickets: f64,
    /// Percent of money, at least.
    pub money: f64,
    /// How far the two may differ.
    pub alike: f64,
}

/// Tickets on one side; the signal points to the other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fade {
    /// Percent of tickets, at least.
    pub tickets: f64,
}

/// A shop's price stands apart from the median of the others'.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Conflict {
    /// Cents across even money, at least.
    pub cents: f64,
    /// Others that quote the same line, at least.
    pub others: usize,
}

/// A shop that stands still while the others moved.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stale {
    /// Distance from the consensus in median absolute deviations.
    pub deviations: f64,
    /// And in fair probability, at least.
    pub distance: f64,
    /// Shops in the consensus, at least.
    pub shops: usize,
}

/// The market moved away from its opening soon after it opened, while limits are low.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Opener {
    /// How soon.
    pub within: TimeDelta,
    /// How far.
    pub size: Size,
    /// Shops in the consensus, at least.
    pub shops: usize,
}

/// The consensus went out and came back.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HeadFake {
    /// How far out, fair probability.
    pub out: f64,
    /// Which share of that came back.
    pub back: f64,
    /// From the beginning to the return.
    pub within: TimeDelta,
    /// Shops in the consensus, at least.
    pub shops: usize,
}
