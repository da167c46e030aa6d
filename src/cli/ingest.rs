//! `linetape ingest FILE… --source S`: take captured payloads through the whole path.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

use super::context::Context;
use super::error::{CliError, Exit};
use super::open::failed;
use super::output::SCHEMA_VERSION;
use super::{arguments, inspect, logging, runtime};
use crate::config::secrets::Secrets;
use crate::domain::league::League;
use crate::domain::payload::{Payload, PayloadHash, RequestIdentity};
use crate::domain::source::Source;
use crate::engine::clock::Clock;
use crate::engine::pipeline::stage;
use crate::engine::reference::Reference;
use crate::engine::snapshot::{DatabaseState, Mode};
use crate::engine::{Collect, Engine};
use crate::sources::{NotAResponse, recognise};
use crate::store;

/// How long the database may take for everything.
const PATIENCE: Duration = Duration::from_secs(600);

/// Arguments.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// The captured bodies
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// The feed they came from: `action_network` (an), `odds_api` (oddsapi)
    #[arg(long, value_parser = arguments::source)]
    pub source: Source,
    /// The endpoint they came from; told by their shape when left out
    #[arg(long)]
    pub endpoint: Option<String>,
    /// When they were received, RFC 3339 or epoch seconds; the file's own time when left out
    #[arg(long, value_parser = arguments::instant)]
    pub at: Option<DateTime<Utc>>,
    /// What a history is of; none for captures
    #[arg(skip)]
    pub history: Option<History>,
}

/// What a person says of a file that holds a history, fed after the fact.
#[derive(Debug, Clone, Copy, Default)]
pub struct History {
    /// The year in which its season began.
    pub season: Option<i32>,
    /// Its league.
    pub league: Option<League>,
}

/// One file as a payload that was received at `args.at`, else when the file was last written. `limit`: most bytes.
///
/// Fails when the file cannot be read, or is no response of the feed.
pub async fn payload(args: &Args, file: &Path, limit: u64) -> Result<Payload, CliError> {
    let body = inspect::read(file, limit).await?;
    let recognised = recognise(args.source, &body, args.endpoint.as_deref()).map_err(
        |NotAResponse(reason)| {
            CliError::new(Exit::Failure, format!("{}: {reason}", file.display()))
        },
    )?;
    let observed_at = match args.at {
        Some(at) => at,
        None => written_at(file).await?,
    };
    Ok(Payload {
        fetch_id: Uuid::now_v7(),
        request: RequestIdentity {
            stream: recognised.stream,
            url: asked(args, file),
            league: args.history.and_then(|history| history.league),
            source_game_id: recognised.source_game_id,
        },
        status: 200,
        observed_at,
        elapsed_ms: 0,
        reconstructed: args.history.is_some(),
        error: None,
        hash: PayloadHash::of(&body),
        body: Arc::from(body),
    })
}

/// What was asked: the endpoint where it is an address, without its key; else the file's name.
fn asked(args: &Args, file: &Path) -> String {
    if let Some(address) = args
        .endpoint
        .as_deref()
        .filter(|endpoint| endpoint.contains('/'))
    {
        return Secrets::default().redact(address).into_owned();
    }
    let history = args.history.unwrap_or_default();
    // Only a person's word tells a season; the file's own time does not.
    let at = args.at.filter(|_| args.history.is_some());
    inspect::asked_file(file, history.season, history.league, at)
}

async fn written_at(file: &Path) -> Result<DateTime<Utc>, CliError> {
    let failed = |error: std::io::Error| CliError::file(file, "dated", &error);
    let meta = tokio::fs::metadata(file).await.map_err(failed)?;
    Ok(meta.modified().map_err(failed)?.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_a_key_nor_a_directory_is_stored() {
        let file = Path::new("/home/ann/odds.json");
        let asked = |endpoint: Option<&str>, history| {
            let args = Args {
                files: vec![file.to_owned()],
                source: Source::OddsApi,
                endpoint: endpoint.map(str::to_owned),
                at: None,
                history,
            };
            asked(&args, file)
        };
        assert_eq!(asked(None, None), "file:odds.json");
        assert_eq!(asked(Some("odds"), None), "file:odds.json");
        let history = History {
            season: Some(2018),
            league: Some(League::Mlb),
        };
        assert_eq!(
            asked(None, Some(history)),
            "file:odds.json?season=2018&league=mlb"
        );
        let address = asked(
            Some("/v4/sports/x/odds?apiKey=canary&oddsFormat=decimal"),
            None,
        );
        assert_eq!(
            address,
            "/v4/sports/x/odds?apiKey=<secret>&oddsFormat=decimal"
        );
        let address = asked(Some("/getfeed/canary/getodds/soccer?cat=hockey_10"), None);
        assert_eq!(address, "/getfeed/<secret>/getodds/soccer?cat=hockey_10");
    }
}

/// What became of one file.
#[derive(Debug, Serialize)]
struct Ingested<'a> {
    r#type: &'static str,
    file: &'a str,
    stream: &'static str,
    fate: String,
    games: i32,
    quotes: i32,
    changes: i32,
    rejects: i32,
}

/// What became of all files.
#[derive(Debug, Default, Serialize)]
struct Total {
    r#type: &'static str,
    schema_version: u32,
    files: usize,
    refused: usize,
    duplicates: usize,
    quotes: i64,
    changes: i64,
    rejects: i64,
}

