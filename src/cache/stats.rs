//! How often each tier answered.

use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;

use super::family::Family;

/// Who answered a read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    Memory,
    Redis,
    Loader,
}

/// One tier. Every read that reached it is a hit or a miss.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct TierStats {
    /// Reads answered.
    pub hits: u64,
    /// Reads not answered.
    pub misses: u64,
    /// Calls that failed or timed out, and values that could not be read; such reads are misses too.
    pub errors: u64,
    /// Entries held, where known.
    pub entries: Option<u64>,
}

/// One family of keys. Its three numbers add up to its reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct FamilyStats {
    /// Name: `history`, `game`.
    pub name: &'static str,
    /// Answered from memory.
    pub memory_hits: u64,
    /// Answered from Redis.
    pub redis_hits: u64,
    /// Answered by neither.
    pub misses: u64,
}

/// Everything counted since the cache was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CacheStats {
    /// Memory tier.
    pub memory: TierStats,
    /// Redis tier, when configured: its reads are the memory tier's misses.
    pub redis: Option<TierStats>,
    /// `up`, `down: why`, `not asked yet`, `not configured`.
    pub redis_state: String,
    /// By key family, in the order of [`Family::ALL`].
    pub families: Vec<FamilyStats>,
}

/// Counts of one family.
#[derive(Debug, Default)]
struct Reads {
    memory: AtomicU64,
    redis: AtomicU64,
    loader: AtomicU64,
}

/// Every read is counted once, by who answered it; all other numbers are sums of these.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    history: Reads,
    game: Reads,
    redis_errors: AtomicU64,
}

impl Counters {
    /// A read was answered.
    pub fn read(&self, family: Family, origin: Origin) {
        let reads = self.reads(family);
        let counter = match origin {
            Origin::Memory => &reads.memory,
            Origin::Redis => &reads.redis,
            Origin::Loader => &reads.loader,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// A call to Redis failed.
    pub fn redis_error(&self) {
        self.redis_errors.fetch_add(1, Ordering::Relaxed);
    }

    /// Memory and Redis tiers, without entries, and the families.
    pub fn sum(&self) -> (TierStats, TierStats, Vec<FamilyStats>) {
        let families: Vec<FamilyStats> = Family::ALL
            .iter()
            .map(|family| {
                let reads = self.reads(*family);
                FamilyStats {
                    name: family.as_str(),
                    memory_hits: reads.memory.load(Ordering::Relaxed),
                    redis_hits: reads.redis.load(Ordering::Relaxed),
                    misses: reads.loader.load(Ordering::Relaxed),
                }
            })
            .collect();
        let memory_hits = families.iter().map(|f| f.memory_hits).sum();
        let redis_hits = families.iter().map(|f| f.redis_hits).sum();
        let misses = families.iter().map(|f| f.misses).sum();
        let memory = TierStats {
            hits: memory_hits,
            misses: redis_hits + misses,
            errors: 0,
            entries: None,
        };
        let redis = TierStats {
            hits: redis_hits,
            misses,
            errors: self.redis_errors.load(Ordering::Relaxed),
            entries: None,
        };
        (memory, redis, families)
    }

    fn reads(&self, family: Family) -> &Reads {
        match family {
            Family::History => &self.history,
            Family::Game => &self.game,
        }
    }
}
