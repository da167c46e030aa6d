//! The list of teams.

use std::collections::HashSet;
use std::sync::Arc;

use super::game::Team;
use super::not_a_response;
use crate::domain::feed::FeedTeam;
use crate::domain::source::Source;
use crate::sources::Refusal;
use crate::sources::collector::Collector;
use crate::sources::json::{Document, List, Pointer, Shape, record};

record! {
    /// The whole list.
    Page<'a> { teams: List<Team<'a>> = "teams" }
}

/// Decode the list; minor leagues may be in it.
pub(super) fn decode<'c>(
    document: &Document<'_>,
    mut collector: Collector<'c>,
) -> Result<Collector<'c>, Refusal> {
    let page: Page<'_> = document.read()?;
    if page.teams.shape != Shape::Right {
        return Err(not_a_response(document, "a list of teams").into());
    }
    let root = Pointer::Root;
    let teams = root.key("teams");
    let mut known = HashSet::new();
    for (index, row) in page.teams.items.iter().enumerate() {
        let Some((id, name)) = row.id.id().zip(row.name.text()) else {
            collector
                .rejects
                .push(&teams.at(index), "a team without an id and a name");
            continue;
        };
        let id: Arc<str> = Arc::from(&*id);
        if known.insert(Arc::clone(&id)) {
            let team = FeedTeam {
                source: Source::MlbStats,
                source_team_id: id,
                league: row.league(),
                name: Arc::from(name),
                abbreviation: row.abbreviation.text().map(Arc::from),
                team: collector.team(row.league(), name),
            };
            collector.decoded.teams.push(team);
        }
    }
    Ok(collector)
}
