//! A hand-built slate: six games, eight books and a consensus, with every state a board can be in. Deterministic.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::analytics::fair::offer::Class;
use crate::analytics::fair::tape::Kind as Chance;
use crate::analytics::health::{Assessment, Pattern};
use crate::analytics::recommendation::Record;
use crate::analytics::signal::Kind;
use crate::domain::book::{BookKind, BookSlug};
use crate::domain::game::GameId;
use crate::domain::job::Job;
use crate::domain::league::League;
use crate::domain::market::{Line, Market, Period, Phase, QuoteStatus, Side};
use crate::domain::odds::Odds;
use crate::domain::series::{LineSlot, Price, SeriesKey};
use crate::domain::source::{Source, Stream};
use crate::domain::status::GameStatus;
use crate::engine::event::{LogLine, Severity};
use crate::engine::snapshot::*;

/// Slug, label, Action Network's id, kind, cents off the market.
const BOOKS: [(&str, &str, &str, BookKind, i64); 9] = [
    ("an-consensus", "CONS", "15", BookKind::Consensus, 0),
    ("draftkings", "DK", "68", BookKind::Book, -2),
    ("fanduel", "FD", "69", BookKind::Book, -4),
    ("betmgm", "MGM", "75", BookKind::Book, -6),
    ("caesars", "CZR", "123", BookKind::Book, 0),
    ("betrivers", "BR", "71", BookKind::Book, -8),
    ("bet365", "365", "79", BookKind::Book, 2),
    ("circa", "CIR", "2988", BookKind::Book, 4),
    ("espnbet", "ESPN", "1799", BookKind::Book, -5),
];

struct Spec {
    id: i64,
    away: (&'static str, &'static str),
    home: (&'static str, &'static str),
    league: League,
    start: &'static str,
    status: GameStatus,
    score: Option<(i32, i32)>,
    number: u8,
    /// Home moneyline in cents from even: −134 is −34.
    cents: i64,
    total: f64,
    spread: f64,
}

fn specs() -> Vec<Spec> {
    use GameStatus::{Final, Live, Postponed, Scheduled};
    use League::{Mlb, Wnba};
    let game = |id, away, home, league, start, status, score, number, cents, total, spread| Spec {
        id,
        away,
        home,
        league,
        start,
        status,
        score,
        number,
        cents,
        total,
        spread,
    };
    vec![
        game(
            1,
            ("CHC", "Chicago Cubs"),
            ("MIL", "Milwaukee Brewers"),
            Mlb,
            "17:10",
            Final,
            Some((5, 3)),
            1,
            -18,
            8.5,
            -1.5,
        ),
        game(
            2,
            ("NYY", "New York Yankees"),
            ("BOS", "Boston Red Sox"),
            Mlb,
            "22:10",
            Live,
            Some((2, 4)),
            1,
            3,
            9.0,
            1.5,
        ),
        game(
            3,
            ("MIA", "Miami Marlins"),
            ("BAL", "Baltimore Orioles"),
            Mlb,
            "23:05",
            Scheduled,
            None,
            1,
            -38,
            8.5,
            -1.5,
        ),
        game(
            4,
            ("LAD", "Los Angeles Dodgers"),
            ("SF", "San Francisco Giants"),
            Mlb,
            "01:15+1",
            Scheduled,
            None,
            2,
            48,
            7.5,
            1.5,
        ),
        game(
            5,
            ("SEA", "Seattle Storm"),
            ("LV", "Las Vegas Aces"),
            Wnba,
            "02:00+1",
            Scheduled,
            None,
            1,
            -260,
            165.5,
            -6.5,
        ),
        game(
            6,
            ("ATL", "Atlanta Braves"),
            ("STL", "St. Louis Cardinals"),
            Mlb,
            "00:15+1",
            Postponed,
            None,
            1,
            8,
            8.0,
            1.5,
        ),
    ]
}

/// The moment of the slate: Saturday, 19:42:07 Eastern.
pub fn now() -> DateTime<Utc> {
    "2025-07-12T23:42:07Z".parse().unwrap_or_default()
}

