//! The embedded cluster, for real: every test here starts PostgreSQL in a directory of its own.

// A failed unwrap is a failed test.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use linetape::store::embedded::{Embedded, EmbeddedError, Leave, Standing};
use linetape::store::install::InstallPolicy;
use linetape::store::pool::{self, ConnectError};
use linetape::store::status::{self, Mode};
use rustix::process::{Pid, Signal, kill_process};
use sqlx::{Connection as _, PgConnection};
use tempfile::TempDir;

#[path = "support/postgres.rs"]
mod postgres;

use postgres::{empty_database, options};

/// A directory that the account which runs the cluster can pass through, whoever that is.
fn passable() -> TempDir {
    let dir = tempfile::Builder::new()
        .prefix("lt-pg-")
        .tempdir_in("/tmp")
        .unwrap();
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o711)).unwrap();
    dir
}

async fn start(dir: &Path) -> Embedded {
    Embedded::start(options(dir.to_path_buf()), &|step| eprintln!("{step}"))
        .await
        .unwrap()
}

async fn ask(
    embedded: &Embedded,
    database: &str,
    question: &'static str,
) -> Result<String, sqlx::Error> {
    let mut connection = PgConnection::connect_with(&embedded.connect_options(database)).await?;
    let answer = sqlx::query_scalar(question)
        .fetch_one(&mut connection)
        .await?;
    connection.close().await?;
    Ok(answer)
}

fn postmaster(data: &Path) -> Option<Pid> {
    let text = fs::read_to_string(data.join("postmaster.pid")).ok()?;
    Pid::from_raw(text.lines().next()?.parse().ok()?)
}

/// Run a line in a shell; returns what it printed.
fn shell(line: &str) -> String {
    let output = Command::new("sh")
        .args(["-c", line])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{line}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test]
async fn a_first_boot_makes_a_private_durable_cluster_and_the_last_to_leave_stops_it() {
    let dir = passable();
    let embedded = start(dir.path()).await;
    let data = embedded.data_directory();
    for (setting, value) in [
        ("show fsync", "on"),
        ("show full_page_writes", "on"),
        ("show synchronous_commit", "on"),
        ("show data_checksums", "on"),
        ("show listen_addresses", ""),
        ("show server_encoding", "UTF8"),
        ("show jit", "off"),
        ("select current_user::text", "linetape_owner"),
        (
            "select datcollate::text from pg_database where datname = 'template1'",
            "C",
        ),
    ] {
        assert_eq!(
            ask(&embedded, "postgres", setting).await.unwrap(),
            value,
            "{setting}"
        );
    }
    assert_eq!(fs::metadata(&data).unwrap().mode() & 0o777, 0o700);
    assert_ne!(fs::metadata(&data).unwrap().uid(), 0, "never root's");
    assert!(embedded.version().starts_with('1'));

    assert!(embedded.ensure_database("odd \"name'").await.unwrap());
    assert!(!embedded.ensure_database("odd \"name'").await.unwrap());
    assert!(ask(&embedded, "odd \"name'", "select 'x'").await.is_ok());

    assert_eq!(embedded.leave().await.unwrap(), Leave::Stopped);
    assert!(postmaster(&data).is_none());
    assert_eq!(embedded.leave().await.unwrap(), Leave::NotRunning);
}

#[tokio::test]
async fn a_second_start_keeps_the_data() {
    let dir = passable();
    let first = start(dir.path()).await;
    first.ensure_database("kept").await.unwrap();
    let identifier = "select system_identifier::text from pg_control_system()";
    let made = ask(&first, "kept", identifier).await.unwrap();
    first.leave().await.unwrap();
    let begun = Instant::now();
    let second = start(dir.path()).await;
    assert!(
        begun.elapsed() < Duration::from_secs(3),
        "a warm start took {:?}",
        begun.elapsed()
    );
    assert_eq!(ask(&second, "kept", identifier).await.unwrap(), made);
    second.leave().await.unwrap();
}

