//! Signals against what the market's maker planted: which presets find it, and how much else they say.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use linetape::analytics::signal::{
    Cast, GameTape, Kind, Quote, Shop, Signal, SplitSeen, Voice, detect, presets,
};
use linetape::demo::{EPOCH, Market, Planted, PlantedKind};
use linetape::domain::book::BookKind;
use linetape::domain::league::League;
use linetape::domain::market::{self, Phase, QuoteStatus};
use linetape::domain::payload::{Payload, PayloadHash, RequestIdentity};
use linetape::domain::series::LineSlot;
use linetape::domain::source::Stream;
use linetape::engine::hub::Hub;
use linetape::engine::reference::Reference;
use linetape::engine::snapshot::{GameView, Mode, SeriesView, Snapshot};

const BOARD: &str = "/web/v2/scoreboard/mlb";
const BOOKS: &str = "bookIds=15,30,68,69,71,75,79,123,2988,1799,2724,78,3&periods=event";
/// Simulated seconds between looks.
const EVERY: i64 = 45;
/// Hours looked at: from the openers to the last start.
const HOURS: i64 = 9;

fn look(market: &Market, now: DateTime<Utc>) -> Payload {
    let body: Arc<[u8]> = market.answer(BOARD, BOOKS, now).body.into();
    Payload {
        fetch_id: uuid::Uuid::now_v7(),
        request: RequestIdentity {
            stream: Stream::AnScoreboard,
            url: BOARD.into(),
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

/// A day's looks, as the hub keeps them, and every split that was seen.
fn day(market: &Market) -> (Arc<Snapshot>, BTreeMap<String, Vec<SplitSeen>>) {
    let reference = Arc::new(Reference::builtin().unwrap());
    let mut hub = Hub::new(reference, Mode::Live, EPOCH);
    let mut splits: BTreeMap<String, Vec<SplitSeen>> = BTreeMap::new();
    for n in 0..HOURS * 3600 / EVERY {
        let now = EPOCH + TimeDelta::seconds(n * EVERY);
        hub.apply(&look(market, now)).unwrap();
        for game in hub.snapshot(now).games.iter() {
            let seen = splits.entry(name(game)).or_default();
            for split in game.splits.iter().filter(|s| s.at == now) {
                seen.push(SplitSeen {
                    known_at: now,
                    at: now,
                    scope: format!("action_network:{}", split.key.scope).into(),
                    market: split.key.market.clone(),
                    period: split.key.period,
                    side: split.key.side,
                    tickets_pct: split.value.tickets_pct,
                    money_pct: split.value.money_pct,
                    tickets: split.value.tickets,
                });
            }
        }
    }
    let last = EPOCH + TimeDelta::hours(HOURS);
    (hub.snapshot(last), splits)
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

/// Whether a signal is about a planted event: the same game and side of the same kind of market, while it went on.
fn is_about(signal: &Signal, planted: &Planted, slack: TimeDelta) -> bool {
    let total = |m: &market::Market| *m == market::Market::Total;
    let same_market = planted
        .market
        .as_ref()
        .is_none_or(|m| total(m) == total(&signal.market));
    let same_side = planted.side.is_none_or(|side| side == signal.side);
    same_market
        && same_side
        && signal.detected_at >= planted.at
        && signal.detected_at <= planted.until + slack
}

#[test]
fn presets_find_what_was_planted_and_none_fires_on_everything() {
    let market = Market::new(7, 15).unwrap();
    let (snapshot, splits) = day(&market);
    let planted: Vec<Planted> = market
        .planted(EPOCH.date_naive())
        .into_iter()
        .filter(|p| p.league == League::Mlb)
        .collect();
    let all: Arc<[_]> = presets().into();
    let mut found: BTreeMap<Arc<str>, Vec<(String, Signal)>> = BTreeMap::new();
    let mut moments = 0;
    for game in snapshot.games.iter() {
        let name = name(game);
        let tape = tape(game, splits.get(&name).cloned().unwrap_or_default());
        let moved: HashSet<_> = tape
            .quotes
            .iter()
            .map(|q| (q.at, q.market.as_str(), q.period))
            .collect();
        moments += moved.len();
        for signal in detect(&tape, &all) {
            found
                .entry(Arc::clone(&signal.preset))
                .or_default()
                .push((name.clone(), signal));
        }
    }
    let truth = |kind: PlantedKind| {
        planted
            .iter()
            .filter(move |p| p.kind == kind)
            .collect::<Vec<_>>()
    };
    // Of signals: about whatever was planted in the game then.
    let share = |part: usize, of: usize| match of {
        0 => "-".to_owned(),
        _ => format!("{:.2}", part as f64 / of as f64),
    };
    let (mut recalls, mut silent) = (BTreeMap::new(), Vec::new());
    println!("preset                kind          signals  of moments  planted  recall  precision");
    for preset in all.iter() {
        let signals = found.get(&preset.name).map_or(&[][..], Vec::as_slice);
        let (kind, slack) = match preset.rule.kind() {
            Kind::Steam => (Some(PlantedKind::Steam), TimeDelta::minutes(5)),
            Kind::Rlm => (Some(PlantedKind::ReverseLine), TimeDelta::minutes(60)),
            Kind::HeadFake => (Some(PlantedKind::HeadFake), TimeDelta::minutes(10)),
            _ => (None, TimeDelta::zero()),
        };
        let events = kind.map_or_else(Vec::new, truth);
        let mine = |name: &str, event: &Planted| name == event.game.to_string();
        let hit = |event: &Planted| {
            let side = |signal: &Signal| {
                // A feint is called by the side it came back to.
                event.kind == PlantedKind::HeadFake && event.side != Some(signal.side)
            };
            signals.iter().any(|(name, signal)| {
                let turned = Planted {
                    side: if side(signal) { None } else { event.side },
                    ..event.clone()
                };
                mine(name, event) && is_about(signal, &turned, slack)
            })
        };
        let hits = events.iter().filter(|event| hit(event)).count();
        let about = signals
            .iter()
            .filter(|(name, signal)| {
                planted.iter().any(|event| {
                    let any_side = Planted {
                        side: None,
                        market: None,
                        ..event.clone()
                    };
                    mine(name, event) && is_about(signal, &any_side, slack)
                })
            })
            .count();
        println!(
            "{:<21} {:<13} {:>7}  {moments:>10}  {:>7}  {:>6}  {:>9}",
            preset.name,
            preset.rule.kind().as_str(),
            signals.len(),
            events.len(),
            share(hits, events.len()),
            share(about, signals.len()),
        );
        if signals.is_empty() {
            silent.push(&preset.name);
        }
        // A preset that speaks at every third change says nothing.
        assert!(
            signals.len() * 3 < moments,
            "{} fires on everything: {} of {moments}",
            preset.name,
            signals.len()
        );
        recalls.insert(&*preset.name, (hits, events.len()));
    }
    for preset in ["linetape", "don_best", "linetape_rlm"] {
        let (hits, events) = recalls[preset];
        assert!(
            events > 0 && hits * 4 >= events * 3,
            "{preset}: {hits} of {events}"
        );
    }
    println!("silent: {silent:?}");
}
