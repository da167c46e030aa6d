//! What a model is told of a market at a moment: numbers from what was known then, each with unit, range and source.
//!
//! A number that cannot be had is none: there is no constant in its place.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use super::consensus::median;
use super::lead_lag::{self, Wave};

/// Name and version of this set: a change of a definition is another version.
pub const SET: &str = "market/1";
/// Moves of several shops that lie this near together are one wave.
const WAVE: TimeDelta = TimeDelta::minutes(2);
/// Velocity is taken over this span.
const SPAN: TimeDelta = TimeDelta::hours(1);
/// Acceleration compares two of these.
const HALF: TimeDelta = TimeDelta::minutes(30);

/// A feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Feature {
    /// Name within the market: `movement`.
    pub name: &'static str,
    /// Unit.
    pub unit: &'static str,
    /// Range.
    pub range: &'static str,
    /// What it says, and where it is from.
    pub meaning: &'static str,
}

const fn feature(
    name: &'static str,
    unit: &'static str,
    range: &'static str,
    meaning: &'static str,
) -> Feature {
    Feature {
        name,
        unit,
        range,
        meaning,
    }
}

/// The features of a market, in the order of [`of`]. "First side" is the home team, or over.
pub const FEATURES: [Feature; 16] = [
    feature(
        "fair",
        "probability",
        "0 to 1",
        "first side, median of the open shops at the market's first line (line_history, multiplicative)",
    ),
    feature(
        "line",
        "points",
        "any",
        "the line most open shops have, first side's; none for a moneyline (line_history)",
    ),
    feature(
        "books",
        "shops",
        "0 and more",
        "shops that are open (line_history)",
    ),
    feature(
        "movement",
        "probability",
        "-1 to 1",
        "fair now less fair at the first moment there was one (line_history)",
    ),
    feature(
        "path",
        "probability",
        "0 and more",
        "sum of the sizes of all its steps: how much it moved, there and back (line_history)",
    ),
    feature(
        "velocity",
        "probability an hour",
        "-1 to 1",
        "fair now less fair an hour ago; none in the first hour (line_history)",
    ),
    feature(
        "acceleration",
        "probability an hour, an hour",
        "-8 to 8",
        "velocity of the last half hour less that of the one before, by half an hour; none in the first hour (line_history)",
    ),
    feature(
        "dispersion",
        "probability",
        "0 to 0.5",
        "standard deviation (n) of the open shops' fair probabilities at the line most have; none below two (line_history)",
    ),
    feature(
        "moves",
        "moves",
        "0 and more",
        "moves of single shops within the last hour (line_history)",
    ),
    feature(
        "quiet",
        "minutes",
        "0 and more",
        "since the consensus last moved (line_history)",
    ),
    feature(
        "leader_share",
        "share",
        "0 to 1",
        "waves of the last four hours that the most frequent leader led; none without a wave of two shops (line_history, lead-lag)",
    ),
    feature(
        "leader_lag",
        "seconds",
        "0 to 120",
        "median lag of followers behind the first mover in those waves (line_history, lead-lag)",
    ),
    feature(
        "leader_edge",
        "probability",
        "-1 to 1",
        "that leader's fair probability of the first side less the consensus, at the line most have (line_history, lead-lag)",
    ),
    feature(
        "tickets",
        "share",
        "0 to 1",
        "share of bets on the first side, median over counters (betting_splits)",
    ),
    feature(
        "money",
        "share",
        "0 to 1",
        "share of money on the first side, median over counters (betting_splits)",
    ),
    feature(
        "split_gap",
        "share",
        "-1 to 1",
        "money less tickets, median over counters that tell both (betting_splits)",
    ),
];

/// A shop's move.
#[derive(Debug, Clone, PartialEq)]
pub struct ShopMove {
    /// Shop.
    pub shop: Arc<str>,
    /// When.
    pub at: DateTime<Utc>,
    /// Change of the first side's fair probability.
    pub delta: f64,
}

/// Share of bets and of money on the first side, percent, by one counter.
pub type Split = (Option<f64>, Option<f64>);

/// A market as it was known at a moment.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MarketState {
    /// Consensus fair probability of the first side over time.
    pub path: Vec<(DateTime<Utc>, f64)>,
    /// The line most open shops have, the first side's.
    pub line: Option<f64>,
    /// Fair probability of the first side at that line, by open shop.
    pub shops: Vec<(Arc<str>, f64)>,
    /// Moves of shops, the latest four hours.
    pub moves: Vec<ShopMove>,
    /// Share of bets and of money on the first side, percent, by counter.
    pub splits: Vec<Split>,
}

