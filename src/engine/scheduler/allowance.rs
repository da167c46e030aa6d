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

impl Collector {
    /// When each league is worth its next look; a league without one is absent. None where credits set no limit: the
    /// feed charges nothing, has not told what is left, or has left more than the cadence can spend.
    pub(super) async fn worth(
        &self,
        progress: &Progress,
        now: DateTime<Utc>,
    ) -> Option<BTreeMap<League, DateTime<Utc>>> {
        let remaining = progress.purse.remaining()?;
        let today = slate_date(now);
        let cost = self
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
        let spent = match self.pool() {
            Some(pool) => store::quota::spent_since(&pool, self.source, begin).await,
            None => Ok(0),
        };
        let spent = spent.unwrap_or(0);
        let kept = u64::from(self.settings.odds_api.keep_credits);
        let days = (progress.purse.resets_at(now) - begin).num_seconds().max(1);
        let days = (days as u64).div_ceil(86_400).max(1);
        let today_all = (remaining + spent).saturating_sub(kept) / days;
        let affordable = today_all
            .saturating_sub(spent)
            .min(remaining.saturating_sub(kept))
            / cost;
        let fastest = plan::cadence(self.source, &self.settings).slate;
        let span = |seconds: i64| seconds as u64 / fastest.as_secs().max(1);
        if affordable >= span((end - now).num_seconds()) * self.leagues.len() as u64 {
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
            })
            .collect();
        Some(spread(
            &looks,
            affordable,
            fastest,
            now,
            end + TimeDelta::hours(6),
        ))
    }
}
