//! A price series: everything that must agree for two prices to be one line's history.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::book::BookSlug;
use super::game::GameId;
use super::market::{Line, Market, Period, Phase, QuoteStatus, Side};
use super::odds::Odds;
use super::source::Stream;

/// The main line of a market, or one of its alternates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum LineSlot {
    /// The main line, whatever its number is at the moment.
    Main,
    /// The alternate at this number.
    Alternate(Line),
}

impl fmt::Display for LineSlot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Main => f.write_str("main"),
            Self::Alternate(line) => line.fmt(f),
        }
    }
}

impl LineSlot {
    /// From its stored text; none when it is neither `main` nor a number.
    pub fn parse(text: &str) -> Option<Self> {
        if text == "main" {
            return Some(Self::Main);
        }
        text.parse()
            .ok()
            .and_then(Line::from_points)
            .map(Self::Alternate)
    }
}

/// Key of a series. No part is ever null: an absent participant is the empty string.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SeriesKey {
    /// Game.
    pub game_id: GameId,
    /// Feed and endpoint.
    pub stream: Stream,
    /// The feed's id of the book.
    pub source_book_id: Arc<str>,
    /// Market.
    pub market: Market,
    /// Part of the game.
    pub period: Period,
    /// Team of a team total, player of a prop, else empty.
    pub participant: Arc<str>,
    /// Side.
    pub side: Side,
    /// Before the start or after it.
    pub phase: Phase,
    /// Main line or an alternate.
    pub slot: LineSlot,
}

/// What a book offers at one moment. A suspension is a status, never price 0.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Price {
    /// Line; none for a moneyline.
    pub line: Option<Line>,
    /// Price; none when off the board.
    pub odds: Option<Odds>,
    /// Whether it can be bet.
    pub status: QuoteStatus,
}

/// A price seen in a payload, placed in its series.
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    /// Series.
    pub key: SeriesKey,
    /// Canonical book, when known.
    pub book: Option<BookSlug>,
    /// Market time: the tick's own time for ticks, the look's time for polls.
    pub at: DateTime<Utc>,
    /// The feed's own time, when given.
    pub source_at: Option<DateTime<Utc>>,
    /// What was offered.
    pub price: Price,
    /// The book's own declared opener.
    pub opener: bool,
    /// Position in the payload.
    pub ordinal: u32,
}
