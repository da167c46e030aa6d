//! Presets on a real series, three looks a day at two weeks of games, against a plain scan of the same files.
//!
//! The scan knows nothing of the detector. It reads prices out of the JSON, puts every book's changes in order of the book's own
//! time, and asks at each of them what a preset's definition asks, from the whole market as it stood.

#![allow(clippy::float_cmp)] // Lines are quarters of a point, which are exact.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use linetape::analytics::normal;
use linetape::analytics::signal::{Preset, Rule, Signal, Size, detect, presets};
use linetape::domain::league::League;
use linetape::domain::market::{Period, Side};
use linetape::domain::payload::{Payload, PayloadHash, RequestIdentity};
use linetape::domain::source::Stream;
use linetape::engine::hub::Hub;
use linetape::engine::reference::Reference;
use linetape::engine::snapshot::{GameView, Mode};
use serde_json::Value;

use super::signals::{name, tape};

/// Runs of margin and of total that weigh as much as one standard deviation.
const RUNS: f64 = 4.4;
/// A preset that speaks at more of the changes than this says nothing.
const EVERYTHING: f64 = 0.5;
/// Least share of what is said that the scan finds too, and of what the scan finds that is said.
const LEAST: f64 = 0.99;

/// A book's two-way price: its line, both prices, and the first side's probability without margin.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Price {
    line: f64,
    american: [f64; 2],
    fair: f64,
}

/// A market as it stood after a change.
#[derive(Debug)]
struct Board {
    at: DateTime<Utc>,
    prices: BTreeMap<String, Price>,
    /// Books that changed their price just then; one that came is none.
    moved: Vec<String>,
}

/// A market of a game before its start, change by change.
#[derive(Debug)]
struct Course {
    kind: &'static str,
    start: DateTime<Utc>,
    boards: Vec<Board>,
}

