//! What a shop does with a market, and when.

use super::super::dice::Dice;
use super::super::latent::{Latent, Pace};
use super::super::schedule::{Fixture, HOUR, MINUTE, Millis, SECOND, eastern};
use super::super::shop::{Role, Shop, Trait};

/// What a shop does at a moment.
#[derive(Clone, Copy)]
pub(super) enum Act {
    /// Look at step `n` of the truth; `must` moves even below the threshold.
    Look {
        step: usize,
        must: bool,
    },
    Lock,
    Unlock {
        step: usize,
    },
    /// Lock for the start: only live prices follow.
    Start,
    /// Price what is left after `part`, and open if locked.
    Live {
        part: Option<usize>,
    },
    Close,
}

/// When a shop opens a game.
fn opens_at(fixture: &Fixture, shop: &Shop, dice: &mut Dice) -> Millis {
    let hours = if fixture.opens_late {
        // Its pitchers are not named before late morning.
        1.6 + (shop.opens + 17.0) / 16.0
    } else {
        shop.opens
    };
    let ten = eastern(fixture.date, 10, 0);
    ten + (hours * HOUR as f64) as Millis + (dice.between(-22.0, 22.0) * MINUTE as f64) as Millis
}

/// Everything a shop does with a market, by time.
pub(super) fn acts(
    fixture: &Fixture,
    latent: &Latent,
    shop: &Shop,
    dice: &mut Dice,
) -> Vec<(Millis, Act)> {
    let opens = opens_at(fixture, shop, dice);
    let known = latent.steps.partition_point(|s| s.at <= opens);
    let mut acts = vec![(
        opens,
        Act::Look {
            step: known.saturating_sub(1),
            must: true,
        },
    )];
    let seconds = |s: f64| (s * SECOND as f64) as Millis;
    for (step, change) in latent.steps.iter().enumerate().skip(known) {
        match change.pace {
            Pace::Drift => {
                let lag = dice.lag(shop.lag);
                if dice.chance(0.9) {
                    acts.push((change.at + seconds(lag), Act::Look { step, must: false }));
                }
            }
            Pace::Fast => {
                let lag = if shop.role == Role::Leader {
                    dice.between(0.0, 1.2)
                } else {
                    dice.between(1.2, 9.0)
                };
                acts.push((change.at + seconds(lag), Act::Look { step, must: true }));
            }
            Pace::News(locked) => {
                acts.push((change.at + seconds(dice.between(0.5, 20.0)), Act::Lock));
                let open = change.at + locked + seconds(dice.between(0.0, 40.0));
                acts.push((open, Act::Unlock { step }));
            }
        }
    }
    if let Some(asleep) = latent
        .asleep
        .filter(|a| shop.key.as_deref() == Some(a.shop))
    {
        let step = latent.steps.partition_point(|s| s.at <= asleep.until);
        let step = step.saturating_sub(1);
        acts.push((asleep.until, Act::Look { step, must: true }));
    }
    if let Some(at) = fixture.postponed_at {
        let locked = at + seconds(dice.between(2.0, 60.0));
        acts.retain(|act| act.0 < at);
        acts.push((locked, Act::Lock));
        acts.push((locked + 5 * MINUTE, Act::Close));
    } else {
        let start = fixture.actual - seconds(dice.between(5.0, 50.0));
        acts.retain(|act| act.0 < start);
        acts.push((start, Act::Start));
        if shop.has(Trait::Live) {
            live_acts(fixture, latent, &mut acts, dice);
        }
        if let Some(ends) = latent.ends() {
            acts.push((ends + seconds(dice.between(5.0, 60.0)), Act::Close));
        }
    }
    acts.sort_by_key(|act| act.0);
    acts
}

fn live_acts(fixture: &Fixture, latent: &Latent, acts: &mut Vec<(Millis, Act)>, dice: &mut Dice) {
    let first = fixture.actual + dice.between(50.0, 150.0) as Millis * SECOND;
    acts.push((first, Act::Live { part: None }));
    // The last part leaves nothing to bet on.
    let parts = latent.played.len().saturating_sub(1);
    for (part, played) in latent.played.iter().take(parts).enumerate() {
        let seen = played.until + dice.between(2.0, 12.0) as Millis * SECOND;
        if seen <= first {
            continue;
        }
        if played.scored {
            acts.push((played.until + SECOND, Act::Lock));
            let open = seen + dice.between(12.0, 35.0) as Millis * SECOND;
            acts.push((open, Act::Live { part: Some(part) }));
        } else if dice.chance(0.75) {
            acts.push((seen, Act::Live { part: Some(part) }));
        }
    }
}
