//! A day's credits spread over its looks by what they are worth: a price shortly before a start tells most.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::league::League;

/// Looks are planned on a grid this wide.
const GRID: TimeDelta = TimeDelta::minutes(10);
/// Two looks of a league closer than this share their worth.
const APART: TimeDelta = TimeDelta::hours(2);
/// A look earlier than this before a start tells nothing of it.
const HORIZON: TimeDelta = TimeDelta::hours(18);

/// A league's games of the rest of the day.
#[derive(Debug, Clone)]
pub struct Looks<'a> {
    /// Which league.
    pub league: League,
    /// Starts to come, in order.
    pub starts: &'a [DateTime<Utc>],
    /// When it was last looked at.
    pub last: Option<DateTime<Utc>>,
}

/// When each league is worth its next look, where `affordable` looks are left for all of them from `now` until
/// `until`, and none may come sooner than `fastest` after the one before. A league with no look left is absent.
///
/// A look at `t` is worth Σ 1 / (1 + hours from `t` to the start) over the games that start after it, times the share
/// of two hours that lies between it and the league's nearest look. The most valuable are taken, one after the other.
pub fn spread(
    leagues: &[Looks<'_>],
    affordable: u64,
    fastest: Duration,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
) -> BTreeMap<League, DateTime<Utc>> {
    // Inside, times are seconds: the innermost line runs some hundred thousand times.
    let fastest = i64::try_from(fastest.as_secs()).unwrap_or(i64::MAX);
    let slots: Vec<DateTime<Utc>> = std::iter::successors(Some(now), |at| Some(*at + GRID))
        .take_while(|at| *at < until)
        .take(24 * 6)
        .collect();
    // Worth of each league's slot by itself.
    let worth: Vec<Vec<f64>> = leagues
        .iter()
        .map(|league| slots.iter().map(|at| alone(league.starts, *at)).collect())
        .collect();
    let mut chosen: Vec<Vec<i64>> = leagues
        .iter()
        .map(|league| league.last.iter().map(DateTime::timestamp).collect())
        .collect();
    let seconds: Vec<i64> = slots.iter().map(DateTime::timestamp).collect();
    let mut next: BTreeMap<League, DateTime<Utc>> = BTreeMap::new();
    for _ in 0..affordable.min((slots.len() * leagues.len()) as u64) {
        let mut best: Option<(f64, usize, usize)> = None;
        for (index, (values, taken)) in worth.iter().zip(&chosen).enumerate() {
            for (slot, (value, at)) in values.iter().zip(&seconds).enumerate() {
                // Worth nothing by itself, or less than the best so far even unshared.
                if *value <= best.map_or(0.0, |(most, ..)| most) {
                    continue;
                }
                let gap = taken.iter().map(|other| (*other - *at).abs()).min();
                if gap.is_some_and(|gap| gap < fastest) {
                    continue;
                }
                let share = gap.map_or(1.0, |gap| {
                    (gap as f64 / APART.num_seconds() as f64).min(1.0)
                });
                let value = value * share;
                if value > 0.0 && best.is_none_or(|(most, ..)| value > most) {
                    best = Some((value, index, slot));
                }
            }
        }
        let Some((_, index, slot)) = best else { break };
        if let (Some(taken), Some(league), Some(at)) = (
            chosen.get_mut(index),
            leagues.get(index),
            slots.get(slot).copied(),
        ) {
            taken.push(at.timestamp());
            let earliest = next.entry(league.league).or_insert(at);
            *earliest = (*earliest).min(at);
        }
    }
    next
}

fn alone(starts: &[DateTime<Utc>], at: DateTime<Utc>) -> f64 {
    starts
        .iter()
        .map(|start| *start - at)
        .filter(|till| *till > TimeDelta::zero() && *till <= HORIZON)
        .map(|till| 1.0 / (1.0 + till.num_seconds() as f64 / 3_600.0))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FASTEST: Duration = Duration::from_mins(10);

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes)
    }

    fn plan(starts: &[i64], affordable: u64, now: i64) -> Option<i64> {
        let starts: Vec<_> = starts.iter().copied().map(at).collect();
        let looks = Looks {
            league: League::Mlb,
            starts: &starts,
            last: None,
        };
        let next = spread(&[looks], affordable, FASTEST, at(now), at(1_440));
        next.get(&League::Mlb)
            .map(|next| (*next - at(0)).num_minutes())
    }

    #[test]
    fn the_last_look_before_most_starts_comes_first() {
        // Ten games at eight in the evening, one at one.
        let starts: Vec<i64> = [780].into_iter().chain([1_200; 10]).collect();
        assert_eq!(plan(&starts, 1, 0), Some(1_190));
        assert_eq!(plan(&starts, 1, 1_195), Some(1_195), "now or never");
        assert_eq!(plan(&starts, 1, 1_201), None, "all have started");
        assert!(
            plan(&starts, 6, 0).unwrap() < 780,
            "with more, the early one too"
        );
        assert_eq!(plan(&starts, 0, 0), None);
        assert_eq!(plan(&[], 5, 0), None);
    }

    #[test]
    fn a_day_of_looks_is_never_more_than_can_be_afforded_and_comes_near_the_starts() {
        let starts: Vec<_> = [600, 700, 1_150, 1_150, 1_200].map(at).to_vec();
        let (mut left, mut now, mut looks, mut last) = (6_u64, at(0), Vec::new(), None);
        while left > 0 {
            let asked = Looks {
                league: League::Nfl,
                starts: &starts,
                last,
            };
            let Some(next) = spread(&[asked], left, FASTEST, now, at(1_440)).remove(&League::Nfl)
            else {
                break;
            };
            now = next;
            looks.push((now - at(0)).num_minutes());
            last = Some(now);
            left -= 1;
        }
        assert_eq!(looks.len(), 6, "{looks:?}");
        assert!(
            looks.windows(2).all(|pair| pair[1] - pair[0] >= 10),
            "{looks:?}"
        );
        let close = |start: i64| looks.iter().any(|look| (0..=20).contains(&(start - look)));
        assert!(close(1_150), "{looks:?}");
    }

    #[test]
    fn leagues_share_by_what_their_looks_are_worth() {
        let (many, one) = ([at(300); 12], [at(300)]);
        let league = |league, starts| Looks {
            league,
            starts,
            last: None,
        };
        let leagues = [
            league(League::Nhl, &many[..]),
            league(League::Nba, &one[..]),
        ];
        let next = spread(&leagues, 1, FASTEST, at(0), at(1_440));
        assert_eq!(next.keys().collect::<Vec<_>>(), [&League::Nhl]);
        assert_eq!(spread(&leagues, 40, FASTEST, at(0), at(1_440)).len(), 2);
    }
}
