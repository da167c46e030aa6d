//! The engine: it collects, keeps and publishes. Screen, headless run and tests are all its subscribers.
//!
//! ```text
//! scheduler ─▶ intake ─▶ spool ─┬─▶ hub ─▶ snapshot (watch) ─▶ screen, headless report
//!                               └─▶ pipeline::drain ─▶ Postgres
//! ```

pub mod alert;
pub mod backfill;
pub mod backtest;
pub mod board;
pub mod clock;
pub mod command;
pub mod connection;
pub mod consensus;
pub mod desk;
pub mod drift;
pub mod errand;
pub mod event;
pub mod features;
pub mod hub;
pub mod intake;
pub mod jobs;
pub mod ledger;
pub mod mybets;
pub mod opportunities;
pub mod origin;
pub mod pipeline;
pub mod query;
pub mod quota;
pub mod reader;
pub mod reference;
pub mod scheduler;
pub mod signals;
pub mod snapshot;
pub mod warm;

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::{broadcast, mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use self::clock::Clock;
use self::command::Asked;
use self::desk::Desk;
use self::drift::Sampler;
use self::errand::Errands;
use self::event::Event;
use self::hub::Hub;
use self::hub::task::LogFeed;
use self::intake::Intake;
use self::jobs::Jobs;
use self::jobs::timetable::{Steps, Timetable};
use self::jobs::work::{Say, Work};
use self::opportunities::Opportunities;
use self::opportunities::live::Live;
use self::pipeline::drain::{Connect, Drain, DrainState};
use self::reference::Reference;
use self::scheduler::{Collector, LookNow};
use self::signals::presets::Presets;
use self::signals::{Signals, Touched};
use self::snapshot::{Mode, Snapshot};
use crate::cache::Cache;
use crate::config::settings::Settings;
use crate::domain::job::Job;
use crate::domain::source::Source;
use crate::sources::Fetch;
use crate::spool::Spool;

/// Commands waiting to be carried out.
const COMMANDS: usize = 64;
/// Events a slow subscriber may be behind before it misses some; it then reads the snapshot anew.
const EVENTS: usize = 256;

/// What an engine is made of.
pub struct Parts {
    /// Settings.
    pub settings: Settings,
    /// Live or demo.
    pub mode: Mode,
    /// Time.
    pub clock: Clock,
    /// How bytes are got.
    pub fetch: Arc<dyn Fetch>,
    /// How Postgres is reached.
    pub connect: Arc<dyn Connect>,
    /// The durable buffer, open.
    pub spool: Spool,
    /// The cache.
    pub cache: Cache,
    /// Books and teams.
    pub reference: Arc<Reference>,
    /// Log lines for the panel.
    pub logs: LogFeed,
    /// Whether sources look by the clock; off for `--once` and `ingest`.
    pub collect: Collect,
}

/// What makes sources look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Collect {
    /// The clock and requests.
    ByClock,
    /// Requests only.
    OnRequest,
    /// Nothing: files are ingested.
    Nothing,
}

impl std::fmt::Debug for Parts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Parts")
            .field("mode", &self.mode)
            .finish_non_exhaustive()
    }
}

/// A running engine.
#[derive(Debug)]
pub struct Engine {
    snapshots: watch::Receiver<Arc<Snapshot>>,
    commands: mpsc::Sender<Asked>,
    events: broadcast::Sender<Event>,
    intake: Intake,
    looks: Vec<(Source, mpsc::Sender<LookNow>)>,
    work: Work,
    drain: watch::Receiver<DrainState>,
    touched: Touched,
    spool: Spool,
    stop_collecting: CancellationToken,
    stop_draining: CancellationToken,
    stop_hub: CancellationToken,
    collectors: Vec<JoinHandle<()>>,
    desk: JoinHandle<()>,
    drainer: JoinHandle<()>,
    hub: JoinHandle<()>,
    flush: Duration,
}

