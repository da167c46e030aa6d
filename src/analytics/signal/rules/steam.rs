//! Steam: several shops, one way, within a window; and all the others against one.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Found, Memory, Moment, rows};
use crate::analytics::consensus::median;
use crate::analytics::signal::preset::Preset;
use crate::analytics::signal::rule::{Against, Steam};
use crate::analytics::signal::{Follower, Scale, Signal, reason};

/// A mean move of this much is as strong as steam gets.
const FULL: f64 = 0.04;
/// A score of 100: this many shops times this much.
const FULL_SCORE: f64 = 0.30;

/// A shop's net move within a window.
#[derive(Debug, Clone, Copy)]
struct Net {
    shop: usize,
    first: DateTime<Utc>,
    delta: f64,
    points: f64,
    cents: i32,
}

pub(super) fn judge(
    moment: &Moment<'_>,
    (n, preset): (usize, &Preset),
    rule: &Steam,
    memory: &mut Memory,
    out: &mut Vec<Signal>,
) {
    if moment.fresh().next().is_none() {
        return;
    }
    // The same for both sides, and only where one asks.
    let groups = OnceCell::new();
    for side in 0..2 {
        let sign = if side == 0 { 1.0 } else { -1.0 };
        if extend(moment, n, side, sign, rule, memory, out) {
            continue;
        }
        if !moment.fresh().any(|m| m.delta * sign > 0.0)
            || moment.spoke(n, side, rule.cooldown, memory)
        {
            continue;
        }
        let from = from(moment.watch.at, rule.window, rule.aligned);
        let groups = groups.get_or_init(|| nets(moment, from));
        if let Some(found) = find(moment, side, sign, rule, groups) {
            moment.say((n, preset), found, memory, out);
        }
    }
}

/// While it goes on, newcomers are added to it. Whether it went on.
fn extend(
    moment: &Moment<'_>,
    n: usize,
    side: usize,
    sign: f64,
    rule: &Steam,
    memory: &Memory,
    out: &mut [Signal],
) -> bool {
    let at = moment.watch.at;
    let signal = memory
        .last
        .get(&moment.slot(n, side))
        .and_then(|(_, index)| out.get_mut(*index))
        .filter(|signal| at - signal.until <= rule.window);
    let Some(signal) = signal else { return false };
    for m in moment.fresh().filter(|m| m.delta * sign > 0.0) {
        signal.until = at;
        let shop = moment.shop(m.shop);
        if !signal
            .movers
            .iter()
            .chain(&signal.later)
            .any(|f| f.shop == shop)
        {
            signal.later.push(Follower {
                shop,
                at,
                delta: m.delta * sign,
            });
        }
    }
    true
}

fn from(at: DateTime<Utc>, window: TimeDelta, aligned: bool) -> DateTime<Utc> {
    if !aligned {
        return at - window;
    }
    let length = window.num_milliseconds().max(1);
    let into = at.timestamp_millis().rem_euclid(length);
    at - TimeDelta::milliseconds(into)
}

/// Net moves within the window, by group: the shop of the group that moved most speaks for it.
fn nets(moment: &Moment<'_>, from: DateTime<Utc>) -> BTreeMap<usize, Net> {
    let mut shops: Vec<Option<Net>> = vec![None; moment.watch.shops.len()];
    let moves = &moment.watch.moves;
    // In order of time; most of them are hours old.
    for m in moves.range(moves.partition_point(|m| m.at < from)..) {
        let Some(net) = shops.get_mut(m.shop) else {
            continue;
        };
        let net = net.get_or_insert(Net {
            shop: m.shop,
            first: m.at,
            delta: 0.0,
            points: 0.0,
            cents: 0,
        });
        net.delta += m.delta;
        net.points += m.points;
        net.cents += if m.delta < 0.0 { -m.cents } else { m.cents };
    }
    let mut groups: BTreeMap<usize, Net> = BTreeMap::new();
    for net in shops.into_iter().flatten() {
        let shop = net.shop;
        let open = moment.watch.shops.get(shop).is_some_and(|s| s.open);
        if !open {
            continue;
        }
        let had = groups.entry(moment.clones.group(shop)).or_insert(net);
        if net.delta.abs() > had.delta.abs() {
            let first = had.first.min(net.first);
            *had = Net { first, ..net };
        }
    }
    groups
}

