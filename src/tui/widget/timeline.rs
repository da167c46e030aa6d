//! The timeline of time travel: how much moved when, and where on it the screen stands.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget as _;

use chrono::{DateTime, Utc};

use super::axis;
use crate::tui::action::Action;
use crate::tui::figures;
use crate::tui::travel::Travel;
use crate::tui::ui::Ui;

/// Rows it takes.
pub const HEIGHT: u16 = 4;
/// Bars from nought to a whole row.
const BARS: [&str; 9] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/// The moment under a column of the timeline.
pub fn moment(travel: &Travel, area: Rect, column: u16) -> DateTime<Utc> {
    let (from, to) = travel.span;
    let width = i64::from(area.width.max(1));
    let offset = i64::from(column.saturating_sub(area.x).min(area.width));
    let span = (to - from).num_milliseconds();
    // Widths are small and spans are years at most, so this stays in range.
    from + chrono::TimeDelta::milliseconds(span.saturating_mul(offset) / width)
}

/// Draw it: words, two rows of bars, the clock below.
pub fn view(ui: &Ui, travel: &Travel, area: Rect, buffer: &mut Buffer) {
    if area.height < HEIGHT || area.width < 20 {
        return;
    }
    let theme = &ui.theme;
    let (from, to) = travel.span;
    let row = |y: u16| Rect {
        y: area.y + y,
        height: 1,
        ..area
    };
    words(ui, travel, row(0), buffer);
    let counts = travel.activity(&ui.live, area.width.into());
    let most = counts.iter().copied().max().unwrap_or(0).max(1);
    let span = (to - from).num_milliseconds().max(1);
    let passed = (travel.at() - from).num_milliseconds();
    let cursor = (passed.saturating_mul(i64::from(area.width)) / span) as u16;
    let cursor = area.x + cursor.min(area.width - 1);
    for (x, count) in (area.x..).zip(counts.iter()) {
        // Square roots, so that a quiet hour beside a busy one still shows.
        let share = (f64::from(*count) / f64::from(most)).sqrt();
        let eighths = (share * 16.0).ceil() as usize;
        let style = if x <= cursor {
            theme.spark
        } else {
            theme.faint
        };
        for (y, filled) in [(1, eighths.saturating_sub(8)), (2, eighths.min(8))] {
            let symbol = BARS.get(filled.min(8)).copied().unwrap_or(" ");
            if let Some(cell) = buffer.cell_mut((x, area.y + y)) {
                cell.set_symbol(symbol).set_style(style);
            }
        }
    }
    for y in 1..3 {
        if let Some(cell) = buffer.cell_mut((cursor, area.y + y)) {
            if cell.symbol() == " " {
                cell.set_symbol("│");
            }
            cell.set_style(theme.selected.patch(theme.cursor));
        }
    }
    for tick in axis::time_ticks(from, to, ui.zone, usize::from(area.width / 12).max(2)) {
        let at = ((tick.at as i64 - from.timestamp_millis()).max(0) as f64 / span as f64
            * f64::from(area.width)) as u16;
        let room = area.width.saturating_sub(at);
        if usize::from(room) > tick.label.chars().count() {
            buffer.set_stringn(
                area.x + at,
                area.y + 3,
                &tick.label,
                room.into(),
                theme.muted,
            );
        }
    }
}

fn words(ui: &Ui, travel: &Travel, area: Rect, buffer: &mut Buffer) {
    let theme = &ui.theme;
    buffer.set_style(area, theme.banner);
    let key = |action| ui.keymap.hint(action);
    let at = travel.at().with_timezone(&ui.zone);
    let state = if travel.is_playing() {
        format!("▶ ×{}", travel.speed)
    } else {
        format!("stands, ×{}", travel.speed)
    };
    let ways = format!(
        "{} plays  {} {} step  {} {} hour  {} {} speed  {} jump  {} now",
        key(Action::Play),
        key(Action::StepBack),
        key(Action::StepForward),
        key(Action::HourBack),
        key(Action::HourForward),
        key(Action::Slower),
        key(Action::Faster),
        key(Action::JumpTo),
        key(Action::TimeTravel),
    );
    Line::from(vec![
        Span::raw(format!(
            " PAST  {} {} · {} ago · {state}   ",
            at.format("%a %b %-d %H:%M:%S"),
            figures::zone(travel.at(), ui.zone),
            figures::age(ui.clock - travel.at()),
        )),
        Span::raw(ways),
    ])
    .style(theme.banner)
    .render(area, buffer);
}
