//! The numbers of a cell.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use chrono_tz::US::Eastern;

use crate::domain::market::{Line, Market};
use crate::domain::odds::Odds;

/// Whether a cell says that there is nothing.
fn is_nothing(text: &str) -> bool {
    matches!(
        text,
        "" | "-" | "--" | "–" | "—" | "N/A" | "n/a" | "OFF" | "off"
    )
}

/// A plain number: no exponent, no word.
fn number(text: &str) -> Option<f64> {
    let text = text.replace('\u{2212}', "-").replace('½', ".5");
    let digits = text.trim_start_matches(['+', '-']);
    let fits = text.len() - digits.len() <= 1
        && matches!(digits.len(), 1..=8)
        && digits
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.');
    text.parse().ok().filter(|_| fits)
}

/// A share; an arrow or `Win` may follow it.
pub(super) fn share(text: &str) -> Result<Option<f64>, String> {
    let text = text.trim();
    if is_nothing(text) || is_nothing(text.trim_end_matches('%').trim()) {
        return Ok(None);
    }
    let digits = text.split('%').next().unwrap_or_default().trim();
    number(digits)
        .filter(|share| (0.0..=100.0).contains(share))
        .map(Some)
        .ok_or_else(|| "a share is not a number from 0 to 100".into())
}

/// What a cell of lines offers.
#[derive(Debug, PartialEq)]
pub(super) enum Offered {
    /// The market is not open.
    Nothing,
    /// A line whose price the page does not give.
    LineOnly,
    /// A price, with its line where the market has one.
    Price(Option<Line>, Odds),
}

/// Read a cell of lines.
pub(super) fn offered(text: &str, market: &Market) -> Result<Offered, String> {
    let text = text.trim();
    if is_nothing(text) || number(text) == Some(0.0) && *market == Market::Moneyline {
        return Ok(Offered::Nothing);
    }
    let mut words = text
        .split(|c: char| c.is_whitespace() || matches!(c, '(' | ')'))
        .filter(|word| !word.is_empty());
    let (first, second, third) = (words.next(), words.next(), words.next());
    match (first, second, third) {
        (Some(only), None, None) if *market == Market::Moneyline => {
            Ok(Offered::Price(None, price(only)?))
        }
        (Some(points), None, None) => line(points).map(|_| Offered::LineOnly),
        (Some(points), Some(of), None) if *market != Market::Moneyline => {
            Ok(Offered::Price(Some(line(points)?), price(of)?))
        }
        _ => Err("this is neither a price nor a line".into()),
    }
}

/// American odds, which Circa writes without a plus.
fn price(text: &str) -> Result<Odds, String> {
    if matches!(&*text.to_ascii_lowercase(), "even" | "ev") {
        return Odds::american(100).map_err(|error| error.to_string());
    }
    let value = number(text)
        .filter(|value| value.fract() == 0.0)
        .ok_or("the price is not a whole number")?;
    Odds::american(value as i64).map_err(|error| error.to_string())
}

fn line(text: &str) -> Result<Line, String> {
    if matches!(&*text.to_ascii_lowercase(), "pk" | "pick" | "p") {
        return Ok(Line::from_hundredths(0));
    }
    let text = text.trim_start_matches(['o', 'u', 'O', 'U']);
    number(text)
        .and_then(Line::from_points)
        .ok_or_else(|| "this is not a line: lines lie on quarter points".into())
}

/// The start that a text such as `7:05 PM ET` gives on a day, US Eastern.
pub(super) fn start(text: &str, date: NaiveDate) -> Option<DateTime<Utc>> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let time = words.iter().enumerate().find_map(|(index, word)| {
        let next = words.get(index + 1).copied().unwrap_or_default();
        let read = |text: &str| NaiveTime::parse_from_str(text, "%I:%M%p").ok();
        let word = word.to_ascii_uppercase();
        read(&word).or_else(|| read(&format!("{word}{}", next.to_ascii_uppercase())))
    })?;
    let local = date.and_time(time).and_local_timezone(Eastern).earliest()?;
    Some(local.with_timezone(&Utc))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_plain_numbers() {
        assert_eq!(share("87%"), Ok(Some(87.0)));
        assert_eq!(share("13% "), Ok(Some(13.0)));
        assert_eq!(share("38.5% Loss"), Ok(Some(38.5)));
        for nothing in ["", "-", "—", "-%"] {
            assert_eq!(share(nothing), Ok(None), "{nothing}");
        }
        for bad in ["101%", "-1%", "1e1%", "inf%", "NaN", "Win"] {
            assert!(share(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_line_without_a_price_is_no_price() {
        let odds = |american| Odds::american(american).unwrap();
        let line = Line::from_points;
        assert_eq!(
            offered("150", &Market::Moneyline),
            Ok(Offered::Price(None, odds(150)))
        );
        assert_eq!(offered("0", &Market::Moneyline), Ok(Offered::Nothing));
        assert_eq!(offered("-1.5", &Market::Spread), Ok(Offered::LineOnly));
        assert_eq!(offered("PK", &Market::Spread), Ok(Offered::LineOnly));
        assert_eq!(
            offered("o8½ (−105)", &Market::Total),
            Ok(Offered::Price(line(8.5), odds(-105)))
        );
        assert_eq!(
            offered("+1.5 EVEN", &Market::Spread),
            Ok(Offered::Price(line(1.5), odds(100)))
        );
        for bad in ["50", "1.5", "x", "-110 -110"] {
            assert!(offered(bad, &Market::Moneyline).is_err(), "{bad}");
        }
        assert!(offered("8.3", &Market::Total).is_err());
        assert!(offered("1 2 3", &Market::Total).is_err());
    }

    #[test]
    fn starts_are_eastern() {
        let date = NaiveDate::from_ymd_opt(2025, 6, 17).unwrap();
        let read = |text| start(text, date).map(|at| at.to_rfc3339());
        assert_eq!(
            read("Tue 7:05 PM ET").as_deref(),
            Some("2025-06-17T23:05:00+00:00")
        );
        assert_eq!(read("7:05pm"), read("7:05 PM"));
        assert_eq!(read("History 19:05"), None);
    }
}
