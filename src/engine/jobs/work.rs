//! What each job does.

use std::sync::Arc;

use chrono::{Days, NaiveDate};
use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;

use crate::cache::Cache;
use crate::config::settings::Sources;
use crate::domain::clean::clean;
use crate::domain::job::Job;
use crate::domain::league::League;
use crate::domain::source::Source;
use crate::domain::time::slate_date;
use crate::engine::clock::Clock;
use crate::engine::intake::Intake;
use crate::engine::jobs::timetable::Steps;
use crate::engine::pipeline::drain::DrainState;
use crate::engine::reference::Reference;
use crate::engine::scheduler::LookNow;
use crate::engine::signals::Judge;
use crate::engine::signals::grade::grade;
use crate::engine::snapshot::{Snapshot, SourceHealth};
use crate::engine::warm;
use crate::sources::{Fetch, Request, plan};
use crate::store;

/// Feeds that tell of past days and cost nothing but requests, the best first.
const RESULTS: [Source; 4] = [
    Source::Espn,
    Source::MlbStats,
    Source::Goalserve,
    Source::Sbr,
];
/// Asked where none of those brought a day.
const LAST_RESORT: Source = Source::ActionNetwork;
/// Feeds without prices.
const NO_PRICES: [Source; 2] = [Source::MlbStats, Source::Vsin];

/// Who hears of each step.
pub type Say<'a> = &'a (dyn Fn(String) + Send + Sync);

/// Why a job is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Because {
    /// It is due.
    Due,
    /// Somebody asked.
    Asked,
}

/// What the jobs work with.
#[derive(Clone)]
pub struct Work {
    /// The sources' ears.
    pub looks: Vec<(Source, mpsc::Sender<LookNow>)>,
    /// Settings of the sources.
    pub settings: Arc<Sources>,
    /// Leagues to follow.
    pub leagues: Vec<League>,
    /// How bytes are got.
    pub fetch: Arc<dyn Fetch>,
    /// The way in.
    pub intake: Intake,
    /// Where the drain stands.
    pub drain: watch::Receiver<DrainState>,
    /// The cache.
    pub cache: Cache,
    /// The engine's clock.
    pub clock: Clock,
    /// What is known.
    pub snapshots: watch::Receiver<Arc<Snapshot>>,
    /// Books and teams.
    pub reference: Arc<Reference>,
    /// What is done just now, told as it goes.
    pub steps: Steps,
}

impl std::fmt::Debug for Work {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Work").finish_non_exhaustive()
    }
}

impl Work {
    /// Do `job`. The result is `said`, a sentence, with its counts; the error is a sentence with a next step.
    pub async fn run(&self, job: Job, because: Because, say: Say<'_>) -> Result<Value, String> {
        if let Some(with) = job.comes_with() {
            return Err(format!(
                "{job} comes with the {with}; there is nothing to do yet"
            ));
        }
        match job {
            Job::UpdateGames => self.update_games(say).await,
            Job::UpdateOdds => self.update_odds(because, say).await,
            Job::GradeSignals => self.grade_signals().await,
            _ => self.warm_cache().await,
        }
    }

    /// Signals of games that are over, at the price of their moment and against the close.
    async fn grade_signals(&self) -> Result<Value, String> {
        let pool = self.drain.borrow().pool.clone();
        let pool = pool.ok_or_else(|| {
            "the database does not answer; it is tried again at its next time".to_owned()
        })?;
        let judge = Judge::new(Arc::clone(&self.reference));
        let graded = grade(&pool, &judge)
            .await
            .map_err(|error| clean(&error.to_string(), 300))?;
        let bets = super::super::mybets::settle(&pool, &judge)
            .await
            .map_err(|error| clean(&error.to_string(), 300))?;
        let mut connection = pool
            .acquire()
            .await
            .map_err(|error| clean(&error.to_string(), 300))?;
        let tracked = store::recommendations::track(&mut connection)
            .await
            .map_err(|error| clean(&error.to_string(), 300))?;
        let mut said = format!(
            "{} signals of {} games graded, {} of them with a close",
            graded.signals, graded.games, graded.closed
        );
        if bets.ended > 0 {
            said = format!("{said}; {} own bets settled", bets.ended);
        }
        let without: usize = graded.without.values().sum();
        if without > 0 {
            let reasons = graded.without.iter();
            let reasons = reasons.map(|(why, count)| format!("{count} because {why}"));
            let reasons = reasons.collect::<Vec<_>>().join(", ");
            said = format!("{said}; {without} on parts of games not: {reasons}");
        }
        Ok(json!({
            "ungraded_parts": without, "said": said, "games": graded.games, "signals": graded.signals, "with_close": graded.closed,
            "recommendations_tracked": tracked, "bets_settled": bets.ended,
        }))
    }

