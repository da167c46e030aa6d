//! Runs the engine for `linetape` and `linetape demo`: builds its parts, shows it, and ends it in order.

use std::io::IsTerminal as _;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::context::Context;
use super::error::{CliError, Exit};
use super::interrupt::Interrupts;
use super::logging;
use super::screen::Shown;
use super::session::{Session, Surface};
use super::{arguments::ColorWhen, crash};
use super::{plain, report};
use crate::cache::Cache;
use crate::config::settings::Settings;
use crate::demo::{self, DemoServer, Market};
use crate::domain::league::League;
use crate::domain::source::Source;
use crate::engine::alert::Watchman;
use crate::engine::clock::Clock;
use crate::engine::connection::Connection;
use crate::engine::hub::task::LogFeed;
use crate::engine::pipeline::drain::{Connect, DrainState};
use crate::engine::reference::Reference;
use crate::engine::snapshot::{DatabaseState, Mode, Snapshot};
use crate::engine::{Collect, Engine, Parts};
use crate::monitor::alert;
use crate::sources::http::{Host, HttpClient};
use crate::spool::Spool;
use crate::store;
use crate::store::install::Ask;

/// Progress lines of a headless run.
const REPORT_EVERY: Duration = Duration::from_secs(5);
/// How long `--once` waits for the database to take everything.
const ONCE_PATIENCE: Duration = Duration::from_secs(60);
/// A demo resumes where its tape ended; without a database by then it starts at the beginning.
const RESUME_PATIENCE: Duration = Duration::from_secs(20);
/// The demo's cadence, in simulated time, and its loopback server's limits.
const DEMO_ACTION_NETWORK: Duration = Duration::from_secs(20);
const DEMO_HISTORY: Duration = Duration::from_hours(1);
const DEMO_ODDS_API: Duration = Duration::from_secs(60);
const DEMO_LISTS: Duration = Duration::from_mins(5);
const DEMO_EVENTS: Duration = Duration::from_mins(10);
const DEMO_EVENTS_BEFORE: Duration = Duration::from_hours(12);
const DEMO_EVENT_MARKETS: [&str; 2] = ["alternate_spreads", "alternate_totals"];
const DEMO_CREDITS: u32 = 100_000;
/// Feeds that are asked seldom in life, too.
const DEMO_SELDOM: Duration = Duration::from_mins(5);
const DEMO_PER_MINUTE: u32 = 60_000;

/// What a run is about.
struct World {
    settings: Settings,
    mode: Mode,
    clock: Clock,
    connection: Arc<Connection>,
    demo: Option<DemoServer>,
}

/// `linetape`: the live feeds.
pub async fn live(session: &Session, context: &Context, color: ColorWhen) -> Result<(), CliError> {
    let mut connection = connection(context, &context.settings.database.name, false, false)?;
    connection
        .prepare(at_terminal(context))
        .await
        .map_err(|e| unreachable(&e))?;
    let world = World {
        settings: context.settings.clone(),
        mode: Mode::Live,
        clock: Clock::wall(),
        connection: Arc::new(connection),
        demo: None,
    };
    run(session, context, world, color).await
}

/// `linetape demo`: the built-in market in a database of its own.
pub async fn demo(
    args: &super::demo::Args,
    context: &Context,
    color: ColorWhen,
) -> Result<(), CliError> {
    let mut settings = context.settings.clone();
    let speed = settings.demo.speed;
    let clock = Clock::simulated(demo::EPOCH, u32::from(speed));
    let market = Market::new(settings.demo.seed, settings.demo.games)
        .map_err(|e| CliError::new(Exit::Failure, e.to_string()))?;
    let server = DemoServer::start(Arc::new(market), clock.clone())
        .await
        .map_err(|e| CliError::new(Exit::Io, e.to_string()))?;
    demo_sources(&mut settings, server.base_url());
    let mut connection = connection(
        context,
        &demo_database(&context.settings),
        true,
        args.install,
    )?;
    connection
        .prepare(at_terminal(context))
        .await
        .map_err(|e| unreachable(&e))?;
    if args.fresh {
        let say = |step: String| context.output.say(&step);
        connection
            .start_over(&say)
            .await
            .map_err(|e| unreachable(&e))?;
        let old = context
            .paths
            .data
            .join("spool")
            .join(connection.fingerprint());
        match tokio::fs::remove_dir_all(&old).await {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(CliError::file(&old, "removed", &error));
            }
            _ => {}
        }
    }
    let mode = Mode::Demo {
        seed: settings.demo.seed,
        speed: u32::from(speed),
    };
    let world = World {
        settings,
        mode,
        clock,
        connection: Arc::new(connection),
        demo: Some(server),
    };
    let session = Session {
        fresh_screen: args.fresh,
        ..args.session.clone()
    };
    run(&session, context, world, color).await
}

