//! A zone made anew from the one before is the zone as stored, and one altered row is found.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use linetape::config::settings::Database;
use linetape::demo::{EPOCH, Market};
use linetape::domain::league::League;
use linetape::domain::payload::{Payload, RequestIdentity};
use linetape::domain::source::Stream;
use linetape::domain::time::{slate_date, slate_start};
use linetape::engine::pipeline::write::Stager;
use linetape::engine::pipeline::zone::Zone;
use linetape::engine::pipeline::zone::rebuild::{RebuildError, Request, Verified, verify};
use linetape::engine::reference::Reference;
use linetape::store::compare::Kind;
use sqlx::{AssertSqlSafe, PgPool};
use tokio_util::sync::CancellationToken;

use super::postgres::test_database;
use super::tables::{payload, stage};

const AN: &str = "bookIds=15,30,68,69,71,75,79,123,2988,1799,2724,78,3&periods=event";
const ODDS: &str = "regions=us&markets=h2h,spreads,totals&oddsFormat=american";

/// What the market answers.
fn asked(
    market: &Market,
    stream: Stream,
    (path, query): (&str, &str),
    game: Option<&str>,
    at: DateTime<Utc>,
) -> Payload {
    let reply = market.answer(path, query, at);
    assert_eq!(reply.status, 200, "{path}");
    let request = RequestIdentity {
        stream,
        url: format!("https://demo.test{path}"),
        league: Some(League::Mlb),
        source_game_id: game.map(Into::into),
    };
    payload(request, reply.body, at)
}

/// Teams and standings, looked at on two days.
fn team_lists() -> Vec<Payload> {
    let market = Market::new(7, 3).unwrap();
    let mut payloads = Vec::new();
    for hour in [2, 30] {
        for (stream, path) in [
            (
                Stream::EspnTeams,
                "/espn/apis/site/v2/sports/baseball/mlb/teams",
            ),
            (
                Stream::EspnStandings,
                "/espn/apis/v2/sports/baseball/mlb/standings",
            ),
        ] {
            let at = EPOCH + TimeDelta::hours(hour);
            payloads.push(asked(&market, stream, (path, ""), None, at));
        }
    }
    payloads
}

/// A day and a half of the demo market: looks of two feeds every hour, and each game's ticks once.
fn demo_day() -> Vec<Payload> {
    let market = Market::new(7, 3).unwrap();
    let ask = |stream, path: &str, query: &str, game: Option<&str>, at: DateTime<Utc>| {
        asked(&market, stream, (path, query), game, at)
    };
    let mut payloads = Vec::new();
    for hour in 0..36 {
        let at = EPOCH + TimeDelta::hours(hour);
        let day = slate_date(at).format("%Y%m%d");
        let slate = format!("{AN}&date={day}");
        let board = ask(
            Stream::AnScoreboard,
            "/web/v2/scoreboard/mlb",
            &slate,
            None,
            at,
        );
        if hour == 20 {
            let games: serde_json::Value = serde_json::from_slice(&board.body).unwrap();
            for game in games["games"].as_array().unwrap() {
                let id = game["id"].to_string();
                let path = format!("/web/v2/markets/event/{id}/history");
                let later = at + TimeDelta::minutes(2);
                payloads.push(ask(Stream::AnHistory, &path, AN, Some(&id), later));
            }
        }
        payloads.push(board);
        let at = at + TimeDelta::minutes(1);
        payloads.push(ask(
            Stream::OddsApiOdds,
            "/v4/sports/baseball_mlb/odds",
            ODDS,
            None,
            at,
        ));
    }
    payloads
}

pub async fn rebuild(pool: &PgPool, zone: Zone) -> Verified {
    let request = Request {
        zone,
        from: None,
        to: None,
        batch: 30,
    };
    run(pool, request).await.unwrap()
}

async fn run(pool: &PgPool, request: Request) -> Result<Verified, RebuildError> {
    let stop = CancellationToken::new();
    verify(pool, &Database::default(), request, &stop, &|_| {}).await
}

