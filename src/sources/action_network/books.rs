//! The list of books: the authority for Action Network's ids.

use super::not_a_response;
use crate::domain::book::BookKind;
use crate::domain::feed::FeedBook;
use crate::domain::source::Source;
use crate::sources::Refusal;
use crate::sources::collector::Collector;
use crate::sources::json::{Dict, Document, List, Pointer, Scalar, Shape, record};

record! {
    /// One book.
    BookRow<'a> {
        id: Scalar<'a> = "id",
        name: Scalar<'a> = "display_name",
        parent: Scalar<'a> = "parent_name",
        meta: Meta<'a> = "meta",
    }
}
record! {
    Meta<'a> { states: List<Scalar<'a>> = "states" }
}
record! {
    Wrapper<'a> { books: List<BookRow<'a>> = "books" }
}

/// Decode a list of books: an object keyed by id (captured), a list, or `{"books": […]}` (both unverified).
pub(super) fn decode<'c>(
    document: &Document<'_>,
    mut collector: Collector<'c>,
) -> Result<Collector<'c>, Refusal> {
    let root = Pointer::Root;
    if document.is_list() {
        let list: List<BookRow<'_>> = document.read()?;
        listed(&list, &root, &mut collector);
        return Ok(collector);
    }
    let wrapper: Wrapper<'_> = document.read()?;
    if wrapper.books.shape != Shape::Absent {
        listed(&wrapper.books, &root.key("books"), &mut collector);
        return Ok(collector);
    }
    let dict: Dict<'_, BookRow<'_>> = document.read()?;
    let any_book = dict
        .entries
        .iter()
        .any(|(_, row)| row.shape == Shape::Right && row.name.text().is_some());
    if !any_book && !dict.entries.is_empty() {
        return Err(not_a_response(document, "a list of books").into());
    }
    rows(&dict, &root, &mut collector);
    Ok(collector)
}

/// Books keyed by their id.
pub(super) fn rows(
    dict: &Dict<'_, BookRow<'_>>,
    place: &Pointer<'_>,
    collector: &mut Collector<'_>,
) {
    if dict.shape == Shape::Wrong {
        collector
            .rejects
            .push(place, "the list of books is neither an object nor a list");
    }
    for (key, row) in &dict.entries {
        let place = place.key(key);
        if !row.id.is_none() && !row.id.is_id(key) {
            collector.rejects.push(
                &place.key("id"),
                format!("the book is listed under {key:?}, which is not its id"),
            );
            continue;
        }
        book(row, Some(key), &place, collector);
    }
}

fn listed(list: &List<BookRow<'_>>, place: &Pointer<'_>, collector: &mut Collector<'_>) {
    if list.shape == Shape::Wrong {
        collector
            .rejects
            .push(place, "the list of books is not a list");
    }
    for (index, row) in list.items.iter().enumerate() {
        book(row, None, &place.at(index), collector);
    }
}

fn book(row: &BookRow<'_>, key: Option<&str>, place: &Pointer<'_>, collector: &mut Collector<'_>) {
    let id = row.id.id().or_else(|| key.map(Into::into));
    let (Some(id), Some(name)) = (id, row.name.text()) else {
        collector
            .rejects
            .push(place, "a book needs an id and a display_name");
        return;
    };
    let known = collector.context.books.find(Source::ActionNetwork, &id);
    let parent = row.parent.text();
    let kind = known.map_or_else(
        || {
            if parent == Some("Consensus") {
                BookKind::Consensus
            } else {
                BookKind::Book
            }
        },
        |entry| entry.kind,
    );
    // A shop split by state lists one state an id; a shop that lists many is not split.
    let state = match row.meta.states.items.as_slice() {
        [one] => one.text(),
        _ => None,
    };
    let found = FeedBook {
        source: Source::ActionNetwork,
        source_book_id: std::sync::Arc::from(&*id),
        name: name.into(),
        book: known.map(|entry| entry.slug.clone()),
        parent: parent.map(Into::into),
        state: state.map(Into::into),
        kind,
    };
    collector.decoded.books.push(found);
}
