//! One cycle of questions and how it went.

use crate::domain::clean::clean;
use crate::domain::source::Source;
use crate::sources::FetchError;

/// How some questions went.
#[derive(Debug, Default)]
pub(super) struct Cycle {
    /// Answers.
    pub(super) fetched: u32,
    /// Why there was none.
    pub(super) failures: Vec<FetchError>,
    /// Why bodies could not be read.
    pub(super) refusals: Vec<String>,
    /// What was asked in another way, or not at all, and why.
    pub(super) notes: Vec<String>,
    /// Whether credits forbade a question.
    pub(super) short_of_credits: bool,
    /// Whether somebody called the look off before everything was asked.
    pub(super) called_off: bool,
    /// Why nothing more can be asked: the spool takes nothing.
    pub(super) stopped: Option<String>,
}

impl Cycle {
    /// Both.
    pub(super) fn add(&mut self, other: Self) {
        self.fetched += other.fetched;
        self.failures.extend(other.failures);
        self.refusals.extend(other.refusals);
        self.notes.extend(other.notes);
        self.short_of_credits |= other.short_of_credits;
        self.called_off |= other.called_off;
        self.stopped = other.stopped.or(self.stopped.take());
    }

    /// Whether an answer could be read.
    pub(super) fn brought(&self) -> bool {
        self.fetched as usize > self.refusals.len()
    }

    /// Whether the whole host failed, and not only this question.
    pub(super) fn host_failed(&self) -> bool {
        self.stopped.is_some() || self.failures.last().is_some_and(ends_cycle)
    }

    /// Whether the key was refused: asking again by the clock would not help.
    pub(super) fn refused(&self) -> bool {
        self.failures
            .iter()
            .any(|e| matches!(e, FetchError::Refused { .. }))
    }

    /// What is wrong, in a sentence; none when all went well.
    pub(super) fn reason(&self) -> Option<String> {
        let failed = self.failures.last().map(ToString::to_string);
        // A note says what is done about a failure, where something is.
        let noted = self.notes.last().filter(|_| self.fetched > 0).cloned();
        let reason = self
            .stopped
            .clone()
            .or(noted)
            .or(failed)
            .or_else(|| self.refusals.last().cloned())
            .or_else(|| self.notes.last().cloned())?;
        Some(clean(&reason, 300))
    }

    /// For whoever asked.
    pub(super) fn outcome(&self, source: Source) -> Result<String, String> {
        match self.reason() {
            Some(reason) => Err(format!("{source}: {reason}")),
            None if self.called_off => Ok(format!(
                "{source}: {} answers, the rest not asked",
                self.fetched
            )),
            None => Ok(format!("{source}: {} answers", self.fetched)),
        }
    }
}

/// Errors after which the rest of the cycle would fail the same way.
pub(super) const fn ends_cycle(error: &FetchError) -> bool {
    matches!(
        error,
        FetchError::Refused { .. } | FetchError::TooMany { .. } | FetchError::Connect { .. }
    )
}
