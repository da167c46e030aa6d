//! The games a filter leaves, in the board's order: worked out once, however many parts of a frame ask for it.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::gist::View;
use super::sort::Sort;
use crate::domain::game::GameId;
use crate::engine::snapshot::GameView;
use crate::tui::kept::Kept;

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

/// The order wished for last, as indices into the games of the snapshot.
pub(super) type Order = Kept<Wish, [usize], 1>;
