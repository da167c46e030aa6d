//! Standings by division.

use std::collections::HashSet;
use std::sync::Arc;

use super::game::Team;
use super::not_a_response;
use crate::domain::feed::FeedStanding;
use crate::domain::league::League;
use crate::domain::source::Source;
use crate::sources::Refusal;
use crate::sources::collector::Collector;
use crate::sources::json::{Document, List, Pointer, Scalar, Shape, record};

record! {
    /// The whole answer.
    Page<'a> { records: List<Division<'a>> = "records" }
}
record! {
    Division<'a> { teams: List<TeamRecord<'a>> = "teamRecords" }
}
record! {
    TeamRecord<'a> {
        team: Team<'a> = "team",
        season: Scalar<'a> = "season",
        streak: Streak<'a> = "streak",
        games_played: Scalar<'a> = "gamesPlayed",
        league_record: LeagueRecord<'a> = "leagueRecord",
        records: Records<'a> = "records",
        runs_allowed: Scalar<'a> = "runsAllowed",
        runs_scored: Scalar<'a> = "runsScored",
        wins: Scalar<'a> = "wins",
        losses: Scalar<'a> = "losses",
    }
}
record! {
    Streak<'a> { kind: Scalar<'a> = "streakType", number: Scalar<'a> = "streakNumber" }
}
record! {
    LeagueRecord<'a> {
        wins: Scalar<'a> = "wins",
        losses: Scalar<'a> = "losses",
        ties: Scalar<'a> = "ties",
    }
}
record! {
    Records<'a> { split: List<Split<'a>> = "splitRecords" }
}
record! {
    Split<'a> { wins: Scalar<'a> = "wins", losses: Scalar<'a> = "losses", kind: Scalar<'a> = "type" }
}

/// Decode the standings.
pub(super) fn decode<'c>(
    document: &Document<'_>,
    mut collector: Collector<'c>,
) -> Result<Collector<'c>, Refusal> {
    let page: Page<'_> = document.read()?;
    if page.records.shape != Shape::Right {
        return Err(not_a_response(document, "standings").into());
    }
    let root = Pointer::Root;
    let records = root.key("records");
    let mut known = HashSet::new();
    for (index, division) in page.records.items.iter().enumerate() {
        let division_place = records.at(index);
        let teams = division_place.key("teamRecords");
        for (index, row) in division.teams.items.iter().enumerate() {
            let Some(id) = row.team.id.id().filter(|_| row.team.name.text().is_some()) else {
                collector
                    .rejects
                    .push(&teams.at(index), "a team without an id and a name");
                continue;
            };
            let id: Arc<str> = Arc::from(&*id);
            if known.insert(Arc::clone(&id)) {
                let standing = standing(row, id, &collector);
                collector.decoded.standings.push(standing);
            }
        }
    }
    Ok(collector)
}

fn standing(row: &TeamRecord<'_>, id: Arc<str>, collector: &Collector<'_>) -> FeedStanding {
    let name = row.team.name.text().unwrap_or_default();
    let league = row.team.league();
    let team = collector.team(league, name).or_else(|| {
        let full = full_name(&id).filter(|_| league == League::Mlb)?;
        collector.team(league, full)
    });
    let split = |kind: &str| {
        let found = row.records.split.items.iter();
        let found = found.clone().find(|split| split.kind == Scalar::Text(kind));
        found.map(|split| (count(&split.wins), count(&split.losses)))
    };
    let (home_wins, home_losses) = split("home").unwrap_or_default();
    let (away_wins, away_losses) = split("away").unwrap_or_default();
    let (last_10_wins, last_10_losses) = split("lastTen").unwrap_or_default();
    let streak = count(&row.streak.number).and_then(|number| match row.streak.kind.text()? {
        "wins" => Some(number),
        "losses" => Some(-number),
        _ => None,
    });
    FeedStanding {
        source: Source::MlbStats,
        league,
        source_team_id: id,
        name: Arc::from(name),
        team,
        season: year(&row.season),
        games_played: count(&row.games_played),
        wins: count(&row.wins).or_else(|| count(&row.league_record.wins)),
        losses: count(&row.losses).or_else(|| count(&row.league_record.losses)),
        ties: count(&row.league_record.ties),
        overtime_losses: None,
        points_for: count(&row.runs_scored),
        points_against: count(&row.runs_allowed),
        home_wins,
        home_losses,
        away_wins,
        away_losses,
        last_10_wins,
        last_10_losses,
        streak,
    }
}

fn count(scalar: &Scalar<'_>) -> Option<i32> {
    scalar
        .whole()
        .and_then(|n| i32::try_from(n).ok())
        .filter(|n| (0..=100_000).contains(n))
}

/// The season is text here.
fn year(scalar: &Scalar<'_>) -> Option<i32> {
    scalar.score().filter(|year| (1870..=2200).contains(year))
}

/// Standings name teams by nickname alone, which is no name of a team; the ids tell.
fn full_name(id: &str) -> Option<&'static str> {
    Some(match id {
        "108" => "Los Angeles Angels",
        "109" => "Arizona Diamondbacks",
        "110" => "Baltimore Orioles",
        "111" => "Boston Red Sox",
        "112" => "Chicago Cubs",
        "113" => "Cincinnati Reds",
        "114" => "Cleveland Guardians",
        "115" => "Colorado Rockies",
        "116" => "Detroit Tigers",
        "117" => "Houston Astros",
        "118" => "Kansas City Royals",
        "119" => "Los Angeles Dodgers",
        "120" => "Washington Nationals",
        "121" => "New York Mets",
        "133" => "Athletics",
        "134" => "Pittsburgh Pirates",
        "135" => "San Diego Padres",
        "136" => "Seattle Mariners",
        "137" => "San Francisco Giants",
        "138" => "St. Louis Cardinals",
        "139" => "Tampa Bay Rays",
        "140" => "Texas Rangers",
        "141" => "Toronto Blue Jays",
        "142" => "Minnesota Twins",
        "143" => "Philadelphia Phillies",
        "144" => "Atlanta Braves",
        "145" => "Chicago White Sox",
        "146" => "Miami Marlins",
        "147" => "New York Yankees",
        "158" => "Milwaukee Brewers",
        _ => return None,
    })
}
