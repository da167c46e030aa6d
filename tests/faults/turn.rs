//! What is stored is rolled back, or made anew, by another process: a screen that is up shows what is stored then.

use std::collections::BTreeMap;
use std::process::Command as Process;
use std::time::Instant;

use chrono::{DateTime, Utc};
use linetape::domain::game::GameId;
use linetape::engine::command::Command;
use linetape::engine::snapshot::Snapshot;
use sqlx::PgPool;
use tempfile::TempDir;

use super::postgres::{TestDatabase, test_database};
use super::rig::{PATIENCE, Rig};

/// Game, then key of the series and when its price began.
type Board = BTreeMap<(i64, String), DateTime<Utc>>;

fn shown(snapshot: &Snapshot) -> Board {
    let games = snapshot.games.iter();
    let series = games.flat_map(|game| {
        game.series.iter().map(|s| {
            let (k, side) = (&s.key, s.key.side.as_str());
            let words = [
                k.stream.as_str(),
                &k.source_book_id,
                k.market.as_str(),
                k.period.as_str(),
            ];
            let rest = [&k.participant, side, k.phase.as_str(), &k.slot.to_string()].join("|");
            let key = format!("{}|{rest}", words.join("|"));
            ((game.id.as_i64(), key), s.changed_at)
        })
    });
    series.collect()
}

async fn stored(pool: &PgPool) -> Board {
    let rows: Vec<(i64, String, DateTime<Utc>)> = sqlx::query_as(
        "select game_id, concat_ws('|', stream, source_book_id, market, period, participant, side, phase, line_slot), at
         from core_betting.lines_current",
    )
    .fetch_all(pool)
    .await
    .unwrap();
    rows.into_iter()
        .map(|(game, key, at)| ((game, key), at))
        .collect()
}

async fn points(pool: &PgPool, game: GameId) -> usize {
    let count: i64 =
        sqlx::query_scalar("select count(*) from core_betting.line_history where game_id = $1")
            .bind(game.as_i64())
            .fetch_one(pool)
            .await
            .unwrap();
    usize::try_from(count).unwrap()
}

fn charted(snapshot: &Snapshot, game: GameId) -> Option<usize> {
    let view = snapshot.games.iter().find(|g| g.id == game)?;
    let points = view.series.iter().map(|s| s.points.len()).sum();
    view.history_loaded.then_some(points)
}

/// The program beside the running engine; it may find that somebody is writing at that moment, and is asked again.
async fn linetape(database: &TestDatabase, args: &[&str]) {
    let since = Instant::now();
    loop {
        let home = TempDir::new().unwrap();
        let mut program = Process::new(env!("CARGO_BIN_EXE_linetape"));
        program
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", home.path())
            .env("DATABASE_URL", database.url())
            .args(args)
            .current_dir(home.path());
        let done = tokio::task::spawn_blocking(move || program.output().unwrap())
            .await
            .unwrap();
        match done.status.code() {
            Some(0) => return,
            Some(75) if since.elapsed() < PATIENCE => {}
            code => panic!(
                "{args:?}: {code:?} {}",
                String::from_utf8_lossy(&done.stderr)
            ),
        }
    }
}

/// Wait until the screen shows exactly what is stored, while nothing is collected.
async fn agrees(rig: &Rig, pool: &PgPool, what: &str) {
    let board = stored(pool).await;
    rig.until(what, |s| shown(s) == board).await;
}

async fn collect_more(rig: &Rig, rows: i64) {
    rig.ask(Command::Resume).await;
    let from = rig.now().persistence.changes;
    rig.until("more prices", |s| s.persistence.changes > from + rows)
        .await;
}

#[tokio::test]
async fn a_screen_shows_what_a_rollback_left_and_what_a_rebuild_brought_back() {
    let database = test_database().await;
    let pool = &database.pool;
    let rig = Rig::start(&database.url(), |_| ()).await;
    rig.until("first prices", |s| s.persistence.changes > 100)
        .await;
    rig.settle().await;
    linetape(&database, &["pipeline", "run", "--zone", "raw"]).await;
    let run: String = sqlx::query_scalar(
        "select run_id::text from operational.pipeline_runs order by started_at desc limit 1",
    )
    .fetch_one(pool)
    .await
    .unwrap();
    let then = stored(pool).await;

    collect_more(&rig, 20).await;
    rig.settle().await;
    agrees(&rig, pool, "the screen is up to date").await;
    let whole = stored(pool).await;
    assert_ne!(then, whole);
    // A chart is open: of a game that changed since.
    let changed = whole.iter().find(|(key, at)| then.get(*key) != Some(*at));
    let game = GameId::from_i64(changed.unwrap().0.0);
    rig.ask(Command::LoadHistory(game)).await;
    let all = points(pool, game).await;
    rig.until("the chart", |s| charted(s, game) == Some(all))
        .await;

    // While nothing is collected, so that no batch can tell.
    linetape(&database, &["pipeline", "rollback", "--to-run", &run]).await;
    assert_eq!(stored(pool).await, then, "rolled back");
    agrees(&rig, pool, "the screen is rolled back").await;
    let left = points(pool, game).await;
    assert!(left < all, "{left} of {all}");
    rig.until("the chart is rolled back", |s| {
        charted(s, game) == Some(left)
    })
    .await;

    // What comes now comes on top, here and there.
    collect_more(&rig, 20).await;
    rig.settle().await;
    agrees(&rig, pool, "on top").await;

    // While prices come: the batch after it tells.
    rig.ask(Command::Resume).await;
    linetape(
        &database,
        &["pipeline", "run", "--zone", "staging", "--rebuild"],
    )
    .await;
    let brought = stored(pool).await;
    assert!(whole.keys().all(|key| brought.contains_key(key)));
    collect_more(&rig, 20).await;
    rig.settle().await;
    agrees(&rig, pool, "the screen has what came back").await;
    let all = points(pool, game).await;
    rig.until("the chart has what came back", |s| {
        charted(s, game) == Some(all)
    })
    .await;
    rig.end().await;
}