fn start(text: &str) -> DateTime<Utc> {
    let (clock, day) = text
        .split_once('+')
        .map_or((text, 12), |(clock, _)| (clock, 13));
    format!("2025-07-{day:02}T{clock}:00Z")
        .parse()
        .unwrap_or_default()
}

/// American odds at cents from even.
pub fn odds(cents: i64) -> Option<Odds> {
    Odds::american(if cents < 0 { cents - 100 } else { cents + 100 }).ok()
}

fn noise(seed: u64) -> i64 {
    let mut x = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    x ^= x >> 29;
    x = x.wrapping_mul(0xBF58_476D_1CE4_E5B9);
    (x >> 40) as i64 % 5 - 2
}

/// One book's walk to its present price over the last hours, with a lock half an hour ago for some.
fn points(spec: &Spec, book: usize, market: &Market, side: Side) -> Vec<Point> {
    let (_, _, _, _, off) = BOOKS[book];
    let sign = if matches!(side, Side::Home | Side::Over) {
        1
    } else {
        -1
    };
    let (target, line) = match market {
        Market::Spread => (
            -10 + off,
            Some(if side == Side::Home {
                spec.spread
            } else {
                -spec.spread
            }),
        ),
        Market::Total => (-8 + off, Some(spec.total)),
        _ => (sign * spec.cents - 9 + off, None),
    };
    let steps = 9_i64;
    let mut made: Vec<Point> = (0..=steps)
        .map(|step| {
            let seed = (spec.id as u64) << 24 | (book as u64) << 8 | step as u64;
            let left = (steps - step) * 2 * sign * if spec.cents < 0 { 1 } else { -1 };
            let wobble = if step == steps { 0 } else { noise(seed) };
            let minutes = (steps - step) * 38 + book as i64 * 3 + (noise(seed ^ 7) + 2) * 4;
            let moved_line = line.map(|l| {
                if matches!(market, Market::Total) && step < 4 {
                    l + 0.5
                } else {
                    l
                }
            });
            Point {
                at: now() - TimeDelta::minutes(minutes) - TimeDelta::seconds(book as i64 * 7),
                price: Price {
                    line: moved_line.and_then(Line::from_points),
                    odds: odds(target + left + wobble),
                    status: QuoteStatus::Open,
                },
            }
        })
        .collect();
    if book == 4 {
        let at = now() - TimeDelta::minutes(95);
        let before = made.iter().rev().find(|p| p.at < at).copied();
        if let Some(before) = before {
            made.push(Point {
                at,
                price: Price {
                    status: QuoteStatus::Suspended,
                    ..before.price
                },
            });
            made.push(Point {
                at: at + TimeDelta::minutes(24),
                ..before
            });
        }
    }
    if spec.id == 3 && book == 1 {
        // DraftKings moved twenty seconds ago.
        let last = target - 6 * sign;
        made.push(Point {
            at: now() - TimeDelta::seconds(20),
            price: Price {
                line: line.and_then(Line::from_points),
                odds: odds(last),
                status: QuoteStatus::Open,
            },
        });
    }
    if (spec.id, book) == (4, 3) {
        let last = made[made.len() - 1];
        made.push(Point {
            at: now() - TimeDelta::minutes(2),
            price: Price {
                status: QuoteStatus::Suspended,
                ..last.price
            },
        });
    }
    if (spec.id, book) == (5, 5) {
        made.push(Point {
            at: now() - TimeDelta::minutes(4),
            price: Price {
                line: None,
                odds: None,
                status: QuoteStatus::Off,
            },
        });
    }
    made
}

