//! Columns and rows. The least important columns go when there is no room; only rows in view are made.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::tui::panel::first_row;

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Head.
    pub title: String,
    /// Width in terminal columns.
    pub width: u16,
    /// Whether text stands at the right.
    pub right: bool,
    /// Whether it takes what room is left.
    pub flex: bool,
    /// Which go first when there is no room: the highest; 0 never.
    pub rank: u8,
}

impl Column {
    /// A column that never goes, text at the left.
    pub fn new(title: impl Into<String>, width: u16) -> Self {
        Self {
            title: title.into(),
            width,
            right: false,
            flex: false,
            rank: 0,
        }
    }

    /// Space after it; a column without width is not there at all.
    const fn gap(&self) -> u16 {
        if self.width == 0 { 0 } else { 1 }
    }

    /// Text at the right.
    #[must_use]
    pub const fn right(mut self) -> Self {
        self.right = true;
        self
    }

    /// Takes what room is left.
    #[must_use]
    pub const fn flex(mut self) -> Self {
        self.flex = true;
        self
    }

    /// Goes when there is no room, higher ranks first.
    #[must_use]
    pub const fn rank(mut self, rank: u8) -> Self {
        self.rank = rank;
        self
    }
}

/// Position and width of each column in `room`; none for those that had to go. One column of space between.
pub fn place(columns: &[Column], room: u16) -> Vec<Option<(u16, u16)>> {
    let mut kept = vec![true; columns.len()];
    let needs = |kept: &[bool]| -> u16 {
        let widths = columns.iter().zip(kept).filter(|(_, kept)| **kept);
        let taken = widths.map(|(column, _)| column.width + column.gap());
        taken.fold(0_u16, u16::saturating_add).saturating_sub(1)
    };
    while needs(&kept) > room {
        let victim = columns
            .iter()
            .enumerate()
            .filter(|(index, column)| column.rank > 0 && kept.get(*index).copied().unwrap_or(false))
            .max_by_key(|(index, column)| (column.rank, *index))
            .map(|(index, _)| index);
        match victim.and_then(|index| kept.get_mut(index)) {
            Some(kept) => *kept = false,
            None => break,
        }
    }
    let mut spare = room.saturating_sub(needs(&kept));
    let mut x = 0;
    columns
        .iter()
        .zip(&kept)
        .map(|(column, kept)| {
            if !kept {
                return None;
            }
            let width = column.width
                + if column.flex {
                    std::mem::take(&mut spare)
                } else {
                    0
                };
            let width = width.min(room.saturating_sub(x));
            let placed = (x, width);
            x = x.saturating_add(width + column.gap()).min(room);
            Some(placed)
        })
        .collect()
}

/// A table to draw.
#[derive(Debug, Clone)]
pub struct Table<'a> {
    /// Columns.
    pub columns: &'a [Column],
    /// Number of rows.
    pub rows: usize,
    /// Selected row.
    pub selected: Option<usize>,
    /// Style of the selected row.
    pub selection: Style,
    /// Style of the heads.
    pub heading: Style,
}

impl Table<'_> {
    /// Draw it; `row` makes the cells of a row.
    pub fn render<'r>(
        &self,
        area: Rect,
        buffer: &mut Buffer,
        mut row: impl FnMut(usize) -> Vec<Line<'r>>,
    ) {
        if area.height == 0 {
            return;
        }
        let places = place(self.columns, area.width);
        for (column, placed) in self.columns.iter().zip(&places) {
            if let Some((x, width)) = *placed {
                // Spaces that keep a head over its digits are no part of it: an underline would show them.
                let words = column.title.trim_end();
                let pad = column.title.get(words.len()..).unwrap_or_default();
                let head = Line::from(vec![Span::styled(words, self.heading), Span::raw(pad)]);
                cell(
                    &head,
                    column.right,
                    Rect::new(area.x + x, area.y, width, 1),
                    buffer,
                );
            }
        }
        let height = usize::from(area.height - 1);
        let first = first_row(self.selected.unwrap_or(0), self.rows, height);
        for (offset, index) in (first..self.rows).take(height).enumerate() {
            let y = area.y + 1 + offset as u16;
            let line = Rect::new(area.x, y, area.width, 1);
            self.cells(&row(index), &places, line, buffer);
            if self.selected == Some(index) {
                buffer.set_style(line, self.selection);
            }
        }
    }
}

