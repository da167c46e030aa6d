//! The rows of a panel as CSV: numbers as numbers, times as RFC 3339 in UTC.

use chrono::SecondsFormat;

use crate::domain::series::Price;
use crate::engine::board::{Reading, Speaker, sides, speakers};
use crate::tui::panel::{Panel, signals, tape};
use crate::tui::ui::Ui;

type Cells = Vec<String>;

/// The rows of the panel with the keys, the filter applied. Fails where it has none of its own.
pub(super) fn csv(ui: &Ui) -> Result<String, String> {
    let (head, rows) = match ui.focus {
        Panel::Board => board(ui),
        Panel::Chart => chart(ui),
        Panel::Tape => moves(ui),
        Panel::Signals => reasons(ui),
        other => {
            return Err(format!(
                "{} has no rows to take; board, chart, tape and signals have, and t, a or h take the screen",
                other.title()
            ));
        }
    };
    let mut writer = csv::Writer::from_writer(Vec::new());
    let written = writer
        .write_record(head)
        .and_then(|()| rows.iter().try_for_each(|row| writer.write_record(row)));
    written.map_err(|error| format!("the rows cannot be written: {error}"))?;
    let bytes = writer
        .into_inner()
        .map_err(|error| format!("the rows cannot be written: {error}"))?;
    String::from_utf8(bytes).map_err(|error| format!("the rows cannot be written: {error}"))
}

/// A word of a feed. A spreadsheet takes what begins like a formula for one.
fn word(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

fn time(at: chrono::DateTime<chrono::Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn share(value: Option<f64>) -> String {
    value.map_or_else(String::new, |value| format!("{value:.4}"))
}

/// Line, American odds, status.
fn price(price: Option<&Price>) -> [String; 3] {
    price.map_or_else(Default::default, |price| {
        [
            price
                .line
                .map_or_else(String::new, |l| l.points().to_string()),
            price
                .odds
                .map_or_else(String::new, |odds| odds.to_american().to_string()),
            price.status.as_str().to_owned(),
        ]
    })
}

fn board(ui: &Ui) -> (Cells, Vec<Cells>) {
    let draw = ui.draw(Panel::Board);
    let mut head: Cells = [
        "game_id",
        "league",
        "away",
        "home",
        "starts_at",
        "status",
        "market",
        "period",
        "side",
        "fair",
        "hold",
        "move_cents",
        "move_points",
    ]
    .map(str::to_owned)
    .into();
    let games = ui.board.games(&draw);
    let mut books: Vec<&str> = Vec::new();
    let rows: Vec<(Cells, Vec<Speaker<'_>>)> = games
        .iter()
        .flat_map(|game| {
            let selector = ui.board.selector(game);
            ui.board.sides(game).into_iter().map(move |side| {
                let [one, two] = sides(&selector.market);
                let other = if side == one { two } else { one };
                let quoted = speakers(game, &selector, side);
                let hour = draw.now - chrono::TimeDelta::hours(1);
                let reading = Reading::of(side, &quoted, &speakers(game, &selector, other), hour);
                let moved = reading.since_open;
                let sign = moved.map_or(0.0, |drift| match drift.direction {
                    crate::analytics::movement::Direction::Against => -1.0,
                    _ => 1.0,
                });
                let cells = vec![
                    game.id.to_string(),
                    game.league.to_string(),
                    word(&game.away.name),
                    word(&game.home.name),
                    game.starts_at.map(time).unwrap_or_default(),
                    game.status.to_string(),
                    selector.market.to_string(),
                    selector.period.to_string(),
                    side.as_str().to_owned(),
                    share(reading.fair),
                    share(reading.hold),
                    moved.map_or_else(String::new, |d| format!("{:.1}", sign * d.cents)),
                    moved.map_or_else(String::new, |d| format!("{:.2}", sign * d.points)),
                ];
                (cells, quoted)
            })
        })
        .collect();
    for (_, quoted) in &rows {
        books.extend(quoted.iter().map(Speaker::label));
    }
    books.sort_unstable();
    books.dedup();
    for book in &books {
        head.extend(["line", "american", "status"].map(|what| format!("{}_{what}", word(book))));
    }
    let rows = rows
        .into_iter()
        .map(|(mut cells, quoted)| {
            for book in &books {
                let speaker = quoted.iter().find(|speaker| speaker.label() == *book);
                cells.extend(price(speaker.map(|speaker| &speaker.series.price)));
            }
            cells
        })
        .collect();
    (head, rows)
}

fn chart(ui: &Ui) -> (Cells, Vec<Cells>) {
    let head = [
        "at", "book", "market", "period", "side", "line", "american", "status",
    ];
    let rows = ui
        .chart
        .changes(&ui.draw(Panel::Chart), &ui.board)
        .into_iter()
        .map(|change| {
            let mut cells = vec![
                time(change.at),
                word(&change.book),
                change.market.to_string(),
                change.period.to_string(),
                change.side.as_str().to_owned(),
            ];
            cells.extend(price(Some(&change.price)));
            cells
        })
        .collect();
    (head.map(str::to_owned).into(), rows)
}

fn moves(ui: &Ui) -> (Cells, Vec<Cells>) {
    let head = [
        "at",
        "game_id",
        "game",
        "book",
        "market",
        "period",
        "phase",
        "side",
        "selection",
        "line_before",
        "american_before",
        "status_before",
        "line",
        "american",
        "status",
        "drift",
    ];
    let rows = tape::rows(&ui.draw(Panel::Tape))
        .map(|entry| {
            let mut cells = vec![
                time(entry.at),
                entry.game_id.to_string(),
                word(&entry.game),
                word(&entry.label),
                entry.market.to_string(),
                entry.period.to_string(),
                entry.phase.to_string(),
                entry.side.as_str().to_owned(),
                word(&entry.selection),
            ];
            cells.extend(price(entry.before.as_ref()));
            cells.extend(price(Some(&entry.after)));
            cells.push(share(entry.drift));
            cells
        })
        .collect();
    (head.map(str::to_owned).into(), rows)
}

fn reasons(ui: &Ui) -> (Cells, Vec<Cells>) {
    let head = [
        "at", "game_id", "game", "kind", "preset", "market", "period", "side", "strength", "delta",
        "outcome", "clv", "reason",
    ];
    let rows = signals::rows(&ui.draw(Panel::Signals))
        .map(|signal| {
            vec![
                time(signal.at),
                signal.game_id.to_string(),
                word(&signal.game),
                signal.kind.map_or("", |kind| kind.as_str()).to_owned(),
                signal.preset.to_string(),
                signal.market.to_string(),
                signal.period.to_string(),
                signal.side.as_str().to_owned(),
                share(Some(signal.strength)),
                share(signal.delta),
                signal.outcome.as_deref().unwrap_or_default().to_owned(),
                share(signal.clv),
                word(&signal.reason),
            ]
        })
        .collect();
    (head.map(str::to_owned).into(), rows)
}
