//! Action Network: the slate with every book's prices, each game's ticks, and the list of books. No key.
//!
//! `docs/feeds.md` lists the endpoints, the quirks and the shapes no capture proves.

mod books;
mod by_book;
mod flat;
mod history;
mod names;
mod outcome;
pub(super) mod page;
mod recognise;
mod request;
mod scoreboard;
mod split;

use std::sync::Arc;
use std::time::Duration;

use chrono::NaiveDate;

use super::collector::Collector;
use super::feed::{Cadence, Feed, Format};
use super::json::{Document, List, Scalar, record};
use super::plan::PlanError;
use super::{DecodeContext, NotAResponse, Recognised, Refusal, Request};
use crate::config::settings::Sources;
use crate::domain::clean::clean;
use crate::domain::feed::Decoded;
use crate::domain::league::League;
use crate::domain::source::Stream;

/// Action Network.
#[derive(Debug)]
pub(super) struct ActionNetwork;

impl Feed for ActionNetwork {
    fn name(&self) -> &'static str {
        "Action Network"
    }

    fn format(&self, _text: &str) -> Format {
        Format::Markup
    }

    fn recognise(&self, text: &str) -> Result<Recognised, NotAResponse> {
        recognise::recognise(text)
    }

    fn by_endpoint(&self, path: &str) -> Option<Recognised> {
        recognise::by_endpoint(path)
    }

    fn decode(&self, text: &str, context: &DecodeContext<'_>) -> Result<Decoded, Refusal> {
        decode(text, context)
    }

    fn host<'s>(&self, settings: &'s Sources) -> (&'s str, u32) {
        let own = &settings.action_network;
        (&own.base_url, own.per_minute)
    }

    fn cadence(&self, settings: &Sources) -> Cadence {
        Cadence {
            slate: settings.action_network.every,
            reference: Some(Duration::from_hours(24)),
            ..Cadence::default()
        }
    }

    fn slate(
        &self,
        settings: &Sources,
        league: League,
        date: NaiveDate,
    ) -> Result<Vec<Request>, PlanError> {
        request::scoreboard(&settings.action_network, league, Some(date)).map(|one| vec![one])
    }

    fn older_slate(
        &self,
        settings: &Sources,
        league: League,
        date: NaiveDate,
    ) -> Option<Result<Request, PlanError>> {
        Some(request::scoreboard_v1(
            &settings.action_network,
            league,
            Some(date),
        ))
    }

    fn history(
        &self,
        settings: &Sources,
        league: League,
        source_game_id: &Arc<str>,
    ) -> Option<Result<Request, PlanError>> {
        Some(request::history(
            &settings.action_network,
            league,
            source_game_id,
        ))
    }

    fn references(
        &self,
        settings: &Sources,
        _leagues: &[League],
    ) -> Result<Vec<Request>, PlanError> {
        request::books(&settings.action_network).map(|one| vec![one])
    }
}

/// Decode `text`, a body of the context's stream.
fn decode(text: &str, context: &DecodeContext<'_>) -> Result<Decoded, Refusal> {
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
