//! The screen on a hand-built slate.

use std::sync::Arc;

use crate::config::settings::ThemeName;
use crate::domain::game::GameId;
pub use crate::engine::snapshot::fixture::{now, odds, snapshot, tape_entry};
use crate::tui::glyph::Glyphs;
use crate::tui::keymap::Keymap;
use crate::tui::theme::Theme;
use crate::tui::ui::Ui;

/// The screen on the slate, MIA @ BAL selected.
pub fn ui(size: (u16, u16), theme: ThemeName) -> Ui {
    let keymap = Keymap::new(&std::collections::BTreeMap::new()).unwrap();
    let mut ui = Ui::new(
        size,
        Arc::new(snapshot()),
        chrono_tz::US::Eastern,
        Theme::named(theme),
        keymap,
        Glyphs::Unicode,
    );
    ui.board.game = Some(GameId::from_i64(3));
    ui
}
