//! `linetape pipeline run|status`: the zones of the store, and the proof that each is a function of the one before.

use chrono::NaiveDate;
use clap::Subcommand;
use serde::Serialize;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::context::Context;
use super::error::{CliError, Exit};
use super::open::{self, Opened, failed};
use super::signals::Signals;
use crate::domain::clean::clean;
use crate::domain::time::slate_start;
use crate::engine::pipeline::zone::Zone;
use crate::engine::pipeline::zone::rebuild::{self, RebuildError, Verified};
use crate::store::runs;

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
    /// The runs so far, the newest first
    Status(Status),
}

/// Which runs.
#[derive(Debug, Clone, clap::Args)]
pub struct Status {
    /// Only this run
    #[arg(long)]
    pub run: Option<Uuid>,
    /// At most so many
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: u32,
    /// The demo's database
    #[arg(long)]
    pub demo: bool,
}

/// A run, as `--json` prints it.
#[derive(Serialize)]
struct Row<'a> {
    r#type: &'static str,
    #[serde(flatten)]
    run: &'a runs::Run,
}

/// What to run.
#[derive(Debug, Clone, clap::Args)]
pub struct Run {
    /// The zone: staging or curated
    #[arg(long)]
    pub zone: Zone,
    /// Make the zone anew from the one before, beside what is stored
    #[arg(long, requires = "verify")]
    pub rebuild: bool,
    /// Compare what was made anew with what is stored, row by row; a difference exits with 1
    #[arg(long, requires = "rebuild")]
    pub verify: bool,
    /// Only games from this slate day on, 2025-07-01
    #[arg(long)]
    pub from: Option<NaiveDate>,
    /// Only games up to this slate day, included
    #[arg(long)]
    pub to: Option<NaiveDate>,
    /// Fetches in one transaction
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub batch_size: u32,
    /// The demo's database
    #[arg(long)]
    pub demo: bool,
}

/// The outcome, as `--json` prints it; the differences come before it, a line each.
#[derive(Serialize)]
struct Outcome<'a> {
    r#type: &'static str,
    zone: Zone,
    identical: bool,
    #[serde(flatten)]
    verified: &'a Verified,
}

/// Do it.
pub async fn run(args: Args, context: &Context) -> Result<(), CliError> {
    let run = match args.action {
        Action::Run(run) => run,
        Action::Status(status) => return print_runs(&status, context).await,
    };
    let opened = open::database(context, run.demo, false).await?;
    let done = verify(&run, context, &opened).await;
    opened.leave().await;
    print(&run, context, &done?)
}

async fn verify(run: &Run, context: &Context, opened: &Opened) -> Result<Verified, CliError> {
    opened.migrate().await?;
    let request = rebuild::Request {
        zone: run.zone,
        from: run.from.and_then(slate_start),
        to: run.to.and_then(|day| day.succ_opt()).and_then(slate_start),
        batch: run.batch_size as usize,
    };
    let mut signals = Signals::listen().map_err(|e| CliError::new(Exit::Io, e.to_string()))?;
    let stop = CancellationToken::new();
    let output = context.output.clone();
    let say = move |step: String| output.say(&step);
    let settings = &context.settings.database;
    let verifying = rebuild::verify_and_record(&opened.pool, settings, request, &stop, &say);
    tokio::pin!(verifying);
    let mut ended = None;
    let done = loop {
        tokio::select! {
            done = &mut verifying => break done,
            exit = signals.next(), if ended.is_none() => {
                // The scratch database is removed before the end.
                stop.cancel();
                ended = Some(exit);
            }
        }
    };
    match (done, ended) {
        (Err(RebuildError::Stopped), Some(exit)) => Err(CliError::silent(exit)),
        (done, _) => done.map_err(|error| {
            let exit = match &error {
                RebuildError::Raw => Exit::Usage,
                RebuildError::Database(_) => Exit::Unavailable,
                RebuildError::Schema(error) => Exit::of_code(error.exit_code()),
                RebuildError::Scratch(error) => Exit::of_code(error.exit_code()),
                RebuildError::Stopped | RebuildError::Reference(_) => Exit::Failure,
            };
            CliError::new(exit, clean(&error.to_string(), 400))
        }),
    }
}

fn print(run: &Run, context: &Context, verified: &Verified) -> Result<(), CliError> {
    let mut data = context.output.data();
    if context.output.json {
        data.json(&Outcome {
            r#type: "verified",
            zone: run.zone,
            identical: verified.agrees(),
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
    if verified.agrees() {
        context.output.say(&format!(
            "{} rows made anew from {} {} are identical to those stored",
            verified.equal(),
            verified.inputs,
            if run.zone == Zone::Staging {
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
        run.zone
    );
    Err(CliError::new(Exit::Failure, message))
}

async fn print_runs(status: &Status, context: &Context) -> Result<(), CliError> {
    let opened = open::database(context, status.demo, false).await?;
    let found = find_runs(status, &opened).await;
    opened.leave().await;
    let mut data = context.output.data();
    for run in &found? {
        if context.output.json {
            data.json(&Row { r#type: "run", run })?;
            continue;
        }
        let took = run.completed_at.map_or_else(
            || "not ended".to_owned(),
            |end| format!("{} ms", (end - run.started_at).num_milliseconds()),
        );
        data.line(&format!(
            "{}  {}  {:<18} {:<8} {:>10} records, {} failed, {took}{}",
            run.run_id,
            run.started_at.format("%Y-%m-%d %H:%M:%S"),
            run.mode,
            run.status,
            run.records_total,
            run.records_failed,
            if run.dry_run { ", changed nothing" } else { "" }
        ))?;
        for error in run.errors.as_array().into_iter().flatten().take(5) {
            data.line(&format!("    {}", error.as_str().unwrap_or_default()))?;
        }
    }
    data.finish()
}

async fn find_runs(status: &Status, opened: &Opened) -> Result<Vec<runs::Run>, CliError> {
    opened.migrate().await?;
    let found = runs::list(&opened.pool, status.run, i64::from(status.limit)).await;
    let found = found.map_err(failed)?;
    match status.run {
        Some(run) if found.is_empty() => {
            let message =
                format!("no run {run} is recorded; `linetape pipeline status` lists them");
            Err(CliError::new(Exit::Failure, message))
        }
        _ => Ok(found),
    }
}
