//! One game's line over time, a step line for each book; and another one beside it, on the same time axis.

mod drawing;
mod fair;
mod measure;
mod memo;
mod places;
mod plot;
mod range;
mod readout;
mod series;
mod splits;
mod strip;
mod subject;
mod window;

use chrono::{DateTime, TimeDelta, Utc};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget as _;

use super::{Draw, board};
use crate::domain::market::Phase;
use crate::domain::series::SeriesKey;
use crate::engine::board::ShopId;
use crate::tui::action::Action;
use crate::tui::widget::step_chart::parts;

pub use drawing::{Change, Drawing, Steps};
pub use measure::Unit;
pub use range::Range;
pub use subject::Pin;

use measure::Measure;
use places::{Pane, Places};
use subject::{Shown, Subject};

/// What the chart remembers.
#[derive(Debug, Clone, Default)]
pub struct State {
    /// How far back.
    pub range: Range,
    /// Where the cursor stands; none follows now.
    pub cursor: Option<DateTime<Utc>>,
    /// The book at the front.
    pub focus: Option<ShopId>,
    /// What a market is drawn by.
    pub unit: Unit,
    /// The chart that others are compared with.
    pub pinned: Option<Pin>,
    /// What was drawn last.
    memo: memo::Memo,
}

impl State {
    /// Cursor, range, focus, measure.
    pub fn handle(&mut self, action: Action, draw: &Draw<'_>, board: &board::State) {
        let Some(shown) = Shown::of(self, draw, board) else {
            return;
        };
        match action {
            Action::ZoomIn => self.range = self.range.step(-1),
            Action::ZoomOut => self.range = self.range.step(1),
            Action::LineOrPrice => self.unit = self.next_unit(&shown.main),
            Action::NextBook => self.step_focus(&shown.main, 1),
            Action::PreviousBook => self.step_focus(&shown.main, -1),
            Action::Left => {
                let from = self.cursor.unwrap_or(draw.now + TimeDelta::milliseconds(1));
                self.cursor = shown.change_before(from).or(self.cursor);
            }
            Action::Right => {
                self.cursor = self
                    .cursor
                    .and_then(|at| shown.change_after(at))
                    .filter(|at| *at <= draw.now);
            }
            Action::First => self.cursor = shown.first_change(),
            Action::Last => self.cursor = None,
            _ => {}
        }
    }

    /// Hold the present chart to compare others with, or let the held one go. Says which; none where there is no game.
    pub fn compare(&mut self, draw: &Draw<'_>, board: &board::State) -> Option<String> {
        if let Some(pin) = self.pinned.take() {
            let game = draw.game(pin.game).map(|game| game.title());
            let game = game.as_deref().unwrap_or("the game").to_owned();
            return Some(format!("Let go of {game} {}", pin.selector.market));
        }
        let subject = Subject::of(draw, board)?;
        self.pinned = Some(subject.pin());
        Some(format!(
            "{} {} is held; go to another game (↑↓), market (m) or side (s) to see both",
            subject.game.title(),
            subject.selector.market
        ))
    }

    fn step_focus(&mut self, subject: &Subject<'_>, step: isize) {
        let shops: Vec<&ShopId> = subject.speakers.iter().map(|s| &s.shop).collect();
        let at = shops
            .iter()
            .position(|shop| Some(*shop) == self.focus.as_ref());
        // One more place than books: nobody at the front.
        let places = shops.len() as isize + 1;
        let at = at.map_or(0, |at| at as isize + 1);
        let next = (at + step).rem_euclid(places);
        self.focus = usize::try_from(next - 1)
            .ok()
            .and_then(|at| shops.get(at))
            .map(|shop| (*shop).clone());
    }

    /// The series and the moment of the price under the cursor: the focused book's, else that of a book that changed
    /// there. None where the cursor stands on no change.
    pub fn origin(
        &self,
        draw: &Draw<'_>,
        board: &board::State,
    ) -> Option<(SeriesKey, DateTime<Utc>)> {
        let shown = Shown::of(self, draw, board)?;
        shown.origin(self.cursor?, self.focus.as_ref())
    }

