//! An engine whose every neighbour can be hurt: the demo market behind the proxy, a spool in a temporary directory, and
//! whatever Postgres the test brings.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use chrono::{DateTime, Utc};
use linetape::cache::Cache;
use linetape::config::settings::Settings;
use linetape::demo::{self, DemoServer, Market};
use linetape::domain::league::League;
use linetape::domain::source::Source;
use linetape::engine::clock::Clock;
use linetape::engine::command::{Asked, Command};
use linetape::engine::connection::Connection;
use linetape::engine::hub::task::LogFeed;
use linetape::engine::pipeline::drain::Connect;
use linetape::engine::reference::Reference;
use linetape::engine::snapshot::{Mode, Snapshot, SourceHealth, SourceView};
use linetape::engine::{Collect, Engine, Parts};
use linetape::sources::http::{Host, HttpClient};
use linetape::spool::Spool;
use linetape::store;
use tempfile::TempDir;
use tokio::sync::mpsc;

use super::proxy::Proxy;

/// Simulated seconds in a real one.
pub const SPEED: u32 = 60;
/// How long a test waits for what must happen.
pub const PATIENCE: Duration = Duration::from_secs(100);
/// Names the spool.
const FINGERPRINT: &str = "faults";

/// The way to the database at `url`, as the program goes it.
pub fn connection(url: &str, settings: &Settings) -> Arc<Connection> {
    let env = BTreeMap::from([("DATABASE_URL".to_owned(), url.to_owned())]);
    let target = store::connect::target(None, &env).unwrap().target;
    let nowhere = PathBuf::from("unused");
    Arc::new(Connection::new(
        target,
        "unused",
        false,
        &settings.database,
        nowhere,
        env,
        false,
    ))
}

/// Settings of a small, quick market behind `base_url`.
pub fn settings(base_url: &str) -> Settings {
    let mut settings = Settings::default();
    settings.collect.leagues = vec![League::Mlb];
    // A third and two thirds of a real second.
    settings.sources.action_network.every = Duration::from_secs(20);
    settings.sources.odds_api.every = Duration::from_secs(40);
    base_url.clone_into(&mut settings.sources.action_network.base_url);
    base_url.clone_into(&mut settings.sources.odds_api.base_url);
    settings.sources.action_network.per_minute = 60_000;
    settings.sources.odds_api.per_minute = 60_000;
    settings.sources.odds_api.key = Some("secret-key-of-the-test".into());
    settings.http.connect_timeout = Duration::from_millis(500);
    settings.http.read_timeout = Duration::from_millis(700);
    settings.http.total_timeout = Duration::from_millis(1_500);
    settings.http.retries = 1;
    settings.http.retry_base = Duration::from_millis(20);
    settings.database.connect_timeout = Duration::from_secs(2);
    // Looks that no test asked for.
    settings.jobs.enabled = false;
    settings
}

/// Everything that runs.
pub struct Rig {
    pub engine: Engine,
    pub spool: Spool,
    pub proxy: Proxy,
    pub folder: TempDir,
    server: DemoServer,
}

impl Rig {
    /// Start on the database at `url`, with settings changed by `change`.
    pub async fn start(url: &str, change: impl FnOnce(&mut Settings)) -> Self {
        Self::start_at(url, demo::EPOCH, Collect::ByClock, change).await
    }

    /// The same at another moment of the market, or with looks on request only.
    pub async fn start_at(
        url: &str,
        from: DateTime<Utc>,
        collect: Collect,
        change: impl FnOnce(&mut Settings),
    ) -> Self {
        let clock = Clock::simulated(from, SPEED);
        clock.set_going(from);
        let market = Arc::new(Market::new(7, 4).unwrap());
        let server = DemoServer::start(market, clock.clone()).await.unwrap();
        let proxy = Proxy::start(server.base_url()).await;
        let mut settings = settings(&proxy.base_url);
        change(&mut settings);
        let folder = tempfile::tempdir().unwrap();
        let spool = Spool::open(folder.path(), FINGERPRINT, &settings.spool).unwrap();
        let connect = connection(url, &settings);
        let mode = Mode::Demo {
            seed: 7,
            speed: SPEED,
        };
        let engine = collecting(
            settings,
            mode,
            clock.clone(),
            connect,
            spool.clone(),
            collect,
        );
        Self {
            engine,
            spool,
            proxy,
            folder,
            server,
        }
    }

