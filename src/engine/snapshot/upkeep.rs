//! How linetape itself does: extraction, persistence, cache, sources, backfills.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};

use crate::analytics::health::Assessment;
use crate::domain::game::GameId;
use crate::domain::league::League;
use crate::domain::source::{Source, Stream};

/// One row of `operational.extraction_log`.
#[derive(Debug, Clone, PartialEq)]
pub struct ExtractionView {
    /// Game.
    pub game_id: GameId,
    /// `MIA @ BAL`, cleaned.
    pub game: Arc<str>,
    /// Feed and endpoint.
    pub stream: Stream,
    /// When the game was last extracted (engine's clock).
    pub last_extracted_at: DateTime<Utc>,
    /// Newest market time extracted: the watermark.
    pub watermark: Option<DateTime<Utc>>,
    /// Extractions so far.
    pub extractions: i64,
    /// Lines appended so far.
    pub lines: i64,
    /// Lines appended by the last extraction.
    pub last_lines: i64,
    /// How the last one went.
    pub status: ExtractionStatus,
    /// Why it did not go well, cleaned.
    pub error: Option<Arc<str>>,
}

/// How an extraction went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExtractionStatus {
    /// Everything was understood.
    Success,
    /// Something was rejected.
    Partial,
    /// Nothing was understood.
    Failed,
}

/// State of the way to Postgres.
#[derive(Debug, Clone, PartialEq)]
pub enum DatabaseState {
    /// Not asked yet.
    Starting(String),
    /// Writes go through.
    Up,
    /// Writes wait in the spool: why, and when the next try is (real time).
    Down {
        /// Reason, with a next step.
        reason: String,
        /// Seconds to the next try.
        retry_in_s: u64,
    },
    /// Its schema is not this program's, so writes wait in the spool until a person has acted: why, with a next step.
    Unusable(String),
}

/// Spool and Postgres.
#[derive(Debug, Clone, PartialEq)]
pub struct PersistenceView {
    /// Postgres.
    pub database: DatabaseState,
    /// `PostgreSQL 15.18 embedded`, or the server's name.
    pub server: String,
    /// Bytes of the database, when last asked.
    pub database_bytes: Option<i64>,
    /// Payloads waiting in the spool.
    pub spool_depth: u64,
    /// Bytes waiting in the spool.
    pub spool_bytes: u64,
    /// Age of the oldest waiting payload, seconds of the engine's clock.
    pub spool_oldest_s: Option<u64>,
    /// Payloads dropped because the spool was full.
    pub spool_dropped: u64,
    /// Payloads put aside because they could not be stored.
    pub quarantined: u64,
    /// Payloads stored (rows of `raw_data.collection_log`).
    pub payloads: i64,
    /// Changes appended (rows of `core_betting.line_history`).
    pub changes: i64,
    /// Prices seen, repeats included (sum of `core_betting.lines_current.observations`).
    pub observations: i64,
    /// What decoders rejected (rows of `operational.validation_results`).
    pub rejects: i64,
    /// Changes appended a second, one number a second of real time, oldest first, at most 60.
    pub rate: Vec<u32>,
    /// Time of the last batches, milliseconds, oldest first, at most 60.
    pub batch_ms: Vec<f32>,
    /// 95th percentile of `batch_ms`.
    pub batch_p95_ms: Option<f32>,
    /// Rows in the last batch.
    pub last_batch_rows: u32,
    /// From receipt to commit, last batch, milliseconds of real time.
    pub lag_ms: Option<f32>,
    /// Failed writes.
    pub errors: u64,
    /// The last of them, cleaned.
    pub last_error: Option<String>,
}

/// Statistics of the cache.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CacheView {
    /// Memory tier.
    pub memory: TierView,
    /// Redis tier, when configured.
    pub redis: Option<TierView>,
    /// `up`, `down: why`, `not configured`.
    pub redis_state: String,
    /// By key family.
    pub families: Vec<FamilyView>,
    /// Overall hit rate, one number a second, oldest first, at most 60; none where nothing was asked.
    pub rate: Vec<Option<f32>>,
}

