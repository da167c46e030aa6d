//! Fair prices, offers and chances: stored beside the drain, and shown from what is quoted now.
//!
//! What is stored is a function of the stored rows ([`crate::analytics::fair::tape`]): a game's tape stays in memory and is
//! told of new rows only; where rows came that were received before what it heard, or rows were rewritten, a new one hears
//! everything. Either way the tables then hold what a rebuild would give. What is shown is made of the snapshot, with the
//! age of each price itself ([`live`]).

mod game;
pub mod live;
pub mod market;
pub mod stored;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use sqlx::PgPool;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use self::game::Heard;
use super::clock::Clock;
use super::pipeline::drain::DrainState;
use super::reference::Reference;
use super::signals::{News, Touched};
use crate::analytics::devig::Method;
use crate::analytics::fair::{Devig, Rules};
use crate::config::settings::Fair;
use crate::domain::game::GameId;
use crate::store;
use crate::store::opportunities::{Reach, Written};

/// Rests between two rounds, so that a burst of batches is one of them.
const REST: Duration = Duration::from_millis(500);
/// After a round that failed.
const RETRY: Duration = Duration::from_secs(5);
/// Games that started longer ago are looked at only when somebody rebuilds.
const KEEP: TimeDelta = TimeDelta::hours(6);

/// The rules that settings ask for; what settings cannot hold is not there.
pub fn rules(settings: &Fair) -> Rules {
    let pairs = |list: &[String]| -> BTreeMap<Arc<str>, f64> {
        let read = list.iter().filter_map(|text| Fair::pair(text));
        read.map(|(book, number)| (Arc::from(book), number))
            .collect()
    };
    Rules {
        anchors: pairs(&settings.anchors),
        devig: settings
            .method
            .parse()
            .unwrap_or(Devig::Method(Method::Multiplicative)),
        min_anchors: usize::try_from(settings.min_anchors).unwrap_or(usize::MAX),
        anchor_max_age: settings.anchor_max_age.as_secs_f64(),
        max_age: settings.max_age.as_secs_f64(),
        commission: pairs(&settings.commission),
        take: settings.take,
        min_change: settings.min_change,
        middle_break_even: settings.middle_break_even,
    }
}

/// The task's parts.
#[derive(Debug)]
pub struct Opportunities {
    /// What the drain touched.
    pub touched: Touched,
    /// Where the drain stands.
    pub drain: watch::Receiver<DrainState>,
    /// Books and teams.
    pub reference: Arc<Reference>,
    /// What counts.
    pub rules: Rules,
    /// The engine's clock.
    pub clock: Clock,
}

impl Opportunities {
    /// Run until `stop`.
    pub async fn run(mut self, stop: CancellationToken) {
        let appraiser = Appraiser::new(Arc::clone(&self.reference), self.rules.clone());
        let mut games = Games::default();
        loop {
            let Some(pool) = self.pool(&stop).await else {
                return;
            };
            match self.attend(&pool, &appraiser, &mut games, &stop).await {
                Ok(()) => return,
                Err(error) => {
                    tracing::warn!(%error, "offers could not be stored; they are tried again in a few seconds");
                    games.heard.clear();
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

    /// Everything to come once, then what is touched. Ends well when stopped.
    async fn attend(
        &self,
        pool: &PgPool,
        appraiser: &Appraiser,
        games: &mut Games,
        stop: &CancellationToken,
    ) -> Result<(), sqlx::Error> {
        let since = self.clock.now() - KEEP;
        let recent = store::signals::games_since(&mut *pool.acquire().await?, since).await?;
        self.touched.add(recent);
        loop {
            tokio::select! {
                () = self.touched.notified() => {}
                () = stop.cancelled() => return Ok(()),
            }
            let round = self.touched.take();
            if let Err(error) = self.round(pool, appraiser, games, &round, stop).await {
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
        appraiser: &Appraiser,
        games: &mut Games,
        round: &BTreeMap<GameId, News>,
        stop: &CancellationToken,
    ) -> Result<(), sqlx::Error> {
        let ids: Vec<GameId> = round.keys().copied().collect();
        let reach = store::opportunities::reach(&mut *pool.acquire().await?, &ids).await?;
        for (game, news) in round {
            if stop.is_cancelled() {
                // The next start makes the rest.
                return Ok(());
            }
            if *news == News::Rewritten {
                games.forget(*game);
            } else if games.is_at(*game, reach.get(game)) {
                // It was looked at, and nothing changed.
                continue;
            }
            appraiser.settle(pool, *game, games).await?;
        }
        let old = self.clock.now() - KEEP;
        games
            .heard
            .retain(|_, heard| heard.starts_at().is_none_or(|start| start > old));
        Ok(())
    }
}

/// Tapes at hand, by game.
#[derive(Debug, Default)]
pub struct Games {
    heard: HashMap<GameId, Heard>,
}

impl Games {
    /// Read a game anew next time: rows of it were rewritten.
    pub fn forget(&mut self, game: GameId) {
        self.heard.remove(&game);
    }

    /// Whether a game's tape heard all that is stored.
    fn is_at(&self, game: GameId, reach: Option<&Reach>) -> bool {
        self.heard
            .get(&game)
            .is_some_and(|heard| heard.reach() == reach.copied())
    }
}

/// Stores games' offers by the store's rows.
#[derive(Debug)]
pub struct Appraiser {
    reference: Arc<Reference>,
    rules: Rules,
}

impl Appraiser {
    /// By these rules.
    pub fn new(reference: Arc<Reference>, rules: Rules) -> Self {
        Self { reference, rules }
    }

    /// Make the store's bets, fair prices, offers and chances of a game those that its rows give.
    pub async fn settle(
        &self,
        pool: &PgPool,
        game: GameId,
        games: &mut Games,
    ) -> Result<Written, sqlx::Error> {
        let mut transaction = pool.begin().await?;
        // Two programs on one database take turns at a game.
        sqlx::query("select pg_advisory_xact_lock(hashtextextended('linetape.opportunities', $1))")
            .bind(game.as_i64())
            .execute(&mut *transaction)
            .await?;
        let had = games.heard.remove(&game);
        let (heard, written) = Heard::settle(&mut transaction, game, had, self).await?;
        transaction.commit().await?;
        if let Some(heard) = heard {
            games.heard.insert(game, heard);
        }
        Ok(written)
    }
}
