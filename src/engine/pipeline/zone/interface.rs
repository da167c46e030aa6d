//! What every zone can do: process, validate, score, promote, and tell its health.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use sqlx::PgPool;

use super::Zone;
use super::process::{Done, ProcessError, Request};
use crate::config::settings::Pipeline;
use crate::store::lag::{self, LastRun};
use crate::store::leftover::Filter;
use crate::store::quality::Quality;

/// What a zone works with.
#[derive(Debug, Clone, Copy)]
pub struct Work<'a> {
    /// The store.
    pub pool: &'a PgPool,
    /// What was asked.
    pub request: &'a Request,
    /// How zones are run.
    pub settings: &'a Pipeline,
}

impl Work<'_> {
    /// Records at once: as asked, else as set.
    pub fn batch(&self, set: u32) -> usize {
        self.request.batch.unwrap_or(set as usize).max(1)
    }

    /// Which stored records it is about.
    pub fn filter(&self) -> Filter {
        Filter {
            source: self.request.source,
            from: self.request.from,
            to: self.request.to,
        }
    }
}

/// A zone of the pipeline.
pub trait Stage: Sync {
    /// What goes through it, one by one.
    type Record: Send;

    /// Which zone.
    const ZONE: Zone;

    /// Take stored records through the zone once more.
    fn process(&self, work: &Work<'_>) -> impl Future<Output = Result<Done, ProcessError>> + Send;

    /// Why a record may not go through, if so.
    fn validate(&self, work: &Work<'_>, record: &Self::Record) -> Result<(), String>;

    /// How good its records are: all, then by feed.
    fn score(
        &self,
        pool: &PgPool,
        settings: &Pipeline,
    ) -> impl Future<Output = Result<Vec<Quality>, sqlx::Error>> + Send;

    /// How good they are over all feeds, as cheap as can be: for its health, which is asked for often.
    fn score_now(
        &self,
        pool: &PgPool,
        settings: &Pipeline,
    ) -> impl Future<Output = Result<Option<Quality>, sqlx::Error>> + Send {
        async move {
            let scores = self.score(pool, settings).await?;
            Ok(scores.into_iter().find(|row| row.source.is_none()))
        }
    }

    /// Hand on what the next zone lacks of this one; none where nothing follows.
    fn promote(
        &self,
        work: &Work<'_>,
    ) -> impl Future<Output = Result<Option<Done>, ProcessError>> + Send;

    /// Its last run, how far it is behind the zone before, and its rates beside the targets.
    fn health(
        &self,
        pool: &PgPool,
        settings: &Pipeline,
    ) -> impl Future<Output = Result<Health, sqlx::Error>> + Send {
        async move {
            let all = self.score_now(pool, settings).await?;
            let position = lag::position(pool, Self::ZONE.as_str()).await?;
            let last_run = lag::last_run(pool, Self::ZONE.as_str()).await?;
            Ok(Health::judge(Self::ZONE, all, position, last_run, settings))
        }
    }
}

/// How a zone does, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Nothing came yet.
    Empty,
    /// As it should be.
    Healthy,
    /// Behind, or below a target.
    Degraded,
}

impl State {
    /// The word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Healthy => "healthy",
            Self::Degraded => "degraded",
        }
    }
}

/// How a zone does.
#[derive(Debug, Clone, Serialize)]
pub struct Health {
    /// Zone.
    pub zone: Zone,
    /// In a word.
    pub state: State,
    /// Why, where it is degraded.
    pub reasons: Vec<String>,
    /// Records of it.
    pub records: i64,
    /// The newest thing in it.
    pub newest: Option<DateTime<Utc>>,
    /// Seconds between that and the newest thing in the zone before; none for raw.
    pub lag_s: Option<i64>,
    /// Records of the zone before that have not come through.
    pub waiting: i64,
    /// Share of records that pass validation.
    pub validation_rate: Option<f64>,
    /// What it should be.
    pub validation_target: f64,
    /// Share of records that come through.
    pub completion_rate: Option<f64>,
    /// What it should be.
    pub completion_target: f64,
    /// The last run that went through it.
    pub last_run: Option<LastRun>,
}

impl Health {
    fn judge(
        zone: Zone,
        quality: Option<Quality>,
        position: lag::Position,
        last_run: Option<LastRun>,
        settings: &Pipeline,
    ) -> Self {
        let (validation_rate, completion_rate) = quality
            .as_ref()
            .map_or((None, None), |q| (q.validation_rate, q.completion_rate));
        let lag = position
            .before
            .zip(position.newest)
            .map(|(before, own)| (before - own).max(TimeDelta::zero()));
        let mut reasons = Vec::new();
        if position.before.is_some() && position.newest.is_none() {
            reasons.push("nothing of the zone before has come through".to_owned());
        }
        let below = |rate: Option<f64>, target: f64| rate.is_some_and(|rate| rate < target);
        if below(validation_rate, settings.validation_target) {
            reasons.push("fewer records pass validation than should".to_owned());
        }
        if below(completion_rate, settings.completion_target) {
            reasons.push("fewer records come through than should".to_owned());
        }
        if below(validation_rate, 1.0 - settings.degraded_error_rate) {
            reasons.push("too many records fail".to_owned());
        }
        if lag.is_some_and(|lag| lag.to_std().is_ok_and(|lag| lag > settings.max_lag)) {
            reasons.push("it is behind the zone before".to_owned());
        }
        if last_run.as_ref().is_some_and(|run| run.status == "failed") {
            reasons.push("its last run failed".to_owned());
        }
        let records = quality.map_or(0, |q| q.records);
        Self {
            zone,
            state: if records == 0 && position.before.is_none() {
                State::Empty
            } else if reasons.is_empty() {
                State::Healthy
            } else {
                State::Degraded
            },
            reasons,
            records,
            newest: position.newest,
            lag_s: lag.map(|lag| lag.num_seconds()),
            waiting: position.waiting,
            validation_rate,
            validation_target: settings.validation_target,
            completion_rate,
            completion_target: settings.completion_target,
            last_run,
        }
    }
}

/// The health of a zone by its name.
pub async fn health(zone: Zone, pool: &PgPool, settings: &Pipeline) -> Result<Health, sqlx::Error> {
    match zone {
        Zone::Raw => super::raw::Raw.health(pool, settings).await,
        Zone::Staging => super::staging::Staging.health(pool, settings).await,
        Zone::Curated => super::curated::Curated.health(pool, settings).await,
    }
}

/// The scores of a zone by its name: all, then by feed.
pub async fn score(
    zone: Zone,
    pool: &PgPool,
    settings: &Pipeline,
) -> Result<Vec<Quality>, sqlx::Error> {
    match zone {
        Zone::Raw => super::raw::Raw.score(pool, settings).await,
        Zone::Staging => super::staging::Staging.score(pool, settings).await,
        Zone::Curated => super::curated::Curated.score(pool, settings).await,
    }
}
