//! Which of MLB Stats API's answers a captured body is.

use std::sync::Arc;

use super::not_a_response;
use crate::domain::source::Stream;
use crate::sources::json::{Document, Scalar, record};
use crate::sources::{NotAResponse, Recognised};

record! {
    /// The members that tell the answers apart.
    Probe<'a> {
        dates: Scalar<'a> = "dates",
        game_data: Scalar<'a> = "gameData",
        game_pk: Scalar<'a> = "gamePk",
        teams: Scalar<'a> = "teams",
        records: Scalar<'a> = "records",
    }
}

/// By the path of an endpoint, which names the game of a live feed.
pub(super) fn by_endpoint(path: &str) -> Option<Recognised> {
    let game = path
        .split_once("/game/")
        .and_then(|(_, rest)| rest.strip_suffix("/feed/live"));
    let stream = if game.is_some() {
        Stream::MlbLive
    } else {
        match path.rsplit('/').next()? {
            "schedule" => Stream::MlbSchedule,
            "teams" => Stream::MlbTeams,
            "standings" => Stream::MlbStandings,
            _ => return None,
        }
    };
    let is_id = |id: &&str| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
    Some(Recognised {
        stream,
        source_game_id: game.filter(is_id).map(Arc::from),
    })
}

/// By the shape of `text`.
pub(super) fn recognise(text: &str) -> Result<Recognised, NotAResponse> {
    let document = Document::new(text);
    let top: Probe<'_> = document
        .read()
        .map_err(|error| crate::sources::broken_json(&error))?;
    let has = |member: &Scalar<'_>| *member != Scalar::Absent;
    let (stream, game) = if has(&top.dates) {
        (Stream::MlbSchedule, None)
    } else if has(&top.game_data) {
        (Stream::MlbLive, top.game_pk.id())
    } else if has(&top.records) {
        (Stream::MlbStandings, None)
    } else if has(&top.teams) {
        (Stream::MlbTeams, None)
    } else {
        return Err(not_a_response(&document, "an answer"));
    };
    Ok(Recognised {
        stream,
        source_game_id: game.map(|id| Arc::from(&*id)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_names_its_stream_and_game() {
        let live = by_endpoint("/api/v1.1/game/715720/feed/live").unwrap();
        assert_eq!(
            (live.stream, live.source_game_id.as_deref()),
            (Stream::MlbLive, Some("715720"))
        );
        let slate = by_endpoint("https://statsapi.mlb.com/api/v1/schedule").unwrap();
        assert_eq!(slate.stream, Stream::MlbSchedule);
        assert_eq!(by_endpoint("/api/v1/people"), None);
    }
}
