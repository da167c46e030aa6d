//! What lies over the panels: one stack, so that no combination needs a flag of its own.

pub mod backfill;
pub mod filter;
pub mod help;
pub mod palette;

use crossterm::event::KeyEvent;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::{Clear, Widget};

pub use filter::Filter;
pub use help::Help;
pub use palette::Palette;

use super::action::Action;
use super::ui::Ui;
use crate::engine::command::Command;

/// One overlay.
#[derive(Debug, Clone)]
pub enum Overlay {
    /// Every key.
    Help(Help),
    /// Actions by name.
    Palette(Palette),
    /// Words rows must hold.
    Filter(Filter),
    /// Which days to fetch.
    Backfill(backfill::Dialog),
}

/// What a key did to an overlay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It stays.
    Stay,
    /// It goes, and what it holds counts.
    Close,
    /// It goes, and nothing changed.
    Cancel,
    /// It goes, and an action is carried out.
    Act(Action),
    /// It goes, and the engine is asked.
    Ask(Command),
}

impl Overlay {
    /// A key for the overlay.
    pub fn key(&mut self, key: KeyEvent, ui: &Ui) -> Outcome {
        match self {
            Self::Help(help) => help.key(key),
            Self::Palette(palette) => palette.key(key),
            Self::Filter(filter) => filter.key(key),
            Self::Backfill(dialog) => dialog.key(key, ui.now()),
        }
    }

    /// Text pasted into the overlay.
    pub fn paste(&mut self, text: &str) {
        match self {
            Self::Help(help) => help.search.insert(text),
            Self::Palette(palette) => palette.input.insert(text),
            Self::Filter(filter) => filter.input.insert(text),
            Self::Backfill(dialog) => dialog.paste(text),
        }
    }

    /// Draw it over the body; the filter over the hints.
    pub fn view(&self, ui: &Ui, body: Rect, hints: Rect, buffer: &mut Buffer) {
        match self {
            Self::Help(help) => help.view(ui, body, buffer),
            Self::Palette(palette) => palette.view(ui, body, buffer),
            Self::Filter(filter) => filter.view(ui, hints, buffer),
            Self::Backfill(dialog) => dialog.view(ui, body, buffer),
        }
    }
}

/// A box of at most `width` × `height` in the middle of `body`, wiped.
fn centred(body: Rect, width: u16, height: u16, buffer: &mut Buffer) -> Rect {
    let width = width.min(body.width);
    let height = height.min(body.height);
    let area = Rect {
        x: body.x + (body.width - width) / 2,
        y: body.y + (body.height - height) / 3,
        width,
        height,
    };
    Clear.render(area, buffer);
    area
}
