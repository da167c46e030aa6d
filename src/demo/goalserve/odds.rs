//! `/getodds/…`: prices before the start, by market, then by shop.

use chrono::{DateTime, NaiveDate, Utc};

use super::super::market::Market;
use super::super::pregame::{Pregame, looked, pregame};
use super::super::schedule::{Club, MINUTE, Millis, SECOND, time};
use super::super::slate::{Game, Stage};
use super::super::tape::{Kind, Tick};
use super::tree::Node;
use crate::domain::league::League;
use crate::domain::source::Source;

/// It looks at the shops this often.
const LOOK: Millis = 30 * SECOND;

/// The shops: the feed's name and number, and the demo's shop.
const BOOKS: [(&str, u32, &str); 4] = [
    ("bet365", 16, "bet365"),
    ("Pinnacle", 18, "pinnacle"),
    ("Betfair", 21, "betfair"),
    ("BetOnline", 206, "betonlineag"),
];

/// The games that start on some days, by UTC.
pub(super) fn body(
    market: &Market,
    league: League,
    (first, last): (NaiveDate, NaiveDate),
    at: Millis,
) -> Node {
    let (sport, name, id) = if league == League::Mlb {
        ("baseball", "Usa: Mlb", "1005")
    } else {
        ("football", "Usa: Nfl", "1008")
    };
    // A slate reaches into the next day of UTC.
    let slates = first.pred_opt().unwrap_or(first).iter_days();
    let mut games: Vec<(DateTime<Utc>, Node)> = Vec::new();
    for date in slates.take_while(|date| *date <= last).take(9) {
        let Some(slate) = market.games_of(date, at) else {
            continue;
        };
        for game in slate.of(league) {
            let start = time(game.announced_start(at));
            if (first..=last).contains(&start.date_naive()) && game.stage(at) != Stage::Final {
                games.push((start, row(market, game, start, at)));
            }
        }
    }
    games.sort_by_key(|(start, _)| *start);
    let days = games
        .chunk_by(|a, b| a.0.date_naive() == b.0.date_naive())
        .map(|day| {
            let start = day.first().map(|(start, _)| *start).unwrap_or_default();
            dated(Node::new("matches"), start).holding(day.iter().map(|(_, node)| node.clone()))
        });
    let category = Node::new("category")
        .with("name", name)
        .with("gid", id)
        .with("id", id)
        .with("file_group", "usa")
        .with("iscup", "False")
        .holding(days);
    let root = Node::new("scores")
        .with("sport", sport)
        .with("ts", looked(at, LOOK));
    if category.is_empty() {
        root
    } else {
        root.holding([category])
    }
}

/// The day as it is shown, without its year, and in full.
fn dated(node: Node, start: DateTime<Utc>) -> Node {
    node.with("date", start.format("%b %d"))
        .with("formatted_date", start.format("%d.%m.%Y"))
}

fn row(market: &Market, game: &Game, start: DateTime<Utc>, at: Millis) -> Node {
    let fixture = &game.fixture;
    let id = fixture.id(Source::Goalserve);
    let clock = start.format("%H:%M").to_string();
    let status = match game.stage(at) {
        Stage::Postponed => "Postp.".to_owned(),
        // Until it starts, its status is the clock.
        _ => clock.clone(),
    };
    let team = |name: &'static str, club: &Club| {
        Node::new(name)
            .with("name", &club.team.name)
            .with("goals", "?")
            .with("id", club.id(Source::Goalserve))
    };
    let number = 900 + u32::from(fixture.index) * 2;
    let looked = looked(at, LOOK);
    let odds = Node::new("odds")
        .with("ts", looked)
        .with("rotation_home", number + 2)
        .with("rotation_away", number + 1)
        .holding(
            Kind::ALL
                .into_iter()
                .filter_map(|kind| bet_type(market, game, kind, looked)),
        );
    dated(Node::new("match").with("status", status), start)
        .with("time", clock)
        .with("venue", "")
        .with("static_id", 2_000_000 + id)
        .with("fix_id", 1_000_000 + id)
        .with("id", id)
        .holding([
            team("localteam", &fixture.home),
            team("awayteam", &fixture.away),
            Node::new("events"),
            Node::new("ht").with("score", ""),
            odds,
        ])
}

