//! What of a game offers are made of: its prices of first hand before the start, and how far they are known.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, Row as _};

use crate::domain::game::GameId;
use crate::domain::league::League;
use crate::domain::series::{Price, SeriesKey};
use crate::domain::source::Stream;
use crate::store::games::parse;
use crate::store::lines::{price, series_key};

/// What of a game's lines makes offers: prices of both feeds' first hand before the start. `$2` are the streams.
const LINES: &str = "phase = 'pregame' and stream = any ($2) and source_book_id not like '%:open'";

/// Streams whose prices are of first hand; sites that show other shops' prices, and seldom, are none to rely on.
fn streams() -> Vec<&'static str> {
    let first_hand = Stream::ALL.iter().filter(|stream| stream.rank() <= 5);
    first_hand.map(|stream| stream.as_str()).collect()
}

/// Whether prices of a stream make offers.
pub fn is_first_hand(stream: Stream) -> bool {
    stream.rank() <= 5
}

/// A game, as bets name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Game {
    /// League.
    pub league: League,
    /// Scheduled start.
    pub starts_at: Option<DateTime<Utc>>,
    /// Home, as its feed names it.
    pub home: String,
    /// Away.
    pub away: String,
}

/// A row of the history.
#[derive(Debug, Clone, PartialEq)]
pub struct TapeLine {
    /// Series.
    pub key: SeriesKey,
    /// Price.
    pub price: Price,
    /// Market time.
    pub at: DateTime<Utc>,
    /// When it was received.
    pub observed_at: DateTime<Utc>,
}

/// How far a game's rows are: the newest, by when it was received, and how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reach {
    /// When the newest row was received.
    pub newest: DateTime<Utc>,
    /// Rows.
    pub rows: i64,
}

/// A game's facts; none where there is no such game.
pub async fn game(
    connection: &mut PgConnection,
    game: GameId,
) -> Result<Option<Game>, sqlx::Error> {
    let row = sqlx::query(
        "select league, starts_at, home, away from core_betting.games where game_id = $1",
    )
    .bind(game.as_i64())
    .fetch_optional(connection)
    .await?;
    row.map(|row| {
        Ok(Game {
            league: parse(row.try_get(0)?)?,
            starts_at: row.try_get(1)?,
            home: row.try_get(2)?,
            away: row.try_get(3)?,
        })
    })
    .transpose()
}

/// How far these games' rows are.
pub async fn reach(
    connection: &mut PgConnection,
    games: &[GameId],
) -> Result<HashMap<GameId, Reach>, sqlx::Error> {
    let rows: Vec<(i64, DateTime<Utc>, i64)> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "select game_id, max(observed_at), sum(changes)::int8 from core_betting.lines_current
         where game_id = any ($1) and {LINES} group by game_id"
    )))
    .bind(games.iter().map(|g| g.as_i64()).collect::<Vec<_>>())
    .bind(streams())
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|(id, newest, rows)| (GameId::from_i64(id), Reach { newest, rows }))
        .collect())
}

/// A game's rows that were received after a moment; all when none is given.
pub async fn lines(
    connection: &mut PgConnection,
    game: GameId,
    after: Option<DateTime<Utc>>,
) -> Result<Vec<TapeLine>, sqlx::Error> {
    const COLUMNS: &str =
        "h.game_id, h.stream, h.source_book_id, h.market, h.period, h.participant, h.side, h.phase,
        h.line_slot, h.line::float8, h.american, h.decimal::float8, h.status, h.at, h.observed_at";
    // Rows of a look are their series' newest: those series are found in the game's few, and then only their end is read.
    let text = match after {
        None => format!("select {COLUMNS} from core_betting.line_history h where game_id = $1 and {LINES}"),
        Some(_) => format!(
            "select {COLUMNS}
             from (select series_id, at from core_betting.lines_current
                   where game_id = $1 and {LINES} and observed_at > $3) c
             join core_betting.line_history h on h.game_id = $1 and h.series_id = c.series_id and h.observed_at > $3"
        ),
    };
    let mut query = sqlx::query(sqlx::AssertSqlSafe(text))
        .bind(game.as_i64())
        .bind(streams());
    if let Some(after) = after {
        query = query.bind(after);
    }
    let rows = query.fetch_all(connection).await?;
    rows.iter()
        .map(|row| {
            Ok(TapeLine {
                key: series_key(row)?,
                price: price(row, 9)?,
                at: row.try_get(13)?,
                observed_at: row.try_get(14)?,
            })
        })
        .collect()
}
