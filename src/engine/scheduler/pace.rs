//! How often a league is looked at: sooner when its games are near, on or moving, seldom when nothing is to come.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::agenda::later;
use crate::domain::league::League;
use crate::engine::snapshot::Snapshot;

/// The longest wait while the league has games to come, unless the settings ask for a longer one.
const LONGEST: Duration = Duration::from_mins(15);
/// The longest wait while it has none.
const LONGEST_EMPTY: Duration = Duration::from_mins(30);
/// A league of which a price changed this recently is moving.
const MOVING: TimeDelta = TimeDelta::minutes(5);
/// A league of which none changed for this long is quiet.
const QUIET: TimeDelta = TimeDelta::hours(1);

/// How a league stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Situation {
    /// Whether a game of it is on.
    pub(super) live: bool,
    /// Starts to come, in order, as this source has them.
    pub(super) starts: Vec<DateTime<Utc>>,
    /// When a price of the league last changed, at any source.
    pub(super) changed_at: Option<DateTime<Utc>>,
}

/// When a price of `league` last changed, at any source.
pub(super) fn changed_at(snapshot: &Snapshot, league: League) -> Option<DateTime<Utc>> {
    let games = snapshot.games.iter().filter(|game| game.league == league);
    games.filter_map(|game| game.changed_at).max()
}

impl Situation {
    /// Time until the next look, where `fastest` is the time between looks when it matters.
    ///
    /// In multiples of `fastest`: 1 while a game is on or starts within the hour, 2 within six hours, 4 within a day,
    /// 8 beyond, 20 with no game to come; twice that when nothing changed for an hour, and at most 2 while prices move.
    pub(super) fn wait(&self, fastest: Duration, now: DateTime<Utc>) -> Duration {
        let near = |hours| {
            let next = self.starts.first();
            next.is_some_and(|start| *start - now <= TimeDelta::hours(hours))
        };
        let factor = match () {
            () if self.live || near(1) => return fastest,
            () if near(6) => 2,
            () if near(24) => 4,
            () if !self.starts.is_empty() => 8,
            () => return fastest.saturating_mul(20).min(LONGEST_EMPTY).max(fastest),
        };
        let since = self.changed_at.map(|at| now - at);
        let factor = match since {
            Some(since) if since < MOVING => factor.min(2),
            Some(since) if since < QUIET => factor,
            _ => factor * 2,
        };
        fastest.saturating_mul(factor).min(LONGEST).max(fastest)
    }
}

/// When each league of a source is looked at next. One that was never looked at is due.
#[derive(Debug, Default)]
pub(super) struct Pace {
    due: BTreeMap<League, DateTime<Utc>>,
    /// When each was last looked at, and the wait that was chosen then.
    looks: BTreeMap<League, (DateTime<Utc>, Duration)>,
}

impl Pace {
    /// Whether it is the league's turn.
    pub(super) fn is_due(&self, league: League, now: DateTime<Utc>) -> bool {
        self.due.get(&league).is_none_or(|due| *due <= now)
    }

    /// The league was looked at, and is again after `wait`.
    pub(super) fn looked(&mut self, league: League, now: DateTime<Utc>, wait: Duration) {
        self.due.insert(league, later(now, wait));
        self.looks.insert(league, (now, wait));
    }

    /// The league's turn is put off until `at`.
    pub(super) fn put_off(&mut self, league: League, at: DateTime<Utc>) {
        self.due.insert(league, at);
    }

    /// When the league was last looked at.
    pub(super) fn last(&self, league: League) -> Option<DateTime<Utc>> {
        self.looks.get(&league).map(|(at, _)| *at)
    }

    /// Every league is due: somebody asked.
    pub(super) fn now(&mut self) {
        self.due.clear();
    }

    /// When the next league's turn is; none before the first look.
    pub(super) fn next(&self) -> Option<DateTime<Utc>> {
        self.due.values().min().copied()
    }

    /// The time between looks at the league that is looked at most.
    pub(super) fn every(&self) -> Option<Duration> {
        self.looks.values().map(|(_, wait)| *wait).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FASTEST: Duration = Duration::from_secs(15);

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes)
    }

    fn wait(start: Option<i64>, changed: Option<i64>, live: bool) -> u64 {
        let situation = Situation {
            live,
            starts: start.map(at).into_iter().collect(),
            changed_at: changed.map(at),
        };
        situation.wait(FASTEST, at(0)).as_secs() / FASTEST.as_secs()
    }

    #[test]
    fn near_games_are_looked_at_more_often() {
        let calm = Some(-30);
        assert_eq!(wait(Some(60), calm, false), 1);
        assert_eq!(wait(Some(61), calm, false), 2);
        assert_eq!(wait(Some(360), calm, false), 2);
        assert_eq!(wait(Some(361), calm, false), 4);
        assert_eq!(wait(Some(3_000), calm, false), 8);
        assert_eq!(wait(None, calm, false), 20);
        assert_eq!(wait(None, calm, true), 1, "one is on");
    }

    #[test]
    fn a_moving_market_is_looked_at_sooner_and_a_quiet_one_later() {
        assert_eq!(wait(Some(361), Some(-1), false), 2);
        assert_eq!(wait(Some(361), Some(-61), false), 8);
        assert_eq!(wait(Some(361), None, false), 8);
        assert_eq!(
            wait(Some(30), Some(-61), false),
            1,
            "but not before its start"
        );
    }

    #[test]
    fn no_wait_is_shorter_than_the_settings_or_longer_than_a_quarter_of_an_hour() {
        let far = Situation {
            starts: vec![at(3_000)],
            ..Situation::default()
        };
        let minutes = |fastest| far.wait(Duration::from_mins(fastest), at(0)).as_secs() / 60;
        assert_eq!([minutes(1), minutes(5), minutes(60)], [15, 15, 60]);
        let none = Situation::default();
        assert_eq!(none.wait(Duration::from_mins(5), at(0)).as_secs(), 30 * 60);
    }

    #[test]
    fn each_league_has_its_turn() {
        let mut pace = Pace::default();
        assert!(pace.is_due(League::Mlb, at(0)) && pace.next().is_none());
        pace.looked(League::Mlb, at(0), Duration::from_mins(2));
        pace.looked(League::Nfl, at(0), Duration::from_mins(9));
        assert!(!pace.is_due(League::Mlb, at(1)) && pace.is_due(League::Mlb, at(2)));
        assert_eq!(pace.next(), Some(at(2)));
        assert_eq!(pace.every(), Some(Duration::from_mins(2)));
        pace.now();
        assert!(pace.is_due(League::Nfl, at(1)));
    }
}
