//! Whether a tier that failed is asked again yet.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// First rest after a failure; doubles with each further one.
const FIRST_REST: Duration = Duration::from_millis(500);

/// Longest rest.
const LONGEST_REST: Duration = Duration::from_secs(10);

/// Keeps a failing tier from being asked by everybody: after a failure it rests, then one caller tries.
#[derive(Debug)]
pub(crate) struct Circuit {
    name: &'static str,
    state: Mutex<State>,
}

#[derive(Debug)]
enum State {
    Untried,
    Up,
    Down {
        why: String,
        failures: u32,
        until: Instant,
    },
}

impl Circuit {
    /// A circuit for the tier called `name` in logs.
    pub fn new(name: &'static str) -> Self {
        Self {
            name,
            state: Mutex::new(State::Untried),
        }
    }

    /// Whether to ask now; else why not. The caller that is let through after a rest is alone for `trial`.
    pub fn permit(&self, now: Instant, trial: Duration) -> Result<(), String> {
        match &mut *self.lock() {
            State::Untried | State::Up => Ok(()),
            State::Down { why, until, .. } => {
                if now < *until {
                    return Err(why.clone());
                }
                *until = now + trial;
                Ok(())
            }
        }
    }

    /// It answered.
    pub fn succeeded(&self) {
        let mut state = self.lock();
        if matches!(*state, State::Down { .. }) {
            tracing::info!(tier = self.name, "the cache tier answers again");
        }
        *state = State::Up;
    }

    /// It failed; returns how many times in a row.
    pub fn failed(&self, now: Instant, why: String) -> u32 {
        let mut state = self.lock();
        let failures = match &*state {
            State::Down { failures, .. } => failures.saturating_add(1),
            State::Untried | State::Up => {
                tracing::warn!(
                    tier = self.name,
                    why,
                    "the cache tier failed; the next one answers"
                );
                1
            }
        };
        let rest = FIRST_REST
            .saturating_mul(1 << (failures - 1).min(10))
            .min(LONGEST_REST);
        *state = State::Down {
            why,
            failures,
            until: now + rest,
        };
        failures
    }

    /// `not asked yet`, `up` or `down: why`.
    pub fn sentence(&self) -> String {
        match &*self.lock() {
            State::Untried => "not asked yet".into(),
            State::Up => "up".into(),
            State::Down { why, .. } => format!("down: {why}"),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rests_longer_each_time_and_lets_one_caller_try() {
        let circuit = Circuit::new("test");
        let trial = Duration::from_millis(100);
        let mut now = Instant::now();
        assert_eq!(circuit.sentence(), "not asked yet");
        assert!(circuit.permit(now, trial).is_ok());
        for (failures, rest_ms) in [
            (1, 500),
            (2, 1_000),
            (3, 2_000),
            (4, 4_000),
            (5, 8_000),
            (6, 10_000),
            (7, 10_000),
        ] {
            assert_eq!(circuit.failed(now, "refused".into()), failures);
            assert_eq!(circuit.permit(now, trial), Err("refused".into()));
            now += Duration::from_millis(rest_ms - 1);
            assert!(circuit.permit(now, trial).is_err());
            now += Duration::from_millis(1);
            assert!(circuit.permit(now, trial).is_ok());
            assert!(circuit.permit(now, trial).is_err(), "one at a time");
        }
        circuit.succeeded();
        assert!(circuit.permit(now, trial).is_ok());
        assert!(circuit.permit(now, trial).is_ok());
        assert_eq!(circuit.sentence(), "up");
    }
}
