//! `linetape backfill`: fetch the history of past days.

use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use super::context::Context;
use super::error::{CliError, Exit};
use super::signals::Signals;
use super::{arguments, ingest, logging, runtime};
use crate::domain::league::League;
use crate::domain::source::Source;
use crate::engine::backfill;
use crate::engine::clock::Clock;
use crate::engine::command::{Asked, BackfillRequest, Command};
use crate::engine::snapshot::{BackfillState, BackfillView, Mode};
use crate::engine::{Collect, Engine};
use crate::sources::plan;

/// Arguments.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// League; of a file, where its name and its columns do not tell
    #[arg(long, required_unless_present = "file")]
    pub league: Option<League>,
    /// First slate day, 2025-07-01
    #[arg(long, required_unless_present = "file")]
    pub from: Option<NaiveDate>,
    /// Last slate day, included
    #[arg(long, required_unless_present = "file")]
    pub to: Option<NaiveDate>,
    /// A file that holds history, such as a season's archive; fed in place of asking the feed
    #[arg(long, conflicts_with_all = ["from", "to", "resume"])]
    pub file: Vec<PathBuf>,
    /// The year in which the file's season began, where its name does not tell
    #[arg(long, requires = "file", value_parser = clap::value_parser!(i32).range(1990..=2100))]
    pub season: Option<i32>,
    /// When the file was received, RFC 3339 or epoch seconds; the file's own time when left out
    #[arg(long, requires = "file", value_parser = arguments::instant)]
    pub at: Option<DateTime<Utc>>,
    /// Feed
    #[arg(long, value_parser = arguments::source, default_value = "action_network")]
    pub source: Source,
    /// Leave out days already complete
    #[arg(long)]
    pub resume: bool,
    /// Say what would be fetched, and fetch nothing
    #[arg(long)]
    pub dry_run: bool,
}

impl Args {
    /// The request. Fails when the dates make no range, or too long a one.
    pub fn request(&self) -> Result<BackfillRequest, CliError> {
        let (Some(league), Some(from), Some(to)) = (self.league, self.from, self.to) else {
            let message = "a backfill needs --league, --from and --to, or a --file";
            return Err(CliError::new(Exit::Usage, message));
        };
        let request = BackfillRequest {
            source: self.source,
            league,
            from,
            to,
            resume: self.resume,
        };
        backfill::days(&request).map_err(|e| CliError::new(Exit::Usage, e.to_string()))?;
        Ok(request)
    }
}

/// A day as `--dry-run --json` prints it.
#[derive(Debug, Serialize)]
struct Planned {
    r#type: &'static str,
    day: NaiveDate,
    url: String,
}

/// Fetch history by day, with progress; a day is complete only when its data is committed.
pub async fn run(args: Args, context: &Context) -> Result<(), CliError> {
    if !args.file.is_empty() {
        return files(args, context).await;
    }
    let request = args.request()?;
    if args.dry_run {
        return dry_run(&request, context);
    }
    let mut logging = logging::start(context)?;
    let mut signals = Signals::listen().map_err(|e| CliError::new(Exit::Io, e.to_string()))?;
    let connection = Arc::new(runtime::connection(
        context,
        &context.settings.database.name,
        false,
        false,
    )?);
    let spool = runtime::spool(context, &connection)?;
    let settings = &context.settings;
    let engine = runtime::engine(
        settings,
        Mode::Live,
        Clock::wall(),
        &connection,
        spool,
        logging.feed(),
        Collect::OnRequest,
    )?;
    let ended = tokio::select! {
        ended = follow(request, context, &engine) => ended.map(|()| None),
        exit = signals.next() => Ok(Some(exit)),
    };
    engine.shutdown().await;
    connection.leave().await;
    match ended? {
        None => Ok(()),
        Some(exit) => {
            context
                .output
                .say("stopped; days complete so far stay, go on with --resume");
            Err(CliError::silent(exit))
        }
    }
}