/// The demo's database: one for each market, since another seed is another world.
pub fn demo_database(settings: &Settings) -> String {
    let ours = crate::config::settings::Demo::default();
    let demo = &settings.demo;
    if (demo.seed, demo.games) == (ours.seed, ours.games) {
        demo.database.clone()
    } else {
        format!("{}_s{}_g{}", demo.database, demo.seed, demo.games)
    }
}

/// The feeds' settings for the loopback server.
fn demo_sources(settings: &mut Settings, base_url: &str) {
    let an = &mut settings.sources.action_network;
    base_url.clone_into(&mut an.base_url);
    an.every = DEMO_ACTION_NETWORK;
    an.per_minute = DEMO_PER_MINUTE;
    an.history_every = DEMO_HISTORY;
    let odds = &mut settings.sources.odds_api;
    base_url.clone_into(&mut odds.base_url);
    odds.every = DEMO_ODDS_API;
    odds.per_minute = DEMO_PER_MINUTE;
    odds.key = Some("demo".into());
    odds.reserve_credits = DEMO_CREDITS;
    odds.games_every = DEMO_LISTS;
    odds.scores_every = DEMO_LISTS;
    odds.scores_days = 1;
    odds.event_markets = DEMO_EVENT_MARKETS.map(str::to_owned).to_vec();
    odds.event_every = DEMO_EVENTS;
    odds.event_before = DEMO_EVENTS_BEFORE;
    // The further feeds stand under their own names, so that their paths do not collide.
    let below = |source: Source| format!("{base_url}/{source}");
    let espn = &mut settings.sources.espn;
    espn.base_url = below(Source::Espn);
    (espn.every, espn.per_minute) = (DEMO_SELDOM, DEMO_PER_MINUTE);
    let mlb = &mut settings.sources.mlb_stats;
    mlb.base_url = below(Source::MlbStats);
    (mlb.every, mlb.per_minute) = (DEMO_SELDOM, DEMO_PER_MINUTE);
    let sbd = &mut settings.sources.sbd;
    sbd.base_url = below(Source::Sbd);
    (sbd.every, sbd.per_minute) = (DEMO_SELDOM, DEMO_PER_MINUTE);
    let vsin = &mut settings.sources.vsin;
    vsin.base_url = below(Source::Vsin);
    (vsin.every, vsin.per_minute) = (DEMO_SELDOM, DEMO_PER_MINUTE);
    let sbr = &mut settings.sources.sbr;
    sbr.base_url = below(Source::Sbr);
    (sbr.every, sbr.per_minute) = (DEMO_SELDOM, DEMO_PER_MINUTE);
    let goalserve = &mut settings.sources.goalserve;
    goalserve.base_url = below(Source::Goalserve);
    (goalserve.every, goalserve.per_minute) = (DEMO_SELDOM, DEMO_PER_MINUTE);
    goalserve.scores_every = DEMO_SELDOM;
    goalserve.key = Some("demo".into());
    settings.collect.sources = settings.demo.sources.clone();
    settings.collect.leagues = vec![League::Mlb, League::Nfl];
}

/// The way to a database, by settings and environment.
pub fn connection(
    context: &Context,
    database: &str,
    own_database: bool,
    install: bool,
) -> Result<Connection, CliError> {
    let environment = context.environment.as_map();
    let choice = store::connect::target(context.settings.database.url.as_ref(), environment)
        .map_err(|e| CliError::new(Exit::of_code(e.exit_code()), e.to_string()))?;
    for warning in &choice.warnings {
        context.output.warn(warning);
    }
    Ok(Connection::new(
        choice.target,
        database,
        own_database,
        &context.settings.database,
        context.paths.data.clone(),
        environment.clone(),
        install,
    ))
}

/// Asks a person at the terminal, before the screen takes it.
struct Terminal;

impl Ask for Terminal {
    fn agree(&self, command: &str) -> bool {
        eprint!(
            "This machine has no PostgreSQL programs. Install them now with `{command}`? [y/N] "
        );
        let mut answer = String::new();
        let read = std::io::stdin().read_line(&mut answer);
        read.is_ok() && matches!(answer.trim(), "y" | "Y" | "yes")
    }
}

/// Somebody to ask, when both ends are a terminal.
fn at_terminal(context: &Context) -> Option<Box<dyn Ask>> {
    let terminal = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    (terminal && !context.output.json).then(|| Box::new(Terminal) as Box<dyn Ask>)
}

/// A connection's failure as the command line's.
pub fn unreachable(error: &crate::engine::connection::Unreachable) -> CliError {
    CliError::new(Exit::of_code(error.exit_code), error.sentence.clone())
}

