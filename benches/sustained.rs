//! The whole path under load: response bytes into the spool, into the hub, and out of the spool into Postgres, at the
//! pace of the budget for minutes, and ten times that for ten seconds. Nothing may be lost.
//!
//! `cargo bench --bench sustained`; `LINETAPE_BENCH_SECONDS` (default 180) says how long the steady part takes, the budget
//! is ten minutes. Who makes the responses, takes part of the same two cores.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

#[path = "sustained/bodies.rs"]
mod bodies;
#[path = "../tests/support/postgres.rs"]
mod postgres;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use chrono::DateTime;
use linetape::config::settings;
use linetape::engine::hub::Hub;
use linetape::engine::pipeline::write::Stager;
use linetape::engine::reference::Reference;
use linetape::engine::snapshot::Mode;
use linetape::spool::Spool;
use linetape::store;
use sqlx::PgPool;
use tokio_util::sync::CancellationToken;

/// Changes a second for minutes.
const STEADY: f64 = 5_000.0;
/// Changes a second in a burst.
const BURST: f64 = 50_000.0;
/// How long a burst takes.
const BURST_LASTS: Duration = Duration::from_secs(10);
/// Payloads in a batch, and bytes, as the drain takes them.
const BATCH: (usize, u64) = (64, 16 << 20);

/// How far each side has come.
#[derive(Debug, Default)]
struct Progress {
    /// Looks that the spool acknowledged.
    spooled: AtomicU64,
    /// Looks that are committed.
    committed: AtomicU64,
    /// Rows that the commits appended.
    changes: AtomicU64,
}

fn main() {
    tokio::runtime::Runtime::new().unwrap().block_on(run());
}

async fn run() {
    let seconds = std::env::var("LINETAPE_BENCH_SECONDS").ok();
    let lasts = Duration::from_secs(seconds.and_then(|s| s.parse().ok()).unwrap_or(180));
    let database = postgres::test_database().await;
    let (pool, _) = store::pool::open_working(
        database.embedded().connect_options(&database.name),
        &settings::Database::default(),
    )
    .await
    .unwrap();
    let reference = Arc::new(Reference::builtin().unwrap());
    store::migrate::migrate(&pool).await.unwrap();
    store::reference::seed(&pool, &reference.books, &reference.teams)
        .await
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let spool = Spool::open(folder.path(), "bench", &settings::Spool::default()).unwrap();
    let progress = Arc::new(Progress::default());
    let stop = CancellationToken::new();
    let draining = tokio::spawn(drain(
        spool.clone(),
        pool.clone(),
        Stager::new(Arc::clone(&reference), true, 5_000),
        Arc::clone(&progress),
        stop.clone(),
    ));
    let mut hub = Hub::new(reference, Mode::Live, DateTime::UNIX_EPOCH);

    // The first look makes the series.
    let mut next = feed(
        &spool,
        &mut hub,
        &progress,
        0,
        f64::INFINITY,
        Duration::ZERO,
    )
    .await;
    settle(&spool).await;
    for (what, pace, lasts) in [("steady", STEADY, lasts), ("burst", BURST, BURST_LASTS)] {
        let before = progress.changes.load(Ordering::Relaxed);
        let from = next;
        let begun = Instant::now();
        next = feed(&spool, &mut hub, &progress, next, pace, lasts).await;
        let taken = begun.elapsed();
        let waiting = spool.status().depth;
        settle(&spool).await;
        let whole = begun.elapsed();
        let changes = progress.changes.load(Ordering::Relaxed) - before;
        let looks = next - from;
        let per_second = |took: Duration| changes as f64 / took.as_secs_f64();
        println!(
            "{what:<8} {looks} looks, {changes} changes in {taken:.1?}: taken at {:.0}/s, committed at {:.0}/s, {waiting} looks waited at the end, drained {:.1?} later",
            per_second(taken),
            per_second(whole),
            whole.saturating_sub(taken),
        );
        let met = if what == "steady" {
            // Kept up: what is left at the end is no more than a batch and what came meanwhile.
            per_second(whole) >= pace * 0.97
        } else {
            per_second(taken) >= pace * 0.97
        };
        let verdict = if met { "met" } else { "MISSED" };
        println!("         budget {pace:.0} changes/s for {lasts:.0?}: {verdict}");
    }
    stop.cancel();
    draining.await.unwrap();
    count(&pool, &progress, next).await;
    spool.close().await.unwrap();
    pool.close().await;
}

