//! Every number on a panel has an SQL twin: the screen is frozen and compared with what Postgres says.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, NaiveTime, Utc};

use super::cockpit::{Cockpit, PATIENCE};
use super::frame::Frame;
use super::launch::{Launch, database_of};
use super::table::Table;
use super::twin_queries::{BoardLine, Database, open};

#[tokio::test]
async fn every_number_on_the_panels_is_in_the_database() {
    // Two runs: what the first one stored and what the second one saw must add up.
    let mut first = Launch::demo("twins").speed(120).start();
    first.wait_for_board();
    first.wait_for("8 games");
    assert_eq!(first.quit().code, 0);
    let resumed_at = Utc::now();
    let mut cockpit = Launch::resumed_demo("twins")
        .speed(120)
        .size(250, 80)
        .start();
    cockpit.wait_for_board();
    let database = open(&database_of("twins")).await;
    // Something must have moved since: a second quote of a series, on the tape with its price before.
    cockpit.keys("3z");
    cockpit.wait("moves of watched prices", |frame| {
        let rows = tape_rows(frame);
        let moved = rows.iter().filter(|row| !row.contains(" new → "));
        (frame.is_zoomed() && moved.count() >= 8).then_some(())
    });
    cockpit.keys("z");
    cockpit.wait("the overview", overview);
    // The history of the selected game is loaded before all comes to rest, because that moves numbers of the cache.
    cockpit.keys("1g\r");
    cockpit.wait("the first game's stored history", |frame| {
        (frame.is_zoomed() && frame.has(" pregame ")).then_some(())
    });
    cockpit.keys("\x1b");
    cockpit.wait("the overview", overview);
    cockpit.keys("p");
    cockpit.wait_for("PAUSED");
    cockpit.wait_for("spool 0");
    come_to_rest(&database).await;
    cockpit.keys("f");
    let frozen = cockpit.wait_for("Frozen at");

    let sides = database.board().await;
    compare_favourites(&mut cockpit, &sides);
    compare_both_sides(&mut cockpit, &sides);
    compare_chart(&mut cockpit, &database, &sides, &frozen).await;
    compare_tape(&mut cockpit, &database).await;
    compare_extractions(&mut cockpit, &database).await;
    compare_persistence(&mut cockpit, &database).await;
    compare_sources(&mut cockpit, &database, resumed_at).await;
    compare_cache(&mut cockpit, &database).await;
    database.leave().await;
    assert_eq!(cockpit.quit().code, 0);
}

#[tokio::test]
async fn in_play_the_board_is_in_the_database_too() {
    let mut cockpit = Launch::demo("live").speed(600).size(250, 80).start();
    cockpit.wait_for_board();
    let database = open(&database_of("live")).await;
    cockpit.wait("a game that is on", |frame| {
        // Its score; a dot marks other things too.
        let rows = frame.rows();
        let mut marked = rows.iter().flat_map(|row| row.split('●').skip(1));
        marked
            .any(|rest| rest.starts_with("live") || rest.starts_with(|c: char| c.is_ascii_digit()))
            .then_some(())
    });
    cockpit.keys("p");
    cockpit.wait_for("PAUSED");
    cockpit.wait_for("spool 0");
    come_to_rest(&database).await;
    cockpit.keys("f");
    cockpit.wait_for("Frozen at");
    let live: i64 = sqlx::query_scalar(
        "select count(*) from core_betting.lines_current where phase = 'live' and market = 'moneyline'",
    )
    .fetch_one(&database.pool)
    .await
    .unwrap();
    assert!(live > 0, "prices in play");
    let sides = database.board().await;
    compare_favourites(&mut cockpit, &sides);
    compare_both_sides(&mut cockpit, &sides);
    compare_tape(&mut cockpit, &database).await;
    compare_extractions(&mut cockpit, &database).await;
    compare_persistence(&mut cockpit, &database).await;
    database.leave().await;
    assert_eq!(cockpit.quit().code, 0);
}

