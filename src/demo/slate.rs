//! A day of games with everything that ever happens in them.

use chrono::NaiveDate;

use super::dice::Dice;
use super::latent::{Latent, Played, live_through};
use super::plot::deal;
use super::schedule::{Fixture, HOUR, MINUTE, Millis, fixtures};
use super::shop::{Cast, Shop, Trait};
use super::tape::{Kind, Status, Tape, Tick, tapes};
use crate::domain::league::League;
use crate::domain::team::Teams;

/// Both sides of one move are stamped this far apart.
pub(super) const STAMP_GAP: Millis = 5;

/// Where a game stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Scheduled,
    Live,
    Final,
    Postponed,
}

/// A game, from its first opening to its end.
#[derive(Debug)]
pub(super) struct Game {
    pub(super) fixture: Fixture,
    pub(super) latent: Latent,
    tapes: Vec<Tape>,
}

/// What a shop shows of a market.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shown {
    pub(super) tick: Tick,
    /// Never moved since it opened, and opened lately.
    pub(super) opener: bool,
}

impl Game {
    /// The tape of shop number `n`.
    pub(super) fn tape(&self, n: usize) -> Option<&Tape> {
        self.tapes.get(n)
    }

    /// Where the game stands.
    pub(super) fn stage(&self, at: Millis) -> Stage {
        match (self.fixture.postponed_at, self.latent.ends()) {
            (Some(postponed), _) if at >= postponed => Stage::Postponed,
            (None, Some(ends)) if at >= ends => Stage::Final,
            (None, _) if at >= self.fixture.actual => Stage::Live,
            _ => Stage::Scheduled,
        }
    }

    /// The part of the game last completed, once there is one.
    pub(super) fn played(&self, at: Millis) -> Option<&Played> {
        self.latent.played_at(at)
    }

    /// What shop `n` shows on Action Network: the live price, the closing one after the end, locked ones as locked.
    pub(super) fn shown(&self, n: usize, shop: &Shop, kind: Kind, at: Millis) -> Option<Shown> {
        // A move is shown once both of its sides are stamped.
        let at = at - STAMP_GAP;
        let series = self.tapes.get(n)?.series(kind);
        let tick = *series.at(at)?;
        if shop.is_opener() {
            let gone = self.stage(at) == Stage::Postponed;
            return (!gone).then_some(Shown {
                tick,
                opener: false,
            });
        }
        if tick.status == Status::Closed {
            // Some shops vanish after the game; a postponed game has no prices at all.
            let gone = shop.has(Trait::Vanishes) || self.fixture.postponed_at.is_some();
            return (!gone).then_some(Shown {
                tick: *series.close()?,
                opener: false,
            });
        }
        let opener = series.opened_at() == Some(tick.at) && at - tick.at < HOUR;
        Some(Shown { tick, opener })
    }
}

/// A day of games.
#[derive(Debug)]
pub(super) struct Slate {
    pub(super) games: Vec<Game>,
}

impl Slate {
    /// The games of a league.
    pub(super) fn of(&self, league: League) -> impl Iterator<Item = &Game> {
        self.games
            .iter()
            .filter(move |g| g.fixture.league == league)
    }

    /// Whether the game is one of two of the same teams on the day.
    pub(super) fn is_doubleheader(&self, game: &Game) -> bool {
        let teams = |g: &Game| (g.fixture.home.an_id, g.fixture.away.an_id);
        self.of(game.fixture.league)
            .any(|g| g.fixture.number == 2 && teams(g) == teams(game))
    }

    /// Make a day.
    pub(super) fn build(
        seed: u64,
        games: u16,
        date: NaiveDate,
        cast: &Cast,
        teams: &Teams,
    ) -> Self {
        let fixtures = fixtures(seed, games, date, teams);
        let dealt = deal(seed, date, &fixtures);
        let games = fixtures
            .into_iter()
            .zip(dealt)
            .map(|(fixture, dealt)| {
                let mut dice = Dice::new(seed, &[5, fixture.an_id]);
                let latent = live_through(&fixture, &dealt, &mut dice);
                let tapes = tapes(seed, &fixture, &latent, &cast.shops);
                Game {
                    fixture,
                    latent,
                    tapes,
                }
            })
            .collect();
        Self { games }
    }
}

impl Game {
    /// Scheduled start as the feeds know it at `at`, before the game is under way.
    pub(super) fn announced_start(&self, at: Millis) -> Millis {
        match self.fixture.delayed_at {
            Some(told) if at >= told => self.fixture.actual.div_euclid(MINUTE) * MINUTE,
            _ => self.fixture.scheduled,
        }
    }
}
