//! Roles as real grants: each role, schema and verb tried on a real server.

use std::collections::BTreeMap;

use linetape::config::settings::Database;
use linetape::store::embedded::Embedded;
use linetape::store::{migrate, pool, roles};
use serde_json::json;
use sqlx::{AssertSqlSafe, PgPool, Row as _};

use super::postgres::{options, test_database};
use super::program::Program;

const SCHEMAS: [&str; 4] = ["raw_data", "core_betting", "analytics", "operational"];

/// What each role may do in each of [`SCHEMAS`]: s(elect), i(nsert), u(pdate), d(elete),
/// t(runcate).
const MATRIX: [(&str, [&str; 4]); 8] = [
    ("data_collectors", ["si", "", "", ""]),
    ("betting_processors", ["s", "siud", "", ""]),
    ("analytics_processors", ["", "s", "siud", ""]),
    ("strategy_processors", ["s", "s", "siud", "siud"]),
    ("analytics_users", ["", "s", "s", ""]),
    ("monitoring_users", ["", "", "", "s"]),
    (
        "system_administrators",
        ["siudt", "siudt", "siudt", "siudt"],
    ),
    ("mlb_betting_app", ["siud", "siud", "siud", "siud"]),
];

async fn run(pool: &PgPool, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
        .execute(pool)
        .await
        .unwrap_or_else(|error| panic!("{error}\n{sql}"));
}

async fn texts(pool: &PgPool, sql: &str) -> Vec<String> {
    sqlx::query_scalar(AssertSqlSafe(sql.to_owned()))
        .fetch_all(pool)
        .await
        .unwrap_or_else(|error| panic!("{error}\n{sql}"))
}

/// Every table with a column that may be written.
async fn tables(pool: &PgPool) -> Vec<(String, String, String)> {
    let rows = sqlx::query(
        "select n.nspname::text, c.oid::regclass::text, min(quote_ident(a.attname))
         from pg_class c join pg_namespace n on n.oid = c.relnamespace
         join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
                             and a.attgenerated = '' and a.attidentity = ''
         where n.nspname in ('raw_data', 'core_betting', 'analytics', 'operational') and c.relkind in ('r', 'p')
         group by 1, 2 order by 1, 2",
    )
    .fetch_all(pool)
    .await
    .unwrap();
    rows.iter()
        .map(|r| (r.get(0), r.get(1), r.get(2)))
        .collect()
}

