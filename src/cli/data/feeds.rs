//! How each feed does, how its format drifted, and what is missing of yesterday.

use chrono::{Days, NaiveDate, TimeDelta, Utc};
use serde::Serialize;

use crate::analytics::health::{Grade, Pattern};
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::open::{Opened, failed};
use crate::cli::output::Data;
use crate::domain::clean::clean;
use crate::domain::time::slate_date;
use crate::store;
use crate::store::drift::DriftRow;
use crate::store::health::SourceStatus;
use crate::store::slates::Lack;

/// Changes of format told.
const CHANGES: i64 = 20;
/// How far back they are told.
const CHANGES_REACH: TimeDelta = TimeDelta::days(7);

/// What `data status` tells of the feeds.
#[derive(Debug)]
pub(super) struct Feeds {
    sources: Vec<SourceStatus>,
    drift: Vec<DriftRow>,
    lacks: Vec<Lack>,
    yesterday: NaiveDate,
}

#[derive(Serialize)]
struct SourceRow<'a> {
    r#type: &'static str,
    grade: Option<&'static str>,
    #[serde(flatten)]
    source: &'a SourceStatus,
}

#[derive(Serialize)]
struct DriftJson<'a> {
    r#type: &'static str,
    #[serde(flatten)]
    drift: &'a DriftRow,
}

#[derive(Serialize)]
struct LackJson<'a> {
    r#type: &'static str,
    date: NaiveDate,
    #[serde(flatten)]
    lack: &'a Lack,
}

/// Read it. The demo's clock is where its tape ended.
pub(super) async fn read(
    opened: &Opened,
    context: &Context,
    demo: bool,
) -> Result<Feeds, CliError> {
    let pool = &opened.pool;
    let mut now = Utc::now();
    if demo {
        let mut connection = pool.acquire().await.map_err(failed)?;
        let latest = store::metrics::latest_observation(&mut connection).await;
        now = latest.map_err(failed)?.unwrap_or(now);
    }
    let collect = &context.settings.collect;
    let today = slate_date(now);
    let yesterday = today.checked_sub_days(Days::new(1)).unwrap_or(today);
    Ok(Feeds {
        sources: store::health::at(pool, now).await.map_err(failed)?,
        drift: store::drift::recent(pool, now - CHANGES_REACH, CHANGES)
            .await
            .map_err(failed)?,
        lacks: store::slates::lacks(pool, yesterday, &collect.leagues, &collect.sources)
            .await
            .map_err(failed)?,
        yesterday,
    })
}

impl Feeds {
    /// Print it.
    pub(super) fn print(&self, context: &Context, data: &mut Data) -> Result<(), CliError> {
        for source in &self.sources {
            if context.output.json {
                data.json(&SourceRow {
                    r#type: "source",
                    grade: grade(source).map(Grade::as_str),
                    source,
                })?;
            } else {
                data.line(&line(source))?;
                for sentence in sentences(source) {
                    data.line(&format!("    {sentence}"))?;
                }
            }
        }
        for drift in &self.drift {
            if context.output.json {
                data.json(&DriftJson {
                    r#type: "drift",
                    drift,
                })?;
            } else {
                data.line(&changed(drift))?;
            }
        }
        for lack in &self.lacks {
            if context.output.json {
                data.json(&LackJson {
                    r#type: "missing",
                    date: self.yesterday,
                    lack,
                })?;
            } else {
                data.line(&format!("warning: {}", missing(lack, self.yesterday)))?;
            }
        }
        Ok(())
    }
}

fn grade(source: &SourceStatus) -> Option<Grade> {
    let confidence = source.confidence?;
    Some(Grade::of(confidence, !source.patterns.is_empty()))
}

/// `espn  healthy  confidence 0.97  breaker closed  last answer 12 s ago of every 60 s …`.
fn line(source: &SourceStatus) -> String {
    let word = match (source.health.as_str(), grade(source)) {
        ("off", _) => "off",
        (_, Some(grade)) => grade.as_str(),
        (_, None) => "not asked",
    };
    let confidence = source
        .confidence
        .map_or_else(|| "–".to_owned(), |c| format!("{c:.2}"));
    let last = source
        .stale_s
        .map_or_else(|| "never".to_owned(), |s| format!("{} ago", span(s)));
    let share = if source.looks > 0 {
        format!(", {} of {} looks answered", source.answered, source.looks)
    } else {
        String::new()
    };
    let times = match (source.p50_ms, source.p95_ms) {
        (Some(p50), Some(p95)) => format!(", {p50} ms median, {p95} ms p95"),
        _ => String::new(),
    };
    let rows = match (source.latest_rows, source.usual_rows) {
        (Some(latest), Some(usual)) => format!(", {latest:.0} rows of {usual:.0} usual"),
        _ => String::new(),
    };
    format!(
        "{:<14} {word:<9} confidence {confidence:>4}, breaker {}, last answer {last} (asked every {}){share}{times}{rows}",
        source.source,
        source.breaker.replace('_', "-"),
        span(f64::from(source.every_s)),
    )
}

