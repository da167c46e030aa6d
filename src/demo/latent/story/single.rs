//! Stories of one shop among the others.

use super::super::super::dice::Dice;
use super::super::super::planted::PlantedKind;
use super::super::super::schedule::{MINUTE, Millis, SECOND};
use super::super::{Asleep, Lone, Pace};
use super::{Course, Outcome, Stage, Told};

/// Shops that fall asleep: such as otherwise follow every trade.
const SLEEPERS: [&str; 2] = ["draftkings", "fanduel"];

impl Stage<'_> {
    /// After two busy hours a shop's prices stand still, and the market walks away from them.
    pub(super) fn stale_shop(&self, course: Course, told: &mut Told, dice: &mut Dice) -> Outcome {
        let course = Course {
            on_total: false,
            ..course
        };
        let other_way = Course {
            up: !course.up,
            ..course
        };
        let at = self.ten + dice.between(130.0, 150.0) as Millis * MINUTE;
        let until = at + dice.between(75.0, 90.0) as Millis * MINUTE;
        let trades = 12;
        for trade in 0..trades {
            let early = self.ten + 4 * MINUTE;
            let on = early + (at - early) * trade / trades;
            let on = on + dice.between(0.0, 120.0) as Millis * SECOND;
            let way = if trade % 2 == 0 { course } else { other_way };
            told.changes.push(way.goes(on, 0.0125, Pace::Drift));
        }
        told.changes
            .extend(course.walks(at + 6 * MINUTE, 60 * MINUTE, (6, 0.010)));
        let shop = SLEEPERS.get(dice.below(SLEEPERS.len())).copied();
        told.asleep = shop.map(|shop| Asleep { shop, at, until });
        Outcome {
            shop,
            ..Outcome::new(PlantedKind::StaleShop, course, at, until)
        }
    }
}

pub(super) fn lone_leader(
    (from, until): (Millis, Millis),
    course: Course,
    told: &mut Told,
    dice: &mut Dice,
) -> Outcome {
    let course = Course {
        on_total: false,
        ..course
    };
    let span = (dice.between(20.0, 28.0) as Millis * MINUTE).min(until - from);
    let at = from + ((until - from - span) as f64 * dice.unit() / 2.0) as Millis;
    let back = at + span;
    let size = dice.between(0.018, 0.022);
    let away = course.goes(at, -size, Pace::Fast);
    let home = course.goes(back, 2.0 * size, Pace::Fast);
    told.lone = Some(Lone {
        shop: "pinnacle",
        at,
        until: back,
        by: home.1,
    });
    told.changes.extend([away, home]);
    told.quiet.push((at - 40 * MINUTE..=back, false));
    let shop = Some("pinnacle");
    Outcome {
        shop,
        ..Outcome::new(PlantedKind::LoneLeader, course, at, back + 15 * SECOND)
    }
}
