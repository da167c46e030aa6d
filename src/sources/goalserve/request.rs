//! What to ask Goalserve. The key is a part of the path; the identity has `KEY` in its place.

use chrono::NaiveDate;
use secrecy::ExposeSecret;
use url::Url;

use crate::config::settings::Goalserve;
use crate::domain::league::League;
use crate::domain::payload::RequestIdentity;
use crate::domain::source::{Source, Stream};
use crate::sources::Request;
use crate::sources::plan::{PlanError, base, slate_window};

const NAME: &str = "Goalserve";

/// The prices of a league's slate.
pub(super) fn odds(
    settings: &Goalserve,
    league: League,
    date: NaiveDate,
) -> Result<Request, PlanError> {
    let (cat, _) = paths(league)?;
    // The feed's days are UTC's, and a slate lies on two of them.
    let (from, to) = slate_window(date).map_or((date, date), |(from, to)| {
        (from.date_naive(), to.date_naive())
    });
    let query = [
        ("cat", format!("{cat}_10")),
        ("date_start", day(from)),
        ("date_end", day(to)),
    ];
    ask(
        settings,
        Stream::GoalserveOdds,
        league,
        &["getodds", "soccer"],
        &query,
    )
}

/// The scores of a league: of a day, or of today.
pub(super) fn scores(
    settings: &Goalserve,
    league: League,
    date: Option<NaiveDate>,
) -> Result<Request, PlanError> {
    let (_, path) = paths(league)?;
    let query: Vec<_> = date.map(|date| ("date", day(date))).into_iter().collect();
    ask(settings, Stream::GoalserveScores, league, &path, &query)
}

fn day(date: NaiveDate) -> String {
    date.format("%d.%m.%Y").to_string()
}

/// A league's category of odds and its path of scores.
fn paths(league: League) -> Result<(&'static str, [&'static str; 2]), PlanError> {
    Ok(match league {
        League::Mlb => ("baseball", ["baseball", "usa"]),
        League::Nfl => ("football", ["football", "nfl-scores"]),
        League::Ncaaf => ("football", ["football", "fbs-scores"]),
        League::Nba => ("basket", ["bsktbl", "nba-scores"]),
        League::Ncaab => ("basket", ["bsktbl", "ncaa-scores"]),
        League::Wnba => ("basket", ["bsktbl", "wnba-scores"]),
        League::Nhl => ("hockey", ["hockey", "nhl-scores"]),
        League::Soccer => ("soccer", ["soccernew", "home"]),
        League::Other => return Err(PlanError::League { feed: NAME, league }),
    })
}

fn ask(
    settings: &Goalserve,
    stream: Stream,
    league: League,
    path: &[&str],
    query: &[(&str, String)],
) -> Result<Request, PlanError> {
    let key = settings.key.as_ref().ok_or(PlanError::NoKey {
        feed: NAME,
        variable: "GOALSERVE_API_KEY",
        source_name: Source::Goalserve,
    })?;
    let with = |key: &str| -> Result<Url, PlanError> {
        let mut whole = vec!["getfeed", key];
        whole.extend(path);
        let mut url = base(&settings.base_url, &whole)?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        Ok(url)
    };
    let identity = RequestIdentity {
        stream,
        url: with("KEY")?.to_string(),
        league: Some(league),
        source_game_id: None,
    };
    Ok(Request {
        identity,
        url: with(key.expose_secret())?,
    })
}
