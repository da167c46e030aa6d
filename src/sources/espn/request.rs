//! What to ask ESPN.

use chrono::NaiveDate;
use url::Url;

use super::league;
use crate::config::settings::Espn;
use crate::domain::league::League;
use crate::domain::payload::RequestIdentity;
use crate::domain::source::Stream;
use crate::sources::Request;
use crate::sources::plan::{PlanError, base};

/// The slate of `league` on `date`.
pub(super) fn scoreboard(
    settings: &Espn,
    league: League,
    date: NaiveDate,
) -> Result<Request, PlanError> {
    let mut url = below(settings, &["apis", "site", "v2"], league, "scoreboard")?;
    url.query_pairs_mut()
        .append_pair("dates", &date.format("%Y%m%d").to_string())
        .append_pair("limit", "500");
    // Without its group a college slate holds ranked teams only.
    if let Some(group) = group(league) {
        url.query_pairs_mut().append_pair("groups", group);
    }
    Ok(request(Stream::EspnScoreboard, url, league))
}

/// Teams and standings of every league that has them.
pub(super) fn references(settings: &Espn, leagues: &[League]) -> Result<Vec<Request>, PlanError> {
    let mut out = Vec::new();
    for league in leagues.iter().copied() {
        if league::path(league).is_none() {
            continue;
        }
        let mut teams = below(settings, &["apis", "site", "v2"], league, "teams")?;
        teams.query_pairs_mut().append_pair("limit", "1000");
        out.push(request(Stream::EspnTeams, teams, league));
        let standings = below(settings, &["apis", "v2"], league, "standings")?;
        out.push(request(Stream::EspnStandings, standings, league));
    }
    Ok(out)
}

const fn group(league: League) -> Option<&'static str> {
    match league {
        League::Ncaab => Some("50"),
        League::Ncaaf => Some("80"),
        _ => None,
    }
}

fn below(settings: &Espn, root: &[&str], league: League, last: &str) -> Result<Url, PlanError> {
    let (sport, name) = league::path(league).ok_or(PlanError::League {
        feed: "ESPN",
        league,
    })?;
    let path = [root, &["sports", sport, name, last]].concat();
    base(&settings.base_url, &path)
}

fn request(stream: Stream, url: Url, league: League) -> Request {
    Request {
        identity: RequestIdentity {
            stream,
            url: url.to_string(),
            league: Some(league),
            source_game_id: None,
        },
        url,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(league: League) -> String {
        let date = NaiveDate::from_ymd_opt(2026, 1, 19).unwrap();
        scoreboard(&Espn::default(), league, date)
            .unwrap()
            .url
            .to_string()
    }

    #[test]
    fn a_slate_is_asked_by_its_day_and_colleges_by_their_group() {
        assert_eq!(
            asked(League::Mlb),
            "https://site.api.espn.com/apis/site/v2/sports/baseball/mlb/scoreboard?dates=20260119&limit=500"
        );
        assert!(asked(League::Ncaab).ends_with(
            "/basketball/mens-college-basketball/scoreboard?dates=20260119&limit=500&groups=50"
        ));
        assert!(asked(League::Ncaaf).ends_with("&groups=80"));
    }

    #[test]
    fn teams_and_standings_are_asked_of_leagues_that_have_them() {
        let asked = references(&Espn::default(), &[League::Nhl, League::Soccer]).unwrap();
        let urls: Vec<&str> = asked.iter().map(|one| one.url.path()).collect();
        assert_eq!(
            urls,
            [
                "/apis/site/v2/sports/hockey/nhl/teams",
                "/apis/v2/sports/hockey/nhl/standings"
            ]
        );
    }
}