fn series(
    spec: &Spec,
    book: usize,
    market: &Market,
    side: Side,
    phase: Phase,
    slot: LineSlot,
) -> SeriesView {
    let (slug, label, id, kind, _) = BOOKS[book];
    let log = PointLog::from_points(points(spec, book, market, side));
    let all: Vec<Point> = log.iter().copied().collect();
    let last = all[all.len() - 1];
    let seen_s = match book {
        5 => 400,
        n => n as i64 * 2,
    };
    SeriesView {
        key: SeriesKey {
            game_id: GameId::from_i64(spec.id),
            stream: Stream::AnScoreboard,
            source_book_id: id.into(),
            market: market.clone(),
            period: Period::Full,
            participant: "".into(),
            side,
            phase,
            slot,
        },
        book: Some(BookSlug::new(slug)),
        label: label.into(),
        kind,
        primary: true,
        price: last.price,
        changed_at: last.at,
        seen_at: now() - TimeDelta::seconds(seen_s),
        opening: all.first().copied(),
        points: log,
    }
}

fn game(spec: &Spec) -> GameView {
    let mut all = Vec::new();
    for market in [Market::Moneyline, Market::Spread, Market::Total] {
        for side in crate::engine::board::sides(&market) {
            for book in 0..BOOKS.len() {
                // Circa does not quote the late games.
                if book == 7 && spec.id >= 4 {
                    continue;
                }
                all.push(Arc::new(series(
                    spec,
                    book,
                    &market,
                    side,
                    Phase::Pregame,
                    LineSlot::Main,
                )));
                if spec.status == GameStatus::Live && book < 5 {
                    all.push(Arc::new(series(
                        spec,
                        book,
                        &market,
                        side,
                        Phase::Live,
                        LineSlot::Main,
                    )));
                }
            }
        }
    }
    let alternate = LineSlot::Alternate(Line::from_hundredths(-250));
    all.push(Arc::new(series(
        spec,
        1,
        &Market::Spread,
        Side::Home,
        Phase::Pregame,
        alternate,
    )));
    all.sort_by(|a, b| a.key.cmp(&b.key));
    let team = |(abbr, name): (&str, &str)| TeamView {
        slug: None,
        name: name.into(),
        abbr: abbr.into(),
    };
    GameView {
        id: GameId::from_i64(spec.id),
        sources: vec![(Source::ActionNetwork, format!("2576{}", spec.id).into())],
        league: spec.league,
        slate: NaiveDate::from_ymd_opt(2025, 7, 12).unwrap_or_default(),
        home: team(spec.home),
        away: team(spec.away),
        game_number: spec.number,
        starts_at: Some(start(spec.start)),
        status: spec.status,
        score: spec.score,
        changed_at: all.iter().map(|s| s.changed_at).max(),
        seen_at: all.iter().map(|s| s.seen_at).max(),
        series: all,
        splits: Arc::default(),
        history_loaded: true,
    }
}

/// A move of the tape.
pub fn tape_entry(
    serial: u64,
    game: &GameView,
    series: &SeriesView,
    before: Option<Price>,
    after: Price,
    at: DateTime<Utc>,
) -> TapeEntry {
    let selection = match series.key.side {
        Side::Home => game.home.abbr.clone(),
        Side::Away => game.away.abbr.clone(),
        other => other.as_str().into(),
    };
    let drift = before
        .filter(|b| b.status == QuoteStatus::Open && after.status == QuoteStatus::Open)
        .and_then(|b| Some(after.odds?.probability() - b.odds?.probability()));
    TapeEntry {
        serial,
        at,
        game_id: game.id,
        game: format!("{} @ {}", game.away.abbr, game.home.abbr).into(),
        label: series.label.clone(),
        book: series.book.clone(),
        selection,
        market: series.key.market.clone(),
        period: series.key.period,
        phase: series.key.phase,
        side: series.key.side,
        stream: series.key.stream,
        before,
        after,
        drift,
    }
}

