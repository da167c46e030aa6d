//! Where a number comes from: from the summary of a series down to the bytes that a feed sent.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, Row as _};
use uuid::Uuid;

use super::payloads::hash;
use crate::domain::game::GameId;
use crate::domain::payload::PayloadHash;
use crate::domain::series::SeriesKey;

/// One step down: a summary, a row of the history, or a fetch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// `curated`, `staging` or `raw`.
    pub zone: String,
    /// Table or view.
    pub relation: String,
    /// Series; none for a fetch.
    pub series_id: Option<i64>,
    /// Market time.
    pub at: Option<DateTime<Utc>>,
    /// What it says.
    pub value: Option<String>,
    /// When the payload was received.
    pub observed_at: Option<DateTime<Utc>>,
    /// The payload.
    pub payload_hash: Option<PayloadHash>,
    /// Position of the quote in its payload.
    pub ordinal: Option<i32>,
    /// The fetch.
    pub fetch_id: Option<Uuid>,
    /// Who was asked, without any key.
    pub request: Option<String>,
    /// Whether the bytes are stored.
    pub payload_stored: Option<bool>,
}

/// Every step below a game's summaries, of one market or of all.
pub async fn of_game(
    connection: &mut PgConnection,
    game: GameId,
    market: Option<&str>,
) -> Result<Vec<Step>, sqlx::Error> {
    let rows = sqlx::query(
        "select zone, relation, series_id, at, value, observed_at, payload_hash, ordinal, fetch_id, request,
                payload_stored
         from operational.lineage($1, null, $2)",
    )
    .bind(game.as_i64())
    .bind(market)
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            let hashed: Option<&[u8]> = row.try_get(6)?;
            Ok(Step {
                zone: row.try_get(0)?,
                relation: row.try_get(1)?,
                series_id: row.try_get(2)?,
                at: row.try_get(3)?,
                value: row.try_get(4)?,
                observed_at: row.try_get(5)?,
                payload_hash: hashed.map(|_| hash(row, 6)).transpose()?,
                ordinal: row.try_get(7)?,
                fetch_id: row.try_get(8)?,
                request: row.try_get(9)?,
                payload_stored: row.try_get(10)?,
            })
        })
        .collect()
}

/// The fetch that brought a stored price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Hash of the payload's bytes.
    pub payload_hash: PayloadHash,
    /// Number of the quote within the payload.
    pub ordinal: i32,
    /// When the payload was received.
    pub observed_at: DateTime<Utc>,
    /// What was asked, without any key.
    pub request: Option<String>,
}

/// Where the price of a series that began at `at` comes from; none where no such row is stored.
pub async fn origin(
    connection: &mut PgConnection,
    key: &SeriesKey,
    at: DateTime<Utc>,
) -> Result<Option<Origin>, sqlx::Error> {
    let row = sqlx::query(
        "select l.payload_hash, l.ordinal, l.observed_at,
                (select f.request from raw_data.collection_log f
                 where f.payload_hash = l.payload_hash and f.observed_at = l.observed_at
                 order by f.fetch_id limit 1)
         from core_betting.line_history l
         where l.game_id = $1 and l.at = $10
           and l.series_id = core_betting.series_id($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(key.game_id.as_i64())
    .bind(key.stream.as_str())
    .bind(&*key.source_book_id)
    .bind(key.market.as_str())
    .bind(key.period.as_str())
    .bind(&*key.participant)
    .bind(key.side.as_str())
    .bind(key.phase.as_str())
    .bind(key.slot.to_string())
    .bind(at)
    .fetch_optional(connection)
    .await?;
    row.map(|row| {
        Ok(Origin {
            payload_hash: hash(&row, 0)?,
            ordinal: row.try_get(1)?,
            observed_at: row.try_get(2)?,
            request: row.try_get(3)?,
        })
    })
    .transpose()
}
