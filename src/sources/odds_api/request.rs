//! What to ask The Odds API. The key goes into the URL and nowhere else.

use std::sync::Arc;

use chrono::{DateTime, SecondsFormat, Utc};
use secrecy::ExposeSecret;
use url::Url;

use super::sport;
use crate::config::settings::OddsApi;
use crate::domain::league::League;
use crate::domain::payload::RequestIdentity;
use crate::domain::source::{Source, Stream};
use crate::sources::Request;
use crate::sources::plan::{PlanError, base};

/// Every sport, in season or not. Costs nothing.
pub(in crate::sources) fn sports(settings: &OddsApi) -> Result<Request, PlanError> {
    let mut url = base(&settings.base_url, &["v4", "sports"])?;
    url.query_pairs_mut().append_pair("all", "true");
    finish(settings, Stream::OddsApiSports, url, None, None)
}

/// The games of a league. Costs nothing.
pub(in crate::sources) fn events(
    settings: &OddsApi,
    league: League,
    window: Option<(DateTime<Utc>, DateTime<Utc>)>,
) -> Result<Request, PlanError> {
    let mut url = base(
        &settings.base_url,
        &["v4", "sports", name(league)?, "events"],
    )?;
    url.query_pairs_mut().append_pair("dateFormat", "iso");
    within(&mut url, window);
    finish(settings, Stream::OddsApiEvents, url, Some(league), None)
}

/// The slate of a league with every book's prices. Costs a credit a market and region.
pub(in crate::sources) fn odds(
    settings: &OddsApi,
    league: League,
    window: Option<(DateTime<Utc>, DateTime<Utc>)>,
) -> Result<Request, PlanError> {
    let mut url = base(&settings.base_url, &["v4", "sports", name(league)?, "odds"])?;
    priced(&mut url, settings, &settings.markets);
    within(&mut url, window);
    finish(settings, Stream::OddsApiOdds, url, Some(league), None)
}

/// One game, any market. Costs a credit a market and region.
pub(in crate::sources) fn event_odds(
    settings: &OddsApi,
    league: League,
    event: &Arc<str>,
    markets: &[String],
) -> Result<Request, PlanError> {
    let path = ["v4", "sports", name(league)?, "events", event, "odds"];
    let mut url = base(&settings.base_url, &path)?;
    priced(&mut url, settings, markets);
    finish(
        settings,
        Stream::OddsApiEventOdds,
        url,
        Some(league),
        Some(event),
    )
}

/// Scores of `events`, or of every game where none is named. Costs a credit, or two with `days_from` (1–3 days back).
pub(in crate::sources) fn scores(
    settings: &OddsApi,
    league: League,
    days_from: Option<u8>,
    events: &[Arc<str>],
) -> Result<Request, PlanError> {
    let mut url = base(
        &settings.base_url,
        &["v4", "sports", name(league)?, "scores"],
    )?;
    if let Some(days) = days_from {
        url.query_pairs_mut()
            .append_pair("daysFrom", &days.clamp(1, 3).to_string());
    }
    if !events.is_empty() {
        url.query_pairs_mut()
            .append_pair("eventIds", &events.join(","));
    }
    url.query_pairs_mut().append_pair("dateFormat", "iso");
    finish(settings, Stream::OddsApiScores, url, Some(league), None)
}

/// The slate as it stood at `at`. Costs ten credits a market and region.
pub(in crate::sources) fn historical_odds(
    settings: &OddsApi,
    league: League,
    at: DateTime<Utc>,
) -> Result<Request, PlanError> {
    let path = ["v4", "historical", "sports", name(league)?, "odds"];
    let mut url = base(&settings.base_url, &path)?;
    priced(&mut url, settings, &settings.markets);
    as_of(&mut url, at);
    finish(settings, Stream::OddsApiHistorical, url, Some(league), None)
}

/// The games as they stood at `at`. Costs a credit.
pub(in crate::sources) fn historical_events(
    settings: &OddsApi,
    league: League,
    at: DateTime<Utc>,
) -> Result<Request, PlanError> {
    let path = ["v4", "historical", "sports", name(league)?, "events"];
    let mut url = base(&settings.base_url, &path)?;
    url.query_pairs_mut().append_pair("dateFormat", "iso");
    as_of(&mut url, at);
    finish(settings, Stream::OddsApiHistorical, url, Some(league), None)
}

/// One game as it stood at `at`. Costs ten credits a market and region.
pub(in crate::sources) fn historical_event_odds(
    settings: &OddsApi,
    league: League,
    event: &Arc<str>,
    markets: &[String],
    at: DateTime<Utc>,
) -> Result<Request, PlanError> {
    let path = [
        "v4",
        "historical",
        "sports",
        name(league)?,
        "events",
        event,
        "odds",
    ];
    let mut url = base(&settings.base_url, &path)?;
    priced(&mut url, settings, markets);
    as_of(&mut url, at);
    finish(
        settings,
        Stream::OddsApiHistorical,
        url,
        Some(league),
        Some(event),
    )
}

fn name(league: League) -> Result<&'static str, PlanError> {
    sport::key(league).ok_or(PlanError::League {
        feed: "The Odds API",
        league,
    })
}

fn priced(url: &mut Url, settings: &OddsApi, markets: &[String]) {
    url.query_pairs_mut()
        .append_pair("regions", &settings.regions.join(","))
        .append_pair("markets", &markets.join(","))
        .append_pair("oddsFormat", "american")
        .append_pair("dateFormat", "iso");
}

fn within(url: &mut Url, window: Option<(DateTime<Utc>, DateTime<Utc>)>) {
    if let Some((from, to)) = window {
        url.query_pairs_mut()
            .append_pair("commenceTimeFrom", &iso(from))
            .append_pair("commenceTimeTo", &iso(to));
    }
}

fn as_of(url: &mut Url, at: DateTime<Utc>) {
    url.query_pairs_mut().append_pair("date", &iso(at));
}

/// The server refuses fractions of a second.
fn iso(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// The identity is taken before the key is added.
fn finish(
    settings: &OddsApi,
    stream: Stream,
    mut url: Url,
    league: Option<League>,
    event: Option<&Arc<str>>,
) -> Result<Request, PlanError> {
    let key = settings.key.as_ref().ok_or(PlanError::NoKey {
        feed: "The Odds API",
        variable: "ODDS_API_KEY",
        source_name: Source::OddsApi,
    })?;
    let identity = RequestIdentity {
        stream,
        url: url.to_string(),
        league,
        source_game_id: event.map(Arc::clone),
    };
    url.query_pairs_mut()
        .append_pair("apiKey", key.expose_secret());
    Ok(Request { identity, url })
}
