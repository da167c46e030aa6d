//! What a headless run prints: progress lines, and a summary as the last one.
//!
//! Pure functions of a snapshot; [`follow`] prints them as time goes on.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;
use tokio::sync::watch;
use tokio::time::MissedTickBehavior;

use super::error::CliError;
use super::output::{Output, SCHEMA_VERSION};
use crate::engine::snapshot::{Collecting, DatabaseState, Mode, Snapshot, SourceView};

/// What was done, of one source or of all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Responses received.
    pub fetched: u64,
    /// Prices staged, repeats included.
    pub staged: u64,
    /// Prices that changed.
    pub changes: u64,
    /// What decoders did not understand.
    pub rejects: u64,
    /// Requests that failed.
    pub errors: u64,
}

impl Counts {
    fn of(source: &SourceView) -> Self {
        Self {
            fetched: source.fetched,
            staged: source.staged,
            changes: source.changes,
            rejects: source.rejects,
            errors: source.failed,
        }
    }

    fn add(self, other: Self) -> Self {
        Self {
            fetched: self.fetched + other.fetched,
            staged: self.staged + other.staged,
            changes: self.changes + other.changes,
            rejects: self.rejects + other.rejects,
            errors: self.errors + other.errors,
        }
    }
}

/// How things stand.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// `progress`, or `summary` for the last.
    pub r#type: &'static str,
    /// Version of these field names.
    pub schema_version: u32,
    /// The engine's clock; in a demo that is simulated time.
    pub at: DateTime<Utc>,
    /// `live` or `demo`.
    pub mode: &'static str,
    /// Games known.
    pub games: usize,
    /// What was done, of all sources; failed writes are among the errors.
    #[serde(flatten)]
    pub counts: Counts,
    /// Payloads waiting in the spool.
    pub spool_depth: u64,
    /// `starting`, `up` or `down`.
    pub database: &'static str,
    /// Why the database is not up, or why polling stopped.
    pub reason: Option<String>,
    /// By source; in a summary only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sources: Option<BTreeMap<&'static str, Counts>>,
    /// Real seconds the run took; in a summary only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub elapsed_s: Option<f64>,
}

/// How things stand now.
pub fn progress(snapshot: &Snapshot) -> Report {
    let persistence = &snapshot.persistence;
    let all = snapshot.sources.iter().map(Counts::of);
    let mut counts = all.fold(Counts::default(), Counts::add);
    counts.errors += persistence.errors;
    let (database, down) = match &persistence.database {
        DatabaseState::Starting(_) => ("starting", None),
        DatabaseState::Up => ("up", None),
        DatabaseState::Down { reason, .. } => ("down", Some(reason.clone())),
        DatabaseState::Unusable(reason) => ("unusable", Some(reason.clone())),
    };
    let stopped = match &snapshot.collecting {
        Collecting::Stopped(reason) => Some(reason.clone()),
        Collecting::On | Collecting::Paused => None,
    };
    Report {
        r#type: "progress",
        schema_version: SCHEMA_VERSION,
        at: snapshot.now,
        mode: match snapshot.mode {
            Mode::Live => "live",
            Mode::Watch => "watch",
            Mode::Replay => "replay",
            Mode::Demo { .. } => "demo",
        },
        games: snapshot.games.len(),
        counts,
        spool_depth: persistence.spool_depth,
        database,
        reason: down.or(stopped),
        sources: None,
        elapsed_s: None,
    }
}

/// How it all went, `elapsed` after the start.
pub fn summary(snapshot: &Snapshot, elapsed: Duration) -> Report {
    let sources = snapshot.sources.iter();
    Report {
        r#type: "summary",
        sources: Some(
            sources
                .map(|s| (s.source.as_str(), Counts::of(s)))
                .collect(),
        ),
        elapsed_s: Some((elapsed.as_secs_f64() * 1e3).round() / 1e3),
        ..progress(snapshot)
    }
}