    /// Yesterday's slate and today's, from whoever tells of results.
    async fn update_games(&self, say: Say<'_>) -> Result<Value, String> {
        let today = slate_date(self.clock.now());
        let yesterday = today.checked_sub_days(Days::new(1)).unwrap_or(today);
        let (mut last, mut errors, mut days) = (None, Vec::new(), 0);
        for league in &self.leagues {
            for day in [yesterday, today] {
                match self.day(*league, day, day < today).await {
                    Ok((source, seq)) => {
                        say(format!("{league} {day}: {source} answered"));
                        (last, days) = (last.max(Some(seq)), days + 1);
                    }
                    Err(reason) => {
                        let error = format!("{league} {day}: {reason}");
                        say(error.clone());
                        errors.push(error);
                    }
                }
            }
        }
        let Some(last) = last else {
            return Err(errors.join("; "));
        };
        let pool = self.committed(last).await?;
        let count = |day| store::jobs::results(&pool, &self.leagues, day, day);
        let sentence = |e: sqlx::Error| clean(&e.to_string(), 300);
        let (games, over) = count(yesterday).await.map_err(sentence)?;
        let (games_today, over_today) = count(today).await.map_err(sentence)?;
        let mut said = format!(
            "{over} results of {games} games of {yesterday}, {over_today} of {games_today} of {today}"
        );
        if !errors.is_empty() {
            said = format!(
                "{said}; {} did not come: {}",
                errors.len(),
                errors.join("; ")
            );
        }
        Ok(json!({
            "said": clean(&said, 600), "results": over, "games": games, "results_today": over_today,
            "games_today": games_today, "days_asked": days, "days_failed": errors.len(),
        }))
    }

    /// One slate of one league: who brought it, and the last number in the spool.
    async fn day(
        &self,
        league: League,
        day: NaiveDate,
        past: bool,
    ) -> Result<(Source, u64), String> {
        let (mut last, mut brought, mut reasons) = (0, None, Vec::new());
        let configured = |source: &Source| self.looks.iter().any(|(s, _)| s == source);
        for source in RESULTS.into_iter().chain([LAST_RESORT]) {
            if !configured(&source) || (source == LAST_RESORT && brought.is_some()) {
                continue;
            }
            let requests = match plan::past_day(source, &self.settings, league, day) {
                Ok(requests) if !requests.is_empty() => requests,
                // Another league's feed, or one without a key: not asked.
                Ok(_) | Err(_) => continue,
            };
            match self.ask(&requests, past).await {
                Ok(seq) => (last, brought) = (seq, brought.or(Some(source))),
                Err(reason) => reasons.push(format!("{source}: {reason}")),
            }
        }
        match brought {
            Some(source) => Ok((source, last)),
            None if reasons.is_empty() => Err(format!(
                "no feed in collect.sources tells of past days; add {LAST_RESORT} or {}",
                RESULTS.map(Source::as_str).join(", ")
            )),
            None => Err(clean(&reasons.join("; "), 300)),
        }
    }

