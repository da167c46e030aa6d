//! Every setting: its name, what it may hold, and its value in a [`Settings`].
//!
//! Names and ranges stand here once; reading, refusing, showing and the example file are all held to this table by
//! `tests/settings.rs`.

use std::path::Path;
use std::time::Duration;

use secrecy::SecretString;
use toml::Value;

use super::expects::Expects;
use super::layer::Entry;
use super::origin::{Origin, Provenance};
use super::problem::Problem;
use super::settings::{Settings, ThemeName, WhenFull, duration_text};
use crate::domain::job::Job;
use crate::domain::league::League;
use crate::domain::schedule::Schedule;
use crate::domain::source::Source;

/// One setting.
#[derive(Debug, Clone, Copy)]
pub struct Leaf {
    /// Dotted name: `collect.days`.
    pub path: &'static str,
    /// What it may hold.
    pub expects: Expects,
    /// Its value; none when it is not set. A secret is `<set>`.
    pub value: fn(&Settings) -> Option<Value>,
}

const fn leaf(path: &'static str, expects: Expects, value: fn(&Settings) -> Option<Value>) -> Leaf {
    Leaf {
        path,
        expects,
        value,
    }
}

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

const MINUTE: u64 = 60_000;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
const KIB: i64 = 1 << 10;
const MIB: i64 = 1 << 20;
const GIB: i64 = 1 << 30;
const TIB: i64 = 1 << 40;
/// Every duration somebody waits for in front of the screen.
const WAIT: Expects = Expects::Span(ms(10), ms(10 * MINUTE));
/// Time between looks at a feed.
const CADENCE: Expects = Expects::Span(ms(1_000), ms(7 * DAY));

