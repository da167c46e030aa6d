//! JSON lines whose text cannot steer a terminal.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{CharEscape, CompactFormatter, Formatter};

use crate::domain::clean::clean;

/// Write `value` as one line. Text in it is cleaned on the way, as [`clean`] does, and never cut.
pub fn line(out: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    let mut serializer = serde_json::Serializer::with_formatter(&mut *out, CleanText);
    value.serialize(&mut serializer)?;
    out.write_all(b"\n")
}

/// The compact form, with hostile characters left out of strings.
struct CleanText;

impl Formatter for CleanText {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        // What is not ASCII is rare, and of ASCII only DEL comes here: the controls are escapes.
        if fragment.is_ascii() && !fragment.contains('\u{7f}') {
            return out.write_all(fragment.as_bytes());
        }
        out.write_all(clean(fragment, usize::MAX).as_bytes())
    }

    fn write_char_escape<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        escape: CharEscape,
    ) -> io::Result<()> {
        match escape {
            CharEscape::AsciiControl(_) | CharEscape::Backspace | CharEscape::FormFeed => Ok(()),
            CharEscape::LineFeed | CharEscape::CarriageReturn | CharEscape::Tab => {
                out.write_all(b" ")
            }
            other => CompactFormatter.write_char_escape(out, other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cleaned_and_stays_json() {
        let mut out = Vec::new();
        let hostile = "a\u{1b}[31m\"b\\\n\u{202e}c\u{7f}\u{9b} é";
        line(
            &mut out,
            &serde_json::json!({"name": hostile, "n": [1, null]}),
        )
        .unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.ends_with("}\n"));
        assert!(
            text.trim_end()
                .chars()
                .all(|c| !c.is_control() && c != '\u{202e}')
        );
        let back: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(
            back.get("name").and_then(|n| n.as_str()),
            Some("a[31m\"b\\ c é")
        );
        assert_eq!(back.get("n"), Some(&serde_json::json!([1, null])));
    }
}
