//! One payload on its way through a batch.

use std::collections::HashSet;
use std::sync::Arc;

use crate::domain::clean::clean;
use crate::domain::feed::{Decoded, FeedBook, FeedGame};
use crate::domain::league::League;
use crate::domain::payload::Payload;
use crate::engine::pipeline::stage::Staged;
use crate::engine::reference::Reference;
use crate::store::payloads::{Fate, Logged};
use crate::store::writer::Invalid;

/// One payload on its way through a batch.
pub(super) struct Item<'a> {
    pub(super) payload: &'a Payload,
    pub(super) fate: Fate,
    pub(super) decoded: Decoded,
    pub(super) staged: Staged,
    pub(super) changes: i32,
}

impl Item<'_> {
    pub(super) fn log(&self) -> Logged<'_> {
        let size = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
        Logged {
            payload: self.payload,
            fate: self.fate,
            games: size(self.decoded.games.len()),
            quotes: size(self.decoded.quotes.len()),
            changes: self.changes,
            rejects: size(self.rejects()),
            span: self.staged.span,
        }
    }

    pub(super) fn rejects(&self) -> usize {
        self.decoded.rejects.len() + self.staged.rejects.len()
    }

    pub(super) fn invalid(&self) -> Vec<Invalid> {
        let kind = if self.fate == Fate::Refused {
            "refused"
        } else {
            "reject"
        };
        self.decoded
            .rejects
            .iter()
            .chain(&self.staged.rejects)
            .enumerate()
            .map(|(ordinal, reject)| Invalid {
                payload_hash: self.payload.hash,
                observed_at: self.payload.observed_at,
                ordinal: i32::try_from(ordinal).unwrap_or(i32::MAX),
                stream: self.payload.request.stream,
                kind,
                path: clean(&reject.path, 500),
                reason: clean(&reject.reason, 500),
                value: clean(&reject.value, 200),
            })
            .collect()
    }
}

/// The game a request asked for, as far as the request tells.
pub(super) fn asked_game(payload: &Payload) -> Option<FeedGame> {
    let id = payload.request.source_game_id.clone()?;
    Some(FeedGame {
        source: payload.request.stream.source(),
        source_game_id: id,
        league: payload.request.league.unwrap_or(League::Other),
        game_number: 1,
        home: Arc::default(),
        away: Arc::default(),
        home_team: None,
        away_team: None,
        starts_at: None,
        slate_date: None,
        status: None,
        home_score: None,
        away_score: None,
    })
}

/// Books a payload lists, and ids its prices use that nobody knows.
pub(super) fn unlisted_books(item: &Item<'_>, reference: &Reference) -> Vec<FeedBook> {
    let mut books: Vec<FeedBook> = item.decoded.books.clone();
    let mut seen = HashSet::new();
    for quote in item.decoded.quotes.iter().filter(|q| q.book.is_none()) {
        if seen.insert(&quote.source_book_id) {
            books.push(FeedBook {
                source: quote.source,
                source_book_id: Arc::clone(&quote.source_book_id),
                name: clean(&quote.source_book_id, 80).into(),
                book: None,
                parent: None,
                state: None,
                kind: reference.kind(quote.source, &quote.source_book_id),
            });
        }
    }
    // A slug must exist among the shops before an id can point at it.
    let known: HashSet<_> = reference
        .books
        .iter()
        .map(|(_, _, b)| b.slug.clone())
        .collect();
    for book in &mut books {
        book.book = book.book.take().filter(|slug| known.contains(slug));
    }
    books
}
