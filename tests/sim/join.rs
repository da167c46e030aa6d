//! Two games of two feeds that turn out to be one, after both have rows: the rows become what they would be had it been
//! known from the start, in whatever order the payloads come; and back again.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use linetape::cache::Cache;
use linetape::config::settings::Settings;
use linetape::domain::game::GameId;
use linetape::domain::identity::Verdict;
use linetape::domain::identity::facts::FeedKey;
use linetape::domain::payload::{Payload, RequestIdentity};
use linetape::domain::source::{Source, Stream};
use linetape::engine::clock::Clock;
use linetape::engine::hub::task::LogFeed;
use linetape::engine::pipeline::drain::{Connect, Connected};
use linetape::engine::pipeline::write::{Refusal, Stager};
use linetape::engine::reference::Reference;
use linetape::engine::snapshot::{Mode, Snapshot};
use linetape::engine::{Collect, Engine, Parts};
use linetape::spool::Spool;
use linetape::store;
use serde_json::json;
use sqlx::PgPool;
use tokio::sync::mpsc;

use super::postgres::test_database;
use super::script::{an_game, an_look, moneyline, noon, odds_game, odds_look};
use super::tables::{Tables, check_summary, payload, prepare};
use super::world::{Word, World};

fn action() -> FeedKey {
    FeedKey::new(Source::ActionNetwork, "900001")
}

fn odds() -> FeedKey {
    FeedKey::new(Source::OddsApi, "abc")
}

fn an(at: i64, start: i64, home: i64) -> Payload {
    let mut offers = moneyline(home, 130);
    for offer in &mut offers {
        offer.tickets = u32::try_from(at % 90 + 5).unwrap();
    }
    an_look(
        noon(at),
        &[an_game(900_001, noon(start), "scheduled", &offers)],
    )
}

fn oa(at: i64, start: i64, home: i64) -> Payload {
    let prices = [
        ("h2h", "Baltimore Orioles", home, None),
        ("h2h", "Miami Marlins", 115, None),
    ];
    odds_look(
        noon(at),
        &[odds_game("abc", noon(start), "fanduel", &prices)],
    )
}

/// Ticks of the game, asked for by the feed's id of it.
fn ticks(at: i64) -> Payload {
    let tick = |minute, odds| json!({"odds": odds, "value": 0, "updated_at": noon(minute)});
    let body = json!({"68": {"event": {"moneyline": [{
        "event_id": 900_001, "book_id": 68, "type": "moneyline", "period": "event", "side": "home", "team_id": 11,
        "odds": -150, "value": 0, "history": [tick(-60, -130), tick(-30, -140), tick(5, -150)],
    }]}}});
    let request = RequestIdentity {
        stream: Stream::AnHistory,
        url: "https://feed.test/history".into(),
        league: None,
        source_game_id: Some("900001".into()),
    };
    payload(request, body.to_string().into_bytes(), noon(at))
}

/// Both feeds name the game, four hours apart; the second feed corrects itself when the first start is past, so that
/// prices it gave after that were never pregame.
fn corrected() -> Vec<Payload> {
    vec![
        an(0, 305, -120),
        oa(1, 545, -118),
        ticks(7),
        an(10, 305, -125),
        oa(11, 545, -124),
        oa(290, 545, -130),
        an(300, 305, -128),
        oa(320, 545, -133),
        oa(330, 305, -136),
        oa(340, 305, -140),
        an(341, 305, -131),
    ]
}

/// The Odds API names it first, and Action Network moves its start to where the other has it.
fn moved() -> Vec<Payload> {
    vec![
        oa(0, 305, -118),
        an(1, 425, -120),
        oa(10, 305, -119),
        ticks(12),
        an(20, 425, -125),
        an(310, 425, -126),
        oa(311, 305, -121),
        an(320, 310, -127),
        an(330, 310, -129),
        oa(331, 305, -122),
    ]
}

/// What [`Tables`] leaves out and a join changes all the same.
async fn beside(pool: &PgPool) -> Vec<String> {
    sqlx::query_scalar(
        "select to_jsonb(s)::text from (select * from core_betting.game_sources order by source, source_game_id) s
         union all
         select to_jsonb(s)::text from (select * from core_betting.game_outcomes order by game_id, source) s
         union all
         select to_jsonb(s)::text from (
             select game_id, stream, last_extracted_at, watermark, total_extractions
             from operational.extraction_log order by game_id, stream) s
         union all
         select to_jsonb(s)::text from (
             select loser_id, winner_id from core_betting.game_merges where undone_at is null order by 1) s",
    )
    .fetch_all(pool)
    .await
    .unwrap()
}

