//! `/web/v2/scoreboard/{league}`: the slate with every book's prices.

use chrono::{NaiveDate, SecondsFormat};
use serde::Serialize;
use serde_json::{Value, json};

use super::super::dice::mix;
use super::super::latent::Played;
use super::super::linescore::ordinal;
use super::super::market::Market;
use super::super::reply::{Number, Object, Reply};
use super::super::schedule::{Club, Millis, time};
use super::super::slate::{Game, Stage};
use super::super::splits::bets;
use super::super::tape::{Kind, Tick};
use super::Ask;
use super::outcome::{Hung, Outcome, TEAM_TOTAL, name};
use crate::domain::league::League;

type Types = Object<&'static str, Vec<Outcome>>;
type Markets = Object<u32, Object<&'static str, Types>>;

#[derive(Serialize)]
struct Scoreboard<'a> {
    league: Value,
    games: Vec<Row<'a>>,
    market_rules: Value,
    content_live_count: u8,
}

#[derive(Serialize)]
struct Row<'a> {
    #[serde(flatten)]
    game: GameBody<'a>,
    markets: Markets,
}

/// A game without its prices: what both versions of the scoreboard share.
#[derive(Serialize)]
pub(super) struct GameBody<'a> {
    id: u64,
    league_id: u32,
    status: &'static str,
    real_status: &'static str,
    status_display: Option<String>,
    start_time: String,
    away_team_id: u32,
    home_team_id: u32,
    winning_team_id: Option<u32>,
    league_name: League,
    r#type: &'static str,
    season: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    week: Option<u32>,
    attendance: u32,
    coverage: &'static str,
    is_free: bool,
    trending: bool,
    away_rotation_number: u16,
    home_rotation_number: u16,
    teams: Vec<Team<'a>>,
    meta: Value,
    num_bets: u32,
    core_id: u64,
    broadcast: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    boxscore: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_play: Option<Value>,
}

#[derive(Serialize)]
struct Team<'a> {
    id: u32,
    full_name: &'a str,
    display_name: String,
    short_name: String,
    location: String,
    abbr: &'a str,
    logo: String,
    primary_color: String,
    secondary_color: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    conference_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    division_type: Option<&'a str>,
    url_slug: String,
    core_id: u32,
    standings: Value,
}

/// The slate of a league as of `at`; no games without a date, and none in leagues the demo does not play.
pub(super) fn body(
    market: &Market,
    league: League,
    date: Option<NaiveDate>,
    ask: &Ask,
    at: Millis,
) -> Reply {
    let today = time(at).date_naive();
    let slate = date.map(|date| market.slate(date));
    let games = slate
        .iter()
        .flat_map(|slate| &slate.games)
        .filter(|game| game.fixture.league == league)
        .map(|game| Row {
            game: game_body(market, game, at),
            markets: if ask.full_game {
                markets(market, game, ask, at)
            } else {
                Object::default()
            },
        })
        .collect();
    Reply::ok(&Scoreboard {
        league: super::league::object(league, date.unwrap_or(today)),
        games,
        market_rules: json!({}),
        content_live_count: 0,
    })
}

