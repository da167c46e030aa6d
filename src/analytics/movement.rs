//! How far a price moved, and which way.

use crate::domain::market::QuoteStatus;
use crate::domain::series::Price;

/// Whether a price can be bet, and so compared with another.
pub fn is_open(price: &Price) -> bool {
    price.status == QuoteStatus::Open && price.odds.is_some()
}

/// Change of a side's implied probability (1 / decimal odds, margin included), in −1 to 1. Positive: the side got
/// dearer, the market moved toward it. Probability rather than American odds, so that a move across even money has its
/// true size: +102 to −105 is 1.7 points, not 207.
///
/// None where two prices do not compare: one is suspended or off the board, or the line is another.
pub fn drift(before: &Price, after: &Price) -> Option<f64> {
    let comparable = is_open(before) && is_open(after) && before.line == after.line;
    let (before, after) = (before.odds?, after.odds?);
    comparable.then(|| after.probability() - before.probability())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::market::Line;
    use crate::domain::odds::Odds;

    fn price(american: i64) -> Price {
        Price {
            line: None,
            odds: Odds::american(american).ok(),
            status: QuoteStatus::Open,
        }
    }

    #[test]
    fn direction_is_right_across_even_money_and_pickem() {
        let moved = drift(&price(102), &price(-105)).unwrap();
        assert!((moved - 0.017_145).abs() < 1e-5, "{moved}");
        assert!(drift(&price(-105), &price(102)).unwrap() < 0.0);
        assert!(
            drift(&price(-134), &price(-146)).unwrap() > 0.0,
            "dearer is toward"
        );
        assert_eq!(drift(&price(-100), &price(100)), Some(0.0));
    }

    #[test]
    fn a_suspension_or_another_line_does_not_compare() {
        let locked = Price {
            status: QuoteStatus::Suspended,
            ..price(-110)
        };
        assert_eq!(drift(&price(-110), &locked), None);
        let other = Price {
            line: Line::from_points(-1.5),
            ..price(-110)
        };
        assert_eq!(drift(&price(-110), &other), None);
    }
}
