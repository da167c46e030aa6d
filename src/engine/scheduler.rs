//! One task a source: when to look, how the last look went, and what to do after a failure.

mod agenda;
mod allowance;
mod breaker;
mod credits;
mod cycle;
mod duty;
mod fallback;
mod followed;
mod histories;
mod look;
mod pace;
mod progress;
mod record;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;

use self::agenda::{Duty, later};
use self::cycle::Cycle;
use self::progress::Progress;
use super::clock::Clock;
use super::hub::task::{HubHandle, HubMessage};
use super::intake::Intake;
use super::pipeline::drain::DrainState;
use super::snapshot::{Collecting, Snapshot, SourceHealth};
use crate::cache::Cache;
use crate::config::settings::Sources;
use crate::domain::league::League;
use crate::domain::source::Source;
use crate::domain::time::slate_date;
use crate::sources::plan::{self, PlanError};
use crate::sources::{Fetch, FetchError};

/// How long a question that costs credits waits for the database, in real time.
const LEDGER_COMES: Duration = Duration::from_secs(10);

/// A wish to look now.
#[derive(Debug)]
pub struct LookNow {
    /// Ask for this game by itself too: its tick history, or its markets.
    pub source_game_id: Option<Arc<str>>,
    /// Most tick histories to fetch in this look; the usual number when none.
    pub histories: Option<usize>,
    /// Calls it off: what was not asked by then is not asked.
    pub stop: CancellationToken,
    /// Told when the look is over: a sentence, good or bad.
    pub done: oneshot::Sender<Result<String, String>>,
}

/// What a source's task needs.
pub struct Collector {
    /// Which source.
    pub source: Source,
    /// Its settings and its siblings'.
    pub settings: Arc<Sources>,
    /// Leagues to follow.
    pub leagues: Vec<League>,
    /// Days of the slate to follow, today included.
    pub days: u8,
    /// How bytes are got.
    pub fetch: Arc<dyn Fetch>,
    /// The way in.
    pub intake: Intake,
    /// Remembers which games' tick histories are stored.
    pub cache: Cache,
    /// Where the drain stands.
    pub drain: watch::Receiver<DrainState>,
    /// Who is told.
    pub hub: HubHandle,
    /// The engine's clock.
    pub clock: Clock,
    /// What the hub knows: how the markets move.
    pub snapshots: watch::Receiver<Arc<Snapshot>>,
    /// Whether somebody paused polling.
    pub paused: watch::Receiver<bool>,
    /// Look on request only, never by the clock: `--once`.
    pub on_request_only: bool,
}

impl std::fmt::Debug for Collector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Collector")
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}

impl Collector {
    /// Why this source cannot be asked at all: no key, or no address.
    fn unready(&self) -> Option<String> {
        let any = plan::plan(
            self.source,
            &self.settings,
            League::Mlb,
            slate_date(self.clock.now()),
        );
        match any {
            Err(error @ (PlanError::NoKey { .. } | PlanError::BaseUrl { .. })) => {
                Some(error.to_string())
            }
            Ok(_) | Err(PlanError::League { .. } | PlanError::NoPast { .. }) => None,
        }
    }

    /// Run until `stop`, then give back the credits that were reserved and not spent.
    pub async fn run(mut self, wishes: mpsc::Receiver<LookNow>, stop: CancellationToken) {
        let mut progress = Progress::new(self.source, &self.settings);
        self.go(&mut progress, wishes, stop).await;
        let pool = self.pool();
        progress
            .purse
            .give_back(pool.as_ref(), self.clock.now())
            .await;
    }

    /// The database with the ledger of credits, where it is there or comes within moments, as it does at a start.
    async fn ledger(&self) -> Option<sqlx::PgPool> {
        let mut drain = self.drain.clone();
        let there = drain.wait_for(|state| state.pool.is_some() || state.unusable.is_some());
        let state = tokio::time::timeout(LEDGER_COMES, there).await.ok()?.ok()?;
        state.pool.clone()
    }

    /// The database, while it is there.
    fn pool(&self) -> Option<sqlx::PgPool> {
        self.drain.borrow().pool.clone()
    }

