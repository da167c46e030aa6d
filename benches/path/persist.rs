//! Staged changes into history, current rows and summary, committed, beside a bare `COPY` of the same rows into the same
//! table.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use linetape::domain::game::GameId;
use linetape::domain::market::{Line, Market, Period, Phase, QuoteStatus, Side};
use linetape::domain::odds::Odds;
use linetape::domain::payload::PayloadHash;
use linetape::domain::series::{LineSlot, Observation, Price, SeriesKey};
use linetape::domain::source::Stream;
use linetape::domain::tape::{Change, Origin};
use linetape::engine::reference::Reference;
use linetape::store;
use sqlx::postgres::PgPool;

use super::postgres::test_database;
use super::{rate, report};

/// 600 games, 8 books, 3 markets, 2 sides.
const SERIES: usize = 28_800;
/// Rows without `LINETAPE_BENCH_ROWS`.
const ROWS: usize = 200_000;

/// Changes of every series in market-time order: a point each 41 s, series by series within it.
fn changes(rows: usize) -> Vec<Change> {
    let start: DateTime<Utc> = "2025-07-05T00:00:00Z".parse().unwrap();
    (0..rows)
        .map(|n| change(start, n % SERIES, n / SERIES))
        .collect()
}

fn change(start: DateTime<Utc>, series: usize, point: usize) -> Change {
    let market = [Market::Moneyline, Market::Spread, Market::Total][series / 4_800 % 3].clone();
    let second = series / 14_400 % 2 == 1;
    let side = match (&market, second) {
        (Market::Total, false) => Side::Over,
        (Market::Total, true) => Side::Under,
        (_, false) => Side::Home,
        (_, true) => Side::Away,
    };
    let at = start + TimeDelta::seconds(41 * point as i64) + TimeDelta::milliseconds(series as i64);
    let american = -110 - ((point * 7 + series) % 60) as i64;
    Change {
        seen: Observation {
            key: SeriesKey {
                game_id: GameId::from_i64(1 + (series % 600) as i64),
                stream: Stream::AnScoreboard,
                source_book_id: (68 + series / 600 % 8).to_string().into(),
                period: Period::Full,
                participant: "".into(),
                side,
                phase: Phase::Pregame,
                slot: LineSlot::Main,
                market: market.clone(),
            },
            book: None,
            at,
            source_at: None,
            price: Price {
                line: Line::from_points(1.5 + (point % 4) as f64 * 0.5)
                    .filter(|_| market.has_line()),
                odds: Odds::american(american).ok(),
                status: QuoteStatus::Open,
            },
            opener: false,
            ordinal: (series % 3_000) as u32,
        },
        origin: Origin {
            observed_at: at,
            payload_hash: PayloadHash::of(&(series / 48).to_le_bytes()),
            reconstructed: false,
        },
    }
}

/// The same rows as `COPY` takes them.
fn copy_text(changes: &[Change]) -> String {
    let mut text = String::new();
    for Change { seen, origin } in changes {
        let key = &seen.key;
        let line = seen
            .price
            .line
            .map_or_else(|| "\\N".to_owned(), |l| l.points().to_string());
        let odds = seen.price.odds.unwrap();
        let (at, observed_at) = (seen.at.to_rfc3339(), origin.observed_at.to_rfc3339());
        writeln!(
            text,
            "{}\t{at}\t{}\t{}\t\\N\t{}\t{}\t{}\t{}\t{}\t{}\t{line}\t{}\t{:.4}\tamerican\t{}\tf\tf\t\\N\t{observed_at}\t\\\\x{}\t{}",
            key.game_id.as_i64(), key.stream, key.source_book_id, key.market.as_str(), key.period, key.participant,
            key.side, key.phase, key.slot, odds.to_american(), odds.to_decimal(), seen.price.status,
            origin.payload_hash, seen.ordinal,
        )
        .unwrap();
    }
    text
}

