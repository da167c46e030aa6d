//! A zone made anew where it lies: of all that is stored, or of what was known when an earlier run ended.

use std::sync::Arc;

use serde::Serialize;
use serde_json::json;
use sqlx::{PgPool, Postgres, Transaction};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::Zone;
use super::rebuild::{STAGED, Verified, stage_again};
use crate::config::settings::Database;
use crate::domain::clean::clean;
use crate::engine::pipeline::write::Stager;
use crate::engine::reference::Reference;
use crate::store;
use crate::store::compare::{Comparison, compare};
use crate::store::known::{self, Known};
use crate::store::migrate::SchemaError;
use crate::store::rebuild::Part;
use crate::store::runs::{self, Ending, Outcome};
use crate::store::scratch::{Scratch, ScratchError};
use crate::store::swap;

/// Series derived in one statement.
const SERIES_AT_ONCE: usize = 1_000;

/// What to make.
#[derive(Debug, Clone, Copy)]
pub struct Request {
    /// Staging, and curated with it; or curated alone, from staging as it is.
    pub zone: Zone,
    /// As right after this run; none for the present.
    pub to_run: Option<Uuid>,
    /// Say what would change, and change nothing.
    pub dry_run: bool,
    /// Fetches staged in one transaction.
    pub batch: usize,
    /// Rows written are marked as the built-in market's.
    pub demo: bool,
}

/// What came of it.
#[derive(Debug, Clone, Serialize)]
pub struct Restored {
    /// This run.
    pub run_id: Uuid,
    /// Fetches staged anew, or series derived.
    pub inputs: u64,
    /// Staging: rows of each table that came, went and changed.
    pub relations: Vec<Comparison>,
    /// Fetches whose rows were taken back.
    pub taken_out: u64,
    /// Fetches that had been taken back, and are staged again.
    pub put_back: u64,
}

/// Why the zone is as it was.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// Raw is what was received.
    #[error(
        "the raw zone is the feeds' own bytes and is never taken back or made anew; name staging or curated"
    )]
    Raw,
    /// A summary is one row with the current price.
    #[error(
        "the curated zone is derived from staging and cannot be older than it; roll back staging, which takes curated with it"
    )]
    CuratedAlone,
    /// No such run.
    #[error("no run {0} that has ended is recorded; `linetape pipeline status` lists them")]
    NoRun(Uuid),
    /// Somebody writes.
    #[error("another linetape is writing at this moment; try again, or stop it first")]
    Busy,
    /// Rows would be lost.
    #[error(
        "the bytes of {0} fetches are no longer stored, so their rows would be lost; nothing was changed"
    )]
    LostBytes(u64),
    /// Somebody asked to stop.
    #[error("stopped; nothing was changed")]
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
    #[error("nothing was changed: {}", clean(&.0.to_string(), 300))]
    Database(#[from] sqlx::Error),
}

/// Make a zone anew where it lies, in one transaction and on record. Other writers wait until it is done.
pub async fn restore(
    pool: &PgPool,
    settings: &Database,
    request: Request,
    stop: &CancellationToken,
    say: &(dyn Fn(String) + Send + Sync),
) -> Result<Restored, RestoreError> {
    if request.zone == Zone::Raw {
        return Err(RestoreError::Raw);
    }
    if request.zone == Zone::Curated && request.to_run.is_some() {
        return Err(RestoreError::CuratedAlone);
    }
    let mode = match request.to_run {
        Some(_) => "rollback",
        None => "rebuild",
    };
    // Asked before this run is on record, which must not be what it goes back to.
    let known = find_known(pool, request).await?;
    let run = runs::begin(pool, mode, None, request.dry_run).await?;
    let done = make(pool, settings, request, &known, run, stop, say).await;
    if let Err(error) = &done {
        let outcome = Outcome {
            ending: Ending::Failed,
            records: 0,
            failed: 0,
            zones: json!({}),
            errors: vec![clean(&error.to_string(), 300)],
        };
        // Where even that fails, the first error says more; a run without an end is one that was given up.
        let _ = runs::end(pool, run, &outcome).await;
    }
    done
}

async fn find_known(pool: &PgPool, request: Request) -> Result<Known, RestoreError> {
    let Some(run) = request.to_run else {
        return Ok(Known::all());
    };
    let mut connection = pool.acquire().await?;
    let ended = known::ended_at(&mut connection, run).await?;
    let ended = ended.ok_or(RestoreError::NoRun(run))?;
    Ok(known::at(&mut connection, ended).await?)
}

