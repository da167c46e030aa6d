//! `linetape watch`: the screen alone, on what another linetape stores.

use std::sync::Arc;

use chrono::TimeDelta;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::arguments::ColorWhen;
use super::context::Context;
use super::error::{CliError, Exit};
use super::open::{self, failed};
use super::screen::{self, Shown};
use crate::engine::clock::Clock;
use crate::engine::reader::{Reader, follow, refuse};
use crate::engine::reference::Reference;
use crate::engine::snapshot::Mode;

/// Games that began this long ago are still shown.
const BACK: TimeDelta = TimeDelta::hours(18);

/// Arguments.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// The demo's database
    #[arg(long)]
    pub demo: bool,
    /// Begin with the layout of a first start
    #[arg(long)]
    pub fresh: bool,
}

/// Open the screen on the database, and read it again every two seconds.
pub async fn run(args: Args, context: &Context, color: ColorWhen) -> Result<(), CliError> {
    screen::needs_a_terminal("watch", context)?;
    let opened = open::database(context, args.demo, false).await?;
    let reference =
        Reference::builtin().map_err(|e| CliError::new(Exit::Failure, e.to_string()))?;
    let mut reader = Reader::new(opened.pool.clone(), Arc::new(reference), Mode::Watch)
        .with_method(&context.settings.fair.method)
        .with_presets(&context.presets);
    let outcome = async {
        let clock = if args.demo {
            // A demo lives in a time of its own: the newest stored.
            let span = reader.span().await.map_err(failed)?;
            let last = span.map_or(crate::demo::EPOCH, |(_, last)| last);
            let clock = Clock::simulated(last, u32::from(context.settings.demo.speed));
            clock.set_going(last);
            clock
        } else {
            Clock::wall()
        };
        let now = clock.now();
        let first = reader.read(now - BACK, now, now).await.map_err(failed)?;
        let (sender, snapshots) = watch::channel(Arc::new(first));
        let stop = CancellationToken::new();
        let reading = tokio::spawn(follow(reader, BACK, clock.clone(), sender, stop.clone()));
        let (commands, events) = refuse(
            "this screen only watches; ask where linetape collects, or start it without `watch`",
        );
        let shown = Shown {
            snapshots,
            commands,
            events,
            clock,
            memory: "screen-watch.toml",
            fresh: args.fresh,
            replay: None,
            shutdown: CancellationToken::new(),
        };
        let exit = screen::open(context, color, shown).await;
        stop.cancel();
        // It ends at its next breath; what it reads is nobody's any more.
        reading.abort();
        exit
    }
    .await;
    opened.leave().await;
    screen::left(outcome)
}
