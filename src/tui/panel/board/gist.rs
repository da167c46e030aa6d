//! What the board has to know of every game, in view or not: worked out once, and again only when the game changed.
//!
//! A thousand games are filtered, sorted and asked for their books at every frame, while only the rows in view are
//! drawn. A game is an immutable value behind an `Arc`, so that the same pointer is the same game.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

use super::query::Asked;
use super::{PhaseMode, SideMode, State};
use crate::domain::game::GameId;
use crate::domain::market::{Market, Period, Side};
use crate::engine::board::{Reading, Selector, ShopId, sides, speakers};
use crate::engine::query::{Field, Row as _};
use crate::engine::snapshot::GameView;

/// How old a move within the hour may be where only the order of games hangs on it, in seconds.
const LATELY: i64 = 10;

/// A shop that quotes a side.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Quoting {
    shop: ShopId,
    label: Arc<str>,
    takes_bets: bool,
}

/// What is known of one game as the board shows it.
#[derive(Debug)]
struct Gist {
    /// The very game it was worked out of.
    game: Arc<GameView>,
    selector: Selector,
    sides: Vec<Side>,
    shops: Arc<[Quoting]>,
    /// With the moment its last hour ended.
    reading: Option<(DateTime<Utc>, Reading)>,
    words: Option<Words>,
}

/// What the filter looks for words in, in small letters.
#[derive(Debug, Clone)]
pub(super) struct Words {
    /// Labels and names of every book that quotes anything of the game.
    pub(super) books: Arc<str>,
    /// Teams, league, state and books.
    pub(super) all: Arc<str>,
}

/// Market, part of the game, phase and sides: whatever else is shown, other gists are needed.
pub(super) type View = (Market, Period, PhaseMode, SideMode);

/// Views kept; the detail under the board looks at three markets beside the one shown.
const VIEWS: usize = 8;

/// The gists of the games seen so far, by view, the one asked last first. Copies share them: what is known of a game does
/// not depend on who asks.
#[derive(Debug, Clone, Default)]
pub(super) struct Gists(Arc<Mutex<Vec<(View, Known)>>>);

#[derive(Debug, Default)]
struct Known {
    games: HashMap<GameId, Gist>,
    /// Most games are quoted by the same shops: one list for all of them.
    lists: HashSet<Arc<[Quoting]>>,
}