impl Engine {
    /// Start every task. Nothing waits for Postgres: the first snapshot is there at once.
    pub fn start(parts: Parts) -> Self {
        let settings = parts.settings;
        let stop_collecting = CancellationToken::new();
        let stop_draining = CancellationToken::new();
        let stop_hub = CancellationToken::new();
        let (events, _) = broadcast::channel(EVENTS);
        let (commands, asked) = mpsc::channel(COMMANDS);
        let (paused, pause) = watch::channel(false);
        let (progress, drain) = watch::channel(DrainState::default());

        let demo = matches!(parts.mode, Mode::Demo { .. });
        let hub = Hub::new(Arc::clone(&parts.reference), parts.mode, parts.clock.now());
        let (hub, snapshots, hub_task) =
            hub::task::spawn(hub, parts.clock.clone(), parts.logs, stop_hub.clone());
        let intake = Intake::new(parts.spool.clone(), hub.clone(), parts.clock.clone());
        let sources = Arc::new(settings.sources.clone());

        let errands = Errands::new(parts.clock.clone());
        let mut looks = Vec::new();
        let mut collectors = vec![tokio::spawn(
            errands
                .clone()
                .publish(hub.clone(), stop_collecting.clone()),
        )];
        if parts.collect != Collect::Nothing {
            for source in settings.collect.sources.iter().copied() {
                let (wish, wishes) = mpsc::channel(8);
                let collector = Collector {
                    source,
                    settings: Arc::clone(&sources),
                    leagues: settings.collect.leagues.clone(),
                    days: settings.collect.days,
                    fetch: Arc::clone(&parts.fetch),
                    intake: intake.clone(),
                    cache: parts.cache.clone(),
                    drain: drain.clone(),
                    hub: hub.clone(),
                    clock: parts.clock.clone(),
                    snapshots: snapshots.clone(),
                    paused: pause.clone(),
                    on_request_only: parts.collect == Collect::OnRequest,
                };
                collectors.push(tokio::spawn(collector.run(wishes, stop_collecting.clone())));
                looks.push((source, wish));
            }
        }
        let work = Work {
            looks: looks.clone(),
            settings: Arc::clone(&sources),
            leagues: settings.collect.leagues.clone(),
            fetch: Arc::clone(&parts.fetch),
            intake: intake.clone(),
            drain: drain.clone(),
            cache: parts.cache.clone(),
            clock: parts.clock.clone(),
            snapshots: snapshots.clone(),
            reference: Arc::clone(&parts.reference),
            steps: Steps::default(),
        };
        if parts.collect == Collect::ByClock && settings.jobs.enabled {
            let jobs = Jobs {
                zone: settings.jobs_zone(),
                settings: settings.jobs.clone(),
                work: work.clone(),
                paused: pause,
                events: events.clone(),
            };
            collectors.push(tokio::spawn(jobs.run(stop_collecting.clone())));
        }
        let appraised = Touched::default();
        let touched = Touched::with(appraised.clone());
        let signals = Signals {
            touched: touched.clone(),
            drain: drain.clone(),
            hub: hub.clone(),
            reference: Arc::clone(&parts.reference),
            clock: parts.clock.clone(),
            presets: Presets::read(&settings.signals).0,
        };
        collectors.push(tokio::spawn(signals.run(stop_collecting.clone())));
        let rules = opportunities::rules(&settings.fair);
        let live = Live {
            snapshots: snapshots.clone(),
            hub: hub.clone(),
            reference: Arc::clone(&parts.reference),
            rules: rules.clone(),
            clock: parts.clock.clone(),
        };
        collectors.push(tokio::spawn(live.run(stop_collecting.clone())));
        let opportunities = Opportunities {
            touched: appraised,
            drain: drain.clone(),
            reference: Arc::clone(&parts.reference),
            rules,
            clock: parts.clock.clone(),
        };
        collectors.push(tokio::spawn(opportunities.run(stop_collecting.clone())));
        let drain_task = Drain {
            spool: parts.spool.clone(),
            hub: hub.clone(),
            connect: parts.connect,
            reference: parts.reference,
            clock: parts.clock.clone(),
            demo,
            batch_rows: settings.database.batch_rows,
            flush: settings.collect.flush_timeout,
            touched: touched.clone(),
            drift: Sampler::start(hub.clone()),
            errands: errands.clone(),
        };
        let drainer = tokio::spawn(drain_task.run(progress, stop_draining.clone()));
        let desk = Desk {
            looks: looks.clone(),
            paused,
            settings: sources,
            fetch: parts.fetch,
            intake: intake.clone(),
            hub,
            drain: drain.clone(),
            clock: parts.clock,
            cache: parts.cache,
            snapshots: snapshots.clone(),
            events: events.clone(),
            timetable: Timetable {
                zone: settings.jobs_zone(),
                settings: settings.jobs.clone(),
                steps: work.steps.clone(),
            },
            work: work.clone(),
            errands,
        };
        let desk = tokio::spawn(desk.run(asked, stop_collecting.clone()));
        Self {
            snapshots,
            commands,
            events,
            intake,
            looks,
            work,
            drain,
            touched,
            spool: parts.spool,
            stop_collecting,
            stop_draining,
            stop_hub,
            collectors,
            desk,
            drainer,
            hub: hub_task,
            flush: settings.collect.flush_timeout,
        }
    }

