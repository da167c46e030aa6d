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
mod slate;
mod sport;
mod table;

pub(super) use request::{event_odds, events, historical_event_odds, historical_odds};

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};

use self::event::Envelope;
use self::slate::{Event, Slate};
use super::collector::Collector;
use super::feed::{Cadence, Feed};
use super::json::{Document, List, Pointer, Scalar, Shape, record};
use super::plan::{PlanError, slate_window};
use super::{DecodeContext, NotAResponse, Recognised, Refusal, Request};
use crate::config::settings::Sources;
use crate::domain::clean::clean;
use crate::domain::feed::Decoded;
use crate::domain::league::League;
use crate::domain::source::Stream;
use crate::domain::time::slate_start;

/// The Odds API.
#[derive(Debug)]
pub(super) struct OddsApi;

impl Feed for OddsApi {
    fn name(&self) -> &'static str {
        "The Odds API"
    }

    fn text<'b>(&self, body: &'b [u8]) -> Result<Cow<'b, str>, NotAResponse> {
        let text = super::text_of(body)?;
        if table::is_one(text) {
            return table::as_json(text).map(Cow::Owned);
        }
        Ok(Cow::Borrowed(text))
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
        let own = &settings.odds_api;
        (&own.base_url, own.per_minute)
    }

    fn cadence(&self, settings: &Sources) -> Cadence {
        let own = &settings.odds_api;
        Cadence {
            slate: own.every,
            reference: Some(Duration::from_hours(24)),
            games: Some(own.games_every),
            scores: Some(own.scores_every),
            events: (!own.event_markets.is_empty()).then_some(own.event_every),
        }
    }

    fn slate(
        &self,
        settings: &Sources,
        league: League,
        date: NaiveDate,
    ) -> Result<Vec<Request>, PlanError> {
        request::odds(&settings.odds_api, league, slate_window(date)).map(|one| vec![one])
    }

    fn scores(
        &self,
        settings: &Sources,
        league: League,
        days_from: Option<u8>,
        games: &[Arc<str>],
    ) -> Option<Result<Request, PlanError>> {
        Some(request::scores(
            &settings.odds_api,
            league,
            days_from,
            games,
        ))
    }

    fn games(
        &self,
        settings: &Sources,
        league: League,
        window: (DateTime<Utc>, DateTime<Utc>),
    ) -> Option<Result<Request, PlanError>> {
        Some(events(&settings.odds_api, league, Some(window)))
    }

    fn game_markets(
        &self,
        settings: &Sources,
        league: League,
        source_game_id: &Arc<str>,
    ) -> Option<Result<Request, PlanError>> {
        let own = &settings.odds_api;
        (!own.event_markets.is_empty())
            .then(|| event_odds(own, league, source_game_id, &own.event_markets))
    }

    fn past_day(
        &self,
        settings: &Sources,
        league: League,
        date: NaiveDate,
    ) -> Result<Vec<Request>, PlanError> {
        // Events leave the list as they start: the whole slate is listed before its first start.
        let at = slate_start(date).unwrap_or_default();
        request::historical_events(&settings.odds_api, league, at).map(|one| vec![one])
    }

    fn references(
        &self,
        settings: &Sources,
        _leagues: &[League],
    ) -> Result<Vec<Request>, PlanError> {
        request::sports(&settings.odds_api).map(|one| vec![one])
    }

    fn credits(&self, request: &Request) -> u64 {
        price::credits(request)
    }
}

/// Decode `text`, a body of the context's stream.
fn decode(text: &str, context: &DecodeContext<'_>) -> Result<Decoded, Refusal> {
    let mut collector = Collector::new(context);
    let root = Pointer::Root;
    let document = Document::new(text);
    let is_list = document.is_list();
    match context.stream {
        Stream::OddsApiSports => {
            let list: List<Scalar<'_>> = document.read()?;
            if list.shape != Shape::Right {
                return Err(not_a_response(&document, "a list of sports").into());
            }
        }
        Stream::OddsApiScores => {
            let list: List<score::ScoredEvent<'_>> = document.read()?;
            if list.shape != Shape::Right {
                return Err(not_a_response(&document, "a list of scores").into());
            }
            score::events(&list, &root, &mut collector);
        }
        Stream::OddsApiHistorical if !is_list => {
            let envelope: Envelope<'_> = document.read()?;
            if envelope.data.shape == Shape::Absent {
                return Err(not_a_response(&document, "a past snapshot").into());
            }
            collector.decoded.taken_at =
                collector.optional_time(&envelope.timestamp, &root.key("timestamp"));
            event::events(&envelope.data, context, &root.key("data"), &mut collector);
        }
        _ => {
            let slate: Slate<'_> = document.read()?;
            let without_odds =
                |event: &Event<'_>| event.id.is_none() || event.bookmakers.shape == Shape::Absent;
            if !slate.is_list && slate.events.iter().any(without_odds) {
                return Err(not_a_response(&document, "an event with odds").into());
            }
            event::events(&slate, context, &root, &mut collector);
        }
    }
    Ok(collector.finish(&document))
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

/// Why `document` is not what its stream should bring: the feed's own message where it sent one.
fn not_a_response(document: &Document<'_>, wanted: &str) -> NotAResponse {
    let body: OtherBody<'_> = document.read().unwrap_or_default();
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
