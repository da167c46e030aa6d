//! Prices: a market, its bookmakers, their lines, and the two or three answers of each.

use std::rc::Rc;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::fixture::Sides;
use super::names::{self, Sport};
use super::tree::Item;
use crate::domain::book::BookKind;
use crate::domain::feed::FeedBook;
use crate::domain::market::{Line, Market, Period, QuoteStatus, Side};
use crate::domain::odds::Odds;
use crate::domain::source::Source;
use crate::domain::time::from_epoch;
use crate::sources::collector::{BookRef, Collector, Offer, Slot, Word};
use crate::sources::json::Scalar;

/// What the prices of one bookmaker's market have in common.
struct Sheet<'s> {
    sides: Sides<'s>,
    game: &'s Word,
    book: Rc<BookRef>,
    market: &'s Market,
    period: Period,
    source_at: Option<DateTime<Utc>>,
    is_stopped: bool,
}

/// How a price's line is told.
#[derive(Clone, Copy)]
enum Told {
    /// By its own name, or not at all.
    ByName,
    /// By the element around it.
    Around(Line),
}

/// Every price of a match.
pub(super) fn all(
    odds: Item<'_>,
    sides: Sides<'_>,
    game: &Word,
    sport: Sport,
    collector: &mut Collector<'_>,
) {
    let at = time(odds, collector);
    for kind in odds.all(&["type"]) {
        let name = kind.get("value").or_else(|| kind.get("name"));
        let Some((market, period)) = name.and_then(|name| names::market(sport, name)) else {
            let reason = "this market is not kept, nor are its prices";
            collector.rejects.push(&kind.at("value"), reason);
            continue;
        };
        for bookmaker in kind.all(&["bookmaker"]) {
            let id = bookmaker.get("id").and_then(|id| Scalar::Text(id).id());
            let Some(id) = id else {
                let reason = "a bookmaker without a usable id has no prices that can be kept";
                collector.rejects.push(&bookmaker.spot(), reason);
                continue;
            };
            let sheet = Sheet {
                sides,
                game,
                book: book(&id, bookmaker, collector),
                market: &market,
                period,
                source_at: time(bookmaker, collector).or(at),
                is_stopped: is_set(kind, "stop") || is_set(bookmaker, "stop"),
            };
            sheet.lines(bookmaker, collector);
        }
    }
}

/// The book, which is listed when it is first met.
fn book(id: &str, item: Item<'_>, collector: &mut Collector<'_>) -> Rc<BookRef> {
    let (book, is_new) = collector.meet(id);
    if is_new && let Some(name) = item.get("name") {
        let known = collector.context.books.find(Source::Goalserve, id);
        let listed = FeedBook {
            source: Source::Goalserve,
            source_book_id: Arc::clone(book.id()),
            name: name.into(),
            book: known.map(|entry| entry.slug.clone()),
            parent: None,
            state: None,
            kind: known.map_or(BookKind::Book, |entry| entry.kind),
        };
        collector.decoded.books.push(listed);
    }
    book
}

/// The time of an element: seconds in one answer, milliseconds in the next.
pub(super) fn time(item: Item<'_>, collector: &mut Collector<'_>) -> Option<DateTime<Utc>> {
    let text = item.get("ts").filter(|text| *text != "0")?;
    let time = text.parse().ok().and_then(from_epoch);
    if time.is_none() {
        let reason = "this is not a time, so none is kept";
        collector.rejects.push(&item.at("ts"), reason);
    }
    time
}

fn is_set(item: Item<'_>, name: &str) -> bool {
    item.get(name)
        .is_some_and(|flag| flag.eq_ignore_ascii_case("true") || flag == "1")
}

