//! Prices and lines as people write them: `+170`, `-1.5`, `8½`, `pk`, `EVEN`. Some feeds and every archive send them as
//! text.

use super::json::Scalar;
use crate::domain::market::Line;
use crate::domain::odds::Odds;

/// Longer text is no number.
const LONGEST: usize = 16;

/// Whether nothing is offered: blank, a dash, or `NL`, the archives' word for "no line".
pub(super) fn is_nothing(text: &str) -> bool {
    let text = text.trim();
    ["", "-", "--", "NL", "N/A", "NaN", "OFF"]
        .iter()
        .any(|word| word.eq_ignore_ascii_case(text))
}

/// A number with or without a plus sign, a true minus and halves.
pub(super) fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    if text.is_empty() || text.len() > LONGEST {
        return None;
    }
    let (text, half) = match text.strip_suffix('½') {
        Some(rest) => (rest, true),
        None => (text, false),
    };
    let (negative, digits) = match text.chars().next() {
        Some('-' | '−') => (true, text.trim_start_matches(['-', '−'])),
        Some('+') => (false, text.trim_start_matches('+')),
        _ => (false, text),
    };
    let plain = |byte: u8| byte.is_ascii_digit() || byte == b'.';
    if !digits.bytes().all(plain) || digits.is_empty() && !half {
        return None;
    }
    let whole: f64 = if digits.is_empty() {
        0.0
    } else {
        digits.parse().ok()?
    };
    let size = if half { whole + 0.5 } else { whole };
    Some(if negative { -size } else { size })
}

/// A whole number, also one written as `-110.0`.
pub(super) fn whole(text: &str) -> Option<i64> {
    number(text)
        .filter(|number| number.fract() == 0.0 && number.abs() < 9e15)
        .map(|number| number as i64)
}

/// An American price; even money in words too. A reason where it is none.
pub(super) fn american(text: &str) -> Result<Odds, String> {
    let even = ["EV", "EVEN"];
    if even
        .iter()
        .any(|word| word.eq_ignore_ascii_case(text.trim()))
    {
        return Odds::american(100).map_err(|error| error.to_string());
    }
    let whole = whole(text).ok_or("the price is not a whole number with its sign")?;
    Odds::american(whole).map_err(|error| error.to_string())
}

/// A line; `pk` is a pick, 0. A reason where it is none.
pub(super) fn line(text: &str) -> Result<Line, String> {
    let pick = ["PK", "PICK"];
    if pick
        .iter()
        .any(|word| word.eq_ignore_ascii_case(text.trim()))
    {
        return Ok(Line::from_hundredths(0));
    }
    points(number(text).ok_or("the line is not a number")?)
}

/// A line of so many points.
pub(super) fn points(points: f64) -> Result<Line, String> {
    Line::from_points(points)
        .ok_or_else(|| format!("a line of {points} does not exist: lines lie on quarter points"))
}

/// An American price as number or text; none where nothing is offered: null, blank or 0.
pub(super) fn american_of(scalar: &Scalar<'_>) -> Result<Option<Odds>, String> {
    match scalar {
        Scalar::Absent | Scalar::Null | Scalar::Int(0) => Ok(None),
        Scalar::Text(text) if is_nothing(text) => Ok(None),
        Scalar::Text(text) => american(text).map(Some),
        _ => {
            let whole = scalar.whole().ok_or("American odds are whole numbers")?;
            Odds::american(whole)
                .map(Some)
                .map_err(|error| error.to_string())
        }
    }
}

/// A line as number or text; none where there is none.
pub(super) fn line_of(scalar: &Scalar<'_>) -> Result<Option<Line>, String> {
    match scalar {
        Scalar::Absent | Scalar::Null => Ok(None),
        Scalar::Text(text) if is_nothing(text) => Ok(None),
        Scalar::Text(text) => line(text).map(Some),
        _ => points(scalar.number().ok_or("the line is not a number")?).map(Some),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_halves_and_words() {
        let price = |text| american(text).map(Odds::to_american).ok();
        assert_eq!(price("+170"), Some(170));
        assert_eq!(price("-125.0"), Some(-125));
        assert_eq!(price("−118"), Some(-118));
        assert_eq!(price("EVEN"), Some(100));
        for none in ["1.98", "99", "abc", "1e9", "+", "--110x", "0"] {
            assert_eq!(price(none), None, "{none}");
        }
        let points = |text| line(text).map(Line::points).ok();
        assert_eq!(points("8½"), Some(8.5));
        assert_eq!(points("-½"), Some(-0.5));
        assert_eq!(points("pk"), Some(0.0));
        assert_eq!(points("+1.5"), Some(1.5));
        assert_eq!(points("8.3"), None);
        assert_eq!(points("½½"), None);
    }

    #[test]
    fn nothing_is_no_price_and_no_mistake() {
        for text in ["", " ", "NL", "nl", "-", "N/A"] {
            assert!(is_nothing(text), "{text}");
            assert_eq!(american_of(&Scalar::Text(text)), Ok(None));
        }
        assert_eq!(american_of(&Scalar::Int(0)), Ok(None));
        assert!(american_of(&Scalar::Nested).is_err());
        assert!(line_of(&Scalar::Bool(true)).is_err());
    }
}
