//! Which feed games of one pairing are one game.
//!
//! A pure function of what the feeds said and when, so that writer and hub, and payloads in any order, come to the same.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::facts::{FactLog, Facts, FeedKey, Moment, Pairing};

/// Starts of one game differ by minutes between feeds; games of a doubleheader lie three hours apart.
pub const START_TOLERANCE: TimeDelta = TimeDelta::minutes(90);
/// Two games of a pairing this near tell each other's number in the doubleheader.
const DOUBLEHEADER: TimeDelta = TimeDelta::hours(12);

/// Groups of feed games that are one game each.
///
/// Walks through the moments at which a feed changed its words. Two groups join when start (of a feed without starts
/// the slate day) and game number agree and
/// neither could as well be another's; once joined they stay, because a feed that moves a start first must not tear a
/// game apart. `apart` tells which two must never join.
pub fn groups(
    pairing: &Pairing,
    members: &[(&FeedKey, &FactLog)],
    apart: impl Fn(&FeedKey, &FeedKey) -> bool,
) -> Vec<Vec<FeedKey>> {
    let near = within_reach(members);
    near.iter()
        .flat_map(|members| groups_of(pairing, members, &apart))
        .collect()
}

/// The members in parts of which none was ever said to lie near another's: two teams meet for years, and what is
/// decided of a day has nothing to do with the others.
fn within_reach<'a>(
    members: &[(&'a FeedKey, &'a FactLog)],
) -> Vec<Vec<(&'a FeedKey, &'a FactLog)>> {
    let mut starts: Vec<(DateTime<Utc>, usize)> = Vec::new();
    let mut slates: BTreeMap<NaiveDate, usize> = BTreeMap::new();
    let mut part: Vec<usize> = (0..members.len()).collect();
    for (n, (_, log)) in members.iter().enumerate() {
        for facts in log.facts() {
            starts.extend(facts.starts_at.map(|at| (at, n)));
            if let Some(date) = facts.slate() {
                let same = *slates.entry(date).or_insert(n);
                unite(&mut part, same, n);
            }
        }
    }
    starts.sort_unstable();
    for pair in starts.windows(2) {
        if let [(one, a), (other, b)] = pair
            && *other - *one <= DOUBLEHEADER
        {
            unite(&mut part, *a, *b);
        }
    }
    let mut parts: BTreeMap<usize, Vec<_>> = BTreeMap::new();
    for (n, member) in members.iter().enumerate() {
        let first = first_of(&part, n);
        parts.entry(first).or_default().push(*member);
    }
    parts.into_values().collect()
}

/// The first member of the part that `n` is in.
fn first_of(part: &[usize], n: usize) -> usize {
    let mut first = n;
    while let Some(next) = part.get(first).filter(|next| **next < first) {
        first = *next;
    }
    first
}

fn unite(part: &mut [usize], a: usize, b: usize) {
    let (a, b) = (first_of(part, a), first_of(part, b));
    if let Some(place) = part.get_mut(a.max(b)) {
        *place = a.min(b);
    }
}

fn groups_of(
    pairing: &Pairing,
    members: &[(&FeedKey, &FactLog)],
    apart: &impl Fn(&FeedKey, &FeedKey) -> bool,
) -> Vec<Vec<FeedKey>> {
    let moments: BTreeSet<Moment> = members.iter().flat_map(|(_, log)| log.moments()).collect();
    let mut groups: Vec<Vec<usize>> = (0..members.len()).map(|n| vec![n]).collect();
    for moment in moments {
        let known: Vec<Option<Facts>> = members
            .iter()
            .map(|(_, log)| {
                log.as_of(moment)
                    .filter(|f| f.pairing.as_ref() == Some(pairing))
            })
            .collect();
        let board = Board {
            members,
            numbered: numbered(members, &known),
            known,
        };
        while let Some((one, other)) = board.join(&groups, apart) {
            let joined = groups.swap_remove(one.max(other));
            if let Some(group) = groups.get_mut(one.min(other)) {
                group.extend(joined);
            }
        }
    }
    groups
        .into_iter()
        .map(|group| {
            group
                .into_iter()
                .filter_map(|n| members.get(n).map(|(key, _)| (*key).clone()))
                .collect()
        })
        .collect()
}

