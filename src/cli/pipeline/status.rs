//! `linetape pipeline status`: the health of each zone, and the runs so far.

use serde::Serialize;
use uuid::Uuid;

use crate::cli::context::Context;
use crate::cli::error::{CliError, Exit};
use crate::cli::open::{self, Opened, failed};
use crate::domain::clean::clean;
use crate::engine::pipeline::zone::Zone;
use crate::engine::pipeline::zone::interface::{self, Health};
use crate::store::runs;

/// Which runs.
#[derive(Debug, Clone, clap::Args)]
pub struct Status {
    /// Only this run
    #[arg(long)]
    pub run: Option<Uuid>,
    /// Only the health of this zone: raw, staging or curated
    #[arg(long, conflicts_with = "run")]
    pub zone: Option<Zone>,
    /// At most so many runs
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

/// A zone, as `--json` prints it.
#[derive(Serialize)]
struct HealthRow<'a> {
    r#type: &'static str,
    #[serde(flatten)]
    health: &'a Health,
}

/// Print it.
pub(super) async fn print(status: &Status, context: &Context) -> Result<(), CliError> {
    let opened = open::database(context, status.demo, false).await?;
    let found = find(status, context, &opened).await;
    opened.leave().await;
    let (zones, runs) = found?;
    let mut data = context.output.data();
    for health in &zones {
        if context.output.json {
            data.json(&HealthRow {
                r#type: "zone",
                health,
            })?;
        } else {
            data.line(&sentence(health))?;
        }
    }
    for run in &runs {
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
            let error = clean(error.as_str().unwrap_or_default(), 300);
            data.line(&format!("    {error}"))?;
        }
    }
    data.finish()
}

async fn find(
    status: &Status,
    context: &Context,
    opened: &Opened,
) -> Result<(Vec<Health>, Vec<runs::Run>), CliError> {
    opened.migrate().await?;
    let (pool, settings) = (&opened.pool, &context.settings.pipeline);
    let mut zones = Vec::new();
    for zone in Zone::ALL {
        if status.run.is_none() && status.zone.is_none_or(|only| only == zone) {
            zones.push(
                interface::health(zone, pool, settings)
                    .await
                    .map_err(failed)?,
            );
        }
    }
    if status.zone.is_some() {
        return Ok((zones, Vec::new()));
    }
    let runs = runs::list(pool, status.run, i64::from(status.limit)).await;
    let runs = runs.map_err(failed)?;
    match status.run {
        Some(run) if runs.is_empty() => {
            let message =
                format!("no run {run} is recorded; `linetape pipeline status` lists them");
            Err(CliError::new(Exit::Failure, message))
        }
        _ => Ok((zones, runs)),
    }
}

fn sentence(health: &Health) -> String {
    let share = |rate: Option<f64>| rate.map_or_else(|| "–".to_owned(), crate::cli::data::percent);
    let lag = match health.lag_s {
        None => String::new(),
        Some(0) => ", up with the zone before".to_owned(),
        Some(seconds) => format!(", {seconds} s behind the zone before"),
    };
    let last = health.last_run.as_ref().map_or_else(
        || "never run by hand".to_owned(),
        |run| {
            let at = run.started_at.format("%Y-%m-%d %H:%M:%S");
            format!("last run {at} ({})", run.status)
        },
    );
    let why = if health.reasons.is_empty() {
        String::new()
    } else {
        format!(": {}", health.reasons.join(", "))
    };
    format!(
        "{:<8} {}{why}{lag}, {} waiting; validated {} (target {}), completed {} (target {}); {last}",
        health.zone.as_str(),
        health.state.as_str(),
        health.waiting,
        share(health.validation_rate),
        share(Some(health.validation_target)),
        share(health.completion_rate),
        share(Some(health.completion_target)),
    )
}