/// Every setting, in the order of the file.
pub const LEAVES: &[Leaf] = &[
    leaf("collect.leagues", Expects::SomeOf(leagues), |s| {
        Some(texts(s.collect.leagues.iter().map(|l| l.as_str())))
    }),
    leaf("collect.sources", Expects::SomeOf(sources), |s| {
        Some(texts(s.collect.sources.iter().map(|l| l.as_str())))
    }),
    leaf("collect.days", Expects::Whole(1, 14), |s| {
        Some(whole(s.collect.days))
    }),
    leaf("collect.flush_timeout", WAIT, |s| {
        Some(span(s.collect.flush_timeout))
    }),
    leaf("database.url", Expects::PostgresUrl, |s| {
        secret(s.database.url.as_ref())
    }),
    leaf("database.name", Expects::Identifier, |s| {
        Some(text(&s.database.name))
    }),
    leaf("database.max_connections", Expects::Whole(2, 100), |s| {
        Some(whole(s.database.max_connections))
    }),
    leaf("database.connect_timeout", WAIT, |s| {
        Some(span(s.database.connect_timeout))
    }),
    leaf(
        "database.statement_timeout",
        Expects::Span(ms(100), ms(HOUR)),
        |s| Some(span(s.database.statement_timeout)),
    ),
    leaf("database.batch_rows", Expects::Whole(100, 10_000), |s| {
        Some(whole(s.database.batch_rows as u64))
    }),
    leaf("database.programs", Expects::Path, |s| {
        path(s.database.programs.as_deref())
    }),
    leaf("database.run_as", Expects::Text, |s| {
        s.database.run_as.clone().map(Value::String)
    }),
    leaf("database.keep_months", Expects::Whole(0, 1_200), |s| {
        Some(whole(s.database.keep_months))
    }),
    leaf("schemas.raw", Expects::Identifier, |s| {
        Some(text(&s.schemas.raw))
    }),
    leaf("schemas.staging", Expects::Identifier, |s| {
        Some(text(&s.schemas.staging))
    }),
    leaf("schemas.curated", Expects::Identifier, |s| {
        Some(text(&s.schemas.curated))
    }),
    leaf("pipeline.enable_staging", Expects::Flag, |s| {
        Some(Value::Boolean(s.pipeline.enable_staging))
    }),
    leaf("pipeline.enable_curated", Expects::Flag, |s| {
        Some(Value::Boolean(s.pipeline.enable_curated))
    }),
    leaf("pipeline.auto_promotion", Expects::Flag, |s| {
        Some(Value::Boolean(s.pipeline.auto_promotion))
    }),
    leaf("pipeline.validation_enabled", Expects::Flag, |s| {
        Some(Value::Boolean(s.pipeline.validation_enabled))
    }),
    leaf("pipeline.quality_threshold", Expects::Share, |s| {
        Some(Value::Float(s.pipeline.quality_threshold))
    }),
    leaf("pipeline.validation_target", Expects::Share, |s| {
        Some(Value::Float(s.pipeline.validation_target))
    }),
    leaf("pipeline.completion_target", Expects::Share, |s| {
        Some(Value::Float(s.pipeline.completion_target))
    }),
    leaf("pipeline.degraded_error_rate", Expects::Share, |s| {
        Some(Value::Float(s.pipeline.degraded_error_rate))
    }),
    leaf("pipeline.max_lag", CADENCE, |s| {
        Some(span(s.pipeline.max_lag))
    }),
    leaf("pipeline.raw_batch", Expects::Whole(1, 10_000), |s| {
        Some(whole(s.pipeline.raw_batch))
    }),
    leaf("pipeline.staging_batch", Expects::Whole(1, 10_000), |s| {
        Some(whole(s.pipeline.staging_batch))
    }),
    leaf("pipeline.curated_batch", Expects::Whole(1, 10_000), |s| {
        Some(whole(s.pipeline.curated_batch))
    }),
    leaf("pipeline.zones.raw_enabled", Expects::Flag, |s| {
        Some(Value::Boolean(s.pipeline.zones.raw_enabled))
    }),
    leaf("pipeline.zones.staging_enabled", Expects::Flag, |s| {
        Some(Value::Boolean(s.pipeline.zones.staging_enabled))
    }),
    leaf("pipeline.zones.curated_enabled", Expects::Flag, |s| {
        Some(Value::Boolean(s.pipeline.zones.curated_enabled))
    }),
    leaf("spool.max_bytes", Expects::Whole(MIB, TIB), |s| {
        Some(whole(s.spool.max_bytes))
    }),
    leaf("spool.max_record_bytes", Expects::Whole(KIB, GIB), |s| {
        Some(whole(s.spool.max_record_bytes))
    }),
    leaf(
        "spool.max_age",
        Expects::Span(ms(MINUTE), ms(365 * DAY)),
        |s| Some(span(s.spool.max_age)),
    ),
    leaf("spool.min_free_bytes", Expects::Whole(0, TIB), |s| {
        Some(whole(s.spool.min_free_bytes))
    }),
    leaf("spool.when_full", Expects::OneOf(when_full), |s| {
        Some(text(match s.spool.when_full {
            WhenFull::StopPolling => "stop_polling",
            WhenFull::DropOldest => "drop_oldest",
        }))
    }),
    leaf("spool.commit_records", Expects::Whole(1, 10_000), |s| {
        Some(whole(s.spool.commit_records as u64))
    }),
    leaf("spool.commit_delay", Expects::Span(ms(0), ms(1_000)), |s| {
        Some(span(s.spool.commit_delay))
    }),
    leaf("cache.memory_bytes", Expects::Whole(0, TIB), |s| {
        Some(whole(s.cache.memory_bytes))
    }),
    leaf("cache.redis_url", Expects::RedisUrl, |s| {
        secret(s.cache.redis_url.as_ref())
    }),
    leaf(
        "cache.redis_timeout",
        Expects::Span(ms(1), ms(5_000)),
        |s| Some(span(s.cache.redis_timeout)),
    ),
    leaf("cache.prefix", Expects::Text, |s| {
        Some(text(&s.cache.prefix))
    }),
    leaf("http.connect_timeout", WAIT, |s| {
        Some(span(s.http.connect_timeout))
    }),
    leaf("http.read_timeout", WAIT, |s| {
        Some(span(s.http.read_timeout))
    }),
    leaf("http.total_timeout", WAIT, |s| {
        Some(span(s.http.total_timeout))
    }),
    leaf("http.max_body_bytes", Expects::Whole(KIB, GIB), |s| {
        Some(whole(s.http.max_body_bytes))
    }),
    leaf("http.retries", Expects::Whole(0, 10), |s| {
        Some(whole(s.http.retries))
    }),
    leaf("http.retry_base", WAIT, |s| Some(span(s.http.retry_base))),
    leaf("http.retry_max", WAIT, |s| Some(span(s.http.retry_max))),
    leaf("http.user_agent", Expects::Text, |s| {
        s.http.user_agent.clone().map(Value::String)
    }),
    leaf("sources.action_network.base_url", Expects::FeedUrl, |s| {
        Some(text(&s.sources.action_network.base_url))
    }),
    leaf("sources.action_network.every", CADENCE, |s| {
        Some(span(s.sources.action_network.every))
    }),
    leaf(
        "sources.action_network.per_minute",
        Expects::Whole(1, 600),
        |s| Some(whole(s.sources.action_network.per_minute)),
    ),
    leaf("sources.action_network.book_ids", Expects::Wholes, |s| {
        let ids = s.sources.action_network.book_ids.iter();
        Some(Value::Array(
            ids.map(|id| Value::Integer((*id).into())).collect(),
        ))
    }),
    leaf("sources.action_network.history", Expects::Flag, |s| {
        Some(Value::Boolean(s.sources.action_network.history))
    }),
    leaf("sources.action_network.history_every", CADENCE, |s| {
        Some(span(s.sources.action_network.history_every))
    }),
    leaf("sources.odds_api.base_url", Expects::FeedUrl, |s| {
        Some(text(&s.sources.odds_api.base_url))
    }),
    leaf("sources.odds_api.key", Expects::Secret, |s| {
        secret(s.sources.odds_api.key.as_ref())
    }),
    leaf("sources.odds_api.every", CADENCE, |s| {
        Some(span(s.sources.odds_api.every))
    }),
    leaf("sources.odds_api.per_minute", Expects::Whole(1, 600), |s| {
        Some(whole(s.sources.odds_api.per_minute))
    }),
    leaf("sources.odds_api.regions", Expects::Texts, |s| {
        Some(texts(s.sources.odds_api.regions.iter().map(String::as_str)))
    }),
    leaf("sources.odds_api.markets", Expects::Texts, |s| {
        Some(texts(s.sources.odds_api.markets.iter().map(String::as_str)))
    }),
    leaf(
        "sources.odds_api.keep_credits",
        Expects::Whole(0, 1_000_000_000),
        |s| Some(whole(s.sources.odds_api.keep_credits)),
    ),
    leaf(
        "sources.odds_api.reserve_credits",
        Expects::Whole(1, 1_000_000),
        |s| Some(whole(s.sources.odds_api.reserve_credits)),
    ),
    leaf("sources.odds_api.reset_day", Expects::Whole(1, 28), |s| {
        Some(whole(s.sources.odds_api.reset_day))
    }),
    leaf("sources.odds_api.games_every", CADENCE, |s| {
        Some(span(s.sources.odds_api.games_every))
    }),
    leaf("sources.odds_api.scores_every", CADENCE, |s| {
        Some(span(s.sources.odds_api.scores_every))
    }),
    leaf("sources.odds_api.scores_days", Expects::Whole(0, 3), |s| {
        Some(whole(s.sources.odds_api.scores_days))
    }),
    leaf(
        "sources.odds_api.event_markets",
        Expects::TextsOrNone,
        |s| {
            let markets = s.sources.odds_api.event_markets.iter();
            Some(texts(markets.map(String::as_str)))
        },
    ),
    leaf("sources.odds_api.event_every", CADENCE, |s| {
        Some(span(s.sources.odds_api.event_every))
    }),
    leaf("sources.odds_api.event_before", CADENCE, |s| {
        Some(span(s.sources.odds_api.event_before))
    }),
    leaf(
        "sources.odds_api.event_keep_credits",
        Expects::Whole(0, 1_000_000_000),
        |s| Some(whole(s.sources.odds_api.event_keep_credits)),
    ),
    leaf("sources.espn.base_url", Expects::FeedUrl, |s| {
        Some(text(&s.sources.espn.base_url))
    }),
    leaf("sources.espn.every", CADENCE, |s| {
        Some(span(s.sources.espn.every))
    }),
    leaf("sources.espn.per_minute", Expects::Whole(1, 600), |s| {
        Some(whole(s.sources.espn.per_minute))
    }),
    leaf("sources.mlb_stats.base_url", Expects::FeedUrl, |s| {
        Some(text(&s.sources.mlb_stats.base_url))
    }),
    leaf("sources.mlb_stats.every", CADENCE, |s| {
        Some(span(s.sources.mlb_stats.every))
    }),
    leaf(
        "sources.mlb_stats.per_minute",
        Expects::Whole(1, 600),
        |s| Some(whole(s.sources.mlb_stats.per_minute)),
    ),
    leaf("sources.sbd.base_url", Expects::FeedUrl, |s| {
        Some(text(&s.sources.sbd.base_url))
    }),
    leaf("sources.sbd.every", CADENCE, |s| {
        Some(span(s.sources.sbd.every))
    }),
    leaf("sources.sbd.per_minute", Expects::Whole(1, 600), |s| {
        Some(whole(s.sources.sbd.per_minute))
    }),
    leaf("sources.sbd.books", Expects::Texts, |s| {
        Some(texts(s.sources.sbd.books.iter().map(String::as_str)))
    }),
    leaf("sources.vsin.base_url", Expects::FeedUrl, |s| {
        Some(text(&s.sources.vsin.base_url))
    }),
    leaf("sources.vsin.every", CADENCE, |s| {
        Some(span(s.sources.vsin.every))
    }),
    leaf("sources.vsin.per_minute", Expects::Whole(1, 600), |s| {
        Some(whole(s.sources.vsin.per_minute))
    }),
    leaf("sources.vsin.books", Expects::Texts, |s| {
        Some(texts(s.sources.vsin.books.iter().map(String::as_str)))
    }),
    leaf("sources.sbr.base_url", Expects::FeedUrl, |s| {
        Some(text(&s.sources.sbr.base_url))
    }),
    leaf("sources.sbr.every", CADENCE, |s| {
        Some(span(s.sources.sbr.every))
    }),
    leaf("sources.sbr.per_minute", Expects::Whole(1, 600), |s| {
        Some(whole(s.sources.sbr.per_minute))
    }),
    leaf("sources.goalserve.base_url", Expects::FeedUrl, |s| {
        Some(text(&s.sources.goalserve.base_url))
    }),
    leaf("sources.goalserve.every", CADENCE, |s| {
        Some(span(s.sources.goalserve.every))
    }),
    leaf(
        "sources.goalserve.per_minute",
        Expects::Whole(1, 600),
        |s| Some(whole(s.sources.goalserve.per_minute)),
    ),
    leaf("sources.goalserve.key", Expects::Secret, |s| {
        secret(s.sources.goalserve.key.as_ref())
    }),
    leaf("sources.goalserve.scores_every", CADENCE, |s| {
        Some(span(s.sources.goalserve.scores_every))
    }),
    leaf("jobs.enabled", Expects::Flag, |s| {
        Some(Value::Boolean(s.jobs.enabled))
    }),
    leaf("jobs.zone", Expects::Zone, |s| {
        s.jobs.zone.map(|zone| text(zone.name()))
    }),
    leaf("jobs.update_games", Expects::Schedule, |s| {
        Some(schedule(s, Job::UpdateGames))
    }),
    leaf("jobs.refresh_cache", Expects::Schedule, |s| {
        Some(schedule(s, Job::RefreshCache))
    }),
    leaf("jobs.update_odds", Expects::Schedule, |s| {
        Some(schedule(s, Job::UpdateOdds))
    }),
    leaf("jobs.grade_signals", Expects::Schedule, |s| {
        Some(schedule(s, Job::GradeSignals))
    }),
    leaf("jobs.warm_cache", Expects::Schedule, |s| {
        Some(schedule(s, Job::WarmCache))
    }),
    leaf("jobs.catch_up", Expects::SomeOfOrNone(jobs), |s| {
        Some(texts(s.jobs.catch_up.iter().map(|j| j.as_str())))
    }),
    leaf("fair.anchors", Expects::Weights, |s| {
        Some(texts(s.fair.anchors.iter().map(String::as_str)))
    }),
    leaf("fair.method", Expects::OneOf(fair_methods), |s| {
        Some(text(&s.fair.method))
    }),
    leaf("fair.min_anchors", Expects::Whole(1, 20), |s| {
        Some(whole(s.fair.min_anchors))
    }),
    leaf("fair.anchor_max_age", CADENCE, |s| {
        Some(span(s.fair.anchor_max_age))
    }),
    leaf("fair.max_age", CADENCE, |s| Some(span(s.fair.max_age))),
    leaf("fair.commission", Expects::Shares, |s| {
        Some(texts(s.fair.commission.iter().map(String::as_str)))
    }),
    leaf("fair.take", Expects::Share, |s| {
        Some(Value::Float(s.fair.take))
    }),
    leaf("fair.min_change", Expects::Share, |s| {
        Some(Value::Float(s.fair.min_change))
    }),
    leaf("fair.middle_break_even", Expects::Share, |s| {
        Some(Value::Float(s.fair.middle_break_even))
    }),
    leaf(PRESETS, Expects::Presets, |s| {
        let presets = s.signals.presets.iter();
        Some(Value::Table(
            presets
                .map(|(name, preset)| (name.clone(), Value::Table(preset.clone())))
                .collect(),
        ))
    }),
    leaf("demo.seed", Expects::Whole(0, i64::MAX), |s| {
        Some(whole(s.demo.seed))
    }),
    leaf("demo.games", Expects::Whole(1, 200), |s| {
        Some(whole(s.demo.games))
    }),
    leaf("demo.speed", Expects::Whole(1, 600), |s| {
        Some(whole(s.demo.speed))
    }),
    leaf("demo.sources", Expects::SomeOf(sources), |s| {
        Some(texts(s.demo.sources.iter().map(|l| l.as_str())))
    }),
    leaf("demo.database", Expects::Identifier, |s| {
        Some(text(&s.demo.database))
    }),
    leaf("screen.theme", Expects::OneOf(themes), |s| {
        Some(text(match s.screen.theme {
            ThemeName::Auto => "auto",
            ThemeName::Dark => "dark",
            ThemeName::Light => "light",
            ThemeName::Contrast => "contrast",
            ThemeName::Mono => "mono",
        }))
    }),
    leaf("screen.theme_file", Expects::Path, |s| {
        path(s.screen.theme_file.as_deref())
    }),
    leaf("screen.zone", Expects::Zone, |s| {
        Some(text(s.screen.zone.name()))
    }),
    leaf("screen.mouse", Expects::Flag, |s| {
        Some(Value::Boolean(s.screen.mouse))
    }),
    leaf("screen.max_fps", Expects::Whole(1, 60), |s| {
        Some(whole(s.screen.max_fps))
    }),
    leaf("screen.keys", Expects::Chords, |s| {
        let keys = s.screen.keys.iter();
        Some(Value::Table(
            keys.map(|(action, chord)| (action.clone(), Value::String(chord.clone())))
                .collect(),
        ))
    }),
    leaf("alerts.rules", Expects::TextsOrNone, |s| {
        Some(texts(s.alerts.rules.iter().map(String::as_str)))
    }),
    leaf("alerts.bell", Expects::Flag, |s| {
        Some(Value::Boolean(s.alerts.bell))
    }),
    leaf("alerts.desktop", Expects::Flag, |s| {
        Some(Value::Boolean(s.alerts.desktop))
    }),
    leaf("alerts.quiet", Expects::Hours, |s| {
        Some(text(&s.alerts.quiet))
    }),
    leaf("alerts.cooldown", Expects::Span(ms(0), ms(DAY)), |s| {
        Some(span(s.alerts.cooldown))
    }),
    leaf("log.filter", Expects::LogFilter, |s| {
        Some(text(&s.log.filter))
    }),
    leaf("log.keep_files", Expects::Whole(1, 365), |s| {
        Some(whole(s.log.keep_files as u64))
    }),
    leaf("paths.data_dir", Expects::Path, |s| {
        path(s.paths.data_dir.as_deref())
    }),
    leaf("paths.state_dir", Expects::Path, |s| {
        path(s.paths.state_dir.as_deref())
    }),
    leaf("paths.cache_dir", Expects::Path, |s| {
        path(s.paths.cache_dir.as_deref())
    }),
];

