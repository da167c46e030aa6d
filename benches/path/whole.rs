//! The whole path: payload bytes into the spool, out of it into Postgres, and only then forgotten.

use std::sync::Arc;
use std::time::Instant;

use chrono::TimeDelta;
use linetape::config::settings;
use linetape::engine::pipeline::write::Stager;
use linetape::engine::reference::Reference;
use linetape::spool::Spool;
use linetape::store;

use super::postgres::test_database;
use super::{bodies, rate, report};

/// Payloads in a batch, as the drain takes them.
const BATCH: usize = 64;

pub async fn run() {
    let database = test_database().await;
    let reference = Arc::new(Reference::builtin().unwrap());
    store::migrate::migrate(&database.pool).await.unwrap();
    store::reference::seed(&database.pool, &reference.books, &reference.teams)
        .await
        .unwrap();
    let payloads = bodies::market(320, TimeDelta::seconds(90));
    let folder = tempfile::tempdir().unwrap();
    let spool = Spool::open(folder.path(), "bench", &settings::Spool::default()).unwrap();
    let mut stager = Stager::new(reference, true, 5_000);

    let begun = Instant::now();
    let (mut changes, mut observations) = (0, 0);
    for slice in payloads.chunks(BATCH) {
        let appends = slice.iter().map(|payload| spool.append(payload.clone()));
        for appended in futures_util::future::join_all(appends).await {
            appended.unwrap();
        }
        let waiting = spool.peek(None, BATCH, u64::MAX).await.unwrap();
        let (seqs, batch): (Vec<_>, Vec<_>) =
            waiting.into_iter().map(|s| (s.seq, s.payload)).unzip();
        let written = stager.write(&database.pool, &batch).await.unwrap();
        spool.acknowledge(seqs).await.unwrap();
        changes += written.total().changes as usize;
        observations += written.observations as usize;
    }
    let took = begun.elapsed();
    spool.close().await.unwrap();
    let speed = rate(changes, took);
    let number = format!("{speed:.0} changes/s");
    let what = format!(
        "payload bytes → spool → committed, {} payloads",
        payloads.len()
    );
    report(&what, number, Some(("5,000/s", speed >= 5_000.0)));
    report(
        "  prices seen on it",
        format!("{:.0} prices/s", rate(observations, took)),
        None,
    );
}