    async fn ask(&self, requests: &[Request], past: bool) -> Result<u64, String> {
        let mut last = 0;
        for request in requests {
            self.intake.room()?;
            let answer = self.fetch.get(request).await;
            let taken = self
                .intake
                .take(request.identity.clone(), answer.as_ref(), past)
                .await
                .map_err(|e| e.to_string())?;
            answer.map_err(|e| e.to_string())?;
            if let Some(reason) = taken.refused {
                return Err(reason);
            }
            last = taken.seq;
        }
        Ok(last)
    }

    /// A look at every feed with prices. Unasked, only at those that answer and charge nothing: the others have a
    /// cadence, and a reason for it.
    async fn update_odds(&self, because: Because, say: Say<'_>) -> Result<Value, String> {
        let chosen = self.looks.iter().filter(|(source, _)| {
            !NO_PRICES.contains(source) && (because == Because::Asked || self.is_free(*source))
        });
        let looks = chosen.map(|(source, wish)| async move {
            let (done, answer) = oneshot::channel();
            let wish_now = LookNow {
                source_game_id: None,
                histories: None,
                stop: CancellationToken::new(),
                done,
            };
            let stopped = || Err("the source has stopped".to_owned());
            if wish.send(wish_now).await.is_err() {
                return (*source, stopped());
            }
            let outcome = answer.await.unwrap_or_else(|_| stopped());
            (*source, outcome)
        });
        let answers = futures_util::future::join_all(looks).await;
        let mut said = Vec::new();
        for (source, outcome) in &answers {
            let text = outcome.as_ref().unwrap_or_else(|e| e);
            say(format!("{source}: {text}"));
            // What a source says begins with its name already.
            said.push(clean(text, 200));
        }
        let good = answers
            .iter()
            .filter(|(_, outcome)| outcome.is_ok())
            .count();
        if answers.is_empty() {
            let nobody =
                "no feed with prices is to be asked now: none answers that charges nothing";
            return match because {
                Because::Due => Ok(json!({ "said": nobody, "sources": 0, "failed": 0 })),
                Because::Asked => Err("no feed in collect.sources has prices".to_owned()),
            };
        }
        let said = said.join(" · ");
        if good == 0 {
            return Err(said);
        }
        Ok(json!({ "said": said, "sources": good, "failed": answers.len() - good }))
    }

    /// Whether a look at `source` now costs no credits and disturbs no back-off.
    fn is_free(&self, source: Source) -> bool {
        let today = slate_date(self.clock.now());
        let charges = self.leagues.iter().any(|league| {
            plan::plan(source, &self.settings, *league, today)
                .is_ok_and(|requests| requests.iter().any(|r| plan::credits(r) > 0))
        });
        let snapshot = self.snapshots.borrow();
        let view = snapshot.sources.iter().find(|s| s.source == source);
        !charges
            && view.is_some_and(|v| !matches!(v.health, SourceHealth::Down | SourceHealth::Off))
    }

    async fn warm_cache(&self) -> Result<Value, String> {
        let pool = self.drain.borrow().readable();
        let pool = pool.ok_or("PostgreSQL does not answer; nothing can be loaded from it")?;
        let games = warm::warm(&self.cache, &pool, self.clock.now())
            .await
            .map_err(|reason| clean(&reason, 300))?;
        let redis = self.cache.redis_state();
        let said = format!("the charts of {games} games are in the cache; Redis: {redis}");
        Ok(json!({ "said": clean(&said, 300), "games": games }))
    }

    /// Wait until the payload is committed.
    async fn committed(&self, seq: u64) -> Result<sqlx::PgPool, String> {
        let mut drain = self.drain.clone();
        let reached = drain
            .wait_for(|s| (s.committed >= seq && s.pool.is_some()) || s.unusable.is_some())
            .await
            .map_err(|_| "linetape was stopped before the results were stored".to_owned())?;
        match (&reached.unusable, &reached.pool) {
            (Some(reason), _) => Err(reason.clone()),
            (None, Some(pool)) => Ok(pool.clone()),
            (None, None) => Err("PostgreSQL does not answer".to_owned()),
        }
    }
}
