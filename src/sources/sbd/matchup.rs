//! A game of a group.

use std::sync::Arc;

use super::book::{self, Sportsbook};
use super::request;
use super::split::{self, BettingSplits};
use crate::domain::clean::clean;
use crate::domain::league::League;
use crate::sources::collector::Collector;
use crate::sources::json::{List, Pointer, Scalar, Shape, record};

record! {
    /// A day's games.
    Group<'a> { games: List<Matchup<'a>> = "games" }
}
record! {
    /// A game.
    Matchup<'a> {
        id: Scalar<'a> = "_id",
        identifier: Scalar<'a> = "identifier",
        date: Scalar<'a> = "date",
        home: Team<'a> = "home",
        away: Team<'a> = "away",
        sportsbooks: List<Sportsbook<'a>> = "sportsbooks",
        splits: BettingSplits<'a> = "bettingSplits",
    }
}
record! {
    /// A team.
    Team<'a> {
        id: Scalar<'a> = "_id",
        code: Scalar<'a> = "code",
        city: Scalar<'a> = "city",
        nickname: Scalar<'a> = "team",
    }
}

/// Longest id kept.
const LONGEST_ID: usize = 128;

impl Matchup<'_> {
    /// Whether this looks like a game at all.
    pub(super) fn is_one(&self) -> bool {
        self.shape == Shape::Right
            && (self.splits.shape != Shape::Absent || self.sportsbooks.shape != Shape::Absent)
            && !self.date.is_none()
    }
}

/// Every game of a list.
pub(super) fn matchups(
    games: &List<Matchup<'_>>,
    place: &Pointer<'_>,
    collector: &mut Collector<'_>,
) {
    if games.shape != Shape::Right {
        collector
            .rejects
            .push(place, "a group's games are not a list");
    }
    let mut models = None;
    for (index, game) in games.items.iter().enumerate() {
        let at = place.at(index);
        if let Some(consensus) = one(game, &at, collector) {
            let (shares, _) = models.get_or_insert((0_usize, index));
            *shares += consensus;
        }
        collector.reading(None);
    }
    if let Some((shares, index)) = models {
        collector.rejects.push(
            &place.at(index).key("sportsbooks"),
            format!(
                "{shares} books carry a consensus of \"sbdodds\", shares of picks between 0 and 1 on a line of its own: no price, and of no shop; left out"
            ),
        );
    }
}

/// One game; how many of its books carry a consensus.
fn one(game: &Matchup<'_>, place: &Pointer<'_>, collector: &mut Collector<'_>) -> Option<usize> {
    if game.shape != Shape::Right {
        collector.rejects.push(place, "a game is not an object");
        return None;
    }
    // `_id` holds the hour of the start, half the day wrong, and changes with it; `identifier` stays.
    let written = game.id.text().filter(|id| id.len() <= LONGEST_ID);
    let id = game
        .identifier
        .id()
        .map(std::borrow::Cow::into_owned)
        .or_else(|| written.map(|id| clean(id, LONGEST_ID)));
    collector.reading(id.as_deref());
    let Some(id) = id else {
        collector
            .rejects
            .push(&place.key("_id"), "a game without an id cannot be placed");
        return None;
    };
    let league = league_of(game, collector).unwrap_or_else(|| {
        collector.rejects.push(
            &place.key("_id"),
            "neither the request nor the game names a known league; it is kept under \"other\"",
        );
        League::Other
    });
    let home = name(&game.home, league, &place.key("home"), collector)?;
    let away = name(&game.away, league, &place.key("away"), collector)?;
    if home == away {
        collector
            .rejects
            .push(&place.key("away"), "a team cannot play itself");
        return None;
    }
    let starts_at = collector.optional_time(&game.date, &place.key("date"));
    let id = collector.word(&id);
    let named = collector.name_game(&id.text, league, &home, &away, starts_at);
    if !collector.game(named, place) {
        return None;
    }
    let at_books = place.key("sportsbooks");
    if matches!(game.sportsbooks.shape, Shape::Wrong) {
        collector
            .rejects
            .push(&at_books, "a game's sportsbooks are not a list");
    }
    let mut models = 0;
    for (index, sportsbook) in game.sportsbooks.items.iter().enumerate() {
        book::sportsbook(sportsbook, &id, &at_books.at(index), collector);
        models += usize::from(sportsbook.consensus == Scalar::Nested);
    }
    split::splits(&game.splits, &id, &place.key("bettingSplits"), collector);
    (models > 0).then_some(models)
}

/// By the request, else by the ids: `20250613.06-MLB-PIT@CHC` and `MLB_CHC`.
fn league_of(game: &Matchup<'_>, collector: &Collector<'_>) -> Option<League> {
    let asked = collector.context.endpoint.and_then(|endpoint| {
        let (_, rest) = endpoint.split_once("/matchups/")?;
        request::league(rest.split(['/', '?']).next()?)
    });
    asked
        .or_else(|| request::league(game.id.text()?.split('-').nth(1)?))
        .or_else(|| request::league(game.home.id.text()?.split('_').next()?))
}

/// A team's name: the first of its forms that is known, else city and nickname.
fn name(
    team: &Team<'_>,
    league: League,
    place: &Pointer<'_>,
    collector: &mut Collector<'_>,
) -> Option<Arc<str>> {
    let whole = match (team.city.text(), team.nickname.text()) {
        (Some(city), Some(nickname)) => Some(format!("{city} {nickname}")),
        (one, other) => one.or(other).map(str::to_owned),
    };
    let code = team.code.text();
    let is_known = |name: &&str| collector.context.teams.find(league, name).is_some();
    let chosen = [whole.as_deref(), team.nickname.text(), code]
        .into_iter()
        .flatten()
        .find(is_known)
        .or(whole.as_deref())
        .or(code)
        .map(ToOwned::to_owned);
    let Some(chosen) = chosen else {
        collector.rejects.push(
            place,
            "a game needs both teams, or its sides cannot be told apart",
        );
        return None;
    };
    Some(collector.word(&chosen).text)
}
