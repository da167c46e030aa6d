//! Stories of tickets and money.

use super::super::super::dice::Dice;
use super::super::super::planted::PlantedKind;
use super::super::super::schedule::{MINUTE, Millis};
use super::super::super::splits::Sway;
use super::{Course, Outcome, Stage, Told};

impl Stage<'_> {
    /// Money on a side, in the morning, and the price after it.
    pub(super) fn sharp_money(&self, course: Course, told: &mut Told, dice: &mut Dice) -> Outcome {
        let at = self.ten + dice.between(15.0, 60.0) as Millis * MINUTE;
        let until = at + 70 * MINUTE;
        told.changes
            .extend(course.walks(at + 5 * MINUTE, 60 * MINUTE, (5, 0.008)));
        let tickets = dice.between(36.5, 38.5);
        told.sway = Some(Sway {
            side: course.side(),
            tickets: [tickets, tickets],
            money: [dice.between(39.0, 44.0), dice.between(69.0, 72.0)],
            from: at,
            until: at + 40 * MINUTE,
            wide: false,
        });
        Outcome::new(PlantedKind::SharpMoney, course, at, until)
    }

    /// The public is on the favourite, and the shops do not mind.
    pub(super) fn lopsided(&self, course: Course, told: &mut Told, dice: &mut Dice) -> Outcome {
        let course = Course {
            on_total: false,
            up: self.margin < 0.0,
            ..course
        };
        let at = self.ten + dice.between(25.0, 60.0) as Millis * MINUTE;
        let until = (at + 270 * MINUTE).min(self.last - 12 * MINUTE);
        let walk = course.walks(at + 30 * MINUTE, until - at - 30 * MINUTE, (6, 0.009));
        told.changes.extend(walk);
        told.sway = Some(Sway {
            side: course.side(),
            tickets: [dice.between(22.5, 25.0), dice.between(5.5, 7.0)],
            money: [dice.between(24.0, 27.0), dice.between(4.5, 6.5)],
            from: at,
            until: until - 20 * MINUTE,
            wide: false,
        });
        Outcome::new(PlantedKind::Lopsided, course, at, until)
    }

    /// The money changes its mind close to the start.
    pub(super) fn late_flip(&self, course: Course, told: &mut Told, dice: &mut Dice) -> Outcome {
        let course = Course {
            on_total: false,
            ..course
        };
        let at = self.fixture.scheduled - dice.between(130.0, 165.0) as Millis * MINUTE;
        let span = 60 * MINUTE;
        told.changes.extend(course.walks(at, span, (4, 0.008)));
        let tickets = dice.between(46.5, 48.0);
        told.sway = Some(Sway {
            side: course.side(),
            tickets: [tickets, tickets],
            money: [dice.between(30.0, 34.0), dice.between(64.5, 66.5)],
            from: at,
            until: at + span,
            wide: false,
        });
        Outcome::new(PlantedKind::LateFlip, course, at, at + span + 10 * MINUTE)
    }
}
