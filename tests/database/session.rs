//! The program works with the rights of one role: what its sessions may, may not, and on whose server.

use linetape::config::settings::Database;
use linetape::store::session::{self, WORKING_ROLE};
use linetape::store::{migrate, pool};
use serde_json::json;
use sqlx::{AssertSqlSafe, PgPool};

use super::postgres::{TestDatabase, test_database};
use super::program::Program;
use super::tables::{check_summary, demo_looks, stage};

async fn run(pool: &PgPool, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
        .execute(pool)
        .await
        .unwrap_or_else(|error| panic!("{error}\n{sql}"));
}

async fn text(pool: &PgPool, sql: &str) -> String {
    sqlx::query_scalar(AssertSqlSafe(sql.to_owned()))
        .fetch_one(pool)
        .await
        .unwrap_or_else(|error| panic!("{error}\n{sql}"))
}

/// What the program uses, on a test's database.
async fn working(database: &TestDatabase) -> PgPool {
    let to = database.embedded().connect_options(&database.name);
    pool::open_working(to, &Database::default())
        .await
        .unwrap()
        .0
}

/// The url of a login of the test cluster, which trusts whoever reaches its socket.
fn url_of(database: &TestDatabase, login: &str) -> String {
    database.url().replacen("linetape_owner", login, 1)
}

#[tokio::test]
async fn a_session_of_the_program_writes_its_rows_and_changes_no_table() {
    let database = test_database().await;
    let pool = working(&database).await;
    migrate::migrate(&pool).await.unwrap();
    run(
        &database.pool,
        "create table public.notes (words text); insert into public.notes values ('mine');
         create schema elsewhere; create table elsewhere.notes (words text);
         select core_betting.ensure_partitions('2019-05-01', '2019-05-02')",
    )
    .await;

    // Every connection of it, and there are several.
    let mut held = Vec::new();
    for _ in 0..3 {
        let mut connection = pool.acquire().await.unwrap();
        let found = session::standing(&mut connection).await.unwrap();
        assert_eq!(found.works_as, WORKING_ROLE);
        assert_eq!(found.login, "linetape_owner");
        held.push(connection);
    }
    drop(held);

    for denied in [
        "drop table core_betting.games",
        "drop table core_betting.line_history cascade",
        "drop schema analytics cascade",
        "truncate raw_data.payloads",
        "alter table core_betting.lines_current add column more text",
        "alter table core_betting.line_history disable trigger merge_lines",
        "create index on core_betting.line_history (at)",
        "create table operational.another (n integer)",
        "create table public.another (n integer)",
        "create schema another",
        "create role another",
        "insert into public.notes values ('not mine')",
        "select words from public.notes",
        "insert into elsewhere.notes values ('not mine')",
        "update public._sqlx_migrations set success = false",
        "delete from public._sqlx_migrations",
        "select core_betting.detach_partitions(now() - interval '1 year')",
        "create or replace function core_betting.merge_lines() returns trigger language plpgsql as 'begin return null; end'",
        "copy (select 1) to program 'true'",
        "select pg_read_file('PG_VERSION')",
        "alter system set fsync = off",
        "grant mlb_betting_app to system_administrators",
    ] {
        let tried = sqlx::raw_sql(denied).execute(&pool).await;
        let error = tried.map_or_else(|error| error, |_| panic!("{denied} was done"));
        let code = error
            .as_database_error()
            .and_then(sqlx::error::DatabaseError::code);
        assert_eq!(code.as_deref(), Some("42501"), "{denied}: {error}");
    }

    // A month that nobody made yet, by the quick way: the rows are copied into the partition by its name.
    stage(&pool, &demo_looks(3), 10).await;
    let rows: i64 = sqlx::query_scalar("select count(*) from core_betting.line_history")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert!(rows > 0);
    check_summary(&pool).await;
    let months = "select count(*)::text || ' ' || bool_and(has_table_privilege('mlb_betting_app', c.oid, 'insert'))
                  from pg_class c where c.relkind = 'r' and c.relispartition and c.relname ~ '_2025'";
    let made = text(&database.pool, months).await;
    assert!(made.ends_with(" true") && !made.starts_with("0 "), "{made}");
    let owners = "select string_agg(distinct pg_get_userbyid(relowner), ',') from pg_class where relname ~ '^line_history'";
    assert_eq!(text(&database.pool, owners).await, "linetape_owner");

    // Who opens the database by hand is the owner still.
    run(&database.pool, "drop table elsewhere.notes").await;
    pool.close().await;
}

