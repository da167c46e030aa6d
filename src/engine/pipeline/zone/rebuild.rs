//! The proof that a zone is a function of the one before: rebuild it in a scratch database, and compare row by row.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::json;
use sqlx::{PgConnection, PgPool};
use tokio_util::sync::CancellationToken;

use super::Zone;
use crate::config::settings::Database;
use crate::domain::clean::clean;
use crate::domain::payload::Payload;
use crate::engine::pipeline::write::Stager;
use crate::engine::reference::Reference;
use crate::store;
use crate::store::compare::{Comparison, Difference, Relation, compare};
use crate::store::migrate::SchemaError;
use crate::store::rebuild::Part;
use crate::store::runs::{self, Ending, Outcome};
use crate::store::scratch::{Scratch, ScratchError};

/// Bytes of bodies held at once: a day of scoreboards does not fit into memory.
const MOST_BYTES: usize = 16 << 20;

/// Rows that differ which are told one by one.
const TOLD: usize = 10;

/// How often progress is told.
const TELL_EVERY: Duration = Duration::from_secs(5);

/// What is made of payloads.
pub(super) const STAGED: [Relation; 6] = [
    Relation::Games,
    Relation::LineHistory,
    Relation::LinesCurrent,
    Relation::BettingSplits,
    Relation::TeamSources,
    Relation::TeamStatsDaily,
];

/// What to rebuild.
#[derive(Debug, Clone, Copy)]
pub struct Request {
    /// Staging from raw, or curated from staging.
    pub zone: Zone,
    /// Only games that start from here on.
    pub from: Option<DateTime<Utc>>,
    /// Only games that start before.
    pub to: Option<DateTime<Utc>>,
    /// Fetches staged in one transaction.
    pub batch: usize,
}

/// What the comparison found.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Verified {
    /// Fetches staged anew, or rows of history read.
    pub inputs: u64,
    /// Fetches whose bytes are no longer stored: what came of them cannot be rebuilt.
    pub without_bytes: u64,
    /// A table each.
    pub relations: Vec<Comparison>,
    /// The first rows that differ.
    pub differences: Vec<Difference>,
}

impl Verified {
    /// Whether every row agrees.
    pub fn agrees(&self) -> bool {
        self.relations.iter().all(Comparison::agrees)
    }

    /// Whether neither side holds a row: then there is nothing to compare.
    pub fn is_empty(&self) -> bool {
        self.equal() + self.differ() == 0
    }

    /// Rows that are the same.
    pub fn equal(&self) -> u64 {
        self.relations.iter().map(|r| r.equal).sum()
    }

    /// Rows that are not.
    pub fn differ(&self) -> u64 {
        self.relations
            .iter()
            .map(|r| r.missing + r.extra + r.changed)
            .sum()
    }
}

