//! Stale prices: a book that has been silent for longer than is its way, and stands apart from the others.
//!
//! Both must hold. An old price that agrees with the market is quiet, and a young one that disagrees is an opinion.

use super::consensus::median;

/// How old a quote is, told two ways.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Age {
    /// Seconds since it changed.
    pub changed: f64,
    /// Seconds since it was last seen, changed or not.
    pub seen: f64,
}

/// What is known of a quote's freshness.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// Changed no longer ago than the book usually takes.
    Fresh,
    /// Unchanged for longer, and confirmed lately: the price stands.
    Confirmed,
    /// Unchanged for longer, and not seen since either: nobody knows.
    Unseen,
}

/// A quote against its own book's pace and the market.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Staleness {
    /// How fresh it is.
    pub freshness: Freshness,
    /// |p − median| in units of the market's MAD; infinite where the others agree to the last bit and this one does not.
    pub distance: f64,
    /// Not fresh, and further than k·MAD from the others.
    pub stale: bool,
}

/// How long a book takes between changes, 95 times in 100: the smallest interval that 95 % do not exceed. Times in seconds, in
/// order. None below `fewest` intervals, for then nothing is known of its pace.
pub fn pace(changes: &[f64], fewest: usize) -> Option<f64> {
    let mut intervals: Vec<f64> = changes
        .windows(2)
        .filter_map(|pair| match pair {
            [before, after] if after > before => Some(after - before),
            _ => None,
        })
        .collect();
    if intervals.len() < fewest.max(1) {
        return None;
    }
    intervals.sort_by(f64::total_cmp);
    let rank = (intervals.len() * 95).div_ceil(100);
    intervals.get(rank.saturating_sub(1)).copied()
}

/// Median absolute deviation from the median. None of nothing.
pub fn deviation(values: &[f64]) -> Option<f64> {
    let middle = median(values)?;
    let off: Vec<f64> = values.iter().map(|value| (value - middle).abs()).collect();
    median(&off)
}

/// Judge a quote: its `age`, its book's `pace` (p95 of its intervals, seconds), how often the feed is asked (`every`, seconds),
/// its fair probability, and the other books' at the same number.
///
/// It is stale where it has not changed for longer than the pace and |p − median| > k·MAD. Not fresh, it is confirmed where it
/// was seen within two looks. None where no other book has the number.
pub fn judge(
    age: Age,
    pace: f64,
    every: f64,
    fair: f64,
    others: &[f64],
    k: f64,
) -> Option<Staleness> {
    let (middle, spread) = (median(others)?, deviation(others)?);
    let freshness = if age.changed <= pace {
        Freshness::Fresh
    } else if age.seen <= 2.0 * every {
        Freshness::Confirmed
    } else {
        Freshness::Unseen
    };
    let off = (fair - middle).abs();
    let distance = if spread > 0.0 {
        off / spread
    } else if off > 1e-12 {
        f64::INFINITY
    } else {
        0.0
    };
    Some(Staleness {
        freshness,
        distance,
        stale: freshness != Freshness::Fresh && distance > k,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const OTHERS: [f64; 5] = [0.55, 0.56, 0.54, 0.55, 0.56];

    fn at(changed: f64, seen: f64, fair: f64) -> Staleness {
        judge(Age { changed, seen }, 120.0, 10.0, fair, &OTHERS, 3.0).unwrap()
    }

    #[test]
    fn old_and_apart_is_stale_and_neither_alone() {
        assert!(at(600.0, 5.0, 0.50).stale);
        assert!(!at(60.0, 5.0, 0.50).stale, "young");
        assert!(!at(600.0, 5.0, 0.555).stale, "agrees");
        assert_eq!(at(600.0, 5.0, 0.5).freshness, Freshness::Confirmed);
        assert_eq!(at(600.0, 300.0, 0.5).freshness, Freshness::Unseen);
        assert_eq!(at(60.0, 60.0, 0.5).freshness, Freshness::Fresh);
    }

    #[test]
    fn distance_is_in_deviations() {
        assert!((deviation(&OTHERS).unwrap() - 0.01).abs() < 1e-12);
        assert!((at(0.0, 0.0, 0.58).distance - 3.0).abs() < 1e-9);
        let agreed = |fair| {
            let age = Age {
                changed: 9.0,
                seen: 0.0,
            };
            judge(age, 1.0, 1.0, fair, &[0.5, 0.5, 0.5], 3.0).unwrap()
        };
        assert!(agreed(0.51).stale && !agreed(0.5).stale);
        let age = Age {
            changed: 1.0,
            seen: 1.0,
        };
        assert_eq!(judge(age, 1.0, 1.0, 0.5, &[], 3.0), None);
    }

    #[test]
    fn pace_is_the_books_own() {
        let minutely: Vec<f64> = (0..=20).map(|n| 60.0 * f64::from(n)).collect();
        assert_eq!(pace(&minutely, 5), Some(60.0));
        let mut pausing = minutely.clone();
        pausing.push(60.0 * 20.0 + 3600.0);
        pausing.push(60.0 * 20.0 + 7200.0);
        // Two pauses in twenty-two intervals are more than one in twenty.
        assert_eq!(pace(&pausing, 5), Some(3600.0));
        assert_eq!(pace(&minutely[..3], 5), None);
        assert_eq!(pace(&[], 0), None);
    }
}
