//! Sheets of two rows a game: visitors, then home; both `N` on neutral ground.

use super::{Archive, Finished, Taken, Told, score};
use crate::domain::feed::PeriodScore;
use crate::domain::market::{Line, Market, Period, Side};
use crate::domain::odds::Odds;
use crate::sources::json::Pointer;
use crate::sources::sbr::season::Calendar;
use crate::sources::sbr::sheet::{Layout, Row, Sheet};
use crate::sources::written;

/// Every game of a sheet.
pub(super) fn games(sheet: &Sheet, mut calendar: Calendar, archive: &mut Archive<'_>) {
    let root = Pointer::Root;
    let mut rows = sheet.rows().peekable();
    while let Some(first) = rows.next() {
        archive.collector.reading(None);
        if first.is_blank() {
            continue;
        }
        let Some(second) = rows.peek().copied().filter(|second| belong(&first, second)) else {
            reject(
                archive,
                &first,
                "this row has no partner: a game is two rows of one date, V then H, or both N",
            );
            continue;
        };
        rows.next();
        let (away, home) = if first.text("vh").eq_ignore_ascii_case("h") {
            (second, first)
        } else {
            (first, second)
        };
        let Some(date) = calendar.date(away.text("date")) else {
            for row in [&away, &home] {
                reject(archive, row, "this row's date is no date of its season");
            }
            continue;
        };
        let at = root.at(away.number);
        let game = Finished {
            date,
            away: away.text("team"),
            home: home.text("team"),
            away_score: score(away.text("final")),
            home_score: score(home.text("final")),
            periods: periods(sheet, &away, &home),
        };
        let scoreless = game.away_score.is_none() || game.home_score.is_none();
        let Some(taken) = archive.game(game, &at) else {
            continue;
        };
        if scoreless {
            let at = at.key("final");
            archive.collector.rejects.push_with(
                &at,
                "the final score is none; the game is kept without a result",
                away.text("final"),
            );
        }
        let mut pair = Pair {
            away,
            home,
            taken,
            archive,
        };
        match sheet.layout {
            Layout::Points => pair.points(),
            _ => pair.priced(),
        }
    }
}

fn belong(first: &Row<'_>, second: &Row<'_>) -> bool {
    let place = |row: &Row<'_>| row.text("vh").to_ascii_uppercase();
    let fits = matches!(
        (&*place(first), &*place(second)),
        ("V", "H") | ("H", "V") | ("N", "N")
    );
    fits && first.text("date") == second.text("date")
}

fn reject(archive: &mut Archive<'_>, row: &Row<'_>, reason: &str) {
    let root = Pointer::Root;
    archive
        .collector
        .rejects
        .push_with(&root.at(row.number), reason, &row.shown());
}

/// Scores by period. A period that was not played has an `x`.
fn periods(sheet: &Sheet, away: &Row<'_>, home: &Row<'_>) -> Vec<PeriodScore> {
    let mut found = Vec::new();
    for name in sheet.periods() {
        let (away, home) = (score(away.text(name)), score(home.text(name)));
        if away.is_some() || home.is_some() {
            found.push(PeriodScore {
                period: name.into(),
                home,
                away,
            });
        }
    }
    found
}

struct Pair<'p, 'c> {
    away: Row<'p>,
    home: Row<'p>,
    taken: Taken,
    archive: &'p mut Archive<'c>,
}

type Refused = (usize, String, String);

impl Pair<'_, '_> {
    /// Note why cells are refused, each with what stood there.
    fn refuse(&mut self, column: &str, reason: &str) {
        for row in [self.away, self.home] {
            let root = Pointer::Root;
            let at = root.at(row.number);
            let shown = row.text(column);
            self.archive
                .collector
                .rejects
                .push_with(&at.key(column), reason, shown);
        }
    }

    fn refuse_one(&mut self, column: &str, (row, reason, shown): &Refused) {
        let root = Pointer::Root;
        let at = root.at(*row);
        self.archive
            .collector
            .rejects
            .push_with(&at.key(column), reason.as_str(), shown);
    }

    fn tell(&mut self, told: &Told, row: usize, column: &str) {
        let root = Pointer::Root;
        let at = root.at(row);
        self.archive.tell(&self.taken, told, &at.key(column));
    }

    /// Baseball and hockey: moneylines open and close, the run line and totals with their prices beside them.
    fn priced(&mut self) {
        self.moneyline("open", true);
        self.moneyline("close", false);
        for column in ["runline", "puckline"] {
            self.priced_line(column, &Market::Spread, false);
        }
        self.priced_line("openou", &Market::Total, true);
        self.priced_line("closeou", &Market::Total, false);
    }

