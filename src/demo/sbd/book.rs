//! One shop's prices as `SportsBettingDime` lists them: everything in text, empty where it has none.

use serde::Serialize;

use super::super::market::Market;
use super::super::pregame::{Pregame, looked, pregame, signed, signed_line};
use super::super::price::decimal;
use super::super::schedule::{MINUTE, Millis};
use super::super::slate::Game;
use super::super::tape::Kind;

/// It looks at the shops this often.
const LOOK: Millis = 5 * MINUTE;

/// Its names: the shop's own, the one shown, and the demo's. Without the last it never has a price.
const BOOKS: [(&str, &str, Option<&str>); 6] = [
    ("bet365", "Bet365", None),
    ("betmgm", "BetMGM", Some("betmgm")),
    ("caesars", "Caesars Sportsbook", Some("williamhill_us")),
    ("draftkings", "DraftKings Sportsbook", Some("draftkings")),
    ("fanatics", "Fanatics Sportsbook", None),
    ("fanduel", "FanDuel Sportsbook", Some("fanduel")),
];

/// Both sides of a market.
#[derive(Clone, Copy)]
struct Pair {
    first: i32,
    second: i32,
    line: f64,
}

/// A shop's entry. A shop with nothing lacks the last three altogether.
#[derive(Serialize)]
pub(super) struct Book {
    #[serde(rename = "_id")]
    id: &'static str,
    name: &'static str,
    #[serde(rename = "displayName")]
    shown: &'static str,
    google_analytics_name: &'static str,
    geos: [&'static str; 1],
    logo: String,
    logo_dark: String,
    odds: Markets<Priced>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deeplink: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    consensus: Option<Consensus>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lines: Option<Markets<String>>,
}

/// Every market, with prices in full or as text.
#[derive(Serialize)]
struct Markets<T> {
    moneyline: Teams<T>,
    spread: Teams<Lined<T>>,
    total: OverUnder<Lined<T>>,
}

#[derive(Serialize)]
struct Teams<T> {
    home: T,
    away: T,
}

#[derive(Serialize)]
struct OverUnder<T> {
    over: T,
    under: T,
}

#[derive(Serialize)]
struct Lined<T> {
    points: String,
    odds: T,
}

#[derive(Serialize, Default)]
struct Priced {
    american: String,
    decimal: String,
    fractional: String,
    probability: String,
    best: bool,
}

#[derive(Serialize)]
struct Consensus {
    picks: Picks,
    ats: Ats,
    totals: Totals,
}

#[derive(Serialize)]
struct Picks {
    home: f64,
    away: f64,
    book: &'static str,
}

#[derive(Serialize)]
struct Ats {
    home: Against,
    away: Against,
    book: &'static str,
}

#[derive(Serialize)]
struct Against {
    spread: String,
    value: f64,
}

#[derive(Serialize)]
struct Totals {
    total: String,
    over: f64,
    under: f64,
    book: &'static str,
}

/// A shop's entry; none for a name that it does not know.
pub(super) fn book(market: &Market, game: &Game, name: &str, at: Millis) -> Option<Book> {
    let &(name, shown, shop) = BOOKS.iter().find(|(known, ..)| *known == name)?;
    let shop = shop.and_then(|key| market.shop(key));
    let pair = |kind| {
        let seen: Pregame = pregame(game, shop?, kind, looked(at, LOOK))?;
        (!seen.off || at >= game.fixture.actual).then_some(Pair {
            first: seen.now.first,
            second: seen.now.second,
            line: seen.now.line(),
        })
    };
    let pairs = Kind::ALL.map(pair);
    let [_, spread, total] = pairs;
    let any = pairs.iter().any(Option::is_some);
    Some(Book {
        id: name,
        name,
        shown,
        google_analytics_name: name,
        geos: ["global"],
        logo: format!("https://static.demo.invalid/books/{name}.svg"),
        logo_dark: format!("https://static.demo.invalid/books/{name}-dark.svg"),
        odds: markets(pairs, Priced::of),
        deeplink: any.then_some(200_000 + game.fixture.an_id % 60_000),
        consensus: any.then(|| consensus(market, game, spread, total)),
        lines: any.then(|| markets(pairs, |price| price.map(signed).unwrap_or_default())),
    })
}

fn markets<T>(
    [moneyline, spread, total]: [Option<Pair>; 3],
    of: impl Fn(Option<i32>) -> T,
) -> Markets<T> {
    let first = |pair: Option<Pair>| of(pair.map(|p| p.first));
    let second = |pair: Option<Pair>| of(pair.map(|p| p.second));
    let lined = |points, odds| Lined { points, odds };
    Markets {
        moneyline: Teams {
            home: first(moneyline),
            away: second(moneyline),
        },
        spread: Teams {
            home: lined(handicap(spread, 1.0), first(spread)),
            away: lined(handicap(spread, -1.0), second(spread)),
        },
        total: OverUnder {
            over: lined(points(total), first(total)),
            under: lined(points(total), second(total)),
        },
    }
}

fn handicap(pair: Option<Pair>, sign: f64) -> String {
    pair.map(|pair| signed_line(pair.line * sign))
        .unwrap_or_default()
}

fn points(pair: Option<Pair>) -> String {
    pair.map(|pair| pair.line.to_string()).unwrap_or_default()
}

impl Priced {
    fn of(american: Option<i32>) -> Self {
        let Some(american) = american else {
            return Self::default();
        };
        let (over, under) = if american > 0 {
            (american, 100)
        } else {
            (100, -american)
        };
        let common = greatest_common(over, under);
        Self {
            american: signed(american),
            decimal: format!("{:.2}", decimal(american)),
            fractional: format!("{}/{}", over / common, under / common),
            probability: format!("{:.2}", 1.0 / decimal(american)),
            best: american % 7 == 0,
        }
    }
}

fn greatest_common(a: i32, b: i32) -> i32 {
    if b == 0 {
        a.max(1)
    } else {
        greatest_common(b, a % b)
    }
}

/// Its own model, the same at every shop, and not always of the shop's own total.
fn consensus(market: &Market, game: &Game, spread: Option<Pair>, total: Option<Pair>) -> Consensus {
    let both = |what: u64| {
        // Never 0 or 1, which would be written without a point.
        let percent = 1.0 + (market.luck(game, &[56, what]) * 97.0).round();
        (percent / 100.0, (100.0 - percent) / 100.0)
    };
    let ((home, away), (covers, fails), (over, under)) = (both(0), both(1), both(2));
    let off = market.luck(game, &[57]) < 0.12;
    let shown = total.map(|t| Pair {
        line: if off { t.line + 0.5 } else { t.line },
        ..t
    });
    let book = "sbdodds";
    Consensus {
        picks: Picks { home, away, book },
        ats: Ats {
            home: Against {
                spread: handicap(spread, 1.0),
                value: covers,
            },
            away: Against {
                spread: handicap(spread, -1.0),
                value: fails,
            },
            book,
        },
        totals: Totals {
            total: points(shown),
            over,
            under,
            book,
        },
    }
}
