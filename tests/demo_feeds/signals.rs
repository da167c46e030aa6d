//! Signals against what the market's maker planted: which presets find it, and how much else they say.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use linetape::analytics::signal::{
    Cast, GameTape, Quote, Rule, Shop, Signal, SplitSeen, Voice, detect, presets,
};
use linetape::demo::{EPOCH, Market, Planted};
use linetape::domain::book::BookKind;
use linetape::domain::league::League;
use linetape::domain::market::{self, Phase, QuoteStatus};
use linetape::domain::payload::{Payload, PayloadHash, RequestIdentity};
use linetape::domain::series::LineSlot;
use linetape::domain::source::Stream;
use linetape::engine::hub::Hub;
use linetape::engine::reference::Reference;
use linetape::engine::snapshot::{GameView, Mode, SeriesView, Snapshot};

use super::SBD;
use super::truth::{Asked, is_near};

const BOARD: &str = "/web/v2/scoreboard/mlb";
const BOOKS: &str = "bookIds=68,69,71,75,79,123,2988,1799,2724,78,3&periods=event";
/// Simulated seconds between looks.
const EVERY: i64 = 45;
/// And between looks at the bets counted.
const COUNTED: i64 = 600;
/// Hours looked at: from the openers to the last start.
const HOURS: i64 = 9;

fn look(
    market: &Market,
    (stream, path, query): (Stream, &str, &str),
    now: DateTime<Utc>,
) -> Payload {
    let body: Arc<[u8]> = market.answer(path, query, now).body.into();
    Payload {
        fetch_id: uuid::Uuid::now_v7(),
        request: RequestIdentity {
            stream,
            url: path.into(),
            league: Some(League::Mlb),
            source_game_id: None,
        },
        status: 200,
        observed_at: now,
        elapsed_ms: 1,
        reconstructed: false,
        error: None,
        hash: PayloadHash::of(&body),
        body,
    }
}

/// What a day's looks leave in the hub.
fn day(market: &Market, ask: (Stream, &str, &str), every: i64) -> Arc<Snapshot> {
    let reference = Arc::new(Reference::builtin().unwrap());
    let mut hub = Hub::new(reference, Mode::Live, EPOCH);
    for n in 0..HOURS * 3600 / every {
        let now = EPOCH + TimeDelta::seconds(n * every);
        hub.apply(&look(market, ask, now)).unwrap();
    }
    hub.snapshot(EPOCH + TimeDelta::hours(HOURS))
}

/// Every count that was seen of a game.
fn splits<'a>(source: &'a str, game: &'a GameView) -> impl Iterator<Item = SplitSeen> + 'a {
    game.splits.iter().flat_map(move |split| {
        split.points.iter().map(move |point| SplitSeen {
            known_at: point.at,
            at: point.at,
            scope: source.into(),
            market: split.key.market.clone(),
            period: split.key.period,
            side: split.key.side,
            tickets_pct: point.value.tickets_pct,
            money_pct: point.value.money_pct,
            tickets: point.value.tickets,
        })
    })
}

pub(super) fn name(game: &GameView) -> String {
    let source = game.sources.first().unwrap();
    source.1.to_string()
}

pub(super) fn tape(game: &GameView, splits: Vec<SplitSeen>) -> GameTape {
    let series: Vec<_> = game
        .series
        .iter()
        .filter(|s| {
            s.kind == BookKind::Book
                && s.key.phase == Phase::Pregame
                && s.key.slot == LineSlot::Main
                && s.key.participant.is_empty()
        })
        .collect();
    let slug = |series: &SeriesView| -> Arc<str> {
        let known = series.book.as_ref().map(|book| Arc::from(book.as_str()));
        known.unwrap_or_else(|| Arc::clone(&series.label))
    };
    let mut slugs: Vec<Arc<str>> = series.iter().map(|s| slug(s)).collect();
    slugs.sort();
    slugs.dedup();
    let mut quotes = Vec::new();
    for (n, series) in series.iter().enumerate() {
        let voice = slugs.binary_search(&slug(series)).unwrap();
        for point in series.points.iter() {
            quotes.push(Quote {
                known_at: point.at,
                at: point.at,
                voice,
                series_id: i64::try_from(n).unwrap(),
                market: series.key.market.clone(),
                period: series.key.period,
                side: series.key.side,
                line: point.price.line,
                odds: point
                    .price
                    .odds
                    .filter(|_| point.price.status == QuoteStatus::Open),
                reconstructed: false,
            });
        }
    }
    GameTape {
        cast: Cast {
            league: game.league,
            starts_at: game.starts_at,
            teams: [Arc::clone(&game.home.abbr), Arc::clone(&game.away.abbr)],
            voices: slugs
                .iter()
                .enumerate()
                .map(|(shop, slug)| Voice {
                    shop,
                    order: (false, 0),
                    id: Arc::clone(slug),
                })
                .collect(),
            shops: slugs
                .into_iter()
                .map(|slug| Shop { slug, weight: 1.0 })
                .collect(),
        },
        quotes,
        splits,
    }
}

