//! Tick histories that nobody has fetched yet, in this run or an earlier one.

use std::collections::HashSet;
use std::sync::Arc;

use crate::domain::league::League;

/// Tick histories fetched in one cycle: the slate comes first, histories fill up behind it.
const A_CYCLE: usize = 6;

/// Which games' histories are fetched, and which wait.
#[derive(Debug, Default)]
pub(super) struct Histories {
    fetched: HashSet<Arc<str>>,
    wanted: Vec<(Arc<str>, League)>,
    /// Somebody's word on how many the next cycle fetches.
    allowed: Option<usize>,
}

impl Histories {
    /// Fetch this one first, even if it was fetched already.
    pub(super) fn again(&mut self, id: Arc<str>) {
        self.fetched.remove(&id);
        self.wanted.insert(0, (id, League::Other));
    }

    /// Fetch this one when its turn comes, unless it was or will be.
    pub(super) fn want(&mut self, id: Arc<str>, league: League) {
        // Fetched, and on its way to the store.
        let coming = self.fetched.contains(&id) || self.wanted.iter().any(|(had, _)| *had == id);
        if !coming {
            self.wanted.push((id, league));
        }
    }

    /// Let the next cycle fetch at most this many; the usual number when none.
    pub(super) fn allow(&mut self, most: Option<usize>) {
        self.allowed = most;
    }

    /// The ones this cycle fetches.
    pub(super) fn take(&mut self) -> Vec<(Arc<str>, League)> {
        let most = self.allowed.take().unwrap_or(A_CYCLE);
        let count = most.min(self.wanted.len());
        self.wanted.drain(..count).collect()
    }

    /// It was asked for.
    pub(super) fn done(&mut self, id: Arc<str>) {
        self.fetched.insert(id);
    }
}
