//! Daily jobs on a real database: one process does a run, what nobody did is told and made up, and an outage delays.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use linetape::config::settings::{Jobs, Settings};
use linetape::demo::EPOCH;
use linetape::domain::job::Job;
use linetape::domain::league::League;
use linetape::domain::schedule::Schedule;
use linetape::domain::source::Source;
use linetape::engine::command::Command;
use linetape::engine::event::Event;
use linetape::engine::snapshot::{JobOutcome, Snapshot};
use linetape::store::jobs::{self, Due, Run};
use serde_json::json;
use sqlx::PgPool;
use tokio::time::Instant;
use uuid::Uuid;

use super::cluster::{Cluster, Stop};
use super::postgres::test_database;
use super::rig::{PATIENCE, Rig};

/// Ask until the answer is true.
async fn until(pool: &PgPool, question: &'static str) {
    let begun = Instant::now();
    loop {
        let answer = sqlx::query_scalar::<_, bool>(question)
            .fetch_one(pool)
            .await;
        if matches!(answer, Ok(true)) {
            return;
        }
        if begun.elapsed() > PATIENCE {
            let rows: Vec<String> = sqlx::query_scalar(
                "select to_jsonb(j)::text from operational.jobs j order by due_at",
            )
            .fetch_all(pool)
            .await
            .unwrap_or_default();
            panic!("{question}: {answer:?}\n{}", rows.join("\n"));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn truth(pool: &PgPool, question: &'static str) -> bool {
    sqlx::query_scalar(question).fetch_one(pool).await.unwrap()
}

/// No job but those that the test sets, and one feed.
fn only(settings: &mut Settings, change: impl FnOnce(&mut Jobs)) {
    settings.collect.leagues = vec![League::Mlb];
    settings.collect.sources = vec![Source::ActionNetwork];
    settings.jobs = Jobs {
        update_games: None,
        update_odds: None,
        warm_cache: None,
        ..Jobs::default()
    };
    change(&mut settings.jobs);
}

fn at(cron: &str) -> Schedule {
    Schedule::parse(cron).unwrap()
}

fn due(job: Job, at: DateTime<Utc>) -> Due {
    Due { job, at }
}

async fn newest(pool: &PgPool, job: Job) -> Run {
    let runs = jobs::newest(pool).await.unwrap();
    let mut of_job = runs
        .into_iter()
        .filter(|r| r.job == job.as_str() && r.state != "waiting");
    of_job.next().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_done_by_one_and_taken_over_from_the_dead() {
    let database = test_database().await;
    let pool = &database.pool;
    linetape::store::migrate::migrate(pool).await.unwrap();
    let job = Job::UpdateGames;
    let first = due(job, EPOCH);
    jobs::plan(pool, first, EPOCH - TimeDelta::days(1))
        .await
        .unwrap();

    let claims = (0..8).map(|_| jobs::claim(pool, first, Uuid::now_v7(), EPOCH, false));
    let won = futures_util::future::join_all(claims).await;
    assert_eq!(won.into_iter().filter(|w| *w.as_ref().unwrap()).count(), 1);
    assert!(
        jobs::miss(pool, job, &[EPOCH], "late")
            .await
            .unwrap()
            .is_empty()
    );

    // It lives: nobody takes it over. It falls silent: somebody does, and the first one's word counts no more.
    let (dead, heir) = (Uuid::now_v7(), Uuid::now_v7());
    let second = due(job, EPOCH + TimeDelta::days(1));
    assert!(jobs::claim(pool, second, dead, EPOCH, false).await.unwrap());
    jobs::beat(pool, second, dead).await.unwrap();
    assert!(!jobs::claim(pool, second, heir, EPOCH, false).await.unwrap());
    assert!(jobs::bury(pool).await.unwrap().is_empty());
    let silence = "update operational.jobs set seen_at = clock_timestamp() - interval '3 minutes' where state = 'running'";
    sqlx::query(silence).execute(pool).await.unwrap();
    assert!(jobs::claim(pool, second, heir, EPOCH, false).await.unwrap());
    let result = Ok(json!({ "said": "done" }));
    jobs::finish(pool, second, dead, EPOCH, &Err("too late".into()))
        .await
        .unwrap();
    jobs::finish(pool, second, heir, EPOCH, &result)
        .await
        .unwrap();
    let run = newest(pool, job).await;
    assert_eq!(
        (run.state.as_str(), run.attempts, run.result),
        ("done", 2, result.ok())
    );
    // The first run's process is as silent, and nobody wanted it.
    assert_eq!(jobs::bury(pool).await.unwrap(), [(job.to_string(), EPOCH)]);

    // Missed once, told once, made up once.
    let days = [2, 3].map(|n| EPOCH + TimeDelta::days(n));
    assert_eq!(jobs::miss(pool, job, &days, "away").await.unwrap().len(), 2);
    assert!(
        jobs::miss(pool, job, &days, "away")
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(newest(pool, job).await.missed, 2);
    assert!(
        jobs::claim(pool, due(job, days[1]), heir, EPOCH, false)
            .await
            .unwrap()
    );
    assert!(
        !jobs::claim(pool, due(job, days[1]), dead, EPOCH, false)
            .await
            .unwrap()
    );
    assert_eq!(newest(pool, job).await.missed, 0);

    // Other settings, another next run; a job that is off has none.
    for hours in [1, 2] {
        let next = due(Job::WarmCache, EPOCH + TimeDelta::hours(hours));
        jobs::plan(pool, next, EPOCH).await.unwrap();
        assert_eq!(
            jobs::oldest_waiting(pool, Job::WarmCache).await.unwrap(),
            Some(next.at)
        );
    }
    jobs::unplan(pool, Job::WarmCache).await.unwrap();
    assert_eq!(
        jobs::oldest_waiting(pool, Job::WarmCache).await.unwrap(),
        None
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_did_is_recorded_and_the_newest_made_up() {
    let database = test_database().await;
    let pool = &database.pool;
    linetape::store::migrate::migrate(pool).await.unwrap();
    // The run before ended three days ago: 03:00 and 08:00 Eastern are 07:00 and 12:00 UTC.
    let day = EPOCH.date_naive() - TimeDelta::days(2);
    for (job, hour) in [(Job::UpdateGames, 7), (Job::WarmCache, 12)] {
        let first = day.and_hms_opt(hour, 0, 0).unwrap().and_utc();
        jobs::plan(pool, due(job, first), first - TimeDelta::hours(1))
            .await
            .unwrap();
    }
    let rig = Rig::start(&database.url(), |s| {
        only(s, |jobs| {
            jobs.update_games = Some(at("0 3 * * *"));
            jobs.warm_cache = Some(at("0 8 * * *"));
            jobs.update_odds = Some(at("* * * * *"));
        });
    })
    .await;
    until(pool, "select count(*) = 2 from operational.jobs where job = 'update_games' and state = 'missed' and error ~ 'nobody was there'").await;
    until(pool, "select count(*) = 1 from operational.jobs where job = 'update_games' and state = 'done' and attempts = 1
                 and started_at > due_at + interval '2 hours' and result->>'said' ~ 'results of'").await;
    until(
        pool,
        "select count(*) = 3 from operational.jobs where job = 'warm_cache' and state = 'missed'",
    )
    .await;
    assert!(truth(pool, "select due_at = (select max(due_at) from operational.jobs where job = 'update_games' and state <> 'waiting')
                         from operational.jobs where job = 'update_games' and state = 'done'").await);
    // The next ones are noted; and what is due by the minute is done by the minute.
    assert!(truth(pool, "select count(*) = 2 from operational.jobs where state = 'waiting' and job in ('update_games', 'warm_cache')").await);
    until(pool, "select count(*) >= 2 from operational.jobs where job = 'update_odds' and state = 'done' and (result->>'sources')::int = 1").await;

    // The screen is told the same, and a run that somebody asks for makes up for what was missed.
    let row = |s: &Snapshot, job| s.jobs.rows.iter().find(|row| row.job == job).cloned();
    rig.until("the missed runs", |s| {
        row(s, Job::WarmCache).is_some_and(|row| row.missed == 3 && row.next_at.is_some())
    })
    .await;
    rig.ask(Command::RunJob(Job::WarmCache)).await;
    rig.until("the run that was asked for", |s| {
        row(s, Job::WarmCache).is_some_and(|row| {
            let last = row.last.unwrap();
            row.missed == 0
                && last.by_hand
                && last.outcome == JobOutcome::Done
                && last.said.contains("in the cache")
        })
    })
    .await;

    rig.ask(Command::Pause).await;
    until(pool, "select count(*) > 0 from operational.jobs where job = 'update_odds' and error = 'polling was paused'").await;
    rig.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_linetapes_do_each_run_once() {
    let database = test_database().await;
    let pool = &database.pool;
    let by_the_minute = |s: &mut Settings| only(s, |jobs| jobs.update_odds = Some(at("* * * * *")));
    let one = Rig::start(&database.url(), by_the_minute).await;
    let two = Rig::start(&database.url(), by_the_minute).await;
    until(
        pool,
        "select count(*) >= 4 from operational.jobs where state = 'done'",
    )
    .await;
    // The one whose clock is ahead may do them all; without it the other does them.
    one.end().await;
    until(
        pool,
        "select count(distinct holder) = 2 and count(*) >= 6 from operational.jobs where state = 'done'",
    )
    .await;
    two.end().await;
    assert!(truth(pool, "select max(attempts) = 1 from operational.jobs").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_waits_for_postgres() {
    let cluster = Cluster::start().await;
    cluster.stop(Stop::Fast);
    let rig = Rig::start(&cluster.url(), |s| {
        only(s, |jobs| jobs.warm_cache = Some(at("*/5 * * * *")));
    })
    .await;
    let mut events = rig.engine.events();
    let told = async {
        loop {
            if let Event::Notice { message, .. } = events.recv().await.unwrap()
                && message.contains("warm_cache is due and PostgreSQL does not answer")
            {
                return;
            }
        }
    };
    tokio::time::timeout(PATIENCE, told).await.unwrap();
    cluster.start_again();
    let pool = cluster.pool().await;
    until(
        &pool,
        "select count(*) > 0 from operational.jobs where job = 'warm_cache' and state = 'done'",
    )
    .await;
    rig.end().await;
}
