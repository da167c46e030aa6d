//! The market: every question is answered "as of t", and the same question always gets the same answer.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use moka::sync::Cache;

use super::planted::Planted;
use super::reply::{Params, Reply};
use super::schedule::{MOST_GAMES, Millis, millis, time};
use super::shop::Cast;
use super::slate::{Game, Slate};
use super::{DemoError, action_network, espn, goalserve, mlb_stats, odds_api, sbd, sbr, vsin};
use crate::domain::team::Teams;
use crate::domain::time::slate_date;

/// Slates kept in memory: the days a running demo looks at. A slate is rebuilt from the seed when it is gone.
const SLATES_KEPT: u64 = 12;

/// Days that the further feeds keep, and know ahead.
const SLATES_BACK: i64 = 20;
const SLATES_AHEAD: i64 = 10;

/// A seeded market. Cheap to share behind an `Arc`; every method is a pure function of its arguments.
#[derive(Debug)]
pub struct Market {
    pub(super) seed: u64,
    games: u16,
    pub(super) cast: Cast,
    pub(super) teams: Teams,
    slates: Cache<NaiveDate, Arc<Slate>>,
}

impl Market {
    /// The market of `seed` with `games` baseball games a day (at most 435) and two football games on top.
    ///
    /// Fails when a file that ships with linetape is malformed.
    pub fn new(seed: u64, games: u16) -> Result<Self, DemoError> {
        Ok(Self {
            seed,
            games: games.min(MOST_GAMES),
            cast: Cast::builtin()?,
            teams: Teams::builtin()?,
            slates: Cache::new(SLATES_KEPT),
        })
    }

    /// What was planted on the games of a slate day, by time.
    pub fn planted(&self, date: NaiveDate) -> Vec<Planted> {
        let slate = self.slate(date);
        let mut planted: Vec<Planted> = slate
            .games
            .iter()
            .flat_map(|game| game.latent.planted.iter().cloned())
            .collect();
        planted.sort_by_key(|event| (event.at, event.game));
        planted
    }

    /// What the feeds answer to a GET of `path` with the raw `query` at `now`: Action Network under `/web/`, The Odds
    /// API under `/v4/`, every other feed under its own name. Headers, keys and credits are the server's matter, but
    /// for Goalserve's key, which is a part of the path.
    pub fn answer(&self, path: &str, query: &str, now: DateTime<Utc>) -> Reply {
        let segments: Vec<&str> = path.split('/').filter(|s| !s.is_empty()).collect();
        let params = Params::parse(query);
        match segments.split_first() {
            Some((&"web", rest)) => action_network::answer(self, rest, &params, millis(now)),
            Some((&"v4", rest)) => odds_api::answer(self, rest, &params, millis(now)),
            Some((&"espn", rest)) => espn::answer(self, rest, &params, millis(now)),
            Some((&"mlb_stats", rest)) => mlb_stats::answer(self, rest, &params, millis(now)),
            Some((&"sbd", rest)) => sbd::answer(self, rest, &params, millis(now)),
            Some((&"vsin", rest)) => vsin::answer(self, rest, &params, millis(now)),
            Some((&"sbr", rest)) => sbr::answer(self, rest, &params, millis(now)),
            Some((&"goalserve", rest)) => goalserve::answer(self, rest, &params, millis(now)),
            _ => Reply::page(404, "<html><body><h1>404 Not Found</h1></body></html>"),
        }
    }

    /// The slate of a day.
    pub(super) fn slate(&self, date: NaiveDate) -> Arc<Slate> {
        self.slates.get_with(date, || {
            Arc::new(Slate::build(
                self.seed,
                self.games,
                date,
                &self.cast,
                &self.teams,
            ))
        })
    }

    /// The slates from `before` days before the current one to `after` days after it.
    pub(super) fn slates_around(&self, now: Millis, before: i64, after: i64) -> Vec<Arc<Slate>> {
        let today = slate_date(time(now));
        (-before..=after)
            .filter_map(|days| today.checked_add_signed(TimeDelta::days(days)))
            .map(|date| self.slate(date))
            .collect()
    }

    /// The games of a league on a slate day that is near enough to be scheduled; none further away.
    pub(super) fn games_of(&self, date: NaiveDate, now: Millis) -> Option<Arc<Slate>> {
        let away = (date - slate_date(time(now))).num_days();
        (-SLATES_BACK..=SLATES_AHEAD)
            .contains(&away)
            .then(|| self.slate(date))
    }

    /// Fixed luck of a quirk of a game: the same for ever.
    pub(super) fn luck(&self, game: &Game, parts: &[u64]) -> f64 {
        super::dice::mix_unit(&[self.seed, game.fixture.an_id, super::dice::mix(parts)])
    }
}
