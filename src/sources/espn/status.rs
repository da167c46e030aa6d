//! Where a game stands, in ESPN's names.

use crate::domain::status::GameStatus;
use crate::sources::collector::Collector;
use crate::sources::json::{Pointer, Scalar, Shape, record};

record! {
    /// `status` of an event or a competition.
    Status<'a> { kind: Kind<'a> = "type" }
}
record! {
    /// Its type.
    Kind<'a> {
        name: Scalar<'a> = "name",
        state: Scalar<'a> = "state",
        completed: Scalar<'a> = "completed",
    }
}

/// The status; none where there is none, and with a reject where it is not known.
pub(super) fn status(
    status: &Status<'_>,
    place: &Pointer<'_>,
    collector: &mut Collector<'_>,
) -> Option<GameStatus> {
    if matches!(status.shape, Shape::Absent | Shape::Null) {
        return None;
    }
    let found = known(&status.kind);
    if found.is_none() {
        let kind = place.key("type");
        let name = kind.key("name");
        let at = match (status.shape, status.kind.shape) {
            (Shape::Right, Shape::Right) => &name,
            (Shape::Right, _) => &kind,
            _ => place,
        };
        collector.rejects.push(at, "this game status is not known");
    }
    found
}

/// By name, else by what every name comes with: whether the game is before, in or after play.
fn known(kind: &Kind<'_>) -> Option<GameStatus> {
    let state = kind.state.text();
    let name = kind.name.text().unwrap_or_default();
    Some(match name.strip_prefix("STATUS_").unwrap_or(name) {
        "POSTPONED" => GameStatus::Postponed,
        "CANCELED" | "CANCELLED" | "ABANDONED" | "UNCONTESTED" => GameStatus::Cancelled,
        // A delay before the start leaves the game to come, one in play halts it.
        "DELAYED" | "RAIN_DELAY" if state == Some("pre") => GameStatus::Scheduled,
        "SUSPENDED" | "DELAYED" | "RAIN_DELAY" => GameStatus::Suspended,
        "SCHEDULED" | "TBD" | "PRE_GAME" | "PREGAME" => GameStatus::Scheduled,
        "IN_PROGRESS" | "HALFTIME" | "END_PERIOD" | "FIRST_HALF" | "SECOND_HALF" | "OVERTIME"
        | "SHOOTOUT" => GameStatus::Live,
        "FINAL" | "FULL_TIME" | "FINAL_PEN" | "FINAL_AET" | "FORFEIT" => GameStatus::Final,
        _ => match (state?, kind.completed.flag()) {
            (_, Some(true)) => GameStatus::Final,
            ("pre", _) => GameStatus::Scheduled,
            ("in", _) => GameStatus::Live,
            _ => return None,
        },
    })
}