fn bet_type(market: &Market, game: &Game, kind: Kind, at: Millis) -> Option<Node> {
    let (name, id) = match kind {
        Kind::Moneyline => ("Home/Away", 2),
        Kind::Total => ("Over/Under", 3),
        Kind::Spread => ("Handicap", 4),
    };
    let begun = at >= game.fixture.actual;
    let shops: Vec<Node> = BOOKS
        .iter()
        .filter_map(|(shown, number, key)| {
            let seen = pregame(game, market.shop(key)?, kind, at)?;
            Some(bookmaker((shown, *number), game, kind, &seen, market))
        })
        .collect();
    (!shops.is_empty()).then(|| {
        let node = Node::new("type").with("value", name).with("id", id);
        // Stopped once the game is on, as a whole.
        let node = if begun {
            node.with("stop", "True")
        } else {
            node
        };
        node.holding(shops)
    })
}

fn bookmaker(
    (name, number): (&str, u32),
    game: &Game,
    kind: Kind,
    seen: &Pregame,
    market: &Market,
) -> Node {
    let mut node = Node::new("bookmaker").with("name", name);
    let luck = market.luck(game, &[80, u64::from(number)]);
    if kind == Kind::Moneyline {
        // What the shop calls the game, quotes and all.
        let extra = if luck < 0.2 {
            format!("eventID=\"{}\"", (luck * 1e8) as u64)
        } else {
            String::new()
        };
        node = node.with("extra", extra);
    }
    node = node
        .with("id", number)
        .with("ts", seen.now.at - seen.now.at.rem_euclid(MINUTE));
    if seen.off && luck < 0.5 {
        node = node.with("stop", "True");
    }
    let place = game.fixture.id(Source::Goalserve) * 1_000 + u64::from(number);
    let odd = |name: &str, price: i32, side: u64| {
        let exact = exact(price);
        Node::new("odd")
            .with("name", name)
            .with("value", format!("{exact:.2}"))
            .with("dp3", format!("{exact:.3}"))
            .with("us", us(exact))
            .with("id", (place * 10 + kind as u64) * 10 + side)
    };
    let Tick { first, second, .. } = seen.now;
    let line = seen.now.line();
    let line_stop = |node: Node| {
        if seen.off && luck >= 0.5 {
            node.with("stop", "True")
        } else {
            node
        }
    };
    match kind {
        Kind::Moneyline => node.holding([odd("1", first, 1), odd("2", second, 2)]),
        Kind::Total => {
            let total = Node::new("total")
                .with("name", format!("{line:.1}"))
                .with("main", "1");
            node.holding([
                line_stop(total).holding([odd("Under", second, 2), odd("Over", first, 1)])
            ])
        }
        Kind::Spread => {
            // The name is the first odd's; the second has the opposite sign.
            let (own, other) = (handicap(line), handicap(0.0 - line));
            let wrapper = Node::new("handicap").with("name", &own).with("main", "1");
            let sided = |name: &str, price, side, line: &str| {
                let mut node = odd(name, price, side);
                node = node.with("handicap", line);
                node
            };
            node.holding([line_stop(wrapper)
                .holding([sided("1", first, 1, &own), sided("2", second, 2, &other)])])
        }
    }
}

fn handicap(line: f64) -> String {
    if line == 0.0 {
        "0".to_owned()
    } else {
        format!("{line:+}")
    }
}

/// The decimal price, unrounded.
fn exact(american: i32) -> f64 {
    let american = f64::from(american);
    if american > 0.0 {
        1.0 + american / 100.0
    } else {
        1.0 - 100.0 / american
    }
}

/// The American price as the feed works it out: wrong above even money, and wrong for short favourites.
fn us(exact: f64) -> i64 {
    match exact {
        e if e > 2.0 => ((e - 1.0) * 10.0 + 1e-6) as i64,
        e if e >= 2.0 => 100,
        e if e < 1.1 => (-10.0 / (e - 1.0) - 1e-6) as i64,
        e => (-100.0 / (e - 1.0)).round() as i64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn american_prices_are_wrong_where_the_feed_has_them_wrong() {
        assert_eq!(us(exact(290)), 29);
        assert_eq!(us(exact(100)), 100);
        assert_eq!(us(exact(-117)), -117);
        assert_eq!(us(exact(-2_500)), -250);
    }
}
