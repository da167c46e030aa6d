//! A year of virtual time through the scheduler: real collector, agenda, pace, purse and ledger on a clock that is put
//! forward to the next waking, against a feed that counts its credits and fails at set times.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, Datelike, Days, NaiveDate, TimeDelta, TimeZone, Timelike, Utc};
use chrono_tz::US::Eastern;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use linetape::cache::Cache;
use linetape::config::settings::{Settings, Sources};
use linetape::domain::job::Job;
use linetape::domain::league::League;
use linetape::domain::source::{Source, Stream};
use linetape::domain::time::slate_date;
use linetape::engine::clock::Clock;
use linetape::engine::hub::Hub;
use linetape::engine::hub::task::{self, LogFeed};
use linetape::engine::intake::Intake;
use linetape::engine::pipeline::drain::DrainState;
use linetape::engine::reference::Reference;
use linetape::engine::scheduler::Collector;
use linetape::engine::snapshot::Mode;
use linetape::sources::plan;
use linetape::sources::{Fetch, FetchError, Quota, Request, Response};
use linetape::spool::Spool;
use linetape::store::pool;
use serde_json::json;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::postgres::test_database;
use super::tables::prepare;

/// Credits that the feed grants on the first of a month.
const GRANT: u64 = 500;
/// Credits that the settings keep.
const KEPT: u64 = 20;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// How the feed fails.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Trouble {
    Unreachable,
    Asleep,
    Broken,
}

/// When it does.
fn trouble(now: DateTime<Utc>) -> Option<(Trouble, DateTime<Utc>)> {
    let all = [
        // Two days, and the night of either change of the clocks.
        (
            "2025-05-10T12:00:00Z",
            "2025-05-12T12:00:00Z",
            Trouble::Unreachable,
        ),
        (
            "2025-03-09T05:00:00Z",
            "2025-03-09T09:00:00Z",
            Trouble::Unreachable,
        ),
        (
            "2025-11-02T04:00:00Z",
            "2025-11-02T08:00:00Z",
            Trouble::Broken,
        ),
        (
            "2025-07-04T15:00:00Z",
            "2025-07-04T18:00:00Z",
            Trouble::Asleep,
        ),
        (
            "2025-08-01T00:00:00Z",
            "2025-08-01T06:00:00Z",
            Trouble::Broken,
        ),
    ];
    let mut all = all
        .into_iter()
        .map(|(from, to, how)| (at(from), at(to), how));
    all.find(|(from, to, _)| *from <= now && now < *to)
        .map(|(_, to, how)| (how, to))
}

/// When Postgres is away, and the ledger of credits with it: once over the night in which credits are granted.
fn without_postgres(now: DateTime<Utc>) -> bool {
    let all = [
        ("2025-06-03T17:00:00Z", "2025-06-03T18:30:00Z"),
        ("2025-09-30T23:00:00Z", "2025-10-01T00:30:00Z"),
    ];
    all.iter().any(|(from, to)| at(from) <= now && now < at(to))
}

/// The starts of a league on a day of the Eastern calendar, which keep their hour over the changes of the clocks.
fn starts(league: League, date: NaiveDate) -> Vec<DateTime<Utc>> {
    let month = date.month();
    let hours: &[(u32, u32)] = match league {
        League::Mlb if (4..=9).contains(&month) => &[(13, 5), (19, 5), (22, 10)],
        League::Nhl if !(5..=9).contains(&month) => &[(19, 0), (22, 0)],
        _ => &[],
    };
    hours
        .iter()
        .map(|(hour, minute)| {
            let local = date.and_hms_opt(*hour, *minute, 0).unwrap();
            Eastern.from_local_datetime(&local).unwrap().to_utc()
        })
        .collect()
}

/// A request as the feed saw it.
#[derive(Debug, Clone)]
struct Asked {
    at: DateTime<Utc>,
    stream: Stream,
    league: Option<League>,
    answered: bool,
}

/// A feed that charges.
struct Feed {
    clock: Clock,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    month: u32,
    left: u64,
    spent: BTreeMap<(i32, u32), u64>,
    asked: Vec<Asked>,
}

