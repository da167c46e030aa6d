//! Closing line value: how a bet compares with the last price before the start.
//!
//! Four measures, each positive when the bet got the better of the close. The close is the last open quote before the start
//! at the reference book; who calls decides which that is.

use super::devig::{self, DevigError, Method};
use super::price::rounded_american;
use super::refusal::Refusal;
use super::spread::Margins;

/// A bet against the close.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Clv {
    /// Cents across even money between the American prices: −125 closing −150 is 25. For display only. None where bet and
    /// close are at different numbers.
    pub cents: Option<i64>,
    /// `p_close − p_bet`, implied probabilities with the margin in, in −1 to 1.
    pub points: f64,
    /// `(p_close − p_bet)/p_bet`.
    pub relative: f64,
    /// Expected profit on 1 staked if the fair close is right: `d_bet·p̂ − 1` (with a push, `p_win·b − p_lose`). None without the
    /// closing prices of the other outcomes.
    pub ev: Option<f64>,
}

/// Why there is no closing line value.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum ClvError {
    /// Odds or lines are none.
    #[error(transparent)]
    Input(#[from] Refusal),
    /// The close has no fair price.
    #[error("the close has no fair price: {0}")]
    Devig(#[from] DevigError),
}

/// Compare a bet with the close at the same number, both in decimal odds. `others` are the closing odds of all other
/// outcomes, none where they are unknown; `method` takes the margin out of the close.
///
/// Fails for odds not above 1, and where the method has no fair price for the close.
pub fn measure(bet: f64, close: f64, others: &[f64], method: Method) -> Result<Clv, ClvError> {
    let p_bet = 1.0 / Refusal::decimal(bet)?;
    let p_close = 1.0 / Refusal::decimal(close)?;
    let ev = fair_close(close, others, method)?.map(|fair| bet * fair - 1.0);
    Ok(Clv {
        cents: rounded_american(bet)
            .zip(rounded_american(close))
            .map(|(bet, close)| scale(bet) - scale(close)),
        points: p_close - p_bet,
        relative: (p_close - p_bet) / p_bet,
        ev,
    })
}

/// Compare a spread bet with the close at another number: the bet's price is told at the closing number first, as `margins`
/// sees it, so that −3 closing −3.5 at the same price is a gain. Lines carry the bettor's sign. At the same number it is
/// [`measure`].
///
/// Fails as [`measure`], and for lines that are neither whole nor half.
pub fn measure_spread(
    (bet, bet_line): (f64, f64),
    (close, close_line): (f64, f64),
    others: &[f64],
    method: Method,
    margins: &Margins,
) -> Result<Clv, ClvError> {
    // Of one number at least the form is checked.
    margins.chances(0.0, bet_line)?;
    margins.chances(0.0, close_line)?;
    if (bet_line - close_line).abs() < 1e-9 {
        return measure(bet, close, others, method);
    }
    let p_bet = 1.0 / Refusal::decimal(bet)?;
    let p_close = 1.0 / Refusal::decimal(close)?;
    let told = margins.translate(p_bet, bet_line, close_line)?;
    let ev = match fair_close(close, others, method)? {
        Some(fair) => {
            let mean = margins.mean_for(close_line, fair)?;
            let chances = margins.chances(mean, bet_line)?;
            Some(chances.win * (bet - 1.0) - chances.lose)
        }
        None => None,
    };
    Ok(Clv {
        cents: None,
        points: p_close - told,
        relative: (p_close - told) / told,
        ev,
    })
}

/// The fair closing probability of what was bet on.
fn fair_close(close: f64, others: &[f64], method: Method) -> Result<Option<f64>, ClvError> {
    if others.is_empty() {
        return Ok(None);
    }
    let mut implied = vec![1.0 / close];
    for other in others {
        implied.push(1.0 / Refusal::decimal(*other)?);
    }
    let fair = devig::fair(method, &implied)?;
    Ok(fair.first().copied())
}

/// American odds on a scale without the gap between −100 and +100.
const fn scale(american: i64) -> i64 {
    if american >= 100 {
        american - 100
    } else {
        american + 100
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(american: f64) -> f64 {
        if american > 0.0 {
            1.0 + american / 100.0
        } else {
            1.0 - 100.0 / american
        }
    }

    #[test]
    fn a_better_price_than_the_close_is_positive_in_every_measure() {
        let others = [decimal(130.0)];
        let found = measure(
            decimal(-125.0),
            decimal(-150.0),
            &others,
            Method::Multiplicative,
        )
        .unwrap();
        assert_eq!(found.cents, Some(25));
        assert!((found.points - (0.6 - 5.0 / 9.0)).abs() < 1e-15);
        assert!((found.relative - 0.08).abs() < 1e-12);
        // 0.6/(0.6 + 10/23) of 1.8
        assert!((found.ev.unwrap() - (1.8 * 0.6 / (0.6 + 10.0 / 23.0) - 1.0)).abs() < 1e-12);
        let across = measure(decimal(102.0), decimal(-105.0), &[], Method::Power).unwrap();
        assert_eq!((across.cents, across.ev), (Some(7), None));
        let worse = measure(decimal(-105.0), decimal(102.0), &[], Method::Power).unwrap();
        assert!(worse.cents == Some(-7) && worse.points < 0.0 && worse.relative < 0.0);
    }

    #[test]
    fn a_better_number_counts_although_the_price_is_the_same() {
        let (price, nfl) = (decimal(-110.0), Margins::nfl());
        let other = [price];
        let value = |bet, close| {
            measure_spread((price, bet), (price, close), &other, Method::Power, &nfl).unwrap()
        };
        let (over_three, over_five) = (value(-3.0, -3.5), value(-5.0, -5.5));
        assert!(
            over_three.points > 0.03 && over_three.ev.unwrap() > 0.0,
            "{over_three:?}"
        );
        assert!(over_three.points > over_five.points && over_five.points > 0.0);
        assert_eq!(over_three.cents, None);
        assert!(value(-3.5, -3.0).points < 0.0);
        let same = value(-3.0, -3.0);
        assert_eq!((same.cents, same.points), (Some(0), 0.0));
        assert!((same.ev.unwrap() - (0.5 * price - 1.0)).abs() < 1e-12);
        let quarter = (price, -3.25);
        assert!(measure_spread(quarter, quarter, &other, Method::Power, &nfl).is_err());
    }

    #[test]
    fn no_price_no_value() {
        assert!(measure(1.0, 1.9, &[], Method::Power).is_err());
        assert!(measure(1.9, f64::NAN, &[], Method::Power).is_err());
        assert!(measure(1.9, 1.9, &[0.9], Method::Power).is_err());
    }
}
