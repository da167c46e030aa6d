//! ESPN's names of leagues.

use crate::domain::league::League;
use crate::sources::DecodeContext;
use crate::sources::json::{Scalar, record};

record! {
    /// A league as a body names it.
    LeagueInfo<'a> { id: Scalar<'a> = "id", slug: Scalar<'a> = "slug", uid: Scalar<'a> = "uid" }
}

/// The path of a league below `/sports/`; none where one league here is many there.
pub(super) const fn path(league: League) -> Option<(&'static str, &'static str)> {
    Some(match league {
        League::Mlb => ("baseball", "mlb"),
        League::Nfl => ("football", "nfl"),
        League::Ncaaf => ("football", "college-football"),
        League::Nba => ("basketball", "nba"),
        League::Wnba => ("basketball", "wnba"),
        League::Ncaab => ("basketball", "mens-college-basketball"),
        League::Nhl => ("hockey", "nhl"),
        League::Soccer | League::Other => return None,
    })
}

/// `s:40~l:46~e:401468411`: sport, league and whatever stands below.
pub(super) fn of_uid(uid: &Scalar<'_>) -> Option<League> {
    let mut parts = uid.text()?.split('~');
    let sport = parts.next()?.strip_prefix("s:")?;
    let league = parts.next().and_then(|part| part.strip_prefix("l:"));
    Some(match (sport, league) {
        ("600", _) => League::Soccer,
        ("1", Some("10")) => League::Mlb,
        ("20", Some("28")) => League::Nfl,
        ("20", Some("23")) => League::Ncaaf,
        ("40", Some("46")) => League::Nba,
        ("40", Some("59")) => League::Wnba,
        ("40", Some("41")) => League::Ncaab,
        ("70", Some("90")) => League::Nhl,
        _ => League::Other,
    })
}

impl LeagueInfo<'_> {
    /// The league, where it is told.
    pub(super) fn league(&self) -> Option<League> {
        of_uid(&self.uid).or_else(|| self.slug.text().map(of_slug))
    }
}

/// By the last part of a path.
pub(super) fn of_slug(slug: &str) -> League {
    match slug {
        "mlb" => League::Mlb,
        "nfl" => League::Nfl,
        "college-football" => League::Ncaaf,
        "nba" => League::Nba,
        "wnba" => League::Wnba,
        "mens-college-basketball" => League::Ncaab,
        "nhl" => League::Nhl,
        // Competitions of football are named `eng.1`, `usa.1`, `uefa.champions`.
        other if other.contains('.') => League::Soccer,
        _ => League::Other,
    }
}

/// By what was asked: `…/sports/{sport}/{league}/…`, or `…/sports/{sport}/leagues/{league}/…`.
pub(super) fn asked(context: &DecodeContext<'_>) -> Option<League> {
    of_endpoint(context.endpoint?)
}

/// The same of an endpoint or a link.
pub(super) fn of_endpoint(endpoint: &str) -> Option<League> {
    let path = endpoint.split(['?', '#']).next()?;
    let (_, rest) = path.split_once("/sports/")?;
    let mut parts = rest.split('/').skip(1).filter(|part| *part != "leagues");
    parts.next().map(of_slug)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_leads_back() {
        for league in League::ALL {
            if let Some((_, slug)) = path(*league) {
                assert_eq!(of_slug(slug), *league);
            }
        }
    }

    #[test]
    fn a_uid_tells_the_league() {
        let of = |uid| of_uid(&Scalar::Text(uid));
        assert_eq!(of("s:40~l:41~e:401812018"), Some(League::Ncaab));
        assert_eq!(of("s:600~l:700~e:1"), Some(League::Soccer));
        assert_eq!(of("s:40~l:54~e:1"), Some(League::Other), "women's college");
        assert_eq!(of("401812018"), None);
    }

    #[test]
    fn an_endpoint_tells_the_league() {
        let core = "http://sports.core.api.espn.com/v2/sports/football/leagues/nfl/events/1";
        assert_eq!(of_endpoint(core), Some(League::Nfl));
        let site = "/apis/site/v2/sports/soccer/eng.1/scoreboard?dates=20250101";
        assert_eq!(of_endpoint(site), Some(League::Soccer));
        assert_eq!(of_endpoint("scoreboard"), None);
    }
}
