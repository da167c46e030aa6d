//! Every setting with its default. The field names are those of `config.example.toml`.

mod alerts;
mod fair;
mod jobs;
mod signals;
mod sources;

use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;
use serde::{Deserialize, Deserializer};

use crate::domain::league::League;
use crate::domain::source::Source;

pub use alerts::Alerts;
pub use fair::Fair;
pub use jobs::Jobs;
pub use signals::Signals;
pub use sources::{ActionNetwork, Espn, Goalserve, MlbStats, OddsApi, Sbd, Sbr, Sources, Vsin};

/// All settings.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// What to collect.
    pub collect: Collect,
    /// Where the rows go.
    pub database: Database,
    /// What the zones' compatibility schemas are called.
    pub schemas: Schemas,
    /// What runs of the pipeline do, and what is asked of the zones.
    pub pipeline: Pipeline,
    /// The durable buffer in front of the database.
    pub spool: Spool,
    /// Memory and Redis tiers.
    pub cache: Cache,
    /// Limits of the HTTP client.
    pub http: Http,
    /// One block a feed.
    pub sources: Sources,
    /// What is done at set times.
    pub jobs: Jobs,
    /// Fair prices and what others are worth against them.
    pub fair: Fair,
    /// Why lines move.
    pub signals: Signals,
    /// The built-in market.
    pub demo: Demo,
    /// The screen.
    pub screen: Screen,
    /// When somebody is called to the screen.
    pub alerts: Alerts,
    /// Log files.
    pub log: Log,
    /// Where files live; empty means the platform's directories.
    pub paths: Paths,
}

/// What to collect.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Collect {
    /// Leagues, in the order shown.
    pub leagues: Vec<League>,
    /// Feeds; one that needs a key is skipped, and says so, while it has none.
    pub sources: Vec<Source>,
    /// Days of the slate to follow, today included, 1–14.
    pub days: u8,
    /// At shutdown, how long to wait for the database before leaving the rest to the spool.
    #[serde(with = "duration_text")]
    pub flush_timeout: Duration,
}

impl Default for Collect {
    fn default() -> Self {
        Self {
            leagues: vec![League::Mlb, League::Nfl, League::Nba, League::Nhl],
            sources: Source::ALL.to_vec(),
            days: 1,
            flush_timeout: Duration::from_secs(5),
        }
    }
}

/// Where the rows go.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Database {
    /// A server to use instead of the embedded one: `postgres://user:password@host:port/name`.
    pub url: Option<SecretString>,
    /// Name of the database in the embedded cluster; the demo has its own.
    pub name: String,
    /// Connections in the pool, 2–100.
    pub max_connections: u32,
    /// How long to wait for a connection.
    #[serde(with = "duration_text")]
    pub connect_timeout: Duration,
    /// Longest a statement may run.
    #[serde(with = "duration_text")]
    pub statement_timeout: Duration,
    /// Rows in one write, 100–10000.
    pub batch_rows: usize,
    /// Directory of the PostgreSQL programs for the embedded cluster; empty means search.
    pub programs: Option<PathBuf>,
    /// Account that runs the embedded cluster when linetape runs as root; empty means `postgres`, then `nobody`.
    pub run_as: Option<String>,
    /// Whole months of history that `database setup` leaves attached; 0 means all.
    pub keep_months: u32,
}

impl Default for Database {
    fn default() -> Self {
        Self {
            url: None,
            name: "linetape".into(),
            max_connections: 8,
            connect_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(30),
            batch_rows: 5_000,
            programs: None,
            run_as: None,
            keep_months: 0,
        }
    }
}

/// Schemas in which `database setup` makes the zones' names of earlier programs; today's tables do not move.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Schemas {
    /// For their names in `raw_data`.
    pub raw: String,
    /// For their names in `staging`.
    pub staging: String,
    /// For their names in `curated`.
    pub curated: String,
}

impl Default for Schemas {
    fn default() -> Self {
        Self {
            raw: "raw_data".into(),
            staging: "staging".into(),
            curated: "curated".into(),
        }
    }
}

