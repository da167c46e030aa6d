//! One game's ticks: every price of every book with its own time.
//!
//! Each element of an outcome's `history` is a quote at its `updated_at`. The outcome's own price is a quote too, without
//! a time, but only where it differs from the newest tick: it is then a move the ticks do not have yet.

use super::by_book::{self, ByBook, Words};
use super::not_a_response;
use super::outcome::{self, GameRef, Keys, Outcome, Placed, Terms, Tick};
use crate::domain::market::Phase;
use crate::sources::Refusal;
use crate::sources::collector::{BookRef, Collector, Offer};
use crate::sources::json::{Document, Json, List, Pointer, Read, Reader, Scalar, Shape, record};

record! {
    /// The wrappers some clients describe; none is captured.
    Wrapped<'a> {
        history: Either<'a> = "history",
        data: Either<'a> = "data",
        results: Either<'a> = "results",
    }
}

/// A history as an object keyed by book (captured in an excerpt) or as a list of outcomes (unverified).
#[derive(Debug, Default)]
pub(super) enum Either<'a> {
    /// There is none.
    #[default]
    Absent,
    /// Keyed by book.
    ByBook(ByBook<'a>),
    /// A list.
    Listed(List<Outcome<'a>>),
}

impl<'a> Json<'a> for Either<'a> {
    fn fill(&mut self, reader: &mut Reader<'a>) -> Read<()> {
        if reader.peek() == b'[' {
            let mut list = List::default();
            list.fill(reader)?;
            *self = Self::Listed(list);
        } else {
            let mut by_book = ByBook::default();
            by_book.fill(reader)?;
            *self = Self::ByBook(by_book);
        }
        Ok(())
    }
}

/// Decode a history.
pub(super) fn decode<'c>(
    document: &Document<'_>,
    mut collector: Collector<'c>,
) -> Result<Collector<'c>, Refusal> {
    let root = Pointer::Root;
    if document.is_list() {
        let list = document.read()?;
        listed(&list, &root, &mut collector);
        return Ok(collector);
    }
    let by_book: ByBook<'_> = document.read()?;
    let keyed = by_book
        .entries
        .iter()
        .any(|(key, _)| key.bytes().all(|b| b.is_ascii_digit()));
    // No history yet, or no longer: served for about the current and the previous week only.
    if keyed || by_book.shape == Shape::Right && by_book.entries.is_empty() {
        books(&by_book, &root, &mut collector);
        return Ok(collector);
    }
    let wrapped: Wrapped<'_> = document.read()?;
    let members = [
        ("history", &wrapped.history),
        ("data", &wrapped.data),
        ("results", &wrapped.results),
    ];
    let mut any = false;
    for (name, body) in members {
        let place = root.key(name);
        match body {
            Either::Absent => continue,
            Either::ByBook(by_book) => books(by_book, &place, &mut collector),
            Either::Listed(list) => listed(list, &place, &mut collector),
        }
        any = true;
    }
    if any {
        Ok(collector)
    } else {
        Err(not_a_response(document, "a game's history").into())
    }
}

fn books(by_book: &ByBook<'_>, place: &Pointer<'_>, collector: &mut Collector<'_>) {
    if by_book.shape != Shape::Right {
        collector.rejects.push(
            place,
            "a history is neither an object keyed by book nor a list",
        );
    }
    let periods = by_book.entries.iter().flat_map(|(_, book)| &book.entries);
    let outcomes = periods
        .flat_map(|(_, period)| &period.entries)
        .flat_map(|(_, kind)| &kind.items);
    collector.expect_quotes(
        outcomes
            .map(|outcome| outcome.history.items.len() + 1)
            .sum(),
    );
    let words = Words {
        book: "a book's history is not an object keyed by period",
        period: "a period's history is not an object keyed by type",
    };
    by_book::each(by_book, &words, place, collector, ticks);
}

fn listed(list: &List<Outcome<'_>>, place: &Pointer<'_>, collector: &mut Collector<'_>) {
    for (index, outcome) in list.items.iter().enumerate() {
        let place = place.at(index);
        let (Some(book), Some(period), Some(kind)) = (
            outcome.book_id.id(),
            outcome.period.text(),
            outcome.kind.text(),
        ) else {
            collector.rejects.push(
                &place,
                "an outcome in a list needs book_id, period and type",
            );
            continue;
        };
        let book = collector.book(&book);
        let keys = Keys {
            book: &book,
            period,
            kind,
        };
        ticks(outcome, &keys, &place, collector);
    }
}

/// One outcome: its ticks, and its own price where that is news.
fn ticks(
    outcome: &Outcome<'_>,
    keys: &Keys<'_>,
    place: &Pointer<'_>,
    collector: &mut Collector<'_>,
) {
    // The request names the game; an answer saved without its request still names it in each outcome.
    let named = collector
        .context
        .source_game_id
        .map(|id| collector.word(id));
    let id = named.or_else(|| outcome.event_id.id().map(|id| collector.word(&id)));
    collector.reading(id.as_ref().map(|id| &*id.text));
    let game = GameRef {
        id,
        ..GameRef::default()
    };
    let Some(placed) = outcome::place(outcome, keys, &game, place, collector) else {
        return;
    };
    let at_history = place.key("history");
    if outcome.history.shape == Shape::Wrong {
        collector
            .rejects
            .push(&at_history, "an outcome's history is not a list");
    }
    let mut newest: Option<Offer> = None;
    for (index, tick) in outcome.history.items.iter().enumerate() {
        let place = at_history.at(index);
        let Some(offer) = tick_offer(tick, &placed, keys.book, &place, collector) else {
            continue;
        };
        if newest
            .as_ref()
            .is_none_or(|newest| newest.source_at <= offer.source_at)
        {
            newest = Some(offer);
        }
        // The outcome's flag tells of now, not of the tick's time.
        let phase = phase(&tick.is_live);
        let slot = placed.slot(&game, keys.book, phase);
        collector.quote(&slot, &offer, &place);
    }
    if outcome.odds == Scalar::Absent && outcome.history.shape == Shape::Right {
        return;
    }
    let terms = Terms {
        odds: &outcome.odds,
        value: &outcome.value,
        line_status: &outcome.line_status,
    };
    let Some(offer) = outcome::offer(&terms, &placed.market, keys.book.id(), place, collector)
    else {
        return;
    };
    let known = newest.is_some_and(|newest| {
        newest.line == offer.line && newest.odds == offer.odds && newest.status == offer.status
    });
    if !known {
        let slot = placed.slot(&game, keys.book, placed.phase);
        collector.quote(&slot, &offer, place);
    }
}

const fn phase(is_live: &Scalar<'_>) -> Option<Phase> {
    match is_live.flag() {
        Some(true) => Some(Phase::Live),
        Some(false) => Some(Phase::Pregame),
        None => None,
    }
}

fn tick_offer(
    tick: &Tick<'_>,
    placed: &Placed,
    book: &BookRef,
    place: &Pointer<'_>,
    collector: &mut Collector<'_>,
) -> Option<Offer> {
    if tick.shape != Shape::Right {
        collector.rejects.push(place, "a tick is not an object");
        return None;
    }
    let Some(updated_at) = tick.updated_at.time() else {
        collector.rejects.push(
            &place.key("updated_at"),
            "a tick without a time has no place",
        );
        return None;
    };
    let terms = Terms {
        odds: &tick.odds,
        value: &tick.value,
        line_status: &tick.line_status,
    };
    let mut offer = outcome::offer(&terms, &placed.market, book.id(), place, collector)?;
    offer.source_at = Some(updated_at);
    Some(offer)
}
