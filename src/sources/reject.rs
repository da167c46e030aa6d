//! What was not understood, kept with its place and counted when there is too much of it.

use std::io;
use std::sync::Arc;

use serde_json::Value;

use super::json::Pointer;
use crate::domain::clean::clean;
use crate::domain::feed::Reject;

/// Rejects kept of one payload; the rest is counted. More than this and the feed has changed its format.
const MOST: usize = 5_000;
/// Longest value shown, in characters.
const LONGEST_VALUE: usize = 200;

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
    game: Option<Arc<str>>,
}

impl Rejects {
    /// What follows belongs to this game; to none where its id cannot be read.
    pub(super) fn about(&mut self, game: Option<&Arc<str>>) {
        self.game = game.cloned();
    }

    /// Note what stands at `place` and why it is refused.
    pub(super) fn push(&mut self, place: &Pointer<'_>, reason: impl Into<String>) {
        if self.kept.len() < MOST {
            self.kept.push(Kept {
                path: place.text(),
                reason: reason.into(),
                game: self.game.clone(),
            });
        } else {
            self.more += 1;
        }
    }

    /// The rejects with what stood at each place of `document`. It is read a second time, and only when there are any.
    pub(super) fn finish(self, document: &str) -> Vec<Reject> {
        if self.kept.is_empty() {
            return Vec::new();
        }
        // It was read once already, so this fails only for what lies too deep to be shown.
        let document: Value = serde_json::from_str(document).unwrap_or_default();
        let mut rejects: Vec<Reject> = self
            .kept
            .into_iter()
            .map(|kept| Reject {
                value: document
                    .pointer(&kept.path)
                    .map(excerpt)
                    .unwrap_or_default(),
                path: kept.path,
                reason: clean(&kept.reason, 2 * LONGEST_VALUE),
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
        let found = rejects.finish(&format!(r#"{{"a":"\u001b[31mred","long":"{long}"}}"#));
        assert_eq!(found[0].value, r#""\u001b[31mred""#);
        assert_eq!(found[1].value.chars().count(), 200);
        assert_eq!(found[2].value, "");
    }

    #[test]
    fn counts_what_it_does_not_keep() {
        let mut rejects = Rejects::default();
        for index in 0..MOST + 7 {
            rejects.push(&Pointer::Root.at(index), "no");
        }
        let found = rejects.finish("[]");
        assert_eq!(found.len(), MOST + 1);
        assert_eq!(
            found[MOST].reason,
            "and 7 more items of this payload were not understood"
        );
    }
}
