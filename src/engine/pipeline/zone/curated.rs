//! The curated zone: every summary is derived again from the history.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{TimeDelta, Utc};
use sqlx::PgPool;
use uuid::Uuid;

use super::Zone;
use super::interface::{Stage, Work};
use super::process::{Done, ProcessError};
use crate::config::settings::Pipeline;
use crate::domain::game::GameId;
use crate::engine::reference::Reference;
use crate::engine::signals::Judge;
use crate::store;
use crate::store::lag;
use crate::store::leftover;
use crate::store::quality::{self, Quality};

/// What its health is judged by.
const LATELY: TimeDelta = TimeDelta::days(1);

/// The curated zone.
#[derive(Debug, Clone, Copy)]
pub struct Curated;

impl Stage for Curated {
    /// The score of a row.
    type Record = f64;

    const ZONE: Zone = Zone::Curated;

    async fn process(&self, work: &Work<'_>) -> Result<Done, ProcessError> {
        let games = work.request.max_games;
        let series = leftover::series(work.pool, &work.filter(), games).await?;
        let mut done = derive(work, &series).await?;
        features(work, &series).await?;
        if work.settings.validation_enabled {
            let scores = quality::scores(work.pool, &series).await?;
            let poor = scores.iter().filter(|s| self.validate(work, s).is_err());
            done.poor = poor.count() as u64;
        }
        Ok(done)
    }

    /// A poor row is kept: it is what the feed said. It is counted.
    fn validate(&self, work: &Work<'_>, score: &f64) -> Result<(), String> {
        let threshold = work.settings.quality_threshold;
        if *score < threshold {
            return Err(format!("its score {score} is below {threshold}"));
        }
        Ok(())
    }

    async fn score(&self, pool: &PgPool, settings: &Pipeline) -> Result<Vec<Quality>, sqlx::Error> {
        quality::curated(pool, settings.quality_threshold).await
    }

    /// By the last day of the history; `data status` counts it whole.
    async fn score_now(
        &self,
        pool: &PgPool,
        settings: &Pipeline,
    ) -> Result<Option<Quality>, sqlx::Error> {
        let position = lag::position(pool, Self::ZONE.as_str()).await?;
        let Some(newest) = position.newest.or(position.before) else {
            return Ok(None);
        };
        let since = newest - LATELY;
        quality::curated_since(pool, settings.quality_threshold, since)
            .await
            .map(Some)
    }

    async fn promote(&self, _: &Work<'_>) -> Result<Option<Done>, ProcessError> {
        Ok(None)
    }
}

/// Feature vectors of the games of these series, up to now.
async fn features(work: &Work<'_>, series: &[(i64, i64)]) -> Result<(), ProcessError> {
    if work.request.dry_run {
        return Ok(());
    }
    let judge = Judge::new(Arc::new(Reference::builtin()?));
    let games: BTreeSet<i64> = series.iter().map(|(game, _)| *game).collect();
    let now = Utc::now();
    for game in games {
        let mut tx = work.pool.begin().await?;
        crate::engine::features::write(&mut tx, &judge, GameId::from_i64(game), now).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Derive the summaries of these series.
pub(super) async fn derive(work: &Work<'_>, series: &[(i64, i64)]) -> Result<Done, ProcessError> {
    let mut done = Done::nothing(Zone::Curated);
    let writer = Uuid::now_v7();
    for some in series.chunks(work.batch(work.settings.curated_batch)) {
        done.records += some.len() as u64;
        if !work.request.dry_run {
            let mut tx = work.pool.begin().await?;
            // A price that came between reading the history and writing the summary would be lost.
            store::writer::take_pen(&mut tx, writer).await?;
            leftover::recompute(&mut tx, some).await?;
            tx.commit().await?;
        }
    }
    Ok(done)
}
