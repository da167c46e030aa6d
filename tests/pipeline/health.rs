//! The health of feeds in SQL is the health in memory; a format that drifts is told once; yesterday's holes are found.

use std::time::Duration;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use linetape::analytics::health::{Outcome, assess};
use linetape::domain::league::League;
use linetape::domain::payload::{Payload, RequestIdentity};
use linetape::domain::source::{Source, Stream};
use linetape::domain::time::slate_date;
use linetape::engine::drift;
use linetape::sources::FetchError;
use linetape::store;
use sqlx::PgPool;

use super::postgres::test_database;
use super::tables::{payload, stage};
use super::zones::linetape;

fn epoch() -> DateTime<Utc> {
    "2025-07-12T12:00:00Z".parse().unwrap()
}

/// Every failure, as the client words it, and what it is.
fn failures() -> Vec<(FetchError, Outcome)> {
    let host = || "feed.test".to_owned();
    vec![
        (
            FetchError::Connect {
                host: host(),
                reason: "reset".into(),
            },
            Outcome::Unreachable,
        ),
        (
            FetchError::Timeout {
                host: host(),
                after: Duration::from_millis(700),
            },
            Outcome::TimedOut,
        ),
        (
            FetchError::Refused {
                host: host(),
                status: 401,
            },
            Outcome::Refused,
        ),
        (
            FetchError::Refused {
                host: host(),
                status: 403,
            },
            Outcome::Refused,
        ),
        (
            FetchError::TooMany {
                host: host(),
                retry_after: Duration::from_secs(9),
            },
            Outcome::RateLimited,
        ),
        (
            FetchError::Status {
                host: host(),
                status: 503,
                retry_after: None,
            },
            Outcome::BadStatus,
        ),
        (
            FetchError::Status {
                host: host(),
                status: 404,
                retry_after: None,
            },
            Outcome::BadStatus,
        ),
        (
            FetchError::TooLarge {
                host: host(),
                limit: 9,
            },
            Outcome::Broken,
        ),
        (
            FetchError::Body {
                host: host(),
                reason: "cut".into(),
            },
            Outcome::Broken,
        ),
        (FetchError::Redirect { host: host() }, Outcome::Broken),
    ]
}

/// A look in the log: its place in time, its question, and what it brought.
async fn log(pool: &PgPool, source: Source, seconds: f64, question: u32, found: &Found) {
    let (staged, status, error) = match found {
        Found::Rows(..) => ("staged", 200, None),
        Found::Unreadable => ("refused", 200, None),
        Found::Failed(error) => (
            "failed",
            error.status().unwrap_or(0),
            Some(error.to_string()),
        ),
    };
    let (rows, rejects) = match found {
        Found::Rows(rows, rejects) => (*rows, *rejects),
        Found::Unreadable => (0, 1),
        Found::Failed(_) => (0, 0),
    };
    sqlx::query(
        "insert into raw_data.collection_log (fetch_id, stream, source, request, status, observed_at, elapsed_ms, body_bytes,
             error, staged, games, quotes, rejects, demo)
         values (gen_random_uuid(), 'odds_api/odds', $1, 'http://feed.test/' || $2::int4, $3, $4 + $5 * interval '1 second',
                 100 + ($5::int8 * 37) % 400, 0, $6, $7, $8 / 3, $8 - $8 / 3, $9, false)",
    )
    .bind(source.as_str())
    .bind(i32::try_from(question).unwrap())
    .bind(i16::try_from(status).unwrap())
    .bind(epoch())
    .bind(seconds)
    .bind(error)
    .bind(staged)
    .bind(rows)
    .bind(rejects)
    .execute(pool)
    .await
    .unwrap();
}

enum Found {
    Rows(i32, i32),
    Unreadable,
    Failed(FetchError),
}

/// Numbers that look like chance and are always the same.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

async fn follow(pool: &PgPool, source: Source, every_s: i32) {
    sqlx::query(
        "insert into raw_data.source_health (source, health, every_s, fetched, failed, changes, rejects)
         values ($1, 'healthy', $2, 0, 0, 0, 0)",
    )
    .bind(source.as_str())
    .bind(every_s)
    .execute(pool)
    .await
    .unwrap();
}

