//! Events of the withdrawn service: they tell which of two numbers is the home team.

use std::sync::Arc;

use foldhash::{HashMap, HashMapExt};

use crate::domain::league::League;
use crate::domain::market::Side;
use crate::domain::status::GameStatus;
use crate::sources::collector::Collector;
use crate::sources::json::{Json, List, Pointer, Read, Reader, Scalar, Shape, record};

record! {
    Event<'a> {
        league: Scalar<'a> = "lid",
        id: Scalar<'a> = "eid",
        status: Scalar<'a> = "es",
        starts_at: Scalar<'a> = "dt",
        participants: List<Participant<'a>> = "participants",
    }
}
record! {
    Participant<'a> {
        id: Scalar<'a> = "partid",
        is_home: Scalar<'a> = "ih",
        source: Names<'a> = "source",
    }
}
record! {
    Names<'a> {
        name: Scalar<'a> = "nam",
        nickname: Scalar<'a> = "nn",
        short: Scalar<'a> = "sn",
        abbr: Scalar<'a> = "abbr",
    }
}
record! {
    Wrapped<'a> { events: List<Event<'a>> = "events" }
}

/// A list of events, bare or under `events`.
#[derive(Debug, Default)]
pub(in crate::sources) struct Events<'a> {
    /// What stood there.
    pub(in crate::sources) shape: Shape,
    /// Whether they stand under `events`.
    wrapped: bool,
    items: Vec<Event<'a>>,
}

impl<'a> Json<'a> for Events<'a> {
    fn fill(&mut self, reader: &mut Reader<'a>) -> Read<()> {
        *self = Self::default();
        let list = if reader.peek() == b'[' {
            let mut list = List::default();
            list.fill(reader)?;
            list
        } else {
            let mut wrapped = Wrapped::default();
            wrapped.fill(reader)?;
            self.wrapped = true;
            if wrapped.shape != Shape::Right {
                self.shape = wrapped.shape;
                return Ok(());
            }
            wrapped.events
        };
        self.shape = match list.shape {
            Shape::Absent => Shape::Wrong,
            shape => shape,
        };
        self.items = list.items;
        Ok(())
    }
}

/// The side of each team of each event: by the ids of both.
pub(super) type Sides = HashMap<(Box<str>, Box<str>), Side>;

/// Leagues as the service numbers them. NFL is captured; the others are as clients list them.
fn league(id: &Scalar<'_>) -> Option<League> {
    Some(match id.whole()? {
        16 => League::Nfl,
        6 => League::Ncaaf,
        5 => League::Nba,
        14 => League::Ncaab,
        3 => League::Mlb,
        7 => League::Nhl,
        _ => return None,
    })
}

/// Take every event as a game, and note its teams' sides.
pub(super) fn take(
    events: &Events<'_>,
    place: &Pointer<'_>,
    collector: &mut Collector<'_>,
) -> Sides {
    let mut sides = Sides::new();
    if events.shape == Shape::Wrong {
        collector.rejects.push(place, "the events are not a list");
    }
    let below = place.key("events");
    let place = if events.wrapped { &below } else { place };
    for (index, event) in events.items.iter().enumerate() {
        one(event, &mut sides, &place.at(index), collector);
        collector.reading(None);
    }
    sides
}

fn one(event: &Event<'_>, sides: &mut Sides, place: &Pointer<'_>, collector: &mut Collector<'_>) {
    let id = event.id.id();
    collector.reading(id.as_deref());
    let Some(id) = id else {
        collector
            .rejects
            .push(place, "an event without an id cannot be placed");
        return;
    };
    let league = league(&event.league).unwrap_or_else(|| {
        collector.rejects.push(
            &place.key("lid"),
            "the league's number is not known; the game is kept under \"other\"",
        );
        League::Other
    });
    let (mut home, mut away) = (None, None);
    for participant in &event.participants.items {
        let names = &participant.source;
        let joined = match (names.name.text(), names.nickname.text()) {
            (Some(name), Some(nickname)) => Some(format!("{name} {nickname}")),
            _ => None,
        };
        let forms = [
            joined.as_deref(),
            names.abbr.text(),
            names.short.text(),
            names.name.text(),
        ];
        let name = known(&forms, league, collector);
        let (Some(is_home), Some(name)) = (participant.is_home.flag(), name) else {
            continue;
        };
        let (side, slot) = if is_home {
            (Side::Home, &mut home)
        } else {
            (Side::Away, &mut away)
        };
        *slot = Some(name);
        if let Some(team) = participant.id.id() {
            sides.insert((Box::from(&*id), Box::from(&*team)), side);
        }
    }
    let (Some(home), Some(away)) = (home, away) else {
        collector.rejects.push(
            &place.key("participants"),
            "an event needs a home and an away team with names",
        );
        return;
    };
    let starts_at = collector.optional_time(&event.starts_at, &place.key("dt"));
    let id = collector.word(&id);
    let mut game = collector.name_game(&id.text, league, &home, &away, starts_at);
    game.status = event.status.text().and_then(status);
    collector.game(game, place);
}

fn status(text: &str) -> Option<GameStatus> {
    Some(match text.to_ascii_lowercase().as_str() {
        "scheduled" => GameStatus::Scheduled,
        "in-progress" | "in_progress" | "inprogress" => GameStatus::Live,
        "complete" | "completed" | "final" => GameStatus::Final,
        "postponed" => GameStatus::Postponed,
        "cancelled" | "canceled" => GameStatus::Cancelled,
        "suspended" => GameStatus::Suspended,
        _ => return None,
    })
}

/// Of a team's forms the first that is known, else the first there is.
pub(super) fn known(
    forms: &[Option<&str>],
    league: League,
    collector: &mut Collector<'_>,
) -> Option<Arc<str>> {
    let mut every = forms.iter().flatten();
    let first = forms.iter().flatten().next()?;
    let chosen = every
        .find(|name| collector.context.teams.find(league, name).is_some())
        .unwrap_or(first);
    Some(collector.word(chosen).text)
}
