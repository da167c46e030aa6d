//! `linetape spool status|list|drain|export|recover`.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Subcommand;

use super::context::Context;
use super::error::{CliError, Exit};
use super::{logging, runtime};
use crate::domain::clean::clean;
use crate::engine::Collect;
use crate::engine::clock::Clock;
use crate::engine::connection::Connection;
use crate::engine::snapshot::Mode;
use crate::spool::{self, SpoolError};

/// Arguments.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// The demo's spool
    #[arg(long, global = true)]
    pub demo: bool,
    /// What to do
    #[command(subcommand)]
    pub action: Action,
}

/// What to do.
#[derive(Debug, Clone, Subcommand)]
pub enum Action {
    /// What waits: payloads, bytes, age, by spool directory
    Status,
    /// The payloads that wait, oldest first
    List {
        /// Most rows
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
    /// Store what waits
    Drain,
    /// Write the waiting bodies to files, one each
    Export {
        /// Directory, made if missing
        #[arg(long)]
        out: PathBuf,
    },
    /// Read what can be read from a damaged file that was set aside
    Recover {
        /// The damaged file; `spool status` names them
        file: PathBuf,
    },
}

/// How long draining may take.
const PATIENCE: Duration = Duration::from_secs(600);

/// Do it.
pub async fn run(args: Args, context: &Context) -> Result<(), CliError> {
    let demo = args.demo;
    let name = if demo {
        runtime::demo_database(&context.settings)
    } else {
        context.settings.database.name.clone()
    };
    let connection = runtime::connection(context, &name, demo, false)?;
    let root = context.paths.data.join("spool");
    let fingerprint = connection.fingerprint();
    match args.action {
        Action::Status => print_status(context, &root, &fingerprint),
        Action::List { limit } => print_list(context, &root, &fingerprint, limit),
        Action::Export { out } => {
            let written = spool::export(&root, &fingerprint, &out).map_err(failed)?;
            let words = format!(
                "{} payloads, {} bodies in {}",
                written.payloads,
                written.bodies,
                out.display()
            );
            print_one(context, &written, &words)
        }
        Action::Recover { file } => {
            let found = spool::recover(&file, &root, &fingerprint).map_err(failed)?;
            let words = format!(
                "{} payloads put back; the next start stores them",
                found.payloads
            );
            print_one(context, &found, &words)
        }
        Action::Drain => drain(context, connection, demo).await,
    }
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn failed(error: SpoolError) -> CliError {
    CliError::new(Exit::Io, error.to_string())
}

fn print_one(
    context: &Context,
    value: &impl serde::Serialize,
    words: &str,
) -> Result<(), CliError> {
    let mut data = context.output.data();
    if context.output.json {
        data.json(value)?;
    } else {
        data.line(words)?;
    }
    data.finish()
}

fn print_status(context: &Context, root: &Path, fingerprint: &str) -> Result<(), CliError> {
    let files = spool::files(root, fingerprint).map_err(failed)?;
    let mut data = context.output.data();
    for file in &files {
        if context.output.json {
            data.json(file)?;
            continue;
        }
        let owner = file
            .in_use_by
            .map_or_else(|| "no owner".to_owned(), |pid| format!("process {pid}"));
        let problem = file
            .problem
            .as_ref()
            .map(|p| format!("; {}", clean(p, 200)))
            .unwrap_or_default();
        data.line(&format!(
            "{}: {} payloads, {} bytes, {} put aside, {} dropped, {owner}{problem}",
            file.directory.display(),
            file.depth,
            file.bytes,
            file.quarantined,
            file.dropped
        ))?;
        for damaged in &file.damaged {
            data.line(&format!("  damaged: {}", damaged.display()))?;
        }
    }
    data.finish()?;
    if files.is_empty() {
        context
            .output
            .say("nothing waits: there is no spool for this database");
    }
    Ok(())
}

fn print_list(
    context: &Context,
    root: &Path,
    fingerprint: &str,
    limit: u32,
) -> Result<(), CliError> {
    let listed = spool::list(root, fingerprint).map_err(failed)?;
    let mut data = context.output.data();
    for row in listed.iter().take(limit as usize) {
        if context.output.json {
            data.json(row)?;
            continue;
        }
        let asked = row
            .request
            .as_ref()
            .map_or_else(|| "damaged".to_owned(), |r| clean(&r.url, 100));
        data.line(&format!(
            "{}  {}  HTTP {}  {asked}",
            row.observed_at, row.fetch_id, row.status
        ))?;
    }
    data.finish()
}

/// Store what waits.
async fn drain(context: &Context, connection: Connection, demo: bool) -> Result<(), CliError> {
    let mut logging = logging::start(context)?;
    let connection = Arc::new(connection);
    let spool = runtime::spool(context, &connection)?;
    let waiting = spool.status().depth;
    let settings = &context.settings;
    let mode = if demo {
        Mode::Demo {
            seed: settings.demo.seed,
            speed: 1,
        }
    } else {
        Mode::Live
    };
    let engine = runtime::engine(
        settings,
        mode,
        Clock::wall(),
        &connection,
        spool,
        logging.feed(),
        Collect::Nothing,
    )?;
    let empty = engine.flushed(PATIENCE).await;
    let unusable = engine.drain().borrow().unusable.clone();
    engine.shutdown().await;
    connection.leave().await;
    if let Some(reason) = unusable {
        return Err(runtime::unusable(&reason));
    }
    if !empty {
        return Err(CliError::new(
            Exit::Unavailable,
            "PostgreSQL did not take everything; what is left waits. See `linetape database status`",
        ));
    }
    let mut data = context.output.data();
    if context.output.json {
        data.json(&serde_json::json!({ "type": "drained", "payloads": waiting }))?;
    } else {
        data.line(&format!("{waiting} payloads stored"))?;
    }
    data.finish()
}
