//! What the scheduler asks besides the slates, and what it does when an endpoint fails or credits run short.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use linetape::config::settings::Settings;
use linetape::demo::{self, Market};
use linetape::domain::source::{Source, Stream};
use linetape::domain::status::GameStatus;
use linetape::engine::Collect;
use linetape::engine::snapshot::{Snapshot, SourceHealth, SourceView};
use serde_json::Value;
use sqlx::PgPool;

use super::postgres::test_database;
use super::proxy::{Fault, garbage};
use super::rig::{PATIENCE, Rig};

/// Credits of the demo's key.
const CREDITS: u32 = 5_000_000;

/// A busy machine is no fault of the feed, and a second try would be counted.
fn patient(settings: &mut Settings) {
    settings.http.read_timeout = PATIENCE;
    settings.http.total_timeout = PATIENCE;
    settings.http.retries = 0;
}

fn row(snapshot: &Snapshot, source: Source) -> &SourceView {
    let found = snapshot.sources.iter().find(|s| s.source == source);
    found.unwrap()
}

fn says(snapshot: &Snapshot, source: Source, words: &str) -> bool {
    let row = snapshot.sources.iter().find(|s| s.source == source);
    row.is_some_and(|row| {
        let reason = row.reason.as_deref().unwrap_or_default();
        row.health == SourceHealth::Degraded && reason.contains(words)
    })
}

