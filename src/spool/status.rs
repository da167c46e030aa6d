//! How the spool does, as a value.

use chrono::{DateTime, Utc};
use serde::Serialize;

/// How the spool does. Published after every change.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct SpoolStatus {
    /// Payloads waiting.
    pub depth: u64,
    /// Bytes they take (compressed).
    pub bytes: u64,
    /// When the payload at the head of the queue was received, by the engine's clock.
    pub oldest: Option<DateTime<Utc>>,
    /// Payloads dropped because the spool was full, over the file's life.
    pub dropped: u64,
    /// Payloads put aside because they could not be stored in Postgres or read back.
    pub quarantined: u64,
    /// Why nothing more is accepted, with a next step; none while it is.
    pub full: Option<String>,
    /// Payloads acknowledged to the fetcher since the spool was opened.
    pub appended: u64,
    /// Payloads acknowledged by Postgres since the spool was opened.
    pub acknowledged: u64,
    /// What became of a damaged file, with a next step; none while none was met.
    pub set_aside: Option<String>,
}