/// A world that has a person's word before anything is named.
async fn told(verdict: Verdict) -> World {
    let world = World::new().await;
    let mut connection = world.pool().acquire().await.unwrap();
    store::identity::keep_verdict(&mut connection, &action(), &odds(), verdict)
        .await
        .unwrap();
    drop(connection);
    world
}

async fn one_by_one(world: &mut World, payloads: &[Payload]) {
    for payload in payloads {
        world.see(std::slice::from_ref(payload)).await;
    }
}

async fn check_every_order(payloads: Vec<Payload>, id: GameId) {
    let mut wanted = told(Verdict::Same).await;
    let mut connection = wanted.pool().acquire().await.unwrap();
    let rows = store::identity::load(&mut connection, &[action(), odds()], &[])
        .await
        .unwrap();
    drop(connection);
    wanted.hub.learn_identity(rows);
    one_by_one(&mut wanted, &payloads).await;
    assert_eq!(wanted.game().id, id);
    let known = Tables::read(wanted.pool()).await;
    let known_beside = beside(wanted.pool()).await;
    assert!(known.history.len() > 12, "{}", known.history.len());
    let live = "select count(*) from core_betting.line_history where phase = 'live'";
    assert!(wanted.number(live).await > 2);

    // In order, and as they come the hub and the store agree.
    let mut straight = World::new().await;
    for payload in &payloads {
        straight.see(std::slice::from_ref(payload)).await;
        straight.check_hub_equals_database().await;
        check_summary(straight.pool()).await;
    }
    Tables::read(straight.pool())
        .await
        .must_equal(&known, "in order");
    assert_eq!(beside(straight.pool()).await, known_beside, "in order");
    let original = "select extract(epoch from original_starts_at)::int8 from core_betting.games";
    assert_eq!(
        straight.number(original).await,
        wanted.number(original).await
    );

    for (nth, slice) in [(1, 3), (2, 1), (3, 2), (4, 20), (5, 1)] {
        let mut order = payloads.clone();
        match nth {
            1 => {}
            2 => order.reverse(),
            _ => order.sort_by_key(|p| {
                let mut salted = p.hash.0;
                salted[0] = salted[0]
                    .wrapping_mul(nth)
                    .wrapping_add(salted[usize::from(nth)]);
                salted
            }),
        }
        let mut world = World::new().await;
        for batch in order.chunks(slice) {
            world.see(batch).await;
        }
        let what = format!("order {nth}");
        Tables::read(world.pool()).await.must_equal(&known, &what);
        assert_eq!(beside(world.pool()).await, known_beside, "{what}");
        check_summary(world.pool()).await;
        assert_eq!(world.game().id, id, "{what}");
    }
}

#[tokio::test]
async fn a_start_that_is_corrected_joins_what_was_two_games() {
    check_every_order(corrected(), action().own_id()).await;
}

#[tokio::test]
async fn whichever_feed_spoke_first_gives_the_id() {
    check_every_order(moved(), odds().own_id()).await;
}

#[tokio::test]
async fn an_id_that_was_given_up_finds_the_game() {
    let mut world = World::new().await;
    one_by_one(&mut world, &corrected()).await;
    let mut connection = world.pool().acquire().await.unwrap();
    for key in [action(), odds()] {
        let now = store::identity::resolve(&mut connection, key.own_id()).await;
        assert_eq!(now.unwrap(), action().own_id());
    }
    let stranger = GameId::from_i64(5);
    let now = store::identity::resolve(&mut connection, stranger).await;
    assert_eq!(now.unwrap(), stranger);
    drop(connection);
    // The screen's selection and its tape follow.
    let snapshot = world.snapshot();
    assert_eq!(
        snapshot.redirects.get(&odds().own_id()),
        Some(&action().own_id())
    );
    let games = snapshot.tape.iter().all(|e| e.game_id == action().own_id());
    assert!(games && !snapshot.tape.is_empty());
    let record: (String, bool) =
        sqlx::query_as("select decided_by, undone_at is null from core_betting.game_merges")
            .fetch_one(world.pool())
            .await
            .unwrap();
    assert_eq!(record, ("automatic".to_owned(), true));
}