async fn count(pool: &PgPool, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(pool).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_older_scoreboard_is_read_while_the_newer_fails() {
    const NEWER: &str = "/web/v2/scoreboard/";
    const OLDER: &str = "/web/v1/scoreboard/";
    let database = test_database().await;
    let rig = Rig::start(&database.url(), |s| {
        patient(s);
        s.collect.sources = vec![Source::ActionNetwork];
    })
    .await;
    let feed = Source::ActionNetwork;
    rig.until_source(feed, SourceHealth::Healthy).await;
    assert!(rig.proxy.asked(OLDER).is_empty());
    for (fault, said) in [
        (Fault::Status(500, None), "HTTP 500"),
        (garbage(), "not text"),
    ] {
        rig.proxy.hurt(NEWER, fault);
        let snapshot = rig
            .until("the older one is read", |s| {
                says(s, feed, "the older one is read")
            })
            .await;
        let reason = row(&snapshot, feed).reason.clone().unwrap_or_default();
        assert!(reason.contains(said), "{reason}");
        let looks = rig.proxy.asked(OLDER).len();
        rig.until("its prices are on the screen", |s| {
            let mut series = s.games.iter().flat_map(|game| &game.series);
            rig.proxy.asked(OLDER).len() > looks
                && series.any(|s| s.key.stream == Stream::AnScoreboardV1)
        })
        .await;
        let tries = rig.proxy.asked(NEWER).len();
        rig.until("the newer one is tried now and then", |_| {
            rig.proxy.asked(NEWER).len() > tries
        })
        .await;

        rig.proxy.heal();
        rig.until_source(feed, SourceHealth::Healthy).await;
        let (newer, older) = (rig.proxy.asked(NEWER).len(), rig.proxy.asked(OLDER).len());
        rig.until("the newer one is read again", |_| {
            rig.proxy.asked(NEWER).len() > newer + 2
        })
        .await;
        assert_eq!(
            rig.proxy.asked(OLDER).len(),
            older,
            "and the older one no more"
        );
    }
    rig.settle().await;
    rig.end().await;
    let stored = "select count(*) from core_betting.lines_current where stream = 'action_network/scoreboard_v1'";
    assert!(count(&database.pool, stored).await > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn short_of_credits_the_dear_questions_stop_first() {
    const SINGLE: &str = "/events/";
    const SLATE: &str = "/baseball_mlb/odds";
    const FREE: &str = "/v4/sports?";
    let database = test_database().await;
    let rig = Rig::start(&database.url(), |s| {
        patient(s);
        s.collect.sources = vec![Source::OddsApi];
        let odds = &mut s.sources.odds_api;
        odds.event_markets = vec!["alternate_totals".into()];
        odds.event_before = Duration::from_hours(24);
        odds.event_every = Duration::from_secs(40);
        // A slate costs three and a single game one.
        odds.event_keep_credits = CREDITS - 6;
        odds.keep_credits = CREDITS - 19;
    })
    .await;
    let feed = Source::OddsApi;
    rig.until("single games have stopped", |s| {
        says(s, feed, "sources.odds_api.event_keep_credits")
    })
    .await;
    let single = rig.proxy.asked(SINGLE).len();
    assert!(single > 0, "there were credits for some");
    // By itself linetape spreads so few credits over the rest of the month; somebody who asks spends them now.
    let slates = rig.proxy.asked(SLATE).len();
    for _ in 0..2 {
        rig.engine.look_once(None).await;
    }
    assert_eq!(rig.proxy.asked(SLATE).len(), slates + 2, "the slates go on");
    assert_eq!(rig.proxy.asked(SINGLE).len(), single);

    while !says(&rig.now(), feed, "(sources.odds_api.keep_credits), so odds") {
        rig.engine.look_once(None).await;
    }
    let (slates, free) = (rig.proxy.asked(SLATE).len(), rig.proxy.asked(FREE).len());
    rig.engine.look_once(None).await;
    rig.until("what is free is asked, to learn of new credits", |_| {
        rig.proxy.asked(FREE).len() > free
    })
    .await;
    assert_eq!(rig.proxy.asked(SLATE).len(), slates);
    assert_eq!(rig.proxy.asked(SINGLE).len(), single);
    let left = rig.source(feed).quota_remaining.unwrap();
    assert!(left >= u64::from(CREDITS - 19), "{left} are left");
    rig.end().await;
    let alternates = "select count(*) from core_betting.lines_current where line_slot <> 'main'";
    assert!(count(&database.pool, alternates).await > 0);
}

/// The first baseball game to end: The Odds API's id, home and away score, and the minute.
fn first_end(market: &Market) -> (String, i32, i32, DateTime<Utc>) {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    for minute in 0..1_440 {
        let at = demo::EPOCH + TimeDelta::minutes(minute);
        let reply = market.answer("/v4/sports/baseball_mlb/scores", "daysFrom=1", at);
        let games: Value = serde_json::from_slice(&reply.body).unwrap();
        for game in games.as_array().unwrap() {
            let start: DateTime<Utc> = text(&game["commence_time"]).parse().unwrap();
            if game["completed"] == true && start > demo::EPOCH {
                let score = |team: &Value| {
                    let rows = game["scores"].as_array().unwrap();
                    let row = rows.iter().find(|row| row["name"] == *team).unwrap();
                    text(&row["score"]).parse().unwrap()
                };
                let (home, away) = (score(&game["home_team"]), score(&game["away_team"]));
                return (text(&game["id"]), home, away, at);
            }
        }
    }
    panic!("no game ends within a day");
}

#[tokio::test(flavor = "multi_thread")]
async fn scores_are_asked_while_a_game_is_on_and_make_its_result() {
    const SCORES: &str = "/scores?";
    let (id, home, away, end) = first_end(&Market::new(7, 4).unwrap());
    let database = test_database().await;
    let from = end - TimeDelta::minutes(12);
    let rig = Rig::start_at(&database.url(), from, Collect::ByClock, |s| {
        patient(s);
        s.collect.sources = vec![Source::OddsApi];
        s.sources.odds_api.scores_every = Duration::from_secs(60);
    })
    .await;
    let of = |s: &Snapshot| {
        let game = s.games.iter().find(|game| {
            let mut ids = game.sources.iter();
            ids.any(|(_, known)| **known == *id)
        });
        game.map(|game| (game.status, game.score))
    };
    rig.until("it is on", |s| {
        of(s).is_some_and(|(status, score)| status == GameStatus::Live && score.is_some())
    })
    .await;
    rig.until("it is over", |s| {
        of(s).is_some_and(|(status, _)| status == GameStatus::Final)
    })
    .await;
    assert_eq!(of(&rig.now()).unwrap().1, Some((home, away)));
    let asked = rig.proxy.asked(SCORES);
    assert!(
        asked.iter().all(|a| a.path.contains("eventIds=")),
        "only games that are on are asked for: {asked:?}"
    );
    assert!(asked.iter().any(|a| a.path.contains(&id)));
    assert!(rig.engine.flushed(PATIENCE).await);
    rig.end().await;
    let stored: (String, i32, i32) = sqlx::query_as(
        "select o.status, o.home_score, o.away_score from core_betting.game_outcomes o
         join core_betting.game_sources s using (game_id)
         where o.source = 'odds_api' and s.source = 'odds_api' and s.source_game_id = $1",
    )
    .bind(&id)
    .fetch_one(&database.pool)
    .await
    .unwrap();
    assert_eq!(stored, ("final".to_owned(), home, away));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_look_asks_every_question_once() {
    let database = test_database().await;
    let rig = Rig::start_at(&database.url(), demo::EPOCH, Collect::OnRequest, |s| {
        patient(s);
        let odds = &mut s.sources.odds_api;
        odds.event_markets = vec!["alternate_spreads".into()];
        odds.event_before = Duration::from_hours(24);
        odds.scores_days = 1;
    })
    .await;
    for (source, outcome) in rig.engine.look_once(None).await {
        outcome.unwrap_or_else(|reason| panic!("{source}: {reason}"));
    }
    for (path, times) in [
        ("/web/v1/books", 1),
        ("/web/v2/scoreboard/mlb", 1),
        ("/history?", 4),
        ("/v4/sports?", 1),
        ("/baseball_mlb/events?", 1),
        ("/baseball_mlb/odds?", 1),
        ("/baseball_mlb/scores?", 1),
        ("/baseball_mlb/events/", 4),
    ] {
        assert_eq!(rig.proxy.asked(path).len(), times, "{path}");
    }
    assert!(rig.engine.flushed(PATIENCE).await);
    let last = rig.end().await;
    for (source, fetched) in [(Source::ActionNetwork, 6), (Source::OddsApi, 8)] {
        assert_eq!(row(&last, source).fetched, fetched, "{source}");
    }
    let pool = &database.pool;
    let results = "select count(*) from core_betting.game_outcomes where status = 'final' and source = 'odds_api'";
    assert!(count(pool, results).await > 0, "yesterday's results");
    let coming = "select count(*) from core_betting.games where starts_at > '2025-07-13T12:00:00Z'";
    assert_eq!(
        count(pool, coming).await,
        0,
        "a list of scores names no game that has none"
    );
    let quiet = last
        .games
        .iter()
        .all(|game| game.status != GameStatus::Final);
    assert!(quiet, "a result without a price is not on the board");
}
