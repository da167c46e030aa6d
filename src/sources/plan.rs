//! What the scheduler and a backfill ask for: the requests of one look at a league's slate.

use std::sync::Arc;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use url::Url;

use super::{Request, action_network, odds_api};
use crate::config::settings::Sources;
use crate::domain::league::League;
use crate::domain::source::Source;
use crate::domain::time::slate_start;

/// Why there is nothing to ask.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// The feed needs a key and none is set.
    #[error(
        "The Odds API needs a key and none is set; set ODDS_API_KEY, or leave odds_api out of collect.sources"
    )]
    NoKey,
    /// The feed does not carry the league.
    #[error("{feed} has no single slate for the league {league}; leave it out of collect.leagues")]
    League {
        /// Name of the feed.
        feed: &'static str,
        /// League asked for.
        league: League,
    },
    /// The base URL in the settings is no URL to ask.
    #[error("base_url {url:?} is not a server's address; write one like https://api.example.com")]
    BaseUrl {
        /// What the settings say.
        url: String,
    },
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
    let request = match source {
        Source::ActionNetwork => {
            action_network::scoreboard(&settings.action_network, league, Some(date))?
        }
        Source::OddsApi => odds_api::odds(&settings.odds_api, league, slate_window(date))?,
    };
    Ok(vec![request])
}

/// The same look through the feed's older endpoint, for when the first one is refused; none where there is no other.
pub fn fallback(
    source: Source,
    settings: &Sources,
    league: League,
    date: NaiveDate,
) -> Option<Request> {
    match source {
        Source::ActionNetwork => {
            action_network::scoreboard_v1(&settings.action_network, league, Some(date)).ok()
        }
        Source::OddsApi => None,
    }
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
    match source {
        Source::ActionNetwork => None,
        Source::OddsApi => {
            let asked = odds_api::scores(&settings.odds_api, league, days_from, games);
            Some(asked)
        }
    }
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
    match source {
        Source::ActionNetwork => None,
        Source::OddsApi => Some(odds_api::events(
            &settings.odds_api,
            league,
            Some((from, to)),
        )),
    }
}

/// The markets of one game that the settings name; none where a feed has no such question or the settings name none.
pub fn game_markets(
    source: Source,
    settings: &Sources,
    source_game_id: &Arc<str>,
    league: League,
) -> Option<Request> {
    let markets = &settings.odds_api.event_markets;
    match source {
        Source::OddsApi if !markets.is_empty() => {
            odds_api::event_odds(&settings.odds_api, league, source_game_id, markets).ok()
        }
        Source::OddsApi | Source::ActionNetwork => None,
    }
}

/// Credits that `request` costs at most; 0 where a feed charges nothing.
pub fn credits(request: &Request) -> u64 {
    match request.identity.stream.source() {
        Source::ActionNetwork => 0,
        Source::OddsApi => odds_api::credits(request),
    }
}

/// The tick history of one game; none where the feed has none or the id is no id.
pub fn history(
    source: Source,
    settings: &Sources,
    source_game_id: &Arc<str>,
    league: League,
) -> Option<Request> {
    match source {
        Source::ActionNetwork => {
            action_network::history(&settings.action_network, league, source_game_id).ok()
        }
        Source::OddsApi => None,
    }
}

/// The games of a past day, for a backfill to go through; their ticks are then asked with [`history`].
///
/// Fails like [`plan`]. The Odds API's costs one credit.
pub fn games_of_day(
    source: Source,
    settings: &Sources,
    league: League,
    date: NaiveDate,
) -> Result<Request, PlanError> {
    match source {
        Source::ActionNetwork => {
            action_network::scoreboard(&settings.action_network, league, Some(date))
        }
        Source::OddsApi => {
            // Events leave the list as they start: the whole slate is listed before its first start.
            let at = slate_start(date).unwrap_or_default();
            odds_api::historical_events(&settings.odds_api, league, at)
        }
    }
}

/// The list of books, or of sports, that a feed publishes; asked seldom.
pub fn reference(source: Source, settings: &Sources) -> Result<Request, PlanError> {
    match source {
        Source::ActionNetwork => action_network::books(&settings.action_network),
        Source::OddsApi => odds_api::sports(&settings.odds_api),
    }
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
fn slate_window(date: NaiveDate) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
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
