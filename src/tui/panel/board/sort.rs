//! In which order games stand on the board.

use std::cmp::Reverse;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::State;
use crate::domain::status::GameStatus;
use crate::engine::snapshot::GameView;

/// An order of games.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sort {
    /// By start, as the feeds list them.
    #[default]
    Start,
    /// Moved farthest since the opening first.
    Moved,
    /// Moved farthest in the last hour first.
    Lately,
    /// Changed last first.
    Changed,
    /// Least hold first: where the shops disagree.
    Hold,
    /// By league, then start.
    League,
}

impl Sort {
    /// Every order, as the key goes through them.
    pub const ALL: [Self; 6] = [
        Self::Start,
        Self::Moved,
        Self::Lately,
        Self::Changed,
        Self::Hold,
        Self::League,
    ];

    /// A word or two.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Moved => "move since open",
            Self::Lately => "move in the hour",
            Self::Changed => "last change",
            Self::Hold => "hold",
            Self::League => "league",
        }
    }

    /// The order of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sort| sort.name() == name)
    }

    /// The next order.
    #[must_use]
    pub fn next(self) -> Self {
        let at = Self::ALL.iter().position(|sort| *sort == self).unwrap_or(0);
        let next = Self::ALL.get(at + 1).or(Self::ALL.first());
        next.copied().unwrap_or_default()
    }
}

impl State {
    /// Bring games into the board's order; what is equal stays as it stood. What is over goes below what can move.
    pub(super) fn sort(&self, games: &mut [(usize, &Arc<GameView>)], now: DateTime<Utc>) {
        let over = |game: &GameView| {
            matches!(
                game.status,
                GameStatus::Final | GameStatus::Cancelled | GameStatus::Postponed
            )
        };
        // Thousandths, so that the key has an order.
        let whole = |number: Option<f64>| number.map(|n| (n * 1_000.0) as i64);
        let size = |drift: Option<crate::engine::board::Drift>| whole(drift.map(|d| d.size()));
        match self.sort {
            Sort::Start => {}
            Sort::Moved => games.sort_by_cached_key(|(_, game)| {
                (
                    over(game),
                    Reverse(size(self.gists.reading(self, game, now).since_open)),
                )
            }),
            Sort::Lately => games.sort_by_cached_key(|(_, game)| {
                (
                    over(game),
                    Reverse(size(self.gists.reading(self, game, now).lately)),
                )
            }),
            Sort::Changed => games.sort_by_key(|(_, game)| Reverse(game.changed_at)),
            Sort::Hold => games.sort_by_cached_key(|(_, game)| {
                let hold = whole(self.gists.reading(self, game, now).hold);
                (over(game), hold.is_none(), hold)
            }),
            Sort::League => games.sort_by_key(|(_, game)| game.league.as_str()),
        }
        if !self.favourites.is_empty() {
            games.sort_by_key(|(_, game)| !self.favourites.contains(&game.id));
        }
    }
}
