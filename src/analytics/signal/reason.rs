//! Words of a signal's sentence.

use chrono::TimeDelta;

use super::Cast;
use crate::domain::market::Side;

/// A side: `BAL`, `over`.
pub(super) fn side(cast: &Cast, side: Side) -> String {
    let [home, away] = &cast.teams;
    match side {
        Side::Home => home.to_string(),
        Side::Away => away.to_string(),
        other => other.as_str().to_owned(),
    }
}

/// A span: `45 s`, `3 min`, `2.5 h`.
pub(super) fn span(span: TimeDelta) -> String {
    seconds(super::seconds(span))
}

/// Seconds as a span.
pub(super) fn seconds(seconds: f64) -> String {
    if seconds < 90.0 {
        format!("{seconds:.0} s")
    } else if seconds < 5400.0 {
        format!("{:.0} min", seconds / 60.0)
    } else {
        format!("{:.1} h", seconds / 3600.0)
    }
}

/// Percentage points with a sign: `+1.9`.
pub(super) fn points(delta: f64) -> String {
    format!("{:+.1}", delta * 100.0)
}

/// `1 shop`, `3 shops`.
pub(super) fn count(n: usize, noun: &str) -> String {
    if n == 1 {
        format!("1 {noun}")
    } else {
        format!("{n} {noun}s")
    }
}