    /// The newest snapshot.
    pub fn now(&self) -> Arc<Snapshot> {
        Arc::clone(&self.engine.snapshots().borrow())
    }

    /// The row of a source.
    pub fn source(&self, source: Source) -> SourceView {
        let snapshot = self.now();
        snapshot
            .sources
            .iter()
            .find(|s| s.source == source)
            .cloned()
            .unwrap()
    }

    /// The first snapshot that fits.
    #[track_caller]
    pub fn until(
        &self,
        what: impl Into<String>,
        fits: impl FnMut(&Snapshot) -> bool,
    ) -> impl Future<Output = Arc<Snapshot>> {
        until(&self.engine, what, fits)
    }

    /// The first snapshot in which a source stands so.
    #[track_caller]
    pub fn until_source(
        &self,
        source: Source,
        health: SourceHealth,
    ) -> impl Future<Output = Arc<Snapshot>> {
        self.until(format!("{source} is {health:?}"), move |s| {
            s.sources
                .iter()
                .any(|s| s.source == source && s.health == health)
        })
    }

    /// Ask the engine for something.
    pub async fn ask(&self, command: Command) {
        self.engine
            .commands()
            .send(Asked {
                generation: 1,
                command,
            })
            .await
            .unwrap();
    }

    /// Stop polling, and wait until everything is committed.
    pub async fn settle(&self) {
        self.ask(Command::Pause).await;
        // A look under way when the pause came still brings its answer.
        tokio::time::sleep(Duration::from_millis(1_700)).await;
        assert!(
            self.engine.flushed(PATIENCE).await,
            "the spool drains: {:?}",
            self.spool.status()
        );
    }

    /// Where spools are.
    pub fn spools(&self) -> (&Path, &'static str) {
        (self.folder.path(), FINGERPRINT)
    }

    /// End everything; the last snapshot.
    pub async fn end(self) -> Arc<Snapshot> {
        let last = self.engine.shutdown().await;
        self.server.stop().await;
        last
    }
}

/// The first snapshot of an engine that fits.
#[track_caller]
pub fn until(
    engine: &Engine,
    what: impl Into<String>,
    mut fits: impl FnMut(&Snapshot) -> bool,
) -> impl Future<Output = Arc<Snapshot>> {
    let mut snapshots = engine.snapshots();
    let shown = engine.snapshots();
    let complaint = format!(
        "{}: waited for: {}",
        std::panic::Location::caller(),
        what.into()
    );
    async move {
        let found = tokio::time::timeout(PATIENCE, snapshots.wait_for(|s| fits(s))).await;
        if let Ok(found) = found {
            return Arc::clone(&found.unwrap());
        }
        let last = shown.borrow();
        panic!("{complaint}\n{:#?}\n{:#?}", last.sources, last.persistence);
    }
}

/// An engine of these parts, with the builtin reference and no log panel.
pub fn engine(
    settings: Settings,
    mode: Mode,
    clock: Clock,
    connect: Arc<dyn Connect>,
    spool: Spool,
) -> Engine {
    collecting(settings, mode, clock, connect, spool, Collect::ByClock)
}

fn collecting(
    settings: Settings,
    mode: Mode,
    clock: Clock,
    connect: Arc<dyn Connect>,
    spool: Spool,
    collect: Collect,
) -> Engine {
    let hosts = Host::all(&settings.sources);
    let fetch = HttpClient::new(&settings.http, &hosts).unwrap();
    Engine::start(Parts {
        fetch: Arc::new(fetch),
        connect,
        spool,
        clock,
        mode,
        cache: Cache::new(&settings.cache),
        reference: Arc::new(Reference::builtin().unwrap()),
        logs: LogFeed {
            lines: mpsc::channel(1).1,
            dropped: Arc::new(AtomicU64::new(0)),
        },
        collect,
        settings,
    })
}
