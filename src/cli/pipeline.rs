//! `linetape pipeline run|rollback|status`: the zones of the store, and the proof that each is a function of the one
//! before.

mod restore;
mod status;

use chrono::{DateTime, NaiveDate, Utc};
use clap::Subcommand;
use serde::Serialize;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::arguments;
use super::context::Context;
use super::error::{CliError, Exit};
use super::interrupt::Interrupts;
use super::open::{self, Opened};
use crate::config::settings::Pipeline;
use crate::domain::clean::clean;
use crate::domain::source::Source;
use crate::domain::time::slate_start;
use crate::engine::pipeline::zone::Zone;
use crate::engine::pipeline::zone::process::{self, Done, ProcessError};
use crate::engine::pipeline::zone::rebuild::{self, RebuildError, Verified};

pub use self::restore::Rollback;
pub use self::status::Status;

/// Arguments.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// What to do
    #[command(subcommand)]
    pub action: Action,
}

/// What to do.
#[derive(Debug, Clone, Subcommand)]
pub enum Action {
    /// Run a zone
    Run(Run),
    /// Take staging and curated back to what they were right after a run; `run --zone staging --rebuild` returns
    Rollback(Rollback),
    /// The health of each zone, and the runs so far, the newest first
    Status(Status),
}

/// What to run.
#[derive(Debug, Clone, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
pub struct Run {
    /// The zone: raw (are all bytes stored), staging (stage what was refused or left), curated (derive again), all
    #[arg(long, required_unless_present = "full", conflicts_with = "full", value_parser = which)]
    pub zone: Option<Which>,
    /// All zones, in order
    #[arg(long)]
    pub full: bool,
    /// Only this feed
    #[arg(long, value_parser = arguments::source, conflicts_with = "rebuild")]
    pub source: Option<Source>,
    /// Curated: at most so many games, those that start last
    #[arg(long, conflicts_with = "rebuild", value_parser = clap::value_parser!(u32).range(1..))]
    pub max_games: Option<u32>,
    /// Say what would be done, and change nothing
    #[arg(long, conflicts_with = "verify")]
    pub dry_run: bool,
    /// Make the zone anew from the one before, in place; with --verify beside what is stored
    #[arg(long)]
    pub rebuild: bool,
    /// Compare what was made anew with what is stored, row by row; a difference exits with 1
    #[arg(long, requires = "rebuild")]
    pub verify: bool,
    /// Only games from this slate day on, 2025-07-01; raw and staging without --rebuild: fetches received from then on
    #[arg(long)]
    pub from: Option<NaiveDate>,
    /// Only games up to this slate day, included
    #[arg(long)]
    pub to: Option<NaiveDate>,
    /// Records at once, instead of what `[pipeline]` says
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub batch_size: Option<u32>,
    /// The demo's database
    #[arg(long)]
    pub demo: bool,
}

/// One zone, or all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// One.
    One(Zone),
    /// All.
    All,
}

fn which(name: &str) -> Result<Which, String> {
    if name == "all" {
        return Ok(Which::All);
    }
    let zone = name.parse::<Zone>();
    zone.map(Which::One)
        .map_err(|_| "not a zone; write raw, staging, curated or all".into())
}

impl Run {
    /// The zones asked for that are enabled.
    fn zones(&self, settings: &Pipeline) -> Result<Vec<Zone>, CliError> {
        let mut zones = match self.zone {
            Some(Which::One(zone)) if zone.is_enabled(settings) => vec![zone],
            Some(Which::One(zone)) => {
                let message = format!(
                    "the {zone} zone is switched off; set pipeline.zones.{zone}_enabled (and pipeline.enable_{zone}) to true"
                );
                return Err(CliError::new(Exit::Config, message));
            }
            // Nothing lies before raw, from which it could be made anew.
            _ if self.rebuild => vec![Zone::Staging, Zone::Curated],
            _ => Zone::ALL.to_vec(),
        };
        zones.retain(|zone| zone.is_enabled(settings));
        Ok(zones)
    }