/// What is wrong with it, and what to do.
fn sentences(source: &SourceStatus) -> Vec<String> {
    let patterns = source.patterns.iter().filter_map(|name| {
        let pattern: Pattern = name.parse().ok()?;
        Some(format!(
            "{}: {}",
            pattern.as_str().replace('_', " "),
            pattern.sentence()
        ))
    });
    let reason = source.reason.iter().map(|reason| clean(reason, 300));
    patterns.chain(reason).collect()
}

fn changed(drift: &DriftRow) -> String {
    let what = match drift.change.as_str() {
        "missing" => "is gone; it was",
        "new" => "is new:",
        _ => "is another type:",
    };
    let league = if drift.league.is_empty() {
        String::new()
    } else {
        format!(" ({})", drift.league)
    };
    format!(
        "drift: {}{league}: {} {what} {}, since {}",
        drift.stream,
        drift.path,
        drift.detail,
        drift.observed_at.format("%Y-%m-%d %H:%M UTC"),
    )
}

fn missing(lack: &Lack, date: NaiveDate) -> String {
    let named = if lack.named.is_empty() {
        String::new()
    } else {
        let more = usize::try_from(lack.games).unwrap_or(0) > lack.named.len();
        format!(
            " ({}{})",
            lack.named.join(", "),
            if more { ", …" } else { "" }
        )
    };
    let league = &lack.league;
    let games = if lack.games == 1 { "game" } else { "games" };
    match lack.lack.as_str() {
        "results" => format!(
            "{league}: {} {games} of yesterday, {date}, without a result{named}; `linetape backfill --league {league} --from {date} --to {date}` asks again",
            lack.games
        ),
        "games" => {
            let source = lack.source.as_deref().unwrap_or("a feed");
            format!(
                "{league}: {source} brought none of the {} {games} of yesterday, {date}, that another feed has{named}; `linetape backfill --source {source} --league {league} --from {date} --to {date}` asks for them",
                lack.games
            )
        }
        _ => format!(
            "{league}: nothing is stored of yesterday, {date}, for nobody asked; `linetape backfill --league {league} --from {date} --to {date}` asks now"
        ),
    }
}

/// Seconds, minutes, hours or days, whichever is short.
fn span(seconds: f64) -> String {
    let seconds = seconds.max(0.0);
    if seconds < 120.0 {
        format!("{seconds:.0} s")
    } else if seconds < 7_200.0 {
        format!("{:.0} min", seconds / 60.0)
    } else if seconds < 172_800.0 {
        format!("{:.0} h", seconds / 3_600.0)
    } else {
        format!("{:.0} d", seconds / 86_400.0)
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn source() -> SourceStatus {
        SourceStatus {
            source: "odds_api".into(),
            health: "down".into(),
            breaker: "half_open".into(),
            every_s: 300,
            looks: 20,
            answered: 17,
            failures_in_a_row: 3,
            last_success: Some(DateTime::UNIX_EPOCH),
            stale_s: Some(900.4),
            p50_ms: Some(210),
            p95_ms: Some(800),
            usual_rows: Some(40.2),
            latest_rows: Some(39.0),
            patterns: vec!["timeout".into()],
            confidence: Some(0.0),
            reason: Some("no answer\u{1b}[31m".into()),
        }
    }

    #[test]
    fn a_feed_is_one_line_and_what_is_wrong_with_it() {
        assert_eq!(
            line(&source()),
            "odds_api       critical  confidence 0.00, breaker half-open, last answer 15 min ago (asked every 5 min), 17 of 20 looks answered, 210 ms median, 800 ms p95, 39 rows of 40 usual"
        );
        let said = sentences(&source());
        assert_eq!(said.len(), 2);
        assert!(
            said[0].starts_with("timeout: answers do not come"),
            "{said:?}"
        );
        assert!(!said[1].contains('\u{1b}'));
        let silent = SourceStatus {
            health: "healthy".into(),
            looks: 0,
            confidence: None,
            stale_s: None,
            patterns: Vec::new(),
            ..source()
        };
        assert!(line(&silent).contains("not asked confidence    –"));
        assert!(line(&silent).contains("last answer never"));
    }

    #[test]
    fn what_is_missing_names_the_command_that_asks_for_it() {
        let date = NaiveDate::from_ymd_opt(2025, 7, 11).unwrap();
        let lack = |lack: &str, games| Lack {
            league: "mlb".into(),
            lack: lack.into(),
            source: (lack == "games").then(|| "espn".into()),
            games,
            named: vec!["MIA @ BAL".into()],
        };
        assert_eq!(
            missing(&lack("results", 1), date),
            "mlb: 1 game of yesterday, 2025-07-11, without a result (MIA @ BAL); `linetape backfill --league mlb --from 2025-07-11 --to 2025-07-11` asks again"
        );
        let said = missing(&lack("games", 4), date);
        assert!(
            said.contains("espn brought none of the 4 games") && said.contains("MIA @ BAL, …"),
            "{said}"
        );
        assert!(missing(&lack("looks", 0), date).contains("nobody asked"));
    }
}
