//! What the market's maker put there on purpose, for the signals to find.

use chrono::{DateTime, Utc};

use crate::domain::league::League;
use crate::domain::market::{Market, Side};

/// What was planted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PlantedKind {
    /// At least four shops move to one side within 15 seconds.
    Steam,
    /// Most tickets on `side`'s opponent, and the line goes towards `side`.
    ReverseLine,
    /// Out and back within minutes: the endpoints hide it.
    HeadFake,
    /// Every shop locks the game on news and opens again at another price.
    Suspension,
    /// The game is called off.
    Postponement,
    /// Two games of the same teams three and a half hours apart; this is the second.
    Doubleheader,
}

/// One planted event.
#[derive(Debug, Clone, PartialEq)]
pub struct Planted {
    /// What.
    pub kind: PlantedKind,
    /// League.
    pub league: League,
    /// Action Network's id of the game.
    pub game: u64,
    /// The Odds API's id of the game.
    pub odds_api_id: String,
    /// Market that moves most; none where it concerns the whole game.
    pub market: Option<Market>,
    /// Side whose price shortens; none where it concerns both.
    pub side: Option<Side>,
    /// When it begins.
    pub at: DateTime<Utc>,
    /// When it is over; for a steam move, when the last fast shop has moved.
    pub until: DateTime<Utc>,
}
