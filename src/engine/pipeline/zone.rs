//! The zones: raw bytes, staged rows, what is curated from them.

pub mod curated;
pub mod interface;
pub mod process;
pub mod raw;
pub mod rebuild;
pub mod restore;
pub mod staging;

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use crate::config::settings::Pipeline;

/// A zone of the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Zone {
    /// Bytes as they came, and the log of every fetch.
    Raw,
    /// Games, changes of line, price or status, tickets and money.
    Staging,
    /// What is derived from staging.
    Curated,
}

/// A name that is no zone's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a zone; write raw, staging or curated")]
pub struct NoZone;

impl Zone {
    /// In the order a price goes through them.
    pub const ALL: [Self; 3] = [Self::Raw, Self::Staging, Self::Curated];

    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Staging => "staging",
            Self::Curated => "curated",
        }
    }

    /// The zone that is made from it.
    pub const fn next(self) -> Option<Self> {
        match self {
            Self::Raw => Some(Self::Staging),
            Self::Staging => Some(Self::Curated),
            Self::Curated => None,
        }
    }

    /// Whether runs go through it.
    pub const fn is_enabled(self, settings: &Pipeline) -> bool {
        match self {
            Self::Raw => settings.zones.raw_enabled,
            Self::Staging => settings.enable_staging && settings.zones.staging_enabled,
            Self::Curated => settings.enable_curated && settings.zones.curated_enabled,
        }
    }

    /// A run of it that hands on to the next.
    pub const fn handing_on(self) -> &'static str {
        match self {
            Self::Raw => "raw_to_staging",
            Self::Staging => "staging_to_curated",
            Self::Curated => "curated_only",
        }
    }

    /// A run of it alone, as `operational.pipeline_runs` names it.
    pub const fn mode(self) -> &'static str {
        match self {
            Self::Raw => "raw_only",
            Self::Staging => "staging_only",
            Self::Curated => "curated_only",
        }
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Zone {
    type Err = NoZone;

    fn from_str(name: &str) -> Result<Self, NoZone> {
        Self::ALL
            .into_iter()
            .find(|zone| zone.as_str() == name)
            .ok_or(NoZone)
    }
}
