//! A person's word on which games are one.

use std::collections::HashSet;

use sqlx::PgPool;

use super::Stager;
use super::batch::Batch;
use super::placement;
use crate::domain::game::GameId;
use crate::domain::identity::facts::FeedKey;
use crate::domain::identity::{Move, Verdict};
use crate::domain::source::Source;
use crate::store;

/// Why a person's word cannot be taken.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The two are one already.
    #[error("both are game {0} already")]
    OneAlready(GameId),
    /// One feed would name one game twice.
    #[error(
        "both games have an id of {source_name}, and a feed never names one game twice; split one of them first: linetape game split"
    )]
    SameFeed {
        /// The feed.
        source_name: Source,
    },
    /// The feed's game is not part of that game.
    #[error("game {game} has no part {}:{}; its parts are {parts}", key.source.short(), key.id)]
    NoPart {
        /// The game.
        game: GameId,
        /// The feed's game.
        key: FeedKey,
        /// Those it has.
        parts: String,
    },
    /// There is nothing to split.
    #[error("game {0} has one feed only, so there is nothing to split")]
    OnePart(GameId),
    /// Postgres did not do it.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// What became of a person's word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// Feeds' games that changed places.
    pub moves: Vec<Move>,
    /// The game asked for, as it is now.
    pub game_id: GameId,
}

impl Stager {
    /// Make two games one, for good.
    pub async fn merge(
        &mut self,
        pool: &PgPool,
        one: GameId,
        other: GameId,
    ) -> Result<Decided, Refusal> {
        if one == other {
            return Err(Refusal::OneAlready(one));
        }
        self.decide(pool, &[one, other], |a, b| {
            let shared = a.iter().find(|k| b.iter().any(|o| o.source == k.source));
            if let Some(key) = shared {
                return Err(Refusal::SameFeed {
                    source_name: key.source,
                });
            }
            Ok((a.to_vec(), b.to_vec(), Verdict::Same))
        })
        .await
    }

    /// Part a feed's game from the game it is in, for good.
    pub async fn split(
        &mut self,
        pool: &PgPool,
        game: GameId,
        part: &FeedKey,
    ) -> Result<Decided, Refusal> {
        self.decide(pool, &[game], |parts, _| {
            if !parts.contains(part) {
                let named = |k: &FeedKey| format!("{}:{}", k.source.short(), k.id);
                let parts: Vec<String> = parts.iter().map(named).collect();
                return Err(Refusal::NoPart {
                    game,
                    key: part.clone(),
                    parts: parts.join(", "),
                });
            }
            let rest: Vec<FeedKey> = parts.iter().filter(|k| *k != part).cloned().collect();
            if rest.is_empty() {
                return Err(Refusal::OnePart(game));
            }
            Ok((vec![part.clone()], rest, Verdict::Different))
        })
        .await
    }

    /// Take a verdict on every pair of two lists of feeds' games and carry it out, in one transaction.
    async fn decide(
        &mut self,
        pool: &PgPool,
        games: &[GameId],
        choose: impl FnOnce(
            &[FeedKey],
            &[FeedKey],
        ) -> Result<(Vec<FeedKey>, Vec<FeedKey>, Verdict), Refusal>,
    ) -> Result<Decided, Refusal> {
        let mut tx = pool.begin().await?;
        store::writer::take_pen(&mut tx, self.writer).await?;
        // What it remembers is from before the pen was another's, and is not needed after.
        self.forget();
        let mut parts: Vec<Vec<FeedKey>> = Vec::new();
        for game in games {
            let found = store::games::find(&mut tx, *game).await?;
            let keys = found.into_iter().flat_map(|g| g.sources);
            parts.push(keys.map(|(source, id)| FeedKey::new(source, id)).collect());
        }
        let part = |n: usize| parts.get(n).map_or(&[][..], Vec::as_slice);
        let (ones, others, verdict) = choose(part(0), part(1))?;
        let keys: Vec<FeedKey> = ones.iter().chain(&others).cloned().collect();
        let rows = store::identity::load(&mut tx, &keys, &[]).await?;
        self.identity.load(rows);
        for (one, other) in ones.iter().flat_map(|a| others.iter().map(move |b| (a, b))) {
            store::identity::keep_verdict(&mut tx, one, other, verdict).await?;
            self.identity.decide(one.clone(), other.clone(), verdict);
        }
        let moves = self.identity.regroup();
        let placement =
            placement::place(&mut tx, &mut self.identity, moves, &[], self.demo).await?;
        let doubts = Self::doubts(&mut tx, &Batch::default(), &placement).await?;
        self.settle(&mut tx, &doubts, &HashSet::new()).await?;
        tx.commit().await?;
        let game_id = ones
            .first()
            .and_then(|key| self.identity.get(key.source, &key.id))
            .or_else(|| games.first().copied())
            .unwrap_or_else(|| GameId::from_i64(0));
        self.read_anew(&placement.rewritten);
        Ok(Decided {
            moves: placement.moves,
            game_id,
        })
    }
}
