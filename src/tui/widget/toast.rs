//! Short messages in the lower right corner.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Paragraph, Widget, Wrap};

use crate::engine::event::Severity;
use crate::tui::ui::Ui;

/// A word for a severity, so that colour is not alone.
pub const fn sign(severity: Severity) -> &'static str {
    match severity {
        Severity::Debug | Severity::Info => "✓",
        Severity::Warning => "!",
        Severity::Error => "✗",
    }
}

/// Draw the toasts, the newest lowest.
pub fn view(ui: &Ui, body: Rect, buffer: &mut Buffer) {
    let width = body.width.saturating_sub(4).min(64);
    let mut bottom = body.y + body.height.saturating_sub(1);
    for toast in ui.toasts.iter().rev() {
        let style = match toast.severity {
            Severity::Debug | Severity::Info => ui.theme.toast,
            Severity::Warning => ui.theme.banner,
            Severity::Error => ui.theme.alarm,
        };
        let line = Line::from(vec![
            Span::raw(format!(" {} ", sign(toast.severity))),
            Span::raw(toast.text.as_str()),
            Span::raw(" "),
        ]);
        let length = (line.width() as u16).min(width);
        let paragraph = Paragraph::new(line).style(style).wrap(Wrap { trim: false });
        // Words wrap early, so that a line may need more room than its length says.
        let lines = (toast.text.len() as u16 + 4).div_ceil(width.saturating_sub(10).max(10));
        let height = if length < width { 1 } else { lines };
        if bottom < body.y + height {
            return;
        }
        bottom -= height;
        let area = Rect {
            x: body.x + body.width - length - 2,
            y: bottom,
            width: length,
            height,
        };
        Clear.render(area, buffer);
        paragraph.render(area, buffer);
    }
}
