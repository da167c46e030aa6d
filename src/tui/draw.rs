//! The whole screen from what is remembered. Reads no clock and does no I/O.

mod bars;
mod hints;
mod pulse;

use ratatui::buffer::Buffer;
use ratatui::layout::{Alignment, Rect};
use ratatui::text::Line;
use ratatui::widgets::{Paragraph, Widget, Wrap};

use super::action::Action;
use super::glyph;
use super::layout::{self, LEAST, Layout};
use super::panel::{
    Panel, backfill, cache, extraction, jobs, logs, opportunities, persistence, signals, sources,
    tape,
};
use super::ui::Ui;
use super::widget::{follow, timeline, toast};

/// Draw everything.
pub fn draw(ui: &Ui, buffer: &mut Buffer) {
    let layout = Layout::of(ui);
    if layout == Layout::TooSmall {
        too_small(ui, buffer);
        glyph::finish(buffer, ui.glyphs);
        return;
    }
    let [header, pulse, banner, body, past, hints] = layout::frame(ui);
    bars::header(ui, header, buffer);
    pulse::view(ui, pulse, buffer);
    if layout::has_banner(ui) {
        bars::banner(ui, banner, buffer);
    }
    if let Layout::Stacked { tabs, panel, .. } = &layout {
        bars::tabs(ui, panel.0, *tabs, buffer);
    }
    for (panel, area) in layout.places() {
        view(ui, panel, area, buffer);
    }
    if let Some(travel) = &ui.travel {
        timeline::view(ui, travel, past, buffer);
    }
    hints::view(ui, hints, buffer);
    toast::view(ui, body, buffer);
    follow::view(ui, body, buffer);
    for overlay in &ui.overlays {
        overlay.view(ui, body, hints, buffer);
    }
    glyph::finish(buffer, ui.glyphs);
}

fn view(ui: &Ui, panel: Panel, area: Rect, buffer: &mut Buffer) {
    let draw = ui.draw(panel);
    match panel {
        Panel::Board => ui.board.view(&draw, area, buffer),
        // The chart draws the board's game, so it looks through the board's filter.
        Panel::Chart => ui.chart.view(&draw, &ui.board, area, buffer),
        Panel::Tape => tape::view(&draw, &ui.tape, area, buffer),
        Panel::Extraction => extraction::view(&draw, &ui.extraction, area, buffer),
        Panel::Persistence => persistence::view(&draw, area, buffer),
        Panel::Cache => cache::view(&draw, area, buffer),
        Panel::Sources => sources::view(&draw, &ui.sources, area, buffer),
        Panel::Backfill => backfill::view(&draw, &ui.backfill, area, buffer),
        Panel::Logs => logs::view(&draw, &ui.logs, area, buffer),
        Panel::Signals => signals::view(&draw, &ui.signals, area, buffer),
        Panel::Opportunities => opportunities::view(&draw, &ui.opportunities, area, buffer),
        Panel::Jobs => {
            let key = ui.keymap.hint(Action::RunJob);
            jobs::view(&draw, &ui.jobs, &key, area, buffer);
        }
    }
}

fn too_small(ui: &Ui, buffer: &mut Buffer) {
    let area = buffer.area;
    let (width, height) = ui.size;
    let words = vec![
        Line::styled("linetape needs a little more room", ui.theme.strong),
        Line::styled(
            format!(
                "{}×{} or more, this is {width}×{height}. Collection goes on; q quits.",
                LEAST.0, LEAST.1
            ),
            ui.theme.muted,
        ),
    ];
    let top = area.height / 3;
    let area = Rect {
        y: area.y + top,
        height: area.height - top,
        ..area
    };
    Paragraph::new(words)
        .wrap(Wrap { trim: true })
        .alignment(Alignment::Center)
        .render(area, buffer);
}

#[cfg(test)]
mod tests;
