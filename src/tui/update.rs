//! What happens becomes what is remembered. Pure and synchronous: no clock, no terminal, no engine.

use chrono::TimeDelta;
use crossterm::event::{KeyEvent, KeyEventKind, MouseEvent, MouseEventKind};
use ratatui::layout::{Position, Rect};

use super::action::{Action, Context};
use super::alert;
use super::effect::Effect;
use super::export::{self, Content, Export, Form};
use super::keymap::{Chord, Found, Keymap};
use super::layout::{self, Layout};
use super::msg::Msg;
use super::msg::Wishes;
use super::overlay::{
    Document, Filter, Help, Jump, Lines, Notices, Outcome, Overlay, Palette, backfill::Dialog,
};
use super::panel::Panel;
use super::ui::{Typed, Ui};
use super::verb::say;
use super::widget::timeline;
use super::work;
use crate::config::settings::ThemeName;
use crate::domain::clean::clean;
use crate::engine::alert::Watchman;
use crate::engine::command::Command;
use crate::engine::event::{Event, Severity};
use crate::engine::snapshot::Collecting;

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
            return key_pressed(ui, key);
        }
        Msg::Paste(text) => {
            if let Some(top) = ui.overlays.last_mut() {
                top.paste(&clean(&text, 200));
                ui.dirty = true;
                follow_filter(ui);
            }
        }
        Msg::Mouse(event) => return mouse(ui, event),
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
        Msg::Settings(wishes) => settings(ui, wishes),
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

pub(super) fn wear(ui: &mut Ui, name: ThemeName) {
    ui.theme_name = name;
    if let Err(why) = ui.wear(name) {
        ui.toast(
            Severity::Warning,
            format!("The theme file is not used: {}", clean(&why, TOAST_LENGTH)),
        );
    }
}

/// The settings were written anew: what can be used is used, and what cannot is told and stays as it was.
fn settings(ui: &mut Ui, wishes: Result<Box<Wishes>, String>) {
    let wishes = match wishes {
        Ok(wishes) => *wishes,
        Err(why) => {
            let why = clean(&why, TOAST_LENGTH);
            ui.toast(
                Severity::Warning,
                format!("Settings stay as they were: {why}"),
            );
            return;
        }
    };
    let keymap = Keymap::new(&wishes.screen.keys).map_err(|error| error.to_string());
    match (keymap, Watchman::new(&wishes.alerts)) {
        (Err(why), _) | (_, Err(why)) => {
            let why = clean(&why, TOAST_LENGTH);
            ui.toast(
                Severity::Warning,
                format!("Settings stay as they were: {why}"),
            );
            return;
        }
        (Ok(keymap), Ok(watchman)) => {
            ui.keymap = keymap;
            ui.watchman.follow(watchman);
        }
    }
    ui.zone = wishes.screen.zone;
    ui.own_theme = wishes.own_theme;
    // Without colour it stays without colour: that was wished elsewhere.
    let name = match wishes.screen.theme {
        _ if ui.theme_name == ThemeName::Mono => ThemeName::Mono,
        ThemeName::Auto => ui.theme_name,
        named => named,
    };
    ui.theme_follows_terminal &= wishes.screen.theme == ThemeName::Auto;
    ui.toast(
        Severity::Info,
        "Keys, theme and alerts are those of the settings now",
    );
    wear(ui, name);
}

/// Take away what is shown.
pub(super) fn take(ui: &mut Ui, form: Form, copy: bool) -> Vec<Effect> {
    match export::make(ui, form) {
        Err(why) => {
            ui.toast(Severity::Warning, why);
            Vec::new()
        }
        Ok(export) if !copy => {
            ui.saving = Some((export.name.clone(), ui.elapsed));
            vec![Effect::Save(export)]
        }
        Ok(Export {
            name,
            content: Content::Text(text),
        }) => {
            ui.toast(
                Severity::Info,
                format!("Handed {name} to the terminal for its clipboard"),
            );
            vec![Effect::Copy(text)]
        }
        Ok(_) => {
            ui.toast(
                Severity::Warning,
                format!(
                    "A terminal's clipboard takes words only; {} saves the picture as a file",
                    form.key()
                ),
            );
            Vec::new()
        }
    }
}

