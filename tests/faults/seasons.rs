//! A backfill that is killed where it hurts, and goes on: afterwards every day is complete once, and asking everything
//! again changes no row.
//!
//! The suite kills at each point of a day's way once. `five_seasons_restart_cleanly` is the large one, for a person:
//! `cargo nextest run --test faults --run-ignored only seasons` takes some minutes; `SEASONS` and `KILLS` set other numbers
//! than 5 and 40.

use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use chrono::{NaiveDate, NaiveTime, TimeDelta};
use linetape::demo::Market;
use linetape::spool;
use sqlx::{PgPool, Postgres, Transaction};
use tempfile::TempDir;
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use super::postgres::{TestDatabase, test_database};
use super::rig::PATIENCE;

/// Where a day can be when the process dies.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Point {
    /// Asked for, and not answered.
    Asked,
    /// In the spool, and not in the database.
    Spooled,
    /// In the database, and not noted as complete.
    Committed,
    /// Complete, and the next begun or not.
    Complete,
}

const POINTS: [Point; 4] = [
    Point::Asked,
    Point::Spooled,
    Point::Committed,
    Point::Complete,
];

/// The built-in market as of the day after the one that is asked for: an archive of any season. While `held`, no question
/// is answered; how many wait is told.
#[derive(Clone)]
struct Archive {
    market: Arc<Market>,
    held: watch::Receiver<bool>,
    waiting: watch::Sender<u32>,
}

async fn answer(State(archive): State<Archive>, request: Request) -> (StatusCode, Vec<u8>) {
    let mut held = archive.held.clone();
    if *held.borrow() {
        archive.waiting.send_modify(|n| *n += 1);
        let _ = held.wait_for(|held| !held).await;
    }
    let (path, query) = (request.uri().path(), request.uri().query().unwrap_or(""));
    let day = query
        .split('&')
        .find_map(|pair| pair.strip_prefix("dates="));
    let day = NaiveDate::parse_from_str(day.unwrap(), "%Y%m%d").unwrap();
    let after = day.and_time(NaiveTime::MIN).and_utc() + TimeDelta::hours(40);
    let reply = archive.market.answer(path, query, after);
    (StatusCode::from_u16(reply.status).unwrap(), reply.body)
}

/// What is killed when the test fails.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Running {
    fn has_ended(&mut self) -> bool {
        self.0.try_wait().unwrap().is_some()
    }

    /// Whether it ends well.
    async fn ended(&mut self) -> bool {
        let begun = Instant::now();
        while !self.has_ended() {
            assert!(begun.elapsed() < PATIENCE, "it hangs");
            sleep(Duration::from_millis(5)).await;
        }
        self.0.wait().unwrap().success()
    }

    /// SIGKILL: nothing is flushed, nobody says goodbye.
    fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

struct World {
    home: TempDir,
    database: TestDatabase,
    days: Vec<String>,
    hold: watch::Sender<bool>,
    waiting: watch::Receiver<u32>,
}

