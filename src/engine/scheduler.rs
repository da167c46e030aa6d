//! One task a source: when to look, how the last look went, and what to do after a failure.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;

use super::clock::Clock;
use super::hub::task::{HubHandle, HubMessage};
use super::intake::Intake;
use super::pipeline::drain::DrainState;
use super::snapshot::{Collecting, SourceHealth, SourceView};
use crate::cache::{Cache, Family};
use crate::config::settings::Sources;
use crate::domain::clean::clean;
use crate::domain::feed::FeedGame;
use crate::domain::league::League;
use crate::domain::source::Source;
use crate::domain::status::GameStatus;
use crate::domain::time::slate_date;
use crate::sources::plan::{self, PlanError};
use crate::sources::{Fetch, FetchError, Request, Response};
use crate::store;

/// Tick histories fetched in one cycle: the slate comes first, histories fill up behind it.
const HISTORIES_A_CYCLE: usize = 6;
/// The longest a failing source waits between looks, in its own time.
const LONGEST_WAIT: Duration = Duration::from_secs(600);

/// A wish to look now.
#[derive(Debug)]
pub struct LookNow {
    /// Fetch this game's tick history too.
    pub source_game_id: Option<Arc<str>>,
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

/// How one cycle went.
#[derive(Debug, Default)]
struct Cycle {
    fetched: u32,
    failures: Vec<FetchError>,
    /// Why bodies could not be read.
    refusals: Vec<String>,
    stopped: Option<String>,
}

struct Progress {
    view: SourceView,
    failures_in_row: u32,
    /// Whether the screen says that this source stopped itself.
    stopped: bool,
    histories: HashSet<Arc<str>>,
    wanted: Vec<(Arc<str>, League)>,
}

impl Collector {
    fn every(&self) -> Duration {
        match self.source {
            Source::ActionNetwork => self.settings.action_network.every,
            Source::OddsApi => self.settings.odds_api.every,
        }
    }

    /// Why this source cannot be asked at all: no key, or no address.
    fn unready(&self) -> Option<String> {
        let any = plan::plan(
            self.source,
            &self.settings,
            League::Mlb,
            slate_date(self.clock.now()),
        );
        match any {
            Err(error @ (PlanError::NoKey | PlanError::BaseUrl { .. })) => Some(error.to_string()),
            Ok(_) | Err(PlanError::League { .. }) => None,
        }
    }

