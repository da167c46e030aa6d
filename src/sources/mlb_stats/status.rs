//! Where a game stands, in MLB's words.

use crate::domain::status::GameStatus;
use crate::sources::collector::Collector;
use crate::sources::json::{Pointer, Scalar, Shape, record};

record! {
    /// `status`. A postponed game's abstract state is `Final`, so the detailed one decides.
    Status<'a> {
        abstract_state: Scalar<'a> = "abstractGameState",
        coded: Scalar<'a> = "codedGameState",
        detailed: Scalar<'a> = "detailedState",
        code: Scalar<'a> = "statusCode",
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
    let found = known(status);
    if found.is_none() {
        let detailed = place.key("detailedState");
        let right = status.shape == Shape::Right;
        let at = if right { &detailed } else { place };
        collector.rejects.push(at, "this game status is not known");
    }
    found
}

fn known(status: &Status<'_>) -> Option<GameStatus> {
    let detailed = status.detailed.text().unwrap_or_default();
    by_words(detailed)
        .or_else(|| by_code(status.code.text().or_else(|| status.coded.text())?))
        .or_else(|| match status.abstract_state.text()? {
            "Preview" => Some(GameStatus::Scheduled),
            "Live" => Some(GameStatus::Live),
            // What ended without being played says so above.
            "Final" => Some(GameStatus::Final),
            _ => None,
        })
}

/// `Completed Early: Rain`, `Final: Tied`: the reason follows a colon.
fn by_words(detailed: &str) -> Option<GameStatus> {
    let words = detailed.split(':').next().unwrap_or_default().trim();
    Some(match words.to_ascii_lowercase().as_str() {
        "postponed" => GameStatus::Postponed,
        "cancelled" | "canceled" => GameStatus::Cancelled,
        "suspended" | "suspended (appeal upheld)" | "delayed" => GameStatus::Suspended,
        "final" | "game over" | "completed early" | "forfeit" | "final (tied)" => GameStatus::Final,
        // Umpires and players are in place; no pitch is thrown.
        "scheduled" | "pre-game" | "warmup" | "delayed start" => GameStatus::Scheduled,
        "in progress" => GameStatus::Live,
        _ => return None,
    })
}

/// The first letter is the state, what follows the reason.
fn by_code(code: &str) -> Option<GameStatus> {
    Some(match code.chars().next()? {
        'D' => GameStatus::Postponed,
        'C' => GameStatus::Cancelled,
        'T' | 'U' => GameStatus::Suspended,
        'F' | 'O' | 'Q' | 'R' => GameStatus::Final,
        'S' | 'P' => GameStatus::Scheduled,
        // Challenges and reviews are `M` and `N`.
        'I' | 'M' | 'N' => GameStatus::Live,
        _ => return None,
    })
}
