//! What was not understood, kept with its place and counted when there is too much of it.

use std::io;
use std::sync::Arc;

use serde_json::Value;

use super::json::{Document, Pointer};
use crate::domain::clean::clean;
use crate::domain::feed::Reject;

/// Rejects kept of one payload; the rest is counted. More than this and the feed has changed its format.
const MOST: usize = 5_000;
/// Longest value shown, in characters.
const LONGEST_VALUE: usize = 200;

/// Where in a payload something stands: a JSON pointer, an XML path or a CSS path.
pub(super) trait Place {
    /// The place, written out.
    fn path(&self) -> String;

    /// What stands there, as it was sent; none where [`Rejects::finish`] finds it in the document.
    fn value(&self) -> Option<String> {
        None
    }
}

impl Place for Pointer<'_> {
    fn path(&self) -> String {
        self.text()
    }
}

/// The rejects of one payload.
#[derive(Debug, Default)]
pub(super) struct Rejects {
    kept: Vec<Kept>,
    more: u64,
    /// The game that is being read.
    game: Option<Arc<str>>,
}

#[derive(Debug)]
struct Kept {
    path: String,
    reason: String,
    /// What stood there, where that was at hand.
    value: Option<String>,
    game: Option<Arc<str>>,
}

impl Rejects {
    /// What follows belongs to this game; to none where its id cannot be read.
    pub(super) fn about(&mut self, game: Option<&Arc<str>>) {
        self.game = game.cloned();
    }

    /// Note what stands at `place` and why it is refused.
    pub(super) fn push(&mut self, place: &impl Place, reason: impl Into<String>) {
        self.keep(place, reason, None);
    }

    /// Note what stands at `place`, why it is refused, and the JSON that stands there.
    pub(super) fn push_with(&mut self, place: &impl Place, reason: impl Into<String>, json: &str) {
        self.keep(place, reason, Some(json));
    }

    fn keep(&mut self, place: &impl Place, reason: impl Into<String>, json: Option<&str>) {
        if self.kept.len() < MOST {
            self.kept.push(Kept {
                path: place.path(),
                reason: reason.into(),
                value: json
                    .map(shown)
                    .or_else(|| Some(clean(&place.value()?, LONGEST_VALUE - 1))),
                game: self.game.clone(),
            });
        } else {
            self.more += 1;
        }
    }

    /// The rejects with what stood at each place of `document`. It is read a second time, and only when it must be.
    pub(super) fn finish(mut self, document: &Document<'_>) -> Vec<Reject> {
        let (mut without, mut places) = (Vec::new(), Vec::new());
        for kept in self.kept.iter_mut().filter(|kept| kept.value.is_none()) {
            places.push(kept.path.as_str());
            without.push(&mut kept.value);
        }
        if !places.is_empty() {
            for (value, found) in without.into_iter().zip(document.at_places(&places)) {
                *value = found.map(shown);
            }
        }
        self.close()
    }

    /// The rejects of a payload that is no JSON, whose places told what stood there.
    pub(super) fn close(self) -> Vec<Reject> {
        let mut rejects: Vec<Reject> = self
            .kept
            .into_iter()
            .map(|kept| Reject {
                path: kept.path,
                reason: clean(&kept.reason, 2 * LONGEST_VALUE),
                value: kept.value.unwrap_or_default(),
                game: kept.game,
            })
            .collect();
        if self.more > 0 {
            rejects.push(Reject {
                path: String::new(),
                reason: format!(
                    "and {} more items of this payload were not understood",
                    self.more
                ),
                value: String::new(),
                game: None,
            });
        }
        rejects
    }
}

/// What is shown of a value: as it was sent where it is too deep or too large to be read.
fn shown(json: &str) -> String {
    serde_json::from_str(json)
        .map_or_else(|_| clean(json, LONGEST_VALUE - 1), |value| excerpt(&value))
}

/// The start of a value as JSON, cleaned. Writing stops early: a value may be the whole payload.
fn excerpt(value: &Value) -> String {
    struct Start(Vec<u8>);

    impl io::Write for Start {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            // Four bytes a character at most.
            if self.0.len() > 4 * LONGEST_VALUE {
                return Err(io::ErrorKind::WriteZero.into());
            }
            self.0.extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    let mut start = Start(Vec::new());
    // Its only error is ours, for having enough.
    let _ = serde_json::to_writer(&mut start, value);
    clean(&String::from_utf8_lossy(&start.0), LONGEST_VALUE - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_what_stood_there_cleaned_and_cut() {
        let mut rejects = Rejects::default();
        let root = Pointer::Root;
        rejects.push(&root.key("a"), "one");
        rejects.push(&root.key("long"), "two");
        rejects.push(&root.key("gone"), "three");
        let long = "x".repeat(1_000);
        let found = rejects.finish(&Document::new(&format!(
            r#"{{"a":"\u001b[31mred","long":"{long}"}}"#
        )));
        assert_eq!(found[0].value, r#""\u001b[31mred""#);
        assert_eq!(found[1].value.chars().count(), 200);
        assert_eq!(found[2].value, "");
    }

    #[test]
    fn shows_what_cannot_be_read_as_it_was_sent() {
        let mut rejects = Rejects::default();
        let root = Pointer::Root;
        rejects.push(&root.key("deep"), "one");
        rejects.push_with(&root.key("large"), "two", "1e999");
        let deep = format!("{}{}", "[".repeat(300), "]".repeat(300));
        let text = format!(r#"{{"deep":{deep},"large":1e999}}"#);
        let found = rejects.finish(&Document::new(&text));
        assert_eq!(found[0].value, format!("{}…", "[".repeat(199)));
        assert_eq!(found[1].value, "1e999");
    }

    #[test]
    fn counts_what_it_does_not_keep() {
        let mut rejects = Rejects::default();
        for index in 0..MOST + 7 {
            rejects.push(&Pointer::Root.at(index), "no");
        }
        let found = rejects.finish(&Document::new("[]"));
        assert_eq!(found.len(), MOST + 1);
        assert_eq!(
            found[MOST].reason,
            "and 7 more items of this payload were not understood"
        );
    }
}
