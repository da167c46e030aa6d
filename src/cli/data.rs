//! `linetape data status|quality`: how much comes through each zone, how each feed does, and how good it is.

mod feeds;
mod unmatched;

use clap::Subcommand;
use serde::Serialize;

use self::feeds::Feeds;
use self::unmatched::Doubts;
use super::context::Context;
use super::error::CliError;
use super::open::{self, Opened, failed};
use crate::config::settings::Pipeline;
use crate::domain::clean::clean;
use crate::engine::pipeline::zone::{Zone, interface};
use crate::store::quality::{self, Quality, Reason};

/// Reasons told.
const REASONS: i64 = 10;

/// Arguments.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// What to show
    #[command(subcommand)]
    pub action: Action,
}

/// What to show.
#[derive(Debug, Clone, Subcommand)]
pub enum Action {
    /// What share passes validation and comes through, how each feed does, and what is missing of yesterday
    Status(Which),
    /// Completeness, accuracy and consistency by feed, why records were kept out, and games no other feed matched
    Quality(Which),
}

/// Where to look.
#[derive(Debug, Clone, clap::Args)]
pub struct Which {
    /// Only this zone: raw, staging or curated
    #[arg(long)]
    pub zone: Option<Zone>,
    /// The demo's database
    #[arg(long)]
    pub demo: bool,
}

/// One feed in one zone, as `--json` prints it.
#[derive(Serialize)]
struct Row<'a> {
    r#type: &'static str,
    zone: Zone,
    validation_target: f64,
    completion_target: f64,
    on_target: bool,
    #[serde(flatten)]
    quality: &'a Quality,
}

/// One reason, as `--json` prints it.
#[derive(Serialize)]
struct Why<'a> {
    r#type: &'static str,
    #[serde(flatten)]
    reason: &'a Reason,
}

/// Show it.
pub async fn run(args: Args, context: &Context) -> Result<(), CliError> {
    let (which, by_feed) = match args.action {
        Action::Status(which) => (which, false),
        Action::Quality(which) => (which, true),
    };
    let settings = &context.settings.pipeline;
    let opened = open::database(context, which.demo, false).await?;
    let found = read(&opened, which.zone, by_feed, settings).await;
    // One zone is asked for by itself.
    let told = if !by_feed && which.zone.is_none() && found.is_ok() {
        feeds::read(&opened, context, which.demo).await.map(Some)
    } else {
        Ok(None)
    };
    let doubts = if by_feed && which.zone.is_none() && found.is_ok() {
        unmatched::read(&opened, which.demo).await.map(Some)
    } else {
        Ok(None)
    };
    opened.leave().await;
    let (zones, reasons) = found?;
    let told = (told?, doubts?);
    print(context, &zones, &reasons, &told, by_feed)
}

type Found = (Vec<(Zone, Vec<Quality>)>, Vec<Reason>);

async fn read(
    opened: &Opened,
    zone: Option<Zone>,
    by_feed: bool,
    settings: &Pipeline,
) -> Result<Found, CliError> {
    opened.migrate().await?;
    let pool = &opened.pool;
    let mut zones = Vec::new();
    for each in Zone::ALL {
        if zone.is_some_and(|only| only != each) {
            continue;
        }
        let mut rows = interface::score(each, pool, settings)
            .await
            .map_err(failed)?;
        rows.retain(|row| by_feed || row.source.is_none());
        zones.push((each, rows));
    }
    let kept_out = by_feed && zone != Some(Zone::Curated);
    let reasons = if kept_out {
        quality::reasons(pool, REASONS).await.map_err(failed)?
    } else {
        Vec::new()
    };
    Ok((zones, reasons))
}

/// Whether both rates reach their targets; nothing to rate is no failure.
fn on_target(row: &Quality, settings: &Pipeline) -> bool {
    row.validation_rate
        .is_none_or(|rate| rate >= settings.validation_target)
        && row
            .completion_rate
            .is_none_or(|rate| rate >= settings.completion_target)
}

fn print(
    context: &Context,
    zones: &[(Zone, Vec<Quality>)],
    reasons: &[Reason],
    (feeds, doubts): &(Option<Feeds>, Option<Doubts>),
    by_feed: bool,
) -> Result<(), CliError> {
    let settings = &context.settings.pipeline;
    let mut data = context.output.data();
    for (zone, rows) in zones {
        for quality in rows {
            if context.output.json {
                data.json(&Row {
                    r#type: if by_feed { "quality" } else { "status" },
                    zone: *zone,
                    validation_target: settings.validation_target,
                    completion_target: settings.completion_target,
                    on_target: on_target(quality, settings),
                    quality,
                })?;
            } else {
                data.line(&sentence(*zone, quality, by_feed, settings))?;
            }
        }
    }
    for reason in reasons {
        if context.output.json {
            data.json(&Why {
                r#type: "kept_out",
                reason,
            })?;
        } else {
            let text = clean(&reason.reason, 120);
            data.line(&format!("{:>8} × {} {text}", reason.count, reason.kind))?;
        }
    }
    if let Some(feeds) = feeds {
        feeds.print(context, &mut data)?;
    }
    if let Some(doubts) = doubts {
        doubts.print(context.output.json, &mut data)?;
    }
    data.finish()
}

fn sentence(zone: Zone, row: &Quality, by_feed: bool, settings: &Pipeline) -> String {
    let share = |rate: Option<f64>| rate.map_or_else(|| "–".to_owned(), percent);
    let score = |score: Option<f64>| score.map_or_else(|| "–".to_owned(), |s| format!("{s:.3}"));
    let records = match zone {
        Zone::Raw => "fetches",
        Zone::Staging => "rows",
        Zone::Curated => "series",
    };
    let rates = format!(
        "{:<8} {:>10} {records:<8} validated {:>7} (target {}), completed {:>7} (target {}){}",
        zone.as_str(),
        row.records,
        share(row.validation_rate),
        percent(settings.validation_target),
        share(row.completion_rate),
        percent(settings.completion_target),
        if on_target(row, settings) {
            ""
        } else {
            "  below target"
        }
    );
    if !by_feed {
        return rates;
    }
    format!(
        "{rates}  {}: completeness {}, accuracy {}, consistency {}, score {}, lowest {}, {} {}",
        row.source.as_deref().unwrap_or("all feeds"),
        score(row.completeness),
        score(row.accuracy),
        score(row.consistency),
        score(row.score),
        score(row.lowest),
        row.rejected,
        if zone == Zone::Curated {
            format!("below {}", settings.quality_threshold)
        } else {
            "kept out".to_owned()
        }
    )
}

/// Cut, not rounded: what misses its target must not be shown as if it had reached it.
pub(super) fn percent(rate: f64) -> String {
    format!("{:.1} %", (rate * 1_000.0 + 1e-9).floor() / 10.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_below_its_target_never_looks_like_it() {
        assert_eq!(percent(0.98999), "98.9 %");
        assert_eq!(percent(0.99), "99.0 %");
        assert_eq!(percent(0.95), "95.0 %");
        assert_eq!(percent(1.0), "100.0 %");
    }
}
