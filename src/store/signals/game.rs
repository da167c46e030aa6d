//! What of a game signals are made of: its main lines before the start, its splits, and how far both are known.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, Row as _};

use crate::domain::game::GameId;
use crate::domain::league::League;
use crate::domain::market::{Market, Period, Side};
use crate::domain::series::{Price, SeriesKey};
use crate::domain::source::Stream;
use crate::store::games::parse;
use crate::store::lines::{price, series_key};

/// What of a game's lines makes signals: main lines of both teams' markets before the start.
const LINES: &str = "phase = 'pregame' and line_slot = 'main' and participant = '' \
                     and market in ('moneyline', 'spread', 'total') and source_book_id not like '%:open'";

/// A game, as far as signals name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignalGame {
    /// League.
    pub league: League,
    /// Scheduled start.
    pub starts_at: Option<DateTime<Utc>>,
    /// Home and away: the team's slug, else its name.
    pub teams: [String; 2],
}

/// A row of the history.
#[derive(Debug, Clone, PartialEq)]
pub struct SignalLine {
    /// Series.
    pub key: SeriesKey,
    /// Its id in the store.
    pub series_id: i64,
    /// Market time.
    pub at: DateTime<Utc>,
    /// When it was received.
    pub observed_at: DateTime<Utc>,
    /// Price.
    pub price: Price,
    /// Fetched after the fact.
    pub reconstructed: bool,
}

/// A row of the splits.
#[derive(Debug, Clone, PartialEq)]
pub struct SignalSplit {
    /// Feed and endpoint.
    pub stream: Stream,
    /// `all`, or the feed's id of the book.
    pub scope: String,
    /// Market.
    pub market: Market,
    /// Part of the game.
    pub period: Period,
    /// Side.
    pub side: Side,
    /// Market time.
    pub at: DateTime<Utc>,
    /// When it was received.
    pub observed_at: DateTime<Utc>,
    /// Share of bets, percent.
    pub tickets_pct: Option<f64>,
    /// Share of money, percent.
    pub money_pct: Option<f64>,
    /// Number of bets.
    pub tickets: Option<i64>,
}

/// How far a series is: its newest row and how many there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reach {
    /// Market time of its newest row.
    pub at: DateTime<Utc>,
    /// Rows.
    pub changes: i32,
}

/// Games whose start lies after `since`, with prices.
pub async fn games_since(
    connection: &mut PgConnection,
    since: DateTime<Utc>,
) -> Result<Vec<GameId>, sqlx::Error> {
    let ids: Vec<i64> = sqlx::query_scalar(
        "select game_id from core_betting.games g
         where starts_at >= $1 and exists (select from core_betting.lines_current c where c.game_id = g.game_id)
         order by starts_at, game_id",
    )
    .bind(since)
    .fetch_all(connection)
    .await?;
    Ok(ids.into_iter().map(GameId::from_i64).collect())
}

/// A game's facts; none where there is no such game.
pub async fn game(
    connection: &mut PgConnection,
    game: GameId,
) -> Result<Option<SignalGame>, sqlx::Error> {
    let row = sqlx::query(
        "select league, starts_at, coalesce(home_team, home), coalesce(away_team, away)
         from core_betting.games where game_id = $1",
    )
    .bind(game.as_i64())
    .fetch_optional(connection)
    .await?;
    row.map(|row| {
        Ok(SignalGame {
            league: parse(row.try_get(0)?)?,
            starts_at: row.try_get(1)?,
            teams: [row.try_get(2)?, row.try_get(3)?],
        })
    })
    .transpose()
}

/// How far every series of a game is.
pub async fn reach(
    connection: &mut PgConnection,
    game: GameId,
) -> Result<HashMap<i64, Reach>, sqlx::Error> {
    let rows = sqlx::query(sqlx::AssertSqlSafe(format!(
        "select series_id, at, changes from core_betting.lines_current where game_id = $1 and {LINES}"
    )))
    .bind(game.as_i64())
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            let reach = Reach {
                at: row.try_get(1)?,
                changes: row.try_get(2)?,
            };
            Ok((row.try_get(0)?, reach))
        })
        .collect()
}

/// A game's rows of these series after a market time each; of every series from its beginning when none are given.
pub async fn lines(
    connection: &mut PgConnection,
    game: GameId,
    after: Option<&[(i64, DateTime<Utc>)]>,
) -> Result<Vec<SignalLine>, sqlx::Error> {
    const COLUMNS: &str = "h.game_id, stream, source_book_id, market, period, participant, side, phase, line_slot,
        line::float8, american, decimal::float8, status, h.series_id, h.at, observed_at, reconstructed";
    let rows = match after {
        None => {
            let text = format!(
                "select {COLUMNS} from core_betting.line_history h where game_id = $1 and {LINES}"
            );
            sqlx::query(sqlx::AssertSqlSafe(text))
                .bind(game.as_i64())
                .fetch_all(connection)
                .await?
        }
        Some(after) => {
            let text = format!(
                "select {COLUMNS} from unnest($2::int8[], $3::timestamptz[]) as k(series_id, since)
                 join core_betting.line_history h on h.game_id = $1 and h.series_id = k.series_id and h.at > k.since
                 where {LINES}"
            );
            sqlx::query(sqlx::AssertSqlSafe(text))
                .bind(game.as_i64())
                .bind(after.iter().map(|a| a.0).collect::<Vec<_>>())
                .bind(after.iter().map(|a| a.1).collect::<Vec<_>>())
                .fetch_all(connection)
                .await?
        }
    };
    rows.iter()
        .map(|row| {
            Ok(SignalLine {
                key: series_key(row)?,
                price: price(row, 9)?,
                series_id: row.try_get(13)?,
                at: row.try_get(14)?,
                observed_at: row.try_get(15)?,
                reconstructed: row.try_get(16)?,
            })
        })
        .collect()
}

/// A game's splits.
pub async fn splits(
    connection: &mut PgConnection,
    game: GameId,
) -> Result<Vec<SignalSplit>, sqlx::Error> {
    let rows = sqlx::query(
        "select stream, scope, market, period, side, at, observed_at, tickets_pct::float8, money_pct::float8, tickets
         from core_betting.betting_splits
         where game_id = $1 and market in ('moneyline', 'spread', 'total') and side <> 'draw'",
    )
    .bind(game.as_i64())
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(SignalSplit {
                stream: parse(row.try_get(0)?)?,
                scope: row.try_get(1)?,
                market: Market::from_name(row.try_get(2)?),
                period: parse(row.try_get(3)?)?,
                side: parse(row.try_get(4)?)?,
                at: row.try_get(5)?,
                observed_at: row.try_get(6)?,
                tickets_pct: row.try_get(7)?,
                money_pct: row.try_get(8)?,
                tickets: row.try_get(9)?,
            })
        })
        .collect()
}
