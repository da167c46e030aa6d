//! `linetape signals backtest`: a preset over the stored history.

use std::time::Duration;

use chrono::{NaiveDate, TimeDelta};
use clap::ValueEnum;
use serde_json::{Value, json};

use super::preset;
use crate::analytics::backtest::{Plan, Staking, Verdict};
use crate::analytics::metrics::Interval;
use crate::analytics::signal::Preset;
use crate::cli::arguments;
use crate::cli::context::Context;
use crate::cli::error::{CliError, Exit};
use crate::cli::open::{self, Opened, failed};
use crate::domain::league::League;
use crate::engine::backtest::{Ask, BacktestError, Report, keep, run as walk};
use crate::engine::reference::Reference;
use crate::engine::signals::Judge;
use crate::store::backtests::TABLES;

/// Arguments.
#[derive(Debug, Clone, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
pub struct Args {
    /// These presets, each in a run of its own (`signals presets` lists them)
    #[arg(long, required = true, value_delimiter = ',')]
    pub preset: Vec<String>,
    /// First slate, like 2025-07-01
    #[arg(long)]
    pub from: NaiveDate,
    /// Last slate
    #[arg(long)]
    pub to: NaiveDate,
    /// Only this league
    #[arg(long)]
    pub league: Option<League>,
    /// The same stake on each, or a share of Kelly's
    #[arg(long, value_enum, default_value_t)]
    pub stake: Stake,
    /// Money at the start
    #[arg(long, default_value_t = 10_000.0, value_parser = amount)]
    pub bankroll: f64,
    /// The flat stake
    #[arg(long, default_value_t = 100.0, value_parser = amount)]
    pub unit: f64,
    /// Share of full Kelly
    #[arg(long, default_value_t = 0.25, value_parser = share)]
    pub kelly: f64,
    /// At most this share of the bankroll by Kelly
    #[arg(long, default_value_t = 0.25, value_parser = share)]
    pub cap: f64,
    /// Between a signal's moment and the bet: the price is the best that is known to be open then
    #[arg(long, default_value = "30s", value_parser = delay)]
    pub delay: Duration,
    /// Pass weaker signals, 0 to 1
    #[arg(long, default_value_t = 0.0, value_parser = share)]
    pub min_strength: f64,
    /// Take ticks that were fetched after the fact, as known from their market time on
    #[arg(long)]
    pub reconstructed: bool,
    /// Keep nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Print every signal with what was done about it
    #[arg(long)]
    pub bets: bool,
    /// In the demo's database
    #[arg(long)]
    pub demo: bool,
}

/// How much is staked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Stake {
    /// The same on each.
    #[default]
    Flat,
    /// By Kelly.
    Kelly,
}

fn amount(text: &str) -> Result<f64, String> {
    let number = text.parse::<f64>().ok().filter(|n| n.is_finite());
    number
        .filter(|n| (1.0..=1e9).contains(n))
        .ok_or_else(|| "not an amount; write one from 1 to 1000000000".into())
}

fn share(text: &str) -> Result<f64, String> {
    let number = text.parse::<f64>().ok();
    number
        .filter(|n| (0.0..=1.0).contains(n))
        .ok_or_else(|| "not a share; write one from 0 to 1, like 0.25".into())
}

fn delay(text: &str) -> Result<Duration, String> {
    if text == "0" {
        return Ok(Duration::ZERO);
    }
    arguments::duration(text).map_err(|e| format!("{e}; 0 for none"))
}

/// Walk, keep and print.
pub(super) async fn run(args: &Args, context: &Context) -> Result<(), CliError> {
    if args.to < args.from {
        let message = "--to lies before --from; give the first slate first";
        return Err(CliError::new(Exit::Usage, message));
    }
    let named = args.preset.iter().map(|name| preset(name, context));
    let presets = named.collect::<Result<Vec<_>, _>>()?;
    let opened = open::database(context, args.demo, false).await?;
    let done = each(args, &presets, &opened, context).await;
    opened.leave().await;
    done
}

