//! What may follow the keys typed so far, above the last line.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Paragraph, Widget};

use crate::tui::action::Context;
use crate::tui::keymap::Chord;
use crate::tui::panel::Draw;
use crate::tui::ui::Ui;

/// Width of a column of keys.
const COLUMN: u16 = 26;

/// Draw it once somebody has waited for it. What cannot be done now is faint.
pub fn view(ui: &Ui, body: Rect, buffer: &mut Buffer) {
    let Some(typed) = ui.typed.as_ref().filter(|t| t.shown_at() <= ui.elapsed) else {
        return;
    };
    let all = ui.keymap.following(Context::of(ui.focus), &typed.keys);
    let columns = (body.width.saturating_sub(2) / COLUMN).max(1);
    let rows = (all.len() as u16).div_ceil(columns).max(1);
    let height = (rows + 2).min(body.height);
    let area = Rect {
        y: body.bottom().saturating_sub(height),
        height,
        ..body
    };
    Clear.render(area, buffer);
    let keys: Vec<String> = typed.keys.iter().map(Chord::to_string).collect();
    let draw = Draw {
        focused: true,
        filter: "",
        of_now: false,
        ..ui.draw(ui.focus)
    };
    let title = format!("{} …", keys.join(" "));
    let inner = draw.frame(&title, "Esc leaves", area, buffer);
    for (nth, (keys, action)) in (0_u16..).zip(&all) {
        let (x, y) = (nth / rows * COLUMN, nth % rows);
        if y >= inner.height || x + COLUMN > inner.width {
            continue;
        }
        let style = if action.disabled(ui).is_some() {
            ui.theme.faint
        } else {
            ui.theme.text
        };
        let line = Line::from(vec![
            Span::styled(format!(" {keys:>5} "), ui.theme.key),
            Span::styled(action.title(), style),
        ]);
        let cell = Rect::new(inner.x + x, inner.y + y, COLUMN - 1, 1);
        Paragraph::new(line).render(cell, buffer);
    }
}