async fn execute(pool: &PgPool, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(pool)
        .await
        .unwrap();
}

async fn count(pool: &PgPool, sql: &str) -> u64 {
    let number: i64 = sqlx::query_scalar(AssertSqlSafe(sql))
        .fetch_one(pool)
        .await
        .unwrap();
    u64::try_from(number).unwrap()
}

/// The program on this database: its exit code, and with `--json` what it prints.
pub fn linetape(url: &str, args: &[&str]) -> (Option<i32>, Vec<serde_json::Value>) {
    linetape_with("", url, args)
}

/// The same, with these settings.
pub fn linetape_with(
    settings: &str,
    url: &str,
    args: &[&str],
) -> (Option<i32>, Vec<serde_json::Value>) {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join(".config/linetape");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("config.toml"), settings).unwrap();
    let done = std::process::Command::new(env!("CARGO_BIN_EXE_linetape"))
        .args(args)
        .env_clear()
        .env("HOME", home.path())
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("DATABASE_URL", url)
        .current_dir(home.path())
        .output()
        .unwrap();
    let out = String::from_utf8(done.stdout).unwrap();
    eprintln!("{}", String::from_utf8_lossy(&done.stderr));
    let parse = |line: &str| serde_json::from_str(line).unwrap();
    // What is printed for people is not for these tests.
    let rows = out.lines().filter(|_| args.contains(&"--json"));
    (done.status.code(), rows.map(parse).collect())
}

#[track_caller]
pub fn must_be_identical(found: &Verified) {
    assert!(
        found.agrees(),
        "{:#?} {:#?}",
        found.relations,
        found.differences
    );
    assert_eq!(found.without_bytes, 0);
}

