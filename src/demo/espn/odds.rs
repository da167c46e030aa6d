//! The prices of one shop on a scoreboard: the latest generation, with openers and prices in text.

use serde_json::{Map, Value, json};

use super::super::market::Market;
use super::super::pregame::{Pregame, looked, pregame, signed, signed_line};
use super::super::schedule::{Club, MINUTE, Millis, eastern};
use super::super::slate::{Game, Stage};
use super::super::tape::{Kind, Tick};
use crate::domain::league::League;
use crate::domain::source::Source;

/// The shop ESPN shows, by The Odds API's key, and ESPN's own id and name of it.
const PROVIDER: (&str, &str, &str) = ("espnbet", "58", "ESPN BET");

/// The list of prices of a game; none before late morning, and none once the game has begun.
pub(super) fn odds(market: &Market, game: &Game, at: Millis) -> Option<Vec<Value>> {
    let shown = at >= eastern(game.fixture.date, 10, 30) && game.stage(at) == Stage::Scheduled;
    let at = looked(at, MINUTE);
    let shop = market.shop(PROVIDER.0).filter(|_| shown)?;
    let of = |kind| pregame(game, shop, kind, at);
    let moneyline = of(Kind::Moneyline)?;
    let mut list = vec![entry(game, moneyline, of(Kind::Spread), of(Kind::Total))];
    if market.luck(game, &[40]) < 0.06 {
        // A second provider that has withdrawn leaves a hole.
        list.push(Value::Null);
    }
    Some(list)
}

/// A price in ESPN's words.
fn word(price: i32, off: bool) -> String {
    match price {
        _ if off => "OFF".to_owned(),
        100 | -100 => "EVEN".to_owned(),
        price => signed(price),
    }
}

/// Both sides of a market: its first price and its latest.
fn sides(
    names: [&str; 2],
    market: &Pregame,
    line: impl Fn(&Tick, bool) -> Option<String>,
) -> Map<String, Value> {
    let price = |tick: &Tick, first: bool, off: bool| {
        let mut out = Map::new();
        if let Some(line) = line(tick, first) {
            out.insert("line".into(), json!(line));
        }
        let odds = if first { tick.first } else { tick.second };
        out.insert("odds".into(), json!(word(odds, off)));
        out
    };
    names
        .into_iter()
        .zip([true, false])
        .map(|(name, first)| {
            let side = json!({
                "close": price(&market.now, first, market.off),
                "open": price(&market.open, first, false),
            });
            (name.to_owned(), side)
        })
        .collect()
}

fn titled(title: &str, short: &str, sides: Map<String, Value>) -> Value {
    let mut out = sides;
    out.insert("displayName".into(), json!(title));
    out.insert("shortDisplayName".into(), json!(short));
    Value::Object(out)
}

fn entry(
    game: &Game,
    moneyline: Pregame,
    spread: Option<Pregame>,
    total: Option<Pregame>,
) -> Value {
    let fixture = &game.fixture;
    let home_favoured = |tick: &Tick| tick.first < tick.second;
    let team = |club: &Club, first: bool| {
        let favourite = home_favoured(&moneyline.now) == first;
        let mut out = json!({
            "favorite": favourite, "underdog": !favourite,
            "favoriteAtOpen": home_favoured(&moneyline.open) == first,
            "team": {
                "id": club.id(Source::Espn).to_string(), "abbreviation": club.abbr(Source::Espn),
                "displayName": club.team.name, "shortDisplayName": club.city_and_nick().1,
            },
        });
        let side = |tick: &Tick| if first { tick.first } else { tick.second };
        if let Some(out) = out.as_object_mut() {
            if !moneyline.off {
                out.insert("moneyLine".into(), json!(side(&moneyline.now)));
            }
            if let Some(spread) = &spread {
                out.insert("spreadOdds".into(), json!(f64::from(side(&spread.now))));
            }
        }
        out
    };
    let mut out = json!({
        "provider": {"id": PROVIDER.1, "name": PROVIDER.2, "priority": 1},
        "details": details(game, &moneyline, spread.as_ref()),
        "awayTeamOdds": team(&fixture.away, false),
        "homeTeamOdds": team(&fixture.home, true),
        "moneyline": titled("Moneyline", "ML", sides(["home", "away"], &moneyline, |_, _| None)),
        "header": {"text": "ESPN Bet Sportsbook"},
    });
    let Some(object) = out.as_object_mut() else {
        return out;
    };
    if let Some(spread) = spread {
        // Signed from the home side.
        object.insert("spread".into(), json!(spread.now.line()));
        let sides = sides(["home", "away"], &spread, |tick, first| {
            let line = if first {
                tick.line()
            } else {
                0.0 - tick.line()
            };
            Some(signed_line(line))
        });
        object.insert("pointSpread".into(), titled("Spread", "Spread", sides));
    }
    if let Some(total) = total {
        object.insert("overUnder".into(), json!(total.now.line()));
        let sides = sides(["over", "under"], &total, |tick, first| {
            Some(format!("{}{}", if first { 'o' } else { 'u' }, tick.line()))
        });
        object.insert("total".into(), titled("Total", "Total", sides));
    }
    out
}

/// The favourite and its price, or its spread where the sport has one.
fn details(game: &Game, moneyline: &Pregame, spread: Option<&Pregame>) -> String {
    let fixture = &game.fixture;
    let abbr = |home: bool| {
        let club = if home { &fixture.home } else { &fixture.away };
        club.abbr(Source::Espn).to_owned()
    };
    match spread.filter(|_| fixture.league == League::Nfl) {
        Some(spread) if spread.now.half_points == 0 => "EVEN".to_owned(),
        Some(spread) => {
            let line = 0.0 - spread.now.line().abs();
            format!("{} {}", abbr(spread.now.half_points < 0), signed_line(line))
        }
        None => {
            let home = moneyline.now.first < moneyline.now.second;
            let price = moneyline.now.first.min(moneyline.now.second);
            format!("{} {}", abbr(home), signed(price))
        }
    }
}
