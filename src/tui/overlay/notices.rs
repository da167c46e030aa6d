//! Every short message of this run: a toast goes before everyone has read it.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Widget, Wrap};

use super::{Outcome, centred};
use crate::engine::event::Severity;
use crate::tui::figures;
use crate::tui::ui::Ui;
use crate::tui::widget::toast::sign;
use crate::tui::work;

/// The messages.
#[derive(Debug, Clone, Default)]
pub struct Notices {
    scroll: u16,
}

impl Notices {
    /// Arrows scroll, any other key leaves.
    pub const fn key(&mut self, key: KeyEvent) -> Outcome {
        match key.code {
            KeyCode::Up | KeyCode::Char('k') => self.scroll = self.scroll.saturating_sub(1),
            KeyCode::Down | KeyCode::Char('j') => self.scroll = self.scroll.saturating_add(1),
            KeyCode::PageUp => self.scroll = self.scroll.saturating_sub(10),
            KeyCode::PageDown => self.scroll = self.scroll.saturating_add(10),
            _ => return Outcome::Cancel,
        }
        Outcome::Stay
    }

    /// Draw it.
    pub fn view(&self, ui: &Ui, body: Rect, buffer: &mut Buffer) {
        let theme = &ui.theme;
        let area = centred(body, 100, body.height.min(24), buffer);
        let draw = crate::tui::panel::Draw {
            focused: true,
            filter: "",
            ..ui.draw(ui.focus)
        };
        let muted = if ui.watchman.muted {
            "alerts muted · "
        } else {
            ""
        };
        let inner = draw.frame(
            "Messages",
            &format!("{muted}↑↓ scroll · Esc leaves"),
            area,
            buffer,
        );
        let mut lines = work::lines(ui);
        if ui.notices.is_empty() && lines.is_empty() {
            draw.say(
                "No message yet.",
                "Answers to keys, warnings and alerts are kept here; rules are in [alerts] of the settings.",
                inner,
                buffer,
            );
            return;
        }
        lines.extend(ui.notices.iter().rev().map(|notice| {
            let style = match notice.severity {
                Severity::Debug | Severity::Info => theme.text,
                Severity::Warning => theme.warn,
                Severity::Error => theme.error,
            };
            Line::from(vec![
                Span::styled(
                    format!("{} ", figures::clock(notice.at, ui.zone)),
                    theme.muted,
                ),
                Span::styled(format!("{} ", sign(notice.severity)), style),
                Span::styled(notice.text.clone(), style),
            ])
        }));
        let last = (lines.len() as u16).saturating_sub(1);
        Paragraph::new(lines)
            .wrap(Wrap { trim: false })
            .scroll((self.scroll.min(last), 0))
            .render(inner, buffer);
    }
}
