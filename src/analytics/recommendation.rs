//! What a record says of a signal: bet or pass, in words. Without a record there is no recommendation.

use super::metrics::wilson;
use super::normal;
use crate::domain::market::{UnknownName, names};
use serde::{Deserialize, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// Fewest graded signals that a recommendation is made from.
pub const NEEDS: u64 = 20;
/// How sure it must be that they made money.
pub const SURE: f64 = 0.9;

names! {
    /// What is recommended.
    Action, "action" {
        /// Bet.
        Bet = "bet",
        /// Do not.
        Pass = "pass",
    }
}

/// How a preset's signals turned out in a league and market: those with a price, on one unit each.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Record {
    /// Graded.
    pub graded: u64,
    /// Won; halves count half.
    pub won: f64,
    /// Lost.
    pub lost: f64,
    /// Mean profit of a unit.
    pub roi: Option<f64>,
    /// Its standard deviation (n − 1).
    pub deviation: Option<f64>,
    /// Mean value against the close.
    pub clv: Option<f64>,
}

impl Record {
    /// Won over won and lost.
    pub fn hit_rate(&self) -> Option<f64> {
        let decided = self.won + self.lost;
        (decided > 0.0).then(|| self.won / decided)
    }

    /// Wilson's 95 % interval of it; rounded to whole bets.
    pub fn hits_between(&self) -> Option<(f64, f64)> {
        let decided = (self.won + self.lost).round() as u64;
        let interval = wilson((self.won.round() as u64).min(decided), decided, 0.95)?;
        Some((interval.low, interval.high))
    }

    /// Probability that the return is above nothing: Φ(√n · mean / deviation). None without a spread.
    pub fn confidence(&self) -> Option<f64> {
        let deviation = self.deviation.filter(|d| *d > 0.0)?;
        Some(normal::cumulative(
            self.roi? / deviation * (self.graded as f64).sqrt(),
        ))
    }
}

/// A recommendation.
#[derive(Debug, Clone, PartialEq)]
pub struct Recommendation {
    /// What to do.
    pub action: Action,
    /// Why, as a sentence.
    pub reason: String,
}

/// What `record` says of a signal whose side can be had at a price or not.
pub fn recommend(record: Option<&Record>, priced: bool) -> Recommendation {
    let pass = |reason: String| Recommendation {
        action: Action::Pass,
        reason,
    };
    let Some(record) = record.filter(|record| record.graded > 0) else {
        return pass(
            "no recommendation: none of this preset's signals in this league and market has a result yet"
                .to_owned(),
        );
    };
    let graded = record.graded;
    if graded < NEEDS {
        return pass(format!(
            "no recommendation: {graded} of these signals have a result, and {NEEDS} are needed"
        ));
    }
    let (Some(roi), Some(confidence)) = (record.roi, record.confidence()) else {
        return pass(format!(
            "no recommendation: the {graded} signals with a result all ended alike, which says nothing of the next"
        ));
    };
    let said = format!("{graded} graded, ROI {:+.1} %", roi * 100.0);
    if roi <= 0.0 {
        return pass(format!("pass: {said}"));
    }
    if confidence < SURE {
        return pass(format!(
            "pass: {said}, and luck alone makes as much in {:.0} of 100 cases",
            (1.0 - confidence) * 100.0
        ));
    }
    if !priced {
        return pass(format!("pass: {said}, but no shop was open on this side"));
    }
    Recommendation {
        action: Action::Bet,
        reason: format!(
            "bet: {said}, which luck alone makes in {:.0} of 100 cases",
            (1.0 - confidence) * 100.0
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(graded: u64, roi: f64) -> Record {
        Record {
            graded,
            won: graded as f64 * 0.55,
            lost: graded as f64 * 0.45,
            roi: Some(roi),
            deviation: Some(1.0),
            clv: None,
        }
    }

    #[test]
    fn no_record_no_recommendation_and_it_says_why() {
        for (record, priced, action, words) in [
            (None, true, Action::Pass, "has a result yet"),
            (
                Some(Record::default()),
                true,
                Action::Pass,
                "has a result yet",
            ),
            (
                Some(record(19, 0.5)),
                true,
                Action::Pass,
                "19 of these signals have a result, and 20",
            ),
            (
                Some(Record {
                    deviation: Some(0.0),
                    ..record(40, 0.9)
                }),
                true,
                Action::Pass,
                "ended alike",
            ),
            (Some(record(400, -0.01)), true, Action::Pass, "ROI -1.0 %"),
            (Some(record(100, 0.05)), true, Action::Pass, "in 31 of 100"),
            (
                Some(record(400, 0.1)),
                false,
                Action::Pass,
                "no shop was open",
            ),
            (
                Some(record(400, 0.1)),
                true,
                Action::Bet,
                "400 graded, ROI +10.0 %",
            ),
        ] {
            let found = recommend(record.as_ref(), priced);
            assert_eq!(found.action, action, "{}", found.reason);
            assert!(found.reason.contains(words), "{}", found.reason);
        }
        let hits = record(400, 0.1);
        let (low, high) = hits.hits_between().unwrap();
        assert!(low < hits.hit_rate().unwrap() && hits.hit_rate().unwrap() < high);
        assert!((hits.confidence().unwrap() - normal::cumulative(2.0)).abs() < 1e-12);
    }
}
