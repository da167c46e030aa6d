//! The desk: takes commands, sees them through, replies. It also keeps the books ([`super::ledger`]).

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use tokio::sync::{broadcast, mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;

use super::backfill::{self, Backfill};
use super::clock::Clock;
use super::command::{Asked, BackfillRequest, Command, Generation};
use super::errand::{Errand, Errands, span};
use super::event::{Event, Severity};
use super::hub::task::{HubHandle, HubMessage};
use super::intake::Intake;
use super::jobs::timetable::Timetable;
use super::jobs::work::Work;
use super::jobs::{by_hand, said};
use super::ledger::Ledger;
use super::pipeline::drain::DrainState;
use super::quota::{Purse, Terms};
use super::scheduler::LookNow;
use super::snapshot::{
    BackfillState, BackfillView, Collecting, DatabaseState, ErrandKind, Snapshot,
};
use crate::cache::{Cache, Family};
use crate::config::settings::Sources;
use crate::domain::clean::clean;
use crate::domain::game::GameId;
use crate::domain::job::Job;
use crate::domain::series::SeriesKey;
use crate::domain::source::Source;
use crate::sources::Fetch;
use crate::store;
use crate::store::history::GameHistory;
use crate::store::jobs::Run;

/// Real seconds between two readings of the jobs' runs: another process may do one.
const RUNS_EVERY: u32 = 5;
/// How long a loaded history is good: a newer change has another key anyway.
const HISTORY_TTL: Duration = Duration::from_secs(300);
/// Charts completed at once, so that a slate of hundreds does not crowd out the writer.
const FILLS_AT_ONCE: usize = 4;
/// Backfills that may run at once; each is paced by its host's limit all the same.
const MOST_BACKFILLS: usize = 4;

/// What the desk needs.
pub struct Desk {
    /// The sources' ears.
    pub looks: Vec<(Source, mpsc::Sender<LookNow>)>,
    /// The pause switch.
    pub paused: watch::Sender<bool>,
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
    /// The engine's clock.
    pub clock: Clock,
    /// The cache.
    pub cache: Cache,
    /// What is known.
    pub snapshots: watch::Receiver<Arc<Snapshot>>,
    /// Replies and notices.
    pub events: broadcast::Sender<Event>,
    /// The jobs.
    pub timetable: Timetable,
    /// What they work with.
    pub work: Work,
    /// Work under way, for whoever shows or stops it.
    pub errands: Errands,
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Desk").finish_non_exhaustive()
    }
}

/// Work that outlives its command.
enum Finished {
    Look(Generation, Result<String, String>),
    Backfill(BackfillView, Duration),
    History(Generation, Result<String, String>),
    Job(Generation, Result<String, String>),
    Filled(GameId),
}

/// Charts that are being completed.
#[derive(Default)]
struct Filling {
    games: HashSet<GameId>,
    /// The errand and how many charts it began with; none while nothing is missing.
    errand: Option<(Errand, u64)>,
}

/// The jobs' runs as last read.
#[derive(Default)]
struct Runs {
    read: Option<Result<Vec<Run>, String>>,
    /// Seconds to the next reading.
    seconds: u32,
}

/// One source looks; none where it was called off before it answered.
async fn look(
    source: Source,
    wish: mpsc::Sender<LookNow>,
    source_game_id: Option<Arc<str>>,
    stop: &CancellationToken,
    errand: &Errand,
) -> Option<Result<String, String>> {
    let (done, answer) = oneshot::channel();
    let wanted = LookNow {
        source_game_id,
        histories: None,
        stop: stop.clone(),
        done,
    };
    let asked = async {
        let gone = || Err(format!("{source} has stopped"));
        if wish.send(wanted).await.is_err() {
            return gone();
        }
        answer.await.unwrap_or_else(|_| gone())
    };
    let outcome = tokio::select! {
        outcome = asked => outcome,
        () = stop.cancelled() => return None,
    };
    errand.step(outcome.is_ok());
    Some(outcome)
}

