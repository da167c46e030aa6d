//! What happens becomes what is remembered. Pure and synchronous: no clock, no terminal, no engine.

mod keys;
mod mouse;
mod panels;
mod past;
mod take;
mod wishes;

use crossterm::event::KeyEventKind;

use super::action::Action;
use super::alert;
use super::effect::Effect;
use super::msg::Msg;
use super::overlay::{Document, Filter, Help, Lines, Notices, Overlay, Palette, backfill::Dialog};
use super::panel::Panel;
use super::ui::{Typed, Ui};
use super::work;
use crate::config::settings::ThemeName;
use crate::domain::clean::clean;
use crate::engine::command::Command;
use crate::engine::event::{Event, Severity};
use crate::engine::snapshot::Collecting;
pub(super) use panels::{set_filter, show};
pub(super) use take::take;
pub(super) use wishes::wear;

/// Longest sentence shown in a toast, characters.
pub(super) const TOAST_LENGTH: usize = 300;

/// One thing that happened; what must be done outside.
pub fn update(ui: &mut Ui, msg: Msg) -> Vec<Effect> {
    match msg {
        Msg::Time { elapsed, now } => {
            let shown = ui.typed.as_ref().map(Typed::shown_at);
            ui.dirty |= shown.is_some_and(|at| ui.elapsed < at && at <= elapsed);
            ui.elapsed = elapsed;
            let before = ui.toasts.len();
            ui.toasts.retain(|toast| toast.until > elapsed);
            ui.dirty |= ui.toasts.len() != before;
            let before = ui.flashes.len();
            ui.flashes.retain(|_, until| *until > elapsed);
            ui.dirty |= ui.flashes.len() != before;
            if let Some(now) = now {
                ui.clock = now;
                ui.dirty |= ui.frozen.is_none();
            }
            let moved = ui.travelling(|travel, known| travel.play(known, elapsed));
            ui.dirty |= moved.unwrap_or(false);
        }
        Msg::Snapshot(snapshot) => {
            ui.note_changes(&snapshot);
            let calls = ui.watchman.look(&snapshot, ui.zone, ui.elapsed);
            let effects = alert::deliver(ui, &calls);
            ui.chronicle.note(&snapshot, ui.elapsed);
            ui.live = snapshot;
            if ui.frozen.is_none() {
                ui.follow_joins();
            }
            // While frozen nothing but the mode of collection shows through.
            ui.dirty = true;
            return effects;
        }
        Msg::Engine(Event::Reply { outcome, .. }) => match outcome {
            Ok(done) => ui.toast(Severity::Info, clean(&done, TOAST_LENGTH)),
            Err(why) => ui.toast(Severity::Error, clean(&why, TOAST_LENGTH)),
        },
        Msg::Engine(Event::Document { title, text, .. }) => {
            ui.overlays
                .push(Overlay::Document(Document::new(&title, &text)));
            ui.dirty = true;
        }
        Msg::Engine(Event::Notice { severity, message }) => {
            ui.toast(severity, clean(&message, TOAST_LENGTH));
        }
        Msg::Missed(count) => ui.toast(
            Severity::Warning,
            format!("{count} messages came too fast to show; the logs (9) have them"),
        ),
        Msg::Refused(_) => ui.toast(
            Severity::Error,
            "The engine has not taken the last wishes yet; wait a moment and ask again",
        ),
        Msg::Key(key) => {
            if key.kind == KeyEventKind::Release {
                return Vec::new();
            }
            ui.dirty = true;
            return keys::key_pressed(ui, key);
        }
        Msg::Paste(text) => {
            if let Some(top) = ui.overlays.last_mut() {
                top.paste(&clean(&text, 200));
                ui.dirty = true;
                keys::follow_filter(ui);
            }
        }
        Msg::Mouse(event) => return mouse::mouse(ui, event),
        Msg::Resize { width, height } => {
            ui.size = (width, height);
            ui.dirty = true;
        }
        Msg::Saved(saved) => {
            ui.saving = None;
            match saved {
                Ok(place) => ui.toast(Severity::Info, format!("Saved {place}")),
                Err(why) => ui.toast(Severity::Error, why),
            }
        }
        Msg::Settings(wishes) => wishes::settings(ui, wishes),
        Msg::Background { light } => {
            if ui.theme_follows_terminal {
                let name = if light {
                    ThemeName::Light
                } else {
                    ThemeName::Dark
                };
                wear(ui, name);
            }
        }
    }
    Vec::new()
}

