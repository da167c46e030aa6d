//! `linetape replay`: a stretch of stored time on the screen, or as lines.

use std::sync::Arc;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde::Serialize;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::arguments::{self, ColorWhen};
use super::context::Context;
use super::error::{CliError, Exit};
use super::open::{self, failed};
use super::output::SCHEMA_VERSION;
use super::screen::{self, Shown};
use crate::engine::clock::Clock;
use crate::engine::reader::{Reader, refuse};
use crate::engine::reference::Reference;
use crate::engine::snapshot::{Mode, Snapshot, TapeEntry};

/// A longer stretch is more than a screen holds.
const LONGEST: TimeDelta = TimeDelta::days(14);
/// A game may have begun before the stretch does.
const BEFORE: TimeDelta = TimeDelta::hours(12);

/// Arguments.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// Where it begins, RFC 3339 or epoch seconds
    #[arg(long, value_parser = arguments::instant)]
    pub from: DateTime<Utc>,
    /// Where it ends; a day after its beginning unless given
    #[arg(long, value_parser = arguments::instant)]
    pub to: Option<DateTime<Utc>>,
    /// Stored seconds in a real one
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=600))]
    pub speed: u32,
    /// Every move as a line, as fast as it can be read, instead of the screen
    #[arg(long)]
    pub no_tui: bool,
    /// In the demo's database
    #[arg(long)]
    pub demo: bool,
    /// Begin with the layout of a first start
    #[arg(long)]
    pub fresh: bool,
}

/// Read the stretch and show it.
pub async fn run(args: Args, context: &Context, color: ColorWhen) -> Result<(), CliError> {
    let to = args.to.unwrap_or(args.from + TimeDelta::days(1));
    if to <= args.from {
        let message = format!("--to ({to}) is not after --from ({}); swap them", args.from);
        return Err(CliError::new(Exit::Usage, message));
    }
    if to - args.from > LONGEST {
        let message = format!(
            "{} days are more than {}; replay them in parts",
            (to - args.from).num_days(),
            LONGEST.num_days()
        );
        return Err(CliError::new(Exit::Usage, message));
    }
    let lines = args.no_tui || context.output.json;
    if !lines {
        screen::needs_a_terminal("replay", context)?;
    }
    let opened = open::database(context, args.demo, false).await?;
    let reference =
        Reference::builtin().map_err(|e| CliError::new(Exit::Failure, e.to_string()))?;
    let mut reader = Reader::new(opened.pool.clone(), Arc::new(reference), Mode::Replay)
        .with_method(&context.settings.fair.method)
        .with_presets(&context.presets);
    let outcome = async {
        let whole = reader
            .read(args.from - BEFORE, to, to)
            .await
            .map_err(failed)?;
        // What was stored later than the stretch is not of it.
        let Some(snapshot) = until(&whole, to) else {
            return Err(nothing(&reader, args.from, to).await);
        };
        if lines {
            return print(&snapshot, args.from, to, context).map(|()| None);
        }
        let (sender, snapshots) = watch::channel(Arc::new(snapshot));
        let (commands, events) = refuse("the past is not collected; leave the replay for that");
        let shown = Shown {
            snapshots,
            commands,
            events,
            // It stands: there is no now in the past.
            clock: Clock::simulated(to, args.speed),
            memory: "screen-replay.toml",
            fresh: args.fresh,
            replay: Some((args.from, args.speed)),
            shutdown: CancellationToken::new(),
        };
        let exit = screen::open(context, color, shown).await;
        drop(sender);
        exit
    }
    .await;
    opened.leave().await;
    screen::left(outcome)
}

/// The snapshot at the end of the stretch; none where nothing was quoted by then.
fn until(whole: &Snapshot, to: DateTime<Utc>) -> Option<Snapshot> {
    let at_end = Snapshot {
        now: to + TimeDelta::milliseconds(1),
        ..whole.clone()
    }
    .at(to);
    at_end.span().map(|_| at_end)
}

async fn nothing(reader: &Reader, from: DateTime<Utc>, to: DateTime<Utc>) -> CliError {
    let short = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let there = match reader.span().await {
        Ok(Some((first, last))) => {
            format!("prices are stored from {} to {}", short(first), short(last))
        }
        _ => "no price is stored at all; collect some first".to_owned(),
    };
    CliError::new(
        Exit::Failure,
        format!(
            "nothing is stored from {} to {}; {there}",
            short(from),
            short(to)
        ),
    )
}

/// A move as `--json` prints it.
#[derive(Serialize)]
struct Moved<'a> {
    r#type: &'static str,
    schema_version: u32,
    at: DateTime<Utc>,
    game_id: String,
    game: &'a str,
    book: &'a str,
    market: &'a str,
    period: &'static str,
    phase: &'static str,
    side: &'static str,
    line: Option<f64>,
    american: Option<i32>,
    status: &'static str,
}

/// Every move of the stretch, oldest first.
fn print(
    snapshot: &Snapshot,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    context: &Context,
) -> Result<(), CliError> {
    let mut data = context.output.data();
    for entry in snapshot.moves_between(from, to) {
        if context.output.json {
            data.json(&line(&entry))?;
        } else {
            let american = entry.after.odds.map_or_else(
                || entry.after.status.as_str().to_owned(),
                |odds| odds.to_string(),
            );
            let at_line = entry
                .after
                .line
                .map_or_else(String::new, |l| format!("{l} "));
            data.line(&format!(
                "{} {:<12} {:<9} {:<5} {:<6} {at_line}{american}",
                entry.at.to_rfc3339_opts(SecondsFormat::Secs, true),
                entry.game,
                entry.market.as_str(),
                entry.selection,
                entry.label,
            ))?;
        }
    }
    data.finish()
}

fn line(entry: &TapeEntry) -> Moved<'_> {
    Moved {
        r#type: "move",
        schema_version: SCHEMA_VERSION,
        at: entry.at,
        game_id: entry.game_id.to_string(),
        game: &entry.game,
        book: &entry.label,
        market: entry.market.as_str(),
        period: entry.period.as_str(),
        phase: entry.phase.as_str(),
        side: entry.side.as_str(),
        line: entry.after.line.map(crate::domain::market::Line::points),
        american: entry.after.odds.map(crate::domain::odds::Odds::to_american),
        status: entry.after.status.as_str(),
    }
}
