//! Rules that call somebody to the screen: `alarm signal kind:steam strength>60`, `warning move book:circa moved>10`.
//!
//! A rule looks at what is new: signals and moves that the snapshot before did not have and that happened since the screen
//! opened. What an earlier run stored comes in bit by bit after that, and calls nobody.

mod rule;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::event::Severity;
use super::snapshot::{SignalKey, SignalView, Snapshot, TapeEntry};
use crate::config::hours::Hours;
use crate::config::settings::Alerts;
use crate::domain::game::GameId;
use rule::Subject;
pub use rule::{Rule, level_name};

/// What somebody is called for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum News<'a> {
    /// A signal.
    Signal(&'a SignalView),
    /// A move.
    Move(&'a TapeEntry),
}

impl News<'_> {
    /// The game, and how the row itself calls it.
    const fn game(&self) -> (GameId, &Arc<str>) {
        match self {
            Self::Signal(signal) => (signal.game_id, &signal.game),
            Self::Move(entry) => (entry.game_id, &entry.game),
        }
    }
}

/// Somebody is called. Who hears of it, and how, is for others.
#[derive(Debug, Clone, PartialEq)]
pub struct Call<'a> {
    /// How grave.
    pub level: Severity,
    /// `MIA @ BAL`, as everywhere on the screen.
    pub game: Arc<str>,
    /// What happened.
    pub news: News<'a>,
    /// Further calls of the same moment that are told by their number only.
    pub more: usize,
    /// Whether the terminal's bell rings.
    pub rings: bool,
    /// Whether the desktop is told.
    pub desktop: bool,
}

/// The rules, and what they have seen.
#[derive(Debug, Clone, Default)]
pub struct Watchman {
    rules: Vec<Rule>,
    settings: Alerts,
    quiet: Option<Hours>,
    /// Switched off by hand.
    pub muted: bool,
    /// From when on what happens is news; none before the first snapshot that holds anything.
    since: Option<DateTime<Utc>>,
    /// Moves of the snapshot before.
    moves: HashSet<u64>,
    /// Its signals.
    signals: HashSet<SignalKey>,
    called: HashMap<(usize, GameId), Duration>,
}

/// A move is known some time after it happened: by a look later.
const LAG: TimeDelta = TimeDelta::minutes(2);
/// Most calls of one snapshot that are told one by one.
const MOST: usize = 3;

impl Watchman {
    /// From the settings. Fails with a sentence about the first rule that cannot be read.
    pub fn new(settings: &Alerts) -> Result<Self, String> {
        let rules = settings.rules.iter().map(|text| Rule::parse(text));
        Ok(Self {
            rules: rules.collect::<Result<_, _>>()?,
            quiet: Hours::parse(&settings.quiet),
            settings: settings.clone(),
            ..Self::default()
        })
    }

    /// Other rules from now on; what was seen stays seen.
    pub fn follow(&mut self, other: Self) {
        (self.rules, self.settings, self.quiet) = (other.rules, other.settings, other.quiet);
        self.called.clear();
    }