impl Sheet<'_> {
    /// Every line of a bookmaker.
    fn lines(&self, bookmaker: Item<'_>, collector: &mut Collector<'_>) {
        let around: &'static [&'static str] = &["total", "handicap"];
        let is_only = bookmaker
            .all(around)
            .flat_map(Item::children)
            .nth(2)
            .is_none();
        let mut main_met = false;
        for group in bookmaker.all(around) {
            let line = group.get("name").and_then(line);
            let Some(line) = line else {
                let reason = "this is not a line: lines lie on quarter points";
                collector.rejects.push(&group.at("name"), reason);
                continue;
            };
            // Without a flag the only line is the main one, and of several none is.
            let is_main = is_set(group, "ismain") || is_set(group, "main") || is_only;
            let main = is_main && !main_met;
            main_met |= is_main;
            let is_stopped = self.is_stopped || is_set(group, "stop");
            for (index, odd) in group.all(&["odd"]).enumerate() {
                // The name is the first price's line, the second bets against it, and each further pair has its own.
                let own = || odd.get("handicap").and_then(self::line);
                let told = match (group.name(), index) {
                    ("handicap", 1) => Some(Line::from_hundredths(-line.hundredths())),
                    (_, 0 | 1) => Some(line),
                    _ => own(),
                };
                let Some(told) = told else {
                    let reason = "a line has two prices, and this is one more";
                    collector.rejects.push(&odd.spot(), reason);
                    continue;
                };
                let main = main && index < 2;
                self.price(odd, Told::Around(told), main, is_stopped, collector);
            }
        }
        // The old layout writes lines into the names, all of them below one bookmaker.
        let is_only = bookmaker.all(&["odd"]).nth(2).is_none();
        for odd in bookmaker.all(&["odd"]) {
            self.price(odd, Told::ByName, is_only, self.is_stopped, collector);
        }
    }

    fn price(
        &self,
        odd: Item<'_>,
        told: Told,
        main: bool,
        is_stopped: bool,
        collector: &mut Collector<'_>,
    ) {
        let name = odd.get("name").unwrap_or_default();
        let (answer, named) = match self.side(name) {
            Some(_) => (name, None),
            None => split(name),
        };
        let Some(side) = self.side(answer) else {
            let reason = "this is none of the market's answers";
            collector.rejects.push(&odd.at("name"), reason);
            return;
        };
        let line = match told {
            Told::Around(line) => Some(line),
            Told::ByName => named.and_then(self::line),
        };
        let has_line = self.market.has_line();
        if has_line && line.is_none() || line.is_none() && named.is_some() {
            let reason = "a price of this market needs a line that lies on a quarter point";
            collector.rejects.push(&odd.at("name"), reason);
            return;
        }
        let is_prop = matches!(self.market, Market::Prop(_));
        // `us` is wrong for every price above 2.00 and for short ones: only decimals are read.
        let attribute = if odd.get("value").is_none() {
            "dp3"
        } else {
            "value"
        };
        let odds = match price(odd.get(attribute)) {
            Ok(odds) => odds,
            Err(reason) => {
                collector.rejects.push(&odd.at(attribute), reason);
                return;
            }
        };
        let status = match odds {
            None => QuoteStatus::Off,
            Some(_) if is_stopped || is_set(odd, "stop") => QuoteStatus::Suspended,
            Some(_) => QuoteStatus::Open,
        };
        let slot = Slot {
            game: Some(self.game),
            book: &self.book,
            market: self.market,
            period: self.period,
            // Pregame only; a price that stays in the list after the start is told by the start.
            phase: None,
            side,
            participant: None,
        };
        let offer = Offer {
            line: line.filter(|_| has_line || is_prop),
            odds,
            status,
            main: if has_line { main } else { line.is_none() },
            opener: false,
            source_at: self.source_at,
        };
        collector.quote(&slot, &offer, &odd.spot());
    }

    fn side(&self, answer: &str) -> Option<Side> {
        let is = |team: Item<'_>| team.get("name") == Some(answer);
        match answer {
            "1" | "Home" => Some(Side::Home),
            "2" | "Away" => Some(Side::Away),
            "X" | "Draw" => Some(Side::Draw),
            "Over" => Some(Side::Over),
            "Under" => Some(Side::Under),
            _ if is(self.sides.home) => Some(Side::Home),
            _ if is(self.sides.away) => Some(Side::Away),
            _ => None,
        }
    }
}

/// The answer and the line of a name such as `1 : -1.0` or `Over 2.5`.
fn split(name: &str) -> (&str, Option<&str>) {
    let parts = name.split_once(':').or_else(|| name.rsplit_once(' '));
    match parts {
        Some((answer, line)) => (answer.trim(), Some(line.trim())),
        None => (name, None),
    }
}

/// A line as a plain number, with or without its sign.
fn line(text: &str) -> Option<Line> {
    let digits = text.trim_start_matches(['+', '-']);
    let fits = text.len() - digits.len() <= 1
        && matches!(digits.len(), 1..=8)
        && digits
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.');
    text.parse()
        .ok()
        .filter(|_| fits)
        .and_then(Line::from_points)
}

/// A decimal price; none when it is off the board.
fn price(text: Option<&str>) -> Result<Option<Odds>, String> {
    let Some(text) = text.filter(|text| !matches!(*text, "-" | "OFF" | "off")) else {
        return Ok(None);
    };
    let fits = text.len() <= 12
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.');
    let value: f64 = text
        .parse()
        .ok()
        .filter(|_| fits)
        .ok_or("the price is not a decimal number")?;
    if value == 0.0 {
        return Ok(None);
    }
    Odds::decimal(value)
        .map(Some)
        .map_err(|error| error.to_string())
}
