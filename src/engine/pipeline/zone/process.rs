//! Taking stored records through the zones once more: what was left behind, and what can be derived again.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Map, Value};
use sqlx::PgPool;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::Zone;
use crate::domain::clean::clean;
use crate::domain::source::Source;
use crate::engine::pipeline::stage;
use crate::engine::pipeline::write::Stager;
use crate::engine::reference::Reference;
use crate::store;
use crate::store::leftover::{self, Filter};
use crate::store::runs::{self, Ending, Outcome};

/// Errors kept with a run.
const MOST_ERRORS: usize = 20;

/// What to take through which zones.
#[derive(Debug, Clone)]
pub struct Request {
    /// Zones, in the order of [`Zone::ALL`].
    pub zones: Vec<Zone>,
    /// Only this feed.
    pub source: Option<Source>,
    /// Curated: at most so many games, those that start last.
    pub max_games: Option<u32>,
    /// Records at once.
    pub batch: usize,
    /// Say what would be done, and change nothing.
    pub dry_run: bool,
    /// Raw and staging: received from then on; curated: games that start from then on.
    pub from: Option<DateTime<Utc>>,
    /// And before.
    pub to: Option<DateTime<Utc>>,
    /// Rows written are marked as the built-in market's.
    pub demo: bool,
}

/// What was done in one zone.
#[derive(Debug, Clone, Serialize)]
pub struct Done {
    /// Zone.
    pub zone: Zone,
    /// Payloads checked, fetches tried again, or series derived again.
    pub records: u64,
    /// Those that failed: damaged, or still no response.
    pub failed: u64,
    /// The first reasons, cleaned.
    pub errors: Vec<String>,
}

impl Done {
    const fn nothing(zone: Zone) -> Self {
        Self {
            zone,
            records: 0,
            failed: 0,
            errors: Vec::new(),
        }
    }

    fn fail(&mut self, why: &str) {
        self.failed += 1;
        if self.errors.len() < MOST_ERRORS {
            self.errors.push(clean(why, 300));
        }
    }
}

