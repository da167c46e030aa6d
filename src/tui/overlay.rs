//! What lies over the panels: one stack, so that no combination needs a flag of its own.

pub mod backfill;
pub mod document;
pub mod export;
pub mod filter;
pub mod help;
pub mod jump;
pub mod lines;
pub mod notices;
pub mod palette;

use chrono::{DateTime, Utc};
use crossterm::event::KeyEvent;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::{Clear, Widget};

pub use document::Document;
pub use filter::Filter;
pub use help::Help;
pub use jump::Jump;
pub use lines::Lines;
pub use notices::Notices;
pub use palette::Palette;

use super::action::Action;
use super::export::Form;
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
    /// Which moment to go to.
    Jump(Jump),
    /// The selected game's other lines.
    Lines(Lines),
    /// Messages so far.
    Notices(Notices),
    /// What to take away.
    Export,
    /// A text somebody asked for.
    Document(Document),
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
    /// It goes, and what is shown is taken away.
    Take {
        /// In which form.
        form: Form,
        /// To the clipboard rather than a file.
        copy: bool,
    },
    /// It goes, and words are carried out.
    Say(String),
    /// It goes, and the past shown is that of this moment.
    Go(DateTime<Utc>),
}

impl Overlay {
    /// A key for the overlay.
    pub fn key(&mut self, key: KeyEvent, ui: &Ui) -> Outcome {
        match self {
            Self::Help(help) => help.key(key),
            Self::Palette(palette) => palette.key(key, &ui.said),
            Self::Filter(filter) => filter.key(key),
            Self::Backfill(dialog) => dialog.key(key, ui.now()),
            Self::Jump(jump) => jump.key(key, ui),
            Self::Lines(lines) => lines.key(key, ui),
            Self::Notices(notices) => notices.key(key),
            Self::Document(document) => document.key(key),
            Self::Export => export::Menu::key(key),
        }
    }

    /// Text pasted into the overlay.
    pub fn paste(&mut self, text: &str) {
        match self {
            Self::Help(help) => help.search.insert(text),
            Self::Palette(palette) => palette.input.insert(text),
            Self::Filter(filter) => filter.input.insert(text),
            Self::Backfill(dialog) => dialog.paste(text),
            Self::Jump(jump) => jump.input.insert(text),
            Self::Document(document) => document.search.insert(text),
            Self::Lines(_) | Self::Notices(_) | Self::Export => {}
        }
    }

    /// Draw it over the body; the filter over the hints.
    pub fn view(&self, ui: &Ui, body: Rect, hints: Rect, buffer: &mut Buffer) {
        match self {
            Self::Help(help) => help.view(ui, body, buffer),
            Self::Palette(palette) => palette.view(ui, body, buffer),
            Self::Filter(filter) => filter.view(ui, hints, buffer),
            Self::Backfill(dialog) => dialog.view(ui, body, buffer),
            Self::Jump(jump) => jump.view(ui, hints, buffer),
            Self::Lines(lines) => lines.view(ui, body, buffer),
            Self::Notices(notices) => notices.view(ui, body, buffer),
            Self::Document(document) => document.view(ui, body, buffer),
            Self::Export => export::Menu::view(ui, body, buffer),
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