async fn each(
    args: &Args,
    presets: &[&Preset],
    opened: &Opened,
    context: &Context,
) -> Result<(), CliError> {
    opened.migrate().await?;
    let reference =
        Reference::builtin().map_err(|e| CliError::new(Exit::Failure, e.to_string()))?;
    let judge = Judge::new(reference.into());
    for preset in presets {
        let output = context.output.clone();
        let say = move |step: String| output.say(&step);
        let report = walk(&opened.pool, &judge, &ask(args, preset), &say)
            .await
            .map_err(|error| match error {
                BacktestError::Database(error) => failed(error),
                leak @ BacktestError::Leak(_) => CliError::new(Exit::Failure, leak.to_string()),
            })?;
        let kept = if args.dry_run {
            None
        } else {
            Some(keep(&opened.pool, &report).await.map_err(failed)?)
        };
        print(args, &report, kept, context)?;
    }
    Ok(())
}

fn ask(args: &Args, preset: &Preset) -> Ask {
    Ask {
        plan: Plan {
            preset: preset.clone(),
            delay: TimeDelta::from_std(args.delay).unwrap_or_default(),
            bankroll: args.bankroll,
            staking: match args.stake {
                Stake::Flat => Staking::Flat { unit: args.unit },
                Stake::Kelly => Staking::Kelly {
                    share: args.kelly,
                    cap: args.cap,
                },
            },
            min_strength: args.min_strength,
        },
        from: args.from,
        to: args.to,
        league: args.league,
        reconstructed: args.reconstructed,
    }
}

/// A row of a table as a line of its own: what it is called, then its columns.
fn line(kind: &str, row: &Value) -> Value {
    let mut all = serde_json::Map::new();
    all.insert("type".to_owned(), json!(kind));
    all.extend(row.as_object().cloned().unwrap_or_default());
    Value::Object(all)
}

fn print(
    args: &Args,
    report: &Report,
    kept: Option<bool>,
    context: &Context,
) -> Result<(), CliError> {
    let mut data = context.output.data();
    let recommendations = report.rows(TABLES[0]);
    if context.output.json {
        let verdicts: serde_json::Map<String, Value> = report
            .verdicts()
            .map(|(verdict, n)| (verdict.as_str().to_owned(), json!(n)))
            .collect();
        let mut whole = line("backtest", &json!(report.run));
        if let Some(whole) = whole.as_object_mut() {
            let performance = report.rows("analytics.performance_metrics").first();
            whole.insert("performance".to_owned(), json!(performance));
            whole.insert("verdicts".to_owned(), Value::Object(verdicts));
            whole.insert("audited".to_owned(), json!(true));
            whole.insert("kept".to_owned(), json!(kept.is_some()));
            whole.insert("new".to_owned(), json!(kept == Some(true)));
        }
        data.json(&whole)?;
        for (kind, table) in [
            ("strategy_result", "analytics.strategy_results"),
            ("roi", "analytics.roi_calculations"),
            ("cross_market", "analytics.cross_market_analysis"),
        ] {
            for row in report.rows(table) {
                data.json(&line(kind, row))?;
            }
        }
        if args.bets {
            for row in recommendations {
                data.json(&line("betting_recommendation", row))?;
            }
        }
        return data.finish();
    }
    for text in sentences(report) {
        data.line(&text)?;
    }
    if args.bets {
        for row in recommendations {
            data.line(&choice(row))?;
        }
    }
    data.finish()?;
    context.output.say(match kept {
        None => "nothing was kept",
        Some(true) => "kept under this run in analytics.backtest_runs, strategy_results and the tables beside them",
        Some(false) => "this run is kept already: the same inputs made the same rows",
    });
    Ok(())
}

fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "-".to_owned(), |s| format!("{:.1}", s * 100.0))
}

fn signed(share: Option<f64>) -> String {
    share.map_or_else(|| "-".to_owned(), |s| format!("{:+.1}", s * 100.0))
}