fn markets(market: &Market, game: &Game, ask: &Ask, at: Millis) -> Markets {
    let mut books: Vec<(u32, Object<&'static str, Types>)> = Vec::with_capacity(ask.shops.len());
    for n in &ask.shops {
        let Some((shop, book)) = market.cast.shops.get(*n).and_then(|s| Some((s, s.an?))) else {
            continue;
        };
        let hung = Hung {
            market,
            game,
            n: *n,
            shop,
            at,
        };
        let mut types: Vec<(&'static str, Vec<Outcome>)> = Kind::ALL
            .iter()
            .map(|kind| (name(*kind), hung.outcomes(*kind)))
            .collect();
        types.push((TEAM_TOTAL, hung.team_totals()));
        types.retain(|(_, outcomes)| !outcomes.is_empty());
        if types.is_empty() {
            continue;
        }
        // Markets come in no order, like their sides.
        let by = (mix(&[game.fixture.an_id, *n as u64, 23]) % types.len() as u64) as usize;
        types.rotate_left(by);
        books.push((book, Object(vec![("event", Object(types))])));
    }
    Object(books)
}

/// Everything of a game but its prices.
pub(super) fn game_body<'a>(market: &'a Market, game: &'a Game, at: Millis) -> GameBody<'a> {
    let fixture = &game.fixture;
    let stage = game.stage(at);
    let played = game.played(at).filter(|_| stage != Stage::Scheduled);
    let (status, real_status) = match stage {
        Stage::Scheduled => ("scheduled", "scheduled"),
        Stage::Live => ("inprogress", "inprogress"),
        Stage::Final => ("complete", "closed"),
        Stage::Postponed => ("postponed", "postponed"),
    };
    let started = matches!(stage, Stage::Live | Stage::Final);
    let winner = played
        .filter(|_| stage == Stage::Final)
        .and_then(|p| match p.home.cmp(&p.away) {
            std::cmp::Ordering::Greater => Some(fixture.home.an_id),
            std::cmp::Ordering::Less => Some(fixture.away.an_id),
            std::cmp::Ordering::Equal => None,
        });
    let football = fixture.league == League::Nfl;
    let mut teams = vec![team(market, &fixture.away), team(market, &fixture.home)];
    // Home and away come from the ids, never from the order.
    if mix(&[fixture.an_id, 24]).is_multiple_of(3) {
        teams.reverse();
    }
    let network = if football { "CBS" } else { "MLB.TV" };
    GameBody {
        id: fixture.an_id,
        league_id: super::league::id(fixture.league),
        status,
        real_status,
        status_display: match stage {
            Stage::Scheduled => None,
            Stage::Live => Some(played.map_or_else(
                || "1".to_owned(),
                |p| format!("{} {}", ordinal(p.period), part_name(fixture.league)),
            )),
            Stage::Final => Some("Final".to_owned()),
            Stage::Postponed => Some("Postponed".to_owned()),
        },
        start_time: time(game.announced_start(at)).to_rfc3339_opts(SecondsFormat::Millis, true),
        away_team_id: fixture.away.an_id,
        home_team_id: fixture.home.an_id,
        winning_team_id: winner,
        league_name: fixture.league,
        r#type: "reg",
        season: chrono::Datelike::year(&fixture.date),
        week: football.then(|| super::league::week(fixture.date)),
        attendance: 0,
        coverage: "full",
        is_free: false,
        trending: false,
        away_rotation_number: 901 + fixture.index * 2,
        home_rotation_number: 902 + fixture.index * 2,
        teams,
        meta: json!({}),
        num_bets: bets(market.seed, fixture, at),
        core_id: fixture.an_id * 10,
        broadcast: json!({"network": network, "network_short": network}),
        boxscore: started.then(|| boxscore(market, game, played, at)),
        last_play: played.filter(|_| football).map(|p| {
            json!({
                "text": if stage == Stage::Final { "End Game" } else { "Drive over" },
                "type": if stage == Stage::Final { "game_over" } else { "drive" },
                "clock": "0:00", "possession": if p.scored { fixture.home.an_id } else { fixture.away.an_id },
                "is_redzone": p.scored, "home_win_pct": null, "home_spread_win_pct": null, "over_win_pct": null,
            })
        }),
    }
}

fn team<'a>(market: &'a Market, club: &'a Club) -> Team<'a> {
    let team = &club.team;
    let slug = team.slug.as_str();
    let (city, nick) = club.city_and_nick();
    let division = market.cast.division(slug);
    let luck = mix(&[u64::from(club.an_id), 25]);
    let (wins, losses) = club.record();
    Team {
        id: club.an_id,
        full_name: &team.name,
        display_name: nick.clone(),
        location: city,
        short_name: nick,
        abbr: &team.abbr,
        logo: format!(
            "https://static.demo.invalid/{}/{}.png",
            team.league, team.abbr
        ),
        primary_color: format!("{:06X}", luck & 0x00ff_ffff),
        secondary_color: format!("{:06X}", (luck >> 24) & 0x00ff_ffff),
        conference_type: division.map(|d| d.conference.as_str()),
        division_type: division.map(|d| d.division.as_str()),
        url_slug: club.url_slug(),
        core_id: club.an_id * 10,
        standings: json!({"win": wins, "loss": losses, "ties": 0, "draw": null, "overtime_losses": null}),
    }
}

fn part_name(league: League) -> &'static str {
    if league == League::Nfl {
        "Quarter"
    } else {
        "Inning"
    }
}

/// Score by period, totals and the latest consensus in the old flat form.
fn boxscore(market: &Market, game: &Game, played: Option<&Played>, at: Millis) -> Value {
    let fixture = &game.fixture;
    let football = fixture.league == League::Nfl;
    let known = game.latent.played.partition_point(|p| p.until <= at);
    let parts = game.latent.played.get(..known).unwrap_or_default();
    let mut linescore: Vec<(u8, u16, u16)> = Vec::new();
    let mut before = (0, 0);
    for part in parts {
        let (home, away) = (part.home - before.0, part.away - before.1);
        before = (part.home, part.away);
        match linescore.last_mut() {
            Some(row) if row.0 == part.period => {
                row.1 += home;
                row.2 += away;
            }
            _ => linescore.push((part.period, home, away)),
        }
    }
    let half = if football { 2 } else { 5 };
    let sum = |first: bool, home: bool| -> u16 {
        linescore
            .iter()
            .filter(|row| (row.0 <= half) == first)
            .map(|row| if home { row.1 } else { row.2 })
            .sum()
    };
    let mut body = json!({
        "period": played.map_or(1, |p| p.period), "clock": "00:00",
        "total_home_points": played.map_or(0, |p| p.home), "total_away_points": played.map_or(0, |p| p.away),
        "total_home_firsthalf_points": sum(true, true), "total_away_firsthalf_points": sum(true, false),
        "total_home_secondhalf_points": sum(false, true), "total_away_secondhalf_points": sum(false, false),
        "linescore": linescore.iter().map(|(period, home, away)| json!({
            "id": period, "abbr": period.to_string(), "display_name": ordinal(*period),
            "full_name": format!("{} {}", ordinal(*period), part_name(fixture.league)),
            "home_points": home, "away_points": away,
        })).collect::<Vec<_>>(),
        "latest_odds": {"game": latest_odds(market, game, at)},
    });
    if football && let Some(object) = body.as_object_mut() {
        object.insert("home_timeouts".into(), json!(3));
        object.insert("away_timeouts".into(), json!(2));
        object.insert("situation".into(), json!({
            "display": "1st & 10", "display_short": "1st & 10", "down": 1, "distance": 10, "is_redzone": false,
            "possession": fixture.home.an_id, "start_yardline": 25, "yardline": 25, "yardline_text": "HOME 25",
            "yards_to_endzone": 75,
        }));
    }
    body
}

fn latest_odds(market: &Market, game: &Game, at: Millis) -> Value {
    let consensus = market
        .cast
        .shops
        .iter()
        .enumerate()
        .find(|(_, s)| s.an == Some(15));
    let tick = |kind| -> Option<Tick> {
        let (n, shop) = consensus?;
        Some(game.shown(n, shop, kind, at)?.tick)
    };
    let mut out = serde_json::Map::new();
    if let Some(t) = tick(Kind::Moneyline) {
        out.insert("ml_home".into(), json!(t.first));
        out.insert("ml_away".into(), json!(t.second));
    }
    if let Some(t) = tick(Kind::Spread) {
        // Half points always; a whole line is written with its point here.
        out.insert("spread_home".into(), json!(Number::Float(t.line())));
        out.insert("spread_away".into(), json!(Number::Float(0.0 - t.line())));
        out.insert("spread_home_line".into(), json!(t.first));
        out.insert("spread_away_line".into(), json!(t.second));
    }
    if let Some(t) = tick(Kind::Total) {
        out.insert("total".into(), json!(Number::Float(t.line())));
        out.insert("over".into(), json!(t.first));
        out.insert("under".into(), json!(t.second));
    }
    Value::Object(out)
}
