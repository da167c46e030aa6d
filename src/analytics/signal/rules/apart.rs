//! One shop apart from the others: in conflict with them, or left behind.

use std::sync::Arc;

use super::{Found, Memory, Moment, Slot};
use crate::analytics::consensus::{Ordered, median};
use crate::analytics::signal::market::Offer;
use crate::analytics::signal::preset::Preset;
use crate::analytics::signal::rule::{Conflict, Stale};
use crate::analytics::signal::{Available, Evidence, Follower, Signal, reason};

/// Cents on one scale across even money: −105 is −5, +102 is 2.
fn cents(offer: &Offer) -> Option<f64> {
    let american = f64::from(offer.odds?.to_american());
    Some(if american >= 100.0 {
        american - 100.0
    } else {
        american + 100.0
    })
}

fn row(offer: &Offer) -> Evidence {
    Evidence {
        series_id: offer.series_id,
        at: offer.at,
        line: offer.line,
        odds: offer.odds,
        before_line: None,
        before_odds: None,
    }
}

pub(super) fn judge_conflict(
    moment: &Moment<'_>,
    (n, preset): (usize, &Preset),
    rule: &Conflict,
    memory: &mut Memory,
    out: &mut Vec<Signal>,
) {
    if moment.fresh().next().is_none() {
        return;
    }
    let watch = moment.watch;
    let line = watch.modal_line();
    for side in 0..2 {
        let offers: Vec<(usize, Offer, f64)> = watch
            .shops
            .iter()
            .enumerate()
            .filter(|(_, s)| s.open && s.fair.is_some_and(|f| f.line == line))
            .filter_map(|(shop, s)| {
                let offer = s.offers.get(side).copied().flatten()?;
                Some((shop, offer, cents(&offer)?))
            })
            .collect();
        if offers.len() <= rule.others {
            continue;
        }
        let ordered = Ordered::new(offers.iter().map(|o| o.2).collect());
        let mut best: Option<Found> = None;
        for (shop, offer, own) in &offers {
            let Some(rest) = ordered.median_without(*own) else {
                continue;
            };
            let apart = own - rest;
            let slot = Slot {
                which: (side, shop + 1),
                ..moment.slot(n, side)
            };
            if apart < rule.cents {
                if apart < rule.cents - 2.0 {
                    memory.holding.remove(&slot);
                }
                continue;
            }
            if !memory.holding.insert(slot)
                || best.as_ref().is_some_and(|b| b.strength >= apart / 50.0)
            {
                continue;
            }
            let name = moment.shop(*shop);
            best = Some(Found {
                side,
                strength: apart / 50.0,
                groups: 1,
                movers: vec![Follower {
                    shop: Arc::clone(&name),
                    at: offer.at,
                    delta: 0.0,
                }],
                says: format!(
                    "{name} pays {apart:.0} cents more on {} than the median of {}.",
                    moment.name(side),
                    reason::count(offers.len() - 1, "other shop"),
                ),
                available: offer.odds.map(|odds| Available {
                    shop: name,
                    line: offer.line,
                    odds,
                }),
                evidence: offers.iter().map(|(_, offer, _)| row(offer)).collect(),
                reconstructed: moment.fresh().any(|m| m.reconstructed),
                ..Found::default()
            });
        }
        if let Some(found) = best {
            moment.say((n, preset), found, memory, out);
        }
    }
}

pub(super) fn judge_stale(
    moment: &Moment<'_>,
    (n, preset): (usize, &Preset),
    rule: &Stale,
    memory: &mut Memory,
    out: &mut Vec<Signal>,
) {
    if moment.fresh().next().is_none() {
        return;
    }
    let watch = moment.watch;
    let (line, all) = watch.at_modal();
    if all.len() < rule.shops {
        return;
    }
    let ordered = Ordered::new(all.iter().map(|(_, p)| *p).collect());
    let mut best: [Option<Found>; 2] = [None, None];
    for (shop, p) in &all {
        let Some(state) = watch.shops.get(*shop) else {
            continue;
        };
        let Some(fair) = ordered.median_without(*p) else {
            continue;
        };
        let spread = || {
            let others = all.iter().filter(|(s, _)| s != shop);
            let off: Vec<f64> = others.map(|(_, p)| (p - fair).abs()).collect();
            median(&off).unwrap_or(0.0)
        };
        // The side that this shop still sells too cheaply.
        let side = usize::from(*p > fair);
        let lag = (p - fair).abs();
        let age = state.since.map(|since| watch.at - since);
        let overdue = age
            .zip(state.usual_gap)
            .is_some_and(|(age, gap)| crate::analytics::signal::seconds(age) > gap);
        let slot = Slot {
            which: (side, shop + 1),
            ..moment.slot(n, side)
        };
        let behind = lag >= rule.distance && lag > rule.deviations * spread();
        if !(behind && overdue) {
            if lag < rule.distance / 2.0 || !overdue {
                memory.holding.remove(&slot);
            }
            continue;
        }
        let offer = state.offers.get(side).copied().flatten();
        let Some((offer, odds)) = offer.and_then(|o| Some((o, o.odds?))) else {
            continue;
        };
        if !memory.holding.insert(slot) || state.fair.is_none_or(|f| f.line != line) {
            continue;
        }
        let Some(held) = best.get_mut(side) else {
            continue;
        };
        if held.as_ref().is_some_and(|b| b.strength >= lag / 0.05) {
            continue;
        }
        let own = Moment::seen_from(side, fair);
        let name = moment.shop(*shop);
        *held = Some(Found {
            side,
            strength: lag / 0.05,
            delta: Some(lag),
            groups: 1,
            waiting: vec![Follower {
                shop: Arc::clone(&name),
                at: state.since.unwrap_or(watch.at),
                delta: lag,
            }],
            says: format!(
                "{name} has stood still for {}, longer than it uses to, {} points behind the consensus: {} there has an expected value of {:+.1} %.",
                age.map_or_else(String::new, reason::span),
                reason::points(lag),
                moment.name(side),
                100.0 * (own * odds.to_decimal() - 1.0),
            ),
            available: Some(Available {
                shop: name,
                line: offer.line,
                odds,
            }),
            evidence: std::iter::once(row(&offer))
                .chain(super::rows(moment.fresh()))
                .collect(),
            reconstructed: moment.fresh().any(|m| m.reconstructed),
            ..Found::default()
        });
    }
    for found in best.into_iter().flatten() {
        moment.say((n, preset), found, memory, out);
    }
}