/// Carry out an action.
pub fn act(ui: &mut Ui, action: Action) -> Vec<Effect> {
    ui.dirty = true;
    if let Some(why) = action.disabled(ui) {
        ui.toast(
            Severity::Info,
            format!("Cannot {} now: {why}", action.title()),
        );
        return Vec::new();
    }
    if let Some(panel) = action.panel() {
        show(ui, panel);
        return Vec::new();
    }
    match action {
        Action::Quit => return vec![Effect::Quit],
        Action::Redraw => return vec![Effect::Redraw],
        Action::Suspend => return vec![Effect::Suspend],
        Action::Help => ui.overlays.push(Overlay::Help(Help::default())),
        Action::Palette => ui.overlays.push(Overlay::Palette(Palette::default())),
        Action::Filter => {
            let before = ui.filters.get(&ui.focus).cloned().unwrap_or_default();
            ui.overlays
                .push(Overlay::Filter(Filter::new(ui.focus, before)));
        }
        Action::ClearFilter => set_filter(ui, Panel::Board, ""),
        Action::Backfill => {
            let league = ui.selected_game().map(|game| game.league);
            ui.overlays
                .push(Overlay::Backfill(Dialog::new(league, ui.now())));
        }
        Action::Cancel => {
            if let Ok(id) = work::to_stop(ui) {
                return vec![ui.ask(Command::Cancel(id))];
            }
        }
        Action::Refresh => {
            let id = ui.selected_game().map(|game| game.id);
            if let Some(id) = id {
                return vec![ui.ask(Command::Refresh(id))];
            }
        }
        Action::LoadHistory => {
            let id = ui.selected_game().map(|game| game.id);
            if let Some(id) = id {
                return vec![ui.ask(Command::LoadHistory(id))];
            }
        }
        Action::RunJob => {
            if let Some(job) = ui.jobs.selected {
                return vec![ui.ask(Command::RunJob(job))];
            }
        }
        Action::RefreshAll => return vec![ui.ask(Command::RefreshAll)],
        Action::Pause => {
            let command = match ui.live.collecting {
                Collecting::On => Command::Pause,
                Collecting::Paused | Collecting::Stopped(_) => Command::Resume,
            };
            return vec![ui.ask(command)];
        }
        Action::Freeze => {
            ui.frozen = match ui.frozen.take() {
                Some(_) => None,
                None => Some((ui.live.clone(), ui.clock)),
            };
        }
        Action::TimeTravel
        | Action::JumpTo
        | Action::Play
        | Action::StepBack
        | Action::StepForward
        | Action::HourBack
        | Action::HourForward
        | Action::Slower
        | Action::Faster => past::travel(ui, action),
        Action::NextPanel => panels::step_panel(ui, 1),
        Action::PreviousPanel => panels::step_panel(ui, -1),
        Action::Open => return panels::open(ui),
        Action::Zoom => ui.zoomed = !ui.zoomed,
        Action::Back => panels::back(ui),
        Action::NextMarket => ui.board.step_market(1),
        Action::PreviousMarket => ui.board.step_market(-1),
        Action::NextPeriod => {
            let snapshot = ui.snapshot().clone();
            ui.board.next_period(&snapshot);
        }
        Action::NextPhase => ui.board.next_phase(),
        Action::NextSide => ui.board.next_side(),
        Action::Acknowledge => {
            let keys = ui.signal_keys();
            let row = ui.signals.row(&keys).unwrap_or(0);
            if let Some(key) = keys.get(row)
                && !ui.seen.remove(key)
            {
                ui.seen.insert(key.clone());
                // On to the next one, as in a letter box.
                ui.signals.selected = keys.get(row + 1).or(Some(key)).cloned();
            }
        }
        Action::AcknowledgeAll => {
            let keys = ui.signal_keys();
            ui.seen.extend(keys);
        }
        Action::Compare => {
            let mut chart = ui.chart.clone();
            let says = chart.compare(&ui.draw(Panel::Chart), &ui.board);
            ui.chart = chart;
            if let Some(says) = says {
                ui.toast(Severity::Info, says);
            }
        }
        Action::Export => ui.overlays.push(Overlay::Export),
        Action::Notices => ui.overlays.push(Overlay::Notices(Notices::default())),
        Action::Mute => {
            ui.watchman.muted = !ui.watchman.muted;
            let says = if ui.watchman.muted {
                "Alerts are silent now; they stay so until you want to hear them again"
            } else {
                "Alerts are heard again"
            };
            ui.toast(Severity::Info, says);
        }
        Action::Mouse => {
            ui.mouse = !ui.mouse;
            let says = if ui.mouse {
                "The mouse is read: click, scroll, point; Shift selects text in most terminals"
            } else {
                "The mouse is the terminal's: select text as anywhere"
            };
            ui.toast(Severity::Info, says);
            return vec![Effect::Mouse(ui.mouse)];
        }
        Action::Alternates => {
            if let Some(lines) = Lines::new(ui) {
                ui.overlays.push(Overlay::Lines(lines));
            }
        }
        Action::NextSort => ui.board.sort = ui.board.sort.next(),
        Action::Star => {
            if let Some(game) = ui.selected_game().cloned() {
                // What was selected by its place stays selected when its place changes.
                ui.board.game = Some(game.id);
                let starred = ui.board.star(game.id);
                let (away, home) = (&game.away.abbr, &game.home.abbr);
                let says = if starred {
                    "stays on top"
                } else {
                    "stands where it belongs"
                };
                ui.toast(Severity::Info, format!("{away} @ {home} {says}"));
            }
        }
        _ => panels::move_in_panel(ui, action),
    }
    Vec::new()
}

#[cfg(test)]
mod tests;
