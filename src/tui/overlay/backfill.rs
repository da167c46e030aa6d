//! Which days to fetch.

use chrono::{DateTime, Days, NaiveDate, Utc};
use crossterm::event::{KeyCode, KeyEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Widget, Wrap};

use super::{Outcome, centred};
use crate::domain::league::League;
use crate::domain::source::Source;
use crate::domain::time::slate_date;
use crate::engine::command::{BackfillRequest, Command};
use crate::tui::ui::Ui;
use crate::tui::widget::input::Input;

/// Most days asked for at once; a longer wish is two wishes.
const MOST_DAYS: i64 = 366;

/// The field that is typed into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    League,
    From,
    To,
}

/// League and days.
#[derive(Debug, Clone)]
pub struct Dialog {
    league: League,
    from: Input,
    to: Input,
    field: Field,
    refused: Option<String>,
}

/// Leagues whose history Action Network has.
fn leagues() -> &'static [League] {
    &[
        League::Mlb,
        League::Nfl,
        League::Nba,
        League::Nhl,
        League::Ncaaf,
        League::Ncaab,
        League::Wnba,
    ]
}

impl Dialog {
    /// The selected game's league, and yesterday's slate.
    pub fn new(league: Option<League>, now: DateTime<Utc>) -> Self {
        let yesterday = slate_date(now)
            .checked_sub_days(Days::new(1))
            .unwrap_or_default();
        let league = league
            .filter(|l| leagues().contains(l))
            .unwrap_or(League::Mlb);
        Self {
            league,
            from: Input::new(&yesterday.to_string()),
            to: Input::new(&yesterday.to_string()),
            field: Field::From,
            refused: None,
        }
    }

    /// Fill in the days, as typed.
    pub fn between(&mut self, from: &str, to: &str) {
        self.from = Input::new(from);
        self.to = Input::new(to);
    }

    /// What Enter would ask for, or why it cannot.
    pub fn request(&self, now: DateTime<Utc>) -> Result<BackfillRequest, String> {
        let day = |input: &Input, name: &str| -> Result<NaiveDate, String> {
            let text = input.text().trim();
            text.parse().map_err(|_| {
                format!("{name}: {text:?} is no day; write year-month-day, like 2025-07-12")
            })
        };
        let from = day(&self.from, "From")?;
        let to = day(&self.to, "To")?;
        if from > to {
            return Err(format!("From ({from}) is after To ({to}); swap them"));
        }
        let today = slate_date(now);
        if to > today {
            return Err(format!(
                "{to} has not been played yet; the last day to ask for is {today}"
            ));
        }
        let days = (to - from).num_days() + 1;
        if days > MOST_DAYS {
            return Err(format!(
                "{days} days are more than {MOST_DAYS}; ask for them a year at a time"
            ));
        }
        Ok(BackfillRequest {
            source: Source::ActionNetwork,
            league: self.league,
            from,
            to,
            resume: true,
        })
    }

    /// Tab and arrows go between fields, ←→ change the league, Enter starts.
    pub fn key(&mut self, key: KeyEvent, now: DateTime<Utc>) -> Outcome {
        self.refused = None;
        match (key.code, self.field) {
            (KeyCode::Esc, _) => return Outcome::Cancel,
            (KeyCode::Enter, _) => match self.request(now) {
                Ok(request) => return Outcome::Ask(Command::Backfill(request)),
                Err(why) => self.refused = Some(why),
            },
            (KeyCode::Tab | KeyCode::Down, field) => {
                self.field = match field {
                    Field::League => Field::From,
                    Field::From => Field::To,
                    Field::To => Field::League,
                }
            }
            (KeyCode::BackTab | KeyCode::Up, field) => {
                self.field = match field {
                    Field::League => Field::To,
                    Field::From => Field::League,
                    Field::To => Field::From,
                }
            }
            (KeyCode::Left, Field::League) => self.step_league(leagues().len() - 1),
            (KeyCode::Right | KeyCode::Char(' '), Field::League) => self.step_league(1),
            (_, Field::League) => {}
            (_, Field::From) => self.from.key(key),
            (_, Field::To) => self.to.key(key),
        }
        Outcome::Stay
    }

