//! Looks that cost credits, spread over the rest of their period by what they are worth.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, TimeDelta, Utc};

use super::Collector;
use super::progress::Progress;
use crate::domain::league::League;
use crate::domain::time::{slate_date, slate_start};
use crate::engine::quota::{Looks, spread};
use crate::sources::plan;
use crate::store;

/// What may be spent on the rest of a slate's day.
#[derive(Debug, Clone, Copy)]
struct Day {
    /// When the slate's day began, and when it ends.
    begin: DateTime<Utc>,
    end: DateTime<Utc>,
    /// Credits.
    left: u64,
    /// What one look at a league costs.
    look: u64,
}

impl Collector {
    /// The day's part of the credits. None where credits set no limit: the feed charges nothing, or has not told what is
    /// left.
    async fn day(&self, progress: &Progress, now: DateTime<Utc>) -> Option<Day> {
        let remaining = progress.purse.remaining(now)?;
        let today = slate_date(now);
        let look = self
            .leagues
            .iter()
            .filter_map(|league| plan::plan(self.source, &self.settings, *league, today).ok())
            .map(|requests| requests.iter().map(plan::credits).sum::<u64>())
            .max()
            .filter(|cost| *cost > 0)?;
        let (begin, end) = (
            slate_start(today)?,
            slate_start(today.checked_add_days(Days::new(1))?)?,
        );
        // What the period before paid for is no part of this one.
        let since = begin.max(progress.purse.began_at(now));
        let spent = match self.pool() {
            Some(pool) => store::quota::spent_since(&pool, self.source, since).await,
            None => Ok(0),
        };
        let spent = spent.unwrap_or(0);
        let kept = u64::from(self.settings.odds_api.keep_credits);
        let days = (progress.purse.resets_at(now) - begin).num_seconds().max(1);
        let days = (days as u64).div_ceil(86_400).max(1);
        let whole = (remaining + spent).saturating_sub(kept) / days;
        let left = whole
            .saturating_sub(spent)
            .min(remaining.saturating_sub(kept));
        Some(Day {
            begin,
            end,
            left,
            look,
        })
    }

    /// The last start of the day's slate of a league whose prices were not looked at on that day yet; none where they
    /// were, or nothing starts any more.
    fn unseen(
        progress: &Progress,
        league: League,
        day: Day,
        now: DateTime<Utc>,
    ) -> Option<DateTime<Utc>> {
        let seen = progress.pace.last(league).is_some_and(|at| at >= day.begin);
        let starts = progress.followed.starts(league, now);
        let last = starts.into_iter().rfind(|start| *start < day.end);
        last.filter(|_| !seen)
    }

    /// Whether `cost` credits may be spent on scores: one look at the prices of each league that plays today comes first.
    /// Single games have a reserve of their own, `event_keep_credits`.
    pub(super) async fn can_spare(
        &self,
        cost: u64,
        progress: &Progress,
        now: DateTime<Utc>,
    ) -> bool {
        if cost == 0 {
            return true;
        }
        let Some(day) = self.day(progress, now).await else {
            return true;
        };
        let unseen = |league: &&League| Self::unseen(progress, **league, day, now).is_some();
        let looks = self.leagues.iter().filter(unseen).count() as u64;
        day.left >= looks * day.look + cost
    }

    /// When each league is worth its next look; a league without one is absent. None where credits set no limit: the
    /// feed charges nothing, has not told what is left, or has left more than the cadence can spend.
    pub(super) async fn worth(
        &self,
        progress: &Progress,
        now: DateTime<Utc>,
    ) -> Option<BTreeMap<League, DateTime<Utc>>> {
        let day = self.day(progress, now).await?;
        let affordable = day.left / day.look;
        let fastest = plan::cadence(self.source, &self.settings).slate;
        let rest = (day.end - now).num_seconds().max(1) as u64;
        // One round at least: at the end of a day whose credits are spent there are not enough.
        let rounds = rest.div_ceil(fastest.as_secs().max(1));
        if affordable >= rounds * self.leagues.len() as u64 {
            return None;
        }
        let starts: Vec<Vec<DateTime<Utc>>> = self
            .leagues
            .iter()
            .map(|league| progress.followed.starts(*league, now))
            .collect();
        let looks: Vec<Looks<'_>> = self
            .leagues
            .iter()
            .zip(&starts)
            .map(|(league, starts)| Looks {
                league: *league,
                starts,
                last: progress.pace.last(*league),
                unseen: Self::unseen(progress, *league, day, now),
            })
            .collect();
        Some(spread(
            &looks,
            affordable,
            fastest,
            now,
            day.end + TimeDelta::hours(6),
        ))
    }
}
