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
mod sport;

pub(super) use price::credits;
pub(super) use recognise::{by_endpoint, recognise};
pub(super) use request::{
    event_odds, events, historical_event_odds, historical_events, historical_odds, odds, scores,
    sports,
};

use self::event::{Envelope, Event};
use self::format::Format;
use super::collector::Collector;
use super::json::{List, Pointer, Scalar, Shape, record};
use super::{DecodeContext, NotAResponse, Refusal};
use crate::domain::clean::clean;
use crate::domain::feed::Decoded;
use crate::domain::source::Stream;

/// Decode `text`, a body of the context's stream.
pub(super) fn decode(text: &str, context: &DecodeContext<'_>) -> Result<Decoded, Refusal> {
    let mut collector = Collector::new(context);
    let root = Pointer::Root;
    let is_list = text.trim_start().starts_with('[');
    match context.stream {
        Stream::OddsApiSports => {
            let list: List<Scalar<'_>> = serde_json::from_str(text)?;
            if list.shape != Shape::Right {
                return Err(not_a_response(text, "a list of sports").into());
            }
        }
        Stream::OddsApiScores => {
            let list: List<score::ScoredEvent<'_>> = serde_json::from_str(text)?;
            if list.shape != Shape::Right {
                return Err(not_a_response(text, "a list of scores").into());
            }
            score::events(&list, &root, &mut collector);
        }
        Stream::OddsApiHistorical if !is_list => {
            let envelope: Envelope<'_> = serde_json::from_str(text)?;
            let place = root.key("data");
            let events = envelope.events();
            if events.is_empty() && !envelope.is_right() {
                return Err(not_a_response(text, "a past snapshot").into());
            }
            collector.decoded.taken_at =
                collector.optional_time(&envelope.timestamp, &root.key("timestamp"));
            let format = Format::of(events.iter(), context);
            if envelope.is_list() {
                event::events(events, format, &place, &mut collector);
            } else if let Some(event) = events.first() {
                event::one(event, format, &place, &mut collector);
            }
        }
        _ if is_list => {
            let list: List<Event<'_>> = serde_json::from_str(text)?;
            let format = Format::of(list.items.iter(), context);
            event::events(&list.items, format, &root, &mut collector);
        }
        _ => {
            let event: Event<'_> = serde_json::from_str(text)?;
            if event.id.is_none() || event.bookmakers.shape == Shape::Absent {
                return Err(not_a_response(text, "an event with odds").into());
            }
            let format = Format::of(std::iter::once(&event), context);
            event::one(&event, format, &root, &mut collector);
        }
    }
    Ok(collector.finish(text))
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

/// Why `json` is not what its stream should bring: the feed's own message where it sent one.
fn not_a_response(json: &str, wanted: &str) -> NotAResponse {
    let body: OtherBody<'_> = serde_json::from_str(json).unwrap_or_default();
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