/// A section of free names: action ids.
pub const KEYS: &str = "screen.keys";
/// A section of free names: presets of one's own.
pub const PRESETS: &str = "signals.presets";
/// The sections whose names are free.
pub const FREE: [&str; 2] = [KEYS, PRESETS];

/// The section of free names that `path` lies in, and the name.
pub fn free(path: &str) -> Option<(&'static str, &str)> {
    FREE.into_iter().find_map(|section| {
        let name = path.strip_prefix(section)?.strip_prefix('.')?;
        (!name.is_empty()).then_some((section, name))
    })
}

/// The setting that `path` names: itself, or the section of free names it lies in.
pub fn find(path: &str) -> Option<&'static Leaf> {
    let path = free(path).map_or(path, |(section, _)| section);
    LEAVES.iter().find(|leaf| leaf.path == path)
}

/// Whether `path` is a section: some setting lies below it.
pub fn is_section(path: &str) -> bool {
    sections().any(|section| section == path)
}

/// Every section, some more than once.
pub fn sections() -> impl Iterator<Item = &'static str> {
    LEAVES
        .iter()
        .flat_map(|leaf| {
            leaf.path
                .match_indices('.')
                .filter_map(|(dot, _)| leaf.path.get(..dot))
        })
        .chain(FREE)
}

