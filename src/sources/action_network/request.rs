//! What to ask Action Network.

use std::sync::Arc;

use chrono::NaiveDate;
use url::Url;

use crate::config::settings::ActionNetwork;
use crate::domain::league::League;
use crate::domain::payload::RequestIdentity;
use crate::domain::source::Stream;
use crate::sources::Request;
use crate::sources::plan::{PlanError, base};

/// The slate of `league` with every book's markets: version 2, which the web site uses.
pub(in crate::sources) fn scoreboard(
    settings: &ActionNetwork,
    league: League,
    date: Option<NaiveDate>,
) -> Result<Request, PlanError> {
    let mut url = base(
        &settings.base_url,
        &["web", "v2", "scoreboard", name(league)?],
    )?;
    url.query_pairs_mut()
        .append_pair("bookIds", &book_ids(settings))
        .append_pair("periods", "event");
    dated(&mut url, league, date);
    Ok(request(Stream::AnScoreboard, url, Some(league), None))
}

/// The slate of `league` as flat rows: version 1, for when version 2 refuses a period.
pub(in crate::sources) fn scoreboard_v1(
    settings: &ActionNetwork,
    league: League,
    date: Option<NaiveDate>,
) -> Result<Request, PlanError> {
    let mut url = base(
        &settings.base_url,
        &["web", "v1", "scoreboard", name(league)?],
    )?;
    url.query_pairs_mut()
        .append_pair("period", "game")
        .append_pair("bookIds", &book_ids(settings));
    dated(&mut url, league, date);
    Ok(request(Stream::AnScoreboardV1, url, Some(league), None))
}

/// The ticks of one game.
pub(in crate::sources) fn history(
    settings: &ActionNetwork,
    league: League,
    game: &Arc<str>,
) -> Result<Request, PlanError> {
    let path = ["web", "v2", "markets", "event", game, "history"];
    let mut url = base(&settings.base_url, &path)?;
    // `event` is the whole game here; `game` brings an empty object.
    url.query_pairs_mut()
        .append_pair("bookIds", &book_ids(settings))
        .append_pair("periods", "event");
    Ok(request(Stream::AnHistory, url, Some(league), Some(game)))
}

/// Every book Action Network knows.
pub(in crate::sources) fn books(settings: &ActionNetwork) -> Result<Request, PlanError> {
    let url = base(&settings.base_url, &["web", "v1", "books"])?;
    Ok(request(Stream::AnBooks, url, None, None))
}

fn name(league: League) -> Result<&'static str, PlanError> {
    match league {
        League::Other => Err(PlanError::League {
            feed: "Action Network",
            league,
        }),
        known => Ok(known.as_str()),
    }
}

fn book_ids(settings: &ActionNetwork) -> String {
    let ids: Vec<String> = settings.book_ids.iter().map(u32::to_string).collect();
    ids.join(",")
}

/// The date without dashes (with them the server answers 400), and what colleges need besides.
fn dated(url: &mut Url, league: League, date: Option<NaiveDate>) {
    let mut query = url.query_pairs_mut();
    if let Some(date) = date {
        query.append_pair("date", &date.format("%Y%m%d").to_string());
    }
    match league {
        League::Ncaaf => {
            query.append_pair("division", "FBS");
        }
        League::Ncaab => {
            query
                .append_pair("division", "D1")
                .append_pair("tournament", "0");
        }
        _ => {}
    }
}

/// Nothing in these URLs is secret, so the identity is the URL.
fn request(stream: Stream, url: Url, league: Option<League>, game: Option<&Arc<str>>) -> Request {
    Request {
        identity: RequestIdentity {
            stream,
            url: url.to_string(),
            league,
            source_game_id: game.map(Arc::clone),
        },
        url,
    }
}
