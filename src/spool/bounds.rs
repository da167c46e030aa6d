//! When the spool is full, and when it is no longer.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::store::{Head, Totals};
use crate::config::settings;
use crate::config::settings::duration_text;

/// Which bound is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Pressure {
    /// More compressed bytes than `spool.max_bytes`; how many too many.
    Bytes(u64),
    /// Less free space than `spool.min_free_bytes`.
    Space { free: u64, floor: u64 },
    /// The head of the queue is older than `spool.max_age`.
    Age(Duration),
}

/// What the bounds are judged by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Measure {
    pub totals: Totals,
    pub head: Option<Head>,
    pub free: Option<u64>,
    pub now: DateTime<Utc>,
}

impl Pressure {
    /// The first bound that `incoming` more bytes would break. Once full, a bound holds until a tenth below it, so
    /// that polling does not start and stop with every payload.
    pub fn of(
        bounds: &settings::Spool,
        measure: &Measure,
        incoming: u64,
        was_full: bool,
    ) -> Option<Self> {
        let max_bytes = if was_full {
            bounds.max_bytes / 10 * 9
        } else {
            bounds.max_bytes
        };
        let wanted = measure.totals.bytes.saturating_add(incoming);
        if wanted > max_bytes {
            return Some(Self::Bytes(wanted - max_bytes));
        }
        let floor = if was_full {
            bounds
                .min_free_bytes
                .saturating_add(bounds.min_free_bytes / 10)
        } else {
            bounds.min_free_bytes
        };
        if let Some(free) = measure.free
            && free.saturating_sub(incoming) < floor
        {
            return Some(Self::Space { free, floor });
        }
        Self::of_age(bounds, measure)
    }

    /// Whether the head of the queue has waited too long.
    pub fn of_age(bounds: &settings::Spool, measure: &Measure) -> Option<Self> {
        let waited = measure
            .head
            .and_then(|head| (measure.now - head.spooled_at).to_std().ok())?;
        (waited > bounds.max_age).then_some(Self::Age(waited))
    }

    /// Why nothing more is accepted, and what to do.
    pub fn sentence(&self, bounds: &settings::Spool, measure: &Measure) -> String {
        match self {
            Self::Bytes(_) => format!(
                "the spool is full ({} of {} bytes); polling stops until Postgres takes them: start Postgres, or raise spool.max_bytes",
                measure.totals.bytes, bounds.max_bytes
            ),
            Self::Space { free, floor } => format!(
                "the disk of the spool has {free} bytes free, less than {floor}; polling stops: free some space, or lower spool.min_free_bytes"
            ),
            Self::Age(waited) => format!(
                "the oldest payload in the spool has waited {} hours, longer than spool.max_age ({}); polling stops until Postgres takes it: start Postgres, or raise spool.max_age",
                waited.as_secs() / 3_600,
                duration_text::format(bounds.max_age)
            ),
        }
    }
}

/// What `SQLite`'s own "disk full" means to the reader.
pub(crate) fn disk_full_sentence(reason: &str) -> String {
    format!(
        "the disk of the spool is full ({reason}); polling stops: free some space, linetape goes on by itself"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    fn measure(bytes: u64, free: u64, waited_s: i64) -> Measure {
        let now = DateTime::from_timestamp(1_752_361_327, 0).unwrap();
        Measure {
            totals: Totals {
                bytes,
                ..Totals::default()
            },
            head: Some(Head {
                seq: 1,
                stored_bytes: 1,
                observed_at: now,
                spooled_at: now - TimeDelta::seconds(waited_s),
            }),
            free: Some(free),
            now,
        }
    }

    #[test]
    fn each_bound_holds_and_releases_a_tenth_below() {
        let bounds = settings::Spool {
            max_bytes: 1_000,
            min_free_bytes: 500,
            max_age: Duration::from_mins(1),
            ..settings::Spool::default()
        };
        let of = |m: &Measure, was_full| Pressure::of(&bounds, m, 10, was_full);
        assert_eq!(of(&measure(990, 9_999, 0), false), None);
        assert_eq!(of(&measure(991, 9_999, 0), false), Some(Pressure::Bytes(1)));
        assert_eq!(of(&measure(891, 9_999, 0), true), Some(Pressure::Bytes(1)));
        assert_eq!(of(&measure(890, 9_999, 0), true), None);
        assert_eq!(of(&measure(0, 510, 0), false), None);
        assert!(matches!(
            of(&measure(0, 509, 0), false),
            Some(Pressure::Space { .. })
        ));
        assert!(matches!(
            of(&measure(0, 559, 0), true),
            Some(Pressure::Space { .. })
        ));
        assert_eq!(of(&measure(0, 560, 0), true), None);
        assert!(matches!(
            of(&measure(0, 9_999, 61), false),
            Some(Pressure::Age(_))
        ));
        assert_eq!(of(&measure(0, 9_999, 60), false), None);
    }
}
