//! The cache in front of a real redis-server, healthy and not.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a failed unwrap is a failed test, and a skipped one says so"
)]

use std::convert::Infallible;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use linetape::cache::{Cache, Cleared, Family};
use linetape::config::settings;
use serde::{Deserialize, Serialize};
use tempfile::TempDir;

const TTL: Duration = Duration::from_mins(1);

/// The timeout under test: longer than the default, so that a busy machine does not look like a second one.
const TIMEOUT: Duration = Duration::from_millis(200);

/// Less than two of them.
const ONE_TIMEOUT: Duration = Duration::from_millis(390);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Prices {
    game: String,
    american: Vec<i32>,
}

fn prices(game: &str) -> Prices {
    Prices {
        game: game.into(),
        american: vec![-110, 102],
    }
}

/// A redis-server of this test alone, on a unix socket, without persistence.
struct Server {
    directory: TempDir,
    child: Child,
    arguments: Vec<&'static str>,
}

impl Server {
    /// None, with a word about it, where the program is not installed.
    fn start(arguments: &[&'static str]) -> Option<Self> {
        let directory = tempfile::tempdir().unwrap();
        let child = Self::spawn(&directory, arguments)?;
        let server = Self {
            directory,
            child,
            arguments: arguments.to_vec(),
        };
        server.wait();
        Some(server)
    }

    fn spawn(directory: &TempDir, arguments: &[&str]) -> Option<Child> {
        let spawned = Command::new("redis-server")
            .args([
                "--port",
                "0",
                "--save",
                "",
                "--appendonly",
                "no",
                "--daemonize",
                "no",
            ])
            .arg("--unixsocket")
            .arg(directory.path().join("redis.sock"))
            .arg("--dir")
            .arg(directory.path())
            .args(arguments)
            .stdout(Stdio::null())
            .spawn();
        match spawned {
            Ok(child) => Some(child),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                eprintln!("SKIPPED: there is no redis-server; install the package redis-server");
                None
            }
            Err(error) => panic!("{error}"),
        }
    }

    fn socket(&self) -> PathBuf {
        self.directory.path().join("redis.sock")
    }

    fn url(&self) -> String {
        format!("redis+unix://{}", self.socket().display())
    }

