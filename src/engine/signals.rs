//! Signals, made beside the drain: what a batch touched is read from the store, judged, and written back.
//!
//! Signals are a function of the stored rows. A game's detector stays in memory and is told of new rows only; where rows
//! came that lie before what it heard, or rows were rewritten, a new one hears everything. Either way the tables then
//! hold what a rebuild would give. While Postgres is away nothing is stored, so nothing is judged: the games wait.

pub(in crate::engine) mod game;
pub mod grade;
pub mod presets;
pub mod recommend;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::TimeDelta;
use sqlx::PgPool;
use tokio::sync::{Notify, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use self::game::Judged;
use self::presets::Presets;
use self::recommend::{Records, recommend_new};
use super::clock::Clock;
use super::hub::task::{HubHandle, HubMessage};
use super::pipeline::drain::DrainState;
use super::reference::Reference;
use super::snapshot::SignalView;
use crate::analytics::signal::Preset;
use crate::domain::clean::clean;
use crate::domain::game::GameId;
use crate::store;
use crate::store::signals::{Settled, SignalFilter};

/// Rests between two rounds, so that a burst of batches is one of them.
const REST: Duration = Duration::from_millis(250);
/// After a round that failed.
const RETRY: Duration = Duration::from_secs(5);
/// Records are read again after so long: grading is a daily job.
const RECORDS: Duration = Duration::from_secs(60);
/// Games that started longer ago are looked at only when somebody rebuilds.
const KEEP: TimeDelta = TimeDelta::hours(36);
/// Signals on the screen.
const SHOWN: i64 = 300;
/// Presets that fill the summary's columns and come first on the screen.
pub const SUMMARY: [&str; 10] = [
    "linetape",
    "linetape_rlm",
    "vsin_strong",
    "mlb_late",
    "mlb_heavy",
    "fade_80",
    "conflict_15",
    "linetape_stale",
    "linetape_opener",
    "linetape_head_fake",
];

/// What happened to a game's rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum News {
    /// Some came.
    Added,
    /// Some that were there are others now.
    Rewritten,
}

/// Games whose rows changed since they were judged.
#[derive(Debug, Clone, Default)]
pub struct Touched {
    games: Arc<Mutex<BTreeMap<GameId, News>>>,
    news: Arc<Notify>,
    /// Whether a round is under way.
    busy: watch::Sender<bool>,
    /// Who else is told.
    also: Option<Box<Touched>>,
}

impl Touched {
    /// One that tells `other` too, and is quiet when both are.
    #[must_use]
    pub fn with(other: Self) -> Self {
        Self {
            also: Some(Box::new(other)),
            ..Self::default()
        }
    }

    /// These have new rows.
    pub fn add(&self, games: impl IntoIterator<Item = GameId>) {
        self.tell(games.into_iter().map(|game| (game, News::Added)).collect());
    }

    /// Rows of these were rewritten.
    pub fn rewritten(&self, games: impl IntoIterator<Item = GameId>) {
        self.tell(
            games
                .into_iter()
                .map(|game| (game, News::Rewritten))
                .collect(),
        );
    }

    fn tell(&self, games: Vec<(GameId, News)>) {
        if let Some(other) = &self.also {
            other.tell(games.clone());
        }
        self.put(games);
    }

    pub(super) fn put(&self, games: impl IntoIterator<Item = (GameId, News)>) {
        let mut waiting = self.games.lock().unwrap_or_else(PoisonError::into_inner);
        for (game, news) in games {
            let had = waiting.entry(game).or_insert(news);
            *had = news.max(*had);
        }
        if !waiting.is_empty() {
            self.busy.send_replace(true);
        }
        drop(waiting);
        self.news.notify_one();
    }

    /// Wait until all that was touched is judged.
    pub async fn quiet(&self) {
        let mut busy = self.busy.subscribe();
        let _ = busy.wait_for(|busy| !busy).await;
        if let Some(other) = &self.also {
            Box::pin(other.quiet()).await;
        }
    }

    /// Wait for news.
    pub(super) async fn notified(&self) {
        self.news.notified().await;
    }

