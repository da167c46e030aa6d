//! `SportsBettingDime`'s answers: tickets and money of each game, and several shops' prices as text.

mod book;

use chrono::{NaiveDate, SecondsFormat};
use serde::Serialize;
use serde_json::{Value, json};

use self::book::{Book, book};
use super::dice::mix;
use super::market::Market;
use super::pregame::looked;
use super::reply::{Number, Params, Reply};
use super::schedule::{Club, HOUR, MINUTE, Millis, SECOND, time};
use super::slate::{Game, Slate, Stage};
use super::splits::{bets, share};
use super::tape::Kind;
use crate::domain::league::League;
use crate::domain::source::Source;
use crate::domain::time::slate_date;

/// It recounts every ten minutes.
const RECOUNT: Millis = 10 * MINUTE;
/// And goes on counting for a while after the start.
const COUNTS_ON: Millis = 20 * MINUTE;

/// Answer a path under `/sbd/`.
pub(super) fn answer(market: &Market, path: &[&str], params: &Params, now: Millis) -> Reply {
    let ["v2", "matchups", league, "betting-splits"] = path else {
        return Reply::json(404, &json!({"message": "Not Found"}));
    };
    let league = match *league {
        "mlb" => League::Mlb,
        "nfl" => League::Nfl,
        "nba" => League::Nba,
        "nhl" => League::Nhl,
        _ => return Reply::json(404, &json!({"message": "Not Found"})),
    };
    let books = params.list("books").unwrap_or_default();
    let today = slate_date(time(now));
    let slate = market.slate(today);
    let groups: Vec<_> = group(market, &slate, (league, today), &books, now)
        .into_iter()
        .collect();
    Reply::ok(&Answer { data: groups })
}

#[derive(Serialize)]
struct Answer {
    data: Vec<Group>,
}

#[derive(Serialize)]
struct Group {
    group: String,
    games: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    #[serde(rename = "_id")]
    id: String,
    identifier: String,
    date: String,
    gameday: String,
    comp: &'static str,
    home: Value,
    away: Value,
    sportsbooks: Vec<Book>,
    #[serde(rename = "bettingSplits")]
    splits: Splits,
}

#[derive(Serialize)]
struct Splits {
    spread: Value,
    total: Value,
    moneyline: Value,
}

/// A day's games; none on a day without any.
fn group(
    market: &Market,
    slate: &Slate,
    (league, date): (League, NaiveDate),
    books: &[&str],
    at: Millis,
) -> Option<Group> {
    let mut games: Vec<&Game> = slate
        .of(league)
        .filter(|game| game.stage(at) != Stage::Postponed)
        .collect();
    games.sort_by_key(|game| (game.fixture.scheduled, game.fixture.an_id));
    let games: Vec<_> = games
        .into_iter()
        .map(|game| body(market, game, books, at))
        .collect();
    (!games.is_empty()).then(|| Group {
        group: date.to_string(),
        games,
    })
}

fn body(market: &Market, game: &Game, books: &[&str], at: Millis) -> Row {
    let fixture = &game.fixture;
    let start = time(game.announced_start(at));
    let league = fixture.league.as_str().to_uppercase();
    let (home, away) = (&fixture.home, &fixture.away);
    let mut books: Vec<&str> = books.to_vec();
    books.sort_unstable();
    books.dedup();
    let (high, low) = (mix(&[fixture.an_id, 50]), mix(&[fixture.an_id, 51]));
    Row {
        // The hour is one of twelve: nine at night and nine in the morning are the same.
        id: format!(
            "{}-{league}-{}@{}",
            start.format("%Y%m%d.%I"),
            away.abbr(Source::Sbd),
            home.abbr(Source::Sbd),
        ),
        identifier: uuid::Uuid::from_u64_pair(high, low).to_string(),
        date: start.to_rfc3339_opts(SecondsFormat::Millis, true),
        gameday: fixture.date.to_string(),
        comp: "Regular Season",
        home: team(market, game, home),
        away: team(market, game, away),
        sportsbooks: books
            .iter()
            .filter_map(|name| book(market, game, name, at))
            .collect(),
        splits: Splits {
            spread: splits(market, game, Kind::Spread, at),
            total: splits(market, game, Kind::Total, at),
            moneyline: splits(market, game, Kind::Moneyline, at),
        },
    }
}

