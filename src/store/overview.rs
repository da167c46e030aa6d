//! What is stored: in all, and how a game's lines moved from opening to closing.

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::{FromRow, PgPool};

use crate::analytics::movement::{Direction, Shift, shift};
use crate::domain::game::GameId;
use crate::domain::market::Side;
use crate::domain::odds::Odds;

/// Everything stored, in numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromRow)]
pub struct Overview {
    /// Games with prices.
    pub games: i64,
    /// Book ids with prices.
    pub books: i64,
    /// Books known.
    pub sportsbooks: i64,
    /// Price series.
    pub series: i64,
    /// Rows of the line history.
    pub changes: i64,
    /// Prices seen, repeats included.
    pub observations: i64,
    /// Earliest market time.
    pub first_at: Option<DateTime<Utc>>,
    /// Latest market time.
    pub last_at: Option<DateTime<Utc>>,
    /// Fetches logged.
    pub payloads: i64,
    /// Parts of payloads that did not become rows.
    pub rejects: i64,
    /// Games and streams in the extraction log.
    pub extractions: i64,
}

/// Count what is stored, of one book or market when given.
pub async fn read(
    pool: &PgPool,
    book: Option<&str>,
    market: Option<&str>,
) -> Result<Overview, sqlx::Error> {
    sqlx::query_as(
        "select count(distinct game_id) as games, count(distinct (stream, source_book_id)) as books,
                count(*) as series, coalesce(sum(changes), 0)::int8 as changes,
                coalesce(sum(observations), 0)::int8 as observations, min(first_at) as first_at, max(at) as last_at,
                (select count(*) from raw_data.collection_log) as payloads,
                (select count(*) from operational.validation_results) as rejects,
                (select count(*) from operational.extraction_log) as extractions,
                (select count(*) from core_betting.sportsbooks) as sportsbooks
         from core_betting.lines_current
         where ($1::text is null or book = $1 or source_book_id = $1) and ($2::text is null or market = $2)",
    )
    .bind(book)
    .bind(market)
    .fetch_one(pool)
    .await
}

/// How one series moved.
#[derive(Debug, Clone, PartialEq, Serialize, FromRow)]
pub struct Movement {
    /// linetape's id of the game.
    pub game_id: i64,
    /// `Miami Marlins @ Baltimore Orioles`.
    pub matchup: String,
    /// Home side as the feed names it.
    pub home: String,
    /// Away side as the feed names it.
    pub away: String,
    /// Start of the game.
    pub starts_at: Option<DateTime<Utc>>,
    /// Feed and endpoint.
    pub stream: String,
    /// Canonical book, else the feed's id.
    pub book: String,
    /// Market.
    pub market: String,
    /// Part of the game.
    pub period: String,
    /// Team of a team total, player of a prop, else empty.
    pub participant: String,
    /// Side.
    pub side: String,
    /// Phase.
    pub phase: String,
    /// `main`, or the alternate's number.
    pub line_slot: String,
    /// Opening price, American.
    pub opening_american: Option<i32>,
    /// Opening line.
    pub opening_line: Option<f64>,
    /// When it opened.
    pub opening_at: Option<DateTime<Utc>>,
    /// Closing price, American; pregame only.
    pub closing_american: Option<i32>,
    /// Closing line.
    pub closing_line: Option<f64>,
    /// When the closing price began.
    pub closing_at: Option<DateTime<Utc>>,
    /// Moves after the first price.
    pub movements: i32,
    /// Prices seen, repeats included.
    pub observations: i64,
    /// Closing minus opening implied probability: positive means the market moved toward this side.
    pub movement_probability: Option<f64>,
}

impl Movement {
    /// How the side's offer moved from opening to closing; none while one of the two is missing, as in play.
    pub fn shift(&self) -> Option<Shift> {
        let odds = |american: Option<i32>| Odds::american(i64::from(american?)).ok();
        let side: Side = self.side.parse().ok()?;
        shift(
            side,
            (self.opening_line, odds(self.opening_american)?),
            (self.closing_line, odds(self.closing_american)?),
        )
    }

    /// Whom the market moved toward: a team by its name, else the side.
    pub fn toward(&self) -> Option<&str> {
        let side: Side = self.side.parse().ok()?;
        let side = match self.shift()?.direction {
            Direction::Toward => side,
            Direction::Against => side.opposite()?,
            Direction::Unmoved => return None,
        };
        Some(self.name_of(side))
    }

