//! Statements of earlier programs, on linetape's database and on scratch ones.

use chrono::{DateTime, TimeDelta, Utc};
use linetape::demo::{EPOCH, Market};
use linetape::domain::league::League;
use linetape::domain::payload::{Payload, RequestIdentity};
use linetape::domain::source::Stream;
use linetape::engine::reference::Reference;
use linetape::store::registry::{Registry, State, detach_older, make_compatibility};
use sqlx::{AssertSqlSafe, PgPool};

use super::postgres::{TestDatabase, empty_database, test_database};
use super::printed::{DEFINITIONS, QUERIES, read};
use super::tables::{payload, prepare, stage};

const AN: &str = "bookIds=15,30,68,69,71,75,79,123,2988,1799,2724,78,3&periods=event";
const ODDS: &str = "regions=us&markets=h2h,spreads,totals&oddsFormat=american";

fn ask(market: &Market, stream: Stream, path: &str, query: &str, at: DateTime<Utc>) -> Payload {
    let reply = market.answer(path, query, at);
    assert_eq!(reply.status, 200, "{path}");
    let request = RequestIdentity {
        stream,
        url: format!("https://demo.test{path}"),
        league: Some(League::Mlb),
        source_game_id: None,
    };
    payload(request, reply.body, at)
}

/// Looks at the demo market through both feeds, an hour apart; one game is Action Network's 257653, another `game_123`.
async fn filled() -> TestDatabase {
    let database = test_database().await;
    let market = Market::new(7, 6).unwrap();
    let looks: Vec<Payload> = (0..6)
        .flat_map(|hour| {
            let at = EPOCH + TimeDelta::hours(hour);
            [
                ask(
                    &market,
                    Stream::AnScoreboard,
                    "/web/v2/scoreboard/mlb",
                    AN,
                    at,
                ),
                ask(
                    &market,
                    Stream::OddsApiOdds,
                    "/v4/sports/baseball_mlb/odds",
                    ODDS,
                    at + TimeDelta::minutes(1),
                ),
            ]
        })
        .collect();
    stage(&database.pool, &looks, 20).await;
    for (number, name) in [(0, "257653"), (1, "game_123")] {
        let renamed = sqlx::query(
            "update core_betting.game_sources s set source_game_id = $2
             from (select n.source, n.source_game_id from core_betting.game_names n
                   where n.source = 'action_network' order by n.game_id offset $1 limit 1) n
             where (s.source, s.source_game_id) = (n.source, n.source_game_id)",
        )
        .bind(number)
        .bind(name)
        .execute(&database.pool)
        .await
        .unwrap();
        assert_eq!(renamed.rows_affected(), 1, "{name}");
    }
    database
}

async fn run(pool: &PgPool, statement: &str) -> usize {
    sqlx::raw_sql(AssertSqlSafe(statement.to_owned()))
        .fetch_all(pool)
        .await
        .unwrap_or_else(|error| panic!("{error}\n{statement}"))
        .len()
}

async fn number(pool: &PgPool, sql: &str) -> i64 {
    sqlx::query_scalar(AssertSqlSafe(sql.to_owned()))
        .fetch_one(pool)
        .await
        .unwrap_or_else(|error| panic!("{error}\n{sql}"))
}

#[tokio::test]
async fn every_statement_runs_as_it_is_printed() {
    let database = filled().await;
    for statement in QUERIES {
        run(&database.pool, statement).await;
    }
    let Some(printed) = read() else {
        eprintln!("skipped: no documents of earlier programs beside the project; ours ran");
        return;
    };
    assert!(printed.queries.len() >= 20, "{:#?}", printed.queries);
    for statement in &printed.queries {
        run(&database.pool, statement).await;
    }
    let registry = Registry::read(&database.pool).await.unwrap();
    assert!(printed.names.len() > 60, "{:?}", printed.names);
    for name in &printed.names {
        if name.ends_with("get_new_lines_since_last_extraction") {
            continue;
        }
        let table = registry.table(name).unwrap_or_else(|e| panic!("{e}"));
        run(&database.pool, &format!("select * from {table} limit 3")).await;
        run(&database.pool, &format!("select * from {name} limit 3")).await;
    }
}

