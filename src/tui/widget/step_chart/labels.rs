//! Names and values at the right edge: where each book is now.

use std::collections::BTreeMap;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::pen::{LEFT, RIGHT};
use super::{Level, Place, StepChart, Track, put};

impl StepChart<'_> {
    /// Who ends on which row, and at what.
    pub(super) fn labels(&self, area: Rect, buffer: &mut Buffer) {
        let plot = Rect { width: 1, ..area };
        let mut taken = vec![false; area.height.into()];
        for (row, group) in self.grouped(plot) {
            if let Some(cell) = taken.get_mut(usize::from(row - area.y)) {
                *cell = true;
            }
            let Some(first) = group.first() else { continue };
            self.connect(first, area, row, buffer);
            let room =
                |values: &str| usize::from(area.width).saturating_sub(2 + values.chars().count());
            let mut values = values(&group);
            // A name cut in the middle says less than one value of several left out.
            if room(&values) < first.label.chars().count() {
                values.clone_from(&first.value_text);
            }
            let room = room(&values);
            let names = names(&group, room);
            let (x, _) = buffer.set_stringn(area.x + 1, row, names, room, first.style);
            let style = if group.iter().any(|t| t.importance >= Track::FRONT) {
                first.style
            } else {
                self.styles.axis
            };
            let room = usize::from(area.right().saturating_sub(x + 1));
            buffer.set_stringn(x + 1, row, values, room, style);
        }
        for tick in self.keys.iter().chain(&self.values) {
            let row = self.row(tick.at, plot);
            if let Some(taken) = taken.get_mut(usize::from(row - area.y))
                && !std::mem::replace(taken, true)
            {
                put(buffer, area.x, row, "┼", self.styles.grid);
                let room = usize::from(area.width).saturating_sub(2);
                buffer.set_stringn(area.x + 2, row, &tick.label, room, self.styles.axis);
            }
        }
    }

    /// Tracks by the row they end on, the most important first in each.
    fn grouped(&self, plot: Rect) -> BTreeMap<u16, Vec<&Track>> {
        let mut tracks: Vec<&Track> = self.tracks.iter().collect();
        tracks.sort_by_key(|track| std::cmp::Reverse(track.importance));
        let mut rows: BTreeMap<u16, Vec<&Track>> = BTreeMap::new();
        for track in tracks {
            if let Some(value) = track.newest() {
                rows.entry(self.row(value, plot)).or_default().push(track);
            }
        }
        rows
    }

    /// The line runs on into its label; an arrow where it lies beyond the edge.
    fn connect(&self, track: &Track, area: Rect, row: u16, buffer: &mut Buffer) {
        let Some(value) = track.newest() else { return };
        let symbol = match self.scale.place(value) {
            Place::Above => "▲",
            Place::Below => "▼",
            Place::On(_) => {
                let held = track
                    .columns
                    .iter()
                    .rev()
                    .find(|column| column.span.is_some())
                    .is_some_and(|column| matches!(column.last, Level::Held(_)));
                track.pen.glyph(LEFT | RIGHT, held)
            }
        };
        put(buffer, area.x, row, symbol, track.style);
    }
}

/// `−198`, and `−198…−195` where a row is worth more than one price.
fn values(group: &[&Track]) -> String {
    let by_value = |a: &&&Track, b: &&&Track| {
        let value = |track: &Track| track.newest().unwrap_or_default();
        value(a).total_cmp(&value(b))
    };
    let (Some(lowest), Some(highest)) =
        (group.iter().min_by(by_value), group.iter().max_by(by_value))
    else {
        return String::new();
    };
    if lowest.value_text == highest.value_text {
        highest.value_text.clone()
    } else {
        format!("{}…{}", highest.value_text, lowest.value_text)
    }
}

/// `DK·FD`, and `DK+3` where there is no room for all.
pub(super) fn names(group: &[&Track], room: usize) -> String {
    let all = group
        .iter()
        .map(|t| t.label.as_str())
        .collect::<Vec<_>>()
        .join("·");
    if all.chars().count() <= room {
        return all;
    }
    (1..group.len())
        .rev()
        .map(|kept| {
            let shown: Vec<_> = group.iter().take(kept).map(|t| t.label.as_str()).collect();
            format!("{}+{}", shown.join("·"), group.len() - kept)
        })
        .find(|text| text.chars().count() <= room)
        .unwrap_or_else(|| {
            let first = group.first().map_or("", |track| track.label.as_str());
            first.chars().take(room).collect()
        })
}