    /// The move in words: `12 cents toward Miami Marlins`.
    pub fn words(&self) -> Option<String> {
        let moved = self.shift()?;
        let way = match moved.direction {
            Direction::Toward => "toward",
            Direction::Against => "against",
            Direction::Unmoved => return Some("unmoved".to_owned()),
        };
        let size = match (moved.points, moved.cents) {
            (Some(1.0), _) => "1 point".to_owned(),
            (Some(points), _) => format!("{points} points"),
            (None, Some(1)) => "1 cent".to_owned(),
            (None, cents) => format!("{} cents", cents.unwrap_or(0)),
        };
        let whom = self.side.parse().map_or(&*self.side, |s| self.name_of(s));
        Some(format!("{size} {way} {whom}"))
    }

    fn name_of(&self, side: Side) -> &str {
        match side {
            Side::Home => &self.home,
            Side::Away => &self.away,
            Side::Over | Side::Under | Side::Draw => side.as_str(),
        }
    }
}

/// How a game's series moved, of one book or market when given.
pub async fn movements(
    pool: &PgPool,
    game: GameId,
    book: Option<&str>,
    market: Option<&str>,
) -> Result<Vec<Movement>, sqlx::Error> {
    sqlx::query_as(
        "select s.game_id, g.away || ' @ ' || g.home as matchup, g.home, g.away, g.starts_at, s.stream, coalesce(s.book, s.source_book_id) as book, s.market,
                s.period, s.participant, s.side, s.phase, s.line_slot,
                s.opening_odds_american as opening_american, s.opening_line_value::float8 as opening_line,
                s.opening_timestamp as opening_at,
                s.closing_odds_american as closing_american, s.closing_line_value::float8 as closing_line,
                s.closing_timestamp as closing_at, s.total_movements as movements, s.observations,
                s.movement_probability::float8 as movement_probability
         from analytics.line_movement_summary s join core_betting.games g using (game_id)
         where s.game_id = $1 and ($2::text is null or s.book = $2 or s.source_book_id = $2)
           and ($3::text is null or s.market = $3)
         order by s.market, s.period, s.phase, book, s.side, s.line_slot, s.stream",
    )
    .bind(game.as_i64())
    .bind(book)
    .bind(market)
    .fetch_all(pool)
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(
        side: &str,
        opening: (Option<f64>, i32),
        closing: Option<(Option<f64>, i32)>,
    ) -> Movement {
        Movement {
            game_id: 1,
            matchup: "Miami Marlins @ Baltimore Orioles".into(),
            home: "Baltimore Orioles".into(),
            away: "Miami Marlins".into(),
            starts_at: None,
            stream: "action_network/history".into(),
            book: "draftkings".into(),
            market: "moneyline".into(),
            period: "full".into(),
            participant: String::new(),
            side: side.into(),
            phase: "pregame".into(),
            line_slot: "main".into(),
            opening_american: Some(opening.1),
            opening_line: opening.0,
            opening_at: None,
            closing_american: closing.map(|c| c.1),
            closing_line: closing.and_then(|c| c.0),
            closing_at: None,
            movements: 5,
            observations: 6,
            movement_probability: None,
        }
    }

    fn words(side: &str, opening: (Option<f64>, i32), closing: (Option<f64>, i32)) -> String {
        row(side, opening, Some(closing)).words().unwrap()
    }

    #[test]
    fn a_move_is_told_by_the_teams_name() {
        let away = row("away", (None, -134), Some((None, -146)));
        assert_eq!(away.words().unwrap(), "12 cents toward Miami Marlins");
        assert_eq!(away.toward(), Some("Miami Marlins"));
        let home = row("home", (None, 124), Some((None, 134)));
        assert_eq!(home.words().unwrap(), "10 cents against Baltimore Orioles");
        assert_eq!(home.toward(), Some("Miami Marlins"));
        assert_eq!(
            words("home", (Some(-1.0), -110), (Some(1.0), -105)),
            "2 points against Baltimore Orioles"
        );
        assert_eq!(
            words("over", (Some(8.0), -110), (Some(9.0), -110)),
            "1 point toward over"
        );
        assert_eq!(
            words("under", (Some(8.0), -110), (Some(8.0), -111)),
            "1 cent toward under"
        );
        assert_eq!(words("home", (None, -100), (None, 100)), "unmoved");
        assert_eq!(row("home", (None, 110), None).words(), None);
    }
}