/// Feed files that hold history, marked as known only afterwards. The same file fed again adds nothing.
async fn files(args: Args, context: &Context) -> Result<(), CliError> {
    let feed = ingest::Args {
        files: args.file,
        source: args.source,
        endpoint: None,
        at: args.at,
        history: Some(ingest::History {
            season: args.season,
            league: args.league,
        }),
    };
    if args.dry_run {
        return ingest::dry_run(&feed, context).await;
    }
    ingest::run(feed, context).await
}

/// Say which requests open each day; nothing is fetched.
fn dry_run(request: &BackfillRequest, context: &Context) -> Result<(), CliError> {
    let days = backfill::days(request).map_err(|e| CliError::new(Exit::Usage, e.to_string()))?;
    let mut data = context.output.data();
    for day in days {
        let asked = plan::past_day(
            request.source,
            &context.settings.sources,
            request.league,
            day,
        )
        .map_err(|e| CliError::new(Exit::Config, e.to_string()))?;
        for request in asked {
            let planned = Planned {
                r#type: "planned",
                day,
                url: request.identity.url,
            };
            if context.output.json {
                data.json(&planned)?;
            } else {
                data.line(&format!(
                    "{}  {} and each game's history",
                    planned.day, planned.url
                ))?;
            }
        }
    }
    data.finish()
}

async fn follow(
    request: BackfillRequest,
    context: &Context,
    engine: &Engine,
) -> Result<(), CliError> {
    let gone = || {
        CliError::new(
            Exit::Failure,
            "the engine stopped before the backfill ended",
        )
    };
    let asked = Asked {
        generation: 1,
        command: Command::Backfill(request),
    };
    engine.commands().send(asked).await.map_err(|_| gone())?;
    let mut snapshots = engine.snapshots();
    let mut said = None;
    loop {
        let view = snapshots.borrow_and_update().backfills.first().cloned();
        if let Some(view) = view {
            if said.as_ref() != Some(&view) {
                print(&view, context)?;
                said = Some(view.clone());
            }
            match view.state {
                BackfillState::Running => {}
                BackfillState::Done => return Ok(()),
                BackfillState::Cancelled => {
                    return Err(CliError::new(Exit::Failure, "the backfill was cancelled"));
                }
                BackfillState::Failed(_) if engine.drain().borrow().unusable.is_some() => {
                    let reason = engine.drain().borrow().unusable.clone();
                    return Err(runtime::unusable(&reason.unwrap_or_default()));
                }
                BackfillState::Failed(reason) => {
                    return Err(CliError::new(Exit::Unavailable, reason));
                }
            }
        }
        snapshots.changed().await.map_err(|_| gone())?;
    }
}

fn print(view: &BackfillView, context: &Context) -> Result<(), CliError> {
    let mut data = context.output.data();
    if context.output.json {
        data.json(&serde_json::json!({
            "type": "backfill", "source": view.source, "league": view.league, "from": view.from, "to": view.to,
            "days": view.days, "days_done": view.days_done, "games": view.games, "errors": view.errors,
            "eta_s": view.eta_s,
        }))?;
    } else {
        let eta = view
            .eta_s
            .map(|s| format!(", about {s} s left"))
            .unwrap_or_default();
        data.line(&format!(
            "{} of {} days, {} games{eta}",
            view.days_done, view.days, view.games
        ))?;
    }
    data.finish()
}

#[cfg(test)]
mod tests {
    use clap::{Args as _, FromArgMatches as _};

    use super::*;

    fn request(from: &str, to: &str) -> Result<BackfillRequest, CliError> {
        let command = Args::augment_args(clap::Command::new("backfill"));
        let matches = command
            .try_get_matches_from(["backfill", "--league", "mlb", "--from", from, "--to", to])
            .unwrap();
        Args::from_arg_matches(&matches).unwrap().request()
    }

    #[test]
    fn dates_make_a_range() {
        let one = request("2025-07-12", "2025-07-12").unwrap();
        assert_eq!((one.from, one.league), (one.to, League::Mlb));
        for (from, to) in [("2025-07-13", "2025-07-12"), ("2018-01-01", "2025-01-01")] {
            assert_eq!(request(from, to).map_err(|e| e.exit), Err(Exit::Usage));
        }
    }
}
