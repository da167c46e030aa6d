//! The first tier: this process's memory.

use std::any::Any;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::{BoxFuture, FutureExt, ready};
use moka::Expiry;
use moka::sync::Cache;

use super::glob;
use super::tier::{Stored, Tier, TierError};

/// An entry's share of the cache's own tables, about.
const ENTRY_BYTES: usize = 200;

type Typed = Arc<dyn Any + Send + Sync>;

/// Bytes, and what they mean where somebody has parsed them: reading again then costs no parsing.
struct Entry {
    bytes: Arc<[u8]>,
    typed: Option<Typed>,
    ttl: Duration,
    stored_at: Instant,
}

/// Keeps the most asked-for entries within a budget of bytes.
pub(crate) struct MemoryTier {
    entries: Cache<Arc<str>, Arc<Entry>>,
}

/// Each entry has its own life.
struct Life;

impl Expiry<Arc<str>, Arc<Entry>> for Life {
    fn expire_after_create(
        &self,
        _key: &Arc<str>,
        entry: &Arc<Entry>,
        _created_at: Instant,
    ) -> Option<Duration> {
        Some(entry.ttl)
    }

    fn expire_after_update(
        &self,
        _key: &Arc<str>,
        entry: &Arc<Entry>,
        _updated_at: Instant,
        _left: Option<Duration>,
    ) -> Option<Duration> {
        Some(entry.ttl)
    }
}

impl MemoryTier {
    /// A tier of at most about `max_bytes`.
    pub fn new(max_bytes: u64) -> Self {
        let entries = Cache::builder()
            .max_capacity(max_bytes)
            // The parsed value takes about as much again as twice its text.
            .weigher(|key: &Arc<str>, entry: &Arc<Entry>| {
                let bytes = key.len() + 3 * entry.bytes.len() + ENTRY_BYTES;
                u32::try_from(bytes).unwrap_or(u32::MAX)
            })
            .expire_after(Life)
            .build();
        Self { entries }
    }

    /// The value under `key`, when it is there and of this type.
    pub fn typed<T: Any + Send + Sync>(&self, key: &str) -> Option<Arc<T>> {
        let entry = self.entries.get(key)?;
        Arc::clone(entry.typed.as_ref()?).downcast().ok()
    }

    /// Keep `stored` and what it means.
    pub fn insert<T: Any + Send + Sync>(&self, key: &str, stored: Stored, value: Arc<T>) {
        self.put(key, stored, Some(value));
    }

    /// The bytes under `key`.
    pub fn bytes(&self, key: &str) -> Option<Stored> {
        let entry = self.entries.get(key)?;
        Some(Stored {
            value: Arc::clone(&entry.bytes),
            ttl: entry.ttl.saturating_sub(entry.stored_at.elapsed()),
        })
    }

    /// Forget `key`.
    pub fn remove(&self, key: &str) {
        self.entries.invalidate(key);
    }

    /// Forget what matches; returns how many.
    pub fn remove_matching(&self, pattern: &str) -> u64 {
        let keys: Vec<Arc<str>> = self
            .entries
            .iter()
            .map(|(key, _)| Arc::clone(&*key))
            .filter(|key| glob::matches(pattern, key))
            .collect();
        for key in &keys {
            self.entries.invalidate(key);
        }
        keys.len() as u64
    }

    fn put(&self, key: &str, stored: Stored, typed: Option<Typed>) {
        let entry = Entry {
            bytes: stored.value,
            typed,
            ttl: stored.ttl,
            stored_at: Instant::now(),
        };
        self.entries.insert(key.into(), Arc::new(entry));
    }
}

impl Tier for MemoryTier {
    fn get<'a>(
        &'a self,
        key: &'a str,
        _within: Duration,
    ) -> BoxFuture<'a, Result<Option<Stored>, TierError>> {
        ready(Ok(self.bytes(key))).boxed()
    }

    fn set<'a>(
        &'a self,
        key: &'a str,
        stored: Stored,
        _within: Duration,
    ) -> BoxFuture<'a, Result<(), TierError>> {
        self.put(key, stored, None);
        ready(Ok(())).boxed()
    }

    fn delete<'a>(
        &'a self,
        key: &'a str,
        _within: Duration,
    ) -> BoxFuture<'a, Result<(), TierError>> {
        self.remove(key);
        ready(Ok(())).boxed()
    }

    fn clear<'a>(
        &'a self,
        pattern: &'a str,
        _within: Duration,
    ) -> BoxFuture<'a, Result<u64, TierError>> {
        ready(Ok(self.remove_matching(pattern))).boxed()
    }

    fn entries(&self) -> Option<u64> {
        // Counts follow inserts and expiries only once housekeeping has run.
        self.entries.run_pending_tasks();
        Some(self.entries.entry_count())
    }

    fn state(&self) -> String {
        "up".into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(bytes: usize, ttl: Duration) -> Stored {
        Stored {
            value: vec![b'x'; bytes].into(),
            ttl,
        }
    }

    #[test]
    fn entries_live_as_long_as_each_was_given() {
        let tier = MemoryTier::new(1 << 20);
        tier.insert(
            "short",
            stored(10, Duration::from_millis(30)),
            Arc::new(1_u8),
        );
        tier.insert("long", stored(10, Duration::from_mins(1)), Arc::new(2_u8));
        assert_eq!(tier.typed::<u8>("short").as_deref(), Some(&1));
        std::thread::sleep(Duration::from_millis(40));
        assert_eq!(tier.typed::<u8>("short"), None);
        assert_eq!(tier.typed::<u8>("long").as_deref(), Some(&2));
        // A new value has its own life, not what was left of the old one's.
        tier.insert(
            "long",
            stored(10, Duration::from_millis(30)),
            Arc::new(3_u8),
        );
        std::thread::sleep(Duration::from_millis(40));
        assert_eq!(tier.typed::<u8>("long"), None);
    }

    #[test]
    fn the_budget_is_in_bytes() {
        let tier = MemoryTier::new(100_000);
        for n in 0..100 {
            let ttl = Duration::from_mins(1);
            tier.insert(&n.to_string(), stored(10_000, ttl), Arc::new(n));
        }
        assert!(tier.entries().unwrap() <= 3);
    }

    #[test]
    fn another_type_is_a_miss_and_not_a_lie() {
        let tier = MemoryTier::new(1 << 20);
        tier.insert("key", stored(1, Duration::from_mins(1)), Arc::new(1_u8));
        assert_eq!(tier.typed::<u16>("key"), None);
    }
}
