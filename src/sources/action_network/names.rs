//! Action Network's words for periods, markets, sides and statuses.

use crate::domain::league::League;
use crate::domain::market::{Market, Period, Phase, Side};
use crate::domain::status::GameStatus;

/// The opener Action Network publishes as a book of its own; never another book's opener.
pub(super) const OPENER_BOOK: &str = "30";

/// A period's name, and the phase where the name tells it (version 1 writes `live` for the whole game in play).
pub(super) fn period(name: &str) -> Option<(Period, Option<Phase>)> {
    let period = match name {
        "event" => Period::Full,
        "game" => return Some((Period::Full, Some(Phase::Pregame))),
        "live" => return Some((Period::Full, Some(Phase::Live))),
        "firsthalf" => Period::Half1,
        "secondhalf" => Period::Half2,
        "firstquarter" => Period::Quarter1,
        "secondquarter" => Period::Quarter2,
        "thirdquarter" => Period::Quarter3,
        "fourthquarter" => Period::Quarter4,
        "firstperiod" => Period::Period1,
        "secondperiod" => Period::Period2,
        "thirdperiod" => Period::Period3,
        "firstinning" => Period::Inning1,
        "firstthreeinnings" => Period::Innings3,
        "firstfiveinnings" => Period::Innings5,
        "firstseveninnings" => Period::Innings7,
        _ => return None,
    };
    Some((period, None))
}

/// A market's type.
pub(super) fn market(name: &str) -> Option<Market> {
    match name {
        "moneyline" => Some(Market::Moneyline),
        "spread" => Some(Market::Spread),
        "total" => Some(Market::Total),
        "core_bet_type_6_team_score" => Some(Market::TeamTotal),
        _ => None,
    }
}

/// A side.
pub(super) fn side(name: &str) -> Option<Side> {
    name.parse().ok()
}

/// Where a game stands.
pub(super) fn status(name: &str) -> Option<GameStatus> {
    match name {
        "scheduled" | "created" => Some(GameStatus::Scheduled),
        "inprogress" | "in_progress" | "live" | "halftime" => Some(GameStatus::Live),
        "complete" | "closed" | "final" => Some(GameStatus::Final),
        "postponed" => Some(GameStatus::Postponed),
        "cancelled" | "canceled" => Some(GameStatus::Cancelled),
        "suspended" | "delayed" | "interrupted" => Some(GameStatus::Suspended),
        _ => None,
    }
}

/// A league's name; one linetape does not model is [`League::Other`].
pub(super) fn league(name: &str) -> League {
    name.parse().unwrap_or(League::Other)
}
