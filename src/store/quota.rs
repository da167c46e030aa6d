//! The ledger of credits: blocks that collectors reserve before they ask, and what became of them.

use chrono::{DateTime, Utc};
use sqlx::PgPool;
use uuid::Uuid;

use crate::domain::source::Source;

/// What a collector asks for.
#[derive(Debug, Clone, Copy)]
pub struct Wish {
    /// Whose credits.
    pub source: Source,
    /// Who asks.
    pub holder: Uuid,
    /// How many at most.
    pub credits: u64,
    /// How many the feed must have left after all that is reserved.
    pub kept: u64,
    /// When the feed grants new ones.
    pub resets_at: DateTime<Utc>,
}

/// What it got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Granted {
    /// Credits of the block; 0 when there is no block.
    pub credits: u64,
    /// What the feed told last, over all collectors.
    pub remaining: Option<u64>,
    /// Credits that are reserved and not spent, others' and this one's.
    pub held: u64,
}

/// Where a block stands.
#[derive(Debug, Clone, Copy)]
pub struct Standing {
    /// Whose credits.
    pub source: Source,
    /// Whose block.
    pub holder: Uuid,
    /// When it was reserved: the block's key.
    pub reserved_at: DateTime<Utc>,
    /// Credits spent of it.
    pub spent: u64,
    /// What the feed told, and when.
    pub told: Option<(u64, DateTime<Utc>)>,
    /// Whether what is not spent goes back.
    pub closed: bool,
}

/// Reserve a block. Collectors take turns, so together they never hold more than there is.
pub async fn reserve(
    pool: &PgPool,
    wish: Wish,
    now: DateTime<Utc>,
) -> Result<Granted, sqlx::Error> {
    let (credits, remaining, held): (i64, Option<i64>, i64) = sqlx::query_as(
        "select granted, remaining, open_elsewhere from operational.reserve_credits($1, $2, $3, $4, $5, $6)",
    )
    .bind(wish.source.as_str())
    .bind(number(wish.credits))
    .bind(number(wish.kept))
    .bind(wish.holder)
    .bind(now)
    .bind(wish.resets_at)
    .fetch_one(pool)
    .await?;
    Ok(Granted {
        credits: credits.unsigned_abs(),
        remaining: remaining.map(i64::unsigned_abs),
        held: held.unsigned_abs(),
    })
}

/// Write down where a block stands.
pub async fn note(
    pool: &PgPool,
    standing: Standing,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "update operational.quota_ledger
         set spent = least($4, credits), remaining = coalesce($5, remaining), told_at = coalesce($6, told_at),
             closed_at = case when $7 then greatest($8, reserved_at) else closed_at end
         where source = $1 and holder = $2 and reserved_at = $3",
    )
    .bind(standing.source.as_str())
    .bind(standing.holder)
    .bind(standing.reserved_at)
    .bind(number(standing.spent))
    .bind(standing.told.map(|(remaining, _)| number(remaining)))
    .bind(standing.told.map(|(_, at)| at))
    .bind(standing.closed)
    .bind(now)
    .execute(pool)
    .await?;
    Ok(())
}

/// Credits spent since `since`, over all collectors.
pub async fn spent_since(
    pool: &PgPool,
    source: Source,
    since: DateTime<Utc>,
) -> Result<u64, sqlx::Error> {
    let spent: i64 = sqlx::query_scalar("select operational.credits_spent($1, $2)")
        .bind(source.as_str())
        .bind(since)
        .fetch_one(pool)
        .await?;
    Ok(spent.unsigned_abs())
}

fn number(credits: u64) -> i64 {
    i64::try_from(credits).unwrap_or(i64::MAX)
}