/// Wait until three looks in a row, most of a second apart, find the same.
async fn come_to_rest(database: &Database) {
    let until = std::time::Instant::now() + PATIENCE;
    let mut same = 0;
    let mut before = database.pulse().await;
    while same < 3 {
        assert!(
            std::time::Instant::now() < until,
            "it does not come to rest: {before}"
        );
        tokio::time::sleep(Duration::from_millis(800)).await;
        let now = database.pulse().await;
        same = if now == before { same + 1 } else { 0 };
        before = now;
    }
}

/// All panels are there.
fn overview(frame: &Frame) -> Option<()> {
    (frame.has("╭ Tape") && frame.has("╭ Board")).then_some(())
}

/// A panel alone on the screen.
fn alone(cockpit: &mut Cockpit, key: &str, title: &str) -> Frame {
    cockpit.keys(key).keys("z");
    let top = format!("╭ {title}");
    let frame = cockpit.wait(title, |frame| {
        (frame.is_zoomed() && frame.has(&top)).then(|| frame.clone())
    });
    cockpit.keys("z");
    cockpit.wait("the overview", overview);
    frame
}

/// The rows of a panel that is alone on the screen, without its frame.
fn inside(frame: &Frame) -> Vec<String> {
    let rows = frame.rows();
    let rows = rows.iter().skip(3).take_while(|row| row.starts_with('│'));
    rows.map(|row| row.trim_matches(['│', ' ']).to_owned())
        .collect()
}

/// Words with one space between them.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// One row of the board against one side of a game; returns how many prices were compared.
fn compare_side(table: &Table, row: usize, side: &BoardLine) -> usize {
    let place = format!("{} {}", side.game, side.side);
    let open = table.end_of("open");
    let best = table.end_of("best");
    assert_eq!(
        table.below(row, open).replace('│', ""),
        side.open,
        "opening of {place}"
    );
    // What is worked out of the prices stands between the two.
    let heads = table.heads.iter().take_while(|(head, _)| head != "best");
    let begins = heads.last().map_or(open, |(_, end)| *end);
    let shown = words(&table.text(row, begins, best));
    let who = match side.best_at.as_slice() {
        [] => String::new(),
        [one] => format!("{} {one}", side.best),
        [one, ..] => format!("{} {one:.3}+", side.best),
    };
    assert_eq!(shown, who, "best of {place}");
    let books = table
        .heads
        .iter()
        .skip_while(|(head, _)| head != "best")
        .skip(1);
    let mut seen = BTreeMap::new();
    for (label, end) in books {
        let shown = table.below(row, *end);
        let star = table.rows[row].get(*end) == Some(&'★');
        assert_eq!(
            star,
            side.best_at.contains(label),
            "the star of {label} on {place}"
        );
        if shown != "---" {
            seen.insert(label.clone(), shown);
        }
    }
    assert_eq!(seen, side.prices, "prices of {place}");
    seen.len()
}

fn compare_favourites(cockpit: &mut Cockpit, sides: &[BoardLine]) {
    let frame = alone(cockpit, "1", "Board · moneyline · full");
    let table = Table::read(&frame, "game");
    let favourites: Vec<&BoardLine> = sides.iter().filter(|side| side.is_favourite).collect();
    assert!(favourites.len() >= 6);
    let mut compared = 0;
    for (row, side) in favourites.into_iter().enumerate() {
        let name = words(&table.text(row, 1, 13));
        assert!(
            side.game.starts_with(&name) || name == side.game,
            "{name} is {}",
            side.game
        );
        compared += compare_side(&table, row, side);
    }
    assert!(compared >= 40, "only {compared} prices");
}

fn compare_both_sides(cockpit: &mut Cockpit, sides: &[BoardLine]) {
    cockpit.keys("1s");
    cockpit.wait_for("both sides");
    let frame = alone(cockpit, "1", "Board · moneyline · full");
    let table = Table::read(&frame, "game");
    for (row, side) in sides.iter().enumerate() {
        compare_side(&table, row, side);
    }
    // Back to favourites: away, home, favourites.
    cockpit.keys("sss");
    cockpit.wait_for("favourites");
}

