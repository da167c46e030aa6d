//! Which row a value stands on: rows are whole increments of the market, as fine as the height allows.

use super::axis::{cents, probability};

/// What a row of a chart is worth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    unit: Unit,
    /// Position of the first row, in steps.
    top: f64,
    /// Units a row.
    step: f64,
    /// Rows.
    rows: u16,
}

/// What positions are counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Values are implied probabilities, rows cents from even money: −105 and +105 are ten apart. A range too wide
    /// for cents goes by probability.
    Price,
    /// Values are points, rows parts of a half point.
    Line,
    /// Values are implied probabilities, rows hundredths.
    Probability,
}

/// Cents beyond which rows go by probability: prices of −2000 and −3000 are a world of cents and no news.
const WIDEST: f64 = 400.0;

impl Unit {
    /// Rises with the value.
    fn position(self, value: f64) -> f64 {
        match self {
            Self::Price => -cents(value),
            Self::Line => value,
            Self::Probability => value * 100.0,
        }
    }

    /// Which step a value is nearest to; a value between two belongs to the lower one, whatever its last bits say.
    fn nearest_step(self, value: f64, step: f64) -> f64 {
        (self.position(value) / step - 1e-6).round()
    }

    /// Units a row may be worth, finest first.
    const fn steps(self) -> &'static [f64] {
        match self {
            Self::Price => &[
                0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 12.5, 15.0, 20.0, 25.0,
                30.0, 40.0, 50.0, 75.0, 100.0, 150.0, 200.0,
            ],
            Self::Line => &[0.125, 0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 10.0, 20.0],
            Self::Probability => &[
                0.1, 0.2, 0.25, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 10.0, 20.0, 50.0,
            ],
        }
    }
}

/// Where a value stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Above the first row.
    Above,
    /// On a row, counted from the top.
    On(u16),
    /// Below the last row.
    Below,
}

impl Scale {
    /// Rows for the values from `low` to `high`, these in the middle: the finest step that fits.
    pub fn fit(unit: Unit, low: f64, high: f64, rows: u16) -> Self {
        let unit = match unit {
            Unit::Price if unit.position(high) - unit.position(low) > WIDEST => Unit::Probability,
            unit => unit,
        };
        let whole = |step| (unit.nearest_step(low, step), unit.nearest_step(high, step));
        let fits = |step: &&f64| {
            let (first, last) = whole(**step);
            last - first < f64::from(rows.max(1))
        };
        let coarsest =
            (unit.position(high) - unit.position(low)) / f64::from(rows.saturating_sub(1).max(1));
        let step = unit.steps().iter().find(fits).copied().unwrap_or(coarsest);
        let (first, last) = whole(step);
        let spare = (f64::from(rows) - 1.0 - (last - first)).max(0.0);
        Self {
            unit,
            top: last + (spare / 2.0).floor(),
            step,
            rows,
        }
    }

    /// The row of a value.
    pub fn place(&self, value: f64) -> Place {
        let row = self.top - self.unit.nearest_step(value, self.step);
        if row < 0.0 {
            Place::Above
        } else if row >= f64::from(self.rows) {
            Place::Below
        } else {
            Place::On(row as u16)
        }
    }

    /// The row of a value, the first or last one for what lies beyond.
    pub fn nearest(&self, value: f64) -> u16 {
        match self.place(value) {
            Place::Above => 0,
            Place::On(row) => row,
            Place::Below => self.rows.saturating_sub(1),
        }
    }

    /// The values of the last and of the first row.
    pub fn range(&self) -> (f64, f64) {
        let bottom = self.top - f64::from(self.rows.saturating_sub(1));
        let value = |steps: f64| match (self.unit, steps * self.step) {
            (Unit::Price, position) => probability(-position),
            (Unit::Line, position) => position,
            (Unit::Probability, position) => position / 100.0,
        };
        (value(bottom), value(self.top))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::odds::Odds;

    fn p(american: i64) -> f64 {
        Odds::american(american).unwrap().probability()
    }

    #[test]
    fn prices_a_cent_apart_have_rows_of_their_own_where_there_is_room() {
        let scale = Scale::fit(Unit::Price, p(-190), p(-205), 22);
        let rows: Vec<u16> = (190..=205).map(|a| scale.nearest(p(-a))).collect();
        assert!(rows.windows(2).all(|pair| pair[1] < pair[0]), "{rows:?}");
    }

    #[test]
    fn the_ends_are_within_at_every_height() {
        for rows in 2..60 {
            for (low, high) in [(-105, -110), (104, -104), (150, 120), (-120, -310)] {
                let scale = Scale::fit(Unit::Price, p(low), p(high), rows);
                let (top, bottom) = (scale.place(p(high)), scale.place(p(low)));
                assert!(
                    matches!((top, bottom), (Place::On(a), Place::On(b)) if a < b),
                    "{rows} rows, {low} to {high}: {top:?} {bottom:?}"
                );
            }
        }
    }

    #[test]
    fn half_points_are_whole_rows() {
        let scale = Scale::fit(Unit::Line, 7.5, 9.0, 10);
        let rows: Vec<u16> = [9.0, 8.5, 8.0, 7.5].map(|v| scale.nearest(v)).to_vec();
        let apart: Vec<u16> = rows.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert_eq!(apart, [2, 2, 2]);
    }

    #[test]
    fn long_odds_do_not_flatten_the_rest() {
        let scale = Scale::fit(Unit::Price, p(-150), p(-5_000), 20);
        assert!(scale.nearest(p(-150)) > scale.nearest(p(-200)) + 1);
    }

    #[test]
    fn what_lies_beyond_is_named_so() {
        let scale = Scale::fit(Unit::Price, p(-190), p(-205), 12);
        assert_eq!(scale.place(p(-153)), Place::Below);
        assert_eq!(scale.nearest(p(-153)), 11);
        assert_eq!(scale.place(p(-300)), Place::Above);
    }
}
