//! A leaf of any JSON type, read as whatever a field may be.

use std::borrow::Cow;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::domain::time::{from_epoch, parse_feed_time};

/// Ids longer than this are no ids.
const LONGEST_ID: usize = 128;

/// A leaf as it stands in the document.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in crate::sources) enum Scalar<'a> {
    /// The member is not there.
    #[default]
    Absent,
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// Text.
    Text(Cow<'a, str>),
    /// An object or a list where a leaf belongs.
    Nested,
}

impl Scalar<'_> {
    /// Whether nothing stands here.
    pub(in crate::sources) const fn is_none(&self) -> bool {
        matches!(self, Self::Absent | Self::Null)
    }

    /// A number in either form: feeds alternate between `46` and `46.5` for one field.
    pub(in crate::sources) fn number(&self) -> Option<f64> {
        match self {
            Self::Int(number) => Some(*number as f64),
            Self::Float(number) => Some(*number),
            _ => None,
        }
    }

    /// A whole number, also one written as `-110.0`.
    pub(in crate::sources) fn whole(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            Self::Float(number) if number.fract() == 0.0 && number.abs() < 9e15 => {
                Some(*number as i64)
            }
            _ => None,
        }
    }

    /// Text that is not empty.
    pub(in crate::sources) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) if !text.trim().is_empty() => Some(text),
            _ => None,
        }
    }

    /// A flag.
    pub(in crate::sources) const fn flag(&self) -> Option<bool> {
        match self {
            Self::Bool(flag) => Some(*flag),
            _ => None,
        }
    }

    /// An id, sent as number or text. Zero is how feeds write "none".
    pub(in crate::sources) fn id(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Text(text) if is_id(text) => Some(Cow::Borrowed(text)),
            _ => self
                .whole()
                .filter(|id| *id != 0)
                .map(|id| Cow::Owned(id.to_string())),
        }
    }

    /// Whether this is the id `wanted`, without writing it out.
    pub(in crate::sources) fn is_id(&self, wanted: &str) -> bool {
        match self {
            Self::Text(text) => text == wanted,
            _ => self
                .whole()
                .is_some_and(|id| wanted.parse::<i64>() == Ok(id)),
        }
    }

    /// A time: text in any of the feeds' forms, or an epoch.
    pub(in crate::sources) fn time(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Text(text) => parse_feed_time(text),
            _ => self.whole().and_then(from_epoch),
        }
    }

    /// A score, sent as number or text.
    pub(in crate::sources) fn score(&self) -> Option<i32> {
        let score = match self {
            Self::Text(text) => text.trim().parse::<i64>().ok(),
            _ => self.whole(),
        };
        score
            .and_then(|score| i32::try_from(score).ok())
            .filter(|score| (0..=10_000).contains(score))
    }
}

fn is_id(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= LONGEST_ID
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b':'))
}

impl<'de: 'a, 'a> Deserialize<'de> for Scalar<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor)
    }
}

struct ScalarVisitor;

impl<'de> Visitor<'de> for ScalarVisitor {
    type Value = Scalar<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Self::Value, E> {
        Ok(Scalar::Bool(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Scalar::Int(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(i64::try_from(number).map_or(Scalar::Float(number as f64), Scalar::Int))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Scalar::Float(number))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Scalar::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Scalar::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Scalar::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Scalar::Nested)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Scalar::Nested)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Scalar<'_> {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn takes_numbers_in_both_forms() {
        assert_eq!(read("46").number(), Some(46.0));
        assert_eq!(read("46.5").number(), Some(46.5));
        assert_eq!(read("-110.0").whole(), Some(-110));
        assert_eq!(read("\"-110\"").number(), None);
        assert_eq!(read("18446744073709551615").whole(), None);
    }

    #[test]
    fn ids_are_numbers_or_plain_text() {
        assert_eq!(read("257653").id().as_deref(), Some("257653"));
        assert_eq!(read("\"63330b\"").id().as_deref(), Some("63330b"));
        assert_eq!(read("261928.0").id().as_deref(), Some("261928"));
        for none in ["0", "null", "\"\"", "\"a b\"", "\"~99\"", "{}", "[1]"] {
            assert_eq!(read(none).id(), None, "{none}");
        }
        assert!(read("68").is_id("68") && read("\"68\"").is_id("68") && !read("68").is_id("69"));
    }

    #[test]
    fn times_are_text_or_epochs() {
        assert_eq!(
            read("1700000000").time(),
            read("\"2023-11-14T22:13:20Z\"").time()
        );
        assert_eq!(read("true").time(), None);
    }
}