/// Game and market.
type Key = (String, &'static str);
/// Every market.
type Courses = BTreeMap<Key, Course>;
/// What is said of a market: which side (0 home or over), when.
type Label = (Key, usize, DateTime<Utc>);

/// A capture: when it was taken, its bytes, and what is in them.
struct File {
    at: DateTime<Utc>,
    body: Vec<u8>,
    events: Value,
}

fn files() -> Option<Vec<File>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = folder.join("../shared/payloads/theoddsapi_mlb_series");
    let mut files: Vec<File> = std::fs::read_dir(folder)
        .ok()?
        .map(|file| {
            let body = std::fs::read(file.unwrap().path()).unwrap();
            let events: Value = serde_json::from_slice(&body).unwrap();
            let books = list(&events).flat_map(|event| list(&event["bookmakers"]));
            // No price in it is newer.
            let times = books.flat_map(|book| list(&book["markets"]));
            let at = times.map(|market| time(&market["last_update"])).max();
            File {
                at: at.unwrap(),
                body,
                events,
            }
        })
        .collect();
    files.sort_by_key(|file| file.at);
    Some(files)
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().unwrap().iter()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn time(value: &Value) -> DateTime<Utc> {
    value.as_str().unwrap().parse().unwrap()
}

/// A market's price by one book.
fn price(market: &Value, home: &str) -> Price {
    let first = if market["key"] == "totals" {
        "Over"
    } else {
        home
    };
    let (mut own, mut others): (Vec<_>, Vec<_>) = (Vec::new(), Vec::new());
    for outcome in list(&market["outcomes"]) {
        let side = if outcome["name"] == first {
            &mut own
        } else {
            &mut others
        };
        side.push(outcome);
    }
    let ([first], [second]) = (own.as_slice(), others.as_slice()) else {
        panic!("not two-way: {market}");
    };
    let american = [&first["price"], &second["price"]].map(|p| p.as_f64().unwrap());
    let implied = american.map(|a| {
        if a > 0.0 {
            100.0 / (a + 100.0)
        } else {
            -a / (100.0 - a)
        }
    });
    Price {
        line: first["point"].as_f64().unwrap_or(0.0),
        american,
        fair: implied[0] / (implied[0] + implied[1]),
    }
}

/// Every market's changes, by each book's own time of its price.
fn scan(files: &[File]) -> Courses {
    let mut starts = BTreeMap::new();
    let mut quotes = BTreeMap::new();
    for event in files.iter().flat_map(|file| list(&file.events)) {
        let (game, home) = (text(&event["id"]), text(&event["home_team"]));
        starts.insert(game.clone(), time(&event["commence_time"]));
        for book in list(&event["bookmakers"]) {
            for market in list(&book["markets"]) {
                let mut kinds = ["h2h", "spreads", "totals"].into_iter();
                let kind = kinds.find(|kind| market["key"] == *kind).unwrap();
                let at = time(&market["last_update"]);
                let quotes: &mut BTreeMap<_, Vec<_>> =
                    quotes.entry((game.clone(), kind)).or_default();
                let quotes = quotes.entry(at).or_default();
                quotes.push((text(&book["key"]), price(market, &home)));
            }
        }
    }
    let mut courses = Courses::new();
    for ((game, kind), quotes) in quotes {
        let start = starts[&game];
        let mut boards: Vec<Board> = Vec::new();
        for (at, quotes) in quotes.into_iter().filter(|(at, _)| *at < start) {
            let before = boards.last().map(|board| board.prices.clone());
            let (mut prices, mut moved, mut came) = (before.unwrap_or_default(), Vec::new(), false);
            for (book, price) in quotes {
                match prices.insert(book.clone(), price) {
                    None => came = true,
                    Some(had) if had != price => moved.push(book),
                    Some(_) => {}
                }
            }
            if came || !moved.is_empty() {
                boards.push(Board { at, prices, moved });
            }
        }
        courses.insert(
            (game, kind),
            Course {
                kind,
                start,
                boards,
            },
        );
    }
    courses
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    let half = all.len() / 2;
    if all.len() % 2 == 1 {
        all[half]
    } else {
        0.5 * (all[half - 1] + all[half])
    }
}

/// Cents on one scale across even money.
fn cents(american: f64) -> f64 {
    american - 100.0_f64.copysign(american)
}

/// How far a book went: fair probability, points of line, cents of price where the line stayed; + toward the first side.
type Went = [f64; 3];

fn is_met(size: &Size, by: &Went) -> bool {
    let least = [size.probability, size.points, f64::from(size.cents)];
    by.iter().zip(least).any(|(by, least)| by.abs() >= least)
}

impl Board {
    /// The line most books have; of equals the one nearest zero.
    fn line(&self) -> f64 {
        let count = |line: f64| self.prices.values().filter(|p| p.line == line).count();
        let lines = self.prices.values().map(|p| p.line);
        let hundredths = |line: f64| (100.0 * line) as i64;
        let rank = |line: &f64| (count(*line), -hundredths(line.abs()), hundredths(*line));
        lines.max_by_key(rank).unwrap()
    }
}

impl Course {
    /// A price as the probability of the first side at another line, by a normal margin.
    fn carried(&self, price: &Price, line: f64) -> f64 {
        let sign = match self.kind {
            "spreads" => 1.0,
            "totals" => -1.0,
            _ => return price.fair,
        };
        if line == price.line {
            return price.fair;
        }
        let z = normal::quantile(price.fair).unwrap();
        normal::cumulative(z + sign * (line - price.line) / RUNS)
    }

    /// What the books agree on: their median, at the line there was first.
    fn agreed(&self, board: &Board) -> f64 {
        let line = self.boards[0].line();
        let all = board.prices.values().map(|p| self.carried(p, line));
        median(all.collect())
    }

    /// The last board that `is`.
    fn last(&self, is: impl Fn(&Board) -> bool) -> Option<&Board> {
        self.boards.iter().rev().find(|board| is(board))
    }

    fn went(&self, from: &Price, to: &Price) -> Went {
        let by = self.carried(to, from.line) - from.fair;
        let money = |n: usize| (cents(to.american[n]) - cents(from.american[n])).abs();
        let money = if to.line == from.line {
            money(0).max(money(1)).copysign(by)
        } else {
            0.0
        };
        [by, to.line - from.line, money]
    }

    /// How far each book went since `from`; one that came later, since it came.
    fn each_went(&self, from: DateTime<Utc>, now: &Board) -> Vec<Went> {
        let before = self.last(|board| board.at < from);
        let stood = |book: &String| {
            let had = before.and_then(|board| board.prices.get(book));
            had.or_else(|| self.boards.iter().find_map(|board| board.prices.get(book)))
        };
        let all = now.prices.iter();
        all.filter_map(|(book, price)| Some(self.went(stood(book)?, price)))
            .collect()
    }

    /// Sides toward which the market went from one board to another, where that is as far as asked.
    fn between(&self, from: &Board, now: &Board, size: &Size) -> Vec<usize> {
        let by = self.agreed(now) - self.agreed(from);
        let far = is_met(size, &[by, now.line() - from.line(), 0.0]) && by != 0.0;
        far.then_some(usize::from(by < 0.0)).into_iter().collect()
    }

    /// Sides that a definition names at a board.
    fn sides(&self, now: &Board, rule: &Rule) -> Vec<usize> {
        match rule {
            Rule::Steam(_) => (0..2)
                .filter(|side| self.steams(now, *side, rule))
                .collect(),
            Rule::Late(late) => {
                let from = self.start - late.within;
                let then = self.last(|board| board.at <= from);
                let then = then.filter(|board| now.at >= from && board.prices.len() >= 2);
                then.map_or_else(Vec::new, |then| self.between(then, now, &late.size))
            }
            Rule::Opener(opener) => {
                let mut boards = self.boards.iter();
                let first = boards.find(|board| board.prices.len() >= opener.shops);
                let first = first.filter(|first| now.at - first.at <= opener.within);
                first.map_or_else(Vec::new, |first| self.between(first, now, &opener.size))
            }
            Rule::Conflict(conflict) => {
                let line = now.line();
                let at_line = || now.prices.values().filter(|price| price.line == line);
                let apart = |side: &usize| {
                    let all: Vec<f64> = at_line().map(|p| cents(p.american[*side])).collect();
                    (0..all.len()).any(|n| {
                        let mut others = all.clone();
                        let own = others.swap_remove(n);
                        others.len() >= conflict.others && own - median(others) >= conflict.cents
                    })
                };
                (0..2).filter(apart).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Whether enough books went to a side within the window that ends now, with enough agreement. A game has too few
    /// changes to tell books that are one, so each counts.
    fn steams(&self, now: &Board, side: usize, rule: &Rule) -> bool {
        let Rule::Steam(rule) = rule else {
            return false;
        };
        let window = rule.window.num_seconds();
        let into = now.at.timestamp().rem_euclid(window);
        let back = if rule.aligned { into } else { window };
        let all = self.each_went(now.at - TimeDelta::seconds(back), now);
        let is_to = |by: &&Went| (by[0] > 0.0) == (side == 0) && by[0] != 0.0;
        let large = |by: &&Went| is_met(&rule.size, by) && by[0] != 0.0;
        let large: Vec<&Went> = all.iter().filter(large).collect();
        let with: Vec<&Went> = large.iter().copied().filter(is_to).collect();
        let n = with.len() as f64;
        let mean = [0, 1, 2].map(|k| with.iter().map(|by| by[k].abs()).sum::<f64>() / n);
        with.len() >= rule.groups
            && n / large.len() as f64 >= rule.agree
            && n / all.len() as f64 >= rule.share
            && (100.0 * n * mean[0] / 0.30).min(100.0) >= rule.score
            && rule.mean.as_ref().is_none_or(|least| is_met(least, &mean))
    }

    /// Whether a book moved to a side just then, or, where no side is asked, at all.
    fn moved(&self, nth: usize, side: Option<usize>) -> bool {
        let (now, before) = (&self.boards[nth], &self.boards[nth.saturating_sub(1)]);
        now.moved.iter().any(|book| {
            let by = self.went(&before.prices[book], &now.prices[book])[0];
            side.map_or(by != 0.0, |side| by != 0.0 && (by > 0.0) == (side == 0))
        })
    }
}

/// What the scan finds of a preset: where something moved just then, for steam to that side.
fn truth(courses: &Courses, rule: &Rule) -> BTreeSet<Label> {
    let mut truth = BTreeSet::new();
    for (key, course) in courses {
        for nth in (0..course.boards.len()).filter(|nth| course.moved(*nth, None)) {
            let board = &course.boards[nth];
            let sides = course.sides(board, rule).into_iter();
            let goes =
                |side: &usize| !matches!(rule, Rule::Steam(_)) || course.moved(nth, Some(*side));
            truth.extend(sides.filter(goes).map(|side| (key.clone(), side, board.at)));
        }
    }
    truth
}

/// Why no file of the series can make a preset speak; none where they can.
fn unfed(rule: &Rule, courses: &Courses) -> Option<String> {
    let boards = || courses.values().flat_map(|course| &course.boards);
    match rule {
        Rule::Rlm(_) | Rule::Divergence(_) | Rule::Flip(_) | Rule::Heavy(_) | Rule::Fade(_) => {
            Some("no bets are counted in it".to_owned())
        }
        Rule::Against(against) => {
            let mut books = boards().flat_map(|board| board.prices.keys());
            let leads = books.any(|book| book.as_str() == &*against.leader);
            (!leads).then(|| format!("{} is not in it", against.leader))
        }
        Rule::Stale(_) => Some("four looks at a game tell no book's own pace".to_owned()),
        Rule::HeadFake(fake) => {
            let within = fake.within.num_minutes();
            Some(format!("never three looks within {within} min"))
        }
        Rule::Steam(_) | Rule::Late(_) | Rule::Opener(_) | Rule::Conflict(_) => None,
    }
}

/// Games as the hub had them when each was last seen.
fn games(files: &[File]) -> BTreeMap<String, Arc<GameView>> {
    let reference = Arc::new(Reference::builtin().unwrap());
    let mut hub = Hub::new(reference, Mode::Live, files[0].at);
    let mut games = BTreeMap::new();
    for File { at, body, .. } in files {
        let body: Arc<[u8]> = body.as_slice().into();
        hub.apply(&Payload {
            fetch_id: uuid::Uuid::now_v7(),
            request: RequestIdentity {
                stream: Stream::OddsApiOdds,
                url: "https://api.the-odds-api.com/v4/sports/baseball_mlb/odds".into(),
                league: Some(League::Mlb),
                source_game_id: None,
            },
            status: 200,
            observed_at: *at,
            elapsed_ms: 1,
            reconstructed: false,
            error: None,
            hash: PayloadHash::of(&body),
            body,
        })
        .unwrap();
        for game in hub.snapshot(*at).games.iter() {
            games.insert(name(game), Arc::clone(game));
        }
    }
    games
}

/// A signal as the scan would name it.
fn label(game: &str, signal: &Signal) -> Label {
    let kind = match signal.market.as_str() {
        "moneyline" => "h2h",
        "spread" => "spreads",
        _ => "totals",
    };
    let side = usize::from(matches!(signal.side, Side::Away | Side::Under));
    ((game.to_owned(), kind), side, signal.detected_at)
}

/// Until when a signal stands for what follows on its side.
fn stands(signal: &Signal, rule: &Rule) -> DateTime<Utc> {
    match rule {
        Rule::Steam(steam) => {
            (signal.until + steam.window).max(signal.detected_at + steam.cooldown)
        }
        Rule::Late(late) => signal.detected_at + late.within,
        Rule::Opener(opener) => signal.detected_at + opener.within,
        // A conflict is told once, until it is over.
        _ => DateTime::<Utc>::MAX_UTC,
    }
}

#[test]
fn on_a_real_series_each_preset_says_what_a_plain_scan_says() {
    let Some(files) = files() else {
        println!("skipped: no ../shared/payloads/theoddsapi_mlb_series");
        return;
    };
    let courses = scan(&files);
    let all: Arc<[Preset]> = presets().into();
    let mut found: BTreeMap<Arc<str>, Vec<(Label, Signal)>> = BTreeMap::new();
    for (game, view) in games(&files) {
        for signal in detect(&tape(&view, Vec::new()), &all) {
            assert_eq!(signal.period, Period::Full);
            let own = found.entry(Arc::clone(&signal.preset)).or_default();
            own.push((label(&game, &signal), signal));
        }
    }
    let count = |course: &Course| {
        (0..course.boards.len())
            .filter(|n| course.moved(*n, None))
            .count()
    };
    let changed: usize = courses.values().map(count).sum();
    let played: BTreeSet<&String> = courses.keys().map(|key| &key.0).collect();
    println!(
        "{} files, {} games, {} markets, which moved at {changed} moments before the start",
        files.len(),
        played.len(),
        courses.len(),
    );
    println!("preset                signals  of moves  the scan  precision  recall");
    let mut wrong = Vec::new();
    for preset in all.iter() {
        let signals = found.get(&preset.name).map_or(&[][..], Vec::as_slice);
        if let Some(why) = unfed(&preset.rule, &courses) {
            println!("{:<21}       -  {why}", preset.name);
            if !signals.is_empty() {
                wrong.push(format!("{} speaks without what it rests on", preset.name));
            }
            continue;
        }
        let truth = truth(&courses, &preset.rule);
        let right = signals.iter().filter(|(label, _)| truth.contains(label));
        let is_told = |label: &&Label| {
            signals.iter().any(|((key, side, at), signal)| {
                (key, side) == (&label.0, &label.1)
                    && (*at..=stands(signal, &preset.rule)).contains(&label.2)
            })
        };
        let told = truth.iter().filter(is_told);
        let share = |part: usize, of: usize| part as f64 / of.max(1) as f64;
        let precision = share(right.count(), signals.len());
        let recall = share(told.count(), truth.len());
        let often = share(signals.len(), changed);
        println!(
            "{:<21} {:>7}  {:>6.1} %  {:>8}  {precision:>9.3}  {recall:>6.3}",
            preset.name,
            signals.len(),
            100.0 * often,
            truth.len(),
        );
        if signals.is_empty() {
            wrong.push(format!("{} is silent", preset.name));
        }
        if often > EVERYTHING {
            wrong.push(format!("{} fires on everything", preset.name));
        }
        if precision < LEAST || recall < LEAST {
            let alone = signals.iter().find(|(label, _)| !truth.contains(label));
            let missed = truth.iter().find(|label| !is_told(label));
            let name = &preset.name;
            wrong.push(format!("{name}: alone {alone:?}, missed {missed:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
