//! Which id every game of a batch has, and what follows when that changes for games that have rows.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::domain::feed::FeedGame;
use crate::domain::game::GameId;
use crate::domain::identity::facts::{Facts, FeedKey, Moment, Pairing};
use crate::domain::identity::{Identity, Move};
use crate::domain::source::Source;
use crate::engine::pipeline::stage::{self, Games};
use crate::store;
use crate::store::games::{GameFacts, Start};
use crate::store::payloads::Fate;

use super::item::Item;

/// What was decided of a batch's games.
#[derive(Debug, Default)]
pub(super) struct Placement {
    /// Starts that moved, by the feed whose rows were staged by the old one.
    pub(super) shifts: BTreeMap<(GameId, Source), Shift>,
    /// Feeds' games that changed places; those that joined a game as they were named among them.
    pub(super) moves: Vec<Move>,
    /// Games whose stored rows came from another game or went to one.
    pub(super) rewritten: BTreeSet<GameId>,
    /// Games that were others for some payloads of the batch than they are after it.
    pub(super) unsettled: BTreeSet<GameId>,
}

/// What a batch says of its games.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// What of it is worth keeping.
    pub(super) said: Vec<(FeedKey, Moment, Facts)>,
    /// From where to where feeds' games go over the whole batch.
    pub(super) moves: Vec<Move>,
    /// Games that were others for some payloads of the batch than they are after it.
    pub(super) unsettled: BTreeSet<GameId>,
}

/// Hear a batch, payload by payload, as the hub does: what the two come to is the same, and where the way there
/// was not straight, that is told.
pub(super) fn hear(identity: &mut Identity, items: &[Item<'_>]) -> Told {
    let mut told = Told::default();
    let mut moves: BTreeMap<FeedKey, Move> = BTreeMap::new();
    let mut starts: BTreeMap<GameId, Option<DateTime<Utc>>> = BTreeMap::new();
    let mut newest = None;
    for item in items.iter().filter(|i| i.fate == Fate::Staged) {
        let origin = stage::origin(item.payload);
        let moment = (origin.observed_at, origin.payload_hash);
        told.said.extend(identity.hear(moment, &item.decoded.games));
        for moved in identity.regroup() {
            let place = moves.entry(moved.key.clone());
            if let Entry::Occupied(_) = &place {
                told.unsettled.extend([moved.from, moved.to]);
            }
            let whole = place.or_insert_with(|| moved.clone());
            (whole.to, whole.by_hand) = (moved.to, moved.by_hand);
        }
        for game in &item.decoded.games {
            let id = Games::id(identity, game.source, &game.source_game_id);
            let start = identity.starts_at(id);
            let before = starts.insert(id, start);
            let divides = |at: Option<DateTime<Utc>>| at.is_some_and(|at| newest > Some(at));
            if before.is_some_and(|b| b != start && (divides(b) || divides(start))) {
                told.unsettled.insert(id);
            }
        }
        newest = newest.max(Some(origin.observed_at));
    }
    // There and back again is no move.
    told.moves = moves.into_values().filter(|m| m.from != m.to).collect();
    told
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
