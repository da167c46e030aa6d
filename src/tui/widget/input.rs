//! One line of typed text.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::style::Modifier;
use ratatui::text::Span;
use unicode_segmentation::UnicodeSegmentation;

use crate::tui::theme::Theme;

/// Longest text, in characters as people count them.
const LONGEST: usize = 120;

/// Text with the cursor at its end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Input(String);

impl Input {
    /// An input holding `text`.
    pub fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// Add text.
    pub fn insert(&mut self, text: &str) {
        for c in text.chars().filter(|c| !c.is_control()) {
            if self.0.graphemes(true).count() < LONGEST {
                self.0.push(c);
            }
        }
    }

    /// A key: characters, Backspace, ^U and ^W. Other keys do nothing.
    pub fn key(&mut self, key: KeyEvent) {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Char('u') if control => self.0.clear(),
            KeyCode::Char('w') if control => {
                let kept = self.0.trim_end().rfind(' ').map_or(0, |at| at + 1);
                self.0.truncate(kept);
            }
            KeyCode::Char(c) if !control && !key.modifiers.contains(KeyModifiers::ALT) => {
                self.insert(c.encode_utf8(&mut [0; 4]));
            }
            KeyCode::Backspace => {
                let kept = self
                    .0
                    .grapheme_indices(true)
                    .next_back()
                    .map_or(0, |(at, _)| at);
                self.0.truncate(kept);
            }
            _ => {}
        }
    }

    /// The text and its cursor.
    pub fn spans(&self, theme: &Theme) -> Vec<Span<'static>> {
        vec![
            Span::styled(self.0.clone(), theme.strong),
            Span::styled(" ", theme.text.add_modifier(Modifier::REVERSED)),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_by_what_people_see_as_characters() {
        let mut input = Input::new("nyy bo");
        input.insert("s\u{7}e\u{301}");
        assert_eq!(input.text(), "nyy bose\u{301}");
        input.key(KeyEvent::new(KeyCode::Backspace, KeyModifiers::NONE));
        assert_eq!(input.text(), "nyy bos");
        input.key(KeyEvent::new(KeyCode::Char('w'), KeyModifiers::CONTROL));
        assert_eq!(input.text(), "nyy ");
        input.insert(&"x".repeat(500));
        assert_eq!(input.text().chars().count(), LONGEST);
        input.key(KeyEvent::new(KeyCode::Char('u'), KeyModifiers::CONTROL));
        assert_eq!(input.text(), "");
    }
}
