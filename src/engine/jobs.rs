//! Daily jobs: what is due when, who does it, and what was missed.
//!
//! Postgres says who does a run ([`store::jobs::claim`]), so nothing is done while it is away: a run that falls due
//! then waits for it until the next one is due. The next run of every job is noted there too, which is how a start
//! knows what nobody made since the last.

pub mod judge;
pub mod timetable;
pub mod work;

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde_json::Value;
use sqlx::PgPool;
use tokio::sync::{broadcast, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use self::judge::{Patience, due_times, judge};
use self::work::{Because, Say, Work};
use super::event::{Event, Severity};
use crate::config::settings;
use crate::domain::clean::clean;
use crate::domain::job::Job;
use crate::domain::schedule::Schedule;
use crate::store;
use crate::store::jobs::Due;

/// So much later than due is in time, in real time: another linetape was just about to.
const GRACE: TimeDelta = TimeDelta::minutes(1);
/// Longest sleep in real time: a machine that was suspended wakes with its timers where they were.
const LONGEST_SLEEP: Duration = Duration::from_secs(30);
/// Shortest, so that what fails is not tried without end.
const SHORTEST_SLEEP: Duration = Duration::from_millis(100);
/// Wait after Postgres failed in the middle.
const AFTER_FAILURE: Duration = Duration::from_secs(2);
/// Wait between looks whether Postgres is back, and how long it may be away unnoticed: it may just be starting.
const AWAY: Duration = Duration::from_secs(5);
const UNNOTICED: TimeDelta = TimeDelta::seconds(5);
/// Signs of life of a run.
const BEAT: Duration = Duration::from_secs(15);
/// A run may take until the next is due, and so long at least, in real time.
const SHORTEST_RUN: Duration = Duration::from_mins(1);
/// How long the last word on a run may take at shutdown.
const LAST_WORD: Duration = Duration::from_millis(700);

/// Does what is due, until it is stopped.
#[derive(Debug)]
pub struct Jobs {
    /// Schedules.
    pub settings: settings::Jobs,
    /// Their zone.
    pub zone: Tz,
    /// What the jobs work with.
    pub work: Work,
    /// Whether somebody paused polling.
    pub paused: watch::Receiver<bool>,
    /// Notices.
    pub events: broadcast::Sender<Event>,
}

/// A job with a schedule.
#[derive(Debug)]
struct Plan {
    job: Job,
    schedule: Schedule,
    /// The next run, or the oldest that is not judged yet.
    next: DateTime<Utc>,
    /// Whether what the last start left was looked up.
    looked_back: bool,
    /// It fell due and Postgres was away.
    held: bool,
    /// That was told.
    told: bool,
}

impl Jobs {
    /// Run until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        let holder = Uuid::now_v7();
        let clock = self.work.clock.clone();
        tokio::select! {
            () = clock.sleep(Duration::ZERO) => {}
            () = stop.cancelled() => return,
        }
        let mut plans = self.plans();
        let mut drain = self.work.drain.clone();
        let mut runs = JoinSet::new();
        let mut going: Vec<Job> = Vec::new();
        let mut forgotten = false;
        loop {
            let mut longest = LONGEST_SLEEP;
            let pool = drain.borrow_and_update().pool.clone();
            if let Some(pool) = &pool {
                let done = self
                    .look(
                        pool,
                        &mut plans,
                        &mut forgotten,
                        holder,
                        &mut runs,
                        &mut going,
                        &stop,
                    )
                    .await;
                if let Err(error) = done {
                    tracing::debug!(%error, "the jobs could not be looked after; tried again");
                    longest = AFTER_FAILURE;
                }
            } else {
                self.hold(&mut plans);
            }
            let next = plans.iter().map(|p| p.next).min();
            let wait = next.map_or(LONGEST_SLEEP, |next| {
                clock.real((next - clock.now()).to_std().unwrap_or_default())
            });
            let wait = if pool.is_some() { wait } else { AWAY };
            let here = pool.is_some();
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                Some(ended) = runs.join_next(), if !runs.is_empty() => {
                    if let Ok(job) = ended {
                        going.retain(|g| *g != job);
                    }
                }
                changed = drain.wait_for(|s| s.pool.is_some() != here) => {
                    if changed.is_err() {
                        break;
                    }
                }
                () = tokio::time::sleep(wait.clamp(SHORTEST_SLEEP, longest)) => {}
            }
        }
        // Each says a last word by itself.
        while runs.join_next().await.is_some() {}
    }

    fn plans(&self) -> Vec<Plan> {
        // What fell due before now is known from the table alone.
        let from = self.work.clock.now();
        let jobs = Job::ALL.iter().filter(|job| job.comes_with().is_none());
        jobs.filter_map(|job| {
            let schedule = self.settings.schedule(*job)?.clone();
            Some(Plan {
                job: *job,
                next: schedule.next_due(self.zone, from)?,
                schedule,
                looked_back: false,
                held: false,
                told: false,
            })
        })
        .collect()
    }

    /// A span of real time in the engine's.
    fn of_real(&self, span: TimeDelta) -> TimeDelta {
        span * i32::try_from(self.work.clock.speed()).unwrap_or(1)
    }

    /// What is due waits for Postgres; said once a run.
    fn hold(&self, plans: &mut [Plan]) {
        let now = self.work.clock.now();
        let unnoticed = self.of_real(UNNOTICED);
        for plan in plans.iter_mut().filter(|p| p.next <= now) {
            plan.held = true;
            if plan.told || now - plan.next < unnoticed {
                continue;
            }
            plan.told = true;
            self.tell(
                Severity::Warning,
                format!(
                    "{} is due and PostgreSQL does not answer; it runs when it is back, until the next is due",
                    plan.job
                ),
            );
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the loop's own state")]
    async fn look(
        &self,
        pool: &PgPool,
        plans: &mut [Plan],
        forgotten: &mut bool,
        holder: Uuid,
        runs: &mut JoinSet<Job>,
        going: &mut Vec<Job>,
        stop: &CancellationToken,
    ) -> Result<(), sqlx::Error> {
        for (job, due) in store::jobs::bury(pool).await? {
            let due = self.shown(due);
            self.tell(
                Severity::Warning,
                format!("{job} of {due} was begun by a linetape that ended before it was done"),
            );
        }
        if !*forgotten {
            for job in Job::ALL {
                if plans.iter().all(|p| p.job != *job) {
                    store::jobs::unplan(pool, *job).await?;
                }
            }
            *forgotten = true;
        }
        for plan in plans {
            if let Some(due) = self.turn(pool, plan, holder, going).await? {
                let run = Run {
                    work: self.work.clone(),
                    due,
                    holder,
                };
                let until = plan.next;
                let (events, stop) = (self.events.clone(), stop.clone());
                going.push(due.job);
                runs.spawn(async move { run.see_through(until, &events, stop).await });
            }
        }
        Ok(())
    }

    /// Judge what is due of one job; returns the run that is ours to do.
    async fn turn(
        &self,
        pool: &PgPool,
        plan: &mut Plan,
        holder: Uuid,
        going: &[Job],
    ) -> Result<Option<Due>, sqlx::Error> {
        let job = plan.job;
        let now = self.work.clock.now();
        if !plan.looked_back {
            let left = store::jobs::oldest_waiting(pool, job).await?;
            plan.next = left.map_or(plan.next, |left| left.min(plan.next));
            if plan.next > now {
                store::jobs::plan(pool, Due { job, at: plan.next }, now).await?;
            }
            plan.looked_back = true;
        }
        if plan.next > now {
            return Ok(None);
        }
        let due = due_times(&plan.schedule, self.zone, plan.next, now);
        let patience = Patience {
            grace: self.of_real(GRACE),
            held: plan.held,
            catch_up: self.settings.catch_up.contains(&job),
        };
        let mut judged = judge(&due, now, patience);
        let Some(next) = plan.schedule.next_due(self.zone, now) else {
            return Ok(None);
        };
        store::jobs::plan(pool, Due { job, at: next }, now).await?;
        let missed = store::jobs::miss(
            pool,
            job,
            &judged.missed,
            "nobody was there: no linetape ran, or PostgreSQL was away",
        )
        .await?;
        self.tell_missed(job, &missed, judged.run.filter(|_| !missed.is_empty()));
        if let Some(at) = judged.run {
            let hindrance = if job.asks_feeds() && *self.paused.borrow() {
                Some("polling was paused")
            } else if going.contains(&job) {
                Some("the run before it was still going")
            } else {
                None
            };
            if let Some(why) = hindrance {
                if !store::jobs::miss(pool, job, &[at], why).await?.is_empty() {
                    tracing::info!(%job, "not run: {why}");
                }
                judged.run = None;
            }
        }
        let ours = match judged.run {
            Some(at) if store::jobs::claim(pool, Due { job, at }, holder, now, false).await? => {
                Some(Due { job, at })
            }
            _ => None,
        };
        (plan.next, plan.held, plan.told) = (next, false, false);
        Ok(ours)
    }

    fn tell_missed(&self, job: Job, missed: &[DateTime<Utc>], made_up: Option<DateTime<Utc>>) {
        let Some(newest) = missed.iter().max() else {
            return;
        };
        let runs = if missed.len() == 1 { "run" } else { "runs" };
        let next = match made_up {
            Some(at) if at == *newest => "; the newest is made up now".to_owned(),
            _ => format!("; `linetape jobs run {job}` does it now"),
        };
        self.tell(
            Severity::Warning,
            format!(
                "{job} missed {} {runs}, the newest of {}{next}",
                missed.len(),
                self.shown(*newest)
            ),
        );
    }

    fn shown(&self, at: DateTime<Utc>) -> String {
        let local = at.with_timezone(&self.zone);
        local.format("%Y-%m-%d %H:%M %Z").to_string()
    }

    fn tell(&self, severity: Severity, message: String) {
        tell(&self.events, severity, message);
    }
}

fn tell(events: &broadcast::Sender<Event>, severity: Severity, message: String) {
    if severity == Severity::Error {
        tracing::error!("{message}");
    } else {
        tracing::warn!("{message}");
    }
    // Nobody listening is no failure: headless runs read the log.
    let _ = events.send(Event::Notice { severity, message });
}

/// One run that is ours.
struct Run {
    work: Work,
    due: Due,
    holder: Uuid,
}

impl Run {
    async fn see_through(
        self,
        until: DateTime<Utc>,
        events: &broadcast::Sender<Event>,
        stop: CancellationToken,
    ) -> Job {
        let job = self.due.job;
        let say = |step: String| tracing::debug!(%job, "{step}");
        let left = (until - self.work.clock.now()).to_std().unwrap_or_default();
        let limit = self.work.clock.real(left).max(SHORTEST_RUN);
        let (outcome, stopped) = tokio::select! {
            outcome = self.alive(Because::Due, &say) => (outcome, false),
            () = tokio::time::sleep(limit) => {
                (Err("it was not done when the next run was due; it was given up".to_owned()), false)
            }
            () = stop.cancelled() => (Err("linetape was stopped before it was done".to_owned()), true),
        };
        self.work.steps.over(job);
        match &outcome {
            Ok(result) => tracing::info!(%job, "{}", said(result)),
            Err(reason) if !stopped => {
                tell(events, Severity::Error, format!("{job} failed: {reason}"));
            }
            Err(reason) => tracing::info!(%job, "{reason}"),
        }
        if stopped {
            let _ = tokio::time::timeout(LAST_WORD, self.finish(&outcome)).await;
            return job;
        }
        // Postgres may be away just now, and the outcome is to be kept all the same.
        loop {
            if self.finish(&outcome).await {
                return job;
            }
            tokio::select! {
                () = tokio::time::sleep(AFTER_FAILURE) => {}
                () = stop.cancelled() => return job,
            }
        }
    }

    /// The work, with signs of life beside it.
    async fn alive(&self, because: Because, say: Say<'_>) -> Result<Value, String> {
        let (job, steps) = (self.due.job, &self.work.steps);
        steps.tell(job, "it begins");
        let told = |step: String| {
            steps.tell(job, &step);
            say(step);
        };
        let work = self.work.run(job, because, &told);
        tokio::pin!(work);
        let mut beats = tokio::time::interval(BEAT);
        beats.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                outcome = &mut work => return outcome.map_err(|reason| clean(&reason, 600)),
                _ = beats.tick() => {
                    let pool = self.work.drain.borrow().pool.clone();
                    if let Some(pool) = pool
                        && let Err(error) = store::jobs::beat(&pool, self.due, self.holder).await
                    {
                        tracing::debug!(%error, "a job's sign of life was not written");
                    }
                }
            }
        }
    }

    async fn finish(&self, outcome: &Result<Value, String>) -> bool {
        let pool = self.work.drain.borrow().pool.clone();
        let Some(pool) = pool else { return false };
        let now = self.work.clock.now();
        let noted = store::jobs::finish(&pool, self.due, self.holder, now, outcome).await;
        noted
            .inspect_err(|error| tracing::debug!(%error, "a job's outcome was not written yet"))
            .is_ok()
    }
}

