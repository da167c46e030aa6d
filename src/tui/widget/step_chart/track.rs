//! A series as columns: what is drawn of it, whatever the number of its points.

use ratatui::style::Style;

use super::pen::Pen;

/// What a series is at, from a moment on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Level {
    /// At a value.
    Quoted(f64),
    /// Suspended or not confirmed: the last value, drawn dotted and dim.
    Held(f64),
    /// At nothing: a gap.
    Gone,
}

impl Level {
    /// The value; none in a gap.
    pub const fn value(self) -> Option<f64> {
        match self {
            Self::Quoted(value) | Self::Held(value) => Some(value),
            Self::Gone => None,
        }
    }

    /// The value, while it is quoted.
    pub const fn quoted(self) -> Option<f64> {
        match self {
            Self::Quoted(value) => Some(value),
            Self::Held(_) | Self::Gone => None,
        }
    }
}

/// A series, reduced to columns.
#[derive(Debug, Clone, PartialEq)]
pub struct Track {
    /// Short name.
    pub label: String,
    /// Last value as text.
    pub value_text: String,
    /// Style of line and label.
    pub style: Style,
    /// What the line looks like without colour.
    pub pen: Pen,
    /// Higher ones win cells they share with others, and are labelled first.
    pub importance: u8,
    /// One entry a column of cells.
    pub columns: Vec<Column>,
    /// Column where another series of the same shop took over.
    pub seam: Option<usize>,
}

impl Track {
    /// Importance of the series somebody chose.
    pub const FRONT: u8 = 3;
    /// Importance of what the others are compared with.
    pub const REFERENCE: u8 = 0;

    /// The newest value on the chart; none when the series is gone throughout.
    pub fn newest(&self) -> Option<f64> {
        self.columns
            .iter()
            .rev()
            .find_map(|column| column.last.value().filter(|_| column.span.is_some()))
    }
}

/// One column of a series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Column {
    /// Lowest and highest value within the column, the entering one included.
    pub span: Option<(f64, f64)>,
    /// Level at the column's end.
    pub last: Level,
}

/// Reduce levels, oldest first, to `columns` columns over `from..to` (milliseconds). The last that began before `from`
/// is the level at the left edge. Columns that begin after `now` stay empty.
pub fn reduce(
    oldest_first: impl Iterator<Item = (i64, Level)>,
    from: i64,
    to: i64,
    now: i64,
    columns: usize,
) -> Vec<Column> {
    let width = (to - from).max(1) as f64 / columns.max(1) as f64;
    let begins = |index: usize| from as f64 + index as f64 * width;
    let flat = |level: Level| Column {
        span: level.value().map(|value| (value, value)),
        last: level,
    };
    let mut done: Vec<Column> = Vec::with_capacity(columns);
    let mut column = flat(Level::Gone);
    let mut next_begins = begins(1);
    let until = to.min(now);
    oldest_first
        .take_while(|(at, _)| *at <= until)
        .for_each(|(at, level)| {
            if at < from {
                column = flat(level);
                return;
            }
            // What falls on the right edge belongs to the last column.
            while at as f64 >= next_begins && done.len() + 1 < columns {
                done.push(column);
                column = flat(column.last);
                next_begins = begins(done.len() + 1);
            }
            column.last = level;
            if let Some(value) = level.value() {
                let (low, high) = column.span.unwrap_or((value, value));
                column.span = Some((low.min(value), high.max(value)));
            }
        });
    while done.len() < columns {
        let is_past = begins(done.len()) <= now as f64;
        done.push(if is_past { column } else { flat(Level::Gone) });
        column = flat(column.last);
    }
    done
}
