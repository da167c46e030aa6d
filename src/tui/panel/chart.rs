//! One game's line over time, a step line for each book.

mod drawing;
mod fair;
mod readout;
mod series;
mod splits;

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};

use super::{Draw, board, signals};
use crate::analytics::key_numbers::key_numbers;
use crate::domain::market::{Phase, Side};
use crate::domain::series::SeriesKey;
use crate::engine::board::{Selector, ShopId, Speaker, opening, sides, speakers};
use crate::engine::snapshot::{GameView, SeriesView};
use crate::tui::action::Action;
use crate::tui::widget::axis;
use crate::tui::widget::step_chart::{Mark, StepChart, Styles, Track, parts};

pub use drawing::{Change, Drawing, Steps};

/// How far back the chart reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Range {
    /// Fifteen minutes.
    Quarter,
    /// An hour.
    Hour,
    /// Six hours.
    #[default]
    Six,
    /// A day.
    Day,
    /// Since the first known price.
    All,
}

impl Range {
    const EVERY: [Self; 5] = [Self::Quarter, Self::Hour, Self::Six, Self::Day, Self::All];

    /// The range of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::EVERY.into_iter().find(|range| range.name() == name)
    }

    /// A word: `15m`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Quarter => "15m",
            Self::Hour => "1h",
            Self::Six => "6h",
            Self::Day => "1d",
            Self::All => "all",
        }
    }

    const fn span(self) -> Option<TimeDelta> {
        match self {
            Self::Quarter => Some(TimeDelta::minutes(15)),
            Self::Hour => Some(TimeDelta::hours(1)),
            Self::Six => Some(TimeDelta::hours(6)),
            Self::Day => Some(TimeDelta::days(1)),
            Self::All => None,
        }
    }

    fn step(self, step: isize) -> Self {
        let at = Self::EVERY.iter().position(|r| *r == self).unwrap_or(0);
        let next = at.saturating_add_signed(step).min(Self::EVERY.len() - 1);
        Self::EVERY.get(next).copied().unwrap_or(self)
    }
}

/// What a market with a line is drawn by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unit {
    /// The line where it moved, else the price.
    #[default]
    Fitting,
    /// Points.
    Line,
    /// Implied probability of the price, whatever the line.
    Price,
}

/// Most signals marked, the newest: beyond that a chart is all marks.
const SIGNAL_MARKS: usize = 12;

/// Points looked at to see whether a line moved: enough for any day, and a bound on the cost of a frame.
const LINE_LOOK: usize = 512;

/// What the chart remembers.
#[derive(Debug, Clone, Default)]
pub struct State {
    /// How far back.
    pub range: Range,
    /// Where the cursor stands; none follows now.
    pub cursor: Option<DateTime<Utc>>,
    /// The book at the front.
    pub focus: Option<ShopId>,
    /// What a market with a line is drawn by.
    pub unit: Unit,
}

/// The game, the side and who quotes it.
struct Subject<'a> {
    game: &'a Arc<GameView>,
    selector: Selector,
    side: Side,
    speakers: Vec<Speaker<'a>>,
}

impl<'a> Subject<'a> {
    fn of(draw: &Draw<'a>, board: &board::State) -> Option<Self> {
        let board_draw = Draw {
            filter: "",
            ..*draw
        };
        let game = board.selected(&board_draw)?;
        let mut selector = board.selector(game);
        let mut side = board.sides(game).first().copied().unwrap_or_else(|| {
            let [first, _] = sides(&selector.market);
            first
        });
        let mut speakers_of = speakers(game, &selector, side);
        if speakers_of.is_empty() && selector.phase == Phase::Live {
            selector.phase = Phase::Pregame;
            side = board.sides(game).first().copied().unwrap_or(side);
            speakers_of = speakers(game, &selector, side);
        }
        Some(Self {
            game,
            selector,
            side,
            speakers: speakers_of,
        })
    }

