//! One load a key at a time: whoever comes while it runs waits for its outcome.

use std::any::Any;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::glob;
use super::stats::Origin;

type Shared = Arc<dyn Any + Send + Sync>;

/// What a load came to, for everybody who waited.
#[derive(Clone)]
pub(crate) struct Outcome {
    pub origin: Origin,
    pub value: Result<Option<Shared>, Shared>,
}

/// A load under way. Whoever holds the lock loads; when its holder is cancelled the next one waiting does.
#[derive(Default)]
pub(crate) struct Flight {
    pub outcome: tokio::sync::Mutex<Option<Outcome>>,
    stale: AtomicBool,
}

impl Flight {
    /// Whether the key was invalidated since the flight began: its value may be of before.
    pub fn is_stale(&self) -> bool {
        self.stale.load(Ordering::Acquire)
    }
}

/// Every load under way.
#[derive(Default)]
pub(crate) struct Flights {
    by_key: Mutex<HashMap<Arc<str>, Arc<Flight>>>,
}

/// A place on a flight; the last one to leave takes the flight off the board.
pub(crate) struct Seat<'a> {
    flights: &'a Flights,
    key: Arc<str>,
    pub flight: Arc<Flight>,
}

impl Flights {
    /// Join the load of `key`, or begin one.
    pub fn join(&self, key: &str) -> Seat<'_> {
        let key: Arc<str> = key.into();
        let flight = Arc::clone(self.lock().entry(Arc::clone(&key)).or_default());
        Seat {
            flights: self,
            key,
            flight,
        }
    }

    /// Loads of matching keys that are under way bring what was true before: nobody keeps it, and whoever asks from
    /// now on loads anew.
    pub fn invalidate(&self, matches: impl Fn(&str) -> bool) {
        self.lock().retain(|key, flight| {
            let hit = matches(key);
            if hit {
                flight.stale.store(true, Ordering::Release);
            }
            !hit
        });
    }

    /// As [`Self::invalidate`], by pattern.
    pub fn invalidate_matching(&self, pattern: &str) {
        self.invalidate(|key| glob::matches(pattern, key));
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Arc<str>, Arc<Flight>>> {
        self.by_key.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seat<'_> {
    /// The flight has landed: who comes from now on begins another.
    pub fn land(&self) {
        let mut flights = self.flights.lock();
        if flights
            .get(&self.key)
            .is_some_and(|flight| Arc::ptr_eq(flight, &self.flight))
        {
            flights.remove(&self.key);
        }
    }
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        let mut flights = self.flights.lock();
        // The board's own and this one: nobody is left who could load.
        let last = Arc::strong_count(&self.flight) <= 2;
        if last
            && flights
                .get(&self.key)
                .is_some_and(|flight| Arc::ptr_eq(flight, &self.flight))
        {
            flights.remove(&self.key);
        }
    }
}
