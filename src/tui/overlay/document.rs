//! A text somebody asked for: the bytes a price came in, as they came.

use std::sync::Arc;

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;

use super::{Outcome, centred};
use crate::domain::clean::clean;
use crate::tui::ui::Ui;
use crate::tui::widget::input::Input;

/// Characters of a line; longer ones go on below, as bytes without line ends do.
const WIDE: usize = 96;

/// A text with a place in it.
#[derive(Debug, Clone)]
pub struct Document {
    title: String,
    lines: Arc<Vec<String>>,
    top: usize,
    /// What is looked for.
    pub search: Input,
    searching: bool,
}

impl Document {
    /// A text as it was received; what could reach the terminal's own language is taken out.
    pub fn new(title: &str, text: &str) -> Self {
        let mut lines = Vec::new();
        for line in text.lines() {
            let letters: Vec<char> = line.chars().collect();
            if letters.is_empty() {
                lines.push(String::new());
            }
            for part in letters.chunks(WIDE) {
                lines.push(clean(&part.iter().collect::<String>(), WIDE));
            }
        }
        Self {
            title: clean(title, 300),
            lines: Arc::new(lines),
            top: 0,
            search: Input::default(),
            searching: false,
        }
    }

    /// Arrows scroll, `/` looks for words, `n` finds the next place; Esc and q leave.
    pub fn key(&mut self, key: KeyEvent) -> Outcome {
        if self.searching {
            match key.code {
                KeyCode::Esc => self.searching = false,
                KeyCode::Enter => {
                    self.searching = false;
                    self.find(self.top);
                }
                _ => self.search.key(key),
            }
            return Outcome::Stay;
        }
        let last = self.lines.len().saturating_sub(1);
        self.top = match key.code {
            KeyCode::Esc | KeyCode::Char('q') | KeyCode::Enter => return Outcome::Cancel,
            KeyCode::Up | KeyCode::Char('k') => self.top.saturating_sub(1),
            KeyCode::Down | KeyCode::Char('j') => self.top + 1,
            KeyCode::PageUp => self.top.saturating_sub(20),
            KeyCode::PageDown | KeyCode::Char(' ') => self.top + 20,
            KeyCode::Home | KeyCode::Char('g') => 0,
            KeyCode::End | KeyCode::Char('G') => last,
            KeyCode::Char('/') => {
                self.searching = true;
                self.search = Input::default();
                self.top
            }
            KeyCode::Char('n') => {
                self.find(self.top + 1);
                self.top
            }
            _ => self.top,
        }
        .min(last);
        Outcome::Stay
    }

    /// To the first line from `from` on that holds the words, once around.
    fn find(&mut self, from: usize) {
        let words = self.search.text().to_lowercase();
        if words.is_empty() {
            return;
        }
        let count = self.lines.len();
        let holds = |at: &usize| {
            let line = self.lines.get(*at);
            line.is_some_and(|line| line.to_lowercase().contains(&words))
        };
        if let Some(found) = (0..count).map(|n| (from + n) % count.max(1)).find(holds) {
            self.top = found;
        }
    }

    /// Draw it.
    pub fn view(&self, ui: &Ui, body: Rect, buffer: &mut Buffer) {
        let theme = &ui.theme;
        let area = centred(body, WIDE as u16 + 4, body.height, buffer);
        let draw = crate::tui::panel::Draw {
            focused: true,
            filter: "",
            ..ui.draw(ui.focus)
        };
        let inner = draw.frame(
            "Payload",
            "/ search · n next · ↑↓ scroll · Esc leaves",
            area,
            buffer,
        );
        if inner.height < 3 {
            return;
        }
        let wide = usize::from(inner.width);
        buffer.set_stringn(inner.x, inner.y, &self.title, wide, theme.muted);
        let mut head = Line::default();
        if self.searching || !self.search.text().is_empty() {
            head.push_span(Span::styled("/", theme.key));
            head.extend(self.search.spans(theme));
        }
        let row = |y: u16| Rect {
            y: inner.y + y,
            height: 1,
            ..inner
        };
        head.render(row(1), buffer);
        let words = self.search.text().to_lowercase();
        let shown = self.lines.iter().skip(self.top);
        for (y, line) in (2..inner.height).zip(shown) {
            let found = !words.is_empty() && line.to_lowercase().contains(&words);
            let style = if found { theme.selected } else { theme.text };
            buffer.set_stringn(inner.x, inner.y + y, line, wide, style);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_around_the_end_and_nothing_hostile_is_kept() {
        let text = format!(
            "{{\n\"odds\": -110\u{1b}[31m,\n{}\n\"id\": 7\n}}",
            "x".repeat(300)
        );
        let mut document = Document::new("quote 1", &text);
        assert!(
            document
                .lines
                .iter()
                .all(|line| !line.contains('\u{1b}') && line.len() <= WIDE)
        );
        let mut press = |code| document.key(KeyEvent::from(code));
        for code in ['/', 'i', 'd'] {
            press(KeyCode::Char(code));
        }
        press(KeyCode::Enter);
        let at = document.top;
        assert!(document.lines[at].contains("\"id\""));
        document.key(KeyEvent::from(KeyCode::Char('n')));
        assert_eq!(document.top, at, "once around");
        assert_eq!(document.key(KeyEvent::from(KeyCode::Esc)), Outcome::Cancel);
    }
}