/// A schema that is not this program's.
pub fn unusable(reason: &str) -> CliError {
    CliError::new(
        Exit::Config,
        format!("nothing is written, what was collected waits in the spool: {reason}"),
    )
}

/// The spool of a database.
pub fn spool(context: &Context, connection: &Connection) -> Result<Spool, CliError> {
    let root = context.paths.data.join("spool");
    Spool::open(&root, &connection.fingerprint(), &context.settings.spool)
        .map_err(|e| CliError::new(Exit::Io, e.to_string()))
}

/// An engine of these parts.
pub fn engine(
    settings: &Settings,
    mode: Mode,
    clock: Clock,
    connection: &Arc<Connection>,
    spool: Spool,
    logs: LogFeed,
    collect: Collect,
) -> Result<Engine, CliError> {
    let enabled = |host: &Host| settings.collect.sources.contains(&host.source);
    let hosts: Vec<Host> = Host::all(&settings.sources)
        .into_iter()
        .filter(enabled)
        .collect();
    let fetch = HttpClient::new(&settings.http, &hosts)
        .map_err(|e| CliError::new(Exit::Config, e.to_string()))?;
    let reference =
        Reference::builtin().map_err(|e| CliError::new(Exit::Failure, e.to_string()))?;
    Ok(Engine::start(Parts {
        settings: settings.clone(),
        mode,
        clock,
        fetch: Arc::new(fetch),
        connect: Arc::clone(connection) as Arc<dyn Connect>,
        spool,
        cache: Cache::new(&settings.cache),
        reference: Arc::new(reference),
        logs,
        collect,
    }))
}

async fn run(
    session: &Session,
    context: &Context,
    world: World,
    color: ColorWhen,
) -> Result<(), CliError> {
    let started = Instant::now();
    let surface = session.surface(context.output.json);
    let mut logging = logging::start(context)?;
    crash::install(context.paths.crashes(), Arc::clone(&context.secrets));
    let signals = match surface {
        Surface::Headless => {
            Some(Interrupts::listen().map_err(|e| CliError::new(Exit::Io, e.to_string()))?)
        }
        Surface::Screen => None,
    };
    let spool = spool(context, &world.connection)?;
    let waiting = spool.clone();
    let collect = if session.once {
        Collect::OnRequest
    } else {
        Collect::ByClock
    };
    let engine = engine(
        &world.settings,
        world.mode.clone(),
        world.clock.clone(),
        &world.connection,
        spool,
        logging.feed(),
        collect,
    )?;
    if world.demo.is_some() {
        tokio::spawn(resume(engine.drain(), waiting, world.clock.clone()));
    }
    let ended = match signals {
        Some(signals) => headless(session, context, &engine, signals).await,
        None => screen(session, context, &world, &engine, color).await,
    };

    // From here a second signal must not wait for anyone.
    let forced = CancellationToken::new();
    let watcher = tokio::spawn(force_on_signal(forced.clone()));
    let ending = async {
        let last = engine.shutdown().await;
        world.connection.leave().await;
        if let Some(server) = world.demo {
            server.stop().await;
        }
        last
    };
    let last = tokio::select! {
        last = ending => Some(last),
        () = forced.cancelled() => None,
    };
    watcher.abort();
    if surface == Surface::Headless
        && let Some(last) = &last
    {
        report::summary(last, started.elapsed()).print(&context.output)?;
    }
    match (ended, last) {
        (Ok(None), Some(last)) if session.once => verdict(&last),
        (Ok(None), Some(_)) => Ok(()),
        (Ok(Some(exit)), _) => Err(CliError::silent(exit)),
        (Ok(None), None) => Err(CliError::silent(Exit::Interrupted)),
        (Err(error), _) => Err(error),
    }
}

/// `--once` failed when the database did not take it, or no source brought anything.
fn verdict(last: &Snapshot) -> Result<(), CliError> {
    if let DatabaseState::Unusable(reason) = &last.persistence.database {
        return Err(unusable(reason));
    }
    if let DatabaseState::Down { reason, .. } = &last.persistence.database {
        let message = format!(
            "PostgreSQL did not take the data ({reason}); it waits in the spool for the next run"
        );
        return Err(CliError::new(Exit::Unavailable, message));
    }
    let asked = || last.sources.iter().filter(|s| s.fetched + s.failed > 0);
    if asked().count() > 0 && asked().all(|s| s.fetched == 0) {
        let reason = asked().find_map(|s| s.reason.clone()).unwrap_or_default();
        return Err(CliError::new(
            Exit::Unavailable,
            format!("no source answered: {reason}"),
        ));
    }
    Ok(())
}

