//! The drain: from spool to Postgres, in order, in batches, and only then out of the spool.
//!
//! Failures are of three kinds. The target is down: wait and try again, the spool grows and the screen says so. A row
//! is bad: the batch is halved until the payload is alone, which is put aside with its reason while the rest goes on.
//! An operator is needed: writing pauses, says what is wrong, and looks again now and then.

mod open;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use sqlx::PgPool;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use self::open::Closed;
use super::write::{BatchReport, Stager};
use crate::domain::clean::clean;
use crate::domain::game::GameId;
use crate::domain::payload::Payload;
use crate::engine::clock::Clock;
use crate::engine::drift::Sampler;
use crate::engine::errand::Errands;
use crate::engine::hub::task::{HubHandle, HubMessage};
use crate::engine::reference::Reference;
use crate::engine::signals::Touched;
use crate::engine::snapshot::{DatabaseState, StartupStep, StepState};
use crate::spool::{Spool, Spooled};
use crate::store;
use crate::store::failure::{Failure, classify};
use crate::store::history::GameHistory;
use crate::store::writer::StoredExtraction;

/// Payloads in one transaction.
const BATCH_PAYLOADS: usize = 64;
/// Bytes of payloads in one transaction.
const BATCH_BYTES: u64 = 16 << 20;
/// Waits between tries while Postgres is down.
const BACKOFF: [u64; 5] = [1, 2, 4, 8, 15];

/// A connected database.
#[derive(Debug, Clone)]
pub struct Connected {
    /// Connections.
    pub pool: PgPool,
    /// `PostgreSQL 15.18 embedded`.
    pub server: String,
}

/// How Postgres is reached: the embedded cluster, or somebody's server.
pub trait Connect: Send + Sync {
    /// Connect, starting what must be started. The error is a sentence with a next step. `progress` hears each step.
    fn connect<'a>(
        &'a self,
        progress: &'a (dyn Fn(String) + Send + Sync),
    ) -> BoxFuture<'a, Result<Connected, String>>;
}

/// Where the drain stands, for whoever waits on it.
#[derive(Debug, Clone, Default)]
pub struct DrainState {
    /// Every payload up to this number is committed or put aside.
    pub committed: u64,
    /// The pool, while Postgres answers and may be written to.
    pub pool: Option<PgPool>,
    /// A pool for reading only, while the schema is not this program's.
    pub read_only: Option<PgPool>,
    /// Why nothing is written until a person has acted.
    pub unusable: Option<String>,
    /// Whether the hub has been given what the store holds.
    pub warmed: bool,
    /// Up to which change by other processes the hub has heard.
    pub heard: Heard,
    /// How often each game's stored rows were rewritten: what was cached of it before is stale.
    pub rewrites: HashMap<GameId, u64>,
}

/// What the hub knows of what was done to stored rows behind its back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Heard {
    /// Up to which change of joins and decisions.
    pub identity_revision: i64,
    /// The latest rollback or rebuild.
    pub turn: Option<Uuid>,
}

impl DrainState {
    /// Connections for reading.
    pub fn readable(&self) -> Option<PgPool> {
        self.pool.clone().or_else(|| self.read_only.clone())
    }
}

/// The drain's parts.
pub struct Drain {
    /// Where payloads wait.
    pub spool: Spool,
    /// Who is told.
    pub hub: HubHandle,
    /// How Postgres is reached.
    pub connect: Arc<dyn Connect>,
    /// Books and teams.
    pub reference: Arc<Reference>,
    /// The engine's clock.
    pub clock: Clock,
    /// Rows of the built-in market.
    pub demo: bool,
    /// Rows in one insert.
    pub batch_rows: usize,
    /// How long to go on after the stop.
    pub flush: Duration,
    /// Hears of games with new rows.
    pub touched: Touched,
    /// Compares the format of some of what is stored with what was usual.
    pub drift: Sampler,
    /// Work under way, for whoever shows it.
    pub errands: Errands,
}

impl std::fmt::Debug for Drain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Drain")
            .field("demo", &self.demo)
            .finish_non_exhaustive()
    }
}

