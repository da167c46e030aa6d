//! Stories of a whole market.

use super::super::super::dice::Dice;
use super::super::super::planted::PlantedKind;
use super::super::super::schedule::{HOUR, MINUTE, Millis, SECOND};
use super::super::super::splits::Sway;
use super::super::Pace;
use super::{Course, Outcome, Told};

/// Before a steam move nobody trades for longer than any preset of steam is silent after it spoke.
const QUIET: Millis = 65 * MINUTE;
pub(super) fn steam(at: Millis, course: Course, told: &mut Told, dice: &mut Dice) -> Outcome {
    told.changes
        .push(course.goes(at, dice.between(0.030, 0.042), Pace::Fast));
    told.quiet.push((at - QUIET..=at, course.on_total));
    Outcome::new(PlantedKind::Steam, course, at, at + 15 * SECOND)
}

pub(super) fn head_fake(at: Millis, course: Course, told: &mut Told, dice: &mut Dice) -> Outcome {
    let back = at + dice.between(6.0, 11.0) as Millis * MINUTE;
    let size = dice.between(0.030, 0.040);
    told.changes.push(course.goes(at, size, Pace::Fast));
    told.changes.push(course.goes(back, -size, Pace::Fast));
    Outcome::new(PlantedKind::HeadFake, course, at, back + 15 * SECOND)
}

pub(super) fn suspension(at: Millis, course: Course, told: &mut Told, dice: &mut Dice) -> Outcome {
    let locked = dice.between(4.0, 9.0) as Millis * MINUTE;
    let size = dice.between(0.035, 0.060);
    told.changes.push(course.goes(at, size, Pace::News(locked)));
    Outcome::new(PlantedKind::Suspension, course, at, at + locked + MINUTE)
}

pub(super) fn reverse_line(
    (from, until): (Millis, Millis),
    course: Course,
    told: &mut Told,
    dice: &mut Dice,
) -> Outcome {
    let span = ((until - from) / 2).min(3 * HOUR);
    let at = from + ((until - from - span) as f64 * dice.unit()) as Millis;
    told.changes.extend(course.walks(at, span, (6, 0.011)));
    let tickets = 100.0 - dice.between(73.0, 80.0);
    let money = tickets + dice.between(14.0, 26.0);
    told.sway = Some(Sway {
        side: course.side(),
        tickets: [tickets, tickets],
        money: [money, money],
        from: at,
        until: at,
        wide: true,
    });
    Outcome::new(PlantedKind::ReverseLine, course, at, at + span)
}

pub(super) fn weather(
    (from, until): (Millis, Millis),
    course: Course,
    told: &mut Told,
    dice: &mut Dice,
) -> Outcome {
    let course = Course {
        on_total: true,
        ..course
    };
    let span = (40 * MINUTE).min(until - from);
    let at = from + ((until - from - span) as f64 * dice.unit() / 2.0) as Millis;
    let each = dice.between(0.026, 0.032);
    told.changes.extend(course.walks(at, span, (6, each)));
    Outcome::new(PlantedKind::Weather, course, at, at + span)
}
