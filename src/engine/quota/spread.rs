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
    /// The last start of a day on which it was not looked at yet: a look before it comes before any league's second.
    pub unseen: Option<DateTime<Utc>>,
}

/// When each league is worth its next look, where `affordable` looks are left for all of them from `now` until
/// `until`, and none may come sooner than `fastest` after the one before. A league with no look left is absent.
///
/// A look at `t` is worth Σ 1 / (1 + hours from `t` to the start) over the games that start after it, times the share
/// of two hours that lies between it and the league's nearest look. Each league that plays and was not looked at yet has
/// its most valuable first, the leagues with most at stake before the others; then the most valuable of all are taken, one
/// after the other.
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
    let mut firsts: Vec<(f64, usize, usize)> = Vec::new();
    for (index, (league, values)) in leagues.iter().zip(&worth).enumerate() {
        let Some(before) = league.unseen.map(|at| at.timestamp()) else {
            continue;
        };
        let last = league.last.map(|at| at.timestamp());
        let best = values
            .iter()
            .zip(&seconds)
            .enumerate()
            .filter(|(_, (value, at))| {
                **value > 0.0 && **at < before && last.is_none_or(|last| **at - last >= fastest)
            })
            .max_by(|(_, (a, _)), (_, (b, _))| a.total_cmp(b));
        firsts.extend(best.map(|(slot, (value, _))| (*value, index, slot)));
    }
    firsts.sort_by(|a, b| b.0.total_cmp(&a.0));
    let most = affordable.min((slots.len() * leagues.len()) as u64);
    let reserved = firsts
        .len()
        .min(usize::try_from(most).unwrap_or(usize::MAX));
    for (_, index, slot) in firsts.into_iter().take(reserved) {
        if let (Some(taken), Some(league), Some(at)) =
            (chosen.get_mut(index), leagues.get(index), slots.get(slot))
        {
            taken.push(at.timestamp());
            next.insert(league.league, *at);
        }
    }
    for _ in 0..most - reserved as u64 {
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
            unseen: None,
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
                unseen: None,
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
            unseen: None,
        };
        let leagues = [
            league(League::Nhl, &many[..]),
            league(League::Nba, &one[..]),
        ];
        let next = spread(&leagues, 1, FASTEST, at(0), at(1_440));
        assert_eq!(next.keys().collect::<Vec<_>>(), [&League::Nhl]);
        assert_eq!(spread(&leagues, 40, FASTEST, at(0), at(1_440)).len(), 2);
    }

    #[test]
    fn no_league_is_looked_at_twice_before_each_that_plays_was_looked_at() {
        // Twelve games in four groups, and one game at the end of the day.
        let many: Vec<_> = [300, 500, 700, 900]
            .into_iter()
            .flat_map(|n| [at(n); 3])
            .collect();
        let one = [at(940), at(2_000)];
        let leagues = |last: Option<DateTime<Utc>>, unseen: [Option<i64>; 2]| {
            [
                Looks {
                    league: League::Mlb,
                    starts: &many,
                    last,
                    unseen: unseen[0].map(at),
                },
                Looks {
                    league: League::Nhl,
                    starts: &one,
                    last: None,
                    unseen: unseen[1].map(at),
                },
            ]
        };
        let plan = |looks: &[Looks<'_>], affordable| {
            let next = spread(looks, affordable, FASTEST, at(0), at(1_440));
            let minute = |league| next.get(&league).map(|at_| (*at_ - at(0)).num_minutes());
            [League::Mlb, League::Nhl].map(minute)
        };
        let both = leagues(None, [Some(900), Some(940)]);
        assert_eq!(plan(&both, 2), [Some(290), Some(930)]);
        assert_eq!(plan(&both, 1), [Some(290), None], "most at stake first");
        let seen = leagues(Some(at(-5)), [None, Some(940)]);
        assert_eq!(plan(&seen, 1), [None, Some(930)]);
        let neither = leagues(None, [None, None]);
        assert_eq!(plan(&neither, 2)[1], None, "what is left goes by worth");
    }
}