enum Stop {
    /// Postgres is gone; connect again.
    Down(String),
    /// Told to stop, and the spool is empty or time is up.
    Finished,
}

impl Drain {
    /// Run until `stop`, then until the spool is empty or `flush` is over.
    pub async fn run(self, state: watch::Sender<DrainState>, stop: CancellationToken) {
        let mut stager = Stager::new(Arc::clone(&self.reference), self.demo, self.batch_rows);
        let mut tries = 0;
        let mut deadline: Option<Instant> = None;
        loop {
            if stop.is_cancelled() {
                let until = *deadline.get_or_insert_with(|| Instant::now() + self.flush);
                if Instant::now() >= until {
                    return;
                }
            }
            match self.open(&state).await {
                Ok(pool) => {
                    tries = 0;
                    match self
                        .pump(&pool, &mut stager, &state, &stop, &mut deadline)
                        .await
                    {
                        Stop::Finished => {
                            pool.close().await;
                            return;
                        }
                        Stop::Down(reason) => self.down(&state, reason, BACKOFF[0]).await,
                    }
                    pool.close().await;
                }
                Err(Closed::Unusable(reason, pool)) => {
                    self.unusable(&state, reason, &pool, &stop).await;
                    pool.close().await;
                    if stop.is_cancelled() {
                        return;
                    }
                    continue;
                }
                Err(Closed::Down(reason)) => {
                    let wait = BACKOFF.get(tries).copied().unwrap_or(15);
                    tries += 1;
                    self.down(&state, reason, wait).await;
                }
            }
            let wait = BACKOFF.get(tries.saturating_sub(1)).copied().unwrap_or(15);
            for left in (1..=wait).rev() {
                self.count_down(left).await;
                tokio::select! {
                    () = tokio::time::sleep(Duration::from_secs(1)) => {}
                    () = stop.cancelled(), if deadline.is_none() => break,
                }
                if deadline.is_some_and(|d| Instant::now() >= d) {
                    return;
                }
            }
        }
    }

    async fn down(&self, state: &watch::Sender<DrainState>, reason: String, retry_in_s: u64) {
        tracing::warn!(%reason, "Postgres does not answer; payloads wait in the spool");
        state.send_modify(|s| s.pool = None);
        self.step("Postgres", StepState::Failed(reason.clone()))
            .await;
        self.hub
            .tell(HubMessage::Database(DatabaseState::Down {
                reason,
                retry_in_s,
            }))
            .await;
        self.report_spool().await;
    }

    async fn count_down(&self, retry_in_s: u64) {
        self.hub.tell(HubMessage::RetryIn(retry_in_s)).await;
        self.report_spool().await;
    }

    async fn step(&self, name: &'static str, state: StepState) {
        self.hub
            .tell(HubMessage::Step(StartupStep { name, state }))
            .await;
    }

    async fn pump(
        &self,
        pool: &PgPool,
        stager: &mut Stager,
        state: &watch::Sender<DrainState>,
        stop: &CancellationToken,
        deadline: &mut Option<Instant>,
    ) -> Stop {
        let mut appended = self.spool.watch();
        loop {
            let batch = match self.spool.peek(None, BATCH_PAYLOADS, BATCH_BYTES).await {
                Ok(batch) => batch,
                Err(error) => return Stop::Down(error.to_string()),
            };
            if batch.is_empty() {
                if stop.is_cancelled() {
                    return Stop::Finished;
                }
                self.report_spool().await;
                tokio::select! {
                    _ = appended.changed() => {}
                    () = stop.cancelled() => {}
                    () = tokio::time::sleep(Duration::from_secs(5)) => {
                        // Which also tells whether Postgres answers.
                        if let Err(reason) = self.hear_of_others(pool, state).await {
                            return Stop::Down(reason);
                        }
                    }
                }
                continue;
            }
            let written = self.write_and_report(pool, stager, batch, state).await;
            self.report_spool().await;
            if let Err(reason) = written {
                return Stop::Down(reason);
            }
            if stop.is_cancelled() {
                let until = *deadline.get_or_insert_with(|| Instant::now() + self.flush);
                if Instant::now() >= until {
                    return Stop::Finished;
                }
            }
        }
    }