/// Why nothing was compared.
#[derive(Debug, thiserror::Error)]
pub enum RebuildError {
    /// Nothing lies before raw.
    #[error(
        "the raw zone is the feeds' own bytes, and nothing lies before it; rebuild staging or curated"
    )]
    Raw,
    /// The span holds nothing to compare.
    #[error(
        "no stored game starts in that span; `linetape database check-data` shows what is stored"
    )]
    NoGames,
    /// Somebody asked to stop.
    #[error("stopped before the comparison was complete")]
    Stopped,
    /// The built-in reference data is broken.
    #[error("the built-in reference data cannot be read ({0}); install linetape again")]
    Reference(#[from] toml::de::Error),
    /// No scratch database.
    #[error(transparent)]
    Scratch(#[from] ScratchError),
    /// The scratch database has no schema.
    #[error(transparent)]
    Schema(#[from] SchemaError),
    /// A statement failed.
    #[error("the comparison was given up: {}", clean(&.0.to_string(), 300))]
    Database(#[from] sqlx::Error),
}

/// Rebuild a zone in a scratch database and compare it with what is stored. What is stored is only read, at one moment,
/// while others go on writing.
pub async fn verify(
    pool: &PgPool,
    settings: &Database,
    request: Request,
    stop: &CancellationToken,
    say: &(dyn Fn(String) + Send + Sync),
) -> Result<Verified, RebuildError> {
    if request.zone == Zone::Raw {
        return Err(RebuildError::Raw);
    }
    let scratch = Scratch::make(pool, settings).await?;
    let done = tokio::select! {
        done = rebuild_and_compare(pool, &scratch.pool, request, say) => done,
        () = stop.cancelled() => Err(RebuildError::Stopped),
    };
    let removed = scratch.remove().await;
    let verified = done?;
    removed?;
    Ok(verified)
}

/// The same, on record: a run that says what was compared and what differs.
pub async fn verify_and_record(
    pool: &PgPool,
    settings: &Database,
    request: Request,
    stop: &CancellationToken,
    say: &(dyn Fn(String) + Send + Sync),
) -> Result<Verified, RebuildError> {
    if request.zone == Zone::Raw {
        return Err(RebuildError::Raw);
    }
    let run = runs::begin(pool, request.zone.mode(), None, true).await?;
    let done = verify(pool, settings, request, stop, say).await;
    let outcome = match &done {
        Ok(verified) => Outcome {
            ending: if verified.agrees() {
                Ending::Success
            } else {
                Ending::Failed
            },
            records: verified.equal() + verified.differ(),
            failed: verified.differ(),
            zones: json!({request.zone.as_str(): {
                "rebuilt": true, "from": request.from, "to": request.to, "inputs": verified.inputs,
                "without_bytes": verified.without_bytes, "relations": verified.relations,
            }}),
            errors: verified
                .differences
                .iter()
                .map(|d| clean(&d.to_string(), 300))
                .collect(),
        },
        Err(error) => Outcome {
            ending: Ending::Failed,
            records: 0,
            failed: 0,
            zones: json!({}),
            errors: vec![clean(&error.to_string(), 300)],
        },
    };
    let noted = runs::end(pool, run, &outcome).await;
    let verified = done?;
    noted?;
    Ok(verified)
}

async fn rebuild_and_compare(
    pool: &PgPool,
    scratch: &PgPool,
    request: Request,
    say: &(dyn Fn(String) + Send + Sync),
) -> Result<Verified, RebuildError> {
    let reference = Arc::new(Reference::builtin()?);
    store::migrate::migrate(scratch).await?;
    store::reference::seed(scratch, &reference.books, &reference.teams).await?;
    let mut stored = pool.begin().await?;
    store::rebuild::hold_still(&mut stored).await?;
    let part = store::rebuild::part(&mut stored, request.from, request.to).await?;
    if part.games.as_ref().is_some_and(Vec::is_empty) {
        return Err(RebuildError::NoGames);
    }
    let mut verified = Verified::default();
    let relations: &[Relation] = if request.zone == Zone::Staging {
        stage_again(
            &mut stored,
            scratch,
            &part,
            Stager::new(reference, false, 1_000),
            request.batch,
            &mut verified,
            say,
        )
        .await?;
        &STAGED
    } else {
        verified.inputs = store::rebuild::copy_history(&mut stored, scratch, &part).await?;
        &[Relation::Summary]
    };
    say("comparing".into());
    let mut rebuilt = scratch.begin().await?;
    store::rebuild::hold_still(&mut rebuilt).await?;
    for relation in relations {
        let found = &mut verified.differences;
        let games = part.games.as_deref();
        let compared = compare(&mut stored, &mut rebuilt, *relation, games, found, TOLD).await?;
        verified.relations.push(compared);
    }
    rebuilt.rollback().await?;
    stored.rollback().await?;
    Ok(verified)
}

/// Take every stored payload of the part through the writer, into the scratch database.
pub(super) async fn stage_again(
    stored: &mut PgConnection,
    scratch: &PgPool,
    part: &Part,
    mut stager: Stager,
    batch: usize,
    verified: &mut Verified,
    say: &(dyn Fn(String) + Send + Sync),
) -> Result<(), sqlx::Error> {
    store::rebuild::copy_decisions(stored, scratch).await?;
    let all = store::rebuild::count(stored, part).await?;
    let mut after = None;
    let mut told = Instant::now();
    loop {
        let limit = i64::try_from(batch.max(1)).unwrap_or(i64::MAX);
        let page = store::rebuild::fetches(stored, part, after, limit).await?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after = Some(last.place());
        let mut waiting: Vec<Payload> = Vec::new();
        for fetch in page {
            match fetch.payload(stored).await? {
                Some(payload) => waiting.push(payload),
                None => verified.without_bytes += 1,
            }
            if waiting.iter().map(|p| p.body.len()).sum::<usize>() >= MOST_BYTES {
                verified.inputs += waiting.len() as u64;
                stager.write(scratch, &std::mem::take(&mut waiting)).await?;
            }
        }
        if !waiting.is_empty() {
            verified.inputs += waiting.len() as u64;
            stager.write(scratch, &waiting).await?;
        }
        if told.elapsed() >= TELL_EVERY {
            told = Instant::now();
            say(format!("{} of {all} fetches staged again", verified.inputs));
        }
    }
}
