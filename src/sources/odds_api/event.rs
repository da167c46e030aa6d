//! Events and the books' markets on them.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::format::Format;
use super::market;
use super::outcome::{self, Outcome, Teams};
use super::sport;
use crate::domain::feed::FeedGame;
use crate::sources::collector::{Collector, Word};
use crate::sources::json::{List, Pointer, Scalar, Shape, record};

record! {
    /// An event; without bookmakers in the lists of events.
    Event<'a> {
        id: Scalar<'a> = "id",
        sport_key: Scalar<'a> = "sport_key",
        commence_time: Scalar<'a> = "commence_time",
        home_team: Scalar<'a> = "home_team",
        away_team: Scalar<'a> = "away_team",
        bookmakers: List<Bookmaker<'a>> = "bookmakers",
    }
}
record! {
    Bookmaker<'a> {
        key: Scalar<'a> = "key",
        last_update: Scalar<'a> = "last_update",
        markets: List<MarketRow<'a>> = "markets",
    }
}
record! {
    MarketRow<'a> {
        key: Scalar<'a> = "key",
        last_update: Scalar<'a> = "last_update",
        outcomes: List<Outcome<'a>> = "outcomes",
    }
}
record! {
    /// A past snapshot: a list of events, or one event when one was asked for.
    Envelope<'a> {
        timestamp: Scalar<'a> = "timestamp",
        data: Data<'a> = "data",
    }
}

/// The content of an envelope.
#[derive(Debug, Default)]
pub(super) enum Data<'a> {
    /// There is none.
    #[default]
    Absent,
    /// A list.
    Listed(List<Event<'a>>),
    /// One event, or something that is neither.
    One(Box<Event<'a>>),
}

impl<'de: 'a, 'a> Deserialize<'de> for Data<'a> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Past snapshots are fetched once, so that reading their content twice costs nothing that matters.
        let raw: &'de RawValue = Deserialize::deserialize(deserializer)?;
        let read = if raw.get().starts_with('[') {
            serde_json::from_str(raw.get()).map(Data::Listed)
        } else {
            serde_json::from_str(raw.get()).map(|event| Data::One(Box::new(event)))
        };
        read.map_err(serde::de::Error::custom)
    }
}

impl<'a> Envelope<'a> {
    /// The events, however they came.
    pub(super) fn events(&self) -> &[Event<'a>] {
        match &self.data {
            Data::Absent => &[],
            Data::Listed(list) => &list.items,
            Data::One(event) => std::slice::from_ref(event),
        }
    }

    /// Whether the events came as a list.
    pub(super) const fn is_list(&self) -> bool {
        matches!(self.data, Data::Listed(_))
    }

    /// Whether there is content at all.
    pub(super) const fn is_right(&self) -> bool {
        !matches!(self.data, Data::Absent)
    }
}

/// Every event of a list.
pub(super) fn events(
    events: &[Event<'_>],
    format: Format,
    place: &Pointer<'_>,
    collector: &mut Collector<'_>,
) {
    for (index, event) in events.iter().enumerate() {
        one(event, format, &place.at(index), collector);
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

/// One event.
pub(super) fn one(
    event: &Event<'_>,
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
    for (index, bookmaker) in event.bookmakers.items.iter().enumerate() {
        books_markets(bookmaker, &id, &teams, format, &place.at(index), collector);
    }
}

fn books_markets(
    bookmaker: &Bookmaker<'_>,
    game: &Word,
    teams: &Teams,
    format: Format,
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
    for (index, row) in bookmaker.markets.items.iter().enumerate() {
        let place = place.at(index);
        if row.shape != Shape::Right {
            collector.rejects.push(&place, "a market is not an object");
            continue;
        }
        let own_time = collector.optional_time(&row.last_update, &place.key("last_update"));
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
                    game,
                    book: &book,
                    teams,
                    known: &known,
                    format,
                    // A market's own time is finer than its book's; captures of 2022 have only the book's.
                    source_at: own_time.or(book_time),
                };
                market_outcomes(row, &sheet, &at_outcomes, collector);
            }
            // Each outcome is told, so that what went in can be counted out.
            Err(reason) => {
                for index in 0..row.outcomes.items.len() {
                    collector
                        .rejects
                        .push(&at_outcomes.at(index), reason.as_str());
                }
            }
        }
    }
}

fn market_outcomes(
    row: &MarketRow<'_>,
    sheet: &outcome::Sheet<'_>,
    place: &Pointer<'_>,
    collector: &mut Collector<'_>,
) {
    if outcome::points_disagree(&row.outcomes.items, sheet) {
        for index in 0..row.outcomes.items.len() {
            collector.rejects.push(
                &place.at(index).key("point"),
                "the two points of a spread are not opposite, so neither side's is known",
            );
        }
        return;
    }
    for (index, outcome) in row.outcomes.items.iter().enumerate() {
        outcome::take(outcome, sheet, &place.at(index), collector);
    }
}
