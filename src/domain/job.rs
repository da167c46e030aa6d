//! The daily jobs.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize, Serializer};

use super::market::{UnknownName, names};

names! {
    /// Work that is done at set times of the day.
    Job, "job" {
        /// Results of yesterday's games, and of today's that are over.
        UpdateGames = "update_games",
        /// Season totals of every team.
        RefreshCache = "refresh_cache",
        /// One look at every feed with prices.
        UpdateOdds = "update_odds",
        /// How signals turned out.
        GradeSignals = "grade_signals",
        /// The games of the next days, into the cache.
        WarmCache = "warm_cache",
    }
}

impl Job {
    /// What it does, for people.
    pub const fn what(self) -> &'static str {
        match self {
            Self::UpdateGames => "results of yesterday's games, and of today's that are over",
            Self::RefreshCache => "season totals of every team, in the cache",
            Self::UpdateOdds => "one look at every feed with prices",
            Self::GradeSignals => "how the signals of games that are over turned out",
            Self::WarmCache => "charts of the games around today, in the cache",
        }
    }

    /// What has to be built first; none when the job works.
    pub const fn comes_with(self) -> Option<&'static str> {
        match self {
            Self::RefreshCache => Some("predictions"),
            Self::GradeSignals | Self::UpdateGames | Self::UpdateOdds | Self::WarmCache => None,
        }
    }

    /// Whether it asks feeds, which nobody does while polling is paused.
    pub const fn asks_feeds(self) -> bool {
        matches!(self, Self::UpdateGames | Self::UpdateOdds)
    }
}
