//! The task that owns the hub: messages in, snapshots out.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use super::{Heard, Hub, Warmth};
use crate::domain::game::GameId;
use crate::domain::identity::IdentityRows;
use crate::domain::payload::Payload;
use crate::domain::source::Source;
use crate::engine::clock::Clock;
use crate::engine::event::LogLine;
use crate::engine::pipeline::write::BatchReport;
use crate::engine::snapshot::{
    BackfillView, CacheView, Collecting, DatabaseState, ErrandView, FairBoard, JobsView,
    PersistenceView, SignalView, Snapshot, SourceView, StartupStep,
};
use crate::sources::NotAResponse;
use crate::store::history::GameHistory;
use crate::store::metrics::Totals;
use crate::store::writer::StoredExtraction;

/// Publications are at least this far apart: 30 a second, as many as the screen draws.
const PUBLISH_EVERY: Duration = Duration::from_millis(33);
/// Messages waiting; a full queue slows the collectors, never the writer.
const QUEUE: usize = 256;
/// Games that started longer ago are dropped from memory, not from the database.
const KEEP_GAMES: chrono::TimeDelta = chrono::TimeDelta::hours(36);

/// What the hub is told.
#[derive(Debug)]
pub enum HubMessage {
    /// A payload the spool has acknowledged; the reply says what it holds, or why nothing is read from it.
    Payload {
        /// Its number in the spool.
        seq: u64,
        /// The payload.
        payload: Arc<Payload>,
        /// Where the reply goes, if anyone wants it.
        read: Option<oneshot::Sender<Result<Heard, NotAResponse>>>,
    },
    /// A batch was committed.
    Batch {
        /// What it did.
        report: Box<BatchReport>,
        /// How long it took, milliseconds.
        took_ms: f32,
        /// From receipt to commit, milliseconds of real time.
        lag_ms: Option<f32>,
    },
    /// The spool's tail is about to be read: a payload heard from now on may be missing in it.
    Warming,
    /// It was not read after all.
    NotWarmed,
    /// What the store holds, and the payloads still in the spool after it.
    Warm {
        /// Stored state.
        warmth: Box<Warmth>,
        /// Undrained payloads in order.
        tail: Vec<(u64, Arc<Payload>)>,
    },
    /// A game's whole history.
    History(GameId, GameHistory),
    /// A game's stored rows were rewritten: what memory holds of it is to be read anew.
    Rewritten(GameId),
    /// The extraction log of such a game.
    Extractions(GameId, Vec<StoredExtraction>),
    /// Games were joined or split, here or by another hand: what the store has kept of their identity.
    GamesRegrouped(Box<IdentityRows>),
    /// Seconds to the next try while Postgres is down.
    RetryIn(u64),
    /// A source's row.
    Source(SourceView),
    /// The newest signals.
    Signals(Vec<SignalView>),
    /// Fair prices and chances.
    Fair(Box<FairBoard>),
    /// The format of a source changed: how, in a sentence.
    Drift(Source, String),
    /// A backfill's row.
    Backfill(BackfillView),
    /// The work under way.
    Errands(Vec<ErrandView>),
    /// The daily jobs.
    Jobs(JobsView),
    /// A start-up step.
    Step(StartupStep),
    /// State of Postgres.
    Database(DatabaseState),
    /// Name and version of the server.
    Server(String),
    /// Totals as the store counts them.
    Totals(Totals),
    /// Depth, bytes, oldest age in seconds, dropped, quarantined.
    Spool {
        /// Payloads waiting.
        depth: u64,
        /// Bytes waiting.
        bytes: u64,
        /// Age of the oldest, seconds of the engine's clock.
        oldest_s: Option<u64>,
        /// Dropped.
        dropped: u64,
        /// Put aside.
        quarantined: u64,
    },
    /// A write failed.
    WriteFailed(String),
    /// Cache statistics.
    Cache(CacheView),
    /// Whether polling is on.
    Collecting(Collecting),
    /// Asks for the games whose whole history is in memory.
    Charted(oneshot::Sender<BTreeSet<GameId>>),
    /// Asks for a game's ids by feed.
    SourcesOf(GameId, oneshot::Sender<Vec<(Source, Arc<str>)>>),
}

