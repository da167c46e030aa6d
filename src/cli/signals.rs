//! `linetape signals`: why lines move.

mod backtest;
mod recommendations;

use chrono::{DateTime, Utc};
use clap::Subcommand;
use serde::Serialize;
use serde_json::json;

use super::arguments::{self, GameName};
use super::context::Context;
use super::error::{CliError, Exit};
use super::open::{self, Opened, failed};
use crate::analytics::recommendation::Record as PresetRecord;
use crate::analytics::signal::{Kind, Preset};
use crate::domain::clean::clean;
use crate::domain::league::League;
use crate::engine::reference::Reference;
use crate::engine::signals::recommend::Records;
use crate::engine::signals::{Games, Judge, SUMMARY};
use crate::store;
use crate::store::signals::{Settled, SignalFilter, StoredSignal};

/// Arguments.
#[derive(Debug, Clone, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Args {
    /// What else than to list them.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Which signals.
    #[command(flatten)]
    pub list: List,
}

/// What else than to list them.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// Every preset: whose definition it is, and its numbers
    Presets,
    /// How each preset's signals turned out: hits with their interval, return, value against the close
    Record(Record),
    /// What the record said of signals before their games, and what came of it; no record, no recommendation
    Recommendations(Recommendations),
    /// Walk a preset forward over the stored history: bets at prices known then, settled by results, kept with the run
    Backtest(backtest::Args),
    /// Make the signals of stored games anew from their rows; what is right already stays
    Rebuild(Rebuild),
}

/// Which games.
#[derive(Debug, Clone, clap::Args)]
pub struct Rebuild {
    /// Games that start at or after this time, RFC 3339 or epoch seconds; all when none is given
    #[arg(long, value_parser = arguments::instant)]
    pub since: Option<DateTime<Utc>>,
    /// In the demo's database
    #[arg(long)]
    pub demo: bool,
}

/// Which recommendations.
#[derive(Debug, Clone, clap::Args)]
pub struct Recommendations {
    /// Those to pass too, each with its reason
    #[arg(long)]
    pub passes: bool,
    /// At most so many
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub limit: u32,
    /// In the demo's database
    #[arg(long)]
    pub demo: bool,
}

/// Which record.
#[derive(Debug, Clone, clap::Args)]
pub struct Record {
    /// In the demo's database
    #[arg(long)]
    pub demo: bool,
}

/// Which signals.
#[derive(Debug, Clone, clap::Args)]
pub struct List {
    /// Of one game: its id, or source:id (an:257653)
    pub game: Option<GameName>,
    /// Of one league
    #[arg(long)]
    pub league: Option<League>,
    /// Of one kind: steam, rlm, divergence, stale …; `signals presets` has them all
    #[arg(long)]
    pub kind: Option<Kind>,
    /// By these presets (`signals presets` lists them); without it those that fill the summary
    #[arg(long, value_delimiter = ',')]
    pub preset: Vec<String>,
    /// By every preset
    #[arg(long, conflicts_with = "preset")]
    pub all: bool,
    /// Seen at or after this time, RFC 3339 or epoch seconds
    #[arg(long, value_parser = arguments::instant)]
    pub since: Option<DateTime<Utc>>,
    /// Only what was known by this time
    #[arg(long, value_parser = arguments::instant)]
    pub known_at: Option<DateTime<Utc>>,
    /// At most so many
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub limit: u32,
    /// In the demo's database
    #[arg(long)]
    pub demo: bool,
}

/// The preset of this name: one that ships, or one of the settings.
fn preset<'a>(name: &str, context: &'a Context) -> Result<&'a Preset, CliError> {
    let presets = &context.presets;
    presets.named(name).ok_or_else(|| {
        let names: Vec<&str> = presets.all().iter().map(|p| &*p.name).collect();
        let message = format!(
            "{:?} is no preset; use one of: {}",
            clean(name, 40),
            names.join(" ")
        );
        CliError::new(Exit::Usage, message)
    })
}

/// List signals, tell of the presets, or make signals anew.
pub async fn run(args: Args, context: &Context) -> Result<(), CliError> {
    match args.command {
        None => list(&args.list, context).await,
        Some(Command::Presets) => tell_presets(context),
        Some(Command::Record(record)) => tell_record(&record, context).await,
        Some(Command::Recommendations(asked)) => recommendations::run(&asked, context).await,
        Some(Command::Backtest(backtest)) => backtest::run(&backtest, context).await,
        Some(Command::Rebuild(rebuild)) => make_anew(&rebuild, context).await,
    }
}

