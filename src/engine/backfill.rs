//! Backfill: history by league and day, resumable. A day is complete only when its data is committed.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::NaiveDate;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use sqlx::PgPool;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::clock::Clock;
use super::command::BackfillRequest;
use super::errand::Errand;
use super::hub::task::{HubHandle, HubMessage};
use super::intake::{Intake, Taken};
use super::pipeline::drain::DrainState;
use super::quota::Purse;
use super::snapshot::{BackfillState, BackfillView};
use crate::config::settings::Sources;
use crate::domain::clean::clean;
use crate::domain::feed::FeedGame;
use crate::domain::league::League;
use crate::sources::{Fetch, Request, plan};
use crate::store;
use crate::store::failure::{Failure, classify};

/// Longest range of days in one backfill: five seasons.
pub const MOST_DAYS: i64 = 366 * 5;

/// Wait before the database is asked again, in real time.
const ASKED_AGAIN: Duration = Duration::from_millis(250);

/// Why a backfill cannot start.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BackfillError {
    /// The range runs backwards.
    #[error("the first day, {0}, is after the last, {1}; give --from before --to")]
    Backwards(NaiveDate, NaiveDate),
    /// The range is too long.
    #[error("{0} days are too many for one backfill; ask for {MOST_DAYS} at most")]
    TooLong(i64),
    /// The source has no history to ask for.
    #[error("{0}")]
    Source(String),
}

/// Days of a request, checked.
pub fn days(request: &BackfillRequest) -> Result<Vec<NaiveDate>, BackfillError> {
    let count = (request.to - request.from).num_days() + 1;
    if count < 1 {
        return Err(BackfillError::Backwards(request.from, request.to));
    }
    if count > MOST_DAYS {
        return Err(BackfillError::TooLong(count));
    }
    Ok(request
        .from
        .iter_days()
        .take(usize::try_from(count).unwrap_or(0))
        .collect())
}

/// What a running backfill needs.
pub struct Backfill {
    /// Number, for cancelling.
    pub id: u64,
    /// What is asked.
    pub request: BackfillRequest,
    /// Settings of the sources.
    pub settings: Arc<Sources>,
    /// How bytes are got.
    pub fetch: Arc<dyn Fetch>,
    /// The way in.
    pub intake: Intake,
    /// Who is told.
    pub hub: HubHandle,
    /// Where the drain stands.
    pub drain: watch::Receiver<DrainState>,
    /// Credits it reserves before it spends them.
    pub purse: Purse,
    /// The engine's clock.
    pub clock: Clock,
    /// Its progress, where all work under way is shown.
    pub errand: Errand,
}

impl std::fmt::Debug for Backfill {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Backfill")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

enum End {
    Done,
    Cancelled,
}

impl Backfill {
    /// Run to the end or until `stop`; returns how it ended.
    pub async fn run(mut self, stop: CancellationToken) -> BackfillView {
        let mut view = BackfillView {
            id: self.id,
            source: self.request.source,
            league: self.request.league,
            from: self.request.from,
            to: self.request.to,
            days: 0,
            days_done: 0,
            games: 0,
            changes: 0,
            errors: 0,
            eta_s: None,
            state: BackfillState::Running,
        };
        view.state = match self.work(&mut view, &stop).await {
            Ok(End::Done) => BackfillState::Done,
            Ok(End::Cancelled) => BackfillState::Cancelled,
            Err(reason) => BackfillState::Failed(clean(&reason, 300)),
        };
        view.eta_s = None;
        let pool = self.drain.borrow().pool.clone();
        self.purse.give_back(pool.as_ref(), self.clock.now()).await;
        self.hub.tell(HubMessage::Backfill(view.clone())).await;
        view
    }

    async fn work(
        &mut self,
        view: &mut BackfillView,
        stop: &CancellationToken,
    ) -> Result<End, String> {
        let days = days(&self.request).map_err(|e| e.to_string())?;
        view.days = u32::try_from(days.len()).unwrap_or(u32::MAX);
        self.hub.tell(HubMessage::Backfill(view.clone())).await;
        let BackfillRequest {
            source,
            league,
            from,
            to,
            resume,
        } = self.request;
        let complete = if resume {
            let asked = move |pool: PgPool| {
                let days = async move {
                    store::backfills::complete_days(&pool, source, league, from, to).await
                };
                days.boxed()
            };
            let Some(complete) = self.ask(stop, asked).await? else {
                return Ok(End::Cancelled);
            };
            complete
        } else {
            HashSet::new()
        };
        let started = Instant::now();
        let todo: Vec<NaiveDate> = days.into_iter().filter(|d| !complete.contains(d)).collect();
        view.days_done = view.days - u32::try_from(todo.len()).unwrap_or(0);
        self.errand.expect(view.days.into(), view.days_done.into());
        for (nth, day) in todo.iter().enumerate() {
            if stop.is_cancelled() {
                return Ok(End::Cancelled);
            }
            let day = *day;
            let begin = move |pool: PgPool| {
                let begun =
                    async move { store::backfills::begin_day(&pool, source, league, day).await };
                begun.boxed()
            };
            if self.ask(stop, begin).await?.is_none() {
                return Ok(End::Cancelled);
            }
            let Some((games, payloads, last)) = self.day(day, league, view, stop).await? else {
                return Ok(End::Cancelled);
            };
            if !self.committed(last, stop).await {
                // Says why, when it was not the stop.
                self.pool(stop).await?;
                return Ok(End::Cancelled);
            }
            let complete = move |pool: PgPool| {
                let noted = async move {
                    store::backfills::complete_day(&pool, source, league, day, games, payloads)
                        .await
                };
                noted.boxed()
            };
            if self.ask(stop, complete).await?.is_none() {
                return Ok(End::Cancelled);
            }
            view.days_done += 1;
            self.errand.reach(view.days_done.into());
            let done = nth as u64 + 1;
            let left = todo.len() as u64 - done;
            let a_day = started.elapsed().as_secs_f64() / done as f64;
            view.eta_s = Some((a_day * left as f64).ceil() as u64);
            self.hub.tell(HubMessage::Backfill(view.clone())).await;
        }
        Ok(End::Done)
    }

