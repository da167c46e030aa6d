//! The games a filter leaves, in the board's order: worked out once, however many parts of a frame ask for it.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};

use super::gist::View;
use super::sort::Sort;
use crate::domain::game::GameId;
use crate::engine::snapshot::GameView;

/// What an order hangs on.
#[derive(Debug, Clone)]
pub(super) struct Wish {
    pub(super) games: Arc<Vec<Arc<GameView>>>,
    pub(super) filter: String,
    pub(super) sort: Sort,
    pub(super) favourites: BTreeSet<GameId>,
    pub(super) now: DateTime<Utc>,
    pub(super) view: View,
}

impl PartialEq for Wish {
    fn eq(&self, other: &Self) -> bool {
        // The same memory is the same games: it is held as long as it is compared.
        Arc::ptr_eq(&self.games, &other.games)
            && self.now == other.now
            && self.filter == other.filter
            && self.sort == other.sort
            && self.favourites == other.favourites
            && self.view == other.view
    }
}

/// The order wished for last, as indices into the games of the snapshot. Copies share it.
#[derive(Debug, Clone, Default)]
pub(super) struct Order(Arc<Mutex<Last>>);

type Last = Option<(Wish, Arc<[usize]>)>;

impl Order {
    /// The order wished for.
    pub(super) fn of(&self, wish: Wish, work: impl FnOnce() -> Arc<[usize]>) -> Arc<[usize]> {
        let last = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, games)) = last().as_ref()
            && *known == wish
        {
            return Arc::clone(games);
        }
        let games = work();
        *last() = Some((wish, Arc::clone(&games)));
        games
    }
}
