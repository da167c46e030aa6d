//! What is done at set times.

use chrono_tz::Tz;
use serde::{Deserialize, Deserializer};

use super::Settings;
use crate::domain::job::Job;
use crate::domain::schedule::Schedule;

/// When the daily jobs run. A job without a schedule is off.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Jobs {
    /// Whether a running linetape does them.
    pub enabled: bool,
    /// Zone of the schedules, by IANA name; the screen's when none.
    pub zone: Option<Tz>,
    /// Results of yesterday.
    #[serde(deserialize_with = "schedule")]
    pub update_games: Option<Schedule>,
    /// Season totals.
    #[serde(deserialize_with = "schedule")]
    pub refresh_cache: Option<Schedule>,
    /// A look at every feed with prices.
    #[serde(deserialize_with = "schedule")]
    pub update_odds: Option<Schedule>,
    /// Signals of games that are over.
    #[serde(deserialize_with = "schedule")]
    pub grade_signals: Option<Schedule>,
    /// Charts into the cache.
    #[serde(deserialize_with = "schedule")]
    pub warm_cache: Option<Schedule>,
    /// Jobs whose newest missed run is made up at the next start.
    pub catch_up: Vec<Job>,
}

impl Default for Jobs {
    fn default() -> Self {
        let at = |text| Schedule::parse(text).ok();
        Self {
            enabled: true,
            zone: None,
            update_games: at("0 3 * * *"),
            refresh_cache: at("0 */6 * * *"),
            update_odds: at("*/15 8-23 * * *"),
            grade_signals: at("0 4 * * *"),
            warm_cache: at("0 8 * * *"),
            catch_up: vec![Job::UpdateGames],
        }
    }
}

impl Jobs {
    /// When `job` is due; none when it is off.
    pub const fn schedule(&self, job: Job) -> Option<&Schedule> {
        match job {
            Job::UpdateGames => self.update_games.as_ref(),
            Job::RefreshCache => self.refresh_cache.as_ref(),
            Job::UpdateOdds => self.update_odds.as_ref(),
            Job::GradeSignals => self.grade_signals.as_ref(),
            Job::WarmCache => self.warm_cache.as_ref(),
        }
    }
}

impl Settings {
    /// The zone that the jobs' schedules speak of.
    pub fn jobs_zone(&self) -> Tz {
        self.jobs.zone.unwrap_or(self.screen.zone)
    }
}

/// A cron text; empty means none.
fn schedule<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Schedule>, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.trim().is_empty() {
        return Ok(None);
    }
    Schedule::parse(&text)
        .map(Some)
        .map_err(serde::de::Error::custom)
}
