//! `linetape lines GAME`: the stored prices of a game.

use chrono::{DateTime, Utc};

use serde::Serialize;

use super::arguments::{self, GameName};
use super::context::Context;
use super::error::CliError;
use super::open::{self, failed};
use crate::domain::clean::clean;
use crate::domain::market::{Line, Market, Side};
use crate::domain::odds::Odds;
use crate::store::history::{self, LineFilter, StoredLine};

/// Arguments.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// The game: its id, or source:id (an:257653)
    pub game: GameName,
    /// Only this market: moneyline, spread, total …
    #[arg(long, value_parser = market)]
    pub market: Option<Market>,
    /// Only this book, by slug (draftkings) or the feed's id
    #[arg(long)]
    pub book: Option<String>,
    /// Only this side: home, away, over, under, draw
    #[arg(long)]
    pub side: Option<Side>,
    /// In the demo's database
    #[arg(long)]
    pub demo: bool,
    /// Only changes from this time on, RFC 3339 or epoch seconds
    #[arg(long, value_parser = arguments::instant)]
    pub since: Option<DateTime<Utc>>,
}

fn market(name: &str) -> Result<Market, String> {
    if name.trim().is_empty() {
        return Err("a market is missing; write moneyline, spread or total".into());
    }
    Ok(Market::from_name(name.trim()))
}

/// One change, as `--json` prints it.
#[derive(Serialize)]
struct Row<'a> {
    r#type: &'static str,
    game_id: i64,
    stream: &'static str,
    source_book_id: &'a str,
    book: Option<&'a str>,
    market: &'a str,
    period: &'static str,
    participant: &'a str,
    side: &'static str,
    phase: &'static str,
    line_slot: String,
    at: DateTime<Utc>,
    line: Option<f64>,
    american: Option<i32>,
    decimal: Option<f64>,
    status: &'static str,
    observed_at: DateTime<Utc>,
}

/// Print a game's history, by series and market time.
pub async fn run(args: Args, context: &Context) -> Result<(), CliError> {
    let opened = open::database(context, args.demo, false).await?;
    let found = find(&args, &opened).await;
    opened.leave().await;
    let mut data = context.output.data();
    for line in &found? {
        if context.output.json {
            data.json(&row(line))?;
        } else {
            data.line(&sentence(line))?;
        }
    }
    data.finish()
}

async fn find(args: &Args, opened: &open::Opened) -> Result<Vec<StoredLine>, CliError> {
    let game = opened.game(&args.game).await?;
    let filter = LineFilter {
        market: args.market.as_ref().map(|m| m.as_str().to_owned()),
        book: args.book.clone(),
        side: args.side.map(|s| s.as_str().to_owned()),
        since: args.since,
    };
    let mut connection = opened.pool.acquire().await.map_err(failed)?;
    history::lines(&mut connection, game, &filter)
        .await
        .map_err(failed)
}

fn row(line: &StoredLine) -> Row<'_> {
    Row {
        r#type: "line",
        game_id: line.key.game_id.as_i64(),
        stream: line.key.stream.as_str(),
        source_book_id: &line.key.source_book_id,
        book: line
            .book
            .as_ref()
            .map(crate::domain::book::BookSlug::as_str),
        market: line.key.market.as_str(),
        period: line.key.period.as_str(),
        participant: &line.key.participant,
        side: line.key.side.as_str(),
        phase: line.key.phase.as_str(),
        line_slot: line.key.slot.to_string(),
        at: line.at,
        line: line.price.line.map(Line::points),
        american: line.price.odds.map(Odds::to_american),
        decimal: line
            .price
            .odds
            .map(|o| (o.to_decimal() * 1e4).round() / 1e4),
        status: line.price.status.as_str(),
        observed_at: line.observed_at,
    }
}

fn sentence(line: &StoredLine) -> String {
    let key = &line.key;
    let book = line
        .book
        .as_ref()
        .map_or_else(|| clean(&key.source_book_id, 20), ToString::to_string);
    let price = line
        .price
        .odds
        .map_or_else(|| "---".to_owned(), |o| o.to_string());
    let number = line
        .price
        .line
        .map(|l| format!(" {l:+}", l = l.points()))
        .unwrap_or_default();
    let status = match line.price.status.as_str() {
        "open" => String::new(),
        other => format!(" {other}"),
    };
    let market = clean(key.market.as_str(), 30);
    let slot = key.slot;
    format!(
        "{}  {book:<14} {market} {} {} {} {slot}{number} {price}{status}",
        line.at.format("%Y-%m-%d %H:%M:%S%.3fZ"),
        key.period,
        key.phase,
        key.side,
    )
}
