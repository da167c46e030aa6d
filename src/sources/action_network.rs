//! Action Network: the slate with every book's prices, each game's ticks, and the list of books. No key.
//!
//! `docs/feeds.md` lists the endpoints, the quirks and the shapes no capture proves.

mod books;
mod flat;
mod history;
mod names;
mod outcome;
mod page;
mod recognise;
mod request;
mod scoreboard;
mod split;

pub(super) use recognise::{by_endpoint, recognise};
pub(super) use request::{books, history, scoreboard, scoreboard_v1};

use super::collector::Collector;
use super::json::{Document, List, Scalar, record};
use super::{DecodeContext, NotAResponse, Refusal};
use crate::domain::clean::clean;
use crate::domain::feed::Decoded;
use crate::domain::source::Stream;

/// Decode `text`, a body of the context's stream.
pub(super) fn decode(text: &str, context: &DecodeContext<'_>) -> Result<Decoded, Refusal> {
    let trimmed = text.trim_start();
    let json = if trimmed.starts_with('<') {
        page::next_data(trimmed)?
    } else {
        text
    };
    let document = Document::new(json);
    let collector = Collector::new(context);
    let collector = match context.stream {
        _ if trimmed.starts_with('<') => page::decode(&document, collector)?,
        Stream::AnHistory => history::decode(&document, collector)?,
        Stream::AnBooks => books::decode(&document, collector)?,
        _ => scoreboard::decode(&document, collector)?,
    };
    Ok(collector.finish(&document))
}

record! {
    /// The members by which an error body shows itself.
    ErrorBody<'a> {
        message: Scalar<'a> = "message",
        error: Scalar<'a> = "error",
        errors: List<Scalar<'a>> = "errors",
    }
}

/// Why `document` is not what its stream should bring: the feed's own message where it sent one.
fn not_a_response(document: &Document<'_>, wanted: &str) -> NotAResponse {
    let told = document.read::<ErrorBody<'_>>().ok().and_then(|body| {
        let text = [&body.message, &body.error]
            .into_iter()
            .chain(&body.errors.items)
            .find_map(Scalar::text)?;
        Some(clean(text, 200))
    });
    NotAResponse(match told {
        Some(message) => format!(
            "Action Network answered with an error instead of {wanted}: {message}; it is kept raw and asked again"
        ),
        None => {
            format!("this JSON is not {wanted} of Action Network; check --source and --endpoint")
        }
    })
}