impl Schemas {
    /// Earlier name and name to use, of each zone.
    pub fn pairs(&self) -> [(&'static str, &str); 3] {
        [
            ("raw_data", &self.raw),
            ("staging", &self.staging),
            ("curated", &self.curated),
        ]
    }
}

/// What runs of the pipeline do, and what is asked of the zones. What is collected goes through all zones at once,
/// whatever stands here.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is a setting")]
pub struct Pipeline {
    /// Whether runs go through staging.
    pub enable_staging: bool,
    /// Whether runs go through curated.
    pub enable_curated: bool,
    /// Whether a run of one zone hands on what the next one lacks of it.
    pub auto_promotion: bool,
    /// Whether runs check each record: bytes against their hash, that a response is one, the score of a curated row.
    pub validation_enabled: bool,
    /// Score below which a curated row is counted as poor.
    pub quality_threshold: f64,
    /// Share of records that should pass validation.
    pub validation_target: f64,
    /// Share of records that should come through.
    pub completion_target: f64,
    /// Share of failed records from which a zone's health is degraded.
    pub degraded_error_rate: f64,
    /// How far a zone may be behind the one before it, and be healthy.
    #[serde(with = "duration_text")]
    pub max_lag: Duration,
    /// Payloads checked at once, 1–10000.
    pub raw_batch: u32,
    /// Fetches staged at once.
    pub staging_batch: u32,
    /// Series derived at once.
    pub curated_batch: u32,
    /// One switch a zone.
    pub zones: PipelineZones,
}

/// One switch a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PipelineZones {
    /// Raw.
    pub raw_enabled: bool,
    /// Staging.
    pub staging_enabled: bool,
    /// Curated.
    pub curated_enabled: bool,
}

impl Default for PipelineZones {
    fn default() -> Self {
        Self {
            raw_enabled: true,
            staging_enabled: true,
            curated_enabled: true,
        }
    }
}

impl Default for Pipeline {
    fn default() -> Self {
        Self {
            enable_staging: true,
            enable_curated: true,
            auto_promotion: true,
            validation_enabled: true,
            quality_threshold: 0.8,
            validation_target: 0.95,
            completion_target: 0.99,
            degraded_error_rate: 0.1,
            max_lag: Duration::from_mins(5),
            raw_batch: 1_000,
            staging_batch: 500,
            curated_batch: 200,
            zones: PipelineZones::default(),
        }
    }
}

/// What to do when the spool is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhenFull {
    /// Stop polling: nothing is lost, and no API credit is spent.
    StopPolling,
    /// Drop the oldest payloads, counted.
    DropOldest,
}

/// The durable buffer in front of the database.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Spool {
    /// Most bytes kept (compressed).
    pub max_bytes: u64,
    /// Largest single payload, before compression.
    pub max_record_bytes: u64,
    /// Oldest payload kept.
    #[serde(with = "duration_text")]
    pub max_age: Duration,
    /// Disk space that must stay free.
    pub min_free_bytes: u64,
    /// What to do when full.
    pub when_full: WhenFull,
    /// Records in one group commit.
    pub commit_records: usize,
    /// Longest a record waits for its group.
    #[serde(with = "duration_text")]
    pub commit_delay: Duration,
}

impl Default for Spool {
    fn default() -> Self {
        Self {
            max_bytes: 2 << 30,
            max_record_bytes: 64 << 20,
            max_age: Duration::from_hours(7 * 24),
            min_free_bytes: 256 << 20,
            when_full: WhenFull::StopPolling,
            commit_records: 64,
            commit_delay: Duration::from_millis(5),
        }
    }
}

/// Memory and Redis tiers.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cache {
    /// Most bytes held in memory.
    pub memory_bytes: u64,
    /// Redis server, `redis://host:port/db`; absent means memory only.
    pub redis_url: Option<SecretString>,
    /// Longest wait for Redis before the next tier answers.
    #[serde(with = "duration_text")]
    pub redis_timeout: Duration,
    /// Prefix of every key in Redis.
    pub prefix: String,
}

impl Default for Cache {
    fn default() -> Self {
        Self {
            memory_bytes: 32 << 20,
            redis_url: None,
            redis_timeout: Duration::from_millis(50),
            prefix: "linetape:".into(),
        }
    }
}

/// Limits of the HTTP client.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Http {
    /// Longest wait for a connection.
    #[serde(with = "duration_text")]
    pub connect_timeout: Duration,
    /// Longest silence while reading.
    #[serde(with = "duration_text")]
    pub read_timeout: Duration,
    /// Longest whole request.
    #[serde(with = "duration_text")]
    pub total_timeout: Duration,
    /// Largest body after decompression.
    pub max_body_bytes: u64,
    /// Tries after the first, for what may pass by itself.
    pub retries: u32,
    /// First wait between tries; doubles, with full jitter.
    #[serde(with = "duration_text")]
    pub retry_base: Duration,
    /// Longest wait between tries that linetape chooses itself; Retry-After may be longer.
    #[serde(with = "duration_text")]
    pub retry_max: Duration,
    /// Name sent to feeds; empty means a browser's, which Action Network requires.
    pub user_agent: Option<String>,
}