async fn make(
    pool: &PgPool,
    settings: &Database,
    request: Request,
    known: &Known,
    run: Uuid,
    stop: &CancellationToken,
    say: &(dyn Fn(String) + Send + Sync),
) -> Result<Restored, RestoreError> {
    let mut keeper = pool.begin().await?;
    swap::take_all_time(&mut keeper).await?;
    // A look takes nobody's turn.
    if !request.dry_run && !swap::take_pen_at_once(&mut keeper, run).await? {
        return Err(RestoreError::Busy);
    }
    let restored = if request.zone == Zone::Curated {
        tokio::select! {
            done = derive_all(&mut keeper, request, run) => done?,
            () = stop.cancelled() => return Err(RestoreError::Stopped),
        }
    } else {
        let scratch = Scratch::make(pool, settings).await?;
        let made = tokio::select! {
            made = stage_all(pool, &mut keeper, &scratch.pool, request, known, run, say) => made,
            () = stop.cancelled() => Err(RestoreError::Stopped),
        };
        let removed = scratch.remove().await;
        let restored = made?;
        // What cannot be removed is removed by the next; the rows are right.
        if request.dry_run {
            removed?;
        }
        restored
    };
    // From here on nobody stops it: it would be said that nothing was changed.
    runs::end(&mut *keeper, run, &outcome(request, known, &restored)).await?;
    keeper.commit().await?;
    Ok(restored)
}

fn outcome(request: Request, known: &Known, restored: &Restored) -> Outcome {
    Outcome {
        ending: Ending::Success,
        records: restored.inputs,
        failed: 0,
        zones: json!({request.zone.as_str(): {
            "to_run": request.to_run, "known": known, "inputs": restored.inputs, "relations": restored.relations,
            "taken_out": restored.taken_out, "put_back": restored.put_back,
        }}),
        errors: Vec::new(),
    }
}

async fn derive_all(
    keeper: &mut Transaction<'_, Postgres>,
    request: Request,
    run: Uuid,
) -> Result<Restored, RestoreError> {
    let series = swap::all_series(keeper).await?;
    if !request.dry_run {
        for some in series.chunks(SERIES_AT_ONCE) {
            store::leftover::recompute(keeper, some).await?;
        }
    }
    Ok(Restored {
        run_id: run,
        inputs: series.len() as u64,
        relations: Vec::new(),
        taken_out: 0,
        put_back: 0,
    })
}

async fn stage_all(
    pool: &PgPool,
    keeper: &mut Transaction<'_, Postgres>,
    scratch: &PgPool,
    request: Request,
    known: &Known,
    run: Uuid,
    say: &(dyn Fn(String) + Send + Sync),
) -> Result<Restored, RestoreError> {
    let reference = Arc::new(Reference::builtin()?);
    store::migrate::migrate(scratch).await?;
    store::reference::seed(scratch, &reference.books, &reference.teams).await?;
    let mut stored = pool.begin().await?;
    store::rebuild::hold_still(&mut stored).await?;
    let part = Part::of(known.clone());
    let mut found = Verified::default();
    let stager = Stager::new(reference, request.demo, 1_000);
    stage_again(
        &mut stored,
        scratch,
        &part,
        stager,
        request.batch,
        &mut found,
        say,
    )
    .await?;
    if found.without_bytes > 0 {
        return Err(RestoreError::LostBytes(found.without_bytes));
    }
    say("comparing with what is stored".into());
    let mut made = scratch.begin().await?;
    store::rebuild::hold_still(&mut made).await?;
    let mut relations = Vec::new();
    for relation in STAGED {
        let told = &mut found.differences;
        relations.push(compare(&mut stored, &mut made, relation, None, told, 0).await?);
    }
    stored.rollback().await?;
    let mut restored = Restored {
        run_id: run,
        inputs: found.inputs,
        relations,
        taken_out: 0,
        put_back: 0,
    };
    if !request.dry_run {
        say("putting the rows in place".into());
        swap::swap(keeper, &mut made).await?;
        (restored.taken_out, restored.put_back) = swap::mark(keeper, known).await?;
    }
    made.rollback().await?;
    Ok(restored)
}
