//! How a feed's health is told: the breaker, a format that changed, and the same numbers in SQL.

use std::time::Duration;

use linetape::analytics::health::Pattern;
use linetape::domain::source::Source;
use linetape::engine::snapshot::{Breaker, Snapshot, SourceHealth, SourceView};
use sqlx::{PgPool, Row as _};
use tokio::time::Instant;

use super::postgres::test_database;
use super::proxy::Fault;
use super::rig::Rig;

fn row(snapshot: &Snapshot, source: Source) -> &SourceView {
    let mut rows = snapshot.sources.iter();
    rows.find(|row| row.source == source).unwrap()
}

/// What `raw_data.source_health` holds is what `raw_data.source_health_at` makes of the log.
async fn has_its_twin(pool: &PgPool, shown: &SourceView) {
    let rows = sqlx::query(
        "select h.confidence, a.confidence, h.failures_in_a_row::int8, a.failures_in_a_row, h.p50_ms, a.p50_ms,
                h.p95_ms, a.p95_ms, h.pattern, a.patterns[1], h.success_rate, a.answered::float8 / a.looks, h.breaker
         from raw_data.source_health h, raw_data.source_health_at(h.assessed_at) a
         where a.source = h.source and h.source = $1",
    )
    .bind(shown.source.as_str())
    .fetch_all(pool)
    .await
    .unwrap();
    assert_eq!(rows.len(), 1, "{shown:?}");
    let (row, seen) = (&rows[0], &shown.assessed);
    let number = |n: usize| row.get::<Option<f64>, _>(n).unwrap();
    for (stored, counted) in [(0, 1), (10, 11)] {
        assert!(
            (number(stored) - number(counted)).abs() < 1e-6,
            "{} is stored, {} is counted: {shown:?}",
            number(stored),
            number(counted)
        );
    }
    assert_eq!(seen.confidence, Some(number(0)), "what the screen shows");
    assert_eq!(row.get::<i64, _>(2), row.get::<i64, _>(3));
    for (stored, counted) in [(4, 5), (6, 7)] {
        let of = |n: usize| row.get::<Option<i32>, _>(n);
        assert_eq!(of(stored), of(counted), "{shown:?}");
    }
    let text = |n: usize| row.get::<Option<String>, _>(n);
    assert_eq!(text(8), text(9));
    assert_eq!(
        text(8).as_deref(),
        seen.patterns.first().map(|p| p.as_str())
    );
    assert_eq!(text(12).as_deref(), Some(shown.breaker.as_str()));
}

/// Everything at rest, and written down.
async fn at_rest(rig: &Rig, pool: &PgPool) {
    rig.settle().await;
    let begun = Instant::now();
    for source in [Source::ActionNetwork, Source::OddsApi] {
        loop {
            let shown = rig.source(source);
            let written: Option<bool> = sqlx::query_scalar(
                "select assessed_at = $2 from raw_data.source_health where source = $1",
            )
            .bind(source.as_str())
            .bind(shown.assessed_at)
            .fetch_optional(pool)
            .await
            .unwrap()
            .flatten();
            if written == Some(true) {
                has_its_twin(pool, &shown).await;
                break;
            }
            assert!(
                begun.elapsed() < super::rig::PATIENCE,
                "{shown:?} is written"
            );
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_breaker_lets_one_question_through_and_closes_after_an_answer() {
    let database = test_database().await;
    let rig = Rig::start(&database.url(), |settings| {
        // Three questions a cycle, and no second try of the client's.
        settings.collect.days = 3;
        settings.http.retries = 0;
        settings.sources.action_network.history = false;
    })
    .await;
    let source = Source::ActionNetwork;
    rig.until_source(source, SourceHealth::Healthy).await;
    rig.proxy.hurt("/web/", Fault::BlackHole);
    rig.until("the breaker opens", |s| {
        row(s, source).breaker == Breaker::Open
    })
    .await;
    let before = rig.proxy.asked("/web/").len();
    // A question that is not answered takes long enough to be seen.
    rig.until("one question decides", |s| {
        row(s, source).breaker == Breaker::HalfOpen
    })
    .await;
    rig.until("more questions", |_| {
        rig.proxy.asked("/web/").len() > before + 2
    })
    .await;
    let asked = rig.proxy.asked("/web/");
    for pair in asked[before..].windows(2) {
        let apart = pair[1].at - pair[0].at;
        // Its time-out, and the wait that follows a failure.
        assert!(
            apart >= Duration::from_millis(1_200),
            "asked again after {apart:?}"
        );
    }
    let shown = rig.source(source);
    assert!(
        shown.assessed.patterns.contains(&Pattern::Timeout),
        "{shown:?}"
    );
    assert_eq!(shown.assessed.confidence, Some(0.0));
    assert_eq!(row(&rig.now(), Source::OddsApi).breaker, Breaker::Closed);

    rig.proxy.heal();
    rig.until("the breaker is closed again", |s| {
        let row = row(s, source);
        row.breaker == Breaker::Closed && row.assessed.failures_in_a_row == 0
    })
    .await;
    rig.until_source(source, SourceHealth::Healthy).await;
    at_rest(&rig, &database.pool).await;
    rig.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_hold_nothing_any_more_are_told_as_a_change_of_format() {
    let database = test_database().await;
    let rig = Rig::start(&database.url(), |_| {}).await;
    let source = Source::OddsApi;
    rig.until_source(source, SourceHealth::Healthy).await;
    rig.until("some answers are usual", |s| {
        let row = row(s, source);
        row.assessed.rows_usual > Some(0.0) && row.assessed.grade().is_some()
    })
    .await;
    let odds = "/odds";
    rig.proxy
        .hurt(odds, Fault::Body("application/json", b"[]".to_vec()));
    let snapshot = rig
        .until("the change is told", |s| {
            let row = row(s, source);
            row.assessed.patterns.contains(&Pattern::SchemaChange)
                && row.health == SourceHealth::Degraded
        })
        .await;
    let shown = row(&snapshot, source);
    assert!(shown.assessed.confidence < Some(0.8), "{shown:?}");
    let reason = shown.reason.clone().unwrap_or_default();
    assert!(reason.contains("changed its format"), "{reason}");
    assert_eq!(shown.breaker, Breaker::Closed, "it answers");
    at_rest(&rig, &database.pool).await;
    rig.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_are_a_pattern_and_trust_comes_back() {
    let database = test_database().await;
    let rig = Rig::start(&database.url(), |_| {}).await;
    let source = Source::OddsApi;
    rig.until_source(source, SourceHealth::Healthy).await;
    rig.proxy.hurt("/v4/", Fault::Status(429, Some(1)));
    rig.until("the limit is a pattern", |s| {
        let row = row(s, source);
        row.assessed.patterns.contains(&Pattern::RateLimited) && row.breaker == Breaker::Open
    })
    .await;
    rig.proxy.heal();
    rig.until("trust comes back", |s| {
        let row = row(s, source);
        row.breaker == Breaker::Closed && row.assessed.confidence >= Some(0.8)
    })
    .await;
    at_rest(&rig, &database.pool).await;
    rig.end().await;
}
