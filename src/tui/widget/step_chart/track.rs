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

/// Reduce points, newest first, to `columns` columns over `from..to` (milliseconds). What came before `from`
/// gives the level at the left edge; reading stops there. Columns that begin after `now` stay empty.
pub fn reduce(
    newest_first: impl Iterator<Item = (i64, Level)>,
    from: i64,
    to: i64,
    now: i64,
    columns: usize,
) -> Vec<Column> {
    let empty = Column {
        span: None,
        last: Level::Gone,
    };
    let width = (to - from).max(1) as f64 / columns.max(1) as f64;
    // Of each column that has points of its own: those alone.
    let mut own: Vec<Option<Column>> = vec![None; columns];
    let mut entering = Level::Gone;
    for (at, level) in newest_first {
        if at > to || at > now {
            continue;
        }
        if at < from {
            entering = level;
            break;
        }
        let index = (((at - from) as f64 / width) as usize).min(columns.saturating_sub(1));
        if let Some(slot) = own.get_mut(index) {
            let column = slot.get_or_insert(Column {
                span: None,
                last: level,
            });
            if let Some(value) = level.value() {
                column.span = Some(column.span.map_or((value, value), |(low, high)| {
                    (low.min(value), high.max(value))
                }));
            }
        }
    }
    let mut level = entering;
    (0..columns)
        .map(|index| {
            let begins = from as f64 + index as f64 * width;
            if begins > now as f64 {
                return empty;
            }
            let Some(Some(Column { span, last })) = own.get(index).copied() else {
                let span = level.value().map(|value| (value, value));
                return Column { span, last: level };
            };
            let with_entering = match (span, level.value()) {
                (Some((low, high)), Some(value)) => Some((low.min(value), high.max(value))),
                (span, value) => span.or(value.map(|v| (v, v))),
            };
            level = last;
            Column {
                span: with_entering,
                last,
            }
        })
        .collect()
}