fn tape(games: &[Arc<GameView>]) -> Vec<TapeEntry> {
    let mut moves: Vec<TapeEntry> = games
        .iter()
        .flat_map(|game| game.series.iter().map(move |series| (game, series)))
        .filter(|(_, s)| s.kind == BookKind::Book && s.key.slot == LineSlot::Main)
        .map(|(game, series)| {
            let mut newest = series.points.iter().rev();
            let after = newest.next().copied().unwrap_or(Point {
                at: now(),
                price: series.price,
            });
            tape_entry(
                0,
                game,
                series,
                newest.next().map(|p| p.price),
                after.price,
                after.at,
            )
        })
        .collect();
    moves.sort_by(|a, b| {
        b.at.cmp(&a.at)
            .then_with(|| (a.game_id, &a.label).cmp(&(b.game_id, &b.label)))
    });
    moves.truncate(60);
    let count = moves.len() as u64;
    for (index, entry) in moves.iter_mut().enumerate() {
        entry.serial = count - index as u64;
    }
    moves
}

/// Fair prices and chances of two games.
fn fair(games: &[Arc<GameView>]) -> FairBoard {
    let leg = |side, line: Option<f64>, book: &str, american: i64, stake: f64, seen: i64| {
        let decimal = Odds::american(american).map_or(2.0, Odds::to_decimal);
        LegView {
            side,
            line: line.and_then(Line::from_points),
            book: book.into(),
            decimal,
            net: if book == "novig" {
                1.0 + (decimal - 1.0) * 0.98
            } else {
                decimal
            },
            stake,
            seen_at: now() - TimeDelta::seconds(seen),
            changed_at: now() - TimeDelta::seconds(seen + 400),
        }
    };
    let chance = |game: &Arc<GameView>, market, legs: Vec<LegView>| ChanceView {
        game_id: game.id,
        kind: Chance::Value,
        market,
        period: Period::Full,
        participant: "".into(),
        fair: Some(0.491),
        ev: Some(0.052),
        break_even: None,
        class: Class::Green,
        stale: false,
        legs,
    };
    let (Some(first), Some(second)) = (games.first(), games.get(1)) else {
        return FairBoard::default();
    };
    let chances = vec![
        chance(
            first,
            Market::Moneyline,
            vec![leg(Side::Away, None, "novig", 116, 1.0, 4)],
        ),
        ChanceView {
            kind: Chance::Arbitrage,
            ev: Some(0.013),
            ..chance(
                second,
                Market::Total,
                vec![
                    leg(Side::Over, Some(8.5), "betrivers", 105, 0.494, 3),
                    leg(Side::Under, Some(8.5), "circa", 100, 0.506, 61),
                ],
            )
        },
        ChanceView {
            ev: Some(0.008),
            class: Class::Amber,
            ..chance(
                first,
                Market::Spread,
                vec![leg(Side::Home, Some(-1.5), "caesars", 145, 1.0, 12)],
            )
        },
        ChanceView {
            kind: Chance::Middle,
            ev: None,
            fair: None,
            break_even: Some(0.045),
            class: Class::Unknown,
            ..chance(
                second,
                Market::Total,
                vec![
                    leg(Side::Over, Some(8.0), "fanduel", -108, 0.5, 3),
                    leg(Side::Under, Some(9.5), "draftkings", -105, 0.5, 8),
                ],
            )
        },
        ChanceView {
            ev: Some(0.071),
            stale: true,
            ..chance(
                second,
                Market::Moneyline,
                vec![leg(Side::Home, None, "betus", 122, 1.0, 2_700)],
            )
        },
    ];
    FairBoard {
        method: "multiplicative",
        looked: true,
        games: games.iter().map(|game| (game.id, Vec::new())).collect(),
        chances,
    }
}

