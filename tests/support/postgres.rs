//! A database a test, on one embedded cluster that all test binaries share.
//!
//! The cluster is in cargo's directory for test files and outlives a run, so that only the first pays for initdb; it is
//! stopped by the last test that leaves. The schema is made once too, in a database that the others are copies of. Include with `#[path = "support/postgres.rs"] mod postgres;`.

// Every test binary uses a part of it.
#![allow(dead_code)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use linetape::config::settings::Database;
use linetape::engine::reference::Reference;
use linetape::store::embedded::{Embedded, EmbeddedOptions};
use linetape::store::install::InstallPolicy;
use linetape::store::{migrate, pool, reference};
use sqlx::postgres::PgPool;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

/// Options for a cluster in `data_dir`, with this process's environment.
pub fn options(data_dir: PathBuf) -> EmbeddedOptions {
    let env: BTreeMap<String, String> = std::env::vars().collect();
    EmbeddedOptions {
        data_dir,
        programs: None,
        run_as: None,
        install: InstallPolicy::choose(false, &env, None),
        env,
    }
}

/// An empty database of its own; dropped, and the cluster left, when this value is.
#[derive(Debug)]
#[must_use = "the database goes when this value is dropped"]
pub struct TestDatabase {
    /// Connections to it, with linetape's own settings.
    pub pool: PgPool,
    /// Its name.
    pub name: String,
    embedded: Option<Embedded>,
}

impl TestDatabase {
    /// The cluster that it is in.
    pub fn embedded(&self) -> &Embedded {
        self.embedded.as_ref().expect("present until the drop")
    }

    /// For psql.
    pub fn url(&self) -> String {
        self.embedded().url(&self.name)
    }
}

/// Make a database with the newest schema and the reference data, as a program that has started once leaves it.
pub async fn test_database() -> TestDatabase {
    let embedded = cluster().await;
    let template = Box::pin(template(&embedded)).await;
    let name = fresh_name();
    administer(
        &embedded,
        &format!("create database {name} template {template}"),
    )
    .await
    .expect("a database is copied");
    open(embedded, name).await
}

/// Make an empty database, for what makes the schema itself.
pub async fn empty_database() -> TestDatabase {
    let embedded = cluster().await;
    let name = fresh_name();
    embedded
        .ensure_database(&name)
        .await
        .expect("a database is made");
    open(embedded, name).await
}

async fn cluster() -> Embedded {
    let data_dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("cluster");
    Embedded::start(options(data_dir), &|step| eprintln!("{step}"))
        .await
        .expect("the embedded PostgreSQL starts")
}

fn fresh_name() -> String {
    format!("test_{}", uuid::Uuid::now_v7().simple())
}

async fn open(embedded: Embedded, name: String) -> TestDatabase {
    let pool = pool::open(embedded.connect_options(&name), &Database::default())
        .await
        .expect("the database answers");
    TestDatabase {
        pool,
        name,
        embedded: Some(embedded),
    }
}

async fn administer(embedded: &Embedded, statement: &str) -> Result<(), sqlx::Error> {
    let mut connection = PgConnection::connect_with(&embedded.connect_options("postgres")).await?;
    let done = sqlx::raw_sql(AssertSqlSafe(statement.to_owned()))
        .execute(&mut connection)
        .await;
    connection.close().await?;
    done.map(drop)
}

/// The database that the others are copies of, named by what is in it; made by whoever comes first.
async fn template(embedded: &Embedded) -> String {
    let mut hasher = blake3::Hasher::new();
    for folder in ["migrations", "assets"] {
        hash_folder(
            &PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(folder),
            &mut hasher,
        );
    }
    let name = format!("template_{}", &hasher.finalize().to_hex()[..16]);
    let mut lock = PgConnection::connect_with(&embedded.connect_options("postgres"))
        .await
        .expect("the cluster answers");
    // Others wait here for the one who makes it.
    sqlx::query("select pg_advisory_lock(hashtext('linetape test template'))")
        .execute(&mut lock)
        .await
        .expect("a lock is given");
    let databases: Vec<String> = sqlx::query_scalar(
        "select datname::text from pg_database where datname like 'template\\__%'",
    )
    .fetch_all(&mut lock)
    .await
    .expect("databases are listed");
    if !databases.contains(&name) {
        let making = fresh_name();
        embedded
            .ensure_database(&making)
            .await
            .expect("a database is made");
        let pool = pool::open(embedded.connect_options(&making), &Database::default())
            .await
            .expect("the database answers");
        migrate::migrate(&pool).await.expect("the schema is made");
        let known = Reference::builtin().expect("reference data");
        reference::seed(&pool, &known.books, &known.teams)
            .await
            .expect("reference data is stored");
        pool.close().await;
        // Half a template has no name that anybody looks for.
        let rename = format!("alter database {making} rename to {name}");
        administer(embedded, &rename)
            .await
            .expect("the template gets its name");
        for old in databases.iter().filter(|old| old.starts_with("template_")) {
            let drop_it = format!("drop database if exists {old} with (force)");
            administer(embedded, &drop_it).await.ok();
        }
    }
    lock.close().await.ok();
    name
}

fn hash_folder(folder: &Path, hasher: &mut blake3::Hasher) {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("a folder of the project")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    for file in files {
        if file.is_dir() {
            hash_folder(&file, hasher);
        } else {
            hasher.update(file.as_os_str().as_encoded_bytes());
            hasher.update(&std::fs::read(&file).expect("a file of the project"));
        }
    }
}

impl Drop for TestDatabase {
    /// In a thread with a runtime of its own, since the test's cannot be waited on here.
    fn drop(&mut self) {
        let Some(embedded) = self.embedded.take() else {
            return;
        };
        let drop_it = format!("drop database if exists {} with (force)", self.name);
        let leaving = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            runtime.block_on(async {
                let options = embedded.connect_options("postgres");
                if let Ok(mut connection) = PgConnection::connect_with(&options).await {
                    let _ = sqlx::raw_sql(AssertSqlSafe(drop_it))
                        .execute(&mut connection)
                        .await;
                    let _ = connection.close().await;
                }
                embedded.leave().await.map_err(std::io::Error::other)
            })
        });
        match leaving.join() {
            Ok(Ok(_)) => {}
            Ok(Err(why)) => eprintln!("leaving the test cluster: {why}"),
            Err(_) => eprintln!("leaving the test cluster panicked"),
        }
    }
}