fn find(
    moment: &Moment<'_>,
    side: usize,
    sign: f64,
    rule: &Steam,
    groups: &BTreeMap<usize, Net>,
) -> Option<Found> {
    let watch = moment.watch;
    let counts = |net: &&Net| rule.size.is_met(net.delta, net.points, net.cents);
    let mut with: Vec<Net> = groups
        .values()
        .filter(counts)
        .filter(|net| net.delta * sign > 0.0)
        .copied()
        .collect();
    let against = groups
        .values()
        .filter(counts)
        .filter(|net| net.delta * sign < 0.0)
        .count();
    if with.len() < rule.groups {
        return None;
    }
    let agree = with.len() as f64 / (with.len() + against) as f64;
    let quoting: std::collections::BTreeSet<usize> = watch
        .shops
        .iter()
        .enumerate()
        .filter(|(_, s)| s.open)
        .map(|(shop, _)| moment.clones.group(shop))
        .collect();
    let share = with.len() as f64 / quoting.len().max(1) as f64;
    let count = with.len() as f64;
    let mean = with.iter().map(|net| net.delta.abs()).sum::<f64>() / count;
    let score = 100.0 * (count * mean / FULL_SCORE).min(1.0);
    let mean_met = rule.mean.is_none_or(|least| {
        let points = with.iter().map(|net| net.points.abs()).sum::<f64>() / count;
        let cents = f64::from(with.iter().map(|net| net.cents.abs()).sum::<i32>()) / count;
        least.is_met(mean, points, cents.floor() as i32)
    });
    if agree < rule.agree || share < rule.share || score < rule.score || !mean_met {
        return None;
    }
    with.sort_by(|a, b| {
        a.first
            .cmp(&b.first)
            .then_with(|| b.delta.abs().total_cmp(&a.delta.abs()))
            .then_with(|| moment.shop(a.shop).cmp(&moment.shop(b.shop)))
    });
    let leader = with.first()?;
    let span = with.last()?.first - leader.first;
    let window = from(watch.at, rule.window, rule.aligned);
    let in_it = |shop: usize| with.iter().any(|net| net.shop == shop);
    let resolution = watch.resolution(moment.cast, with.iter().map(|net| net.shop));
    let waiting = waiting(moment, side, &with);
    let juice_only = with.iter().all(|net| net.points == 0.0);
    let moves = || {
        watch
            .moves
            .iter()
            .filter(|m| m.at >= window && in_it(m.shop))
    };
    let within = if span > TimeDelta::zero() {
        format!("within {}", reason::span(span))
    } else {
        "between two looks".to_owned()
    };
    let mut says = vec![format!(
        "{} moved toward {} {within}, {} points of probability on average",
        reason::count(with.len(), "shop"),
        moment.name(side),
        reason::points(mean),
    )];
    if with.iter().filter(|net| net.first == leader.first).count() == 1 {
        says.push(format!("{} led", moment.shop(leader.shop)));
    }
    if juice_only && !matches!(watch.scale, Scale::Price) {
        says.push("prices only, no line moved".to_owned());
    }
    if !waiting.is_empty() {
        let shops = reason::count(waiting.len(), "shop");
        says.push(format!("{shops} yet to follow"));
    }
    let half = crate::analytics::signal::seconds(rule.window) / 2.0;
    if let Some(p) = resolution.filter(|p| *p > half) {
        let resolution = reason::seconds(p);
        says.push(format!(
            "resolution {resolution}: the first wave cannot be seen"
        ));
    }
    let says = format!("{}.", says.join("; "));
    Some(Found {
        side,
        strength: 0.5 * share + 0.5 * (mean / FULL).min(1.0),
        delta: Some(mean),
        groups: with.len(),
        movers: with
            .iter()
            .map(|net| Follower {
                shop: moment.shop(net.shop),
                at: net.first,
                delta: net.delta * sign,
            })
            .collect(),
        waiting,
        juice_only,
        resolution_s: resolution,
        evidence: rows(moves()),
        says,
        reconstructed: moves().any(|m| m.reconstructed),
        ..Found::default()
    })
}