/// The demo goes on where its tape ended.
async fn resume(mut drain: watch::Receiver<DrainState>, spool: Spool, clock: Clock) {
    let ready = drain.wait_for(|s| s.readable().is_some());
    let pool = match tokio::time::timeout(RESUME_PATIENCE, ready).await {
        Ok(Ok(state)) => state.readable(),
        _ => None,
    };
    // What an earlier run left in the spool belongs to the tape too.
    let _ = tokio::time::timeout(RESUME_PATIENCE, spool.watch().wait_for(|s| s.depth == 0)).await;
    let mut from = demo::EPOCH;
    if let Some(pool) = pool
        && let Ok(mut connection) = pool.acquire().await
        && let Ok(Some(latest)) = store::metrics::latest_observation(&mut connection).await
    {
        from = from.max(latest + chrono::TimeDelta::seconds(1));
    }
    clock.set_going(from);
}

async fn force_on_signal(forced: CancellationToken) {
    if let Ok(mut signals) = Interrupts::listen() {
        signals.next().await;
        forced.cancel();
    }
}

/// Show progress lines until something ends the run; returns the signal that did.
async fn headless(
    session: &Session,
    context: &Context,
    engine: &Engine,
    mut signals: Interrupts,
) -> Result<Option<Exit>, CliError> {
    let work = async {
        if session.once {
            once(engine, session.histories).await;
        } else if let Some(lasting) = session.lasting {
            tokio::time::sleep(lasting).await;
        } else {
            std::future::pending::<()>().await;
        }
    };
    let mut drain = engine.drain();
    let watchman = Watchman::new(&context.settings.alerts)
        .map_err(|error| CliError::new(Exit::Config, error))?;
    let zone = context.settings.screen.zone;
    let told = async {
        if session.plain {
            return plain::follow(engine.snapshots(), watchman, zone, &context.output).await;
        }
        let report = report::follow(engine.snapshots(), REPORT_EVERY, &context.output);
        let alerts = async {
            alert::follow(engine.snapshots(), watchman, zone).await;
            std::future::pending().await
        };
        tokio::select! {
            printed = report => printed,
            never = alerts => never,
        }
    };
    tokio::select! {
        exit = signals.next() => Ok(Some(exit)),
        Ok(state) = drain.wait_for(|s| s.unusable.is_some()) => {
            Err(unusable(state.unusable.as_deref().unwrap_or_default()))
        }
        () = work => Ok(None),
        printed = told => printed.map(|()| None),
    }
}

/// One cycle of every source, and its data in the database.
async fn once(engine: &Engine, histories: Option<usize>) {
    let mut drain = engine.drain();
    // The demo's clock stands until the database has told where the tape ended; live sources need not wait.
    let _ = tokio::time::timeout(RESUME_PATIENCE, drain.wait_for(|s| s.warmed)).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    for (source, outcome) in engine.look_once(histories).await {
        match outcome {
            Ok(note) => tracing::info!(%source, %note, "looked once"),
            Err(reason) => tracing::warn!(%source, %reason, "looked once"),
        }
    }
    if !engine.flushed(ONCE_PATIENCE).await {
        tracing::warn!("the database did not take everything in time; the rest waits in the spool");
    }
}

/// Show the screen until somebody leaves; returns the signal that ended it, if one did.
async fn screen(
    session: &Session,
    context: &Context,
    world: &World,
    engine: &Engine,
    color: ColorWhen,
) -> Result<Option<Exit>, CliError> {
    let shutdown = CancellationToken::new();
    if let Some(lasting) = session.lasting {
        let shutdown = shutdown.clone();
        tokio::spawn(async move {
            tokio::time::sleep(lasting).await;
            shutdown.cancel();
        });
    }
    #[cfg(debug_assertions)]
    panic_if_asked();
    let shown = Shown {
        snapshots: engine.snapshots(),
        commands: engine.commands(),
        events: engine.events(),
        clock: world.clock.clone(),
        memory: match world.mode {
            Mode::Demo { .. } => "screen-demo.toml",
            _ => "screen.toml",
        },
        fresh: session.fresh_screen,
        replay: None,
        shutdown,
    };
    super::screen::open(context, color, shown).await
}

/// The screen promises to give the terminal back after a panic, and no input is known that causes one: the test of that
/// promise asks for it, of debug builds only, a moment after the screen has opened.
#[cfg(debug_assertions)]
fn panic_if_asked() {
    const ASKED_BY: &str = "LINETAPE_TEST_PANIC";
    if std::env::var_os(ASKED_BY).is_some() {
        tokio::spawn(async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            #[expect(clippy::panic, reason = "somebody asked for it by name")]
            {
                panic!("{ASKED_BY} is set");
            }
        });
    }
}
