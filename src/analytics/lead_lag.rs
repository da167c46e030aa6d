//! Who moves first, and how long the others take.

use std::collections::BTreeMap;

use super::consensus::median;
use super::metrics::{Interval, wilson};

/// One book's part in a move of the market.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Move<'a> {
    /// The book's slug.
    pub book: &'a str,
    /// When it moved, seconds on any clock.
    pub at: f64,
}

/// A move of the market, in the order the books made it.
#[derive(Debug, Clone, PartialEq)]
pub struct Wave<'a> {
    /// Who moved first; of books at the same instant all.
    pub leaders: Vec<&'a str>,
    /// Every other book with its lag behind the first, seconds; shortest first.
    pub followers: Vec<(&'a str, f64)>,
}

/// Order the moves of one wave. Of a book only its first counts. None without a move.
pub fn wave<'a>(moves: &[Move<'a>]) -> Option<Wave<'a>> {
    let mut first: BTreeMap<&str, f64> = BTreeMap::new();
    for step in moves.iter().filter(|step| step.at.is_finite()) {
        let at = first.entry(step.book).or_insert(step.at);
        *at = at.min(step.at);
    }
    let start = first.values().copied().min_by(f64::total_cmp)?;
    let mut ordered: Vec<(&str, f64)> = first.into_iter().collect();
    ordered.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(b.0)));
    let split = ordered.partition_point(|(_, at)| *at <= start);
    let followers = ordered.split_off(split);
    Some(Wave {
        leaders: ordered.into_iter().map(|(book, _)| book).collect(),
        followers: followers
            .into_iter()
            .map(|(book, at)| (book, at - start))
            .collect(),
    })
}

/// A book's standing over many waves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Standing {
    /// Waves it took part in.
    pub waves: u64,
    /// Waves it led, alone or with others.
    pub led: u64,
    /// Share of its waves that it led, with the 95 % Wilson interval.
    pub share: Interval,
    /// Median lag where it followed, seconds; none where it always led.
    pub median_lag: Option<f64>,
}

/// Each book's standing, by slug.
pub fn standings<'a>(waves: &[Wave<'a>]) -> BTreeMap<&'a str, Standing> {
    let mut seen: BTreeMap<&str, (u64, Vec<f64>)> = BTreeMap::new();
    for wave in waves {
        for leader in &wave.leaders {
            seen.entry(leader).or_default().0 += 1;
        }
        for (book, lag) in &wave.followers {
            seen.entry(book).or_default().1.push(*lag);
        }
    }
    let standing = |(book, (led, lags)): (&'a str, (u64, Vec<f64>))| {
        let waves = led + lags.len() as u64;
        let share = wilson(led, waves, 0.95)?;
        let median_lag = median(&lags);
        let standing = Standing {
            waves,
            led,
            share,
            median_lag,
        };
        Some((book, standing))
    };
    seen.into_iter().filter_map(standing).collect()
}

/// A quote in time: seconds, and what is compared (log-odds or probability). A value holds until the next.
pub type Tick = (f64, f64);

/// Correlation of two books' moves with the second moved back by `lag` seconds, after Hayashi and Yoshida (2005):
/// the sum of `ΔXᵢ·ΔYⱼ` over every pair of intervals that overlap, by √(ΣΔX²·ΣΔY²). Quotes need not come at the same times and
/// nothing is interpolated. Ticks are in order of time. None where a book never moved. One pass over both series.
pub fn correlation(first: &[Tick], second: &[Tick], lag: f64) -> Option<f64> {
    let (x, y) = (steps(first), steps(second));
    let square = |steps: &[Step]| steps.iter().map(|s| s.change * s.change).sum::<f64>();
    let scale = (square(&x) * square(&y)).sqrt();
    if !(scale > 0.0 && scale.is_finite()) {
        return None;
    }
    let mut sum = 0.0;
    let mut from = 0;
    for step in &x {
        // Intervals of y that end before this one begins never matter again.
        while y
            .get(from)
            .is_some_and(|other| other.until - lag <= step.from)
        {
            from += 1;
        }
        let later = y.get(from..).unwrap_or_default().iter();
        sum += later
            .take_while(|other| other.from - lag < step.until)
            .map(|other| step.change * other.change)
            .sum::<f64>();
    }
    Some(sum / scale)
}

/// The lag at which two books' moves go together best: of `lags` (seconds) the one with the greatest correlation, the shortest
/// of equals, and that correlation. A positive lag means that the first book leads. None where a book never moved.
pub fn best_lag(first: &[Tick], second: &[Tick], lags: &[f64]) -> Option<(f64, f64)> {
    let found = lags
        .iter()
        .filter_map(|lag| Some((*lag, correlation(first, second, *lag)?)));
    found.max_by(|a, b| {
        let by_size = a.1.total_cmp(&b.1);
        by_size.then(b.0.abs().total_cmp(&a.0.abs()))
    })
}

