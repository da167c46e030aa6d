//! Into the past, through it, and back.

use chrono::TimeDelta;

use crate::tui::action::Action;
use crate::tui::overlay::{Jump, Overlay};
use crate::tui::ui::Ui;

/// Into the past, through it, and back.
pub(super) fn travel(ui: &mut Ui, action: Action) {
    if ui.travel.is_none() {
        // The chart's cursor is where somebody was looking.
        ui.travel_to(ui.chart.cursor.unwrap_or(ui.clock));
        if action == Action::JumpTo {
            ui.overlays.push(Overlay::Jump(Jump::default()));
        }
        return;
    }
    let elapsed = ui.elapsed;
    match action {
        Action::TimeTravel => ui.travel = None,
        Action::JumpTo => ui.overlays.push(Overlay::Jump(Jump::default())),
        _ => {
            ui.travelling(|travel, known| match action {
                Action::Play => travel.toggle(known, elapsed),
                Action::StepBack => travel.step(known, false),
                Action::StepForward => travel.step(known, true),
                Action::HourBack => travel.go(known, travel.at() - TimeDelta::hours(1)),
                Action::HourForward => travel.go(known, travel.at() + TimeDelta::hours(1)),
                Action::Slower => travel.change_speed(false),
                Action::Faster => travel.change_speed(true),
                _ => {}
            });
        }
    }
    if ui.chart.cursor.is_some_and(|cursor| cursor > ui.now()) {
        ui.chart.cursor = None;
    }
}