async fn list(args: &List, context: &Context) -> Result<(), CliError> {
    for name in &args.preset {
        preset(name, context)?;
    }
    let opened = open::database(context, args.demo, false).await?;
    let found = find(args, &opened, context).await;
    opened.leave().await;
    let (found, records) = found?;
    let mut data = context.output.data();
    for signal in &found {
        let record = records.get(&signal.record()).filter(|r| r.graded > 0);
        if context.output.json {
            data.json(&Row {
                r#type: "signal",
                signal,
                record: record.map(Standing::of),
            })?;
        } else {
            data.line(&sentence(signal, record))?;
        }
    }
    data.finish()?;
    if found.is_empty() {
        context.output.say(
            "no signal fits; --all asks every preset, and signals are made while linetape collects",
        );
    }
    Ok(())
}

async fn find(
    args: &List,
    opened: &Opened,
    context: &Context,
) -> Result<(Vec<StoredSignal>, Records), CliError> {
    let game = match &args.game {
        Some(game) => Some(opened.game(game).await?),
        None => None,
    };
    let chosen = if args.all || args.kind.is_some() && args.preset.is_empty() {
        Vec::new()
    } else if args.preset.is_empty() {
        context.presets.shown()
    } else {
        args.preset.clone()
    };
    let filter = SignalFilter {
        game,
        league: args.league,
        kind: args.kind.map(|kind| kind.as_str().to_owned()),
        presets: chosen,
        since: args.since,
        known_at: args.known_at,
        limit: i64::from(args.limit),
    };
    let mut connection = opened.pool.acquire().await.map_err(failed)?;
    let signals = store::signals::list(&mut connection, &filter)
        .await
        .map_err(failed)?;
    let records = store::recommendations::records(&mut connection)
        .await
        .map_err(failed)?;
    Ok((signals, records))
}

#[derive(Serialize)]
struct Row<'a> {
    r#type: &'static str,
    #[serde(flatten)]
    signal: &'a StoredSignal,
    /// None while no signal of the preset has a result in this league and market.
    record: Option<Standing>,
}

/// How a preset's signals turned out.
#[derive(Serialize)]
struct Standing {
    graded: u64,
    hit_rate: Option<f64>,
    hit_low: Option<f64>,
    hit_high: Option<f64>,
    roi: Option<f64>,
    average_clv: Option<f64>,
}

impl Standing {
    fn of(record: &PresetRecord) -> Self {
        let between = record.hits_between();
        Self {
            graded: record.graded,
            hit_rate: record.hit_rate(),
            hit_low: between.map(|b| b.0),
            hit_high: between.map(|b| b.1),
            roi: record.roi,
            average_clv: record.clv,
        }
    }
}

/// `record 141: 54 % hits, ROI +1.2 %`.
fn standing(record: Option<&PresetRecord>) -> String {
    let Some(record) = record else {
        return "  record: no results yet".to_owned();
    };
    let hits = record
        .hit_rate()
        .map_or_else(|| "-".to_owned(), |rate| format!("{:.0} %", rate * 100.0));
    let roi = record
        .roi
        .map_or_else(|| "-".to_owned(), |roi| format!("{:+.1} %", roi * 100.0));
    format!("  record {}: {hits} hits, ROI {roi}", record.graded)
}

fn sentence(signal: &StoredSignal, record: Option<&PresetRecord>) -> String {
    let price =
        signal
            .american
            .zip(signal.book.as_deref())
            .map_or_else(String::new, |(american, book)| {
                let line = signal
                    .line
                    .map_or_else(String::new, |line| format!("{line:+} "));
                format!("  best {line}{american:+} {}", clean(book, 24))
            });
    let standing = standing(record);
    let record = match (&signal.outcome, signal.clv) {
        (Some(outcome), Some(clv)) => format!("  {outcome}, CLV {:+.1} %", clv * 100.0),
        (Some(outcome), None) => format!("  {outcome}"),
        _ => signal
            .ungraded
            .map_or_else(String::new, |why| format!("  no grade: {why}")),
    };
    format!(
        "{}  {:<12} {:<18} {:<32} {:<9} {:<4} {:>4.0} %  {}{price}{record}{standing}",
        signal.detected_at.format("%Y-%m-%d %H:%M:%SZ"),
        signal.kind,
        signal.preset,
        clean(&signal.game, 60),
        signal.market,
        signal.period,
        signal.strength * 100.0,
        clean(&signal.reason, 400),
    )
}