/// Signals of two games.
fn signals(games: &[Arc<GameView>]) -> Vec<SignalView> {
    let moved = |shop: &str, seconds: i64, delta: f64| Moved {
        shop: shop.into(),
        at: now() - TimeDelta::seconds(seconds),
        delta,
    };
    let signal =
        |game: &Arc<GameView>, seconds: i64, kind, preset: &str, side, reason: &str| SignalView {
            game_id: game.id,
            at: now() - TimeDelta::seconds(seconds),
            game: format!("{} @ {}", game.away.name, game.home.name).into(),
            kind: Some(kind),
            preset: preset.into(),
            market: Market::Moneyline,
            period: Period::Full,
            side,
            strength: 0.62,
            delta: Some(0.021),
            shops: 3,
            movers: Vec::new(),
            waiting: Vec::new(),
            available: Some(("caesars".into(), None, -145)),
            reason: reason.into(),
            outcome: None,
            clv: None,
            record: None,
        };
    let record = Record {
        graded: 141,
        won: 76.0,
        lost: 65.0,
        roi: Some(0.012),
        deviation: Some(1.0),
        clv: Some(0.019),
    };
    let (Some(first), Some(second)) = (games.first(), games.get(1)) else {
        return Vec::new();
    };
    vec![
        SignalView {
            movers: vec![
                moved("circa", 30, 0.024),
                moved("draftkings", 24, 0.021),
                moved("fanduel", 19, 0.018),
            ],
            waiting: vec![moved("caesars", 1_900, 0.014)],
            record: Some(record),
            ..signal(
                first,
                19,
                Kind::Steam,
                "linetape",
                Side::Home,
                "3 shops moved toward BAL within 11 s, +2.1 points of probability on average; circa led; 1 shop yet to follow.",
            )
        },
        signal(
            second,
            400,
            Kind::Rlm,
            "linetape_rlm",
            Side::Away,
            "71 % of tickets (cumulative) on BOS by vsin:draftkings, and the market went +1.2 points toward NYY since.",
        ),
        SignalView {
            outcome: Some("win".into()),
            clv: Some(0.019),
            ..signal(
                second,
                9_000,
                Kind::Stale,
                "linetape_stale",
                Side::Home,
                "betmgm has stood still for 14 min, longer than it uses to, +1.6 points behind the consensus.",
            )
        },
    ]
}