/// Why a run was given up.
#[derive(Debug, thiserror::Error)]
pub enum ProcessError {
    /// Somebody asked to stop; what was done stays done.
    #[error("stopped before the run was complete; what was done stays, run it again for the rest")]
    Stopped,
    /// The built-in reference data is broken.
    #[error("the built-in reference data cannot be read ({0}); install linetape again")]
    Reference(#[from] toml::de::Error),
    /// A statement failed.
    #[error("the run was given up: {}", clean(&.0.to_string(), 300))]
    Database(#[from] sqlx::Error),
}

/// Go through the zones, on record. Returns the run and what was done in each zone.
pub async fn run(
    pool: &PgPool,
    request: &Request,
    stop: &CancellationToken,
) -> Result<(Uuid, Vec<Done>), ProcessError> {
    let mode = match request.zones.as_slice() {
        [one] => one.mode(),
        _ => "full",
    };
    let source = request.source.map(Source::as_str);
    let run = runs::begin(pool, mode, source, request.dry_run).await?;
    let mut done = Vec::new();
    let ended = tokio::select! {
        ended = go_through(pool, request, &mut done) => ended,
        () = stop.cancelled() => Err(ProcessError::Stopped),
    };
    let (records, failed) = done.iter().fold((0, 0), |sum, d: &Done| {
        (sum.0 + d.records, sum.1 + d.failed)
    });
    let mut errors: Vec<String> = done.iter().flat_map(|d| d.errors.clone()).collect();
    errors.extend(ended.as_ref().err().map(|e| clean(&e.to_string(), 300)));
    let by_zone = |d: &Done| {
        let value = serde_json::to_value(d).unwrap_or_default();
        (d.zone.as_str().to_owned(), value)
    };
    let outcome = Outcome {
        ending: match &ended {
            Err(_) => Ending::Failed,
            Ok(()) if failed > 0 => Ending::Partial,
            Ok(()) => Ending::Success,
        },
        records,
        failed,
        zones: Value::Object(done.iter().map(by_zone).collect::<Map<_, _>>()),
        errors,
    };
    let noted = runs::end(pool, run, &outcome).await;
    ended?;
    noted?;
    Ok((run, done))
}

async fn go_through(
    pool: &PgPool,
    request: &Request,
    done: &mut Vec<Done>,
) -> Result<(), ProcessError> {
    for zone in &request.zones {
        done.push(match zone {
            Zone::Raw => check_bytes(pool, request).await?,
            Zone::Staging => try_again(pool, request).await?,
            Zone::Curated => derive_again(pool, request).await?,
        });
    }
    Ok(())
}

fn filter(request: &Request) -> Filter {
    Filter {
        source: request.source,
        from: request.from,
        to: request.to,
    }
}

/// Raw: every logged response must be stored, byte for byte.
async fn check_bytes(pool: &PgPool, request: &Request) -> Result<Done, ProcessError> {
    let mut done = Done::nothing(Zone::Raw);
    let mut connection = pool.acquire().await?;
    let mut after = None;
    loop {
        let page =
            leftover::hashes(&mut connection, &filter(request), after, request.batch).await?;
        let Some(last) = page.last().copied() else {
            return Ok(done);
        };
        after = Some(last);
        for hash in page {
            done.records += 1;
            match store::payloads::body(&mut connection, hash).await {
                Ok(Some(_)) => {}
                Ok(None) => done.fail(&format!("payload {hash} is logged and not stored")),
                // Bytes that do not unpack, or not to what was hashed.
                Err(error @ sqlx::Error::Decode(_)) => {
                    done.fail(&error.to_string());
                }
                Err(error) => return Err(error.into()),
            }
        }
    }
}

/// Staging: fetches that were not staged are decoded once more, as after an update that knows their form.
async fn try_again(pool: &PgPool, request: &Request) -> Result<Done, ProcessError> {
    let mut done = Done::nothing(Zone::Staging);
    let reference = Arc::new(Reference::builtin()?);
    let mut stager = Stager::new(Arc::clone(&reference), request.demo, 1_000);
    let mut after = None;
    loop {
        let mut connection = pool.acquire().await?;
        let page =
            leftover::unstaged(&mut connection, &filter(request), after, request.batch).await?;
        let Some(last) = page.last() else {
            return Ok(done);
        };
        after = Some(last.place());
        let (mut again, mut tried) = (Vec::new(), Vec::new());
        for fetch in page {
            done.records += 1;
            let id = fetch.fetch_id;
            let Some(mut payload) = fetch.payload(&mut connection).await? else {
                done.fail(&format!("the bytes of fetch {id} are no longer stored"));
                continue;
            };
            let (at, request) = (payload.observed_at, &payload.request);
            if let Err(refusal) = stage::decode(&payload.body, request, at, &reference) {
                done.fail(&format!("fetch {id}: {refusal}"));
                continue;
            }
            // The log keeps the first try; this is a row of its own.
            payload.fetch_id = Uuid::now_v7();
            again.push(payload);
            tried.push(id);
        }
        drop(connection);
        if !request.dry_run && !again.is_empty() {
            stager.write(pool, &again).await?;
            leftover::settle(pool, &tried).await?;
        }
    }
}

/// Curated: every summary is derived again from the history.
async fn derive_again(pool: &PgPool, request: &Request) -> Result<Done, ProcessError> {
    let mut done = Done::nothing(Zone::Curated);
    let series = leftover::series(pool, &filter(request), request.max_games).await?;
    let writer = Uuid::now_v7();
    for some in series.chunks(request.batch.max(1)) {
        done.records += some.len() as u64;
        if !request.dry_run {
            let mut tx = pool.begin().await?;
            // A price that came between reading the history and writing the summary would be lost.
            store::writer::take_pen(&mut tx, writer).await?;
            leftover::recompute(&mut tx, some).await?;
            tx.commit().await?;
        }
    }
    Ok(done)
}