    fn side_name(&self) -> Arc<str> {
        self.game.side_name(self.side)
    }
}

impl State {
    /// Cursor, range and focus.
    pub fn handle(&mut self, action: Action, draw: &Draw<'_>, board: &board::State) {
        let Some(subject) = Subject::of(draw, board) else {
            return;
        };
        match action {
            Action::ZoomIn => self.range = self.range.step(-1),
            Action::ZoomOut => self.range = self.range.step(1),
            Action::LineOrPrice => {
                let by_line = self.by_line(&subject);
                self.unit = if by_line { Unit::Price } else { Unit::Line };
            }
            Action::NextBook => self.step_focus(&subject, 1),
            Action::PreviousBook => self.step_focus(&subject, -1),
            Action::Left => {
                let from = self.cursor.unwrap_or(draw.now + TimeDelta::milliseconds(1));
                self.cursor = change_before(&subject.speakers, from).or(self.cursor);
            }
            Action::Right => {
                self.cursor = self
                    .cursor
                    .and_then(|at| change_after(&subject.speakers, at))
                    .filter(|at| *at <= draw.now);
            }
            Action::First => self.cursor = first_change(&subject.speakers),
            Action::Last => self.cursor = None,
            _ => {}
        }
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

    /// Left and right edge. The right edge is now, or past the cursor where that lies further back.
    fn window(&self, draw: &Draw<'_>, speakers: &[Speaker<'_>]) -> (DateTime<Utc>, DateTime<Utc>) {
        let oldest = first_change(speakers).unwrap_or(draw.now - TimeDelta::hours(1));
        let span = self
            .range
            .span()
            .unwrap_or_else(|| (draw.now - oldest).max(TimeDelta::minutes(15)));
        let to = match self.cursor {
            Some(cursor) if cursor < draw.now - span => cursor + span / 4,
            _ => draw.now,
        };
        (to - span, to)
    }

