//! Shops that are one: a platform behind several names shows one price path, and counts once.

use chrono::{DateTime, TimeDelta, Utc};

use super::market::{Fair, ShopState};
use crate::domain::market::Period;

/// Two paths are one when they agree within this.
const WITHIN: TimeDelta = TimeDelta::seconds(2);
/// Changes of either that must have been compared before two shops count as one.
const ENOUGH: u32 = 12;
/// Share of compared changes that must agree.
const ALIKE: f64 = 0.95;

#[derive(Debug, Clone, Copy, Default)]
struct Pair {
    compared: u32,
    alike: u32,
}

/// A change that the other shop may yet follow.
#[derive(Debug, Clone)]
struct Pending {
    at: DateTime<Utc>,
    shop: usize,
    period: Period,
    fair: Fair,
    /// Shops that differed.
    others: Vec<usize>,
}

/// What was learnt of a game's shops from their moneylines.
#[derive(Debug)]
pub(super) struct Clones {
    shops: usize,
    pairs: Vec<Pair>,
    pending: Vec<Pending>,
}

impl Clones {
    pub(super) fn new(shops: usize) -> Self {
        Self {
            shops,
            pairs: vec![Pair::default(); shops * shops],
            pending: Vec::new(),
        }
    }

    /// `changed` have new moneylines at `at`.
    pub(super) fn note(
        &mut self,
        at: DateTime<Utc>,
        changed: &[usize],
        shops: &[ShopState],
        period: Period,
    ) {
        self.pending.retain(|p| at - p.at <= WITHIN);
        let fair = |shop: usize| shops.get(shop).filter(|s| s.open).and_then(|s| s.fair);
        // Who caught up within two seconds was alike after all.
        let mut caught = Vec::new();
        for pending in self.pending.iter_mut().filter(|p| p.at < at) {
            if pending.period != period {
                continue;
            }
            pending.others.retain(|other| {
                let follows = changed.contains(other) && fair(*other) == Some(pending.fair);
                if follows {
                    caught.push((pending.shop, *other));
                }
                !follows
            });
        }
        for (a, b) in &caught {
            self.count(*a, *b, |pair| pair.alike += 1);
        }
        for (n, shop) in changed.iter().enumerate() {
            let Some(own) = fair(*shop) else { continue };
            let mut others = Vec::new();
            for other in 0..self.shops {
                let both = changed
                    .get(..n)
                    .is_some_and(|before| before.contains(&other));
                let Some(its) = fair(other).filter(|_| other != *shop && !both) else {
                    continue;
                };
                if caught.iter().any(|(a, b)| (*a, *b) == (other, *shop)) {
                    continue;
                }
                let alike = its == own;
                self.count(*shop, other, |pair| {
                    pair.compared += 1;
                    pair.alike += u32::from(alike);
                });
                if !alike {
                    others.push(other);
                }
            }
            self.pending.push(Pending {
                at,
                shop: *shop,
                period,
                fair: own,
                others,
            });
        }
    }

    /// The group of a shop: the first shop whose price path it shares.
    pub(super) fn group(&self, shop: usize) -> usize {
        (0..shop)
            .find(|other| {
                self.pairs
                    .get(other * self.shops + shop)
                    .is_some_and(|pair| {
                        pair.compared >= ENOUGH
                            && f64::from(pair.alike) > ALIKE * f64::from(pair.compared)
                    })
            })
            .unwrap_or(shop)
    }

    fn count(&mut self, a: usize, b: usize, count: impl FnOnce(&mut Pair)) {
        let index = a.min(b) * self.shops + a.max(b);
        if let Some(pair) = self.pairs.get_mut(index) {
            count(pair);
        }
    }
}
