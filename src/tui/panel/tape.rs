//! Moves as they happen, newest first.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::{Draw, list};
use crate::domain::market::{Phase, QuoteStatus};
use crate::engine::board::{ShopId, direction};
use crate::engine::snapshot::{Snapshot, TapeEntry};
use crate::tui::figures;
use crate::tui::theme::slot::Slot;
use crate::tui::widget::table::{Column, Table};

/// The moves the filter leaves.
pub fn rows<'a>(draw: &Draw<'a>) -> impl Iterator<Item = &'a TapeEntry> {
    let snapshot: &'a Snapshot = draw.snapshot;
    let query = draw.query();
    snapshot
        .tape
        .iter()
        .filter(move |entry| query.keeps(*entry))
}

/// Draw it.
pub fn view(draw: &Draw<'_>, state: &list::State<u64>, area: Rect, buffer: &mut Buffer) {
    let rows: Vec<&TapeEntry> = rows(draw).collect();
    let aside = if state.selected.is_some() {
        "g follows the newest"
    } else {
        ""
    };
    let inner = draw.frame("Tape", aside, area, buffer);
    if rows.is_empty() {
        let (what, next) = if draw.filter.is_empty() {
            (
                "Nothing has moved yet.",
                "Moves appear here the moment a book changes a price; R asks every feed now, 7 shows how they do.",
            )
        } else {
            (
                "No move has these words.",
                "Press / and clear the words to see all moves.",
            )
        };
        draw.say(what, next, inner, buffer);
        return;
    }
    let keys: Vec<u64> = rows.iter().map(|entry| entry.serial).collect();
    let columns = [
        Column::new("time", 8),
        Column::new("book", 4),
        Column::new("side", 5),
        // A name of four letters and the mark of a price in play, behind the part of the game.
        Column::new("mkt", 8).rank(2),
        Column::new("before → after", 15).flex(),
        Column::new("", 1),
        Column::new("drift", 6).right().rank(1),
        Column::new("game", 12).rank(3),
    ];
    let table = Table {
        columns: &columns,
        rows: rows.len(),
        selected: state.row(&keys),
        selection: draw.selection(),
        heading: draw.theme.heading,
    };
    table.render(inner, buffer, |index| {
        rows.get(index)
            .map_or_else(Vec::new, |entry| cells(draw, entry))
    });
}

fn cells(draw: &Draw<'_>, entry: &TapeEntry) -> Vec<Line<'static>> {
    let theme = draw.theme;
    let shop = entry
        .book
        .clone()
        .map_or_else(|| ShopId::Labelled(entry.label.clone()), ShopId::Known);
    let before = entry
        .before
        .map(|before| figures::price(&before, &entry.market));
    // A line that stayed is said once.
    let after = match (entry.before, entry.after.odds) {
        (Some(before), Some(odds))
            if before.line == entry.after.line
                && before.status == QuoteStatus::Open
                && entry.after.status == QuoteStatus::Open =>
        {
            odds.to_string()
        }
        _ => figures::price(&entry.after, &entry.market),
    };
    let way = entry
        .before
        .and_then(|before| direction(entry.side, &before, &entry.after));
    let (mark, style) = match way {
        Some(std::cmp::Ordering::Greater) => ("▲", theme.up),
        Some(_) => ("▼", theme.down),
        None => (" ", theme.muted),
    };
    let drift = entry
        .drift
        .map_or_else(String::new, |drift| format!("{:.1} %", drift.abs() * 100.0));
    let live = if entry.phase == Phase::Live {
        "●"
    } else {
        ""
    };
    vec![
        Line::styled(figures::clock(entry.at, draw.zone), theme.muted),
        Line::styled(entry.label.to_string(), theme.series(Slot::of(&shop))),
        Line::from(entry.selection.to_string()),
        Line::styled(
            format!(
                "{}{live}",
                figures::market_part(&entry.market, entry.period)
            ),
            theme.muted,
        ),
        Line::from(vec![
            Span::styled(
                before.map_or_else(|| "new → ".to_owned(), |b| format!("{b} → ")),
                theme.muted,
            ),
            Span::styled(after, theme.strong),
        ]),
        Line::styled(mark, style),
        Line::styled(drift, style),
        Line::styled(entry.game.to_string(), theme.muted),
    ]
}
