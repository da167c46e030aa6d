//! Teams and games the way each feed writes them: city, nickname, local abbreviation, the feed's own ids.

use super::dice::mix;
use super::schedule::{Club, Fixture};
use super::shop::Cast;
use crate::domain::league::League;
use crate::domain::source::Source;
use crate::domain::team::Teams;

/// Action Network's first ids in the demo; the other feeds count from elsewhere.
const FIRST_MLB: u32 = 1_001;
const FIRST_NFL: u32 = 2_001;
/// Games every club has behind it.
const SEASON: u64 = 60;

impl Club {
    /// The clubs of a league, in the order of the book of teams.
    pub(super) fn all(league: League, teams: &Teams) -> Vec<Self> {
        let first = if league == League::Nfl {
            FIRST_NFL
        } else {
            FIRST_MLB
        };
        (first..)
            .zip(teams.of_league(league))
            .map(|(an_id, team)| Self {
                an_id,
                team: team.clone(),
            })
            .collect()
    }

    /// City and nickname. The nickname has as many words as the slug: `red-sox` is `Red Sox`.
    pub(super) fn city_and_nick(&self) -> (String, String) {
        let words = self.team.slug.as_str().matches('-').count() + 1;
        let all: Vec<&str> = self.team.name.split(' ').collect();
        let (city, nick) = all.split_at(all.len().saturating_sub(words));
        let nick = nick.join(" ");
        if city.is_empty() {
            (nick.clone(), nick)
        } else {
            (city.join(" "), nick)
        }
    }

    /// The name in the address of a team's page: `miami-marlins`.
    pub(super) fn url_slug(&self) -> String {
        self.team
            .name
            .to_lowercase()
            .replace(". ", "-")
            .replace(' ', "-")
    }

    /// The team's number in a feed: every feed counts for itself.
    pub(super) fn id(&self, feed: Source) -> u32 {
        let (place, football) = match self.an_id.checked_sub(FIRST_NFL) {
            Some(place) => (place, true),
            None => (self.an_id - FIRST_MLB, false),
        };
        match (feed, football) {
            (Source::Espn, _) => place + 1,
            (Source::MlbStats, _) => place + 108,
            (Source::Goalserve, false) => place * 7 + 4_011,
            (Source::Goalserve, true) => place * 3 + 1_673,
            _ => self.an_id,
        }
    }

    /// The abbreviation in a feed: a handful of teams have another one in each.
    pub(super) fn abbr(&self, feed: Source) -> &str {
        match (feed, self.team.slug.as_str()) {
            (Source::Espn | Source::Sbd, "mlb:white-sox") => "CHW",
            (Source::MlbStats | Source::Sbr, "mlb:diamondbacks") => "AZ",
            (Source::Sbd, "mlb:athletics") => "OAK",
            (Source::Sbd | Source::Sbr, "mlb:nationals" | "nfl:commanders") => "WAS",
            (Source::Sbd, "nfl:jaguars") => "JAC",
            (Source::Espn | Source::Sbd | Source::Sbr, "nfl:rams") => "LAR",
            _ => &self.team.abbr,
        }
    }

    /// Games won and lost before the demo began.
    pub(super) fn record(&self) -> (u64, u64) {
        let won = mix(&[u64::from(self.an_id), 25]) % SEASON;
        (won, SEASON - won)
    }

    /// The share of games won, as feeds write it: `.533`.
    pub(super) fn percentage(&self) -> String {
        let (won, _) = self.record();
        let share = won as f64 / SEASON as f64;
        format!("{share:.3}").trim_start_matches('0').to_owned()
    }

    /// Won and lost in one text: `32-28`.
    pub(super) fn record_text(&self) -> String {
        let (won, lost) = self.record();
        format!("{won}-{lost}")
    }
}

impl Fixture {
    /// The game's number in a feed: every feed counts for itself.
    pub(super) fn id(&self, feed: Source) -> u64 {
        // Unique for a quarter of a century of days.
        let place = self.an_id % 10_000_000;
        match feed {
            Source::Espn => 401_000_000 + place,
            Source::MlbStats => 700_000 + place,
            Source::Sbr => 300_000 + place,
            Source::Goalserve => 3_100_000 + place,
            _ => self.an_id,
        }
    }
}

/// A division and its clubs, best record first.
pub(super) struct Standing<'a> {
    /// `AL`, `NFC`.
    pub(super) conference: &'a str,
    /// `EAST`.
    pub(super) division: &'a str,
    pub(super) clubs: Vec<Club>,
}

/// The divisions of a league, in the order in which its clubs come.
pub(super) fn standings<'a>(league: League, cast: &'a Cast, teams: &Teams) -> Vec<Standing<'a>> {
    let mut out: Vec<Standing<'a>> = Vec::new();
    for club in Club::all(league, teams) {
        let Some(place) = cast.division(club.team.slug.as_str()) else {
            continue;
        };
        let known = out
            .iter_mut()
            .find(|s| s.conference == place.conference && s.division == place.division);
        match known {
            Some(standing) => standing.clubs.push(club),
            None => out.push(Standing {
                conference: &place.conference,
                division: &place.division,
                clubs: vec![club],
            }),
        }
    }
    out.sort_by_key(|s| (s.conference, s.division));
    for standing in &mut out {
        standing
            .clubs
            .sort_by_key(|club| (std::cmp::Reverse(club.record().0), club.an_id));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_is_known() {
        let (teams, cast) = (Teams::builtin().unwrap(), Cast::builtin().unwrap());
        for league in [League::Mlb, League::Nfl] {
            for club in Club::all(league, &teams) {
                for feed in Source::ALL {
                    let found = teams.find(league, club.abbr(*feed));
                    assert_eq!(found.unwrap().slug, club.team.slug, "{feed}");
                }
            }
            let placed: usize = standings(league, &cast, &teams)
                .iter()
                .map(|s| s.clubs.len())
                .sum();
            assert_eq!(placed, Club::all(league, &teams).len());
        }
    }
}
