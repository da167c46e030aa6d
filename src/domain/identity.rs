//! Which game is which across feeds.
//!
//! Two feeds mean one game when league, both canonical teams and game number agree and the starts lie within a
//! tolerance. Never a guess: a game with an unknown team stays on its own.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::feed::FeedGame;
use super::game::GameId;
use super::league::League;
use super::source::Source;
use super::team::TeamSlug;

/// Starts of one game differ by minutes between feeds; games of a doubleheader lie three hours apart.
pub const START_TOLERANCE: TimeDelta = TimeDelta::minutes(90);

/// What identity knows of a game.
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

/// Every game known so far and the feeds' ids of it.
#[derive(Debug, Clone, Default)]
pub struct Identity {
    by_source: HashMap<(Source, Arc<str>), GameId>,
    games: HashMap<GameId, KnownGame>,
    by_teams: HashMap<(League, TeamSlug, TeamSlug), Vec<GameId>>,
}

impl Identity {
    /// The id a feed's game already has.
    pub fn get(&self, source: Source, source_game_id: &str) -> Option<GameId> {
        self.by_source
            .get(&(source, Arc::from(source_game_id)))
            .copied()
    }

    /// What is known of a game.
    pub fn game(&self, id: GameId) -> Option<&KnownGame> {
        self.games.get(&id)
    }

    /// Record a mapping read from the store.
    pub fn remember(&mut self, source: Source, source_game_id: Arc<str>, game: KnownGame) {
        self.by_source
            .insert((source, source_game_id), game.game_id);
        self.note(game);
    }

    /// A game's start as the store derived it from every feed's facts.
    pub fn set_start(&mut self, id: GameId, starts_at: Option<DateTime<Utc>>) {
        if let Some(game) = self.games.get_mut(&id) {
            game.starts_at = starts_at;
        }
    }

    /// The id of a feed's game: the one it has, one of a game another feed named first, or a new one.
    pub fn resolve(&mut self, game: &FeedGame) -> GameId {
        let key = (game.source, Arc::clone(&game.source_game_id));
        let game_id = self
            .by_source
            .get(&key)
            .copied()
            .or_else(|| self.same_game(game))
            .unwrap_or_else(|| GameId::mint(game.source, &game.source_game_id));
        self.by_source.insert(key, game_id);
        let known = KnownGame {
            game_id,
            league: game.league,
            teams: game.home_team.clone().zip(game.away_team.clone()),
            starts_at: game.starts_at,
            game_number: game.game_number,
        };
        // The first feed's facts stand; a later feed only fills what is missing.
        if let Some(mut had) = self.games.get(&game_id).cloned() {
            if game_id == GameId::mint(game.source, &game.source_game_id) {
                had = known;
            } else {
                had.teams = had.teams.or(known.teams);
                had.starts_at = had.starts_at.or(known.starts_at);
            }
            self.note(had);
        } else {
            self.note(known);
        }
        game_id
    }

    fn same_game(&self, game: &FeedGame) -> Option<GameId> {
        let (home, away) = (game.home_team.clone()?, game.away_team.clone()?);
        let starts_at = game.starts_at?;
        let candidates = self.by_teams.get(&(game.league, home, away))?;
        let near = candidates
            .iter()
            .filter(|id| !self.named_by(game.source, **id))
            .filter_map(|id| {
                let apart = (self.games.get(id)?.starts_at? - starts_at).abs();
                (apart <= START_TOLERANCE).then_some((apart, *id))
            })
            .min();
        near.map(|(_, id)| id)
    }

    /// Whether `source` already has a game under this id: one feed never names one game twice.
    fn named_by(&self, source: Source, id: GameId) -> bool {
        self.by_source
            .iter()
            .any(|((s, _), known)| *s == source && *known == id)
    }

    fn note(&mut self, game: KnownGame) {
        if let Some((home, away)) = &game.teams {
            let slot = self
                .by_teams
                .entry((game.league, home.clone(), away.clone()))
                .or_default();
            if !slot.contains(&game.game_id) {
                slot.push(game.game_id);
            }
        }
        self.games.insert(game.game_id, game);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn game(source: Source, id: &str, starts_at: &str) -> FeedGame {
        FeedGame {
            source,
            source_game_id: id.into(),
            league: League::Mlb,
            game_number: 1,
            home: "Baltimore Orioles".into(),
            away: "Miami Marlins".into(),
            home_team: Some(TeamSlug::new("mlb:orioles")),
            away_team: Some(TeamSlug::new("mlb:marlins")),
            starts_at: Some(starts_at.parse().unwrap()),
            status: None,
            home_score: None,
            away_score: None,
        }
    }

    #[test]
    fn joins_feeds_by_teams_and_start() {
        let mut identity = Identity::default();
        let first = identity.resolve(&game(Source::ActionNetwork, "1", "2025-07-12T23:05:00Z"));
        let other = identity.resolve(&game(Source::OddsApi, "abc", "2025-07-12T23:06:00Z"));
        assert_eq!(first, other);
        assert_eq!(first, GameId::mint(Source::ActionNetwork, "1"));
    }

    #[test]
    fn keeps_the_games_of_a_doubleheader_apart() {
        let mut identity = Identity::default();
        let one = identity.resolve(&game(Source::ActionNetwork, "1", "2025-07-12T17:05:00Z"));
        let two = identity.resolve(&game(Source::ActionNetwork, "2", "2025-07-12T20:35:00Z"));
        assert_ne!(one, two);
        let late = identity.resolve(&game(Source::OddsApi, "b", "2025-07-12T20:40:00Z"));
        let early = identity.resolve(&game(Source::OddsApi, "a", "2025-07-12T17:05:00Z"));
        assert_eq!((early, late), (one, two));
    }

    #[test]
    fn never_joins_two_games_of_one_feed() {
        let mut identity = Identity::default();
        let one = identity.resolve(&game(Source::OddsApi, "a", "2025-07-12T17:05:00Z"));
        let two = identity.resolve(&game(Source::OddsApi, "b", "2025-07-12T17:35:00Z"));
        assert_ne!(one, two);
    }

    #[test]
    fn an_unknown_team_stays_alone() {
        let mut identity = Identity::default();
        let one = identity.resolve(&game(Source::ActionNetwork, "1", "2025-07-12T23:05:00Z"));
        let mut unknown = game(Source::OddsApi, "abc", "2025-07-12T23:05:00Z");
        unknown.away_team = None;
        assert_ne!(one, identity.resolve(&unknown));
    }
}
