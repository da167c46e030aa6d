//! What every tier can do.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;

/// A value found in a tier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The bytes that were set.
    pub value: Arc<[u8]>,
    /// How long they are still good for.
    pub ttl: Duration,
}

/// Why a tier did not answer. Never shown as an error to whoever asked the cache: the next tier answers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TierError {
    /// It failed a moment ago and was not asked again yet.
    #[error("{0}")]
    Resting(String),
    /// It was asked and failed.
    #[error("{0}")]
    Failed(String),
}

/// A place that keeps bytes by key for a while. `within` bounds how long an answer may take.
pub trait Tier: Send + Sync {
    /// The bytes under `key`; none when there are none or they have expired.
    fn get<'a>(
        &'a self,
        key: &'a str,
        within: Duration,
    ) -> BoxFuture<'a, Result<Option<Stored>, TierError>>;

    /// Keep `stored` under `key`, in place of what was there.
    fn set<'a>(
        &'a self,
        key: &'a str,
        stored: Stored,
        within: Duration,
    ) -> BoxFuture<'a, Result<(), TierError>>;

    /// Forget `key`.
    fn delete<'a>(&'a self, key: &'a str, within: Duration)
    -> BoxFuture<'a, Result<(), TierError>>;

    /// Forget every key of ours that matches `pattern` (see [`super::glob`]); returns how many. `within` bounds each
    /// step.
    fn clear<'a>(
        &'a self,
        pattern: &'a str,
        within: Duration,
    ) -> BoxFuture<'a, Result<u64, TierError>>;

    /// Entries held, where that is known without asking anybody.
    fn entries(&self) -> Option<u64>;

    /// How it does: `up`, or `down: why`.
    fn state(&self) -> String;
}
