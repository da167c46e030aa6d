//! Which panel has the keys, what its rows must hold, and where it stands.

use crate::engine::command::Command;
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::layout::{self, Layout};
use crate::tui::panel::Panel;
use crate::tui::ui::Ui;

pub(in crate::tui) fn set_filter(ui: &mut Ui, panel: Panel, text: &str) {
    if text.trim().is_empty() {
        ui.filters.remove(&panel);
    } else {
        ui.filters.insert(panel, text.to_owned());
    }
}

/// Give a panel the keys, and a place where it has none of its own.
pub(in crate::tui) fn show(ui: &mut Ui, panel: Panel) {
    ui.focus = panel;
    if layout::SHARED.contains(&panel) {
        ui.shared = panel;
    }
    if panel != Panel::Board {
        ui.tab = panel;
    }
}

pub(super) fn step_panel(ui: &mut Ui, step: isize) {
    let all: Vec<Panel> = if ui.zoomed {
        Panel::ALL.to_vec()
    } else {
        match Layout::of(ui) {
            Layout::Overview(places) => places.iter().map(|(panel, _)| *panel).collect(),
            _ => Panel::ALL.to_vec(),
        }
    };
    let at = all.iter().position(|panel| *panel == ui.focus).unwrap_or(0);
    let count = all.len().max(1) as isize;
    let next = (at as isize + step).rem_euclid(count) as usize;
    if let Some(panel) = all.get(next) {
        show(ui, *panel);
    }
}

/// Columns within the board's frame; 0 where it is not in view.
fn board_width(ui: &Ui) -> u16 {
    let places = Layout::of(ui).places();
    let board = places.iter().find(|(panel, _)| *panel == Panel::Board);
    board.map_or(0, |(_, area)| area.width.saturating_sub(2))
}

pub(super) fn move_in_panel(ui: &mut Ui, action: Action) {
    match ui.focus {
        Panel::Board => {
            let mut state = ui.board.clone();
            state.handle(action, &ui.draw(Panel::Board), board_width(ui));
            if state.game != ui.board.game {
                ui.chart.cursor = None;
            }
            ui.board = state;
        }
        Panel::Chart => {
            let mut state = ui.chart.clone();
            let vertical = matches!(
                action,
                Action::Up | Action::Down | Action::PageUp | Action::PageDown
            );
            if vertical {
                // Up and down walk through the games, so that charts can be leafed through.
                let mut board = ui.board.clone();
                board.handle(action, &ui.draw(Panel::Board), board_width(ui));
                ui.board = board;
                // Beside another chart the moment is what both have in common.
                if state.pinned.is_none() {
                    state.cursor = None;
                }
            } else {
                state.handle(action, &ui.draw(Panel::Chart), &ui.board);
            }
            ui.chart = state;
        }
        Panel::Tape => {
            let keys = ui.tape_keys();
            ui.tape.handle(action, &keys);
        }
        Panel::Extraction => {
            let keys = ui.extraction_keys();
            ui.extraction.handle(action, &keys);
        }
        Panel::Sources => {
            let keys: Vec<_> = ui.snapshot().sources.iter().map(|s| s.source).collect();
            ui.sources.handle(action, &keys);
        }
        Panel::Backfill => {
            let keys = ui.backfill_keys();
            ui.backfill.handle(action, &keys);
        }
        Panel::Logs => {
            let keys = ui.log_keys();
            ui.logs.handle(action, &keys);
        }
        Panel::Jobs => {
            let keys: Vec<_> = ui.snapshot().jobs.rows.iter().map(|row| row.job).collect();
            ui.jobs.handle(action, &keys);
        }
        Panel::Signals => {
            let keys = ui.signal_keys();
            ui.signals.handle(action, &keys);
        }
        Panel::Opportunities => {
            let keys = ui.chance_keys();
            ui.opportunities.handle(action, &keys);
        }
        Panel::Persistence | Panel::Cache => {}
    }
}

/// On the board, Enter opens the game's chart; elsewhere it gives the panel the screen and takes it back. On the tape
/// it goes to the game of the selected move, from the signals' evidence to the chart of that moment.
pub(super) fn open(ui: &mut Ui) -> Vec<Effect> {
    if ui.focus == Panel::Tape
        && let Some(serial) = ui.tape.selected
        && let Some(entry) = ui
            .snapshot()
            .tape
            .iter()
            .find(|e| e.serial == serial)
            .cloned()
    {
        ui.board.show(&entry);
        ui.chart.cursor = Some(entry.at);
        ui.chart.focus = entry.book.clone().map(crate::engine::board::ShopId::Known);
        show(ui, Panel::Chart);
        ui.zoomed = true;
    } else if let (Panel::Chart, true, Some((key, at))) = (
        ui.focus,
        ui.zoomed,
        ui.chart.origin(&ui.draw(Panel::Chart), &ui.board),
    ) {
        return vec![ui.ask(Command::Origin(Box::new(key), at))];
    } else if ui.focus == Panel::Board {
        show(ui, Panel::Chart);
        ui.zoomed = true;
    } else if ui.focus == Panel::Signals && ui.zoomed {
        let selected = ui.signals.selected.clone();
        let snapshot = ui.snapshot().clone();
        let signal = snapshot.signals.iter().find(|s| Some(s.key()) == selected);
        let Some(signal) = signal.or_else(|| snapshot.signals.first()) else {
            return Vec::new();
        };
        ui.board.show_signal(signal);
        ui.chart.cursor = Some(signal.at);
        show(ui, Panel::Chart);
    } else {
        ui.zoomed = !ui.zoomed;
    }
    let id = ui
        .selected_game()
        .filter(|game| ui.focus == Panel::Chart && ui.zoomed && !game.history_loaded)
        .map(|game| game.id);
    id.map(|id| vec![ui.ask(Command::LoadHistory(id))])
        .unwrap_or_default()
}

pub(super) fn back(ui: &mut Ui) {
    if ui.chart.cursor.is_some() && ui.focus == Panel::Chart {
        ui.chart.cursor = None;
    } else if ui.zoomed {
        ui.zoomed = false;
        if ui.focus == Panel::Chart {
            ui.focus = Panel::Board;
        }
    } else if ui.filters.remove(&ui.focus).is_none() {
        match ui.focus {
            Panel::Board => ui.travel = None,
            _ => ui.focus = Panel::Board,
        }
    }
}
