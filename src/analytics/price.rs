//! A price as a person writes it, kept exactly, whatever its format.
//!
//! Feeds' prices are [`crate::domain::odds::Odds`], which keep what feeds send. What is typed may be a fraction, or a
//! decimal of any length; here it is profit over stake in whole numbers, so that every other format follows exactly.

use std::cmp::Ordering;
use std::str::FromStr;

/// Longest price accepted: profit on 1 staked, and the inverse of the shortest.
const LONGEST: u128 = 100_000;
/// Digits kept after a decimal point.
const DIGITS: usize = 18;

/// Why a text is no price.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PriceError {
    /// American odds lie at or beyond ±100; feeds use 0 for "off the board".
    #[error(
        "American odds of {0} do not exist: they are +100 and more or -100 and less; with a decimal point a number is \
         decimal odds"
    )]
    American(String),
    /// Decimal odds include the stake.
    #[error("decimal odds of {0} do not exist: they are above 1, like 1.91")]
    Decimal(String),
    /// A fraction has two whole numbers above 0.
    #[error("odds of {0} are no fraction; write two whole numbers above 0, like 10/11")]
    Fraction(String),
    /// A whole number below 100 without a sign could be anything.
    #[error("{0} could be decimal odds or a slip; write {0}.0 if it is decimal odds")]
    Bare(String),
    /// Beyond what any book pays.
    #[error("odds of {0} are longer than any book's; they pay between 1/100000 and 100000 on 1")]
    Length(String),
    /// None of the formats.
    #[error(
        "{0:?} are no odds; write American (-110, +120, EVEN), decimal (1.91) or a fraction (10/11)"
    )]
    Unreadable(String),
}

/// Profit on a stake, in lowest terms. Two prices that pay the same are equal, so +100 is −100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Price {
    profit: u128,
    stake: u128,
}

impl Price {
    /// Profit of `profit` on `stake` staked, both above 0, the profit on 1 between 1/100000 and 100000.
    pub fn new(profit: u64, stake: u64) -> Option<Self> {
        Self::of(u128::from(profit), u128::from(stake))
    }

    fn of(profit: u128, stake: u128) -> Option<Self> {
        let within = profit > 0
            && stake > 0
            && profit <= stake.checked_mul(LONGEST)?
            && stake <= profit.checked_mul(LONGEST)?;
        let divisor = greatest_common_divisor(profit, stake);
        within.then(|| Self {
            profit: profit / divisor,
            stake: stake / divisor,
        })
    }

    /// Decimal odds: 1 + profit/stake, what 1 staked returns.
    pub fn decimal(self) -> f64 {
        (self.profit + self.stake) as f64 / self.stake as f64
    }

    /// Implied probability, margin included: stake/(profit + stake), in 0 to 1.
    pub fn probability(self) -> f64 {
        self.stake as f64 / (self.profit + self.stake) as f64
    }

    /// American odds, rounded half away from zero; even money is +100.
    pub fn american(self) -> i64 {
        let hundred = |top: u128, bottom: u128| ((200 * top + bottom) / (2 * bottom)) as i64;
        if self.profit >= self.stake {
            return hundred(self.profit, self.stake);
        }
        match hundred(self.stake, self.profit) {
            100 => 100,
            rounded => -rounded,
        }
    }

    /// Profit and stake in lowest terms: −110 is 10/11. A price with more decimals than a fraction is written with is the
    /// simplest fraction that is it to twelve places.
    pub fn fraction(self) -> (u64, u64) {
        if self.stake <= 1_000_000 {
            return (self.profit as u64, self.stake as u64);
        }
        // Continued fraction of profit/stake: each convergent is the nearest of its length.
        let (mut top, mut bottom) = (self.profit, self.stake);
        let (mut before, mut found) = ((0_u128, 1_u128), (1_u128, 0_u128));
        while bottom != 0 {
            let whole = top / bottom;
            (top, bottom) = (bottom, top % bottom);
            let next = (whole * found.0 + before.0, whole * found.1 + before.1);
            (before, found) = (found, next);
            let near = found.0 as f64 / found.1 as f64 * self.stake as f64 / self.profit as f64;
            if found.0 > 0 && (near - 1.0).abs() < 1e-12 {
                break;
            }
        }
        (found.0 as u64, found.1 as u64)
    }
}

impl FromStr for Price {
    type Err = PriceError;

    /// Read a price. A sign, or a whole number of 100 and more, is American; so is `EVEN`. A decimal point makes it
    /// decimal odds, a slash a fraction. The typographic minus is a minus.
    fn from_str(text: &str) -> Result<Self, PriceError> {
        let given = text.trim();
        let plain = given.replace('\u{2212}', "-");
        let even = ["even", "evens", "ev", "evs", "pk"];
        if even.iter().any(|name| plain.eq_ignore_ascii_case(name)) {
            return Ok(Self {
                profit: 1,
                stake: 1,
            });
        }
        let own = || given.to_owned();
        if let Some((top, bottom)) = plain.split_once('/') {
            let whole = |part: &str| {
                let digits = !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
                let number = part.parse::<u64>().ok()?;
                (digits && number > 0).then_some(number)
            };
            let (Some(profit), Some(stake)) = (whole(top.trim()), whole(bottom.trim())) else {
                return Err(PriceError::Fraction(own()));
            };
            return Self::new(profit, stake).ok_or_else(|| PriceError::Length(own()));
        }
        let signed = plain.starts_with(['+', '-']);
        let digits = plain.trim_start_matches(['+', '-']);
        if plain.len() - digits.len() > 1 {
            return Err(PriceError::Unreadable(own()));
        }
        let without_commas = digits.replace(',', "");
        let Some((number, scale)) = rational(&without_commas) else {
            return Err(PriceError::Unreadable(own()));
        };
        let long = || PriceError::Length(own());
        if signed || (!digits.contains('.') && number >= 100) {
            let hundred = 100 * scale;
            return match number.cmp(&hundred) {
                Ordering::Less => Err(PriceError::American(own())),
                _ if plain.starts_with('-') => Self::of(hundred, number).ok_or_else(long),
                _ => Self::of(number, hundred).ok_or_else(long),
            };
        }
        if !digits.contains('.') {
            let bare = if number > 1 {
                PriceError::Bare(own())
            } else {
                PriceError::American(own())
            };
            return Err(bare);
        }
        if number <= scale {
            return Err(PriceError::Decimal(own()));
        }
        Self::of(number - scale, scale).ok_or_else(long)
    }
}

