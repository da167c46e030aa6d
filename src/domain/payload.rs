//! A response as it came over the wire, before anything reads it.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::league::League;
use super::source::Stream;

/// BLAKE3 of a response body.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PayloadHash(pub [u8; 32]);

impl PayloadHash {
    /// The hash of `body`.
    pub fn of(body: &[u8]) -> Self {
        Self(*blake3::hash(body).as_bytes())
    }

    /// From stored bytes; none when they are not 32.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }
}

impl FromStr for PayloadHash {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let digit = |byte: &u8| char::from(*byte).to_digit(16).map(|digit| digit as u8);
        let digits: Option<Vec<u8>> = text.as_bytes().iter().map(digit).collect();
        digits
            .map(|digits| {
                digits
                    .chunks(2)
                    .map(|pair| pair.iter().fold(0, |sum, d| sum << 4 | d))
                    .collect::<Vec<u8>>()
            })
            .filter(|_| text.len() == 64)
            .and_then(|bytes| Self::from_slice(&bytes))
            .ok_or_else(|| {
                "a payload is named by 64 hex digits; `linetape lines GAME --explain` prints them"
                    .into()
            })
    }
}

impl fmt::Display for PayloadHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for PayloadHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PayloadHash({self})")
    }
}

/// What was asked of a feed, with every secret stripped.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RequestIdentity {
    /// Feed and endpoint.
    pub stream: Stream,
    /// The URL without key, or the file's name for an ingested capture.
    pub url: String,
    /// The league asked for.
    pub league: Option<League>,
    /// The feed's id of the one game asked for.
    pub source_game_id: Option<Arc<str>>,
}

/// One response: who was asked, when, and the bytes that came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payload {
    /// Time-ordered id of this fetch.
    pub fetch_id: Uuid,
    /// What was asked.
    pub request: RequestIdentity,
    /// HTTP status; 200 for an ingested capture, 0 when no answer came.
    pub status: u16,
    /// When the last byte was received, by the engine's clock.
    pub observed_at: DateTime<Utc>,
    /// How long the request took.
    pub elapsed_ms: u32,
    /// Whether the ticks of this payload were fetched after the fact (backfill): kept out of records of what was known.
    pub reconstructed: bool,
    /// Why the fetch brought no body, cleaned; such a payload is only logged.
    pub error: Option<String>,
    /// The body after transfer decoding, byte for byte.
    pub body: Arc<[u8]>,
    /// Hash of the body.
    pub hash: PayloadHash,
}
