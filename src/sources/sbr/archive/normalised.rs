//! Sheets of one row a game, as others made them of the archive: full dates, names of columns that tell the side.

use chrono::NaiveDate;

use super::{Archive, Finished, Told, score};
use crate::domain::market::{Market, Period, Side};
use crate::sources::json::Pointer;
use crate::sources::sbr::sheet::{Row, Sheet};
use crate::sources::written;

/// Market, side, whether it is the opener, the column of the line and that of the price.
const COLUMNS: [(Market, Side, bool, &str, &str); 10] = [
    (Market::Moneyline, Side::Away, true, "", "vismlopen"),
    (Market::Moneyline, Side::Home, true, "", "homemlopen"),
    (Market::Moneyline, Side::Away, false, "", "vismlclose"),
    (Market::Moneyline, Side::Home, false, "", "homemlclose"),
    (Market::Spread, Side::Away, false, "visrlline", "visrlodds"),
    (
        Market::Spread,
        Side::Home,
        false,
        "homerlline",
        "homerlodds",
    ),
    (
        Market::Total,
        Side::Over,
        true,
        "totalopen",
        "totalopenoverodds",
    ),
    (
        Market::Total,
        Side::Under,
        true,
        "totalopen",
        "totalopenunderodds",
    ),
    (
        Market::Total,
        Side::Over,
        false,
        "totalclose",
        "totalcloseoverodds",
    ),
    (
        Market::Total,
        Side::Under,
        false,
        "totalclose",
        "totalcloseunderodds",
    ),
];

/// Every game of a sheet.
pub(super) fn games(sheet: &Sheet, archive: &mut Archive<'_>) {
    let root = Pointer::Root;
    for row in sheet.rows() {
        archive.collector.reading(None);
        if row.is_blank() {
            continue;
        }
        let at = root.at(row.number);
        let date = row.text("gamedate").trim();
        let Ok(date) = date.parse::<NaiveDate>() else {
            archive.collector.rejects.push_with(
                &at.key("gamedate"),
                "this row's date is no date like 2018-03-29",
                date,
            );
            continue;
        };
        let game = Finished {
            date,
            away: row.text("visteam"),
            home: row.text("hometeam"),
            away_score: score(row.text("visfinal")),
            home_score: score(row.text("homefinal")),
            periods: Vec::new(),
        };
        let Some(taken) = archive.game(game, &at) else {
            continue;
        };
        for (market, side, opener, line_column, price_column) in &COLUMNS {
            let read = told(&row, market, line_column, price_column, archive);
            match read {
                Ok((line, odds)) => {
                    let told = Told {
                        market: market.clone(),
                        period: Period::Full,
                        side: *side,
                        opener: *opener,
                        line,
                        odds,
                    };
                    archive.tell(&taken, &told, &at.key(price_column));
                }
                Err(reason) => archive.collector.rejects.push_with(
                    &at.key(price_column),
                    reason,
                    &format!("{} {}", row.text(line_column), row.text(price_column)),
                ),
            }
        }
    }
}

type Read = (
    Option<crate::domain::market::Line>,
    Option<crate::domain::odds::Odds>,
);

fn told(
    row: &Row<'_>,
    market: &Market,
    line_column: &str,
    price_column: &str,
    archive: &Archive<'_>,
) -> Result<Read, String> {
    let text = row.text(price_column);
    let odds = if written::is_nothing(text) || written::number(text) == Some(0.0) {
        None
    } else {
        Some(written::american(text)?)
    };
    if !market.has_line() {
        return Ok((None, odds));
    }
    let text = row.text(line_column);
    if written::is_nothing(text) {
        return match odds {
            Some(_) => Err("a price without its line".into()),
            None => Ok((None, None)),
        };
    }
    let line = written::line(text)?;
    if *market == Market::Spread {
        archive.bounds.check_spread(line, Period::Full)?;
    } else {
        archive.bounds.check_total(line, Period::Full)?;
    }
    Ok((Some(line), odds))
}
