//! Credits of a feed that charges: reserved in the shared ledger before they are spent, and spread over their period.

mod spread;

use std::collections::VecDeque;

use chrono::{DateTime, Datelike, Months, NaiveDate, TimeDelta, TimeZone, Utc};
use sqlx::PgPool;
use uuid::Uuid;

use crate::config::settings::Sources;
use crate::domain::clean::clean;
use crate::domain::source::Source;
use crate::domain::time::slate_date;
use crate::sources::Quota;
use crate::store::quota::{self, Standing, Wish};

pub use spread::{Looks, spread};

/// A block that is this old is given up: the ledger counts it for as long.
const A_BLOCK: TimeDelta = TimeDelta::hours(23);
/// The forecast looks back this far.
const LOOK_BACK: TimeDelta = TimeDelta::hours(24);
/// Observations kept for it.
const OBSERVED: usize = 256;

/// What of a feed's credits may be spent, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// Credits that are never spent.
    pub kept: u64,
    /// Credits reserved at a time.
    pub block: u64,
    /// Day of the month on which the feed grants new ones, 1–28.
    pub reset_day: u32,
}

impl Terms {
    /// Those of the feed that charges, as the settings have them.
    pub fn of(settings: &Sources) -> Self {
        let own = &settings.odds_api;
        Self {
            kept: u64::from(own.keep_credits),
            block: u64::from(own.reserve_credits),
            reset_day: u32::from(own.reset_day),
        }
    }

    /// When the period that holds `now` ends.
    pub fn resets_at(self, now: DateTime<Utc>) -> DateTime<Utc> {
        let this = self.this_month(now);
        if midnight(this) > now {
            midnight(this)
        } else {
            midnight(this.checked_add_months(Months::new(1)).unwrap_or(this))
        }
    }

    /// When it began.
    pub fn began_at(self, now: DateTime<Utc>) -> DateTime<Utc> {
        let this = self.this_month(now);
        if midnight(this) > now {
            midnight(this.checked_sub_months(Months::new(1)).unwrap_or(this))
        } else {
            midnight(this)
        }
    }

    fn this_month(self, now: DateTime<Utc>) -> NaiveDate {
        let day = self.reset_day.clamp(1, 28);
        NaiveDate::from_ymd_opt(now.year(), now.month(), day).unwrap_or_default()
    }
}

fn midnight(date: NaiveDate) -> DateTime<Utc> {
    Utc.from_utc_datetime(&date.and_time(chrono::NaiveTime::MIN))
}

#[derive(Debug)]
struct Block {
    reserved_at: DateTime<Utc>,
    credits: u64,
    spent: u64,
    /// What the ledger has not heard yet.
    unsaid: bool,
}

/// What one collector holds of a feed's credits.
#[derive(Debug)]
pub struct Purse {
    source: Source,
    terms: Terms,
    holder: Uuid,
    block: Option<Block>,
    told: Option<(u64, DateTime<Utc>)>,
    observed: VecDeque<(DateTime<Utc>, u64)>,
}

impl Purse {
    /// An empty one.
    pub fn new(source: Source, terms: Terms) -> Self {
        Self {
            source,
            terms,
            holder: Uuid::now_v7(),
            block: None,
            told: None,
            observed: VecDeque::new(),
        }
    }

    /// Whether `cost` credits are at hand, without asking the ledger.
    pub fn holds(&self, cost: u64, now: DateTime<Utc>) -> bool {
        cost == 0
            || self.block.as_ref().is_some_and(|block| {
                now - block.reserved_at < A_BLOCK
                    && self.terms.resets_at(block.reserved_at) > now
                    && slate_date(block.reserved_at) == slate_date(now)
                    && block.credits - block.spent >= cost
            })
    }

    /// Take `cost` credits for a question, from the block at hand or from a new one. The error says why they are not
    /// to be had, and what helps.
    pub async fn take(
        &mut self,
        cost: u64,
        pool: Option<&PgPool>,
        now: DateTime<Utc>,
    ) -> Result<(), String> {
        if cost == 0 {
            return Ok(());
        }
        if !self.holds(cost, now) {
            self.give_back(pool, now).await;
        }
        if self.block.is_none() {
            self.reserve(cost, pool, now).await?;
        }
        if let Some(block) = &mut self.block {
            block.spent += cost;
            block.unsaid = true;
        }
        Ok(())
    }