#[tokio::test]
async fn a_zone_made_anew_is_the_zone_as_stored_and_an_altered_row_is_found() {
    let database = test_database().await;
    let pool = &database.pool;
    stage(pool, &demo_day(), 20).await;
    stage(pool, &team_lists(), 4).await;

    let staging = rebuild(pool, Zone::Staging).await;
    must_be_identical(&staging);
    let rows = "select (select count(*) from core_betting.line_history)
                     + (select count(*) from core_betting.lines_current)
                     + (select count(*) from core_betting.betting_splits)
                     + (select count(*) from core_betting.games)
                     + (select count(*) from core_betting.team_sources)
                     + (select count(*) from core_betting.team_stats_daily)";
    assert_eq!(staging.equal(), count(pool, rows).await);
    let [.., teams, records] = &staging.relations[..] else {
        panic!("{:?}", staging.relations);
    };
    assert!(
        teams.equal >= 30 && records.equal >= 60,
        "{teams:?} {records:?}"
    );
    assert!(staging.equal() > 2_000, "{} rows", staging.equal());
    let curated = rebuild(pool, Zone::Curated).await;
    must_be_identical(&curated);
    let series = "select count(*) from analytics.line_movement_summary";
    assert_eq!(curated.equal(), count(pool, series).await);

    // One price, one split, one summary, one name and one record that no payload tells of.
    execute(
        pool,
        "update core_betting.line_history h set american = h.american + case when h.american > 0 then 5 else -5 end
         from (select game_id, series_id, at from core_betting.line_history
               where american is not null order by game_id, series_id, at limit 1) one
         where (h.game_id, h.series_id, h.at) = (one.game_id, one.series_id, one.at);
         delete from core_betting.betting_splits where ctid = (select min(ctid) from core_betting.betting_splits);
         update core_betting.team_sources set name = 'Nobody' where source_team_id = (
             select max(source_team_id) from core_betting.team_sources);
         update core_betting.team_stats_daily set wins = wins + 1 where (team, snapshot_date) = (
             select team, snapshot_date from core_betting.team_stats_daily order by team, snapshot_date limit 1);
         update core_betting.lines_current set changes = changes + 1
         where (game_id, series_id) = (select game_id, series_id from core_betting.lines_current
                                       order by game_id desc, series_id limit 1)",
    )
    .await;
    let found = rebuild(pool, Zone::Staging).await;
    assert!(!found.agrees());
    let kinds: Vec<_> = found
        .differences
        .iter()
        .map(|d| (d.relation, d.kind))
        .collect();
    assert_eq!(
        kinds,
        [
            ("core_betting.line_history", Kind::Changed),
            ("core_betting.lines_current", Kind::Changed),
            ("core_betting.betting_splits", Kind::Missing),
            ("core_betting.team_sources", Kind::Changed),
            ("core_betting.team_stats_daily", Kind::Changed),
        ]
    );
    let told: Vec<String> = found.differences.iter().map(ToString::to_string).collect();
    assert!(
        told[3].starts_with("changed core_betting.team_sources espn mlb ")
            && told[3].contains("name \"Nobody\""),
        "{told:#?}"
    );
    assert!(told[4].contains(" wins "), "{told:#?}");
    let fields: Vec<&str> = found.differences[0].fields.iter().map(|f| &*f.0).collect();
    assert_eq!(fields, ["american"]);
    assert_eq!((found.differ(), found.equal()), (5, staging.equal() - 5));

    // Curated from staging as it is now: the altered price and the altered count.
    let asked = [
        "pipeline",
        "run",
        "--zone",
        "curated",
        "--rebuild",
        "--verify",
        "--json",
    ];
    let (code, out) = linetape(&database.url(), &asked);
    assert_eq!(code, Some(1), "{out:#?}");
    assert_eq!(out[0]["identical"], false);
    let differences = out[0]["differences"].as_array().unwrap();
    assert!((1..=2).contains(&differences.len()), "{differences:#?}");
    let fields = differences
        .iter()
        .flat_map(|d| d["fields"].as_array().unwrap());
    assert!(fields.map(|f| &f[0]).any(|name| name == "changes"));

    // The run is on record, with what it found.
    let (code, mut runs) = linetape(&database.url(), &["pipeline", "status", "--json"]);
    runs.retain(|row| row["type"] == "run");
    assert_eq!((code, runs.len()), (Some(0), 1), "{runs:#?}");
    assert_eq!(runs[0]["mode"], "curated_only");
    assert_eq!(runs[0]["status"], "failed");
    assert_eq!(runs[0]["records_failed"], differences.len());
    assert_eq!(runs[0]["records_total"], curated.equal());
    assert_eq!(
        runs[0]["errors"].as_array().unwrap().len(),
        differences.len()
    );
    let (code, _) = linetape(
        &database.url(),
        &[
            "pipeline",
            "status",
            "--run",
            "0190a000-0000-7000-8000-000000000000",
        ],
    );
    assert_eq!(code, Some(1), "a run that never was");
}

