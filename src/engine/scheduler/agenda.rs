//! What a source is asked for and when: each question has a cadence of its own, and its own back-off.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::config::settings::Sources;
use crate::domain::source::Source;
use crate::sources::plan;

/// What a question that is never asked shows as its cadence.
const UNASKED: Duration = Duration::from_hours(24);
/// The longest a failing question waits for its next try, in the source's own time.
const LONGEST_WAIT: Duration = Duration::from_mins(10);
/// The same for what can wait: lists and scores.
const LONGEST_CHORE: Duration = Duration::from_hours(1);

/// A question that a source is asked again and again, in the order in which a cycle asks them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Duty {
    /// The list of books, or of sports. First, for it costs nothing and its headers tell the credits left.
    Reference,
    /// Games without prices: their starts tell when a look at the slate is worth its credits.
    Games,
    /// Every league's slate with its prices, and tick histories that are missing.
    Slate,
    /// Scores of games that are on or just over.
    Scores,
    /// More markets of games that start soon.
    Events,
}

impl Duty {
    /// In the order of a cycle.
    pub(super) const ALL: [Self; 5] = [
        Self::Reference,
        Self::Games,
        Self::Slate,
        Self::Scores,
        Self::Events,
    ];

    /// What a problem of it begins with.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Reference => "reference list",
            Self::Games => "list of games",
            Self::Slate => "slate",
            Self::Scores => "scores",
            Self::Events => "single games",
        }
    }
}

#[derive(Debug)]
struct Entry {
    every: Duration,
    due: DateTime<Utc>,
    failures: u32,
}

/// When each of a source's questions is due.
#[derive(Debug)]
pub(super) struct Agenda(BTreeMap<Duty, Entry>);

impl Agenda {
    /// Everything that `source` is asked by these settings, due at once.
    pub(super) fn new(source: Source, settings: &Sources) -> Self {
        let asked = plan::cadence(source, settings);
        let cadences = [
            (Duty::Reference, asked.reference),
            (Duty::Slate, Some(asked.slate)),
            (Duty::Games, asked.games),
            (Duty::Scores, asked.scores),
            (Duty::Events, asked.events),
        ];
        let entry = |every| Entry {
            every,
            due: DateTime::<Utc>::MIN_UTC,
            failures: 0,
        };
        Self(
            cadences
                .into_iter()
                .filter_map(|(duty, every)| Some((duty, entry(every?))))
                .collect(),
        )
    }

    /// Whether it is time for `duty`.
    pub(super) fn is_due(&self, duty: Duty, now: DateTime<Utc>) -> bool {
        self.0.get(&duty).is_some_and(|entry| entry.due <= now)
    }

    /// `duty` is due at `at`, or earlier if it was.
    pub(super) fn want(&mut self, duty: Duty, at: DateTime<Utc>) {
        if let Some(entry) = self.0.get_mut(&duty) {
            entry.due = entry.due.min(at);
        }
    }

    /// `duty` is due at `at`, and not earlier.
    pub(super) fn put(&mut self, duty: Duty, at: DateTime<Utc>) {
        if let Some(entry) = self.0.get_mut(&duty) {
            entry.due = at;
        }
    }

    /// `duty` went well: its cadence goes on.
    pub(super) fn done(&mut self, duty: Duty, now: DateTime<Utc>) {
        if let Some(entry) = self.0.get_mut(&duty) {
            entry.failures = 0;
            entry.due = later(now, entry.every);
        }
    }

    /// `duty` brought nothing: it is tried again after a wait that doubles each time.
    pub(super) fn failed(&mut self, duty: Duty, now: DateTime<Utc>) {
        let slate = self.every(Duty::Slate);
        if let Some(entry) = self.0.get_mut(&duty) {
            entry.failures = entry.failures.saturating_add(1);
            let longest = if duty == Duty::Slate {
                LONGEST_WAIT
            } else {
                LONGEST_CHORE
            };
            let wait = slate
                .saturating_mul(1 << entry.failures.min(8))
                .min(longest.max(slate));
            entry.due = later(now, wait);
        }
    }

