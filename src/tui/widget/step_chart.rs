//! Steps over time in box drawing, many series, none hiding another.
//!
//! The stock chart lets a later series erase an earlier one where they share a cell. Here every series is first worked
//! out on its own, as joins between neighbouring cells; a cell that several want goes to the most important one, and
//! among equals to the one that moves there. Points are first reduced to columns, so that painting costs by columns.

mod labels;
pub mod pen;
pub mod track;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::axis::Tick;
use super::scale::{Place, Scale};
use pen::{DOWN, LEFT, RIGHT, UP, salience};
pub use track::{Column, Level, Track, reduce};

/// A named moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    /// Milliseconds.
    pub at: i64,
    /// A word: `open`, `start`.
    pub label: String,
}

/// The chart.
#[derive(Debug)]
pub struct StepChart<'a> {
    /// Series.
    pub tracks: &'a [Track],
    /// Left edge, milliseconds.
    pub from: i64,
    /// Right edge, milliseconds.
    pub to: i64,
    /// Rows of values. What lies beyond them is not drawn, only labelled at the edge.
    pub scale: Scale,
    /// Ticks of the value axis.
    pub values: Vec<Tick>,
    /// Key numbers, each a line across the plot.
    pub keys: Vec<Tick>,
    /// Ticks of the time axis, milliseconds.
    pub times: Vec<Tick>,
    /// Named moments.
    pub marks: Vec<Mark>,
    /// The cursor, milliseconds.
    pub cursor: Option<i64>,
    /// Styles.
    pub styles: Styles,
}

/// Styles of what is no series.
#[derive(Debug, Clone, Copy, Default)]
pub struct Styles {
    /// Grid lines.
    pub grid: Style,
    /// Labels of axes.
    pub axis: Style,
    /// Words of named moments on the time axis.
    pub axis_mark: Style,
    /// Named moments and seams.
    pub mark: Style,
    /// The cursor.
    pub cursor: Style,
}

/// Where the parts of a chart go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parts {
    /// The lines.
    pub plot: Rect,
    /// Labels at the right.
    pub labels: Rect,
    /// The time axis.
    pub times: Rect,
}

/// Divide an area: labels at the right, the time axis below.
pub fn parts(area: Rect) -> Parts {
    // Wide enough for a few names and two prices where the lines keep enough.
    let wished = if area.width >= 70 { 22 } else { 17 };
    let labels = wished.min(area.width / 3);
    let plot = Rect {
        width: area.width - labels,
        height: area.height.saturating_sub(1),
        ..area
    };
    Parts {
        plot,
        labels: Rect {
            x: plot.right(),
            width: labels,
            ..plot
        },
        times: Rect {
            y: plot.bottom(),
            height: area.height.min(1),
            ..area
        },
    }
}

/// What drawing cost, for tests.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cost {
    /// Cells looked at, before one line wins each.
    pub cells: usize,
}

/// A cell of a line.
#[derive(Debug, Clone, Copy)]
struct Stroke<'a> {
    track: &'a Track,
    joins: u8,
    held: bool,
}

impl Stroke<'_> {
    const fn rank(&self) -> (u8, u8) {
        (self.track.importance, salience(self.joins))
    }
}

