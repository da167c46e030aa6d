//! `Retry-After` and the headers that tell credits.

use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

use crate::sources::Quota;

/// Longest wish believed; a longer one is a mistake of the server.
const LONGEST: Duration = Duration::from_hours(24);

/// How long the server asks to wait: whole seconds, or an HTTP date.
pub(super) fn retry_after(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = if let Ok(seconds) = text.parse::<u64>() {
        Duration::from_secs(seconds)
    } else {
        let until = DateTime::parse_from_rfc2822(text).ok()?;
        // Between two times of the server's own clock, where it tells its time: ours may be off.
        let now = headers
            .get(DATE)
            .and_then(|date| DateTime::parse_from_rfc2822(date.to_str().ok()?).ok())
            .map_or(now, |date| date.with_timezone(&Utc));
        (until.with_timezone(&Utc) - now)
            .to_std()
            .unwrap_or_default()
    };
    Some(wait.min(LONGEST))
}

/// Credits, each where it is told and is a number.
pub(super) fn quota(headers: &HeaderMap) -> Quota {
    let number = |name: &str| {
        let text = headers.get(name)?.to_str().ok()?.trim();
        let number: f64 = text.parse().ok()?;
        (number.is_finite() && number >= 0.0).then_some(number as u64)
    };
    Quota {
        remaining: number("x-requests-remaining"),
        used: number("x-requests-used"),
        last: number("x-requests-last"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect()
    }

    #[test]
    fn reads_seconds_and_dates() {
        let now = "2025-11-09T12:00:00Z".parse().unwrap();
        let read = |pairs: &[(&'static str, &'static str)]| retry_after(&headers(pairs), now);
        assert_eq!(read(&[("retry-after", "7")]), Some(Duration::from_secs(7)));
        assert_eq!(
            read(&[("retry-after", "Sun, 09 Nov 2025 12:00:30 GMT")]),
            Some(Duration::from_secs(30))
        );
        assert_eq!(
            read(&[
                ("retry-after", "Sun, 09 Nov 2025 12:00:30 GMT"),
                ("date", "Sun, 09 Nov 2025 12:00:20 GMT")
            ]),
            Some(Duration::from_secs(10)),
            "the server's own clock"
        );
        assert_eq!(
            read(&[("retry-after", "Sun, 09 Nov 2025 11:00:00 GMT")]),
            Some(Duration::ZERO)
        );
        assert_eq!(read(&[("retry-after", "soon")]), None);
        assert_eq!(
            read(&[("retry-after", "99999999999")]),
            Some(Duration::from_hours(24))
        );
    }

    #[test]
    fn reads_credits_leniently() {
        assert_eq!(
            quota(&headers(&[
                ("x-requests-remaining", " 312 "),
                ("x-requests-used", "188.0"),
                ("x-requests-last", "many")
            ])),
            Quota {
                remaining: Some(312),
                used: Some(188),
                last: None
            }
        );
        assert_eq!(quota(&HeaderMap::new()), Quota::default());
    }
}