impl Gists {
    fn views(&self) -> MutexGuard<'_, Vec<(View, Known)>> {
        // Half a gist is never left behind.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ask<T>(
        &self,
        board: &State,
        game: &Arc<GameView>,
        answer: impl FnOnce(&mut Gist) -> T,
    ) -> T {
        let view = board.view_key();
        let mut views = self.views();
        match views.iter().position(|(at, _)| *at == view) {
            Some(0) => {}
            Some(index) => {
                if let Some(asked) = views.get_mut(..=index) {
                    asked.rotate_right(1);
                }
            }
            None => {
                views.insert(0, (view, Known::default()));
                views.truncate(VIEWS);
            }
        }
        let Some((_, known)) = views.first_mut() else {
            return answer(&mut Gist::of(board, game, &mut HashSet::new()));
        };
        let stands = known
            .games
            .get(&game.id)
            .is_some_and(|gist| Arc::ptr_eq(&gist.game, game));
        if !stands {
            let gist = Gist::of(board, game, &mut known.lists);
            known.games.insert(game.id, gist);
        }
        match known.games.get_mut(&game.id) {
            Some(gist) => answer(gist),
            None => answer(&mut Gist::of(board, game, &mut HashSet::new())),
        }
    }

    /// Forget what is no longer on the board.
    pub(super) fn keep(&self, games: &[Arc<GameView>]) {
        for (_, known) in self.views().iter_mut() {
            if known.games.len() > games.len() {
                let there: HashSet<GameId> = games.iter().map(|game| game.id).collect();
                known.games.retain(|id, _| there.contains(id));
                let Known { games, lists } = known;
                lists.retain(|list| games.values().any(|gist| Arc::ptr_eq(&gist.shops, list)));
            }
        }
    }

    /// What is selected of a game.
    pub(super) fn selector(&self, board: &State, game: &Arc<GameView>) -> Selector {
        self.ask(board, game, |gist| gist.selector.clone())
    }

    /// The sides shown of it.
    pub(super) fn sides(&self, board: &State, game: &Arc<GameView>) -> Vec<Side> {
        self.ask(board, game, |gist| gist.sides.clone())
    }

    /// What the prices of the side shown first say together; its move in the hour is up to ten seconds old. Not all
    /// games are worked out anew in one frame: each has its own second of ten.
    pub(super) fn reading(
        &self,
        board: &State,
        game: &Arc<GameView>,
        now: DateTime<Utc>,
    ) -> Reading {
        self.ask(board, game, |gist| match gist.reading {
            Some((at, reading)) if (now - at).num_seconds().abs() < LATELY => reading,
            known => {
                let reading = gist.read(now);
                let own = TimeDelta::seconds(gist.game.id.as_i64().rem_euclid(LATELY));
                let at = if known.is_some() { now } else { now - own };
                gist.reading = Some((at, reading));
                reading
            }
        })
    }

    /// What the filter looks for words in.
    pub(super) fn words(&self, board: &State, game: &Arc<GameView>) -> Words {
        self.ask(board, game, |gist| {
            let words = || {
                let asked = Asked {
                    board,
                    game,
                    now: DateTime::UNIX_EPOCH,
                };
                Words {
                    books: asked.text(Field::Book).to_lowercase().into(),
                    all: asked.words().to_lowercase().into(),
                }
            };
            gist.words.get_or_insert_with(words).clone()
        })
    }

    /// Every shop that quotes the sides shown of any of the games, those that quote most of them first; consensus and
    /// opener after the shops.
    pub(super) fn shops(&self, board: &State, games: &[&Arc<GameView>]) -> Vec<(ShopId, Arc<str>)> {
        let mut lists: HashMap<*const Quoting, (Arc<[Quoting]>, usize)> = HashMap::new();
        for game in games {
            let shops = self.ask(board, game, |gist| Arc::clone(&gist.shops));
            lists.entry(shops.as_ptr()).or_insert((shops, 0)).1 += 1;
        }
        let mut found: BTreeMap<ShopId, (bool, usize, Arc<str>)> = BTreeMap::new();
        for (list, times) in lists.values() {
            for quoting in list.iter() {
                let entry = found
                    .entry(quoting.shop.clone())
                    .or_insert_with(|| (!quoting.takes_bets, 0, Arc::clone(&quoting.label)));
                entry.1 += times;
            }
        }
        let mut shops: Vec<_> = found.into_iter().collect();
        shops.sort_by(|(a_id, a), (b_id, b)| (a.0, b.1, a_id).cmp(&(b.0, a.1, b_id)));
        shops
            .into_iter()
            .map(|(id, (_, _, label))| (id, label))
            .collect()
    }
}

impl Gist {
    fn of(board: &State, game: &Arc<GameView>, lists: &mut HashSet<Arc<[Quoting]>>) -> Self {
        let selector = board.select(game);
        let sides = board.sides_of(game, &selector);
        let shops: Arc<[Quoting]> = sides
            .iter()
            .flat_map(|side| speakers(game, &selector, *side))
            .map(|speaker| Quoting {
                label: Arc::clone(&speaker.series.label),
                takes_bets: speaker.is_shop(),
                shop: speaker.shop,
            })
            .collect();
        let known = lists.get(&shops).cloned();
        let shops = known.unwrap_or_else(|| {
            lists.insert(Arc::clone(&shops));
            shops
        });
        Self {
            game: Arc::clone(game),
            selector,
            sides,
            shops,
            reading: None,
            words: None,
        }
    }

    fn read(&self, now: DateTime<Utc>) -> Reading {
        let Some(side) = self.sides.first().copied() else {
            return Reading::default();
        };
        let [first, second] = sides(&self.selector.market);
        let other = if side == first { second } else { first };
        Reading::of(
            side,
            &speakers(&self.game, &self.selector, side),
            &speakers(&self.game, &self.selector, other),
            now - TimeDelta::hours(1),
        )
    }
}
