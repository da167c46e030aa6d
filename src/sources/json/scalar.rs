//! A leaf of any JSON type, read as whatever a field may be.

use std::borrow::Cow;

use chrono::{DateTime, Utc};

use super::reader::{Json, Read, Reader};
use crate::domain::time::{from_epoch, parse_feed_time};

/// Ids longer than this are no ids.
const LONGEST_ID: usize = 128;

/// A leaf as it stands in the document.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
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
    Text(&'a str),
    /// An object or a list where a leaf belongs.
    Nested,
}

impl<'a> Scalar<'a> {
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
    pub(in crate::sources) fn text(&self) -> Option<&'a str> {
        match self {
            Self::Text(text) if !is_blank(text) => Some(text),
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
    pub(in crate::sources) fn id(&self) -> Option<Cow<'a, str>> {
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
            Self::Text(text) => *text == wanted,
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

fn is_blank(text: &str) -> bool {
    let visible = |byte: &u8| byte.is_ascii_graphic();
    !text.as_bytes().first().is_some_and(visible) && text.trim().is_empty()
}

fn is_id(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= LONGEST_ID
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b':'))
}

impl<'a> Json<'a> for Scalar<'a> {
    #[inline]
    fn fill(&mut self, reader: &mut Reader<'a>) -> Read<()> {
        *self = match reader.peek() {
            b'"' => Self::Text(reader.string()?),
            b'-' | b'0'..=b'9' => reader.number()?,
            b'n' => {
                reader.literal("null")?;
                Self::Null
            }
            b't' => {
                reader.literal("true")?;
                Self::Bool(true)
            }
            b'f' => {
                reader.literal("false")?;
                Self::Bool(false)
            }
            _ => {
                reader.skip()?;
                Self::Nested
            }
        };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Scalar<'_> {
        let mut scalar = Scalar::Absent;
        scalar.fill(&mut Reader::new(text, &[])).unwrap();
        scalar
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