/// Take the files through spool, raw, staging and summary, and say what came of each. A file that is no response of
/// the feed is refused and the others go on; the exit code is 1 then.
pub async fn run(args: Args, context: &Context) -> Result<(), CliError> {
    let mut logging = logging::start(context)?;
    let connection = Arc::new(runtime::connection(
        context,
        &context.settings.database.name,
        false,
        false,
    )?);
    let spool = runtime::spool(context, &connection)?;
    let engine = runtime::engine(
        &context.settings,
        Mode::Live,
        Clock::wall(),
        &connection,
        spool,
        logging.feed(),
        Collect::Nothing,
    )?;
    let done = ingest(&args, context, &engine).await;
    engine.shutdown().await;
    connection.leave().await;
    done
}

/// Say what the files hold, and feed nothing.
pub async fn dry_run(args: &Args, context: &Context) -> Result<(), CliError> {
    let reference =
        Reference::builtin().map_err(|error| CliError::new(Exit::Failure, error.to_string()))?;
    let mut data = context.output.data();
    for file in &args.files {
        let payload = payload(args, file, context.settings.http.max_body_bytes).await?;
        let decoded = stage::decode(
            &payload.body,
            &payload.request,
            payload.observed_at,
            &reference,
        )
        .map_err(|NotAResponse(reason)| {
            CliError::new(Exit::Failure, format!("{}: {reason}", file.display()))
        })?;
        let row = Ingested {
            r#type: "planned",
            file: &file.display().to_string(),
            stream: payload.request.stream.as_str(),
            fate: "planned".to_owned(),
            games: size(decoded.games.len()),
            quotes: size(decoded.quotes.len()),
            changes: 0,
            rejects: size(decoded.rejects.len()),
        };
        if context.output.json {
            data.json(&row)?;
        } else {
            data.line(&format!(
                "{}: {} would bring {} games, {} quotes, {} rejects",
                row.file, row.stream, row.games, row.quotes, row.rejects
            ))?;
        }
    }
    data.finish()
}

fn size(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

async fn ingest(args: &Args, context: &Context, engine: &Engine) -> Result<(), CliError> {
    let limit = context.settings.http.max_body_bytes;
    let mut taken = Vec::new();
    let mut total = Total {
        r#type: "summary",
        schema_version: SCHEMA_VERSION,
        ..Total::default()
    };
    for file in &args.files {
        match payload(args, file, limit).await {
            Ok(payload) => {
                taken.push((
                    file.display().to_string(),
                    payload.fetch_id,
                    payload.request.stream,
                ));
                engine
                    .intake()
                    .admit(payload)
                    .await
                    .map_err(|e| CliError::new(Exit::Io, e.to_string()))?;
            }
            Err(error) if error.exit == Exit::Failure => {
                total.refused += 1;
                context.output.warn(&error.message);
            }
            Err(error) => return Err(error),
        }
    }
    if !engine.flushed(PATIENCE).await {
        let snapshot = engine.snapshots().borrow().clone();
        let reason = match &snapshot.persistence.database {
            DatabaseState::Down { reason, .. } | DatabaseState::Starting(reason) => reason.clone(),
            DatabaseState::Up => "it is slow".to_owned(),
            DatabaseState::Unusable(reason) => {
                return Err(runtime::unusable(reason));
            }
        };
        let message = format!(
            "PostgreSQL did not take the data ({reason}); it waits in the spool: linetape spool drain"
        );
        return Err(CliError::new(Exit::Unavailable, message));
    }
    let pool = engine.drain().borrow().pool.clone();
    let Some(pool) = pool else {
        return Err(CliError::new(
            Exit::Unavailable,
            "PostgreSQL went away after it took the data",
        ));
    };
    let ids: Vec<Uuid> = taken.iter().map(|(_, id, _)| *id).collect();
    let mut outcomes = store::payloads::outcomes(&pool, &ids)
        .await
        .map_err(failed)?;
    let mut data = context.output.data();
    for (file, id, stream) in &taken {
        let Some(outcome) = outcomes.remove(id) else {
            continue;
        };
        total.files += 1;
        total.duplicates += usize::from(outcome.fate == "duplicate");
        total.refused += usize::from(outcome.fate == "refused");
        total.quotes += i64::from(outcome.quotes);
        total.changes += i64::from(outcome.changes);
        total.rejects += i64::from(outcome.rejects);
        let row = Ingested {
            r#type: "file",
            file,
            stream: stream.as_str(),
            fate: outcome.fate,
            games: outcome.games,
            quotes: outcome.quotes,
            changes: outcome.changes,
            rejects: outcome.rejects,
        };
        if context.output.json {
            data.json(&row)?;
        } else {
            data.line(&format!(
                "{}: {} {}, {} games, {} quotes, {} changes, {} rejects",
                row.file, row.stream, row.fate, row.games, row.quotes, row.changes, row.rejects
            ))?;
        }
    }
    if context.output.json {
        data.json(&total)?;
    } else {
        data.line(&format!(
            "{} files: {} quotes, {} changes, {} rejects, {} duplicates, {} refused",
            total.files,
            total.quotes,
            total.changes,
            total.rejects,
            total.duplicates,
            total.refused
        ))?;
    }
    data.finish()?;
    if total.refused > 0 {
        let message = format!(
            "{} of {} files are no response of the feed",
            total.refused,
            args.files.len()
        );
        return Err(CliError::new(Exit::Failure, message));
    }
    Ok(())
}
