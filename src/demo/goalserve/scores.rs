//! `/baseball/usa` and `/football/nfl-scores`: the American scores of a day, in Eastern time.

use chrono::NaiveDate;
use chrono_tz::US::Eastern;

use super::super::linescore::{Linescore, linescore, ordinal};
use super::super::market::Market;
use super::super::pregame::looked;
use super::super::schedule::{Millis, SECOND, time};
use super::super::slate::{Game, Stage};
use super::tree::Node;
use crate::domain::league::League;
use crate::domain::source::Source;

/// Scores are new this often.
const LOOK: Millis = 5 * SECOND;

/// The games of a day.
pub(super) fn body(market: &Market, league: League, date: NaiveDate, at: Millis) -> Node {
    let (sport, name, id) = if league == League::Mlb {
        ("baseball", "MLB", "1221")
    } else {
        ("football", "NFL", "1")
    };
    let slate = market.games_of(date, at);
    let mut games: Vec<&Game> = slate.iter().flat_map(|slate| slate.of(league)).collect();
    games.sort_by_key(|game| (game.fixture.scheduled, game.fixture.an_id));
    // Seconds here, where the odds have milliseconds.
    let root = Node::new("scores")
        .with("sport", sport)
        .with("ts", looked(at, LOOK) / SECOND);
    if games.is_empty() {
        return root;
    }
    let category = Node::new("category").with("name", name).with("id", id);
    root.holding([category.holding(games.into_iter().map(|game| row(game, at)))])
}

fn row(game: &Game, at: Millis) -> Node {
    let fixture = &game.fixture;
    let start = time(game.announced_start(at));
    let local = start.with_timezone(&Eastern);
    let score = linescore(game, at);
    let mut node = Node::new("match")
        .with("date", local.format("%d.%m.%Y"))
        .with("formatted_date", local.format("%d.%m.%Y"))
        .with("time", local.format("%-I:%M %p"))
        .with("timezone", local.format("%Z"))
        .with("datetime_utc", start.format("%d.%m.%Y %H:%M"))
        .with("status", status(game, score.as_ref(), at))
        .with("venue", "")
        .with("static_id", 2_000_000 + fixture.id(Source::Goalserve));
    node = node.with("id", fixture.id(Source::Goalserve));
    if fixture.league == League::Nfl {
        // The football feed calls its games contests, too.
        node = node.with("contestID", fixture.id(Source::Goalserve));
    }
    node.holding([
        team(game, score.as_ref(), false),
        team(game, score.as_ref(), true),
    ])
}

fn status(game: &Game, score: Option<&Linescore>, at: Millis) -> String {
    match (game.stage(at), score) {
        (Stage::Postponed, _) => "Postponed".to_owned(),
        (Stage::Final, Some(score)) if game.fixture.league == League::Nfl && score.current > 4 => {
            "After Over Time".to_owned()
        }
        (Stage::Final, _) => "Final".to_owned(),
        (Stage::Live, Some(score)) if game.fixture.league == League::Mlb => {
            format!("Inning {}", score.current)
        }
        (Stage::Live, Some(score)) if score.current > 4 => "Overtime".to_owned(),
        (Stage::Live, Some(score)) => format!("{} Quarter", ordinal(score.current)),
        _ => "Not Started".to_owned(),
    }
}

fn team(game: &Game, score: Option<&Linescore>, home: bool) -> Node {
    const QUARTERS: [&str; 4] = ["q1", "q2", "q3", "q4"];
    let fixture = &game.fixture;
    let (name, club) = if home {
        ("hometeam", &fixture.home)
    } else {
        ("awayteam", &fixture.away)
    };
    let total = score.map(|s| if home { s.home } else { s.away }.to_string());
    let mut node = Node::new(name)
        .with("name", &club.team.name)
        .with("id", club.id(Source::Goalserve))
        .with("totalscore", total.unwrap_or_default());
    let periods = score.map_or(&[][..], |s| &s.periods);
    let own = |number: u8| {
        let period = periods.iter().find(|period| period.number == number);
        period.and_then(|p| if home { p.home } else { p.away })
    };
    let text = |points: Option<u16>| points.map(|p| p.to_string()).unwrap_or_default();
    if fixture.league == League::Nfl {
        for (number, key) in (1..).zip(QUARTERS) {
            node = node.with(key, text(own(number)));
        }
        let extra: Vec<u16> = (5..=40).filter_map(own).collect();
        let extra = (!extra.is_empty()).then(|| extra.iter().sum());
        return node.with("ot", text(extra));
    }
    let innings = periods.iter().filter_map(|period| {
        let runs = own(period.number)?;
        Some(
            Node::new("inning")
                .with("number", period.number)
                .with("score", runs),
        )
    });
    node.holding([Node::new("innings").holding(innings)])
}