fn between(interval: Option<Interval>, show: fn(Option<f64>) -> String) -> String {
    interval.map_or_else(String::new, |i| {
        format!(" ({} to {})", show(Some(i.low)), show(Some(i.high)))
    })
}

fn sentences(report: &Report) -> Vec<String> {
    let (run, p) = (&report.run, &report.performance);
    let mut out = vec![format!(
        "{} {} to {}: run {}, {} games ({} left out: their start was moved), {} rows, audited: nothing was known before its time",
        run.strategy,
        run.data_from,
        run.data_to,
        run.run_id,
        run.games,
        run.games_left_out,
        run.rows_seen
    )];
    let verdicts: Vec<String> = report
        .verdicts()
        .filter(|(_, n)| *n > 0)
        .map(|(verdict, n)| match verdict {
            Verdict::Bet => format!("{n} bet ({} open)", run.open_bets),
            other => format!("{n} {}", other.as_str().replace('_', " ")),
        })
        .collect();
    out.push(format!("{} signals: {}", run.signals, verdicts.join(", ")));
    if p.bets == 0 {
        out.push("no bet has a result, so there is nothing to measure".to_owned());
        return out;
    }
    out.push(format!(
        "{} settled: {}–{}–{}, hits {} %{}; staked {:.2}, {:+.2}, ROI {} %{}",
        p.bets,
        p.won,
        p.lost,
        p.pushed,
        percent(p.hits.map(|h| h.estimate)),
        between(p.hits, percent),
        p.staked,
        p.profit,
        signed(p.roi),
        between(p.roi_between, signed),
    ));
    out.push(format!(
        "drawdown {} %, Sharpe {}, chance of as much by luck {} %, profit factor {}, longest runs {} won {} lost, EV {} %, \
         CLV {} % ({} % beat the close), bankroll {:.2}",
        percent(Some(p.max_drawdown)),
        p.sharpe.map_or_else(|| "-".to_owned(), |s| format!("{s:.3}")),
        percent(p.p_value),
        p.profit_factor.map_or_else(|| "-".to_owned(), |f| format!("{f:.2}")),
        p.win_streak,
        p.lose_streak,
        signed(p.average_ev),
        signed(p.average_clv),
        percent(p.beat_close),
        report.walked.bankroll,
    ));
    for row in report.rows("analytics.strategy_results") {
        let text = |name: &str| row.get(name).and_then(Value::as_str).unwrap_or_default();
        let number = |name: &str| row.get(name).and_then(Value::as_f64);
        if text("bucket") == "all" && text("market") == "all" {
            continue;
        }
        out.push(format!(
            "  {:<6} {:<10} {:<6} {:>5} bets, hits {:>5} %, ROI {:>6} % ({} to {}), CLV {} %",
            text("league"),
            text("market"),
            text("bucket"),
            number("bets").unwrap_or_default(),
            percent(number("win_rate")),
            signed(number("roi")),
            signed(number("roi_low")),
            signed(number("roi_high")),
            signed(number("average_clv")),
        ));
    }
    out
}

fn choice(row: &Value) -> String {
    let text = |name: &str| row.get(name).and_then(Value::as_str).unwrap_or_default();
    let number = |name: &str| row.get(name).and_then(Value::as_f64);
    let bet = number("american").map_or_else(String::new, |american| {
        let line = number("line").map_or_else(String::new, |line| format!("{line:+} "));
        format!(
            "  {line}{american:+} {} for {:.2}: {} {:+.2}",
            text("book"),
            number("stake").unwrap_or_default(),
            if text("outcome").is_empty() {
                "open"
            } else {
                text("outcome")
            },
            number("profit_loss").unwrap_or_default(),
        )
    });
    format!(
        "{}  game {}  {:<9} {:<5} {:>3.0} %  {}{bet}",
        text("decided_at"),
        row.get("game_id")
            .map_or_else(String::new, ToString::to_string),
        text("market"),
        text("side"),
        number("strength").unwrap_or_default() * 100.0,
        text("verdict"),
    )
}