/// A curated row carries the score that one pass over all gives, under its earlier names too. Without the other side's
/// price it is lower by what the formula says, and an alternate's price is none.
async fn scores_agree(pool: &PgPool) {
    let apart = "select count(*) from analytics.line_movement_summary s
        join analytics.line_movement_quality q using (game_id, series_id)
        join curated.betting_lines_enhanced e using (game_id, series_id)
        where (s.completeness, s.accuracy, s.consistency, s.quality_score) is distinct from
              (q.completeness, q.accuracy, q.consistency, q.quality_score) or e.quality_score <> s.quality_score";
    let scored =
        "select count(*) from analytics.line_movement_summary where quality_score between 0 and 1";
    let series = count(pool, "select count(*) from core_betting.lines_current").await;
    assert_eq!(count(pool, scored).await, series);
    assert_eq!(count(pool, apart).await, 0);
    let lower = "select count(*) from analytics.line_movement_summary
        where market = 'total' and line_slot = 'main' and side = 'over' and consistency = 0.7
          and quality_score = round(0.4 * completeness + 0.3 * accuracy + 0.21, 4)";
    let overs = "select count(*) from core_betting.lines_current
        where market = 'total' and line_slot = 'main' and side = 'over'";
    let had = count(pool, lower).await;
    assert!(count(pool, overs).await > had);
    let mut tx = pool.begin().await.unwrap();
    for (change, expected) in [
        // Every other side of a total goes but its alternates.
        (
            "update core_betting.lines_current set max_american = null
             where market = 'total' and side = 'under' and line_slot = 'main'",
            overs,
        ),
        (
            "update core_betting.lines_current set line_slot = '9.5', series_id = series_id + 1, max_american = 100
             where market = 'total' and side = 'under' and line_slot = 'main'",
            overs,
        ),
    ] {
        sqlx::raw_sql(change).execute(&mut *tx).await.unwrap();
        let of = async |tx: &mut sqlx::PgConnection, sql: &'static str| -> i64 {
            sqlx::query_scalar(sql).fetch_one(tx).await.unwrap()
        };
        let (now, expected) = (of(&mut tx, lower).await, of(&mut tx, expected).await);
        assert_eq!(now, expected, "{change}");
        assert_eq!(of(&mut tx, apart).await, 0, "{change}");
    }
    tx.rollback().await.unwrap();
}

#[tokio::test]
async fn rates_and_scores_stand_beside_their_targets() {
    let database = test_database().await;
    let pool = &database.pool;
    stage(pool, &demo_day(), 40).await;
    let (code, zones) = linetape(&database.url(), &["data", "status", "--json"]);
    assert_eq!(code, Some(0));
    let names: Vec<_> = zones.iter().map(|z| z["zone"].as_str().unwrap()).collect();
    assert_eq!(names, ["raw", "staging", "curated"]);
    for zone in &zones {
        assert_eq!(zone["completion_rate"], 1.0, "{zone}");
        assert_eq!(
            (&zone["validation_target"], &zone["completion_target"]),
            (&0.95.into(), &0.99.into())
        );
    }
    let rows = count(pool, "select count(*) from core_betting.line_history").await;
    assert_eq!(zones[1]["records"], rows);
    let series = count(pool, "select count(*) from core_betting.lines_current").await;
    assert_eq!(zones[2]["records"], series);
    scores_agree(pool).await;

    // Of what was kept out, times and numbers are left out, and names are not.
    execute(
        pool,
        "insert into operational.validation_results (payload_hash, observed_at, ordinal, stream, kind, path, reason, value)
         select '\\x00', now(), n, 'odds_api/odds', 'reject', '/', 'h2h_lay dated 2025-07-0' || n || 'T10:00:00Z is late by ' || n, ''
         from generate_series(1, 9000) n",
    )
    .await;
    let (_, quality) = linetape(
        &database.url(),
        &["data", "quality", "--zone", "staging", "--json"],
    );
    let why = quality.iter().find(|q| q["type"] == "kept_out").unwrap();
    assert_eq!(
        (&why["reason"], &why["count"]),
        (&"h2h_lay dated # is late by #".into(), &9000.into())
    );

    // A feed's bytes of which one fetch in four is no response, and whose book nobody knows.
    let fetches = count(pool, "select count(*) from raw_data.collection_log").await;
    execute(
        pool,
        "update raw_data.collection_log set staged = 'refused'
         where fetch_id in (select fetch_id from raw_data.collection_log order by fetch_id limit (select count(*) / 4 from raw_data.collection_log));
         update core_betting.games set home_team = null;
         update core_betting.lines_current set book = null",
    )
    .await;
    let (_, raw) = linetape(
        &database.url(),
        &["data", "status", "--zone", "raw", "--json"],
    );
    assert_eq!(raw.len(), 1);
    let expected = 1.0 - (fetches / 4) as f64 / fetches as f64;
    let rate = raw[0]["validation_rate"].as_f64().unwrap();
    assert!((rate - expected).abs() < 1e-6, "{rate} {expected}");
    assert_eq!(
        (&raw[0]["on_target"], &raw[0]["rejected"]),
        (&false.into(), &(fetches / 4).into())
    );

    // Five of six known, less 0.2 and 0.3: below the threshold, every one.
    let (_, curated) = linetape(
        &database.url(),
        &["data", "quality", "--zone", "curated", "--json"],
    );
    let of = |name: &str| curated[0][name].as_f64().unwrap();
    assert!((of("completeness") - 0.8333).abs() < 1e-9, "{}", curated[0]);
    assert!(of("accuracy") <= 0.5 && of("score") < 0.8, "{}", curated[0]);
    assert_eq!(curated[0]["rejected"], series);
    assert_eq!(curated[0]["validation_rate"], 0.0);
    assert!(curated.len() > 2, "all feeds, and each: {curated:#?}");
}