fn key_pressed(ui: &mut Ui, key: KeyEvent) -> Vec<Effect> {
    let chord = Chord::from(key);
    // Leaving, painting and the shell work whatever lies on top.
    if let Some(action @ (Action::Quit | Action::Redraw | Action::Suspend)) =
        ui.keymap.action(Context::Global, chord)
        && ((ui.overlays.is_empty() && ui.typed.is_none())
            || key
                .modifiers
                .contains(crossterm::event::KeyModifiers::CONTROL))
    {
        return act(ui, action);
    }
    let Some(mut top) = ui.overlays.pop() else {
        return typed(ui, chord);
    };
    match top.key(key, ui) {
        Outcome::Stay => {
            ui.overlays.push(top);
            follow_filter(ui);
            Vec::new()
        }
        Outcome::Close => {
            if let Overlay::Filter(filter) = top {
                set_filter(ui, filter.panel, filter.input.text());
            }
            Vec::new()
        }
        Outcome::Cancel => {
            if let Overlay::Filter(filter) = top {
                set_filter(ui, filter.panel, &filter.before);
            }
            Vec::new()
        }
        Outcome::Act(action) => act(ui, action),
        Outcome::Take { form, copy } => take(ui, form, copy),
        Outcome::Say(words) => say(ui, &words),
        Outcome::Go(at) => {
            ui.travelling(|travel, known| travel.go(known, at));
            Vec::new()
        }
        Outcome::Ask(command) => {
            if matches!(command, Command::Backfill(_)) {
                show(ui, Panel::Backfill);
            }
            vec![ui.ask(command)]
        }
    }
}

/// A key for the panels, alone or after those that await it.
fn typed(ui: &mut Ui, chord: Chord) -> Vec<Effect> {
    let mut keys = ui.typed.take().map_or_else(Vec::new, |typed| typed.keys);
    let begun = !keys.is_empty();
    keys.push(chord);
    let context = Context::of(ui.focus);
    match ui.keymap.find(context, &keys) {
        Found::Action(action) => return act(ui, action),
        Found::More => {
            ui.typed = Some(Typed {
                keys,
                since: ui.elapsed,
            });
        }
        // Esc leaves what was begun and nothing else.
        Found::Nothing if begun && ui.keymap.action(context, chord) != Some(Action::Back) => {
            keys.pop();
            let before: Vec<String> = keys.iter().map(Chord::to_string).collect();
            let all = ui.keymap.following(context, &keys);
            let all: Vec<String> = all
                .iter()
                .take(4)
                .map(|(keys, action)| format!("{keys} {}", action.title()))
                .collect();
            let (before, all) = (before.join(" "), all.join(", "));
            ui.toast(
                Severity::Info,
                format!("{chord} means nothing after {before}; there may follow: {all}"),
            );
        }
        Found::Nothing => {}
    }
    Vec::new()
}

/// The filter acts while it is typed.
fn follow_filter(ui: &mut Ui) {
    if let Some(Overlay::Filter(filter)) = ui.overlays.last() {
        let (panel, text) = (filter.panel, filter.input.text().to_owned());
        set_filter(ui, panel, &text);
    }
}

pub(super) fn set_filter(ui: &mut Ui, panel: Panel, text: &str) {
    if text.trim().is_empty() {
        ui.filters.remove(&panel);
    } else {
        ui.filters.insert(panel, text.to_owned());
    }
}

/// Give a panel the keys, and a place where it has none of its own.
pub(super) fn show(ui: &mut Ui, panel: Panel) {
    ui.focus = panel;
    if layout::SHARED.contains(&panel) {
        ui.shared = panel;
    }
    if panel != Panel::Board {
        ui.tab = panel;
    }
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
        | Action::Faster => travel(ui, action),
        Action::NextPanel => step_panel(ui, 1),
        Action::PreviousPanel => step_panel(ui, -1),
        Action::Open => return open(ui),
        Action::Zoom => ui.zoomed = !ui.zoomed,
        Action::Back => back(ui),
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
        _ => move_in_panel(ui, action),
    }
    Vec::new()
}

/// Into the past, through it, and back.
fn travel(ui: &mut Ui, action: Action) {
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

fn move_in_panel(ui: &mut Ui, action: Action) {
    match ui.focus {
        Panel::Board => {
            let mut state = ui.board.clone();
            state.handle(action, &ui.draw(Panel::Board));
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
                board.handle(action, &ui.draw(Panel::Board));
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

fn step_panel(ui: &mut Ui, step: isize) {
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

/// On the board, Enter opens the game's chart; elsewhere it gives the panel the screen and takes it back. On the tape
/// it goes to the game of the selected move, from the signals' evidence to the chart of that moment.
fn open(ui: &mut Ui) -> Vec<Effect> {
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

fn back(ui: &mut Ui) {
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

fn mouse(ui: &mut Ui, event: MouseEvent) -> Vec<Effect> {
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

#[cfg(test)]
mod tests;
