//! The real program: killed in the middle, told to stop, told twice.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use linetape::spool::{self, Listed};
use sqlx::PgPool;
use tempfile::TempDir;
use uuid::Uuid;

use super::cluster::{Cluster, Stop};
use super::postgres::test_database;
use super::tables::{Tables, check_summary, logged, payloads, stage};

/// A home of its own, and the server it writes to.
struct Home {
    folder: TempDir,
    url: String,
}

/// What is killed when the test fails.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Home {
    fn new(url: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            folder,
            url: url.to_owned(),
        }
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_linetape"));
        command
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", self.folder.path());
        command.env("DATABASE_URL", &self.url).args(args);
        command.current_dir(self.folder.path());
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        command
    }

    fn demo(&self, more: &[&str]) -> Running {
        let args = [
            "demo", "--no-tui", "--json", "--games", "4", "--speed", "300",
        ];
        Running(self.command(&[&args, more].concat()).spawn().unwrap())
    }

    /// Where the demo's spools are, and how they are called.
    fn spool(&self) -> Option<(PathBuf, String)> {
        let root = self.folder.path().join(".local/share/linetape/spool");
        let first = std::fs::read_dir(&root).ok()?.flatten().next()?;
        let name = first.file_name().into_string().ok()?;
        Some((root, name))
    }

    /// What lies in the spools; nothing while there is none.
    fn listed(&self) -> Vec<Listed> {
        self.spool()
            .and_then(|(root, name)| spool::list(&root, &name).ok())
            .unwrap_or_default()
    }

    fn ids(&self) -> BTreeSet<Uuid> {
        self.listed().iter().map(|l| l.fetch_id).collect()
    }
}

