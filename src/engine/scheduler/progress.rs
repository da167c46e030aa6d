//! What a source's task remembers between two cycles, and what the screen is told of it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use tokio_util::sync::CancellationToken;

use super::agenda::{Agenda, Duty};
use super::cycle::Cycle;
use super::fallback::Fallback;
use super::followed::Followed;
use super::histories::Histories;
use super::pace::Pace;
use super::record::{self, Record};
use crate::analytics::health::Assessment;
use crate::config::settings::Sources;
use crate::domain::source::Source;
use crate::engine::quota::{Purse, Terms};
use crate::engine::snapshot::{Breaker, SourceHealth, SourceView};

/// What is wrong with one question.
#[derive(Debug)]
struct Problem {
    reason: String,
    /// Nothing was answered.
    down: bool,
}

/// What a source's task remembers.
#[derive(Debug)]
pub(super) struct Progress {
    /// As the screen shows it.
    pub(super) view: SourceView,
    /// What is due when.
    pub(super) agenda: Agenda,
    /// Tick histories still missing.
    pub(super) histories: Histories,
    /// Which endpoint to ask.
    pub(super) fallback: Fallback,
    /// Games awaiting a look of their own.
    pub(super) followed: Followed,
    /// When each league is looked at next.
    pub(super) pace: Pace,
    /// Whether somebody asked for a look at every league, whatever it is worth.
    pub(super) wished: bool,
    /// What calls off the look under way, where somebody asked for it.
    pub(super) called_off: Option<CancellationToken>,
    /// Credits reserved and told.
    pub(super) purse: Purse,
    /// Whether scores were asked for in this run.
    pub(super) scored: bool,
    /// Whether the screen says that this source stopped itself.
    pub(super) stopped: bool,
    /// Its latest looks.
    pub(super) record: Record,
    problems: BTreeMap<Duty, Problem>,
}

impl Progress {
    /// Nothing asked yet.
    pub(super) fn new(source: Source, settings: &Sources) -> Self {
        let agenda = Agenda::new(source, settings);
        Self {
            view: SourceView {
                source,
                health: SourceHealth::Unknown,
                every_s: agenda.every(Duty::Slate).as_secs(),
                last_success: None,
                next_at: None,
                fetched: 0,
                failed: 0,
                staged: 0,
                changes: 0,
                rejects: 0,
                last_ms: None,
                quota_remaining: None,
                quota_used: None,
                quota_gone_at: None,
                reason: None,
                breaker: Breaker::Closed,
                assessed: Assessment::default(),
                assessed_at: None,
                drift: None,
            },
            agenda,
            histories: Histories::default(),
            fallback: Fallback::default(),
            followed: Followed::default(),
            pace: Pace::default(),
            wished: false,
            called_off: None,
            purse: Purse::new(source, Terms::of(settings)),
            scored: false,
            stopped: false,
            record: Record::default(),
            problems: BTreeMap::new(),
        }
    }

    /// The next look at the slate comes with the first league's turn.
    pub(super) fn follow_pace(&mut self) {
        if let Some(next) = self.pace.next() {
            self.agenda.put(Duty::Slate, next);
        }
        if let Some(every) = self.pace.every() {
            self.view.every_s = every.as_secs();
        }
    }

    /// Write down how `duty` went.
    pub(super) fn close(&mut self, duty: Duty, cycle: &Cycle, now: DateTime<Utc>) {
        if cycle.brought() {
            self.view.last_success = Some(now);
        }
        // A slate of which some league answered goes on at its cadence; a list that cannot be read is asked again.
        let failed = if duty == Duty::Slate {
            cycle.fetched == 0 && !cycle.failures.is_empty()
        } else {
            let problems = cycle.failures.len() + cycle.refusals.len();
            !cycle.brought() && problems > 0
        };
        if cycle.stopped.is_none() {
            if failed {
                self.agenda.failed(duty, now);
            } else {
                self.agenda.done(duty, now);
            }
        }
        // What fails the host fails its slate too, and passes with it.
        let host = cycle.host_failed();
        let place = if host { Duty::Slate } else { duty };
        if let Some(reason) = cycle.reason() {
            let reason = if place == duty && duty != Duty::Slate && cycle.notes.is_empty() {
                format!("{}: {reason}", duty.name())
            } else {
                reason
            };
            let down = is_down(place, cycle);
            self.problems.insert(place, Problem { reason, down });
        } else {
            self.problems.remove(&duty);
        }
        let worst = self
            .problems
            .get(&Duty::Slate)
            .or_else(|| self.problems.values().next());
        self.view.health = match worst {
            None => SourceHealth::Healthy,
            Some(Problem { down: true, .. }) => SourceHealth::Down,
            Some(_) => SourceHealth::Degraded,
        };
        self.view.reason = worst.map(|problem| problem.reason.clone());
        record::doubt(&mut self.view);
    }
}

/// Whether nothing was answered where the slate was asked: short of credits nobody was asked.
fn is_down(place: Duty, cycle: &Cycle) -> bool {
    place == Duty::Slate && cycle.fetched == 0 && !cycle.failures.is_empty()
}
