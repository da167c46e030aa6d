//! What to take away from the screen, and where to.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;

use super::{Outcome, centred};
use crate::tui::export::Form;
use crate::tui::ui::Ui;

/// A menu of forms: the letter saves, its capital copies.
#[derive(Debug, Clone, Copy, Default)]
pub struct Menu;

impl Menu {
    /// A letter chooses; any other key leaves.
    pub fn key(key: KeyEvent) -> Outcome {
        let KeyCode::Char(letter) = key.code else {
            return Outcome::Cancel;
        };
        Form::ALL
            .into_iter()
            .find(|form| form.key() == letter.to_ascii_lowercase())
            .map_or(Outcome::Cancel, |form| Outcome::Take {
                form,
                copy: letter.is_ascii_uppercase(),
            })
    }

    /// Draw it.
    pub fn view(ui: &Ui, body: Rect, buffer: &mut Buffer) {
        let theme = &ui.theme;
        let area = centred(body, 64, Form::ALL.len() as u16 + 4, buffer);
        let draw = crate::tui::panel::Draw {
            focused: true,
            filter: "",
            ..ui.draw(ui.focus)
        };
        let inner = draw.frame("Take away", "Esc leaves", area, buffer);
        let row = |y: u16| Rect {
            y: inner.y + y,
            height: u16::from(y < inner.height),
            ..inner
        };
        Line::styled(
            " small saves a file, capital copies to the clipboard",
            theme.muted,
        )
        .render(row(0), buffer);
        for (y, form) in (1..).zip(Form::ALL) {
            let key = form.key();
            Line::from(vec![
                Span::styled(
                    format!("   {key} {}  ", key.to_ascii_uppercase()),
                    theme.key,
                ),
                Span::styled(format!("{:<5}", form.name()), theme.strong),
                Span::styled(form.describe(), theme.text),
            ])
            .render(row(y), buffer);
        }
    }
}