async fn empty(pool: &PgPool) {
    sqlx::query("truncate core_betting.line_history, core_betting.lines_current")
        .execute(pool)
        .await
        .unwrap();
    sqlx::query("checkpoint").execute(pool).await.unwrap();
}

/// One bare `COPY` of everything: no trigger, no current rows, one commit.
async fn copied(pool: &PgPool, text: &str) -> Duration {
    empty(pool).await;
    sqlx::query("alter table core_betting.line_history disable trigger merge_lines")
        .execute(pool)
        .await
        .unwrap();
    let begun = Instant::now();
    let mut connection = pool.acquire().await.unwrap();
    let mut copy = connection
        .copy_in_raw(
            "copy core_betting.line_history (game_id, at, stream, source_book_id, book, market, period, participant,
                 side, phase, line_slot, line, american, decimal, odds_format, status, opener, reconstructed,
                 source_at, observed_at, payload_hash, ordinal) from stdin",
        )
        .await
        .unwrap();
    copy.send(text.as_bytes()).await.unwrap();
    copy.finish().await.unwrap();
    let took = begun.elapsed();
    drop(connection);
    sqlx::query("alter table core_betting.line_history enable trigger merge_lines")
        .execute(pool)
        .await
        .unwrap();
    took
}

/// Everything through the writer's own statements, a commit a batch; the time of each batch.
async fn appended(pool: &PgPool, changes: &[Change], batch: usize) -> Vec<Duration> {
    empty(pool).await;
    let mut took = Vec::new();
    for rows in changes.chunks(batch) {
        let begun = Instant::now();
        let mut tx = pool.begin().await.unwrap();
        let rows: Vec<&Change> = rows.iter().collect();
        let added = store::lines::append(&mut tx, &rows).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(added, rows.len() as u64);
        took.push(begun.elapsed());
    }
    took
}

pub async fn run() {
    let rows = std::env::var("LINETAPE_BENCH_ROWS").ok();
    let rows: usize = rows.and_then(|r| r.parse().ok()).unwrap_or(ROWS);
    let database = test_database().await;
    let pool = &database.pool;
    let reference = Reference::builtin().unwrap();
    store::migrate::migrate(pool).await.unwrap();
    store::reference::seed(pool, &reference.books, &reference.teams)
        .await
        .unwrap();
    let changes = changes(rows);
    let first = changes.first().unwrap().seen.at;
    let mut connection = pool.acquire().await.unwrap();
    store::payloads::ensure_partitions(&mut connection, first, first)
        .await
        .unwrap();
    drop(connection);
    let text = copy_text(&changes);

    let before = copied(pool, &text).await;
    for batch in [1_000, 10_000] {
        let took = appended(pool, &changes, batch).await;
        let summed: i64 =
            sqlx::query_scalar("select sum(changes)::int8 from core_betting.lines_current")
                .fetch_one(pool)
                .await
                .unwrap();
        assert_eq!(summed, rows as i64, "everything is in the summary");
        // The machine may slow down or speed up meanwhile: held against the mean of a COPY before and one after.
        let after = copied(pool, &text).await;
        let copy = (before + after) / 2;
        let whole: Duration = took.iter().sum();
        let share = copy.as_secs_f64() / whole.as_secs_f64();
        let number = format!("{:.0} % ({:.0}/s)", share * 100.0, rate(rows, whole));
        let what = format!("{rows} changes committed by {batch}, beside COPY");
        report(&what, number, Some(("33 %", share >= 0.33)));
        // The first batches make the series; growth is told by those that follow.
        let made = SERIES.div_ceil(batch).min(took.len() / 2);
        let later = &took[made..];
        let tenth = (later.len() / 10).max(1);
        let early: Duration = later[..tenth].iter().sum();
        let late: Duration = later[later.len() - tenth..].iter().sum();
        let growth = late.as_secs_f64() / early.as_secs_f64();
        report(
            "  last tenth beside the first, as series grow",
            format!("{growth:.2} ×"),
            None,
        );
    }
    report(
        "  COPY itself",
        format!("{:.0} rows/s", rate(rows, before)),
        None,
    );
}