impl Default for Http {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(5),
            read_timeout: Duration::from_secs(10),
            total_timeout: Duration::from_secs(30),
            max_body_bytes: 32 << 20,
            retries: 2,
            retry_base: Duration::from_millis(500),
            retry_max: Duration::from_secs(20),
            user_agent: None,
        }
    }
}

/// The built-in market.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Demo {
    /// Seed: the same seed gives the same tape.
    pub seed: u64,
    /// Games a day, 1–200.
    pub games: u16,
    /// Simulated seconds in a real one, 1–600.
    pub speed: u16,
    /// Feeds it collects.
    pub sources: Vec<Source>,
    /// Name of the demo's own database in the embedded cluster.
    pub database: String,
}

impl Default for Demo {
    fn default() -> Self {
        Self {
            seed: 7,
            games: 15,
            speed: 60,
            sources: Source::ALL.to_vec(),
            database: "linetape_demo".into(),
        }
    }
}

/// Colours of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThemeName {
    /// Ask the terminal for its background.
    #[default]
    Auto,
    /// For dark backgrounds.
    Dark,
    /// For light backgrounds.
    Light,
    /// Few colours, far apart, on black.
    Contrast,
    /// No colour at all.
    Mono,
}

/// The screen.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Screen {
    /// Colours.
    pub theme: ThemeName,
    /// A theme of one's own: its roles take the place of the named theme's. Read again whenever it changes.
    pub theme_file: Option<std::path::PathBuf>,
    /// Zone of every time shown, by IANA name.
    pub zone: chrono_tz::Tz,
    /// Whether the mouse is read; the terminal's own selection needs Shift then.
    pub mouse: bool,
    /// Most frames a second, 1–60.
    pub max_fps: u16,
    /// Remapped keys: action id to chord, `refresh = "ctrl-r"`.
    pub keys: std::collections::BTreeMap<String, String>,
}

impl Default for Screen {
    fn default() -> Self {
        Self {
            theme: ThemeName::Auto,
            theme_file: None,
            zone: chrono_tz::US::Eastern,
            mouse: false,
            max_fps: 30,
            keys: std::collections::BTreeMap::new(),
        }
    }
}

/// Log files.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// What to log: `info`, or by module `linetape=debug,sqlx=warn`.
    pub filter: String,
    /// Daily files kept, 1–365.
    pub keep_files: usize,
}

impl Default for Log {
    fn default() -> Self {
        Self {
            filter: "info".into(),
            keep_files: 7,
        }
    }
}

/// Where files live; absent means the platform's directories.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Paths {
    /// The embedded cluster, the spool and the demo's clock.
    pub data_dir: Option<PathBuf>,
    /// Log files.
    pub state_dir: Option<PathBuf>,
    /// What can be made again.
    pub cache_dir: Option<PathBuf>,
}

/// Durations as text: `250ms`, `15s`, `10m`, `4h`, `7d`.
pub mod duration_text {
    use super::{Deserialize, Deserializer, Duration};

    /// Parse `250ms`, `15s`, `10m`, `4h`, `7d`; the number is whole.
    pub fn parse(text: &str) -> Result<Duration, String> {
        let text = text.trim();
        let split = text
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(text.len());
        let (number, unit) = text.split_at(split);
        let wrong = || {
            format!(
                "{text:?} is not a duration; write a whole number and a unit: 250ms, 15s, 10m, 4h or 7d"
            )
        };
        let number: u64 = number.parse().map_err(|_| wrong())?;
        let millis = match unit {
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => return Err(wrong()),
        };
        number
            .checked_mul(millis)
            .map(Duration::from_millis)
            .ok_or_else(wrong)
    }

    /// The shortest text that [`parse`] reads back.
    pub fn format(duration: Duration) -> String {
        let millis = duration.as_millis();
        let units = [
            (86_400_000, "d"),
            (3_600_000, "h"),
            (60_000, "m"),
            (1_000, "s"),
        ];
        for (size, unit) in units {
            if millis >= size && millis.is_multiple_of(size) {
                return format!("{}{unit}", millis / size);
            }
        }
        format!("{millis}ms")
    }

    /// For serde's `with`.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        let text = String::deserialize(deserializer)?;
        parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_round_trip() {
        for text in ["250ms", "15s", "10m", "4h", "7d"] {
            assert_eq!(
                duration_text::format(duration_text::parse(text).unwrap()),
                text
            );
        }
        for bad in ["", "5", "s", "1.5s", "10 parsecs", "99999999999999999999s"] {
            assert!(duration_text::parse(bad).is_err(), "{bad}");
        }
    }
}
