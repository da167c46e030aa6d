//! Which game is which across feeds.
//!
//! Two feeds mean one game when league, both canonical teams and game number agree and the starts lie within a
//! tolerance, and no other game could be meant as well. Never a guess: a game with an unknown team stays on its own, and
//! so does one that fits two. A person may decide otherwise, and that stands. What was decided is a function of what the
//! feeds said and when they said it, never of the order in which their payloads came; so a fact that comes late may
//! join two games that both have rows, or part one.

pub mod facts;
pub mod matching;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use self::facts::{FactLog, Facts, FeedKey, Moment, Pairing};
use super::feed::FeedGame;
use super::game::GameId;
use super::league::League;
use super::source::Source;
use super::team::TeamSlug;

/// What is known of a game.
#[derive(Debug, Clone, PartialEq)]
pub struct KnownGame {
    /// Id.
    pub game_id: GameId,
    /// League.
    pub league: League,
    /// Canonical teams, home then away, when both are known.
    pub teams: Option<(TeamSlug, TeamSlug)>,
    /// Latest known start.
    pub starts_at: Option<DateTime<Utc>>,
    /// 1, or 2 for the second game of a doubleheader.
    pub game_number: u8,
}

/// What a person decided of two feeds' games.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// They are one game.
    Same,
    /// They are not.
    Different,
}

impl Verdict {
    /// As stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Different => "different",
        }
    }
}

/// What the store has kept of some games' identity.
#[derive(Debug, Clone, Default)]
pub struct IdentityRows {
    /// Where each feed's game is, and the newest fetch that named it.
    pub links: Vec<(FeedKey, GameId, Moment)>,
    /// What the feeds said.
    pub facts: Vec<(FeedKey, Moment, Facts)>,
    /// What a person decided.
    pub verdicts: Vec<(FeedKey, FeedKey, Verdict)>,
    /// Pairings of which every feed's game is among these.
    pub whole: Vec<Pairing>,
}

/// A feed's game that goes to another game, with everything that came under it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// The feed's game.
    pub key: FeedKey,
    /// Its game so far.
    pub from: GameId,
    /// Its game from now on.
    pub to: GameId,
    /// Whether a person decided it.
    pub by_hand: bool,
}

/// Every feed's game known so far, and which game each is.
#[derive(Debug, Clone, Default)]
pub struct Identity {
    links: HashMap<Source, HashMap<Arc<str>, GameId>>,
    members: HashMap<GameId, BTreeSet<FeedKey>>,
    starts: HashMap<GameId, Option<DateTime<Utc>>>,
    stale_starts: BTreeSet<GameId>,
    logs: HashMap<FeedKey, FactLog>,
    pairings: HashMap<Pairing, BTreeSet<FeedKey>>,
    filed: HashMap<FeedKey, Pairing>,
    whole: HashSet<Pairing>,
    verdicts: BTreeMap<(FeedKey, FeedKey), Verdict>,
    doubtful: BTreeSet<FeedKey>,
    doubtful_pairings: BTreeSet<Pairing>,
}

impl Identity {
    /// The id a feed's game has; none while nothing is known of it.
    pub fn get(&self, source: Source, source_game_id: &str) -> Option<GameId> {
        self.links.get(&source)?.get(source_game_id).copied()
    }

    /// The start of a game: that of the feed that named it first, else of another.
    pub fn starts_at(&self, id: GameId) -> Option<DateTime<Utc>> {
        self.starts.get(&id).copied().flatten()
    }

    /// A game's start as the store derived it.
    pub fn set_start(&mut self, id: GameId, starts_at: Option<DateTime<Utc>>) {
        self.starts.insert(id, starts_at);
    }

    /// A game's number in a doubleheader, as the feed that named it first has it; none while nothing is known of it.
    pub fn game_number(&self, id: GameId) -> Option<u8> {
        let number = |key: &FeedKey| Some(self.logs.get(key)?.latest()?.game_number);
        self.speaking(id).find_map(number)
    }

