//! The core service's odds of one game: a list of books, or one book.

use std::sync::Arc;

use super::league;
use super::not_a_response;
use super::odds::{self, GameRef, Odds};
use super::recognise::event_of;
use crate::domain::league::League;
use crate::sources::Refusal;
use crate::sources::collector::Collector;
use crate::sources::json::{Document, List, Pointer, Scalar, Shape, record};

record! {
    /// A page of the list.
    Page<'a> {
        link: Scalar<'a> = "$ref",
        items: List<Odds<'a>> = "items",
        provider: Scalar<'a> = "provider",
    }
}

/// Decode the odds of the game that was asked for, else of the one that the links name.
pub(super) fn decode<'c>(
    document: &Document<'_>,
    mut collector: Collector<'c>,
) -> Result<Collector<'c>, Refusal> {
    let page: Page<'_> = document.read()?;
    let root = Pointer::Root;
    if page.items.shape == Shape::Absent {
        if page.provider.is_none() {
            return Err(not_a_response(document, "a game's odds").into());
        }
        let one: Odds<'_> = document.read()?;
        of_item(&one, &root, &mut collector);
        return Ok(collector);
    }
    let items = root.key("items");
    if page.items.shape != Shape::Right {
        collector.rejects.push(&items, "the items are not a list");
    }
    for (index, item) in page.items.items.iter().enumerate() {
        // A page may hold bare links to the books instead of their prices.
        let is_link = !item.link.is_none() && item.provider.shape == Shape::Absent;
        if item.shape != Shape::Null && !is_link {
            of_item(item, &items.at(index), &mut collector);
        }
    }
    Ok(collector)
}

fn of_item(item: &Odds<'_>, place: &Pointer<'_>, collector: &mut Collector<'_>) {
    let linked = item.link.text();
    let asked = collector.context.source_game_id.map(Arc::clone);
    let id = asked.or_else(|| linked.and_then(event_of));
    let word = id.map(|id| collector.word(&id));
    collector.reading(word.as_ref().map(|word| &*word.text));
    let league = league::asked(collector.context)
        .or_else(|| linked.and_then(league::of_endpoint))
        .unwrap_or(League::Other);
    let game = GameRef {
        id: word.as_ref(),
        league,
        teams: None,
        begun: false,
    };
    odds::of_book(item, &game, place, collector);
    collector.reading(None);
}