/// Digits with at most one point as a whole number over a power of ten.
fn rational(text: &str) -> Option<(u128, u128)> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || whole.len() > 12 || !digits(whole) || !digits(part) {
        return None;
    }
    let part = part.get(..DIGITS.min(part.len()))?;
    let scale = 10_u128.pow(part.len() as u32);
    let tail = if part.is_empty() {
        0
    } else {
        part.parse::<u128>().ok()?
    };
    Some((whole.parse::<u128>().ok()? * scale + tail, scale))
}

fn greatest_common_divisor(a: u128, b: u128) -> u128 {
    let (mut a, mut b) = (a, b);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.max(1)
}

/// Decimal odds of a probability: 1/p. None at 0 and 1, where there is no price.
pub fn decimal_of_probability(p: f64) -> Option<f64> {
    (p > 0.0 && p < 1.0).then(|| 1.0 / p)
}

/// American odds of decimal odds, unrounded: 100(d−1) from 2 up, else −100/(d−1). None at 1 and below.
pub fn american_of_decimal(decimal: f64) -> Option<f64> {
    let profit = decimal - 1.0;
    if !(profit > 0.0 && profit.is_finite()) {
        return None;
    }
    Some(if profit >= 1.0 {
        100.0 * profit
    } else {
        -100.0 / profit
    })
}

/// American odds rounded half away from zero, even money as +100; what is within a billionth of a half counts as one, since
/// decimals are not exact in binary. None at 1 and below.
pub fn rounded_american(decimal: f64) -> Option<i64> {
    let exact = american_of_decimal(decimal)?;
    let size = (exact.abs() + 0.5 + 1e-9).floor();
    let rounded = size.copysign(exact) as i64;
    Some(if rounded == -100 { 100 } else { rounded })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn price(text: &str) -> Price {
        text.parse().unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn one_price_in_every_format() {
        let found = price("-110");
        assert_eq!(found.fraction(), (10, 11));
        assert!((found.decimal() - 21.0 / 11.0).abs() < 1e-15);
        assert!((found.probability() - 11.0 / 21.0).abs() < 1e-15);
        for same in ["\u{2212}110", " 10/11 ", "-110.0", "1.909090909090909091"] {
            assert_eq!(price(same).american(), -110, "{same}");
            assert_eq!(price(same).fraction(), (10, 11), "{same}");
        }
        assert_eq!(price("+120"), price("120"));
        assert_eq!(price("+120"), price("2.20"));
        assert_eq!(price("151.0").american(), 15_000);
        assert_eq!(price("-1,200"), price("1/12"));
        for even in ["EVEN", "ev", "Pk", "evens", "+100", "-100", "2.0", "7/7"] {
            assert_eq!(price(even).american(), 100, "{even}");
            assert_eq!(price(even), price("100"));
        }
    }

    #[test]
    fn halves_round_away_from_zero() {
        assert_eq!(price("2.005").american(), 101);
        assert_eq!(price("1.995").american(), -101);
        assert_eq!(price("1.48").american(), -208);
        assert_eq!(price("1.48").fraction(), (12, 25));
        assert_eq!(price("-216.06").american(), -216);
        assert_eq!(rounded_american(2.005), Some(101));
        assert_eq!(rounded_american(1.995), Some(-101));
        assert_eq!(rounded_american(2.0), Some(100));
        assert_eq!(rounded_american(1.0), None);
        assert_eq!(decimal_of_probability(0.4), Some(2.5));
        assert_eq!(decimal_of_probability(1.0), None);
    }

    #[test]
    fn what_is_no_price_says_why() {
        let refused = |text: &str| text.parse::<Price>().unwrap_err();
        for american in ["0", "-0", "-99", "+50", "1", "-1.91", "+1.91"] {
            assert!(
                matches!(refused(american), PriceError::American(_)),
                "{american}"
            );
        }
        for decimal in ["1.0", "0.5", "0.0"] {
            assert!(
                matches!(refused(decimal), PriceError::Decimal(_)),
                "{decimal}"
            );
        }
        for fraction in ["5/0", "-1/2", "0/5", "1/", "/2", "1.5/2", "1/2/3", "+1/2"] {
            assert!(
                matches!(refused(fraction), PriceError::Fraction(_)),
                "{fraction}"
            );
        }
        for bare in ["50", "99", "2"] {
            assert!(matches!(refused(bare), PriceError::Bare(_)), "{bare}");
        }
        for long in ["100002.0", "+10000100", "1.000001", "200000/1"] {
            assert!(matches!(refused(long), PriceError::Length(_)), "{long}");
        }
        for none in [
            "",
            "+",
            "--110",
            "1e3",
            "nan",
            "1.9.1",
            "abc",
            "٣",
            ".5",
            "9999999999999",
        ] {
            assert!(matches!(refused(none), PriceError::Unreadable(_)), "{none}");
        }
    }
}
