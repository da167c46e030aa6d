//! Which of The Odds API's answers a captured body is.

use std::sync::Arc;

use super::not_a_response;
use crate::domain::source::Stream;
use crate::sources::json::{Document, Json, List, Scalar, record};
use crate::sources::{NotAResponse, Recognised};

record! {
    /// The members that tell the answers apart.
    Probe<'a> {
        id: Scalar<'a> = "id",
        key: Scalar<'a> = "key",
        commence_time: Scalar<'a> = "commence_time",
        bookmakers: Scalar<'a> = "bookmakers",
        completed: Scalar<'a> = "completed",
        scores: Scalar<'a> = "scores",
        has_outrights: Scalar<'a> = "has_outrights",
        timestamp: Scalar<'a> = "timestamp",
        data: Scalar<'a> = "data",
    }
}
record! {
    HistoricalProbe<'a> { data: IdOnly<'a> = "data" }
}
record! {
    IdOnly<'a> { id: Scalar<'a> = "id" }
}

/// By the path of an endpoint, which names the game of an event's odds.
pub(in crate::sources) fn by_endpoint(path: &str) -> Option<Recognised> {
    let event = path
        .split_once("/events/")
        .and_then(|(_, rest)| rest.strip_suffix("/odds"))
        .filter(|id| !id.is_empty() && !id.contains('/'));
    let stream = if path.contains("/historical/") {
        Stream::OddsApiHistorical
    } else if event.is_some() {
        Stream::OddsApiEventOdds
    } else if path.ends_with("/odds") {
        Stream::OddsApiOdds
    } else if path.ends_with("/scores") {
        Stream::OddsApiScores
    } else if path.ends_with("/events") {
        Stream::OddsApiEvents
    } else if path.ends_with("/sports") {
        Stream::OddsApiSports
    } else {
        return None;
    };
    Some(Recognised {
        stream,
        source_game_id: event.map(Arc::from),
    })
}

/// By the shape of `text`.
pub(in crate::sources) fn recognise(text: &str) -> Result<Recognised, NotAResponse> {
    let found = |stream, source_game_id| {
        Ok(Recognised {
            stream,
            source_game_id,
        })
    };
    let document = Document::new(text.trim_start());
    if document.is_list() {
        let list: List<Probe<'_>> = read(&document)?;
        let Some(first) = list.items.first() else {
            // Every list is empty alike out of season.
            return found(Stream::OddsApiOdds, None);
        };
        return if !first.bookmakers.is_none() {
            found(Stream::OddsApiOdds, None)
        } else if first.completed != Scalar::Absent || first.scores != Scalar::Absent {
            found(Stream::OddsApiScores, None)
        } else if !first.commence_time.is_none() {
            found(Stream::OddsApiEvents, None)
        } else if !first.key.is_none() && !first.has_outrights.is_none() {
            found(Stream::OddsApiSports, None)
        } else {
            Err(not_a_response(&document, "an answer"))
        };
    }
    let top: Probe<'_> = read(&document)?;
    if !top.timestamp.is_none() && top.data != Scalar::Absent {
        let envelope: HistoricalProbe<'_> = read(&document)?;
        let event = envelope.data.id.id().map(|id| Arc::from(&*id));
        return found(Stream::OddsApiHistorical, event);
    }
    match top.id.id() {
        Some(id) if top.bookmakers != Scalar::Absent => {
            found(Stream::OddsApiEventOdds, Some(Arc::from(&*id)))
        }
        _ => Err(not_a_response(&document, "an answer")),
    }
}

fn read<'a, T: Json<'a>>(document: &'a Document<'_>) -> Result<T, NotAResponse> {
    document
        .read()
        .map_err(|error| crate::sources::broken_json(&error))
}