/// Open shops that did not move with the others, and how far their price lags.
fn waiting(moment: &Moment<'_>, side: usize, with: &[Net]) -> Vec<Follower> {
    let (_, all) = moment.watch.at_modal();
    let moved: Vec<f64> = all
        .iter()
        .filter(|(shop, _)| with.iter().any(|net| net.shop == *shop))
        .map(|(_, p)| *p)
        .collect();
    let Some(fair) = median(&moved) else {
        return Vec::new();
    };
    let groups: Vec<usize> = with
        .iter()
        .map(|net| moment.clones.group(net.shop))
        .collect();
    let mut waiting: Vec<Follower> = all
        .into_iter()
        .filter(|(shop, _)| !groups.contains(&moment.clones.group(*shop)))
        .map(|(shop, p)| Follower {
            shop: moment.shop(shop),
            at: moment
                .watch
                .shops
                .get(shop)
                .and_then(|s| s.since)
                .unwrap_or(moment.watch.at),
            delta: Moment::seen_from(side, fair) - Moment::seen_from(side, p),
        })
        .filter(|f| f.delta > 0.0)
        .collect();
    waiting.sort_by(|a, b| {
        b.delta
            .total_cmp(&a.delta)
            .then_with(|| a.shop.cmp(&b.shop))
    });
    waiting
}

/// The mean of the others against the shop that is believed.
pub(super) fn judge_against(
    moment: &Moment<'_>,
    (n, preset): (usize, &Preset),
    rule: &Against,
    memory: &mut Memory,
    out: &mut Vec<Signal>,
) {
    if moment.fresh().next().is_none() {
        return;
    }
    let from = moment.watch.at - rule.window;
    let groups = nets(moment, from);
    let is_leader = |net: &&Net| *moment.shop(net.shop) == *rule.leader;
    let Some(leader) = groups.values().find(is_leader) else {
        return;
    };
    let others: Vec<&Net> = groups.values().filter(|net| !is_leader(net)).collect();
    let mean = others.iter().map(|net| net.delta).sum::<f64>() / others.len().max(1) as f64;
    let met = |delta: f64, points: f64| rule.size.is_met(delta, points, 0);
    if others.len() < 2
        || !met(leader.delta, leader.points)
        || !met(mean, 0.0)
        || leader.delta * mean >= 0.0
    {
        return;
    }
    let side = usize::from(leader.delta < 0.0);
    if moment.spoke(n, side, rule.window, memory) {
        return;
    }
    let says = format!(
        "{} went {} points toward {} while {} went {} the other way on average.",
        moment.shop(leader.shop),
        reason::points(leader.delta.abs()),
        moment.name(side),
        reason::count(others.len(), "shop"),
        reason::points(mean.abs()),
    );
    let moves = || moment.watch.moves.iter().filter(|m| m.at >= from);
    let found = Found {
        side,
        strength: (leader.delta.abs().min(mean.abs()) / FULL).min(1.0),
        delta: Some(leader.delta.abs()),
        groups: 1,
        movers: vec![Follower {
            shop: moment.shop(leader.shop),
            at: leader.first,
            delta: leader.delta.abs(),
        }],
        evidence: rows(moves()),
        says,
        reconstructed: moves().any(|m| m.reconstructed),
        ..Found::default()
    };
    moment.say((n, preset), found, memory, out);
}
