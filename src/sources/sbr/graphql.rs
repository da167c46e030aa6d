//! Answers of the service that was withdrawn: lines with their own times, and the shares of bets.
//!
//! Prices name a team by number. Which number is the home team only an events answer tells, so both must come in one
//! body for moneylines and spreads; totals stand alone.

use std::sync::Arc;

use foldhash::{HashSet, HashSetExt};

use super::event::{self, Events, Sides};
use crate::domain::clean::clean;
use crate::domain::feed::Split;
use crate::domain::market::{Market, Period, QuoteStatus, Side};
use crate::domain::odds::Odds;
use crate::domain::source::Source;
use crate::sources::collector::{Collector, Offer, Slot};
use crate::sources::json::{Document, List, Pointer, Scalar, Shape, record};
use crate::sources::{NotAResponse, Refusal, written};

record! {
    Answer<'a> { data: Data<'a> = "data", errors: List<Fault<'a>> = "errors" }
}
record! {
    Fault<'a> { message: Scalar<'a> = "message" }
}
record! {
    Data<'a> {
        by_date: Events<'a> = "eventsByDateNew",
        by_day: Events<'a> = "eventsByDate",
        by_id: Events<'a> = "eventsByEventIds",
        by_group: Events<'a> = "eventsByEventGroup",
        events: Events<'a> = "events",
        opening: List<Line<'a>> = "openingLines",
        current: List<Line<'a>> = "currentLines",
        best: List<Line<'a>> = "bestLines",
        history: List<Step<'a>> = "lineHistory",
        consensus: List<Share<'a>> = "consensusHistory",
        per_book: List<Share<'a>> = "consensus",
    }
}
record! {
    /// A step of a history: one side moved, and the other is repeated as it was.
    Step<'a> { lines: List<Line<'a>> = "lines" }
}
record! {
    /// One side's price.
    Line<'a> {
        market: Scalar<'a> = "mtid",
        event: Scalar<'a> = "eid",
        book: Scalar<'a> = "paid",
        time: Scalar<'a> = "tim",
        team: Scalar<'a> = "partid",
        points: Scalar<'a> = "adj",
        decimal: Scalar<'a> = "pri",
        american: Scalar<'a> = "ap",
    }
}
record! {
    /// One side's share of bets at a book.
    Share<'a> {
        event: Scalar<'a> = "eid",
        market: Scalar<'a> = "mtid",
        team: Scalar<'a> = "partid",
        book: Scalar<'a> = "paid",
        wagers: Scalar<'a> = "wag",
        percent: Scalar<'a> = "perc",
        volume: Scalar<'a> = "tvol",
        time: Scalar<'a> = "tim",
    }
}

/// Sides of a total are two teams of their own.
const OVER: &str = "15143";
const UNDER: &str = "15144";

/// The service's numbers of markets; hockey has its own.
fn market(id: &Scalar<'_>) -> Result<(Market, Period), String> {
    Ok(match id.whole() {
        Some(83 | 125) => (Market::Moneyline, Period::Full),
        Some(401 | 412) => (Market::Spread, Period::Full),
        Some(402 | 411) => (Market::Total, Period::Full),
        Some(91) => (Market::Moneyline, Period::Half1),
        Some(397) => (Market::Spread, Period::Half1),
        Some(398) => (Market::Total, Period::Half1),
        Some(other) => return Err(format!("the meaning of market {other} is not known")),
        None => return Err("a line without the number of its market".into()),
    })
}

/// How lines of a list are taken.
#[derive(Clone, Copy)]
struct Kind {
    opener: bool,
    /// Of the best prices at each number nobody knows which number is a book's main one.
    main: bool,
}

