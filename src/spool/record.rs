//! One payload as it lies in the spool.

use std::io::Read;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::error::SpoolError;
use crate::domain::payload::{Payload, PayloadHash};

/// Version of the columns' meaning. A reader puts aside what it does not know.
pub(crate) const RECORD_VERSION: u32 = 1;

/// zstd's own default: feed JSON shrinks to a tenth at some 200 MB/s.
const COMPRESSION_LEVEL: i32 = 3;

/// Columns other than body, request and error, and the row's share of pages.
const FIXED_BYTES: u64 = 128;

/// A payload with its body compressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Record {
    pub fetch_id: Uuid,
    pub version: u32,
    /// [`crate::domain::payload::RequestIdentity`] as JSON.
    pub request: String,
    pub status: u16,
    pub observed_at: DateTime<Utc>,
    /// When it entered a spool first, by this machine's clock: what `max_age` counts from. `observed_at` may be a
    /// simulated time, or the time of a capture ingested years later.
    pub spooled_at: DateTime<Utc>,
    pub elapsed_ms: u32,
    pub reconstructed: bool,
    pub error: Option<String>,
    pub hash: PayloadHash,
    /// Size of the body before compression.
    pub body_bytes: u64,
    /// zstd frame.
    pub body: Vec<u8>,
}

impl Record {
    /// Compress `payload`; fails when it contradicts itself or cannot be represented.
    pub fn encode(payload: &Payload, spooled_at: DateTime<Utc>) -> Result<Self, SpoolError> {
        // A wrong hash would pass here and be quarantined at the drain, far from whoever made it.
        if PayloadHash::of(&payload.body) != payload.hash {
            return Err(SpoolError::Refused(
                "its hash is not that of its body".into(),
            ));
        }
        if payload.observed_at.timestamp_nanos_opt().is_none() {
            return Err(SpoolError::Refused(
                "its time lies outside the years 1678 to 2261".into(),
            ));
        }
        let refused = |error: String| SpoolError::Refused(error);
        Ok(Self {
            fetch_id: payload.fetch_id,
            version: RECORD_VERSION,
            request: serde_json::to_string(&payload.request).map_err(|e| refused(e.to_string()))?,
            status: payload.status,
            observed_at: payload.observed_at,
            spooled_at,
            elapsed_ms: payload.elapsed_ms,
            reconstructed: payload.reconstructed,
            error: payload.error.clone(),
            hash: payload.hash,
            body_bytes: payload.body.len() as u64,
            body: zstd::bulk::compress(&payload.body, COMPRESSION_LEVEL)
                .map_err(|e| refused(e.to_string()))?,
        })
    }

    /// The payload as it was; the error is the reason for the quarantine.
    pub fn decode(&self) -> Result<Payload, String> {
        if self.version != RECORD_VERSION {
            return Err(format!(
                "record version {} is not known here (this linetape knows {RECORD_VERSION})",
                self.version
            ));
        }
        let request = serde_json::from_str(&self.request)
            .map_err(|error| format!("the request cannot be read: {error}"))?;
        let body = self.decompress()?;
        if PayloadHash::of(&body) != self.hash {
            return Err("the body does not match its hash".into());
        }
        Ok(Payload {
            fetch_id: self.fetch_id,
            request,
            status: self.status,
            observed_at: self.observed_at,
            elapsed_ms: self.elapsed_ms,
            reconstructed: self.reconstructed,
            error: self.error.clone(),
            body: Arc::from(body),
            hash: self.hash,
        })
    }

    /// The body. A damaged row may claim any size, so memory grows with what is really there, never with the claim.
    fn decompress(&self) -> Result<Vec<u8>, String> {
        let broken = |error: std::io::Error| format!("the body cannot be decompressed: {error}");
        let mut body = Vec::new();
        zstd::stream::read::Decoder::new(self.body.as_slice())
            .map_err(broken)?
            .take(self.body_bytes.saturating_add(1))
            .read_to_end(&mut body)
            .map_err(broken)?;
        if body.len() as u64 == self.body_bytes {
            Ok(body)
        } else {
            Err(format!(
                "the body has not the {} bytes it was stored with",
                self.body_bytes
            ))
        }
    }

    /// Bytes charged against `spool.max_bytes`.
    pub fn stored_bytes(&self) -> u64 {
        let error = self.error.as_ref().map_or(0, String::len);
        (self.body.len() + self.request.len() + error) as u64 + FIXED_BYTES
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::domain::payload::RequestIdentity;
    use crate::domain::source::Stream;

    /// A payload whose fetch id is `n`.
    pub fn payload(n: u128, body: &[u8]) -> Payload {
        Payload {
            fetch_id: Uuid::from_u128(n),
            request: RequestIdentity {
                stream: Stream::AnScoreboard,
                url: "https://feed.test/slate".into(),
                league: None,
                source_game_id: Some("257653".into()),
            },
            status: 200,
            observed_at: DateTime::from_timestamp(1_752_361_327, 123_456_789).unwrap(),
            elapsed_ms: 41,
            reconstructed: false,
            error: None,
            body: body.into(),
            hash: PayloadHash::of(body),
        }
    }

    fn record(body: &[u8]) -> Record {
        Record::encode(&payload(1, body), Utc::now()).unwrap()
    }

    #[test]
    fn a_payload_comes_back_byte_for_byte() {
        for body in [b"".as_slice(), b"{\"games\":[]}", &[0xff; 10_000]] {
            assert_eq!(record(body).decode().unwrap(), payload(1, body));
        }
        let mut failed = payload(2, b"");
        failed.status = 0;
        failed.error = Some("feed.test did not answer within 30s".into());
        failed.reconstructed = true;
        let stored = Record::encode(&failed, Utc::now()).unwrap();
        assert_eq!(stored.decode().unwrap(), failed);
    }

    #[test]
    fn damage_is_told_apart_from_data() {
        let whole = record(b"some body that is long enough to compress");
        let damage: [fn(&mut Record); 6] = [
            |r| r.version = 99,
            |r| r.request = "{".into(),
            |r| r.body.truncate(5),
            |r| r.body_bytes = u64::MAX,
            |r| r.body_bytes -= 1,
            |r| r.hash = PayloadHash::of(b"another"),
        ];
        for damage in damage {
            let mut record = whole.clone();
            damage(&mut record);
            assert!(record.decode().is_err());
        }
    }

    #[test]
    fn a_payload_that_lies_about_its_hash_is_refused() {
        let mut lying = payload(1, b"body");
        lying.hash = PayloadHash::of(b"other");
        assert!(matches!(
            Record::encode(&lying, Utc::now()),
            Err(SpoolError::Refused(_))
        ));
    }
}