    async fn reserve(
        &mut self,
        cost: u64,
        pool: Option<&PgPool>,
        now: DateTime<Utc>,
    ) -> Result<(), String> {
        let Some(pool) = pool else {
            return Err(
                "the ledger of credits is in the database, which is not there; nothing beyond what was reserved is spent until it is back"
                    .to_owned(),
            );
        };
        let wish = Wish {
            source: self.source,
            holder: self.holder,
            credits: self.terms.block.max(cost),
            kept: self.terms.kept,
            resets_at: self.terms.resets_at(now),
        };
        let granted = quota::reserve(pool, wish, now).await.map_err(|error| {
            let error = clean(&error.to_string(), 200);
            format!("no credits can be reserved ({error}); the question is asked when the database answers again")
        })?;
        if let Some(remaining) = granted.remaining {
            // Others may have spent since; what a feed told of the period before tells nothing.
            let own = self.remaining(now).unwrap_or(remaining);
            self.told = Some((own.min(remaining), now));
        }
        if granted.credits < cost {
            // Too little for the question: nobody keeps it from the others.
            self.block = (granted.credits > 0).then_some(Block {
                reserved_at: now,
                credits: granted.credits,
                spent: 0,
                unsaid: false,
            });
            self.give_back(Some(pool), now).await;
            let left = granted.remaining.unwrap_or(0);
            return Err(format!(
                "{left} credits are left, {} are kept and {} are reserved by collectors, so a question that costs {cost} waits until the feed grants more on {}",
                self.terms.kept,
                granted.held,
                self.terms.resets_at(now).format("%-d %B"),
            ));
        }
        self.block = Some(Block {
            reserved_at: now,
            credits: granted.credits,
            spent: 0,
            unsaid: false,
        });
        Ok(())
    }

    /// Hear what an answer's headers tell of a question for which `cost` credits were taken, and write it down.
    pub async fn told(
        &mut self,
        quota: Quota,
        cost: u64,
        pool: Option<&PgPool>,
        now: DateTime<Utc>,
    ) {
        if let Some(remaining) = quota.remaining {
            self.told = Some((remaining, now));
            self.observe(remaining, now);
        }
        if let Some(block) = &mut self.block {
            // The price list says what a question costs at most.
            if let Some(last) = quota.last.filter(|last| *last < cost) {
                block.spent = block.spent.saturating_sub(cost - last);
            }
            block.unsaid |= quota.remaining.is_some();
        }
        self.write(pool, false, now).await;
    }

    /// Give back what is not spent.
    pub async fn give_back(&mut self, pool: Option<&PgPool>, now: DateTime<Utc>) {
        if let Some(block) = &mut self.block {
            block.unsaid = true;
        }
        self.write(pool, true, now).await;
        self.block = None;
    }

    async fn write(&mut self, pool: Option<&PgPool>, closed: bool, now: DateTime<Utc>) {
        let (Some(block), Some(pool)) = (&mut self.block, pool) else {
            return;
        };
        if !block.unsaid {
            return;
        }
        let standing = Standing {
            source: self.source,
            holder: self.holder,
            reserved_at: block.reserved_at,
            spent: block.spent,
            // A block of the new period must not carry what was left of the old one.
            told: self
                .told
                .filter(|(_, at)| *at >= self.terms.began_at(block.reserved_at)),
            closed,
        };
        match quota::note(pool, standing, now).await {
            Ok(()) => block.unsaid = false,
            Err(error) => {
                tracing::debug!(%error, "the ledger of credits could not be written; it is told with the next question");
            }
        }
    }

    fn observe(&mut self, remaining: u64, now: DateTime<Utc>) {
        // More than before: the feed granted new ones, and what was spent of the old tells nothing.
        if self
            .observed
            .back()
            .is_some_and(|(_, had)| *had < remaining)
        {
            self.observed.clear();
        }
        self.observed.push_back((now, remaining));
        while self.observed.len() > OBSERVED
            || self
                .observed
                .front()
                .is_some_and(|(at, _)| now - *at > LOOK_BACK)
        {
            self.observed.pop_front();
        }
    }

    /// What the feed has left, as last told to anyone in the period that holds `now`.
    pub fn remaining(&self, now: DateTime<Utc>) -> Option<u64> {
        let (remaining, at) = self.told?;
        (at >= self.terms.began_at(now)).then_some(remaining)
    }

    /// When the feed grants new ones.
    pub fn resets_at(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        self.terms.resets_at(now)
    }

    /// When it granted those at hand.
    pub fn began_at(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        self.terms.began_at(now)
    }

    /// When the credits will be gone at the rate of the last day, if that is before new ones are granted.
    pub fn exhausted_at(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let ((from, had), (to, have)) = (self.observed.front()?, self.observed.back()?);
        let (span, spent) = (*to - *from, had.saturating_sub(*have));
        if spent == 0 || span < TimeDelta::minutes(1) {
            return None;
        }
        let left = have.saturating_sub(self.terms.kept) as f64;
        let seconds = left * span.num_seconds() as f64 / spent as f64;
        let gone = TimeDelta::try_seconds(seconds as i64).and_then(|t| to.checked_add_signed(t))?;
        (gone < self.terms.resets_at(now)).then_some(gone)
    }
}

#[cfg(test)]
mod tests;