impl World {
    async fn new(days: &[&str]) -> Self {
        let (hold, open) = watch::channel(false);
        let (asked, waiting) = watch::channel(0);
        let archive = Archive {
            market: Arc::new(Market::new(7, 2).unwrap()),
            held: open,
            waiting: asked,
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let app = Router::new().fallback(answer).with_state(archive);
        tokio::spawn(async move { axum::serve(listener, app).await });
        let home = tempfile::tempdir().unwrap();
        let text = format!(
            "[collect]\nsources = [\"espn\"]\n[sources.espn]\nbase_url = \"{base_url}/espn\"\nper_minute = 600\n"
        );
        std::fs::write(home.path().join("config.toml"), text).unwrap();
        Self {
            home,
            database: test_database().await,
            days: days.iter().map(ToString::to_string).collect(),
            hold,
            waiting,
        }
    }

    fn pool(&self) -> &PgPool {
        &self.database.pool
    }

    /// The program at its work.
    fn start(&self, more: &[&str]) -> Running {
        let home = self.home.path();
        let said = std::fs::File::create(home.join("said")).unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_linetape"))
            .args(["backfill", "--league", "mlb", "--source", "espn"])
            .args(&self.days)
            .args(more)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", home)
            .env("DATABASE_URL", self.database.url())
            .env("LINETAPE_CONFIG", home.join("config.toml"))
            .current_dir(home)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(said)
            .spawn()
            .unwrap();
        Running(child)
    }

    /// To the end, and well.
    async fn finish(&self, more: &[&str]) {
        let mut running = self.start(more);
        // A season takes its time: what matters is that days are being completed.
        let (mut begun, mut done) = (Instant::now(), 0);
        while !running.has_ended() {
            let now = self.complete().await;
            if now != done {
                (begun, done) = (Instant::now(), now);
            }
            assert!(begun.elapsed() < PATIENCE, "it hangs after {done} days");
            sleep(Duration::from_millis(20)).await;
        }
        let (ended, said) = (running.0.wait().unwrap(), self.said());
        assert!(ended.success(), "{more:?}: {said}");
    }

    /// What it told people.
    fn said(&self) -> String {
        std::fs::read_to_string(self.home.path().join("said")).unwrap()
    }

    /// Days that are complete; none before there is a schema.
    async fn complete(&self) -> i64 {
        let days = "select count(*) from operational.backfill_progress where state = 'complete'";
        let counted = sqlx::query_scalar(days).fetch_one(self.pool()).await;
        counted.unwrap_or(0)
    }

    async fn fetched(&self) -> i64 {
        let fetches = "select count(*) from raw_data.collection_log";
        let counted = sqlx::query_scalar(fetches).fetch_one(self.pool()).await;
        counted.unwrap_or(0)
    }

    /// Payloads in spools, of the dead as of the living.
    fn spooled(&self) -> u64 {
        let root = self.home.path().join(".local/share/linetape/spool");
        let Ok(databases) = std::fs::read_dir(&root) else {
            return 0;
        };
        let names = databases.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let files = names.flat_map(|name| spool::files(&root, &name).unwrap_or_default());
        files.map(|file| file.depth + file.quarantined).sum()
    }

    /// The writer's pen: while somebody else has it, nothing is committed.
    async fn take_pen(&self) -> Transaction<'static, Postgres> {
        let mut pen = self.pool().begin().await.unwrap();
        sqlx::query("select writer from operational.writer_head for update")
            .execute(&mut *pen)
            .await
            .unwrap();
        pen
    }

    /// The day under way: while somebody holds it, it cannot be noted as complete.
    async fn hold_progress(&self) -> Transaction<'static, Postgres> {
        let mut noting = self.pool().begin().await.unwrap();
        sqlx::query(
            "select day from operational.backfill_progress where state = 'running' for update",
        )
        .execute(&mut *noting)
        .await
        .unwrap();
        noting
    }

    /// End the sessions that wait for a lock; returns how many.
    async fn end_waiting(&self) -> u64 {
        let sql = "select pg_terminate_backend(pid) from pg_stat_activity
                   where datname = current_database() and wait_event_type = 'Lock'";
        let ended = sqlx::query(sql).execute(self.pool()).await.unwrap();
        ended.rows_affected()
    }

    /// To the end, although the session in which a day was to be noted as complete is ended by the server.
    async fn finish_through_a_lost_session(&self) {
        let mut running = self.start(&["--resume"]);
        let pen = self.take_pen().await;
        assert!(until(&mut running, async || self.spooled() > 0).await);
        let noting = self.hold_progress().await;
        pen.rollback().await.unwrap();
        assert!(until(&mut running, async || self.end_waiting().await > 0).await);
        noting.rollback().await.unwrap();
        let ended = running.ended().await;
        assert!(ended, "{}", self.said());
    }

    /// Let the program complete `days` days, bring it to `point`, and kill it. False when it was done before.
    async fn kill_at(&mut self, point: Point, days: i64) -> bool {
        let mut running = self.start(&["--resume"]);
        let begun = Instant::now();
        while self.complete().await < days {
            if running.has_ended() {
                return false;
            }
            assert!(begun.elapsed() < PATIENCE * 4, "{days} days take for ever");
            sleep(Duration::from_millis(5)).await;
        }
        match point {
            Point::Complete => {}
            Point::Asked => {
                let had = *self.waiting.borrow_and_update();
                self.hold.send_replace(true);
                let mut waiting = self.waiting.clone();
                let held = waiting.wait_for(|n| *n > had);
                let caught = tokio::select! {
                    caught = tokio::time::timeout(PATIENCE, held) => caught.is_ok(),
                    () = ended(&mut running) => false,
                };
                if caught {
                    running.kill();
                }
                self.hold.send_replace(false);
                return caught;
            }
            Point::Spooled | Point::Committed => {
                let pen = self.take_pen().await;
                let (had, fetched) = (self.spooled(), self.fetched().await);
                // One that waits was taken over, or came just before the pen was taken.
                if !until(&mut running, async || self.spooled() > had || had > 1).await {
                    return false;
                }
                if point == Point::Committed {
                    let noting = self.hold_progress().await;
                    pen.rollback().await.unwrap();
                    if !until(&mut running, async || self.fetched().await > fetched).await {
                        return false;
                    }
                    running.kill();
                    // Its statement would outlive it, and go through.
                    self.end_waiting().await;
                    noting.rollback().await.unwrap();
                    return true;
                }
                running.kill();
                pen.rollback().await.unwrap();
                return true;
            }
        }
        let caught = !running.has_ended();
        running.kill();
        caught
    }

    /// What is stored, without the times at which this machine asked, and how often.
    async fn stored(&self) -> Vec<String> {
        let sql = "
            select concat_ws(' ', 'game', source_game_id, game_number, home_team, away_team, starts_at, status, home_score,
                             away_score)
            from core_betting.game_sources
            union all
            select concat_ws(' ', 'result', s.source_game_id, o.home_score, o.away_score, o.periods, o.status)
            from core_betting.game_outcomes o join core_betting.game_sources s using (game_id, source)
            union all
            select concat_ws(' ', 'price', s.source_game_id, stream, source_book_id, market, period, participant, side, phase,
                             line_slot, line, american, l.status)
            from core_betting.lines_current l join core_betting.game_sources s using (game_id)
            union all
            select concat_ws(' ', 'day', source, league, day, state, games) from operational.backfill_progress
            order by 1";
        sqlx::query_scalar(sql)
            .fetch_all(self.pool())
            .await
            .unwrap()
    }

    /// Every day is complete and nothing waits; the same question again, as if nothing had been asked, changes no row.
    async fn check(&self, days: i64) {
        assert_eq!(self.complete().await, days);
        assert_eq!(self.spooled(), 0, "nothing is left behind");
        let before = self.stored().await;
        for (what, least) in [("game ", 2), ("result ", 1), ("day ", 1)] {
            let found = before.iter().filter(|row| row.starts_with(what)).count();
            assert!(found as i64 >= days * least, "{found} of {what}");
        }
        self.finish(&[]).await;
        let after = self.stored().await;
        for (before, after) in before.iter().zip(&after) {
            assert_eq!(before, after);
        }
        assert_eq!(before.len(), after.len());
    }
}

