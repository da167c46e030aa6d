//! Who writes staging, and the records kept about it.

use chrono::{DateTime, Utc};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};
use uuid::Uuid;

use super::games::parse;
use crate::domain::game::GameId;
use crate::domain::payload::PayloadHash;
use crate::domain::source::Stream;

/// Take the pen: waits for any other writer's transaction. Returns whether somebody else wrote since `writer` last did,
/// so that what the caller remembers of current prices may be stale.
pub async fn take_pen(connection: &mut PgConnection, writer: Uuid) -> Result<bool, sqlx::Error> {
    let previous: Uuid =
        sqlx::query_scalar("select writer from operational.writer_head for update")
            .fetch_one(&mut *connection)
            .await?;
    sqlx::query(
        "update operational.writer_head set writer = $1, batches = batches + 1, written_at = now()",
    )
    .bind(writer)
    .execute(connection)
    .await?;
    Ok(previous != writer)
}

/// What one batch did to a game's stream.
#[derive(Debug, Clone)]
pub struct Extraction {
    /// Game.
    pub game_id: GameId,
    /// Feed and endpoint.
    pub stream: Stream,
    /// When (engine's clock).
    pub at: DateTime<Utc>,
    /// Newest market time seen.
    pub watermark: Option<DateTime<Utc>>,
    /// Fetches that held the game.
    pub extractions: i64,
    /// Rows appended.
    pub lines: i32,
    /// `success`, `partial` or `failed`.
    pub status: &'static str,
    /// What was wrong, cleaned.
    pub error: Option<String>,
}

/// Count extractions; totals add up, the rest is the latest.
pub async fn log_extractions(
    connection: &mut PgConnection,
    rows: &[Extraction],
) -> Result<(), sqlx::Error> {
    if rows.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "insert into operational.extraction_log as l (game_id, stream, last_extracted_at, watermark,
             total_extractions, total_lines_extracted, last_lines_extracted, extraction_status, error_message)
         select game_id, stream, at, watermark, extractions, lines, lines, status, error
         from unnest($1::int8[], $2::text[], $3::timestamptz[], $4::timestamptz[], $5::int8[], $6::int4[], $7::text[],
             $8::text[]) as i(game_id, stream, at, watermark, extractions, lines, status, error)
         on conflict (game_id, stream) do update set
             last_extracted_at = greatest(l.last_extracted_at, excluded.last_extracted_at),
             watermark = greatest(l.watermark, excluded.watermark),
             total_extractions = l.total_extractions + excluded.total_extractions,
             total_lines_extracted = l.total_lines_extracted + excluded.total_lines_extracted,
             last_lines_extracted = excluded.last_lines_extracted,
             extraction_status = excluded.extraction_status, error_message = excluded.error_message,
             updated_at = now()",
    )
    .bind(rows.iter().map(|r| r.game_id.as_i64()).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| r.stream.as_str()).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| r.at).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| r.watermark).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| r.extractions).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| r.lines).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| r.status).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| r.error.as_deref()).collect::<Vec<_>>())
    .execute(connection)
    .await?;
    Ok(())
}

/// A row of the extraction log.
#[derive(Debug, Clone)]
pub struct StoredExtraction {
    /// Game.
    pub game_id: GameId,
    /// Feed and endpoint.
    pub stream: Stream,
    /// When last.
    pub last_extracted_at: DateTime<Utc>,
    /// Newest market time.
    pub watermark: Option<DateTime<Utc>>,
    /// Extractions so far.
    pub extractions: i64,
    /// Rows so far.
    pub lines: i64,
    /// Rows of the last one.
    pub last_lines: i32,
    /// How the last one went.
    pub status: String,
    /// Why not well.
    pub error: Option<String>,
}

/// The most recent rows of the extraction log.
pub async fn recent_extractions(
    connection: &mut PgConnection,
    limit: i64,
) -> Result<Vec<StoredExtraction>, sqlx::Error> {
    let rows = sqlx::query(
        "select game_id, stream, last_extracted_at, watermark, total_extractions, total_lines_extracted,
                last_lines_extracted, extraction_status, error_message
         from operational.extraction_log order by last_extracted_at desc, game_id limit $1",
    )
    .bind(limit)
    .fetch_all(connection)
    .await?;
    rows.iter().map(stored_extraction).collect()
}

/// The extraction log's rows of one game.
pub async fn extractions_of(
    connection: &mut PgConnection,
    game: GameId,
) -> Result<Vec<StoredExtraction>, sqlx::Error> {
    let rows = sqlx::query(
        "select game_id, stream, last_extracted_at, watermark, total_extractions, total_lines_extracted,
                last_lines_extracted, extraction_status, error_message
         from operational.extraction_log where game_id = $1",
    )
    .bind(game.as_i64())
    .fetch_all(connection)
    .await?;
    rows.iter().map(stored_extraction).collect()
}

fn stored_extraction(row: &PgRow) -> Result<StoredExtraction, sqlx::Error> {
    Ok(StoredExtraction {
        game_id: GameId::from_i64(row.try_get(0)?),
        stream: parse(row.try_get(1)?)?,
        last_extracted_at: row.try_get(2)?,
        watermark: row.try_get(3)?,
        extractions: row.try_get(4)?,
        lines: row.try_get(5)?,
        last_lines: row.try_get(6)?,
        status: row.try_get(7)?,
        error: row.try_get(8)?,
    })
}

/// Something that did not become a row.
#[derive(Debug, Clone)]
pub struct Invalid {
    /// The payload.
    pub payload_hash: PayloadHash,
    /// Its fetch.
    pub observed_at: DateTime<Utc>,
    /// Position among its kind.
    pub ordinal: i32,
    /// Feed and endpoint.
    pub stream: Stream,
    /// `reject`, `refused`, `conflict` or `quarantine`.
    pub kind: &'static str,
    /// Where.
    pub path: String,
    /// Why.
    pub reason: String,
    /// What stood there, cleaned.
    pub value: String,
}

/// Keep what did not become a row. Returns how many are new.
pub async fn keep_invalid(
    connection: &mut PgConnection,
    rows: &[Invalid],
) -> Result<u64, sqlx::Error> {
    if rows.is_empty() {
        return Ok(0);
    }
    let done = sqlx::query(
        "insert into operational.validation_results (payload_hash, observed_at, ordinal, stream, kind, path, reason, value)
         select * from unnest($1::bytea[], $2::timestamptz[], $3::int4[], $4::text[], $5::text[], $6::text[],
             $7::text[], $8::text[])
         on conflict do nothing",
    )
    .bind(rows.iter().map(|r| r.payload_hash.0.to_vec()).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| r.observed_at).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| r.ordinal).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| r.stream.as_str()).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| r.kind).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| r.path.as_str()).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| r.reason.as_str()).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| r.value.as_str()).collect::<Vec<_>>())
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}
