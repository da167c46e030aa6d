//! `SportsbookReview`'s answers: pages that carry one market of every shop in their data.

use chrono::{NaiveDate, SecondsFormat};
use chrono_tz::US::Eastern;
use serde_json::{Value, json};

use super::linescore::{linescore, ordinal};
use super::market::Market;
use super::pregame::{looked, pregame};
use super::reply::{Number, Params, Reply};
use super::schedule::{Club, MINUTE, Millis, time};
use super::slate::{Game, Stage};
use super::splits::share;
use super::tape::{Kind, Tick};
use crate::domain::league::League;
use crate::domain::source::Source;
use crate::domain::time::slate_date;

/// It looks at the shops this often.
const LOOK: Millis = 2 * MINUTE;

/// The shops of a page: slug, name, number, page of its own, and the demo's shop.
const BOOKS: [(&str, &str, u32, &str, &str); 6] = [
    ("betmgm", "BetMGM", 28, "betmgm-sportsbook", "betmgm"),
    ("fanduel", "FanDuel", 34, "fanduel", "fanduel"),
    ("caesars", "Caesars", 41, "caesars", "williamhill_us"),
    ("bet365", "bet365", 2, "bet365", "bet365"),
    ("draftkings", "DraftKings", 42, "draftkings", "draftkings"),
    (
        "fanatics",
        "Fanatics Sportsbook",
        122,
        "betfanatics",
        "fanatics",
    ),
];

/// Answer a path under `/sbr/`.
pub(super) fn answer(market: &Market, path: &[&str], params: &Params, now: Millis) -> Reply {
    let missing = || {
        Reply::page(
            404,
            "<html><body><h1>This page could not be found</h1></body></html>",
        )
    };
    let (page, kind) = match path {
        ["betting-odds", page] => (page, None),
        ["betting-odds", page, "money-line", "full-game"] => (page, Some(Kind::Moneyline)),
        ["betting-odds", page, "pointspread", "full-game"] => (page, Some(Kind::Spread)),
        ["betting-odds", page, "totals", "full-game"] => (page, Some(Kind::Total)),
        _ => return missing(),
    };
    let (league, usual) = match *page {
        "mlb-baseball" => (League::Mlb, Kind::Moneyline),
        "nfl-football" => (League::Nfl, Kind::Spread),
        "nba-basketball" => (League::Nba, Kind::Spread),
        "nhl-hockey" => (League::Nhl, Kind::Moneyline),
        _ => return missing(),
    };
    let today = slate_date(time(now));
    let date = params.get("date").map_or(Some(today), |text| {
        NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()
    });
    // A date that it cannot read is today to it.
    let date = date.unwrap_or(today);
    let tables = tables(market, league, date, kind.unwrap_or(usual), now);
    let next = json!({
        "props": {"pageProps": {"oddsTables": tables, "date": date.to_string()}, "__N_SSP": true},
        "page": "/betting-odds/[...slug]", "query": {"date": date.to_string()}, "buildId": "demo", "isFallback": false,
    });
    Reply::page(
        200,
        &format!(
            "<!DOCTYPE html><html lang=\"en\"><head><title>{} Odds</title></head><body><div id=\"__next\"></div>\
             <script id=\"__NEXT_DATA__\" type=\"application/json\">{next}</script></body></html>",
            league.as_str().to_uppercase(),
        ),
    )
}

fn tables(market: &Market, league: League, date: NaiveDate, kind: Kind, at: Millis) -> Vec<Value> {
    let slate = market.games_of(date, at);
    let mut games: Vec<&Game> = slate.iter().flat_map(|slate| slate.of(league)).collect();
    games.sort_by_key(|game| (game.fixture.scheduled, game.fixture.an_id));
    if games.is_empty() {
        return Vec::new();
    }
    let icon = json!({
        "type": "image/svg+xml", "title": "", "fileName": "book.svg", "alt": "", "width": 0, "height": 0, "caption": "",
    });
    let books: Vec<_> = BOOKS
        .iter()
        .map(|(slug, name, id, page, _)| {
            json!({
                "sportsbookId": id, "slug": page, "vertical": "betting", "name": name, "machineName": slug,
                "affiliateLink": format!("https://static.demo.invalid/{slug}"),
                "iconMonochrome": icon, "iconColor": icon, "iconColorBackground": icon,
            })
        })
        .collect();
    let rows: Vec<_> = games
        .iter()
        .map(|game| row(market, game, kind, at))
        .collect();
    vec![json!({
        "league": league.as_str().to_uppercase(),
        "oddsTableModel": {"sportsbooks": books, "gameRows": rows},
    })]
}

fn row(market: &Market, game: &Game, kind: Kind, at: Millis) -> Value {
    let views: Vec<_> = (0..)
        .zip(&BOOKS)
        .map(|(n, book)| view(market, game, kind, (n, book), at))
        .collect();
    let opening: Vec<&Value> = views
        .iter()
        .filter(|view| !view.is_null())
        .take(1)
        .collect();
    json!({
        "gameView": game_view(market, game, at),
        "oddsViews": views, "openingLineViews": opening,
        "liveScoreViews": {"viewdata": {"GameTeamScoreDataList": []}},
    })
}

