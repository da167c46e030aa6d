//! Standings: groups within groups, each with its teams' statistics by name.

use std::collections::HashSet;
use std::sync::Arc;

use super::league::{self, LeagueInfo};
use super::not_a_response;
use super::teams::TeamRow;
use crate::domain::feed::FeedStanding;
use crate::domain::league::League;
use crate::domain::source::Source;
use crate::sources::Refusal;
use crate::sources::collector::Collector;
use crate::sources::json::{Document, List, Pointer, Scalar, Shape, record};

record! {
    /// A league: conferences, divisions and, at most, one group more.
    Whole<'a> {
        uid: Scalar<'a> = "uid",
        slug: Scalar<'a> = "slug",
        standings: Table<'a> = "standings",
        children: List<Outer<'a>> = "children",
    }
}
record! {
    Outer<'a> { standings: Table<'a> = "standings", children: List<Inner<'a>> = "children" }
}
record! {
    Inner<'a> { standings: Table<'a> = "standings", children: List<Innermost<'a>> = "children" }
}
record! {
    Innermost<'a> { standings: Table<'a> = "standings" }
}
record! {
    /// One table.
    Table<'a> { season: Scalar<'a> = "season", entries: List<Entry<'a>> = "entries" }
}
record! {
    Entry<'a> { team: TeamRow<'a> = "team", stats: List<Stat<'a>> = "stats" }
}
record! {
    /// A statistic; `type` is the name in lower case, and of records tells which.
    Stat<'a> {
        name: Scalar<'a> = "name",
        kind: Scalar<'a> = "type",
        value: Scalar<'a> = "value",
        display: Scalar<'a> = "displayValue",
        summary: Scalar<'a> = "summary",
    }
}

/// Decode the standings of a league.
pub(super) fn decode<'c>(
    document: &Document<'_>,
    collector: Collector<'c>,
) -> Result<Collector<'c>, Refusal> {
    let whole: Whole<'_> = document.read()?;
    if whole.standings.shape != Shape::Right && whole.children.shape != Shape::Right {
        return Err(not_a_response(document, "standings").into());
    }
    let info = LeagueInfo {
        slug: whole.slug,
        uid: whole.uid,
        ..LeagueInfo::default()
    };
    let league = info
        .league()
        .or_else(|| league::asked(collector.context))
        .unwrap_or(League::Other);
    let mut reader = Reading {
        league,
        known: HashSet::new(),
        collector,
    };
    let root = Pointer::Root;
    reader.table(&whole.standings, &root);
    let outer_place = root.key("children");
    for (index, outer) in whole.children.items.iter().enumerate() {
        let place = outer_place.at(index);
        reader.table(&outer.standings, &place);
        let inner_place = place.key("children");
        for (index, inner) in outer.children.items.iter().enumerate() {
            let place = inner_place.at(index);
            reader.table(&inner.standings, &place);
            let innermost_place = place.key("children");
            for (index, innermost) in inner.children.items.iter().enumerate() {
                reader.table(&innermost.standings, &innermost_place.at(index));
            }
        }
    }
    Ok(reader.collector)
}

struct Reading<'c> {
    league: League,
    /// A team stands in its division and in its conference.
    known: HashSet<Arc<str>>,
    collector: Collector<'c>,
}

impl Reading<'_> {
    fn table(&mut self, table: &Table<'_>, place: &Pointer<'_>) {
        let place = place.key("standings");
        if table.shape == Shape::Wrong {
            let reason = "the standings are not an object";
            self.collector.rejects.push(&place, reason);
        }
        let season = table
            .season
            .whole()
            .and_then(|year| i32::try_from(year).ok());
        let entries = place.key("entries");
        for (index, entry) in table.entries.items.iter().enumerate() {
            let at = entries.at(index);
            let Some((id, name)) = entry.team.id.id().zip(entry.team.name.text()) else {
                self.collector
                    .rejects
                    .push(&at, "a team without an id and a displayName");
                continue;
            };
            let id: Arc<str> = Arc::from(&*id);
            if self.known.insert(Arc::clone(&id)) {
                let standing = self.standing(entry, id, name, season);
                self.collector.decoded.standings.push(standing);
            }
        }
    }

    fn standing(
        &self,
        entry: &Entry<'_>,
        id: Arc<str>,
        name: &str,
        season: Option<i32>,
    ) -> FeedStanding {
        let stats = &entry.stats;
        let count = |names: &[&str]| number(stats, names).filter(|count| *count >= 0);
        let record = |names: &[&str]| summary(stats, names);
        let home = record(&["home"]);
        let away = record(&["road", "away"]);
        let last_ten = record(&["lasttengames", "last ten games"]);
        let (wins, losses, ties) = (
            count(&["wins"]),
            count(&["losses"]),
            count(&["ties", "draws"]),
        );
        let overtime_losses = count(&["otlosses", "overtimelosses"]);
        let played = count(&["gamesplayed"]).or_else(|| {
            let rest = ties.unwrap_or(0) + overtime_losses.unwrap_or(0);
            wins.zip(losses).map(|(wins, losses)| wins + losses + rest)
        });
        FeedStanding {
            source: Source::Espn,
            league: self.league,
            source_team_id: id,
            name: Arc::from(name),
            team: self.collector.team(self.league, name),
            season,
            games_played: played,
            wins,
            losses,
            ties,
            overtime_losses,
            points_for: count(&["pointsfor", "totalpointsfor"]),
            points_against: count(&["pointsagainst", "totalpointsagainst"]),
            home_wins: home.map(|record| record.0),
            home_losses: home.map(|record| record.1),
            away_wins: away.map(|record| record.0),
            away_losses: away.map(|record| record.1),
            last_10_wins: last_ten.map(|record| record.0),
            last_10_losses: last_ten.map(|record| record.1),
            streak: number(stats, &["streak"]),
        }
    }
}

/// The statistic by one of these names.
fn find<'s, 'a>(stats: &'s List<Stat<'a>>, names: &[&str]) -> Option<&'s Stat<'a>> {
    let is = |scalar: &Scalar<'_>| {
        scalar
            .text()
            .is_some_and(|text| names.iter().any(|name| text.eq_ignore_ascii_case(name)))
    };
    let listed = &stats.items;
    // Records by place share names with plain statistics only in `name`.
    listed
        .iter()
        .find(|stat| is(&stat.kind))
        .or_else(|| listed.iter().find(|stat| is(&stat.name)))
}

fn number(stats: &List<Stat<'_>>, names: &[&str]) -> Option<i32> {
    let stat = find(stats, names)?;
    let value = stat.value.whole();
    value
        .and_then(|value| i32::try_from(value).ok())
        .filter(|value| value.abs() <= 100_000)
}

/// Wins and losses of `"8-2"` or `"8-2-1"`.
fn summary(stats: &List<Stat<'_>>, names: &[&str]) -> Option<(i32, i32)> {
    let stat = find(stats, names)?;
    let text = stat.summary.text().or_else(|| stat.display.text())?;
    let mut parts = text.split('-').map(|part| part.trim().parse::<u16>().ok());
    let (wins, losses) = (parts.next()??, parts.next()??);
    Some((i32::from(wins), i32::from(losses)))
}