    /// Fetch one day: its slate, then each game's tick history. Returns games, payloads and the last number in the
    /// spool; none when cancelled. A request that failed leaves the day incomplete.
    async fn day(
        &mut self,
        day: NaiveDate,
        league: League,
        view: &mut BackfillView,
        stop: &CancellationToken,
    ) -> Result<Option<(i32, i32, u64)>, String> {
        let source = self.request.source;
        let asked =
            plan::past_day(source, &self.settings, league, day).map_err(|e| e.to_string())?;
        let (mut payloads, mut last, mut games) = (0, 0, Vec::new());
        let mut known = HashSet::new();
        for request in &asked {
            let Some(taken) = self.get(request, view, stop).await? else {
                return Ok(None);
            };
            (payloads, last) = (payloads + 1, taken.seq);
            let mut new = |game: &FeedGame| known.insert(Arc::clone(&game.source_game_id));
            games.extend(taken.heard.games.into_iter().filter(&mut new));
        }
        for game in &games {
            let Some(request) = plan::history(source, &self.settings, &game.source_game_id, league)
            else {
                continue;
            };
            let Some(taken) = self.get(&request, view, stop).await? else {
                return Ok(None);
            };
            (payloads, last) = (payloads + 1, taken.seq);
            view.games += 1;
            self.errand.note(&format!("{} games", view.games));
            self.hub.tell(HubMessage::Backfill(view.clone())).await;
        }
        Ok(Some((
            i32::try_from(games.len()).unwrap_or(i32::MAX),
            payloads,
            last,
        )))
    }

    async fn get(
        &mut self,
        request: &Request,
        view: &mut BackfillView,
        stop: &CancellationToken,
    ) -> Result<Option<Taken>, String> {
        self.intake.room()?;
        let cost = plan::credits(request);
        let pool = self.drain.borrow().pool.clone();
        // From the same ledger as the collectors: a backfill may not spend what they reserved, or what is kept.
        self.purse
            .take(cost, pool.as_ref(), self.clock.now())
            .await?;
        let answer = tokio::select! {
            answer = self.fetch.get(request) => answer,
            () = stop.cancelled() => return Ok(None),
        };
        if let Ok(response) = &answer {
            let told = response.quota;
            self.purse
                .told(told, cost, pool.as_ref(), self.clock.now())
                .await;
        }
        let taken = self
            .intake
            .take(request.identity.clone(), answer.as_ref(), true)
            .await
            .map_err(|e| e.to_string())?;
        let failed = answer.err().map(|error| error.to_string());
        if let Some(reason) = failed.or_else(|| taken.refused.clone()) {
            view.errors += 1;
            return Err(format!(
                "{reason}; days complete so far stay, go on with --resume"
            ));
        }
        Ok(Some(taken))
    }

    /// Ask the database; again when it went away meanwhile, as when the writer connects anew. None when cancelled.
    async fn ask<T>(
        &mut self,
        stop: &CancellationToken,
        question: impl Fn(PgPool) -> BoxFuture<'static, Result<T, sqlx::Error>>,
    ) -> Result<Option<T>, String> {
        loop {
            let Some(pool) = self.pool(stop).await? else {
                return Ok(None);
            };
            match question(pool).await {
                Ok(answer) => return Ok(Some(answer)),
                Err(error) if classify(&error) == Failure::Transient => {
                    tracing::debug!(%error, "the database went away; it is asked again when it is back");
                }
                Err(error) => return Err(error.to_string()),
            }
            tokio::select! {
                () = tokio::time::sleep(ASKED_AGAIN) => {}
                () = stop.cancelled() => return Ok(None),
            }
        }
    }

    /// Wait until the payload is committed; false when cancelled, or when nothing is written any more.
    async fn committed(&mut self, seq: u64, stop: &CancellationToken) -> bool {
        tokio::select! {
            reached = self.drain.wait_for(|s| s.committed >= seq || s.unusable.is_some()) => {
                reached.is_ok_and(|s| s.committed >= seq)
            }
            () = stop.cancelled() => false,
        }
    }

    /// Wait for Postgres; none when cancelled.
    async fn pool(&mut self, stop: &CancellationToken) -> Result<Option<PgPool>, String> {
        tokio::select! {
            ready = self.drain.wait_for(|s| s.pool.is_some() || s.unusable.is_some()) => match ready {
                Ok(state) => match &state.unusable {
                    Some(reason) => Err(reason.clone()),
                    None => Ok(state.pool.clone()),
                },
                Err(_) => Ok(None),
            },
            () = stop.cancelled() => Ok(None),
        }
    }
}
