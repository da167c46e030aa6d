//! Where ticks go: prices in market increments, lines in half points, times on the clock.

use chrono::{DateTime, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

use crate::domain::market::{Line, Market};
use crate::tui::figures;

/// A tick: where, and what stands there.
#[derive(Debug, Clone, PartialEq)]
pub struct Tick {
    /// Position in the axis' own unit.
    pub at: f64,
    /// Label.
    pub label: String,
}

/// Cents from even money of an implied probability: −105 is −5, +102 is +2. Continuous where American prices jump.
pub fn cents(probability: f64) -> f64 {
    let p = probability.clamp(1e-4, 1.0 - 1e-4);
    if p >= 0.5 {
        100.0 - 100.0 * p / (1.0 - p)
    } else {
        100.0 * (1.0 - p) / p - 100.0
    }
}

/// The implied probability of cents from even money.
pub fn probability(cents: f64) -> f64 {
    if cents < 0.0 {
        (100.0 - cents) / (200.0 - cents)
    } else {
        100.0 / (200.0 + cents)
    }
}

/// The American price of cents from even money.
fn american(cents: i64) -> String {
    if cents < 0 {
        format!("−{}", 100 - cents)
    } else {
        format!("+{}", 100 + cents)
    }
}

/// Ticks of a price axis between two implied probabilities: at most `most`, at round prices.
pub fn price_ticks(low: f64, high: f64, most: usize) -> Vec<Tick> {
    let (from, to) = (cents(high), cents(low));
    [
        1_i64, 2, 5, 10, 20, 25, 50, 100, 200, 500, 1_000, 2_000, 5_000,
    ]
    .into_iter()
    .map(|step| {
        let first = (from / step as f64 - 1e-6).ceil() as i64;
        let last = (to / step as f64 + 1e-6).floor() as i64;
        (step, first, last)
    })
    .find(|(_, first, last)| (last - first + 1) <= most as i64)
    .map(|(step, first, last)| {
        (first..=last)
            .map(|n| Tick {
                at: probability((n * step) as f64),
                label: american(n * step),
            })
            .collect()
    })
    .unwrap_or_default()
}

/// Ticks of an axis of shares between two of them, 0–1: at most `most`, on round percentages.
pub fn percent_ticks(low: f64, high: f64, most: usize) -> Vec<Tick> {
    // Thousandths, so that positions are whole.
    [1_i64, 2, 5, 10, 20, 50, 100, 200, 250, 500]
        .into_iter()
        .map(|step| {
            let first = (low * 1_000.0 / step as f64 - 1e-6).ceil() as i64;
            let last = (high * 1_000.0 / step as f64 + 1e-6).floor() as i64;
            (step, first, last)
        })
        .find(|(_, first, last)| (last - first + 1) <= most as i64)
        .map(|(step, first, last)| {
            (first..=last)
                .map(|n| n * step)
                .map(|at| Tick {
                    at: at as f64 / 1_000.0,
                    label: if step < 10 {
                        format!("{}.{}%", at / 10, at % 10)
                    } else {
                        format!("{}%", at / 10)
                    },
                })
                .collect()
        })
        .unwrap_or_default()
}

/// Ticks of a line axis between two numbers of points: at most `most`, on half points or wider.
pub fn line_ticks(low: f64, high: f64, most: usize, market: &Market) -> Vec<Tick> {
    [0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0]
        .into_iter()
        .map(|step: f64| {
            (
                (low / step).ceil() as i64,
                (high / step).floor() as i64,
                step,
            )
        })
        .find(|(first, last, _)| (last - first + 1) <= most as i64)
        .map(|(first, last, step)| {
            (first..=last)
                .filter_map(|n| {
                    let at = n as f64 * step;
                    let label = figures::line(Line::from_points(at)?, market);
                    Some(Tick { at, label })
                })
                .collect()
        })
        .unwrap_or_default()
}

/// Key numbers between two numbers of points, on both sides of zero.
pub fn key_ticks(low: f64, high: f64, numbers: &[f64], market: &Market) -> Vec<Tick> {
    numbers
        .iter()
        .flat_map(|number| [*number, -number])
        .filter(|at| (low..=high).contains(at))
        .filter_map(|at| {
            let label = figures::line(Line::from_points(at)?, market);
            Some(Tick { at, label })
        })
        .collect()
}

/// Ticks of a time axis on round clock times of `zone`, at most `most`; positions in milliseconds.
pub fn time_ticks(from: DateTime<Utc>, to: DateTime<Utc>, zone: Tz, most: usize) -> Vec<Tick> {
    const MINUTES: [i64; 16] = [
        1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1_440, 2_880, 10_080, 20_160, 40_320,
    ];
    let span = (to - from).num_minutes();
    let Some(step) = MINUTES
        .into_iter()
        .find(|step| span / step < most.max(1) as i64)
    else {
        return Vec::new();
    };
    // Round times are round on the wall: from local midnight, and again through the zone where clocks change.
    let local = from.with_timezone(&zone).naive_local();
    let midnight = local.date().and_time(NaiveTime::MIN);
    let passed = (local - midnight).num_minutes() / step;
    (passed..)
        .map(|n| midnight + TimeDelta::minutes(n * step))
        .take(most * 2 + 4)
        .filter_map(|wall| {
            let at = zone.from_local_datetime(&wall).earliest()?;
            let utc = at.with_timezone(&Utc);
            (from..=to).contains(&utc).then(|| {
                let day = step >= 1_440 || wall.time() == NaiveTime::MIN;
                let format = if day { "%b %-d" } else { "%H:%M" };
                Tick {
                    at: utc.timestamp_millis() as f64,
                    label: at.format(format).to_string(),
                }
            })
        })
        .take(most)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(ticks: &[Tick]) -> Vec<&str> {
        ticks.iter().map(|t| t.label.as_str()).collect()
    }

    #[test]
    fn minus_105_and_plus_105_are_ten_cents_apart_without_a_jump() {
        let p = |a: i64| {
            crate::domain::odds::Odds::american(a)
                .unwrap()
                .probability()
        };
        assert!((cents(p(-105)) - -5.0).abs() < 1e-9);
        assert!((cents(p(105)) - 5.0).abs() < 1e-9);
        assert!((cents(0.5)).abs() < 1e-9);
        assert!(
            (cents(0.500_001) - cents(0.499_999)).abs() < 1e-3,
            "continuous at even money"
        );
        for c in [-250.0, -5.0, 0.0, 5.0, 300.0] {
            assert!((cents(probability(c)) - c).abs() < 1e-6);
        }
    }

    #[test]
    fn price_ticks_cross_even_money() {
        let p = |a: i64| {
            crate::domain::odds::Odds::american(a)
                .unwrap()
                .probability()
        };
        let ticks = price_ticks(p(110), p(-110), 5);
        assert_eq!(labels(&ticks), ["−110", "−105", "+100", "+105", "+110"]);
        let ticks = price_ticks(p(105), p(-105), 6);
        assert_eq!(labels(&ticks), ["−104", "−102", "+100", "+102", "+104"]);
    }

    #[test]
    fn percent_ticks_are_round() {
        let ticks = percent_ticks(0.516, 0.583, 5);
        assert_eq!(labels(&ticks), ["52%", "54%", "56%", "58%"]);
        let ticks = percent_ticks(0.521, 0.534, 4);
        assert_eq!(labels(&ticks), ["52.5%", "53.0%"]);
        let ticks = percent_ticks(0.5, 0.504, 6);
        assert_eq!(
            labels(&ticks),
            ["50.0%", "50.1%", "50.2%", "50.3%", "50.4%"]
        );
        assert_eq!(labels(&percent_ticks(0.0, 1.0, 3)), ["0%", "50%", "100%"]);
        assert!(percent_ticks(0.5, 0.5, 4).len() == 1);
    }

    #[test]
    fn line_ticks_are_half_points() {
        assert_eq!(
            labels(&line_ticks(7.9, 9.1, 4, &Market::Total)),
            ["8", "8½", "9"]
        );
        assert_eq!(
            labels(&line_ticks(-3.6, -2.4, 4, &Market::Spread)),
            ["−3½", "−3", "−2½"]
        );
    }

    #[test]
    fn key_numbers_stand_on_both_sides() {
        let ticks = key_ticks(-7.5, 3.0, &[3.0, 7.0], &Market::Spread);
        assert_eq!(labels(&ticks), ["+3", "−3", "−7"]);
    }

    #[test]
    fn time_ticks_stand_on_the_clock_of_the_zone() {
        let utc = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let zone = chrono_tz::US::Eastern;
        let ticks = time_ticks(
            utc("2025-07-12T17:42:00Z"),
            utc("2025-07-12T23:42:00Z"),
            zone,
            7,
        );
        assert_eq!(
            labels(&ticks),
            ["14:00", "15:00", "16:00", "17:00", "18:00", "19:00"]
        );
        let ticks = time_ticks(
            utc("2025-07-10T00:00:00Z"),
            utc("2025-07-13T00:00:00Z"),
            zone,
            4,
        );
        assert_eq!(labels(&ticks), ["Jul 10", "Jul 11", "Jul 12"]);
    }

    #[test]
    fn no_tick_stands_in_the_hour_that_clocks_skip() {
        let utc = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let zone = chrono_tz::US::Eastern;
        let ticks = time_ticks(
            utc("2025-03-09T06:00:00Z"),
            utc("2025-03-09T09:00:00Z"),
            zone,
            8,
        );
        let shown = labels(&ticks);
        assert!(
            shown.contains(&"01:30") && shown.contains(&"03:00") && !shown.contains(&"02:30"),
            "{shown:?}"
        );
    }
}
