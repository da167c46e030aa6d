//! The breaker of a source: when it is asked at its cadence, and when one question decides.
//!
//! It has no wait of its own. Open, a source is asked when its agenda says so, which waits longer after each failure
//! (`agenda`); then one question is asked, and the next only if that brings an answer.

use crate::engine::snapshot::Breaker as State;
use crate::sources::FetchError;

/// Failures in a row after which a source is left in peace.
const MOST_FAILURES: u32 = 3;

/// A source's breaker.
#[derive(Debug, Default)]
pub(super) struct Breaker {
    state: State,
    failures: u32,
}

impl Breaker {
    /// How it stands.
    pub(super) const fn state(&self) -> State {
        self.state
    }

    /// Whether nothing more is to be asked in this cycle.
    pub(super) fn is_open(&self) -> bool {
        self.state == State::Open
    }

    /// A question is about to be asked. True when it is the one that decides.
    pub(super) fn ask(&mut self) -> bool {
        if self.state == State::Closed {
            return false;
        }
        self.state = State::HalfOpen;
        true
    }

    /// What a question brought.
    pub(super) fn note(&mut self, failure: Option<&FetchError>) {
        match failure {
            // Asking again would not help until a person has acted.
            Some(FetchError::Refused { .. }) => {
                self.failures = self.failures.saturating_add(1);
                self.state = State::Open;
            }
            Some(error) if error.is_transient() => {
                self.failures = self.failures.saturating_add(1);
                if self.state == State::HalfOpen || self.failures >= MOST_FAILURES {
                    self.state = State::Open;
                }
            }
            // Other errors are answers too: the host is there.
            Some(_) | None => *self = Self::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn timeout() -> FetchError {
        FetchError::Timeout {
            host: "feed".into(),
            after: Duration::from_secs(1),
        }
    }

    #[test]
    fn three_failures_open_it_one_question_tries_and_an_answer_closes_it() {
        let mut breaker = Breaker::default();
        for failures in 1..=3 {
            assert!(!breaker.ask(), "after {failures} questions");
            assert!(!breaker.is_open());
            breaker.note(Some(&timeout()));
        }
        assert_eq!(breaker.state(), State::Open);
        // One failure is enough from now on.
        assert!(breaker.ask());
        assert_eq!(breaker.state(), State::HalfOpen);
        breaker.note(Some(&timeout()));
        assert!(breaker.is_open());
        assert!(breaker.ask());
        breaker.note(None);
        assert_eq!(breaker.state(), State::Closed);
        breaker.note(Some(&timeout()));
        assert_eq!(breaker.state(), State::Closed, "an answer starts over");
    }

    #[test]
    fn a_refused_key_opens_it_at_once_and_a_missing_page_never_does() {
        let mut breaker = Breaker::default();
        for _ in 0..9 {
            breaker.note(Some(&FetchError::Status {
                host: "feed".into(),
                status: 404,
                retry_after: None,
            }));
        }
        assert_eq!(breaker.state(), State::Closed);
        breaker.note(Some(&FetchError::Refused {
            host: "feed".into(),
            status: 401,
        }));
        assert_eq!(breaker.state(), State::Open);
    }

    #[test]
    fn failures_with_answers_between_them_do_not_open_it() {
        let mut breaker = Breaker::default();
        for _ in 0..9 {
            breaker.note(Some(&timeout()));
            breaker.note(Some(&timeout()));
            breaker.note(None);
        }
        assert_eq!(breaker.state(), State::Closed);
    }
}