    /// The feeds' games that are this game, in the order in which they are believed: the one that gave it its id, then
    /// by the feeds' names, as the store has it.
    pub fn speaking(&self, id: GameId) -> impl Iterator<Item = &FeedKey> {
        let mut keys: Vec<&FeedKey> = self.members(id).collect();
        keys.sort_by_key(|key| (key.own_id() != id, key.source.as_str(), &key.id));
        keys.into_iter()
    }

    /// The feeds' games that are this game.
    pub fn members(&self, id: GameId) -> impl Iterator<Item = &FeedKey> {
        self.members.get(&id).into_iter().flatten()
    }

    /// Whether the store must be asked before a feed's game can be placed.
    pub fn lacks(&self, game: &FeedGame) -> bool {
        self.get(game.source, &game.source_game_id).is_none()
            || Pairing::of(game).is_some_and(|pairing| !self.whole.contains(&pairing))
    }

    /// Take what the store has kept; what is known already stays. Say what follows with [`Self::regroup`].
    pub fn load(&mut self, rows: IdentityRows) {
        for (key, id, newest) in rows.links {
            self.logs.entry(key.clone()).or_default().seen(newest);
            if self.get(key.source, &key.id).is_none() {
                self.link(&key, id);
            }
        }
        for (key, at, facts) in rows.facts {
            let log = self.logs.entry(key.clone()).or_default();
            log.load(at, facts);
            self.file(&key);
        }
        for (one, other, verdict) in rows.verdicts {
            self.decide(one, other, verdict);
        }
        self.whole.extend(rows.whole);
        self.refresh_starts();
    }