    /// Fetches staged at once.
    fn batch(&self, settings: &Pipeline) -> usize {
        self.batch_size.unwrap_or(settings.staging_batch) as usize
    }

    fn span(&self) -> (Option<DateTime<Utc>>, Option<DateTime<Utc>>) {
        let after = self.to.and_then(|day| day.succ_opt());
        (self.from.and_then(slate_start), after.and_then(slate_start))
    }
}

/// What was done in a zone, as `--json` prints it.
#[derive(Serialize)]
struct DoneRow<'a> {
    r#type: &'static str,
    run_id: Uuid,
    dry_run: bool,
    #[serde(flatten)]
    done: &'a Done,
}

/// The outcome, as `--json` prints it; the differences come before it, a line each.
#[derive(Serialize)]
struct Outcome<'a> {
    r#type: &'static str,
    zone: Zone,
    /// None where there was nothing to compare.
    identical: Option<bool>,
    #[serde(flatten)]
    verified: &'a Verified,
}

/// Do it.
pub async fn run(args: Args, context: &Context) -> Result<(), CliError> {
    let run = match args.action {
        Action::Run(run) => run,
        Action::Status(status) => return status::print(&status, context).await,
        Action::Rollback(rollback) => return restore::roll_back(&rollback, context).await,
    };
    let opened = open::database(context, run.demo, false).await?;
    let done = act(&run, context, &opened).await;
    opened.leave().await;
    done
}

async fn act(run: &Run, context: &Context, opened: &Opened) -> Result<(), CliError> {
    let zones = run.zones(&context.settings.pipeline)?;
    opened.migrate().await?;
    if !run.rebuild {
        return process(run, zones, context, opened).await;
    }
    if !run.verify {
        return restore::rebuild(run, &zones, context, opened).await;
    }
    let mut failed = None;
    for zone in zones {
        let found = verify(zone, run, context, opened).await?;
        if let Err(error) = print(zone, context, &found) {
            failed = Some(error);
        }
    }
    failed.map_or(Ok(()), Err)
}

/// Wait for `work`, which a signal asks to stop and clean up; says which signal did.
async fn interruptible<T>(
    stop: &CancellationToken,
    work: impl Future<Output = T>,
) -> Result<(T, Option<Exit>), CliError> {
    let mut signals = Interrupts::listen().map_err(|e| CliError::new(Exit::Io, e.to_string()))?;
    tokio::pin!(work);
    let mut ended = None;
    loop {
        tokio::select! {
            done = &mut work => return Ok((done, ended)),
            exit = signals.next(), if ended.is_none() => {
                stop.cancel();
                ended = Some(exit);
            }
        }
    }
}

async fn process(
    run: &Run,
    zones: Vec<Zone>,
    context: &Context,
    opened: &Opened,
) -> Result<(), CliError> {
    let (from, to) = run.span();
    let request = process::Request {
        zones,
        source: run.source,
        max_games: run.max_games,
        batch: run.batch_size.map(|size| size as usize),
        dry_run: run.dry_run,
        from,
        to,
        demo: run.demo,
    };
    let stop = CancellationToken::new();
    let work = process::run(&opened.pool, &request, &context.settings.pipeline, &stop);
    let (id, done) = match interruptible(&stop, work).await? {
        (Err(ProcessError::Stopped), Some(exit)) => return Err(CliError::silent(exit)),
        (done, _) => done.map_err(|error| {
            let exit = match &error {
                ProcessError::Database(_) => Exit::Unavailable,
                ProcessError::Stopped | ProcessError::Reference(_) => Exit::Failure,
            };
            CliError::new(exit, clean(&error.to_string(), 400))
        })?,
    };
    let mut data = context.output.data();
    for zone in &done {
        if context.output.json {
            data.json(&DoneRow {
                r#type: "processed",
                run_id: id,
                dry_run: run.dry_run,
                done: zone,
            })?;
            continue;
        }
        let what = match zone.zone {
            Zone::Raw => "payloads checked",
            Zone::Staging => "fetches tried again",
            Zone::Curated => "series derived again",
        };
        data.line(&format!(
            "{:<8} {:>10} {what}, {} failed",
            zone.zone.as_str(),
            zone.records,
            zone.failed
        ))?;
        if zone.poor > 0 {
            let threshold = context.settings.pipeline.quality_threshold;
            data.line(&format!(
                "    {} of them score below {threshold}",
                zone.poor
            ))?;
        }
        for error in zone.errors.iter().take(5) {
            data.line(&format!("    {error}"))?;
        }
    }
    data.finish()?;
    let failed: u64 = done.iter().map(|d| d.failed).sum();
    if failed == 0 {
        return Ok(());
    }
    let message =
        format!("{failed} records failed; `linetape pipeline status --run {id}` keeps the reasons");
    Err(CliError::new(Exit::Failure, message))
}

