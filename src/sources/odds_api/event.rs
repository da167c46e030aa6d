//! Events and the books' markets on them.

use super::format::Format;
use super::market;
use super::outcome::{self, Teams};
use super::slate::{Bookmaker, Event, Outcome, Slate};
use super::sport;
use crate::domain::feed::FeedGame;
use crate::sources::DecodeContext;
use crate::sources::collector::{Collector, Word};
use crate::sources::json::{Pointer, Scalar, Shape, record};

record! {
    /// A past snapshot: a list of events, or one event when one was asked for.
    Envelope<'a> {
        timestamp: Scalar<'a> = "timestamp",
        data: Slate<'a> = "data",
    }
}

/// Every event of a slate.
pub(super) fn events(
    slate: &Slate<'_>,
    context: &DecodeContext<'_>,
    place: &Pointer<'_>,
    collector: &mut Collector<'_>,
) {
    collector.expect_quotes(slate.size());
    let format = Format::of(slate, context);
    for (index, event) in slate.events.iter().enumerate() {
        if slate.is_list {
            one(event, slate, format, &place.at(index), collector);
        } else {
            one(event, slate, format, place, collector);
        }
        collector.reading(None);
    }
}

/// The members every kind of event has.
pub(super) struct Header<'h> {
    pub(super) id: &'h Scalar<'h>,
    pub(super) sport_key: &'h Scalar<'h>,
    pub(super) commence_time: &'h Scalar<'h>,
    pub(super) home_team: &'h Scalar<'h>,
    pub(super) away_team: &'h Scalar<'h>,
}

/// The game an event is; none, with a reject noted, when it cannot be named.
pub(super) fn game(
    header: &Header<'_>,
    place: &Pointer<'_>,
    collector: &mut Collector<'_>,
) -> Option<(FeedGame, Word, Teams)> {
    let id = header.id.id();
    collector.reading(id.as_deref());
    let Some(id) = id else {
        collector
            .rejects
            .push(&place.key("id"), "an event without an id cannot be placed");
        return None;
    };
    let mut team = |member: &str, scalar: &Scalar<'_>| {
        let found = scalar.text().map(|name| collector.word(name));
        if found.is_none() {
            collector.rejects.push(
                &place.key(member),
                "an event needs both teams, or its sides cannot be told apart",
            );
        }
        found
    };
    let home = team("home_team", header.home_team)?;
    let away = team("away_team", header.away_team)?;
    if home.text == away.text {
        collector
            .rejects
            .push(&place.key("away_team"), "a team cannot play itself");
        return None;
    }
    let league = header.sport_key.text().map_or_else(
        || {
            collector.rejects.push(
                &place.key("sport_key"),
                "an event without a sport is kept under the league \"other\"",
            );
            crate::domain::league::League::Other
        },
        sport::league,
    );
    let starts_at = collector.optional_time(header.commence_time, &place.key("commence_time"));
    let id = collector.word(&id);
    let game = collector.name_game(&id.text, league, &home.text, &away.text, starts_at);
    Some((game, id, Teams { home, away }))
}

fn one(
    event: &Event<'_>,
    slate: &Slate<'_>,
    format: Format,
    place: &Pointer<'_>,
    collector: &mut Collector<'_>,
) {
    if event.shape != Shape::Right {
        collector.rejects.push(place, "an event is not an object");
        return;
    }
    let header = Header {
        id: &event.id,
        sport_key: &event.sport_key,
        commence_time: &event.commence_time,
        home_team: &event.home_team,
        away_team: &event.away_team,
    };
    let Some((game, id, teams)) = game(&header, place, collector) else {
        return;
    };
    if !collector.game(game, place) {
        return;
    }
    let place = place.key("bookmakers");
    if matches!(event.bookmakers.shape, Shape::Wrong | Shape::Null) {
        collector
            .rejects
            .push(&place, "the bookmakers are not a list");
    }
    let reading = Reading {
        slate,
        game: &id,
        teams: &teams,
        format,
    };
    for (index, bookmaker) in slate.bookmakers(event).iter().enumerate() {
        books_markets(bookmaker, &reading, &place.at(index), collector);
    }
}

/// What the books of one event have in common.
struct Reading<'r> {
    slate: &'r Slate<'r>,
    game: &'r Word,
    teams: &'r Teams,
    format: Format,
}

fn books_markets(
    bookmaker: &Bookmaker<'_>,
    reading: &Reading<'_>,
    place: &Pointer<'_>,
    collector: &mut Collector<'_>,
) {
    if bookmaker.shape != Shape::Right {
        collector
            .rejects
            .push(place, "a bookmaker is not an object");
        return;
    }
    let Some(key) = bookmaker.key.id() else {
        collector.rejects.push(
            &place.key("key"),
            "a bookmaker without a key cannot be placed",
        );
        return;
    };
    let book = collector.book(&key);
    let book_time = collector.optional_time(&bookmaker.last_update, &place.key("last_update"));
    let place = place.key("markets");
    if bookmaker.markets.shape != Shape::Right {
        collector
            .rejects
            .push(&place, "a bookmaker's markets are not a list");
    }
    for (index, row) in reading.slate.markets(bookmaker).iter().enumerate() {
        let place = place.at(index);
        if row.shape != Shape::Right {
            collector.rejects.push(&place, "a market is not an object");
            continue;
        }
        // A market's own time is finer than its book's; captures of 2022 have only the book's.
        let source_at = if row.last_update == bookmaker.last_update && book_time.is_some() {
            book_time
        } else {
            let own_time = collector.optional_time(&row.last_update, &place.key("last_update"));
            own_time.or(book_time)
        };
        let outcomes = reading.slate.outcomes(row);
        let at_outcomes = place.key("outcomes");
        if row.outcomes.shape != Shape::Right {
            collector
                .rejects
                .push(&at_outcomes, "a market's outcomes are not a list");
        }
        let known = row
            .key
            .text()
            .map_or_else(|| Err("a market without a key".to_owned()), market::known);
        match known {
            Ok(known) => {
                let sheet = outcome::Sheet {
                    game: reading.game,
                    book: &book,
                    teams: reading.teams,
                    known: &known,
                    format: reading.format,
                    source_at,
                };
                market_outcomes(outcomes, &sheet, &at_outcomes, collector);
            }
            // Each outcome is told, so that what went in can be counted out.
            Err(reason) => {
                for (index, outcome) in Slate::written(row).into_iter().enumerate() {
                    collector
                        .rejects
                        .push_with(&at_outcomes.at(index), reason.as_str(), outcome);
                }
            }
        }
    }
}

fn market_outcomes(
    outcomes: &[Outcome<'_>],
    sheet: &outcome::Sheet<'_>,
    place: &Pointer<'_>,
    collector: &mut Collector<'_>,
) {
    if outcome::points_disagree(outcomes, sheet) {
        for index in 0..outcomes.len() {
            collector.rejects.push(
                &place.at(index).key("point"),
                "the two points of a spread are not opposite, so neither side's is known",
            );
        }
        return;
    }
    for (index, outcome) in outcomes.iter().enumerate() {
        outcome::take(outcome, sheet, &place.at(index), collector);
    }
}
