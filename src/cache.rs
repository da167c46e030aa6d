//! Answers that need not be asked of Postgres again: memory first, then Redis where there is one, then a loader.
//!
//! The cache never fails its caller. Redis down, slow, full, read-only or holding something odd is a miss: within one
//! short timeout the next tier answers, and Redis is left alone for a while. Values are JSON in Redis and typed in
//! memory, so a hit in memory costs no parsing. Concurrent misses of one key load once.
//!
//! The cache does not know the store: whoever asks brings the [`Loader`]. A `rediss://` URL needs the process's TLS
//! provider installed first.

mod circuit;
mod family;
mod flight;
pub mod glob;
mod memory;
mod redis;
mod stats;
mod tier;

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::time::Instant;

pub use family::Family;
pub use stats::{CacheStats, FamilyStats, TierStats};
pub use tier::{Stored, Tier, TierError};

use crate::config::settings;
use flight::{Flight, Flights, Outcome};
use memory::MemoryTier;
use stats::{Counters, Origin};

/// Where a value comes from when no tier has it. Any `async` closure that returns `Result<Option<T>, E>` is one; what
/// is `None` is not kept.
pub trait Loader<T>: Send {
    /// Why a load failed.
    type Error: Send + Sync + 'static;

    /// Load the value; `None` when there is none.
    fn load(self) -> impl Future<Output = Result<Option<T>, Self::Error>> + Send;
}

impl<T, E, F, L> Loader<T> for L
where
    L: FnOnce() -> F + Send,
    F: Future<Output = Result<Option<T>, E>> + Send,
    E: Send + Sync + 'static,
{
    type Error = E;

    fn load(self) -> impl Future<Output = Result<Option<T>, E>> + Send {
        self()
    }
}

/// What a clearing removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cleared {
    /// Entries removed from memory.
    pub memory: u64,
    /// Keys removed from Redis, or why they were not; none when Redis is not configured.
    pub redis: Option<Result<u64, String>>,
}

/// The cache. Cheap to clone.
#[derive(Clone)]
pub struct Cache {
    inner: Arc<Inner>,
}

struct Inner {
    memory: MemoryTier,
    redis: Option<Arc<dyn Tier>>,
    redis_timeout: Duration,
    flights: Flights,
    counters: Counters,
}

impl std::fmt::Debug for Cache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cache")
            .field("redis", &self.redis_state())
            .finish_non_exhaustive()
    }
}

impl Cache {
    /// A cache by these settings. Connects to nothing: Redis is asked when first needed, and a wrong URL shows in
    /// [`Self::redis_state`].
    pub fn new(settings: &settings::Cache) -> Self {
        let redis = settings
            .redis_url
            .as_ref()
            .map(|url| redis::tier(url, &settings.prefix, settings.redis_timeout));
        Self::with_tier(settings, redis)
    }

    /// A cache with another second tier than Redis.
    pub fn with_tier(settings: &settings::Cache, second: Option<Arc<dyn Tier>>) -> Self {
        Self {
            inner: Arc::new(Inner {
                memory: MemoryTier::new(settings.memory_bytes),
                redis: second,
                redis_timeout: settings.redis_timeout,
                flights: Flights::default(),
                counters: Counters::default(),
            }),
        }
    }

    /// The value under `key`: from memory, from Redis, or loaded, and then kept in both for `ttl`. Only the loader can
    /// fail; everybody who waited for the same load gets its error.
    pub async fn get_or_load<T, L>(
        &self,
        family: Family,
        key: &str,
        ttl: Duration,
        loader: L,
    ) -> Result<Option<Arc<T>>, Arc<L::Error>>
    where
        T: Serialize + DeserializeOwned + Send + Sync + 'static,
        L: Loader<T>,
    {
        let inner = &*self.inner;
        let key = family.key(key);
        if let Some(value) = inner.memory.typed(&key) {
            inner.counters.read(family, Origin::Memory);
            return Ok(Some(value));
        }
        let seat = inner.flights.join(&key);
        let mut outcome = seat.flight.outcome.lock().await;
        if let Some(landed) = &*outcome
            && let Some(value) = shared(landed)
        {
            inner.counters.read(family, landed.origin);
            return value;
        }
        // Not landed yet, or by somebody who wanted another type: then both load.
        let (origin, value) = inner.fetch(&key, ttl, loader, &seat.flight).await;
        inner.counters.read(family, origin);
        *outcome = Some(Outcome {
            origin,
            value: match &value {
                Ok(value) => Ok(value.clone().map(|v| v as Arc<dyn Any + Send + Sync>)),
                Err(error) => Err(Arc::clone(error) as Arc<dyn Any + Send + Sync>),
            },
        });
        seat.land();
        value
    }

    /// Forget one key in both tiers, for it has changed. What is being loaded at this moment is not kept.
    pub async fn invalidate(&self, family: Family, key: &str) {
        let inner = &*self.inner;
        let key = family.key(key);
        inner.flights.invalidate(|flying| flying == key);
        inner.memory.remove(&key);
        if let Some(redis) = &inner.redis {
            let deleted = redis.delete(&key, inner.redis_timeout).await;
            inner.count(deleted.err());
        }
    }

