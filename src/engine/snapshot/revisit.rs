//! Going through the past moment by moment: a game in which nothing happened between two of them is the same game, the
//! very same in memory, so that neither it nor what was worked out of it is made again.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::{GameView, Snapshot};
use crate::domain::game::GameId;

/// The games as they were at the moment asked for last.
#[derive(Debug, Clone, Default)]
pub struct Revisit {
    games: HashMap<GameId, Stretch>,
}

/// A game over a stretch of time in which nothing of it changed.
#[derive(Debug, Clone)]
struct Stretch {
    /// The newest game, which it was made of.
    newest: Arc<GameView>,
    /// When it became so.
    from: DateTime<Utc>,
    /// When it ceased to be so.
    until: DateTime<Utc>,
    shown: Arc<GameView>,
}

impl Revisit {
    /// As [`Snapshot::at`]. A price confirmed later counts as confirmed until something of its game changes, so that it has
    /// no age within the stretch.
    pub fn at(&mut self, live: &Snapshot, at: DateTime<Utc>) -> Snapshot {
        if self.games.len() > live.games.len() {
            let there: HashSet<GameId> = live.games.iter().map(|game| game.id).collect();
            self.games.retain(|id, _| there.contains(id));
        }
        live.with_games_at(at, |game| self.game(game, at))
    }

    fn game(&mut self, game: &Arc<GameView>, at: DateTime<Utc>) -> Arc<GameView> {
        let known = self.games.get(&game.id).filter(|stretch| {
            Arc::ptr_eq(&stretch.newest, game) && (stretch.from..stretch.until).contains(&at)
        });
        if let Some(stretch) = known {
            return Arc::clone(&stretch.shown);
        }
        let (from, until) = game.stretch(at);
        let stretch = Stretch {
            newest: Arc::clone(game),
            from,
            until,
            shown: Arc::new(game.as_of(at, until)),
        };
        let shown = Arc::clone(&stretch.shown);
        self.games.insert(game.id, stretch);
        shown
    }
}

impl GameView {
    /// The stretch of time around `at` in which nothing of it changed: its beginning, and the moment after its end.
    fn stretch(&self, at: DateTime<Utc>) -> (DateTime<Utc>, DateTime<Utc>) {
        let (mut from, mut until) = (DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC);
        let mut edge = |moment: DateTime<Utc>| {
            if moment <= at {
                from = from.max(moment);
            } else {
                until = until.min(moment);
            }
        };
        self.starts_at.into_iter().for_each(&mut edge);
        for series in &self.series {
            edge(series.seen_at);
            edge(series.changed_at);
            series.opening.iter().for_each(|point| edge(point.at));
            series.points.at(at).iter().for_each(|point| edge(point.at));
            series.points.beside(at).1.into_iter().for_each(&mut edge);
        }
        for split in self.splits.iter() {
            let after = split.points.partition_point(|point| point.at <= at);
            let beside = after.saturating_sub(1)..split.points.len().min(after + 1);
            let beside = split.points.get(beside).unwrap_or_default();
            for point in beside {
                edge(point.at);
            }
        }
        (from, until)
    }
}
