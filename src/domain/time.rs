//! Time as the trade reckons it: stored in UTC, slates by US Eastern.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::US::Eastern;

/// The slate a start belongs to: the Eastern date, with games up to 5 h past midnight counted to the night before.
pub fn slate_date(starts_at: DateTime<Utc>) -> NaiveDate {
    (starts_at.with_timezone(&Eastern) - TimeDelta::hours(5)).date_naive()
}

/// Parse a feed's time: RFC 3339 with or without seconds, or epoch seconds or milliseconds as a number in text.
pub fn parse_feed_time(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return plausible(time.with_timezone(&Utc));
    }
    if let Ok(number) = text.parse::<i64>() {
        return from_epoch(number);
    }
    for format in [
        "%Y-%m-%dT%H:%MZ",
        "%Y-%m-%dT%H:%M:%S%.fZ",
        "%Y-%m-%d %H:%M:%S%.f",
    ] {
        if let Ok(naive) = chrono::NaiveDateTime::parse_from_str(text, format) {
            return plausible(naive.and_utc());
        }
    }
    None
}

/// Epoch seconds, or milliseconds when too large to be seconds.
pub fn from_epoch(number: i64) -> Option<DateTime<Utc>> {
    let time = if number.abs() > 100_000_000_000 {
        DateTime::from_timestamp_millis(number)
    } else {
        DateTime::from_timestamp(number, 0)
    };
    time.and_then(plausible)
}

/// No bet was quoted before 1970 nor will be after 2200; such times are feed errors and would upset partitions.
fn plausible(time: DateTime<Utc>) -> Option<DateTime<Utc>> {
    (0..7_258_118_400)
        .contains(&time.timestamp())
        .then_some(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn night_games_stay_on_their_slate() {
        let date = |text: &str| slate_date(text.parse().unwrap()).to_string();
        assert_eq!(date("2025-07-13T02:10:00Z"), "2025-07-12");
        assert_eq!(date("2025-07-12T17:05:00Z"), "2025-07-12");
        assert_eq!(date("2025-07-13T05:10:00Z"), "2025-07-12");
    }

    #[test]
    fn parses_what_feeds_send() {
        let iso = |text| parse_feed_time(text).map(|t| t.to_rfc3339());
        assert_eq!(
            iso("2025-11-09T14:30Z").as_deref(),
            Some("2025-11-09T14:30:00+00:00")
        );
        assert_eq!(
            iso("2019-09-13T00:22:08.710018+00:00").as_deref(),
            Some("2019-09-13T00:22:08.710018+00:00")
        );
        assert_eq!(
            iso("1700000000").as_deref(),
            Some("2023-11-14T22:13:20+00:00")
        );
        assert_eq!(
            iso("1700000000000").as_deref(),
            Some("2023-11-14T22:13:20+00:00")
        );
        assert_eq!(iso("infinity"), None);
        assert_eq!(iso("9999-01-01T00:00:00Z"), None);
    }
}