    /// Write a batch, telling meanwhile how the spool grows: a statement may wait for a lock for long.
    async fn write_and_report(
        &self,
        pool: &PgPool,
        stager: &mut Stager,
        batch: Vec<Spooled>,
        state: &watch::Sender<DrainState>,
    ) -> Result<(), String> {
        let writing = self.write(pool, stager, batch, state);
        tokio::pin!(writing);
        loop {
            tokio::select! {
                written = &mut writing => return written,
                () = tokio::time::sleep(Duration::from_secs(1)) => self.report_spool().await,
            }
        }
    }

    /// Write a batch; one that holds a bad payload is halved until the payload is alone.
    fn write<'a>(
        &'a self,
        pool: &'a PgPool,
        stager: &'a mut Stager,
        batch: Vec<Spooled>,
        state: &'a watch::Sender<DrainState>,
    ) -> BoxFuture<'a, Result<(), String>> {
        Box::pin(async move {
            let started = Instant::now();
            let (seqs, payloads): (Vec<u64>, Vec<Payload>) =
                batch.into_iter().map(|s| (s.seq, s.payload)).unzip();
            match stager.write(pool, &payloads).await {
                Ok(report) => {
                    self.committed(pool, seqs, &payloads, report, started, state)
                        .await
                }
                Err(error) => match classify(&error) {
                    Failure::Poison if payloads.len() > 1 => {
                        let mut first: Vec<Spooled> = seqs
                            .into_iter()
                            .zip(payloads)
                            .map(|(seq, payload)| Spooled { seq, payload })
                            .collect();
                        let second = first.split_off(first.len() / 2);
                        self.write(pool, stager, first, state).await?;
                        self.write(pool, stager, second, state).await
                    }
                    Failure::Poison => {
                        let reason = clean(&error.to_string(), 300);
                        tracing::error!(%reason, "a payload cannot be stored; it is put aside in the spool");
                        for seq in &seqs {
                            self.spool
                                .quarantine(*seq, reason.clone())
                                .await
                                .map_err(|e| e.to_string())?;
                        }
                        self.hub.tell(HubMessage::WriteFailed(reason)).await;
                        Self::advance(state, &seqs);
                        Ok(())
                    }
                    Failure::Transient => {
                        let reason = clean(&error.to_string(), 300);
                        self.hub.tell(HubMessage::WriteFailed(reason.clone())).await;
                        Err(reason)
                    }
                    Failure::Operator => {
                        let reason = format!(
                            "PostgreSQL refuses to write ({}); run `linetape database status`, then mend rights or schema",
                            clean(&error.to_string(), 200)
                        );
                        self.hub.tell(HubMessage::WriteFailed(reason.clone())).await;
                        Err(reason)
                    }
                },
            }
        })
    }

    async fn committed(
        &self,
        pool: &PgPool,
        seqs: Vec<u64>,
        payloads: &[Payload],
        report: BatchReport,
        started: Instant,
        state: &watch::Sender<DrainState>,
    ) -> Result<(), String> {
        let newest = payloads.iter().map(|p| p.observed_at).max();
        let lag = newest.map(|at| {
            (self.clock.now() - at).num_milliseconds() as f32 / self.clock.speed() as f32
        });
        // Only now is it safe to forget: the commit went through.
        self.spool
            .acknowledge(seqs.clone())
            .await
            .map_err(|e| e.to_string())?;
        Self::advance(state, &seqs);
        self.drift.offer(pool, payloads);
        self.touched
            .add(report.extractions.iter().map(|row| row.game_id));
        self.touched.rewritten(report.joined.iter().copied());
        let took_ms = started.elapsed().as_secs_f32() * 1_000.0;
        let mut rewritten = report.rewritten.clone();
        let (regrouped, joined) = (report.regrouped, report.joined.clone());
        self.hub
            .tell(HubMessage::Batch {
                report: Box::new(report),
                took_ms,
                lag_ms: lag,
            })
            .await;
        // The pen was in other hands, or else nobody can have done it.
        if regrouped {
            match self.has_turned(pool, state).await {
                Ok(false) => {}
                Ok(true) => return self.turn_hub(pool, state).await,
                Err(error) => {
                    state.send_modify(|s| s.warmed = false);
                    return Err(clean(&error.to_string(), 300));
                }
            }
            // The batch is written; what the hub does not hear of now, it hears with the next one.
            match self.hear_of_joins(pool, state).await {
                // What this batch moved, it has told of already.
                Ok(games) => rewritten.extend(games.difference(&joined)),
                Err(error) => tracing::warn!(%error, "joins of games could not be read yet"),
            }
        }
        self.reread(pool, &rewritten, state).await;
        Ok(())
    }

    /// Nothing is being written: hear what another process did to the rows.
    async fn hear_of_others(
        &self,
        pool: &PgPool,
        state: &watch::Sender<DrainState>,
    ) -> Result<(), String> {
        let down = |error: sqlx::Error| clean(&error.to_string(), 300);
        if self.has_turned(pool, state).await.map_err(down)? {
            return self.turn_hub(pool, state).await;
        }
        let games = self.hear_of_joins(pool, state).await.map_err(down)?;
        self.reread(pool, &games, state).await;
        Ok(())
    }

    /// Tell the hub of games that were joined or split, here or by another process, since it last heard. Returns the
    /// games that this touches.
    async fn hear_of_joins(
        &self,
        pool: &PgPool,
        state: &watch::Sender<DrainState>,
    ) -> Result<BTreeSet<GameId>, sqlx::Error> {
        let heard = state.borrow().heard.identity_revision;
        let mut connection = pool.acquire().await?;
        let revision = store::identity::revision(&mut connection).await?;
        if revision <= heard {
            return Ok(BTreeSet::new());
        }
        let keys = store::identity::changed_since(&mut connection, heard).await?;
        let rows = store::identity::load(&mut connection, &keys, &[]).await?;
        let links = rows.links.iter().filter(|(key, _, _)| keys.contains(key));
        let games = links.map(|(_, id, _)| *id).collect();
        self.hub
            .tell(HubMessage::GamesRegrouped(Box::new(rows)))
            .await;
        state.send_modify(|s| s.heard.identity_revision = revision);
        Ok(games)
    }

    /// Games whose stored rows changed under the hub: it is given them as they are.
    async fn reread(
        &self,
        pool: &PgPool,
        games: &BTreeSet<GameId>,
        state: &watch::Sender<DrainState>,
    ) {
        state.send_modify(|s| {
            for game in games {
                *s.rewrites.entry(*game).or_default() += 1;
            }
        });
        self.touched.rewritten(games.iter().copied());
        for game in games {
            tracing::info!(%game, "the game's stored history was rewritten");
            self.hub.tell(HubMessage::Rewritten(*game)).await;
            match rewritten(pool, *game).await {
                Ok((history, extractions)) => {
                    self.hub.tell(HubMessage::History(*game, history)).await;
                    self.hub
                        .tell(HubMessage::Extractions(*game, extractions))
                        .await;
                }
                Err(error) => {
                    tracing::warn!(%game, %error, "the rewritten history could not be read; the screen asks again when its chart is opened");
                }
            }
        }
    }

    fn advance(state: &watch::Sender<DrainState>, seqs: &[u64]) {
        if let Some(last) = seqs.iter().max() {
            state.send_modify(|s| s.committed = s.committed.max(*last));
        }
    }

    async fn report_spool(&self) {
        let status = self.spool.status();
        let oldest_s = status
            .oldest
            .map(|at| (self.clock.now() - at).num_seconds().max(0).unsigned_abs());
        self.hub
            .tell(HubMessage::Spool {
                depth: status.depth,
                bytes: status.bytes,
                oldest_s,
                dropped: status.dropped,
                quarantined: status.quarantined,
            })
            .await;
    }
}

/// A game's rows as a replay left them.
async fn rewritten(
    pool: &PgPool,
    game: GameId,
) -> Result<(GameHistory, Vec<StoredExtraction>), sqlx::Error> {
    let mut connection = pool.acquire().await?;
    let history = store::history::of_game(&mut connection, game).await?;
    let extractions = store::writer::extractions_of(&mut connection, game).await?;
    Ok((history, extractions))
}