#[tokio::test]
async fn old_ids_and_names_find_the_rows() {
    let database = filled().await;
    let pool = &database.pool;
    // Action Network's number.
    let stored = "select count(*) from core_betting.line_history h join core_betting.game_sources s using (game_id)
                  where s.source = 'action_network' and s.source_game_id = '257653' and h.stream like 'action%'
                    and h.market = 'moneyline' and h.side = 'home' and h.period = 'full' and h.american is not null";
    let stored = number(pool, stored).await;
    assert!(stored > 5, "{stored}");
    assert_eq!(run(pool, QUERIES[0]).await as i64, stored);
    let keys = "select count(*) from (select distinct source_book_id, side from core_betting.lines_current
                join core_betting.game_sources s using (game_id)
                where s.source_game_id = '257653' and stream like 'action%' and market = 'moneyline' and period = 'full'
                  and phase = 'pregame') k";
    assert_eq!(run(pool, QUERIES[1]).await as i64, number(pool, keys).await);
    let since = |at: &str| {
        format!(
            "select * from action_network.get_new_lines_since_last_extraction(257653, 15, 'moneyline', '{at}')"
        )
    };
    let all = run(pool, &since("2000-01-01")).await;
    assert!(all >= 2, "{all}");
    assert_eq!(run(pool, &since("2100-01-01")).await, 0);
    let last: DateTime<Utc> = sqlx::query_scalar("select max(line_timestamp) from action_network.betting_lines where game_id = 257653 and book_id = 15 and market_type = 'moneyline'")
        .fetch_one(pool)
        .await
        .unwrap();
    let newest = "select line_timestamp from action_network.get_new_lines_since_last_extraction(257653, 15, 'moneyline', '2000-01-01')";
    let times: Vec<DateTime<Utc>> = sqlx::query_scalar(newest).fetch_all(pool).await.unwrap();
    assert_eq!(times[0], last);
    assert!(
        times.windows(2).all(|pair| pair[0] >= pair[1]),
        "newest first"
    );
    assert_eq!(
        run(pool, &since(&last.to_rfc3339())).await,
        0,
        "later than, not from"
    );
    // A text id.
    let closes = "select count(*) from core_betting.lines_current c join core_betting.game_sources s using (game_id)
                  where s.source_game_id = 'game_123' and c.closing_at is not null and c.line_slot = 'main'";
    let closes = number(pool, closes).await;
    assert!(closes > 5, "{closes}");
    let found = run(
        pool,
        "SELECT * FROM odds_history WHERE game_id = 'game_123' AND is_closing_line = true",
    )
    .await;
    assert_eq!(found as i64, closes);
    // Leagues are upper case there, and only there.
    assert_eq!(
        number(
            pool,
            "select count(*) from games_history where league = 'MLB'"
        )
        .await,
        6
    );
    assert_eq!(
        number(
            pool,
            "select count(*) from core_betting.games where league = 'mlb'"
        )
        .await,
        6
    );
    // Today's authority names book 15; the superseded map is kept with its dates.
    let names: (String, String) = sqlx::query_as(
        "select (select kind from action_network.sportsbooks where book_id = 15),
                (select name from core_betting.superseded_sportsbook_ids where source_book_id = '15' and authority = 'mlb_betting')",
    )
    .fetch_one(pool)
    .await
    .unwrap();
    assert_eq!(names, ("consensus".into(), "DraftKings".into()));
    let conflicts: Vec<(String, i64)> = sqlx::query_as(
        "select source_book_id, count(distinct name) from core_betting.superseded_sportsbook_ids
         group by 1 having count(*) > 1 order by source_book_id::int",
    )
    .fetch_all(pool)
    .await
    .unwrap();
    let wanted = [
        ("15", 2),
        ("30", 2),
        ("68", 2),
        ("69", 2),
        ("71", 3),
        ("75", 4),
        ("79", 2),
    ];
    assert_eq!(conflicts, wanted.map(|(id, names)| (id.to_owned(), names)));
    // Both sides of a market in a row.
    let whole = "select count(*) from core_betting.spreads where home_spread = -away_spread and home_spread_price is not null";
    assert!(number(pool, whole).await > 20);
}

