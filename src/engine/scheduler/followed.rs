//! The games a source named: which of them await a result, and which start soon.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::feed::FeedGame;
use crate::domain::league::League;
use crate::domain::status::GameStatus;

/// Results are looked for this long after a start; what has none by then was not played.
pub(super) const AWAITED: TimeDelta = TimeDelta::hours(12);
/// No game is over sooner.
const SHORTEST: TimeDelta = TimeDelta::minutes(105);
/// A game that started longer ago is taken to be over.
const LONGEST: TimeDelta = TimeDelta::hours(6);
/// Games asked for in one question: their ids stand in its URL.
const MOST_IDS: usize = 50;

#[derive(Debug)]
struct Game {
    league: League,
    starts_at: Option<DateTime<Utc>>,
    over: bool,
    /// When it was last asked for by itself.
    asked_at: Option<DateTime<Utc>>,
}

/// Games of a league without a result.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Awaited {
    /// The feed's ids, in their order.
    pub(super) ids: Vec<Arc<str>>,
    /// Whether one of them may be over by now.
    pub(super) maybe_over: bool,
}

/// The games a source named.
#[derive(Debug, Default)]
pub(super) struct Followed(HashMap<Arc<str>, Game>);

impl Followed {
    /// Learn from an answer.
    pub(super) fn note(&mut self, games: &[FeedGame]) {
        for game in games {
            let over = game.status.is_some_and(|status| {
                matches!(
                    status,
                    GameStatus::Final | GameStatus::Postponed | GameStatus::Cancelled
                )
            });
            self.learn(&game.source_game_id, game.league, game.starts_at, over);
        }
    }

    /// Learn of one game, here or from what an earlier run stored.
    pub(super) fn learn(
        &mut self,
        id: &Arc<str>,
        league: League,
        starts_at: Option<DateTime<Utc>>,
        over: bool,
    ) {
        let game = self.0.entry(Arc::clone(id)).or_insert(Game {
            league,
            starts_at,
            over,
            asked_at: None,
        });
        game.starts_at = starts_at.or(game.starts_at);
        game.over |= over;
    }

    /// Forget what started so long ago that nothing more is asked of it.
    pub(super) fn forget(&mut self, now: DateTime<Utc>) {
        self.0
            .retain(|_, game| game.starts_at.is_none_or(|start| now - start < AWAITED));
    }

    /// The league's starts to come, in order.
    pub(super) fn starts(&self, league: League, now: DateTime<Utc>) -> Vec<DateTime<Utc>> {
        let games = self
            .0
            .values()
            .filter(|game| game.league == league && !game.over);
        let mut starts: Vec<_> = games
            .filter_map(|game| game.starts_at)
            .filter(|start| *start > now)
            .collect();
        starts.sort_unstable();
        starts
    }

    /// Whether a game of the league has started and is not known to be over.
    pub(super) fn is_on(&self, league: League, now: DateTime<Utc>) -> bool {
        self.0.values().any(|game| {
            let since = game.starts_at.map(|start| now - start);
            game.league == league
                && !game.over
                && since.is_some_and(|since| since >= TimeDelta::zero() && since < LONGEST)
        })
    }

    /// The league's games that are on or just over.
    pub(super) fn awaited(&self, league: League, now: DateTime<Utc>) -> Awaited {
        let mut awaited = Awaited::default();
        for (id, game) in &self.0 {
            let since = game.starts_at.map(|start| now - start);
            let fits = since.is_some_and(|since| since >= TimeDelta::zero() && since < AWAITED);
            if game.league == league && !game.over && fits {
                awaited.ids.push(Arc::clone(id));
                awaited.maybe_over |= since.is_some_and(|since| since >= SHORTEST);
            }
        }
        awaited.ids.sort_unstable();
        awaited.ids.truncate(MOST_IDS);
        awaited
    }

    /// Games that start within `before` and were not asked for in the last `every`: those never asked for first, then
    /// by start.
    pub(super) fn soon(
        &self,
        now: DateTime<Utc>,
        before: TimeDelta,
        every: TimeDelta,
    ) -> Vec<(Arc<str>, League)> {
        let fits = |game: &Game| {
            let near = game
                .starts_at
                .is_some_and(|start| start > now && start - now <= before);
            near && game.asked_at.is_none_or(|at| now - at >= every)
        };
        let mut soon: Vec<_> = self.0.iter().filter(|(_, game)| fits(game)).collect();
        soon.sort_by_key(|(id, game)| (game.asked_at, game.starts_at, Arc::clone(id)));
        soon.into_iter()
            .map(|(id, game)| (Arc::clone(id), game.league))
            .collect()
    }

    /// A game is asked for by itself now.
    pub(super) fn asked(&mut self, id: &str, now: DateTime<Utc>) {
        if let Some(game) = self.0.get_mut(id) {
            game.asked_at = Some(now);
        }
    }

    /// Somebody wants a game asked for now.
    pub(super) fn wanted(&mut self, id: &str) {
        if let Some(game) = self.0.get_mut(id) {
            game.asked_at = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes)
    }

    fn followed() -> Followed {
        let mut followed = Followed::default();
        for (id, start) in [("a", 0), ("b", 60), ("c", 300)] {
            followed.learn(&id.into(), League::Mlb, Some(at(start)), false);
        }
        followed
    }

    fn ids(awaited: &Awaited) -> Vec<&str> {
        awaited.ids.iter().map(|id| &**id).collect()
    }

    #[test]
    fn results_are_awaited_from_the_start_until_there_is_one() {
        let mut followed = followed();
        let now = |minutes| followed.awaited(League::Mlb, at(minutes));
        assert_eq!(now(-1), Awaited::default());
        assert_eq!((ids(&now(30)), now(30).maybe_over), (vec!["a"], false));
        assert_eq!(
            (ids(&now(120)), now(120).maybe_over),
            (vec!["a", "b"], true)
        );
        assert_eq!(ids(&now(730)), ["b", "c"], "a was never played");
        assert!(followed.awaited(League::Nfl, at(120)).ids.is_empty());
        followed.learn(&"a".into(), League::Mlb, None, true);
        assert_eq!(ids(&followed.awaited(League::Mlb, at(120))), ["b"]);
        followed.forget(at(770));
        assert_eq!(followed.0.len(), 2);
    }

    #[test]
    fn games_are_asked_for_before_their_start_and_in_turn() {
        let mut followed = followed();
        let hour = TimeDelta::hours(1);
        let soon = |followed: &Followed, minutes| -> Vec<String> {
            let soon = followed.soon(at(minutes), TimeDelta::hours(3), hour);
            soon.iter().map(|(id, _)| id.to_string()).collect()
        };
        assert_eq!(
            soon(&followed, -30),
            ["a", "b"],
            "c is far, and nobody asked"
        );
        followed.asked("a", at(-30));
        assert_eq!(soon(&followed, -20), ["b"]);
        followed.wanted("a");
        assert_eq!(soon(&followed, -20), ["a", "b"]);
        assert_eq!(soon(&followed, 1), ["b"], "a has started");
    }
}