/// Do `job` now because somebody asked, and record it; given up when `stop` says so. The database must be up.
pub async fn by_hand(
    work: &Work,
    job: Job,
    say: Say<'_>,
    stop: &CancellationToken,
) -> Result<Value, String> {
    if job.comes_with().is_some() {
        return work.run(job, Because::Asked, say).await;
    }
    let sentence = |error: sqlx::Error| clean(&error.to_string(), 300);
    let pool = work.drain.borrow().pool.clone();
    let pool = pool.ok_or("PostgreSQL does not answer; try again when it does")?;
    let run = Run {
        work: work.clone(),
        due: Due {
            job,
            at: work.clock.now(),
        },
        holder: Uuid::now_v7(),
    };
    let now = run.due.at;
    let claimed = store::jobs::claim(&pool, run.due, run.holder, now, true).await;
    if !claimed.map_err(sentence)? {
        return Err(format!("{job} runs already; see `linetape jobs list`"));
    }
    let outcome = tokio::select! {
        outcome = run.alive(Because::Asked, say) => outcome,
        () = stop.cancelled() => Err("it was stopped before it was done".to_owned()),
    };
    work.steps.over(job);
    if !run.finish(&outcome).await {
        say(format!(
            "{job} is done, and that could not be recorded: PostgreSQL does not answer"
        ));
    }
    outcome
}

/// The sentence of a result.
pub fn said(result: &Value) -> &str {
    result
        .get("said")
        .and_then(Value::as_str)
        .unwrap_or_default()
}
