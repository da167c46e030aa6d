//! How long a frame takes: 200×60, 40 books, 200,000 points, on the overview, the zoomed chart, and back in time; a
//! board of a thousand games; and how long an answer takes from its receipt to the screen.
//!
//! `cargo bench --bench frame`. The budget is a p99 of 8 ms; what is written when nothing changed must be nothing at all.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

#[path = "path/bodies.rs"]
mod bodies;
#[path = "frame/shown.rs"]
mod shown;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};

use linetape::config::settings::ThemeName;
use linetape::domain::book::{BookKind, BookSlug};
use linetape::domain::game::GameId;
use linetape::domain::league::League;
use linetape::domain::market::{Market, Period, Phase, QuoteStatus, Side};
use linetape::domain::odds::Odds;
use linetape::domain::series::{LineSlot, Price, SeriesKey};
use linetape::domain::source::Stream;
use linetape::domain::status::GameStatus;
use linetape::engine::hub::Hub;
use linetape::engine::reference::Reference;
use linetape::engine::snapshot::{GameView, Mode, Point, PointLog, SeriesView, Snapshot, TeamView};
use linetape::tui::action::Action;
use linetape::tui::frame::Screen;
use linetape::tui::glyph::Glyphs;
use linetape::tui::keymap::Keymap;
use linetape::tui::msg::Msg;
use linetape::tui::panel::Panel;
use linetape::tui::theme::Theme;
use linetape::tui::ui::Ui;
use linetape::tui::update::{act, update};

const BOOKS: usize = 40;
const GAMES: i64 = 15;
/// Games of the great board, and the books that quote each.
const MANY: i64 = 1_000;
const FEW: usize = 12;
/// Points of one series of the game on the chart: 40 books, two sides, 2,500 each.
const POINTS: i64 = 2_500;
const FRAMES: usize = 400;
const BUDGET: Duration = Duration::from_millis(8);

fn price(n: i64) -> Price {
    let american = if n % 2 == 0 {
        -110 - n % 60
    } else {
        100 + n % 60
    };
    Price {
        line: None,
        odds: Odds::american(american).ok(),
        status: QuoteStatus::Open,
    }
}

fn series(game: i64, book: usize, side: Side, now: DateTime<Utc>, points: i64) -> Arc<SeriesView> {
    let every = TimeDelta::hours(6) / i32::try_from(points).unwrap();
    let at = |n: i64| now - every * i32::try_from(points - n).unwrap();
    let log = PointLog::from_points(
        (0..points)
            .map(|n| Point {
                at: at(n),
                price: price(n / 7 + book as i64),
            })
            .collect(),
    );
    let last = *log.last().unwrap();
    let opening = log.iter().next().copied();
    Arc::new(SeriesView {
        key: SeriesKey {
            game_id: GameId::from_i64(game),
            stream: Stream::ALL[0],
            source_book_id: book.to_string().into(),
            market: Market::Moneyline,
            period: Period::Full,
            participant: "".into(),
            side,
            phase: Phase::Pregame,
            slot: LineSlot::Main,
        },
        book: Some(BookSlug::new(format!("book{book}"))),
        label: format!("B{book}").into(),
        kind: BookKind::Book,
        primary: true,
        price: last.price,
        changed_at: last.at,
        seen_at: now,
        opening,
        points: log,
    })
}

fn snapshot(games: i64, books: usize, points_of_first: i64) -> Snapshot {
    let now: DateTime<Utc> = "2025-07-12T23:42:07Z".parse().unwrap();
    let team = |name: &str| TeamView {
        slug: None,
        name: name.into(),
        abbr: name.into(),
    };
    let games = (0..games).map(|id| {
        let points = if id == 0 { points_of_first } else { 20 };
        let mut all: Vec<_> = (0..books)
            .flat_map(|book| {
                [Side::Home, Side::Away].map(|side| series(id, book, side, now, points))
            })
            .collect();
        all.sort_by(|a, b| a.key.cmp(&b.key));
        Arc::new(GameView {
            id: GameId::from_i64(id),
            sources: Vec::new(),
            league: League::Mlb,
            slate: now.date_naive(),
            home: team(&format!("H{id}")),
            away: team(&format!("A{id}")),
            game_number: 1,
            starts_at: Some(now + TimeDelta::hours(2)),
            status: GameStatus::Scheduled,
            score: None,
            series: all,
            splits: Arc::default(),
            changed_at: Some(now),
            seen_at: Some(now),
            history_loaded: true,
        })
    });
    let reference = Arc::new(Reference::builtin().unwrap());
    let mut hub = Hub::new(reference, Mode::Live, now);
    Snapshot {
        games: Arc::new(games.collect()),
        ..hub.snapshot(now).as_ref().clone()
    }
}

