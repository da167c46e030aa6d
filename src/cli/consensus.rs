//! `linetape consensus GAME`: what the books say together, by market.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::context::Context;
use super::error::CliError;
use super::fair::{self, Which};
use super::open;
use super::table::{Align, Table};
use crate::analytics::price::rounded_american;
use crate::domain::market::{Line, Market};
use crate::engine::consensus::{self, Common};
use crate::engine::opportunities::rules;

/// Arguments.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// Which game, market and moment.
    #[command(flatten)]
    pub which: Which,
    /// Fewest books at the common line
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=50))]
    pub min_books: u8,
    /// Markets without a consensus too, with the reason
    #[arg(long)]
    pub all: bool,
}

/// Print it.
pub async fn run(args: Args, context: &Context) -> Result<(), CliError> {
    let opened = open::database(context, args.which.demo, false).await?;
    let rules = rules(&context.settings.fair);
    let found = fair::find(&args.which, &opened, &rules).await;
    opened.leave().await;
    let (game, quotes, at) = found?;
    let fewest = usize::from(args.min_books);
    let all = quotes
        .iter()
        .flat_map(|quotes| consensus::of(quotes, &rules, fewest));
    let all: Vec<Common> = all
        .filter(|common| args.all || common.agreed.is_ok())
        .collect();
    let mut data = context.output.data();
    let mut table = Table::new(&[
        ("market", Align::Left),
        ("side", Align::Left),
        ("line", Align::Right),
        ("median", Align::Right),
        ("price", Align::Right),
        ("sharp", Align::Right),
        ("price", Align::Right),
        ("books", Align::Right),
        ("seen", Align::Right),
        ("changed", Align::Right),
        ("who", Align::Left),
    ]);
    for common in &all {
        if context.output.json {
            data.json(&row(game.as_i64(), common, at))?;
        } else {
            table.row(cells(common));
        }
    }
    let rests = format!(
        "margin taken out by {}; sharp: weighted by fair.anchors, marked *; each book's own number: --json",
        rules.devig
    );
    let instead = "no market has enough books at one line that were seen lately; --min-books 1 asks for fewer, --all says why, --at names another moment";
    table.end(&context.output, data, !all.is_empty(), &rests, instead)
}

/// The oldest look and the newest change at the common line, seconds.
fn ages(common: &Common) -> Option<(f64, f64)> {
    common
        .there()
        .map(|o| (o.seen, o.changed))
        .reduce(|a, b| (a.0.max(b.0), a.1.min(b.1)))
}

fn cells(common: &Common) -> Vec<String> {
    let dash = || "-".to_owned();
    let percent = |p: f64| format!("{:.2} %", p * 100.0);
    let price = |p: f64| rounded_american(1.0 / p).map_or_else(dash, |a| format!("{a:+}"));
    let agreed = common.agreed.as_ref();
    let line = agreed.ok().and_then(|a| a.line).map(Line::points);
    let line = line.map_or_else(String::new, |line| match common.market {
        Market::Spread => format!("{line:+}"),
        _ => line.to_string(),
    });
    let who = match agreed {
        Ok(_) => {
            let star = |o: &consensus::Opinion| if o.weight.is_some() { "*" } else { "" };
            let names = common.there().map(|o| format!("{}{}", o.book, star(o)));
            names.collect::<Vec<_>>().join(" ")
        }
        Err(why) => why.to_string(),
    };
    let ages = ages(common);
    let sharp = common.sharp.as_ref().ok();
    vec![
        fair::market_words(&common.market, common.period, &common.participant),
        common.side.to_string(),
        line,
        agreed.map_or_else(|_| dash(), |a| percent(a.median)),
        agreed.map_or_else(|_| dash(), |a| price(a.median)),
        sharp.map_or_else(dash, |p| percent(*p)),
        sharp.map_or_else(dash, |p| price(*p)),
        agreed.map_or_else(|_| dash(), |a| a.providers.to_string()),
        ages.map_or_else(dash, |(seen, _)| fair::age(seen)),
        ages.map_or_else(dash, |(_, changed)| fair::age(changed)),
        who,
    ]
}

/// A book's opinion, as `--json` prints it.
#[derive(Serialize)]
struct OpinionRow<'a> {
    book: &'a str,
    line: Option<f64>,
    probability: f64,
    weight: Option<f64>,
    seen_s: f64,
    changed_s: f64,
}

/// A side, as `--json` prints it.
#[derive(Serialize)]
struct Row<'a> {
    r#type: &'static str,
    game_id: i64,
    at: DateTime<Utc>,
    market: &'a str,
    period: &'a str,
    participant: &'a str,
    side: &'a str,
    line: Option<f64>,
    books: usize,
    median: Option<f64>,
    sharp: Option<f64>,
    seen_s: Option<f64>,
    changed_s: Option<f64>,
    /// Why there is no median.
    reason: Option<String>,
    /// Why there is no weighted mean.
    sharp_reason: Option<String>,
    opinions: Vec<OpinionRow<'a>>,
}

fn row(game_id: i64, common: &Common, at: DateTime<Utc>) -> Row<'_> {
    let agreed = common.agreed.as_ref();
    let ages = ages(common);
    Row {
        r#type: "consensus",
        game_id,
        at,
        market: common.market.as_str(),
        period: common.period.as_str(),
        participant: &common.participant,
        side: common.side.as_str(),
        line: agreed.ok().and_then(|a| a.line).map(Line::points),
        books: agreed.map_or(0, |a| a.providers),
        median: agreed.ok().map(|a| a.median),
        sharp: common.sharp.as_ref().ok().copied(),
        seen_s: ages.map(|a| a.0),
        changed_s: ages.map(|a| a.1),
        reason: agreed.err().map(ToString::to_string),
        sharp_reason: common.sharp.as_ref().err().map(ToString::to_string),
        opinions: common
            .opinions
            .iter()
            .map(|o| OpinionRow {
                book: &o.book,
                line: o.line.map(Line::points),
                probability: o.probability,
                weight: o.weight,
                seen_s: o.seen,
                changed_s: o.changed,
            })
            .collect(),
    }
}