    /// The window moved onto whole columns: a picture that slid by a fraction of a column each second would be
    /// another picture each second, with nothing new in it. Now is within the last column, which runs on into the labels.
    fn whole_columns(
        &self,
        draw: &Draw<'_>,
        speakers: &[Speaker<'_>],
        columns: usize,
    ) -> (i64, i64) {
        let (from, to) = self.window(draw, speakers);
        let span = (to - from).num_milliseconds().max(1);
        let column = (span / columns.max(1) as i64).max(1);
        let from = (from.timestamp_millis().div_euclid(column) + 1) * column;
        (from, from + column * columns as i64)
    }

    /// The change nearest to a column of the plot in `area`, for the mouse.
    pub fn point_at(
        &mut self,
        draw: &Draw<'_>,
        board: &board::State,
        area: Rect,
        (x, y): (u16, u16),
    ) {
        let Some(subject) = Subject::of(draw, board) else {
            return;
        };
        // The frame takes a cell on each side.
        let inner = Rect {
            x: area.x + 1,
            y: area.y + 1,
            width: area.width.saturating_sub(2),
            height: area.height.saturating_sub(2),
        };
        let plot = parts(inner).plot;
        if !(plot.x..plot.right()).contains(&x) || !(plot.y..plot.bottom()).contains(&y) {
            return;
        }
        let (from, to) = self.whole_columns(draw, &subject.speakers, plot.width.into());
        let column = (to - from) / i64::from(plot.width.max(1));
        let end = from + column * i64::from(x - plot.x + 1);
        let at = DateTime::from_timestamp_millis(end).unwrap_or(draw.now);
        self.cursor = change_before(&subject.speakers, at.min(draw.now))
            .or_else(|| first_change(&subject.speakers));
    }

    /// The series and the moment of the price under the cursor: the focused book's, else that of a book that changed
    /// there. None where the cursor stands on no change.
    pub fn origin(
        &self,
        draw: &Draw<'_>,
        board: &board::State,
    ) -> Option<(SeriesKey, DateTime<Utc>)> {
        let cursor = self.cursor?;
        let subject = Subject::of(draw, board)?;
        let focused = subject
            .speakers
            .iter()
            .filter(|s| Some(&s.shop) == self.focus.as_ref());
        let held = focused.filter_map(|speaker| Some((speaker, speaker.at(cursor)?.at)));
        let changed = subject
            .speakers
            .iter()
            .filter_map(|speaker| Some((speaker, speaker.at(cursor)?.at)))
            .filter(|(_, at)| *at == cursor);
        let (speaker, at) = held.chain(changed).next()?;
        let holds = |series: &&SeriesView| series.points.at(at).is_some_and(|p| p.at == at);
        let series = [Some(speaker.series), speaker.earlier]
            .into_iter()
            .flatten()
            .map(AsRef::as_ref)
            .find(holds)?;
        Some((series.key.clone(), at))
    }

    /// Draw it.
    pub fn view(&self, draw: &Draw<'_>, board: &board::State, area: Rect, buffer: &mut Buffer) {
        let Some(subject) = Subject::of(draw, board) else {
            let inner = draw.frame("Chart", "", area, buffer);
            draw.say(
                "No game to chart yet.",
                "The board fills once a source has answered; press 7 for the sources.",
                inner,
                buffer,
            );
            return;
        };
        let game = subject.game;
        let by_line = self.by_line(&subject);
        let unit = match (subject.selector.market.has_line(), by_line) {
            (true, true) => " by line",
            (true, false) => " by price",
            _ => "",
        };
        let title = format!(
            "{} @ {} · {}{unit} · {} · {}",
            game.away.abbr,
            game.home.abbr,
            subject.selector.market,
            subject.side_name(),
            self.range.name()
        );
        let aside = match (subject.selector.phase, game.history_loaded) {
            (_, false) => "since this run",
            (Phase::Live, _) => "live",
            (Phase::Pregame, _) => "pregame",
        };
        let inner = draw.frame(&title, aside, area, buffer);
        if subject.speakers.is_empty() {
            draw.say(
                "Nobody quotes this market of the game.",
                "Press m for another market, o for another period, v for another phase.",
                inner,
                buffer,
            );
            return;
        }
        let readout = self.readout_height(&subject, inner);
        let bets = splits::of(&subject);
        let room = inner.height >= 12 && inner.width >= 60;
        let [plot, betting, table] = Layout::vertical([
            Constraint::Min(3),
            Constraint::Length(u16::from(room && !bets.is_empty())),
            Constraint::Length(readout),
        ])
        .areas(inner);
        self.plot(draw, &subject, by_line, plot, buffer);
        if betting.height > 0 {
            splits::view(draw, &bets, betting, buffer);
        }
        if readout > 0 {
            self.readout(draw, &subject, table, buffer);
        }
    }

    fn by_line(&self, subject: &Subject<'_>) -> bool {
        let moved = |speaker: &Speaker<'_>| {
            let mut lines = speaker
                .newest_first()
                .take(LINE_LOOK)
                .filter_map(|p| p.price.line);
            let newest = lines.next();
            lines.any(|line| Some(line) != newest)
        };
        subject.selector.market.has_line()
            && match self.unit {
                Unit::Line => true,
                Unit::Price => false,
                Unit::Fitting => subject.speakers.iter().any(moved),
            }
    }

    /// The read-out has a row a book where there is room, and is there whenever the cursor is or the room is large.
    fn readout_height(&self, subject: &Subject<'_>, inner: Rect) -> u16 {
        let wanted = subject.speakers.len() as u16 + 1;
        if inner.height >= 26 || (self.cursor.is_some() && inner.height >= 7) {
            wanted.min(inner.height / 2)
        } else {
            0
        }
    }