struct Step {
    from: f64,
    until: f64,
    change: f64,
}

fn steps(ticks: &[Tick]) -> Vec<Step> {
    let step = |pair: &[Tick]| match pair {
        &[(from, before), (until, after)] => Some(Step {
            from,
            until,
            change: after - before,
        }),
        _ => None,
    };
    ticks.windows(2).filter_map(step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_mover_leads_and_lags_count_from_it() {
        let moves = [("FD", 240.0), ("PIN", 60.0), ("CIR", 120.0), ("PIN", 300.0)];
        let moves = moves.map(|(book, at)| Move { book, at });
        let found = wave(&moves).unwrap();
        assert_eq!(found.leaders, ["PIN"]);
        assert_eq!(found.followers, [("CIR", 60.0), ("FD", 180.0)]);
        assert_eq!(wave(&[]), None);
        let tied = [("b", 1.0), ("a", 1.0)].map(|(book, at)| Move { book, at });
        assert_eq!(wave(&tied).unwrap().leaders, ["a", "b"]);
    }

    #[test]
    fn standings_tell_shares_with_their_doubt() {
        let of = |books: &[(&'static str, f64)]| {
            let moves: Vec<_> = books
                .iter()
                .map(|(book, at)| Move { book, at: *at })
                .collect();
            wave(&moves).unwrap()
        };
        let waves = [
            of(&[("p", 0.0), ("c", 5.0)]),
            of(&[("p", 0.0), ("c", 7.0)]),
            of(&[("c", 0.0), ("p", 2.0)]),
        ];
        let found = standings(&waves);
        let (p, c) = (found["p"], found["c"]);
        assert_eq!((p.waves, p.led, p.median_lag), (3, 2, Some(2.0)));
        assert_eq!((c.led, c.median_lag), (1, Some(6.0)));
        assert!(p.share.low < 2.0 / 3.0 && p.share.high > 2.0 / 3.0 && p.share.low > 0.2);
    }

    #[test]
    fn a_series_that_repeats_another_later_is_found_at_its_lag() {
        // Moves without a pattern of their own, at uneven times.
        let values = [0.0, 1.0, -1.0, 2.0, 1.5, 3.0, -2.0, 0.5, 4.0, 3.0, -1.0];
        let first: Vec<Tick> = (values.iter().enumerate())
            .map(|(n, v)| (10.0 * n as f64 + (n * n % 7) as f64, *v))
            .collect();
        let second: Vec<Tick> = first.iter().map(|(at, v)| (at + 3.0, *v)).collect();
        let lags: Vec<f64> = (-8..=8).map(f64::from).collect();
        let (lag, size) = best_lag(&first, &second, &lags).unwrap();
        assert!(
            (lag - 3.0).abs() < 1e-12 && (size - 1.0).abs() < 1e-12,
            "{lag} {size}"
        );
        let (turned, _) = best_lag(&second, &first, &lags).unwrap();
        assert!((turned + 3.0).abs() < 1e-12);
        assert_eq!(correlation(&first, &[(0.0, 1.0), (9.0, 1.0)], 0.0), None);
        assert_eq!(correlation(&[], &first, 0.0), None);
    }

    #[test]
    fn one_pass_gives_what_the_definition_gives() {
        let first = [(0.0, 0.0), (1.0, 1.0), (4.0, 3.0), (5.0, 2.0), (9.0, 6.0)];
        let second = [(0.5, 1.0), (2.0, 0.0), (3.0, 2.0), (7.0, 5.0)];
        for lag in [-4.0, -1.0, 0.0, 0.5, 2.0] {
            let (mut sum, mut x2, mut y2) = (0.0, 0.0, 0.0);
            for x in first.windows(2) {
                x2 += (x[1].1 - x[0].1) * (x[1].1 - x[0].1);
                for y in second.windows(2) {
                    let apart = y[1].0 - lag <= x[0].0 || y[0].0 - lag >= x[1].0;
                    if !apart {
                        sum += (x[1].1 - x[0].1) * (y[1].1 - y[0].1);
                    }
                }
            }
            for y in second.windows(2) {
                y2 += (y[1].1 - y[0].1) * (y[1].1 - y[0].1);
            }
            let expected = sum / f64::sqrt(x2 * y2);
            let found = correlation(&first, &second, lag).unwrap();
            assert!((found - expected).abs() < 1e-12, "{lag}");
        }
    }
}