async fn ended(running: &mut Running) {
    while !running.has_ended() {
        sleep(Duration::from_millis(5)).await;
    }
}

/// Wait for what must come while the program runs; false when it ended.
async fn until(running: &mut Running, come: impl AsyncFn() -> bool) -> bool {
    let begun = Instant::now();
    while !come().await {
        if running.has_ended() {
            return false;
        }
        assert!(begun.elapsed() < PATIENCE, "it never came");
        sleep(Duration::from_millis(5)).await;
    }
    true
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backfill_killed_at_each_point_restarts_cleanly() {
    let mut world = World::new(&["--from", "2025-06-23", "--to", "2025-06-27"]).await;
    for (point, days) in POINTS.into_iter().zip([0, 0, 1, 3]) {
        assert!(
            world.kill_at(point, days).await,
            "{point:?}: {}",
            world.said()
        );
        let complete = world.complete().await;
        assert!((days..5).contains(&complete), "{complete} days, {point:?}");
    }
    world.finish_through_a_lost_session().await;
    world.check(5).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "minutes of work: five seasons, killed forty times"]
async fn five_seasons_restart_cleanly() {
    let number = |name: &str, usual: i64| {
        let set = std::env::var(name).ok();
        set.map_or(usual, |text| text.parse().unwrap())
    };
    let (seasons, kills) = (number("SEASONS", 5), number("KILLS", 40));
    let first = (2026 - seasons).to_string();
    let mut world = World::new(&["--start-year", &first, "--end-year", "2025"]).await;
    let (mut luck, mut caught) = (0x5EED_u64, 0);
    for kill in 0..kills {
        luck = luck
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        // Somewhere in the part of the days that is this kill's.
        let days = (kill * 1_000 + (luck >> 54) as i64) * seasons * 200 / (kills * 1_000);
        let point = POINTS[(luck >> 40) as usize % 4];
        caught += i64::from(world.kill_at(point, days).await);
    }
    eprintln!("{caught} of {kills} kills in the middle");
    assert!(caught * 10 >= kills * 9, "{caught} of {kills}");
    world.finish(&["--resume"]).await;
    let days = "select count(*) from operational.backfill_progress";
    let days: i64 = sqlx::query_scalar(days)
        .fetch_one(world.pool())
        .await
        .unwrap();
    assert!(days >= seasons * 200, "{days} days");
    world.check(days).await;
}
