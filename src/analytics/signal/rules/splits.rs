//! What tickets and money say, alone and against the line.

use std::sync::Arc;

use super::{Found, Memory, Moment, Regime, SPLITS_COOLDOWN, Slot, rows};
use crate::analytics::signal::market::Counter;
use crate::analytics::signal::preset::Preset;
use crate::analytics::signal::rule::{Divergence, Fade, Flip, Heavy, Rlm};
use crate::analytics::signal::{Signal, SplitEvidence, SplitSeen, reason};

/// A gap of this many points between money and tickets is as strong as a divergence gets.
const FULL_GAP: f64 = 40.0;
/// A move of this much against the bets is as strong as reverse movement gets.
const FULL_MOVE: f64 = 0.04;
/// A reverse move is told again when it went this much further.
const STEP: f64 = 0.02;
/// A counter that re-arms: how far below its threshold a number must fall, points.
const SLACK: f64 = 3.0;

/// What a counter says of one side.
#[derive(Debug, Clone, Copy)]
struct Said<'a> {
    seen: &'a SplitSeen,
    tickets: f64,
    money: Option<f64>,
}

fn said(counter: &Counter, side: usize) -> Option<Said<'_>> {
    let seen = counter.now.get(side)?.as_ref()?;
    // 0 and 100 are what a counter shows of a handful of bets.
    let share = |pct: Option<f64>| pct.filter(|p| *p > 0.0 && *p < 100.0);
    Some(Said {
        seen,
        tickets: share(seen.tickets_pct)?,
        money: share(seen.money_pct),
    })
}

/// Bets counted on both sides, where the counter tells.
fn bets(counter: &Counter) -> Option<i64> {
    let [Some(first), Some(second)] = &counter.now else {
        return None;
    };
    Some(first.tickets? + second.tickets?)
}

/// Share of the bets that came since the snapshot before: m = (M₂V₂ − M₁V₁)/(V₂ − V₁), percent.
fn recent(counter: &Counter, side: usize) -> Option<f64> {
    let count = |which: &[Option<SplitSeen>; 2], n: usize| which.get(n)?.as_ref()?.tickets;
    let own = count(&counter.now, side)? - count(&counter.before, side)?;
    let other = count(&counter.now, 1 - side)? - count(&counter.before, 1 - side)?;
    (own >= 0 && other >= 0 && own + other > 0).then(|| 100.0 * own as f64 / (own + other) as f64)
}

fn evidence(moment: &Moment<'_>, counter: &Counter, side: usize, said: &Said<'_>) -> SplitEvidence {
    SplitEvidence {
        scope: Arc::clone(&said.seen.scope),
        at: said.seen.at,
        tickets_pct: said.seen.tickets_pct,
        money_pct: said.seen.money_pct,
        side: moment.side(side),
        recent_tickets_pct: recent(counter, side),
    }
}

fn cumulative(counter: &Counter, side: usize) -> String {
    recent(counter, side).map_or_else(
        || " (cumulative)".to_owned(),
        |pct| format!(" ({pct:.0} % of the latest)"),
    )
}

fn slot(moment: &Moment<'_>, preset: usize, side: usize, scope: &Arc<str>) -> Slot {
    Slot {
        scope: Some(Arc::clone(scope)),
        ..moment.slot(preset, side)
    }
}

/// Of what several counters say at a moment, the strongest is told, unless the side was told of lately.
fn tell(
    moment: &Moment<'_>,
    (n, preset): (usize, &Preset),
    candidates: Vec<Found>,
    memory: &mut Memory,
    out: &mut Vec<Signal>,
) {
    let mut best: [Option<Found>; 2] = [None, None];
    for found in candidates {
        if let Some(had) = best.get_mut(found.side)
            && had.as_ref().is_none_or(|had| found.strength > had.strength)
        {
            *had = Some(found);
        }
    }
    for found in best.into_iter().flatten() {
        if !moment.spoke(n, found.side, SPLITS_COOLDOWN, memory) {
            moment.say((n, preset), Found { groups: 1, ..found }, memory, out);
        }
    }
}

