//! Fair prices and chances, as shown.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::analytics::fair::offer::Class;
use crate::analytics::fair::row::Kind;
use crate::domain::game::GameId;
use crate::domain::market::{Line, Market, Period, Side};

/// A market's fair prices at one number.
#[derive(Debug, Clone, PartialEq)]
pub struct FairView {
    /// Market.
    pub market: Market,
    /// Part of the game.
    pub period: Period,
    /// The first side's line: the home team's, or the total.
    pub line: Option<Line>,
    /// Whether it is the number most books have.
    pub main: bool,
    /// Fair probability of each side.
    pub sides: Vec<(Side, f64)>,
    /// Anchors that it rests on.
    pub anchors: usize,
}

impl FairView {
    /// Fair probability of a side.
    pub fn of(&self, side: Side) -> Option<f64> {
        let found = self.sides.iter().find(|(named, _)| *named == side);
        found.map(|(_, p)| *p)
    }
}

/// One bet of a chance.
#[derive(Debug, Clone, PartialEq)]
pub struct LegView {
    /// Side.
    pub side: Side,
    /// Its own line.
    pub line: Option<Line>,
    /// Book, cleaned.
    pub book: Arc<str>,
    /// Decimal odds as offered.
    pub decimal: f64,
    /// The same after commission.
    pub net: f64,
    /// Share of the whole stake.
    pub stake: f64,
    /// When it was last seen.
    pub seen_at: DateTime<Utc>,
    /// When it changed.
    pub changed_at: DateTime<Utc>,
}

/// A price better than fair, an arbitrage or a middle, as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct ChanceView {
    /// Game.
    pub game_id: GameId,
    /// What it is.
    pub kind: Kind,
    /// Market.
    pub market: Market,
    /// Part of the game.
    pub period: Period,
    /// Team or player, cleaned; else empty.
    pub participant: Arc<str>,
    /// Fair probability of its first leg, where there is one.
    pub fair: Option<f64>,
    /// Of a price its expected value, of an arbitrage its profit; none for a middle.
    pub ev: Option<f64>,
    /// Of a middle how often it must hit.
    pub break_even: Option<f64>,
    /// Class; arbitrages are green.
    pub class: Class,
    /// Whether a leg was not seen for longer than settings allow.
    pub stale: bool,
    /// Its bets.
    pub legs: Vec<LegView>,
}

/// What names a chance on the screen.
pub type ChanceKey = (
    GameId,
    Kind,
    Market,
    Period,
    Arc<str>,
    Vec<(Side, Option<Line>, Arc<str>)>,
);

impl ChanceView {
    /// Its name.
    pub fn key(&self) -> ChanceKey {
        let legs = self.legs.iter();
        (
            self.game_id,
            self.kind,
            self.market.clone(),
            self.period,
            Arc::clone(&self.participant),
            legs.map(|leg| (leg.side, leg.line, Arc::clone(&leg.book)))
                .collect(),
        )
    }

    /// When its oldest leg was seen.
    pub fn seen_at(&self) -> Option<DateTime<Utc>> {
        self.legs.iter().map(|leg| leg.seen_at).min()
    }
}

/// Fair prices and chances of all games to come.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FairBoard {
    /// How the margin is taken out.
    pub method: &'static str,
    /// Whether it was looked at yet.
    pub looked: bool,
    /// Fair prices by game: full markets of both teams first.
    pub games: BTreeMap<GameId, Vec<FairView>>,
    /// Chances, the best first.
    pub chances: Vec<ChanceView>,
}

impl FairBoard {
    /// A market's fair prices at the number most books have.
    pub fn main(&self, game: GameId, market: &Market, period: Period) -> Option<&FairView> {
        let views = self.games.get(&game)?.iter();
        let mut of_market = views.filter(|v| v.market == *market && v.period == period);
        of_market.find(|view| view.main)
    }
}