    fn wait(&self) {
        let deadline = Instant::now() + Duration::from_secs(10);
        while std::os::unix::net::UnixStream::connect(self.socket()).is_err() {
            assert!(Instant::now() < deadline, "redis-server did not start");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        std::fs::remove_file(self.socket()).unwrap();
    }

    fn restart(&mut self) {
        self.child = Self::spawn(&self.directory, &self.arguments.clone()).unwrap();
        self.wait();
    }

    fn admin(&self) -> redis::Connection {
        redis::Client::open(self.url())
            .unwrap()
            .get_connection()
            .unwrap()
    }

    fn run<T: redis::FromRedisValue>(&self, command: &[&str]) -> T {
        let (name, arguments) = command.split_first().unwrap();
        redis::cmd(name)
            .arg(arguments)
            .query(&mut self.admin())
            .unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn cache_at(url: &str) -> Cache {
    Cache::new(&settings::Cache {
        redis_url: Some(url.to_owned().into()),
        redis_timeout: TIMEOUT,
        ..settings::Cache::default()
    })
}

fn memory_only() -> Cache {
    Cache::new(&settings::Cache::default())
}

/// Read `game` and tell whether it had to be loaded.
async fn read(cache: &Cache, game: &str) -> bool {
    let mut loaded = false;
    let value = cache
        .get_or_load(Family::History, game, TTL, async || {
            loaded = true;
            Ok::<_, Infallible>(Some(prices(game)))
        })
        .await;
    assert_eq!(*value.unwrap().unwrap(), prices(game));
    loaded
}

/// Read until Redis answers again.
async fn until_up(cache: &Cache) {
    let deadline = Instant::now() + Duration::from_secs(15);
    let mut n = 0;
    loop {
        n += 1;
        read(cache, &format!("probe{n}")).await;
        if cache.redis_state() == "up" {
            return;
        }
        assert!(Instant::now() < deadline, "{}", cache.redis_state());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Every read is counted once in its family, and the tiers are sums of the families.
fn adds_up(cache: &Cache, reads: u64) {
    let stats = cache.stats();
    let sum = |pick: fn(&linetape::cache::FamilyStats) -> u64| {
        stats.families.iter().map(pick).sum::<u64>()
    };
    assert_eq!(stats.memory.hits + stats.memory.misses, reads, "{stats:?}");
    assert_eq!(stats.memory.hits, sum(|f| f.memory_hits));
    assert_eq!(stats.memory.misses, sum(|f| f.redis_hits + f.misses));
    if let Some(redis) = stats.redis {
        assert_eq!(redis.hits + redis.misses, stats.memory.misses);
        assert_eq!(redis.hits, sum(|f| f.redis_hits));
    }
}

#[tokio::test]
async fn memory_alone_answers_and_expires() {
    let cache = memory_only();
    assert_eq!(cache.redis_state(), "not configured");
    assert!(read(&cache, "1").await);
    assert!(!read(&cache, "1").await);
    let short = Duration::from_millis(30);
    let load = |n: u32| {
        cache.get_or_load(Family::Game, "1", short, async move || {
            Ok::<_, Infallible>(Some(n))
        })
    };
    assert_eq!(load(1).await.unwrap().as_deref(), Some(&1));
    assert_eq!(load(2).await.unwrap().as_deref(), Some(&1));
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(load(3).await.unwrap().as_deref(), Some(&3));
    adds_up(&cache, 5);
    let stats = cache.stats();
    assert_eq!(stats.redis, None);
    assert_eq!(stats.memory.entries, Some(2));
    assert_eq!((stats.memory.hits, stats.memory.misses), (2, 3));
}

#[tokio::test]
async fn a_hit_in_memory_takes_microseconds() {
    let cache = memory_only();
    read(&cache, "1").await;
    let mut times: Vec<Duration> = Vec::new();
    for _ in 0..2_000 {
        let began = Instant::now();
        let value = cache
            .get_or_load(Family::History, "1", TTL, async || {
                Ok::<Option<Prices>, Infallible>(None)
            })
            .await;
        times.push(began.elapsed());
        assert!(value.unwrap().is_some());
    }
    times.sort();
    // The budget is 10 µs at the 99th percentile of a release build; this one is not optimised.
    assert!(
        times[1_000] < Duration::from_micros(50),
        "{:?}",
        times[1_000]
    );
}

#[tokio::test]
async fn what_is_not_there_and_what_failed_are_not_kept() {
    let cache = memory_only();
    let none = cache
        .get_or_load(Family::History, "1", TTL, async || {
            Ok::<Option<Prices>, Infallible>(None)
        })
        .await;
    assert_eq!(none, Ok(None));
    let failed = cache
        .get_or_load(Family::History, "1", TTL, async || {
            Err::<Option<Prices>, _>("Postgres is down")
        })
        .await;
    assert_eq!(failed, Err(Arc::new("Postgres is down")));
    assert!(read(&cache, "1").await);
    adds_up(&cache, 3);
}

#[tokio::test]
async fn concurrent_misses_load_once() {
    let cache = memory_only();
    let loads = Arc::new(AtomicU32::new(0));
    let tasks: Vec<_> = (0..50)
        .map(|_| {
            let (cache, loads) = (cache.clone(), Arc::clone(&loads));
            tokio::spawn(async move {
                cache
                    .get_or_load(Family::History, "1:7", TTL, async || {
                        loads.fetch_add(1, Ordering::SeqCst);
                        tokio::time::sleep(Duration::from_millis(20)).await;
                        Ok::<_, Infallible>(Some(prices("1")))
                    })
                    .await
            })
        })
        .collect();
    for task in tasks {
        assert_eq!(*task.await.unwrap().unwrap().unwrap(), prices("1"));
    }
    assert_eq!(loads.load(Ordering::SeqCst), 1);
    adds_up(&cache, 50);
}

#[tokio::test]
async fn everybody_who_waited_gets_the_error_and_the_next_one_tries_again() {
    let cache = memory_only();
    let loads = Arc::new(AtomicU32::new(0));
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let (cache, loads) = (cache.clone(), Arc::clone(&loads));
            tokio::spawn(async move {
                cache
                    .get_or_load(Family::History, "1", TTL, async || {
                        loads.fetch_add(1, Ordering::SeqCst);
                        tokio::time::sleep(Duration::from_millis(20)).await;
                        Err::<Option<Prices>, _>("down".to_owned())
                    })
                    .await
            })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap(), Err(Arc::new("down".to_owned())));
    }
    assert_eq!(loads.load(Ordering::SeqCst), 1);
    assert!(read(&cache, "1").await);
}

#[tokio::test]
async fn a_cancelled_load_is_taken_over_by_who_waits() {
    let cache = memory_only();
    let leader = {
        let cache = cache.clone();
        tokio::spawn(async move {
            cache
                .get_or_load(Family::History, "1", TTL, async || {
                    std::future::pending::<()>().await;
                    Ok::<_, Infallible>(Some(prices("never")))
                })
                .await
        })
    };
    tokio::time::sleep(Duration::from_millis(20)).await;
    let waiting = {
        let cache = cache.clone();
        tokio::spawn(async move { read(&cache, "1").await })
    };
    tokio::time::sleep(Duration::from_millis(20)).await;
    leader.abort();
    assert!(waiting.await.unwrap());
    assert!(!read(&cache, "1").await);
}

#[tokio::test]
async fn what_was_loading_while_invalidated_is_not_kept() {
    let cache = memory_only();
    let (release, gate) = tokio::sync::oneshot::channel::<()>();
    let before = {
        let cache = cache.clone();
        tokio::spawn(async move {
            cache
                .get_or_load(Family::History, "1", TTL, async || {
                    gate.await.unwrap();
                    Ok::<_, Infallible>(Some(prices("before")))
                })
                .await
        })
    };
    tokio::time::sleep(Duration::from_millis(20)).await;
    cache.invalidate(Family::History, "1").await;
    assert!(
        read(&cache, "1").await,
        "who asks afterwards does not wait for the old load"
    );
    release.send(()).unwrap();
    assert_eq!(*before.await.unwrap().unwrap().unwrap(), prices("before"));
    assert!(
        !read(&cache, "1").await,
        "and the old value has not replaced the new one"
    );
}

#[tokio::test]
async fn redis_answers_another_process_and_keeps_the_life_of_the_value() {
    let Some(server) = Server::start(&[]) else {
        return;
    };
    let (one, other) = (cache_at(&server.url()), cache_at(&server.url()));
    assert_eq!(one.redis_state(), "not asked yet");
    assert!(read(&one, "1").await);
    assert!(!read(&other, "1").await);
    assert!(!read(&other, "1").await);
    let stats = other.stats();
    assert_eq!((stats.memory.hits, stats.memory.misses), (1, 1));
    let redis = stats.redis.unwrap();
    assert_eq!((redis.hits, redis.misses, redis.errors), (1, 0, 0));
    assert_eq!(stats.redis_state, "up");
    adds_up(&other, 2);
    assert_eq!(
        server.run::<String>(&["GET", "linetape:history:1"]),
        serde_json::to_string(&prices("1")).unwrap()
    );
    let left: i64 = server.run(&["PTTL", "linetape:history:1"]);
    assert!((1..=60_000).contains(&left), "{left}");

    // What Redis will forget soon, memory does not keep longer.
    server.run::<i64>(&["PEXPIRE", "linetape:history:1", "60"]);
    let third = cache_at(&server.url());
    assert!(!read(&third, "1").await);
    tokio::time::sleep(Duration::from_millis(90)).await;
    assert!(read(&third, "1").await);
}

#[tokio::test]
async fn invalidated_keys_are_gone_from_both_tiers() {
    let Some(server) = Server::start(&[]) else {
        return;
    };
    let cache = cache_at(&server.url());
    read(&cache, "1").await;
    cache.invalidate(Family::History, "1").await;
    assert_eq!(server.run::<i64>(&["EXISTS", "linetape:history:1"]), 0);
    assert!(read(&cache, "1").await);
}

#[tokio::test]
async fn clearing_touches_our_own_keys_only() {
    let Some(server) = Server::start(&[]) else {
        return;
    };
    let cache = cache_at(&server.url());
    for n in 0..1_200 {
        read(&cache, &n.to_string()).await;
    }
    server.run::<()>(&["SET", "other:history:1", "x"]);
    server.run::<()>(&["SET", "linetape:game:1", "x"]);
    let cleared = cache.clear("history:*").await;
    assert_eq!(
        cleared,
        Cleared {
            memory: 1_200,
            redis: Some(Ok(1_200))
        }
    );
    assert_eq!(server.run::<i64>(&["DBSIZE"]), 2);
    assert_eq!(cache.clear("*").await.redis, Some(Ok(1)));
    assert_eq!(server.run::<i64>(&["EXISTS", "other:history:1"]), 1);
}

#[tokio::test]
async fn redis_down_at_the_start_costs_next_to_nothing() {
    let cache = cache_at("redis+unix:///nonexistent/linetape-test.sock");
    let began = Instant::now();
    for n in 0..100 {
        assert!(read(&cache, &n.to_string()).await);
    }
    assert!(began.elapsed() < ONE_TIMEOUT * 2, "{:?}", began.elapsed());
    assert!(
        cache.redis_state().starts_with("down: "),
        "{}",
        cache.redis_state()
    );
    let redis = cache.stats().redis.unwrap();
    assert!(
        (1..=3).contains(&redis.errors),
        "asked once, then left alone: {redis:?}"
    );
    assert_eq!((redis.hits, redis.misses), (0, 100));
    assert!(cache.clear("*").await.redis.unwrap().is_err());
    adds_up(&cache, 100);
}

#[tokio::test]
async fn a_wrong_url_is_a_state_and_no_error() {
    let cache = cache_at("http://user:hunter2@example.test");
    assert!(read(&cache, "1").await);
    assert!(!read(&cache, "1").await);
    let state = cache.redis_state();
    assert!(
        state.contains("cache.redis_url") && !state.contains("hunter2"),
        "{state}"
    );
    assert!(!format!("{cache:?}").contains("hunter2"));
}

#[tokio::test]
async fn redis_killed_in_the_middle_and_started_again() {
    let Some(mut server) = Server::start(&[]) else {
        return;
    };
    let cache = cache_at(&server.url());
    read(&cache, "1").await;
    assert_eq!(cache.redis_state(), "up");
    server.kill();
    for n in 2..50 {
        let began = Instant::now();
        assert!(read(&cache, &n.to_string()).await);
        assert!(began.elapsed() < ONE_TIMEOUT, "{:?}", began.elapsed());
    }
    assert!(!read(&cache, "1").await, "memory still answers");
    assert!(cache.redis_state().starts_with("down: "));
    server.restart();
    until_up(&cache).await;
    read(&cache, "back").await;
    assert_eq!(server.run::<i64>(&["EXISTS", "linetape:history:back"]), 1);
}

#[tokio::test]
async fn a_slow_redis_is_waited_for_once() {
    let Some(server) = Server::start(&[]) else {
        return;
    };
    let cache = cache_at(&server.url());
    read(&cache, "1").await;
    server.run::<()>(&["CLIENT", "PAUSE", "1500", "ALL"]);
    let began = Instant::now();
    assert!(read(&cache, "2").await);
    let waited = began.elapsed();
    assert!(waited >= TIMEOUT && waited < ONE_TIMEOUT, "{waited:?}");
    let began = Instant::now();
    assert!(read(&cache, "3").await);
    assert!(began.elapsed() < TIMEOUT / 2, "{:?}", began.elapsed());
    assert!(
        cache.redis_state().contains("no answer within"),
        "{}",
        cache.redis_state()
    );
    until_up(&cache).await;
}

#[tokio::test]
async fn a_stopped_server_is_given_up_and_found_again() {
    let Some(server) = Server::start(&[]) else {
        return;
    };
    let cache = cache_at(&server.url());
    read(&cache, "1").await;
    let pid = rustix::process::Pid::from_raw(server.child.id().cast_signed()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::STOP).unwrap();
    let stopped = Instant::now();
    let mut n = 0;
    // Past the third failure in a row, when the silent connection is dropped.
    while stopped.elapsed() < Duration::from_millis(2_600) {
        n += 1;
        let began = Instant::now();
        read(&cache, &format!("s{n}")).await;
        assert!(began.elapsed() < ONE_TIMEOUT, "{:?}", began.elapsed());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    rustix::process::kill_process(pid, rustix::process::Signal::CONT).unwrap();
    until_up(&cache).await;
}

#[tokio::test]
async fn a_key_of_the_wrong_type_is_removed_and_only_that_one() {
    let Some(server) = Server::start(&[]) else {
        return;
    };
    let cache = cache_at(&server.url());
    server.run::<i64>(&["LPUSH", "linetape:history:1", "x"]);
    server.run::<i64>(&["LPUSH", "linetape:history:2", "x"]);
    server.run::<i64>(&["LPUSH", "history:1", "x"]);
    assert!(read(&cache, "1").await);
    assert_eq!(
        server.run::<String>(&["TYPE", "linetape:history:1"]),
        "string"
    );
    assert_eq!(
        server.run::<String>(&["TYPE", "linetape:history:2"]),
        "list"
    );
    assert_eq!(server.run::<String>(&["TYPE", "history:1"]), "list");
    assert_eq!(cache.redis_state(), "up");
    assert_eq!(cache.stats().redis.unwrap().errors, 1);
    assert!(!read(&cache_at(&server.url()), "1").await);
}

#[tokio::test]
async fn a_damaged_value_is_a_miss_and_is_written_over() {
    let Some(server) = Server::start(&[]) else {
        return;
    };
    let cache = cache_at(&server.url());
    server.run::<()>(&["SET", "linetape:history:1", "{\"game\":"]);
    assert!(read(&cache, "1").await);
    assert_eq!(cache.stats().redis.unwrap().errors, 1);
    assert!(!read(&cache_at(&server.url()), "1").await);
}

#[tokio::test]
async fn eviction_and_a_full_server_are_misses() {
    for policy in ["allkeys-lru", "noeviction"] {
        let arguments = ["--maxmemory", "3mb", "--maxmemory-policy", policy];
        let Some(server) = Server::start(&arguments) else {
            return;
        };
        let big = |n: u32| vec![n; 5_000];
        let cache = cache_at(&server.url());
        for n in 0..400 {
            let value = cache
                .get_or_load(Family::History, &format!("{n}:1"), TTL, async || {
                    Ok::<_, Infallible>(Some(big(n)))
                })
                .await;
            assert_eq!(*value.unwrap().unwrap(), big(n));
        }
        assert_eq!(cache.redis_state(), "up", "{policy}");
        assert!(server.run::<i64>(&["DBSIZE"]) < 400, "{policy}");
        let refused = cache.stats().redis.unwrap().errors > 0;
        assert_eq!(refused, policy == "noeviction", "{policy}");
        adds_up(&cache, 400);
    }
}

#[tokio::test]
async fn a_read_only_server_still_answers_reads() {
    let Some(server) = Server::start(&[]) else {
        return;
    };
    read(&cache_at(&server.url()), "1").await;
    server.run::<()>(&["REPLICAOF", "127.0.0.1", "1"]);
    let cache = cache_at(&server.url());
    assert!(!read(&cache, "1").await);
    assert!(read(&cache, "2").await);
    assert_eq!(cache.redis_state(), "up");
    let redis = cache.stats().redis.unwrap();
    assert_eq!((redis.hits, redis.misses, redis.errors), (1, 1, 1));
}

#[tokio::test]
async fn a_wrong_password_is_a_state_and_is_tried_again_when_set_right() {
    let Some(server) = Server::start(&[]) else {
        return;
    };
    let url = format!("{}?pass=hunter2", server.url());
    let admin = &mut server.admin();
    redis::cmd("CONFIG")
        .arg("SET")
        .arg("requirepass")
        .arg("right")
        .exec(admin)
        .unwrap();
    let cache = cache_at(&url);
    assert!(read(&cache, "1").await);
    let state = cache.redis_state();
    assert!(
        state.starts_with("down: ") && !state.contains("hunter2"),
        "{state}"
    );
    redis::cmd("CONFIG")
        .arg("SET")
        .arg("requirepass")
        .arg("hunter2")
        .exec(admin)
        .unwrap();
    until_up(&cache).await;
}

#[tokio::test]
async fn a_flushed_server_is_filled_again() {
    let Some(server) = Server::start(&[]) else {
        return;
    };
    read(&cache_at(&server.url()), "1").await;
    server.run::<()>(&["FLUSHALL"]);
    assert!(read(&cache_at(&server.url()), "1").await);
    assert!(!read(&cache_at(&server.url()), "1").await);
}
