//! The way in: a response becomes a payload, is made durable, and only then is read by anyone.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::sync::oneshot;
use uuid::Uuid;

use super::clock::Clock;
use super::hub::Heard;
use super::hub::task::{HubHandle, HubMessage};
use crate::domain::clean::clean;
use crate::domain::payload::{Payload, PayloadHash, RequestIdentity};
use crate::sources::{FetchError, Response};
use crate::spool::{Spool, SpoolError};

/// What became of a payload.
#[derive(Debug, Clone, Default)]
pub struct Taken {
    /// Its number in the spool.
    pub seq: u64,
    /// When it was received.
    pub observed_at: DateTime<Utc>,
    /// What it holds.
    pub heard: Heard,
    /// Why nothing could be read from it, when the body is no answer of its feed. It is kept all the same.
    pub refused: Option<String>,
}

/// The way in, shared by collectors, backfills and ingested files.
#[derive(Clone, Debug)]
pub struct Intake {
    spool: Spool,
    hub: HubHandle,
    clock: Clock,
}

impl Intake {
    /// Payloads go to `spool` first, then to `hub`.
    pub fn new(spool: Spool, hub: HubHandle, clock: Clock) -> Self {
        Self { spool, hub, clock }
    }

    /// Take what a request brought, good or bad.
    pub async fn take(
        &self,
        request: RequestIdentity,
        outcome: Result<&Response, &FetchError>,
        reconstructed: bool,
    ) -> Result<Taken, SpoolError> {
        let (status, elapsed, body, error) = match outcome {
            Ok(response) => (
                response.status,
                response.elapsed,
                Arc::clone(&response.body),
                None,
            ),
            Err(error) => (
                error.status().unwrap_or(0),
                std::time::Duration::ZERO,
                Arc::from(Vec::new()),
                Some(clean(&error.to_string(), 300)),
            ),
        };
        let payload = Payload {
            fetch_id: Uuid::now_v7(),
            request,
            status,
            observed_at: self.clock.now(),
            elapsed_ms: u32::try_from(elapsed.as_millis()).unwrap_or(u32::MAX),
            reconstructed,
            error,
            hash: PayloadHash::of(&body),
            body,
        };
        self.admit(payload).await
    }

    /// Take a payload that is already made.
    pub async fn admit(&self, payload: Payload) -> Result<Taken, SpoolError> {
        let payload = Arc::new(payload);
        let observed_at = payload.observed_at;
        let seq = self.spool.append(Payload::clone(&payload)).await?;
        let (read, answer) = oneshot::channel();
        self.hub
            .tell(HubMessage::Payload {
                seq,
                payload,
                read: Some(read),
            })
            .await;
        let (heard, refused) = match answer.await {
            Ok(Ok(heard)) => (heard, None),
            Ok(Err(refusal)) => (Heard::default(), Some(refusal.to_string())),
            Err(_) => (Heard::default(), None),
        };
        Ok(Taken {
            seq,
            observed_at,
            heard,
            refused,
        })
    }

    /// Whether the spool has room, else why not.
    pub fn room(&self) -> Result<(), String> {
        self.spool.status().full.map_or(Ok(()), Err)
    }
}