#[tokio::test]
async fn definitions_run_on_a_scratch_database_which_linetape_then_respects() {
    let filled = filled().await;
    let scratch = empty_database().await;
    sqlx::raw_sql("create schema core_betting")
        .execute(&scratch.pool)
        .await
        .unwrap();
    for table in ["spreads", "totals", "moneylines"] {
        let columns: String = sqlx::query_scalar(
            "select string_agg(format('%I %s', attname, format_type(atttypid, atttypmod)), ', ' order by attnum)
             from pg_attribute where attrelid = ('core_betting.' || $1)::regclass and attnum > 0",
        )
        .bind(table)
        .fetch_one(&filled.pool)
        .await
        .unwrap();
        run(
            &scratch.pool,
            &format!("create table core_betting.{table} ({columns})"),
        )
        .await;
        run(
            &scratch.pool,
            &format!("insert into core_betting.{table} (id) values (7), (8)"),
        )
        .await;
    }
    let printed = read();
    let definitions: Vec<String> = match &printed {
        Some(printed) => printed.definitions.clone(),
        None => DEFINITIONS.iter().map(ToString::to_string).collect(),
    };
    assert!(
        DEFINITIONS
            .iter()
            .all(|d| definitions.iter().any(|p| p == d)),
        "{definitions:#?}"
    );
    for statement in &definitions {
        run(&scratch.pool, statement).await;
    }
    assert_eq!(
        number(&scratch.pool, "select count(*) from staging.spreads").await,
        2
    );

    // Their tables stay theirs, and everything else is made beside them.
    prepare(&scratch.pool, &Reference::builtin().unwrap()).await;
    let registry = Registry::read(&scratch.pool).await.unwrap();
    for (name, state) in [
        ("staging.spreads", State::Taken),
        ("core_betting.totals", State::Taken),
        ("raw_data.moneylines_raw", State::Taken),
        ("staging.games", State::Made),
        ("curated.spreads", State::Made),
    ] {
        assert_eq!(registry.entry(name).unwrap().state, state, "{name}");
    }
    assert_eq!(
        registry.table("staging.spreads").unwrap(),
        "analytics.spreads"
    );
    assert_eq!(
        number(&scratch.pool, "select count(*) from staging.spreads").await,
        2
    );

    // A name that becomes free is made at the next set-up.
    run(&scratch.pool, "drop table staging.spreads").await;
    let not_made = make_compatibility(&scratch.pool, &[]).await.unwrap();
    assert!(
        not_made
            .iter()
            .all(|n| n.state == State::Taken && n.name != "staging.spreads"),
        "{not_made:?}"
    );
    assert_eq!(
        number(&scratch.pool, "select count(*) from staging.spreads").await,
        0
    );
}

