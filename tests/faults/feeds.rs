//! Feeds that lie, stall and refuse. One feed is hurt; the other must go on as if nothing had happened.

use std::time::Duration;

use linetape::config::settings::Settings;
use linetape::domain::payload::PayloadHash;
use linetape::domain::source::Source;
use linetape::engine::clock::Clock;
use linetape::engine::command::Command;
use linetape::engine::snapshot::{Collecting, ErrandKind, Mode, Snapshot, SourceHealth};
use linetape::spool::Spool;
use sqlx::{PgPool, Row as _};
use tokio::time::Instant;

use super::postgres::test_database;
use super::proxy::{Fault, garbage, page};
use super::rig::{Rig, connection, engine, settings, until};

const ODDS: &str = "/v4/";

async fn count(pool: &PgPool, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(pool).await.unwrap()
}

/// Action Network brings new fetches while The Odds API is hurt.
async fn the_other_goes_on(rig: &Rig) {
    let before = rig.source(Source::ActionNetwork);
    rig.until("the other feed goes on", |s| {
        s.sources.iter().any(|s| {
            s.source == Source::ActionNetwork
                && s.fetched > before.fetched + 1
                && s.health == SourceHealth::Healthy
        })
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_are_no_answer_are_kept_counted_and_told() {
    let database = test_database().await;
    let rig = Rig::start(&database.url(), |_| {}).await;
    rig.until_source(Source::OddsApi, SourceHealth::Healthy)
        .await;
    for (name, fault, said) in [
        ("a page", page(), "web page"),
        ("garbage", garbage(), "not text"),
        (
            "cut JSON",
            Fault::Body("application/json", b"[{\"id\": \"a\", \"bookmak".to_vec()),
            "ends early",
        ),
        (
            "nothing",
            Fault::Body("application/json", Vec::new()),
            "empty",
        ),
    ] {
        let Fault::Body(_, body) = &fault else {
            panic!()
        };
        let hash = PayloadHash::of(body).0.to_vec();
        let rejects = rig.source(Source::OddsApi).rejects;
        rig.proxy.hurt(ODDS, fault.clone());
        let snapshot = rig
            .until(name, |s| {
                s.sources.iter().any(|s| {
                    s.source == Source::OddsApi
                        && s.rejects > rejects
                        && s.health == SourceHealth::Degraded
                })
            })
            .await;
        let row = snapshot
            .sources
            .iter()
            .find(|s| s.source == Source::OddsApi)
            .unwrap();
        let reason = row.reason.clone().unwrap_or_default();
        assert!(reason.contains(said), "{name}: {reason}");
        assert!(row.next_at.is_some(), "{name}: it is asked again");
        the_other_goes_on(&rig).await;
        rig.proxy.heal();
        rig.until_source(Source::OddsApi, SourceHealth::Healthy)
            .await;
        assert!(rig.engine.flushed(Duration::from_secs(10)).await);

        // The bytes are there, and so is why nothing was read from them.
        let kept = sqlx::query(
            "select p.body, p.original_bytes, l.staged, v.kind, v.reason
             from raw_data.collection_log l
             join raw_data.payloads p using (payload_hash)
             join operational.validation_results v on v.payload_hash = l.payload_hash and v.observed_at = l.observed_at
             where l.payload_hash = $1",
        )
        .bind(&hash)
        .fetch_all(&database.pool)
        .await
        .unwrap();
        assert!(!kept.is_empty(), "{name} is kept");
        for row in &kept {
            let size = usize::try_from(row.get::<i32, _>(1)).unwrap();
            let bytes = zstd::bulk::decompress(row.get(0), size).unwrap();
            assert_eq!(&bytes, body, "{name}: byte for byte");
            assert_eq!((row.get(2), row.get(3)), ("refused", "refused"), "{name}");
            assert!(row.get::<&str, _>(4).contains(said), "{name}");
        }
    }
    rig.settle().await;
    let last = rig.end().await;
    let odds = last
        .sources
        .iter()
        .find(|s| s.source == Source::OddsApi)
        .unwrap();
    let kept = "select count(*) from operational.validation_results where kind = 'refused'";
    let refused = count(&database.pool, kept).await;
    assert!(refused >= 4);
    assert_eq!(
        last.persistence.rejects,
        count(
            &database.pool,
            "select count(*) from operational.validation_results"
        )
        .await
    );
    assert!(
        odds.rejects >= u64::try_from(refused).unwrap(),
        "the screen counts each of them"
    );
    assert_eq!(count(&database.pool, "select count(*) from core_betting.line_history where not exists (select from raw_data.collection_log l where l.payload_hash = line_history.payload_hash and l.staged = 'staged')").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_break_off_or_never_come_are_failures_with_a_reason() {
    let database = test_database().await;
    let rig = Rig::start(&database.url(), |_| {}).await;
    for (name, fault, said) in [
        ("a cut archive", Fault::TruncatedGzip, "broken body"),
        ("a cut body", Fault::CutAfter(900), "broken body"),
        ("a cut header", Fault::CutAfter(20), "cannot be reached"),
        ("a reset", Fault::Reset, "cannot be reached"),
        ("silence", Fault::BlackHole, "did not answer"),
        (
            "a trickle",
            Fault::Trickle(8, Duration::from_millis(50)),
            "did not answer",
        ),
        ("500", Fault::Status(500, None), "HTTP 500"),
    ] {
        rig.proxy.heal();
        rig.until_source(Source::OddsApi, SourceHealth::Healthy)
            .await;
        let failed = rig.source(Source::OddsApi).failed;
        rig.proxy.hurt(ODDS, fault);
        let snapshot = rig.until_source(Source::OddsApi, SourceHealth::Down).await;
        let row = snapshot
            .sources
            .iter()
            .find(|s| s.source == Source::OddsApi)
            .unwrap();
        let reason = row.reason.clone().unwrap_or_default();
        assert!(reason.contains(said), "{name}: {reason}");
        assert!(!reason.contains("secret-key"), "{reason}");
        assert!(
            row.next_at.is_some_and(|at| at > snapshot.now),
            "{name}: {row:?}"
        );
        assert!(row.failed > failed, "{name}");
        the_other_goes_on(&rig).await;
    }
    // Refused at the door: both feeds share it.
    rig.proxy.heal();
    rig.until_source(Source::OddsApi, SourceHealth::Healthy)
        .await;
    rig.proxy.refuse();
    for source in [Source::OddsApi, Source::ActionNetwork] {
        rig.until_source(source, SourceHealth::Down).await;
    }
    rig.proxy.heal();
    for source in [Source::OddsApi, Source::ActionNetwork] {
        rig.until_source(source, SourceHealth::Healthy).await;
    }
    rig.settle().await;
    rig.end().await;
    let failed = sqlx::query(
        "select error, payload_hash, request from raw_data.collection_log where staged = 'failed'",
    )
    .fetch_all(&database.pool)
    .await
    .unwrap();
    assert!(
        failed.len() >= 8,
        "each failed look is logged: {}",
        failed.len()
    );
    for row in failed {
        assert!(row.get::<Option<&str>, _>(0).is_some_and(|e| !e.is_empty()));
        assert_eq!(row.get::<Option<&[u8]>, _>(1), None);
        assert!(!row.get::<&str, _>(2).contains("secret-key"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_feed_is_waited_for() {
    let database = test_database().await;
    let rig = Rig::start(&database.url(), |s| {
        s.http.total_timeout = Duration::from_secs(20);
    })
    .await;
    rig.proxy
        .hurt(ODDS, Fault::Latency(Duration::from_millis(400)));
    rig.proxy
        .hurt("/web/", Fault::Trickle(60_000, Duration::from_millis(100)));
    rig.until("both are waited for", |s| {
        s.sources
            .iter()
            .all(|s| s.health == SourceHealth::Healthy && s.last_ms >= Some(150) && s.failed == 0)
    })
    .await;
    rig.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn retry_after_is_a_floor_in_real_time() {
    let database = test_database().await;
    let rig = Rig::start(&database.url(), |_| {}).await;
    rig.until_source(Source::OddsApi, SourceHealth::Healthy)
        .await;
    rig.proxy.hurt(ODDS, Fault::Status(429, Some(2)));
    let before = rig.proxy.asked(ODDS).len();
    let snapshot = rig.until_source(Source::OddsApi, SourceHealth::Down).await;
    let row = snapshot
        .sources
        .iter()
        .find(|s| s.source == Source::OddsApi)
        .unwrap();
    assert!(
        row.reason.as_ref().is_some_and(|r| r.contains("429")),
        "{row:?}"
    );
    tokio::time::sleep(Duration::from_secs(5)).await;
    let asked = rig.proxy.asked(ODDS);
    let times: Vec<Instant> = asked[before..].iter().map(|a| a.at).collect();
    assert!(
        (2..=5).contains(&times.len()),
        "{} requests in about 7 s",
        times.len()
    );
    for pair in times.windows(2) {
        let apart = pair[1] - pair[0];
        assert!(
            apart >= Duration::from_millis(1_950),
            "asked again after {apart:?}"
        );
    }
    the_other_goes_on(&rig).await;
    rig.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_key_stops_its_source_until_a_person_asks() {
    let database = test_database().await;
    let rig = Rig::start(&database.url(), |_| {}).await;
    rig.until_source(Source::OddsApi, SourceHealth::Healthy)
        .await;
    rig.proxy.hurt(ODDS, Fault::Status(401, None));
    let snapshot = rig.until_source(Source::OddsApi, SourceHealth::Down).await;
    let row = snapshot
        .sources
        .iter()
        .find(|s| s.source == Source::OddsApi)
        .unwrap();
    let reason = row.reason.clone().unwrap_or_default();
    assert!(
        reason.contains("401") && reason.contains("check the key"),
        "{reason}"
    );
    assert_eq!(row.next_at, None, "nothing is planned");
    let asked = rig.proxy.asked(ODDS).len();
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(rig.proxy.asked(ODDS).len(), asked, "it is left in peace");
    the_other_goes_on(&rig).await;

    // The key was mended: a person asks, and the cadence is back.
    rig.proxy.heal();
    rig.ask(Command::RefreshAll).await;
    rig.until_source(Source::OddsApi, SourceHealth::Healthy)
        .await;
    let asked = rig.proxy.asked(ODDS).len();
    rig.until("the cadence is back", |_| {
        rig.proxy.asked(ODDS).len() > asked + 1
    })
    .await;
    a_refresh_that_is_called_off_asks_no_more(&rig).await;
    rig.end().await;
}

/// One feed has answered, the other takes its time: stopped, it is not asked for the rest.
async fn a_refresh_that_is_called_off_asks_no_more(rig: &Rig) {
    rig.ask(Command::Pause).await;
    rig.proxy.hurt(ODDS, Fault::Latency(Duration::from_secs(1)));
    let refresh = |s: &Snapshot| {
        s.errands
            .iter()
            .find(|e| e.kind == ErrandKind::Refresh)
            .cloned()
    };
    rig.ask(Command::RefreshAll).await;
    let shown = rig
        .until("one of two feeds has answered", |s| {
            refresh(s).is_some_and(|e| (e.done, e.total) == (1, Some(2)))
        })
        .await;
    let asked = rig.proxy.asked(ODDS).len();
    rig.ask(Command::Cancel(refresh(&shown).unwrap().id)).await;
    rig.until("it is over", |s| refresh(s).is_none()).await;
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    let more = rig.proxy.asked(ODDS).len() - asked;
    assert!(more <= 1, "{more} questions after it was called off");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_feed_is_asked_less_and_less() {
    let database = test_database().await;
    let rig = Rig::start(&database.url(), |_| {}).await;
    rig.proxy.refuse();
    // One league, every 40 s of the market's time, that is 0.67 s: eight times in 5.5 s at its cadence, and twice that
    // with the client's own second try.
    rig.proxy.heal();
    rig.proxy.hurt(ODDS, Fault::Status(503, None));
    rig.until_source(Source::OddsApi, SourceHealth::Down).await;
    let from = rig.proxy.asked(ODDS).len();
    tokio::time::sleep(Duration::from_millis(5_500)).await;
    let more = rig.proxy.asked(ODDS).len() - from;
    assert!((1..=6).contains(&more), "{more} requests in 5.5 s");
    rig.end().await;
}

/// Live, and no network at all: a port of this machine that nobody listens on.
#[tokio::test(flavor = "multi_thread")]
async fn without_a_network_the_engine_is_up_and_says_what_is_down() {
    let database = test_database().await;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let mut settings: Settings = settings(&nobody);
    settings.sources.action_network.every = Duration::from_secs(15);
    settings.sources.odds_api.every = Duration::from_secs(15);
    let folder = tempfile::tempdir().unwrap();
    let spool = Spool::open(folder.path(), "live", &settings.spool).unwrap();
    let connect = connection(&database.url(), &settings);
    let running = engine(settings, Mode::Live, Clock::wall(), connect, spool);
    for source in [Source::ActionNetwork, Source::OddsApi] {
        let snapshot = until(&running, "the source is down", |s| {
            s.sources
                .iter()
                .any(|s| s.source == source && s.health == SourceHealth::Down)
        })
        .await;
        let row = snapshot
            .sources
            .iter()
            .find(|s| s.source == source)
            .unwrap();
        assert!(
            row.reason
                .as_ref()
                .is_some_and(|r| r.contains("cannot be reached")),
            "{row:?}"
        );
        let wait = row.next_at.unwrap() - snapshot.now;
        assert!(wait.num_seconds() > 10, "{row:?}");
        assert_eq!((row.fetched, row.last_success), (0, None));
    }
    tokio::time::sleep(Duration::from_secs(3)).await;
    let last = running.shutdown().await;
    for row in last.sources.iter() {
        assert_eq!(row.failed, 1, "one try, then a wait: {row:?}");
    }
    assert_eq!(last.collecting, Collecting::On);
    assert_eq!(
        count(
            &database.pool,
            "select count(*) from raw_data.collection_log where staged = 'failed'"
        )
        .await,
        2
    );
}
