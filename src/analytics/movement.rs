//! How far a price moved, and which way.

use serde::Serialize;

use crate::domain::market::{QuoteStatus, Side};
use crate::domain::odds::Odds;
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

/// Which way the market went, seen from one side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// The side got dearer: it costs more, or gives more points.
    Toward,
    /// The side got cheaper.
    Against,
    /// Neither.
    Unmoved,
}

/// How a side's offer moved from one price to a later one.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Shift {
    /// Which way.
    pub direction: Direction,
    /// Size in cents of the price; none where the line moved.
    pub cents: Option<i32>,
    /// Size in points of the line; none where it stayed.
    pub points: Option<f64>,
}

/// From `before` to `after`, as `side` sees it. Where the line moved it tells the direction, and the price beside it
/// says nothing: it belongs to another bet. Both compare without their signs' help: −1 to +1 goes the same way as −2 to
/// −1, and +102 to −105 the same way as −134 to −146.
///
/// None where there is no price, or a line on one of the two only.
pub fn shift(side: Side, before: (Option<f64>, Odds), after: (Option<f64>, Odds)) -> Option<Shift> {
    let ((line, odds), (later_line, later_odds)) = (before, after);
    let raised = match (line, later_line) {
        (None, None) => 0.0,
        (Some(line), Some(later)) => later - line,
        _ => return None,
    };
    if raised != 0.0 {
        let dearer = match side {
            // A side that gives more points, or gets fewer, is the market's favourite more than before.
            Side::Home | Side::Away | Side::Under => raised < 0.0,
            Side::Over => raised > 0.0,
            Side::Draw => return None,
        };
        return Some(Shift {
            direction: if dearer {
                Direction::Toward
            } else {
                Direction::Against
            },
            cents: None,
            points: Some(raised.abs()),
        });
    }
    let direction = if odds == later_odds {
        Direction::Unmoved
    } else if later_odds.to_decimal() < odds.to_decimal() {
        Direction::Toward
    } else {
        Direction::Against
    };
    Some(Shift {
        direction,
        cents: Some(odds.cents_to(later_odds)),
        points: None,
    })
}

#[cfg(test)]
mod tests {
    use super::Direction::{Against, Toward, Unmoved};
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
    fn a_price_moves_the_same_way_on_either_side_of_even_money() {
        let moved = |before: i64, after: i64| {
            let odds = |american| Odds::american(american).unwrap();
            let moved = shift(Side::Away, (None, odds(before)), (None, odds(after))).unwrap();
            assert_eq!(moved.points, None);
            (moved.direction, moved.cents.unwrap())
        };
        assert_eq!(moved(-134, -146), (Toward, 12), "the seed's example");
        assert_eq!(moved(-146, -134), (Against, 12));
        assert_eq!(moved(120, 110), (Toward, 10));
        assert_eq!(moved(102, -105), (Toward, 7));
        assert_eq!(moved(-105, 102), (Against, 7));
        assert_eq!(moved(100, -101), (Toward, 1));
        assert_eq!(moved(-100, 101), (Against, 1));
        assert_eq!(moved(-100, 100), (Unmoved, 0));
    }

    #[test]
    fn a_line_moves_the_same_way_on_either_side_of_pickem() {
        let even = Odds::american(-110).unwrap();
        let moved = |side, before: f64, after: f64, price: i64| {
            let after = (Some(after), Odds::american(price).unwrap());
            let moved = shift(side, (Some(before), even), after).unwrap();
            assert_eq!(moved.cents, None);
            (moved.direction, moved.points.unwrap())
        };
        assert_eq!(moved(Side::Home, -1.0, 1.0, -110), (Against, 2.0));
        assert_eq!(moved(Side::Away, 1.0, -1.0, -110), (Toward, 2.0));
        assert_eq!(moved(Side::Home, -2.5, -3.5, -110), (Toward, 1.0));
        assert_eq!(moved(Side::Away, 2.5, 3.5, -110), (Against, 1.0));
        assert_eq!(moved(Side::Home, 0.0, -0.5, -110), (Toward, 0.5));
        assert_eq!(moved(Side::Over, 8.0, 8.5, 105), (Toward, 0.5));
        assert_eq!(moved(Side::Under, 8.0, 8.5, -135), (Against, 0.5));
        assert_eq!(shift(Side::Home, (None, even), (Some(1.5), even)), None);
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
