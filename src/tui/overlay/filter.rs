//! The filter line.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Widget};

use super::Outcome;
use crate::engine::query::{Names, Query};
use crate::tui::panel::Panel;
use crate::tui::ui::Ui;
use crate::tui::widget::input::Input;

/// Words rows must hold, while they are typed.
#[derive(Debug, Clone)]
pub struct Filter {
    /// Whose rows.
    pub panel: Panel,
    /// What was there before, for Esc.
    pub before: String,
    /// The words.
    pub input: Input,
}

impl Filter {
    /// A filter line holding the words already in force.
    pub fn new(panel: Panel, before: String) -> Self {
        Self {
            panel,
            input: Input::new(&before),
            before,
        }
    }

    /// Enter keeps the words, Esc brings the former ones back.
    pub fn key(&mut self, key: KeyEvent) -> Outcome {
        match key.code {
            KeyCode::Enter => Outcome::Close,
            KeyCode::Esc => Outcome::Cancel,
            _ => {
                self.input.key(key);
                Outcome::Stay
            }
        }
    }

    /// Draw it over the hints.
    pub fn view(&self, ui: &Ui, area: Rect, buffer: &mut Buffer) {
        Clear.render(area, buffer);
        let theme = &ui.theme;
        let mut line = Line::from(vec![Span::styled(
            format!(" {} / ", self.panel.title()),
            theme.key,
        )]);
        line.extend(self.input.spans(theme));
        let query = Query::parse(self.input.text());
        line.push_span(match (query.problem(), self.panel) {
            (Some(problem), _) => Span::styled(format!("   {problem}"), theme.warn),
            (None, Panel::Board) => Span::styled(
                format!("   Enter keep  Esc undo   words, -words, {Names}"),
                theme.muted,
            ),
            (None, _) => Span::styled("   Enter keep  Esc undo   words, -words", theme.muted),
        });
        line.render(area, buffer);
    }
}