async fn verify(
    zone: Zone,
    run: &Run,
    context: &Context,
    opened: &Opened,
) -> Result<Verified, CliError> {
    let (from, to) = run.span();
    let request = rebuild::Request {
        zone,
        from,
        to,
        batch: run.batch(&context.settings.pipeline),
    };
    let stop = CancellationToken::new();
    let output = context.output.clone();
    let say = move |step: String| output.say(&step);
    let settings = &context.settings.database;
    // The scratch database is removed before the end.
    let work = rebuild::verify_and_record(&opened.pool, settings, request, &stop, &say);
    match interruptible(&stop, work).await? {
        (Err(RebuildError::Stopped), Some(exit)) => Err(CliError::silent(exit)),
        (done, _) => done.map_err(|error| {
            let exit = match &error {
                RebuildError::Raw => Exit::Usage,
                RebuildError::Database(_) => Exit::Unavailable,
                RebuildError::Schema(error) => Exit::of_code(error.exit_code()),
                RebuildError::Scratch(error) => Exit::of_code(error.exit_code()),
                RebuildError::NoGames | RebuildError::Stopped | RebuildError::Reference(_) => {
                    Exit::Failure
                }
            };
            CliError::new(exit, clean(&error.to_string(), 400))
        }),
    }
}

fn print(zone: Zone, context: &Context, verified: &Verified) -> Result<(), CliError> {
    let mut data = context.output.data();
    if context.output.json {
        data.json(&Outcome {
            r#type: "verified",
            zone,
            identical: (!verified.is_empty()).then(|| verified.agrees()),
            verified,
        })?;
    } else {
        for difference in &verified.differences {
            data.line(&difference.to_string())?;
        }
        for found in &verified.relations {
            data.line(&format!(
                "{:<34} {:>10} equal {:>8} missing {:>8} extra {:>8} changed",
                found.relation, found.equal, found.missing, found.extra, found.changed
            ))?;
        }
    }
    data.finish()?;
    if verified.without_bytes > 0 {
        context.output.warn(&format!(
            "of {} fetches the bytes are no longer stored, so what came of them cannot be made anew; give --from a later day",
            verified.without_bytes
        ));
    }
    if verified.is_empty() {
        context.output.say(&format!(
            "nothing to compare: the {zone} zone is empty, and so is what it is made from; `linetape collect` or `linetape ingest` fills them"
        ));
        return Ok(());
    }
    if verified.agrees() {
        context.output.say(&format!(
            "{} rows made anew from {} {} are identical to those stored",
            verified.equal(),
            verified.inputs,
            if zone == Zone::Staging {
                "fetches"
            } else {
                "rows of the line history"
            }
        ));
        return Ok(());
    }
    let message = format!(
        "{} rows of the {} zone are not what the zone before gives; `linetape lines GAME --explain` shows where a game's rows came from",
        verified.differ(),
        zone
    );
    Err(CliError::new(Exit::Failure, message))
}
