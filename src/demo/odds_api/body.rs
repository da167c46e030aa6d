//! The bodies: events, odds, scores.

use std::collections::BTreeSet;

use chrono::SecondsFormat;
use serde::Serialize;

use super::super::dice::mix;
use super::super::market::Market;
use super::super::price::{american, decimal};
use super::super::reply::Number;
use super::super::schedule::{HOUR, Millis, time};
use super::super::shop::{Shop, Trait};
use super::super::slate::{Game, Stage};
use super::super::tape::{Kind, Tick};
use super::ask::Ask;
use super::view::{alternates, commence_time, listed, seen};
use super::{Sport, view};

/// A time as asked for: ISO text or epoch seconds.
#[derive(Serialize)]
#[serde(untagged)]
enum Stamp {
    Iso(String),
    Unix(i64),
}

impl Stamp {
    fn of(at: Millis, ask: &Ask) -> Self {
        if ask.unix {
            Self::Unix(at.div_euclid(1_000))
        } else {
            Self::Iso(time(at).to_rfc3339_opts(SecondsFormat::Secs, true))
        }
    }
}

/// A game without its prices.
#[derive(Serialize)]
pub(super) struct Event {
    id: String,
    sport_key: &'static str,
    sport_title: &'static str,
    commence_time: Stamp,
    home_team: String,
    away_team: String,
}

/// A game with its prices.
#[derive(Serialize)]
pub(super) struct Odds {
    #[serde(flatten)]
    event: Event,
    bookmakers: Vec<Bookmaker>,
}

impl Odds {
    /// How many different markets it holds: what it costs by.
    pub(super) fn markets_held(&self) -> usize {
        let keys: BTreeSet<_> = self
            .bookmakers
            .iter()
            .flat_map(|book| book.markets.iter().map(|market| market.key))
            .collect();
        keys.len()
    }
}

#[derive(Serialize)]
struct Bookmaker {
    key: String,
    title: String,
    last_update: Stamp,
    markets: Vec<MarketBody>,
}

#[derive(Serialize)]
struct MarketBody {
    key: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_update: Option<Stamp>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    outcomes: Vec<Outcome>,
}

#[derive(Serialize)]
struct Outcome {
    name: String,
    price: Number,
    #[serde(skip_serializing_if = "Option::is_none")]
    point: Option<Number>,
}

/// A game's score.
#[derive(Serialize)]
pub(super) struct Score {
    #[serde(flatten)]
    event: Event,
    completed: bool,
    scores: Option<Vec<TeamScore>>,
    last_update: Option<Stamp>,
}

#[derive(Serialize)]
struct TeamScore {
    name: String,
    /// A number in text.
    score: String,
}

fn event(market: &Market, sport: Sport, game: &Game, ask: &Ask, at: Millis) -> Event {
    let fixture = &game.fixture;
    Event {
        id: fixture.odds_api_id.clone(),
        sport_key: sport.key,
        sport_title: sport.title,
        commence_time: Stamp::of(commence_time(market, game, at), ask),
        home_team: fixture.home.team.name.to_string(),
        away_team: fixture.away.team.name.to_string(),
    }
}

/// Call `make` for every game of the sport that passes `keep`, by start.
fn games<T>(
    market: &Market,
    sport: Sport,
    ask: &Ask,
    at: Millis,
    days_back: i64,
    keep: impl Fn(&Game) -> bool,
    make: impl Fn(&Game) -> Option<T>,
) -> Vec<T> {
    let Some(league) = sport.league else {
        return Vec::new();
    };
    let mut found: Vec<(Millis, u64, T)> = Vec::new();
    for slate in market.slates_around(at, days_back, 2) {
        for game in slate.games.iter().filter(|g| g.fixture.league == league) {
            let starts = commence_time(market, game, at);
            if keep(game)
                && ask.wants_event(&game.fixture.odds_api_id, starts)
                && let Some(made) = make(game)
            {
                found.push((starts, game.fixture.an_id, made));
            }
        }
    }
    found.sort_by_key(|(starts, id, _)| (*starts, *id));
    found.into_iter().map(|(_, _, made)| made).collect()
}

