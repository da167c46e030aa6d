//! What to ask `SportsBettingDime`.

use crate::config::settings::Sbd;
use crate::domain::league::League;
use crate::domain::payload::RequestIdentity;
use crate::domain::source::Stream;
use crate::sources::Request;
use crate::sources::plan::{PlanError, base};

/// The feed's leagues. Those of colleges end in `m` and `b`.
const LEAGUES: [(League, &str); 6] = [
    (League::Mlb, "mlb"),
    (League::Nba, "nba"),
    (League::Nfl, "nfl"),
    (League::Nhl, "nhl"),
    (League::Ncaab, "ncaamb"),
    (League::Ncaaf, "ncaafb"),
];

/// The games of today with splits and prices.
pub(super) fn splits(
    settings: &Sbd,
    league: League,
    feed: &'static str,
) -> Result<Request, PlanError> {
    let name = LEAGUES
        .iter()
        .find(|(known, _)| *known == league)
        .map(|(_, name)| *name)
        .ok_or(PlanError::League { feed, league })?;
    let mut url = base(
        &settings.base_url,
        &["v2", "matchups", name, "betting-splits"],
    )?;
    url.query_pairs_mut()
        .append_pair("books", &settings.books.join(","));
    Ok(Request {
        identity: RequestIdentity {
            stream: Stream::SbdSplits,
            url: url.to_string(),
            league: Some(league),
            source_game_id: None,
        },
        url,
    })
}

/// The league of a name in a path or an id; clients name the colleges' by the usual names too.
pub(super) fn league(name: &str) -> Option<League> {
    let name = name.to_ascii_lowercase();
    LEAGUES
        .iter()
        .find(|(league, feeds)| *feeds == name || league.as_str() == name)
        .map(|(league, _)| *league)
}