#[tokio::test]
async fn health_in_sql_is_health_in_memory() {
    let database = test_database().await;
    let pool = &database.pool;
    store::migrate::migrate(pool).await.unwrap();
    let failures = failures();
    let (mut seen, mut graded) = (Vec::new(), 0);
    for (source, seed) in Source::ALL.iter().zip(1_u64..) {
        let mut dice = Dice(seed);
        let every = [20, 60, 300, 3_600][usize::try_from(seed % 4).unwrap()];
        follow(pool, *source, every).await;
        // Odd feeds fail much, even ones seldom; some dry up in the end, and one has more looks than count.
        let looks = if seed == 2 { 260 } else { 12 + dice.roll(40) };
        for n in 0..looks {
            let dry = seed % 4 < 2 && n + 7 > looks;
            let fails = dice.roll(10) < if seed % 2 == 1 { 4 } else { 1 };
            let found = if fails {
                let pick = dice.roll(failures.len() as u64 + 1);
                let failure = failures.get(usize::try_from(pick).unwrap());
                failure.map_or(Found::Unreadable, |(e, _)| Found::Failed(e.clone()))
            } else if dry {
                Found::Rows(0, 0)
            } else {
                let rows = 60 + dice.roll(60);
                Found::Rows(
                    i32::try_from(rows).unwrap(),
                    i32::try_from(dice.roll(9)).unwrap(),
                )
            };
            let question = u32::try_from(dice.roll(2)).unwrap();
            log(
                pool,
                *source,
                n as f64 * f64::from(every) * 0.7,
                question,
                &found,
            )
            .await;
        }
        let last = f64::from(every) * 0.7 * (looks - 1) as f64;
        for later in [0.0, 0.5, 2.0, 3.5, 9.0, 60.0] {
            let after =
                TimeDelta::milliseconds((1_000.0 * (last + later * f64::from(every))) as i64);
            let now = epoch() + after;
            let memory = store::health::looks(pool, *source, now + TimeDelta::microseconds(1))
                .await
                .unwrap();
            let memory = assess(memory.iter(), TimeDelta::seconds(i64::from(every)), now);
            let sql = store::health::at(pool, now).await.unwrap();
            let sql = sql
                .iter()
                .find(|row| row.source == source.as_str())
                .unwrap();
            let what = format!("{source}, {later} cadences later:\n{memory:?}\n{sql:?}");
            let close = |left: Option<f64>, right: Option<f64>| match (left, right) {
                (Some(left), Some(right)) => (left - right).abs() < 1e-6,
                (left, right) => left == right,
            };
            assert!(close(memory.confidence, sql.confidence), "{what}");
            assert!(close(memory.rows, sql.latest_rows), "{what}");
            assert!(close(memory.rows_usual, sql.usual_rows), "{what}");
            let patterns: Vec<&str> = memory.patterns.iter().map(|p| p.as_str()).collect();
            assert_eq!(patterns, sql.patterns, "{what}");
            let int = |n: Option<u32>| n.map(|n| i32::try_from(n).unwrap());
            assert_eq!(
                (int(memory.p50_ms), int(memory.p95_ms)),
                (sql.p50_ms, sql.p95_ms),
                "{what}"
            );
            assert_eq!(i64::from(memory.looks), sql.looks, "{what}");
            assert_eq!(i64::from(memory.answered), sql.answered, "{what}");
            assert_eq!(
                i64::from(memory.failures_in_a_row),
                sql.failures_in_a_row,
                "{what}"
            );
            if memory.looks > 0 {
                assert_eq!(memory.last_success, sql.last_success, "{what}");
            }
            graded += u32::from(memory.confidence > Some(0.0));
            seen.extend(memory.patterns);
        }
    }
    seen.sort_unstable();
    seen.dedup();
    assert!(
        seen.len() >= 4 && graded > 5,
        "the looks are various: {seen:?}, {graded}"
    );
}

#[tokio::test]
async fn every_failure_is_known_by_its_status_or_sentence() {
    let database = test_database().await;
    store::migrate::migrate(&database.pool).await.unwrap();
    for (error, outcome) in failures() {
        let name: String = sqlx::query_scalar("select raw_data.look_outcome($1, $2, 'failed')")
            .bind(i16::try_from(error.status().unwrap_or(0)).unwrap())
            .bind(error.to_string())
            .fetch_one(&database.pool)
            .await
            .unwrap();
        assert_eq!(name, outcome.as_str(), "{error}");
    }
}

/// A look at The Odds API's games, of which each has what `fields` makes.
fn slate(hours: i64, fields: &str) -> Payload {
    let game = |n: u32| {
        format!(
            r#"{{"id":"g{n}","sport_key":"baseball_mlb","commence_time":"2025-07-20T23:0{n}:00Z","home_team":"Baltimore Orioles","away_team":"Miami Marlins","bookmakers":[]{fields}}}"#
        )
    };
    let body = format!("[{},{}]", game(1), game(2));
    let request = RequestIdentity {
        stream: Stream::OddsApiOdds,
        url: "https://demo.test/v4/sports/baseball_mlb/odds".into(),
        league: Some(League::Mlb),
        source_game_id: None,
    };
    payload(
        request,
        body.into_bytes(),
        epoch() + TimeDelta::hours(hours),
    )
}

async fn look(pool: &PgPool, payload: Payload) -> Option<String> {
    stage(pool, std::slice::from_ref(&payload), 10).await;
    drift::look(pool, &payload).await.unwrap()
}