    /// Hear what one fetch says of games. Returns what of it is worth keeping.
    pub fn hear<'a>(
        &mut self,
        at: Moment,
        games: impl IntoIterator<Item = &'a FeedGame>,
    ) -> Vec<(FeedKey, Moment, Facts)> {
        let micros = at.0.timestamp_micros();
        let at = (
            DateTime::from_timestamp_micros(micros).unwrap_or(at.0),
            at.1,
        );
        let mut kept = Vec::new();
        for game in games {
            let key = FeedKey::of(game);
            let log = self.logs.entry(key.clone()).or_default();
            let new = log.hear(at, Facts::of(game));
            if !new.is_empty() {
                self.file(&key);
                kept.extend(new.into_iter().map(|(at, facts)| (key.clone(), at, facts)));
            }
        }
        kept
    }

    /// Take a person's word on two feeds' games.
    pub fn decide(&mut self, one: FeedKey, other: FeedKey, verdict: Verdict) {
        for key in [&one, &other] {
            if self.logs.contains_key(key) {
                self.file(key);
            }
        }
        let pair = if one < other {
            (one, other)
        } else {
            (other, one)
        };
        self.verdicts.insert(pair, verdict);
    }

    /// Settle what became doubtful since the last time. Returns the feeds' games that change places; one that joins a
    /// game as it is named moves away from the id it would have alone.
    pub fn regroup(&mut self) -> Vec<Move> {
        let pairings = std::mem::take(&mut self.doubtful_pairings);
        let mut loose = std::mem::take(&mut self.doubtful);
        let mut groups = Vec::new();
        for pairing in &pairings {
            let (decided, open): (Vec<&FeedKey>, Vec<&FeedKey>) = self
                .pairings
                .get(pairing)
                .into_iter()
                .flatten()
                .partition(|key| self.joined_by_hand(key).next().is_some());
            let open: Vec<(&FeedKey, &FactLog)> = open
                .into_iter()
                .filter_map(|key| Some((key, self.logs.get(key)?)))
                .collect();
            let apart = |a: &FeedKey, b: &FeedKey| self.verdict(a, b) == Some(Verdict::Different);
            groups.extend(matching::groups(pairing, &open, apart));
            loose.extend(decided.into_iter().cloned());
        }
        let mut placed: HashSet<FeedKey> = groups.iter().flatten().cloned().collect();
        for key in loose {
            if placed.contains(&key) {
                continue;
            }
            let group = self.component(key);
            placed.extend(group.iter().cloned());
            groups.push(group);
        }
        let moves: Vec<Move> = groups.iter().flat_map(|group| self.place(group)).collect();
        self.refresh_starts();
        moves
    }

    /// Put a group under the id of the game that was named first in it.
    fn place(&mut self, group: &[FeedKey]) -> Vec<Move> {
        let first = |key: &&FeedKey| {
            let named = self.logs.get(*key).and_then(FactLog::first);
            (named.is_none(), named, (*key).clone())
        };
        let Some(id) = group.iter().min_by_key(first).map(FeedKey::own_id) else {
            return Vec::new();
        };
        let mut moves = Vec::new();
        for key in group {
            let from = self
                .get(key.source, &key.id)
                .unwrap_or_else(|| key.own_id());
            self.link(key, id);
            if from != id {
                moves.push(Move {
                    key: key.clone(),
                    from,
                    to: id,
                    by_hand: self.spoken_of(key),
                });
            }
        }
        moves
    }

    /// What a person joined with this game, directly or through others.
    fn component(&self, start: FeedKey) -> Vec<FeedKey> {
        let mut found = BTreeSet::from([start.clone()]);
        let mut ahead = vec![start];
        while let Some(key) = ahead.pop() {
            for next in self.joined_by_hand(&key) {
                if self.logs.contains_key(next) && found.insert(next.clone()) {
                    ahead.push(next.clone());
                }
            }
        }
        found.into_iter().collect()
    }

    fn joined_by_hand<'a>(&'a self, key: &'a FeedKey) -> impl Iterator<Item = &'a FeedKey> + 'a {
        self.verdicts
            .iter()
            .filter(|(_, verdict)| **verdict == Verdict::Same)
            .filter_map(move |((one, other), _)| match key {
                _ if one == key => Some(other),
                _ if other == key => Some(one),
                _ => None,
            })
    }

    fn spoken_of(&self, key: &FeedKey) -> bool {
        self.verdicts
            .keys()
            .any(|(one, other)| one == key || other == key)
    }

    fn verdict(&self, one: &FeedKey, other: &FeedKey) -> Option<Verdict> {
        let pair = if one < other {
            (one.clone(), other.clone())
        } else {
            (other.clone(), one.clone())
        };
        self.verdicts.get(&pair).copied()
    }

    /// Put a game under the pairing it was last said to be of, and mark everything doubtful that this may change.
    fn file(&mut self, key: &FeedKey) {
        let pairing = self
            .logs
            .get(key)
            .and_then(FactLog::latest)
            .and_then(|facts| facts.pairing);
        if self.filed.get(key) != pairing.as_ref() {
            if let Some(had) = self.filed.remove(key) {
                if let Some(keys) = self.pairings.get_mut(&had) {
                    keys.remove(key);
                }
                self.doubtful_pairings.insert(had);
            }
            if let Some(pairing) = &pairing {
                let keys = self.pairings.entry(pairing.clone()).or_default();
                keys.insert(key.clone());
                self.filed.insert(key.clone(), pairing.clone());
            }
        }
        self.doubtful_pairings.extend(pairing);
        self.doubtful.insert(key.clone());
        self.stale_starts.extend(self.get(key.source, &key.id));
    }

    fn link(&mut self, key: &FeedKey, id: GameId) {
        let had = self
            .links
            .entry(key.source)
            .or_default()
            .insert(Arc::clone(&key.id), id);
        if let Some(had) = had.filter(|had| *had != id)
            && let Some(keys) = self.members.get_mut(&had)
        {
            keys.remove(key);
            if keys.is_empty() {
                self.members.remove(&had);
                self.starts.remove(&had);
            }
        }
        self.members.entry(id).or_default().insert(key.clone());
        self.stale_starts.insert(id);
        self.stale_starts.extend(had);
    }

    fn refresh_starts(&mut self) {
        for id in std::mem::take(&mut self.stale_starts) {
            if !self.members.contains_key(&id) {
                continue;
            }
            let start = self
                .speaking(id)
                .find_map(|key| self.logs.get(key)?.latest()?.starts_at);
            self.starts.insert(id, start);
        }
    }
}

#[cfg(test)]
mod tests;
