//! Postgres stops, crashes, loses its answers, refuses a row, is shared. Whatever the spool acknowledged is in the log
//! once, and the staged rows are those of an undisturbed run.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use chrono::TimeDelta;
use linetape::demo::{EPOCH, Market};
use linetape::domain::league::League;
use linetape::domain::payload::{Payload, RequestIdentity};
use linetape::domain::source::Stream;
use linetape::engine::pipeline::write::Stager;
use linetape::engine::reference::Reference;
use linetape::engine::snapshot::{Collecting, DatabaseState, Snapshot};
use linetape::spool;
use sqlx::PgPool;
use tokio::time::Instant;
use uuid::Uuid;

use super::cluster::{Cluster, Stop};
use super::postgres::test_database;
use super::rig::{PATIENCE, Rig};
use super::tables::{Tables, check_summary, logged, payload, payloads, prepare, stage};
use super::wire::Wire;

fn is_down(snapshot: &Snapshot) -> bool {
    matches!(snapshot.persistence.database, DatabaseState::Down { .. })
}

fn is_up(snapshot: &Snapshot) -> bool {
    snapshot.persistence.database == DatabaseState::Up
}

/// What waits in the spool.
async fn waiting(rig: &Rig) -> BTreeSet<Uuid> {
    let all = rig.spool.peek(None, 100_000, u64::MAX).await.unwrap();
    all.into_iter().map(|s| s.payload.fetch_id).collect()
}

/// The log holds what the spool took, once; the rows are those that the same payloads give when nothing goes wrong.
async fn check_nothing_lost_nothing_twice(pool: &PgPool, taken: u64, seen: &BTreeSet<Uuid>) {
    let ids = logged(pool).await;
    let distinct: BTreeSet<Uuid> = ids.iter().copied().collect();
    assert_eq!(distinct.len(), ids.len(), "no fetch twice");
    assert_eq!(
        ids.len() as u64,
        taken,
        "as many fetches as the spool acknowledged"
    );
    assert!(seen.is_subset(&distinct), "lost: {:?}", seen - &distinct);
    let repeated: i64 = sqlx::query_scalar(
        "select count(*) from raw_data.collection_log where staged in ('duplicate', 'pending')",
    )
    .fetch_one(pool)
    .await
    .unwrap();
    assert_eq!(repeated, 0);
    check_summary(pool).await;
    let calm = test_database().await;
    stage(&calm.pool, &payloads(pool).await, 7).await;
    let (got, wanted) = (Tables::read(pool).await, Tables::read(&calm.pool).await);
    assert!(wanted.history.len() > 50, "{} rows", wanted.history.len());
    got.must_equal(&wanted, "disturbed against undisturbed");
}

/// Payloads of the demo market, a look every 20 s of its time.
fn market_payloads(looks: i64) -> Vec<Payload> {
    let market = Market::new(7, 4).unwrap();
    let look = |n: i64| {
        let at = EPOCH + TimeDelta::hours(6) + TimeDelta::seconds(20 * n);
        let query = "bookIds=15,30,68,69,71,75,79,123&periods=event";
        let body = market.answer("/web/v2/scoreboard/mlb", query, at).body;
        let request = RequestIdentity {
            stream: Stream::AnScoreboard,
            url: "https://example.test/web/v2/scoreboard/mlb".into(),
            league: Some(League::Mlb),
            source_game_id: None,
        };
        payload(request, body, at)
    };
    (0..looks).map(look).collect()
}