impl Desk {
    /// Run until `stop`.
    pub async fn run(self, mut asked: mpsc::Receiver<Asked>, stop: CancellationToken) {
        let (finish, mut finished) = mpsc::channel::<Finished>(64);
        let mut backfills: HashSet<u64> = HashSet::new();
        let mut filling = Filling::default();
        let mut ledger = Ledger::default();
        let mut runs = Runs::default();
        let mut books = tokio::time::interval(Duration::from_secs(1));
        books.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                Some(Asked { generation, command }) = asked.recv() => match command {
                    Command::Backfill(request) => {
                        let started = self.start_backfill(request, &mut backfills, &finish, &stop);
                        self.reply(generation, started);
                    }
                    Command::Cancel(id) => self.reply(generation, self.errands.cancel(id)),
                    Command::Pause => {
                        self.paused.send_replace(true);
                        self.hub.tell(HubMessage::Collecting(Collecting::Paused)).await;
                        self.reply(generation, Ok("polling is paused; what is in the spool still drains".into()));
                    }
                    Command::Resume => {
                        self.paused.send_replace(false);
                        self.hub.tell(HubMessage::Collecting(Collecting::On)).await;
                        self.reply(generation, Ok("polling goes on".into()));
                    }
                    Command::Refresh(game) => self.refresh(generation, Some(game), &finish, &stop),
                    Command::RefreshAll => self.refresh(generation, None, &finish, &stop),
                    Command::LoadHistory(game) => self.load_history(generation, game, &finish, &stop),
                    Command::Origin(key, at) => self.origin(generation, *key, at),
                    Command::WarmCache => self.warm(generation, &finish),
                    Command::RunJob(job) => self.run_job(generation, job, &finish, &stop),
                },
                Some(done) = finished.recv() => match done {
                    Finished::Look(generation, outcome) | Finished::History(generation, outcome) => {
                        self.reply(generation, outcome);
                    }
                    Finished::Job(generation, outcome) => {
                        self.reply(generation, outcome);
                        runs.seconds = 0;
                    }
                    Finished::Filled(game) => {
                        filling.games.remove(&game);
                    }
                    Finished::Backfill(view, took) => {
                        backfills.remove(&view.id);
                        self.announce(&view, took);
                    }
                },
                _ = books.tick() => {
                    self.keep_books(&mut ledger).await;
                    self.show_jobs(&mut runs).await;
                    self.fill(&mut filling, &finish);
                }
            }
        }
        self.keep_books(&mut ledger).await;
    }

    fn reply(&self, generation: Generation, outcome: Result<String, String>) {
        // Nobody listening is no failure: headless runs do not read replies.
        let _ = self.events.send(Event::Reply {
            generation,
            outcome,
        });
    }

    fn announce(&self, view: &BackfillView, took: Duration) {
        let what = format!(
            "backfill {} {} {} to {}",
            view.source, view.league, view.from, view.to
        );
        let (severity, message) = match &view.state {
            BackfillState::Failed(reason) => (Severity::Error, format!("{what} failed: {reason}")),
            BackfillState::Cancelled => (
                Severity::Info,
                format!("{what} stopped after {} days", view.days_done),
            ),
            BackfillState::Done | BackfillState::Running => (
                Severity::Info,
                format!("{what}: {} days, {} games", view.days_done, view.games),
            ),
        };
        let message = format!("{message} · took {}", span(took));
        let _ = self.events.send(Event::Notice { severity, message });
    }

    /// How a game is called in words.
    fn title(&self, game: GameId) -> String {
        let snapshot = self.snapshots.borrow();
        let game = snapshot.games.iter().find(|view| view.id == game);
        game.map_or_else(|| "a game".to_owned(), |game| game.title().to_string())
    }

    /// Ask the sources to look now: all of them, or those that carry the game. Stopped, those that were not asked yet are
    /// not asked.
    fn refresh(
        &self,
        generation: Generation,
        game: Option<GameId>,
        finish: &mpsc::Sender<Finished>,
        stop: &CancellationToken,
    ) {
        let (looks, hub, finish) = (self.looks.clone(), self.hub.clone(), finish.clone());
        let what = game.map_or_else(|| "all feeds".to_owned(), |game| self.title(game));
        let stop = stop.child_token();
        let errand = self
            .errands
            .begin(ErrandKind::Refresh, &what, None, Some(stop.clone()));
        tokio::spawn(async move {
            let carriers = match game {
                Some(game) => hub.sources_of(game).await,
                None => Vec::new(),
            };
            let chosen = looks.into_iter().filter_map(|(source, wish)| {
                let id = carriers
                    .iter()
                    .find(|(s, _)| *s == source)
                    .map(|(_, id)| Arc::clone(id));
                (game.is_none() || id.is_some()).then_some((source, wish, id))
            });
            let chosen: Vec<_> = chosen.collect();
            let asked = chosen.len();
            errand.expect(asked as u64, 0);
            let answers = chosen.into_iter().map(|(source, wish, source_game_id)| {
                look(source, wish, source_game_id, &stop, &errand)
            });
            let answers = futures_util::future::join_all(answers).await;
            let sentences: Vec<String> = answers
                .iter()
                .flatten()
                .map(|a| a.clone().unwrap_or_else(|e| e))
                .collect();
            let said = sentences.join(" · ");
            let outcome = if answers.is_empty() {
                Err("no source carries this game now".to_owned())
            } else if stop.is_cancelled() {
                let answered = sentences.len();
                let said = if said.is_empty() {
                    said
                } else {
                    format!(": {said}")
                };
                Ok(format!("stopped after {answered} of {asked} feeds{said}"))
            } else if answers.iter().flatten().any(Result::is_ok) {
                Ok(said)
            } else {
                Err(said)
            };
            let outcome = errand.over(outcome);
            let _ = finish.send(Finished::Look(generation, outcome)).await;
        });
    }

    fn start_backfill(
        &self,
        request: BackfillRequest,
        running: &mut HashSet<u64>,
        finish: &mpsc::Sender<Finished>,
        stop: &CancellationToken,
    ) -> Result<String, String> {
        let days = backfill::days(&request).map_err(|e| e.to_string())?.len();
        if running.len() >= MOST_BACKFILLS {
            return Err(format!(
                "{MOST_BACKFILLS} backfills run already; wait for one, or cancel one with x"
            ));
        }
        let sentence = format!(
            "backfill of {} {} started: {days} days",
            request.source, request.league
        );
        let token = stop.child_token();
        let what = format!("{} {} to {}", request.league, request.from, request.to);
        let total = Some(days as u64);
        let errand = self
            .errands
            .begin(ErrandKind::Backfill, &what, total, Some(token.clone()));
        let id = errand.id();
        running.insert(id);
        let purse = Purse::new(request.source, Terms::of(&self.settings));
        let work = Backfill {
            id,
            request,
            settings: Arc::clone(&self.settings),
            fetch: Arc::clone(&self.fetch),
            intake: self.intake.clone(),
            hub: self.hub.clone(),
            drain: self.drain.clone(),
            purse,
            clock: self.clock.clone(),
            errand,
        };
        let finish = finish.clone();
        tokio::spawn(async move {
            let begun = Instant::now();
            let view = work.run(token).await;
            let _ = finish.send(Finished::Backfill(view, begun.elapsed())).await;
        });
        Ok(sentence)
    }

    /// Read a game's whole history through the cache and give it to the hub. Stopped, what is read goes to the cache only.
    fn load_history(
        &self,
        generation: Generation,
        game: GameId,
        finish: &mpsc::Sender<Finished>,
        stop: &CancellationToken,
    ) {
        let loading = tokio::spawn(self.history(game));
        let (hub, finish) = (self.hub.clone(), finish.clone());
        let (what, stop) = (self.title(game), stop.child_token());
        let errand = self
            .errands
            .begin(ErrandKind::History, &what, None, Some(stop.clone()));
        tokio::spawn(async move {
            let loaded = tokio::select! {
                loaded = loading => loaded.unwrap_or_else(|e| Err(e.to_string())),
                () = stop.cancelled() => Err("stopped; the chart shows this run only".to_owned()),
            };
            let outcome = match loaded {
                Ok(history) => {
                    let count = history.lines.len();
                    hub.tell(HubMessage::History(game, history.as_ref().clone()))
                        .await;
                    Ok(format!("{count} stored changes loaded"))
                }
                Err(reason) => Err(reason),
            };
            let outcome = errand.over(outcome);
            let _ = finish.send(Finished::History(generation, outcome)).await;
        });
    }

    /// Read the payload that brought a price.
    fn origin(&self, generation: Generation, key: SeriesKey, at: DateTime<Utc>) {
        let (pool, events) = (self.drain.borrow().readable(), self.events.clone());
        tokio::spawn(async move {
            let event = match pool {
                None => Err("PostgreSQL does not answer; the payload is in the spool".to_owned()),
                Some(pool) => super::origin::of(&pool, &key, at).await,
            };
            let event = match event {
                Ok(found) => Event::Document {
                    generation,
                    title: found.title,
                    text: found.text,
                },
                Err(why) => Event::Reply {
                    generation,
                    outcome: Err(why),
                },
            };
            // Nobody listening is no failure.
            let _ = events.send(event);
        });
    }

    /// Complete the charts of games that were stored by an earlier run, a few a second.
    fn fill(&self, filling: &mut Filling, finish: &mpsc::Sender<Finished>) {
        if self.drain.borrow().readable().is_none() {
            filling.errand = None;
            return;
        }
        let snapshot = Arc::clone(&self.snapshots.borrow());
        self.show_filling(filling, &snapshot);
        for game in snapshot.games.iter().filter(|g| !g.history_loaded) {
            if filling.games.len() >= FILLS_AT_ONCE {
                return;
            }
            if !filling.games.insert(game.id) {
                continue;
            }
            let (id, loading, hub, finish) = (
                game.id,
                self.history(game.id),
                self.hub.clone(),
                finish.clone(),
            );
            tokio::spawn(async move {
                match loading.await {
                    Ok(lines) => {
                        hub.tell(HubMessage::History(id, lines.as_ref().clone()))
                            .await;
                    }
                    Err(reason) => {
                        tracing::debug!(%reason, game = %id, "a chart could not be completed yet");
                    }
                }
                let _ = finish.send(Finished::Filled(id)).await;
            });
        }
    }

    /// How many charts are complete, of those that were not when this began.
    fn show_filling(&self, filling: &mut Filling, snapshot: &Snapshot) {
        let missing = snapshot.games.iter().filter(|g| !g.history_loaded).count() as u64;
        match &mut filling.errand {
            None if missing > 0 => {
                let errand = self
                    .errands
                    .begin(ErrandKind::WarmUp, "charts", Some(missing), None);
                filling.errand = Some((errand, missing));
            }
            None => {}
            Some(_) if missing == 0 => filling.errand = None,
            Some((errand, total)) => {
                // Games that came meanwhile have charts to be read, too.
                *total = missing.max(*total);
                errand.expect(*total, 0);
                errand.reach(*total - missing);
            }
        }
    }

    /// Load the history of every game in view into the cache.
    fn warm(&self, generation: Generation, finish: &mpsc::Sender<Finished>) {
        let games: Vec<GameId> = self.snapshots.borrow().games.iter().map(|g| g.id).collect();
        let loads: Vec<_> = games.iter().map(|game| self.history(*game)).collect();
        let finish = finish.clone();
        tokio::spawn(async move {
            let mut failed = None;
            let mut warmed = 0;
            for load in loads {
                match load.await {
                    Ok(_) => warmed += 1,
                    Err(reason) => failed = Some(reason),
                }
            }
            let outcome =
                failed.map_or_else(|| Ok(format!("{warmed} games are in the cache")), Err);
            let _ = finish.send(Finished::History(generation, outcome)).await;
        });
    }

    fn history(
        &self,
        game: GameId,
    ) -> impl Future<Output = Result<Arc<GameHistory>, String>> + Send + 'static {
        let cache = self.cache.clone();
        let pool = self.drain.borrow().readable();
        // The newest change names the version, so that a later one misses the old entry.
        let version = self
            .snapshots
            .borrow()
            .games
            .iter()
            .find(|g| g.id == game)
            .and_then(|g| g.changed_at)
            .map_or(0, |at| at.timestamp_micros());
        let rewrites = self
            .drain
            .borrow()
            .rewrites
            .get(&game)
            .copied()
            .unwrap_or(0);
        async move {
            let key = format!("{game}:{version}.{rewrites}");
            let load = || async move {
                let pool = pool.ok_or_else(|| {
                    "PostgreSQL does not answer; the chart shows this run only".to_owned()
                })?;
                let sentence = |e: sqlx::Error| clean(&e.to_string(), 300);
                let mut connection = pool.acquire().await.map_err(sentence)?;
                let history = store::history::of_game(&mut connection, game).await;
                history.map(Some).map_err(sentence)
            };
            let loaded = cache
                .get_or_load(Family::History, &key, HISTORY_TTL, load)
                .await;
            loaded
                .map(Option::unwrap_or_default)
                .map_err(|reason| reason.as_ref().clone())
        }
    }

    /// Do a job because somebody asked.
    fn run_job(
        &self,
        generation: Generation,
        job: Job,
        finish: &mpsc::Sender<Finished>,
        stop: &CancellationToken,
    ) {
        let (work, finish, stop) = (self.work.clone(), finish.clone(), stop.child_token());
        let errand =
            self.errands
                .begin(ErrandKind::Job, &job.to_string(), None, Some(stop.clone()));
        tokio::spawn(async move {
            let say = |step: String| errand.note(&step);
            let outcome = match by_hand(&work, job, &say, &stop).await {
                Ok(result) => Ok(format!("{job}: {}", said(&result))),
                Err(reason) => Err(format!("{job}: {reason}")),
            };
            let outcome = errand.over(outcome);
            let _ = finish.send(Finished::Job(generation, outcome)).await;
        });
    }

    /// Tell the hub how the jobs stand; called once a second.
    async fn show_jobs(&self, runs: &mut Runs) {
        if runs.seconds == 0 {
            runs.seconds = RUNS_EVERY;
            let pool = self.drain.borrow().readable();
            if let Some(pool) = pool {
                let read = store::jobs::newest(&pool).await;
                runs.read = Some(read.map_err(|e| e.to_string()));
            } else if let DatabaseState::Down { reason, .. } =
                &self.snapshots.borrow().persistence.database
                && !matches!(runs.read, Some(Ok(_)))
            {
                // What was read before it went stays.
                runs.read = Some(Err(reason.clone()));
            }
        }
        runs.seconds -= 1;
        let read = runs.read.as_ref();
        let read = read.map(|read| read.as_deref().map_err(String::as_str));
        let view = self.timetable.view(read, self.clock.now());
        self.hub.tell(HubMessage::Jobs(view)).await;
    }

    async fn keep_books(&self, ledger: &mut Ledger) {
        self.hub
            .tell(HubMessage::Cache(ledger.cache(&self.cache)))
            .await;
        let pool = self.drain.borrow().pool.clone();
        let snapshot = Arc::clone(&self.snapshots.borrow());
        if let Some(pool) = pool {
            match ledger.write(&pool, &snapshot).await {
                Ok(Some(totals)) => self.hub.tell(HubMessage::Totals(totals)).await,
                Ok(None) => {}
                Err(error) => {
                    tracing::debug!(%error, "the panel numbers could not be written; tried again in a second");
                }
            }
        }
    }
}