    /// Snapshots as they come; the newest wins.
    pub fn snapshots(&self) -> watch::Receiver<Arc<Snapshot>> {
        self.snapshots.clone()
    }

    /// Where commands go.
    pub fn commands(&self) -> mpsc::Sender<Asked> {
        self.commands.clone()
    }

    /// Replies and notices.
    pub fn events(&self) -> broadcast::Receiver<Event> {
        self.events.subscribe()
    }

    /// The way in, for ingested files.
    pub fn intake(&self) -> &Intake {
        &self.intake
    }

    /// Where the drain stands.
    pub fn drain(&self) -> watch::Receiver<DrainState> {
        self.drain.clone()
    }

    /// One look of every source, at the same time, with at most so many tick histories, else the usual number; returns
    /// what each says.
    pub async fn look_once(
        &self,
        histories: Option<usize>,
    ) -> Vec<(Source, Result<String, String>)> {
        let looks = self.looks.iter().map(|(source, wish)| async move {
            let (done, answer) = oneshot::channel();
            if wish
                .send(LookNow {
                    source_game_id: None,
                    histories,
                    stop: CancellationToken::new(),
                    done,
                })
                .await
                .is_err()
            {
                return (*source, Err("stopped".to_owned()));
            }
            (
                *source,
                answer.await.unwrap_or_else(|_| Err("stopped".to_owned())),
            )
        });
        futures_util::future::join_all(looks).await
    }

    /// Do a job now, because somebody asked; `say` hears of each step. Fails with a sentence.
    pub async fn run_job(&self, job: Job, say: Say<'_>) -> Result<Value, String> {
        jobs::by_hand(&self.work, job, say, &self.stop_collecting).await
    }

    /// Wait until everything in the spool is committed and judged; false when `limit` ran out first, or a person must act.
    pub async fn flushed(&self, limit: Duration) -> bool {
        let until = Instant::now() + limit;
        let committed = self.committed(limit).await;
        if committed {
            // Signals that are not made now are made at the next start.
            let _ = tokio::time::timeout_at(until, self.touched.quiet()).await;
        }
        committed
    }

    async fn committed(&self, limit: Duration) -> bool {
        let mut status = self.spool.watch();
        let mut drain = self.drain();
        tokio::select! {
            biased;
            empty = status.wait_for(|s| s.depth == 0) => empty.is_ok(),
            Ok(_) = drain.wait_for(|s| s.unusable.is_some()) => false,
            () = tokio::time::sleep(limit) => false,
        }
    }

    /// Stop polling, flush what the time allows, leave the rest to the spool. Returns the last snapshot.
    pub async fn shutdown(self) -> Arc<Snapshot> {
        let deadline = Instant::now() + self.flush;
        self.stop_collecting.cancel();
        let mut collectors = self.collectors;
        let ending = futures_util::future::join_all(&mut collectors);
        if tokio::time::timeout(Duration::from_secs(1), ending)
            .await
            .is_err()
        {
            // What they write is written in whole transactions, and made again from the rows at the next start. They must
            // not take the time that the flush needs.
            for task in &collectors {
                task.abort();
            }
        }
        let _ = tokio::time::timeout(Duration::from_secs(1), self.desk).await;
        self.stop_draining.cancel();
        let mut drainer = self.drainer;
        if tokio::time::timeout_at(deadline, &mut drainer)
            .await
            .is_err()
        {
            // What it holds is rolled back, and still in the spool.
            drainer.abort();
            tracing::warn!(
                "the database did not take everything in time; the rest waits in the spool for the next run"
            );
        }
        self.stop_hub.cancel();
        let _ = tokio::time::timeout(Duration::from_secs(1), self.hub).await;
        let last = self.snapshots.borrow().clone();
        if let Err(error) = self.spool.close().await {
            tracing::error!(%error, "the spool did not close cleanly; the next run checks it");
        }
        last
    }
}
