//! Tick histories to fetch: those nobody has fetched yet, and those of games with news since.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::league::League;

/// Tick histories fetched in one cycle: the slate comes first, histories fill up behind it.
const A_CYCLE: usize = 6;

/// Which games' histories are fetched, and which wait.
#[derive(Debug, Default)]
pub(super) struct Histories {
    /// When each was last asked for, by this run or, as far as it knows, before.
    fetched: HashMap<Arc<str>, DateTime<Utc>>,
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
        if !self.fetched.contains_key(&id) {
            self.queue(id, league);
        }
    }

    /// This one is stored already: what is older than `now` is no news.
    pub(super) fn stored(&mut self, id: Arc<str>, now: DateTime<Utc>) {
        self.fetched.entry(id).or_insert(now);
    }

    /// Whether the whole history is fetched or stored.
    pub(super) fn knows(&self, id: &str) -> bool {
        self.fetched.contains_key(id)
    }

    /// A price of this game changed at `changed_at`: fetch it again when its turn comes, unless it was fetched since, or
    /// less than `every` ago. A courtesy to the feed: what was not asked now comes whole with the next history.
    pub(super) fn news(
        &mut self,
        id: &Arc<str>,
        league: League,
        changed_at: DateTime<Utc>,
        every: TimeDelta,
        now: DateTime<Utc>,
    ) {
        let known = self.fetched.get(id);
        if known.is_some_and(|at| changed_at > *at && now - *at >= every) {
            self.queue(Arc::clone(id), league);
        }
    }

    fn queue(&mut self, id: Arc<str>, league: League) {
        if !self.wanted.iter().any(|(had, _)| *had == id) {
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
    pub(super) fn done(&mut self, id: Arc<str>, now: DateTime<Utc>) {
        self.fetched.insert(id, now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes)
    }

    #[test]
    fn a_game_is_asked_again_only_for_news_and_not_within_the_courtesy() {
        let (mut histories, five) = (Histories::default(), TimeDelta::minutes(5));
        let (moved, calm): (Arc<str>, Arc<str>) = ("moved".into(), "calm".into());
        for id in [&moved, &calm] {
            histories.want(Arc::clone(id), League::Mlb);
        }
        assert_eq!(histories.take().len(), 2);
        for id in [&moved, &calm] {
            histories.done(Arc::clone(id), at(0));
        }
        let mut asked = |now, changed| {
            histories.news(&moved, League::Mlb, at(changed), five, at(now));
            histories.news(&calm, League::Mlb, at(0), five, at(now));
            histories.take().len()
        };
        assert_eq!(asked(4, 3), 0, "asked four minutes ago");
        assert_eq!(asked(5, 3), 1, "the one that moved");
        histories.done(Arc::clone(&moved), at(5));
        let mut asked = |now, changed| {
            histories.news(&moved, League::Mlb, at(changed), five, at(now));
            histories.take().len()
        };
        assert_eq!(asked(30, 3), 0, "nothing new since");
        assert_eq!(asked(30, 6), 1);
    }

    #[test]
    fn what_an_earlier_run_stored_waits_for_news() {
        let mut histories = Histories::default();
        let id: Arc<str> = "a".into();
        histories.stored(Arc::clone(&id), at(10));
        histories.want(Arc::clone(&id), League::Mlb);
        assert!(histories.take().is_empty());
        histories.news(&id, League::Mlb, at(12), TimeDelta::minutes(5), at(16));
        assert_eq!(histories.take().len(), 1);
    }
}
