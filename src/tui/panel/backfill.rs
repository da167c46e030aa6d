//! Backfills: progress, time left, outcome.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::{Draw, list};
use crate::engine::snapshot::{BackfillState, BackfillView, Snapshot};
use crate::tui::figures;
use crate::tui::widget::spark;
use crate::tui::widget::table::{Column, Table};

/// The backfills.
pub fn rows<'a>(draw: &Draw<'a>) -> impl Iterator<Item = &'a BackfillView> {
    let snapshot: &'a Snapshot = draw.snapshot;
    snapshot.backfills.iter()
}

/// Draw it.
pub fn view(draw: &Draw<'_>, state: &list::State<u64>, area: Rect, buffer: &mut Buffer) {
    let theme = draw.theme;
    let rows: Vec<&BackfillView> = rows(draw).collect();
    let running = rows.iter().any(|row| row.state == BackfillState::Running);
    let inner = draw.frame(
        "Backfills",
        if running {
            "x cancels the selected one"
        } else {
            "b starts one"
        },
        area,
        buffer,
    );
    if rows.is_empty() {
        draw.say(
            "No backfill has been asked for.",
            "Press b to fetch the history of a range of days.",
            inner,
            buffer,
        );
        return;
    }
    let keys: Vec<u64> = rows.iter().map(|row| row.id).collect();
    let columns = [
        Column::new("league", 6),
        Column::new("days", 14).rank(3),
        Column::new("progress", 10),
        Column::new("done", 7).right(),
        Column::new("left", 5).right(),
        Column::new("games", 5).right().rank(2),
        Column::new("changes", 7).right().rank(1),
        Column::new("err", 3).right().rank(4),
        Column::new("state", 9).flex(),
    ];
    let table = Table {
        columns: &columns,
        rows: rows.len(),
        selected: state.row(&keys),
        selection: draw.selection(),
        heading: theme.heading,
    };
    table.render(inner, buffer, |index| {
        let Some(row) = rows.get(index) else {
            return Vec::new();
        };
        let (words, style) = match &row.state {
            BackfillState::Running => ("▶ running".to_owned(), theme.accent),
            BackfillState::Done => ("✓ complete".to_owned(), theme.ok),
            BackfillState::Cancelled => ("○ cancelled".to_owned(), theme.muted),
            BackfillState::Failed(why) => (format!("✗ {why}"), theme.error),
        };
        let errand = draw.snapshot.errands.iter().find(|e| e.id == row.id);
        let left = errand
            .filter(|_| row.state == BackfillState::Running)
            .and_then(|errand| errand.eta_s(draw.now, draw.speed()))
            .map(figures::seconds);
        let share = if row.days == 0 {
            1.0
        } else {
            f64::from(row.days_done) / f64::from(row.days)
        };
        vec![
            Line::from(row.league.as_str().to_uppercase()),
            Line::styled(
                format!(
                    "{} – {}",
                    row.from.format("%b %-d"),
                    row.to.format("%b %-d")
                ),
                theme.muted,
            ),
            Line::styled(spark::progress(share, 10), style),
            Line::from(format!("{}/{}", row.days_done, row.days)),
            Line::styled(left.unwrap_or_default(), theme.strong),
            Line::styled(row.games.to_string(), theme.muted),
            Line::styled(figures::short(row.changes), theme.muted),
            Line::styled(
                row.errors.to_string(),
                if row.errors > 0 {
                    theme.warn
                } else {
                    theme.muted
                },
            ),
            Line::styled(words, style),
        ]
    });
}