/// What a preset said of the day.
#[derive(Default)]
struct Said {
    signals: Vec<(usize, Signal)>,
    /// Games' markets that it spoke of.
    markets: HashSet<(usize, market::Market)>,
}

#[test]
fn presets_find_what_was_planted_and_none_fires_on_everything() {
    let market = Market::new(7, 15).unwrap();
    let board = day(&market, (Stream::AnScoreboard, BOARD, BOOKS), EVERY);
    // The one feed that counts the bets.
    let counts = day(&market, (Stream::SbdSplits, SBD, ""), COUNTED);
    let end = EPOCH + TimeDelta::hours(HOURS);
    let all: Arc<[_]> = presets().into();
    let mut said: BTreeMap<Arc<str>, Said> = BTreeMap::new();
    let (mut moments, mut quoted) = (0, HashSet::new());
    let mut events: Vec<(usize, DateTime<Utc>, Planted)> = Vec::new();
    let planted = market.planted(EPOCH.date_naive());
    for (n, game) in board.games.iter().enumerate() {
        let counted = counts.games.iter().find(|other| {
            (&other.home.abbr, other.game_number) == (&game.home.abbr, game.game_number)
        });
        let seen = splits("action_network", game)
            .chain(counted.into_iter().flat_map(|game| splits("sbd", game)));
        let tape = tape(game, seen.collect());
        let moved: HashSet<_> = tape
            .quotes
            .iter()
            .map(|q| (q.at, q.market.as_str(), q.period))
            .collect();
        moments += moved.len();
        quoted.extend(tape.quotes.iter().map(|q| (n, q.market.clone())));
        for signal in detect(&tape, &all) {
            let said = said.entry(Arc::clone(&signal.preset)).or_default();
            said.markets.insert((n, signal.market.clone()));
            said.signals.push((n, signal));
        }
        let of_game = planted.iter().filter(|e| e.game.to_string() == name(game));
        events.extend(of_game.map(|e| (n, game.starts_at.unwrap(), e.clone())));
    }
    let share = |part: usize, of: usize| match of {
        0 => "-".to_owned(),
        _ => format!("{:.2}", part as f64 / of as f64),
    };
    let (mut silent, mut missed, mut untold) = (Vec::new(), Vec::new(), Vec::new());
    println!(
        "preset                kind          signals  of moments  markets  planted  recall  precision"
    );
    for preset in all.iter() {
        let nothing = Said::default();
        let said = said.get(&preset.name).unwrap_or(&nothing);
        let asked: Vec<(usize, Asked<'_>)> = events
            .iter()
            .filter_map(|(n, start, event)| {
                Some((*n, Asked::of(&preset.rule, event, (EPOCH, *start))?))
            })
            .filter(|(_, asked)| asked.until <= end)
            .collect();
        let is_told = |(n, asked): &&(usize, Asked<'_>)| {
            let mut own = said.signals.iter().filter(|(game, _)| game == n);
            own.any(|(_, signal)| asked.is_told_by(signal))
        };
        let hits = asked.iter().filter(is_told).count();
        for (_, asked) in asked.iter().filter(|asked| !is_told(asked)) {
            missed.push(format!("{} {:?}", preset.name, asked.event));
        }
        // Of what it says: what it should, or about whatever was planted in the game then.
        let about = said
            .signals
            .iter()
            .filter(|(game, signal)| {
                let mut own = events.iter().filter(|(n, ..)| n == game);
                let mut should = asked.iter().filter(|(n, _)| n == game);
                own.any(|(_, _, event)| is_near(event, signal))
                    || should.any(|(_, asked)| asked.is_told_by(signal))
            })
            .count();
        println!(
            "{:<21} {:<13} {:>7}  {moments:>10}  {:>7}  {:>7}  {:>6}  {:>9}",
            preset.name,
            preset.rule.kind().as_str(),
            said.signals.len(),
            share(said.markets.len(), quoted.len()),
            asked.len(),
            share(hits, asked.len()),
            share(about, said.signals.len()),
        );
        if said.signals.is_empty() {
            silent.push(&preset.name);
        }
        if asked.is_empty() {
            untold.push(&*preset.name);
        }
        // A preset that speaks at every third change says nothing.
        assert!(
            said.signals.len() * 3 < moments,
            "{} fires on everything: {} of {moments}",
            preset.name,
            said.signals.len()
        );
        // And so does one that finds tickets and money remarkable in more than three markets of five.
        let counts = matches!(
            preset.rule,
            Rule::Rlm(_) | Rule::Divergence(_) | Rule::Flip(_) | Rule::Heavy(_) | Rule::Fade(_)
        );
        assert!(
            !counts || said.markets.len() * 5 <= quoted.len() * 3,
            "{} fires on {} of {} markets",
            preset.name,
            said.markets.len(),
            quoted.len()
        );
        assert!(
            hits * 4 >= asked.len() * 3,
            "{} finds {hits} of {}: {missed:#?}",
            preset.name,
            asked.len()
        );
    }
    println!("missed: {missed:#?}");
    assert!(silent.is_empty(), "nothing is planted for {silent:?}");
    assert!(untold.is_empty(), "nothing is planted for {untold:?}");
}
