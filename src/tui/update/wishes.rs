//! The settings of the screen, and the theme it wears.

use super::TOAST_LENGTH;
use crate::config::settings::ThemeName;
use crate::domain::clean::clean;
use crate::engine::alert::Watchman;
use crate::engine::event::Severity;
use crate::tui::keymap::Keymap;
use crate::tui::msg::Wishes;
use crate::tui::ui::Ui;

/// The settings were written anew: what can be used is used, and what cannot is told and stays as it was.
pub(super) fn settings(ui: &mut Ui, wishes: Result<Box<Wishes>, String>) {
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

pub(in crate::tui) fn wear(ui: &mut Ui, name: ThemeName) {
    ui.theme_name = name;
    if let Err(why) = ui.wear(name) {
        ui.toast(
            Severity::Warning,
            format!("The theme file is not used: {}", clean(&why, TOAST_LENGTH)),
        );
    }
}
