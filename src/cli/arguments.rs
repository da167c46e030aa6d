//! What the arguments of several commands share: the global flags, and how names and times are read.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use chrono::{DateTime, Utc};
use clap::{Args, ValueEnum};

use crate::config::layer::Entry;
use crate::config::settings::duration_text;
use crate::domain::game::GameId;
use crate::domain::source::Source;
use crate::domain::time::parse_feed_time;

/// Flags of every command.
#[derive(Debug, Clone, Default, Args)]
pub struct Global {
    /// Settings file, instead of the platform's
    #[arg(long, global = true, value_name = "FILE", help_heading = "Global")]
    pub config: Option<PathBuf>,
    /// PostgreSQL server, instead of the embedded one; better given as `DATABASE_URL`
    #[arg(long, global = true, value_name = "URL", help_heading = "Global")]
    pub database_url: Option<String>,
    /// Redis server; better given as `REDIS_URL`
    #[arg(long, global = true, value_name = "URL", help_heading = "Global")]
    pub redis_url: Option<String>,
    /// Directory of the embedded cluster and the spool
    #[arg(long, global = true, value_name = "DIR", help_heading = "Global")]
    pub data_dir: Option<PathBuf>,
    /// Colours
    #[arg(
        long,
        global = true,
        value_enum,
        default_value_t,
        value_name = "WHEN",
        help_heading = "Global"
    )]
    pub color: ColorWhen,
    /// One JSON object a line
    #[arg(long, global = true, help_heading = "Global")]
    pub json: bool,
    /// Log more; twice for all of linetape
    #[arg(short, long, global = true, action = clap::ArgAction::Count, help_heading = "Global")]
    pub verbose: u8,
}

impl Global {
    /// The settings these flags stand for.
    pub fn entries(&self) -> Vec<Entry> {
        let mut entries = Vec::new();
        if let Some(url) = &self.database_url {
            entries.push(Entry::flag("--database-url", "database.url", url.clone()));
        }
        if let Some(url) = &self.redis_url {
            entries.push(Entry::flag("--redis-url", "cache.redis_url", url.clone()));
        }
        if let Some(dir) = &self.data_dir {
            let dir = dir.display().to_string();
            entries.push(Entry::flag("--data-dir", "paths.data_dir", dir));
        }
        entries
    }
}

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum ColorWhen {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// A duration: `90s`, `10m`.
pub fn duration(text: &str) -> Result<Duration, String> {
    match duration_text::parse(text) {
        Ok(Duration::ZERO) => Err("a duration of nothing; write 10s, 5m or 1h".into()),
        other => other,
    }
}

/// An instant: RFC 3339, or epoch seconds.
pub fn instant(text: &str) -> Result<DateTime<Utc>, String> {
    parse_feed_time(text).ok_or_else(|| {
        "not a time; write RFC 3339 like 2025-07-12T19:05:00Z, or epoch seconds".into()
    })
}

/// A source by its name or short name.
pub fn source(text: &str) -> Result<Source, String> {
    Source::parse_lenient(text).map_err(|error| error.to_string())
}

/// A game as a person names it: linetape's id, or a feed's (`an:257653`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GameName {
    /// linetape's own id.
    Id(GameId),
    /// A feed's id.
    Feed(Source, String),
}

impl FromStr for GameName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some((feed, id)) = text.split_once(':') {
            if id.is_empty() {
                return Err("an id is missing after the colon; write an:257653".into());
            }
            return Ok(Self::Feed(source(feed)?, id.to_owned()));
        }
        match text.parse::<i64>() {
            Ok(id) if id >= 0 => Ok(Self::Id(GameId::from_i64(id))),
            _ => Err("neither an id nor source:id; write 123456789 or an:257653".into()),
        }
    }
}

impl fmt::Display for GameName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => write!(f, "{}", id.as_i64()),
            Self::Feed(source, id) => write!(f, "{}:{id}", source.short()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn games_are_named_by_id_or_by_a_feeds_id() {
        assert_eq!("42".parse(), Ok(GameName::Id(GameId::from_i64(42))));
        assert_eq!(
            "an:257653".parse(),
            Ok(GameName::Feed(Source::ActionNetwork, "257653".into()))
        );
        for bad in ["-1", "", "an:", "espnn:1", "MIA@BAL"] {
            assert!(bad.parse::<GameName>().is_err(), "{bad}");
        }
    }

    #[test]
    fn times_and_durations_say_what_they_want() {
        assert!(instant("2025-07-12T19:05:00Z").is_ok());
        assert!(instant("1752347100").is_ok());
        assert!(instant("tomorrow").is_err_and(|e| e.contains("RFC 3339")));
        assert!(duration("0s").is_err());
        assert_eq!(duration("10m"), Ok(Duration::from_secs(600)));
    }
}
