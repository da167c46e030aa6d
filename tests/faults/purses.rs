//! Two processes with one key: what they take of a feed's credits together is never more than there is, with Postgres
//! there or not.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use linetape::config::settings::Database;
use linetape::domain::source::Source;
use linetape::engine::quota::{Purse, Terms};
use linetape::engine::reference::Reference;
use linetape::sources::Quota;
use linetape::store::pool;
use sqlx::PgPool;

use super::postgres::test_database;
use super::tables::prepare;

const GRANT: u64 = 100;
const TERMS: Terms = Terms {
    kept: 10,
    block: 12,
    reset_day: 1,
};

fn noon() -> DateTime<Utc> {
    "2025-07-12T12:00:00Z".parse().unwrap()
}

/// Ask until three questions in a row are forbidden; the feed's count is what it has left.
async fn spend(purse: &mut Purse, pool: Option<&PgPool>, left: &AtomicU64, from: i64) -> u64 {
    let (mut spent, mut forbidden) = (0, 0);
    for n in 0..200 {
        let now = noon() + TimeDelta::seconds(from + n);
        if purse.take(3, pool, now).await.is_err() {
            forbidden += 1;
            if forbidden == 3 {
                break;
            }
            continue;
        }
        forbidden = 0;
        let before = left.fetch_sub(3, Ordering::SeqCst);
        assert!(before >= TERMS.kept + 3, "{before} credits were left");
        spent += 3;
        // Another task may ask in between.
        tokio::task::yield_now().await;
        let told = Quota {
            remaining: Some(left.load(Ordering::SeqCst)),
            used: None,
            last: Some(3),
        };
        purse.told(told, 3, pool, now).await;
    }
    spent
}

/// The first word on the credits, which everybody needs.
async fn hear(purse: &mut Purse, pool: &PgPool, left: &AtomicU64) {
    purse.take(3, Some(pool), noon()).await.unwrap();
    left.fetch_sub(3, Ordering::SeqCst);
    let told = Quota {
        remaining: Some(left.load(Ordering::SeqCst)),
        used: None,
        last: Some(3),
    };
    purse.told(told, 3, Some(pool), noon()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_purses_on_two_connections_never_spend_more_than_there_is() {
    let database = test_database().await;
    prepare(&database.pool, &Reference::builtin().unwrap()).await;
    let connect = database.embedded().connect_options(&database.name);
    let other_pool = pool::open(connect, &Database::default()).await.unwrap();
    let left = Arc::new(AtomicU64::new(GRANT));
    let mut one = Purse::new(Source::OddsApi, TERMS);
    let mut other = Purse::new(Source::OddsApi, TERMS);
    hear(&mut one, &database.pool, &left).await;
    let (a, b) = tokio::join!(
        spend(&mut one, Some(&database.pool), &left, 1),
        spend(&mut other, Some(&other_pool), &left, 1),
    );
    let rest = left.load(Ordering::SeqCst);
    assert!(rest >= TERMS.kept, "{rest} are left of {GRANT}");
    assert!(a > 0 && b > 0, "both got some: {a} and {b}");
    assert_eq!(GRANT - 3 - a - b, rest);
    // What one gives back, the other may have: nothing is lost between them.
    one.give_back(Some(&database.pool), noon() + TimeDelta::minutes(10))
        .await;
    other
        .give_back(Some(&other_pool), noon() + TimeDelta::minutes(10))
        .await;
    let more = spend(&mut other, Some(&other_pool), &left, 900).await;
    assert!(
        left.load(Ordering::SeqCst) < TERMS.kept + 3,
        "{more} more were taken"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_postgres_is_away_only_the_block_at_hand_is_spent() {
    let database = test_database().await;
    prepare(&database.pool, &Reference::builtin().unwrap()).await;
    let connect = database.embedded().connect_options(&database.name);
    let other_pool = pool::open(connect, &Database::default()).await.unwrap();
    let left = AtomicU64::new(GRANT);
    let mut one = Purse::new(Source::OddsApi, TERMS);
    let mut other = Purse::new(Source::OddsApi, TERMS);
    hear(&mut one, &database.pool, &left).await;
    hear(&mut other, &other_pool, &left).await;
    // The middle: nobody reaches the ledger. Each spends what it holds, less the three it has spent, and no more.
    let (a, b) = tokio::join!(
        spend(&mut one, None, &left, 1),
        spend(&mut other, None, &left, 1),
    );
    assert_eq!((a, b), (9, 9));
    // It is back, and one of the two died meanwhile without giving anything back.
    drop(one);
    let more = spend(&mut other, Some(&other_pool), &left, 60).await;
    let rest = left.load(Ordering::SeqCst);
    assert!(
        more > 0 && rest >= TERMS.kept,
        "{more} more, {rest} are left"
    );
    // What was spent of two blocks is not known, so the ledger counts them whole for a day: too little, never too much.
    assert_eq!(rest, TERMS.kept + 2 * (TERMS.block - 3));
}
