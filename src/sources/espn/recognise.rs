//! Which of ESPN's answers a captured body is.

use std::sync::Arc;

use super::not_a_response;
use crate::domain::source::Stream;
use crate::sources::json::{Document, Scalar, record};
use crate::sources::{NotAResponse, Recognised};

record! {
    /// The members that tell the answers apart.
    Probe<'a> {
        events: Scalar<'a> = "events",
        lines: Scalar<'a> = "lines",
        sports: Scalar<'a> = "sports",
        children: Scalar<'a> = "children",
        standings: Scalar<'a> = "standings",
        items: Scalar<'a> = "items",
        provider: Scalar<'a> = "provider",
        home_odds: Scalar<'a> = "homeTeamOdds",
    }
}

/// By the path of an endpoint, which names the game of the core service's odds.
pub(super) fn by_endpoint(path: &str) -> Option<Recognised> {
    let event = event_of(path);
    let stream = match path.rsplit('/').next()? {
        "scoreboard" => Stream::EspnScoreboard,
        "teams" => Stream::EspnTeams,
        "standings" => Stream::EspnStandings,
        "odds" if event.is_none() => Stream::EspnOdds,
        _ if event.is_some() && path.contains("/odds") => Stream::EspnCoreOdds,
        _ => return None,
    };
    Some(Recognised {
        stream,
        source_game_id: event.filter(|_| stream == Stream::EspnCoreOdds),
    })
}

/// The event that a path or link names: `…/events/401772636/…`.
pub(super) fn event_of(link: &str) -> Option<Arc<str>> {
    let (_, rest) = link.split_once("/events/")?;
    let id = rest.split(['/', '?', '#']).next()?;
    let is_id = !id.is_empty() && id.len() <= 20 && id.bytes().all(|byte| byte.is_ascii_digit());
    is_id.then(|| Arc::from(id))
}

/// By the shape of `text`.
pub(super) fn recognise(text: &str) -> Result<Recognised, NotAResponse> {
    let document = Document::new(text);
    let top: Probe<'_> = document
        .read()
        .map_err(|error| crate::sources::broken_json(&error))?;
    let has = |member: &Scalar<'_>| *member != Scalar::Absent;
    let stream = if has(&top.events) {
        Stream::EspnScoreboard
    } else if has(&top.lines) {
        Stream::EspnOdds
    } else if has(&top.sports) {
        Stream::EspnTeams
    } else if has(&top.children) || has(&top.standings) {
        Stream::EspnStandings
    } else if has(&top.items) || (has(&top.provider) && has(&top.home_odds)) {
        Stream::EspnCoreOdds
    } else {
        return Err(not_a_response(&document, "an answer"));
    };
    Ok(Recognised {
        stream,
        source_game_id: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_names_its_stream_and_game() {
        let of = |path| {
            by_endpoint(path).map(|found| (found.stream, found.source_game_id.unwrap_or_default()))
        };
        assert_eq!(
            of("/v2/sports/football/leagues/nfl/events/401/competitions/401/odds"),
            Some((Stream::EspnCoreOdds, "401".into()))
        );
        assert_eq!(
            of("/apis/v3/sports/football/nfl/odds"),
            Some((Stream::EspnOdds, "".into()))
        );
        assert_eq!(of("/apis/site/v2/sports/football/nfl/news"), None);
    }
}
