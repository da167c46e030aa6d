//! The screen: one subscriber of the engine among others.
//!
//! It reads [`Snapshot`]s, hears [`Event`]s and sends commands; it knows neither store nor sources. What happens
//! becomes a [`msg::Msg`], [`update::update`] makes it into state and [`effect::Effect`]s, and [`draw::draw`] turns
//! state into cells. Only [`app`] and [`session`] touch the terminal.

pub mod action;
mod alert;
mod app;
pub mod background;
pub mod draw;
pub mod effect;
pub mod export;
pub mod figures;
#[cfg(test)]
mod fixture;
pub mod frame;
pub mod glyph;
mod kept;
pub mod keymap;
pub mod layout;
pub mod memory;
pub mod msg;
pub mod overlay;
pub mod panel;
mod session;
pub mod terminal;
pub mod theme;
pub mod travel;
pub mod ui;
pub mod update;
pub mod verb;
pub mod widget;
pub mod work;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use tokio::sync::{broadcast, mpsc, watch};
use tokio_util::sync::CancellationToken;

use crate::config::settings::{Alerts, Screen};
use crate::engine::clock::Clock;
use crate::engine::command::Asked;
use crate::engine::event::Event;
use crate::engine::snapshot::Snapshot;

/// `--color`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Colour {
    /// As `NO_COLOR` and `TERM` say.
    #[default]
    Auto,
    /// In colour, whatever they say.
    Always,
    /// Without colour.
    Never,
}

/// What the screen needs.
#[derive(Debug)]
pub struct TuiInput {
    /// What to show.
    pub snapshots: watch::Receiver<Arc<Snapshot>>,
    /// Where commands go.
    pub commands: mpsc::Sender<Asked>,
    /// Replies and notices.
    pub events: broadcast::Receiver<Event>,
    /// The engine's clock, for ages and the time shown.
    pub clock: Clock,
    /// The `[screen]` settings.
    pub settings: Screen,
    /// Zone of every time shown.
    pub zone: Tz,
    /// `--color`.
    pub colour: Colour,
    /// The `[alerts]` settings.
    pub alerts: Alerts,
    /// What the file of `screen.theme_file` holds.
    pub own_theme: Option<String>,
    /// The settings of the screen, each time they are written anew.
    pub wishes: Option<watch::Receiver<Wished>>,
    /// Where the layout is remembered.
    pub memory: PathBuf,
    /// Whether it begins with what is remembered.
    pub restore: bool,
    /// Where exports go.
    pub exports: PathBuf,
    /// The past to play from the start on, and how fast.
    pub replay: Option<(DateTime<Utc>, u32)>,
    /// Cancelled when the program ends.
    pub shutdown: CancellationToken,
}

/// Settings of the screen, or why they cannot be read.
pub type Wished = Result<msg::Wishes, String>;

/// Why the screen closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Somebody pressed q.
    Quit,
    /// The program ends.
    Shutdown,
    /// A signal: the exit status is 128 and its number.
    Signal(i32),
    /// The terminal is gone.
    HungUp,
    /// A task panicked; the terminal is restored and the panic reported.
    Panicked,
}

/// Why the screen did not open, or could not go on.
#[derive(Debug, thiserror::Error)]
pub enum TuiError {
    /// The keys of the settings.
    #[error(transparent)]
    Keys(#[from] keymap::KeymapError),
    /// A rule of the settings.
    #[error("{0}")]
    Alerts(String),
    /// The terminal.
    #[error("the terminal does not work: {0}; run linetape in a terminal, or with --no-tui")]
    Terminal(#[source] io::Error),
}

/// Open the screen and stay until somebody leaves. The terminal is given back however it ends.
///
/// Whether standard input and output are terminals is the caller's to know. Fails when the terminal cannot be set up
/// or the remapped keys are wrong.
pub async fn run(input: TuiInput) -> Result<Exit, TuiError> {
    app::run(input).await
}