/// Whether `holds` is news: it is told when it begins, and again only after it was well below.
fn begins(memory: &mut Memory, slot: Slot, holds: bool, well_below: bool) -> bool {
    if holds {
        return memory.holding.insert(slot);
    }
    if well_below {
        memory.holding.remove(&slot);
    }
    false
}

pub(super) fn judge_rlm(
    moment: &Moment<'_>,
    (n, preset): (usize, &Preset),
    rule: &Rlm,
    memory: &mut Memory,
    out: &mut Vec<Signal>,
) {
    let mut candidates = Vec::new();
    for (scope, counter) in &moment.watch.counters {
        for public in 0..2 {
            let slot = slot(moment, n, public, scope);
            let Some(said) = said(counter, public) else {
                continue;
            };
            let share = if rule.by_money {
                said.money
            } else {
                Some(said.tickets)
            };
            let behind = said.money.map(|money| said.tickets - money);
            let public_is = share.is_some_and(|s| s >= rule.public)
                && rule.gap.is_none_or(|gap| behind.is_some_and(|b| b >= gap));
            if !public_is {
                memory.regimes.remove(&slot);
                continue;
            }
            let now = moment.watch.agreed(2);
            let own = |p: f64| Moment::seen_from(public, p);
            let regime = memory.regimes.entry(slot).or_insert_with(|| {
                let then = moment.watch.agreed_at(said.seen.at, 2);
                Regime {
                    p: then.map(|c| own(c.p)),
                    line: then.and_then(|c| c.line),
                    told: None,
                }
            });
            let Some(now) = now else { continue };
            let Some(before) = regime.p else {
                (regime.p, regime.line) = (Some(own(now.p)), now.line);
                continue;
            };
            let fall = before - own(now.p);
            let points = match (regime.line, now.line) {
                (Some(had), Some(has)) => has.points() - had.points(),
                _ => 0.0,
            };
            // Told once, and again for each step further.
            let news = regime.told.is_none_or(|told| fall >= told + STEP);
            if !news || fall <= 0.0 || !rule.size.is_met(fall, points, 0) {
                continue;
            }
            regime.told = Some(fall);
            let side = 1 - public;
            let counted = if rule.by_money { "money" } else { "tickets" };
            candidates.push(Found {
                side,
                strength: (fall / FULL_MOVE).min(1.0) * 0.6 + 0.4 * ((share.unwrap_or(50.0) - 50.0) / 50.0),
                delta: Some(fall),
                evidence: rows(moment.fresh()),
                splits: vec![evidence(moment, counter, public, &said)],
                says: format!(
                    "{:.0} % of {counted}{} on {} by {scope}, and the market went {} points toward {} since.",
                    share.unwrap_or(0.0),
                    cumulative(counter, public),
                    moment.name(public),
                    reason::points(fall),
                    moment.name(side),
                ),
                reconstructed: moment.fresh().any(|m| m.reconstructed),
                ..Found::default()
            });
        }
    }
    tell(moment, (n, preset), candidates, memory, out);
}

pub(super) fn judge_divergence(
    moment: &Moment<'_>,
    (n, preset): (usize, &Preset),
    rule: &Divergence,
    memory: &mut Memory,
    out: &mut Vec<Signal>,
) {
    if let Some(within) = rule.within
        && moment
            .cast
            .starts_at
            .is_none_or(|start| start - moment.watch.at > within)
    {
        return;
    }
    let mut candidates = Vec::new();
    for scope in &moment.watch.counted {
        let Some(counter) = moment.watch.counters.get(scope) else {
            continue;
        };
        let enough = rule.tickets == 0 || bets(counter).is_some_and(|n| n >= rule.tickets);
        for side in 0..2 {
            let Some((said, money)) = said(counter, side).and_then(|s| Some((s, s.money?))) else {
                continue;
            };
            let gap = money - said.tickets;
            let holds = enough && gap >= rule.gap;
            let slot = slot(moment, n, side, scope);
            if !begins(memory, slot, holds, gap < rule.gap - SLACK) {
                continue;
            }
            candidates.push(Found {
                side,
                strength: (gap / FULL_GAP).min(1.0),
                splits: vec![evidence(moment, counter, side, &said)],
                says: format!(
                    "{money:.0} % of the money but {:.0} % of the tickets{} on {} by {scope}.",
                    said.tickets,
                    cumulative(counter, side),
                    moment.name(side),
                ),
                ..Found::default()
            });
        }
    }
    tell(moment, (n, preset), candidates, memory, out);
}

