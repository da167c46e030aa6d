//! What is stored: in all, and how a game's lines moved from opening to closing.

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::{FromRow, PgPool};

use crate::domain::game::GameId;
use crate::domain::odds::Odds;

/// Everything stored, in numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromRow)]
pub struct Overview {
    /// Games with prices.
    pub games: i64,
    /// Book ids with prices.
    pub books: i64,
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
                (select count(*) from operational.validation_results) as rejects
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
    /// `Miami Marlins @ Baltimore Orioles`.
    pub matchup: String,
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
    /// One line for a person: book, market and side, opening → closing, and which way it went.
    pub fn sentence(&self) -> String {
        let price = |american: Option<i32>, line: Option<f64>| {
            let price = american
                .and_then(|a| Odds::american(i64::from(a)).ok())
                .map_or_else(|| "---".to_owned(), |o| o.to_string());
            line.map_or_else(|| price.clone(), |l| format!("{l:+} {price}"))
        };
        let cents = |open: i32, close: i32| {
            let odds = |a: i32| Odds::american(i64::from(a)).ok();
            odds(open)
                .zip(odds(close))
                .map_or(0, |(a, b)| a.cents_to(b))
        };
        let way = match (
            self.movement_probability,
            self.opening_american,
            self.closing_american,
        ) {
            (Some(moved), Some(open), Some(close))
                if self.opening_line == self.closing_line && moved != 0.0 =>
            {
                let way = if moved > 0.0 { "toward" } else { "against" };
                format!("{} cents {way} {}", cents(open, close), self.side)
            }
            (Some(_), ..) if self.opening_line != self.closing_line => "the line moved".to_owned(),
            _ => "unmoved".to_owned(),
        };
        format!(
            "{}  {} – {} {} {} {} {}: {} → {} ({way}), {} moves, seen {} times",
            self.matchup,
            self.book,
            self.market,
            self.period,
            self.phase,
            self.side,
            self.line_slot,
            price(self.opening_american, self.opening_line),
            price(self.closing_american, self.closing_line),
            self.movements,
            self.observations
        )
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
        "select g.away || ' @ ' || g.home as matchup, s.stream, coalesce(s.book, s.source_book_id) as book, s.market,
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

    #[test]
    fn the_seeds_worked_example_moved_toward_miami() {
        let row = Movement {
            matchup: "Miami Marlins @ Baltimore Orioles".into(),
            stream: "action_network/history".into(),
            book: "draftkings".into(),
            market: "moneyline".into(),
            period: "full".into(),
            participant: String::new(),
            side: "away".into(),
            phase: "pregame".into(),
            line_slot: "main".into(),
            opening_american: Some(-134),
            opening_line: None,
            opening_at: None,
            closing_american: Some(-146),
            closing_line: None,
            closing_at: None,
            movements: 5,
            observations: 6,
            movement_probability: Some(146.0 / 246.0 - 134.0 / 234.0),
        };
        assert!(
            row.sentence()
                .contains("−134 → −146 (12 cents toward away)"),
            "{}",
            row.sentence()
        );
    }
}
