//! What linetape says about itself, newest first.

use chrono::{DateTime, Utc};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::{Draw, list};
use crate::engine::event::{LogLine, Severity};
use crate::engine::snapshot::Snapshot;
use crate::tui::figures;
use crate::tui::widget::table::{Column, Table};

/// What a line is known by; lines have no number of their own.
pub type Key = (DateTime<Utc>, String);

/// Key of a line.
pub fn key(line: &LogLine) -> Key {
    (line.at, line.message.clone())
}

/// The lines the filter leaves.
pub fn rows<'a>(draw: &Draw<'a>) -> impl Iterator<Item = &'a LogLine> {
    let snapshot: &'a Snapshot = draw.snapshot;
    let query = draw.query();
    snapshot
        .logs
        .iter()
        .filter(move |line| query.keeps(format!("{} {}", line.target, line.message).as_str()))
}

/// Draw it.
pub fn view(draw: &Draw<'_>, state: &list::State<Key>, area: Rect, buffer: &mut Buffer) {
    let theme = draw.theme;
    let rows: Vec<&LogLine> = rows(draw).collect();
    let dropped = draw.snapshot.logs_dropped;
    let aside = if dropped > 0 {
        format!("{dropped} dropped")
    } else {
        String::new()
    };
    let inner = draw.frame("Logs", &aside, area, buffer);
    if rows.is_empty() {
        let (what, next) = if draw.filter.is_empty() {
            (
                "Nothing to report.",
                "Warnings and notes of linetape itself appear here; filter under [log] of the settings says which.",
            )
        } else {
            ("No line has these words.", "Press / and clear the words.")
        };
        draw.say(what, next, inner, buffer);
        return;
    }
    let selected = state.selected.as_ref().and_then(|(at, message)| {
        rows.iter()
            .position(|line| line.at == *at && line.message == *message)
    });
    let columns = [
        Column::new("time", 8),
        Column::new("", 1),
        Column::new("from", 12).rank(1),
        Column::new("message", 20).flex(),
    ];
    let table = Table {
        columns: &columns,
        rows: rows.len(),
        selected,
        selection: draw.selection(),
        heading: theme.heading,
    };
    table.render(inner, buffer, |index| {
        let Some(line) = rows.get(index) else {
            return Vec::new();
        };
        let (sign, style) = match line.severity {
            Severity::Debug => ("·", theme.faint),
            Severity::Info => (" ", theme.text),
            Severity::Warning => ("!", theme.warn),
            Severity::Error => ("✗", theme.error),
        };
        vec![
            Line::styled(figures::clock(line.at, draw.zone), theme.muted),
            Line::styled(sign, style),
            Line::styled(line.target.clone(), theme.muted),
            Line::styled(line.message.clone(), style),
        ]
    });
}