#[tokio::test]
async fn the_program_itself_writes_with_those_rights() {
    let database = test_database().await;
    let program = Program::on(&database);
    program.ok(&["database", "setup"]);
    run(
        &database.pool,
        "alter table raw_data.collection_log add column writer name default current_user;
         alter table operational.pipeline_runs add column writer name default current_user",
    )
    .await;
    program.write_text(
        "odds.csv",
        "Date,Rot,VH,Team,Pitcher,1st,2nd,Final,Open,Close,Run Line,,Open OU,,Close OU,\n\
         329,901,V,Chicago Cubs,X,3,1,8,-175,-200,-1.5,-125,8,-105,8.5,-120\n\
         329,902,H,Miami Marlins,X,1,x,4,155,170,1.5,105,8,-115,8.5,100\n",
    );
    program.ok(&[
        "backfill", "--file", "odds.csv", "--source", "sbr", "--league", "mlb", "--season", "2018",
    ]);
    program.ok(&["pipeline", "run", "--zone", "staging", "--rebuild"]);
    program.ok(&[
        "pipeline",
        "run",
        "--zone",
        "curated",
        "--rebuild",
        "--verify",
    ]);
    for table in ["raw_data.collection_log", "operational.pipeline_runs"] {
        let who = format!("select string_agg(distinct writer::text, ',') from {table}");
        assert_eq!(text(&database.pool, &who).await, WORKING_ROLE, "{table}");
    }
    let told = program.ok(&["database", "status"]).out;
    let line = "rights   mlb_betting_app, logged in as linetape_owner";
    assert!(told.lines().any(|l| l == line), "{told}");
}

#[tokio::test]
async fn on_somebody_elses_server_it_depends_on_the_login() {
    let database = test_database().await;
    // The roles are the cluster's.
    migrate::migrate(&database.pool).await.unwrap();
    let short = &uuid::Uuid::now_v7().simple().to_string()[20..];
    let (keeper, worker) = (format!("keeper_{short}"), format!("worker_{short}"));
    run(
        &database.pool,
        &format!("create role {keeper} login; create role {worker} login in role mlb_betting_app"),
    )
    .await;
    let other = format!("other_{short}");
    database.embedded().ensure_database(&other).await.unwrap();
    run(
        &database.pool,
        &format!("alter database {other} owner to {keeper}"),
    )
    .await;
    let url = |login: &str| url_of(&database, login).replacen(&database.name, &other, 1);
    let session = |login: &str| {
        let rows = Program::at(url(login))
            .ok(&["database", "status", "--json"])
            .json();
        rows[0]["session"].clone()
    };

    // It may make its tables, and is in no role: it works as itself, and is told how to need less.
    let as_keeper = Program::at(url(&keeper));
    as_keeper.ok(&["database", "setup"]);
    assert_eq!(
        session(&keeper),
        json!({"login": keeper, "works_as": keeper, "role_exists": true, "member": false})
    );
    let told = as_keeper.ok(&["database", "grants"]).out;
    assert!(
        told.contains(&format!("grant mlb_betting_app to {keeper}")),
        "{told}"
    );
    run(
        &database.pool,
        &format!("grant mlb_betting_app to {keeper}"),
    )
    .await;
    assert_eq!(session(&keeper)["works_as"], WORKING_ROLE);
    as_keeper.ok(&["database", "setup"]);

    // A login that has the role and nothing else finds the schema as it should be, and writes.
    let as_worker = Program::at(url(&worker));
    assert_eq!(session(&worker)["works_as"], WORKING_ROLE);
    as_worker.write_text(
        "odds.csv",
        "Date,Rot,VH,Team,Pitcher,1st,2nd,Final,Open,Close,Run Line,,Open OU,,Close OU,\n\
         329,901,V,Chicago Cubs,X,3,1,8,-175,-200,-1.5,-125,8,-105,8.5,-120\n\
         329,902,H,Miami Marlins,X,1,x,4,155,170,1.5,105,8,-115,8.5,100\n",
    );
    let fed = as_worker.ok(&[
        "backfill", "--file", "odds.csv", "--source", "sbr", "--league", "mlb", "--season", "2018",
    ]);
    assert!(fed.out.contains("1 games, 10 quotes"), "{}", fed.out);

    // Rights that are not complete are not used.
    let to = database.embedded().connect_options(&other);
    let owners = pool::open(to, &Database::default()).await.unwrap();
    run(
        &owners,
        "revoke execute on function core_betting.ensure_partitions(timestamptz, timestamptz) from mlb_betting_app",
    )
    .await;
    assert_eq!(session(&keeper)["works_as"], keeper);
    let told = as_keeper.ok(&["database", "grants"]).out;
    assert!(told.contains("mlb_betting_app lacks rights"), "{told}");
    assert!(
        told.contains("grant execute on function core_betting.ensure_partitions"),
        "{told}"
    );
    owners.close().await;
    for statement in [
        format!("drop database {other} with (force)"),
        format!("drop role {keeper}, {worker}"),
    ] {
        run(&database.pool, &statement).await;
    }
}