#[tokio::test]
async fn two_share_one_server_and_only_the_last_stops_it() {
    let dir = passable();
    // At the same moment: one makes the cluster, the other waits for it.
    let (first, second) = tokio::join!(start(dir.path()), start(dir.path()));
    let pid = postmaster(&first.data_directory());
    assert!(pid.is_some());
    assert_eq!(first.leave().await.unwrap(), Leave::InUse);
    assert!(ask(&second, "postgres", "select 'here'").await.is_ok());
    assert_eq!(postmaster(&second.data_directory()), pid);
    assert_eq!(second.leave().await.unwrap(), Leave::Stopped);
}

#[tokio::test]
async fn a_guest_keeps_the_server() {
    let dir = passable();
    let embedded = start(dir.path()).await;
    let guest = embedded
        .connect_options("postgres")
        .application_name("psql");
    let guest = PgConnection::connect_with(&guest).await.unwrap();
    assert_eq!(embedded.leave().await.unwrap(), Leave::Guests(1));
    drop(guest);
    let embedded = start(dir.path()).await;
    // The guest's backend notices its end a moment later.
    while ask(
        &embedded,
        "postgres",
        "select count(*)::text from pg_stat_activity where application_name = 'psql'",
    )
    .await
    .unwrap()
        != "0"
    {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(embedded.leave().await.unwrap(), Leave::Stopped);
}

/// Not a test by itself: the other process of the tests below, which run this binary again for it.
#[tokio::test]
async fn another_process() {
    let Ok(dir) = std::env::var("LINETAPE_TEST_CLUSTER") else {
        return;
    };
    let _embedded = start(Path::new(&dir)).await;
    fs::write(Path::new(&dir).join("attached"), "").unwrap();
    std::future::pending::<()>().await;
}

async fn spawn_another(dir: &Path) -> std::process::Child {
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["another_process", "--exact", "--nocapture"])
        .env("LINETAPE_TEST_CLUSTER", dir)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    while !dir.join("attached").exists() {
        assert!(
            begun.elapsed() < Duration::from_mins(1),
            "the other process did not start"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    child
}

#[tokio::test]
async fn a_killed_linetape_leaves_the_server_to_the_next() {
    let dir = passable();
    let mut other = spawn_another(dir.path()).await;
    let shared = start(dir.path()).await;
    let pid = postmaster(&shared.data_directory());
    assert_eq!(
        shared.leave().await.unwrap(),
        Leave::InUse,
        "the other process uses it"
    );
    other.kill().unwrap();
    other.wait().unwrap();
    let next = start(dir.path()).await;
    assert_eq!(
        postmaster(&next.data_directory()),
        pid,
        "attached, not started"
    );
    assert_eq!(next.leave().await.unwrap(), Leave::Stopped);
}

#[tokio::test]
async fn a_killed_server_is_started_again_with_all_that_was_committed() {
    let dir = passable();
    let embedded = start(dir.path()).await;
    let mut connection = PgConnection::connect_with(&embedded.connect_options("postgres"))
        .await
        .unwrap();
    sqlx::raw_sql("create table kept as select generate_series(1, 1000) as n")
        .execute(&mut connection)
        .await
        .unwrap();
    let pid = postmaster(&embedded.data_directory()).unwrap();
    kill_process(pid, Signal::KILL).unwrap();
    let begun = Instant::now();
    loop {
        match embedded.ensure_running().await.unwrap() {
            Standing::Restarted => break,
            standing => assert!(begun.elapsed() < Duration::from_secs(20), "{standing:?}"),
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_ne!(postmaster(&embedded.data_directory()), Some(pid));
    assert_eq!(embedded.ensure_running().await.unwrap(), Standing::Running);
    assert_eq!(
        ask(&embedded, "postgres", "select count(*)::text from kept")
            .await
            .unwrap(),
        "1000"
    );
    assert_eq!(embedded.leave().await.unwrap(), Leave::Stopped);
}

#[tokio::test]
async fn a_server_killed_while_nobody_looks_is_no_obstacle() {
    let dir = passable();
    let mut other = spawn_another(dir.path()).await;
    let data = dir.path().join("postgres/data");
    // Everything at once, as when the machine goes down; the parent first, so that nobody reaps the server.
    other.kill().unwrap();
    kill_process(postmaster(&data).unwrap(), Signal::KILL).unwrap();
    let next = start(dir.path()).await;
    other.wait().unwrap();
    assert!(ask(&next, "postgres", "select 'here'").await.is_ok());
    assert_eq!(next.leave().await.unwrap(), Leave::Stopped);
}

#[tokio::test]
async fn a_server_stopped_by_hand_stays_down_until_it_is_started_by_hand() {
    let dir = passable();
    let embedded = start(dir.path()).await;
    let pg_ctl = embedded.pg_ctl_hint().await;
    for mode in ["fast", "immediate"] {
        shell(&format!("{pg_ctl} stop -m {mode}"));
        assert_eq!(
            embedded.ensure_running().await.unwrap(),
            Standing::Stopped,
            "{mode}"
        );
        assert!(ask(&embedded, "postgres", "select 'x'").await.is_err());
        shell(&format!("{pg_ctl} start"));
        assert_eq!(
            embedded.ensure_running().await.unwrap(),
            Standing::Running,
            "{mode}"
        );
        assert_eq!(
            ask(&embedded, "postgres", "show fsync").await.unwrap(),
            "on",
            "the same settings by hand"
        );
    }
    assert_eq!(embedded.leave().await.unwrap(), Leave::Stopped);
}

#[tokio::test]
async fn half_made_clusters_are_made_anew() {
    let dir = passable();
    // What a killed initdb of ours leaves, and a torso in the cluster's place.
    let home = dir.path().join("postgres");
    fs::create_dir(&home).unwrap();
    fs::set_permissions(&home, fs::Permissions::from_mode(0o711)).unwrap();
    fs::create_dir_all(home.join("data.new-4242/base")).unwrap();
    fs::create_dir_all(home.join("data/base")).unwrap();
    fs::write(home.join("data/PG_VERSION"), "15\n").unwrap();
    let embedded = start(dir.path()).await;
    assert!(ask(&embedded, "postgres", "select 'whole'").await.is_ok());
    assert!(!home.join("data.new-4242").exists());
    let kept = fs::read_dir(&home)
        .unwrap()
        .filter_map(Result::ok)
        .any(|entry| {
            entry
                .file_name()
                .to_string_lossy()
                .starts_with("data.broken-")
        });
    assert!(kept, "what linetape did not make it does not delete");
    embedded.leave().await.unwrap();
}

#[tokio::test]
async fn another_major_is_refused_with_the_way_out() {
    let dir = passable();
    let embedded = start(dir.path()).await;
    let data = embedded.data_directory();
    embedded.leave().await.unwrap();
    fs::write(data.join("PG_VERSION"), "14\n").unwrap();
    let error = Embedded::start(options(dir.path().to_path_buf()), &|_| {})
        .await
        .unwrap_err();
    assert!(matches!(error, EmbeddedError::OtherMajor { .. }), "{error}");
    assert_eq!(error.exit_code(), 78);
    let text = error.to_string();
    assert!(
        text.contains("PostgreSQL 14")
            && text.contains("pg_dumpall")
            && text.contains("never upgrades"),
        "{text}"
    );
    assert!(
        data.join("global/pg_control").exists(),
        "the cluster is untouched"
    );
}

#[tokio::test]
async fn a_long_path_and_an_odd_one_still_listen() {
    let dir = passable();
    for name in ["x".repeat(120), "with a space, a comma and 'quotes'".into()] {
        let mut here = options(dir.path().join(name));
        here.env
            .insert("TMPDIR".into(), dir.path().display().to_string());
        here.env.remove("XDG_RUNTIME_DIR");
        let embedded = Embedded::start(here, &|_| {}).await.unwrap();
        assert!(ask(&embedded, "postgres", "select 'here'").await.is_ok());
        let pg_ctl = embedded.pg_ctl_hint().await;
        assert!(shell(&format!("{pg_ctl} status")).contains("server is running"));
        assert_eq!(embedded.leave().await.unwrap(), Leave::Stopped);
    }
}

#[tokio::test]
async fn the_url_is_what_psql_takes() {
    let dir = passable();
    let embedded = start(dir.path()).await;
    embedded.ensure_database("demo 100%").await.unwrap();
    let url = embedded.url("demo 100%");
    if Command::new("psql").arg("--version").output().is_err() {
        eprintln!("skipped: no psql here");
    } else {
        let output = Command::new("psql")
            .args([url.as_str(), "-XAtc", "select current_database()"])
            // A stray PGPORT must not lead elsewhere.
            .env("PGPORT", "1")
            .output()
            .unwrap();
        assert_eq!(
            String::from_utf8_lossy(&output.stdout).trim(),
            "demo 100%",
            "{url} {output:?}"
        );
    }
    // sqlx reads the same url.
    let parsed: sqlx::postgres::PgConnectOptions = url.parse().unwrap();
    assert!(PgConnection::connect_with(&parsed).await.is_ok());
    embedded.leave().await.unwrap();
}

#[tokio::test]
async fn without_programs_the_error_is_the_command() {
    let dir = passable();
    let mut here = options(dir.path().to_path_buf());
    here.install = InstallPolicy::Refuse;
    here.programs = Some(dir.path().to_path_buf());
    let error = Embedded::start(here, &|_| {}).await.unwrap_err();
    assert!(matches!(error, EmbeddedError::Incomplete { .. }), "{error}");
    assert!(error.to_string().contains("initdb"), "{error}");
}

#[tokio::test]
async fn a_server_that_cannot_start_says_why_and_leaves_nothing_behind() {
    let dir = passable();
    let embedded = start(dir.path()).await;
    let data = embedded.data_directory();
    embedded.leave().await.unwrap();
    let conf = data.join("postgresql.conf");
    let stock = fs::read_to_string(&conf).unwrap();
    fs::write(&conf, format!("{stock}\nnonsense = on\n")).unwrap();
    let error = Embedded::start(options(dir.path().to_path_buf()), &|_| {})
        .await
        .unwrap_err();
    assert_eq!(error.exit_code(), 69);
    assert!(error.to_string().contains("nonsense"), "{error}");
    assert!(postmaster(&data).is_none());
    fs::write(&conf, stock).unwrap();
    start(dir.path()).await.leave().await.unwrap();
}

#[tokio::test]
async fn behind_a_closed_door_root_puts_the_cluster_elsewhere_and_finds_it_again() {
    if !rustix::process::geteuid().is_root() {
        eprintln!("skipped: only root hands the cluster to another account");
        return;
    }
    // 0700 and root's, as /root and every `mktemp -d` are.
    let dir = tempfile::tempdir().unwrap();
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o700)).unwrap();
    let embedded = start(dir.path()).await;
    let data = embedded.data_directory();
    assert!(!data.starts_with(dir.path()), "{}", data.display());
    assert_eq!(
        fs::metadata(dir.path()).unwrap().mode() & 0o777,
        0o700,
        "the door stays closed"
    );
    let home = fs::read_link(dir.path().join("postgres")).unwrap();
    let origin = fs::read_to_string(home.join("origin")).unwrap();
    assert_eq!(
        PathBuf::from(origin.trim()),
        fs::canonicalize(dir.path()).unwrap()
    );
    embedded.leave().await.unwrap();
    let again = start(dir.path()).await;
    assert_eq!(again.data_directory(), data);
    again.leave().await.unwrap();
    fs::remove_dir_all(home).unwrap();
}

#[tokio::test]
async fn pools_are_set_up_and_direct_connections_pass_the_canary() {
    let database = empty_database().await;
    let settings: String = sqlx::query_scalar(
        "select concat_ws(' ', current_setting('search_path'), current_setting('TimeZone'),
                               current_setting('statement_timeout'), current_setting('idle_in_transaction_session_timeout'),
                               current_setting('application_name'))",
    )
    .fetch_one(&database.pool)
    .await
    .unwrap();
    assert_eq!(settings, "public UTC 30s 1min linetape");
    pool::canary(&database.pool).await.unwrap();
    assert!(
        pool::look(
            &database.embedded().connect_options("no_such"),
            Duration::from_secs(5)
        )
        .await
        .is_err_and(|error| matches!(error, ConnectError::Refused(_)) && error.exit_code() == 77)
    );
}

/// `PgBouncer` in transaction mode. Before 1.21 it mixes up prepared statements, and must be refused; later releases
/// keep them apart, and must pass.
#[tokio::test]
async fn the_canary_finds_a_pooler_that_mixes_up_statements() {
    let program = std::env::var("LINETAPE_TEST_PGBOUNCER").unwrap_or_else(|_| "pgbouncer".into());
    let Ok(version) = Command::new(&program).arg("--version").output() else {
        eprintln!("skipped: no pgbouncer here");
        return;
    };
    let version = String::from_utf8_lossy(&version.stdout).into_owned();
    let minor: u32 = version
        .split_once("PgBouncer 1.")
        .and_then(|(_, rest)| rest.split(['.', '\n']).next())
        .and_then(|minor| minor.parse().ok())
        .unwrap();
    let database = empty_database().await;
    let dir = passable();
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let socket = database
        .embedded()
        .connect_options("postgres")
        .get_socket()
        .unwrap()
        .clone();
    fs::write(
        dir.path().join("pgbouncer.ini"),
        format!(
            "[databases]\n* = host={} port=5432 user=linetape_owner\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n\
             unix_socket_dir =\nauth_type = any\npool_mode = transaction\ndefault_pool_size = 2\n\
             ignore_startup_parameters = extra_float_digits\n",
            socket.display()
        ),
    )
    .unwrap();
    // As the cluster's account, who alone can reach its socket.
    let owner = fs::metadata(database.embedded().data_directory()).unwrap();
    let mut pooler = Command::new(&program);
    pooler
        .arg(dir.path().join("pgbouncer.ini"))
        .stderr(Stdio::null())
        .stdout(Stdio::null());
    if rustix::process::geteuid().is_root() {
        pooler.uid(owner.uid()).gid(owner.gid());
    }
    let mut pooler = pooler.spawn().unwrap();
    let options = sqlx::postgres::PgConnectOptions::new_without_pgpass()
        .host("127.0.0.1")
        .port(port)
        .username("linetape_owner")
        .database(&database.name);
    let begun = Instant::now();
    while pool::look(&options, Duration::from_secs(1)).await.is_err() {
        assert!(
            begun.elapsed() < Duration::from_secs(10),
            "pgbouncer did not start"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let pool = pool::lazy(options, &linetape::config::settings::Database::default());
    let sung = pool::canary(&pool).await;
    pool.close().await;
    pooler.kill().unwrap();
    pooler.wait().unwrap();
    if minor < 21 {
        let error = sung.unwrap_err();
        assert!(
            matches!(error, ConnectError::Pooler(_)) && error.exit_code() == 78,
            "{error}"
        );
    } else {
        sung.unwrap();
    }
}

#[tokio::test]
async fn status_counts_what_is_there() {
    let database = empty_database().await;
    let empty = status::read(&database.pool, Mode::Embedded, database.url())
        .await
        .unwrap();
    assert_eq!((empty.schema_version, empty.tables.len()), (None, 0));
    sqlx::raw_sql(
        "create schema raw_data; create schema core_betting;
         create table raw_data.\"Odd table\" as select generate_series(1, 7) as n;
         create table core_betting.history (at int not null) partition by range (at);
         create table core_betting.history_1 partition of core_betting.history for values from (0) to (10);
         create table core_betting.history_2 partition of core_betting.history for values from (10) to (20);
         insert into core_betting.history select generate_series(0, 19);
         create table public.elsewhere as select 1 as n;
         create table _sqlx_migrations (version bigint, success bool);
         insert into _sqlx_migrations values (1, true), (2, true), (3, false)",
    )
    .execute(&database.pool)
    .await
    .unwrap();
    let full = status::read(&database.pool, Mode::Embedded, database.url())
        .await
        .unwrap();
    assert_eq!(full.schema_version, Some(2));
    assert_eq!(full.rows, 27);
    let tables: Vec<_> = full
        .tables
        .iter()
        .map(|table| (table.table.as_str(), table.rows))
        .collect();
    assert_eq!(tables, [("history", 20), ("Odd table", 7)]);
    assert!(
        full.tables.iter().all(|table| table.bytes > 0),
        "{:?}",
        full.tables
    );
    assert!(full.size_bytes > 1_000_000);
    let json = serde_json::to_value(&full).unwrap();
    assert_eq!(json["mode"], "embedded");
    assert!(
        json["url"]
            .as_str()
            .unwrap()
            .starts_with("postgresql://linetape_owner@localhost")
    );

    assert!(status::check(&database.pool).await.ok);
    database.pool.close().await;
    let closed = status::check(&database.pool).await;
    assert_eq!((closed.ok, closed.failure), (false, Some("transient")));
}
