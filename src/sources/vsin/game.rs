//! A game's row, or pair of rows, made into records.

use std::rc::Rc;
use std::sync::Arc;

use chrono::NaiveDate;
use foldhash::HashMap;

use super::names::{self, Order};
use super::table::{Page, Row, Spot};
use super::value::{self, Offered};
use crate::domain::feed::Split;
use crate::domain::league::League;
use crate::domain::market::{Market, Period, QuoteStatus, Side};
use crate::domain::source::Source;
use crate::sources::collector::{BookRef, Collector, Offer, Slot, Word};

/// Columns of numbers in a row: line, handle and bets of three markets.
const COLUMNS: usize = 9;
/// Cells of a row that is a game.
const CELLS: usize = COLUMNS + 1;
/// Longest name of a team, in bytes.
const LONGEST_NAME: usize = 80;

/// Where two games of one pair on one day would collide.
type Pairing = (League, NaiveDate, Arc<str>, Arc<str>);

/// The games of one page.
struct Games<'c, 'k> {
    collector: &'k mut Collector<'c>,
    /// The book whose numbers these are.
    book: Option<Rc<BookRef>>,
    /// What the header says of the columns.
    told: Option<Order>,
    pairings: HashMap<Pairing, u8>,
}

/// A value of one side and where it stands.
type Value<'p> = (&'p str, Spot<'p>);

