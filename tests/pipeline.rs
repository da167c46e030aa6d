//! Payloads through staging into a real Postgres: the rows are a function of the set of payloads.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use linetape::domain::payload::{Payload, PayloadHash, RequestIdentity};
use linetape::domain::source::{Source, Stream};
use linetape::engine::pipeline::write::Stager;
use linetape::engine::pipeline::zone::Zone;
use linetape::engine::reference::Reference;
use linetape::sources;
use sqlx::{PgPool, Row as _};
use uuid::Uuid;

#[path = "pipeline/health.rs"]
mod health;
#[path = "pipeline/opportunities.rs"]
mod opportunities;
#[path = "support/postgres.rs"]
mod postgres;
#[path = "pipeline/results.rs"]
mod results;
#[path = "pipeline/signals.rs"]
mod signals;
#[path = "pipeline/strategies.rs"]
mod strategies;
#[path = "support/tables.rs"]
mod tables;
#[path = "pipeline/zones.rs"]
mod zones;

fn captures() -> Option<Vec<PathBuf>> {
    let folder =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/payloads/theoddsapi_mlb_series");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .ok()?
        .map(|e| e.unwrap().path())
        .collect();
    files.sort();
    Some(files)
}

fn payload(body: Vec<u8>, stream: Stream, observed_at: DateTime<Utc>) -> Payload {
    Payload {
        fetch_id: Uuid::now_v7(),
        request: RequestIdentity {
            stream,
            url: "file".into(),
            league: None,
            source_game_id: None,
        },
        status: 200,
        observed_at,
        elapsed_ms: 0,
        reconstructed: false,
        error: None,
        hash: PayloadHash::of(&body),
        body: body.into(),
    }
}

/// Every column that a later reader may rely on, as text, in key order.
async fn rows(pool: &PgPool) -> (Vec<String>, Vec<String>, Vec<String>) {
    let text = |sql: &'static str| async move {
        sqlx::query(sql)
            .fetch_all(pool)
            .await
            .unwrap()
            .iter()
            .map(|row| row.get::<String, _>(0))
            .collect::<Vec<_>>()
    };
    (
        text("select (to_jsonb(h) - 'stored_at')::text from core_betting.line_history h order by game_id, series_id, at").await,
        text("select to_jsonb(c)::text from core_betting.lines_current c order by game_id, series_id").await,
        text("select (to_jsonb(g) - 'created_at' - 'updated_at' - 'original_starts_at')::text from core_betting.games g order by game_id").await,
    )
}

async fn feed(pool: &PgPool, payloads: &[Payload], slice: usize) {
    let reference = Arc::new(Reference::builtin().unwrap());
    linetape::store::migrate::migrate(pool).await.unwrap();
    linetape::store::reference::seed(pool, &reference.books, &reference.teams)
        .await
        .unwrap();
    let mut stager = Stager::new(reference, false, 1_000);
    for batch in payloads.chunks(slice) {
        let again: Vec<Payload> = batch
            .iter()
            .map(|p| Payload {
                fetch_id: Uuid::now_v7(),
                ..p.clone()
            })
            .collect();
        stager.write(pool, &again).await.unwrap();
    }
}

/// The captures as fetches, eight hours apart.
fn snapshots() -> Option<Vec<Payload>> {
    let start: DateTime<Utc> = "2026-07-31T15:00:00Z".parse().unwrap();
    let payloads = captures()?.into_iter().enumerate().map(|(n, file)| {
        let body = std::fs::read(file).unwrap();
        let recognised = sources::recognise(Source::OddsApi, &body, None).unwrap();
        let at = start + TimeDelta::hours(8 * n as i64);
        payload(body, recognised.stream, at)
    });
    Some(payloads.collect())
}

#[tokio::test]
async fn the_zones_of_real_snapshots_are_what_their_bytes_give() {
    let Some(payloads) = snapshots() else {
        eprintln!("skipped: no captured payloads beside the project");
        return;
    };
    let database = postgres::test_database().await;
    feed(&database.pool, &payloads, 10).await;
    for zone in [Zone::Staging, Zone::Curated] {
        let found = zones::rebuild(&database.pool, zone).await;
        zones::must_be_identical(&found);
        assert!(found.equal() > 1_000, "{zone}: {} rows", found.equal());
    }
}

#[tokio::test]
async fn real_snapshots_in_any_order_give_the_same_rows() {
    let Some(payloads) = snapshots() else {
        eprintln!("skipped: no captured payloads beside the project");
        return;
    };
    let forward = postgres::test_database().await;
    feed(&forward.pool, &payloads, 5).await;
    let expected = rows(&forward.pool).await;
    assert!(expected.0.len() > 10_000, "{} rows", expected.0.len());

    // The same files again add nothing.
    feed(&forward.pool, &payloads, 41).await;
    assert!(rows(&forward.pool).await == expected, "fed twice");

    let mut orders: Vec<Vec<Payload>> = vec![payloads.iter().rev().cloned().collect()];
    let mut shuffled = payloads.clone();
    for n in 0..shuffled.len() {
        shuffled.swap(n, (n * 17 + 5) % payloads.len());
    }
    orders.push(shuffled);
    for (nth, order) in orders.iter().enumerate() {
        let other = postgres::test_database().await;
        feed(&other.pool, order, 1 + nth * 3).await;
        let got = rows(&other.pool).await;
        for (want, have) in [
            (&expected.0, &got.0),
            (&expected.1, &got.1),
            (&expected.2, &got.2),
        ] {
            assert_eq!(want.len(), have.len(), "order {nth}");
            if let Some((a, b)) = want.iter().zip(have).find(|(a, b)| a != b) {
                panic!("order {nth}:\n{a}\n{b}");
            }
        }
    }
}
