//! An engine that looks on request only, for a command that does one thing and ends.

use std::sync::Arc;

use super::context::Context;
use super::error::{CliError, Exit};
use super::interrupt::Interrupts;
use super::{logging, runtime};
use crate::engine::clock::Clock;
use crate::engine::snapshot::Mode;
use crate::engine::{Collect, Engine};

/// Run `work` on the live feeds and the user's database, and shut the engine down in order whatever comes of it.
///
/// Returns the exit code of the signal that ended it early, or none.
pub async fn run(
    context: &Context,
    work: impl AsyncFnOnce(&Engine) -> Result<(), CliError>,
) -> Result<Option<Exit>, CliError> {
    let mut logging = logging::start(context)?;
    let mut signals = Interrupts::listen().map_err(|e| CliError::new(Exit::Io, e.to_string()))?;
    let connection = Arc::new(runtime::connection(
        context,
        &context.settings.database.name,
        false,
        false,
    )?);
    let spool = runtime::spool(context, &connection)?;
    let engine = runtime::engine(
        &context.settings,
        Mode::Live,
        Clock::wall(),
        &connection,
        spool,
        logging.feed(),
        Collect::OnRequest,
    )?;
    let ended = tokio::select! {
        ended = work(&engine) => ended.map(|()| None),
        exit = signals.next() => Ok(Some(exit)),
    };
    engine.shutdown().await;
    connection.leave().await;
    ended
}