/// What one game's rows hold: the away side, or over, first.
struct Sheet<'p> {
    spot: Spot<'p>,
    code: &'p str,
    is_sp: bool,
    teams: [Option<&'p str>; 2],
    /// The texts in which a start may stand.
    loose: [&'p str; 2],
    values: [Vec<Value<'p>>; 2],
}

/// Read every game of `page`.
pub(super) fn games(page: &Page, collector: &mut Collector<'_>) {
    let named = collector.context.endpoint.and_then(names::asked_book);
    let named = named.or_else(|| page.book.clone());
    let book = named.map(|name| collector.book(&name));
    let mut games = Games {
        collector,
        book,
        told: None,
        pairings: HashMap::default(),
    };
    let mut waiting: Option<&Row> = None;
    let mut table = None;
    for row in &page.rows {
        if row.table != table {
            (table, games.told) = (row.table, None);
        }
        if row.is_header() {
            games.told = header(row).or(games.told.take());
            continue;
        }
        if !row.is_sp {
            games.single(row);
            continue;
        }
        match waiting.take() {
            Some(away) if row.code.is_none() || row.code == away.code => games.pair(away, row),
            Some(away) => {
                games.alone(away);
                waiting = Some(row);
            }
            None if row.code.is_some() => waiting = Some(row),
            None => games.alone(row),
        }
    }
    if let Some(away) = waiting {
        games.alone(away);
    }
    let last = page.rows.last().map(Row::spot);
    if let Some(spot) = last.filter(|_| page.cut || page.more_rows) {
        let reason = if page.cut {
            "the page ends inside its table, so games may be missing after this row"
        } else {
            "the page has more rows than are read; this is the last one read"
        };
        games.collector.reading(None);
        games.collector.rejects.push(&spot, reason);
    }
    let first = page.rows.iter().find(|row| !row.is_header());
    if let Some(row) = first.filter(|_| games.book.is_none()) {
        games.collector.reading(None);
        games.collector.rejects.push(
            &row.spot(),
            "neither the page nor its address names the book, so no price is kept; give the endpoint with its bookid",
        );
    }
}

/// The order of the columns as a header row names it, where it names all three.
fn header(row: &Row) -> Option<Order> {
    let at = |index: usize| names::column(row.cells.get(index)?.parts.first()?.value());
    let base = row.cells.len().checked_sub(COLUMNS)?;
    let order = [at(base)?, at(base + 3)?, at(base + 6)?];
    let [one, two, three] = &order;
    (one != two && two != three && one != three).then_some(order)
}

impl Games<'_, '_> {
    /// A row that is a whole game.
    fn single(&mut self, row: &Row) {
        self.collector.reading(None);
        let Some(code) = &row.code else {
            // Notes and spacers span the table.
            if row.cells.len() > 2 {
                let reason = "a row of a game without its code cannot be placed";
                self.collector.rejects.push(&row.spot(), reason);
            }
            return;
        };
        let (Some(teams), true) = (row.cells.first(), row.cells.len() == CELLS) else {
            let reason = format!(
                "a game's row has {CELLS} cells, this one {}",
                row.cells.len()
            );
            self.collector.rejects.push(&row.spot(), reason);
            return;
        };
        let part = |side: usize| teams.parts.get(side);
        let values = |side: usize| {
            (1..CELLS).map(move |index| {
                let part = row.cells.get(index).and_then(|cell| cell.parts.get(side));
                (part.map_or("", |part| part.value()), row.cell(index))
            })
        };
        self.take(&Sheet {
            spot: row.spot(),
            code,
            is_sp: false,
            teams: [0, 1].map(|side| part(side).and_then(|part| part.team())),
            loose: [0, 1].map(|side| part(side).map_or("", |part| &*part.loose)),
            values: [values(0).collect(), values(1).collect()],
        });
    }

    /// Two rows that are a game.
    fn pair(&mut self, away: &Row, home: &Row) {
        let Some(code) = &away.code else { return };
        let mut teams = [None; 2];
        let mut loose = [""; 2];
        let mut values = [Vec::new(), Vec::new()];
        for (side, row) in [away, home].into_iter().enumerate() {
            // The cell with the button may span both rows.
            let Some(base) = row
                .cells
                .len()
                .checked_sub(COLUMNS)
                .filter(|n| (1..=2).contains(n))
            else {
                self.collector.reading(None);
                let reason = format!("a team's row has 11 cells, this one {}", row.cells.len());
                self.collector.rejects.push(&row.spot(), reason);
                return;
            };
            let name = row.cells.get(base - 1).and_then(|cell| cell.parts.first());
            if let (Some(team), Some(text)) = (teams.get_mut(side), loose.get_mut(side)) {
                *team = name.and_then(|part| part.team());
                *text = name.map_or("", |part| &*part.loose);
            }
            if let Some(values) = values.get_mut(side) {
                for index in base..base + COLUMNS {
                    let part = row.cells.get(index).and_then(|cell| cell.parts.first());
                    values.push((part.map_or("", |part| part.value()), row.cell(index)));
                }
            }
        }
        self.take(&Sheet {
            spot: away.spot(),
            code,
            is_sp: true,
            teams,
            loose,
            values,
        });
    }

    fn alone(&mut self, row: &Row) {
        if row.code.is_none() && row.cells.len() <= 2 {
            return;
        }
        self.collector.reading(None);
        let reason = "a team's row without the row of its opponent";
        self.collector.rejects.push(&row.spot(), reason);
    }

    fn take(&mut self, sheet: &Sheet<'_>) {
        self.collector.reading(None);
        let Some(code) = names::code(sheet.code) else {
            let reason = "a game code is a day, the letters of a league and a number";
            self.collector.rejects.push(&sheet.spot, reason);
            return;
        };
        let fits = |name: &&str| name.len() <= LONGEST_NAME;
        let [Some(away), Some(home)] = sheet.teams.map(|name| name.filter(fits)) else {
            let reason = "a game needs the names of both teams";
            self.collector.rejects.push(&sheet.spot, reason);
            return;
        };
        let id = self.collector.word(sheet.code);
        self.collector.reading(Some(sheet.code));
        let (home, away) = (
            self.collector.word(home).text,
            self.collector.word(away).text,
        );
        let mut texts = sheet.loose.iter();
        let start = texts.find_map(|text| value::start(text, code.date));
        let mut game = self
            .collector
            .name_game(&id.text, code.league, &home, &away, start);
        // Without starts the order of the rows is all there is to tell a doubleheader's games apart.
        let pairing = (code.league, code.date, home, away);
        let before = self.pairings.get(&pairing).copied().unwrap_or_default();
        game.game_number = before.saturating_add(1);
        game.slate_date = Some(code.date);
        if !self.collector.game(game, &sheet.spot) {
            return;
        }
        self.pairings.insert(pairing, before.saturating_add(1));
        let order = self.told.clone();
        let order = order.unwrap_or_else(|| names::order(code.league, sheet.is_sp));
        for (index, market) in order.iter().enumerate() {
            self.market(sheet, &id, market, index * 3);
        }
    }

    /// Line, handle and bets of one market, which begin at `column`.
    fn market(&mut self, sheet: &Sheet<'_>, game: &Word, market: &Market, column: usize) {
        let sides = if *market == Market::Total {
            [Side::Over, Side::Under]
        } else {
            [Side::Away, Side::Home]
        };
        let money = self.shares(sheet, column + 1);
        let tickets = self.shares(sheet, column + 2);
        for (index, side) in sides.into_iter().enumerate() {
            self.price(sheet, game, market, side, (index, column));
            let of = |shares: [Option<f64>; 2]| shares.get(index).copied().flatten();
            let (money_pct, tickets_pct) = (of(money), of(tickets));
            if money_pct.is_none() && tickets_pct.is_none() {
                continue;
            }
            self.collector.decoded.splits.push(Split {
                source: Source::Vsin,
                source_game_id: Some(Arc::clone(&game.text)),
                source_book_id: self.book.as_ref().map(|book| Arc::clone(book.id())),
                market: market.clone(),
                period: Period::Full,
                side,
                tickets_pct,
                money_pct,
                tickets: None,
                money: None,
                source_at: None,
            });
        }
    }

    /// The shares of both sides in a column; 0 and 0 is how the page says that the market is not open.
    fn shares(&mut self, sheet: &Sheet<'_>, column: usize) -> [Option<f64>; 2] {
        let shares = [0, 1].map(|side| {
            let (text, spot) = sheet.values.get(side)?.get(column)?;
            value::share(text).unwrap_or_else(|reason| {
                self.collector.rejects.push(spot, reason);
                None
            })
        });
        if shares
            .iter()
            .all(|share| share.is_none_or(|share| share == 0.0))
        {
            return [None; 2];
        }
        shares
    }

    fn price(
        &mut self,
        sheet: &Sheet<'_>,
        game: &Word,
        market: &Market,
        side: Side,
        (index, column): (usize, usize),
    ) {
        let Some((text, place)) = sheet.values.get(index).and_then(|all| all.get(column)) else {
            return;
        };
        match (value::offered(text, market), &self.book) {
            (Ok(Offered::Price(line, odds)), Some(book)) => {
                let slot = Slot {
                    game: Some(game),
                    book,
                    market,
                    period: Period::Full,
                    phase: None,
                    side,
                    participant: None,
                };
                let offer = Offer {
                    line,
                    odds: Some(odds),
                    status: QuoteStatus::Open,
                    main: true,
                    opener: false,
                    source_at: None,
                };
                self.collector.quote(&slot, &offer, place);
            }
            (Ok(_), _) => {}
            (Err(reason), _) => self.collector.rejects.push(place, reason),
        }
    }
}
