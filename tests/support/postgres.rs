//! A database a test, on one embedded cluster that all test binaries share.
//!
//! The cluster is in cargo's directory for test files and outlives a run, so that only the first pays for initdb; it is
//! stopped by the last test that leaves. Include with `#[path = "support/postgres.rs"] mod postgres;`.

// Every test binary uses a part of it.
#![allow(dead_code)]

use std::collections::BTreeMap;
use std::path::PathBuf;

use linetape::config::settings::Database;
use linetape::store::embedded::{Embedded, EmbeddedOptions};
use linetape::store::install::InstallPolicy;
use linetape::store::pool;
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

/// Make an empty database.
pub async fn test_database() -> TestDatabase {
    let data_dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("cluster");
    let embedded = Embedded::start(options(data_dir), &|step| eprintln!("{step}"))
        .await
        .expect("the embedded PostgreSQL starts");
    let name = format!("test_{}", uuid::Uuid::now_v7().simple());
    embedded
        .ensure_database(&name)
        .await
        .expect("a database is made");
    let pool = pool::open(embedded.connect_options(&name), &Database::default())
        .await
        .expect("the database answers");
    TestDatabase {
        pool,
        name,
        embedded: Some(embedded),
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
