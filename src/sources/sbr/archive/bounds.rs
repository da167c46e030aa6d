//! What a spread and a total of a league may be. Archives hold rows with the two exchanged.

use crate::domain::league::League;
use crate::domain::market::{Line, Period};

/// Largest spread, and least and largest total, in points.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    spread: f64,
    total: (f64, f64),
}

impl Bounds {
    /// Of a league's whole games.
    pub(super) const fn of(league: League) -> Self {
        let (spread, total) = match league {
            League::Mlb => (5.0, (3.0, 25.0)),
            League::Nhl => (4.0, (3.0, 12.0)),
            League::Nfl => (25.0, (25.0, 80.0)),
            League::Ncaaf => (70.0, (25.0, 110.0)),
            League::Nba => (35.0, (140.0, 300.0)),
            League::Ncaab => (60.0, (80.0, 230.0)),
            League::Wnba => (35.0, (110.0, 250.0)),
            League::Soccer | League::Other => (100.0, (0.5, 400.0)),
        };
        Self { spread, total }
    }

    /// The part of it that `period` has.
    fn part(self, period: Period) -> Self {
        match period {
            Period::Half1 | Period::Half2 => Self {
                spread: self.spread * 0.7,
                total: (self.total.0 * 0.3, self.total.1 * 0.7),
            },
            _ => self,
        }
    }

    /// Why `line` is no spread.
    pub(super) fn check_spread(self, line: Line, period: Period) -> Result<(), String> {
        let most = self.part(period).spread;
        if line.points().abs() <= most {
            return Ok(());
        }
        Err(format!(
            "a spread of {line} lies beyond {most}: this row has spread and total exchanged, or is broken"
        ))
    }

    /// Why `line` is no total.
    pub(super) fn check_total(self, line: Line, period: Period) -> Result<(), String> {
        let (least, most) = self.part(period).total;
        if (least..=most).contains(&line.points()) {
            return Ok(());
        }
        Err(format!(
            "a total of {line} lies outside {least} to {most}: this row has spread and total exchanged, or is broken"
        ))
    }
}