fn tell_presets(context: &Context) -> Result<(), CliError> {
    let mut data = context.output.data();
    let own = context.presets.own();
    for preset in context.presets.all().iter() {
        let summary = SUMMARY.contains(&&*preset.name);
        let own = own.contains(preset);
        if context.output.json {
            data.json(&json!({
                "type": "preset", "preset": &*preset.name, "kind": preset.rule.kind(), "source": &*preset.source,
                "rule": format!("{:?}", preset.rule), "summary": summary, "own": own,
            }))?;
        } else {
            data.line(&format!(
                "{} {:<20} {:<14} {}",
                match (summary, own) {
                    (true, _) => "*",
                    (_, true) => "+",
                    _ => " ",
                },
                preset.name,
                preset.rule.kind().as_str(),
                preset.source
            ))?;
        }
    }
    data.finish()?;
    context.output.say(
        "* fills the summary's columns and the screen, + is your own and on the screen; `--preset NAME` or `--all` lists the others",
    );
    Ok(())
}

async fn tell_record(args: &Record, context: &Context) -> Result<(), CliError> {
    let opened = open::database(context, args.demo, false).await?;
    let found = records(&opened).await;
    opened.leave().await;
    let found = found?;
    let mut data = context.output.data();
    for record in &found {
        if context.output.json {
            data.json(&RecordRow {
                r#type: "record",
                record,
            })?;
            continue;
        }
        let percent = |share: Option<f64>| {
            share.map_or_else(|| "-".to_owned(), |s| format!("{:.1}", s * 100.0))
        };
        let signed = |share: Option<f64>| {
            share.map_or_else(|| "-".to_owned(), |s| format!("{:+.1}", s * 100.0))
        };
        data.line(&format!(
            "{:<20} {:<6} {:<9} {:<6} n {:>5}  hits {:>5} % ({} to {})  ROI {:>6} %  CLV {:>5} % of {}",
            record.preset,
            record.league,
            record.market,
            record.strength_band,
            record.graded,
            percent(record.hit_rate),
            percent(record.hit_low),
            percent(record.hit_high),
            signed(record.roi),
            signed(record.average_clv),
            record.clv_count,
        ))?;
    }
    data.finish()?;
    if found.is_empty() {
        context
            .output
            .say("no results, no record: `linetape jobs run grade_signals` grades signals once games are over");
    }
    Ok(())
}

async fn records(opened: &Opened) -> Result<Vec<store::signals::Record>, CliError> {
    let mut connection = opened.pool.acquire().await.map_err(failed)?;
    store::signals::records(&mut connection)
        .await
        .map_err(failed)
}

#[derive(Serialize)]
struct RecordRow<'a> {
    r#type: &'static str,
    #[serde(flatten)]
    record: &'a store::signals::Record,
}

async fn make_anew(args: &Rebuild, context: &Context) -> Result<(), CliError> {
    let opened = open::database(context, args.demo, true).await?;
    let done = rebuild(args, &opened, context).await;
    opened.leave().await;
    let (games, done) = done?;
    let mut data = context.output.data();
    if context.output.json {
        data.json(&json!({
            "type": "signals_rebuilt", "games": games, "new": done.new, "extended": done.extended,
            "revised": done.revised, "withdrawn": done.withdrawn,
        }))?;
    } else {
        data.line(&format!(
            "{games} games: {} signals new, {} extended, {} revised, {} withdrawn",
            done.new, done.extended, done.revised, done.withdrawn
        ))?;
    }
    data.finish()
}

async fn rebuild(
    args: &Rebuild,
    opened: &Opened,
    context: &Context,
) -> Result<(usize, Settled), CliError> {
    let reference =
        Reference::builtin().map_err(|e| CliError::new(Exit::Failure, e.to_string()))?;
    let judge = Judge::with(reference.into(), context.presets.clone());
    let mut connection = opened.pool.acquire().await.map_err(failed)?;
    store::signals::seed_presets(&mut connection, judge.presets(), &SUMMARY)
        .await
        .map_err(failed)?;
    let since = args.since.unwrap_or(DateTime::UNIX_EPOCH);
    let games = store::signals::games_since(&mut connection, since)
        .await
        .map_err(failed)?;
    drop(connection);
    let mut done = Settled::default();
    for (n, game) in games.iter().enumerate() {
        done = done.and(
            judge
                .settle(&opened.pool, *game, &mut Games::default())
                .await
                .map_err(failed)?,
        );
        if (n + 1) % 100 == 0 {
            context
                .output
                .say(&format!("{} of {} games", n + 1, games.len()));
        }
    }
    Ok((games.len(), done))
}
