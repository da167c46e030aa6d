//! `/web/v1/scoreboard/{league}`: the older flat rows.

use chrono::NaiveDate;
use serde::Serialize;
use serde_json::Value;

use super::super::market::Market;
use super::super::reply::{Number, Reply};
use super::super::schedule::{Millis, time};
use super::super::slate::Game;
use super::super::splits::{Share, bets, share};
use super::super::tape::{Kind, Status};
use super::Ask;
use super::scoreboard::{GameBody, game_body};
use crate::domain::league::League;

#[derive(Serialize)]
struct Scoreboard<'a> {
    league: Value,
    games: Vec<Row<'a>>,
}

#[derive(Serialize)]
struct Row<'a> {
    #[serde(flatten)]
    game: GameBody<'a>,
    odds: Vec<Odds>,
}

/// One book's prices of a period; a live row stands beside the game's.
#[derive(Serialize, Default)]
struct Odds {
    ml_away: Option<i32>,
    ml_home: Option<i32>,
    spread_away: Option<Number>,
    spread_home: Option<Number>,
    spread_away_line: Option<i32>,
    spread_home_line: Option<i32>,
    over: Option<i32>,
    under: Option<i32>,
    draw: Option<i32>,
    total: Option<Number>,
    away_total: Option<Number>,
    away_over: Option<i32>,
    away_under: Option<i32>,
    home_total: Option<Number>,
    home_over: Option<i32>,
    home_under: Option<i32>,
    ml_home_public: Option<u8>,
    ml_away_public: Option<u8>,
    spread_home_public: Option<u8>,
    spread_away_public: Option<u8>,
    total_under_public: Option<u8>,
    total_over_public: Option<u8>,
    ml_home_money: Option<u8>,
    ml_away_money: Option<u8>,
    spread_home_money: Option<u8>,
    spread_away_money: Option<u8>,
    total_over_money: Option<u8>,
    total_under_money: Option<u8>,
    num_bets: Option<u32>,
    book_id: u32,
    r#type: &'static str,
    inserted: String,
}

/// The slate of a league as of `at`, flat.
pub(super) fn body(
    market: &Market,
    league: League,
    date: Option<NaiveDate>,
    ask: &Ask,
    at: Millis,
) -> Reply {
    let slate = date.map(|date| market.slate(date));
    let games = slate
        .iter()
        .flat_map(|slate| &slate.games)
        .filter(|game| game.fixture.league == league)
        .map(|game| Row {
            game: game_body(market, game, at),
            odds: ask
                .shops
                .iter()
                .flat_map(|n| rows(market, game, *n, at))
                .collect(),
        })
        .collect();
    Reply::ok(&Scoreboard {
        league: super::league::object(league, date.unwrap_or_else(|| time(at).date_naive())),
        games,
    })
}

fn rows(market: &Market, game: &Game, n: usize, at: Millis) -> impl Iterator<Item = Odds> {
    let pregame = row(market, game, n, at, false);
    let live = row(market, game, n, at, true);
    pregame.into_iter().chain(live)
}

/// The row of the pregame or of the live prices; none without any.
fn row(market: &Market, game: &Game, n: usize, at: Millis, live: bool) -> Option<Odds> {
    let shop = market.cast.shops.get(n)?;
    let book_id = shop.an?;
    let tape = game.tape(n)?;
    let mut out = Odds {
        book_id,
        r#type: if live { "live" } else { "game" },
        ..Odds::default()
    };
    let mut inserted = None;
    for kind in Kind::ALL {
        // The flat row keeps the close beside the live prices.
        let shown = game.shown(n, shop, kind, at).map(|shown| shown.tick);
        let tick = match shown {
            Some(tick) if tick.live == live => Some(tick),
            Some(tick) if tick.live && !live => tape.series(kind).close().copied(),
            _ => None,
        };
        let Some(tick) = tick.filter(|tick| tick.status == Status::Open) else {
            continue;
        };
        inserted = inserted.max(Some(tick.at));
        match kind {
            Kind::Moneyline => {
                (out.ml_home, out.ml_away) = (Some(tick.first), Some(tick.second));
            }
            Kind::Spread => {
                out.spread_home = Some(Number::of(tick.line(), false));
                out.spread_away = Some(Number::of(0.0 - tick.line(), false));
                (out.spread_home_line, out.spread_away_line) =
                    (Some(tick.first), Some(tick.second));
            }
            Kind::Total => {
                out.total = Some(Number::of(tick.line(), false));
                (out.over, out.under) = (Some(tick.first), Some(tick.second));
            }
        }
    }
    out.inserted = time(inserted?)
        .format("%Y-%m-%dT%H:%M:%S%.6f+00:00")
        .to_string();
    if !live && !shop.is_opener() {
        publish(market, game, at, &mut out);
    }
    Some(out)
}

/// Splits and the number of bets.
fn publish(market: &Market, game: &Game, at: Millis, out: &mut Odds) {
    let shares = Kind::ALL.map(|kind| {
        Some(share(market.seed, &game.fixture, &game.latent, kind, at)).filter(|s| s.known)
    });
    let [moneyline, spread, total] = shares;
    let tickets = |s: Option<Share>, first| s.map(|s| s.of(first).0);
    let money = |s: Option<Share>, first| s.map(|s| s.of(first).1);
    out.ml_home_public = tickets(moneyline, true);
    out.ml_away_public = tickets(moneyline, false);
    out.spread_home_public = tickets(spread, true);
    out.spread_away_public = tickets(spread, false);
    out.total_over_public = tickets(total, true);
    out.total_under_public = tickets(total, false);
    out.ml_home_money = money(moneyline, true);
    out.ml_away_money = money(moneyline, false);
    out.spread_home_money = money(spread, true);
    out.spread_away_money = money(spread, false);
    out.total_over_money = money(total, true);
    out.total_under_money = money(total, false);
    out.num_bets = Some(bets(market.seed, &game.fixture, at));
}
