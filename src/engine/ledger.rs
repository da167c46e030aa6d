//! The books: the panels' own numbers, written beside the data so that each has an SQL twin.

use chrono::Utc;
use sqlx::PgPool;

use super::snapshot::{CacheView, FamilyView, Snapshot, SourceHealth, SourceView, TierView};
use crate::cache::Cache;
use crate::store;
use crate::store::metrics::{CacheRow, HealthRow, PersistenceRow, Totals};

/// Seconds shown in the hit-rate sparkline.
const SPARK: usize = 60;
/// Real seconds between rows while collecting; a pause writes at once, so that screen and tables agree.
const EVERY: u32 = 5;

/// What was last written.
#[derive(Debug, Default)]
pub struct Ledger {
    seconds: u32,
    persistence: Option<PersistenceRow>,
    cache: Vec<CacheRow>,
    sources: Vec<SourceView>,
    reads: (u64, u64),
    rate: Vec<Option<f32>>,
}

impl Ledger {
    /// The cache panel now; called once a second.
    pub fn cache(&mut self, cache: &Cache) -> CacheView {
        let stats = cache.stats();
        let families: Vec<FamilyView> = stats
            .families
            .iter()
            .map(|f| FamilyView {
                name: f.name,
                memory_hits: f.memory_hits,
                redis_hits: f.redis_hits,
                misses: f.misses,
            })
            .collect();
        let hits: u64 = families.iter().map(|f| f.memory_hits + f.redis_hits).sum();
        let reads = hits + families.iter().map(|f| f.misses).sum::<u64>();
        let (had_hits, had_reads) = std::mem::replace(&mut self.reads, (hits, reads));
        let fresh = reads.saturating_sub(had_reads);
        self.rate
            .push((fresh > 0).then(|| hits.saturating_sub(had_hits) as f32 / fresh as f32));
        if self.rate.len() > SPARK {
            self.rate.remove(0);
        }
        let tier = |t: &crate::cache::TierStats| TierView {
            hits: t.hits,
            misses: t.misses,
            errors: t.errors,
            entries: t.entries,
        };
        CacheView {
            memory: tier(&stats.memory),
            redis: stats.redis.as_ref().map(tier),
            redis_state: stats.redis_state.clone(),
            families,
            rate: self.rate.clone(),
        }
    }

    /// Write what changed since the last time. Returns the store's own totals after a write.
    pub async fn write(
        &mut self,
        pool: &PgPool,
        snapshot: &Snapshot,
    ) -> Result<Option<Totals>, sqlx::Error> {
        self.seconds += 1;
        let at_rest = snapshot.collecting != super::snapshot::Collecting::On;
        if self.seconds < EVERY && !at_rest {
            return Ok(None);
        }
        self.seconds = 0;
        let mut connection = pool.acquire().await?;
        let health: Vec<HealthRow> = snapshot.sources.iter().map(health_row).collect();
        if *snapshot.sources != self.sources {
            store::metrics::write_health(&mut connection, &health).await?;
            self.sources.clone_from(&snapshot.sources);
        }
        let cache: Vec<CacheRow> = snapshot.cache.families.iter().map(cache_row).collect();
        if cache != self.cache && !cache.is_empty() {
            store::metrics::write_cache(&mut connection, Utc::now(), &cache).await?;
            self.cache = cache;
        }
        let view = &snapshot.persistence;
        let mut totals = store::metrics::totals(&mut connection).await?;
        let row = PersistenceRow {
            at: Utc::now(),
            totals,
            spool_depth: i64::try_from(view.spool_depth).unwrap_or(i64::MAX),
            spool_bytes: i64::try_from(view.spool_bytes).unwrap_or(i64::MAX),
            batch_p95_ms: view.batch_p95_ms,
            errors: i64::try_from(view.errors).unwrap_or(i64::MAX),
        };
        let same = |had: &PersistenceRow| {
            let sizeless = |t: Totals| Totals { bytes: 0, ..t };
            sizeless(had.totals) == sizeless(row.totals)
                && (had.spool_depth, had.errors) == (row.spool_depth, row.errors)
        };
        if self.persistence.as_ref().is_some_and(same) {
            // Nothing new: the size shown stays too, so that a quiet screen draws nothing.
            totals.bytes = self
                .persistence
                .as_ref()
                .map_or(totals.bytes, |p| p.totals.bytes);
        } else {
            store::metrics::write_persistence(&mut connection, &row).await?;
            self.persistence = Some(row);
        }
        Ok(Some(totals))
    }
}

fn health_row(view: &SourceView) -> HealthRow {
    let assessed = &view.assessed;
    let int = |n: u32| i32::try_from(n).unwrap_or(i32::MAX);
    let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    HealthRow {
        source: view.source.as_str(),
        health: match view.health {
            SourceHealth::Unknown => "unknown",
            SourceHealth::Healthy => "healthy",
            SourceHealth::Degraded => "degraded",
            SourceHealth::Down => "down",
            SourceHealth::Off => "off",
        },
        last_success: view.last_success,
        next_at: view.next_at,
        every_s: i32::try_from(view.every_s).unwrap_or(i32::MAX),
        fetched: count(view.fetched),
        failed: count(view.failed),
        changes: count(view.changes),
        rejects: count(view.rejects),
        last_ms: view.last_ms.and_then(|ms| i32::try_from(ms).ok()),
        quota_remaining: view.quota_remaining.map(count),
        quota_used: view.quota_used.map(count),
        reason: view.reason.clone(),
        breaker: view.breaker.as_str(),
        confidence: assessed.confidence,
        pattern: assessed.patterns.first().map(|pattern| pattern.as_str()),
        failures_in_a_row: int(assessed.failures_in_a_row),
        success_rate: assessed.success_rate(),
        p50_ms: assessed.p50_ms.map(int),
        p95_ms: assessed.p95_ms.map(int),
        assessed_at: view.assessed_at,
        drift: view.drift.clone(),
    }
}

fn cache_row(view: &FamilyView) -> CacheRow {
    let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    CacheRow {
        family: view.name,
        memory_hits: count(view.memory_hits),
        redis_hits: count(view.redis_hits),
        misses: count(view.misses),
    }
}