#[tokio::test]
async fn a_format_that_drifts_is_told_once_and_its_payload_kept() {
    let database = test_database().await;
    let pool = &database.pool;
    let usual = r#","last_update":"2025-07-12T12:00:00Z","15":{"a":1}"#;
    for hours in 0..6 {
        assert_eq!(look(pool, slate(6 * hours, usual)).await, None);
    }
    // Ids that are keys, and what lies within ten minutes of the last look, are no news.
    let ids = r#","last_update":"2025-07-12T12:00:00Z","123":{"a":1}"#;
    assert_eq!(look(pool, slate(36, ids)).await, None);

    let changed = slate(42, r#","updated":1752321600,"15":{"a":"1"}"#);
    let hash = changed.hash;
    let told = look(pool, changed).await.unwrap();
    assert_eq!(
        told,
        "the format of odds_api/odds changed: [].last_update gone; [].*.a of another type; [].updated new; `linetape data status` lists it, the payload is kept"
    );
    assert_eq!(
        look(pool, slate(48, r#","updated":1752321600,"15":{"a":"1"}"#)).await,
        None,
        "once"
    );
    let kept: i64 = sqlx::query_scalar(
        "select count(*) from raw_data.schema_drift d join raw_data.payloads p using (payload_hash) where d.payload_hash = $1",
    )
    .bind(hash.0.to_vec())
    .fetch_one(pool)
    .await
    .unwrap();
    assert_eq!(kept, 3, "each change names the payload that showed it");

    // What was gone comes back: it is no longer told as missing.
    assert_eq!(look(pool, slate(54, usual)).await, None);
    let recent = store::drift::recent(pool, epoch(), 9).await.unwrap();
    let paths: Vec<(&str, &str)> = recent.iter().map(|d| (&*d.path, &*d.change)).collect();
    assert_eq!(paths, [("[].*.a", "type"), ("[].updated", "new")]);
    let values: i64 = sqlx::query_scalar(
        "select count(*) from raw_data.schema_baselines where paths::text like '%Orioles%' or paths::text like '%2025%'",
    )
    .fetch_one(pool)
    .await
    .unwrap();
    assert_eq!(values, 0, "no value is kept");
}

async fn game(pool: &PgPool, id: i64, date: NaiveDate, status: &str, sources: &[&str]) {
    sqlx::query(
        "insert into core_betting.games (game_id, league, home, away, slate_date, starts_at, status, demo)
         values ($1, 'mlb', 'Home ' || $1, 'Away', $2, $2 + interval '20 hours', $3, false)",
    )
    .bind(id)
    .bind(date)
    .bind(status)
    .execute(pool)
    .await
    .unwrap();
    for source in sources {
        sqlx::query(
            "insert into core_betting.game_sources (source, source_game_id, game_id, minted, league, game_number, home, away,
                 observed_at, payload_hash)
             values ($1, $2::text, $2, true, 'mlb', 1, 'Home', 'Away', $3, '\\x00')",
        )
        .bind(source)
        .bind(id)
        .bind(epoch())
        .execute(pool)
        .await
        .unwrap();
    }
}

#[tokio::test]
async fn yesterdays_holes_are_told() {
    let database = test_database().await;
    let pool = &database.pool;
    // Leagues are written with the first payload.
    stage(pool, &[slate(0, "")], 10).await;
    let today = slate_date(Utc::now());
    let day = |back: u64| today.checked_sub_days(Days::new(back)).unwrap();
    let followed = [Source::ActionNetwork, Source::OddsApi];
    let lacks = |date| store::slates::lacks(pool, date, &[League::Mlb], &followed);
    assert!(
        lacks(day(1)).await.unwrap().is_empty(),
        "nothing is known, nothing is missed"
    );

    // A league that is on, of which nobody asked for yesterday.
    game(pool, 1, day(3), "final", &["action_network", "odds_api"]).await;
    let found = lacks(day(1)).await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!((&*found[0].league, &*found[0].lack), ("mlb", "looks"));

    // One game without a result, one that was called off, one of which only tickets are known; one feed saw none.
    game(pool, 2, day(1), "live", &["action_network"]).await;
    game(pool, 3, day(1), "postponed", &["action_network"]).await;
    game(pool, 4, day(1), "scheduled", &["vsin"]).await;
    let found = lacks(day(1)).await.unwrap();
    let told: Vec<_> = found
        .iter()
        .map(|l| (&*l.lack, l.source.as_deref(), l.games))
        .collect();
    assert_eq!(told, [("games", Some("odds_api"), 3), ("results", None, 1)]);
    assert_eq!(found[1].named, ["Away @ Home 2"]);

    follow(pool, Source::OddsApi, 60).await;
    let (code, rows) = linetape(&database.url(), &["data", "status", "--json"]);
    assert_eq!(code, Some(0));
    let of = |name: &str| rows.iter().filter(|row| row["type"] == name).count();
    assert_eq!((of("source"), of("missing")), (1, 2), "{rows:#?}");
    let source = rows.iter().find(|row| row["type"] == "source").unwrap();
    assert_eq!(
        (&source["breaker"], &source["confidence"]),
        (&"closed".into(), &serde_json::Value::Null)
    );

    // A result from any feed will do.
    sqlx::query(
        "insert into core_betting.game_outcomes (game_id, source, home_score, away_score, status, observed_at, payload_hash)
         values (2, 'odds_api', 3, 2, 'final', now(), '\\x00')",
    )
    .execute(pool)
    .await
    .unwrap();
    assert_eq!(lacks(day(1)).await.unwrap().len(), 1);
}
