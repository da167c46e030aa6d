//! What a decoder finds in a payload, in the words of the feed.
//!
//! The field names are those of `linetape inspect --json`; absent values are `null`.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use super::book::{BookKind, BookSlug};
use super::league::League;
use super::market::{Line, Market, Period, Phase, QuoteStatus, Side};
use super::odds::Odds;
use super::source::Source;
use super::status::GameStatus;
use super::team::TeamSlug;

/// A game as a feed names it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FeedGame {
    /// The feed.
    pub source: Source,
    /// The feed's id of the game.
    pub source_game_id: Arc<str>,
    /// The league.
    pub league: League,
    /// 1, or 2 for the second game of a doubleheader.
    pub game_number: u8,
    /// Home team as the feed names it.
    pub home: Arc<str>,
    /// Away team as the feed names it.
    pub away: Arc<str>,
    /// Canonical home team, when known.
    pub home_team: Option<TeamSlug>,
    /// Canonical away team, when known.
    pub away_team: Option<TeamSlug>,
    /// Scheduled start.
    pub starts_at: Option<DateTime<Utc>>,
    /// The slate day as the feed names it, where it names no start.
    pub slate_date: Option<NaiveDate>,
    /// Where the game stands; null when the feed does not say.
    pub status: Option<GameStatus>,
    /// Home score, once there is one.
    pub home_score: Option<i32>,
    /// Away score, once there is one.
    pub away_score: Option<i32>,
}

/// A price as a feed gives it.
#[derive(Debug, Clone, PartialEq)]
pub struct Quote {
    /// The feed.
    pub source: Source,
    /// The feed's id of the game; null when neither the payload nor the request names it.
    pub source_game_id: Option<Arc<str>>,
    /// The feed's id of the book.
    pub source_book_id: Arc<str>,
    /// Canonical book, when known.
    pub book: Option<BookSlug>,
    /// Market.
    pub market: Market,
    /// Part of the game.
    pub period: Period,
    /// The feed's own flag; null when it gives none, and staging decides by the start.
    pub phase: Option<Phase>,
    /// Side.
    pub side: Side,
    /// Team of a team total, player of a prop.
    pub participant: Option<Arc<str>>,
    /// Line, bettor's sign; null for a moneyline.
    pub line: Option<Line>,
    /// Price; null when off the board.
    pub odds: Option<Odds>,
    /// Whether it can be bet.
    pub status: QuoteStatus,
    /// Main line, or an alternate.
    pub main: bool,
    /// The book's own declared opener.
    pub opener: bool,
    /// The feed's own time of this price.
    pub source_at: Option<DateTime<Utc>>,
}

impl Serialize for Quote {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut out = serializer.serialize_struct("Quote", 17)?;
        out.serialize_field("source", &self.source)?;
        out.serialize_field("source_game_id", &self.source_game_id)?;
        out.serialize_field("source_book_id", &self.source_book_id)?;
        out.serialize_field("book", &self.book)?;
        out.serialize_field("market", &self.market)?;
        out.serialize_field("period", &self.period)?;
        out.serialize_field("phase", &self.phase)?;
        out.serialize_field("side", &self.side)?;
        out.serialize_field("participant", &self.participant)?;
        out.serialize_field("line", &self.line)?;
        out.serialize_field("american", &self.odds.map(Odds::to_american))?;
        out.serialize_field(
            "decimal",
            &self.odds.map(|o| (o.to_decimal() * 1e4).round() / 1e4),
        )?;
        out.serialize_field("status", &self.status)?;
        out.serialize_field("main", &self.main)?;
        out.serialize_field("opener", &self.opener)?;
        out.serialize_field("source_at", &self.source_at)?;
        out.end()
    }
}

/// Tickets and money on a side, as a feed gives them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Split {
    /// The feed.
    pub source: Source,
    /// The feed's id of the game.
    pub source_game_id: Option<Arc<str>>,
    /// The book the number belongs to; null when it belongs to none.
    pub source_book_id: Option<Arc<str>>,
    /// Market.
    pub market: Market,
    /// Part of the game.
    pub period: Period,
    /// Side.
    pub side: Side,
    /// Share of bets, 0–100.
    pub tickets_pct: Option<f64>,
    /// Share of money, 0–100.
    pub money_pct: Option<f64>,
    /// Number of bets.
    pub tickets: Option<i64>,
    /// Money staked.
    pub money: Option<i64>,
    /// The feed's own time.
    pub source_at: Option<DateTime<Utc>>,
}

/// A score as a feed gives it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FeedResult {
    /// The feed.
    pub source: Source,
    /// The feed's id of the game.
    pub source_game_id: Arc<str>,
    /// Home score.
    pub home_score: Option<i32>,
    /// Away score.
    pub away_score: Option<i32>,
    /// Score by period, where given.
    pub periods: Vec<PeriodScore>,
    /// Where the game stands.
    pub status: Option<GameStatus>,
}