    fn plot(
        &self,
        draw: &Draw<'_>,
        subject: &Subject<'_>,
        by_line: bool,
        area: Rect,
        buffer: &mut Buffer,
    ) {
        let columns = usize::from(parts(area).plot.width);
        let (from_ms, to_ms) = self.whole_columns(draw, &subject.speakers, columns);
        let moment = |ms| DateTime::from_timestamp_millis(ms).unwrap_or(draw.now);
        let (from, to) = (moment(from_ms), moment(to_ms));
        let mut tracks: Vec<Track> = subject
            .speakers
            .iter()
            .map(|speaker| self.track(draw, subject, speaker, by_line, (from_ms, to_ms), columns))
            .collect();
        if !by_line {
            tracks.extend(fair::track(draw, subject, (from_ms, to_ms), columns));
        }
        tracks.sort_by_key(|track| track.importance);
        let scale = series::scale(&tracks, by_line, parts(area).plot.height);
        let range = scale.range();
        let most = usize::from(area.height / 3).max(2);
        let values = if by_line {
            axis::line_ticks(range.0, range.1, most, &subject.selector.market)
        } else {
            axis::price_ticks(range.0, range.1, most)
        };
        let keys = if by_line {
            let selector = &subject.selector;
            let numbers = key_numbers(subject.game.league, &selector.market, selector.period);
            axis::key_ticks(range.0, range.1, numbers, &selector.market)
        } else {
            fair::mark(draw, subject)
                .filter(|tick| (range.0..=range.1).contains(&tick.at))
                .into_iter()
                .collect()
        };
        let theme = draw.theme;
        StepChart {
            tracks: &tracks,
            from: from_ms,
            to: to_ms,
            scale,
            values,
            keys,
            times: axis::time_ticks(from, to, draw.zone, usize::from(area.width / 10).max(2)),
            marks: marks(subject, draw),
            cursor: self.cursor.map(|at| at.timestamp_millis()),
            styles: Styles {
                grid: theme.grid,
                axis: theme.muted,
                axis_mark: theme.accent,
                mark: theme.mark,
                cursor: theme.cursor,
            },
        }
        .render(area, buffer);
    }
}

fn marks(subject: &Subject<'_>, draw: &Draw<'_>) -> Vec<Mark> {
    let mut marks = Vec::new();
    if let Some(open) = opening(&subject.speakers) {
        marks.push(Mark {
            at: open.at.timestamp_millis(),
            label: "open".into(),
        });
    }
    if let Some(start) = subject.game.starts_at {
        marks.push(Mark {
            at: start.timestamp_millis(),
            label: "start".into(),
        });
    }
    marks.push(Mark {
        at: draw.now.timestamp_millis(),
        label: "now".into(),
    });
    let selector = &subject.selector;
    let said = draw.snapshot.signals.iter().filter(|signal| {
        signal.game_id == subject.game.id
            && signal.market == selector.market
            && signal.period == selector.period
    });
    marks.extend(said.take(SIGNAL_MARKS).map(|signal| Mark {
        at: signal.at.timestamp_millis(),
        label: signals::kind(signal).to_lowercase(),
    }));
    marks
}

/// The newest change before `at` of any book.
fn change_before(speakers: &[Speaker<'_>], at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    speakers
        .iter()
        .filter_map(|s| s.newest_first().map(|p| p.at).find(|change| *change < at))
        .max()
}

/// The oldest change after `at` of any book.
fn change_after(speakers: &[Speaker<'_>], at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    speakers
        .iter()
        .filter_map(|s| {
            s.newest_first()
                .map(|p| p.at)
                .take_while(|change| *change > at)
                .last()
        })
        .min()
}

/// The oldest known change of any book.
fn first_change(speakers: &[Speaker<'_>]) -> Option<DateTime<Utc>> {
    speakers
        .iter()
        .flat_map(|s| [Some(s.series), s.earlier])
        .flatten()
        .filter_map(|series| series.points.iter().next().map(|p| p.at))
        .min()
}
