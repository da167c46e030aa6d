//! Signals, as shown.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::analytics::line_score::NoScore;
use crate::analytics::recommendation::Record;
use crate::analytics::signal::Kind;
use crate::domain::clean::clean;
use crate::domain::game::GameId;
use crate::domain::market::{Market, Period, Side};
use crate::store::signals::StoredSignal;

/// A shop in a signal, as shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Moved {
    /// Shop, cleaned.
    pub shop: Arc<str>,
    /// When it moved, or since when its price stands.
    pub at: DateTime<Utc>,
    /// Change of fair probability, or how far it lags.
    pub delta: f64,
}

fn moved(list: &Value) -> impl Iterator<Item = Moved> {
    list.as_array().into_iter().flatten().filter_map(|row| {
        Some(Moved {
            shop: clean(row.get("shop")?.as_str()?, 24).into(),
            at: row.get("at")?.as_str()?.parse().ok()?,
            delta: row.get("delta")?.as_f64()?,
        })
    })
}

/// What names a signal on the screen.
pub type SignalKey = (GameId, DateTime<Utc>, Arc<str>, Market, Period, Side);

/// A signal as shown. What it names of feeds is cleaned.
#[derive(Debug, Clone, PartialEq)]
pub struct SignalView {
    /// Game.
    pub game_id: GameId,
    /// Market time.
    pub at: DateTime<Utc>,
    /// Away at home, cleaned.
    pub game: Arc<str>,
    /// What it says; none for a kind that this program does not know.
    pub kind: Option<Kind>,
    /// The preset.
    pub preset: Arc<str>,
    /// Market.
    pub market: Market,
    /// Part of the game.
    pub period: Period,
    /// The side it points to.
    pub side: Side,
    /// 0 to 1.
    pub strength: f64,
    /// Change of the side's fair probability.
    pub delta: Option<f64>,
    /// Groups of shops.
    pub shops: i16,
    /// Shops that moved, first mover first, those that followed later last.
    pub movers: Vec<Moved>,
    /// Shops that had not moved when it was seen.
    pub waiting: Vec<Moved>,
    /// Best price when it was seen: shop, line, American.
    pub available: Option<(Arc<str>, Option<f64>, i32)>,
    /// One sentence.
    pub reason: Arc<str>,
    /// How it turned out, once graded.
    pub outcome: Option<Arc<str>>,
    /// Against the close, once graded.
    pub clv: Option<f64>,
    /// Why it has no grade although its game is over: it is on a part whose score nobody told.
    pub ungraded: Option<NoScore>,
    /// How its preset's signals turned out in this league and market; none while none has a result.
    pub record: Option<Record>,
}

impl SignalView {
    /// Its name.
    pub fn key(&self) -> SignalKey {
        (
            self.game_id,
            self.at,
            Arc::clone(&self.preset),
            self.market.clone(),
            self.period,
            self.side,
        )
    }

    /// A stored signal. Market, period and side are checked by the table; what is not known there counts as the whole
    /// game's home side, and its kind as none.
    pub fn of(row: &StoredSignal, record: Option<&Record>) -> Self {
        let text = |text: &str, most| -> Arc<str> { clean(text, most).into() };
        Self {
            game_id: GameId::from_i64(row.game_id),
            at: row.detected_at,
            game: text(&row.game, 60),
            kind: row.kind.parse().ok(),
            preset: text(&row.preset, 40),
            market: Market::from_name(&row.market),
            period: row.period.parse().unwrap_or(Period::Full),
            side: row.side.parse().unwrap_or(Side::Home),
            strength: row.strength,
            delta: row.delta,
            shops: row.shops,
            movers: moved(&row.movers).chain(moved(&row.later)).collect(),
            waiting: moved(&row.waiting).collect(),
            available: row
                .book
                .as_deref()
                .zip(row.american)
                .map(|(book, american)| (text(book, 24), row.line, american)),
            reason: text(&row.reason, 300),
            outcome: row.outcome.as_deref().map(|outcome| text(outcome, 12)),
            clv: row.clv,
            ungraded: row.ungraded,
            record: record.copied().filter(|record| record.graded > 0),
        }
    }
}
