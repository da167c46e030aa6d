//! Opens the cockpit on whatever publishes snapshots: an engine, somebody else's database, the past.

use std::io::IsTerminal as _;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::sync::{broadcast, mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::arguments::ColorWhen;
use super::context::Context;
use super::error::{CliError, Exit};
use super::wishes;
use crate::engine::clock::Clock;
use crate::engine::command::Asked;
use crate::engine::event::Event;
use crate::engine::snapshot::Snapshot;
use crate::tui::{self, Colour, TuiInput};

/// What is shown, and who answers.
#[derive(Debug)]
pub struct Shown {
    /// What to show.
    pub snapshots: watch::Receiver<Arc<Snapshot>>,
    /// Where wishes go.
    pub commands: mpsc::Sender<Asked>,
    /// Answers.
    pub events: broadcast::Receiver<Event>,
    /// The clock shown.
    pub clock: Clock,
    /// Name of the file that remembers the layout.
    pub memory: &'static str,
    /// Begin with the layout of a first start.
    pub fresh: bool,
    /// The past to play from the start on, and how fast.
    pub replay: Option<(DateTime<Utc>, u32)>,
    /// Cancelled when the program ends.
    pub shutdown: CancellationToken,
}

/// Show the screen until somebody leaves; returns the signal that ended it, if one did.
pub async fn open(
    context: &Context,
    color: ColorWhen,
    shown: Shown,
) -> Result<Option<Exit>, CliError> {
    let settings = &context.settings;
    let input = TuiInput {
        snapshots: shown.snapshots,
        commands: shown.commands,
        events: shown.events,
        clock: shown.clock,
        zone: settings.screen.zone,
        settings: settings.screen.clone(),
        colour: match color {
            ColorWhen::Auto => Colour::Auto,
            ColorWhen::Always => Colour::Always,
            ColorWhen::Never => Colour::Never,
        },
        alerts: settings.alerts.clone(),
        own_theme: wishes::own_theme(&settings.screen),
        wishes: Some(wishes::watch(context)),
        memory: context.paths.state.join(shown.memory),
        restore: !shown.fresh,
        exports: context.paths.data.join("exports"),
        replay: shown.replay,
        shutdown: shown.shutdown,
    };
    match tui::run(input).await {
        Ok(tui::Exit::Quit | tui::Exit::Shutdown) => Ok(None),
        Ok(tui::Exit::Signal(2)) => Ok(Some(Exit::Interrupted)),
        Ok(tui::Exit::Signal(_) | tui::Exit::HungUp) => Ok(Some(Exit::Terminated)),
        Ok(tui::Exit::Panicked) => Err(CliError::new(
            Exit::Failure,
            "the screen failed; the data is safe in the spool. The report is in the crashes folder beside the logs",
        )),
        Err(error @ (tui::TuiError::Keys(_) | tui::TuiError::Alerts(_))) => {
            Err(CliError::new(Exit::Config, error.to_string()))
        }
        Err(error @ tui::TuiError::Terminal(_)) => Err(CliError::new(Exit::Io, error.to_string())),
    }
}

/// The screen needs a terminal on both sides; where there is none, say what else there is.
pub fn needs_a_terminal(command: &str, context: &Context) -> Result<(), CliError> {
    let terminal = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    if terminal && !context.output.json {
        return Ok(());
    }
    Err(CliError::new(
        Exit::Usage,
        format!(
            "`linetape {command}` is a screen and needs a terminal; `linetape lines`, `signals`, `export` and \
             `replay --no-tui` print instead"
        ),
    ))
}

/// How a command ends that showed the screen.
pub fn left(outcome: Result<Option<Exit>, CliError>) -> Result<(), CliError> {
    match outcome? {
        None => Ok(()),
        Some(exit) => Err(CliError::silent(exit)),
    }
}
