//! Time as a value: the wall clock, or the demo's simulated one.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::watch;
use tokio::time::Instant;

/// A clock that can be shared. Cadence and stored times follow it; sockets, disk and back-off are always real.
#[derive(Clone)]
pub struct Clock(Arc<Kind>);

enum Kind {
    Wall,
    Simulated {
        /// Where the clock stands until it is set going.
        rest: DateTime<Utc>,
        speed: u32,
        going: watch::Sender<Option<(Instant, DateTime<Utc>)>>,
    },
    Stepped {
        now: watch::Sender<DateTime<Utc>>,
        /// When each sleeper wakes.
        asleep: watch::Sender<BTreeMap<u64, DateTime<Utc>>>,
        serial: AtomicU64,
    },
}

/// Takes a sleeper off the list, however its sleep ends.
struct Asleep<'a> {
    sleepers: &'a watch::Sender<BTreeMap<u64, DateTime<Utc>>>,
    serial: u64,
}

impl Drop for Asleep<'_> {
    fn drop(&mut self) {
        self.sleepers.send_modify(|all| {
            all.remove(&self.serial);
        });
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clock(×{})", self.speed())
    }
}

impl Clock {
    /// The machine's own time.
    pub fn wall() -> Self {
        Self(Arc::new(Kind::Wall))
    }

    /// A clock that stands at `rest` until [`Self::set_going`], then runs `speed` times as fast as real time.
    pub fn simulated(rest: DateTime<Utc>, speed: u32) -> Self {
        let (going, _) = watch::channel(None);
        Self(Arc::new(Kind::Simulated {
            rest,
            speed: speed.max(1),
            going,
        }))
    }

    /// A clock that stands until [`Self::step`]: a year passes as fast as the work in it is done.
    pub fn stepped(from: DateTime<Utc>) -> Self {
        Self(Arc::new(Kind::Stepped {
            now: watch::Sender::new(from),
            asleep: watch::Sender::new(BTreeMap::new()),
            serial: AtomicU64::new(0),
        }))
    }

    /// Wait until `sleepers` sleep, then put a stepped clock forward to the first waking. Returns that time; none, and
    /// nothing is done, for the other clocks.
    pub async fn step(&self, sleepers: usize) -> Option<DateTime<Utc>> {
        let Kind::Stepped { now, asleep, .. } = &*self.0 else {
            return None;
        };
        let mut list = asleep.subscribe();
        let first = {
            // The sender lives as long as this clock: waiting cannot fail.
            let all = list.wait_for(|all| all.len() >= sleepers).await.ok()?;
            all.values().min().copied()?
        };
        now.send_modify(|now| *now = first.max(*now));
        // Who wakes leaves the list before the next step looks at it.
        let woken = |all: &BTreeMap<u64, DateTime<Utc>>| all.values().all(|at| *at > first);
        let _ = list.wait_for(woken).await;
        Some(first)
    }

    /// Let a simulated clock run from `from`; a clock that runs already, and the wall clock, are left alone.
    pub fn set_going(&self, from: DateTime<Utc>) {
        if let Kind::Simulated { going, .. } = &*self.0 {
            going.send_if_modified(|state| {
                let start = state.is_none();
                state.get_or_insert((Instant::now(), from));
                start
            });
        }
    }

    /// Now.
    pub fn now(&self) -> DateTime<Utc> {
        match &*self.0 {
            Kind::Wall => Utc::now(),
            Kind::Stepped { now, .. } => *now.borrow(),
            Kind::Simulated { rest, speed, going } => {
                going.borrow().map_or(*rest, |(started, from)| {
                    let real = TimeDelta::from_std(started.elapsed()).unwrap_or(TimeDelta::MAX);
                    from + real * i32::try_from(*speed).unwrap_or(i32::MAX)
                })
            }
        }
    }

    /// Seconds of this clock in a real second.
    pub fn speed(&self) -> u32 {
        match &*self.0 {
            Kind::Wall | Kind::Stepped { .. } => 1,
            Kind::Simulated { speed, .. } => *speed,
        }
    }

    /// Whether times are made up.
    pub fn is_simulated(&self) -> bool {
        !matches!(&*self.0, Kind::Wall)
    }

    /// How long `span` of this clock takes in real time.
    pub fn real(&self, span: Duration) -> Duration {
        span / self.speed()
    }

    /// Wait for `span` of this clock; while it stands still, that is until it goes.
    pub async fn sleep(&self, span: Duration) {
        if let Kind::Stepped {
            now,
            asleep,
            serial,
        } = &*self.0
        {
            let mut now = now.subscribe();
            let until = now
                .borrow()
                .checked_add_signed(TimeDelta::from_std(span).unwrap_or(TimeDelta::MAX))
                .unwrap_or(DateTime::<Utc>::MAX_UTC);
            let serial = serial.fetch_add(1, Ordering::Relaxed);
            asleep.send_modify(|all| {
                all.insert(serial, until);
            });
            let _asleep = Asleep {
                sleepers: asleep,
                serial,
            };
            let _ = now.wait_for(|now| *now >= until).await;
            return;
        }
        if let Kind::Simulated { going, .. } = &*self.0 {
            let mut going = going.subscribe();
            // The sender lives as long as this clock: waiting cannot fail.
            let _ = going.wait_for(Option::is_some).await;
        }
        tokio::time::sleep(self.real(span)).await;
    }
}