#[tokio::test]
async fn a_split_gives_the_rows_of_two_games_and_stands() {
    let mut wanted = told(Verdict::Different).await;
    one_by_one(&mut wanted, &corrected()).await;
    let apart = Tables::read(wanted.pool()).await;
    assert_eq!(apart.games.len(), 2);

    let mut world = World::new().await;
    let all = corrected();
    let (early, late) = all.split_at(9);
    one_by_one(&mut world, early).await;
    let game = world.game().id;
    let decided = world.decide(Word::Split(game, &odds())).await;
    assert_eq!(decided.moves.len(), 1);
    assert_eq!(decided.moves[0].to, odds().own_id());
    world.check_hub_equals_database().await;
    check_summary(world.pool()).await;
    // What comes after it agrees on the start still, and joins nothing.
    one_by_one(&mut world, late).await;
    world.check_hub_equals_database().await;
    Tables::read(world.pool())
        .await
        .must_equal(&apart, "split in time");

    // And merged again by hand, as if nothing had been.
    let mut joined = told(Verdict::Same).await;
    one_by_one(&mut joined, &corrected()).await;
    world
        .decide(Word::Merge(odds().own_id(), action().own_id()))
        .await;
    world.check_hub_equals_database().await;
    Tables::read(world.pool())
        .await
        .must_equal(&Tables::read(joined.pool()).await, "merged by hand");
    let log: Vec<(String, Option<String>)> = sqlx::query_as(
        "select decided_by, undone_by from core_betting.game_merges order by merge_id",
    )
    .fetch_all(world.pool())
    .await
    .unwrap();
    let hand = || "hand".to_owned();
    assert_eq!(
        log,
        [("automatic".to_owned(), Some(hand())), (hand(), None)]
    );
}

#[tokio::test]
async fn what_cannot_be_joined_or_split_is_refused_with_a_reason() {
    let mut world = World::new().await;
    let other = an_look(
        noon(0),
        &[
            an_game(900_001, noon(305), "scheduled", &moneyline(-120, 110)),
            an_game(900_002, noon(605), "scheduled", &moneyline(-120, 110)),
        ],
    );
    world.see(&[other]).await;
    let (one, two) = (
        action().own_id(),
        FeedKey::new(Source::ActionNetwork, "900002").own_id(),
    );
    let mut stager = Stager::new(Arc::new(Reference::builtin().unwrap()), false, 500);
    let pool = world.pool();
    assert!(matches!(
        stager.merge(pool, one, two).await,
        Err(Refusal::SameFeed { .. })
    ));
    assert!(matches!(
        stager.merge(pool, one, one).await,
        Err(Refusal::OneAlready(_))
    ));
    assert!(matches!(
        stager.split(pool, one, &action()).await,
        Err(Refusal::OnePart(_))
    ));
    let refused = stager.split(pool, one, &odds()).await.unwrap_err();
    assert!(refused.to_string().contains("an:900001"), "{refused}");
    let decisions = "select count(*) from core_betting.game_decisions";
    assert_eq!(world.number(decisions).await, 0);
}

struct Pool(String);

impl Connect for Pool {
    fn connect<'a>(
        &'a self,
        _progress: &'a (dyn Fn(String) + Send + Sync),
    ) -> BoxFuture<'a, Result<Connected, String>> {
        async move {
            let pool = PgPool::connect(&self.0).await.map_err(|e| e.to_string())?;
            Ok(Connected {
                pool,
                server: "PostgreSQL".into(),
            })
        }
        .boxed()
    }
}

fn engine(url: &str, spool: &Spool, now: DateTime<Utc>) -> Engine {
    let settings = Settings::default();
    let clock = Clock::simulated(now, 1);
    clock.set_going(now);
    let (_, lines) = mpsc::channel(1);
    Engine::start(Parts {
        mode: Mode::Live,
        clock,
        fetch: Arc::new(linetape::sources::http::HttpClient::new(&settings.http, &[]).unwrap()),
        connect: Arc::new(Pool(url.to_owned())),
        spool: spool.clone(),
        cache: Cache::new(&settings.cache),
        reference: Arc::new(Reference::builtin().unwrap()),
        logs: LogFeed {
            lines,
            dropped: Arc::default(),
        },
        collect: Collect::Nothing,
        settings,
    })
}

/// Wait until the screen shows what `seen` asks for.
async fn shows(engine: &Engine, what: &str, seen: impl Fn(&Snapshot) -> bool) {
    let mut snapshots = engine.snapshots();
    let waited = snapshots.wait_for(|s| seen(s));
    let done = tokio::time::timeout(Duration::from_secs(60), waited).await;
    assert!(matches!(done, Ok(Ok(_))), "{what}");
}

/// Which games are shown, and how many series each has.
fn shown(snapshot: &Snapshot) -> Vec<(GameId, usize)> {
    let mut games: Vec<_> = snapshot
        .games
        .iter()
        .map(|g| (g.id, g.series.len()))
        .collect();
    games.sort_unstable();
    games
}