/// Decode an answer.
pub(super) fn decode<'c>(
    document: &Document<'_>,
    mut collector: Collector<'c>,
) -> Result<Collector<'c>, Refusal> {
    let answer: Answer<'_> = document.read()?;
    let data = &answer.data;
    let root = Pointer::Root;
    let place = root.key("data");
    let events = [
        ("eventsByDateNew", &data.by_date),
        ("eventsByDate", &data.by_day),
        ("eventsByEventIds", &data.by_id),
        ("eventsByEventGroup", &data.by_group),
        ("events", &data.events),
    ];
    let lines = [
        (
            "openingLines",
            &data.opening,
            Kind {
                opener: true,
                main: true,
            },
        ),
        (
            "currentLines",
            &data.current,
            Kind {
                opener: false,
                main: true,
            },
        ),
        (
            "bestLines",
            &data.best,
            Kind {
                opener: false,
                main: false,
            },
        ),
    ];
    let shares = [
        ("consensusHistory", &data.consensus),
        ("consensus", &data.per_book),
    ];
    let nothing = events.iter().all(|(_, list)| list.shape == Shape::Absent)
        && lines.iter().all(|(_, list, _)| list.shape == Shape::Absent)
        && shares.iter().all(|(_, list)| list.shape == Shape::Absent)
        && data.history.shape == Shape::Absent;
    if nothing {
        return Err(refused(&answer).into());
    }
    let mut sides = Sides::default();
    for (name, list) in events {
        if list.shape != Shape::Absent {
            sides.extend(event::take(list, &place.key(name), &mut collector));
        }
    }
    let mut reading = Reading {
        sides,
        seen: HashSet::new(),
    };
    for (name, list, kind) in lines {
        let at = place.key(name);
        not_a_list(list.shape, &at, &mut collector);
        for (index, line) in list.items.iter().enumerate() {
            reading.line(line, kind, &at.at(index), &mut collector);
        }
    }
    let at = place.key("lineHistory");
    not_a_list(data.history.shape, &at, &mut collector);
    for (index, step) in data.history.items.iter().enumerate() {
        let (at, kind) = (
            at.at(index),
            Kind {
                opener: false,
                main: true,
            },
        );
        let at_lines = at.key("lines");
        if step.lines.shape != Shape::Right {
            collector
                .rejects
                .push(&at, "a step of a history holds no list of lines");
        }
        for (index, line) in step.lines.items.iter().enumerate() {
            reading.line(line, kind, &at_lines.at(index), &mut collector);
        }
    }
    for (name, list) in shares {
        let at = place.key(name);
        not_a_list(list.shape, &at, &mut collector);
        for (index, share) in list.items.iter().enumerate() {
            reading.share(share, &at.at(index), &mut collector);
        }
    }
    Ok(collector)
}

fn not_a_list(shape: Shape, place: &Pointer<'_>, collector: &mut Collector<'_>) {
    if shape == Shape::Wrong {
        collector.rejects.push(place, "this is not a list");
    }
}

fn refused(answer: &Answer<'_>) -> NotAResponse {
    let told = answer
        .errors
        .items
        .iter()
        .find_map(|fault| fault.message.text());
    NotAResponse(match told {
        Some(message) => format!(
            "SportsbookReview's withdrawn service answered with an error: {}; there is nothing to read from it",
            clean(message, 200)
        ),
        None => {
            "this answer of SportsbookReview's withdrawn service holds neither lines nor events nor shares of bets"
                .into()
        }
    })
}

struct Reading {
    sides: Sides,
    /// What a history told already: the side that did not move is repeated at every step.
    seen: HashSet<String>,
}

/// An item's market, and its side in it.
struct Placed {
    market: Market,
    period: Period,
    side: Side,
}

impl Reading {
    fn place(
        &self,
        market_id: &Scalar<'_>,
        event: &str,
        team: &Scalar<'_>,
    ) -> Result<Placed, (&'static str, String)> {
        let (market, period) = market(market_id).map_err(|reason| ("mtid", reason))?;
        let team = team
            .id()
            .ok_or(("partid", "a price of no team has no side".to_owned()))?;
        let side = match (&market, &*team) {
            (Market::Total, OVER) => Side::Over,
            (Market::Total, UNDER) => Side::Under,
            (Market::Total, _) => {
                return Err(("partid", format!("a total has no side {team}")));
            }
            _ => *self
                .sides
                .get(&(Box::from(event), Box::from(&*team)))
                .ok_or_else(|| {
                    let reason = format!(
                        "nothing tells whether team {team} is at home; feed the lines together with the answer of their events, as members of one \"data\""
                    );
                    ("partid", reason)
                })?,
        };
        Ok(Placed {
            market,
            period,
            side,
        })
    }