fn team(market: &Market, game: &Game, club: &Club) -> Value {
    let (city, nick) = club.city_and_nick();
    let code = club.abbr(Source::Sbd);
    let place = market.cast.division(club.team.slug.as_str());
    let conference = place.map_or("", |p| p.conference.as_str());
    let score = market.luck(game, &[52, u64::from(club.an_id)]) * 0.98 + 0.005;
    // Two clubs of one city are told apart by the city's initials.
    let stage = match city.as_str() {
        "New York" => format!("NY {nick}"),
        "Los Angeles" => format!("LA {nick}"),
        "Chicago" => format!("Chi {nick}"),
        _ => city.clone(),
    };
    json!({
        "_id": format!("{}_{code}", game.fixture.league.as_str().to_uppercase()), "code": code, "city": city,
        "team": nick, "stageName": stage, "record": club.record_text(), "streak": "0", "srRank": 0,
        "parentConference": conference,
        "conference": format!("{conference} {}", place.map_or("", |p| p.division.as_str())),
        "betting_score": (score * 100.0).round() / 100.0 + 0.001,
        "betting_score_grade": if score > 0.5 { "B" } else { "C+" },
        "betting_score_label": if score > 0.5 { "Mild" } else { "Mediocre" },
    })
}

/// Tickets and money of a market: shares with two decimals that add up to 100.
fn splits(market: &Market, game: &Game, kind: Kind, at: Millis) -> Value {
    let fixture = &game.fixture;
    let counted = looked(at.min(fixture.actual + COUNTS_ON), RECOUNT);
    let share = share(market.seed, fixture, &game.latent, kind, counted);
    let all = match kind {
        Kind::Moneyline => bets(market.seed, fixture, counted) / 3,
        Kind::Spread => bets(market.seed, fixture, counted) / 17,
        Kind::Total => bets(market.seed, fixture, counted) / 6,
    };
    // Hundredths that a whole-number feed rounds away.
    let exact = |percent: u8, what: u64| {
        // Some shares are whole, and are written without a point.
        let whole = what == 1 && fixture.index % 5 == 3;
        let luck = market.luck(game, &[53, kind as u64, what, counted as u64]);
        let cents = if whole { 0 } else { (luck * 98.0) as i64 - 49 };
        (i64::from(percent) * 100 + cents).clamp(1, 9_999)
    };
    let (tickets, money) = share.of(true);
    let (tickets, money) = (exact(tickets, 0), exact(money, 1));
    let first_bets = u64::from(all) * tickets as u64 / 10_000;
    let percent = |hundredths: i64| Number::of(hundredths as f64 / 100.0, false);
    let side = |bets: u64, tickets: i64, money: i64| {
        if share.known {
            json!({"bets": bets, "betsPercentage": percent(tickets), "stakePercentage": percent(money)})
        } else {
            json!({"bets": 0, "betsPercentage": 0, "stakePercentage": 0})
        }
    };
    let (first, second) = if kind == Kind::Total {
        ("over", "under")
    } else {
        ("home", "away")
    };
    let stamp = counted + (market.luck(game, &[54, kind as u64]) * 40.0 * SECOND as f64) as Millis;
    // The sum is missing from some totals, and before there is any count.
    let sum = share.known && !(kind == Kind::Total && market.luck(game, &[55]) < 0.4);
    let mut out = json!({
        "updated": time(stamp.min(at).max(fixture.scheduled - 40 * HOUR)).to_rfc3339_opts(SecondsFormat::Millis, true),
        "bets": sum.then_some(all),
    });
    if let Some(out) = out.as_object_mut() {
        out.insert(first.into(), side(first_bets, tickets, money));
        let rest = u64::from(all) - first_bets;
        out.insert(second.into(), side(rest, 10_000 - tickets, 10_000 - money));
    }
    out
}