/// One period's score.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PeriodScore {
    /// The feed's name of the period.
    pub period: Arc<str>,
    /// Home.
    pub home: Option<i32>,
    /// Away.
    pub away: Option<i32>,
}

/// A book as a feed lists it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FeedBook {
    /// The feed.
    pub source: Source,
    /// The feed's id of the book.
    pub source_book_id: Arc<str>,
    /// The feed's name of it.
    pub name: Arc<str>,
    /// Canonical book, when known.
    pub book: Option<BookSlug>,
    /// The feed's name of the shop behind it.
    pub parent: Option<Arc<str>>,
    /// State or region, where the feed splits a shop by it.
    pub state: Option<Arc<str>>,
    /// Shop, consensus, opener or exchange.
    pub kind: BookKind,
}

/// A team as a feed lists it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FeedTeam {
    /// The feed.
    pub source: Source,
    /// The feed's id of the team.
    pub source_team_id: Arc<str>,
    /// The league.
    pub league: League,
    /// The feed's name of it.
    pub name: Arc<str>,
    /// The feed's abbreviation.
    pub abbreviation: Option<Arc<str>>,
    /// Canonical team, when known.
    pub team: Option<TeamSlug>,
}

/// A team's record as a feed gives it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FeedStanding {
    /// The feed.
    pub source: Source,
    /// The league.
    pub league: League,
    /// The feed's id of the team.
    pub source_team_id: Arc<str>,
    /// The feed's name of the team.
    pub name: Arc<str>,
    /// Canonical team, when known.
    pub team: Option<TeamSlug>,
    /// The year by which the feed names the season.
    pub season: Option<i32>,
    /// Games played.
    pub games_played: Option<i32>,
    /// Games won.
    pub wins: Option<i32>,
    /// Games lost; in hockey those lost in regular time.
    pub losses: Option<i32>,
    /// Games drawn.
    pub ties: Option<i32>,
    /// Games lost in overtime, where they count apart.
    pub overtime_losses: Option<i32>,
    /// Points scored.
    pub points_for: Option<i32>,
    /// Points allowed.
    pub points_against: Option<i32>,
    /// Games won at home.
    pub home_wins: Option<i32>,
    /// Games lost at home.
    pub home_losses: Option<i32>,
    /// Games won away.
    pub away_wins: Option<i32>,
    /// Games lost away.
    pub away_losses: Option<i32>,
    /// Of the last ten games those won.
    pub last_10_wins: Option<i32>,
    /// Of the last ten games those lost.
    pub last_10_losses: Option<i32>,
    /// Games won in a row; negative: lost in a row.
    pub streak: Option<i32>,
}

/// Something in a payload that was not understood: kept, counted, never dropped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reject {
    /// Where: JSON pointer; in a page its CSS path, in XML its path of elements.
    pub path: String,
    /// Why, as a sentence.
    pub reason: String,
    /// What stood there: cleaned, cut at 200 characters.
    pub value: String,
    /// The feed's id of the game it belongs to, where the decoder knows; no field of `inspect --json`.
    #[serde(skip)]
    pub game: Option<Arc<str>>,
}

/// One line of `linetape inspect --json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum Record {
    /// A game.
    Game(FeedGame),
    /// A price.
    Quote(Quote),
    /// Tickets and money.
    Split(Split),
    /// A score.
    Result(FeedResult),
    /// A book.
    Book(FeedBook),
    /// A team.
    Team(FeedTeam),
    /// A team's record.
    Standing(FeedStanding),
    /// What was not understood.
    Reject(Reject),
}

/// Everything a decoder found in one payload, in the payload's order within each kind.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Decoded {
    /// Games.
    pub games: Vec<FeedGame>,
    /// Prices.
    pub quotes: Vec<Quote>,
    /// Tickets and money.
    pub splits: Vec<Split>,
    /// Scores.
    pub results: Vec<FeedResult>,
    /// Books.
    pub books: Vec<FeedBook>,
    /// Teams.
    pub teams: Vec<FeedTeam>,
    /// Teams' records.
    pub standings: Vec<FeedStanding>,
    /// What was not understood.
    pub rejects: Vec<Reject>,
    /// The time the payload itself says it was taken, when it does.
    pub taken_at: Option<DateTime<Utc>>,
}

impl Decoded {
    /// Every record, games first and rejects last.
    pub fn into_records(self) -> impl Iterator<Item = Record> {
        self.games
            .into_iter()
            .map(Record::Game)
            .chain(self.books.into_iter().map(Record::Book))
            .chain(self.teams.into_iter().map(Record::Team))
            .chain(self.standings.into_iter().map(Record::Standing))
            .chain(self.quotes.into_iter().map(Record::Quote))
            .chain(self.splits.into_iter().map(Record::Split))
            .chain(self.results.into_iter().map(Record::Result))
            .chain(self.rejects.into_iter().map(Record::Reject))
    }
}