#[tokio::test]
async fn each_role_may_do_what_it_should_with_every_table_and_nothing_else() {
    let database = test_database().await;
    let pool = &database.pool;
    migrate::migrate(pool).await.unwrap();
    // Months that are made later get their rights by default.
    run(
        pool,
        "select core_betting.ensure_partitions('2031-05-01', '2031-05-02')",
    )
    .await;
    let tables = tables(pool).await;
    assert!(
        tables
            .iter()
            .any(|t| t.1 == "core_betting.line_history_203105"),
        "{tables:?}"
    );
    for (role, rights) in MATRIX {
        let mut tx = pool.begin().await.unwrap();
        let become_it = format!("set local role {role}; savepoint s");
        sqlx::raw_sql(AssertSqlSafe(become_it))
            .execute(&mut *tx)
            .await
            .unwrap();
        for (schema, table, column) in &tables {
            let may = rights[SCHEMAS.iter().position(|s| s == schema).unwrap()];
            for (verb, statement) in [
                (
                    's',
                    format!("select count(*) from (select 1 from {table} limit 0) n"),
                ),
                ('i', format!("insert into {table} default values")),
                (
                    'u',
                    format!("update {table} set {column} = {column} where false"),
                ),
                ('d', format!("delete from {table}")),
                ('t', format!("truncate {table} cascade")),
            ] {
                let tried = sqlx::raw_sql(AssertSqlSafe(statement.clone()))
                    .execute(&mut *tx)
                    .await;
                sqlx::raw_sql("rollback to s")
                    .execute(&mut *tx)
                    .await
                    .unwrap();
                // A row of nothing but defaults may break a constraint; that is no question of rights.
                let denied = tried.is_err_and(|e| {
                    e.as_database_error()
                        .and_then(sqlx::error::DatabaseError::code)
                        .as_deref()
                        == Some("42501")
                });
                assert_eq!(denied, !may.contains(verb), "{role}: {statement}");
            }
        }
        tx.rollback().await.unwrap();
    }
    // What writes in its owner's name is for those who may write there, and partitions are made by the program alone.
    for (role, rights) in MATRIX {
        let may = async |function: &str| -> bool {
            let ask = format!(
                "select has_function_privilege('{role}', 'core_betting.{function}', 'execute')"
            );
            sqlx::query_scalar(AssertSqlSafe(ask))
                .fetch_one(pool)
                .await
                .unwrap()
        };
        // An administrator acts as somebody else, or asks the owner.
        let writes = rights[1].contains('u');
        if role != "system_administrators" {
            assert_eq!(
                may("recompute_series(bigint[],bigint[])").await,
                writes,
                "{role}"
            );
        }
        assert_eq!(
            may("derive_games(bigint[],boolean)").await,
            writes,
            "{role}"
        );
        let partitions = may("ensure_partitions(timestamptz,timestamptz)").await;
        assert_eq!(partitions, role == "mlb_betting_app", "{role}");
    }
    // Through a view nobody gets further than to its tables.
    let leaks = "select r.role_name || ' ' || c.oid::regclass from operational.role_rights() r
        join pg_class c on c.relkind = 'v' and c.relnamespace = r.schema_name::regnamespace
        left join operational.table_registry t on t.kind = 'compatibility view' and to_regclass(t.made_as) = c.oid
        where has_table_privilege(r.role_name, c.oid, 'insert, update, delete')
           or (t.name is not null and has_table_privilege(r.role_name, c.oid, 'select')
               and not has_schema_privilege(r.role_name, split_part(t.home, '.', 1), 'usage'))";
    assert_eq!(texts(pool, leaks).await, Vec::<String>::new());
    assert_eq!(roles::missing(pool).await.unwrap(), Vec::<String>::new());
    assert_eq!(roles::make(pool).await.unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn a_user_gets_a_roles_rights_by_membership_and_loses_them_again() {
    let database = test_database().await;
    let pool = &database.pool;
    migrate::migrate(pool).await.unwrap();
    let user = format!("analyst_{}", uuid::Uuid::now_v7().simple());
    run(pool, &format!("create role {user}")).await;
    let ask = |what: &str| format!("select {what}_user_permissions('{user}'");
    let rights = format!(
        "select distinct schema_name || ' ' || privilege from check_user_permissions('{user}') order by 1"
    );
    assert_eq!(texts(pool, &rights).await, Vec::<String>::new());
    let given = texts(pool, &format!("{}, 'analyst')", ask("grant"))).await;
    assert_eq!(given, [format!("{user} is now in analytics_users")]);
    let again = texts(pool, &format!("{}, 'analyst')", ask("grant"))).await;
    assert_eq!(again, [format!("{user} is in analytics_users already")]);
    assert_eq!(
        texts(pool, &rights).await,
        ["analytics SELECT", "core_betting SELECT"]
    );
    let program = Program::on(&database);
    let rows = program.ok(&["database", "grants", "--json"]).json();
    let row = rows
        .iter()
        .find(|r| r["role"] == "analytics_users" && r["schema"] == "analytics")
        .unwrap();
    assert!(
        row["members"].as_array().unwrap().contains(&json!(user)),
        "{row}"
    );
    let taken = texts(pool, &format!("{})", ask("revoke"))).await;
    assert!(taken[0].contains("analytics_users"), "{taken:?}");
    assert_eq!(texts(pool, &rights).await, Vec::<String>::new());
    run(pool, &format!("drop role {user}")).await;
}

#[tokio::test]
async fn the_matrix_is_printed() {
    let database = test_database().await;
    let program = Program::on(&database);
    program.ok(&["database", "setup"]);
    let mut rows = program.ok(&["database", "grants", "--json"]).json();
    let sessions: Vec<_> = rows.extract_if(.., |r| r["type"] == "session").collect();
    assert_eq!(sessions.len(), 1);
    assert_eq!(sessions[0]["works_as"], "mlb_betting_app");
    assert_eq!(rows.len(), 32);
    let of: BTreeMap<(String, String), &serde_json::Value> = rows
        .iter()
        .map(|r| {
            (
                (
                    r["role"].as_str().unwrap().into(),
                    r["schema"].as_str().unwrap().into(),
                ),
                r,
            )
        })
        .collect();
    for (role, rights) in MATRIX {
        for (schema, may) in SCHEMAS.iter().zip(rights) {
            let row = of[&(role.to_owned(), (*schema).to_owned())];
            assert_eq!(row["granted"], row["wanted"], "{row}");
            let letters: String = row["granted"]
                .as_array()
                .unwrap()
                .iter()
                .filter_map(|v| v.as_str()?.chars().next())
                .take(may.len())
                .collect();
            assert_eq!(letters, may, "{row}");
        }
    }
    let table = program.ok(&["database", "grants"]).out;
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        table
            .lines()
            .map(words)
            .any(|l| l.starts_with("data_collectors select insert - - - ")),
        "{table}"
    );
    assert!(!table.contains("Missing"), "{table}");
}

#[tokio::test]
async fn a_server_that_lets_nobody_make_roles_is_set_up_all_the_same_and_databases_do_not_collide()
{
    let folder = tempfile::tempdir().unwrap();
    let place = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(folder.path(), place).unwrap();
    let cluster = Embedded::start(options(folder.path().join("cluster")), &|_| ())
        .await
        .unwrap();
    let open = async |name: &str, role: Option<&str>| {
        let mut to = cluster.connect_options(name);
        if let Some(role) = role {
            to = to.options([("role", role)]);
        }
        pool::open(to, &Database::default()).await.unwrap()
    };
    let root = open("postgres", None).await;
    run(&root, "create role plain").await;
    cluster.ensure_database("narrow").await.unwrap();
    run(&root, "alter database narrow owner to plain").await;
    let narrow = open("narrow", None).await;
    run(&narrow, "alter schema public owner to plain").await;
    narrow.close().await;
    let narrow = open("narrow", Some("plain")).await;
    migrate::migrate(&narrow).await.unwrap();
    let missing = roles::missing(&narrow).await.unwrap();
    assert_eq!(missing[0], "create role analytics_processors nologin");
    assert_eq!(
        missing
            .iter()
            .filter(|m| m.starts_with("create role"))
            .count(),
        8
    );
    assert!(
        roles::matrix(&narrow)
            .await
            .unwrap()
            .iter()
            .all(|g| !g.exists && g.granted.is_empty())
    );
    let refused = sqlx::query("select grant_user_permissions('plain', 'analyst')")
        .execute(&narrow)
        .await
        .unwrap_err();
    assert_eq!(
        refused
            .as_database_error()
            .and_then(sqlx::error::DatabaseError::code)
            .as_deref(),
        Some("42501"),
        "{refused}"
    );

    // Several databases at once, none of which finds the roles at its start.
    let names = ["one", "two", "three", "four"];
    for name in names {
        cluster.ensure_database(name).await.unwrap();
    }
    let pools = futures_util::future::join_all(names.map(|name| open(name, None))).await;
    for made in futures_util::future::join_all(pools.iter().map(migrate::migrate)).await {
        made.unwrap();
    }
    for pool in &pools {
        assert_eq!(roles::missing(pool).await.unwrap(), Vec::<String>::new());
        pool.close().await;
    }

    // The roles are there by now; the statements as printed do the rest, and then nothing is missing.
    let by_hand = open("narrow", None).await;
    for statement in roles::missing(&by_hand).await.unwrap() {
        assert!(!statement.starts_with("create role"), "{statement}");
        run(&by_hand, &statement).await;
    }
    assert_eq!(roles::missing(&narrow).await.unwrap(), Vec::<String>::new());
    for pool in [narrow, by_hand, root] {
        pool.close().await;
    }
    cluster.leave().await.unwrap();
}