impl MarketState {
    /// Median of the open shops' fair probabilities of the first side at the line most have, with their standard deviation
    /// where there are two. None where nobody is open.
    pub fn consensus(&self) -> Option<(f64, Option<f64>)> {
        let all: Vec<f64> = self.shops.iter().map(|(_, p)| *p).collect();
        Some((median(&all)?, deviation(&all)))
    }

    /// The consensus as it stood at `at`.
    fn fair_at(&self, at: DateTime<Utc>) -> Option<f64> {
        let n = self.path.partition_point(|(then, _)| *then <= at);
        self.path.get(n.checked_sub(1)?).map(|(_, p)| *p)
    }

    fn change(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Option<f64> {
        Some(self.fair_at(to)? - self.fair_at(from)?)
    }
}

/// Moves that follow each other one way, gathered into waves of two shops and more.
pub fn waves(moves: &[ShopMove]) -> Vec<Wave<'_>> {
    let mut found = Vec::new();
    for up in [true, false] {
        let mut mine: Vec<&ShopMove> = moves
            .iter()
            .filter(|m| m.delta != 0.0 && (m.delta > 0.0) == up)
            .collect();
        mine.sort_by(|a, b| a.at.cmp(&b.at).then_with(|| a.shop.cmp(&b.shop)));
        let mut rest = mine.as_slice();
        while let Some(first) = rest.first() {
            let of_one = rest.partition_point(|m| m.at - first.at <= WAVE);
            let (wave, later) = rest.split_at(of_one);
            rest = later;
            let steps: Vec<lead_lag::Move<'_>> = wave
                .iter()
                .map(|m| lead_lag::Move {
                    book: &m.shop,
                    at: (m.at - first.at).as_seconds_f64(),
                })
                .collect();
            found.extend(
                lead_lag::wave(&steps).filter(|wave| wave.leaders.len() + wave.followers.len() > 1),
            );
        }
    }
    found
}

/// The features of a market at `now`, in the order of [`FEATURES`].
pub fn of(state: &MarketState, now: DateTime<Utc>) -> [Option<f64>; FEATURES.len()] {
    let fair = state.fair_at(now);
    let first = state.path.first().map(|(at, _)| *at);
    let steps = state.path.windows(2).filter_map(|pair| match pair {
        [(_, before), (_, after)] => Some((after - before).abs()),
        _ => None,
    });
    let velocity = state.change(now - SPAN, now);
    let hours = HALF.as_seconds_f64() / 3_600.0;
    let acceleration = state
        .change(now - HALF, now)
        .zip(state.change(now - SPAN, now - HALF))
        .map(|(late, early)| (late - early) / hours / hours);
    let moved = state
        .path
        .windows(2)
        .rev()
        .find_map(|pair| match pair {
            [(_, before), (at, after)] if (before - after).abs() > 0.0 => Some(*at),
            _ => None,
        })
        .or(first);
    let waves = waves(&state.moves);
    let standings = lead_lag::standings(&waves);
    let leader = standings
        .iter()
        .filter(|(_, standing)| standing.led > 0)
        .max_by(|a, b| a.1.led.cmp(&b.1.led).then_with(|| b.0.cmp(a.0)));
    let lags: Vec<f64> = waves
        .iter()
        .flat_map(|wave| wave.followers.iter().map(|(_, lag)| *lag))
        .collect();
    let prices: Vec<f64> = state.shops.iter().map(|(_, p)| *p).collect();
    let agreed = median(&prices);
    let edge = leader.and_then(|(slug, _)| {
        let own = state.shops.iter().find(|(shop, _)| **shop == **slug)?;
        Some(own.1 - agreed?)
    });
    let split = |of: fn(&Split) -> Option<f64>| {
        let all: Vec<f64> = state.splits.iter().filter_map(of).collect();
        median(&all).map(|share| share / 100.0)
    };
    [
        fair,
        state.line,
        first.map(|_| state.shops.len() as f64),
        first.and_then(|first| state.change(first, now)),
        first.map(|_| steps.sum()),
        velocity,
        acceleration,
        deviation(&prices),
        first.map(|_| state.moves.iter().filter(|m| now - m.at < SPAN).count() as f64),
        moved.map(|at| (now - at).as_seconds_f64() / 60.0),
        leader.map(|(_, standing)| standing.led as f64 / waves.len() as f64),
        median(&lags),
        edge,
        split(|s| s.0),
        split(|s| s.1),
        split(|s| Some(s.1? - s.0?)),
    ]
}