/// A shop's first and latest line; null where it has none, and where it was lost on the way.
fn view(
    market: &Market,
    game: &Game,
    kind: Kind,
    (n, (slug, .., shop)): (u64, &(&str, &str, u32, &str, &str)),
    at: Millis,
) -> Value {
    let seen = market
        .shop(shop)
        .and_then(|shop| pregame(game, shop, kind, looked(at, LOOK)));
    let lost = market.luck(game, &[70, n, kind as u64]) < 0.03;
    let Some(seen) = seen.filter(|_| !lost) else {
        return Value::Null;
    };
    // An opener that nobody has looked up reads as even juice beside a price that is far from even.
    let placeholder = market.luck(game, &[71, n, kind as u64]) < 0.12;
    let open = if placeholder {
        Tick {
            first: -110,
            second: -110,
            ..seen.open
        }
    } else {
        seen.open
    };
    let name = match kind {
        Kind::Moneyline => "MoneyLine",
        Kind::Spread => "Spread",
        Kind::Total => "Total",
    };
    json!({
        "gameId": game.fixture.id(Source::Sbr), "sportsbook": slug, "sportsbookId": null,
        "viewType": format!("{name}DataOpeningAndLatestOddsDataView"),
        "openingLine": line(kind, &open), "currentLine": line(kind, &seen.now),
        "moneyLineHistory": null, "spreadHistory": null, "totalHistory": null,
    })
}

fn line(kind: Kind, tick: &Tick) -> Value {
    let only = |wanted: bool, value: i32| wanted.then_some(value);
    let sides = kind != Kind::Total;
    let points = |wanted: Kind, line: f64| (kind == wanted).then(|| Number::of(line, false));
    json!({
        "odds": null,
        "homeOdds": only(sides, tick.first), "awayOdds": only(sides, tick.second),
        "overOdds": only(!sides, tick.first), "underOdds": only(!sides, tick.second), "drawOdds": 0,
        "homeSpread": points(Kind::Spread, tick.line()), "awaySpread": points(Kind::Spread, 0.0 - tick.line()),
        "total": points(Kind::Total, tick.line()),
    })
}

fn team(club: &Club) -> Value {
    let (city, nick) = club.city_and_nick();
    json!({
        // City and nickname, even where they are the same word.
        "name": city, "fullName": format!("{city} {nick}"), "shortName": club.abbr(Source::Sbr),
        "displayName": city, "nickname": nick, "rank": -1,
    })
}

fn game_view(market: &Market, game: &Game, at: Millis) -> Value {
    let fixture = &game.fixture;
    let stage = game.stage(at);
    let score = linescore(game, at);
    let start = time(game.announced_start(at));
    let (status, text) = match (stage, &score) {
        (Stage::Postponed, _) => ("9", "Postponed".to_owned()),
        (Stage::Final, _) => ("4", "Final".to_owned()),
        (Stage::Live, Some(score)) if fixture.league == League::Mlb => {
            let half = if score.top { "Top" } else { "Bot" };
            ("2", format!("{half} {}", ordinal(score.current)))
        }
        (Stage::Live, Some(score)) => ("2", format!("{} Quarter", ordinal(score.current))),
        _ => (
            "6",
            format!("{} ET", start.with_timezone(&Eastern).format("%H:%M")),
        ),
    };
    let starter = |home: u64| {
        let luck = market.luck(game, &[72, home]);
        if luck < 0.2 || fixture.league != League::Mlb {
            Value::Null
        } else {
            let left = luck > 0.75;
            json!({
                "firstName": "Demo", "lastName": format!("Pitcher {}", (luck * 90.0) as u8 + 10),
                "throwsShort": if left { "L" } else { "R" }, "firstInital": "D",
            })
        }
    };
    json!({
        "gameId": fixture.id(Source::Sbr), "startDate": start.to_rfc3339_opts(SecondsFormat::Secs, false),
        "status": status, "gameStatusText": text, "leagueName": fixture.league.as_str().to_uppercase(),
        "venueName": format!("{} Park", fixture.home.city_and_nick().0), "city": fixture.home.city_and_nick().0,
        "state": fixture.home.abbr(Source::Sbr), "country": "USA",
        "homeTeam": team(&fixture.home), "awayTeam": team(&fixture.away),
        "homeTeamScore": score.as_ref().map_or(0, |s| s.home), "awayTeamScore": score.as_ref().map_or(0, |s| s.away),
        "homeTeamRotationNumber": "", "awayTeamRotationNumber": "",
        "homeStarter": starter(1), "awayStarter": starter(0), "baseballLivescore": null,
        "consensus": consensus(market, game, at),
    })
}

/// Picks of its readers: null where nobody looked, 0 and 50 where nobody picked.
fn consensus(market: &Market, game: &Game, at: Millis) -> Value {
    if market.luck(game, &[73]) < 0.06 {
        return Value::Null;
    }
    let picks = |kind: Kind, empty: i64| {
        let counted = looked(at.min(game.fixture.actual), 10 * MINUTE);
        let share = share(market.seed, &game.fixture, &game.latent, kind, counted);
        let few = market.luck(game, &[74, kind as u64]) < 0.4;
        let exact = f64::from(share.tickets) + 0.25;
        if share.known && !few {
            (Number::Float(exact), Number::Float(100.0 - exact))
        } else {
            (Number::Int(empty), Number::Int(empty))
        }
    };
    let (home, away) = picks(Kind::Moneyline, 0);
    let (over, under) = picks(Kind::Total, 50);
    json!({
        "homeMoneyLinePickPercent": home, "awayMoneyLinePickPercent": away,
        "homeSpreadPickPercent": 0, "awaySpreadPickPercent": 0,
        "overPickPercent": over, "underPickPercent": under,
    })
}