/// The read-out at the cursor, some changes back, against the stored history.
async fn compare_chart(
    cockpit: &mut Cockpit,
    database: &Database,
    sides: &[BoardLine],
    frozen: &Frame,
) {
    // "Frozen at 11:02:03": the newest change the cursor can snap to is no later.
    let banner = frozen.row("Frozen at");
    let clock = banner
        .split("Frozen at ")
        .nth(1)
        .unwrap()
        .split(';')
        .next()
        .unwrap();
    let time: NaiveTime = clock.parse().unwrap();
    let newest: DateTime<Utc> = sqlx::query_scalar("select max(at) from core_betting.line_history")
        .fetch_one(&database.pool)
        .await
        .unwrap();
    let eastern = newest.with_timezone(&chrono_tz::US::Eastern);
    assert!(
        time >= eastern.time(),
        "the screen was frozen after the last change"
    );

    cockpit.keys("1g\r");
    let shown = cockpit.wait("the chart alone", |frame| {
        let title = frame.rows().swap_remove(2);
        (frame.is_zoomed() && title.contains(" pregame ")).then_some(title)
    });
    let first = &sides[0].game;
    assert!(shown.contains(&format!("╭ {first} · moneyline")), "{shown}");
    let side = sides
        .iter()
        .find(|side| side.game_id == sides[0].game_id && side.is_favourite)
        .unwrap();
    for (steps, back) in [(1, 1), (2, 3), (5, 8), (12, 20)] {
        cockpit.keys(&"h".repeat(steps));
        let (at, prices) = database.chart(side.game_id, &side.side, newest, back).await;
        let moment = at
            .with_timezone(&chrono_tz::US::Eastern)
            .format("at %H:%M:%S")
            .to_string();
        let frame = cockpit.wait(
            &format!("the cursor {moment}, {back} changes back"),
            |frame| frame.has(&moment).then(|| frame.clone()),
        );
        let table = Table::read(&frame, "at ");
        let price = table.end_of("price");
        let shown: BTreeMap<String, String> = (0..table.rows.len())
            .take_while(|row| table.text(*row, 1, 2) == "●")
            .map(|row| (words(&table.text(row, 3, 14)), table.below(row, price)))
            .filter(|(_, price)| price != "---")
            .collect();
        assert_eq!(shown, prices, "{moment}");
    }
    cockpit.keys("\x1b");
    cockpit.wait_for("│now ");
    cockpit.keys("\x1b");
    cockpit.wait("the overview", overview);
}

/// The tape's rows: from the time to the game, the mark and the drift left out.
fn tape_rows(frame: &Frame) -> Vec<String> {
    let rows = frame.rows();
    let moves = rows
        .iter()
        .filter(|row| row.contains(" → ") && row.starts_with('│'));
    moves
        .map(|row| words(row.trim_matches(['│', ' '])))
        .filter(|row| !row.starts_with("time"))
        .collect()
}

/// A row of the tape without what is computed from the two prices.
fn without_drift(row: &str) -> String {
    let (prices, rest) = row.split_once(" → ").unwrap();
    // After the arrow: one or two words of price, perhaps a mark and a drift with its sign, then the game.
    let rest = rest.replace(['▲', '▼'], " ");
    let mut kept: Vec<&str> = rest.split_whitespace().collect();
    if let Some(sign) = kept.iter().position(|word| *word == "%") {
        kept.drain(sign - 1..=sign);
    }
    format!("{prices} → {}", kept.join(" "))
}

async fn compare_tape(cockpit: &mut Cockpit, database: &Database) {
    let frame = alone(cockpit, "3", "Tape");
    let moves = database.moves().await;
    let rows = tape_rows(&frame);
    assert!(rows.len() > 40, "{}", frame.text());
    for row in &rows {
        let stored = without_drift(row);
        assert!(
            moves.contains(&stored),
            "{stored:?} is on the tape and not in line_history"
        );
    }
}

