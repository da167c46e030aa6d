//! ESPN: scoreboards with one book's prices, results, teams and standings. No key.
//!
//! `docs/feeds.md` lists the endpoints, the quirks and the shapes no capture proves.

mod core;
mod league;
mod odds;
mod price;
mod recognise;
mod request;
mod score;
mod scoreboard;
mod standings;
mod status;
mod teams;

use std::time::Duration;

use chrono::NaiveDate;

use super::collector::Collector;
use super::feed::{Cadence, Feed};
use super::json::{Document, Scalar, record};
use super::plan::PlanError;
use super::{DecodeContext, NotAResponse, Recognised, Refusal, Request};
use crate::config::settings::Sources;
use crate::domain::clean::clean;
use crate::domain::feed::Decoded;
use crate::domain::league::League;
use crate::domain::source::Stream;

/// ESPN.
#[derive(Debug)]
pub(super) struct Espn;

impl Feed for Espn {
    fn name(&self) -> &'static str {
        "ESPN"
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
        let own = &settings.espn;
        (&own.base_url, own.per_minute)
    }

    fn cadence(&self, settings: &Sources) -> Cadence {
        Cadence {
            slate: settings.espn.every,
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
        request::scoreboard(&settings.espn, league, date).map(|one| vec![one])
    }

    fn references(
        &self,
        settings: &Sources,
        leagues: &[League],
    ) -> Result<Vec<Request>, PlanError> {
        request::references(&settings.espn, leagues)
    }
}

/// Decode `text`, a body of the context's stream.
fn decode(text: &str, context: &DecodeContext<'_>) -> Result<Decoded, Refusal> {
    let document = Document::new(text);
    let collector = Collector::new(context);
    let collector = match context.stream {
        Stream::EspnTeams => teams::decode(&document, collector)?,
        Stream::EspnStandings => standings::decode(&document, collector)?,
        Stream::EspnCoreOdds => core::decode(&document, collector)?,
        Stream::EspnOdds => scoreboard::decode_page(&document, collector)?,
        _ => scoreboard::decode(&document, collector)?,
    };
    Ok(collector.finish(&document))
}

record! {
    /// The members by which an error body shows itself.
    ErrorBody<'a> {
        code: Scalar<'a> = "code",
        message: Scalar<'a> = "message",
        detail: Scalar<'a> = "detail",
        error: ErrorDetail<'a> = "error",
        full_view: Scalar<'a> = "fullViewLink",
    }
}
record! {
    ErrorDetail<'a> { message: Scalar<'a> = "message" }
}

/// Why `document` is not what its stream should bring: the feed's own message where it sent one.
fn not_a_response(document: &Document<'_>, wanted: &str) -> NotAResponse {
    let body: ErrorBody<'_> = document.read().unwrap_or_default();
    let told = [&body.message, &body.detail, &body.error.message]
        .into_iter()
        .find_map(Scalar::text);
    NotAResponse(if let Some(message) = told {
        format!(
            "ESPN answered with an error instead of {wanted}: {}; it is kept raw and asked again",
            clean(message, 200)
        )
    } else if !body.full_view.is_none() {
        format!(
            "this is ESPN's stub that only links to its web page, not {wanted}; standings come from /apis/v2"
        )
    } else {
        format!("this JSON is not {wanted} of ESPN; check --source and --endpoint")
    })
}
