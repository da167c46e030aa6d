//! What to ask `SportsbookReview`: a page a market.

use chrono::NaiveDate;

use crate::config::settings::Sbr;
use crate::domain::league::League;
use crate::domain::market::Period;
use crate::domain::payload::RequestIdentity;
use crate::domain::source::Stream;
use crate::sources::Request;
use crate::sources::plan::{PlanError, base};

/// Leagues as the site's paths and its pages name them.
const LEAGUES: [(League, &str, &str); 6] = [
    (League::Mlb, "mlb-baseball", "MLB"),
    (League::Nfl, "nfl-football", "NFL"),
    (League::Nba, "nba-basketball", "NBA"),
    (League::Nhl, "nhl-hockey", "NHL"),
    (League::Ncaaf, "ncaa-football", "NCAAF"),
    (League::Ncaab, "ncaa-basketball", "NCAAB"),
];

const MARKETS: [&str; 3] = ["money-line", "pointspread", "totals"];

/// Parts of the game as paths name them.
const PERIODS: [(&str, Period); 12] = [
    ("full-game", Period::Full),
    ("1st-half", Period::Half1),
    ("2nd-half", Period::Half2),
    ("1st-quarter", Period::Quarter1),
    ("2nd-quarter", Period::Quarter2),
    ("3rd-quarter", Period::Quarter3),
    ("4th-quarter", Period::Quarter4),
    ("1st-period", Period::Period1),
    ("2nd-period", Period::Period2),
    ("3rd-period", Period::Period3),
    ("1st-inning", Period::Inning1),
    ("1st-5-innings", Period::Innings5),
];

/// The three pages of a day, past ones too.
pub(super) fn pages(
    settings: &Sbr,
    league: League,
    date: NaiveDate,
    feed: &'static str,
) -> Result<Vec<Request>, PlanError> {
    let (_, path, _) = LEAGUES
        .iter()
        .find(|(known, ..)| *known == league)
        .ok_or(PlanError::League { feed, league })?;
    MARKETS
        .iter()
        .map(|market| {
            let mut url = base(
                &settings.base_url,
                &["betting-odds", path, market, "full-game", ""],
            )?;
            url.query_pairs_mut().append_pair("date", &date.to_string());
            Ok(Request {
                identity: RequestIdentity {
                    stream: Stream::SbrOdds,
                    url: url.to_string(),
                    league: Some(league),
                    source_game_id: None,
                },
                url,
            })
        })
        .collect()
}

/// The league an address or a page names.
pub(super) fn league(name: &str) -> Option<League> {
    LEAGUES
        .iter()
        .find(|(_, path, short)| name == *path || name.eq_ignore_ascii_case(short))
        .map(|(league, ..)| *league)
}

/// What the path of a page says: `/betting-odds/{league}/{market}/{period}/`, each but the first left out at will.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Asked {
    pub(super) league: Option<League>,
    /// `money-line`, `pointspread` or `totals`.
    pub(super) market: Option<String>,
    /// A part of the game; a reason where it has no meaning here.
    pub(super) period: Option<Result<Period, String>>,
}

/// Read the path of `endpoint`, also of `/_next/data/{build}/betting-odds/….json`.
pub(super) fn asked(endpoint: &str) -> Asked {
    let mut asked = Asked::default();
    let path = endpoint.split(['?', '#']).next().unwrap_or_default();
    let Some((_, rest)) = path.split_once("betting-odds/") else {
        return asked;
    };
    let rest = rest.strip_suffix(".json").unwrap_or(rest);
    for part in rest.split('/').filter(|part| !part.is_empty()) {
        if let Some(league) = league(part) {
            asked.league = Some(league);
        } else if MARKETS.contains(&part) {
            asked.market = Some(part.to_owned());
        } else if let Some((_, period)) = PERIODS.iter().find(|(name, _)| *name == part) {
            asked.period = Some(Ok(*period));
        } else {
            asked.period = Some(Err(format!(
                "the page is of {part:?}, which is no part of a game that linetape knows"
            )));
        }
    }
    asked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_a_page_was_asked_for() {
        let found = asked(
            "https://www.sportsbookreview.com/betting-odds/nba-basketball/totals/1st-half/?date=2026-01-02",
        );
        assert_eq!(found.league, Some(League::Nba));
        assert_eq!(found.market.as_deref(), Some("totals"));
        assert_eq!(found.period, Some(Ok(Period::Half1)));
        let found = asked("/_next/data/x/betting-odds/mlb-baseball.json?league=mlb-baseball");
        assert_eq!((found.league, found.period), (Some(League::Mlb), None));
        assert!(matches!(
            asked("/betting-odds/mlb-baseball/totals/tenth-inning/").period,
            Some(Err(_))
        ));
        assert_eq!(asked("file:page.html"), Asked::default());
    }
}
