//! MLB Stats API: schedules, results, teams and standings. No key, no prices.

use chrono::NaiveDate;

use super::feed::{Cadence, Feed};
use super::plan::PlanError;
use super::{DecodeContext, NotAResponse, Recognised, Refusal, Request};
use crate::config::settings::Sources;
use crate::domain::feed::Decoded;
use crate::domain::league::League;

/// MLB Stats API.
#[derive(Debug)]
pub(super) struct MlbStats;

impl Feed for MlbStats {
    fn name(&self) -> &'static str {
        "MLB Stats API"
    }

    fn recognise(&self, _text: &str) -> Result<Recognised, NotAResponse> {
        Err(NotAResponse(
            "linetape cannot read MLB Stats API yet; the body is kept raw".into(),
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
        let own = &settings.mlb_stats;
        (&own.base_url, own.per_minute)
    }

    fn cadence(&self, settings: &Sources) -> Cadence {
        Cadence {
            slate: settings.mlb_stats.every,
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
