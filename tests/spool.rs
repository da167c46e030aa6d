//! The spool on a real disk: kill -9, damage, bounds, owners.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed unwrap is a failed test"
)]

use std::collections::HashSet;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use linetape::config::settings::{self, WhenFull};
use linetape::domain::payload::{Payload, PayloadHash, RequestIdentity};
use linetape::domain::source::Stream;
use linetape::spool::{self, Spool, SpoolError};
use uuid::Uuid;

const FINGERPRINT: &str = "test-database";

/// Where a child finds the root; its presence makes the child's part run.
const CHILD_ROOT: &str = "LINETAPE_TEST_SPOOL_ROOT";

fn bounds() -> settings::Spool {
    settings::Spool {
        min_free_bytes: 0,
        commit_delay: Duration::from_millis(1),
        ..settings::Spool::default()
    }
}

fn open(root: &Path) -> Spool {
    Spool::open(root, FINGERPRINT, &bounds()).unwrap()
}

fn payload(body: &[u8]) -> Payload {
    Payload {
        fetch_id: Uuid::now_v7(),
        request: RequestIdentity {
            stream: Stream::AnScoreboard,
            url: "https://feed.test/slate".into(),
            league: None,
            source_game_id: None,
        },
        status: 200,
        observed_at: DateTime::from_timestamp(1_752_361_327, 123_456_789).unwrap(),
        elapsed_ms: 41,
        reconstructed: false,
        error: None,
        body: body.into(),
        hash: PayloadHash::of(body),
    }
}

/// Bytes that do not compress.
fn noise(seed: &str, bytes: usize) -> Vec<u8> {
    let mut noise = vec![0; bytes];
    let mut hasher = blake3::Hasher::new();
    hasher.update(seed.as_bytes());
    hasher.finalize_xof().fill(&mut noise);
    noise
}

async fn ids(spool: &Spool) -> Vec<Uuid> {
    let waiting = spool.peek(None, usize::MAX, u64::MAX).await.unwrap();
    assert!(waiting.is_sorted_by(|a, b| a.seq < b.seq));
    waiting.iter().map(|s| s.payload.fetch_id).collect()
}

#[tokio::test]
async fn what_goes_in_comes_out_in_order_and_leaves_when_acknowledged() {
    let root = tempfile::tempdir().unwrap();
    let spool = open(root.path());
    let mut failed = payload(b"");
    failed.status = 0;
    failed.error = Some("feed.test did not answer within 30s".into());
    let sent = [payload(b"{}"), failed, payload(&noise("a", 100_000))];
    let mut seqs = Vec::new();
    for payload in &sent {
        seqs.push(spool.append(payload.clone()).await.unwrap());
    }
    let waiting = spool.peek(None, 10, u64::MAX).await.unwrap();
    assert!(waiting.iter().map(|s| &s.payload).eq(&sent));
    assert_eq!(waiting.iter().map(|s| s.seq).collect::<Vec<_>>(), seqs);
    assert_eq!(spool.peek(Some(seqs[0]), 10, 1).await.unwrap().len(), 1);

    let status = spool.status();
    assert_eq!((status.depth, status.appended), (3, 3));
    assert_eq!(status.oldest, Some(sent[0].observed_at));
    assert_eq!(spool.acknowledge(vec![seqs[0]]).await, Ok(1));
    assert_eq!(spool.acknowledge(vec![seqs[0]]).await, Ok(0));
    assert_eq!(
        spool
            .quarantine(seqs[1], "22P02: not storable".into())
            .await,
        Ok(true)
    );
    let status = spool.status();
    assert_eq!(
        (status.depth, status.acknowledged, status.quarantined),
        (1, 1, 1)
    );
    spool.close().await.unwrap();
    assert_eq!(
        spool.append(payload(b"late")).await,
        Err(SpoolError::Closed)
    );
}