/// The listed games without prices.
pub(super) fn events(market: &Market, sport: Sport, ask: &Ask, at: Millis) -> Vec<Event> {
    let keep = |game: &Game| listed(game, at);
    games(market, sport, ask, at, 1, keep, |game| {
        Some(event(market, sport, game, ask, at))
    })
}

/// The listed games that some shop has prices for.
pub(super) fn odds(market: &Market, sport: Sport, ask: &Ask, at: Millis) -> Vec<Odds> {
    let keep = |game: &Game| listed(game, at);
    games(market, sport, ask, at, 1, keep, |game| {
        let odds = priced(market, sport, game, ask, at);
        (!odds.bookmakers.is_empty()).then_some(odds)
    })
}

/// One game with its prices; none when the service does not know it any more.
pub(super) fn event_odds(
    market: &Market,
    sport: Sport,
    id: &str,
    ask: &Ask,
    at: Millis,
) -> Option<Odds> {
    let keep = |game: &Game| game.fixture.odds_api_id == id && listed(game, at);
    let found = games(market, sport, ask, at, 1, keep, |game| {
        Some(priced(market, sport, game, ask, at))
    });
    found.into_iter().next()
}

/// One game's markets without their prices.
pub(super) fn event_markets(
    market: &Market,
    sport: Sport,
    id: &str,
    ask: &Ask,
    at: Millis,
) -> Option<Odds> {
    let every = ask.every_market();
    let mut odds = event_odds(market, sport, id, &every, at)?;
    for market in odds.bookmakers.iter_mut().flat_map(|b| &mut b.markets) {
        market.outcomes.clear();
    }
    Some(odds)
}

fn priced(market: &Market, sport: Sport, game: &Game, ask: &Ask, at: Millis) -> Odds {
    let mut bookmakers: Vec<(u64, Bookmaker)> = Vec::new();
    for (n, shop) in market.cast.shops.iter().enumerate() {
        let Some(key) = shop.key.as_ref() else {
            continue;
        };
        if !ask.wants_shop(key, shop.region.as_deref()) {
            continue;
        }
        if let Some(book) = bookmaker(market, game, (n, shop), key, ask, at) {
            // Shops come in another order for every event.
            bookmakers.push((mix(&[game.fixture.an_id, n as u64, 33]), book));
        }
    }
    bookmakers.sort_by_key(|(order, _)| *order);
    Odds {
        event: event(market, sport, game, ask, at),
        bookmakers: bookmakers.into_iter().map(|(_, book)| book).collect(),
    }
}

fn bookmaker(
    market: &Market,
    game: &Game,
    (n, shop): (usize, &Shop),
    key: &str,
    ask: &Ask,
    at: Millis,
) -> Option<Bookmaker> {
    let untimed = market.luck(game, &[34, n as u64]) < 0.06;
    let mut newest = None;
    let mut markets = Vec::new();
    for kind in Kind::ALL {
        let Some(seen) = seen(market, game, (n, shop), kind, at) else {
            continue;
        };
        let quote = Writer {
            game,
            american: ask.american,
            pointed: market.luck(game, &[35, n as u64]) >= 0.3,
        };
        for (name, outcomes) in quote.markets(shop, kind, &seen.tick) {
            if ask.wants(name) {
                newest = newest.max(Some(seen.updated));
                markets.push(MarketBody {
                    key: name,
                    last_update: (!untimed).then(|| Stamp::of(seen.updated, ask)),
                    outcomes,
                });
            }
        }
    }
    Some(Bookmaker {
        key: key.to_owned(),
        title: shop.title.clone(),
        last_update: Stamp::of(newest?.max(frozen_or(market, game, (n, shop), at)), ask),
        markets,
    })
}