/// One tier.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct TierView {
    /// Reads answered.
    pub hits: u64,
    /// Reads not answered.
    pub misses: u64,
    /// Reads that failed or timed out: counted as misses too.
    pub errors: u64,
    /// Entries held, where known.
    pub entries: Option<u64>,
}

impl TierView {
    /// Hits among reads, 0–1; none before the first read.
    pub fn hit_rate(&self) -> Option<f64> {
        let reads = self.hits + self.misses;
        (reads > 0).then(|| self.hits as f64 / reads as f64)
    }
}

/// One family of keys.
#[derive(Debug, Clone, PartialEq)]
pub struct FamilyView {
    /// Name: `history`, `odds`, `game`.
    pub name: &'static str,
    /// Answered from memory.
    pub memory_hits: u64,
    /// Answered from Redis.
    pub redis_hits: u64,
    /// Answered by neither.
    pub misses: u64,
}

/// How a source does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceHealth {
    /// Not asked yet.
    Unknown,
    /// Answers.
    Healthy,
    /// Answers at times, or with rejects.
    Degraded,
    /// Does not answer.
    Down,
    /// Not asked: no key, or switched off.
    Off,
}

/// Whether a source is asked at its cadence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Breaker {
    /// It is.
    #[default]
    Closed,
    /// It failed several times in a row: it is left in peace, longer each time.
    Open,
    /// One question is under way that decides.
    HalfOpen,
}

impl Breaker {
    /// Its name in tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half_open",
        }
    }
}

/// One source.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceView {
    /// Which.
    pub source: Source,
    /// How it does.
    pub health: SourceHealth,
    /// Time between looks, seconds of the engine's clock.
    pub every_s: u64,
    /// Last good answer (engine's clock).
    pub last_success: Option<DateTime<Utc>>,
    /// Next try (engine's clock).
    pub next_at: Option<DateTime<Utc>>,
    /// Requests that brought a body.
    pub fetched: u64,
    /// Requests that brought none.
    pub failed: u64,
    /// Prices staged from it, repeats included.
    pub staged: u64,
    /// Changes staged from it.
    pub changes: u64,
    /// What its decoder rejected.
    pub rejects: u64,
    /// Time of the last answer, milliseconds.
    pub last_ms: Option<u32>,
    /// Credits left, where the feed tells.
    pub quota_remaining: Option<u64>,
    /// When they will be gone at the rate of the last day, where that is before the feed grants new ones.
    pub quota_gone_at: Option<DateTime<Utc>>,
    /// Credits used, where the feed tells.
    pub quota_used: Option<u64>,
    /// Why it is degraded, down or off, and what to do; cleaned.
    pub reason: Option<String>,
    /// Whether it is asked at its cadence.
    pub breaker: Breaker,
    /// How far it can be trusted, by its latest looks.
    pub assessed: Assessment,
    /// The moment that is of.
    pub assessed_at: Option<DateTime<Utc>>,
    /// How its format changed of late, in a sentence; cleaned.
    pub drift: Option<String>,
}

/// How a backfill stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BackfillState {
    /// Going on.
    Running,
    /// All days complete.
    Done,
    /// Somebody stopped it.
    Cancelled,
    /// It could not go on: why, and what to do.
    Failed(String),
}

/// A backfill.
#[derive(Debug, Clone, PartialEq)]
pub struct BackfillView {
    /// Number, for cancelling.
    pub id: u64,
    /// Feed.
    pub source: Source,
    /// League.
    pub league: League,
    /// First day.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
    /// Days asked for.
    pub days: u32,
    /// Days complete: their data is committed.
    pub days_done: u32,
    /// Games fetched.
    pub games: u32,
    /// Changes appended.
    pub changes: u64,
    /// Requests that failed.
    pub errors: u32,
    /// Estimated seconds left, real time.
    pub eta_s: Option<u64>,
    /// State.
    pub state: BackfillState,
}
