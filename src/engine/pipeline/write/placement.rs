//! Which id every game of a batch has, and what follows when that changes for games that have rows.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::domain::feed::FeedGame;
use crate::domain::game::GameId;
use crate::domain::identity::facts::{FeedKey, Pairing};
use crate::domain::identity::{Identity, Move};
use crate::domain::source::Source;
use crate::store;
use crate::store::games::{GameFacts, Start};

/// What was decided of a batch's games.
#[derive(Debug, Default)]
pub(super) struct Placement {
    /// Starts that moved, by the feed whose rows were staged by the old one.
    pub(super) shifts: BTreeMap<(GameId, Source), Shift>,
    /// Feeds' games that changed places; those that joined a game as they were named among them.
    pub(super) moves: Vec<Move>,
    /// Games whose stored rows came from another game or went to one.
    pub(super) rewritten: BTreeSet<GameId>,
}

/// A start before and after. One that was not known lies in no price's past.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shift {
    pub(super) old: DateTime<Utc>,
    pub(super) new: DateTime<Utc>,
}

/// Ask the store for what `identity` lacks to place these games.
pub(super) async fn learn<'a>(
    connection: &mut PgConnection,
    identity: &mut Identity,
    games: impl Iterator<Item = &'a FeedGame>,
) -> Result<(), sqlx::Error> {
    let unknown: Vec<&FeedGame> = games.filter(|g| identity.lacks(g)).collect();
    if unknown.is_empty() {
        return Ok(());
    }
    let keys: BTreeSet<FeedKey> = unknown.iter().map(|g| FeedKey::of(g)).collect();
    let pairings: BTreeSet<Pairing> = unknown.iter().filter_map(|g| Pairing::of(g)).collect();
    let rows = store::identity::load(
        connection,
        &keys.into_iter().collect::<Vec<_>>(),
        &pairings.into_iter().collect::<Vec<_>>(),
    )
    .await?;
    identity.load(rows);
    Ok(())
}

/// Write the feeds' facts and carry out `moves`, and learn the starts that follow.
pub(super) async fn place(
    connection: &mut PgConnection,
    identity: &mut Identity,
    moves: Vec<Move>,
    facts: &[GameFacts],
    demo: bool,
) -> Result<Placement, sqlx::Error> {
    let mut placement = Placement {
        moves,
        ..Placement::default()
    };
    let games: BTreeSet<GameId> = placement
        .moves
        .iter()
        .flat_map(|m| [m.from, m.to])
        .collect();
    let games: Vec<GameId> = games.into_iter().collect();
    let mut before: BTreeMap<GameId, Option<DateTime<Utc>>> = BTreeMap::new();
    if !games.is_empty() {
        before.extend(store::identity::starts(&mut *connection, &games).await?);
        store::identity::carry_out(&mut *connection, &placement.moves).await?;
    }
    let mut starts: Vec<Start> = store::games::write(&mut *connection, facts, demo).await?;
    if !games.is_empty() {
        let derived = store::games::derive(&mut *connection, &games, demo).await?;
        for start in derived {
            if !starts.iter().any(|s| s.game_id == start.game_id) {
                starts.push(start);
            }
        }
        store::identity::tidy(connection, &games).await?;
    }
    for start in &starts {
        identity.set_start(start.game_id, start.new);
        if let (Some(old), Some(new)) = (start.old, start.new) {
            for source in Source::ALL {
                let shift = Shift { old, new };
                placement.shifts.insert((start.game_id, *source), shift);
            }
        }
    }
    let unknown = DateTime::<Utc>::MAX_UTC;
    for moved in &placement.moves {
        let old = before.get(&moved.from).copied().flatten();
        let shift = Shift {
            old: old.unwrap_or(unknown),
            new: identity.starts_at(moved.to).unwrap_or(unknown),
        };
        if before.contains_key(&moved.from) {
            placement.rewritten.extend([moved.from, moved.to]);
        }
        let place = (moved.to, moved.key.source);
        placement.shifts.insert(place, shift);
    }
    placement.shifts.retain(|_, shift| shift.old != shift.new);
    Ok(placement)
}
