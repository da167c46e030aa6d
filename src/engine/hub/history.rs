//! A game's stored history, taken into the live state.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::{Hub, games};
use crate::domain::book::BookSlug;
use crate::domain::game::GameId;
use crate::domain::series::SeriesKey;
use crate::domain::source::Source;
use crate::domain::splits::{SplitKey, SplitTape};
use crate::engine::snapshot::{GameView, Point, SeriesView, SplitPoint, SplitView};
use crate::store::history::{GameHistory, StoredLine};
use crate::store::splits::StoredSplit;

/// One series as the history has it.
#[derive(Debug, Default)]
struct Stored {
    book: Option<BookSlug>,
    points: Vec<Point>,
    opening: Option<Point>,
    declared: bool,
}

impl Stored {
    fn add(&mut self, line: StoredLine) {
        let point = Point {
            at: line.at,
            price: line.price,
        };
        if let Some(opening) = games::opening(&line.key, point)
            && (self.opening.is_none() || (line.opener && !self.declared))
        {
            self.opening = Some(opening);
            self.declared = line.opener;
        }
        self.book = self.book.take().or(line.book);
        self.points.push(point);
    }
}

/// The stored counts take their places before those that came since.
fn load_splits(
    game: &mut GameView,
    stored: impl Iterator<Item = StoredSplit>,
    tape: &mut SplitTape,
) {
    let mut found: BTreeMap<SplitKey, Vec<SplitPoint>> = BTreeMap::new();
    for StoredSplit { key, value, at } in stored {
        found.entry(key).or_default().push(SplitPoint { at, value });
    }
    if found.is_empty() {
        return;
    }
    let splits = Arc::make_mut(&mut game.splits);
    for (key, points) in found {
        let Some(last) = points.last().copied() else {
            continue;
        };
        match splits.binary_search_by(|split| split.key.cmp(&key)) {
            Ok(index) => {
                if let Some(split) = splits.get_mut(index) {
                    // Another hand wrote it: the next count is held against this one.
                    if split.at < last.at {
                        tape.load(key, last.value, last.at);
                    }
                    split.load(points);
                }
            }
            Err(index) => {
                tape.load(key.clone(), last.value, last.at);
                let mut split = SplitView::new(key, last.value, last.at);
                split.load(points);
                splits.insert(index, split);
            }
        }
    }
}

impl Hub {
    /// A game's whole stored history takes the place of what memory holds of it. Only what was received later stays
    /// besides: it is still on its way to the store. A series that the store no longer has, as after a start that
    /// moved, goes.
    pub fn load_history(&mut self, game_id: GameId, history: GameHistory) {
        // Of a feed whose game is another by now, or was when this was read, the store has nothing to say yet.
        let settled_feeds: HashSet<Source> = history
            .sources
            .iter()
            .filter(|(source, id)| {
                let now = self.identity.get(*source, id);
                now.is_none_or(|now| now == game_id)
            })
            .map(|(source, _)| *source)
            .collect();
        let is_settled = |key: &SeriesKey| settled_feeds.contains(&key.stream.source());
        let Some(game) = self.games.get_mut(&game_id) else {
            return;
        };
        let game = Arc::make_mut(game);
        let mut stored: HashMap<SeriesKey, Stored> = HashMap::new();
        let received_until: HashMap<_, _> = history.received_until.into_iter().collect();
        let seen: HashMap<_, _> = history.seen.into_iter().collect();
        for line in history.lines.into_iter().filter(|l| is_settled(&l.key)) {
            stored.entry(line.key.clone()).or_default().add(line);
        }
        let late = self.late.of_game(game_id);
        let on_its_way = |series: &SeriesView| {
            let until = received_until.get(&series.key.stream);
            let received = self.tape.tail(&series.key).map(|t| t.origin.observed_at);
            !is_settled(&series.key)
                || late.contains_key(&series.key)
                || received.is_some_and(|at| until.is_none_or(|until| at > *until))
        };
        let (fresh, settled): (Vec<_>, Vec<_>) = std::mem::take(&mut game.series)
            .into_iter()
            .partition(|series| on_its_way(series));
        let by_key = |all: Vec<Arc<SeriesView>>| -> HashMap<SeriesKey, Arc<SeriesView>> {
            all.into_iter().map(|s| (s.key.clone(), s)).collect()
        };
        let (mut fresh, mut settled) = (by_key(fresh), by_key(settled));
        for (key, mut found) in stored {
            let is_fresh = fresh.remove(&key);
            let had = is_fresh.clone().or_else(|| settled.remove(&key));
            if let Some(series) = &is_fresh {
                let newest = found.points.last().map(|p| p.at);
                let later = series.points.iter().filter(|p| Some(p.at) > newest);
                found.points.extend(later);
                found.opening = found.opening.or(series.opening);
            }
            if found.declared {
                self.declared.insert(key.clone());
            }
            let Stored {
                book,
                points,
                opening,
                ..
            } = found;
            let view = games::series_from_points(key, book, points, opening, &self.reference);
            let Some(mut view) = view else { continue };
            let stored_seen = seen.get(&view.key).copied();
            // A confirmation after the newest stored payload is still on its way, too.
            let until = received_until.get(&view.key.stream);
            let confirmed = had
                .map(|had| had.seen_at)
                .filter(|at| until.is_none_or(|until| at > until));
            view.seen_at = stored_seen
                .max(confirmed)
                .max(late.get(&view.key).copied())
                .unwrap_or(view.seen_at)
                .max(view.changed_at);
            if is_fresh.is_none() {
                self.tape.load(view.key.clone(), games::tail_of(&view));
            }
            game.series.push(Arc::new(view));
        }
        for key in settled.keys() {
            self.tape.remove(key);
            self.declared.remove(key);
        }
        let of_settled = |split: &StoredSplit| settled_feeds.contains(&split.key.stream.source());
        let stored_splits = history.splits.into_iter().filter(of_settled);
        load_splits(game, stored_splits, &mut self.splits);
        game.series.extend(fresh.into_values());
        game.series.sort_by(|a, b| a.key.cmp(&b.key));
        game.history_loaded = true;
        self.moves.reconcile(game, &self.reference);
    }

    /// Games whose whole stored history was loaded.
    pub fn charted(&self) -> BTreeSet<GameId> {
        let loaded = self.games.iter().filter(|(_, game)| game.history_loaded);
        loaded.map(|(id, _)| *id).collect()
    }

    /// A game's stored rows were rewritten: its history counts as not loaded until someone loads it again.
    pub fn doubt_history(&mut self, game_id: GameId) {
        if let Some(game) = self.games.get_mut(&game_id) {
            Arc::make_mut(game).history_loaded = false;
        }
    }
}