/// A way to tell the hub.
#[derive(Debug, Clone)]
pub struct HubHandle {
    sender: mpsc::Sender<HubMessage>,
}

impl HubHandle {
    /// Tell the hub; waits while its queue is full. A stopped hub hears nothing, which is fine at shutdown.
    pub async fn tell(&self, message: HubMessage) {
        let _ = self.sender.send(message).await;
    }

    /// The games whose whole history is in memory, since somebody looked at it.
    pub async fn charted(&self) -> BTreeSet<GameId> {
        let (reply, answer) = oneshot::channel();
        self.tell(HubMessage::Charted(reply)).await;
        answer.await.unwrap_or_default()
    }

    /// The ids feeds use for a game.
    pub async fn sources_of(&self, game: GameId) -> Vec<(Source, Arc<str>)> {
        let (reply, answer) = oneshot::channel();
        self.tell(HubMessage::SourcesOf(game, reply)).await;
        answer.await.unwrap_or_default()
    }
}

/// Log lines on their way to the log panel, and how many were lost on it.
#[derive(Debug)]
pub struct LogFeed {
    /// Lines.
    pub lines: mpsc::Receiver<LogLine>,
    /// Lines lost because the queue was full.
    pub dropped: Arc<AtomicU64>,
}

/// Start the hub's task.
pub fn spawn(
    hub: Hub,
    clock: Clock,
    logs: LogFeed,
    stop: CancellationToken,
) -> (
    HubHandle,
    watch::Receiver<Arc<Snapshot>>,
    tokio::task::JoinHandle<()>,
) {
    let (sender, receiver) = mpsc::channel(QUEUE);
    let mut hub = hub;
    let first = hub.snapshot(clock.now());
    let (publish, snapshots) = watch::channel(first);
    let task = tokio::spawn(run(hub, clock, logs, receiver, publish, stop));
    (HubHandle { sender }, snapshots, task)
}