impl StepChart<'_> {
    /// Draw it.
    pub fn render(&self, area: Rect, buffer: &mut Buffer) -> Cost {
        let parts = parts(area);
        if parts.plot.width < 4 || parts.plot.height < 2 {
            return Cost::default();
        }
        self.grid(&parts, buffer);
        let cost = self.lines(parts.plot, buffer);
        self.cursor(parts.plot, buffer);
        self.labels(parts.labels, buffer);
        self.time_axis(&parts, buffer);
        cost
    }

    /// Cell row of a value, the edge for what lies beyond.
    fn row(&self, value: f64, plot: Rect) -> u16 {
        plot.y + self.scale.nearest(value).min(plot.height.saturating_sub(1))
    }

    /// Row from the top of the plot, one beyond the edge for what lies beyond.
    fn line_row(&self, value: f64, height: u16) -> i32 {
        match self.scale.place(value) {
            Place::Above => -1,
            Place::On(row) => i32::from(row.min(height)),
            Place::Below => i32::from(height),
        }
    }

    /// Cell column of a moment; none outside.
    fn column(&self, at: i64, plot: Rect) -> Option<u16> {
        let span = (self.to - self.from).max(1) as f64;
        let share = (at - self.from) as f64 / span;
        (0.0..=1.0)
            .contains(&share)
            .then(|| plot.x + ((share * f64::from(plot.width)) as u16).min(plot.width - 1))
    }

    fn grid(&self, parts: &Parts, buffer: &mut Buffer) {
        let plot = parts.plot;
        for tick in &self.values {
            let y = self.row(tick.at, plot);
            for x in (plot.x..plot.right()).step_by(2) {
                put(buffer, x, y, "·", self.styles.grid);
            }
        }
        for key in &self.keys {
            let y = self.row(key.at, plot);
            for x in plot.x..plot.right() {
                put(buffer, x, y, "·", self.styles.mark);
            }
        }
        for mark in &self.marks {
            let Some(x) = self.column(mark.at, plot) else {
                continue;
            };
            for y in plot.y..plot.bottom() {
                put(buffer, x, y, "┊", self.styles.mark);
            }
        }
        for track in self.tracks {
            self.seam(track, plot, buffer);
        }
    }

    /// A stroke above and below the line where another series of the shop took over.
    fn seam(&self, track: &Track, plot: Rect, buffer: &mut Buffer) {
        let Some(seam) = track.seam else { return };
        let level = track.columns.get(seam).and_then(|c| c.last.value());
        let x = plot.x.saturating_add(seam as u16);
        if let (Some(value), true) = (level, x < plot.right()) {
            let y = self.row(value, plot);
            let above = y.saturating_sub(1).max(plot.y);
            let below = (y + 1).min(plot.bottom() - 1);
            put(buffer, x, above, "┊", self.styles.mark);
            put(buffer, x, below, "┊", self.styles.mark);
        }
    }

    fn lines(&self, plot: Rect, buffer: &mut Buffer) -> Cost {
        let width = usize::from(plot.width);
        let mut cells: Vec<Option<Stroke<'_>>> = vec![None; width * usize::from(plot.height)];
        let mut cost = Cost::default();
        for track in self.tracks {
            let mut entering = None;
            for (x, column) in track.columns.iter().enumerate().take(width) {
                for (row, joins) in self.joins(entering, column, plot.height) {
                    cost.cells += 1;
                    let stroke = Stroke {
                        track,
                        joins,
                        held: matches!(column.last, Level::Held(_)),
                    };
                    if let Some(cell) = cells.get_mut(usize::from(row) * width + x)
                        && cell.is_none_or(|other| other.rank() < stroke.rank())
                    {
                        *cell = Some(stroke);
                    }
                }
                entering = column.last.value().filter(|_| column.span.is_some());
            }
        }
        for (index, stroke) in cells.iter().enumerate() {
            let Some(stroke) = stroke else { continue };
            let x = plot.x + (index % width) as u16;
            let y = plot.y + (index / width) as u16;
            let style = if stroke.held {
                stroke.track.style.add_modifier(Modifier::DIM)
            } else {
                stroke.track.style
            };
            let glyph = stroke.track.pen.glyph(stroke.joins, stroke.held);
            put(buffer, x, y, glyph, style);
        }
        cost
    }

    /// The cells of a column that a line passes, each with the neighbours it joins.
    fn joins(&self, entering: Option<f64>, column: &Column, height: u16) -> Vec<(u16, u8)> {
        let Some((low, high)) = column.span else {
            return Vec::new();
        };
        let row = |value| self.line_row(value, height);
        let (top, bottom) = (row(high), row(low));
        let enters = entering.map(row);
        let leaves = column.last.value().map(row);
        (0..height)
            .skip(top.max(0).unsigned_abs() as usize)
            .take_while(|y| i32::from(*y) <= bottom)
            .map(|y| {
                let at = i32::from(y);
                let join = |joined: bool, side: u8| if joined { side } else { 0 };
                let joins = join(enters == Some(at), LEFT)
                    | join(leaves == Some(at), RIGHT)
                    | join(at > top, UP)
                    | join(at < bottom, DOWN);
                // A price that came and went within its column still shows.
                (y, if joins == 0 { RIGHT } else { joins })
            })
            .collect()
    }

    fn cursor(&self, plot: Rect, buffer: &mut Buffer) {
        let Some(x) = self.cursor.and_then(|at| self.column(at, plot)) else {
            return;
        };
        for y in plot.y..plot.bottom() {
            if let Some(cell) = buffer.cell_mut((x, y)) {
                // Lines stay readable where the cursor crosses them.
                if matches!(cell.symbol(), " " | "·" | "┊") {
                    cell.set_symbol("│");
                    cell.set_style(self.styles.cursor);
                }
            }
        }
    }

    fn time_axis(&self, parts: &Parts, buffer: &mut Buffer) {
        let area = parts.times;
        if area.height == 0 {
            return;
        }
        // Named moments first: a tick gives way to them, the first to those after it.
        let marks = self
            .marks
            .iter()
            .map(|mark| (mark.at, &mark.label, self.styles.axis_mark));
        let ticks = self
            .times
            .iter()
            .map(|tick| (tick.at as i64, &tick.label, self.styles.axis));
        let mut taken = vec![false; area.width.into()];
        for (at, label, style) in marks.chain(ticks) {
            let Some(x) = self.column(at, parts.plot) else {
                continue;
            };
            let length = label.chars().count() as u16;
            let begins = x
                .saturating_sub(length / 2)
                .clamp(area.x, area.right().saturating_sub(length).max(area.x));
            let from = usize::from(begins - area.x);
            // One column of space on either side.
            let around = from.saturating_sub(1)..(from + usize::from(length) + 1).min(taken.len());
            if taken
                .get(around.clone())
                .is_none_or(|room| room.contains(&true))
            {
                continue;
            }
            buffer.set_stringn(begins, area.y, label, length.into(), style);
            if let Some(room) = taken.get_mut(around) {
                room.fill(true);
            }
        }
    }
}

fn put(buffer: &mut Buffer, x: u16, y: u16, symbol: &str, style: Style) {
    if let Some(cell) = buffer.cell_mut((x, y)) {
        cell.set_symbol(symbol).set_style(style);
    }
}

#[cfg(test)]
mod tests;
