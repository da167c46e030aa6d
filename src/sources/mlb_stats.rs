//! MLB Stats API: schedules, results, teams and standings. No key, no prices.
//!
//! `docs/feeds.md` lists the endpoints, the quirks and the shapes no capture proves.

mod game;
mod linescore;
mod live;
mod recognise;
mod request;
mod schedule;
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

/// MLB Stats API.
#[derive(Debug)]
pub(super) struct MlbStats;

impl Feed for MlbStats {
    fn name(&self) -> &'static str {
        "MLB Stats API"
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
        let own = &settings.mlb_stats;
        (&own.base_url, own.per_minute)
    }

    fn cadence(&self, settings: &Sources) -> Cadence {
        Cadence {
            slate: settings.mlb_stats.every,
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
        request::schedule(&settings.mlb_stats, league, date).map(|one| vec![one])
    }

    fn references(
        &self,
        settings: &Sources,
        leagues: &[League],
    ) -> Result<Vec<Request>, PlanError> {
        request::references(&settings.mlb_stats, leagues)
    }
}

/// Decode `text`, a body of the context's stream.
fn decode(text: &str, context: &DecodeContext<'_>) -> Result<Decoded, Refusal> {
    let document = Document::new(text);
    let collector = Collector::new(context);
    let collector = match context.stream {
        Stream::MlbLive => live::decode(&document, collector)?,
        Stream::MlbTeams => teams::decode(&document, collector)?,
        Stream::MlbStandings => standings::decode(&document, collector)?,
        _ => schedule::decode(&document, collector)?,
    };
    Ok(collector.finish(&document))
}

record! {
    /// The members by which an error body shows itself.
    ErrorBody<'a> { message: Scalar<'a> = "message" }
}

/// Why `document` is not what its stream should bring: the feed's own message where it sent one.
fn not_a_response(document: &Document<'_>, wanted: &str) -> NotAResponse {
    let body: ErrorBody<'_> = document.read().unwrap_or_default();
    NotAResponse(match body.message.text() {
        Some(message) => format!(
            "MLB Stats API answered with an error instead of {wanted}: {}; it is kept raw and asked again",
            clean(message, 200)
        ),
        None => {
            format!("this JSON is not {wanted} of MLB Stats API; check --source and --endpoint")
        }
    })
}