    /// Forget every key that matches `pattern` (`*`, `odds:*`, `game:25?`) in both tiers. In Redis only keys with our
    /// prefix are looked at, step by step, while others are served.
    pub async fn clear(&self, pattern: &str) -> Cleared {
        let inner = &*self.inner;
        inner.flights.invalidate_matching(pattern);
        let memory = inner.memory.remove_matching(pattern);
        let redis = match &inner.redis {
            Some(redis) => {
                let cleared = redis.clear(pattern, inner.redis_timeout).await;
                inner.count(cleared.as_ref().err().cloned());
                Some(cleared.map_err(|error| error.to_string()))
            }
            None => None,
        };
        Cleared { memory, redis }
    }

    /// How often each tier answered, since the cache was made.
    pub fn stats(&self) -> CacheStats {
        let (mut memory, redis, families) = self.inner.counters.sum();
        memory.entries = self.inner.memory.entries();
        CacheStats {
            memory,
            redis: self.inner.redis.as_ref().map(|tier| TierStats {
                entries: tier.entries(),
                ..redis
            }),
            redis_state: self.redis_state(),
            families,
        }
    }

    /// `up`, `down: why`, `not asked yet` or `not configured`.
    pub fn redis_state(&self) -> String {
        match &self.inner.redis {
            Some(redis) => redis.state(),
            None => "not configured".into(),
        }
    }
}

impl Inner {
    /// Ask the tiers behind memory, then the loader.
    async fn fetch<T, L>(
        &self,
        key: &str,
        ttl: Duration,
        loader: L,
        flight: &Flight,
    ) -> (Origin, Result<Option<Arc<T>>, Arc<L::Error>>)
    where
        T: Serialize + DeserializeOwned + Send + Sync + 'static,
        L: Loader<T>,
    {
        // Somebody else's flight may have landed between our look and our boarding.
        if let Some(value) = self.look_in_memory(key) {
            return (Origin::Memory, Ok(Some(value)));
        }
        let asked = Instant::now();
        if let Some(value) = self.look_in_redis(key, ttl, flight).await {
            return (Origin::Redis, Ok(Some(value)));
        }
        let spent = asked.elapsed();
        let value = match loader.load().await {
            Ok(Some(value)) => Arc::new(value),
            Ok(None) => return (Origin::Loader, Ok(None)),
            Err(error) => return (Origin::Loader, Err(Arc::new(error))),
        };
        // Reading and writing share one timeout.
        let within = self.redis_timeout.saturating_sub(spent);
        self.keep(key, ttl, &value, within, flight).await;
        (Origin::Loader, Ok(Some(value)))
    }

    /// The value in memory, parsed anew where it was kept as another type.
    fn look_in_memory<T>(&self, key: &str) -> Option<Arc<T>>
    where
        T: DeserializeOwned + Send + Sync + 'static,
    {
        self.memory.typed(key).or_else(|| {
            let stored = self.memory.bytes(key)?;
            serde_json::from_slice(&stored.value).ok().map(Arc::new)
        })
    }

    async fn look_in_redis<T>(&self, key: &str, ttl: Duration, flight: &Flight) -> Option<Arc<T>>
    where
        T: DeserializeOwned + Send + Sync + 'static,
    {
        let redis = self.redis.as_ref()?;
        let stored = match redis.get(key, self.redis_timeout).await {
            Ok(stored) => stored?,
            Err(error) => {
                self.count(Some(error));
                return None;
            }
        };
        let Ok(value) = serde_json::from_slice::<T>(&stored.value) else {
            // Damaged, or written by another version: loading writes over it.
            self.counters.redis_error();
            return None;
        };
        let value = Arc::new(value);
        if !flight.is_stale() {
            let stored = Stored {
                ttl: stored.ttl.min(ttl),
                ..stored
            };
            self.memory.insert(key, stored, Arc::clone(&value));
        }
        Some(value)
    }

    /// Write a loaded value to both tiers, unless the key was invalidated meanwhile.
    async fn keep<T>(
        &self,
        key: &str,
        ttl: Duration,
        value: &Arc<T>,
        within: Duration,
        flight: &Flight,
    ) where
        T: Serialize + Send + Sync + 'static,
    {
        let bytes: Arc<[u8]> = match serde_json::to_vec(value.as_ref()) {
            Ok(bytes) => bytes.into(),
            Err(error) => {
                tracing::warn!(key, %error, "a value cannot be cached");
                return;
            }
        };
        if flight.is_stale() {
            return;
        }
        let stored = Stored { value: bytes, ttl };
        self.memory.insert(key, stored.clone(), Arc::clone(value));
        if let Some(redis) = &self.redis {
            let set = redis.set(key, stored, within).await;
            self.count(set.err());
        }
        // Invalidated between the look above and the writes: take them back.
        if flight.is_stale() {
            self.memory.remove(key);
            if let Some(redis) = &self.redis {
                let deleted = redis.delete(key, self.redis_timeout).await;
                self.count(deleted.err());
            }
        }
    }

    /// A tier that was not asked has not failed again.
    fn count(&self, error: Option<TierError>) {
        if let Some(TierError::Failed(why)) = error {
            tracing::debug!(why, "a cache tier failed");
            self.counters.redis_error();
        }
    }
}

/// The outcome of somebody else's load, when it is of the wanted types.
fn shared<T, E>(outcome: &Outcome) -> Option<Result<Option<Arc<T>>, Arc<E>>>
where
    T: Send + Sync + 'static,
    E: Send + Sync + 'static,
{
    match &outcome.value {
        Ok(None) => Some(Ok(None)),
        Ok(Some(value)) => Arc::clone(value).downcast().ok().map(|v| Ok(Some(v))),
        Err(error) => Arc::clone(error).downcast().ok().map(Err),
    }
}