impl Report {
    /// For a person: one line, and one a source after a summary.
    pub fn lines(&self) -> Vec<String> {
        let at = self.at.to_rfc3339_opts(SecondsFormat::Secs, true);
        let (kind, games) = (self.r#type, self.games);
        let reason = self
            .reason
            .as_ref()
            .map_or_else(String::new, |r| format!(" ({r})"));
        let elapsed = self
            .elapsed_s
            .map_or_else(String::new, |s| format!(" in {s:.1} s"));
        let mut lines = vec![format!(
            "{at} {kind} {} {games} games{elapsed}: {}; spool {}, database {}{reason}",
            self.mode,
            words(&self.counts),
            self.spool_depth,
            self.database
        )];
        for (source, counts) in self.sources.iter().flatten() {
            lines.push(format!("  {source}: {}", words(counts)));
        }
        lines
    }

    /// Print it, and let it out at once: somebody may be reading a pipe.
    pub fn print(&self, output: &Output) -> Result<(), CliError> {
        let mut data = output.data();
        if output.json {
            data.json(self)?;
        } else {
            for line in self.lines() {
                data.line(&line)?;
            }
        }
        data.finish()
    }
}

fn words(counts: &Counts) -> String {
    let Counts {
        fetched,
        staged,
        changes,
        rejects,
        errors,
    } = counts;
    format!(
        "{fetched} fetched, {staged} staged, {changes} changes, {rejects} rejects, {errors} errors"
    )
}

/// Print a progress line every `every`, when something was published since the last one, until the engine ends.
///
/// Dropping the future is safe at any point. Fails when standard output does.
pub async fn follow(
    mut snapshots: watch::Receiver<Arc<Snapshot>>,
    every: Duration,
    output: &Output,
) -> Result<(), CliError> {
    let mut ticks = tokio::time::interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        ticks.tick().await;
        let report = progress(&snapshots.borrow_and_update());
        report.print(output)?;
        if snapshots.changed().await.is_err() {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analytics::health::Assessment;
    use crate::domain::source::Source;
    use crate::engine::snapshot::{Breaker, CacheView, PersistenceView, SourceHealth};

    fn source(source: Source, fetched: u64, failed: u64) -> SourceView {
        SourceView {
            source,
            health: SourceHealth::Healthy,
            every_s: 15,
            last_success: None,
            next_at: None,
            fetched,
            failed,
            staged: 100,
            changes: 7,
            rejects: 1,
            last_ms: None,
            quota_remaining: None,
            quota_gone_at: None,
            quota_used: None,
            reason: None,
            breaker: Breaker::Closed,
            assessed: Assessment::default(),
            assessed_at: None,
            drift: None,
        }
    }

    fn snapshot() -> Snapshot {
        Snapshot {
            version: 3,
            now: "2025-07-12T23:05:00Z".parse().unwrap(),
            mode: Mode::Demo { seed: 7, speed: 60 },
            startup: Arc::default(),
            collecting: Collecting::On,
            games: Arc::default(),
            redirects: Arc::default(),
            tape: Arc::default(),
            extractions: Arc::default(),
            persistence: Arc::new(PersistenceView {
                database: DatabaseState::Down {
                    reason: "nobody answers; linetape tries again".into(),
                    retry_in_s: 3,
                },
                server: String::new(),
                database_bytes: None,
                spool_depth: 4,
                spool_bytes: 0,
                spool_oldest_s: None,
                spool_dropped: 0,
                quarantined: 0,
                payloads: 0,
                changes: 0,
                observations: 0,
                rejects: 0,
                rate: Vec::new(),
                batch_ms: Vec::new(),
                batch_p95_ms: None,
                last_batch_rows: 0,
                lag_ms: None,
                errors: 2,
                last_error: None,
            }),
            cache: Arc::new(CacheView::default()),
            sources: Arc::new(vec![
                source(Source::ActionNetwork, 5, 1),
                source(Source::OddsApi, 2, 0),
            ]),
            signals: Arc::default(),
            fair: Arc::default(),
            errands: Arc::default(),
            backfills: Arc::default(),
            jobs: Arc::default(),
            logs: Arc::default(),
            logs_dropped: 0,
        }
    }

    #[test]
    fn a_progress_line_has_stable_fields() {
        let json = serde_json::to_value(progress(&snapshot())).unwrap();
        assert_eq!(
            json,
            serde_json::json!({
                "type": "progress", "schema_version": 1, "at": "2025-07-12T23:05:00Z", "mode": "demo", "games": 0,
                "fetched": 7, "staged": 200, "changes": 14, "rejects": 2, "errors": 3, "spool_depth": 4,
                "database": "down", "reason": "nobody answers; linetape tries again",
            })
        );
    }

    #[test]
    fn a_summary_tells_each_source() {
        let report = summary(&snapshot(), Duration::from_millis(20_004));
        let json = serde_json::to_value(&report).unwrap();
        assert_eq!(json.get("type"), Some(&"summary".into()));
        assert_eq!(json.get("elapsed_s"), Some(&20.004.into()));
        assert_eq!(
            json.pointer("/sources/action_network"),
            Some(
                &serde_json::json!({"fetched": 5, "staged": 100, "changes": 7, "rejects": 1, "errors": 1})
            )
        );
        assert_eq!(
            report.lines(),
            [
                "2025-07-12T23:05:00Z summary demo 0 games in 20.0 s: 7 fetched, 200 staged, 14 changes, 2 rejects, \
                 3 errors; spool 4, database down (nobody answers; linetape tries again)",
                "  action_network: 5 fetched, 100 staged, 7 changes, 1 rejects, 1 errors",
                "  odds_api: 2 fetched, 100 staged, 7 changes, 1 rejects, 0 errors",
            ]
        );
    }
}