    fn line(
        &mut self,
        line: &Line<'_>,
        kind: Kind,
        place: &Pointer<'_>,
        collector: &mut Collector<'_>,
    ) {
        match self.read_line(line, kind, place, collector) {
            Ok(()) => {}
            Err((Some(member), reason)) => collector.rejects.push(&place.key(member), reason),
            Err((None, reason)) => collector.rejects.push(place, reason),
        }
        collector.reading(None);
    }

    fn read_line(
        &mut self,
        line: &Line<'_>,
        kind: Kind,
        place: &Pointer<'_>,
        collector: &mut Collector<'_>,
    ) -> Result<(), (Option<&'static str>, String)> {
        if line.shape != Shape::Right {
            return Err((None, "a line is not an object".into()));
        }
        let event = line.event.id();
        collector.reading(event.as_deref());
        let event = event.ok_or((Some("eid"), "a line without its event".to_owned()))?;
        let book = line
            .book
            .id()
            .ok_or((Some("paid"), "a line without its book".to_owned()))?;
        let placed = self
            .place(&line.market, &event, &line.team)
            .map_err(|(member, reason)| (Some(member), reason))?;
        let source_at = line
            .time
            .time()
            .ok_or((Some("tim"), "a line without a time has no place".to_owned()))?;
        let odds = match written::american_of(&line.american).map_err(|e| (Some("ap"), e))? {
            Some(odds) => Some(odds),
            None => match line.decimal.number().filter(|decimal| *decimal != 0.0) {
                Some(decimal) => {
                    Some(Odds::decimal(decimal).map_err(|e| (Some("pri"), e.to_string()))?)
                }
                None => None,
            },
        };
        let points = if placed.market.has_line() {
            written::line_of(&line.points).map_err(|e| (Some("adj"), e))?
        } else {
            None
        };
        if placed.market.has_line() && points.is_none() && odds.is_some() {
            return Err((Some("adj"), "a price without its line".into()));
        }
        let told = format!(
            "{event} {book} {:?} {:?} {:?} {source_at} {points:?} {odds:?} {}",
            placed.market, placed.period, placed.side, kind.opener
        );
        if !self.seen.insert(told) {
            return Ok(());
        }
        let game = collector.word(&event);
        let book = collector.book(&book);
        let slot = Slot {
            game: Some(&game),
            book: &book,
            market: &placed.market,
            period: placed.period,
            phase: None,
            side: placed.side,
            participant: None,
        };
        let offer = Offer {
            line: points,
            odds,
            status: if odds.is_some() {
                QuoteStatus::Open
            } else {
                QuoteStatus::Off
            },
            main: kind.main || !placed.market.has_line(),
            opener: kind.opener,
            source_at: Some(source_at),
        };
        collector.quote(&slot, &offer, place);
        Ok(())
    }

    fn share(&self, share: &Share<'_>, place: &Pointer<'_>, collector: &mut Collector<'_>) {
        match self.read_share(share, collector) {
            Ok(split) => collector.decoded.splits.push(split),
            Err((member, reason)) => collector.rejects.push(&place.key(member), reason),
        }
        collector.reading(None);
    }

    fn read_share(
        &self,
        share: &Share<'_>,
        collector: &mut Collector<'_>,
    ) -> Result<Split, (&'static str, String)> {
        let event = share.event.id();
        collector.reading(event.as_deref());
        let event = event.ok_or(("eid", "a share without its event".to_owned()))?;
        let placed = self.place(&share.market, &event, &share.team)?;
        let source_at = share
            .time
            .time()
            .ok_or(("tim", "a share without a time has no place".to_owned()))?;
        let percent = share
            .percent
            .number()
            .filter(|pct| (0.0..=100.0).contains(pct))
            .ok_or(("perc", "a share is not a number from 0 to 100".to_owned()))?;
        let book = share.book.id().map(|id| collector.word(&id).text);
        let count = |scalar: &Scalar<'_>| scalar.whole().filter(|count| *count > 0);
        Ok(Split {
            source: Source::Sbr,
            source_game_id: Some(Arc::clone(&collector.word(&event).text)),
            source_book_id: book,
            market: placed.market,
            period: placed.period,
            side: placed.side,
            tickets_pct: Some(percent),
            money_pct: None,
            tickets: count(&share.wagers),
            money: count(&share.volume),
            source_at: Some(source_at),
        })
    }
}
