//! `opportunities read FILE`: rows of Fair-Edge, read again.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::cli::context::Context;
use crate::cli::error::{CliError, Exit};
use crate::domain::bet::{seed, text};
use crate::domain::clean::clean;
use crate::domain::league::League;
use crate::domain::market::{Line, Side};
use crate::domain::odds::Odds;
use crate::engine::reference::Reference;

/// Largest file read.
const MOST: u64 = 64 << 20;

/// Arguments.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// A JSON array of opportunities, or one a line
    pub file: PathBuf,
}

/// One book's price.
#[derive(Serialize)]
struct ListedRow {
    book: String,
    american: i32,
    after_fee: Option<i32>,
}

/// What was read, as `--json` prints it.
#[derive(Serialize)]
struct Row {
    r#type: &'static str,
    event: String,
    league: Option<League>,
    sport: &'static str,
    home: Option<String>,
    away: Option<String>,
    player: Option<String>,
    event_time: Option<DateTime<Utc>>,
    bet_type: String,
    side: Option<Side>,
    line: Option<f64>,
    american: Option<i32>,
    decimal: Option<f64>,
    odds: Vec<ListedRow>,
    sha_key: String,
    seed_bet_id: String,
}

/// Read and print.
pub fn run(args: &Args, context: &Context) -> Result<(), CliError> {
    let io = |error: std::io::Error| {
        let file = clean(&args.file.display().to_string(), 200);
        CliError::new(Exit::Io, format!("{file} cannot be read: {error}"))
    };
    let size = std::fs::metadata(&args.file).map_err(io)?.len();
    if size > MOST {
        let message = format!("the file has {size} bytes, more than {MOST}; split it");
        return Err(CliError::new(Exit::Usage, message));
    }
    let bytes = std::fs::read(&args.file).map_err(io)?;
    let rows = opportunities(&bytes)?;
    let reference =
        Reference::builtin().map_err(|e| CliError::new(Exit::Failure, e.to_string()))?;
    let mut data = context.output.data();
    for fields in &rows {
        let row = read(fields, &reference);
        if context.output.json {
            data.json(&row)?;
        } else {
            data.line(&sentence(&row))?;
        }
    }
    data.finish()
}

/// The objects of an array, or of lines.
fn opportunities(bytes: &[u8]) -> Result<Vec<Map<String, Value>>, CliError> {
    let wrong = |what: String| {
        let message = format!("{what}; give a JSON array of objects, or one object a line");
        CliError::new(Exit::Failure, clean(&message, 300))
    };
    let whole: Result<Vec<Map<String, Value>>, _> = serde_json::from_slice(bytes);
    if let Ok(rows) = whole {
        return Ok(rows);
    }
    serde_json::Deserializer::from_slice(bytes)
        .into_iter()
        .collect::<Result<_, _>>()
        .map_err(|error| wrong(error.to_string()))
}

fn read(fields: &Map<String, Value>, reference: &Reference) -> Row {
    // Its screens and its API spelt the same fields in several ways.
    let field = |names: &[&str]| -> String {
        let found = names
            .iter()
            .find_map(|name| fields.get(*name).and_then(Value::as_str));
        found.unwrap_or_default().to_owned()
    };
    let event = field(&["event", "Event", "event_name"]);
    let description = field(&[
        "bet_description",
        "Bet Description",
        "description",
        "selection",
    ]);
    let bet_type = field(&["bet_type", "Bet Type", "market", "Market"]);
    let best = field(&["best_odds", "Best Odds", "best_available_odds", "odds"]);
    let all = field(&["all_available_odds", "All Available Odds", "all_odds"]);
    let league = text::league(
        &event,
        &format!("{description} {bet_type}"),
        &reference.teams,
    );
    let sport = seed::sport(league);
    let event_time = text::event_time(fields);
    let side = text::side(&description, &event);
    let line = text::line(&description).map(Line::points);
    let odds = text::odds(&best);
    let mut parameters = Map::new();
    if let Some(line) = line {
        parameters.insert("line".into(), Value::from(line));
    }
    let teams = text::teams(&event);
    Row {
        r#type: "seed_opportunity",
        league,
        sport,
        home: teams.map(|t| t.0.to_owned()),
        away: teams.map(|t| t.1.to_owned()),
        // "Giants -3.5" names no player.
        player: text::player(&description)
            .filter(|_| matches!(side, Some(Side::Over | Side::Under))),
        event_time,
        side,
        line,
        american: odds.map(Odds::to_american),
        decimal: odds.map(Odds::to_decimal),
        odds: text::all_odds(&all)
            .into_iter()
            .map(|listed| ListedRow {
                book: listed.book,
                american: listed.quoted.to_american(),
                after_fee: listed.after_fee.map(Odds::to_american),
            })
            .collect(),
        sha_key: seed::sha_key(&event, event_time, sport),
        // Sport and league stood nowhere in its rows, so its ids have neither.
        seed_bet_id: seed::bet_id(
            "",
            "",
            &event,
            &bet_type,
            &Value::Object(parameters),
            side.map_or("", Side::as_str),
        ),
        event,
        bet_type,
    }
}

fn sentence(row: &Row) -> String {
    let time = row.event_time.map_or_else(
        || "no time".to_owned(),
        |at| at.format("%Y-%m-%d %H:%MZ").to_string(),
    );
    let side = row.side.map_or("no side", Side::as_str);
    let line = row.line.map_or_else(String::new, |line| format!(" {line}"));
    let price = row
        .american
        .map_or_else(|| "no price".to_owned(), |a| format!("{a:+}"));
    format!(
        "{time}  {:<20} {}  {} {side}{line} {price}  event {} bet {}",
        row.sport,
        clean(&row.event, 80),
        clean(&row.bet_type, 40),
        row.sha_key,
        row.seed_bet_id,
    )
}
