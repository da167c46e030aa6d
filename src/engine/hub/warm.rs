//! What the store knows, given to the hub at the start.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::Hub;
use super::games::{self, Standing, place_split};
use super::moves::Move;
use crate::domain::identity::{Identity, IdentityRows};
use crate::domain::splits::{SplitKey, SplitObservation, SplitValue};
use crate::domain::tape::Tail;
use crate::engine::snapshot::Point;
use crate::store::games::{StoredGame, StoredStanding};
use crate::store::history::{StoredMove, StoredSeries};
use crate::store::metrics::Totals;
use crate::store::writer::StoredExtraction;

/// Everything the store knows that the screen starts with.
#[derive(Debug, Default)]
pub struct Warmth {
    /// Games in view.
    pub games: Vec<StoredGame>,
    /// How they stand by each feed.
    pub standings: Vec<StoredStanding>,
    /// Their current rows.
    pub series: Vec<StoredSeries>,
    /// Their latest splits.
    pub splits: Vec<(SplitKey, SplitValue, DateTime<Utc>)>,
    /// Latest moves, newest first.
    pub moves: Vec<StoredMove>,
    /// Extraction log, newest first.
    pub extractions: Vec<StoredExtraction>,
    /// Which game is which: of those in view, and of all to come.
    pub identity: IdentityRows,
    /// Totals.
    pub totals: Totals,
}

impl Hub {
    /// Start over from what the store holds; payloads still in the spool are applied after this.
    pub fn warm(&mut self, warmth: Warmth) {
        self.identity = Identity::default();
        self.tape.clear();
        self.late.clear();
        self.splits.clear();
        self.declared.clear();
        self.games.clear();
        self.standings.clear();
        self.moves.clear();
        self.extractions.clear();
        self.redirects = Arc::default();
        // The store has settled what is in it, so nothing moves.
        self.identity.load(warmth.identity);
        self.identity.regroup();
        // What was counted so far is still in the spool, and counted again when its tail is applied.
        for said in warmth.standings {
            let standing = Standing {
                at: Some(said.at),
                status: said.status,
                home: said.score.0,
                away: said.score.1,
            };
            self.standings.insert(said.key, standing);
        }
        for stored in warmth.games {
            let view = games::stored_game(&stored, &self.reference);
            self.games.insert(stored.known.game_id, Arc::new(view));
        }
        for series in warmth.series {
            let Some(game) = self.games.get_mut(&series.key.game_id) else {
                continue;
            };
            let tail = Tail {
                price: series.price,
                changed_at: series.at,
                last_seen_at: series.last_seen_at,
                origin: games::unknown_origin(series.at),
                series_id: None,
            };
            self.tape.load(series.key.clone(), tail);
            if series.declared {
                self.declared.insert(series.key.clone());
            }
            let game = Arc::make_mut(game);
            game.changed_at = game.changed_at.max(Some(series.at));
            game.seen_at = game.seen_at.max(Some(series.last_seen_at));
            let view = Arc::new(games::stored_series(series, &self.reference));
            if let Err(index) = game.series.binary_search_by(|s| s.key.cmp(&view.key)) {
                game.series.insert(index, view);
            }
        }
        for (key, value, at) in warmth.splits {
            self.splits.load(key.clone(), value, at);
            if let Some(game) = self.games.get_mut(&key.game_id) {
                place_split(game, SplitObservation { key, at, value });
            }
        }
        for stored in warmth.moves.into_iter().rev() {
            let Some(game) = self.games.get(&stored.line.key.game_id) else {
                continue;
            };
            let point = Point {
                at: stored.line.at,
                price: stored.line.price,
            };
            let latest = Move {
                key: &stored.line.key,
                book: stored.line.book,
                after: point,
                before: stored.before,
            };
            self.moves.push(game, latest, &self.reference);
        }
        for row in warmth.extractions {
            let view = self.extraction(row);
            self.extractions.insert((view.game_id, view.stream), view);
        }
        self.set_totals(warmth.totals);
    }
}
