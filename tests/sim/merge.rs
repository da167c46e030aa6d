//! The summary that is kept by merging is the one that is recomputed, whatever the rows and their order.

use chrono::TimeDelta;
use linetape::domain::game::GameId;
use linetape::domain::market::{Line, Market, Period, Phase, QuoteStatus, Side};
use linetape::domain::odds::Odds;
use linetape::domain::payload::PayloadHash;
use linetape::domain::series::{LineSlot, Observation, Price, SeriesKey};
use linetape::domain::source::Stream;
use linetape::domain::tape::{Change, Origin};
use linetape::store;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::postgres::test_database;
use super::script::noon;
use super::tables::{check_summary, prepare};
use linetape::engine::reference::Reference;

fn change(rng: &mut ChaCha8Rng, minute: i64) -> Change {
    let status = match rng.random_range(0..10) {
        0 => QuoteStatus::Suspended,
        1 => QuoteStatus::Off,
        _ => QuoteStatus::Open,
    };
    let odds = Odds::american([-110, -115, -120, 105, 100, -200][rng.random_range(0..6)]).ok();
    let market = if rng.random_bool(0.5) {
        Market::Spread
    } else {
        Market::Moneyline
    };
    let line = Line::from_points([-1.5, 1.5, 2.0][rng.random_range(0..3)]);
    let at = noon(minute);
    Change {
        seen: Observation {
            key: SeriesKey {
                game_id: GameId::from_i64(rng.random_range(1..4)),
                stream: Stream::AnScoreboard,
                source_book_id: if rng.random_bool(0.5) { "68" } else { "69" }.into(),
                period: Period::Full,
                participant: "".into(),
                side: if rng.random_bool(0.5) {
                    Side::Home
                } else {
                    Side::Away
                },
                phase: if rng.random_bool(0.7) {
                    Phase::Pregame
                } else {
                    Phase::Live
                },
                slot: LineSlot::Main,
                market: market.clone(),
            },
            book: None,
            at,
            source_at: None,
            price: Price {
                line: line.filter(|_| market.has_line()),
                odds: odds.filter(|_| status != QuoteStatus::Off),
                status,
            },
            opener: rng.random_bool(0.05),
            ordinal: 0,
        },
        origin: Origin {
            observed_at: at + TimeDelta::seconds(rng.random_range(0..30)),
            payload_hash: PayloadHash([rng.random_range(0..255); 32]),
            reconstructed: false,
        },
    }
}

#[tokio::test]
async fn merged_is_recomputed() {
    let database = test_database().await;
    prepare(&database.pool, &Reference::builtin().unwrap()).await;
    for seed in 0..4 {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut connection = database.pool.acquire().await.unwrap();
        store::payloads::ensure_partitions(&mut connection, noon(0), noon(0))
            .await
            .unwrap();
        for batch in 0..60 {
            let clock = 20 * batch;
            let size = [1, 3, 8, 40][rng.random_range(0..4)];
            let changes: Vec<Change> = (0..size)
                .map(|_| {
                    // One in seven comes late; the others are of this batch's time, several of one series among them.
                    let late = rng.random_bool(0.14);
                    let minute = if late {
                        rng.random_range(0..clock + 1)
                    } else {
                        clock + rng.random_range(1..20)
                    };
                    change(&mut rng, minute)
                })
                .collect();
            let rows: Vec<&Change> = changes.iter().collect();
            store::lines::append(&mut connection, &rows).await.unwrap();
            check_summary(&database.pool).await;
        }
        let rows: i64 = sqlx::query_scalar("select count(*) from core_betting.line_history")
            .fetch_one(&database.pool)
            .await
            .unwrap();
        assert!(rows > 300, "{rows}");
        for table in ["core_betting.line_history", "core_betting.lines_current"] {
            let empty = format!("truncate {table}");
            sqlx::query(sqlx::AssertSqlSafe(empty))
                .execute(&database.pool)
                .await
                .unwrap();
        }
    }
}

/// In-order batches in which every series has one row, and those in which some have several, take different ways.
#[tokio::test]
async fn one_row_a_series_and_many_merge_alike() {
    let database = test_database().await;
    prepare(&database.pool, &Reference::builtin().unwrap()).await;
    let mut rng = ChaCha8Rng::seed_from_u64(99);
    let all: Vec<Change> = {
        let mut all: Vec<Change> = (0..600).map(|n| change(&mut rng, n)).collect();
        all.sort_by_key(|c| c.seen.at);
        all
    };
    let mut summaries = Vec::new();
    for slice in [1, 7, 600] {
        let mut connection = database.pool.acquire().await.unwrap();
        store::payloads::ensure_partitions(&mut connection, noon(0), noon(0))
            .await
            .unwrap();
        for rows in all.chunks(slice) {
            store::lines::append(&mut connection, &rows.iter().collect::<Vec<_>>())
                .await
                .unwrap();
        }
        check_summary(&database.pool).await;
        let summary: Vec<String> = sqlx::query_scalar("select to_jsonb(c)::text from core_betting.lines_current c order by game_id, series_id")
            .fetch_all(&database.pool)
            .await
            .unwrap();
        summaries.push(summary);
        sqlx::query("truncate core_betting.line_history, core_betting.lines_current")
            .execute(&database.pool)
            .await
            .unwrap();
    }
    assert!(summaries[0].len() > 30);
    assert_eq!(summaries[0], summaries[1]);
    assert_eq!(summaries[0], summaries[2]);
}
