//! A key: for what lies on top, or alone or after others for the panels.

use crossterm::event::{KeyEvent, KeyModifiers};

use super::panels::{set_filter, show};
use super::{act, take::take};
use crate::engine::command::Command;
use crate::engine::event::Severity;
use crate::tui::action::{Action, Context};
use crate::tui::effect::Effect;
use crate::tui::keymap::{Chord, Found};
use crate::tui::overlay::{Outcome, Overlay};
use crate::tui::panel::Panel;
use crate::tui::ui::{Typed, Ui};
use crate::tui::verb::say;

pub(super) fn key_pressed(ui: &mut Ui, key: KeyEvent) -> Vec<Effect> {
    let chord = Chord::from(key);
    // Leaving, painting and the shell work whatever lies on top.
    if let Some(action @ (Action::Quit | Action::Redraw | Action::Suspend)) =
        ui.keymap.action(Context::Global, chord)
        && ((ui.overlays.is_empty() && ui.typed.is_none())
            || key.modifiers.contains(KeyModifiers::CONTROL))
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
pub(super) fn follow_filter(ui: &mut Ui) {
    if let Some(Overlay::Filter(filter)) = ui.overlays.last() {
        let (panel, text) = (filter.panel, filter.input.text().to_owned());
        set_filter(ui, panel, &text);
    }
}
