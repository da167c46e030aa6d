//! One document and how it is read.

use std::cell::OnceCell;

use serde::de::{Error as _, IgnoredAny};
use serde_json::Value;

use super::reader::{Json, Read, Reader, Stop, Unescaped, end_of_plain};

/// A JSON text, from which values borrow their texts.
pub(in crate::sources) struct Document<'t> {
    text: &'t str,
    /// Texts with escapes cannot be borrowed from the document. Few documents have one where it matters, so they are
    /// written out when the first is met, and reading begins anew.
    unescaped: OnceCell<Vec<Unescaped>>,
}

impl<'t> Document<'t> {
    /// Nothing is read yet.
    pub(in crate::sources) const fn new(text: &'t str) -> Self {
        Self {
            text,
            unescaped: OnceCell::new(),
        }
    }

    /// Whether this is a list.
    pub(in crate::sources) fn is_list(&self) -> bool {
        self.text.trim_start().starts_with('[')
    }

    /// The whole document as a `T`. Fails only where it is not JSON, or holds a number or a text that nothing can.
    pub(in crate::sources) fn read<'a, T: Json<'a>>(&'a self) -> Result<T, serde_json::Error> {
        let mut out = T::default();
        self.walk(|reader| out.fill(reader))?;
        Ok(out)
    }

    /// Let `read` go through the document; it may be asked twice, and then what it found at first does not count.
    pub(in crate::sources) fn walk<'a>(
        &'a self,
        mut read: impl FnMut(&mut Reader<'a>) -> Read<()>,
    ) -> Result<(), serde_json::Error> {
        let known = self.unescaped.get().map_or(&[][..], Vec::as_slice);
        let mut go = |unescaped: &'a [Unescaped]| {
            let mut reader = Reader::new(self.text, unescaped);
            read(&mut reader)?;
            reader.end()
        };
        let mut found = go(known);
        if found == Err(Stop::Escaped) && self.unescaped.get().is_none() {
            found = go(self.unescaped.get_or_init(|| unescape(self.text)));
        }
        found.map_err(|_| self.error())
    }

    /// What is wrong with the document, in the words and with the place of a parser that tells.
    #[cold]
    fn error(&self) -> serde_json::Error {
        serde_json::from_str::<IgnoredAny>(self.text)
            .err()
            .or_else(|| serde_json::from_str::<Value>(self.text).err())
            .unwrap_or_else(|| serde_json::Error::custom("this is not JSON"))
    }
}

/// Every text with escapes that stands for a text at all, in the document's order.
fn unescape(text: &str) -> Vec<Unescaped> {
    let bytes = text.as_bytes();
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(quote) = bytes
        .get(at..)
        .and_then(|rest| rest.iter().position(|b| *b == b'"'))
    {
        let start = at + quote + 1;
        at = end_of_plain(bytes, start);
        let mut escapes = false;
        while let Some(byte) = bytes.get(at).filter(|byte| **byte != b'"') {
            escapes |= *byte == b'\\';
            // The byte after a backslash is no end, whatever it is.
            let plain = at + if *byte == b'\\' { 2 } else { 1 };
            at = end_of_plain(bytes, plain);
        }
        at += 1;
        if escapes
            && let Some(quoted) = text.get(start - 1..at)
            && let Ok(written) = serde_json::from_str(quoted)
        {
            out.push((start, written));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::{Dict, List, Scalar};
    use super::*;

    #[test]
    fn texts_with_escapes_are_written_out() {
        let text = r#"[{"plain":"a","\u0061\"b":"x\\"},"\u00e9\ud83d\ude00\n","c"]"#;
        let document = Document::new(text);
        let list: List<Dict<'_, Scalar<'_>>> = document.read().unwrap();
        let names: Vec<&str> = list.items[0]
            .entries
            .iter()
            .map(|(name, _)| *name)
            .collect();
        assert_eq!(names, ["plain", "a\"b"]);
        assert_eq!(list.items[0].entries[1].1.text(), Some("x\\"));
        let again: List<Scalar<'_>> = document.read().unwrap();
        assert_eq!(again.items[1].text(), Some("é😀\n"));
        assert_eq!(again.items[2].text(), Some("c"));
    }

    #[test]
    fn what_is_no_text_breaks_only_whom_it_concerns() {
        let lone = Document::new(r#"["\ud800"]"#);
        assert!(lone.read::<List<Scalar<'_>>>().is_err());
        assert!(lone.read::<List<List<Scalar<'_>>>>().is_ok(), "skipped");
        let error = Document::new("[1,\n2")
            .read::<List<Scalar<'_>>>()
            .unwrap_err();
        assert_eq!((error.line(), error.is_eof()), (2, true));
    }
}
