//! The latest moves, as the tape shows them.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::analytics::movement::drift;
use crate::domain::book::BookSlug;
use crate::domain::clean::clean;
use crate::domain::game::GameId;
use crate::domain::market::{Market, Phase, Side};
use crate::domain::series::{Price, SeriesKey};
use crate::domain::source::Source;
use crate::engine::reference::Reference;
use crate::engine::snapshot::{GameView, Point, TAPE_LENGTH, TapeEntry};

/// A change of a series: who quoted what, after what.
#[derive(Debug)]
pub(super) struct Move<'a> {
    /// Series.
    pub(super) key: &'a SeriesKey,
    /// Canonical book, when known.
    pub(super) book: Option<BookSlug>,
    /// The new price and when it began.
    pub(super) after: Point,
    /// The price before; none for a first price.
    pub(super) before: Option<Price>,
}

/// Moves, newest first, at most [`TAPE_LENGTH`].
#[derive(Debug, Default)]
pub(super) struct Moves {
    entries: VecDeque<(SeriesKey, TapeEntry)>,
    serial: u64,
    changed: bool,
}

impl Moves {
    /// Forget all.
    pub(super) fn clear(&mut self) {
        self.entries.clear();
        self.changed = true;
    }

    /// Put a move on top.
    pub(super) fn push(&mut self, game: &GameView, latest: Move<'_>, reference: &Reference) {
        let key = latest.key.clone();
        let entry = entry(game, latest, self.serial, reference);
        self.serial += 1;
        self.entries.push_front((key, entry));
        self.entries.truncate(TAPE_LENGTH);
        self.changed = true;
    }

    /// Hold a game's moves against its whole history: a move that was taken back goes, one whose phase or predecessor
    /// turned out to be another is said anew.
    pub(super) fn reconcile(&mut self, game: &GameView, reference: &Reference) {
        self.entries.retain_mut(|(key, shown)| {
            if key.game_id != game.id {
                return true;
            }
            let Some((key_now, before)) = place(game, key, shown) else {
                return false;
            };
            let latest = Move {
                key: &key_now,
                book: shown.book.clone(),
                after: Point {
                    at: shown.at,
                    price: shown.after,
                },
                before,
            };
            *shown = entry(game, latest, shown.serial, reference);
            *key = key_now;
            true
        });
        self.changed = true;
    }

    /// Take what came under a feed's game to the game it is now.
    pub(super) fn carry(
        &mut self,
        source: Source,
        from: GameId,
        to: GameId,
        title: Option<&Arc<str>>,
    ) {
        for (key, entry) in &mut self.entries {
            if key.game_id == from && key.stream.source() == source {
                (key.game_id, entry.game_id) = (to, to);
                entry.game = Arc::clone(title.unwrap_or(&entry.game));
            }
        }
        self.changed = true;
    }

    /// A game is called otherwise: its number in a doubleheader was told.
    pub(super) fn retitle(&mut self, game: GameId, title: &Arc<str>) {
        for (key, entry) in &mut self.entries {
            if key.game_id == game {
                entry.game = Arc::clone(title);
                self.changed = true;
            }
        }
    }

    /// The moves, if they are others than at the last call.
    pub(super) fn take_changed(&mut self) -> Option<Arc<Vec<TapeEntry>>> {
        std::mem::take(&mut self.changed).then(|| {
            Arc::new(
                self.entries
                    .iter()
                    .map(|(_, entry)| entry.clone())
                    .collect(),
            )
        })
    }
}

/// Where a shown move stands in the game's history, and the price before it. Its series may have got the other phase,
/// because the start moved across it.
fn place(
    game: &GameView,
    key: &SeriesKey,
    shown: &TapeEntry,
) -> Option<(SeriesKey, Option<Price>)> {
    let other = match key.phase {
        Phase::Pregame => Phase::Live,
        Phase::Live => Phase::Pregame,
    };
    [key.phase, other].into_iter().find_map(|phase| {
        let key = SeriesKey {
            phase,
            ..key.clone()
        };
        let index = game.series.binary_search_by(|s| s.key.cmp(&key)).ok()?;
        let mut points = game.series.get(index)?.points.iter().rev();
        points.find(|p| p.at == shown.at && p.price == shown.after)?;
        Some((key, points.next().map(|p| p.price)))
    })
}

/// A move as the tape shows it.
fn entry(game: &GameView, latest: Move<'_>, serial: u64, reference: &Reference) -> TapeEntry {
    let Move {
        key,
        book,
        after,
        before,
    } = latest;
    TapeEntry {
        serial,
        at: after.at,
        game_id: key.game_id,
        game: game.title(),
        label: reference
            .label(key.stream.source(), &key.source_book_id)
            .into(),
        book,
        selection: selection(game, key, reference),
        market: key.market.clone(),
        period: key.period,
        phase: key.phase,
        side: key.side,
        stream: key.stream,
        drift: before.and_then(|before| drift(&before, &after.price)),
        before,
        after: after.price,
    }
}

/// What is bet on: a team, a side, or `SEA o` for the over of a team's total.
fn selection(game: &GameView, key: &SeriesKey, reference: &Reference) -> Arc<str> {
    match key.side {
        Side::Home | Side::Away => game.side_name(key.side),
        side if key.participant.is_empty() => game.side_name(side),
        side => {
            let way = side.as_str().get(..1).unwrap_or_default();
            let slug = reference.teams.find(game.league, &key.participant);
            let team = [&game.home, &game.away]
                .into_iter()
                .filter(|_| key.market == Market::TeamTotal)
                .find(|team| slug.is_some_and(|found| Some(&found.slug) == team.slug.as_ref()));
            let whose =
                team.map_or_else(|| clean(&key.participant, 20), |team| team.abbr.to_string());
            format!("{whose} {way}").into()
        }
    }
}
