//! What the scheduler and a backfill ask for: the requests of one look at a league's slate.

use std::sync::Arc;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use url::Url;

use super::feed::{Cadence, feed};
use super::{Request, odds_api};
use crate::config::settings::Sources;
use crate::domain::league::League;
use crate::domain::source::Source;
use crate::domain::time::slate_start;

/// Why there is nothing to ask.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// The feed needs a key and none is set.
    #[error(
        "{feed} needs a key and none is set; set {variable}, or leave {source_name} out of collect.sources"
    )]
    NoKey {
        /// Name of the feed.
        feed: &'static str,
        /// The variable that gives its key.
        variable: &'static str,
        /// Its name in the settings.
        source_name: Source,
    },
    /// The feed does not carry the league.
    #[error("{feed} has no single slate for the league {league}; leave it out of collect.leagues")]
    League {
        /// Name of the feed.
        feed: &'static str,
        /// League asked for.
        league: League,
    },
    /// The feed tells nothing of past days.
    #[error("{feed} tells only of today, so there is nothing to backfill from it; {instead}")]
    NoPast {
        /// Name of the feed.
        feed: &'static str,
        /// What to do.
        instead: &'static str,
    },
    /// The base URL in the settings is no URL to ask.
    #[error("base_url {url:?} is not a server's address; write one like https://api.example.com")]
    BaseUrl {
        /// What the settings say.
        url: String,
    },
}

/// How often the questions of `source` are asked.
pub fn cadence(source: Source, settings: &Sources) -> Cadence {
    feed(source).cadence(settings)
}

/// One look at the slate of `league` on `date` (a US Eastern slate date): every request it takes.
///
/// Fails when the feed has no key or no such league, which no retry mends.
pub fn plan(
    source: Source,
    settings: &Sources,
    league: League,
    date: NaiveDate,
) -> Result<Vec<Request>, PlanError> {
    feed(source).slate(settings, league, date)
}

/// The same look through the feed's older endpoint, for when the first one is refused; none where there is no other.
pub fn fallback(
    source: Source,
    settings: &Sources,
    league: League,
    date: NaiveDate,
) -> Option<Request> {
    feed(source).older_slate(settings, league, date)?.ok()
}

/// The scores of `games`, or of all of `league`, up to `days_from` (1–3) days back; none where prices and scores come
/// together.
pub fn scores(
    source: Source,
    settings: &Sources,
    league: League,
    days_from: Option<u8>,
    games: &[Arc<str>],
) -> Option<Result<Request, PlanError>> {
    feed(source).scores(settings, league, days_from, games)
}

/// The games of `league` from the slate of `date` on for `days` slates, without prices and free of charge; none where
/// games come with their prices only.
pub fn games(
    source: Source,
    settings: &Sources,
    league: League,
    date: NaiveDate,
    days: u8,
) -> Option<Result<Request, PlanError>> {
    let last = date.checked_add_days(Days::new(u64::from(days).saturating_sub(1)))?;
    let (from, _) = slate_window(date)?;
    let (_, to) = slate_window(last)?;
    feed(source).games(settings, league, (from, to))
}

/// The markets of one game that the settings name; none where a feed has no such question or the settings name none.
pub fn game_markets(
    source: Source,
    settings: &Sources,
    source_game_id: &Arc<str>,
    league: League,
) -> Option<Request> {
    feed(source)
        .game_markets(settings, league, source_game_id)?
        .ok()
}

/// Credits that `request` costs at most; 0 where a feed charges nothing.
pub fn credits(request: &Request) -> u64 {
    feed(request.identity.stream.source()).credits(request)
}

/// The tick history of one game; none where the feed has none or the id is no id.
pub fn history(
    source: Source,
    settings: &Sources,
    source_game_id: &Arc<str>,
    league: League,
) -> Option<Request> {
    feed(source).history(settings, league, source_game_id)?.ok()
}

/// What brings a past day, for a backfill to go through; its games' ticks are then asked with [`history`].
///
/// Fails like [`plan`], or when the feed tells nothing of past days. The Odds API's costs one credit.
pub fn past_day(
    source: Source,
    settings: &Sources,
    league: League,
    date: NaiveDate,
) -> Result<Vec<Request>, PlanError> {
    feed(source).past_day(settings, league, date)
}

/// The lists of books, sports, teams or standings that a feed publishes; asked seldom.
pub fn references(
    source: Source,
    settings: &Sources,
    leagues: &[League],
) -> Result<Vec<Request>, PlanError> {
    feed(source).references(settings, leagues)
}

/// The games of The Odds API without prices. Costs nothing.
pub fn odds_api_events(settings: &Sources, league: League) -> Result<Request, PlanError> {
    odds_api::events(&settings.odds_api, league, None)
}

/// One game of The Odds API with any markets. Costs a credit a market and region.
pub fn odds_api_event_odds(
    settings: &Sources,
    league: League,
    source_game_id: &Arc<str>,
    markets: &[String],
) -> Result<Request, PlanError> {
    odds_api::event_odds(&settings.odds_api, league, source_game_id, markets)
}

/// The slate of The Odds API as it stood at `at`. Costs ten credits a market and region.
pub fn odds_api_historical_odds(
    settings: &Sources,
    league: League,
    at: DateTime<Utc>,
) -> Result<Request, PlanError> {
    odds_api::historical_odds(&settings.odds_api, league, at)
}

/// One game of The Odds API as it stood at `at`. Costs ten credits a market and region.
pub fn odds_api_historical_event_odds(
    settings: &Sources,
    league: League,
    source_game_id: &Arc<str>,
    markets: &[String],
    at: DateTime<Utc>,
) -> Result<Request, PlanError> {
    odds_api::historical_event_odds(&settings.odds_api, league, source_game_id, markets, at)
}

/// From when to when the starts of a slate lie.
pub(super) fn slate_window(date: NaiveDate) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let from = slate_start(date)?;
    let to = slate_start(date.checked_add_days(Days::new(1))?)?;
    Some((from, to - TimeDelta::seconds(1)))
}

/// `base_url` with `path` below it.
pub(super) fn base(base_url: &str, path: &[&str]) -> Result<Url, PlanError> {
    let wrong = || PlanError::BaseUrl {
        url: shown(base_url),
    };
    let mut url = Url::parse(base_url).map_err(|_| wrong())?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong());
    }
    url.set_query(None);
    url.set_fragment(None);
    url.path_segments_mut()
        .map_err(|()| wrong())?
        .pop_if_empty()
        .extend(path);
    Ok(url)
}

/// A base URL as an error may show it: without a user, a password or a query, where people put keys.
pub(super) fn shown(base_url: &str) -> String {
    let rest = base_url.split(['?', '#']).next().unwrap_or_default();
    match rest.split_once("://") {
        Some((scheme, rest)) => {
            let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
            format!("{scheme}://{host}")
        }
        None => rest
            .rsplit_once('@')
            .map_or(rest, |(_, host)| host)
            .to_owned(),
    }
}

#[cfg(test)]
mod tests;
