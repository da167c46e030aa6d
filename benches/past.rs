//! How long it takes to ask a long history for one of its instants: the whole board, and one game's chart.
//!
//! `cargo bench --bench past` makes 10 million rows (half a year of 15 games a day, 12 books, 46 points a series) and
//! asks at random instants. `LINETAPE_BENCH_ROWS=100000000` makes a hundred million, which takes its time and space.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

#[path = "../tests/support/postgres.rs"]
mod postgres;

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use linetape::domain::game::GameId;
use linetape::domain::market::{Market, Period, Phase};
use linetape::store;
use linetape::store::as_of::AsOf;
use linetape::store::history::LineFilter;
use sqlx::PgConnection;
use sqlx::postgres::PgPool;

/// Rows without `LINETAPE_BENCH_ROWS`.
const ROWS: i64 = 10_000_000;
/// 15 games, 12 books, 3 markets, 2 sides, 46 points.
const ROWS_A_DAY: i64 = 15 * 12 * 6 * 46;
/// Questions of each kind.
const ASKED: i64 = 200;
/// The budget of the 95th percentile.
const BUDGET: Duration = Duration::from_millis(50);

fn first_day() -> DateTime<Utc> {
    "2024-01-01T00:00:00Z".parse().unwrap()
}

fn main() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(run());
}

async fn run() {
    let rows = std::env::var("LINETAPE_BENCH_ROWS")
        .ok()
        .and_then(|rows| rows.parse().ok())
        .unwrap_or(ROWS);
    let days = (rows / ROWS_A_DAY).max(2);
    let database = postgres::test_database().await;
    let pool = &database.pool;
    store::migrate::migrate(pool).await.unwrap();
    let started = Instant::now();
    fill(pool, days).await;
    let count: i64 = sqlx::query_scalar("select count(*) from core_betting.line_history")
        .fetch_one(pool)
        .await
        .unwrap();
    println!(
        "{count} rows of {days} days, made in {:.0?}",
        started.elapsed()
    );

    let mut connection = pool.acquire().await.unwrap();
    // Instants spread over the whole history by a step that shares no factor with it; the first questions warm up.
    let moment = |n: i64| first_day() + TimeDelta::seconds((n * 7_919_993) % (days * 86_400));
    let mut board = Vec::new();
    let mut known = Vec::new();
    let mut chart = Vec::new();
    for n in 0..ASKED {
        let at = moment(n);
        board.push(ask_board(&mut connection, AsOf::market(at)).await);
        let then = AsOf {
            at,
            known_at: Some(at),
        };
        known.push(ask_board(&mut connection, then).await);
        let day = (at - first_day()).num_days();
        let game = GameId::from_i64(day * 15 + 1 + n % 15);
        let asked = Instant::now();
        AsOf::market(at)
            .chart(&mut connection, game, &LineFilter::default())
            .await
            .unwrap();
        chart.push(asked.elapsed());
    }
    report("the board at a past instant", board);
    report("the board as it was known then", known);
    report("one game's history up to an instant", chart);
}

async fn ask_board(connection: &mut PgConnection, moment: AsOf) -> Duration {
    let asked = Instant::now();
    moment
        .board(connection, &Market::Moneyline, Period::Full, Phase::Pregame)
        .await
        .unwrap();
    asked.elapsed()
}

fn report(what: &str, mut took: Vec<Duration>) {
    took.sort_unstable();
    let at = |share: usize| took[(took.len() - 1) * share / 100];
    let verdict = if at(95) <= BUDGET { "met" } else { "MISSED" };
    println!(
        "{what:<40} p50 {:>8.1?}  p95 {:>8.1?}  max {:>8.1?}  budget p95 {BUDGET:?}: {verdict}",
        at(50),
        at(95),
        at(100),
    );
}

/// Days of games, each quoted from the morning before its start, beside the trigger: what is measured is reading.
async fn fill(pool: &PgPool, days: i64) {
    let mut connection = pool.acquire().await.unwrap();
    let connection = &mut *connection;
    // One statement goes over every row.
    sqlx::query("set statement_timeout = 0")
        .execute(&mut *connection)
        .await
        .unwrap();
    let last = first_day() + TimeDelta::days(days);
    sqlx::query("select core_betting.ensure_partitions($1, $2)")
        .bind(first_day())
        .bind(last)
        .execute(&mut *connection)
        .await
        .unwrap();
    sqlx::raw_sql(
        "insert into core_betting.leagues (league, sport) values ('mlb', 'baseball') on conflict do nothing;
         alter table core_betting.line_history disable trigger merge_lines;",
    )
    .execute(&mut *connection)
    .await
    .unwrap();
    for day in 0..days {
        let start = first_day() + TimeDelta::days(day);
        sqlx::query(
            "insert into core_betting.games (game_id, league, home, away, starts_at, slate_date, demo)
             select $1 * 15 + g, 'mlb', 'home', 'away', $2 + interval '23 hours', ($2 at time zone 'UTC')::date, true
             from generate_series(1, 15) g",
        )
        .bind(day)
        .bind(start)
        .execute(&mut *connection)
        .await
        .unwrap();
        sqlx::query(
            "insert into core_betting.line_history (game_id, at, stream, source_book_id, book, market, period, side,
                 phase, line, american, decimal, odds_format, status, observed_at, payload_hash, ordinal)
             select $1 * 15 + g, $2 + p * interval '29 minutes' + (g * 7 + b) * interval '1 second',
                    'action_network/scoreboard', b::text, null, m.market, 'full', m.side, 'pregame', m.line,
                    -110 - (p * 7 + b) % 60, 1 + 100.0 / (110 + (p * 7 + b) % 60), 'american', 'open',
                    $2 + p * interval '29 minutes' + (g * 7 + b) * interval '1 second',
                    decode(lpad(to_hex(p), 64, '0'), 'hex'), b
             from generate_series(1, 15) g, generate_series(1, 12) b, generate_series(1, 46) p,
                  (values ('moneyline', 'home', null), ('moneyline', 'away', null), ('spread', 'home', -1.5),
                          ('spread', 'away', 1.5), ('total', 'over', 8.5), ('total', 'under', 8.5)) m(market, side, line)",
        )
        .bind(day)
        .bind(start)
        .execute(&mut *connection)
        .await
        .unwrap();
    }
    sqlx::raw_sql(
        "insert into core_betting.lines_current (game_id, series_id, stream, source_book_id, market, period,
             participant, side, phase, line_slot, line, american, decimal, status, at, observed_at, payload_hash,
             last_seen_at, observations, changes, first_at)
         select distinct on (game_id, series_id) game_id, series_id, stream, source_book_id, market, period, participant,
                side, phase, line_slot, line, american, decimal, status, at, observed_at, payload_hash, at, 46, 46,
                at - interval '23 hours'
         from core_betting.line_history order by game_id, series_id, at desc;
         analyze core_betting.line_history; analyze core_betting.games;",
    )
    .execute(&mut *connection)
    .await
    .unwrap();
    // As autovacuum does.
    sqlx::raw_sql("vacuum (analyze) core_betting.lines_current")
        .execute(&mut *connection)
        .await
        .unwrap();
}
