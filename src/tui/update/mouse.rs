//! The mouse: it gives a panel the keys, selects, scrolls, and points.

use crossterm::event::{MouseEvent, MouseEventKind};
use ratatui::layout::{Position, Rect};

use super::panels::{move_in_panel, show};
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::layout::{self, Layout};
use crate::tui::panel::Panel;
use crate::tui::ui::Ui;
use crate::tui::widget::timeline;

pub(super) fn mouse(ui: &mut Ui, event: MouseEvent) -> Vec<Effect> {
    let at = Position::new(event.column, event.row);
    let [.., past, _] = layout::frame(ui);
    if ui.travel.is_some() && past.contains(at) {
        if matches!(
            event.kind,
            MouseEventKind::Down(_) | MouseEventKind::Drag(_)
        ) {
            ui.travelling(|travel, known| {
                travel.go(known, timeline::moment(travel, past, event.column));
            });
            ui.dirty = true;
        }
        return Vec::new();
    }
    let place = Layout::of(ui)
        .places()
        .into_iter()
        .find(|(_, area): &(Panel, Rect)| area.contains(at));
    let Some((panel, _)) = place.filter(|_| ui.overlays.is_empty()) else {
        return Vec::new();
    };
    let area = place.map_or_else(Rect::default, |(_, area)| area);
    match event.kind {
        MouseEventKind::Down(_) => {
            show(ui, panel);
            click(ui, panel, area, at);
        }
        MouseEventKind::Drag(_) if panel == Panel::Chart => click(ui, panel, area, at),
        // Pointing reads the chart out while its cursor is there anyway; elsewhere it means nothing.
        MouseEventKind::Moved if panel == Panel::Chart && ui.chart.cursor.is_some() => {
            click(ui, panel, area, at);
        }
        MouseEventKind::ScrollUp => {
            show(ui, panel);
            move_in_panel(ui, Action::Up);
        }
        MouseEventKind::ScrollDown => {
            show(ui, panel);
            move_in_panel(ui, Action::Down);
        }
        _ => return Vec::new(),
    }
    ui.dirty = true;
    Vec::new()
}

/// Select what lies under the mouse.
fn click(ui: &mut Ui, panel: Panel, area: Rect, at: Position) {
    match panel {
        Panel::Board => {
            let mut state = ui.board.clone();
            state.select_row(&ui.draw(Panel::Board), area, at.y);
            if state.game != ui.board.game {
                ui.chart.cursor = None;
            }
            ui.board = state;
        }
        Panel::Chart => {
            let mut state = ui.chart.clone();
            state.point_at(&ui.draw(Panel::Chart), &ui.board, area, (at.x, at.y));
            ui.chart = state;
        }
        Panel::Tape => {
            let keys = ui.tape_keys();
            ui.tape.click(&keys, area, at.y);
        }
        Panel::Extraction => {
            let keys = ui.extraction_keys();
            ui.extraction.click(&keys, area, at.y);
        }
        Panel::Signals => {
            let keys = ui.signal_keys();
            ui.signals.click(&keys, area, at.y);
        }
        Panel::Logs => {
            let keys = ui.log_keys();
            ui.logs.click(&keys, area, at.y);
        }
        _ => {}
    }
}