/// The slate as a snapshot.
pub fn snapshot() -> Snapshot {
    let mut specs = specs();
    specs.sort_by_key(|spec| (start(spec.start), spec.id));
    let games: Vec<Arc<GameView>> = specs.iter().map(|spec| Arc::new(game(spec))).collect();
    let extractions = games
        .iter()
        .enumerate()
        .map(|(index, game)| ExtractionView {
            game_id: game.id,
            game: format!("{} @ {}", game.away.abbr, game.home.abbr).into(),
            stream: if index % 3 == 2 {
                Stream::AnHistory
            } else {
                Stream::AnScoreboard
            },
            last_extracted_at: now() - TimeDelta::seconds(9 + index as i64 * 15),
            watermark: Some(now() - TimeDelta::seconds(20 + index as i64 * 40)),
            extractions: 212 - index as i64,
            lines: 1_840 + index as i64 * 97,
            last_lines: if index == 1 { 14 } else { index as i64 % 3 },
            status: match index {
                3 => ExtractionStatus::Partial,
                4 => ExtractionStatus::Failed,
                _ => ExtractionStatus::Success,
            },
            error: match index {
                3 => Some("2 prices of an unknown market".into()),
                4 => Some("the body ends in the middle of an object".into()),
                _ => None,
            },
        })
        .collect();
    let log = |seconds: i64, severity, target: &str, message: &str| LogLine {
        at: now() - TimeDelta::seconds(seconds),
        severity,
        target: target.into(),
        message: message.into(),
    };
    let step = |name, words: &str| StartupStep {
        name,
        state: StepState::Done(words.into()),
    };
    Snapshot {
        version: 1,
        now: now(),
        mode: Mode::Demo { seed: 7, speed: 1 },
        startup: Arc::new(vec![
            step("Postgres", "15.18 embedded, 0.9 s"),
            step("migrations", "14 applied"),
            step("spool", "empty"),
            step("first data", "6 games"),
        ]),
        collecting: Collecting::On,
        tape: Arc::new(tape(&games)),
        signals: Arc::new(signals(&games)),
        fair: Arc::new(fair(&games)),
        games: Arc::new(games),
        redirects: Arc::default(),
        extractions: Arc::new(extractions),
        persistence: Arc::new(PersistenceView {
            database: DatabaseState::Up,
            server: "PostgreSQL 15.18 embedded".into(),
            database_bytes: Some(1_214_000_000),
            spool_depth: 0,
            spool_bytes: 0,
            spool_oldest_s: None,
            spool_dropped: 0,
            quarantined: 0,
            payloads: 4_211,
            changes: 188_402,
            observations: 2_904_118,
            rejects: 31,
            rate: (0..60).map(|n| 300 + (n * 37 % 23) * 30).collect(),
            batch_ms: (0..60_u16).map(|n| 4.0 + f32::from(n * 7 % 11)).collect(),
            batch_p95_ms: Some(13.4),
            last_batch_rows: 1_000,
            lag_ms: Some(12.0),
            errors: 0,
            last_error: None,
        }),
        cache: Arc::new(CacheView {
            memory: TierView {
                hits: 90_411,
                misses: 2_420,
                errors: 0,
                entries: Some(1_204),
            },
            redis: None,
            redis_state: "not configured".into(),
            families: vec![
                FamilyView {
                    name: "history",
                    memory_hits: 61_002,
                    redis_hits: 0,
                    misses: 2_000,
                },
                FamilyView {
                    name: "game",
                    memory_hits: 29_409,
                    redis_hits: 0,
                    misses: 420,
                },
            ],
            rate: (0..60_u8)
                .map(|n| (n % 9 != 0).then(|| 0.9 + f32::from(n % 7) * 0.015))
                .collect(),
        }),
        sources: Arc::new(vec![
            SourceView {
                source: Source::ActionNetwork,
                health: SourceHealth::Healthy,
                every_s: 15,
                last_success: Some(now() - TimeDelta::seconds(2)),
                next_at: Some(now() + TimeDelta::seconds(13)),
                fetched: 1_204,
                failed: 3,
                staged: 40_000,
                changes: 171_020,
                rejects: 31,
                last_ms: Some(184),
                quota_remaining: None,
                quota_gone_at: None,
                quota_used: None,
                reason: None,
                breaker: Breaker::Closed,
                assessed: Assessment {
                    looks: 200,
                    answered: 199,
                    last_success: Some(now() - TimeDelta::seconds(2)),
                    p50_ms: Some(171),
                    p95_ms: Some(402),
                    rows: Some(1_480.0),
                    rows_usual: Some(1_466.0),
                    confidence: Some(1.0),
                    ..Assessment::default()
                },
                assessed_at: Some(now()),
                drift: Some(
                    "the format of action_network/scoreboard changed: games[].venue new; `linetape data status` lists it, the payload is kept".into(),
                ),
            },
            SourceView {
                source: Source::OddsApi,
                health: SourceHealth::Degraded,
                every_s: 300,
                last_success: Some(now() - TimeDelta::seconds(341)),
                next_at: Some(now() + TimeDelta::seconds(41)),
                fetched: 41,
                failed: 6,
                staged: 40_000,
                changes: 17_382,
                rejects: 0,
                last_ms: Some(1_420),
                quota_remaining: Some(312),
                quota_gone_at: Some(now() + TimeDelta::hours(50)),
                quota_used: Some(188),
                reason: Some(
                    "the last answer was 429; asking again after its Retry-After of 60 s".into(),
                ),
                breaker: Breaker::Open,
                assessed: Assessment {
                    looks: 47,
                    answered: 41,
                    failures_in_a_row: 3,
                    last_success: Some(now() - TimeDelta::seconds(341)),
                    p50_ms: Some(611),
                    p95_ms: Some(1_420),
                    patterns: vec![Pattern::RateLimited],
                    confidence: Some(0.0),
                    ..Assessment::default()
                },
                assessed_at: Some(now()),
                drift: None,
            },
        ]),
        errands: Arc::new(vec![ErrandView {
            id: 3,
            kind: ErrandKind::Backfill,
            what: "mlb 2025-07-01 to 2025-07-11".into(),
            note: "61 games".into(),
            before: 0,
            done: 4,
            failed: 0,
            total: Some(11),
            started_at: now() - TimeDelta::seconds(110),
            stepped_at: Some(now() - TimeDelta::seconds(2)),
            cancellable: true,
            stopping: false,
        }]),
        backfills: Arc::new(vec![BackfillView {
            id: 3,
            source: Source::ActionNetwork,
            league: League::Mlb,
            from: NaiveDate::from_ymd_opt(2025, 7, 1).unwrap_or_default(),
            to: NaiveDate::from_ymd_opt(2025, 7, 11).unwrap_or_default(),
            days: 11,
            days_done: 4,
            games: 61,
            changes: 48_210,
            errors: 1,
            eta_s: Some(190),
            state: BackfillState::Running,
        }]),
        jobs: Arc::new(jobs()),
        logs: Arc::new(vec![
            log(
                4,
                Severity::Warning,
                "sources",
                "odds_api answered 429; next try in 60 s",
            ),
            log(
                61,
                Severity::Info,
                "engine",
                "game 2 of LAD @ SF joined across feeds",
            ),
            log(
                190,
                Severity::Error,
                "sources",
                "the body of CHC @ MIL ended in the middle of an object; it is kept raw",
            ),
            log(
                300,
                Severity::Info,
                "store",
                "14 migrations applied in 0.4 s",
            ),
        ]),
        logs_dropped: 0,
    }
}

