//! `linetape jobs list|run|all`: what is done at set times, and doing it now.

mod list;

use std::time::Duration;

use clap::Subcommand;
use serde_json::{Value, json};

use super::context::Context;
use super::error::{CliError, Exit};
use super::{one_shot, runtime};
use crate::domain::clean::clean;
use crate::domain::job::Job;
use crate::engine::Engine;
use crate::engine::jobs::said;
use crate::engine::snapshot::DatabaseState;

/// Longest wait for the database.
const PATIENCE: Duration = Duration::from_secs(60);

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
    /// Each job: when it is due, how it last went, when it runs next
    List {
        /// The demo's database
        #[arg(long)]
        demo: bool,
    },
    /// Do one now: `update_games`, `update_odds`, `warm_cache`, or `all`
    Run {
        /// Name of the job, or `all`
        #[arg(value_parser = named)]
        job: Named,
    },
    /// Do all of them now
    All,
}

/// A job by name, or all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// One.
    One(Job),
    /// Those whose work is there.
    All,
}

fn named(text: &str) -> Result<Named, String> {
    if text == "all" {
        return Ok(Named::All);
    }
    let job = text.replace('-', "_").parse();
    job.map(Named::One)
        .map_err(|error: crate::domain::market::UnknownName| format!("{error}all"))
}

/// Do it.
pub async fn run(args: Args, context: &Context) -> Result<(), CliError> {
    match args.action {
        Action::List { demo } => list::run(context, demo).await,
        Action::Run {
            job: Named::One(job),
        } => {
            if let Some(with) = job.comes_with() {
                let message = format!("{job} comes with the {with}; there is nothing to do yet");
                return Err(CliError::new(Exit::Failure, message));
            }
            now(&[job], context).await
        }
        Action::Run { job: Named::All } | Action::All => {
            let (works, later): (Vec<Job>, Vec<Job>) =
                Job::ALL.iter().partition(|job| job.comes_with().is_none());
            for job in later {
                let with = job.comes_with().unwrap_or_default();
                context
                    .output
                    .say(&format!("{job} is left out: it comes with the {with}"));
            }
            now(&works, context).await
        }
    }
}

/// Do them one after the other, in an engine that does nothing else.
async fn now(jobs: &[Job], context: &Context) -> Result<(), CliError> {
    let ended = one_shot::run(context, async |engine| each(jobs, context, engine).await);
    match ended.await? {
        None => Ok(()),
        Some(exit) => Err(CliError::silent(exit)),
    }
}

async fn each(jobs: &[Job], context: &Context, engine: &Engine) -> Result<(), CliError> {
    ready(engine).await?;
    let mut failed = Vec::new();
    for job in jobs {
        let say = |step: String| context.output.say(&format!("{job}: {step}"));
        let outcome = engine.run_job(*job, &say).await;
        print(*job, &outcome, context)?;
        if let Err(reason) = outcome {
            failed.push(format!("{job} failed: {reason}"));
        }
    }
    // What was fetched is in the spool; the next run writes what the database does not take now.
    if !engine.flushed(PATIENCE).await {
        context
            .output
            .warn("the database did not take everything in time; the rest waits in the spool");
    }
    if failed.is_empty() {
        return Ok(());
    }
    Err(CliError::new(Exit::Unavailable, failed.join("; ")))
}

/// Wait for the database.
async fn ready(engine: &Engine) -> Result<(), CliError> {
    let mut drain = engine.drain();
    let ready = drain.wait_for(|s| s.pool.is_some() || s.unusable.is_some());
    if let Ok(Ok(state)) = tokio::time::timeout(PATIENCE, ready).await {
        return match &state.unusable {
            Some(reason) => Err(runtime::unusable(reason)),
            None => Ok(()),
        };
    }
    let reason = match &engine.snapshots().borrow().persistence.database {
        DatabaseState::Down { reason, .. } => clean(reason, 300),
        _ => "it did not answer in time".to_owned(),
    };
    let message = format!("PostgreSQL is not there: {reason}; no job was run");
    Err(CliError::new(Exit::Unavailable, message))
}

fn print(job: Job, outcome: &Result<Value, String>, context: &Context) -> Result<(), CliError> {
    let mut data = context.output.data();
    if context.output.json {
        let (result, error) = (outcome.as_ref().ok(), outcome.as_ref().err());
        let state = if error.is_none() { "done" } else { "failed" };
        data.json(&json!({
            "type": "job_run", "job": job, "state": state, "result": result, "error": error,
        }))?;
    } else if let Ok(result) = outcome {
        data.line(&format!("{job}: {}", said(result)))?;
    }
    data.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_is_named_as_it_is_written_or_with_hyphens() {
        assert_eq!(named("update_odds"), Ok(Named::One(Job::UpdateOdds)));
        assert_eq!(named("update-odds"), Ok(Named::One(Job::UpdateOdds)));
        assert_eq!(named("all"), Ok(Named::All));
        let error = named("update").unwrap_err();
        assert!(
            error.contains("update_games") && error.ends_with(" all"),
            "{error}"
        );
    }
}