impl Feed {
    fn body(request: &Request, now: DateTime<Utc>) -> Vec<u8> {
        let league = request.identity.league;
        let days = |days: u64| {
            let first = slate_date(now) - TimeDelta::days(1);
            (0..days).filter_map(move |n| first.checked_add_days(Days::new(n)))
        };
        let game = |start: &DateTime<Utc>| {
            let (home, away, key) = match league {
                Some(League::Mlb) => ("Baltimore Orioles", "Miami Marlins", "baseball_mlb"),
                _ => ("Boston Bruins", "Toronto Maple Leafs", "icehockey_nhl"),
            };
            let id = format!("{key}{}", start.timestamp());
            json!({"id": id, "sport_key": key, "commence_time": start, "home_team": home, "away_team": away,
                "completed": now - *start > TimeDelta::hours(3), "scores": null, "bookmakers": [{"key": "draftkings",
                "title": "DraftKings", "last_update": now, "markets": [{"key": "h2h", "last_update": now, "outcomes":
                [{"name": home, "price": -120}, {"name": away, "price": 100 + now.hour_of_day()}]}]}]})
        };
        let body = match (request.identity.stream, league) {
            (Stream::OddsApiSports, _) => {
                json!([{"key": "baseball_mlb", "group": "Baseball", "title": "MLB",
                "description": "", "active": true, "has_outrights": false}])
            }
            (_, Some(league)) => {
                let games = days(3).flat_map(|date| starts(league, date));
                let past = request.identity.stream == Stream::OddsApiScores;
                let games = games.filter(|start| past || *start > now);
                json!(games.map(|start| game(&start)).collect::<Vec<_>>())
            }
            _ => json!([]),
        };
        body.to_string().into_bytes()
    }
}

/// The hour, as a price that moves.
trait HourOfDay {
    fn hour_of_day(&self) -> i64;
}

impl HourOfDay for DateTime<Utc> {
    fn hour_of_day(&self) -> i64 {
        self.timestamp() / 3_600 % 24
    }
}

impl Fetch for Feed {
    fn get<'a>(&'a self, request: &'a Request) -> BoxFuture<'a, Result<Response, FetchError>> {
        let now = self.clock.now();
        let cost = plan::credits(request);
        let mut state = self.state.lock().unwrap();
        if state.month != now.month() {
            (state.month, state.left) = (now.month(), GRANT);
        }
        let failing = trouble(now);
        state.asked.push(Asked {
            at: now,
            stream: request.identity.stream,
            league: request.identity.league,
            answered: failing.is_none(),
        });
        let host = "odds.test".to_owned();
        let answer = match failing {
            Some((Trouble::Unreachable, _)) => Err(FetchError::Connect {
                host,
                reason: "no route".into(),
            }),
            Some((Trouble::Asleep, until)) => Err(FetchError::TooMany {
                host,
                retry_after: (until - now).to_std().unwrap(),
            }),
            Some((Trouble::Broken, _)) => Err(FetchError::Status {
                host,
                status: 500,
                retry_after: None,
            }),
            None => {
                assert!(
                    state.left >= KEPT + cost,
                    "{} credits are left at {now}, {KEPT} are kept, and {cost} are asked for",
                    state.left
                );
                state.left -= cost;
                *state.spent.entry((now.year(), now.month())).or_default() += cost;
                Ok(Response {
                    status: 200,
                    body: Self::body(request, now).into(),
                    elapsed: Duration::from_millis(1),
                    quota: Quota {
                        remaining: Some(state.left),
                        used: Some(GRANT - state.left),
                        last: Some(cost),
                    },
                })
            }
        };
        async move { answer }.boxed()
    }
}

/// Free tier, and two leagues of which a look costs six credits each: in April, when both play every day, two looks of the
/// day's two and a half are spoken for.
fn settings() -> Sources {
    let mut settings = Settings::default().sources;
    settings.odds_api.key = Some("key".into());
    settings.odds_api.every = Duration::from_mins(45);
    settings.odds_api.regions = vec!["us".into(), "us2".into()];
    settings.odds_api.games_every = Duration::from_hours(24);
    settings.odds_api.scores_every = Duration::from_hours(12);
    assert_eq!(u64::from(settings.odds_api.keep_credits), KEPT);
    settings
}

