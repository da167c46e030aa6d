//! What the market's maker put there on purpose, for the signals to find.

use chrono::{DateTime, Utc};

use crate::domain::league::League;
use crate::domain::market::{Market, Side};

/// What was planted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PlantedKind {
    /// At least four shops move to one side within 15 seconds, out of a market that was quiet for an hour.
    Steam,
    /// Most tickets on `side`'s opponent, and the line goes towards `side`.
    ReverseLine,
    /// Out and back within minutes: the endpoints hide it.
    HeadFake,
    /// Every shop locks the game on news and opens again at another price.
    Suspension,
    /// Much money on `side` while most tickets stay with its opponent; the price follows.
    SharpMoney,
    /// A favourite that nine bettors in ten are on, with their money; the price goes towards `side`, its opponent.
    Lopsided,
    /// In the last three hours most of the money leaves `side`'s opponent for `side`.
    LateFlip,
    /// A shop goes on showing its old prices in a busy market, while the others go towards `side`.
    StaleShop,
    /// The wind turns: within three quarters of an hour the total goes by a run and a half and more.
    Weather,
    /// The shop that is believed goes towards `side` and all others the other way, until they follow it.
    LoneLeader,
    /// The game is called off.
    Postponement,
    /// Two games of the same teams three and a half hours apart; this is the second.
    Doubleheader,
}

/// Percent of tickets and of money on the planted event's side, before it and after it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shares {
    /// Tickets.
    pub tickets: [f64; 2],
    /// Money.
    pub money: [f64; 2],
}

/// How far the truth of the event's market went, drift and all.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moved {
    /// Fair probability of the side before and after; with a line, of the one that was even before.
    pub fair: [f64; 2],
    /// Points of line towards the side; 0 for a moneyline.
    pub points: f64,
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
    /// How far the truth went; none where it concerns the whole game.
    pub moved: Option<Moved>,
    /// Tickets and money that belong to it; none where they are as they happen to be.
    pub shares: Option<Shares>,
    /// The one shop it is about, by The Odds API's key.
    pub shop: Option<&'static str>,
}