    /// Draw it.
    pub fn view(&self, draw: &Draw<'_>, board: &board::State, area: Rect, buffer: &mut Buffer) {
        let Some(shown) = Shown::of(self, draw, board) else {
            let inner = draw.frame("Chart", "", area, buffer);
            draw.say(
                "No game to chart yet.",
                "The board fills once a source has answered; press 7 for the sources.",
                inner,
                buffer,
            );
            return;
        };
        let (from, _) = self.window(draw, &shown);
        let subject = &shown.main;
        let title = format!("{} · {}", self.name(subject, from), self.range.name());
        let inner = draw.frame(&title, &self.aside(draw, subject), area, buffer);
        if subject.speakers.is_empty() {
            draw.say(
                "Nobody quotes this market of the game.",
                "Press m for another market, o for another period, v for another phase.",
                inner,
                buffer,
            );
            return;
        }
        let places = Places::of(self, &shown, inner);
        self.pane(draw, &shown, subject, places.main, buffer);
        if let (Some(pinned), Some(pane)) = (&shown.pinned, places.pinned) {
            self.pane(draw, &shown, pinned, pane, buffer);
        }
        if let (Some(pinned), true) = (&shown.pinned, places.notice.height > 0) {
            let words = format!(
                " No room for two: z gives it, c lets go of {}",
                self.name(pinned, from)
            );
            Line::styled(words, draw.theme.warn).render(places.notice, buffer);
        }
        if places.readout.height > 0 {
            self.readout(draw, &shown, places.readout, buffer);
        }
    }

    /// `MIA @ BAL · spread by line · BAL`.
    fn name(&self, subject: &Subject<'_>, from: DateTime<Utc>) -> String {
        format!(
            "{} @ {} · {} · {}",
            subject.game.away.abbr,
            subject.game.home.abbr,
            self.measured(subject, from),
            subject.side_name(),
        )
    }

    /// What else is to be known of it.
    fn aside(&self, draw: &Draw<'_>, subject: &Subject<'_>) -> String {
        let what = match (subject.selector.phase, subject.game.history_loaded) {
            (_, false) => "since this run",
            (Phase::Live, _) => "live",
            (Phase::Pregame, _) => "pregame",
        };
        let held = if self.pinned.as_ref() == Some(&subject.pin()) {
            "held · "
        } else {
            ""
        };
        match self.measure(subject) {
            Measure::Fair => format!("{held}{} · {what}", fair::Margin::of(draw).method()),
            Measure::Line | Measure::Price => format!("{held}{what}"),
        }
    }

    fn pane(
        &self,
        draw: &Draw<'_>,
        shown: &Shown<'_>,
        subject: &Subject<'_>,
        pane: Pane,
        buffer: &mut Buffer,
    ) {
        let columns = usize::from(parts(pane.chart).plot.width);
        let window = self.whole_columns(draw, shown, columns);
        if pane.heading.height > 0 {
            let from = DateTime::from_timestamp_millis(window.from).unwrap_or(draw.now);
            let name = format!(" {} ", self.name(subject, from));
            let rule = usize::from(pane.heading.width).saturating_sub(name.chars().count() + 1);
            Line::from(vec![
                Span::styled("─", draw.theme.border),
                Span::styled(name, draw.theme.title_focus),
                Span::styled("─".repeat(rule), draw.theme.border),
            ])
            .render(pane.heading, buffer);
        }
        if subject.speakers.is_empty() {
            Line::styled(" nobody quotes this market now", draw.theme.muted)
                .render(pane.chart, buffer);
            return;
        }
        self.plot(draw, subject, window, pane.chart, buffer);
        self.bets(draw, subject, window, pane.bets, buffer);
    }
}
