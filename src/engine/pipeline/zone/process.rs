//! Taking stored records through the zones once more: what was left behind, and what can be derived again.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Map, Value};
use sqlx::PgPool;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::Zone;
use super::curated::Curated;
use super::interface::{Stage, Work};
use super::raw::Raw;
use super::staging::Staging;
use crate::config::settings::Pipeline;
use crate::domain::clean::clean;
use crate::domain::source::Source;
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
    /// Records at once; none for what is set.
    pub batch: Option<usize>,
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
    /// Curated rows whose score is below the threshold; they are kept.
    pub poor: u64,
    /// The first reasons, cleaned.
    pub errors: Vec<String>,
}

impl Done {
    pub(super) const fn nothing(zone: Zone) -> Self {
        Self {
            zone,
            records: 0,
            failed: 0,
            poor: 0,
            errors: Vec::new(),
        }
    }

    pub(super) fn fail(&mut self, why: &str) {
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
    settings: &Pipeline,
    stop: &CancellationToken,
) -> Result<(Uuid, Vec<Done>), ProcessError> {
    let mode = match request.zones.as_slice() {
        [one] if hands_on(*one, request, settings) => one.handing_on(),
        [one] => one.mode(),
        _ => "full",
    };
    let work = Work {
        pool,
        request,
        settings,
    };
    let source = request.source.map(Source::as_str);
    let run = runs::begin(pool, mode, source, request.dry_run).await?;
    let mut done = Vec::new();
    let ended = tokio::select! {
        ended = go_through(&work, &mut done) => ended,
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

async fn go_through(work: &Work<'_>, done: &mut Vec<Done>) -> Result<(), ProcessError> {
    for zone in &work.request.zones {
        match zone {
            Zone::Raw => go(&Raw, work, done).await?,
            Zone::Staging => go(&Staging, work, done).await?,
            Zone::Curated => go(&Curated, work, done).await?,
        }
    }
    Ok(())
}

/// One zone, and what is handed on from it where the next zone is not asked for by itself.
async fn go<S: Stage>(
    stage: &S,
    work: &Work<'_>,
    done: &mut Vec<Done>,
) -> Result<(), ProcessError> {
    done.push(stage.process(work).await?);
    if hands_on(S::ZONE, work.request, work.settings)
        && let Some(next) = stage.promote(work).await?
        && next.records > 0
    {
        done.push(next);
    }
    Ok(())
}

fn hands_on(zone: Zone, request: &Request, settings: &Pipeline) -> bool {
    let next = zone.next();
    settings.auto_promotion
        && next.is_some_and(|next| next.is_enabled(settings) && !request.zones.contains(&next))
}
