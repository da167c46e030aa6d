//! What was known at an earlier moment, made from what is known now: the histories hold every change, so any instant
//! on them can be shown again.
//!
//! What has no history stays as it is: persistence, cache, sources, backfills, jobs, logs. The [`super::Chronicle`] knows
//! what of it passed in this run, fair prices and earlier looks of the extraction log too. A confirmation is kept for the
//! newest look only, so a price counts as confirmed until the moment asked for wherever it was confirmed later.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::{FairBoard, GameView, Point, SeriesView, Snapshot, SplitView, TAPE_LENGTH, TapeEntry};
use crate::analytics::movement::drift;
use crate::domain::clean::clean;
use crate::domain::market::Phase;
use crate::domain::series::LineSlot;
use crate::domain::status::GameStatus;

impl Snapshot {
    /// The same at `at`: prices, moves, splits, signals and extractions of then. A snapshot of the future is
    /// the one of now.
    #[must_use]
    pub fn at(&self, at: DateTime<Utc>) -> Self {
        self.with_games_at(at, |game| Arc::new(game.at(at)))
    }

    /// The same, with games that somebody else brings back to `at`.
    pub(super) fn with_games_at(
        &self,
        at: DateTime<Utc>,
        game: impl FnMut(&Arc<GameView>) -> Arc<GameView>,
    ) -> Self {
        if at >= self.now {
            return self.clone();
        }
        let games: Vec<Arc<GameView>> = self.games.iter().map(game).collect();
        let tape = newest_moves(&games);
        Self {
            now: at,
            games: Arc::new(games),
            tape: Arc::new(tape),
            // Unless the chronicle knows better, the shops' own middle stands in for what the anchors said.
            fair: Arc::new(FairBoard {
                method: self.fair.method,
                ..FairBoard::default()
            }),
            signals: kept(&self.signals, |signal| signal.at <= at),
            extractions: kept(&self.extractions, |row| row.last_extracted_at <= at),
            ..self.clone()
        }
    }

    /// Whether any main line has a history.
    pub fn has_past(&self) -> bool {
        self.main_lines().any(|series| !series.points.is_empty())
    }

    /// The first and the last change of any main line in memory; none where nothing moved yet.
    pub fn span(&self) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        let ends = |series: &Arc<SeriesView>| {
            let first = series.points.first()?.at;
            Some((first, series.points.last()?.at))
        };
        self.main_lines()
            .filter_map(ends)
            .reduce(|(from, to), (first, last)| (from.min(first), to.max(last)))
    }

    /// How many changes of main lines fell into each of `columns` equal parts of `from` to `to`.
    pub fn activity(&self, from: DateTime<Utc>, to: DateTime<Utc>, columns: usize) -> Vec<u32> {
        let mut counts = vec![0_u32; columns];
        let start = from.timestamp_millis();
        let span = (to.timestamp_millis() - start).max(1);
        let newest_first = |series: &Arc<SeriesView>| {
            let points = series.points.iter().rev().map(|p| p.at);
            points
                .skip_while(|moment| *moment > to)
                .take_while(|moment| *moment >= from)
                .map(|moment| moment.timestamp_millis() - start)
                .collect::<Vec<_>>()
        };
        for offset in self.main_lines().flat_map(newest_first) {
            let column = (i128::from(offset) * columns as i128 / i128::from(span)) as usize;
            if let Some(count) = counts.get_mut(column.min(columns.saturating_sub(1))) {
                *count += 1;
            }
        }
        counts
    }

    /// The newest change of a main line before `at`, and the oldest after it.
    pub fn beside(&self, at: DateTime<Utc>) -> (Option<DateTime<Utc>>, Option<DateTime<Utc>>) {
        self.main_lines()
            .fold((None, None), |(before, after), series| {
                let (own_before, own_after) = series.points.beside(at);
                let after = [after, own_after].into_iter().flatten().min();
                (before.max(own_before), after)
            })
    }

    /// Every change from `from` to `to`, oldest first, as the tape shows them.
    pub fn moves_between(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<TapeEntry> {
        let mut moves = Vec::new();
        for game in self.games.iter() {
            for series in &game.series {
                let mut points = series.points.iter().rev().peekable();
                while let Some(point) = points.next() {
                    if (from..=to).contains(&point.at) {
                        moves.push(entry(game, series, *point, points.peek().copied()));
                    }
                }
            }
        }
        moves.sort_by_key(|entry| (entry.at, entry.serial));
        moves
    }

    fn main_lines(&self) -> impl Iterator<Item = &Arc<SeriesView>> {
        self.games
            .iter()
            .flat_map(|game| game.series.iter())
            .filter(|series| series.key.slot == LineSlot::Main)
    }
}

fn kept<T: Clone>(rows: &Arc<Vec<T>>, keep: impl Fn(&T) -> bool) -> Arc<Vec<T>> {
    if rows.iter().all(&keep) {
        return Arc::clone(rows);
    }
    Arc::new(rows.iter().filter(|row| keep(row)).cloned().collect())
}