async fn compare_extractions(cockpit: &mut Cockpit, database: &Database) {
    let frame = alone(cockpit, "4", "Extraction log");
    let mut stored = database.extractions().await;
    let rows = inside(&frame);
    let mut shown: Vec<String> = rows
        .iter()
        .skip(1)
        .filter(|row| !row.is_empty())
        .map(|row| {
            // What follows the sign is the error, which has a length of its own.
            let end = row.char_indices().find(|(_, c)| "✓!✗".contains(*c));
            let end = end.map_or(row.len(), |(at, c)| at + c.len_utf8());
            words(&row[..end])
        })
        .collect();
    assert!(shown.len() >= 12, "{}", frame.text());
    stored.sort();
    shown.sort();
    for (shown, stored) in shown.iter().zip(&stored) {
        assert_eq!(shown, stored);
    }
    assert_eq!(shown.len(), stored.len());
}

async fn compare_persistence(cockpit: &mut Cockpit, database: &Database) {
    let frame = alone(cockpit, "5", "Persistence");
    let text = words(&inside(&frame).join(" "));
    for (name, count) in database.totals().await {
        assert!(count > 0 || name == "rejects", "{name}");
        let shown = text
            .split_once(&format!(" {name} "))
            .unwrap_or_else(|| panic!("no {name}: {text}"))
            .1;
        let shown: String = shown.split_whitespace().next().unwrap().replace(',', "");
        assert_eq!(shown, count.to_string(), "{name}");
    }
    let last: (i64, i64) = sqlx::query_as(
        "select spool_depth, errors from operational.persistence_metrics order by at desc limit 1",
    )
    .fetch_one(&database.pool)
    .await
    .unwrap();
    assert_eq!(last, (0, 0));
    assert!(
        text.contains("spool empty") && text.contains("errors 0"),
        "{text}"
    );
}

/// A count in at most five columns, as the screen writes it.
fn short(count: i64) -> String {
    let scaled = |unit: f64, name: &str| match count as f64 / unit {
        value if value < 100.0 => format!("{value:.1}{name}"),
        value => format!("{value:.0}{name}"),
    };
    match count {
        ..10_000 => count.to_string(),
        10_000..1_000_000 => scaled(1e3, "k"),
        _ => scaled(1e6, "M"),
    }
}

async fn compare_sources(cockpit: &mut Cockpit, database: &Database, since: DateTime<Utc>) {
    let frame = alone(cockpit, "7", "Sources");
    let table = Table::read(&frame, "source");
    let stored = database.sources().await;
    let counted = database.fetches_since(since).await;
    assert_eq!(stored.len(), 2);
    for row in 0..stored.len() {
        let name = words(&table.text(row, 1, 9));
        let [fetched, failed, changes, rejects, quota] = stored[&name];
        for (head, count) in [
            ("ok", fetched),
            ("fail", failed),
            ("changes", changes),
            ("rej", rejects),
        ] {
            assert_eq!(
                table.below(row, table.end_of(head)),
                short(count.unwrap()),
                "{head} of {name}"
            );
        }
        let quota = quota.map(short).unwrap_or_default();
        assert_eq!(
            table.below(row, table.end_of("quota")),
            quota,
            "quota of {name}"
        );
        // And the health table itself is what the log of fetches says of this run.
        assert_eq!([fetched, failed], counted[&name], "{name}");
    }
}

async fn compare_cache(cockpit: &mut Cockpit, database: &Database) {
    let frame = alone(cockpit, "6", "Cache");
    let stored = database.cache().await;
    assert!(
        stored.values().flatten().sum::<i64>() > 0,
        "the chart went through the cache"
    );
    for (family, [memory, redis, misses]) in stored {
        let row = words(&frame.row(&format!("│{family} ")).replace('│', " "));
        let reads = memory + redis + misses;
        let rate = if reads == 0 {
            "–".to_owned()
        } else {
            format!("{:.1} %", (memory + redis) as f64 / reads as f64 * 100.0)
        };
        let wanted = format!(
            "{family} {rate} {} {} {}",
            short(memory),
            short(redis),
            short(misses)
        );
        assert_eq!(row, wanted);
    }
}