#[tokio::test]
async fn what_was_made_can_be_taken_away_and_made_again() {
    let database = test_database().await;
    prepare(&database.pool, &Reference::builtin().unwrap()).await;
    let names = "select count(*) from operational.table_registry where state = 'made'";
    let made = number(&database.pool, names).await;
    assert!(made > 100, "{made}");
    run(
        &database.pool,
        "create table public.mine (n int); create view staging.mine as select 1 as one",
    )
    .await;
    let dropped: i32 = sqlx::query_scalar("select operational.drop_compatibility()")
        .fetch_one(&database.pool)
        .await
        .unwrap();
    assert_eq!(i64::from(dropped), made);
    let schemas: Vec<String> = sqlx::query_scalar(
        "select nspname::text from pg_namespace where nspname !~ '^(pg_|information)' order by 1",
    )
    .fetch_all(&database.pool)
    .await
    .unwrap();
    assert_eq!(
        schemas,
        [
            "analytics",
            "core_betting",
            "operational",
            "public",
            "raw_data",
            "staging"
        ]
    );
    assert_eq!(make_compatibility(&database.pool, &[]).await.unwrap(), []);
    assert_eq!(number(&database.pool, names).await, made);
    // Under a schema of another name, where settings say so; what was made under the other goes.
    run(&database.pool, "drop view staging.mine").await;
    let moved = [("staging", "stage"), ("curated", "curated")];
    assert_eq!(
        make_compatibility(&database.pool, &moved).await.unwrap(),
        []
    );
    assert_eq!(
        number(&database.pool, "select count(*) from stage.games").await,
        0
    );
    let old = "select count(*) from pg_class where relnamespace = to_regnamespace('staging')";
    assert_eq!(number(&database.pool, old).await, 0);
    let registry = Registry::read(&database.pool).await.unwrap();
    assert_eq!(registry.table("staging.games").unwrap(), "stage.games");
}

#[tokio::test]
async fn without_the_privilege_the_registry_says_so_and_the_rest_goes_on() {
    let database = test_database().await;
    prepare(&database.pool, &Reference::builtin().unwrap()).await;
    run(&database.pool, "select operational.drop_compatibility()").await;
    // An owner of the four schemas who may make no others, and nothing in public.
    let role = format!("narrow_{}", uuid::Uuid::now_v7().simple());
    run(
        &database.pool,
        &format!(
            "create role {role}; revoke create on database {db} from public; revoke create on schema public from public;
             grant usage, create on schema raw_data, core_betting, analytics, operational to {role};
             grant all on all tables in schema raw_data, core_betting, analytics, operational to {role}",
            db = database.name
        ),
    )
    .await;
    let mut connection = database.pool.acquire().await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(format!("set role {role}")))
        .execute(&mut *connection)
        .await
        .unwrap();
    let not_made: Vec<(String, String, String)> =
        sqlx::query_as("select name, state, detail from operational.make_compatibility()")
            .fetch_all(&mut *connection)
            .await
            .unwrap();
    sqlx::raw_sql("reset role")
        .execute(&mut *connection)
        .await
        .unwrap();
    drop(connection);
    let of = |name: &str| {
        not_made
            .iter()
            .find(|n| n.0 == name)
            .map(|n| (n.1.as_str(), n.2.as_str()))
    };
    assert!(
        of("staging.games")
            .is_some_and(|(state, why)| state == "denied" && why.contains("database setup")),
        "{not_made:?}"
    );
    assert!(of("public.games_history").is_some_and(|(state, _)| state == "denied"));
    assert_eq!(of("core_betting.spreads"), None, "made where it may");
    let told = "select count(*) from operational.migration_log where status = 'failed' and error_message like '%permission denied%'";
    assert!(number(&database.pool, told).await > 50);
    run(
        &database.pool,
        &format!("drop owned by {role}; drop role {role}"),
    )
    .await;
}

