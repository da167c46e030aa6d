//! Games that are joined or split: what memory holds of them follows.

use std::sync::Arc;

use super::Hub;
use crate::domain::game::GameId;
use crate::domain::identity::{IdentityRows, Move};
use crate::domain::series::SeriesKey;
use crate::domain::splits::SplitKey;
use crate::engine::snapshot::{GameView, SeriesView, SplitView};

impl Hub {
    /// What the store has kept of some games' identity, after another hand joined or split them.
    pub fn learn_identity(&mut self, rows: IdentityRows) {
        self.identity.load(rows);
        self.regroup();
    }

    /// Carry out what the feeds' words make of the games.
    pub(super) fn regroup(&mut self) {
        let moves = self.identity.regroup();
        let into_another = |a: &Move| {
            let mut others = moves.iter();
            others.any(|b| a.key != b.key && a.key.source == b.key.source && a.to == b.from)
        };
        if moves.iter().any(into_another) {
            // By way of the id each has alone, so that two games of one feed never meet under one id.
            for moved in &moves {
                let to = moved.key.own_id();
                self.follow(&Move {
                    to,
                    ..moved.clone()
                });
            }
            for moved in &moves {
                let from = moved.key.own_id();
                self.follow(&Move {
                    from,
                    ..moved.clone()
                });
            }
            return;
        }
        for moved in moves {
            self.follow(&moved);
        }
    }

    /// Take everything that came under a feed's game to the game it is now.
    fn follow(&mut self, moved: &Move) {
        let Move { key, from, to, .. } = moved;
        let (source, from, to) = (key.source, *from, *to);
        if from == to {
            return;
        }
        self.tape.carry(source, from, to);
        self.late.carry(source, from, to);
        self.splits.carry(source, from, to);
        let declared = std::mem::take(&mut self.declared);
        let carried = |key: SeriesKey| match key.game_id {
            id if id == from && key.stream.source() == source => SeriesKey { game_id: to, ..key },
            _ => key,
        };
        self.declared = declared.into_iter().map(carried).collect();
        self.carry_view(moved);
        let game = self.games.get(&to).map(|g| g.title());
        self.moves.carry(source, from, to, game.as_ref());
        if let Some(left) = self.games.get(&from).map(|g| g.title()) {
            self.moves.retitle(from, &left);
        }
        self.stand(from);
        self.stand(to);
        let redirects = Arc::make_mut(&mut self.redirects);
        redirects.remove(&to);
        if !self.games.contains_key(&from) {
            redirects.insert(from, to);
            for target in redirects.values_mut().filter(|id| **id == from) {
                *target = to;
            }
        }
    }

    /// Take the feed's part of a game's view to another view, which is made when there is none.
    fn carry_view(&mut self, moved: &Move) {
        let Move { key, from, to, .. } = moved;
        let Some(mut left) = self.games.remove(from) else {
            return;
        };
        let game = Arc::make_mut(&mut left);
        let (series, kept): (Vec<_>, Vec<_>) = std::mem::take(&mut game.series)
            .into_iter()
            .partition(|s| s.key.stream.source() == key.source);
        let (splits, kept_splits): (Vec<_>, Vec<_>) = game
            .splits
            .iter()
            .cloned()
            .partition(|s| s.key.stream.source() == key.source);
        (game.series, game.splits) = (kept, Arc::new(kept_splits));
        let link = (key.source, Arc::clone(&key.id));
        game.sources.retain(|had| *had != link);
        let series = series.into_iter().map(|s| rekeyed(s, *to)).collect();
        let splits = splits.into_iter().map(|s| SplitView {
            key: SplitKey {
                game_id: *to,
                ..s.key
            },
            ..s
        });
        let start = self.identity.starts_at(*to);
        let number = self.identity.game_number(*to);
        let view = self.games.entry(*to).or_insert_with(|| {
            Arc::new(GameView {
                id: *to,
                sources: Vec::new(),
                series: Vec::new(),
                splits: Arc::default(),
                ..game.clone()
            })
        });
        let view = Arc::make_mut(view);
        view.sources.push(link);
        view.sources.sort();
        view.sources.dedup();
        view.series = merged(std::mem::take(&mut view.series), series);
        let splits = Arc::make_mut(&mut view.splits).drain(..).chain(splits);
        let mut splits: Vec<SplitView> = splits.collect();
        splits.sort_by(|a, b| a.key.cmp(&b.key));
        view.splits = Arc::new(splits);
        view.starts_at = start.or(view.starts_at);
        view.game_number = number.unwrap_or(view.game_number);
        view.slate = view
            .starts_at
            .map_or(view.slate, crate::domain::time::slate_date);
        view.changed_at = view.changed_at.max(game.changed_at);
        view.seen_at = view.seen_at.max(game.seen_at);
        view.history_loaded &= game.history_loaded;
        if !game.sources.is_empty() {
            let start = self.identity.starts_at(*from);
            let number = self.identity.game_number(*from);
            let game = Arc::make_mut(&mut left);
            game.game_number = number.unwrap_or(game.game_number);
            game.starts_at = start.or(game.starts_at);
            game.changed_at = game.series.iter().map(|s| s.changed_at).max();
            game.seen_at = game.series.iter().map(|s| s.seen_at).max();
            self.games.insert(*from, left);
        }
    }
}

fn rekeyed(series: Arc<SeriesView>, to: GameId) -> Arc<SeriesView> {
    let mut series = series;
    Arc::make_mut(&mut series).key.game_id = to;
    series
}

fn merged(had: Vec<Arc<SeriesView>>, came: Vec<Arc<SeriesView>>) -> Vec<Arc<SeriesView>> {
    let mut all = had;
    all.extend(came);
    all.sort_by(|a, b| a.key.cmp(&b.key));
    all
}
