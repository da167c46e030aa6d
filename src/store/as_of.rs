//! What was true at a past instant: the board and a chart, by market time or by what was known.
//!
//! The same functions serve `psql`, the command line and the screen's time travel; whatever else can be asked of the past
//! goes through [`AsOf`].

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::history::{LineFilter, StoredLine, stored_line};
use crate::domain::game::GameId;
use crate::domain::market::{Market, Period, Phase};

/// Columns of [`StoredLine`], of a row of the history.
const COLUMNS: &str = "game_id, stream, source_book_id, market, period, participant, side, phase, line_slot,
                       line::float8, american, decimal::float8, status, book, at, observed_at, opener";

/// A past instant.
///
/// Its questions are planned each time: a plan made for any arguments scans what a null argument would not restrict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AsOf {
    /// Market time: rows after it have not happened.
    pub at: DateTime<Utc>,
    /// Only what had been received by then counts; none takes what is known today.
    pub known_at: Option<DateTime<Utc>>,
}

impl AsOf {
    /// At an instant, with what is known of it today.
    pub const fn market(at: DateTime<Utc>) -> Self {
        Self { at, known_at: None }
    }

    /// The row in force of every series of some games.
    pub async fn games(
        &self,
        connection: &mut PgConnection,
        games: &[GameId],
    ) -> Result<Vec<StoredLine>, sqlx::Error> {
        let ids: Vec<i64> = games.iter().map(|game| game.as_i64()).collect();
        let rows = sqlx::query(sqlx::AssertSqlSafe(format!(
            "select {COLUMNS} from core_betting.lines_as_of($1, $2, $3) order by game_id, series_id"
        )))
        .persistent(false)
        .bind(self.at)
        .bind(self.known_at)
        .bind(ids)
        .fetch_all(connection)
        .await?;
        rows.iter().map(stored_line).collect()
    }

    /// The whole board of one market: every series of every game in view at the instant.
    pub async fn board(
        &self,
        connection: &mut PgConnection,
        market: &Market,
        period: Period,
        phase: Phase,
    ) -> Result<Vec<StoredLine>, sqlx::Error> {
        let rows = sqlx::query(sqlx::AssertSqlSafe(format!(
            "select {COLUMNS} from core_betting.board_as_of($1, $2, $3, $4, $5) order by game_id, series_id"
        )))
        .persistent(false)
        .bind(self.at)
        .bind(self.known_at)
        .bind(market.as_str())
        .bind(period.as_str())
        .bind(phase.as_str())
        .fetch_all(connection)
        .await?;
        rows.iter().map(stored_line).collect()
    }

    /// A game's history up to the instant, as a chart draws it, by series and market time.
    pub async fn chart(
        &self,
        connection: &mut PgConnection,
        game: GameId,
        filter: &LineFilter,
    ) -> Result<Vec<StoredLine>, sqlx::Error> {
        let filter = LineFilter {
            until: Some(filter.until.map_or(self.at, |until| until.min(self.at))),
            known_at: self.known_at,
            ..filter.clone()
        };
        super::history::lines(connection, game, &filter).await
    }
}