    /// Look at a new snapshot: whom it calls. `elapsed` is real time since the watch began.
    pub fn look<'a>(
        &mut self,
        snapshot: &'a Snapshot,
        zone: Tz,
        elapsed: Duration,
    ) -> Vec<Call<'a>> {
        let since = self.since;
        if since.is_none() && !(snapshot.tape.is_empty() && snapshot.signals.is_empty()) {
            self.since = Some(snapshot.now - LAG);
        }
        let is_news = |at: DateTime<Utc>| since.is_some_and(|since| at >= since);
        let fresh_moves: Vec<&TapeEntry> = snapshot
            .tape
            .iter()
            .filter(|entry| is_news(entry.at) && !self.moves.contains(&entry.serial))
            .collect();
        let fresh_signals: Vec<&SignalView> = snapshot
            .signals
            .iter()
            .filter(|signal| is_news(signal.at) && !self.signals.contains(&signal.key()))
            .collect();
        self.moves = snapshot.tape.iter().map(|entry| entry.serial).collect();
        self.signals = snapshot.signals.iter().map(SignalView::key).collect();
        if self.muted {
            return Vec::new();
        }
        let quiet = self.is_quiet(snapshot.now, zone);
        let rules = std::mem::take(&mut self.rules);
        let mut calls = Vec::new();
        for (index, rule) in rules.iter().enumerate() {
            let found: Vec<News<'a>> = match rule.subject {
                Subject::Signal => fresh_signals
                    .iter()
                    .copied()
                    .filter(|signal| rule.query.keeps(*signal))
                    .map(News::Signal)
                    .collect(),
                Subject::Move => fresh_moves
                    .iter()
                    .copied()
                    // A first price is no move.
                    .filter(|entry| entry.before.is_some() && rule.query.keeps(*entry))
                    .map(News::Move)
                    .collect(),
            };
            for news in found {
                let (game, called) = news.game();
                let last = self.called.get(&(index, game));
                if last.is_some_and(|last| elapsed < *last + self.settings.cooldown) {
                    continue;
                }
                self.called.insert((index, game), elapsed);
                let known = snapshot.game(game).map(|game| game.title());
                calls.push(Call {
                    level: rule.level,
                    game: known.unwrap_or_else(|| Arc::clone(called)),
                    news,
                    more: 0,
                    rings: self.settings.bell && !quiet && rule.level >= Severity::Warning,
                    desktop: self.settings.desktop && !quiet && rule.level >= Severity::Error,
                });
            }
        }
        self.rules = rules;
        if calls.len() > MOST {
            let more = calls.len() - MOST;
            calls.sort_by_key(|call| std::cmp::Reverse(call.level));
            calls.truncate(MOST);
            if let Some(last) = calls.last_mut() {
                last.more = more;
            }
        }
        calls
    }

    fn is_quiet(&self, now: DateTime<Utc>, zone: Tz) -> bool {
        self.quiet
            .is_some_and(|hours| hours.holds(now.with_timezone(&zone).time()))
    }

    /// The rules as written.
    pub fn rules(&self) -> impl Iterator<Item = &str> {
        self.rules.iter().map(Rule::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::snapshot::fixture;

    fn watchman(rules: &[&str]) -> Watchman {
        Watchman::new(&Alerts {
            rules: rules.iter().map(|rule| (*rule).to_owned()).collect(),
            desktop: true,
            quiet: "03:00-04:00".into(),
            ..Alerts::default()
        })
        .unwrap()
    }

    /// A snapshot, and a later one with one more move.
    fn moved() -> (Snapshot, Snapshot) {
        let before = fixture::snapshot();
        let mut after = before.clone();
        let mut tape = before.tape.as_ref().clone();
        let mut entry = tape.first().unwrap().clone();
        entry.serial = tape.iter().map(|e| e.serial).max().unwrap() + 1;
        entry.at = before.now;
        tape.insert(0, entry);
        after.tape = std::sync::Arc::new(tape);
        (before, after)
    }

    const UTC: Tz = Tz::UTC;

    #[test]
    fn only_what_is_new_calls_and_not_twice_within_the_cooldown() {
        let (before, after) = moved();
        let mut watchman = watchman(&["alarm move"]);
        let look = |watchman: &mut Watchman, snapshot, seconds| {
            watchman
                .look(snapshot, UTC, Duration::from_secs(seconds))
                .len()
        };
        assert_eq!(
            look(&mut watchman, &before, 0),
            0,
            "what was there is no news"
        );
        assert_eq!(look(&mut watchman, &before, 1), 0);
        assert_eq!(look(&mut watchman, &after, 2), 1);
        assert_eq!(look(&mut watchman, &after, 3), 0);
        let mut again = after.clone();
        let mut tape = after.tape.as_ref().clone();
        let mut entry = tape.first().unwrap().clone();
        entry.serial += 1;
        tape.insert(0, entry);
        again.tape = std::sync::Arc::new(tape);
        assert_eq!(
            look(&mut watchman, &again, 100),
            0,
            "the same game, too soon"
        );
        let mut first_price = again.clone();
        let tape = std::sync::Arc::make_mut(&mut first_price.tape);
        (tape[0].serial, tape[0].before) = (tape[0].serial + 1, None);
        assert_eq!(look(&mut watchman, &first_price, 3_000), 0);
        watchman.muted = true;
        assert_eq!(look(&mut watchman, &after, 4_000), 0);
    }

    #[test]
    fn what_an_earlier_run_stored_comes_late_and_calls_nobody() {
        let (mut whole, mut after) = moved();
        let mut watchman = watchman(&["alarm signal", "alarm move"]);
        // First the newest moves are read, then the signals and the older moves.
        let mut first = whole.clone();
        first.signals = std::sync::Arc::default();
        first.tape = std::sync::Arc::new(whole.tape.iter().take(1).cloned().collect());
        assert_eq!(watchman.look(&first, UTC, Duration::ZERO).len(), 0);
        let mut signals = whole.signals.as_ref().clone();
        for signal in &mut signals {
            signal.at = whole.now - TimeDelta::hours(1);
        }
        whole.signals = std::sync::Arc::new(signals);
        assert!(!whole.signals.is_empty() && whole.tape.len() > 1);
        after.signals = std::sync::Arc::clone(&whole.signals);
        let newest = first.tape[0].serial;
        let known = |entry: &&TapeEntry| entry.serial == newest || whole.now - entry.at > LAG;
        let stored: Vec<TapeEntry> = whole.tape.iter().filter(known).cloned().collect();
        let news = after.tape.first().cloned();
        after.tape = std::sync::Arc::new(news.into_iter().chain(stored.iter().cloned()).collect());
        whole.tape = std::sync::Arc::new(stored);
        assert_eq!(watchman.look(&whole, UTC, Duration::from_secs(1)).len(), 0);
        assert_eq!(
            watchman.look(&after, UTC, Duration::from_secs(2)).len(),
            1,
            "and news does"
        );
    }

    #[test]
    fn levels_decide_who_hears_and_quiet_hours_hush() {
        let (before, mut after) = moved();
        for (rule, rings, desktop) in [
            ("info move", false, false),
            ("warning move", true, false),
            ("alarm move", true, true),
        ] {
            let mut watchman = watchman(&[rule]);
            watchman.look(&before, UTC, Duration::ZERO);
            let calls = watchman.look(&after, UTC, Duration::from_secs(1));
            assert_eq!(
                (calls[0].rings, calls[0].desktop),
                (rings, desktop),
                "{rule}"
            );
        }
        after.now = after
            .now
            .date_naive()
            .and_hms_opt(3, 30, 0)
            .unwrap()
            .and_utc();
        let mut watchman = watchman(&["alarm move"]);
        watchman.look(&before, UTC, Duration::ZERO);
        let calls = watchman.look(&after, UTC, Duration::from_secs(1));
        assert!(!calls[0].rings && !calls[0].desktop);
    }
}
