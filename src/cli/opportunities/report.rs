//! `opportunities best` and `opportunities ev`: what stored offers tell.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use super::percent;
use crate::cli::arguments;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::open::{self, failed};
use crate::cli::table::{Align, Table, count};
use crate::domain::league::League;
use crate::store::opportunities::report::{BestBook, EvSpan, Filter, best_books, ev_over_time};

/// Which offers.
#[derive(Debug, Clone, clap::Args)]
pub struct Best {
    /// Of one league
    #[arg(long)]
    pub league: Option<League>,
    /// Of one market: moneyline, spread, total …
    #[arg(long)]
    pub market: Option<String>,
    /// Of one book
    #[arg(long)]
    pub book: Option<String>,
    /// From this time on, RFC 3339 or epoch seconds
    #[arg(long, value_parser = arguments::instant)]
    pub since: Option<DateTime<Utc>>,
    /// In the demo's database
    #[arg(long)]
    pub demo: bool,
}

/// Which offers, and in what spans.
#[derive(Debug, Clone, clap::Args)]
pub struct Ev {
    /// Of one league
    #[arg(long)]
    pub league: Option<League>,
    /// Of one book
    #[arg(long)]
    pub book: Option<String>,
    /// From this time on, RFC 3339 or epoch seconds
    #[arg(long, value_parser = arguments::instant)]
    pub since: Option<DateTime<Utc>>,
    /// Length of a span: 1h, 1d …
    #[arg(long, default_value = "1d", value_parser = arguments::duration)]
    pub step: Duration,
    /// In the demo's database
    #[arg(long)]
    pub demo: bool,
}

#[derive(Serialize)]
struct BestRow<'a> {
    r#type: &'static str,
    #[serde(flatten)]
    best: &'a BestBook,
}

#[derive(Serialize)]
struct EvRow<'a> {
    r#type: &'static str,
    #[serde(flatten)]
    span: &'a EvSpan,
}

const NOTHING: &str = "no offer is stored that fits; offers are stored while linetape collects, and by `linetape opportunities rebuild`";

/// Which book has the best price how often.
pub async fn best(args: &Best, context: &Context) -> Result<(), CliError> {
    let opened = open::database(context, args.demo, false).await?;
    let filter = Filter {
        league: args.league,
        market: args.market.clone(),
        book: args.book.clone(),
        since: args.since,
    };
    let found = async {
        let mut connection = opened.pool.acquire().await?;
        best_books(&mut connection, &filter).await
    }
    .await;
    opened.leave().await;
    let found = found.map_err(failed)?;
    let mut data = context.output.data();
    let mut table = Table::new(&[
        ("league", Align::Left),
        ("market", Align::Left),
        ("book", Align::Left),
        ("bets", Align::Right),
        ("hours", Align::Right),
        ("best", Align::Right),
        ("alone", Align::Right),
    ]);
    for best in &found {
        if context.output.json {
            data.json(&BestRow {
                r#type: "best_book",
                best,
            })?;
            continue;
        }
        table.row([
            best.league.clone(),
            best.market.clone(),
            best.book.clone(),
            count(best.bets),
            format!("{:.1}", best.hours),
            format!("{:.1} %", best.best_share * 100.0),
            format!("{:.1} %", best.alone_share * 100.0),
        ]);
    }
    if !found.is_empty() && !context.output.json {
        table.print(&context.output, &mut data)?;
    }
    data.finish()?;
    if found.is_empty() {
        context.output.say(NOTHING);
    }
    Ok(())
}

/// What offers were worth over time.
pub async fn ev(args: &Ev, context: &Context) -> Result<(), CliError> {
    let opened = open::database(context, args.demo, false).await?;
    let filter = Filter {
        league: args.league,
        market: None,
        book: args.book.clone(),
        since: args.since,
    };
    let step = TimeDelta::from_std(args.step).unwrap_or(TimeDelta::days(1));
    let found = async {
        let mut connection = opened.pool.acquire().await?;
        ev_over_time(&mut connection, step, &filter).await
    }
    .await;
    opened.leave().await;
    let found = found.map_err(failed)?;
    let mut data = context.output.data();
    let mut table = Table::new(&[
        ("from", Align::Left),
        ("league", Align::Left),
        ("book", Align::Left),
        ("offers", Align::Right),
        ("better than fair", Align::Right),
        ("green", Align::Right),
        ("mean EV", Align::Right),
        ("best EV", Align::Right),
    ]);
    for span in &found {
        if context.output.json {
            data.json(&EvRow { r#type: "ev", span })?;
            continue;
        }
        table.row([
            span.begins.format("%Y-%m-%d %H:%MZ").to_string(),
            span.league.clone(),
            span.book.clone(),
            count(span.offers),
            count(span.positive),
            count(span.green),
            percent(span.mean_ev),
            percent(span.max_ev),
        ]);
    }
    if !found.is_empty() && !context.output.json {
        table.print(&context.output, &mut data)?;
    }
    data.finish()?;
    if found.is_empty() {
        context.output.say(NOTHING);
    }
    Ok(())
}
