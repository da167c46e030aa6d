//! `linetape jobs list`.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::Serialize;

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::open::{self, failed};
use crate::cli::table::{Align, Table};
use crate::config::settings::Settings;
use crate::domain::job::Job;
use crate::domain::schedule::Schedule;
use crate::engine::jobs::said;
use crate::store::jobs::{self, Run};

/// One job, as `--json` prints it.
#[derive(Debug, Serialize)]
struct Row<'a> {
    r#type: &'static str,
    job: Job,
    what: &'static str,
    state: String,
    schedule: Option<&'a str>,
    words: Option<String>,
    zone: &'static str,
    next_run: Option<DateTime<Utc>>,
    last_run: Option<&'a Run>,
    missed: i64,
    catch_up: bool,
    comes_with: Option<&'static str>,
}

/// Print every job.
pub async fn run(context: &Context, demo: bool) -> Result<(), CliError> {
    let runs = match stored(context, demo).await {
        Ok(runs) => runs,
        Err(error) => {
            // The schedules are known without it.
            let reason = error.message;
            context
                .output
                .warn(&format!("the runs are not known: {reason}"));
            Vec::new()
        }
    };
    let settings = &context.settings;
    let now = (!demo).then(Utc::now);
    let rows: Vec<Row<'_>> = Job::ALL
        .iter()
        .map(|job| row(*job, settings, &runs, now))
        .collect();
    let mut data = context.output.data();
    if context.output.json {
        for row in &rows {
            data.json(row)?;
        }
        return data.finish();
    }
    let left = ["job", "state", "due", "next run", "last run", "result"];
    let mut table = Table::new(&left.map(|name| (name, Align::Left)));
    let zone = settings.jobs_zone();
    for row in &rows {
        table.row([
            row.job.to_string(),
            row.state.clone(),
            due(row),
            row.next_run.map_or("–".to_owned(), |at| shown(at, zone)),
            row.last_run.map_or("–".to_owned(), |run| last(run, zone)),
            row.last_run.map_or(String::new(), result),
        ]);
    }
    table.print(&context.output, &mut data)?;
    data.line("")?;
    for row in &rows {
        data.line(&format!("{:<13}  {}", row.job, row.what))?;
    }
    data.line(&format!("times of {}", zone.name()))?;
    data.finish()
}

async fn stored(context: &Context, demo: bool) -> Result<Vec<Run>, CliError> {
    let opened = open::database(context, demo, false).await?;
    let runs = match opened.migrate().await {
        Ok(_) => jobs::newest(&opened.pool).await.map_err(failed),
        Err(error) => Err(error),
    };
    opened.leave().await;
    runs
}

/// `now` is unknown for the demo, whose next run is the one it noted.
fn row<'a>(
    job: Job,
    settings: &'a Settings,
    runs: &'a [Run],
    now: Option<DateTime<Utc>>,
) -> Row<'a> {
    let schedule = settings.jobs.schedule(job);
    let zone = settings.jobs_zone();
    let of_job = || runs.iter().filter(move |r| r.job == job.as_str());
    let last_run = of_job().find(|r| r.state != "waiting");
    let scheduled = job.comes_with().is_none() && settings.jobs.enabled;
    let noted = of_job().find(|r| r.state == "waiting").map(|r| r.due_at);
    let next_run = schedule
        .filter(|_| scheduled)
        .and_then(|schedule| now.map_or(noted, |now| schedule.next_due(zone, now)));
    let missed = last_run.map_or(0, |run| run.missed);
    let mut state = match (job.comes_with(), schedule) {
        (Some(with), _) => format!("not scheduled: comes with {with}"),
        (None, None) => format!("off: jobs.{job} is empty"),
        (None, Some(_)) if !settings.jobs.enabled => "off: jobs.enabled is false".to_owned(),
        (None, Some(_)) if last_run.is_some_and(|r| r.state == "running") => "running".to_owned(),
        (None, Some(_)) => "scheduled".to_owned(),
    };
    if missed > 0 {
        state = format!("{state}, {missed} missed");
    }
    Row {
        r#type: "job",
        job,
        what: job.what(),
        state,
        schedule: schedule.map(Schedule::as_str),
        words: schedule.map(Schedule::words),
        zone: zone.name(),
        next_run,
        last_run,
        missed,
        catch_up: settings.jobs.catch_up.contains(&job),
        comes_with: job.comes_with(),
    }
}

fn due(row: &Row<'_>) -> String {
    match (row.schedule, &row.words) {
        // Words longer than the text they explain explain little.
        (Some(_), Some(words)) if words.chars().count() <= 20 => words.clone(),
        (Some(text), _) => text.to_owned(),
        (None, _) => "–".to_owned(),
    }
}

fn last(run: &Run, zone: Tz) -> String {
    let by = if run.by_hand { ", by hand" } else { "" };
    format!("{} {}{by}", shown(run.due_at, zone), run.state)
}

fn result(run: &Run) -> String {
    match (&run.error, &run.result) {
        (Some(error), _) => error.clone(),
        (None, Some(result)) => said(result).to_owned(),
        (None, None) => String::new(),
    }
}

fn shown(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).format("%Y-%m-%d %H:%M").to_string()
}