pub(super) fn judge_flip(
    moment: &Moment<'_>,
    (n, preset): (usize, &Preset),
    rule: &Flip,
    memory: &mut Memory,
    out: &mut Vec<Signal>,
) {
    let Some(start) = moment.cast.starts_at else {
        return;
    };
    let late = start - moment.watch.at <= rule.within;
    let mut candidates = Vec::new();
    for scope in &moment.watch.counted {
        let Some(counter) = moment.watch.counters.get(scope) else {
            continue;
        };
        for had in 0..2 {
            let Some((said, money)) = said(counter, had).and_then(|s| Some((s, s.money?))) else {
                continue;
            };
            let slot = slot(moment, n, had, scope);
            if !late {
                memory.early.insert(slot, money);
                continue;
            }
            let Some(early) = memory.early.get(&slot).copied() else {
                continue;
            };
            let flipped = early >= rule.early && money < 50.0 && early - money >= rule.by;
            if !begins(memory, slot, flipped, money >= 50.0) {
                continue;
            }
            let side = 1 - had;
            candidates.push(Found {
                side,
                strength: ((early - money) / FULL_GAP).min(1.0),
                splits: vec![evidence(moment, counter, had, &said)],
                says: format!(
                    "The money left {} for {} close to the start: {early:.0} % became {money:.0} % by {scope}.",
                    moment.name(had),
                    moment.name(side),
                ),
                ..Found::default()
            });
        }
    }
    tell(moment, (n, preset), candidates, memory, out);
}

pub(super) fn judge_heavy(
    moment: &Moment<'_>,
    (n, preset): (usize, &Preset),
    rule: &Heavy,
    memory: &mut Memory,
    out: &mut Vec<Signal>,
) {
    let mut candidates = Vec::new();
    for scope in &moment.watch.counted {
        let Some(counter) = moment.watch.counters.get(scope) else {
            continue;
        };
        for side in 0..2 {
            let Some((said, money)) = said(counter, side).and_then(|s| Some((s, s.money?))) else {
                continue;
            };
            let holds = said.tickets >= rule.tickets
                && money >= rule.money
                && (money - said.tickets).abs() <= rule.alike;
            let below = said.tickets < rule.tickets - SLACK || money < rule.money - SLACK;
            if !begins(memory, slot(moment, n, side, scope), holds, below) {
                continue;
            }
            candidates.push(Found {
                side,
                strength: (f64::midpoint(said.tickets, money) - 50.0) / 50.0,
                splits: vec![evidence(moment, counter, side, &said)],
                says: format!(
                    "{:.0} % of tickets{} and {money:.0} % of the money on {} by {scope}.",
                    said.tickets,
                    cumulative(counter, side),
                    moment.name(side),
                ),
                ..Found::default()
            });
        }
    }
    tell(moment, (n, preset), candidates, memory, out);
}

pub(super) fn judge_fade(
    moment: &Moment<'_>,
    (n, preset): (usize, &Preset),
    rule: Fade,
    memory: &mut Memory,
    out: &mut Vec<Signal>,
) {
    let mut candidates = Vec::new();
    for scope in &moment.watch.counted {
        let Some(counter) = moment.watch.counters.get(scope) else {
            continue;
        };
        for public in 0..2 {
            let Some(said) = said(counter, public) else {
                continue;
            };
            let holds = said.tickets >= rule.tickets;
            let below = said.tickets < rule.tickets - SLACK;
            if !begins(memory, slot(moment, n, public, scope), holds, below) {
                continue;
            }
            candidates.push(Found {
                side: 1 - public,
                strength: (said.tickets - 50.0) / 50.0,
                splits: vec![evidence(moment, counter, public, &said)],
                says: format!(
                    "{:.0} % of tickets{} on {} by {scope}: {} is the unpopular side.",
                    said.tickets,
                    cumulative(counter, public),
                    moment.name(public),
                    moment.name(1 - public),
                ),
                ..Found::default()
            });
        }
    }
    tell(moment, (n, preset), candidates, memory, out);
}
