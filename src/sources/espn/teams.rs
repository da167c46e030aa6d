//! The list of teams.

use std::collections::HashSet;
use std::sync::Arc;

use super::league::{self, LeagueInfo};
use super::not_a_response;
use crate::domain::feed::FeedTeam;
use crate::domain::league::League;
use crate::domain::source::Source;
use crate::sources::Refusal;
use crate::sources::collector::Collector;
use crate::sources::json::{Document, List, Pointer, Scalar, Shape, record};

record! {
    /// The whole list, by sport and league.
    Page<'a> { sports: List<Sport<'a>> = "sports" }
}
record! {
    Sport<'a> { leagues: List<LeagueTeams<'a>> = "leagues" }
}
record! {
    LeagueTeams<'a> {
        uid: Scalar<'a> = "uid",
        slug: Scalar<'a> = "slug",
        teams: List<Entry<'a>> = "teams",
    }
}
record! {
    Entry<'a> { team: TeamRow<'a> = "team" }
}
record! {
    /// A team as lists have it.
    TeamRow<'a> {
        id: Scalar<'a> = "id",
        abbreviation: Scalar<'a> = "abbreviation",
        name: Scalar<'a> = "displayName",
    }
}

/// Decode the list.
pub(super) fn decode<'c>(
    document: &Document<'_>,
    mut collector: Collector<'c>,
) -> Result<Collector<'c>, Refusal> {
    let page: Page<'_> = document.read()?;
    if page.sports.shape == Shape::Absent {
        return Err(not_a_response(document, "a list of teams").into());
    }
    let root = Pointer::Root;
    let sports = root.key("sports");
    let mut known = HashSet::new();
    for (s, sport) in page.sports.items.iter().enumerate() {
        let sport_place = sports.at(s);
        let leagues = sport_place.key("leagues");
        for (l, one) in sport.leagues.items.iter().enumerate() {
            let place = leagues.at(l);
            let info = LeagueInfo {
                slug: one.slug,
                uid: one.uid,
                ..LeagueInfo::default()
            };
            let league = info
                .league()
                .or_else(|| league::asked(collector.context))
                .unwrap_or(League::Other);
            let teams = place.key("teams");
            if one.teams.shape != Shape::Right {
                collector.rejects.push(&teams, "the teams are not a list");
            }
            for (index, entry) in one.teams.items.iter().enumerate() {
                let at = teams.at(index);
                if let Some(team) = team(&entry.team, league, &collector) {
                    if known.insert((league, Arc::clone(&team.source_team_id))) {
                        collector.decoded.teams.push(team);
                    }
                } else {
                    collector
                        .rejects
                        .push(&at, "a team without an id and a displayName");
                }
            }
        }
    }
    Ok(collector)
}

fn team(row: &TeamRow<'_>, league: League, collector: &Collector<'_>) -> Option<FeedTeam> {
    let name = row.name.text()?;
    Some(FeedTeam {
        source: Source::Espn,
        source_team_id: Arc::from(&*row.id.id()?),
        league,
        name: Arc::from(name),
        abbreviation: row.abbreviation.text().map(Arc::from),
        team: collector.team(league, name),
    })
}