/// Whether the setting's value is never shown.
pub fn is_secret(path: &str) -> bool {
    find(path).is_some_and(|leaf| leaf.expects.is_secret())
}

/// What is wrong with one entry, if anything.
pub fn check(entry: &Entry) -> Option<Problem> {
    let leaf = find(&entry.path)?;
    let hint = leaf.expects.check(&entry.value).err()?;
    let given = if leaf.expects.is_secret() {
        "is not understood".to_owned()
    } else {
        format!("is {}", entry.value)
    };
    let hint = hint.map_or_else(String::new, |hint| format!(" {hint}"));
    let expected = leaf.expects.describe();
    Some(Problem {
        origin: entry.origin.clone(),
        sentence: format!("{} {given};{hint} write {expected}", entry.path),
    })
}

/// What is wrong with values that are each fine by themselves.
pub fn check_together(settings: &Settings, provenance: &Provenance) -> Vec<Problem> {
    let problem = |at: &[&str], sentence: String| {
        // Blame what somebody wrote, not the default beside it.
        let origin = at
            .iter()
            .map(|path| provenance.of(path))
            .find(|origin| **origin != Origin::Default);
        Problem {
            origin: origin.cloned().unwrap_or(Origin::Default),
            sentence,
        }
    };
    let mut problems = Vec::new();
    let (spool, http) = (&settings.spool, &settings.http);
    if spool.max_record_bytes > spool.max_bytes {
        problems.push(problem(
            &["spool.max_record_bytes", "spool.max_bytes"],
            format!(
                "spool.max_record_bytes ({}) is more than spool.max_bytes ({}); lower the first or raise the second",
                spool.max_record_bytes, spool.max_bytes
            ),
        ));
    }
    if http.max_body_bytes > spool.max_record_bytes {
        problems.push(problem(
            &["http.max_body_bytes", "spool.max_record_bytes"],
            format!(
                "http.max_body_bytes ({}) is more than spool.max_record_bytes ({}), so a body could be fetched and not kept; lower the first or raise the second",
                http.max_body_bytes, spool.max_record_bytes
            ),
        ));
    }
    if http.retry_base > http.retry_max {
        problems.push(problem(
            &["http.retry_base", "http.retry_max"],
            "http.retry_base is longer than http.retry_max; lower the first or raise the second"
                .into(),
        ));
    }
    if settings.database.name == settings.demo.database {
        problems.push(problem(
            &["demo.database", "database.name"],
            format!(
                "demo.database and database.name are both {:?}; the demo needs a database of its own",
                settings.demo.database
            ),
        ));
    }
    problems
}

