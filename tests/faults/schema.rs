//! The database's schema is not this program's: a newer linetape was there, or a migration fails or was changed. It is
//! told once, everything stays readable, and what is collected waits in the spool until somebody has acted.

use std::process::{Command, Output};
use std::time::{Duration, Instant};

use linetape::engine::snapshot::{DatabaseState, Snapshot, StepState};
use sqlx::PgPool;
use tempfile::TempDir;

use super::postgres::{TestDatabase, empty_database};
use super::rig::{PATIENCE, Rig};

/// Why nothing is written.
fn unusable(snapshot: &Snapshot) -> Option<&str> {
    match &snapshot.persistence.database {
        DatabaseState::Unusable(reason) => Some(reason),
        _ => None,
    }
}

async fn count(pool: &PgPool, query: &'static str) -> i64 {
    sqlx::query_scalar(query).fetch_one(pool).await.unwrap()
}

async fn logged(pool: &PgPool) -> i64 {
    count(pool, "select count(*) from raw_data.collection_log").await
}

async fn change(pool: &PgPool, statement: &'static str) {
    sqlx::query(statement).execute(pool).await.unwrap();
}

/// The program, on `database`, with feeds that nobody answers for.
async fn run(database: &TestDatabase, args: &[&str]) -> Output {
    let home = TempDir::new().unwrap();
    let config = home.path().join("settings.toml");
    let nobody = "http://127.0.0.1:9";
    let text = format!(
        "[sources.action_network]\nbase_url = \"{nobody}\"\n[sources.odds_api]\nbase_url = \"{nobody}\"\nkey = \"k\"\n"
    );
    std::fs::write(&config, text).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_linetape"));
    command
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", home.path())
        .env("DATABASE_URL", database.url())
        .args(args)
        .args(["--config", config.to_str().unwrap()])
        .current_dir(home.path());
    let output = tokio::task::spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap();
    drop(home);
    output
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_schema_is_read_and_not_written() {
    let database = empty_database().await;
    let pool = &database.pool;
    let rig = Rig::start(&database.url(), |_| {}).await;
    rig.until("data flows", |s| s.persistence.changes > 100)
        .await;
    rig.settle().await;
    rig.end().await;
    let before = logged(pool).await;
    change(
        pool,
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
         values (9999, 'of tomorrow', true, '\\x00', 0)",
    )
    .await;

    let status = run(&database, &["database", "status"]).await;
    assert!(status.status.success());
    let shown = text(&status.stdout);
    assert!(shown.contains("it reads and does not write"), "{shown}");
    let game = count(pool, "select min(game_id) from core_betting.lines_current").await;
    let lines = run(&database, &["lines", &game.to_string()]).await;
    assert!(lines.status.success(), "{}", text(&lines.stderr));
    assert!(!lines.stdout.is_empty());
    for args in [
        &["--no-tui", "--for", "2m"][..],
        &["--once"],
        &["database", "setup"],
    ] {
        let refused = run(&database, args).await;
        let said = text(&refused.stderr);
        assert_eq!(refused.status.code(), Some(78), "{args:?}: {said}");
        assert!(said.contains("update linetape"), "{args:?}: {said}");
    }

    let rig = Rig::start(&database.url(), |_| {}).await;
    let told = rig
        .until("it is told", |s| {
            unusable(s).is_some() && !s.games.is_empty()
        })
        .await;
    assert!(unusable(&told).unwrap().contains("9999"), "{told:?}");
    let failed = |s: &Snapshot| {
        s.startup
            .iter()
            .any(|step| step.name == "schema" && matches!(step.state, StepState::Failed(_)))
    };
    assert!(failed(&told), "{:?}", told.startup);
    rig.until("collecting goes on into the spool", |s| {
        s.persistence.spool_depth > 4 && unusable(s).is_some()
    })
    .await;
    assert_eq!(logged(pool).await, before, "nothing was written");

    // Somebody has acted.
    change(pool, "delete from _sqlx_migrations where version = 9999").await;
    rig.until("writes go through", |s| {
        s.persistence.database == DatabaseState::Up && s.persistence.spool_depth == 0
    })
    .await;
    rig.settle().await;
    let taken = rig.spool.status().appended;
    rig.end().await;
    let now = u64::try_from(logged(pool).await - before).unwrap();
    assert_eq!(now, taken, "what waited is there, once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_migration_is_told_and_not_retried_for_ever() {
    let database = empty_database().await;
    linetape::store::migrate::migrate(&database.pool)
        .await
        .unwrap();
    change(
        &database.pool,
        "update _sqlx_migrations set checksum = '\\x00' where version = 5",
    )
    .await;
    let ended = run(&database, &["--no-tui", "--json", "--for", "2m"]).await;
    let said = text(&ended.stderr);
    assert_eq!(ended.status.code(), Some(78), "{said}");
    assert!(
        said.contains("migration 5 ") && said.contains("restore a backup"),
        "{said}"
    );
    let last = text(&ended.stdout);
    let last: serde_json::Value = serde_json::from_str(last.lines().last().unwrap()).unwrap();
    assert_eq!(last["database"], "unusable", "{last}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_that_fails_holds_up_nobody_elses_next_try() {
    let database = empty_database().await;
    change(&database.pool, "create schema core_betting").await;
    change(
        &database.pool,
        "create table core_betting.line_history (x int)",
    )
    .await;
    linetape::store::migrate::migrate(&database.pool)
        .await
        .unwrap_err();
    // The server notices the closed connection a moment later.
    let until = Instant::now() + PATIENCE;
    loop {
        let locks: i64 = sqlx::query_scalar(
            "select count(*) from pg_locks where locktype = 'advisory'
             and database = (select oid from pg_database where datname = current_database())",
        )
        .fetch_one(&database.pool)
        .await
        .unwrap();
        if locks == 0 {
            break;
        }
        assert!(
            Instant::now() < until,
            "sqlx's lock stays on a pooled connection"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_that_fails_is_told_and_the_screen_collects() {
    let database = empty_database().await;
    // Somebody else's table stands in the way.
    change(&database.pool, "create schema core_betting").await;
    change(
        &database.pool,
        "create table core_betting.line_history (x int)",
    )
    .await;
    let rig = Rig::start(&database.url(), |_| {}).await;
    let told = rig
        .until("it is told, and games are shown", |s| {
            unusable(s).is_some() && !s.games.is_empty() && s.persistence.spool_depth > 4
        })
        .await;
    let reason = unusable(&told).unwrap();
    assert!(
        reason.contains("line_history") && reason.contains("another database"),
        "{reason}"
    );
    change(&database.pool, "drop table core_betting.line_history").await;
    rig.until("writes go through", |s| {
        s.persistence.database == DatabaseState::Up && s.persistence.spool_depth == 0
    })
    .await;
    rig.end().await;
}
