//! Which of Action Network's answers a captured body is.

use std::sync::Arc;

use super::flat::Row;
use super::{not_a_response, page};
use crate::domain::source::Stream;
use crate::sources::json::{Dict, Document, Json, List, Scalar, Shape, record};
use crate::sources::{NotAResponse, Recognised};

record! {
    /// The members that tell the answers apart.
    Top<'a> {
        games: List<GameProbe<'a>> = "games",
        books: Scalar<'a> = "books",
        odds_config: Scalar<'a> = "oddsConfig",
        history: Scalar<'a> = "history",
        data: Scalar<'a> = "data",
        results: Scalar<'a> = "results",
    }
}
record! {
    GameProbe<'a> { markets: Scalar<'a> = "markets", odds: Scalar<'a> = "odds" }
}
record! {
    EntryProbe<'a> { display_name: Scalar<'a> = "display_name", history: Scalar<'a> = "history" }
}

/// By the path of `endpoint`, which names the game of a history.
pub(in crate::sources) fn by_endpoint(path: &str) -> Option<Recognised> {
    let stream = if path.contains("/v1/scoreboard") {
        Stream::AnScoreboardV1
    } else if path.contains("/markets/event/") {
        Stream::AnHistory
    } else if path.contains("/v1/books") {
        Stream::AnBooks
    } else if path.contains("/scoreboard") || path.ends_with("/odds") {
        Stream::AnScoreboard
    } else {
        return None;
    };
    let game = path
        .split_once("/markets/event/")
        .and_then(|(_, rest)| rest.split('/').next())
        .filter(|id| !id.is_empty());
    Some(Recognised {
        stream,
        source_game_id: game.map(Arc::from),
    })
}

/// By `endpoint`, else by the shape of `text`.
pub(in crate::sources) fn recognise(text: &str) -> Result<Recognised, NotAResponse> {
    let found = |stream| {
        Ok(Recognised {
            stream,
            source_game_id: None,
        })
    };
    let text = text.trim_start();
    if text.starts_with('<') {
        page::next_data(text)?;
        return found(Stream::AnScoreboard);
    }
    let document = Document::new(text);
    let refused = |wanted| Err(not_a_response(&document, wanted));
    if document.is_list() {
        let rows: List<Row<'_>> = read(&document)?;
        if rows
            .items
            .iter()
            .any(|row| !row.ml_home.is_none() || !row.inserted.is_none())
        {
            return found(Stream::AnScoreboardV1);
        }
        let entries: List<EntryProbe<'_>> = read(&document)?;
        return match entries.items.first() {
            Some(entry) if !entry.display_name.is_none() => found(Stream::AnBooks),
            Some(entry) if !entry.history.is_none() => found(Stream::AnHistory),
            _ => refused("an answer"),
        };
    }
    let top: Top<'_> = read(&document)?;
    if top.games.shape != Shape::Absent {
        let flat = top
            .games
            .items
            .first()
            .is_some_and(|game| game.markets == Scalar::Absent && game.odds != Scalar::Absent);
        return found(if flat {
            Stream::AnScoreboardV1
        } else {
            Stream::AnScoreboard
        });
    }
    if top.odds_config != Scalar::Absent {
        return Err(NotAResponse(
            "this is the web page's settings (oddsConfig), not a response: it holds no odds and no books; there is nothing to read from it"
                .into(),
        ));
    }
    if top.books != Scalar::Absent {
        return found(Stream::AnBooks);
    }
    let entries: Dict<'_, EntryProbe<'_>> = read(&document)?;
    let by_id = entries
        .entries
        .iter()
        .all(|(key, _)| key.bytes().all(|b| b.is_ascii_digit()));
    match entries.entries.first() {
        Some((_, entry)) if by_id && !entry.display_name.is_none() => found(Stream::AnBooks),
        Some(_) if by_id => found(Stream::AnHistory),
        None => found(Stream::AnHistory),
        Some(_)
            if [&top.history, &top.data, &top.results]
                .iter()
                .any(|member| **member == Scalar::Nested) =>
        {
            found(Stream::AnHistory)
        }
        Some(_) => refused("an answer"),
    }
}

fn read<'a, T: Json<'a>>(document: &'a Document<'_>) -> Result<T, NotAResponse> {
    document
        .read()
        .map_err(|error| crate::sources::broken_json(&error))
}
