//! What to ask MLB Stats API.

use chrono::NaiveDate;
use url::Url;

use crate::config::settings::MlbStats;
use crate::domain::league::League;
use crate::domain::payload::RequestIdentity;
use crate::domain::source::Stream;
use crate::sources::Request;
use crate::sources::plan::{PlanError, base};

/// The games of `date` with their scores by inning.
pub(super) fn schedule(
    settings: &MlbStats,
    league: League,
    date: NaiveDate,
) -> Result<Request, PlanError> {
    if league != League::Mlb {
        return Err(PlanError::League {
            feed: "MLB Stats API",
            league,
        });
    }
    let mut url = base(&settings.base_url, &["api", "v1", "schedule"])?;
    url.query_pairs_mut()
        .append_pair("sportId", "1")
        .append_pair("date", &date.format("%Y-%m-%d").to_string())
        .append_pair("hydrate", "team,linescore,probablePitcher");
    Ok(request(Stream::MlbSchedule, url))
}

/// Teams and standings.
pub(super) fn references(
    settings: &MlbStats,
    leagues: &[League],
) -> Result<Vec<Request>, PlanError> {
    if !leagues.contains(&League::Mlb) {
        return Ok(Vec::new());
    }
    let mut teams = base(&settings.base_url, &["api", "v1", "teams"])?;
    teams.query_pairs_mut().append_pair("sportId", "1");
    let mut standings = base(&settings.base_url, &["api", "v1", "standings"])?;
    standings
        .query_pairs_mut()
        .append_pair("leagueId", "103,104");
    Ok(vec![
        request(Stream::MlbTeams, teams),
        request(Stream::MlbStandings, standings),
    ])
}

fn request(stream: Stream, url: Url) -> Request {
    Request {
        identity: RequestIdentity {
            stream,
            url: url.to_string(),
            league: Some(League::Mlb),
            source_game_id: None,
        },
        url,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slate_is_asked_of_baseball_only() {
        let settings = MlbStats::default();
        let date = NaiveDate::from_ymd_opt(2026, 4, 7).unwrap();
        let asked = schedule(&settings, League::Mlb, date).unwrap();
        assert_eq!(
            asked.url.as_str(),
            "https://statsapi.mlb.com/api/v1/schedule?sportId=1&date=2026-04-07&hydrate=team%2Clinescore%2CprobablePitcher"
        );
        let refused = schedule(&settings, League::Nfl, date).unwrap_err();
        assert!(refused.to_string().contains("MLB Stats API"));
        assert!(references(&settings, &[League::Nfl]).unwrap().is_empty());
        assert_eq!(references(&settings, &[League::Mlb]).unwrap().len(), 2);
    }
}