/// Looks from `n` on at `pace` changes a second, each acknowledged by the spool before the hub hears of it; at least one.
/// Returns the number of the next.
async fn feed(
    spool: &Spool,
    hub: &mut Hub,
    progress: &Progress,
    mut n: u64,
    pace: f64,
    lasts: Duration,
) -> u64 {
    let between = Duration::from_secs_f64(bodies::PRICES as f64 / pace);
    let begun = tokio::time::Instant::now();
    let mut due = begun;
    let mut waiting = tokio::task::JoinSet::new();
    loop {
        let payload = bodies::look(n);
        n += 1;
        let (to, heard) = (spool.clone(), payload.clone());
        waiting.spawn(async move { to.append(heard).await.map(|_| ()) });
        // Collectors wait for their own answer only; a dozen of them may wait at a time.
        while waiting.len() > 12 || (due + between >= begun + lasts && !waiting.is_empty()) {
            waiting.join_next().await.unwrap().unwrap().unwrap();
            progress.spooled.fetch_add(1, Ordering::Relaxed);
        }
        hub.apply(&payload).unwrap();
        due += between;
        if due >= begun + lasts {
            break;
        }
        tokio::time::sleep_until(due).await;
    }
    while let Some(done) = waiting.join_next().await {
        done.unwrap().unwrap();
        progress.spooled.fetch_add(1, Ordering::Relaxed);
    }
    n
}

async fn drain(
    spool: Spool,
    pool: PgPool,
    mut stager: Stager,
    progress: Arc<Progress>,
    stop: CancellationToken,
) {
    let mut appended = spool.watch();
    while !stop.is_cancelled() {
        let waiting = spool.peek(None, BATCH.0, BATCH.1).await.unwrap();
        if waiting.is_empty() {
            tokio::select! {
                _ = appended.changed() => {}
                () = stop.cancelled() => {}
            }
            continue;
        }
        let (seqs, batch): (Vec<_>, Vec<_>) =
            waiting.into_iter().map(|s| (s.seq, s.payload)).unzip();
        let written = stager.write(&pool, &batch).await.unwrap();
        progress
            .changes
            .fetch_add(written.total().changes, Ordering::Relaxed);
        progress
            .committed
            .fetch_add(batch.len() as u64, Ordering::Relaxed);
        spool.acknowledge(seqs).await.unwrap();
    }
}

/// Until the spool is empty.
async fn settle(spool: &Spool) {
    while spool.status().depth > 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Every look and every price of it is in the tables, once.
async fn count(pool: &PgPool, progress: &Progress, looks: u64) {
    let (fetches, rows, summed): (i64, i64, i64) = sqlx::query_as(
        "select (select count(*) from raw_data.collection_log where staged = 'staged'),
                (select count(*) from core_betting.line_history),
                (select sum(changes)::int8 from core_betting.lines_current)",
    )
    .fetch_one(pool)
    .await
    .unwrap();
    let prices = i64::try_from(looks * bodies::PRICES).unwrap();
    println!(
        "lost     {} of {looks} looks, {} of {prices} prices; the summary counts {summed}",
        i64::try_from(looks).unwrap() - fetches,
        prices - rows,
    );
    assert_eq!(
        (fetches, rows, summed),
        (i64::try_from(looks).unwrap(), prices, prices)
    );
    assert_eq!(progress.spooled.load(Ordering::Relaxed), looks);
    assert_eq!(progress.committed.load(Ordering::Relaxed), looks);
}
