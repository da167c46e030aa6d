//! `SportsBettingDime`: tickets and money of each game, and several books' prices. No key.

use chrono::NaiveDate;

use super::feed::{Cadence, Feed};
use super::plan::PlanError;
use super::{DecodeContext, NotAResponse, Recognised, Refusal, Request};
use crate::config::settings::Sources;
use crate::domain::feed::Decoded;
use crate::domain::league::League;

/// `SportsBettingDime`.
#[derive(Debug)]
pub(super) struct Sbd;

impl Feed for Sbd {
    fn name(&self) -> &'static str {
        "SportsBettingDime"
    }

    fn recognise(&self, _text: &str) -> Result<Recognised, NotAResponse> {
        Err(NotAResponse(
            "linetape cannot read SportsBettingDime yet; the body is kept raw".into(),
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
        let own = &settings.sbd;
        (&own.base_url, own.per_minute)
    }

    fn cadence(&self, settings: &Sources) -> Cadence {
        Cadence {
            slate: settings.sbd.every,
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
