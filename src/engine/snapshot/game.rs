//! Games and what is quoted on them, as shown.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};

use super::points::{Point, PointLog};
use super::split::SplitView;
use crate::domain::book::{BookKind, BookSlug};
use crate::domain::game::GameId;
use crate::domain::league::League;
use crate::domain::market::{Market, Period, Phase, Side};
use crate::domain::series::{Price, SeriesKey};
use crate::domain::source::{Source, Stream};
use crate::domain::status::GameStatus;
use crate::domain::team::TeamSlug;

/// A team as shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamView {
    /// Canonical team, when known.
    pub slug: Option<TeamSlug>,
    /// Full name, cleaned.
    pub name: Arc<str>,
    /// Two to four letters, cleaned.
    pub abbr: Arc<str>,
}

/// A game and everything quoted on it.
#[derive(Debug, Clone)]
pub struct GameView {
    /// Id.
    pub id: GameId,
    /// The feeds' ids of it.
    pub sources: Vec<(Source, Arc<str>)>,
    /// League.
    pub league: League,
    /// Slate day.
    pub slate: NaiveDate,
    /// Home team.
    pub home: TeamView,
    /// Away team.
    pub away: TeamView,
    /// 1, or 2 for the second game of a doubleheader.
    pub game_number: u8,
    /// Scheduled start, when known.
    pub starts_at: Option<DateTime<Utc>>,
    /// Where it stands.
    pub status: GameStatus,
    /// Home and away score, once there is one.
    pub score: Option<(i32, i32)>,
    /// Every series, sorted by key.
    pub series: Vec<Arc<SeriesView>>,
    /// Tickets and money by side, sorted by key.
    pub splits: Arc<Vec<SplitView>>,
    /// When a price last changed.
    pub changed_at: Option<DateTime<Utc>>,
    /// When any price was last seen.
    pub seen_at: Option<DateTime<Utc>>,
    /// Whether `series` holds the whole stored history, or only what came since the start of this run.
    pub history_loaded: bool,
}

impl GameView {
    /// `MIA @ BAL`, `LAD @ SF G2`.
    pub fn title(&self) -> Arc<str> {
        let number = if self.game_number > 1 {
            format!(" G{}", self.game_number)
        } else {
            String::new()
        };
        format!("{} @ {}{number}", self.away.abbr, self.home.abbr).into()
    }

    /// The team on a side, else the side: `BAL`, `over`.
    pub fn side_name(&self, side: Side) -> Arc<str> {
        match side {
            Side::Home => Arc::clone(&self.home.abbr),
            Side::Away => Arc::clone(&self.away.abbr),
            other => other.as_str().into(),
        }
    }
}

/// One series of prices.
#[derive(Debug, Clone)]
pub struct SeriesView {
    /// Key.
    pub key: SeriesKey,
    /// Canonical book, when known.
    pub book: Option<BookSlug>,
    /// Short label for columns and chart: `DK`, else the feed's id.
    pub label: Arc<str>,
    /// Shop, consensus, opener or exchange.
    pub kind: BookKind,
    /// Whether this id speaks for its shop (a shop may have one id a state).
    pub primary: bool,
    /// Latest price.
    pub price: Price,
    /// When it became so (market time).
    pub changed_at: DateTime<Utc>,
    /// When it was last confirmed.
    pub seen_at: DateTime<Utc>,
    /// First known pregame price and its time.
    pub opening: Option<Point>,
    /// Changes, oldest first.
    pub points: PointLog,
}

/// One move on the tape.
#[derive(Debug, Clone, PartialEq)]
pub struct TapeEntry {
    /// Counts moves of this run, so that a selection can stay on its row.
    pub serial: u64,
    /// Market time.
    pub at: DateTime<Utc>,
    /// Game.
    pub game_id: GameId,
    /// `MIA @ BAL`, cleaned.
    pub game: Arc<str>,
    /// Book label.
    pub label: Arc<str>,
    /// Canonical book.
    pub book: Option<BookSlug>,
    /// Team or side it is a price of: `BAL`, `over`.
    pub selection: Arc<str>,
    /// Market.
    pub market: Market,
    /// Part of the game.
    pub period: Period,
    /// Phase.
    pub phase: Phase,
    /// Side.
    pub side: Side,
    /// Feed and endpoint.
    pub stream: Stream,
    /// Before; none for a first price.
    pub before: Option<Price>,
    /// After.
    pub after: Price,
    /// Change of the side's implied probability, margin included: positive means the side got dearer. None when
    /// either price is off the board or suspended.
    pub drift: Option<f64>,
}