async fn run(
    mut hub: Hub,
    clock: Clock,
    mut logs: LogFeed,
    mut messages: mpsc::Receiver<HubMessage>,
    publish: watch::Sender<Arc<Snapshot>>,
    stop: CancellationToken,
) {
    let mut second = tokio::time::interval(Duration::from_secs(1));
    second.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut next_publish: Option<Instant> = None;
    let mut last_publish = Instant::now();
    let mut applied = Applied::default();
    loop {
        let due = async {
            match next_publish {
                Some(at) => tokio::time::sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            () = due => {
                next_publish = None;
                last_publish = Instant::now();
                publish.send_replace(hub.snapshot(clock.now()));
                continue;
            }
            message = messages.recv() => match message {
                Some(message) => handle(&mut hub, message, &mut applied),
                None => break,
            },
            Some(line) = logs.lines.recv() => {
                let mut lines = vec![line];
                while let Ok(line) = logs.lines.try_recv() {
                    lines.push(line);
                }
                hub.add_logs(lines, logs.dropped.load(Ordering::Relaxed));
            }
            _ = second.tick() => {
                hub.second();
                hub.forget_before(clock.now() - KEEP_GAMES);
            }
            () = stop.cancelled() => break,
        }
        next_publish.get_or_insert(last_publish + PUBLISH_EVERY);
    }
    while let Ok(message) = messages.try_recv() {
        handle(&mut hub, message, &mut applied);
    }
    publish.send_replace(hub.snapshot(clock.now()));
}

/// Which payloads the hub has seen: those replayed from the spool's tail come again through the queue.
#[derive(Debug, Default)]
struct Applied {
    replayed: HashSet<u64>,
    /// Payloads heard since the spool's tail began to be read: the tail may or may not hold them.
    heard: Option<Vec<(u64, Arc<Payload>)>>,
}

fn handle(hub: &mut Hub, message: HubMessage, applied: &mut Applied) {
    match message {
        HubMessage::Payload { seq, payload, read } => {
            let outcome = if applied.replayed.remove(&seq) {
                Ok(Heard::default())
            } else {
                hub.apply(&payload)
            };
            if let Some(heard) = &mut applied.heard {
                heard.push((seq, payload));
            }
            if let Some(reply) = read {
                let _ = reply.send(outcome);
            }
        }
        HubMessage::Batch {
            report,
            took_ms,
            lag_ms,
        } => hub.note_batch(&report, took_ms, lag_ms),
        HubMessage::Warming => applied.heard = Some(Vec::new()),
        HubMessage::NotWarmed => applied.heard = None,
        HubMessage::Warm { warmth, tail } => {
            hub.warm(*warmth);
            // An earlier run counted what it fetched; this run's numbers are its own.
            let counts = hub.counts();
            let heard: BTreeMap<u64, Arc<Payload>> = applied
                .heard
                .take()
                .unwrap_or_default()
                .into_iter()
                .collect();
            for (seq, payload) in &tail {
                // A refusal was told when the payload came, or will be when it does.
                let _ = hub.apply(payload);
                if !heard.contains_key(seq) {
                    applied.replayed.insert(*seq);
                }
            }
            // Appended after the tail was read, and heard before this.
            let last = tail.last().map(|(seq, _)| *seq);
            for (_, payload) in heard.into_iter().filter(|(seq, _)| Some(*seq) > last) {
                let _ = hub.apply(&payload);
            }
            hub.set_counts(counts);
        }
        HubMessage::History(game, history) => hub.load_history(game, history),
        HubMessage::Rewritten(game) => hub.doubt_history(game),
        HubMessage::Extractions(game, rows) => hub.set_extractions(game, rows),
        HubMessage::GamesRegrouped(rows) => hub.learn_identity(*rows),
        HubMessage::RetryIn(seconds) => hub.persistence(|p| {
            if let DatabaseState::Down { retry_in_s, .. } = &mut p.database {
                *retry_in_s = seconds;
            }
        }),
        HubMessage::Source(row) => hub.set_source(row),
        HubMessage::Signals(signals) => hub.set_signals(signals),
        HubMessage::Fair(fair) => hub.set_fair(*fair),
        HubMessage::Drift(source, sentence) => hub.set_drift(source, sentence),
        HubMessage::Backfill(row) => hub.set_backfill(row),
        HubMessage::Errands(errands) => hub.set_errands(errands),
        HubMessage::Jobs(jobs) => hub.set_jobs(jobs),
        HubMessage::Step(step) => hub.set_step(step),
        HubMessage::Database(state) => hub.persistence(|p| p.database = state),
        HubMessage::Server(name) => hub.persistence(|p| p.server = name),
        HubMessage::Totals(totals) => hub.set_totals(totals),
        HubMessage::Spool {
            depth,
            bytes,
            oldest_s,
            dropped,
            quarantined,
        } => hub.persistence(|p: &mut PersistenceView| {
            p.spool_depth = depth;
            p.spool_bytes = bytes;
            p.spool_oldest_s = oldest_s;
            p.spool_dropped = dropped;
            p.quarantined = quarantined;
        }),
        HubMessage::WriteFailed(reason) => hub.persistence(|p| {
            p.errors += 1;
            p.last_error = Some(reason);
        }),
        HubMessage::Cache(view) => hub.set_cache(view),
        HubMessage::Collecting(collecting) => hub.set_collecting(collecting),
        HubMessage::Charted(reply) => {
            let _ = reply.send(hub.charted());
        }
        HubMessage::SourcesOf(game, reply) => {
            let _ = reply.send(hub.sources_of(game));
        }
    }
}
