//! What a feed is to the rest of the house: questions to ask, and a format to read.
//!
//! A feed is added by implementing [`Feed`] in a module of its own, a variant of [`Source`] with its streams, a block of
//! settings, and a line in [`feed`].

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};

use super::plan::PlanError;
use super::{DecodeContext, NotAResponse, Recognised, Refusal, Request};
use super::{action_network, espn, goalserve, mlb_stats, odds_api, sbd, sbr, vsin};
use crate::config::settings::Sources;
use crate::domain::feed::Decoded;
use crate::domain::league::League;
use crate::domain::source::Source;

/// How often each question is asked; none means that the feed has no such question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cadence {
    /// Every league's slate with what the feed is followed for: prices, splits or results.
    pub slate: Duration,
    /// Lists of books, sports or teams.
    pub reference: Option<Duration>,
    /// Games without prices.
    pub games: Option<Duration>,
    /// Scores, where they do not come with the slate.
    pub scores: Option<Duration>,
    /// More markets of single games.
    pub events: Option<Duration>,
}

/// What a body may begin with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// JSON only.
    Json,
    /// JSON, or a page or XML.
    Markup,
    /// Anything that is text: archives as CSV.
    Text,
}

/// One feed. Questions that it has none of keep their default.
pub(super) trait Feed: Sync {
    /// Its name in a sentence: `The Odds API`.
    fn name(&self) -> &'static str;

    /// The text that the decoder reads: the body as it is, unless the feed packs it or writes it in another form.
    fn text<'b>(&self, body: &'b [u8]) -> Result<Cow<'b, str>, NotAResponse> {
        super::text_of(body).map(Cow::Borrowed)
    }

    /// What its bodies begin with.
    fn format(&self, text: &str) -> Format {
        let _ = text;
        Format::Json
    }

    /// Which of its answers a captured body is, by its shape.
    fn recognise(&self, text: &str) -> Result<Recognised, NotAResponse>;

    /// The same by the path of an endpoint.
    fn by_endpoint(&self, path: &str) -> Option<Recognised>;

    /// Decode a body of the context's stream.
    fn decode(&self, text: &str, context: &DecodeContext<'_>) -> Result<Decoded, Refusal>;

    /// Its server, as the settings name it, and the most requests a minute.
    fn host<'s>(&self, settings: &'s Sources) -> (&'s str, u32);

    /// How often its questions are asked.
    fn cadence(&self, settings: &Sources) -> Cadence;

    /// Every request of one look at the slate of `league` on `date`, a US Eastern slate date.
    fn slate(
        &self,
        settings: &Sources,
        league: League,
        date: NaiveDate,
    ) -> Result<Vec<Request>, PlanError>;

    /// The same look through an older endpoint.
    fn older_slate(
        &self,
        settings: &Sources,
        league: League,
        date: NaiveDate,
    ) -> Option<Result<Request, PlanError>> {
        let _ = (settings, league, date);
        None
    }

    /// The scores of `games`, or of all of `league`, up to `days_from` (1–3) days back.
    fn scores(
        &self,
        settings: &Sources,
        league: League,
        days_from: Option<u8>,
        games: &[Arc<str>],
    ) -> Option<Result<Request, PlanError>> {
        let _ = (settings, league, days_from, games);
        None
    }

    /// The games of `league` that start within `window`, without prices.
    fn games(
        &self,
        settings: &Sources,
        league: League,
        window: (DateTime<Utc>, DateTime<Utc>),
    ) -> Option<Result<Request, PlanError>> {
        let _ = (settings, league, window);
        None
    }

    /// The further markets of one game that the settings name.
    fn game_markets(
        &self,
        settings: &Sources,
        league: League,
        source_game_id: &Arc<str>,
    ) -> Option<Result<Request, PlanError>> {
        let _ = (settings, league, source_game_id);
        None
    }

    /// The tick history of one game.
    fn history(
        &self,
        settings: &Sources,
        league: League,
        source_game_id: &Arc<str>,
    ) -> Option<Result<Request, PlanError>> {
        let _ = (settings, league, source_game_id);
        None
    }

    /// What a backfill asks of a past day: every request that brings its games, results and prices.
    ///
    /// The default is the day's slate.
    fn past_day(
        &self,
        settings: &Sources,
        league: League,
        date: NaiveDate,
    ) -> Result<Vec<Request>, PlanError> {
        self.slate(settings, league, date)
    }

    /// The lists of books, sports, teams or standings that it publishes.
    fn references(
        &self,
        settings: &Sources,
        leagues: &[League],
    ) -> Result<Vec<Request>, PlanError> {
        let _ = (settings, leagues);
        Ok(Vec::new())
    }

    /// Credits that `request` costs at most.
    fn credits(&self, request: &Request) -> u64 {
        let _ = request;
        0
    }
}

/// The feed behind a source's name.
pub(super) fn feed(source: Source) -> &'static dyn Feed {
    match source {
        Source::ActionNetwork => &action_network::ActionNetwork,
        Source::OddsApi => &odds_api::OddsApi,
        Source::Espn => &espn::Espn,
        Source::MlbStats => &mlb_stats::MlbStats,
        Source::Sbd => &sbd::Sbd,
        Source::Vsin => &vsin::Vsin,
        Source::Sbr => &sbr::Sbr,
        Source::Goalserve => &goalserve::Goalserve,
    }
}
