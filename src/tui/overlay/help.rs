//! Every key, searchable.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;

use super::palette::matches;
use super::{Outcome, centred};
use crate::tui::action::{Action, Context};
use crate::tui::keymap::Keymap;
use crate::tui::theme::Theme;
use crate::tui::ui::Ui;
use crate::tui::widget::input::Input;

/// Signs on board and chart: there is no meaning that only a colour carries.
const SIGNS: [(&str, &str); 12] = [
    (
        "fair",
        "board: probability by the anchors of [fair]; in play, and before this run, the middle of the shops without margin",
    ),
    (
        "Δopen Δ1h",
        "board: how far the shops are from the opening, and moved in the hour: cents, or points; ▲ toward the side",
    ),
    (
        "NOVIG",
        "chart: the middle of the shops' prices without their margin",
    ),
    (
        "★",
        "best price at the line most books have, open prices of shops only",
    ),
    ("▲ ▼", "just moved: the side got dearer, cheaper"),
    ("~", "not confirmed for three looks: stale"),
    ("susp", "shown by the book but locked"),
    ("off", "taken off the board"),
    ("---", "the book does not quote it"),
    ("┊", "chart: the tick history ends, the live feed begins"),
    (
        "∙∙∙",
        "chart: suspended or not confirmed, the last price held",
    ),
    (
        "····",
        "chart: a key number, a margin that many games end on (NFL spreads)",
    ),
];

/// The help.
#[derive(Debug, Clone, Default)]
pub struct Help {
    /// Words lines must hold.
    pub search: Input,
    /// Whether `/` said that every letter is a search, `q` too.
    searching: bool,
    scroll: u16,
}

impl Help {
    /// Typing searches, arrows scroll, Esc leaves.
    pub fn key(&mut self, key: KeyEvent) -> Outcome {
        match key.code {
            KeyCode::Esc | KeyCode::Enter => return Outcome::Cancel,
            KeyCode::Char('/') if self.search.text().is_empty() => self.searching = true,
            KeyCode::Char('q' | '?') if !self.searching && self.search.text().is_empty() => {
                return Outcome::Cancel;
            }
            KeyCode::Up => self.scroll = self.scroll.saturating_sub(1),
            KeyCode::Down => self.scroll = self.scroll.saturating_add(1),
            KeyCode::PageUp => self.scroll = self.scroll.saturating_sub(10),
            KeyCode::PageDown => self.scroll = self.scroll.saturating_add(10),
            _ => {
                self.search.key(key);
                self.scroll = 0;
            }
        }
        Outcome::Stay
    }

    /// The lines for these words.
    pub fn lines(&self, keymap: &Keymap, theme: &Theme) -> Vec<Line<'static>> {
        let words = self.search.text();
        let mut lines = Vec::new();
        for context in Context::ALL {
            let actions: Vec<Action> = Action::ALL
                .iter()
                .copied()
                .filter(|a| a.context() == context && matches(*a, words))
                .collect();
            if actions.is_empty() {
                continue;
            }
            lines.push(Line::from(Span::styled(context.title(), theme.heading)));
            for action in actions {
                let keys: Vec<String> = keymap.chords(action).map(ToString::to_string).collect();
                lines.push(Line::from(vec![
                    Span::styled(format!("  {:<12}", keys.join(" ")), theme.key),
                    Span::styled(action.description(), theme.text),
                    Span::styled(format!("  {}", action.id()), theme.faint),
                ]));
            }
        }
        let wanted = words.to_lowercase();
        let signs: Vec<_> = SIGNS
            .iter()
            .filter(|(_, what)| what.contains(wanted.as_str()))
            .collect();
        if !signs.is_empty() {
            lines.push(Line::from(Span::styled("signs", theme.heading)));
        }
        lines.extend(signs.into_iter().map(|(sign, what)| {
            Line::from(vec![
                Span::styled(format!("  {sign:<12}"), theme.strong),
                Span::styled(*what, theme.text),
            ])
        }));
        lines
    }

    /// Draw it.
    pub fn view(&self, ui: &Ui, body: Rect, buffer: &mut Buffer) {
        let theme = &ui.theme;
        let area = centred(body, 96, body.height, buffer);
        let draw = crate::tui::panel::Draw {
            focused: true,
            filter: "",
            ..ui.draw(ui.focus)
        };
        let inner = draw.frame(
            "Help",
            "type or / to search · ↑↓ scroll · Esc leaves",
            area,
            buffer,
        );
        let mut line = Line::from(Span::styled(" search ", theme.muted));
        line.extend(self.search.spans(theme));
        line.render(
            Rect {
                height: 1.min(inner.height),
                ..inner
            },
            buffer,
        );
        let lines = self.lines(&ui.keymap, theme);
        let height = inner.height.saturating_sub(1);
        let first = self.scroll.min((lines.len() as u16).saturating_sub(height));
        if lines.is_empty() {
            let rest = Rect {
                y: inner.y + 1,
                height,
                ..inner
            };
            draw.say(
                "Nothing here has these words.",
                "Backspace takes letters away.",
                rest,
                buffer,
            );
        }
        for (row, line) in lines
            .iter()
            .skip(first.into())
            .take(height.into())
            .enumerate()
        {
            let area = Rect {
                x: inner.x + 1,
                y: inner.y + 1 + row as u16,
                width: inner.width.saturating_sub(1),
                height: 1,
            };
            line.render(area, buffer);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::settings::ThemeName;

    #[test]
    fn every_action_is_in_the_help_and_found_by_its_title() {
        let keymap = Keymap::new(&std::collections::BTreeMap::new()).unwrap();
        let theme = Theme::named(ThemeName::Dark);
        let shown = |help: &Help| -> Vec<String> {
            help.lines(&keymap, &theme)
                .iter()
                .map(ToString::to_string)
                .collect()
        };
        let all = shown(&Help::default());
        for &action in Action::ALL {
            assert!(
                all.iter().any(|line| line.contains(action.description())),
                "{action:?}"
            );
            let help = Help {
                search: Input::new(action.title()),
                ..Help::default()
            };
            assert!(
                shown(&help)
                    .iter()
                    .any(|line| line.contains(action.description())),
                "{action:?}"
            );
        }
        let none = Help {
            search: Input::new("zzzz"),
            ..Help::default()
        };
        assert!(shown(&none).is_empty());
    }

    #[test]
    fn after_a_slash_every_letter_searches() {
        let press = |help: &mut Help, c| help.key(KeyEvent::from(KeyCode::Char(c)));
        let mut help = Help::default();
        assert_eq!(press(&mut help, 'q'), Outcome::Cancel);
        assert_eq!(press(&mut help, '/'), Outcome::Stay);
        assert_eq!(press(&mut help, 'q'), Outcome::Stay);
        assert_eq!(help.search.text(), "q");
    }
}
