//! Prices: what a book pays, in the format the feed gave, converted exactly.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a number is not a price.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum OddsError {
    /// American odds lie at or beyond ±100; feeds use 0 for "off the board".
    #[error("American odds of {0} do not exist: they are +100 and more or -100 and less")]
    American(i64),
    /// Decimal odds include the stake, so they exceed 1.
    #[error("decimal odds of {0} do not exist: they are above 1 and at most 100001")]
    Decimal(f64),
}

/// The format a feed gave a price in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OddsFormat {
    /// Profit on 100 staked (+), or stake for a profit of 100 (−).
    American,
    /// Return on 1 staked, stake included.
    Decimal,
}

/// A price, kept as received.
///
/// Two prices are equal when they pay the same, so +100 equals −100.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Odds {
    format: OddsFormat,
    /// American: the integer. Decimal: ten-thousandths.
    value: i32,
}

/// Largest price accepted, American; longer shots are feed errors.
const LONGEST: i64 = 10_000_000;
/// Decimal prices are kept in ten-thousandths.
const DECIMAL_SCALE: f64 = 10_000.0;

impl Odds {
    /// A price in American format.
    ///
    /// Fails with [`OddsError::American`] between −100 and +100 (exclusive).
    pub fn american(value: i64) -> Result<Self, OddsError> {
        if value.abs() < 100 || value.abs() > LONGEST {
            return Err(OddsError::American(value));
        }
        Ok(Self {
            format: OddsFormat::American,
            value: value as i32,
        })
    }

    /// A price in decimal format, kept to four places.
    ///
    /// Fails with [`OddsError::Decimal`] at 1 and below, and for what is not finite.
    pub fn decimal(value: f64) -> Result<Self, OddsError> {
        if !value.is_finite() || value > LONGEST as f64 / 100.0 + 1.0 {
            return Err(OddsError::Decimal(value));
        }
        let scaled = (value * DECIMAL_SCALE).round() as i32;
        if scaled <= DECIMAL_SCALE as i32 {
            return Err(OddsError::Decimal(value));
        }
        Ok(Self {
            format: OddsFormat::Decimal,
            value: scaled,
        })
    }

    /// The format the feed used.
    pub const fn format(self) -> OddsFormat {
        self.format
    }

    /// American odds; exact when given as American, else rounded half away from zero. Even money is +100.
    pub fn to_american(self) -> i32 {
        match self.format {
            OddsFormat::American if self.value == -100 => 100,
            OddsFormat::American => self.value,
            OddsFormat::Decimal => {
                let profit = self.to_decimal() - 1.0;
                let exact = if profit >= 1.0 {
                    100.0 * profit
                } else {
                    -100.0 / profit
                };
                let rounded = exact.round() as i32;
                if rounded == -100 { 100 } else { rounded }
            }
        }
    }

    /// Decimal odds: return on 1 staked.
    pub fn to_decimal(self) -> f64 {
        match self.format {
            OddsFormat::Decimal => f64::from(self.value) / DECIMAL_SCALE,
            OddsFormat::American if self.value > 0 => 1.0 + f64::from(self.value) / 100.0,
            OddsFormat::American => 1.0 + 100.0 / f64::from(-self.value),
        }
    }

    /// Implied probability, margin included: 1 / decimal, in (0, 1).
    pub fn probability(self) -> f64 {
        1.0 / self.to_decimal()
    }

    /// Distance in cents across even money, for display only: −105 → +102 is 7.
    pub fn cents_to(self, later: Self) -> i32 {
        let scale = |a: i32| if a >= 100 { a - 100 } else { a + 100 };
        (scale(later.to_american()) - scale(self.to_american())).abs()
    }
}

impl PartialEq for Odds {
    fn eq(&self, other: &Self) -> bool {
        if self.format == other.format {
            let even = |o: &Self| o.format == OddsFormat::American && o.value == -100;
            self.value == other.value
                || (even(self) && other.value == 100)
                || (even(other) && self.value == 100)
        } else {
            // Decimal prices are kept to four places: within half of the last they are one price.
            (self.to_decimal() - other.to_decimal()).abs() < 0.000_051
        }
    }
}

impl fmt::Display for Odds {
    /// American with its sign always shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let american = self.to_american();
        if american < 0 {
            write!(f, "−{}", -american)
        } else {
            write!(f, "+{american}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn converts_both_ways() {
        assert!((Odds::american(-110).unwrap().to_decimal() - 1.909_090_909).abs() < 1e-9);
        assert!((Odds::american(150).unwrap().to_decimal() - 2.5).abs() < 1e-12);
        assert_eq!(Odds::decimal(1.91).unwrap().to_american(), -110);
        assert_eq!(Odds::decimal(3.3).unwrap().to_american(), 230);
        assert_eq!(Odds::decimal(2.0).unwrap().to_american(), 100);
    }

    #[test]
    fn refuses_what_is_no_price() {
        for bad in [0, 99, -99, 1] {
            assert!(Odds::american(bad).is_err(), "{bad}");
        }
        for bad in [1.0, 0.5, 0.0, -2.0, f64::NAN, f64::INFINITY] {
            assert!(Odds::decimal(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn even_money_is_one_price() {
        assert_eq!(Odds::american(-100).unwrap(), Odds::american(100).unwrap());
        assert_eq!(Odds::american(-100).unwrap().to_american(), 100);
        assert_eq!(Odds::american(100).unwrap(), Odds::decimal(2.0).unwrap());
    }

    #[test]
    fn cents_cross_even_money() {
        let odds = |a| Odds::american(a).unwrap();
        assert_eq!(odds(102).cents_to(odds(-105)), 7);
        assert_eq!(odds(110).cents_to(odds(-110)), 20);
        assert_eq!(odds(-134).cents_to(odds(-146)), 12);
    }

    #[test]
    fn shows_its_sign() {
        assert_eq!(Odds::american(120).unwrap().to_string(), "+120");
        assert_eq!(Odds::american(-146).unwrap().to_string(), "−146");
    }
}
