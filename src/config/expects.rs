//! What a setting may hold, and how to say so.

use std::time::Duration;

use toml::Value;

use super::problem::nearest;
use super::settings::{Fair, duration_text};
use crate::domain::schedule::Schedule;

/// What a setting may hold.
#[derive(Debug, Clone, Copy)]
pub enum Expects {
    /// A whole number in a range, bounds included.
    Whole(i64, i64),
    /// A share from 0 to 1.
    Share,
    /// A number in a range, bounds included.
    Number(f64, f64),
    /// A duration in a range, bounds included.
    Span(Duration, Duration),
    /// True or false.
    Flag,
    /// Text that is not empty.
    Text,
    /// A PostgreSQL name that needs no quotes.
    Identifier,
    /// One of some names.
    OneOf(fn() -> Vec<&'static str>),
    /// Some of some names, at least one.
    SomeOf(fn() -> Vec<&'static str>),
    /// Some of some names, or none.
    SomeOfOrNone(fn() -> Vec<&'static str>),
    /// Texts, at least one.
    Texts,
    /// Texts, or none.
    TextsOrNone,
    /// Whole numbers from 1, at least one.
    Wholes,
    /// A file or directory.
    Path,
    /// An IANA time zone.
    Zone,
    /// A cron text, or an empty one.
    Schedule,
    /// Hours of the day, or an empty text.
    Hours,
    /// A filter of log lines.
    LogFilter,
    /// The address of a feed.
    FeedUrl,
    /// A PostgreSQL server; may hold a password.
    PostgresUrl,
    /// A Redis server; may hold a password.
    RedisUrl,
    /// A key.
    Secret,
    /// Books with a number above 0 each, at least one; without a number it is 1.
    Weights,
    /// Books with a share below 1 each, or none.
    Shares,
    /// Action ids and their chords: a table of any names.
    Chords,
    /// Presets of one's own: a table of any names.
    Presets,
}

/// The numbers of a list of `book=number`; none for what is no such text.
fn pairs(items: &[Value]) -> impl Iterator<Item = Option<f64>> {
    let read = |item: &Value| Fair::pair(item.as_str()?).map(|(_, number)| number);
    items.iter().map(read)
}

impl Expects {
    /// Whether the value is never shown.
    pub const fn is_secret(self) -> bool {
        matches!(self, Self::PostgresUrl | Self::RedisUrl | Self::Secret)
    }

    /// What to write, to follow "write".
    pub fn describe(self) -> String {
        match self {
            Self::Whole(min, i64::MAX) => format!("a whole number from {min}"),
            Self::Whole(min, max) => format!("a whole number from {min} to {max}"),
            Self::Share => "a number from 0 to 1, like 0.95".into(),
            Self::Number(min, max) => format!("a number from {min} to {max}"),
            Self::Span(min, max) => format!(
                "a duration from {} to {}: a whole number and ms, s, m, h or d, like \"15s\"",
                duration_text::format(min),
                duration_text::format(max)
            ),
            Self::Flag => "true or false".into(),
            Self::Text => "text in quotes, not empty".into(),
            Self::Identifier => {
                "a name of at most 63 lower-case letters, digits and _, not beginning with a digit"
                    .into()
            }
            Self::OneOf(names) => format!("one of {}", names().join(", ")),
            Self::SomeOf(names) => format!("a list of at least one of {}", names().join(", ")),
            Self::SomeOfOrNone(names) => format!("a list of some of {}, or []", names().join(", ")),
            Self::Texts => "a list of texts, not empty, like [\"us\"]".into(),
            Self::TextsOrNone => "a list of texts, like [\"alternate_spreads\"], or []".into(),
            Self::Wholes => "a list of whole numbers from 1, not empty, like [15, 30]".into(),
            Self::Path => "a path in quotes".into(),
            Self::Zone => "an IANA time zone, like \"US/Eastern\" or \"UTC\"".into(),
            Self::Schedule => {
                "minute, hour, day, month and weekday, like \"0 3 * * *\" for every day at 03:00, or \"\" for off".into()
            }
            Self::Hours => "hours of the day, like \"23:00-08:00\", or \"\" for none".into(),
            Self::LogFilter => {
                "a level (error, warn, info, debug, trace), or levels by module like \"info,linetape=debug\"".into()
            }
            Self::FeedUrl => "an https address, or http on this machine (127.0.0.1)".into(),
            Self::PostgresUrl => "postgres://user:password@host:5432/name".into(),
            Self::RedisUrl => "redis://host:6379/0 (or rediss://, redis+unix://)".into(),
            Self::Secret => "the key in quotes, not empty".into(),
            Self::Weights => "a list of books with their weights, like [\"pinnacle=3\", \"draftkings\"]".into(),
            Self::Shares => "a list of books with shares below 1, like [\"novig=0.02\"], or []".into(),
            Self::Chords => "a key in quotes, like refresh = \"ctrl-r\" or \"g-r\" for g, then r; \"\" for none".into(),
            Self::Presets => "a rule and its numbers, like { rule = \"fade\", tickets = 75 }".into(),
        }
    }

    /// Whether `value` may stand here. The error is a hint that goes before [`Expects::describe`], if there is one.
    pub fn check(self, value: &Value) -> Result<(), Option<String>> {
        let ok = match (self, value) {
            (Self::Whole(min, max), Value::Integer(n)) => (min..=max).contains(n),
            (Self::Share, Value::Float(share)) => (0.0..=1.0).contains(share),
            (Self::Share, Value::Integer(share)) => (0..=1).contains(share),
            (Self::Number(min, max), Value::Float(number)) => (min..=max).contains(number),
            (Self::Number(min, max), Value::Integer(number)) => {
                (min..=max).contains(&(*number as f64))
            }
            (Self::Span(min, max), Value::String(text)) => {
                duration_text::parse(text).is_ok_and(|span| (min..=max).contains(&span))
            }
            (Self::Flag, Value::Boolean(_))
            | (Self::Chords, Value::String(_))
            | (Self::Presets, Value::Table(_)) => true,
            (Self::Text | Self::Secret | Self::Path, Value::String(text)) => {
                !text.trim().is_empty()
            }
            (Self::Identifier, Value::String(text)) => is_identifier(text),
            (Self::OneOf(names), Value::String(text)) => return known(text, &names()),
            (Self::SomeOf(names) | Self::SomeOfOrNone(names), Value::Array(items)) => {
                let names = names();
                for item in items {
                    known(item.as_str().ok_or(None)?, &names)?;
                }
                !items.is_empty() || matches!(self, Self::SomeOfOrNone(_))
            }
            (Self::Texts | Self::TextsOrNone, Value::Array(items)) => {
                (!items.is_empty() || matches!(self, Self::TextsOrNone))
                    && items
                        .iter()
                        .all(|i| i.as_str().is_some_and(|t| !t.trim().is_empty()))
            }
            (Self::Weights, Value::Array(items)) => {
                !items.is_empty() && pairs(items).all(|n| n.is_some_and(|n| n > 0.0 && n <= 1e6))
            }
            (Self::Shares, Value::Array(items)) => {
                pairs(items).all(|n| n.is_some_and(|n| (0.0..1.0).contains(&n)))
            }
            (Self::Wholes, Value::Array(items)) => {
                !items.is_empty()
                    && items.iter().all(|i| {
                        i.as_integer()
                            .is_some_and(|n| (1..=i64::from(u32::MAX)).contains(&n))
                    })
            }
            (Self::Zone, Value::String(text)) => text.parse::<chrono_tz::Tz>().is_ok(),
            (Self::Schedule, Value::String(text)) if text.trim().is_empty() => true,
            (Self::Schedule, Value::String(text)) => {
                return Schedule::parse(text)
                    .map(drop)
                    .map_err(|why| Some(format!("{why};")));
            }
            (Self::Hours, Value::String(text)) => {
                text.trim().is_empty() || super::hours::Hours::parse(text).is_some()
            }
            (Self::LogFilter, Value::String(text)) => {
                !text.trim().is_empty() && tracing_subscriber::EnvFilter::try_new(text).is_ok()
            }
            (Self::FeedUrl, Value::String(text)) => is_feed_url(text),
            (Self::PostgresUrl, Value::String(text)) => {
                has_scheme(text, &["postgres", "postgresql"])
            }
            (Self::RedisUrl, Value::String(text)) => {
                has_scheme(text, &["redis", "rediss", "redis+unix", "unix"])
            }
            _ => false,
        };
        if ok { Ok(()) } else { Err(None) }
    }

    /// A value from the text of a variable: lists are separated by commas. Text that is not of the kind stays text,
    /// for [`Expects::check`] to refuse.
    pub fn read(self, text: &str) -> Value {
        let plain = || Value::String(text.to_owned());
        let parts = || text.split(',').map(str::trim).filter(|p| !p.is_empty());
        match self {
            Self::Whole(..) => text
                .trim()
                .replace('_', "")
                .parse()
                .map_or_else(|_| plain(), Value::Integer),
            Self::Share | Self::Number(..) => {
                text.trim().parse().map_or_else(|_| plain(), Value::Float)
            }
            Self::Flag => match text.trim().to_ascii_lowercase().as_str() {
                "true" | "1" | "yes" | "on" => Value::Boolean(true),
                "false" | "0" | "no" | "off" => Value::Boolean(false),
                _ => plain(),
            },
            Self::SomeOf(_)
            | Self::SomeOfOrNone(_)
            | Self::Texts
            | Self::TextsOrNone
            | Self::Weights
            | Self::Shares => Value::Array(parts().map(|p| Value::String(p.to_owned())).collect()),
            Self::Wholes => {
                let numbers: Result<Vec<i64>, _> = parts().map(str::parse).collect();
                numbers.map_or_else(
                    |_| plain(),
                    |n| Value::Array(n.into_iter().map(Value::Integer).collect()),
                )
            }
            _ => plain(),
        }
    }
}

fn known(text: &str, names: &[&'static str]) -> Result<(), Option<String>> {
    if names.contains(&text) {
        return Ok(());
    }
    Err(nearest(text, names.iter().copied()).map(|name| format!("did you mean {name:?}?")))
}

fn is_identifier(text: &str) -> bool {
    let first = text
        .chars()
        .next()
        .is_some_and(|c| c.is_ascii_lowercase() || c == '_');
    let rest = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    first && text.len() <= 63 && text.chars().all(rest)
}

fn has_scheme(text: &str, schemes: &[&str]) -> bool {
    text.split_once("://")
        .is_some_and(|(scheme, rest)| schemes.contains(&scheme) && !rest.is_empty())
}

/// A feed's key travels in the URL, so only https leaves the machine.
fn is_feed_url(text: &str) -> bool {
    let Ok(url) = url::Url::parse(text) else {
        return false;
    };
    let loopback = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => return false,
    };
    url.scheme() == "https" || (url.scheme() == "http" && loopback)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn feeds_are_asked_over_tls_unless_they_are_here() {
        for good in [
            "https://api.example.com",
            "http://127.0.0.1:8080",
            "http://[::1]:1",
            "http://localhost",
        ] {
            assert!(is_feed_url(good), "{good}");
        }
        for bad in [
            "http://api.example.com",
            "ftp://127.0.0.1",
            "api.example.com",
            "http://127.0.0.1.evil.com",
            "",
        ] {
            assert!(!is_feed_url(bad), "{bad}");
        }
    }

    #[test]
    fn text_of_a_variable_becomes_the_kind_expected() {
        assert_eq!(
            Expects::Whole(0, 9_999).read("5_000"),
            Value::Integer(5_000)
        );
        assert!(Expects::Share.check(&Expects::Share.read("0.9")).is_ok());
        for wrong in ["1.1", "-0.1", "nan", "most"] {
            let read = Expects::Share.read(wrong);
            assert!(Expects::Share.check(&read).is_err(), "{wrong}");
        }
        assert_eq!(Expects::Flag.read("off"), Value::Boolean(false));
        assert_eq!(
            Expects::Texts.read("us, uk").as_array().map(Vec::len),
            Some(2)
        );
        assert!(
            Expects::Whole(0, 9)
                .check(&Expects::Whole(0, 9).read("many"))
                .is_err()
        );
    }
}
