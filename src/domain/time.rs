//! Time as the trade reckons it: stored in UTC, slates by US Eastern.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::US::Eastern;

/// Hour, Eastern, at which a new slate begins.
const SLATE_BEGINS: u32 = 4;

/// The slate a start belongs to: the Eastern date, with games before four in the morning counted to the night before.
pub fn slate_date(starts_at: DateTime<Utc>) -> NaiveDate {
    // By the clock on the wall, so that a day on which it is changed begins at four too.
    let local = starts_at.with_timezone(&Eastern).naive_local();
    (local - TimeDelta::hours(i64::from(SLATE_BEGINS))).date()
}

/// When a slate begins, 04:00 Eastern: games before belong to the night before.
pub fn slate_start(date: NaiveDate) -> Option<DateTime<Utc>> {
    let begins = NaiveTime::from_hms_opt(SLATE_BEGINS, 0, 0)?;
    date.and_time(begins)
        .and_local_timezone(Eastern)
        .earliest()
        .map(|time| time.with_timezone(&Utc))
}

/// Parse a feed's time: RFC 3339 with or without seconds, or epoch seconds or milliseconds as a number in text.
pub fn parse_feed_time(text: &str) -> Option<DateTime<Utc>> {
    if let Some(time) = parse_utc(text.as_bytes()) {
        return plausible(time);
    }
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

/// `2025-07-12T19:05:00Z`, with or without a fraction of up to nine digits: the form nearly every time has, read without
/// a general parser. None for any other form, and for what only a calendar can refuse.
fn parse_utc(text: &[u8]) -> Option<DateTime<Utc>> {
    let (seconds, rest) = text.split_first_chunk::<19>()?;
    let [
        y1,
        y2,
        y3,
        y4,
        b'-',
        mo1,
        mo2,
        b'-',
        d1,
        d2,
        b'T',
        h1,
        h2,
        b':',
        mi1,
        mi2,
        b':',
        s1,
        s2,
    ] = *seconds
    else {
        return None;
    };
    let digit = |byte: u8| byte.is_ascii_digit().then(|| u32::from(byte - b'0'));
    let two = |tens: u8, ones: u8| Some(digit(tens)? * 10 + digit(ones)?);
    let nanos = match rest.strip_suffix(b"Z")? {
        [] => 0,
        [b'.', fraction @ ..] if matches!(fraction.len(), 1..=9) => {
            let read = |value: u32, byte: &u8| Some(value * 10 + digit(*byte)?);
            fraction.iter().try_fold(0, read)? * 10_u32.pow(9 - fraction.len() as u32)
        }
        _ => return None,
    };
    let year = (two(y1, y2)? * 100 + two(y3, y4)?) as i32;
    let date = NaiveDate::from_ymd_opt(year, two(mo1, mo2)?, two(d1, d2)?)?;
    let time = date.and_hms_nano_opt(two(h1, h2)?, two(mi1, mi2)?, two(s1, s2)?, nanos)?;
    Some(time.and_utc())
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
        assert_eq!(date("2025-07-13T07:59:59Z"), "2025-07-12");
        assert_eq!(date("2025-07-13T08:00:00Z"), "2025-07-13");
        assert_eq!(date("2025-01-02T04:59:59Z"), "2025-01-01");
    }

    #[test]
    fn a_slate_begins_where_its_date_does_on_days_of_23_and_25_hours_too() {
        for day in ["2025-03-09", "2025-11-02", "2025-07-12", "2025-01-01"] {
            let day: NaiveDate = day.parse().unwrap();
            let begins = slate_start(day).unwrap();
            assert_eq!(slate_date(begins), day);
            assert_eq!(
                slate_date(begins - TimeDelta::seconds(1)),
                day.pred_opt().unwrap()
            );
        }
    }

    #[test]
    fn the_usual_form_is_read_as_the_general_parser_reads_it() {
        for text in [
            "2025-07-12T19:05:00Z",
            "2025-07-12T19:05:00.000Z",
            "2024-02-29T23:59:59.999999999Z",
            "2025-07-12T19:05:07.5Z",
            "1970-01-01T00:00:00.710018Z",
        ] {
            let general = DateTime::parse_from_rfc3339(text).unwrap();
            assert_eq!(parse_utc(text.as_bytes()).unwrap(), general, "{text}");
        }
        for text in [
            "2025-07-12T19:05Z",
            "2025-07-12 19:05:00Z",
            "2025-07-12T19:05:00",
            "2025-07-12T19:05:00.Z",
            "2025-07-12T19:05:00.1234567891Z",
            "2025-07-12T19:05:00+00:00",
            "2025-13-12T19:05:00Z",
            "2025-07-12T24:05:00Z",
            "+025-07-12T19:05:00Z",
        ] {
            assert_eq!(parse_utc(text.as_bytes()), None, "{text}");
        }
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
        assert_eq!(
            iso("2016-12-31T23:59:60Z").as_deref(),
            Some("2016-12-31T23:59:60+00:00"),
            "a leap second"
        );
        assert_eq!(iso("2025-02-29T00:00:00Z"), None);
        assert_eq!(iso("infinity"), None);
        assert_eq!(iso("9999-01-01T00:00:00Z"), None);
    }
}
