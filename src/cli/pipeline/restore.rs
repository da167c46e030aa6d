//! `linetape pipeline rollback`, and `pipeline run --rebuild` in place.

use serde::Serialize;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{Run, interruptible};
use crate::cli::context::Context;
use crate::cli::error::{CliError, Exit};
use crate::cli::open::{self, Opened};
use crate::domain::clean::clean;
use crate::engine::pipeline::zone::Zone;
use crate::engine::pipeline::zone::restore::{Request, RestoreError, Restored, restore};

/// Where to go back to.
#[derive(Debug, Clone, clap::Args)]
pub struct Rollback {
    /// Staging and curated as they were right after this run
    #[arg(long)]
    pub to_run: Uuid,
    /// The zone; staging takes curated with it, and raw is never taken back
    #[arg(long, default_value = "staging")]
    pub zone: Zone,
    /// Count the rows that would come, go and change, and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// The demo's database
    #[arg(long)]
    pub demo: bool,
}

/// What came of it, as `--json` prints it.
#[derive(Serialize)]
struct Row<'a> {
    r#type: &'static str,
    zone: Zone,
    to_run: Option<Uuid>,
    dry_run: bool,
    #[serde(flatten)]
    restored: &'a Restored,
}

/// Go back.
pub(super) async fn roll_back(rollback: &Rollback, context: &Context) -> Result<(), CliError> {
    let opened = open::database(context, rollback.demo, false).await?;
    let request = Request {
        zone: rollback.zone,
        to_run: Some(rollback.to_run),
        dry_run: rollback.dry_run,
        batch: context.settings.pipeline.staging_batch as usize,
        demo: rollback.demo,
    };
    let done = match opened.migrate().await {
        Ok(_) => act(request, context, &opened).await,
        Err(error) => Err(error),
    };
    opened.leave().await;
    done?;
    if !rollback.dry_run {
        context.output.say(
            "what is collected from now on comes on top; `linetape pipeline run --zone staging --rebuild` returns to the present",
        );
    }
    Ok(())
}

/// Make zones anew in place.
pub(super) async fn rebuild(
    run: &Run,
    zones: &[Zone],
    context: &Context,
    opened: &Opened,
) -> Result<(), CliError> {
    if run.from.is_some() || run.to.is_some() {
        let message =
            "a zone is made anew in place as a whole; leave out --from and --to, or add --verify";
        return Err(CliError::new(Exit::Usage, message));
    }
    for zone in zones {
        let request = Request {
            zone: *zone,
            to_run: None,
            dry_run: run.dry_run,
            batch: run.batch(&context.settings.pipeline),
            demo: run.demo,
        };
        act(request, context, opened).await?;
    }
    Ok(())
}

async fn act(request: Request, context: &Context, opened: &Opened) -> Result<(), CliError> {
    let stop = CancellationToken::new();
    let output = context.output.clone();
    let say = move |step: String| output.say(&step);
    let settings = &context.settings.database;
    let work = restore(&opened.pool, settings, request, &stop, &say);
    let restored = match interruptible(&stop, work).await? {
        (Err(RestoreError::Stopped), Some(exit)) => return Err(CliError::silent(exit)),
        (done, _) => done.map_err(|error| {
            let exit = match &error {
                RestoreError::Raw | RestoreError::CuratedAlone => Exit::Usage,
                RestoreError::Busy => Exit::Locked,
                RestoreError::Database(_) => Exit::Unavailable,
                RestoreError::Schema(error) => Exit::of_code(error.exit_code()),
                RestoreError::Scratch(error) => Exit::of_code(error.exit_code()),
                RestoreError::NoRun(_)
                | RestoreError::LostBytes(_)
                | RestoreError::Stopped
                | RestoreError::Reference(_) => Exit::Failure,
            };
            CliError::new(exit, clean(&error.to_string(), 400))
        })?,
    };
    print(request, context, &restored)
}

fn print(request: Request, context: &Context, restored: &Restored) -> Result<(), CliError> {
    let mut data = context.output.data();
    if context.output.json {
        data.json(&Row {
            r#type: "restored",
            zone: request.zone,
            to_run: request.to_run,
            dry_run: request.dry_run,
            restored,
        })?;
        return data.finish();
    }
    for table in &restored.relations {
        data.line(&format!(
            "{:<34} {:>10} as they are {:>8} come {:>8} go {:>8} change",
            table.relation, table.equal, table.missing, table.extra, table.changed
        ))?;
    }
    let would = if request.dry_run { "would be " } else { "" };
    let what = if request.zone == Zone::Staging {
        "fetches staged anew"
    } else {
        "series derived anew"
    };
    data.line(&format!(
        "{:<8} {:>10} {what} {would}in place; {} fetches taken out, {} put back (run {})",
        request.zone.as_str(),
        restored.inputs,
        restored.taken_out,
        restored.put_back,
        restored.run_id
    ))?;
    data.finish()
}