    fn moneyline(&mut self, column: &str, opener: bool) {
        for (row, side) in [(self.away, Side::Away), (self.home, Side::Home)] {
            match price(&row, column, column) {
                Ok(odds) => {
                    let told = Told {
                        market: Market::Moneyline,
                        period: Period::Full,
                        side,
                        opener,
                        line: None,
                        odds,
                    };
                    self.tell(&told, row.number, column);
                }
                Err(refused) => self.refuse_one(column, &refused),
            }
        }
    }

    /// A line with its price in the column to its right: of a spread for either team, of a total over then under.
    fn priced_line(&mut self, column: &str, market: &Market, opener: bool) {
        let (away, home) = match (line(&self.away, column), line(&self.home, column)) {
            (Ok(None), Ok(None)) => return,
            (Ok(Some(away)), Ok(Some(home))) => (away, home),
            (Err((_, reason, _)), _) | (_, Err((_, reason, _))) => {
                return self.refuse(column, &reason);
            }
            _ => return self.refuse(column, "only one of the two rows has a line"),
        };
        let spread = *market == Market::Spread;
        let agree = if spread {
            away.hundredths() == -home.hundredths()
        } else {
            away == home
        };
        if !agree {
            return self.refuse(column, "the lines of the two rows contradict each other");
        }
        let bounds = self.archive.bounds;
        let checked = if spread {
            bounds.check_spread(away, Period::Full)
        } else {
            bounds.check_total(away, Period::Full)
        };
        if let Err(reason) = checked {
            return self.refuse(column, &reason);
        }
        let sides = if spread {
            [Side::Away, Side::Home]
        } else {
            [Side::Over, Side::Under]
        };
        let beside = format!("{column}price");
        for ((row, line), side) in [(self.away, away), (self.home, home)]
            .into_iter()
            .zip(sides)
        {
            match price(&row, &beside, column) {
                Ok(odds) => {
                    let told = Told {
                        market: market.clone(),
                        period: Period::Full,
                        side,
                        opener,
                        line: Some(line),
                        odds,
                    };
                    self.tell(&told, row.number, column);
                }
                Err(refused) => self.refuse_one(column, &refused),
            }
        }
    }

    /// Football and basketball: the favourite's row has the spread, the other one the total; the moneyline closes.
    fn points(&mut self) {
        self.moneyline("ml", false);
        self.mixed("open", Period::Full, true);
        self.mixed("close", Period::Full, false);
        self.mixed("2h", Period::Half2, false);
    }

    fn mixed(&mut self, column: &str, period: Period, opener: bool) {
        let (away, home) = match (line(&self.away, column), line(&self.home, column)) {
            (Ok(None), Ok(None)) => return,
            (Ok(Some(away)), Ok(Some(home))) => (away, home),
            (Err((_, reason, _)), _) | (_, Err((_, reason, _))) => {
                return self.refuse(column, &reason);
            }
            _ => return self.refuse(column, "only one of the two rows has a number, so it is neither a spread nor a total for sure"),
        };
        let away_favoured = away < home;
        let (spread, total) = if away_favoured {
            (away, home)
        } else {
            (home, away)
        };
        let bounds = self.archive.bounds;
        let checked = bounds
            .check_spread(spread, period)
            .and_then(|()| bounds.check_total(total, period));
        let checked = if spread.hundredths() < 0 {
            Err("the favourite's spread is written without a sign".to_owned())
        } else {
            checked
        };
        if let Err(reason) = checked {
            return self.refuse(column, &reason);
        }
        let given = Line::from_hundredths(-spread.hundredths());
        let (away_line, home_line) = if away_favoured {
            (given, spread)
        } else {
            (spread, given)
        };
        let row_of = |spread: bool| {
            if spread == away_favoured {
                self.away.number
            } else {
                self.home.number
            }
        };
        let (at_spread, at_total) = (row_of(true), row_of(false));
        for (market, side, line, row) in [
            (Market::Spread, Side::Away, away_line, at_spread),
            (Market::Spread, Side::Home, home_line, at_spread),
            (Market::Total, Side::Over, total, at_total),
            (Market::Total, Side::Under, total, at_total),
        ] {
            let told = Told {
                market,
                period,
                side,
                opener,
                line: Some(line),
                odds: None,
            };
            self.tell(&told, row, column);
        }
    }
}

/// The price in `column`; a refusal names `shown_at`.
fn price(row: &Row<'_>, column: &str, shown_at: &str) -> Result<Option<Odds>, Refused> {
    let text = row.text(column);
    // 0 is how some years write a price that nobody made.
    if written::is_nothing(text) || written::number(text) == Some(0.0) {
        return Ok(None);
    }
    written::american(text).map(Some).map_err(|reason| {
        let shown = format!("{} {text}", row.text(shown_at));
        (row.number, reason, shown)
    })
}

fn line(row: &Row<'_>, column: &str) -> Result<Option<Line>, Refused> {
    let text = row.text(column);
    if written::is_nothing(text) {
        return Ok(None);
    }
    written::line(text)
        .map(Some)
        .map_err(|reason| (row.number, reason, text.to_owned()))
}