#[tokio::test]
async fn a_running_screen_follows_what_another_process_decides() {
    let database = test_database().await;
    let reference = Arc::new(Reference::builtin().unwrap());
    prepare(&database.pool, &reference).await;
    let folder = tempfile::tempdir().unwrap();
    let spool = Spool::open(folder.path(), "join", &Settings::default().spool).unwrap();
    let running = engine(&database.url(), &spool, noon(15));
    for payload in [an(0, 305, -120), oa(1, 545, -118), an(10, 305, -125)] {
        running.intake().admit(payload).await.unwrap();
    }
    assert!(running.flushed(Duration::from_secs(60)).await);
    let (one, two) = (action().own_id(), odds().own_id());
    let mut apart = [(one, 2), (two, 2)];
    apart.sort_unstable();
    shows(&running, "two games", |s| shown(s) == apart).await;

    let mut other = Stager::new(Arc::clone(&reference), false, 500);
    other.merge(&database.pool, two, one).await.unwrap();
    shows(&running, "one game", |s| {
        shown(s) == [(one, 4)] && s.redirects.get(&two) == Some(&one)
    })
    .await;
    // It writes under the winner from now on.
    running.intake().admit(oa(11, 545, -124)).await.unwrap();
    assert!(running.flushed(Duration::from_secs(60)).await);
    other.split(&database.pool, one, &odds()).await.unwrap();
    shows(&running, "two games again", |s| {
        shown(s) == apart && s.redirects.is_empty()
    })
    .await;
    other.merge(&database.pool, one, two).await.unwrap();
    running.shutdown().await;

    // What waits in the spool lands under the winner, and the screen of the next run starts with it.
    let spool = Spool::open(folder.path(), "join", &Settings::default().spool).unwrap();
    spool.append(oa(12, 545, -126)).await.unwrap();
    let next = engine(&database.url(), &spool, noon(16));
    shows(&next, "one game after a restart", |s| {
        shown(s) == [(one, 4)]
    })
    .await;
    assert!(next.flushed(Duration::from_secs(60)).await);
    next.shutdown().await;
    let rows: Vec<(i64, i64)> = sqlx::query_as(
        "select game_id, count(*) from core_betting.line_history where stream = 'odds_api/odds' group by 1",
    )
    .fetch_all(&database.pool)
    .await
    .unwrap();
    assert_eq!(rows, [(one.as_i64(), 4)]);
}

/// The program itself, on this database.
fn linetape(home: &std::path::Path, url: &str, args: &[&str]) -> (Option<i32>, String, String) {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_linetape"))
        .args(args)
        .env_clear()
        .env("HOME", home)
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("DATABASE_URL", url)
        .current_dir(home)
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

#[tokio::test]
async fn a_person_decides_on_the_command_line() {
    let mut world = World::new().await;
    one_by_one(&mut world, &[an(0, 305, -120), oa(1, 545, -118)]).await;
    let home = tempfile::tempdir().unwrap();
    let url = world.database.url();
    let run = |args: &[&str]| linetape(home.path(), &url, args);
    let (winner, loser) = (action().own_id().to_string(), odds().own_id().to_string());

    let (code, out, err) = run(&["game", "merge", &loser, "an:900001", "--json"]);
    assert_eq!(code, Some(0), "{err}");
    let moved: serde_json::Value = serde_json::from_str(&out).unwrap();
    let wanted = json!({"type": "moved", "source": "odds_api", "source_game_id": "abc",
        "from": odds().own_id().as_i64(), "to": action().own_id().as_i64()});
    assert_eq!(moved, wanted);
    // By the id that was given up.
    let (code, lines, err) = run(&["lines", &loser, "--json"]);
    assert_eq!(code, Some(0), "{err}");
    assert_eq!(lines.lines().count(), 4);
    let ids = lines.matches(&format!("\"game_id\":{winner},")).count();
    assert_eq!(ids, 4, "{lines}");

    let (code, _, err) = run(&["game", "split", &loser, "an:5"]);
    assert_eq!(code, Some(1));
    assert!(err.contains("oddsapi:abc"), "{err}");
    let (code, out, err) = run(&["game", "split", &winner, "oddsapi:abc"]);
    assert_eq!(code, Some(0), "{err}");
    assert_eq!(
        out,
        format!("oddsapi:abc is now game {loser}, was {winner}\n")
    );
    let (code, lines, _) = run(&["lines", &loser]);
    assert_eq!((code, lines.lines().count()), (Some(0), 2));
    assert_eq!(run(&["game", "split", &winner, &loser]).0, Some(2));
}