impl Table<'_> {
    /// Draw one row of cells in the table's columns.
    pub fn row(&self, cells: &[Line<'_>], area: Rect, buffer: &mut Buffer) {
        self.cells(cells, &place(self.columns, area.width), area, buffer);
    }

    fn cells(
        &self,
        cells: &[Line<'_>],
        places: &[Option<(u16, u16)>],
        area: Rect,
        buffer: &mut Buffer,
    ) {
        for ((content, column), placed) in cells.iter().zip(self.columns).zip(places) {
            if let Some((x, width)) = *placed {
                cell(
                    content,
                    column.right,
                    Rect::new(area.x + x, area.y, width, 1),
                    buffer,
                );
            }
        }
    }
}

impl Table<'_> {
    /// Say in the heads that more columns lie beyond those from column `from` on, which are walked through: at the left
    /// where some are `passed`, at the right where some have no room.
    pub fn beyond(&self, from: usize, passed: bool, style: Style, area: Rect, buffer: &mut Buffer) {
        let places = place(self.columns, area.width);
        let walked = places.get(from..).unwrap_or_default();
        let mut seen = walked.iter().flatten();
        let Some(&first) = seen.next() else { return };
        let &last = seen.next_back().unwrap_or(&first);
        if passed {
            put(buffer, area, first.0.saturating_sub(1), "‹", style);
        }
        if walked.iter().any(Option::is_none) {
            let end = (last.0 + last.1).saturating_sub(1);
            put(buffer, area, end, "›", style);
        }
    }
}

fn put(buffer: &mut Buffer, area: Rect, x: u16, mark: &str, style: Style) {
    if area.height > 0 && x < area.width {
        buffer.set_stringn(area.x + x, area.y, mark, 1, style);
    }
}

/// Text in a cell; too much is cut with `…`, never a digit of a number at the right.
fn cell(content: &Line<'_>, right: bool, area: Rect, buffer: &mut Buffer) {
    let length = content.width() as u16;
    let x = if right {
        area.x + area.width.saturating_sub(length)
    } else {
        area.x
    };
    buffer.set_line(x, area.y, content, area.width);
    if length > area.width
        && area.width > 0
        && let Some(last) = buffer.cell_mut((area.x + area.width - 1, area.y))
    {
        last.set_symbol("…");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_important_columns_go_first() {
        let columns = [
            Column::new("a", 5),
            Column::new("b", 5).rank(1),
            Column::new("c", 5).rank(2),
        ];
        assert_eq!(
            place(&columns, 17),
            [Some((0, 5)), Some((6, 5)), Some((12, 5))]
        );
        assert_eq!(place(&columns, 16), [Some((0, 5)), Some((6, 5)), None]);
        assert_eq!(place(&columns, 6), [Some((0, 5)), None, None]);
        assert_eq!(place(&columns, 3), [Some((0, 3)), None, None]);
    }

    #[test]
    fn the_flexible_column_takes_what_is_left() {
        let columns = [Column::new("a", 5).flex(), Column::new("b", 5)];
        assert_eq!(place(&columns, 20), [Some((0, 14)), Some((15, 5))]);
    }

    #[test]
    fn columns_out_of_view_have_a_mark_on_their_side() {
        let columns = [
            Column::new("a", 3),
            Column::new("b  ", 5).right(),
            Column::new("c  ", 5).right().rank(1),
        ];
        let table = Table {
            columns: &columns,
            rows: 0,
            selected: None,
            selection: Style::new(),
            heading: Style::new(),
        };
        let heads = |width, passed| -> String {
            let area = Rect::new(0, 0, width, 1);
            let mut buffer = Buffer::empty(area);
            table.render(area, &mut buffer, |_| Vec::new());
            table.beyond(1, passed, Style::new(), area, &mut buffer);
            buffer
                .content
                .iter()
                .map(ratatui::buffer::Cell::symbol)
                .collect()
        };
        assert_eq!(heads(15, false), "a     b     c  ");
        assert_eq!(heads(15, true), "a  ‹  b     c  ");
        assert_eq!(heads(14, false), "a     b ›     ");
        assert_eq!(heads(9, true), "a  ‹  b ›");
    }
}