fn ui(snapshot: Snapshot) -> Ui {
    Ui::new(
        (200, 60),
        Arc::new(snapshot),
        chrono_tz::US::Eastern,
        Theme::named(ThemeName::Dark),
        Keymap::new(&BTreeMap::new()).unwrap(),
        Glyphs::Unicode,
    )
}

/// Whether the command line names no case, or this one: `cargo bench --bench frame -- chart`.
fn wanted(what: &str) -> bool {
    let args = std::env::args().skip(1);
    let named: Vec<String> = args.filter(|arg| arg != "--bench").collect();
    named.is_empty() || named.iter().any(|name| what.contains(name.as_str()))
}

/// Frames with something new in each; their times, and the bytes of a frame without news.
fn measure(what: &str, ui: &mut Ui, mut news: impl FnMut(&mut Ui, usize)) {
    if !wanted(what) {
        return;
    }
    let mut screen = Screen::new(Vec::new());
    screen.draw(ui).unwrap();
    let mut took: Vec<Duration> = (0..FRAMES)
        .map(|n| {
            news(ui, n);
            screen.out().clear();
            let begun = Instant::now();
            screen.draw(ui).unwrap();
            begun.elapsed()
        })
        .collect();
    let idle = screen.draw(ui).unwrap();
    assert_eq!(idle, 0, "an unchanged screen writes nothing");
    took.sort_unstable();
    let at = |share: usize| took[FRAMES * share / 100];
    println!(
        "{what:<28} least {:>6.2}ms  p50 {:>6.2}ms  p99 {:>6.2}ms  idle {idle} bytes  budget p99 8ms: {}",
        at(0).as_secs_f64() * 1e3,
        at(50).as_secs_f64() * 1e3,
        at(99).as_secs_f64() * 1e3,
        if at(99) <= BUDGET { "met" } else { "MISSED" }
    );
}

fn tick(ui: &mut Ui, n: usize) {
    let now = ui.clock + TimeDelta::seconds(1);
    let elapsed = Duration::from_secs(n as u64);
    update(
        ui,
        Msg::Time {
            elapsed,
            now: Some(now),
        },
    );
}

fn main() {
    let shown = snapshot(GAMES, BOOKS, POINTS);
    let points: usize = shown
        .games
        .iter()
        .flat_map(|game| game.series.iter())
        .map(|series| series.points.len())
        .sum();
    println!("{GAMES} games, {BOOKS} books, {points} points, 200×60");
    measure("overview", &mut ui(shown.clone()), tick);
    let mut chart = ui(shown.clone());
    act(&mut chart, Action::Chart);
    act(&mut chart, Action::Zoom);
    measure("chart", &mut chart, tick);
    measure("chart, cursor moving", &mut chart, |ui, _| {
        act(ui, Action::Left);
    });
    chart.chart.cursor = None;
    act(&mut chart, Action::LineOrPrice);
    measure("chart, fair probabilities", &mut chart, tick);
    let mut past = ui(shown);
    act(&mut past, Action::TimeTravel);
    measure("the past, step by step", &mut past, |ui, _| {
        act(ui, Action::StepBack);
    });
    let many = snapshot(MANY, FEW, 20);
    println!("{MANY} games, {FEW} books each");
    let mut board = ui(many.clone());
    act(&mut board, Action::Zoom);
    measure("board, rows going by", &mut board, |ui, _| {
        act(ui, Action::Down);
    });
    measure("board, a game in new prices", &mut board, |ui, n| {
        let mut next = ui.live.as_ref().clone();
        let games = Arc::make_mut(&mut next.games);
        let game = Arc::make_mut(&mut games[n % MANY as usize]);
        game.seen_at = Some(ui.clock + TimeDelta::seconds(1));
        update(ui, Msg::Snapshot(Arc::new(next)));
        act(ui, Action::Down);
    });
    for _ in 0..2 {
        act(&mut board, Action::NextSort);
    }
    measure("board by move in the hour", &mut board, tick);
    board
        .filters
        .insert(Panel::Board, "book:b7 -h99".to_owned());
    measure("board, filtered and sorted", &mut board, tick);
    let mut past = ui(many);
    act(&mut past, Action::TimeTravel);
    measure("the past of all of them", &mut past, |ui, _| {
        act(ui, Action::StepBack);
    });
    if !wanted("received") {
        return;
    }
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(shown::run());
}
