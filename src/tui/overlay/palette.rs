//! Actions by name.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;

use super::{Outcome, centred};
use crate::tui::action::Action;
use crate::tui::panel::first_row;
use crate::tui::ui::Ui;
use crate::tui::widget::input::Input;

/// A list of actions narrowed by typing.
#[derive(Debug, Clone, Default)]
pub struct Palette {
    /// What is typed.
    pub input: Input,
    row: usize,
}

/// Whether an action holds every word.
pub fn matches(action: Action, words: &str) -> bool {
    let text = format!(
        "{} {} {}",
        action.title(),
        action.id(),
        action.description()
    )
    .to_lowercase();
    words
        .to_lowercase()
        .split_whitespace()
        .all(|word| text.contains(word))
}

impl Palette {
    /// The actions that match: those whose name begins with the words first.
    pub fn found(&self) -> Vec<Action> {
        let words = self.input.text();
        let mut found: Vec<Action> = Action::ALL
            .iter()
            .copied()
            .filter(|a| matches(*a, words))
            .collect();
        let begins = words.trim().to_lowercase();
        found.sort_by_key(|action| {
            !(action.title().starts_with(&begins) || action.id().starts_with(&begins))
        });
        found
    }

    /// Enter carries the chosen action out.
    pub fn key(&mut self, key: KeyEvent) -> Outcome {
        let last = self.found().len().saturating_sub(1);
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Esc => return Outcome::Cancel,
            KeyCode::Enter => {
                return self
                    .found()
                    .get(self.row)
                    .map_or(Outcome::Cancel, |action| Outcome::Act(*action));
            }
            KeyCode::Up => self.row = self.row.saturating_sub(1),
            KeyCode::Down => self.row = (self.row + 1).min(last),
            KeyCode::Char('p') if control => self.row = self.row.saturating_sub(1),
            KeyCode::Char('n') if control => self.row = (self.row + 1).min(last),
            _ => {
                self.input.key(key);
                self.row = 0;
            }
        }
        Outcome::Stay
    }

    /// Draw it.
    pub fn view(&self, ui: &Ui, body: Rect, buffer: &mut Buffer) {
        let theme = &ui.theme;
        let area = centred(body, 78, 16, buffer);
        let draw = crate::tui::panel::Draw {
            focused: true,
            filter: "",
            ..ui.draw(ui.focus)
        };
        let inner = draw.frame("Palette", "Enter does it · Esc leaves", area, buffer);
        let mut line = Line::from(Span::styled(" : ", theme.key));
        line.extend(self.input.spans(theme));
        line.render(
            Rect {
                height: 1.min(inner.height),
                ..inner
            },
            buffer,
        );
        let found = self.found();
        let height = usize::from(inner.height.saturating_sub(2));
        if found.is_empty() {
            let rest = Rect {
                y: inner.y + 2,
                height: inner.height.saturating_sub(2),
                ..inner
            };
            draw.say(
                "No action has these words.",
                "Type fewer letters, or Esc.",
                rest,
                buffer,
            );
        }
        let first = first_row(self.row, found.len(), height);
        for (index, action) in found.iter().enumerate().skip(first).take(height) {
            let area = Rect {
                y: inner.y + 2 + (index - first) as u16,
                height: 1,
                ..inner
            };
            let why = action.disabled(ui);
            let style = if why.is_some() {
                theme.muted
            } else {
                Style::new()
            };
            Line::from(vec![
                Span::styled(format!(" {:>5} ", ui.keymap.hint(*action)), theme.key),
                Span::styled(format!("{:<15}", action.title()), style),
                Span::styled(
                    why.map_or_else(
                        || action.description().to_owned(),
                        |why| format!("not now: {why}"),
                    ),
                    theme.muted,
                ),
            ])
            .render(area, buffer);
            if index == self.row {
                buffer.set_style(area, theme.selected);
            }
        }
    }
}
