//! What becomes of runs whose time has come.

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::domain::schedule::Schedule;

/// Missed runs recorded of one job at most; older ones go unrecorded.
const MOST_MISSED: usize = 500;

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Judged {
    /// Runs that nobody made.
    pub missed: Vec<DateTime<Utc>>,
    /// The run to make now. One that is made up stands under `missed` too.
    pub run: Option<DateTime<Utc>>,
}

/// How late is still in time, and whether late is better than never.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// So much later than due is still in time.
    pub grace: TimeDelta,
    /// We were here when it was due, and the database was not: it is in time until the next.
    pub held: bool,
    /// The newest missed run is made up.
    pub catch_up: bool,
}

/// Times due from `first`, itself included, up to `now`; the newest 500.
pub fn due_times(
    schedule: &Schedule,
    zone: Tz,
    first: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Vec<DateTime<Utc>> {
    let mut times = VecDeque::new();
    let mut next = Some(first);
    while let Some(due) = next.filter(|due| *due <= now) {
        if times.len() == MOST_MISSED {
            times.pop_front();
        }
        times.push_back(due);
        next = schedule.next_due(zone, due);
    }
    times.into()
}

/// Judge `due`, oldest first.
pub fn judge(due: &[DateTime<Utc>], now: DateTime<Utc>, patience: Patience) -> Judged {
    let Some((newest, older)) = due.split_last() else {
        return Judged::default();
    };
    if patience.held || now - *newest <= patience.grace {
        return Judged {
            missed: older.to_vec(),
            run: Some(*newest),
        };
    }
    Judged {
        missed: due.to_vec(),
        run: patience.catch_up.then_some(*newest),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn patience(held: bool, catch_up: bool) -> Patience {
        Patience {
            grace: TimeDelta::minutes(1),
            held,
            catch_up,
        }
    }

    #[test]
    fn the_newest_runs_in_time_and_the_others_are_missed() {
        let schedule = Schedule::parse("0 3 * * *").unwrap();
        let first = at("2026-03-06T08:00:00Z");
        let now = at("2026-03-09T07:00:20Z");
        // The clocks change on the 8th.
        let due = due_times(&schedule, chrono_tz::US::Eastern, first, now);
        let all = [
            "2026-03-06T08:00:00Z",
            "2026-03-07T08:00:00Z",
            "2026-03-08T07:00:00Z",
            "2026-03-09T07:00:00Z",
        ]
        .map(at);
        assert_eq!(due, all);
        let judged = judge(&due, now, patience(false, false));
        assert_eq!(
            (judged.missed.as_slice(), judged.run),
            (&all[..3], Some(all[3]))
        );

        let late = now + TimeDelta::hours(2);
        assert_eq!(
            judge(&due, late, patience(false, false)),
            Judged {
                missed: all.to_vec(),
                run: None
            }
        );
        assert_eq!(
            judge(&due, late, patience(false, true)),
            Judged {
                missed: all.to_vec(),
                run: Some(all[3])
            }
        );
        assert_eq!(judge(&due, late, patience(true, false)), judged);
        assert_eq!(judge(&[], late, patience(true, true)), Judged::default());
        assert!(due_times(&schedule, chrono_tz::US::Eastern, late, now).is_empty());
    }

    #[test]
    fn years_away_are_not_recorded_run_by_run() {
        let schedule = Schedule::parse("*/15 8-23 * * *").unwrap();
        let (first, now) = (at("2020-01-01T13:00:00Z"), at("2026-01-01T13:00:00Z"));
        let due = due_times(&schedule, chrono_tz::US::Eastern, first, now);
        assert_eq!((due.len(), due.last()), (MOST_MISSED, Some(&now)));
    }
}
