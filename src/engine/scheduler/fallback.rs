//! When a feed's newer endpoint fails again and again, its older one is read until the newer answers.

use std::collections::HashMap;

use crate::domain::league::League;

/// Failures in a row before the older endpoint is read.
const PATIENCE: u32 = 3;
/// Of so many looks by the older endpoint one tries the newer first.
const TRY_AGAIN: u32 = 4;

/// Which endpoint to ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// The one with everything in it.
    Newer,
    /// The older one.
    Older,
}

#[derive(Debug, Default)]
struct Trouble {
    failures: u32,
    looks: u32,
    reason: String,
}

/// The leagues whose newer endpoint fails.
#[derive(Debug, Default)]
pub(super) struct Fallback(HashMap<League, Trouble>);

impl Fallback {
    /// Which endpoint this look at `league` asks first.
    pub(super) fn way(&mut self, league: League) -> Way {
        let Some(trouble) = self.0.get_mut(&league) else {
            return Way::Newer;
        };
        if trouble.failures < PATIENCE {
            return Way::Newer;
        }
        trouble.looks += 1;
        if trouble.looks.is_multiple_of(TRY_AGAIN) {
            Way::Newer
        } else {
            Way::Older
        }
    }

    /// The newer endpoint answered.
    pub(super) fn answered(&mut self, league: League) {
        self.0.remove(&league);
    }

    /// The newer endpoint failed.
    pub(super) fn failed(&mut self, league: League, reason: String) {
        let trouble = self.0.entry(league).or_default();
        trouble.failures = trouble.failures.saturating_add(1);
        trouble.reason = reason;
    }

    /// Why the older endpoint is read, if it is.
    pub(super) fn reason(&self, league: League) -> Option<String> {
        let trouble = self.0.get(&league)?;
        (trouble.failures >= PATIENCE).then(|| {
            format!(
                "{league}: the newer scoreboard fails ({}); the older one is read until it answers",
                trouble.reason
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goes_over_after_some_failures_and_back_at_the_first_answer() {
        let mut fallback = Fallback::default();
        for _ in 0..PATIENCE {
            assert_eq!(fallback.reason(League::Mlb), None);
            assert_eq!(fallback.way(League::Mlb), Way::Newer);
            fallback.failed(League::Mlb, "HTTP 500".into());
        }
        assert!(fallback.reason(League::Mlb).unwrap().contains("HTTP 500"));
        assert_eq!(
            fallback.way(League::Nfl),
            Way::Newer,
            "each league for itself"
        );
        let ways: Vec<Way> = (0..TRY_AGAIN).map(|_| fallback.way(League::Mlb)).collect();
        assert_eq!(ways.iter().filter(|way| **way == Way::Newer).count(), 1);
        fallback.answered(League::Mlb);
        assert_eq!(fallback.way(League::Mlb), Way::Newer);
        assert_eq!(fallback.reason(League::Mlb), None);
    }

    #[test]
    fn an_answer_between_failures_starts_the_count_over() {
        let mut fallback = Fallback::default();
        for _ in 0..2 * PATIENCE {
            fallback.failed(League::Mlb, "HTTP 500".into());
            fallback.answered(League::Mlb);
        }
        assert_eq!(fallback.reason(League::Mlb), None);
    }
}
