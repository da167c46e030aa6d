//! Which stretch of time is drawn.

use std::ops::Range;

use chrono::{DateTime, TimeDelta, Utc};
use ratatui::layout::Rect;

use super::State;
use super::places::Places;
use super::subject::Shown;
use crate::tui::panel::{Draw, board};

/// A stretch of time on whole columns, milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) from: i64,
    pub(super) to: i64,
    pub(super) columns: usize,
}

impl Window {
    /// Length of a column.
    pub(super) fn column(self) -> i64 {
        ((self.to - self.from) / self.columns.max(1) as i64).max(1)
    }

    /// What columns are counted by: their length, and how far the first one begins after a multiple of it.
    pub(super) fn grid(self) -> (i64, i64) {
        (self.column(), self.from.rem_euclid(self.column()))
    }

    /// Number of the column a moment falls into, the same in every window of the grid.
    pub(super) fn number(self, at: i64) -> i64 {
        let (column, phase) = self.grid();
        (at - phase).div_euclid(column)
    }

    /// When the column of a number begins.
    pub(super) fn begins(self, number: i64) -> i64 {
        let (column, phase) = self.grid();
        number * column + phase
    }

    /// Numbers of its columns.
    pub(super) fn numbers(self) -> Range<i64> {
        let first = self.number(self.from);
        first..first + self.columns as i64
    }
}

impl State {
    /// Left and right edge. The right edge is now, or past the cursor where that lies further back.
    pub(super) fn window(
        &self,
        draw: &Draw<'_>,
        shown: &Shown<'_>,
    ) -> (DateTime<Utc>, DateTime<Utc>) {
        let span = self.range.span().unwrap_or_else(|| {
            let oldest = shown.first_change();
            let oldest = oldest.unwrap_or(draw.now - TimeDelta::hours(1));
            (draw.now - oldest).max(TimeDelta::minutes(15))
        });
        let to = match self.cursor {
            Some(cursor) if cursor < draw.now - span => cursor + span / 4,
            _ => draw.now,
        };
        (to - span, to)
    }

    /// The window moved onto whole columns: a picture that slid by a fraction of a column each second would be
    /// another picture each second, with nothing new in it. Now is within the last column, which runs on into the labels.
    pub(super) fn whole_columns(
        &self,
        draw: &Draw<'_>,
        shown: &Shown<'_>,
        columns: usize,
    ) -> Window {
        let (from, to) = self.window(draw, shown);
        let span = (to - from).num_milliseconds().max(1);
        let column = (span / columns.max(1) as i64).max(1);
        let from = (from.timestamp_millis().div_euclid(column) + 1) * column;
        Window {
            from,
            to: from + column * columns as i64,
            columns,
        }
    }

    /// The change nearest to a column of a plot in `area`, for the mouse.
    pub fn point_at(
        &mut self,
        draw: &Draw<'_>,
        board: &board::State,
        area: Rect,
        (x, y): (u16, u16),
    ) {
        let Some(shown) = Shown::of(self, draw, board) else {
            return;
        };
        // The frame takes a cell on each side.
        let inner = Rect {
            x: area.x + 1,
            y: area.y + 1,
            width: area.width.saturating_sub(2),
            height: area.height.saturating_sub(2),
        };
        let places = Places::of(self, &shown, inner);
        let Some(plot) = places.plot_at(x, y) else {
            return;
        };
        let window = self.whole_columns(draw, &shown, plot.width.into());
        let end = window.from + window.column() * i64::from(x - plot.x + 1);
        let at = DateTime::from_timestamp_millis(end).unwrap_or(draw.now);
        self.cursor = shown
            .change_before(at.min(draw.now))
            .or_else(|| shown.first_change());
    }
}