fn splits_at(splits: &Arc<Vec<SplitView>>, at: DateTime<Utc>) -> Arc<Vec<SplitView>> {
    if splits.iter().all(|split| split.at <= at) {
        return Arc::clone(splits);
    }
    Arc::new(splits.iter().filter_map(|split| split.until(at)).collect())
}

impl GameView {
    /// The game at an earlier moment.
    #[must_use]
    pub fn at(&self, at: DateTime<Utc>) -> Self {
        self.as_of(at, at)
    }

    /// The same; what was confirmed later counts as confirmed at `confirmed`.
    pub(super) fn as_of(&self, at: DateTime<Utc>, confirmed: DateTime<Utc>) -> Self {
        let series: Vec<Arc<SeriesView>> = self
            .series
            .iter()
            .filter_map(|series| series_at(series, at, confirmed))
            .collect();
        let (status, score) = self.standing(at);
        Self {
            status,
            score,
            changed_at: series.iter().map(|s| s.changed_at).max(),
            seen_at: series.iter().map(|s| s.seen_at).max(),
            series,
            splits: splits_at(&self.splits, at),
            ..self.clone()
        }
    }

    /// Where the game stood: before its start it was scheduled, and it was on while prices in play still changed.
    fn standing(&self, at: DateTime<Utc>) -> (GameStatus, Option<(i32, i32)>) {
        let begun = self.starts_at.is_some_and(|start| start <= at);
        let still_moved = || {
            let live = |s: &&Arc<SeriesView>| s.key.phase == Phase::Live;
            self.series
                .iter()
                .filter(live)
                .any(|series| series.changed_at > at)
        };
        match self.status {
            GameStatus::Live | GameStatus::Final | GameStatus::Suspended if !begun => {
                (GameStatus::Scheduled, None)
            }
            GameStatus::Final if still_moved() => (GameStatus::Live, None),
            // The score of a game that is on is the newest one, which was not known then.
            GameStatus::Live => (GameStatus::Live, None),
            status => (status, self.score),
        }
    }
}

fn series_at(
    series: &Arc<SeriesView>,
    at: DateTime<Utc>,
    confirmed: DateTime<Utc>,
) -> Option<Arc<SeriesView>> {
    if series.changed_at <= at && series.seen_at <= at {
        return Some(Arc::clone(series));
    }
    let point = *series.points.at(at)?;
    Some(Arc::new(SeriesView {
        price: point.price,
        changed_at: point.at,
        seen_at: series.seen_at.min(confirmed),
        opening: series.opening.filter(|opening| opening.at <= at),
        points: series.points.until(at),
        ..series.as_ref().clone()
    }))
}

/// The newest changes of all games, newest first, as the tape shows them. A move has the same number whenever it is read.
pub fn newest_moves(games: &[Arc<GameView>]) -> Vec<TapeEntry> {
    // The newest change of every series; below each taken one lies the one before it.
    let ends = games.iter().enumerate().flat_map(|(g, game)| {
        let ends = game.series.iter().enumerate();
        ends.filter_map(move |(s, series)| {
            let newest = series.points.last()?;
            Some((newest.at, Reverse((g, s)), series.points.len() - 1))
        })
    });
    let mut heads: BinaryHeap<_> = ends.collect();
    let mut moves = Vec::with_capacity(TAPE_LENGTH.min(heads.len()));
    while moves.len() < TAPE_LENGTH {
        let Some((_, Reverse((g, s)), index)) = heads.pop() else {
            break;
        };
        let Some(game) = games.get(g) else { continue };
        let Some(series) = game.series.get(s) else {
            continue;
        };
        let before = index
            .checked_sub(1)
            .and_then(|index| Some((index, series.points.get(index)?)));
        if let Some((index, point)) = before {
            heads.push((point.at, Reverse((g, s)), index));
        }
        if let Some(point) = series.points.get(index) {
            moves.push(entry(game, series, *point, before.map(|(_, point)| point)));
        }
    }
    moves
}

fn entry(game: &GameView, series: &SeriesView, after: Point, before: Option<&Point>) -> TapeEntry {
    let key = &series.key;
    // The same move has the same number at every moment it is shown, so that a selection stays on its row.
    let mut hasher = DefaultHasher::new();
    (key, after.at).hash(&mut hasher);
    let mut selection = game.side_name(key.side);
    if !key.participant.is_empty() {
        let way = key.side.as_str().get(..1).unwrap_or_default();
        selection = format!("{} {way}", clean(&key.participant, 20)).into();
    }
    TapeEntry {
        serial: hasher.finish(),
        at: after.at,
        game_id: game.id,
        game: game.title(),
        label: Arc::clone(&series.label),
        book: series.book.clone(),
        selection,
        market: key.market.clone(),
        period: key.period,
        phase: key.phase,
        side: key.side,
        stream: key.stream,
        before: before.map(|point| point.price),
        drift: before.and_then(|before| drift(&before.price, &after.price)),
        after: after.price,
    }
}