    async fn go(
        &mut self,
        progress: &mut Progress,
        mut wishes: mpsc::Receiver<LookNow>,
        stop: CancellationToken,
    ) {
        if let Some(reason) = self.unready() {
            progress.view.health = SourceHealth::Off;
            progress.view.reason = Some(reason.clone());
            self.hub
                .tell(HubMessage::Source(progress.view.clone()))
                .await;
            loop {
                tokio::select! {
                    () = stop.cancelled() => return,
                    wish = wishes.recv() => match wish {
                        Some(wish) => drop(wish.done.send(Err(reason.clone()))),
                        None => return,
                    },
                }
            }
        }
        self.hub
            .tell(HubMessage::Source(progress.view.clone()))
            .await;
        let mut wait = if self.on_request_only {
            None
        } else {
            Some(Duration::ZERO)
        };
        loop {
            let paused = *self.paused.borrow_and_update();
            let due = async {
                match wait {
                    Some(wait) if !paused => self.clock.sleep(wait).await,
                    _ => std::future::pending().await,
                }
            };
            let mut wish = None;
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                asked = wishes.recv() => match asked {
                    Some(asked) => wish = Some(asked),
                    None => return,
                },
                // A pause keeps the cadence: after it, the next look comes at once.
                changed = self.paused.changed() => {
                    if changed.is_err() {
                        return;
                    }
                    wait = wait.map(|_| Duration::ZERO);
                    progress.agenda.want(Duty::Slate, self.clock.now());
                    progress.pace.now();
                    continue;
                }
                () = due => {}
            }
            if let Some(wish) = wish.take_if(|wish| wish.stop.is_cancelled()) {
                // Called off while another look was under way.
                let _ = wish.done.send(Err(format!("{}: not asked", self.source)));
                continue;
            }
            if let Some(wish) = &wish {
                self.heed(wish, progress);
            }
            progress.called_off = wish.as_ref().map(|wish| wish.stop.clone());
            let cycle = tokio::select! {
                cycle = self.cycle(progress) => cycle,
                () = stop.cancelled() => return,
            };
            self.tell_whether_stopped(&cycle, progress).await;
            wait = (!self.on_request_only && !cycle.refused())
                .then(|| self.until_next(progress))
                .flatten();
            progress.view.next_at = wait.map(|w| later(self.clock.now(), w));
            self.hub
                .tell(HubMessage::Source(progress.view.clone()))
                .await;
            if let Some(wish) = wish {
                let _ = wish.done.send(cycle.outcome(self.source));
            }
        }
    }

    /// Put on the agenda what somebody asked for.
    fn heed(&self, wish: &LookNow, progress: &mut Progress) {
        let now = self.clock.now();
        progress.agenda.want(Duty::Slate, now);
        progress.pace.now();
        progress.wished = true;
        progress.histories.allow(wish.histories);
        let Some(id) = &wish.source_game_id else {
            return;
        };
        if self.source == Source::ActionNetwork {
            progress.histories.again(Arc::clone(id));
        } else {
            progress.followed.wanted(id);
            progress.agenda.want(Duty::Events, now);
        }
    }

    /// Ask everything that is due.
    async fn cycle(&self, progress: &mut Progress) -> Cycle {
        let mut whole = Cycle::default();
        for duty in Duty::ALL {
            // A failing feed is asked one question at a time.
            let left_out = duty != Duty::Slate && progress.agenda.fails(Duty::Slate);
            if left_out || !progress.agenda.is_due(duty, self.clock.now()) {
                continue;
            }
            let mut cycle = Cycle::default();
            let goes_on = self.ask(duty, &mut cycle, progress).await.is_some();
            if cycle.called_off && cycle.fetched == 0 && cycle.failures.is_empty() {
                // Nothing was asked, so nothing is known; it is due again with the next slate.
                whole.add(cycle);
                break;
            }
            progress.close(duty, &cycle, self.clock.now());
            if duty == Duty::Slate && !progress.agenda.fails(duty) {
                progress.follow_pace();
            }
            whole.add(cycle);
            if !goes_on {
                break;
            }
        }
        let now = self.clock.now();
        progress.followed.forget(now);
        self.follow_up(&whole, progress);
        progress.agenda.settle(now);
        let rest = whole.failures.last().and_then(FetchError::retry_after);
        if let Some(rest) = rest {
            // Retry-After is real time; the cadence may be simulated.
            progress
                .agenda
                .rest_until(later(now, rest * self.clock.speed()));
        }
        whole
    }

    /// How long until something is due; a moment at least.
    fn until_next(&self, progress: &Progress) -> Option<Duration> {
        let wait = progress.agenda.next()? - self.clock.now();
        Some(wait.to_std().unwrap_or(Duration::ZERO))
    }

    /// The screen says so while the spool takes nothing, and no longer.
    async fn tell_whether_stopped(&self, cycle: &Cycle, progress: &mut Progress) {
        let state = match &cycle.stopped {
            Some(reason) => Collecting::Stopped(reason.clone()),
            // Nothing was asked, so nothing is known.
            None if cycle.fetched == 0 && cycle.failures.is_empty() => return,
            None if progress.stopped && *self.paused.borrow() => Collecting::Paused,
            None if progress.stopped => Collecting::On,
            None => return,
        };
        progress.stopped = cycle.stopped.is_some();
        self.hub.tell(HubMessage::Collecting(state)).await;
    }
}
