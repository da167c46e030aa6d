//! A hand-built slate: six games, eight books and a consensus, with every state a board can be in. Deterministic.

mod fair;
mod jobs;
mod prices;
mod signals;
mod slate;
mod tape;

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::*;
use crate::analytics::health::{Assessment, Pattern};
use crate::domain::league::League;
use crate::domain::source::{Source, Stream};
use crate::engine::event::Severity;
pub use prices::odds;
pub use tape::tape_entry;

/// The moment of the slate: Saturday, 19:42:07 Eastern.
pub fn now() -> DateTime<Utc> {
    "2025-07-12T23:42:07Z".parse().unwrap_or_default()
}

/// The slate as a snapshot.
pub fn snapshot() -> Snapshot {
    let mut specs = slate::specs();
    specs.sort_by_key(|spec| (slate::start(spec.start), spec.id));
    let games: Vec<Arc<GameView>> = specs
        .iter()
        .map(|spec| Arc::new(prices::game(spec)))
        .collect();
    let extractions = games
        .iter()
        .enumerate()
        .map(|(index, game)| ExtractionView {
            game_id: game.id,
            game: format!("{} @ {}", game.away.abbr, game.home.abbr).into(),
            stream: if index % 3 == 2 {
                Stream::AnHistory
            } else {
                Stream::AnScoreboard
            },
            last_extracted_at: now() - TimeDelta::seconds(9 + index as i64 * 15),
            watermark: Some(now() - TimeDelta::seconds(20 + index as i64 * 40)),
            extractions: 212 - index as i64,
            lines: 1_840 + index as i64 * 97,
            last_lines: if index == 1 { 14 } else { index as i64 % 3 },
            status: match index {
                3 => ExtractionStatus::Partial,
                4 => ExtractionStatus::Failed,
                _ => ExtractionStatus::Success,
            },
            error: match index {
                3 => Some("2 prices of an unknown market".into()),
                4 => Some("the body ends in the middle of an object".into()),
                _ => None,
            },
        })
        .collect();
    let log = |seconds: i64, severity, target: &str, message: &str| LogLine {
        at: now() - TimeDelta::seconds(seconds),
        severity,
        target: target.into(),
        message: message.into(),
    };
    let step = |name, words: &str| StartupStep {
        name,
        state: StepState::Done(words.into()),
    };
    Snapshot {
        version: 1,
        now: now(),
        mode: Mode::Demo { seed: 7, speed: 1 },
        startup: Arc::new(vec![
            step("Postgres", "15.18 embedded, 0.9 s"),
            step("migrations", "14 applied"),
            step("spool", "empty"),
            step("first data", "6 games"),
        ]),
        collecting: Collecting::On,
        tape: Arc::new(tape::tape(&games)),
        signals: Arc::new(signals::signals(&games)),
        fair: Arc::new(fair::fair(&games)),
        games: Arc::new(games),
        redirects: Arc::default(),
        extractions: Arc::new(extractions),
        persistence: Arc::new(PersistenceView {
            database: DatabaseState::Up,
            server: "PostgreSQL 15.18 embedded".into(),
            database_bytes: Some(1_214_000_000),
            spool_depth: 0,
            spool_bytes: 0,
            spool_oldest_s: None,
            spool_dropped: 0,
            quarantined: 0,
            payloads: 4_211,
            changes: 188_402,
            observations: 2_904_118,
            rejects: 31,
            rate: (0..60).map(|n| 300 + (n * 37 % 23) * 30).collect(),
            batch_ms: (0..60_u16).map(|n| 4.0 + f32::from(n * 7 % 11)).collect(),
            batch_p95_ms: Some(13.4),
            last_batch_rows: 1_000,
            lag_ms: Some(12.0),
            errors: 0,
            last_error: None,
        }),
        cache: Arc::new(CacheView {
            memory: TierView {
                hits: 90_411,
                misses: 2_420,
                errors: 0,
                entries: Some(1_204),
            },
            redis: None,
            redis_state: "not configured".into(),
            families: vec![
                FamilyView {
                    name: "history",
                    memory_hits: 61_002,
                    redis_hits: 0,
                    misses: 2_000,
                },
                FamilyView {
                    name: "game",
                    memory_hits: 29_409,
                    redis_hits: 0,
                    misses: 420,
                },
            ],
            rate: (0..60_u8)
                .map(|n| (n % 9 != 0).then(|| 0.9 + f32::from(n % 7) * 0.015))
                .collect(),
        }),
        sources: Arc::new(vec![
            SourceView {
                source: Source::ActionNetwork,
                health: SourceHealth::Healthy,
                every_s: 15,
                last_success: Some(now() - TimeDelta::seconds(2)),
                next_at: Some(now() + TimeDelta::seconds(13)),
                fetched: 1_204,
                failed: 3,
                staged: 40_000,
                changes: 171_020,
                rejects: 31,
                last_ms: Some(184),
                quota_remaining: None,
                quota_gone_at: None,
                quota_used: None,
                reason: None,
                breaker: Breaker::Closed,
                assessed: Assessment {
                    looks: 200,
                    answered: 199,
                    last_success: Some(now() - TimeDelta::seconds(2)),
                    p50_ms: Some(171),
                    p95_ms: Some(402),
                    rows: Some(1_480.0),
                    rows_usual: Some(1_466.0),
                    confidence: Some(1.0),
                    ..Assessment::default()
                },
                assessed_at: Some(now()),
                drift: Some(
                    "the format of action_network/scoreboard changed: games[].venue new; `linetape data status` lists it, the payload is kept".into(),
                ),
            },
            SourceView {
                source: Source::OddsApi,
                health: SourceHealth::Degraded,
                every_s: 300,
                last_success: Some(now() - TimeDelta::seconds(341)),
                next_at: Some(now() + TimeDelta::seconds(41)),
                fetched: 41,
                failed: 6,
                staged: 40_000,
                changes: 17_382,
                rejects: 0,
                last_ms: Some(1_420),
                quota_remaining: Some(312),
                quota_gone_at: Some(now() + TimeDelta::hours(50)),
                quota_used: Some(188),
                reason: Some(
                    "the last answer was 429; asking again after its Retry-After of 60 s".into(),
                ),
                breaker: Breaker::Open,
                assessed: Assessment {
                    looks: 47,
                    answered: 41,
                    failures_in_a_row: 3,
                    last_success: Some(now() - TimeDelta::seconds(341)),
                    p50_ms: Some(611),
                    p95_ms: Some(1_420),
                    patterns: vec![Pattern::RateLimited],
                    confidence: Some(0.0),
                    ..Assessment::default()
                },
                assessed_at: Some(now()),
                drift: None,
            },
        ]),
        errands: Arc::new(vec![ErrandView {
            id: 3,
            kind: ErrandKind::Backfill,
            what: "mlb 2025-07-01 to 2025-07-11".into(),
            note: "61 games".into(),
            before: 0,
            done: 4,
            failed: 0,
            total: Some(11),
            started_at: now() - TimeDelta::seconds(110),
            stepped_at: Some(now() - TimeDelta::seconds(2)),
            cancellable: true,
            stopping: false,
        }]),
        backfills: Arc::new(vec![BackfillView {
            id: 3,
            source: Source::ActionNetwork,
            league: League::Mlb,
            from: NaiveDate::from_ymd_opt(2025, 7, 1).unwrap_or_default(),
            to: NaiveDate::from_ymd_opt(2025, 7, 11).unwrap_or_default(),
            days: 11,
            days_done: 4,
            games: 61,
            changes: 48_210,
            errors: 1,
            eta_s: Some(190),
            state: BackfillState::Running,
        }]),
        jobs: Arc::new(jobs::jobs()),
        logs: Arc::new(vec![
            log(
                4,
                Severity::Warning,
                "sources",
                "odds_api answered 429; next try in 60 s",
            ),
            log(
                61,
                Severity::Info,
                "engine",
                "game 2 of LAD @ SF joined across feeds",
            ),
            log(
                190,
                Severity::Error,
                "sources",
                "the body of CHC @ MIL ended in the middle of an object; it is kept raw",
            ),
            log(
                300,
                Severity::Info,
                "store",
                "14 migrations applied in 0.4 s",
            ),
        ]),
        logs_dropped: 0,
    }
}