#[tokio::test]
async fn a_part_is_made_anew_from_the_fetches_that_may_hold_it() {
    let database = test_database().await;
    let pool = &database.pool;
    stage(pool, &demo_day(), 40).await;
    let days: Vec<chrono::NaiveDate> = sqlx::query_scalar(
        "select distinct slate_date from core_betting.games where slate_date is not null order by 1",
    )
    .fetch_all(pool)
    .await
    .unwrap();
    assert!(days.len() > 1, "{days:?}");
    for day in &days {
        let request = Request {
            zone: Zone::Staging,
            from: slate_start(*day),
            to: slate_start(day.succ_opt().unwrap()),
            batch: 25,
        };
        let found = run(pool, request).await.unwrap();
        must_be_identical(&found);
        let games = format!("select count(*) from core_betting.games where slate_date = '{day}'");
        assert_eq!(found.relations[0].equal, count(pool, &games).await, "{day}");
        let curated = Request {
            zone: Zone::Curated,
            ..request
        };
        must_be_identical(&run(pool, curated).await.unwrap());
    }
    let beside = format!(
        "select count(*) from pg_database where datname like '{}\\_rebuild'",
        database.name
    );
    assert_eq!(
        count(pool, &beside).await,
        0,
        "the scratch database is removed"
    );
}

#[tokio::test]
async fn what_cannot_be_made_anew_is_said() {
    let database = test_database().await;
    let pool = &database.pool;
    stage(pool, &demo_day(), 40).await;
    let raw = Request {
        zone: Zone::Raw,
        from: None,
        to: None,
        batch: 1,
    };
    assert!(matches!(run(pool, raw).await, Err(RebuildError::Raw)));

    let request = Request {
        zone: Zone::Staging,
        ..raw
    };
    let long_ago = Request {
        to: Some(EPOCH - TimeDelta::days(900)),
        ..request
    };
    let empty = run(pool, long_ago).await;
    assert!(matches!(empty, Err(RebuildError::NoGames)), "{empty:?}");

    let stop = CancellationToken::new();
    stop.cancel();
    let stopped = verify(pool, &Database::default(), request, &stop, &|_| {}).await;
    assert!(matches!(stopped, Err(RebuildError::Stopped)), "{stopped:?}");

    let last = "delete from raw_data.payloads where observed_at = (select max(observed_at) from raw_data.payloads)";
    execute(pool, last).await;
    let found = rebuild(pool, Zone::Staging).await;
    assert_eq!(found.without_bytes, 1);
    assert!(!found.agrees(), "the newest look confirmed something");
}

