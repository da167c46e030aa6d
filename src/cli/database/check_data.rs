//! `linetape database check-data`: what is stored, in all or of one game.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::analytics::movement::Direction;
use crate::cli::arguments::GameName;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::open::{Opened, failed};
use crate::cli::table::{Align, Table, count};
use crate::domain::odds::Odds;
use crate::store::overview::{self, Movement, Overview};

/// Print it, of one game, book or market when given.
pub async fn print(
    context: &Context,
    opened: &Opened,
    game: Option<&GameName>,
    book: Option<&str>,
    market: Option<&str>,
) -> Result<(), CliError> {
    let Some(game) = game else {
        let found = overview::read(&opened.pool, book, market)
            .await
            .map_err(failed)?;
        return print_overview(context, &found);
    };
    let game = opened.game(game).await?;
    let found = overview::movements(&opened.pool, game, book, market)
        .await
        .map_err(failed)?;
    if context.output.json {
        let mut data = context.output.data();
        for movement in &found {
            data.json(&Row::of(movement))?;
        }
        return data.finish();
    }
    print_movements(context, &found)
}

/// What is stored in all, as `--json` prints it.
#[derive(Serialize)]
struct Whole<'a> {
    r#type: &'static str,
    #[serde(flatten)]
    overview: &'a Overview,
}

fn print_overview(context: &Context, found: &Overview) -> Result<(), CliError> {
    let mut data = context.output.data();
    if context.output.json {
        data.json(&Whole {
            r#type: "overview",
            overview: found,
        })?;
        return data.finish();
    }
    let time = |at: Option<DateTime<Utc>>| at.map_or_else(|| "-".to_owned(), second);
    let mut table = Table::new(&[("what", Align::Left), ("stored", Align::Right)]);
    for (what, stored) in [
        ("games with prices", count(found.games)),
        ("books with prices", count(found.books)),
        ("books known", count(found.sportsbooks)),
        ("series: a book's price of one side", count(found.series)),
        ("changes of line, price or status", count(found.changes)),
        ("prices seen, repeats included", count(found.observations)),
        ("rows of the extraction log", count(found.extractions)),
        ("fetches", count(found.payloads)),
        ("rejects", count(found.rejects)),
        ("earliest price", time(found.first_at)),
        ("latest price", time(found.last_at)),
    ] {
        table.row([what.to_owned(), stored]);
    }
    table.print(&context.output, &mut data)?;
    data.finish()
}

/// A movement, as `--json` prints it.
#[derive(Serialize)]
struct Row<'a> {
    r#type: &'static str,
    #[serde(flatten)]
    movement: &'a Movement,
    /// As its side sees it: `toward`, `against`, `unmoved`; null without opening and closing price.
    direction: Option<Direction>,
    /// Size of the price's move, where the line stayed.
    cents: Option<i32>,
    /// Size of the line's move.
    points: Option<f64>,
    /// Team or side the market moved toward.
    toward: Option<&'a str>,
}

impl<'a> Row<'a> {
    fn of(movement: &'a Movement) -> Self {
        let shift = movement.shift();
        Self {
            r#type: "movement",
            movement,
            direction: shift.map(|s| s.direction),
            cents: shift.and_then(|s| s.cents),
            points: shift.and_then(|s| s.points),
            toward: movement.toward(),
        }
    }
}

fn print_movements(context: &Context, found: &[Movement]) -> Result<(), CliError> {
    let Some(first) = found.first() else {
        context
            .output
            .say("nothing is stored for this game, book and market");
        return Ok(());
    };
    let mut data = context.output.data();
    let start = first.starts_at.map_or_else(
        || "no start is known".to_owned(),
        |at| format!("starts {}", second(at)),
    );
    data.line(&format!(
        "{}, game {}, {start}",
        first.matchup, first.game_id
    ))?;
    let time = |at: Option<DateTime<Utc>>| at.map_or_else(|| "-".to_owned(), second);
    let mut table = Table::new(&[
        ("book", Align::Left),
        ("market", Align::Left),
        ("side", Align::Left),
        ("opening", Align::Right),
        ("at", Align::Left),
        ("closing", Align::Right),
        ("at", Align::Left),
        ("moved", Align::Left),
        ("moves", Align::Right),
        ("seen", Align::Right),
        ("feed", Align::Left),
    ]);
    for row in found {
        table.row([
            row.book.clone(),
            market(row),
            row.side.clone(),
            price(row, row.opening_american, row.opening_line),
            time(row.opening_at),
            price(row, row.closing_american, row.closing_line),
            time(row.closing_at),
            row.words().unwrap_or_else(|| "-".to_owned()),
            count(i64::from(row.movements)),
            count(row.observations),
            row.stream.clone(),
        ]);
    }
    table.print(&context.output, &mut data)?;
    data.finish()
}

/// The market, with what sets it apart from the full game's main line before the start.
fn market(row: &Movement) -> String {
    let mut text = row.market.clone();
    for (part, usual) in [
        (&row.period, "full"),
        (&row.participant, ""),
        (&row.phase, "pregame"),
        (&row.line_slot, "main"),
    ] {
        if part != usual {
            text.push(' ');
            text.push_str(part);
        }
    }
    text
}

fn price(row: &Movement, american: Option<i32>, line: Option<f64>) -> String {
    let odds = american.and_then(|a| Odds::american(i64::from(a)).ok());
    let odds = odds.map_or_else(|| "-".to_owned(), |odds| odds.to_string());
    let of_teams = matches!(row.side.as_str(), "home" | "away");
    match line {
        Some(line) if of_teams => format!("{} {odds}", handicap(line)),
        Some(line) => format!("{line} {odds}"),
        None => odds,
    }
}

/// A handicap with its sign, as prices have theirs; pick'em has none.
fn handicap(line: f64) -> String {
    if line < 0.0 {
        format!("−{}", -line)
    } else if line > 0.0 {
        format!("+{line}")
    } else {
        "0".to_owned()
    }
}

fn second(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%SZ").to_string()
}
