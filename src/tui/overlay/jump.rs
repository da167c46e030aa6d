//! Which moment to go to.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Widget};

use super::Outcome;
use crate::tui::travel::moment;
use crate::tui::ui::Ui;
use crate::tui::widget::input::Input;

/// A moment while it is typed.
#[derive(Debug, Clone, Default)]
pub struct Jump {
    /// The words.
    pub input: Input,
    wrong: Option<&'static str>,
}

impl Jump {
    /// Enter goes there, Esc stays.
    pub fn key(&mut self, key: KeyEvent, ui: &Ui) -> Outcome {
        match key.code {
            KeyCode::Esc => return Outcome::Cancel,
            KeyCode::Enter => match moment(self.input.text(), ui.clock, ui.zone) {
                Ok(at) => return Outcome::Go(at),
                Err(why) => self.wrong = Some(why),
            },
            _ => {
                self.wrong = None;
                self.input.key(key);
            }
        }
        Outcome::Stay
    }

    /// Draw it over the hints.
    pub fn view(&self, ui: &Ui, area: Rect, buffer: &mut Buffer) {
        Clear.render(area, buffer);
        let theme = &ui.theme;
        let mut line = Line::from(Span::styled(" Go to ", theme.key));
        line.extend(self.input.spans(theme));
        line.push_span(self.wrong.map_or_else(
            || {
                Span::styled(
                    "   19:42 · 2025-07-12 19:42 · -2h   Enter goes  Esc stays",
                    theme.muted,
                )
            },
            |why| Span::styled(format!("   {why}"), theme.warn),
        ));
        line.render(area, buffer);
    }
}