const LEAGUES: [League; 2] = [League::Mlb, League::Nhl];

#[tokio::test]
async fn a_year_through_the_scheduler_keeps_budget_slates_and_manners() {
    let (from, to) = (at("2025-02-10T00:00:00Z"), at("2026-02-10T00:00:00Z"));
    let database = test_database().await;
    let reference = Arc::new(Reference::builtin().unwrap());
    prepare(&database.pool, &reference).await;
    // Thousands of small commits, and no power cut among the troubles.
    let options = database.embedded().connect_options(&database.name);
    let options = options.options([("synchronous_commit", "off")]);
    let pool = pool::open(options, &Settings::default().database)
        .await
        .unwrap();
    let clock = Clock::stepped(from);
    let feed = Arc::new(Feed {
        clock: clock.clone(),
        state: Mutex::default(),
    });
    let stop = CancellationToken::new();
    let memory = std::path::Path::new("/dev/shm");
    let folder = if memory.is_dir() {
        tempfile::tempdir_in(memory)
    } else {
        tempfile::tempdir()
    };
    let folder = folder.unwrap();
    let mut spooling = Settings::default().spool;
    spooling.commit_delay = Duration::ZERO;
    spooling.min_free_bytes = 0;
    let spool = Spool::open(folder.path(), "year", &spooling).unwrap();
    let drain = watch::Sender::new(DrainState {
        pool: Some(pool.clone()),
        ..DrainState::default()
    });
    let paused = watch::Sender::new(false);
    // A process: what it remembers ends with it.
    let start = || {
        let (lines, logs) = mpsc::channel(1);
        drop(lines);
        let logs = LogFeed {
            lines: logs,
            dropped: Arc::new(AtomicU64::new(0)),
        };
        let ends = stop.child_token();
        let hub = Hub::new(Arc::clone(&reference), Mode::Live, clock.now());
        let (hub, snapshots, _) = task::spawn(hub, clock.clone(), logs, ends.clone());
        // What moves the pace is the feed alone: the same year each time.
        let still = watch::Sender::new(Arc::clone(&snapshots.borrow()));
        let collector = Collector {
            source: Source::OddsApi,
            settings: Arc::new(settings()),
            leagues: LEAGUES.to_vec(),
            days: 1,
            fetch: Arc::clone(&feed) as Arc<dyn Fetch>,
            intake: Intake::new(spool.clone(), hub.clone(), clock.clone()),
            cache: Cache::new(&Settings::default().cache),
            drain: drain.subscribe(),
            hub: hub.clone(),
            clock: clock.clone(),
            snapshots: still.subscribe(),
            paused: paused.subscribe(),
            on_request_only: false,
        };
        let (wish, wishes) = mpsc::channel(1);
        (
            (wish, ends.clone()),
            tokio::spawn(collector.run(wishes, ends)),
        )
    };
    let mut running = start();
    let mut restarts = 1;
    let mut awake = 0;
    while let Some(now) = clock.step(1).await {
        awake += 1;
        if now >= to {
            break;
        }
        let away = without_postgres(now);
        if drain.borrow().pool.is_none() != away {
            drain.send_modify(|state| {
                state.pool = (!away).then(|| pool.clone());
                state.unusable = away.then(|| "stopped by the test".to_owned());
            });
        }
        if awake % 400 == 0 {
            // What the drain would write goes.
            let waiting = spool.peek(None, 1_000, 64 << 20).await.unwrap();
            spool
                .acknowledge(waiting.iter().map(|s| s.seq).collect())
                .await
                .unwrap();
        }
        if now >= from + TimeDelta::days(25) * restarts {
            // Killed in the middle: what it held of the credits is not given back.
            restarts += 1;
            running.1.abort();
            let _ = running.1.await;
            running.0.1.cancel();
            running = start();
        }
    }
    stop.cancel();
    eprintln!("{awake} wakings");
    let state = feed.state.lock().unwrap();
    check_budget(&state);
    check_slates(&state, from, to);
    check_manners(&state);
}