    /// What a cycle did not come to waits for the next slate.
    pub(super) fn settle(&mut self, now: DateTime<Utc>) {
        let next = match self.0.get(&Duty::Slate) {
            Some(slate) if slate.due > now => slate.due,
            Some(slate) => later(now, slate.every),
            None => return,
        };
        for entry in self.0.values_mut().filter(|entry| entry.due <= now) {
            entry.due = next;
        }
    }

    /// Nothing is due before `at`: the server asked for a rest.
    pub(super) fn rest_until(&mut self, at: DateTime<Utc>) {
        for entry in self.0.values_mut() {
            entry.due = entry.due.max(at);
        }
    }

    /// Time between two runs of `duty`.
    pub(super) fn every(&self, duty: Duty) -> Duration {
        self.0.get(&duty).map_or(UNASKED, |entry| entry.every)
    }

    /// Whether the last run of `duty` brought nothing.
    pub(super) fn fails(&self, duty: Duty) -> bool {
        self.0.get(&duty).is_some_and(|entry| entry.failures > 0)
    }

    /// When the next question is due.
    pub(super) fn next(&self) -> Option<DateTime<Utc>> {
        self.0.values().map(|entry| entry.due).min()
    }
}

/// `span` after `now`.
pub(super) fn later(now: DateTime<Utc>, span: Duration) -> DateTime<Utc> {
    TimeDelta::from_std(span)
        .ok()
        .and_then(|span| now.checked_add_signed(span))
        .unwrap_or(DateTime::<Utc>::MAX_UTC)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
    }

    fn agenda() -> Agenda {
        let mut settings = Sources::default();
        settings.odds_api.every = Duration::from_mins(1);
        settings.odds_api.scores_every = Duration::from_mins(5);
        Agenda::new(Source::OddsApi, &settings)
    }

    #[test]
    fn every_question_has_its_own_cadence() {
        let mut agenda = agenda();
        for duty in Duty::ALL {
            // No single game is asked for unless the settings name markets.
            assert_eq!(agenda.is_due(duty, at(0)), duty != Duty::Events, "{duty:?}");
            agenda.done(duty, at(0));
        }
        assert_eq!(agenda.next(), Some(at(60)));
        assert!(agenda.is_due(Duty::Slate, at(60)) && !agenda.is_due(Duty::Scores, at(60)));
        assert!(agenda.is_due(Duty::Scores, at(300)));
        agenda.want(Duty::Scores, at(10));
        assert_eq!(agenda.next(), Some(at(10)));
    }

    #[test]
    fn failures_wait_longer_and_longer_and_each_for_itself() {
        let mut agenda = agenda();
        for duty in Duty::ALL {
            agenda.done(duty, at(0));
        }
        for wait in [120, 240, 480, 600, 600] {
            agenda.failed(Duty::Slate, at(0));
            assert!(
                !agenda.is_due(Duty::Slate, at(wait - 1)) && agenda.is_due(Duty::Slate, at(wait))
            );
        }
        assert!(agenda.is_due(Duty::Scores, at(300)));
        agenda.done(Duty::Slate, at(0));
        agenda.failed(Duty::Slate, at(0));
        assert!(agenda.is_due(Duty::Slate, at(120)), "a success starts over");
    }

    #[test]
    fn what_was_not_reached_waits_for_the_next_slate_and_all_for_a_rest() {
        let mut agenda = agenda();
        agenda.done(Duty::Slate, at(0));
        agenda.settle(at(0));
        assert_eq!(agenda.next(), Some(at(60)));
        assert!(agenda.is_due(Duty::Reference, at(60)));
        agenda.rest_until(at(90));
        assert_eq!(agenda.next(), Some(at(90)));
    }
}
