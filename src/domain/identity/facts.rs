//! What a feed said of a game over time, as far as it tells which game it is.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};

use crate::domain::feed::FeedGame;
use crate::domain::game::GameId;
use crate::domain::league::League;
use crate::domain::payload::PayloadHash;
use crate::domain::source::Source;
use crate::domain::team::TeamSlug;
use crate::domain::time::slate_date;

/// A feed's game.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FeedKey {
    /// The feed.
    pub source: Source,
    /// The feed's id of the game.
    pub id: Arc<str>,
}

impl FeedKey {
    /// The key of a feed's game.
    pub fn new(source: Source, id: impl Into<Arc<str>>) -> Self {
        Self {
            source,
            id: id.into(),
        }
    }

    /// The key of the game that a feed names.
    pub fn of(game: &FeedGame) -> Self {
        Self::new(game.source, Arc::clone(&game.source_game_id))
    }

    /// The id this game has while no other feed named it first.
    pub fn own_id(&self) -> GameId {
        GameId::mint(self.source, &self.id)
    }
}

/// League, home team and away team.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Pairing {
    /// League.
    pub league: League,
    /// Home team.
    pub home: TeamSlug,
    /// Away team.
    pub away: TeamSlug,
}

impl Pairing {
    /// Who plays, when both teams are known.
    pub fn of(game: &FeedGame) -> Option<Self> {
        Some(Self {
            league: game.league,
            home: game.home_team.clone()?,
            away: game.away_team.clone()?,
        })
    }
}

/// The fetch that said something: when it was received, and its bytes.
pub type Moment = (DateTime<Utc>, PayloadHash);

/// What identity needs of a feed's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// League.
    pub league: League,
    /// Who plays; none while a team is not known.
    pub pairing: Option<Pairing>,
    /// Scheduled start.
    pub starts_at: Option<DateTime<Utc>>,
    /// The slate day as announced, where no start is.
    pub slate_date: Option<NaiveDate>,
    /// 1, or 2 for the second game of a doubleheader.
    pub game_number: u8,
}

impl Facts {
    /// A feed's words, as the store keeps them.
    pub fn of(game: &FeedGame) -> Self {
        let whole = |at: DateTime<Utc>| {
            DateTime::from_timestamp_micros(at.timestamp_micros()).unwrap_or(at)
        };
        Self {
            league: game.league,
            pairing: Pairing::of(game),
            starts_at: game.starts_at.map(whole),
            slate_date: game.slate_date,
            game_number: game.game_number,
        }
    }

    /// The slate it belongs to: that of its start, else as announced.
    pub fn slate(&self) -> Option<NaiveDate> {
        self.starts_at.map(slate_date).or(self.slate_date)
    }

    /// These facts after `later` was said. What it leaves out stands; a number only grows, because a slate that lists
    /// one game of a doubleheader cannot tell which it is.
    fn then(&self, later: &Self) -> Self {
        Self {
            league: later.league,
            pairing: later.pairing.clone().or_else(|| self.pairing.clone()),
            starts_at: later.starts_at.or(self.starts_at),
            slate_date: later.slate_date.or(self.slate_date),
            game_number: later.game_number.max(self.game_number),
        }
    }
}

/// Every change of a feed's words on one game, in the order they were observed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FactLog {
    said: Vec<(Moment, Facts)>,
    /// The newest fetch that named the game, whether or not it said anything new.
    newest: Option<Moment>,
}

impl FactLog {
    /// Hear a feed; returns what is worth keeping. A repetition is not, nor is what was kept before.
    pub fn hear(&mut self, at: Moment, facts: Facts) -> Vec<(Moment, Facts)> {
        let place = self.said.partition_point(|(when, _)| *when <= at);
        let before = self.as_of(at);
        let newest = self.newest;
        self.newest = newest.max(Some(at));
        let adds = before.as_ref().is_none_or(|b| b.then(&facts) != *b);
        let had = place
            .checked_sub(1)
            .and_then(|n| self.said.get(n))
            .is_some_and(|(when, _)| *when == at);
        if !adds || had {
            return Vec::new();
        }
        let mut kept = vec![(at, facts)];
        // It came late, and repetitions of what it interrupts were not kept: the newest of them has the last word.
        if place == self.said.len()
            && let (Some(before), Some(newest)) = (before, newest.filter(|n| *n > at))
        {
            kept.push((newest, before));
        }
        self.said.splice(place..place, kept.iter().cloned());
        kept
    }

    /// Take what the store has kept.
    pub fn load(&mut self, at: Moment, facts: Facts) {
        let place = self.said.partition_point(|(when, _)| *when < at);
        if self.said.get(place).is_none_or(|(when, _)| *when != at) {
            self.said.insert(place, (at, facts));
        }
        self.seen(at);
    }

    /// Note the newest fetch that named the game.
    pub fn seen(&mut self, at: Moment) {
        self.newest = self.newest.max(Some(at));
    }

    /// When the game was first named.
    pub fn first(&self) -> Option<Moment> {
        self.said.first().map(|(at, _)| *at)
    }

    /// Every moment at which something changed.
    pub fn moments(&self) -> impl Iterator<Item = Moment> + '_ {
        self.said.iter().map(|(at, _)| *at)
    }

    /// Everything that was said.
    pub fn facts(&self) -> impl Iterator<Item = &Facts> {
        self.said.iter().map(|(_, facts)| facts)
    }

    /// What was known at `moment`, it included.
    pub fn as_of(&self, moment: Moment) -> Option<Facts> {
        let said = self.said.iter().take_while(|(at, _)| *at <= moment);
        said.map(|(_, facts)| facts)
            .fold(None, |known: Option<Facts>, facts| {
                Some(known.map_or_else(|| facts.clone(), |known| known.then(facts)))
            })
    }

    /// What is known.
    pub fn latest(&self) -> Option<Facts> {
        self.as_of(self.said.last()?.0)
    }
}