/// Leagues that can be asked for.
fn leagues() -> Vec<&'static str> {
    let real = League::ALL.iter().filter(|l| **l != League::Other);
    real.map(|l| l.as_str()).collect()
}

fn sources() -> Vec<&'static str> {
    Source::ALL.iter().map(|s| s.as_str()).collect()
}

fn jobs() -> Vec<&'static str> {
    Job::ALL.iter().map(|j| j.as_str()).collect()
}

/// The names of `analytics::fair::Devig`, which stands above this floor; a test there compares them.
pub fn fair_methods() -> Vec<&'static str> {
    vec![
        "multiplicative",
        "additive",
        "power",
        "shin",
        "odds_ratio",
        "balanced_book",
        "goto",
        "jensen_shannon",
        "probit",
        "worst_case",
    ]
}

fn when_full() -> Vec<&'static str> {
    vec!["stop_polling", "drop_oldest"]
}

fn themes() -> Vec<&'static str> {
    vec!["auto", "dark", "light", "contrast", "mono"]
}

fn whole(number: impl Into<u64>) -> Value {
    // Every range ends at i64::MAX or below, so what was accepted is shown exactly.
    Value::Integer(i64::try_from(number.into()).unwrap_or(i64::MAX))
}

fn span(duration: Duration) -> Value {
    Value::String(duration_text::format(duration))
}

fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}

fn schedule(settings: &Settings, job: Job) -> Value {
    text(settings.jobs.schedule(job).map_or("", Schedule::as_str))
}

fn texts<'a>(items: impl Iterator<Item = &'a str>) -> Value {
    Value::Array(items.map(|item| Value::String(item.to_owned())).collect())
}

fn path(path: Option<&Path>) -> Option<Value> {
    path.map(|path| Value::String(path.display().to_string()))
}

fn secret(secret: Option<&SecretString>) -> Option<Value> {
    secret.map(|_| Value::String("<set>".into()))
}
