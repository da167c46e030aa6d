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
use crate::tui::verb::{VERBS, Verb, heard};
use crate::tui::widget::input::Input;

/// A list of actions narrowed by typing.
#[derive(Debug, Clone, Default)]
pub struct Palette {
    /// What is typed.
    pub input: Input,
    row: usize,
    /// How far back in what was said before; none while something new is typed.
    back: Option<usize>,
}

/// A line of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offer {
    /// Something a key does, too.
    Do(Action),
    /// A word that takes others.
    Word(&'static Verb),
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
    /// What matches: what begins with the words first. Words after a verb are its own.
    pub fn found(&self) -> Vec<Offer> {
        let words = self.input.text();
        if let Some((verb, _)) = heard(words) {
            return vec![Offer::Word(verb)];
        }
        let begins = words.trim().to_lowercase();
        let verbs = VERBS.iter().filter(|verb| {
            let text = format!("{} {}", verb.name, verb.description).to_lowercase();
            begins.split_whitespace().all(|word| text.contains(word))
        });
        let actions = Action::ALL.iter().copied().filter(|a| matches(*a, words));
        let mut found: Vec<Offer> = actions
            .map(Offer::Do)
            .chain(verbs.map(Offer::Word))
            .collect();
        found.sort_by_key(|offer| match offer {
            Offer::Do(action) => {
                !(action.title().starts_with(&begins) || action.id().starts_with(&begins))
            }
            Offer::Word(verb) => !verb.name.starts_with(&begins),
        });
        found
    }

    /// Enter carries the chosen line out; ↑ on the first line brings back what was `said` before.
    pub fn key(&mut self, key: KeyEvent, said: &[String]) -> Outcome {
        let last = self.found().len().saturating_sub(1);
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Esc => return Outcome::Cancel,
            KeyCode::Enter => match self.found().get(self.row) {
                None => return Outcome::Say(self.input.text().to_owned()),
                Some(Offer::Do(action)) => return Outcome::Act(*action),
                Some(Offer::Word(_)) if heard(self.input.text()).is_some() => {
                    return Outcome::Say(self.input.text().to_owned());
                }
                // Its words are still to come.
                Some(Offer::Word(verb)) => {
                    self.input = Input::new(&format!("{} ", verb.name));
                    self.row = 0;
                }
            },
            KeyCode::Up if self.row == 0 && !said.is_empty() => {
                let back = self.back.map_or(0, |back| back + 1).min(said.len() - 1);
                self.back = Some(back);
                if let Some(words) = said.iter().rev().nth(back) {
                    self.input = Input::new(words);
                }
            }
            KeyCode::Up => self.row = self.row.saturating_sub(1),
            KeyCode::Down => self.row = (self.row + 1).min(last),
            KeyCode::Char('p') if control => self.row = self.row.saturating_sub(1),
            KeyCode::Char('n') if control => self.row = (self.row + 1).min(last),
            _ => {
                self.input.key(key);
                self.row = 0;
                self.back = None;
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
        let inner = draw.frame(
            "Palette",
            "Enter does it · ↑ said before · Esc leaves",
            area,
            buffer,
        );
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
        for (index, offer) in found.iter().enumerate().skip(first).take(height) {
            let area = Rect {
                y: inner.y + 2 + (index - first) as u16,
                height: 1,
                ..inner
            };
            let action = match offer {
                Offer::Do(action) => action,
                Offer::Word(verb) => {
                    let line = Line::from(vec![
                        Span::styled(format!(" {:>5} ", "…"), theme.key),
                        Span::styled(format!("{} ", verb.name), theme.strong),
                        Span::styled(format!("{}  ", verb.takes), theme.accent),
                        Span::styled(verb.description, theme.muted),
                    ]);
                    put(&line, area, buffer);
                    if index == self.row {
                        buffer.set_style(area, theme.selected);
                    }
                    continue;
                }
            };
            let why = action.disabled(ui);
            let style = if why.is_some() {
                theme.muted
            } else {
                Style::new()
            };
            let line = Line::from(vec![
                Span::styled(format!(" {:>5} ", ui.keymap.hint(*action)), theme.key),
                Span::styled(format!("{:<15}", action.title()), style),
                Span::styled(
                    why.map_or_else(
                        || action.description().to_owned(),
                        |why| format!("not now: {why}"),
                    ),
                    theme.muted,
                ),
            ]);
            put(&line, area, buffer);
            if index == self.row {
                buffer.set_style(area, theme.selected);
            }
        }
    }
}

/// A line, with `…` at its end where there is not room for all of it.
fn put(line: &Line<'_>, area: Rect, buffer: &mut Buffer) {
    line.render(area, buffer);
    let is_cut = line.width() > usize::from(area.width);
    let last = (area.right().saturating_sub(1), area.y);
    if let Some(cell) = buffer.cell_mut(last).filter(|_| is_cut) {
        cell.set_symbol("…");
    }
}