/// Whether each game's number says something: number 1 is also what a feed gives that lists no other game.
fn numbered(members: &[(&FeedKey, &FactLog)], known: &[Option<Facts>]) -> Vec<bool> {
    let start = |n: usize| known.get(n)?.as_ref()?.starts_at;
    let slate = |n: usize| known.get(n)?.as_ref()?.slate();
    (0..members.len())
        .map(|n| {
            let number = known.get(n).and_then(|f| f.as_ref()).map(|f| f.game_number);
            let sibling = |m: usize| {
                let same_feed =
                    members.get(n).map(|(k, _)| k.source) == members.get(m).map(|(k, _)| k.source);
                let together = match start(n).zip(start(m)) {
                    Some((a, b)) => (a - b).abs() <= DOUBLEHEADER,
                    None => slate(n).is_some() && slate(n) == slate(m),
                };
                n != m && same_feed && together
            };
            number.is_some_and(|n| n > 1) || (0..members.len()).any(sibling)
        })
        .collect()
}

/// What is known of a pairing's games at one moment.
struct Board<'a> {
    members: &'a [(&'a FeedKey, &'a FactLog)],
    known: Vec<Option<Facts>>,
    numbered: Vec<bool>,
}

impl Board<'_> {
    /// Two groups that are one game beyond doubt.
    fn join(
        &self,
        groups: &[Vec<usize>],
        apart: &impl Fn(&FeedKey, &FeedKey) -> bool,
    ) -> Option<(usize, usize)> {
        let fits = |a: usize, b: usize| {
            a != b
                && groups
                    .get(a)
                    .zip(groups.get(b))
                    .is_some_and(|(a, b)| self.fit(a, b, apart))
        };
        // No other group that holds a game of the same feed may fit as well.
        let only = |a: usize, b: usize| {
            (0..groups.len()).all(|c| c == b || !self.share_a_feed(groups, b, c) || !fits(a, c))
        };
        (0..groups.len())
            .flat_map(|a| (0..a).map(move |b| (a, b)))
            .find(|(a, b)| fits(*a, *b) && only(*a, *b) && only(*b, *a))
    }

    fn share_a_feed(&self, groups: &[Vec<usize>], a: usize, b: usize) -> bool {
        let feeds = |group: usize| {
            let games = groups.get(group).into_iter().flatten();
            games.filter_map(|n| self.members.get(*n).map(|(key, _)| key.source))
        };
        feeds(a).any(|source| feeds(b).any(|other| other == source))
    }

    /// Whether no game of one group speaks against one of the other, and some two agree on the start.
    fn fit(&self, a: &[usize], b: &[usize], apart: &impl Fn(&FeedKey, &FeedKey) -> bool) -> bool {
        let mut near = false;
        for (one, other) in a.iter().flat_map(|a| b.iter().map(move |b| (*a, *b))) {
            let (Some((key, _)), Some((other_key, _))) =
                (self.members.get(one), self.members.get(other))
            else {
                return false;
            };
            if key.source == other_key.source || apart(key, other_key) {
                return false;
            }
            let facts = |n: usize| self.known.get(n).and_then(Option::as_ref);
            let (Some(said), Some(other_said)) = (facts(one), facts(other)) else {
                continue;
            };
            let counted = |n: usize| self.numbered.get(n).copied().unwrap_or(false);
            if counted(one) && counted(other) && said.game_number != other_said.game_number {
                return false;
            }
            near |= match said.starts_at.zip(other_said.starts_at) {
                Some((x, y)) => (x - y).abs() <= START_TOLERANCE,
                // A feed without starts names the day.
                None => said.slate().is_some() && said.slate() == other_said.slate(),
            };
        }
        near
    }
}
