//! Keeping: what the status says of dead rows and months, and that a restored dump is the same database.

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use linetape::demo::{EPOCH, Market};
use linetape::domain::league::League;
use linetape::domain::payload::{Payload, RequestIdentity};
use linetape::domain::source::Stream;
use linetape::store::roles;
use serde_json::{Value, json};

use super::postgres::{empty_database, test_database};
use super::program::Program;
use super::tables::{Tables, check_summary, payload, stage};

/// Looks at the demo's slate, ten minutes apart.
fn looks(first: i64, last: i64) -> Vec<Payload> {
    let market = Market::new(7, 3).unwrap();
    let query = "bookIds=15,30,68,69,71,75,79,123&periods=event";
    let path = "/web/v2/scoreboard/mlb";
    (first..last)
        .map(|n| {
            let at = EPOCH + TimeDelta::minutes(10 * n);
            let reply = market.answer(path, query, at);
            assert_eq!(reply.status, 200);
            let request = RequestIdentity {
                stream: Stream::AnScoreboard,
                url: format!("https://demo.test{path}"),
                league: Some(League::Mlb),
                source_game_id: None,
            };
            payload(request, reply.body, at)
        })
        .collect()
}

/// The newest release's program of this name.
fn program(name: &str) -> Option<PathBuf> {
    if let Some(bin) = std::env::var_os("LINETAPE_PG_BIN") {
        let path = PathBuf::from(bin).join(name);
        return path.exists().then_some(path);
    }
    let mut found: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|dir| {
            let major = dir.file_name().to_str()?.parse().ok()?;
            let path = dir.path().join("bin").join(name);
            path.exists().then_some((major, path))
        })
        .collect();
    found.sort();
    found.pop().map(|(_, path)| path).or_else(|| {
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path)
            .map(|dir| dir.join(name))
            .find(|path| path.exists())
    })
}

#[track_caller]
fn run(command: &mut Command) {
    let output = command.output().unwrap();
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {err}");
}

#[tokio::test]
async fn a_restored_dump_has_the_same_rows_and_goes_on_the_same_way() {
    let (Some(dump), Some(restore)) = (program("pg_dump"), program("pg_restore")) else {
        eprintln!(
            "skipped: pg_dump or pg_restore is missing; install the PostgreSQL client programs"
        );
        return;
    };
    let source = test_database().await;
    stage(&source.pool, &looks(0, 6), 3).await;
    let copy = empty_database().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tape.dump");
    run(Command::new(dump)
        .args(["--format=custom", "--file"])
        .arg(&file)
        .arg("--dbname")
        .arg(source.url()));
    run(Command::new(restore)
        .args(["--exit-on-error", "--dbname"])
        .arg(copy.url())
        .arg(&file));

    let stored = Tables::read(&source.pool).await;
    assert!(stored.history.len() > 50, "{} rows", stored.history.len());
    Tables::read(&copy.pool)
        .await
        .must_equal(&stored, "restored");
    let bodies = "select count(*) from raw_data.payloads";
    for database in [&source, &copy] {
        let count: i64 = sqlx::query_scalar(bodies)
            .fetch_one(&database.pool)
            .await
            .unwrap();
        assert_eq!(count, 6);
    }
    assert_eq!(
        roles::missing(&copy.pool).await.unwrap(),
        Vec::<String>::new(),
        "grants are in the dump"
    );

    // Both go on, newer looks first, so that triggers merge and late rows are taken in too.
    let mut more = looks(6, 12);
    more.reverse();
    for database in [&source, &copy] {
        stage(&database.pool, &more, 2).await;
        check_summary(&database.pool).await;
    }
    let gone_on = Tables::read(&source.pool).await;
    assert!(gone_on.history.len() > stored.history.len());
    Tables::read(&copy.pool)
        .await
        .must_equal(&gone_on, "gone on after the restore");
}

/// `database status --json` once `done` says so of one table's upkeep; statistics come a little later.
async fn settled(program: &Program, table: &str, done: impl Fn(&Value) -> bool) -> Value {
    let begun = Instant::now();
    loop {
        let status = program
            .ok(&["database", "status", "--json"])
            .json()
            .remove(0);
        let of = |t: &&Value| t["table"] == table;
        let row = status["upkeep"]
            .as_array()
            .unwrap()
            .iter()
            .find(of)
            .unwrap()
            .clone();
        if done(&row) {
            return status;
        }
        assert!(begun.elapsed() < Duration::from_secs(90), "{row}");
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}

#[tokio::test]
async fn the_status_tells_dead_rows_vacuum_months_and_retention() {
    let database = test_database().await;
    stage(&database.pool, &looks(0, 2), 2).await;
    let program = Program::on(&database);
    sqlx::raw_sql(
        "alter table operational.cache_metrics set (autovacuum_enabled = false);
         insert into operational.cache_metrics
             select '2025-01-01'::timestamptz + n * interval '1 second', 'test', 0, 0, 0 from generate_series(1, 400) n;
         delete from operational.cache_metrics where at < '2025-01-01 00:01:41+00'",
    )
    .execute(&database.pool)
    .await
    .unwrap();
    settled(&program, "cache_metrics", |row| {
        row["dead_rows"] == 100 && row["live_rows"] == 300 && row["last_vacuum"].is_null()
    })
    .await;
    let lines = program.ok(&["database", "status"]).out;
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = lines
        .lines()
        .map(words)
        .find(|l| l.starts_with("operational.cache_metrics "))
        .unwrap();
    assert!(
        line.starts_with("operational.cache_metrics 300 ")
            && line.ends_with(" 100 25.0 never never"),
        "{line}"
    );

    sqlx::query("vacuum analyze operational.cache_metrics")
        .execute(&database.pool)
        .await
        .unwrap();
    let status = settled(&program, "cache_metrics", |row| {
        row["dead_rows"] == 0 && row["last_vacuum"].is_string() && row["last_analyze"].is_string()
    })
    .await;
    assert_eq!(status["keep_months"], 0);
    let months = status["partitions"].as_array().unwrap();
    let month = months
        .iter()
        .find(|m| {
            m["partition"]
                .as_str()
                .unwrap()
                .starts_with("core_betting.line_history_")
        })
        .unwrap();
    assert_eq!(
        (&month["parent"], &month["attached"]),
        (&json!("core_betting.line_history"), &json!(true))
    );
    assert!(month["bytes"].as_i64().unwrap() > 0);
    assert!(lines.contains("database.keep_months = 0"), "{lines}");

    sqlx::query("select core_betting.detach_partitions(now() - interval '40 days')")
        .execute(&database.pool)
        .await
        .unwrap();
    let lines = program.ok(&["database", "status"]).out;
    assert!(
        lines.contains("no, was part of core_betting.line_history"),
        "{lines}"
    );
}