#[tokio::test]
async fn appending_the_same_fetch_twice_keeps_one() {
    let root = tempfile::tempdir().unwrap();
    let spool = open(root.path());
    let once = payload(b"{}");
    let first = spool.append(once.clone()).await.unwrap();
    assert_eq!(spool.append(once).await, Ok(first));
    assert_eq!(spool.status().depth, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_fetchers_share_commits() {
    let root = tempfile::tempdir().unwrap();
    let spool = open(root.path());
    let tasks: Vec<_> = (0..200_u32)
        .map(|n| {
            let spool = spool.clone();
            tokio::spawn(async move { spool.append(payload(&n.to_be_bytes())).await.unwrap() })
        })
        .collect();
    let mut seqs = HashSet::new();
    for task in tasks {
        assert!(seqs.insert(task.await.unwrap()));
    }
    assert_eq!(spool.status().depth, 200);
    assert_eq!(ids(&spool).await.len(), 200);
}

/// Run the ignored test `name` of this binary as a process of its own.
fn child(name: &str, root: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--ignored", "--nocapture"])
        .env(CHILD_ROOT, root)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the child's part of the tests that kill it"]
async fn child_appends_until_killed() {
    let root = std::env::var_os(CHILD_ROOT).unwrap();
    let spool = open(Path::new(&root));
    let mut appenders = Vec::new();
    for task in 0..4 {
        let spool = spool.clone();
        appenders.push(tokio::spawn(async move {
            for n in 0..u64::MAX {
                let payload = payload(&noise(&format!("{task}/{n}"), 2_000));
                let id = payload.fetch_id;
                let seq = spool.append(payload).await.unwrap();
                // One write a line: a killed child leaves whole lines, but for the last.
                let line = format!("\nacknowledged {seq} {id}\n");
                std::io::stdout().write_all(line.as_bytes()).unwrap();
            }
        }));
    }
    for appender in appenders {
        appender.await.unwrap();
    }
}

/// Let a child append for `span` after its first acknowledgement, kill -9 it, and return what it had acknowledged.
fn kill_mid_append(root: &Path, span: Duration) -> Vec<(u64, Uuid)> {
    let mut child = child("child_appends_until_killed", root);
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut deadline = None;
    let mut acknowledged = Vec::new();
    for line in lines {
        let line = line.unwrap();
        let mut words = line.split_whitespace();
        if words.next() != Some("acknowledged") {
            continue;
        }
        let seq = words.next().map(str::parse);
        let id = words.next().map(Uuid::try_parse);
        if let (Some(Ok(seq)), Some(Ok(id))) = (seq, id) {
            acknowledged.push((seq, id));
        }
        let deadline = *deadline.get_or_insert_with(|| Instant::now() + span);
        if Instant::now() >= deadline {
            // `Child::kill` is SIGKILL.
            child.kill().unwrap();
        }
    }
    child.wait().unwrap();
    assert!(!acknowledged.is_empty());
    acknowledged
}

#[tokio::test]
async fn kill_9_loses_nothing_acknowledged() {
    let root = tempfile::tempdir().unwrap();
    let mut acknowledged = Vec::new();
    for round in 0..6 {
        acknowledged.extend(kill_mid_append(
            root.path(),
            Duration::from_millis(20 + 30 * round),
        ));
        let spool = open(root.path());
        let waiting = spool.peek(None, usize::MAX, u64::MAX).await.unwrap();
        let places: Vec<(u64, Uuid)> = waiting
            .iter()
            .map(|s| (s.seq, s.payload.fetch_id))
            .collect();
        let distinct: HashSet<Uuid> = places.iter().map(|(_, id)| *id).collect();
        assert_eq!(distinct.len(), places.len(), "a payload is there twice");
        for place in &acknowledged {
            assert!(places.binary_search(place).is_ok(), "{place:?} is lost");
        }
        assert_eq!(spool.status().depth, places.len() as u64);
        spool.close().await.unwrap();
    }
}

#[tokio::test]
async fn two_processes_have_two_spools_and_the_survivor_takes_over() {
    let root = tempfile::tempdir().unwrap();
    let mut other = child("child_appends_until_killed", root.path());
    let mut lines = BufReader::new(other.stdout.take().unwrap()).lines();
    let first = lines.find(|line| line.as_ref().unwrap().starts_with("acknowledged"));
    assert!(first.is_some());

    let spool = open(root.path());
    let mine = payload(b"mine");
    spool.append(mine.clone()).await.unwrap();
    assert_eq!(ids(&spool).await, [mine.fetch_id]);
    assert_eq!(spool.adopt_orphans().await, Ok(0));
    let files = spool::files(root.path(), FINGERPRINT).unwrap();
    let mut owners: Vec<_> = files.iter().map(|file| file.in_use_by).collect();
    owners.sort();
    let mut expected = vec![Some(std::process::id()), Some(other.id())];
    expected.sort();
    assert_eq!(owners, expected);
    assert!(spool::orphans(root.path(), FINGERPRINT).unwrap().is_empty());

    other.kill().unwrap();
    let acknowledged: Vec<Uuid> = lines
        .map(|line| line.unwrap())
        .filter_map(|line| {
            Uuid::try_parse(line.strip_prefix("acknowledged ")?.split(' ').nth(1)?).ok()
        })
        .collect();
    other.wait().unwrap();
    assert_eq!(spool::orphans(root.path(), FINGERPRINT).unwrap().len(), 1);
    assert!(spool.adopt_orphans().await.unwrap() > 0);
    let here = ids(&spool).await;
    assert_eq!(here.iter().filter(|id| **id == mine.fetch_id).count(), 1);
    assert!(acknowledged.iter().all(|id| here.contains(id)));
    assert_eq!(spool::files(root.path(), FINGERPRINT).unwrap().len(), 1);
}

#[tokio::test]
async fn orphans_come_first_and_keep_their_order() {
    let root = tempfile::tempdir().unwrap();
    // Both open at once, as two processes would be.
    let (older, newer) = (open(root.path()), open(root.path()));
    assert_ne!(older.directory(), newer.directory());
    let mut sent = Vec::new();
    for spool in [&older, &newer] {
        for n in 0..70_u8 {
            let payload = payload(&[n]);
            sent.push(payload.fetch_id);
            spool.append(payload).await.unwrap();
        }
    }
    let bad = payload(b"bad");
    let seq = newer.append(bad).await.unwrap();
    newer.quarantine(seq, "bad".into()).await.unwrap();
    older.close().await.unwrap();
    newer.close().await.unwrap();

    let spool = open(root.path());
    let next = payload(b"next");
    sent.push(next.fetch_id);
    spool.append(next).await.unwrap();
    assert_eq!(ids(&spool).await, sent);
    assert_eq!(spool.status().quarantined, 1);
    assert_eq!(spool::files(root.path(), FINGERPRINT).unwrap().len(), 1);
    assert!(
        Spool::open(root.path(), "another", &bounds())
            .unwrap()
            .status()
            .depth
            == 0
    );
}

#[tokio::test]
async fn full_stops_polling_and_draining_starts_it_again() {
    let root = tempfile::tempdir().unwrap();
    let limits = settings::Spool {
        max_bytes: 100_000,
        max_record_bytes: 50_000,
        ..bounds()
    };
    let spool = Spool::open(root.path(), FINGERPRINT, &limits).unwrap();
    let refusal = loop {
        assert_eq!(spool.can_accept(), Ok(()));
        let body = noise(&spool.status().depth.to_string(), 9_000);
        if let Err(error) = spool.append(payload(&body)).await {
            break error;
        }
    };
    assert!(refusal.to_string().contains("spool.max_bytes"), "{refusal}");
    assert!(matches!(spool.can_accept(), Err(SpoolError::Full(_))));
    assert!(spool.status().bytes <= 100_000);
    let too_large = spool.append(payload(&noise("large", 50_001))).await;
    assert!(matches!(too_large, Err(SpoolError::TooLarge { .. })));

    let waiting = spool.peek(None, 2, u64::MAX).await.unwrap();
    spool
        .acknowledge(waiting.iter().map(|s| s.seq).collect())
        .await
        .unwrap();
    assert_eq!(spool.can_accept(), Ok(()));
    spool.append(payload(&noise("again", 9_000))).await.unwrap();
}

#[tokio::test]
async fn drop_oldest_goes_on_and_counts_across_runs() {
    let root = tempfile::tempdir().unwrap();
    let limits = settings::Spool {
        max_bytes: 100_000,
        when_full: WhenFull::DropOldest,
        ..bounds()
    };
    let spool = Spool::open(root.path(), FINGERPRINT, &limits).unwrap();
    for n in 0..30 {
        spool
            .append(payload(&noise(&n.to_string(), 9_000)))
            .await
            .unwrap();
    }
    let status = spool.status();
    assert!(status.bytes <= 100_000);
    assert_eq!(status.dropped + status.depth, 30);
    assert_eq!(status.full, None);
    spool.close().await.unwrap();
    let again = Spool::open(root.path(), FINGERPRINT, &limits).unwrap();
    assert_eq!(again.status().dropped, status.dropped);
}

#[tokio::test]
async fn a_disk_with_too_little_space_is_refused_with_a_sentence() {
    let root = tempfile::tempdir().unwrap();
    let limits = settings::Spool {
        min_free_bytes: u64::MAX / 2,
        ..bounds()
    };
    let spool = Spool::open(root.path(), FINGERPRINT, &limits).unwrap();
    assert!(
        spool
            .can_accept()
            .unwrap_err()
            .to_string()
            .contains("spool.min_free_bytes")
    );
    assert!(matches!(
        spool.append(payload(b"{}")).await,
        Err(SpoolError::Full(_))
    ));
}

#[tokio::test]
async fn only_this_account_can_read_it() {
    let root = tempfile::tempdir().unwrap();
    let spool = open(&root.path().join("spool"));
    spool.append(payload(b"{}")).await.unwrap();
    let mut seen = 0;
    let mut directories = vec![root.path().join("spool")];
    while let Some(directory) = directories.pop() {
        let mode = fs::metadata(&directory).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700, "{}", directory.display());
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                directories.push(path);
                continue;
            }
            let mode = fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{}", path.display());
            seen += 1;
        }
    }
    assert!(seen >= 3, "the lock, the file and its log");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_set_aside_and_collection_goes_on() {
    let root = tempfile::tempdir().unwrap();
    let spool = open(root.path());
    spool.append(payload(b"{}")).await.unwrap();
    spool.close().await.unwrap();
    fs::write(spool.directory().join("spool.db"), noise("garbage", 20_000)).unwrap();

    let spool = open(root.path());
    assert!(spool.status().set_aside.unwrap().contains("spool recover"));
    spool.append(payload(b"new")).await.unwrap();
    assert_eq!(spool.status().depth, 1);
    let files = spool::files(root.path(), FINGERPRINT).unwrap();
    let damaged = &files[0].damaged;
    assert_eq!(damaged.len(), 1);
    assert_eq!(fs::read(&damaged[0]).unwrap(), noise("garbage", 20_000));
    let recovered = spool::recover(&damaged[0], root.path(), FINGERPRINT).unwrap();
    assert_eq!(recovered.payloads, 0);
    assert!(recovered.problem.is_some());
    assert_eq!(spool::files(root.path(), FINGERPRINT).unwrap().len(), 1);
}

#[tokio::test]
async fn recover_salvages_what_lies_around_the_damage() {
    let root = tempfile::tempdir().unwrap();
    let spool = open(root.path());
    let mut sent = Vec::new();
    for n in 0..100 {
        let payload = payload(&noise(&n.to_string(), 3_000));
        sent.push(payload.fetch_id);
        spool.append(payload).await.unwrap();
    }
    spool.close().await.unwrap();
    let path = spool.directory().join("spool.db");
    let mut bytes = fs::read(&path).unwrap();
    // Some pages in the middle; the header and the schema stay.
    let middle = bytes.len() / 2 / 4_096 * 4_096;
    bytes[middle..middle + 3 * 4_096].fill(0xa5);
    fs::write(&path, bytes).unwrap();

    let spool = open(root.path());
    assert_eq!(spool.status().depth, 0);
    assert!(spool.status().set_aside.is_some());
    let damaged = spool::files(root.path(), FINGERPRINT).unwrap()[0].damaged[0].clone();
    let recovered = spool::recover(&damaged, root.path(), FINGERPRINT).unwrap();
    assert!(recovered.payloads >= 80, "{recovered:?}");
    assert!(recovered.payloads < 100, "{recovered:?}");
    assert!(recovered.problem.is_some());
    assert_eq!(spool.adopt_orphans().await, Ok(recovered.payloads));
    let here = ids(&spool).await;
    assert_eq!(here.len() as u64, recovered.payloads);
    let kept: Vec<Uuid> = sent.into_iter().filter(|id| here.contains(id)).collect();
    assert_eq!(here, kept, "in order, and none that was not there");
    assert!(damaged.exists());
}

#[tokio::test]
async fn a_file_of_a_later_version_is_left_alone() {
    let root = tempfile::tempdir().unwrap();
    let spool = open(root.path());
    spool.append(payload(b"{}")).await.unwrap();
    spool.close().await.unwrap();
    let path = spool.directory().join("spool.db");
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection
        .execute_batch("pragma user_version = 99")
        .unwrap();
    drop(connection);
    let before = fs::read(&path).unwrap();

    let fresh = open(root.path());
    assert_ne!(fresh.directory(), spool.directory());
    assert_eq!(fresh.status().depth, 0);
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[tokio::test]
async fn a_drained_file_gives_its_space_back() {
    let root = tempfile::tempdir().unwrap();
    let spool = open(root.path());
    for n in 0..400 {
        spool
            .append(payload(&noise(&n.to_string(), 20_000)))
            .await
            .unwrap();
    }
    let path = spool.directory().join("spool.db");
    let size = |path: &Path| fs::metadata(path).map_or(0, |m| m.len());
    let wal = path.with_extension("db-wal");
    assert!(size(&path) + size(&wal) > 8_000_000);
    loop {
        let waiting = spool.peek(None, 50, u64::MAX).await.unwrap();
        if waiting.is_empty() {
            break;
        }
        spool
            .acknowledge(waiting.iter().map(|s| s.seq).collect())
            .await
            .unwrap();
    }
    let given_back = Instant::now() + Duration::from_secs(20);
    while size(&path) + size(&wal) > 100_000 && Instant::now() < given_back {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(size(&path) + size(&wal) <= 100_000);
}

#[tokio::test]
async fn list_and_export_show_everything_while_the_owner_runs() {
    let root = tempfile::tempdir().unwrap();
    let spool = open(root.path());
    let (first, second) = (payload(b"{\"games\":[]}"), payload(b"{\"games\":[]}"));
    spool.append(first.clone()).await.unwrap();
    let seq = spool.append(second.clone()).await.unwrap();
    spool
        .quarantine(seq, "23514: a constraint".into())
        .await
        .unwrap();

    let listed = spool::list(root.path(), FINGERPRINT).unwrap();
    assert_eq!(listed.len(), 2);
    assert_eq!(listed[0].fetch_id, first.fetch_id);
    assert_eq!(listed[0].request.as_ref(), Some(&first.request));
    assert_eq!(
        listed[1].quarantined.as_deref(),
        Some("23514: a constraint")
    );

    let out = root.path().join("out");
    let exported = spool::export(root.path(), FINGERPRINT, &out).unwrap();
    assert_eq!(
        (exported.payloads, exported.bodies, exported.damaged),
        (2, 1, 0)
    );
    let index = fs::read_to_string(out.join("index.ndjson")).unwrap();
    let lines: Vec<serde_json::Value> = index
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 2);
    let body = fs::read(out.join(lines[0]["body"].as_str().unwrap())).unwrap();
    assert_eq!(body, &*first.body);
    assert_eq!(
        lines[0]["observed_at"]
            .as_str()
            .unwrap()
            .parse::<DateTime<Utc>>()
            .unwrap(),
        first.observed_at
    );
    assert!(spool::export(root.path(), FINGERPRINT, &out).is_err());
    assert_eq!(spool.status().depth, 1);
}
