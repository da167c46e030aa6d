//! Prices and lines, which ESPN writes as numbers or as text: `-110`, `"+185"`, `"EVEN"`, `"OFF"`, `"o47.5"`.

use crate::domain::market::{Line, QuoteStatus};
use crate::domain::odds::Odds;
use crate::sources::json::Scalar;

/// A price and whether it can be bet.
pub(super) type Price = (QuoteStatus, Option<Odds>);

/// A price; none where nothing is offered.
pub(super) fn price(scalar: &Scalar<'_>) -> Result<Option<Price>, String> {
    let american = match scalar {
        Scalar::Absent | Scalar::Null => return Ok(None),
        Scalar::Text(text) => match text.trim() {
            "" => return Ok(None),
            text if text.eq_ignore_ascii_case("off") => 0,
            text if is_even(text) => 100,
            text => text
                .parse::<i64>()
                .map_err(|_| "this is no American price".to_owned())?,
        },
        _ => scalar
            .whole()
            .ok_or("American odds are whole numbers".to_owned())?,
    };
    if american == 0 {
        return Ok(Some((QuoteStatus::Off, None)));
    }
    Odds::american(american)
        .map(|odds| Some((QuoteStatus::Open, Some(odds))))
        .map_err(|error| error.to_string())
}

/// A line; none where none is told. Totals carry the letter of their side.
pub(super) fn line(scalar: &Scalar<'_>) -> Result<Option<Line>, String> {
    let points = match scalar {
        Scalar::Absent | Scalar::Null => return Ok(None),
        Scalar::Text(text) => {
            let text = text.trim();
            if text.is_empty() || text.eq_ignore_ascii_case("off") {
                return Ok(None);
            }
            points(text).ok_or("this is no line".to_owned())?
        }
        _ => scalar.number().ok_or("this is no line".to_owned())?,
    };
    Line::from_points(points)
        .map(Some)
        .ok_or_else(|| format!("a line of {points} does not exist: lines lie on quarter points"))
}

/// Points as text.
pub(super) fn points(text: &str) -> Option<f64> {
    if is_even(text) {
        return Some(0.0);
    }
    let number = text.strip_prefix(['o', 'u', 'O', 'U']).unwrap_or(text);
    let plain = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b' ');
    number
        .bytes()
        .all(plain)
        .then(|| number.trim().parse().ok())
        .flatten()
}

/// Neither side is favoured: as a price even money, as a line a pick'em.
pub(super) fn is_even(text: &str) -> bool {
    ["even", "ev", "pk", "pick"]
        .iter()
        .any(|name| text.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_text_or_numbers() {
        let of = |scalar| {
            price(&scalar)
                .map(|found| found.map(|(status, odds)| (status, odds.map(Odds::to_american))))
        };
        let open = |american| Ok(Some((QuoteStatus::Open, Some(american))));
        assert_eq!(of(Scalar::Text("+185")), open(185));
        assert_eq!(of(Scalar::Text("EVEN")), open(100));
        assert_eq!(of(Scalar::Float(-115.0)), open(-115));
        assert_eq!(of(Scalar::Text("OFF")), Ok(Some((QuoteStatus::Off, None))));
        assert_eq!(of(Scalar::Int(0)), Ok(Some((QuoteStatus::Off, None))));
        assert_eq!(of(Scalar::Null), Ok(None));
        for bad in [
            Scalar::Text("1.91"),
            Scalar::Int(50),
            Scalar::Bool(true),
            Scalar::Nested,
        ] {
            assert!(of(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn lines_carry_letters_and_signs() {
        let of = |text| line(&Scalar::Text(text)).map(|found| found.map(Line::points));
        assert_eq!(of("o47.5"), Ok(Some(47.5)));
        assert_eq!(of("u139.5"), Ok(Some(139.5)));
        assert_eq!(of("+4.5"), Ok(Some(4.5)));
        assert_eq!(of("-6.5"), Ok(Some(-6.5)));
        assert_eq!(of("PK"), Ok(Some(0.0)));
        assert_eq!(of("OFF"), Ok(None));
        for bad in ["o", "nan", "inf", "1e3", "47.3", "--5", "9999"] {
            assert!(of(bad).is_err(), "{bad}");
        }
    }
}
