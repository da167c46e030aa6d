//! What a tape writes: fair odds, offers and chances, a row at each change.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Serialize, Serializer};

use super::board::Leg;
use super::offer::Class;
use super::{Anchor, Devig};
use crate::domain::market::{Line, Market, Period, Side};

/// A bet within a game.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BetKey {
    /// Market.
    pub market: Market,
    /// Part of the game.
    pub period: Period,
    /// Team or player, else empty.
    pub participant: Arc<str>,
    /// Its own line.
    pub line: Option<Line>,
    /// Side.
    pub side: Side,
}

/// A fair price from a moment on.
#[derive(Debug, Clone, PartialEq)]
pub struct FairRow {
    /// Of this bet.
    pub bet: BetKey,
    /// From then on.
    pub at: DateTime<Utc>,
    /// None while there is none.
    pub probability: Option<f64>,
    /// How the margin was taken out.
    pub devig: Devig,
    /// What it rests on.
    pub anchors: Vec<Anchor>,
    /// Why there is none.
    pub reason: Option<String>,
}

/// Whether a price could be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Yes.
    Open,
    /// Suspended, off the board, or moved to another number.
    Closed,
    /// Its feed was silent for longer than the rules allow.
    Unseen,
}

impl State {
    /// Name in tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
            Self::Unseen => "unseen",
        }
    }
}

impl Serialize for State {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// What a book offered on a bet from a moment on.
#[derive(Debug, Clone, PartialEq)]
pub struct OfferRow {
    /// The bet.
    pub bet: BetKey,
    /// Book.
    pub book: Arc<str>,
    /// From then on.
    pub at: DateTime<Utc>,
    /// Whether it could be taken.
    pub state: State,
    /// Decimal odds as offered; none while it could not be taken.
    pub decimal: Option<f64>,
    /// The same after commission.
    pub net: Option<f64>,
    /// Fair probability.
    pub fair: Option<f64>,
    /// Expected value.
    pub ev: Option<f64>,
    /// Class.
    pub class: Class,
    /// Books that quoted the market at this number.
    pub books: usize,
}

/// What kind of chance it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A price much better than fair.
    Value,
    /// Prices that pay whatever happens.
    Arbitrage,
    /// Two bets of which both may win.
    Middle,
}

impl Kind {
    /// Name in tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Value => "value",
            Self::Arbitrage => "arbitrage",
            Self::Middle => "middle",
        }
    }
}

/// A chance, from when it was there to when it was gone.
#[derive(Debug, Clone, PartialEq)]
pub struct Chance {
    /// Kind.
    pub kind: Kind,
    /// The bet of its first leg.
    pub bet: BetKey,
    /// When it was first there.
    pub at: DateTime<Utc>,
    /// When it was gone; none while it stood, or until the start.
    pub closed_at: Option<DateTime<Utc>>,
    /// Expected value, profit, or how often a middle must hit, when it was first there.
    pub worth: f64,
    /// Fair probability of the first leg.
    pub fair: Option<f64>,
    /// Its bets.
    pub legs: Vec<Leg>,
}

/// What is told of a game.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Told {
    /// Fair prices.
    pub fair: Vec<FairRow>,
    /// Offers.
    pub offers: Vec<OfferRow>,
}
