//! One chart: the lines of all who quote, what they are measured by, and when.

use chrono::{DateTime, Utc};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::State;
use super::measure::Measure;
use super::subject::Subject;
use super::window::Window;
use super::{fair, series};
use crate::analytics::key_numbers::key_numbers;
use crate::engine::board::opening;
use crate::tui::panel::{Draw, signals};
use crate::tui::theme::Theme;
use crate::tui::widget::axis::{self, Tick};
use crate::tui::widget::step_chart::{Mark, StepChart, Styles, parts};

/// Most signals marked, the newest: beyond that a chart is all marks.
const SIGNAL_MARKS: usize = 12;

/// Styles of what is no line.
pub(super) const fn styles(theme: &Theme) -> Styles {
    Styles {
        grid: theme.grid,
        axis: theme.muted,
        axis_mark: theme.accent,
        mark: theme.mark,
        cursor: theme.cursor,
    }
}

impl State {
    /// Draw a chart over a window.
    pub(super) fn plot(
        &self,
        draw: &Draw<'_>,
        subject: &Subject<'_>,
        window: Window,
        area: Rect,
        buffer: &mut Buffer,
    ) {
        let measure = self.measure(subject);
        let (mut tracks, middle) = match measure {
            Measure::Fair => self.fair_tracks(draw, subject, window),
            Measure::Line => self.tracks(draw, subject, true, window),
            Measure::Price => self.tracks(draw, subject, false, window),
        };
        tracks.extend(middle);
        tracks.sort_by_key(|track| track.importance);
        let scale = series::scale(&tracks, measure, parts(area).plot.height);
        let range = scale.range();
        let most = usize::from(area.height / 3).max(2);
        let keys = if measure == Measure::Line {
            let selector = &subject.selector;
            let numbers = key_numbers(subject.game.league, &selector.market, selector.period);
            axis::key_ticks(range.0, range.1, numbers, &selector.market)
        } else {
            fair::mark(draw, subject)
                .filter(|tick| (range.0..=range.1).contains(&tick.at))
                .into_iter()
                .collect()
        };
        let moment = |ms| DateTime::from_timestamp_millis(ms).unwrap_or(draw.now);
        StepChart {
            tracks: &tracks,
            from: window.from,
            to: window.to,
            scale,
            values: ticks(measure, subject, range, most),
            keys,
            times: axis::time_ticks(
                moment(window.from),
                moment(window.to),
                draw.zone,
                usize::from(area.width / 10).max(2),
            ),
            marks: marks(subject, draw),
            cursor: self.cursor.map(|at| at.timestamp_millis()),
            styles: styles(draw.theme),
        }
        .render(area, buffer);
    }
}

/// Ticks of the value axis between two values, at most `most`.
pub(super) fn ticks(
    measure: Measure,
    subject: &Subject<'_>,
    (low, high): (f64, f64),
    most: usize,
) -> Vec<Tick> {
    match measure {
        Measure::Line => axis::line_ticks(low, high, most, &subject.selector.market),
        Measure::Price => axis::price_ticks(low, high, most),
        Measure::Fair => axis::percent_ticks(low, high, most),
    }
}

/// Open, start, now, and the signals of the market.
pub(super) fn marks(subject: &Subject<'_>, draw: &Draw<'_>) -> Vec<Mark> {
    let mark = |at: DateTime<Utc>, label: &str| Mark {
        at: at.timestamp_millis(),
        label: label.into(),
    };
    let mut marks = Vec::new();
    marks.extend(opening(&subject.speakers).map(|open| mark(open.at, "open")));
    marks.extend(subject.game.starts_at.map(|start| mark(start, "start")));
    marks.push(mark(draw.now, "now"));
    let selector = &subject.selector;
    let said = draw.snapshot.signals.iter().filter(|signal| {
        signal.game_id == subject.game.id
            && signal.market == selector.market
            && signal.period == selector.period
    });
    marks.extend(
        said.take(SIGNAL_MARKS)
            .map(|signal| mark(signal.at, &signals::kind(signal).to_lowercase())),
    );
    marks
}
