//! The Odds API, version 4: events, odds, scores and past snapshots. Needs a key.
//!
//! `docs/feeds.md` lists the endpoints, the quirks and the shapes no capture proves.

mod event;
mod format;
mod market;
mod outcome;
mod price;
mod recognise;
mod request;
mod score;
mod slate;
mod sport;

pub(super) use price::credits;
pub(super) use recognise::{by_endpoint, recognise};
pub(super) use request::{
    event_odds, events, historical_event_odds, historical_events, historical_odds, odds, scores,
    sports,
};

use self::event::Envelope;
use self::slate::{Event, Slate};
use super::collector::Collector;
use super::json::{Document, List, Pointer, Scalar, Shape, record};
use super::{DecodeContext, NotAResponse, Refusal};
use crate::domain::clean::clean;
use crate::domain::feed::Decoded;
use crate::domain::source::Stream;

/// Decode `text`, a body of the context's stream.
pub(super) fn decode(text: &str, context: &DecodeContext<'_>) -> Result<Decoded, Refusal> {
    let mut collector = Collector::new(context);
    let root = Pointer::Root;
    let document = Document::new(text);
    let is_list = document.is_list();
    match context.stream {
        Stream::OddsApiSports => {
            let list: List<Scalar<'_>> = document.read()?;
            if list.shape != Shape::Right {
                return Err(not_a_response(&document, "a list of sports").into());
            }
        }
        Stream::OddsApiScores => {
            let list: List<score::ScoredEvent<'_>> = document.read()?;
            if list.shape != Shape::Right {
                return Err(not_a_response(&document, "a list of scores").into());
            }
            score::events(&list, &root, &mut collector);
        }
        Stream::OddsApiHistorical if !is_list => {
            let envelope: Envelope<'_> = document.read()?;
            if envelope.data.shape == Shape::Absent {
                return Err(not_a_response(&document, "a past snapshot").into());
            }
            collector.decoded.taken_at =
                collector.optional_time(&envelope.timestamp, &root.key("timestamp"));
            event::events(&envelope.data, context, &root.key("data"), &mut collector);
        }
        _ => {
            let slate: Slate<'_> = document.read()?;
            let without_odds =
                |event: &Event<'_>| event.id.is_none() || event.bookmakers.shape == Shape::Absent;
            if !slate.is_list && slate.events.iter().any(without_odds) {
                return Err(not_a_response(&document, "an event with odds").into());
            }
            event::events(&slate, context, &root, &mut collector);
        }
    }
    Ok(collector.finish(&document))
}

record! {
    /// The members by which another kind of body shows itself.
    OtherBody<'a> {
        message: Scalar<'a> = "message",
        error_code: Scalar<'a> = "error_code",
        success: Scalar<'a> = "success",
        data: List<LegacyProbe<'a>> = "data",
    }
}
record! {
    LegacyProbe<'a> { sites: Scalar<'a> = "sites" }
}

/// Why `document` is not what its stream should bring: the feed's own message where it sent one.
fn not_a_response(document: &Document<'_>, wanted: &str) -> NotAResponse {
    let body: OtherBody<'_> = document.read().unwrap_or_default();
    NotAResponse(if let Some(message) = body.message.text() {
        format!(
            "The Odds API answered with an error instead of {wanted}: {}; it is kept raw and asked again",
            clean(message, 200)
        )
    } else if !body.success.is_none() {
        let what = if body.data.items.iter().any(|item| !item.sites.is_none()) {
            "odds"
        } else {
            "list of sports"
        };
        format!(
            "this is a {what} of The Odds API's version 3, which was switched off; only version 4 is read, so capture it again from /v4"
        )
    } else {
        format!("this JSON is not {wanted} of The Odds API; check --source and --endpoint")
    })
}