fn deviation(values: &[f64]) -> Option<f64> {
    if values.len() < 2 {
        return None;
    }
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    Some((values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / n).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_752_300_000 + 60 * minute, 0).unwrap()
    }

    fn named(values: &[Option<f64>; FEATURES.len()], name: &str) -> Option<f64> {
        let nth = FEATURES.iter().position(|f| f.name == name).unwrap();
        values[nth]
    }

    fn moved(shop: &str, second: i64, delta: f64) -> ShopMove {
        ShopMove {
            shop: shop.into(),
            at: at(0) + TimeDelta::seconds(second),
            delta,
        }
    }

    #[test]
    fn every_feature_is_documented() {
        let page = include_str!("../../docs/features.md");
        for f in FEATURES {
            let row = format!(
                "| `{}` | {} | {} | {} |",
                f.name, f.unit, f.range, f.meaning
            );
            assert!(page.contains(&row), "docs/features.md lacks {row}");
        }
        assert!(page.contains(SET));
    }

    #[test]
    fn nothing_known_is_nothing_said() {
        assert_eq!(of(&MarketState::default(), at(0)), [None; FEATURES.len()]);
        let mut names: Vec<&str> = FEATURES.iter().map(|f| f.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), FEATURES.len());
    }

    #[test]
    fn a_path_by_hand() {
        // There and back, then up: 0.50, 0.53, 0.51, 0.55.
        let state = MarketState {
            path: vec![
                (at(0), 0.50),
                (at(60), 0.53),
                (at(100), 0.51),
                (at(110), 0.55),
            ],
            line: Some(-1.5),
            shops: vec![("a".into(), 0.54), ("b".into(), 0.56)],
            moves: vec![
                moved("b", 6_600, 0.04),
                moved("a", 6_630, 0.03),
                moved("c", 6_590, -0.01),
            ],
            splits: vec![
                (Some(60.0), Some(75.0)),
                (Some(40.0), None),
                (Some(50.0), Some(45.0)),
            ],
        };
        let found = of(&state, at(120));
        let near = |name: &str, value: f64| {
            let have = named(&found, name).unwrap_or_else(|| panic!("{name} is none"));
            assert!((have - value).abs() < 1e-12, "{name}: {have}");
        };
        near("fair", 0.55);
        near("line", -1.5);
        near("books", 2.0);
        near("movement", 0.05);
        near("path", 0.03 + 0.02 + 0.04);
        near("velocity", 0.02);
        // The last half hour +0.02 (from 0.53), the one before nothing; by ½ h twice.
        near("acceleration", 0.02 / 0.25);
        near("dispersion", 0.01);
        near("moves", 3.0);
        near("quiet", 10.0);
        near("leader_share", 1.0);
        near("leader_lag", 30.0);
        near("leader_edge", 0.01);
        near("tickets", 0.5);
        near("money", 0.6);
        near("split_gap", 0.05);
        let (together, spread) = state.consensus().unwrap();
        assert!((together - 0.55).abs() < 1e-12 && (spread.unwrap() - 0.01).abs() < 1e-12);
        assert_eq!(MarketState::default().consensus(), None);
        // Ten minutes after the first price there is no hour to look back on.
        let young = of(&state, at(10));
        assert_eq!(
            (named(&young, "velocity"), named(&young, "acceleration")),
            (None, None)
        );
        // One shop alone differs from nobody, and leads nobody.
        let alone = MarketState {
            shops: vec![("a".into(), 0.54)],
            moves: vec![moved("a", 6_600, 0.04)],
            ..state
        };
        let found = of(&alone, at(120));
        assert_eq!(
            (named(&found, "dispersion"), named(&found, "leader_share")),
            (None, None)
        );
    }

    #[test]
    fn waves_go_one_way_and_end_after_two_minutes() {
        let moves = [
            moved("a", 0, 0.01),
            moved("b", 10, 0.01),
            moved("c", 15, -0.01),
            moved("b", 121, 0.02),
            moved("a", 130, 0.02),
        ];
        let found = waves(&moves);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].leaders, ["a"]);
        assert_eq!(found[0].followers, [("b", 10.0)]);
        assert_eq!(
            (found[1].leaders.clone(), found[1].followers.clone()),
            (vec!["b"], vec![("a", 9.0)])
        );
    }
}