    /// Those that wait; while a round is made of them, it is not quiet.
    pub(super) fn take(&self) -> BTreeMap<GameId, News> {
        std::mem::take(&mut *self.games.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The round is over, if nothing came meanwhile.
    pub(super) fn rest(&self) {
        let waiting = self.games.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.is_empty() {
            self.busy.send_replace(false);
        }
    }
}

/// The task's parts.
#[derive(Debug)]
pub struct Signals {
    /// What the drain touched.
    pub touched: Touched,
    /// Where the drain stands.
    pub drain: watch::Receiver<DrainState>,
    /// Who is told.
    pub hub: HubHandle,
    /// Books and teams.
    pub reference: Arc<Reference>,
    /// The engine's clock.
    pub clock: Clock,
    /// The presets in force.
    pub presets: Presets,
}

impl Signals {
    /// Run until `stop`.
    pub async fn run(mut self, stop: CancellationToken) {
        let judge = Judge::with(Arc::clone(&self.reference), self.presets.clone());
        let mut games = Games::default();
        loop {
            let Some(pool) = self.pool(&stop).await else {
                return;
            };
            match self.attend(&pool, &judge, &mut games, &stop).await {
                Ok(()) => return,
                Err(error) => {
                    tracing::warn!(%error, "signals could not be made; they are tried again in a few seconds");
                    games.judged.clear();
                    tokio::select! {
                        () = tokio::time::sleep(RETRY) => {}
                        () = stop.cancelled() => return,
                    }
                }
            }
        }
    }

    async fn pool(&mut self, stop: &CancellationToken) -> Option<PgPool> {
        tokio::select! {
            ready = self.drain.wait_for(|s| s.pool.is_some() && s.warmed) => ready.ok().and_then(|s| s.pool.clone()),
            () = stop.cancelled() => None,
        }
    }

    /// Everything recent once, then what is touched. Ends well when stopped.
    async fn attend(
        &self,
        pool: &PgPool,
        judge: &Judge,
        games: &mut Games,
        stop: &CancellationToken,
    ) -> Result<(), sqlx::Error> {
        let mut connection = pool.acquire().await?;
        store::signals::seed_presets(&mut connection, judge.presets(), &SUMMARY).await?;
        let recent = store::signals::games_since(&mut connection, self.clock.now() - KEEP).await?;
        drop(connection);
        self.touched.add(recent);
        self.show(pool, games).await?;
        loop {
            tokio::select! {
                () = self.touched.news.notified() => {}
                () = stop.cancelled() => return Ok(()),
            }
            let round = self.touched.take();
            if let Err(error) = self.round(pool, judge, games, &round, stop).await {
                self.touched.put(round);
                return Err(error);
            }
            self.touched.rest();
            tokio::select! {
                () = tokio::time::sleep(REST) => {}
                () = stop.cancelled() => return Ok(()),
            }
        }
    }

    async fn round(
        &self,
        pool: &PgPool,
        judge: &Judge,
        games: &mut Games,
        round: &BTreeMap<GameId, News>,
        stop: &CancellationToken,
    ) -> Result<(), sqlx::Error> {
        let old = self.clock.now() - KEEP;
        let mut done = Settled::default();
        for (game, news) in round {
            if stop.is_cancelled() {
                // The next start makes the rest.
                return Ok(());
            }
            if *news == News::Rewritten {
                games.forget(*game);
            }
            done = done.and(judge.settle(pool, *game, games).await?);
        }
        games
            .judged
            .retain(|_, judged| judged.starts_at().is_none_or(|start| start > old));
        if done != Settled::default() {
            let records = games.records(pool).await?;
            recommend_new(pool, &self.presets.shown(), &records, self.clock.now()).await?;
            self.show(pool, games).await?;
        }
        Ok(())
    }

    async fn show(&self, pool: &PgPool, games: &mut Games) -> Result<(), sqlx::Error> {
        let records = games.records(pool).await?;
        let filter = SignalFilter {
            since: Some(self.clock.now() - KEEP),
            limit: SHOWN,
            presets: self.presets.shown(),
            ..SignalFilter::default()
        };
        let rows = store::signals::list(&mut *pool.acquire().await?, &filter).await?;
        let views = rows
            .iter()
            .map(|row| SignalView::of(row, records.get(&row.record())))
            .collect();
        self.hub.tell(HubMessage::Signals(views)).await;
        Ok(())
    }
}

/// Detectors at hand, by game.
#[derive(Debug, Default)]
pub struct Games {
    judged: HashMap<GameId, Judged>,
    /// How presets' signals turned out, and when that was read.
    records: Option<(Instant, Arc<Records>)>,
}

impl Games {
    /// How presets' signals turned out, as of the last minute.
    async fn records(&mut self, pool: &PgPool) -> Result<Arc<Records>, sqlx::Error> {
        if let Some((at, records)) = &self.records
            && at.elapsed() < RECORDS
        {
            return Ok(Arc::clone(records));
        }
        let mut connection = pool.acquire().await?;
        let records = Arc::new(store::recommendations::records(&mut connection).await?);
        self.records = Some((Instant::now(), Arc::clone(&records)));
        Ok(records)
    }

    /// Read a game anew next time: rows of it were rewritten.
    pub fn forget(&mut self, game: GameId) {
        self.judged.remove(&game);
    }
}

/// Judges games by the store's rows.
#[derive(Debug)]
pub struct Judge {
    reference: Arc<Reference>,
    presets: Presets,
}

impl Judge {
    /// With the presets that ship.
    pub fn new(reference: Arc<Reference>) -> Self {
        Self::with(reference, Presets::default())
    }

    /// With these presets.
    pub fn with(reference: Arc<Reference>, presets: Presets) -> Self {
        Self { reference, presets }
    }

    /// The presets.
    pub fn presets(&self) -> &Arc<[Preset]> {
        self.presets.all()
    }

    /// Make the store's signals of a game those that its rows give.
    pub async fn settle(
        &self,
        pool: &PgPool,
        game: GameId,
        games: &mut Games,
    ) -> Result<Settled, sqlx::Error> {
        let mut transaction = pool.begin().await?;
        // Two programs on one database take turns at a game.
        sqlx::query("select pg_advisory_xact_lock(hashtextextended('linetape.signals', $1))")
            .bind(game.as_i64())
            .execute(&mut *transaction)
            .await?;
        let had = games.judged.remove(&game);
        let judged = match had {
            Some(judged) => judged.go_on(&mut transaction, game, self).await?,
            None => Judged::whole(&mut transaction, game, self).await?,
        };
        let Some(judged) = judged else {
            // It was joined with another: what it said is said there.
            let done = store::signals::settle(&mut transaction, game, &[]).await?;
            transaction.commit().await?;
            return Ok(done);
        };
        let done = if judged.is_news() {
            store::signals::settle(&mut transaction, game, &judged.signals()).await?
        } else {
            Settled::default()
        };
        transaction.commit().await?;
        games.judged.insert(game, judged.settled());
        Ok(done)
    }

    /// The canonical slug of a book as a person writes it; what nobody knows stays as it is, in lower case.
    pub fn book(&self, written: &str) -> String {
        let plain = |text: &str| -> String {
            text.chars()
                .filter(|c| c.is_alphanumeric())
                .flat_map(char::to_lowercase)
                .collect()
        };
        let wanted = plain(written);
        let known = self.reference.books.iter().map(|(_, _, entry)| entry);
        known
            .filter(|entry| {
                [entry.slug.as_str(), &entry.name, &entry.label]
                    .iter()
                    .any(|name| plain(name) == wanted)
            })
            // The slug's own name wins over another shop's label.
            .min_by_key(|entry| {
                (
                    plain(entry.slug.as_str()) != wanted,
                    entry.slug.as_str().to_owned(),
                )
            })
            .map_or_else(
                || written.to_lowercase(),
                |entry| entry.slug.as_str().to_owned(),
            )
    }

    /// A team's short name, for sentences.
    fn team(&self, name: &str) -> Arc<str> {
        let slug = crate::domain::team::TeamSlug::new(name);
        self.reference
            .teams
            .get(&slug)
            .map_or_else(|| clean(name, 24).into(), |team| Arc::clone(&team.abbr))
    }
}