#[tokio::test]
async fn the_command_shows_one_name_or_all_and_proposes_the_nearest() {
    let database = test_database().await;
    prepare(&database.pool, &Reference::builtin().unwrap()).await;
    let home = tempfile::tempdir().unwrap();
    let registry = |arguments: &[&str]| {
        std::process::Command::new(env!("CARGO_BIN_EXE_linetape"))
            .args(["--json", "database", "registry"])
            .args(arguments)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", home.path())
            .env("DATABASE_URL", database.url())
            .current_dir(home.path())
            .output()
            .unwrap()
    };
    let all = registry(&[]);
    assert!(all.status.success(), "{all:?}");
    let lines: Vec<serde_json::Value> = String::from_utf8(all.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(lines.len() > 200, "{}", lines.len());
    let one = registry(&["legacy_moneyline"]);
    let one: serde_json::Value = serde_json::from_slice(&one.stdout).unwrap();
    assert_eq!(
        (&one["kind"], &one["home"]),
        (&"logical".into(), &"mlb_betting.moneyline".into())
    );
    let none = registry(&["staging.moneyline"]);
    assert_eq!(none.status.code(), Some(1), "{none:?}");
    let told = String::from_utf8(none.stderr).unwrap();
    assert!(
        told.contains("nearest") && told.contains("staging.moneylines"),
        "{told}"
    );
}

#[tokio::test]
async fn grants_are_real_and_mistakes_are_told() {
    let database = test_database().await;
    prepare(&database.pool, &Reference::builtin().unwrap()).await;
    let pool = &database.pool;
    let role = format!("scraper_{}", uuid::Uuid::now_v7().simple());
    let say = |sql: String| async move {
        sqlx::query_scalar::<_, String>(AssertSqlSafe(sql))
            .fetch_one(pool)
            .await
    };
    let missing = say(format!(
        "select grant_user_permissions('{role}', 'collector')"
    ))
    .await
    .unwrap();
    assert!(
        missing.contains("nothing granted") && missing.contains("create role"),
        "{missing}"
    );
    run(pool, &format!("create role {role}")).await;
    let wrong = say(format!(
        "select grant_user_permissions('{role}', 'kollector')"
    ))
    .await
    .unwrap_err();
    assert!(wrong.to_string().contains("no type of user"), "{wrong}");
    say(format!(
        "select grant_user_permissions('{role}', 'collector')"
    ))
    .await
    .unwrap();
    let rights =
        format!("select count(*) from check_user_permissions('{role}') where schema_name = ");
    assert!(
        number(
            pool,
            &format!("{rights}'raw_data' and privilege = 'INSERT'")
        )
        .await
            > 2
    );
    assert_eq!(
        number(
            pool,
            &format!("{rights}'raw_data' and privilege = 'DELETE'")
        )
        .await,
        0
    );
    assert_eq!(number(pool, &format!("{rights}'core_betting'")).await, 0);
    say(format!("select revoke_user_permissions('{role}')"))
        .await
        .unwrap();
    assert_eq!(number(pool, &format!("{rights}'raw_data'")).await, 0);
    run(pool, &format!("drop role {role}")).await;
}

#[tokio::test]
async fn old_months_are_detached_only_when_asked() {
    let database = filled().await;
    let months =
        "select count(*) from pg_inherits where inhparent = 'core_betting.line_history'::regclass";
    let before = number(&database.pool, months).await;
    assert!(before >= 2, "{before}");
    let rows = number(
        &database.pool,
        "select count(*) from core_betting.line_history",
    )
    .await;
    let detached: Vec<String> =
        sqlx::query_scalar("select core_betting.detach_partitions('2025-08-01')")
            .fetch_all(&database.pool)
            .await
            .unwrap();
    assert_eq!(
        detached,
        [
            "core_betting.line_history_202507",
            "raw_data.payloads_202507"
        ]
    );
    assert_eq!(number(&database.pool, months).await, before - 1);
    assert_eq!(
        number(
            &database.pool,
            "select count(*) from core_betting.line_history"
        )
        .await,
        0
    );
    assert_eq!(
        number(
            &database.pool,
            "select count(*) from core_betting.line_history_202507"
        )
        .await,
        rows
    );
    assert!(
        detach_older(&database.pool, 0).await.unwrap().is_empty(),
        "off"
    );
    let soon = sqlx::query("select core_betting.detach_partitions(now())")
        .execute(&database.pool)
        .await;
    assert!(
        soon.unwrap_err()
            .to_string()
            .contains("at least a month ago")
    );
}
