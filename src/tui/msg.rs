//! What can happen to the screen.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use crossterm::event::{KeyEvent, MouseEvent};

use crate::config::settings::{Alerts, Screen};
use crate::engine::command::Generation;
use crate::engine::event::Event;
use crate::engine::snapshot::Snapshot;

/// What the settings say of the screen.
#[derive(Debug, Clone)]
pub struct Wishes {
    /// Theme, keys, zone.
    pub screen: Screen,
    /// Who calls for attention.
    pub alerts: Alerts,
    /// What the theme's own file holds.
    pub own_theme: Option<String>,
}

/// One thing that happened.
#[derive(Debug, Clone)]
pub enum Msg {
    /// Real time went on.
    Time {
        /// Since the screen opened.
        elapsed: Duration,
        /// The engine's clock, when the ages shown may move on (once a second).
        now: Option<DateTime<Utc>>,
    },
    /// The engine published.
    Snapshot(Arc<Snapshot>),
    /// The engine told something.
    Engine(Event),
    /// Events came faster than the screen read them.
    Missed(u64),
    /// A command could not be handed over.
    Refused(Generation),
    /// A key.
    Key(KeyEvent),
    /// Pasted text.
    Paste(String),
    /// The mouse.
    Mouse(MouseEvent),
    /// The terminal has another size.
    Resize {
        /// Columns.
        width: u16,
        /// Rows.
        height: u16,
    },
    /// Something was saved, with its place; or why not.
    Saved(Result<String, String>),
    /// The settings of the screen were written anew; or cannot be read.
    Settings(Result<Box<Wishes>, String>),
    /// The terminal told its background.
    Background {
        /// Whether it is light.
        light: bool,
    },
}
