//! ESPN: scoreboards with one book's prices, results, teams and standings. No key.

use chrono::NaiveDate;

use super::feed::{Cadence, Feed};
use super::plan::PlanError;
use super::{DecodeContext, NotAResponse, Recognised, Refusal, Request};
use crate::config::settings::Sources;
use crate::domain::feed::Decoded;
use crate::domain::league::League;

/// ESPN.
#[derive(Debug)]
pub(super) struct Espn;

impl Feed for Espn {
    fn name(&self) -> &'static str {
        "ESPN"
    }

    fn recognise(&self, _text: &str) -> Result<Recognised, NotAResponse> {
        Err(NotAResponse(
            "linetape cannot read ESPN yet; the body is kept raw".into(),
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
        let own = &settings.espn;
        (&own.base_url, own.per_minute)
    }

    fn cadence(&self, settings: &Sources) -> Cadence {
        Cadence {
            slate: settings.espn.every,
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