fn wait_until(what: &str, mut done: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !done() {
        assert!(
            begun.elapsed() < Duration::from_secs(40),
            "waited for: {what}"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn signal(child: &Child, name: &str) {
    let pid = child.id().to_string();
    assert!(
        Command::new("kill")
            .args([name, &pid])
            .status()
            .unwrap()
            .success()
    );
}

fn ends_within(child: &mut Child, limit: Duration) -> Option<(ExitStatus, Duration)> {
    let begun = Instant::now();
    while begun.elapsed() < limit {
        if let Some(status) = child.try_wait().unwrap() {
            return Some((status, begun.elapsed()));
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    None
}

/// The demo's own database on the server.
async fn demo_pool(cluster: &Cluster) -> PgPool {
    let options = cluster.pool().await.connect_options().as_ref().clone();
    let name: String =
        sqlx::query_scalar("select datname from pg_database where datname like 'linetape_demo%'")
            .fetch_one(&cluster.pool().await)
            .await
            .unwrap();
    PgPool::connect_with(options.database(&name)).await.unwrap()
}

/// Wait until the demo has stored something: a schema that is still being made has nothing to flush into.
async fn until_stored(cluster: &Cluster) {
    let begun = Instant::now();
    let server = cluster.pool().await;
    loop {
        let name: Option<String> = sqlx::query_scalar(
            "select datname from pg_database where datname like 'linetape_demo%'",
        )
        .fetch_optional(&server)
        .await
        .unwrap();
        if let Some(name) = name {
            let options = server.connect_options().as_ref().clone().database(&name);
            let stored = match PgPool::connect_with(options).await {
                Ok(pool) => {
                    let any = "select exists (select from raw_data.collection_log)";
                    let any = sqlx::query_scalar::<_, bool>(any).fetch_one(&pool).await;
                    pool.close().await;
                    any.unwrap_or(false)
                }
                Err(_) => false,
            };
            if stored {
                return;
            }
        }
        assert!(
            begun.elapsed() < Duration::from_secs(40),
            "nothing is stored"
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

fn last_line(home: &Home, args: &[&str]) -> serde_json::Value {
    let mut running = home.demo(args);
    let lines = BufReader::new(running.0.stdout.take().unwrap()).lines();
    let last = lines.map(Result::unwrap).last().unwrap();
    let status = running.0.wait().unwrap();
    assert!(status.success(), "{status}: {last}");
    serde_json::from_str(&last).unwrap()
}

/// Everything seen in a spool is in the log, and the rows are those of an undisturbed run.
async fn check_all_arrived(pool: &PgPool, seen: &BTreeSet<Uuid>) {
    let ids: BTreeSet<Uuid> = logged(pool).await.into_iter().collect();
    assert!(seen.is_subset(&ids), "lost: {:?}", seen - &ids);
    check_summary(pool).await;
    let calm = test_database().await;
    stage(&calm.pool, &payloads(pool).await, 16).await;
    Tables::read(pool).await.must_equal(
        &Tables::read(&calm.pool).await,
        "killed against undisturbed",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_postgres_is_down_the_next_run_drains_the_spool() {
    let cluster = Cluster::start().await;
    let home = Home::new(&cluster.url());
    let mut running = home.demo(&[]);
    wait_until("the demo's spool", || home.spool().is_some());
    tokio::time::sleep(Duration::from_secs(3)).await;
    cluster.stop(Stop::Immediate);
    wait_until("a dozen payloads wait", || home.listed().len() > 12);
    let before = home.ids();
    running.0.kill().unwrap();
    running.0.wait().unwrap();
    let after = home.ids();
    assert!(before.is_subset(&after), "the kill loses nothing");

    cluster.start_again();
    let summary = last_line(&home, &["--for", "6s"]);
    assert_eq!(summary["type"], "summary");
    assert_eq!(
        (&summary["spool_depth"], &summary["database"]),
        (&0.into(), &"up".into()),
        "{summary}"
    );
    assert_eq!(home.listed(), []);
    let pool = demo_pool(&cluster).await;
    check_all_arrived(&pool, &after).await;
    pool.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_again_and_again_under_load_nothing_is_missing() {
    let cluster = Cluster::start().await;
    let home = Home::new(&cluster.url());
    let mut seen = BTreeSet::new();
    for round in 0..4 {
        let mut running = home.demo(&[]);
        let until = Instant::now() + Duration::from_millis(2_600 + round * 370);
        while Instant::now() < until {
            seen.extend(home.ids());
            std::thread::sleep(Duration::from_millis(5));
        }
        running.0.kill().unwrap();
        running.0.wait().unwrap();
        seen.extend(home.ids());
    }
    assert!(seen.len() > 10, "{} payloads were seen waiting", seen.len());
    let summary = last_line(&home, &["--for", "5s"]);
    assert_eq!(summary["spool_depth"], 0, "{summary}");
    let pool = demo_pool(&cluster).await;
    check_all_arrived(&pool, &seen).await;
    pool.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn told_to_stop_it_ends_in_time_and_told_twice_at_once() {
    let cluster = Cluster::start().await;
    let home = Home::new(&cluster.url());
    // In order.
    let mut running = home.demo(&[]);
    until_stored(&cluster).await;
    signal(&running.0, "-TERM");
    let (status, took) = ends_within(&mut running.0, Duration::from_secs(9)).expect("it ends");
    assert_eq!(status.code(), Some(143));
    assert!(took < Duration::from_secs(5), "{took:?}");
    assert_eq!(home.listed(), [], "everything is flushed");

    // With a Postgres that is down, and with one that does not answer at all.
    cluster.stop(Stop::Fast);
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody_answers = Home::new(&format!(
        "postgresql://somebody@{}/faulty?sslmode=disable",
        silent.local_addr().unwrap()
    ));
    for home in [&home, &nobody_answers] {
        let mut running = home.demo(&[]);
        wait_until("the demo's spool", || home.spool().is_some());
        tokio::time::sleep(Duration::from_secs(2)).await;
        signal(&running.0, "-INT");
        let (status, took) = ends_within(&mut running.0, Duration::from_secs(9)).expect("it ends");
        assert_eq!(status.code(), Some(130));
        assert!(took < Duration::from_secs(6), "{took:?}");

        let mut running = home.demo(&[]);
        tokio::time::sleep(Duration::from_secs(2)).await;
        signal(&running.0, "-TERM");
        tokio::time::sleep(Duration::from_millis(300)).await;
        signal(&running.0, "-TERM");
        let (status, took) = ends_within(&mut running.0, Duration::from_secs(9)).expect("it ends");
        assert!(took < Duration::from_secs(1), "forced: {took:?}");
        assert!(!status.success());
    }
}

/// Live, no network: it runs, says so in every line, and rests.
#[tokio::test(flavor = "multi_thread")]
async fn live_without_a_network_runs_says_so_and_rests() {
    let cluster = Cluster::start().await;
    let home = Home::new(&cluster.url());
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let config = home.folder.path().join("settings.toml");
    let text = format!(
        "[sources.action_network]\nbase_url = \"{nobody}\"\n[sources.odds_api]\nbase_url = \"{nobody}\"\nkey = \"k\"\n"
    );
    std::fs::write(&config, text).unwrap();
    let args = ["--no-tui", "--json", "--config", config.to_str().unwrap()];
    let mut running = Running(home.command(&args).spawn().unwrap());
    let pid = running.0.id();
    tokio::time::sleep(Duration::from_secs(6)).await;
    let begun = (Instant::now(), cpu(pid));
    tokio::time::sleep(Duration::from_secs(4)).await;
    let share =
        cpu(pid).checked_sub(begun.1).unwrap().as_secs_f64() / begun.0.elapsed().as_secs_f64();
    assert!(
        share < 0.10,
        "{share} of a core while there is nothing to do"
    );
    signal(&running.0, "-TERM");
    let lines = BufReader::new(running.0.stdout.take().unwrap()).lines();
    let last: serde_json::Value =
        serde_json::from_str(&lines.map(Result::unwrap).last().unwrap()).unwrap();
    let (status, _) = ends_within(&mut running.0, Duration::from_secs(6)).expect("it ends");
    assert_eq!(status.code(), Some(143));
    assert_eq!(
        (&last["type"], &last["fetched"], &last["database"]),
        (&"summary".into(), &0.into(), &"up".into()),
        "{last}"
    );
    let errors = last["errors"].as_u64().unwrap();
    assert!((2..=4).contains(&errors), "{errors} failed looks in 10 s");
}

/// Processor time used so far.
fn cpu(pid: u32) -> Duration {
    let stat =
        std::fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("stat")).unwrap();
    let after = stat.rsplit_once(')').unwrap().1;
    let ticks: u64 = after
        .split_whitespace()
        .skip(11)
        .take(2)
        .map(|n| n.parse::<u64>().unwrap())
        .sum();
    // 100 a second on every Linux.
    Duration::from_millis(ticks * 10)
}
