//! A day of games with everything that ever happens in them.

use chrono::{Datelike, NaiveDate};

use super::dice::Dice;
use super::latent::{Latent, Played, Plot, live_through};
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
        let plots = plots(seed, date, &fixtures);
        let games = fixtures
            .into_iter()
            .zip(plots)
            .map(|(fixture, (plots, early))| {
                let mut dice = Dice::new(seed, &[5, fixture.an_id]);
                let latent = live_through(&fixture, &plots, early, &mut dice);
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

/// Deal the plots: each game has one story at most while there are games enough.
fn plots(seed: u64, date: NaiveDate, fixtures: &[Fixture]) -> Vec<(Vec<Plot>, bool)> {
    let day = u64::from(date.num_days_from_ce().unsigned_abs());
    let mut dice = Dice::new(seed, &[11, day]);
    let mut dealt: Vec<(Vec<Plot>, bool)> = fixtures.iter().map(|_| (Vec::new(), false)).collect();
    let mut order: Vec<usize> = fixtures
        .iter()
        .filter(|f| f.postponed_at.is_none() && f.league == League::Mlb)
        .map(|f| usize::from(f.index))
        .collect();
    dice.shuffle(&mut order);
    // The first story is told minutes after ten, so its game must be open by then.
    if let Some(first) = order
        .iter()
        .position(|n| fixtures.get(*n).is_some_and(|f| !f.opens_late))
    {
        order.swap(0, first);
    }
    let every = |share: f64, least: usize| ((order.len() as f64 * share) as usize).max(least);
    let mut stories = vec![
        Plot::Steam,
        Plot::ReverseLine,
        Plot::HeadFake,
        Plot::Suspension,
    ];
    stories.extend(std::iter::repeat_n(Plot::Steam, every(0.25, 1) - 1));
    stories.extend(std::iter::repeat_n(Plot::ReverseLine, every(0.12, 1) - 1));
    stories.extend(std::iter::repeat_n(Plot::HeadFake, every(0.06, 1) - 1));
    stories.extend(std::iter::repeat_n(Plot::Suspension, every(0.12, 1) - 1));
    for (n, plot) in stories.into_iter().enumerate() {
        let Some(game) = order.get(n % order.len().max(1)) else {
            break;
        };
        if let Some((plots, early)) = dealt.get_mut(*game) {
            plots.push(plot);
            *early |= n == 0 && order.len() > 4;
        }
    }
    // One steam move on a spread a day.
    if let Some(last) = dealt.len().checked_sub(1)
        && fixtures.get(last).is_some_and(|f| f.league == League::Nfl)
        && let Some((plots, _)) = dealt.get_mut(last)
    {
        plots.push(Plot::Steam);
    }
    dealt
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
