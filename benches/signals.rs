//! From a quote to the decision: microseconds until a detector has judged what one more quote of a market of forty books says,
//! with hours of history behind it. What decides beside what decides nothing, and late beside early, in the same run.
//!
//! Budget: 1 ms to a decision. `cargo bench --bench signals`.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::sync::Arc;
use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use linetape::analytics::signal::{Cast, Detector, Preset, Quote, Shop, SplitSeen, Voice, presets};
use linetape::domain::league::League;
use linetape::domain::market::{Line, Market, Period, Side};
use linetape::domain::odds::Odds;

const BOOKS: usize = 40;
const HOURS: i64 = 8;
const BUDGET_US: f64 = 1_000.0;

/// What became known at one moment.
type Moment = (Vec<Quote>, Vec<SplitSeen>);

struct Dice(u64);

impl Dice {
    /// 0 to 1.
    fn roll(&mut self) -> f64 {
        self.0 = (self.0.wrapping_mul(6_364_136_223_846_793_005))
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}

fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_752_300_000, 0).unwrap()
}

fn cast() -> Cast {
    let slug = |n: usize| {
        if n == 0 {
            "pinnacle".to_owned()
        } else {
            format!("book{n:02}")
        }
    };
    let shop = |n| Shop {
        slug: slug(n).into(),
        weight: 1.0,
    };
    let voice = |shop| Voice {
        shop,
        order: (false, 0),
        id: "1".into(),
    };
    Cast {
        league: League::Mlb,
        starts_at: Some(start() + TimeDelta::hours(HOURS)),
        teams: ["HOM".into(), "AWY".into()],
        shops: (0..BOOKS).map(shop).collect(),
        voices: (0..BOOKS).map(voice).collect(),
    }
}

fn price(p: f64) -> Odds {
    let american = if p > 0.5 {
        -100.0 * p / (1.0 - p)
    } else {
        100.0 * (1.0 - p) / p
    };
    Odds::american(american.round() as i64).unwrap()
}

/// Both sides of a run line by one book, over by `p`.
fn quote(book: usize, at: DateTime<Utc>, p: f64) -> Vec<Quote> {
    let side = |side, p: f64, line| Quote {
        known_at: at,
        at,
        voice: book,
        series_id: (2 * book) as i64 + i64::from(side == Side::Away),
        market: Market::Spread,
        period: Period::Full,
        side,
        line: Line::from_points(line),
        odds: Some(price(p)),
        reconstructed: false,
    };
    // Every eighth book stands half a run off, so that prices are carried.
    let (line, p) = if book % 8 == 7 {
        (-1.0, p + 0.04)
    } else {
        (-1.5, p)
    };
    vec![
        side(Side::Home, p + 0.02, line),
        side(Side::Away, 1.02 - p, -line),
    ]
}

fn splits(at: DateTime<Utc>, tickets: f64, money: f64) -> Vec<SplitSeen> {
    let side = |side, tickets, money| SplitSeen {
        known_at: at,
        at,
        scope: "vsin".into(),
        market: Market::Spread,
        period: Period::Full,
        side,
        tickets_pct: Some(tickets),
        money_pct: Some(money),
        tickets: Some((10.0 * tickets) as i64),
    };
    vec![
        side(Side::Home, tickets, money),
        side(Side::Away, 100.0 - tickets, 100.0 - money),
    ]
}

/// A day: each book on its own every few minutes, all in a burst every quarter of an hour, bets counted every five minutes.
fn day() -> Vec<Moment> {
    let mut dice = Dice(7);
    let mut all = Vec::new();
    let (mut p, mut tickets, mut money) = (0.5, 55.0, 50.0);
    for second in (0..HOURS * 3600 - 60).step_by(5) {
        let at = start() + TimeDelta::seconds(second);
        if second % 900 == 0 {
            let by = if p > 0.5 { -0.03 } else { 0.03 };
            p += by * (0.5 + dice.roll());
            for book in 0..BOOKS {
                let at = at + TimeDelta::milliseconds(20 + 100 * book as i64);
                // One that leads nobody and one that sleeps.
                if book % 13 != 12 {
                    all.push((quote(book, at, p), Vec::new()));
                }
            }
        } else if second % 300 == 5 {
            tickets = (tickets + 60.0 * (dice.roll() - 0.5)).clamp(8.0, 95.0);
            money = (money + 60.0 * (dice.roll() - 0.5)).clamp(8.0, 95.0);
            all.push((Vec::new(), splits(at, tickets, money)));
        } else {
            let book = (dice.roll() * BOOKS as f64) as usize;
            let own = p + 0.012 * (dice.roll() - 0.5);
            all.push((quote(book.min(BOOKS - 1), at, own), Vec::new()));
        }
    }
    all
}

/// Microseconds a moment, in the order of the day, and whether something was decided.
fn times(day: &[Moment], presets: &[Preset]) -> Vec<(f64, bool)> {
    let mut detector = Detector::new(cast(), presets.into());
    let time = |(quotes, splits): &Moment| {
        let (quotes, splits) = (quotes.clone(), splits.clone());
        let had = detector.signals().len();
        let start = Instant::now();
        detector.hear(quotes, splits);
        let took = start.elapsed().as_secs_f64() * 1e6;
        (took, detector.signals().len() > had)
    };
    day.iter().map(time).collect()
}

/// Median, 99th percentile and most.
fn spread(mut times: Vec<f64>) -> Option<[f64; 3]> {
    times.sort_by(f64::total_cmp);
    let at = |share: f64| {
        times
            .get(((times.len() - 1) as f64 * share) as usize)
            .copied()
    };
    Some([at(0.5)?, at(0.99)?, *times.last()?])
}

fn report(name: &str, all: &[(f64, bool)]) {
    let of = |decided: bool| all.iter().filter(move |t| t.1 == decided).map(|t| t.0);
    let Some([idle, idle_99, _]) = spread(of(false).collect()) else {
        return;
    };
    let (early, late) = all.split_at(all.len() / 8);
    let late = &late[late.len() - early.len()..];
    let median =
        |some: &[(f64, bool)]| spread(some.iter().map(|t| t.0).collect()).map_or(0.0, |t| t[0]);
    let grown = median(late) / median(early);
    let n = of(true).count();
    let decided = spread(of(true).collect()).map_or_else(
        || format!("{:>42}", "decided nothing"),
        |[half, most, worst]| {
            let verdict = if most <= BUDGET_US { "met" } else { "MISSED" };
            format!(
                "{half:>8.1} {most:>8.1} {worst:>8.1} {:>7.1} × {verdict:>6}",
                half / idle
            )
        },
    );
    println!("{name:<20} {idle:>8.1} {idle_99:>8.1} {n:>8} {decided}  {grown:>5.1} ×");
}

fn main() {
    let day = day();
    let all: Arc<[Preset]> = presets().into();
    println!(
        "{BOOKS} books, {} moments in {HOURS} h; microseconds from a quote to the judgement, budget {BUDGET_US} at p99",
        day.len()
    );
    println!(
        "preset                 nothing      p99  decided      p50      p99      max  to nothing          late/early"
    );
    for preset in all.iter() {
        report(&preset.name, &times(&day, std::slice::from_ref(preset)));
    }
    report("all presets", &times(&day, &all));
}