#[tokio::test]
async fn what_was_left_behind_goes_through_and_what_is_derived_is_mended() {
    let database = test_database().await;
    let pool = &database.pool;
    let url = database.url();
    let payloads = demo_day();
    stage(pool, &payloads, 40).await;

    // As a program would leave it that did not know the form of the newest payloads: the rows are not there.
    let (known, unknown) = payloads.split_at(payloads.len() - 6);
    let other = test_database().await;
    stage(&other.pool, known, 40).await;
    for payload in unknown {
        let mut tx = other.pool.begin().await.unwrap();
        linetape::store::payloads::ensure_partitions(
            &mut tx,
            payload.observed_at,
            payload.observed_at,
        )
        .await
        .unwrap();
        linetape::store::payloads::store_bodies(&mut tx, &[payload])
            .await
            .unwrap();
        let logged = linetape::store::payloads::Logged {
            payload,
            fate: linetape::store::payloads::Fate::Refused,
            games: 0,
            quotes: 0,
            changes: 0,
            rejects: 1,
            span: None,
        };
        linetape::store::payloads::log(&mut tx, &[logged], true)
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }
    let behind = super::tables::Tables::read(&other.pool).await;
    let run = [
        "pipeline",
        "run",
        "--zone",
        "staging",
        "--batch-size",
        "4",
        "--json",
    ];
    let (code, dry) = linetape(&other.url(), &[&run[..], &["--dry-run"]].concat());
    assert_eq!((code, &dry[0]["records"]), (Some(0), &6.into()), "{dry:#?}");
    assert_eq!(behind, super::tables::Tables::read(&other.pool).await);
    let (code, done) = linetape(&other.url(), &run);
    assert_eq!(
        (code, &done[0]["records"]),
        (Some(0), &6.into()),
        "{done:#?}"
    );
    let whole = super::tables::Tables::read(pool).await;
    super::tables::Tables::read(&other.pool)
        .await
        .must_equal(&whole, "staged later");
    let (_, none) = linetape(&other.url(), &run);
    assert_eq!(none[0]["records"], 0, "nothing is left");
    must_be_identical(&rebuild(&other.pool, Zone::Staging).await);

    // A summary that is wrong, and bytes that are damaged.
    execute(
        pool,
        "update core_betting.lines_current set max_american = 9999, changes = 77;
         update raw_data.payloads set body = '\\x00' where payload_hash = (select payload_hash from raw_data.payloads order by 1 limit 1)",
    )
    .await;
    let (code, zones) = linetape(&url, &["pipeline", "run", "--full", "--json"]);
    assert_eq!((code, zones.len()), (Some(1), 3), "{zones:#?}");
    assert_eq!(zones[0]["failed"], 1, "{zones:#?}");
    assert!(
        super::tables::Tables::read(pool).await == whole,
        "the summaries are mended"
    );
    let (_, mut runs) = linetape(&url, &["pipeline", "status", "--json"]);
    runs.retain(|row| row["type"] == "run");
    assert_eq!(
        (&runs[0]["mode"], &runs[0]["status"]),
        (&"full".into(), &"partial".into())
    );
    assert_eq!(runs[0]["zones"]["raw"]["failed"], 1);
}

/// What the log says of the fetches: how many are staged, and how many were taken back.
async fn marks(pool: &PgPool) -> (u64, u64) {
    let of = |word| format!("select count(*) from raw_data.collection_log where staged = '{word}'");
    (
        count(pool, &of("staged")).await,
        count(pool, &of("rolled_back")).await,
    )
}