/// No month costs more than was granted, and the credits are used, not hoarded.
fn check_budget(state: &State) {
    assert!(state.spent.len() >= 12, "{:?}", state.spent);
    for (month, spent) in &state.spent {
        assert!(*spent <= GRANT - KEPT, "{spent} credits in {month:?}");
        let whole = !matches!(month, (2025 | 2026, 2));
        assert!(!whole || *spent > 300, "only {spent} credits in {month:?}");
    }
}

/// Every day on which a league plays has a look at its prices before its last start.
fn check_slates(state: &State, from: DateTime<Utc>, to: DateTime<Utc>) {
    let mut missed = Vec::new();
    let mut slates = 0;
    let days = from.date_naive().iter_days().skip(1);
    for date in days.take_while(|date| *date < to.date_naive() - TimeDelta::days(1)) {
        for league in LEAGUES {
            let Some(last) = starts(league, date).into_iter().max() else {
                continue;
            };
            slates += 1;
            let looked = state.asked.iter().any(|asked| {
                asked.answered
                    && asked.stream == Stream::OddsApiOdds
                    && asked.league == Some(league)
                    && slate_date(asked.at) == date
                    && asked.at < last
            });
            if !looked {
                missed.push((date, league));
            }
        }
    }
    eprintln!("{slates} slates, missed {missed:?}; {:?}", state.spent);
    // While the feed cannot be reached for a whole slate, nobody can look.
    let out: BTreeSet<_> = ["2025-05-10", "2025-05-11"]
        .map(|date| (date.parse().unwrap(), League::Mlb))
        .into();
    missed.retain(|slate| !out.contains(slate));
    assert_eq!(missed, [], "of {slates} slates");
}

/// The jobs of the same year: each at its hour by the wall clock, once a day, on the days of 23 and 25 hours too.
#[test]
fn a_year_of_jobs_keeps_its_hours() {
    let settings = Settings::default();
    let zone = settings.jobs_zone();
    let (from, to) = (at("2025-02-10T05:00:00Z"), at("2026-02-10T05:00:00Z"));
    for (job, hour) in [
        (Job::UpdateGames, 3),
        (Job::GradeSignals, 4),
        (Job::WarmCache, 8),
    ] {
        let schedule = settings.jobs.schedule(job).unwrap();
        let mut expected = from.with_timezone(&zone).date_naive();
        let mut now = from;
        while let Some(due) = schedule.next_due(zone, now).filter(|due| *due < to) {
            let wall = due.with_timezone(&zone);
            assert_eq!((wall.date_naive(), wall.hour()), (expected, hour), "{job}");
            expected = expected.succ_opt().unwrap();
            now = due;
        }
        assert_eq!(expected, to.with_timezone(&zone).date_naive(), "{job}");
    }
}

/// A feed that fails is asked less and less, and one that asks for a rest is left alone.
fn check_manners(state: &State) {
    let between = |from: &str, to: &str| {
        let (from, to) = (at(from), at(to));
        let asked = state.asked.iter().map(|asked| asked.at);
        asked
            .filter(|at| from <= *at && *at < to)
            .collect::<Vec<_>>()
    };
    let out = between("2025-05-10T12:00:00Z", "2025-05-12T12:00:00Z");
    assert!(out.len() > 40, "it goes on trying: {}", out.len());
    assert!(out.len() <= 48 * 7, "{} requests in two days", out.len());
    let gaps: Vec<i64> = out
        .windows(2)
        .map(|pair| (pair[1] - pair[0]).num_minutes())
        .collect();
    let close = gaps.iter().filter(|gap| **gap < 9).count();
    assert!(close <= 4, "{gaps:?}");
    assert_eq!(
        between("2025-07-04T15:00:00Z", "2025-07-04T18:00:00Z").len(),
        1
    );
}