/// A job in each state.
fn jobs() -> JobsView {
    let run = |minutes, outcome, said: &str| JobRun {
        due_at: now() - TimeDelta::minutes(minutes),
        ended_at: (outcome == JobOutcome::Done).then(|| now() - TimeDelta::minutes(minutes - 1)),
        outcome,
        said: said.into(),
        by_hand: false,
    };
    let row = |job, state, words: &str, next, last, missed| JobView {
        job,
        state,
        words: Some(words.into()),
        next_at: Option::map(next, |minutes| now() + TimeDelta::minutes(minutes)),
        last,
        missed,
    };
    let (later, step) = (
        Job::RefreshCache.comes_with().unwrap_or_default(),
        "an: 3 answers".to_owned(),
    );
    JobsView {
        rows: vec![
            row(
                Job::UpdateGames,
                JobState::Scheduled,
                "At 03:00",
                Some(438),
                Some(run(
                    1_002,
                    JobOutcome::Done,
                    "15 results of 15 games of 2025-07-11, 1 of 16 of 2025-07-12",
                )),
                0,
            ),
            row(
                Job::RefreshCache,
                JobState::Later(later),
                "At minute 0 past every 6th hour",
                None,
                None,
                0,
            ),
            row(
                Job::UpdateOdds,
                JobState::Running(Some(step)),
                "Every 15 minutes, between 08:00 and 23:59",
                Some(3),
                Some(run(12, JobOutcome::Running, "")),
                0,
            ),
            row(
                Job::GradeSignals,
                JobState::Scheduled,
                "At 04:00",
                Some(498),
                Some(run(
                    942,
                    JobOutcome::Failed,
                    "the database does not answer; it is tried again at its next time",
                )),
                0,
            ),
            row(
                Job::WarmCache,
                JobState::Scheduled,
                "At 08:00",
                Some(738),
                Some(run(
                    702,
                    JobOutcome::Missed,
                    "nobody was there: no linetape ran, or PostgreSQL was away",
                )),
                2,
            ),
        ],
        runs: RunsKnown::Read,
    }
}

/// The screen on the slate, MIA @ BAL selected.
#[cfg(test)]
pub fn ui(size: (u16, u16), theme: crate::config::settings::ThemeName) -> crate::tui::ui::Ui {
    use crate::tui::{glyph::Glyphs, keymap::Keymap, theme::Theme, ui::Ui};
    let keymap = Keymap::new(&std::collections::BTreeMap::new()).unwrap();
    let mut ui = Ui::new(
        size,
        Arc::new(snapshot()),
        chrono_tz::US::Eastern,
        Theme::named(theme),
        keymap,
        Glyphs::Unicode,
    );
    ui.board.game = Some(GameId::from_i64(3));
    ui
}