fn newest_run(url: &str) -> String {
    let (_, rows) = linetape(url, &["pipeline", "status", "--limit", "1", "--json"]);
    let run = rows.iter().find(|row| row["type"] == "run").unwrap();
    run["run_id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_rollback_goes_back_to_a_run_and_a_rebuild_comes_forward_again() {
    let database = test_database().await;
    let (pool, url) = (&database.pool, database.url());
    let payloads = demo_day();
    let (first, rest) = payloads.split_at(payloads.len() / 2);
    let (second, third) = rest.split_at(rest.len() / 2);

    stage(pool, first, 20).await;
    let then = super::tables::Tables::read(pool).await;
    let (code, _) = linetape(&url, &["pipeline", "run", "--full", "--json"]);
    assert_eq!(code, Some(0));
    let run = newest_run(&url);
    // A writer that lives through the rollback, with what it remembers of before.
    let mut writer = Stager::new(Arc::new(Reference::builtin().unwrap()), true, 1_000);
    for batch in second.chunks(20) {
        writer.write(pool, batch).await.unwrap();
    }
    let whole = super::tables::Tables::read(pool).await;
    let staged = marks(pool).await;

    // A look changes nothing, and says what would.
    let back = ["pipeline", "rollback", "--to-run", &run, "--json"];
    let (code, dry) = linetape(&url, &[&back[..], &["--dry-run"]].concat());
    assert_eq!((code, &dry[0]["dry_run"]), (Some(0), &true.into()));
    assert!(
        dry[0]["relations"][1]["extra"].as_u64() > Some(0),
        "{dry:#?}"
    );
    assert!(super::tables::Tables::read(pool).await == whole);
    assert_eq!(marks(pool).await, staged);

    let (code, done) = linetape(&url, &back);
    assert_eq!(code, Some(0), "{done:#?}");
    assert_eq!(done[0]["taken_out"], second.len());
    super::tables::Tables::read(pool)
        .await
        .must_equal(&then, "taken back");
    assert_eq!(marks(pool).await, (first.len() as u64, second.len() as u64));
    must_be_identical(&rebuild(pool, Zone::Staging).await);
    let rolled_back = newest_run(&url);
    let (_, zones) = linetape(&url, &["pipeline", "status", "--zone", "staging", "--json"]);
    assert_eq!(zones[0]["waiting"], second.len());
    assert_eq!(zones[0]["state"], "degraded", "{zones:#?}");
    assert!(zones[0]["lag_s"].as_i64() > Some(300), "{zones:#?}");

    // What comes now comes on top, as if the part taken back had never been seen.
    for batch in third.chunks(20) {
        writer.write(pool, batch).await.unwrap();
    }
    let other = test_database().await;
    stage(&other.pool, first, 20).await;
    stage(&other.pool, third, 20).await;
    super::tables::Tables::read(pool)
        .await
        .must_equal(&super::tables::Tables::read(&other.pool).await, "went on");

    // Back to the rollback itself, and from there to the present.
    let (code, _) = linetape(&url, &["pipeline", "rollback", "--to-run", &rolled_back]);
    assert_eq!(code, Some(0));
    super::tables::Tables::read(pool)
        .await
        .must_equal(&then, "the rollback's own state");
    let rebuild_now = [
        "pipeline",
        "run",
        "--zone",
        "staging",
        "--rebuild",
        "--json",
    ];
    let (code, done) = linetape(&url, &rebuild_now);
    assert_eq!(code, Some(0), "{done:#?}");
    assert_eq!(done[0]["put_back"], rest.len());
    stage(&other.pool, second, 20).await;
    let present = super::tables::Tables::read(&other.pool).await;
    super::tables::Tables::read(pool)
        .await
        .must_equal(&present, "the present");
    assert_eq!(marks(pool).await, (payloads.len() as u64, 0));
    must_be_identical(&rebuild(pool, Zone::Staging).await);
}

#[tokio::test]
async fn a_zone_made_anew_in_place_is_mended_and_healthy() {
    let database = test_database().await;
    let (pool, url) = (&database.pool, database.url());
    stage(pool, &demo_day(), 40).await;
    let present = super::tables::Tables::read(pool).await;
    execute(
        pool,
        "update core_betting.lines_current set max_american = 9999, changes = 77",
    )
    .await;
    let (code, _) = linetape(&url, &["pipeline", "run", "--zone", "curated", "--rebuild"]);
    assert_eq!(code, Some(0));
    super::tables::Tables::read(pool)
        .await
        .must_equal(&present, "curated made anew");
    let rebuild_now = [
        "pipeline",
        "run",
        "--zone",
        "staging",
        "--rebuild",
        "--json",
    ];
    let (code, done) = linetape(&url, &rebuild_now);
    assert_eq!(code, Some(0), "{done:#?}");
    for table in done[0]["relations"].as_array().unwrap() {
        let differ = ["missing", "extra", "changed"].map(|name| table[name].as_u64());
        assert_eq!(differ, [Some(0); 3], "{table}");
    }
    let (_, zones) = linetape(&url, &["pipeline", "status", "--json"]);
    for zone in zones.iter().filter(|row| row["type"] == "zone") {
        assert_eq!(zone["state"], "healthy", "{zone}");
        assert_eq!(zone["waiting"], 0, "{zone}");
    }
}

#[tokio::test]
async fn a_rollback_that_cannot_be_says_why_and_changes_nothing() {
    let database = test_database().await;
    let (pool, url) = (&database.pool, database.url());
    // Nothing stored: nothing to compare, and that is not "identical".
    let verify = [
        "pipeline",
        "run",
        "--zone",
        "all",
        "--rebuild",
        "--verify",
        "--json",
    ];
    let (code, found) = linetape(&url, &verify);
    assert_eq!((code, found.len()), (Some(0), 2), "{found:#?}");
    assert!(found.iter().all(|zone| zone["identical"].is_null()));

    stage(pool, &demo_day(), 40).await;
    let (code, _) = linetape(&url, &["pipeline", "run", "--zone", "raw"]);
    assert_eq!(code, Some(0));
    let run = newest_run(&url);
    let whole = super::tables::Tables::read(pool).await;
    let nobody = "0190a000-0000-7000-8000-000000000000";
    let to = |more: &[&'static str]| {
        let asked = [&["pipeline", "rollback", "--to-run", &run][..], more].concat();
        linetape(&url, &asked).0
    };
    assert_eq!(to(&["--zone", "raw"]), Some(2));
    assert_eq!(to(&["--zone", "curated"]), Some(2));
    let (code, _) = linetape(&url, &["pipeline", "rollback", "--to-run", nobody]);
    assert_eq!(code, Some(1));

    // While another writes, it does not wait for its turn.
    let mut writer = pool.begin().await.unwrap();
    linetape::store::writer::take_pen(&mut writer, uuid::Uuid::now_v7())
        .await
        .unwrap();
    assert_eq!(to(&[]), Some(75));
    writer.rollback().await.unwrap();

    // What fails when most tables are swapped takes everything with it, and the next try finds nothing in its way.
    let staged = marks(pool).await;
    execute(
        pool,
        "create function public.refuse() returns trigger language plpgsql as $$ begin raise exception 'no room'; end $$;
         create trigger refuse before insert on operational.extraction_log for each row execute function public.refuse()",
    )
    .await;
    assert_eq!(to(&[]), Some(69));
    super::tables::Tables::read(pool)
        .await
        .must_equal(&whole, "as it was before the swap");
    assert_eq!(marks(pool).await, staged);
    let (_, rows) = linetape(&url, &["pipeline", "status", "--limit", "1", "--json"]);
    let last = rows.iter().find(|row| row["type"] == "run").unwrap();
    assert_eq!(last["status"], "failed", "{last}");
    assert!(last["errors"].to_string().contains("no room"), "{last}");
    execute(pool, "drop function public.refuse() cascade").await;
    assert_eq!(to(&[]), Some(0));
    super::tables::Tables::read(pool)
        .await
        .must_equal(&whole, "back to where it was");

    // Bytes that are gone would take their rows with them.
    execute(
        pool,
        "delete from raw_data.payloads where observed_at = (select max(observed_at) from raw_data.payloads)",
    )
    .await;
    assert_eq!(to(&[]), Some(1));
    super::tables::Tables::read(pool)
        .await
        .must_equal(&whole, "as it was");
    let (_, rows) = linetape(&url, &["pipeline", "status", "--limit", "1", "--json"]);
    let last = rows.iter().find(|row| row["type"] == "run").unwrap();
    assert_eq!(
        (&last["mode"], &last["status"]),
        (&"rollback".into(), &"failed".into())
    );
}