async fn outage(how: Stop) {
    let cluster = Cluster::start().await;
    let rig = Rig::start(&cluster.url(), |_| {}).await;
    rig.until("data flows", |s| s.persistence.changes > 100)
        .await;
    cluster.stop(how);
    let down = rig.until("the outage shows", is_down).await;
    let DatabaseState::Down { reason, .. } = &down.persistence.database else {
        panic!()
    };
    assert!(reason.len() > 10, "{reason}");
    // The screen goes on, and the spool grows.
    let seen_at = |s: &Snapshot| s.games.iter().filter_map(|g| g.seen_at).max();
    let depth = down.persistence.spool_depth;
    let later = rig
        .until("the screen goes on while the spool grows", |s| {
            s.persistence.spool_depth > depth + 6
                && seen_at(s) > seen_at(&down)
                && s.tape.first().map(|e| e.serial) > down.tape.first().map(|e| e.serial)
        })
        .await;
    assert!(
        is_down(&later) && later.persistence.spool_oldest_s > Some(0),
        "{:?}",
        later.persistence
    );
    let seen = waiting(&rig).await;
    assert!(seen.len() > 6);
    cluster.start_again();
    rig.until("writes go through again", |s| {
        is_up(s) && s.persistence.spool_depth == 0
    })
    .await;
    rig.settle().await;
    let taken = rig.spool.status().appended;
    let last = rig.end().await;
    let pool = cluster.pool().await;
    check_nothing_lost_nothing_twice(&pool, taken, &seen).await;
    assert_eq!(last.persistence.payloads as u64, taken, "the panel agrees");
    pool.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_stopped_in_order_and_started_again() {
    outage(Stop::Fast).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_crashed_and_started_again() {
    outage(Stop::Immediate).await;
}

/// The batch is not out of the spool before its commit: somebody holds the writers' turn, so nothing can commit.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_leaves_the_spool_before_its_commit() {
    let database = test_database().await;
    let rig = Rig::start(&database.url(), |_| {}).await;
    rig.until("data flows", |s| s.persistence.changes > 10)
        .await;
    let mut pen = database.pool.begin().await.unwrap();
    sqlx::query("select from operational.writer_head for update")
        .execute(&mut *pen)
        .await
        .unwrap();
    let seen = held(&rig, 4).await;
    let committed: BTreeSet<Uuid> = logged(&database.pool).await.into_iter().collect();
    assert!(seen.is_disjoint(&committed));
    // What was taken is in one of the two places, at any moment.
    let status = rig.spool.status();
    assert!(seen.len() as u64 + status.acknowledged <= status.appended);
    assert_eq!(
        status.acknowledged,
        committed.len() as u64,
        "acknowledged is committed"
    );
    // The waiting writer dies: what it held is still there.
    sqlx::query("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'")
        .execute(&database.pool)
        .await
        .unwrap();
    pen.rollback().await.unwrap();
    rig.settle().await;
    let taken = rig.spool.status().appended;
    rig.end().await;
    check_nothing_lost_nothing_twice(&database.pool, taken, &seen).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn backends_killed_at_random_lose_and_repeat_nothing() {
    let database = test_database().await;
    let rig = Rig::start(&database.url(), |s| {
        s.sources.action_network.every = Duration::from_secs(4);
    })
    .await;
    rig.until("data flows", |s| s.persistence.changes > 10)
        .await;
    let mut seen = BTreeSet::new();
    let mut killed = 0;
    let until = Instant::now() + Duration::from_secs(6);
    while Instant::now() < until {
        seen.extend(waiting(&rig).await);
        killed += sqlx::query(
            "select pg_terminate_backend(pid) from pg_stat_activity
             where datname = current_database() and pid <> pg_backend_pid() and xact_start is not null",
        )
        .execute(&database.pool)
        .await
        .unwrap()
        .rows_affected();
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
    assert!(killed > 2, "{killed} transactions were hit");
    rig.until("writes go through again", is_up).await;
    rig.settle().await;
    let taken = rig.spool.status().appended;
    rig.end().await;
    check_nothing_lost_nothing_twice(&database.pool, taken, &seen).await;
}

/// What waits in the spool, once it is more than `count`: looks come when the market is worth them.
async fn held(rig: &Rig, count: usize) -> BTreeSet<Uuid> {
    let until = Instant::now() + PATIENCE;
    loop {
        let seen = waiting(rig).await;
        if seen.len() > count {
            return seen;
        }
        assert!(Instant::now() < until, "{} wait", seen.len());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// The server has committed and says so, and linetape never hears it.
#[tokio::test(flavor = "multi_thread")]
async fn a_commit_whose_answer_is_lost_is_repeated_without_effect() {
    let cluster = Cluster::start().await;
    let wire = Wire::start(&cluster.socket()).await;
    let rest = cluster.url().replace("postgresql://", "");
    let (user, _) = rest.split_once('@').unwrap();
    let url = format!(
        "postgresql://{user}@{}/faulty?sslmode=disable",
        wire.address
    );
    let rig = Rig::start(&url, |_| {}).await;
    rig.until("data flows", |s| s.persistence.changes > 10)
        .await;
    for _ in 0..2 {
        // Others commit too: the next answer is swallowed until it was the writer's.
        rig.until("the answer is missed", |s| {
            let missed = is_down(s);
            wire.swallow.store(u32::from(!missed), Ordering::Relaxed);
            missed
        })
        .await;
        rig.until("writes go through again", |s| {
            is_up(s) && s.persistence.spool_depth == 0
        })
        .await;
    }
    rig.settle().await;
    let taken = rig.spool.status().appended;
    let last = rig.end().await;
    let pool = cluster.pool().await;
    check_nothing_lost_nothing_twice(&pool, taken, &BTreeSet::new()).await;
    assert_eq!(
        last.persistence.payloads as u64, taken,
        "the panel counts each once"
    );
    pool.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payload_that_postgres_refuses_is_put_aside_alone() {
    let database = test_database().await;
    prepare(&database.pool, &Reference::builtin().unwrap()).await;
    sqlx::query("alter table raw_data.collection_log add constraint poison check (request not like '%poison%')")
        .execute(&database.pool)
        .await
        .unwrap();
    let rig = Rig::start(&database.url(), |_| {}).await;
    rig.until("data flows", |s| s.persistence.changes > 10)
        .await;
    // Held back, so that good and bad payloads are in one batch.
    let mut pen = database.pool.begin().await.unwrap();
    sqlx::query("select from operational.writer_head for update")
        .execute(&mut *pen)
        .await
        .unwrap();
    let mut bad = Vec::new();
    for mut payload in market_payloads(2) {
        payload.request.url = "https://example.test/poison".into();
        bad.push(payload.fetch_id);
        rig.engine.intake().admit(payload).await.unwrap();
        tokio::time::sleep(Duration::from_millis(700)).await;
    }
    let seen = held(&rig, 4).await;
    assert!(bad.iter().all(|id| seen.contains(id)));
    pen.rollback().await.unwrap();
    let shown = rig
        .until("both are put aside", |s| s.persistence.quarantined == 2)
        .await;
    assert!(shown.persistence.errors >= 2);
    assert!(
        shown
            .persistence
            .last_error
            .as_ref()
            .is_some_and(|e| e.contains("poison")),
        "{:?}",
        shown.persistence
    );
    rig.settle().await;
    let status = rig.spool.status();
    let (root, fingerprint) = rig.spools();
    let aside: Vec<_> = spool::list(root, fingerprint).unwrap();
    assert_eq!(
        aside.iter().map(|l| l.fetch_id).collect::<Vec<_>>(),
        bad,
        "and nothing else"
    );
    assert!(
        aside
            .iter()
            .all(|l| l.quarantined.as_ref().is_some_and(|r| r.contains("poison")))
    );
    let rest: BTreeSet<Uuid> = seen.into_iter().filter(|id| !bad.contains(id)).collect();
    rig.end().await;
    check_nothing_lost_nothing_twice(&database.pool, status.appended - 2, &rest).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_spool_stops_polling_and_goes_on_by_itself() {
    let cluster = Cluster::start().await;
    let rig = Rig::start(&cluster.url(), |s| s.spool.max_bytes = 300_000).await;
    rig.until("data flows", |s| s.persistence.changes > 10)
        .await;
    cluster.stop(Stop::Fast);
    let full = rig
        .until("the spool is full", |s| {
            matches!(s.collecting, Collecting::Stopped(_))
        })
        .await;
    let Collecting::Stopped(reason) = &full.collecting else {
        panic!()
    };
    assert!(reason.len() > 20, "{reason}");
    tokio::time::sleep(Duration::from_millis(1_000)).await;
    let asked = rig.proxy.asked("/").len();
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(
        rig.proxy.asked("/").len(),
        asked,
        "no request is spent while nothing can be kept"
    );
    assert_eq!(rig.spool.status().dropped, 0);
    let seen = waiting(&rig).await;
    cluster.start_again();
    rig.until("polling goes on", |s| {
        s.collecting == Collecting::On && s.persistence.spool_depth == 0
    })
    .await;
    rig.until("and brings something", |_| {
        rig.proxy.asked("/").len() > asked
    })
    .await;
    rig.settle().await;
    let taken = rig.spool.status().appended;
    rig.end().await;
    let pool = cluster.pool().await;
    check_nothing_lost_nothing_twice(&pool, taken, &seen).await;
    pool.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_flushes_what_waits() {
    let database = test_database().await;
    let rig = Rig::start(&database.url(), |_| {}).await;
    rig.until("data flows", |s| s.persistence.changes > 10)
        .await;
    let mut pen = database.pool.begin().await.unwrap();
    sqlx::query("select from operational.writer_head for update")
        .execute(&mut *pen)
        .await
        .unwrap();
    let seen = held(&rig, 3).await;
    pen.rollback().await.unwrap();
    let begun = Instant::now();
    let spool = rig.spool.clone();
    let last = rig.end().await;
    assert!(
        begun.elapsed() < Duration::from_secs(5),
        "{:?}",
        begun.elapsed()
    );
    assert_eq!((spool.status().depth, last.persistence.spool_depth), (0, 0));
    check_nothing_lost_nothing_twice(&database.pool, spool.status().appended, &seen).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_does_not_wait_for_a_postgres_that_hangs() {
    let database = test_database().await;
    let rig = Rig::start(&database.url(), |_| {}).await;
    rig.until("data flows", |s| s.persistence.changes > 10)
        .await;
    let mut pen = database.pool.begin().await.unwrap();
    sqlx::query("select from operational.writer_head for update")
        .execute(&mut *pen)
        .await
        .unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    let waits = rig.spool.status().depth;
    assert!(waits > 1);
    let begun = Instant::now();
    let last = rig.end().await;
    assert!(
        begun.elapsed() < Duration::from_secs(6),
        "{:?}",
        begun.elapsed()
    );
    assert!(
        last.persistence.spool_depth >= waits,
        "it waits for the next run"
    );
    pen.rollback().await.unwrap();
}

/// Two processes write one database in turns: each finds the other's rows before it decides what is a change.
#[tokio::test]
async fn a_writer_that_is_overtaken_reads_anew() {
    let shared = test_database().await;
    let alone = test_database().await;
    let reference = Arc::new(Reference::builtin().unwrap());
    prepare(&shared.pool, &reference).await;
    let all = market_payloads(60);
    let mut writers = [
        Stager::new(Arc::clone(&reference), true, 1_000),
        Stager::new(Arc::clone(&reference), true, 1_000),
    ];
    // In runs of uneven length, so that each is overtaken in the middle of its memory.
    for (nth, batch) in all.chunks(3).enumerate() {
        let writer = &mut writers[usize::from(nth % 5 < 2)];
        writer.write(&shared.pool, batch).await.unwrap();
    }
    stage(&alone.pool, &all, 3).await;
    check_summary(&shared.pool).await;
    let (got, wanted) = (
        Tables::read(&shared.pool).await,
        Tables::read(&alone.pool).await,
    );
    assert!(wanted.history.len() > 200, "{}", wanted.history.len());
    got.must_equal(&wanted, "two writers against one");
    // At the same time: the pen makes them take turns.
    let both = test_database().await;
    prepare(&both.pool, &reference).await;
    let [first, second] = &mut writers;
    let (odd, even): (Vec<_>, Vec<_>) = all.chunks(4).enumerate().partition(|(n, _)| n % 2 == 0);
    let write = async |writer: &mut Stager, slices: Vec<(usize, &[Payload])>| {
        for (_, slice) in slices {
            writer.write(&both.pool, slice).await.unwrap();
        }
    };
    tokio::join!(write(first, odd), write(second, even));
    check_summary(&both.pool).await;
    Tables::read(&both.pool)
        .await
        .must_equal(&wanted, "at the same time");
}