    /// Paste a day.
    pub fn paste(&mut self, text: &str) {
        match self.field {
            Field::League => {}
            Field::From => self.from.insert(text),
            Field::To => self.to.insert(text),
        }
    }

    fn step_league(&mut self, step: usize) {
        let all = leagues();
        let at = all.iter().position(|l| *l == self.league).unwrap_or(0);
        if let Some(next) = all.get((at + step) % all.len()) {
            self.league = *next;
        }
    }

    /// Draw it.
    pub fn view(&self, ui: &Ui, body: Rect, buffer: &mut Buffer) {
        let theme = &ui.theme;
        let area = centred(body, 64, 11, buffer);
        let draw = crate::tui::panel::Draw {
            focused: true,
            filter: "",
            ..ui.draw(ui.focus)
        };
        let inner = draw.frame(
            "Backfill",
            "Enter starts · Tab next field · Esc leaves",
            area,
            buffer,
        );
        let label = |name: &str, field: Field| {
            let marker = if self.field == field { "▶" } else { " " };
            Span::styled(
                format!(" {marker} {name:<8}"),
                if self.field == field {
                    theme.key
                } else {
                    theme.muted
                },
            )
        };
        let input = |name: &str, field: Field, input: &Input| {
            let mut line = Line::from(label(name, field));
            if self.field == field {
                line.extend(input.spans(theme));
            } else {
                line.push_span(Span::styled(input.text().to_owned(), theme.text));
            }
            line
        };
        let mut lines = vec![
            Line::from(Span::styled(
                " History of Action Network, prices of every book.",
                theme.muted,
            )),
            Line::default(),
            Line::from(vec![
                label("League", Field::League),
                Span::styled(
                    format!("‹ {} ›", self.league.as_str().to_uppercase()),
                    theme.strong,
                ),
            ]),
            input("From", Field::From, &self.from),
            input("To", Field::To, &self.to),
            Line::default(),
        ];
        let (text, style) = match (&self.refused, self.request(ui.now())) {
            (Some(why), _) => (format!(" ✗ {why}."), theme.error),
            (None, Ok(request)) => {
                let days = (request.to - request.from).num_days() + 1;
                let noun = if days == 1 { "day" } else { "days" };
                (
                    format!(" {days} {noun}; those already complete are left out."),
                    theme.muted,
                )
            }
            (None, Err(why)) => (format!(" {why}."), theme.warn),
        };
        lines.push(Line::from(Span::styled(text, style)));
        Paragraph::new(lines)
            .wrap(Wrap { trim: false })
            .render(inner, buffer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dialog(from: &str, to: &str) -> Result<BackfillRequest, String> {
        let now = "2025-07-12T20:00:00Z".parse().unwrap();
        let mut dialog = Dialog::new(Some(League::Nba), now);
        dialog.from = Input::new(from);
        dialog.to = Input::new(to);
        dialog.request(now)
    }

    #[test]
    fn asks_for_sound_ranges_only() {
        let request = dialog("2025-07-01", "2025-07-12").unwrap();
        assert_eq!((request.league, request.resume), (League::Nba, true));
        assert!(
            dialog("2025-07-13", "2025-07-13")
                .unwrap_err()
                .contains("not been played")
        );
        assert!(
            dialog("2025-07-05", "2025-07-01")
                .unwrap_err()
                .contains("swap")
        );
        assert!(
            dialog("2025-13-05", "2025-07-01")
                .unwrap_err()
                .contains("no day")
        );
        assert!(
            dialog("2020-01-01", "2025-07-01")
                .unwrap_err()
                .contains("a year at a time")
        );
    }
}
