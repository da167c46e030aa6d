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
use crate::store::as_of::AsOf;
use crate::store::history::{self, LineFilter, StoredLine};
use crate::store::lineage::{self, Step};

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
    /// Only changes up to this time
    #[arg(long, value_parser = arguments::instant)]
    pub until: Option<DateTime<Utc>>,
    /// The price in force of every series at this time, instead of the history
    #[arg(long, value_parser = arguments::instant, conflicts_with_all = ["since", "until"])]
    pub as_of: Option<DateTime<Utc>>,
    /// Only what had been received by this time
    #[arg(long, value_parser = arguments::instant)]
    pub known_at: Option<DateTime<Utc>>,
    /// Where the numbers come from: summaries, the rows they are made of, the fetches that brought them
    #[arg(long, conflicts_with_all = ["as_of", "since", "until", "known_at", "book", "side"])]
    pub explain: bool,
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
    if args.explain {
        let steps = explain(&args, &opened).await;
        opened.leave().await;
        return print_steps(context, &steps?);
    }
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
        until: args.until,
        known_at: args.known_at,
    };
    let mut connection = opened.pool.acquire().await.map_err(failed)?;
    if let Some(at) = args.as_of {
        let moment = AsOf {
            at,
            known_at: args.known_at,
        };
        let mut lines = moment
            .games(&mut connection, &[game])
            .await
            .map_err(failed)?;
        lines.retain(|line| filter.holds(line));
        return Ok(lines);
    }
    history::lines(&mut connection, game, &filter)
        .await
        .map_err(failed)
}

async fn explain(args: &Args, opened: &open::Opened) -> Result<Vec<Step>, CliError> {
    let game = opened.game(&args.game).await?;
    let mut connection = opened.pool.acquire().await.map_err(failed)?;
    lineage::of_game(
        &mut connection,
        game,
        args.market.as_ref().map(Market::as_str),
    )
    .await
    .map_err(failed)
}

/// One step of where a number comes from, as `--json` prints it.
#[derive(Serialize)]
struct StepRow<'a> {
    r#type: &'static str,
    zone: &'a str,
    relation: &'a str,
    series_id: Option<i64>,
    at: Option<DateTime<Utc>>,
    value: Option<&'a str>,
    observed_at: Option<DateTime<Utc>>,
    payload: Option<String>,
    ordinal: Option<i32>,
    fetch_id: Option<uuid::Uuid>,
    request: Option<&'a str>,
    payload_stored: Option<bool>,
}

fn print_steps(context: &Context, steps: &[Step]) -> Result<(), CliError> {
    let mut data = context.output.data();
    for step in steps {
        let payload = step.payload_hash.map(|hash| hash.to_string());
        if context.output.json {
            data.json(&StepRow {
                r#type: "lineage",
                zone: &step.zone,
                relation: &step.relation,
                series_id: step.series_id,
                at: step.at,
                value: step.value.as_deref(),
                observed_at: step.observed_at,
                payload,
                ordinal: step.ordinal,
                fetch_id: step.fetch_id,
                request: step.request.as_deref(),
                payload_stored: step.payload_stored,
            })?;
            continue;
        }
        let time = step.at.or(step.observed_at).map_or_else(
            || "-".to_owned(),
            |at| at.format("%Y-%m-%d %H:%M:%S%.3fZ").to_string(),
        );
        let what = step.value.as_deref().or(step.request.as_deref());
        let from = match (&payload, step.ordinal) {
            (Some(payload), Some(ordinal)) => format!("  quote {ordinal} of payload {payload}"),
            (Some(payload), None) => format!("  payload {payload}"),
            _ => String::new(),
        };
        let gone = if step.payload_stored == Some(false) {
            "  (its bytes are gone)"
        } else {
            ""
        };
        data.line(&format!(
            "{:<8} {time}  {}{from}{gone}",
            step.zone,
            what.unwrap_or("-")
        ))?;
    }
    data.finish()?;
    if steps.iter().any(|step| step.payload_hash.is_some()) {
        context
            .output
            .say("`linetape database payload HASH` prints the bytes of a payload");
    }
    Ok(())
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
