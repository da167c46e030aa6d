//! The shape of the consensus over time: late, off its opening, there and back.

use chrono::{DateTime, Utc};

use super::{Found, Memory, Moment, rows};
use crate::analytics::signal::market::Consensus;
use crate::analytics::signal::preset::Preset;
use crate::analytics::signal::rule::{HeadFake, Late, Opener};
use crate::analytics::signal::{Signal, reason};

/// A move of this much is as strong as these get.
const FULL: f64 = 0.06;

/// Side toward which the consensus went, and how far: in fair probability and in points of the line.
fn went(before: Consensus, now: Consensus) -> (usize, f64, f64) {
    let delta = now.p - before.p;
    let points = match (before.line, now.line) {
        (Some(had), Some(has)) => has.points() - had.points(),
        _ => 0.0,
    };
    (usize::from(delta < 0.0), delta.abs(), points)
}

/// A signal on `side`, by this much and this strong, that rests on every move since `from`.
fn since(
    moment: &Moment<'_>,
    from: DateTime<Utc>,
    (side, delta, strength): (usize, f64, f64),
    shops: usize,
    says: String,
) -> Found {
    let moves = || moment.watch.moves.iter().filter(|m| m.at >= from);
    Found {
        side,
        strength,
        delta: Some(delta),
        groups: shops,
        evidence: rows(moves()),
        says,
        reconstructed: moves().any(|m| m.reconstructed),
        ..Found::default()
    }
}

pub(super) fn judge_late(
    moment: &Moment<'_>,
    (n, preset): (usize, &Preset),
    rule: &Late,
    memory: &mut Memory,
    out: &mut Vec<Signal>,
) {
    let watch = moment.watch;
    let Some(start) = moment.cast.starts_at else {
        return;
    };
    let from = start - rule.within;
    if watch.at < from || moment.fresh().next().is_none() {
        return;
    }
    let (Some(before), Some(now)) = (watch.agreed_at(from, 2), watch.agreed(2)) else {
        return;
    };
    let (side, delta, points) = went(before, now);
    if !rule.size.is_met(delta, points, 0)
        || delta == 0.0
        || moment.spoke(n, side, rule.within, memory)
    {
        return;
    }
    let says = format!(
        "The consensus went {} points of probability toward {} in the last {} before the start.",
        reason::points(delta),
        moment.name(side),
        reason::span(rule.within),
    );
    let strength = (delta / FULL).min(1.0);
    let found = since(moment, from, (side, delta, strength), now.shops, says);
    moment.say((n, preset), found, memory, out);
}

pub(super) fn judge_opener(
    moment: &Moment<'_>,
    (n, preset): (usize, &Preset),
    rule: &Opener,
    memory: &mut Memory,
    out: &mut Vec<Signal>,
) {
    let watch = moment.watch;
    if moment.fresh().next().is_none() {
        return;
    }
    let opened = watch.consensus.iter().find(|c| c.shops >= rule.shops);
    let (Some(opened), Some(now)) = (opened.copied(), watch.agreed(rule.shops)) else {
        return;
    };
    if now.at - opened.at > rule.within {
        return;
    }
    let (side, delta, points) = went(opened, now);
    if !rule.size.is_met(delta, points, 0)
        || delta == 0.0
        || moment.spoke(n, side, rule.within, memory)
    {
        return;
    }
    let says = format!(
        "The market left its opening by {} points of probability toward {} within {}, while limits are low.",
        reason::points(delta),
        moment.name(side),
        reason::span(now.at - opened.at),
    );
    let strength = (delta / FULL).min(1.0);
    let found = since(moment, opened.at, (side, delta, strength), now.shops, says);
    moment.say((n, preset), found, memory, out);
}

pub(super) fn judge_head_fake(
    moment: &Moment<'_>,
    (n, preset): (usize, &Preset),
    rule: &HeadFake,
    memory: &mut Memory,
    out: &mut Vec<Signal>,
) {
    let watch = moment.watch;
    if moment.fresh().next().is_none() {
        return;
    }
    let Some(now) = watch.agreed(rule.shops) else {
        return;
    };
    let from = now.at - rule.within;
    let first = watch
        .consensus
        .partition_point(|c| c.at <= from)
        .saturating_sub(1);
    let path = watch.consensus.get(first..).unwrap_or_default();
    let path: Vec<&Consensus> = path.iter().filter(|c| c.shops >= rule.shops).collect();
    for side in 0..2 {
        // `side` is where the market returned to; the feint went the other way.
        let seen = |c: &Consensus| Moment::seen_from(1 - side, c.p);
        let peak = path
            .iter()
            .enumerate()
            .max_by(|a, b| seen(a.1).total_cmp(&seen(b.1)).then_with(|| b.0.cmp(&a.0)));
        let Some((at_peak, peak)) = peak else {
            continue;
        };
        let Some(base) = path
            .get(..at_peak)
            .unwrap_or_default()
            .iter()
            .map(|c| seen(c))
            .min_by(f64::total_cmp)
        else {
            continue;
        };
        let out_by = seen(peak) - base;
        let back = seen(peak) - seen(&now);
        if out_by < rule.out
            || back < rule.back * out_by
            || (seen(&now) - base).abs() > (1.0 - rule.back) * out_by
            || moment.spoke(n, side, rule.within, memory)
            || moment.spoke(n, 1 - side, rule.within, memory)
        {
            continue;
        }
        let says = format!(
            "The market went {} points toward {} and gave {:.0} % of it back within {}: first and last price hide it.",
            reason::points(out_by),
            moment.name(1 - side),
            100.0 * back / out_by,
            reason::span(now.at - path.first().map_or(now.at, |c| c.at)),
        );
        let strength = (out_by / FULL).min(1.0);
        let found = since(moment, from, (side, back, strength), now.shops, says);
        moment.say((n, preset), found, memory, out);
        return;
    }
}
