//! `VSiN`'s answers: pages of tickets and handle as one shop sees them, in the layout of 2025.

mod page;

use self::page::{Cell, Row, View, page};
use super::market::Market;
use super::pregame::{looked, pregame, signed, signed_line};
use super::reply::{Params, Reply};
use super::schedule::{MINUTE, Millis, time};
use super::slate::{Game, Stage};
use super::splits::share;
use super::tape::Kind;
use crate::domain::league::League;
use crate::domain::time::slate_date;

/// It counts this often.
const RECOUNT: Millis = 10 * MINUTE;

/// Answer a path under `/vsin/`.
pub(super) fn answer(market: &Market, path: &[&str], params: &Params, now: Millis) -> Reply {
    if path != ["betting-splits"] {
        return Reply::page(404, "<html><body><h1>Not Found</h1></body></html>");
    }
    let view = match params.get("bookid").unwrap_or("dk") {
        "circa" => View::Circa,
        "dk" => View::DraftKings,
        _ => {
            return Reply::page(
                200,
                "<html><body><main>No splits found</main></body></html>",
            );
        }
    };
    let name = params.get("view").unwrap_or("mlb");
    let Some(league) = name.parse().ok().filter(|l| *l != League::Other) else {
        return Reply::page(
            200,
            "<html><body><main>No splits found</main></body></html>",
        );
    };
    let today = slate_date(time(now));
    let slate = market.slate(today);
    let mut games: Vec<&Game> = slate
        .of(league)
        .filter(|game| game.stage(now) != Stage::Postponed)
        .collect();
    games.sort_by_key(|game| (game.fixture.scheduled, game.fixture.an_id));
    let mut rows: Vec<Row> = games
        .into_iter()
        .map(|game| row(market, game, view, now))
        .collect();
    if league == League::Mlb && view == View::DraftKings {
        rows.push(stray(&today.format("%Y%m%d").to_string()));
    }
    Reply::page(200, &page(view, league, today, &rows))
}

/// A game of a foreign league that got into the list.
fn stray(day: &str) -> Row {
    let cell = || Cell {
        lines: ["-115".to_owned(), "-105".to_owned()],
        handle: (55, 45),
        bets: (52, 48),
        won: None,
    };
    Row {
        code: format!("{day}KBO00001"),
        away: "Hanwha Eagles".to_owned(),
        home: "LG Twins".to_owned(),
        numbers: (901, 902),
        cells: [cell(), cell(), cell()],
    }
}

fn row(market: &Market, game: &Game, view: View, at: Millis) -> Row {
    let fixture = &game.fixture;
    let league = fixture.league.as_str().to_uppercase();
    // Baseball has its own order; every other sport begins with the spread.
    let order = if fixture.league == League::Mlb {
        [Kind::Moneyline, Kind::Total, Kind::Spread]
    } else {
        [Kind::Spread, Kind::Total, Kind::Moneyline]
    };
    Row {
        code: format!(
            "{}{league}{:05}",
            fixture.date.format("%Y%m%d"),
            fixture.index + 1
        ),
        away: fixture.away.team.name.to_string(),
        home: fixture.home.team.name.to_string(),
        numbers: (fixture.away.an_id, fixture.home.an_id),
        cells: order.map(|kind| cell(market, game, view, kind, at)),
    }
}

/// Line, handle and bets: the visitors or the over first.
fn cell(market: &Market, game: &Game, view: View, kind: Kind, at: Millis) -> Cell {
    let at = looked(at, RECOUNT);
    let seen = market
        .shop(view.shop())
        .and_then(|shop| pregame(game, shop, kind, at));
    let lines = seen.map(|seen| {
        let (tick, price) = (seen.now, |price| view.price(price));
        match kind {
            Kind::Moneyline => [price(tick.second), price(tick.first)],
            Kind::Spread => [signed_line(0.0 - tick.line()), signed_line(tick.line())],
            Kind::Total => [tick.line().to_string(), tick.line().to_string()],
        }
    });
    let (tickets, money) = counted(market, game, view, kind, at)
        .filter(|_| lines.is_some())
        .unwrap_or_default();
    Cell {
        lines: lines.unwrap_or_default(),
        handle: money,
        bets: tickets,
        won: (game.stage(at) == Stage::Final)
            .then(|| first_won(game, kind, seen.map(|s| s.now.line()), at)),
    }
}

/// Tickets and money of the visitors or the over, and of the other side; none while nothing is counted.
fn counted(
    market: &Market,
    game: &Game,
    view: View,
    kind: Kind,
    at: Millis,
) -> Option<((u8, u8), (u8, u8))> {
    let share = share(market.seed, &game.fixture, &game.latent, kind, at);
    if !share.known {
        return None;
    }
    let luck = |what: u64| market.luck(game, &[60, view as u64, kind as u64, what]) - 0.5;
    let (spread_tickets, spread_money) = match view {
        View::DraftKings => (8.0, 12.0),
        // Few bets, and some of them large.
        View::Circa => (40.0, 70.0),
    };
    // The common count is of the home side or the over.
    let of = |first: u8| {
        if kind == Kind::Total {
            first
        } else {
            100 - first
        }
    };
    let lean = |percent: u8, by: f64| {
        let exact = f64::from(of(percent)) + by;
        let first = exact.round().clamp(
            if view == View::Circa { 0.0 } else { 1.0 },
            if view == View::Circa { 100.0 } else { 99.0 },
        ) as u8;
        (first, 100 - first)
    };
    Some((
        lean(share.tickets, luck(0) * spread_tickets),
        lean(share.money, luck(1) * spread_money),
    ))
}

/// Whether the visitors or the over won their bet.
fn first_won(game: &Game, kind: Kind, line: Option<f64>, at: Millis) -> bool {
    let Some(score) = game.played(at) else {
        return false;
    };
    let (home, away) = (f64::from(score.home), f64::from(score.away));
    match kind {
        Kind::Moneyline => away > home,
        Kind::Spread => away > home + line.unwrap_or_default(),
        Kind::Total => home + away > line.unwrap_or_default(),
    }
}
