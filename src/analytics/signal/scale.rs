//! How lines and prices become one number.

use super::market::Fair;
use crate::analytics::normal;
use crate::domain::league::League;
use crate::domain::market::{Line, Market, Period};

/// How a line and its price become one number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Scale {
    /// No line: the price says all.
    Price,
    /// Standard deviation of the home margin around its expectation, points.
    Margin(f64),
    /// Standard deviation of the total, points.
    Total(f64),
}

impl Scale {
    /// The scale of a market. Margins: NFL 13.86 (Stern 1991), NBA 12, college basketball 10, college football 16;
    /// the others, and totals, are rounded standard deviations of final scores. They decide only how many points of line
    /// weigh as much as how many cents; no price is made of them. A part of a game scales with the root of its length.
    pub fn of(league: League, market: &Market, period: Period) -> Self {
        let (margin, total) = match league {
            League::Nfl => (13.86, 13.5),
            League::Ncaaf => (16.0, 16.5),
            League::Nba => (12.0, 17.5),
            League::Ncaab => (10.0, 15.0),
            League::Wnba => (11.0, 15.0),
            League::Mlb => (4.4, 4.4),
            League::Nhl => (2.5, 2.4),
            League::Soccer => (1.7, 1.65),
            League::Other => (10.0, 10.0),
        };
        let share: f64 = match period {
            Period::Full => 1.0,
            Period::Half1 | Period::Half2 => 0.5,
            Period::Quarter1 | Period::Quarter2 | Period::Quarter3 | Period::Quarter4 => 0.25,
            Period::Period1 | Period::Period2 | Period::Period3 | Period::Innings3 => 1.0 / 3.0,
            Period::Inning1 => 1.0 / 9.0,
            Period::Innings5 => 5.0 / 9.0,
            Period::Innings7 => 7.0 / 9.0,
        };
        match market {
            Market::Spread => Self::Margin(margin * share.sqrt()),
            Market::Total => Self::Total(total * share.sqrt()),
            Market::Moneyline | Market::TeamTotal | Market::Prop(_) => Self::Price,
        }
    }

    /// Probability of the first side at `line`, for a price that is fair at its own.
    pub(super) fn carry(self, fair: Fair, line: Option<Line>) -> f64 {
        let (sigma, sign) = match self {
            Self::Price => return fair.p,
            Self::Margin(sigma) => (sigma, 1.0),
            Self::Total(sigma) => (sigma, -1.0),
        };
        let (Some(own), Some(line)) = (fair.line, line) else {
            return fair.p;
        };
        if own == line {
            return fair.p;
        }
        let shift = sign * (line.points() - own.points()) / sigma;
        normal::quantile(fair.p).map_or(fair.p, |z| normal::cumulative(z + shift))
    }
}