    /// Run until `stop`.
    pub async fn run(mut self, mut wishes: mpsc::Receiver<LookNow>, stop: CancellationToken) {
        let mut progress = Progress {
            view: SourceView {
                source: self.source,
                health: SourceHealth::Unknown,
                every_s: self.every().as_secs(),
                last_success: None,
                next_at: None,
                fetched: 0,
                failed: 0,
                staged: 0,
                changes: 0,
                rejects: 0,
                last_ms: None,
                quota_remaining: None,
                quota_used: None,
                reason: None,
            },
            failures_in_row: 0,
            stopped: false,
            histories: HashSet::new(),
            wanted: Vec::new(),
        };
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
                    continue;
                }
                () = due => {}
            }
            if let Some(id) = wish.as_ref().and_then(|w| w.source_game_id.clone()) {
                progress.histories.remove(&id);
                progress.wanted.insert(0, (id, League::Other));
            }
            let cycle = tokio::select! {
                cycle = self.cycle(&mut progress) => cycle,
                () = stop.cancelled() => return,
            };
            let next = self.judge(&cycle, &mut progress);
            self.tell_whether_stopped(&cycle, &mut progress).await;
            wait = (!self.on_request_only && !refused(&cycle)).then_some(next);
            progress.view.next_at =
                wait.map(|w| self.clock.now() + TimeDelta::from_std(w).unwrap_or_default());
            self.hub
                .tell(HubMessage::Source(progress.view.clone()))
                .await;
            if let Some(wish) = wish {
                let _ = wish.done.send(outcome(self.source, &cycle));
            }
        }
    }

    /// Look at every league's slate, then at tick histories that are still missing.
    async fn cycle(&self, progress: &mut Progress) -> Cycle {
        let mut cycle = Cycle::default();
        let today = slate_date(self.clock.now());
        for league in &self.leagues {
            for day in 0..i64::from(self.days) {
                let date = today + TimeDelta::days(day);
                // A league this feed does not carry is no failure: another feed may.
                let Ok(requests) = plan::plan(self.source, &self.settings, *league, date) else {
                    continue;
                };
                for request in requests {
                    let Some(games) = self.look(&request, &mut cycle, progress).await else {
                        return cycle;
                    };
                    self.want_histories(games, progress).await;
                }
            }
        }
        let count = HISTORIES_A_CYCLE.min(progress.wanted.len());
        for (id, league) in progress.wanted.drain(..count).collect::<Vec<_>>() {
            if let Some(request) = plan::history(self.source, &self.settings, &id, league) {
                if self.look(&request, &mut cycle, progress).await.is_none() {
                    return cycle;
                }
                progress.histories.insert(id);
            }
        }
        cycle
    }

    /// One request and its way in. None when the cycle must end: no room, or the key is refused.
    async fn look(
        &self,
        request: &Request,
        cycle: &mut Cycle,
        progress: &mut Progress,
    ) -> Option<Vec<FeedGame>> {
        if let Err(reason) = self.intake.room() {
            cycle.stopped = Some(reason);
            return None;
        }
        let answer: Result<Response, FetchError> = self.fetch.get(request).await;
        match &answer {
            Ok(response) => {
                cycle.fetched += 1;
                progress.view.fetched += 1;
                progress.view.last_ms = u32::try_from(response.elapsed.as_millis()).ok();
                progress.view.quota_remaining =
                    response.quota.remaining.or(progress.view.quota_remaining);
                progress.view.quota_used = response.quota.used.or(progress.view.quota_used);
            }
            Err(error) => {
                progress.view.failed += 1;
                tracing::warn!(source = %self.source, error = %clean(&error.to_string(), 300), "a look brought nothing");
                cycle.failures.push(error.clone());
            }
        }
        let taken = self
            .intake
            .take(request.identity.clone(), answer.as_ref(), false)
            .await;
        match taken {
            Ok(taken) => {
                cycle.refusals.extend(taken.refused);
                let give_up = cycle.failures.last().is_some_and(ends_cycle);
                (!give_up).then_some(taken.games)
            }
            Err(error) => {
                let reason = error.to_string();
                tracing::error!(%reason, "the spool takes nothing");
                cycle.stopped = Some(reason);
                None
            }
        }
    }

    /// The screen says so while the spool takes nothing, and no longer.
    async fn tell_whether_stopped(&self, cycle: &Cycle, progress: &mut Progress) {
        let state = match &cycle.stopped {
            Some(reason) => Collecting::Stopped(reason.clone()),
            None if progress.stopped && *self.paused.borrow() => Collecting::Paused,
            None if progress.stopped => Collecting::On,
            None => return,
        };
        progress.stopped = cycle.stopped.is_some();
        self.hub.tell(HubMessage::Collecting(state)).await;
    }

    /// Note the games whose tick history nobody has fetched yet, in this run or an earlier one.
    async fn want_histories(&self, games: Vec<FeedGame>, progress: &mut Progress) {
        if self.source != Source::ActionNetwork || !self.settings.action_network.history {
            return;
        }
        for game in games {
            let open = matches!(
                game.status,
                None | Some(GameStatus::Scheduled | GameStatus::Live)
            );
            if !open || self.history_stored(&game.source_game_id).await {
                continue;
            }
            // Fetched, and on its way to the store.
            let coming = progress.histories.contains(&game.source_game_id)
                || progress
                    .wanted
                    .iter()
                    .any(|(id, _)| *id == game.source_game_id);
            if !coming {
                progress.wanted.push((game.source_game_id, game.league));
            }
        }
    }

    /// Whether a game's tick history is in the store. Without a database nobody knows: it is fetched again, which
    /// adds no row.
    async fn history_stored(&self, source_game_id: &Arc<str>) -> bool {
        let pool = self.drain.borrow().pool.clone();
        let (source, id) = (self.source, Arc::clone(source_game_id));
        let load = || async move {
            let Some(pool) = pool else { return Ok(None) };
            let stored = store::payloads::history_stored(&pool, source, &id).await;
            stored
                .map(|stored| stored.then_some(true))
                .map_err(|e| clean(&e.to_string(), 300))
        };
        let key = format!("{}:{source_game_id}:history", self.source.short());
        let known: Result<Option<Arc<bool>>, Arc<String>> = self
            .cache
            .get_or_load(Family::Game, &key, Family::Game.ttl(), load)
            .await;
        matches!(known, Ok(Some(_)))
    }

    /// Write down how the cycle went; returns how long to wait for the next.
    fn judge(&self, cycle: &Cycle, progress: &mut Progress) -> Duration {
        let view = &mut progress.view;
        let now: DateTime<Utc> = self.clock.now();
        let worst = cycle.failures.last();
        if cycle.fetched as usize > cycle.refusals.len() {
            view.last_success = Some(now);
        }
        if let Some(reason) = &cycle.stopped {
            view.health = SourceHealth::Degraded;
            view.reason = Some(clean(reason, 300));
        } else if let Some(error) = worst {
            view.health = if cycle.fetched > 0 {
                SourceHealth::Degraded
            } else {
                SourceHealth::Down
            };
            view.reason = Some(clean(&error.to_string(), 300));
        } else if let Some(reason) = cycle.refusals.last() {
            view.health = SourceHealth::Degraded;
            view.reason = Some(clean(reason, 300));
        } else {
            view.health = SourceHealth::Healthy;
            view.reason = None;
        }
        let every = self.every();
        if cycle.fetched == 0 && worst.is_some() {
            progress.failures_in_row = progress.failures_in_row.saturating_add(1);
        } else {
            progress.failures_in_row = 0;
        }
        let back_off = every
            .saturating_mul(1 << progress.failures_in_row.min(6))
            .min(LONGEST_WAIT.max(every));
        // Retry-After is real time; the cadence may be simulated.
        let floor =
            worst.and_then(FetchError::retry_after).unwrap_or_default() * self.clock.speed();
        back_off.max(floor)
    }
}

/// Errors after which the rest of the cycle would fail the same way.
const fn ends_cycle(error: &FetchError) -> bool {
    matches!(
        error,
        FetchError::Refused { .. } | FetchError::TooMany { .. } | FetchError::Connect { .. }
    )
}

/// Whether the key was refused: asking again by the clock would not help.
fn refused(cycle: &Cycle) -> bool {
    cycle
        .failures
        .iter()
        .any(|e| matches!(e, FetchError::Refused { .. }))
}

fn outcome(source: Source, cycle: &Cycle) -> Result<String, String> {
    let failed = cycle.failures.last().map(ToString::to_string);
    match cycle
        .stopped
        .clone()
        .or(failed)
        .or(cycle.refusals.last().cloned())
    {
        Some(reason) => Err(format!("{source}: {}", clean(&reason, 300))),
        None => Ok(format!("{source}: {} answers", cycle.fetched)),
    }
}