/// When the shop itself was last looked at; a frozen one keeps the time it froze at.
fn frozen_or(market: &Market, game: &Game, (n, shop): (usize, &Shop), at: Millis) -> Millis {
    let looked = view::looked(market, game, n, at);
    let froze = Kind::ALL
        .iter()
        .filter_map(|kind| game.tape(n)?.series(*kind).locked_at)
        .max();
    match froze {
        Some(froze) if !shop.has(Trait::Live) && looked >= froze => Millis::MIN,
        _ => looked,
    }
}

struct Writer<'a> {
    game: &'a Game,
    american: bool,
    /// Whole points with a decimal point.
    pointed: bool,
}

impl Writer<'_> {
    /// The markets a tick is published as.
    fn markets(&self, shop: &Shop, kind: Kind, tick: &Tick) -> Vec<(&'static str, Vec<Outcome>)> {
        let (key, alternate_key) = match kind {
            Kind::Moneyline => ("h2h", "h2h_lay"),
            Kind::Spread => ("spreads", "alternate_spreads"),
            Kind::Total => ("totals", "alternate_totals"),
        };
        let line = (kind != Kind::Moneyline).then(|| tick.line());
        let mut out = vec![(key, self.pair(kind, line, tick.first, tick.second))];
        if kind == Kind::Moneyline && shop.has(Trait::Exchange) {
            // Laying costs a little more than backing pays.
            let lay = |price: i32| american(1.0 / decimal(price) / 1.02, 1);
            out.push((
                alternate_key,
                self.pair(kind, None, lay(tick.first), lay(tick.second)),
            ));
        }
        if kind != Kind::Moneyline && shop.has(Trait::Alternates) {
            let outcomes = alternates(self.game, shop, kind, tick)
                .into_iter()
                .flat_map(|(line, first, second)| self.pair(kind, Some(line), first, second))
                .collect();
            out.push((alternate_key, outcomes));
        }
        out
    }

    /// Both sides: teams by the alphabet, Over before Under.
    fn pair(&self, kind: Kind, line: Option<f64>, first: i32, second: i32) -> Vec<Outcome> {
        let teams = (
            &*self.game.fixture.home.team.name,
            &*self.game.fixture.away.team.name,
        );
        let names = if kind == Kind::Total {
            ("Over", "Under")
        } else {
            teams
        };
        let second_line = if kind == Kind::Spread {
            line.map(|l| 0.0 - l)
        } else {
            line
        };
        let outcome = |name: &str, price, line: Option<f64>| Outcome {
            name: name.to_owned(),
            price: if self.american {
                Number::Int(i64::from(price))
            } else {
                Number::Float(decimal(price))
            },
            point: line.map(|line| Number::of(line, self.pointed)),
        };
        let mut both = vec![
            outcome(names.0, first, line),
            outcome(names.1, second, second_line),
        ];
        both.sort_by(|a, b| a.name.cmp(&b.name));
        both
    }
}

/// Scores of live and coming games, and of games completed in the last days when asked for.
pub(super) fn scores(market: &Market, sport: Sport, ask: &Ask, at: Millis) -> Vec<Score> {
    let since = ask.days_from.map(|days| at - days * 24 * HOUR);
    let keep = |game: &Game| {
        listed(game, at)
            || (game.stage(at) == Stage::Final
                && since.is_some_and(|since| game.fixture.scheduled >= since))
    };
    let days_back = ask.days_from.unwrap_or(0) + 1;
    games(market, sport, ask, at, days_back, keep, |game| {
        let stage = game.stage(at);
        let fixture = &game.fixture;
        let started = matches!(stage, Stage::Live | Stage::Final);
        let (home, away, changed) = game
            .played(at)
            .map_or((0, 0, fixture.actual), |p| (p.home, p.away, p.until));
        let side = |name: &str, score: u16| TeamScore {
            name: name.to_owned(),
            score: score.to_string(),
        };
        Some(Score {
            event: event(market, sport, game, ask, at),
            completed: stage == Stage::Final,
            scores: started.then(|| {
                vec![
                    side(&fixture.home.team.name, home),
                    side(&fixture.away.team.name, away),
                ]
            }),
            last_update: started.then(|| Stamp::of(changed, ask)),
        })
    })
}
