//! The staging tables as text, to compare two databases, and the checks that any state of them must pass.

// Every test binary uses a part of it.
#![allow(dead_code)]

use std::sync::Arc;

use chrono::{DateTime, Utc};
use linetape::domain::payload::{Payload, PayloadHash, RequestIdentity};
use linetape::engine::pipeline::write::Stager;
use linetape::engine::reference::Reference;
use linetape::store;
use sqlx::{PgPool, Row as _};
use uuid::Uuid;

/// Every staged row with all its columns but those that tell when this machine wrote it.
#[derive(Debug, PartialEq)]
pub struct Tables {
    pub history: Vec<String>,
    pub current: Vec<String>,
    pub splits: Vec<String>,
    pub games: Vec<String>,
}

async fn texts(pool: &PgPool, sql: &'static str) -> Vec<String> {
    sqlx::query_scalar(sql).fetch_all(pool).await.unwrap()
}

impl Tables {
    /// As they stand.
    pub async fn read(pool: &PgPool) -> Self {
        Self {
            history: texts(pool, "select (to_jsonb(h) - 'stored_at')::text from core_betting.line_history h order by game_id, series_id, at").await,
            current: current(pool).await,
            splits: texts(pool, "select to_jsonb(s)::text from core_betting.betting_splits s order by game_id, stream, scope, market, period, side, at").await,
            games: texts(pool, "select (to_jsonb(g) - 'created_at' - 'updated_at' - 'original_starts_at' - 'demo')::text from core_betting.games g order by game_id").await,
        }
    }

    /// Panics with the first row that differs.
    #[track_caller]
    pub fn must_equal(&self, other: &Self, what: &str) {
        for (name, a, b) in [
            ("games", &self.games, &other.games),
            ("line_history", &self.history, &other.history),
            ("lines_current", &self.current, &other.current),
            ("betting_splits", &self.splits, &other.splits),
        ] {
            same(name, a, b, what);
        }
    }
}

#[track_caller]
fn same(name: &str, a: &[String], b: &[String], what: &str) {
    if let Some((a, b)) = a.iter().zip(b).find(|(a, b)| a != b) {
        panic!("{what}: {name} differs\n{a}\n{b}");
    }
    assert_eq!(a.len(), b.len(), "{what}: rows of {name}");
}

async fn current(pool: &PgPool) -> Vec<String> {
    texts(
        pool,
        "select to_jsonb(c)::text from core_betting.lines_current c order by game_id, series_id",
    )
    .await
}

/// The current rows are what the rule makes of the history.
pub async fn check_summary(pool: &PgPool) {
    let kept = current(pool).await;
    let mut tx = pool.begin().await.unwrap();
    sqlx::query(
        "select core_betting.recompute_series(array_agg(game_id), array_agg(series_id))
         from (select distinct game_id, series_id from core_betting.line_history
               union select game_id, series_id from core_betting.lines_current) s",
    )
    .execute(&mut *tx)
    .await
    .unwrap();
    let recomputed: Vec<String> = sqlx::query_scalar(
        "select to_jsonb(c)::text from core_betting.lines_current c order by game_id, series_id",
    )
    .fetch_all(&mut *tx)
    .await
    .unwrap();
    tx.rollback().await.unwrap();
    same(
        "lines_current",
        &kept,
        &recomputed,
        "kept against recomputed",
    );
}

/// Every fetch in the log with its bytes, in the order they were received, as staging takes them.
pub async fn payloads(pool: &PgPool) -> Vec<Payload> {
    let rows = sqlx::query(
        "select l.fetch_id, l.stream, l.request, l.league, l.source_game_id, l.status, l.observed_at, l.elapsed_ms,
                l.reconstructed, l.error, l.payload_hash,
                (select p.body from raw_data.payloads p where p.payload_hash = l.payload_hash limit 1)
         from raw_data.collection_log l order by l.fetch_id",
    )
    .fetch_all(pool)
    .await
    .unwrap();
    let payload = |row: &sqlx::postgres::PgRow| {
        let stored: Option<Vec<u8>> = row.get(11);
        let body = stored.map_or_else(Vec::new, |b| zstd::bulk::decompress(&b, 64 << 20).unwrap());
        let hash = PayloadHash::of(&body);
        let logged: Option<Vec<u8>> = row.get(10);
        assert_eq!(
            logged.map_or(hash.0.to_vec(), |h| h),
            hash.0,
            "bytes and hash agree"
        );
        Payload {
            fetch_id: row.get(0),
            request: RequestIdentity {
                stream: row.get::<&str, _>(1).parse().unwrap(),
                url: row.get(2),
                league: row.get::<Option<&str>, _>(3).map(|l| l.parse().unwrap()),
                source_game_id: row.get::<Option<&str>, _>(4).map(Arc::from),
            },
            status: u16::try_from(row.get::<i16, _>(5)).unwrap(),
            observed_at: row.get(6),
            elapsed_ms: 0,
            reconstructed: row.get(8),
            error: row.get(9),
            body: body.into(),
            hash,
        }
    };
    rows.iter().map(payload).collect()
}

/// The ids of every fetch in the log.
pub async fn logged(pool: &PgPool) -> Vec<Uuid> {
    sqlx::query_scalar("select fetch_id from raw_data.collection_log order by fetch_id")
        .fetch_all(pool)
        .await
        .unwrap()
}

/// Bring a database to the newest schema.
pub async fn prepare(pool: &PgPool, reference: &Reference) {
    store::migrate::migrate(pool).await.unwrap();
    store::reference::seed(pool, &reference.books, &reference.teams)
        .await
        .unwrap();
}

/// Stage payloads in slices, one writer, nothing in the way.
pub async fn stage(pool: &PgPool, payloads: &[Payload], slice: usize) {
    let reference = Arc::new(Reference::builtin().unwrap());
    prepare(pool, &reference).await;
    let mut stager = Stager::new(reference, true, 1_000);
    for batch in payloads.chunks(slice) {
        stager.write(pool, batch).await.unwrap();
    }
}

/// A payload as a fetch brings it.
pub fn payload(
    request: RequestIdentity,
    body: impl Into<Arc<[u8]>>,
    observed_at: DateTime<Utc>,
) -> Payload {
    let body = body.into();
    Payload {
        fetch_id: Uuid::now_v7(),
        request,
        status: 200,
        observed_at,
        elapsed_ms: 1,
        reconstructed: false,
        error: None,
        hash: PayloadHash::of(&body),
        body,
    }
}

/// Looks of Action Network's scoreboard at the demo market, three hours apart.
pub fn demo_looks(count: i64) -> Vec<Payload> {
    let market = linetape::demo::Market::new(7, 3).unwrap();
    (0..count)
        .map(|n| {
            let at = linetape::demo::EPOCH + chrono::TimeDelta::hours(3 * n);
            let day = linetape::domain::time::slate_date(linetape::demo::EPOCH).format("%Y%m%d");
            let query = format!("bookIds=15,30,68,69,71,75,79,123&periods=event&date={day}");
            let path = "/web/v2/scoreboard/mlb";
            let reply = market.answer(path, &query, at);
            let request = RequestIdentity {
                stream: linetape::domain::source::Stream::AnScoreboard,
                url: format!("https://demo.test{path}"),
                league: Some(linetape::domain::league::League::Mlb),
                source_game_id: None,
            };
            payload(request, reply.body, at)
        })
        .collect()
}
