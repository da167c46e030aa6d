//! Goalserve: scores, schedules and prices before the start, as XML or JSON. Needs a key.

use chrono::NaiveDate;

use super::feed::{Cadence, Feed, Format};
use super::plan::PlanError;
use super::{DecodeContext, NotAResponse, Recognised, Refusal, Request};
use crate::config::settings::Sources;
use crate::domain::feed::Decoded;
use crate::domain::league::League;

/// Goalserve.
#[derive(Debug)]
pub(super) struct Goalserve;

impl Feed for Goalserve {
    fn name(&self) -> &'static str {
        "Goalserve"
    }

    fn format(&self, _text: &str) -> Format {
        Format::Markup
    }

    fn recognise(&self, _text: &str) -> Result<Recognised, NotAResponse> {
        Err(NotAResponse(
            "linetape cannot read Goalserve yet; the body is kept raw".into(),
        ))
    }

    fn by_endpoint(&self, _path: &str) -> Option<Recognised> {
        None
    }

    fn decode(&self, text: &str, _context: &DecodeContext<'_>) -> Result<Decoded, Refusal> {
        self.recognise(text)?;
        Ok(Decoded::default())
    }

    fn host<'s>(&self, settings: &'s Sources) -> (&'s str, u32) {
        let own = &settings.goalserve;
        (&own.base_url, own.per_minute)
    }

    fn cadence(&self, settings: &Sources) -> Cadence {
        Cadence {
            slate: settings.goalserve.every,
            scores: Some(settings.goalserve.scores_every),
            ..Cadence::default()
        }
    }

    fn slate(
        &self,
        _settings: &Sources,
        league: League,
        _date: NaiveDate,
    ) -> Result<Vec<Request>, PlanError> {
        Err(PlanError::League {
            feed: self.name(),
            league,
        })
    }
}
