//! The raw zone: every logged response must be stored, byte for byte.

use sqlx::PgPool;

use super::Zone;
use super::interface::{Stage, Work};
use super::process::{Done, ProcessError};
use super::staging::Staging;
use crate::config::settings::Pipeline;
use crate::domain::payload::PayloadHash;
use crate::store;
use crate::store::leftover;
use crate::store::quality::{self, Quality};

/// The raw zone.
#[derive(Debug, Clone, Copy)]
pub struct Raw;

/// A payload that was looked for.
#[derive(Debug)]
pub struct Looked {
    hash: PayloadHash,
    /// Whether it is there; an error where its bytes do not unpack, or not to what was hashed.
    found: Result<bool, String>,
}

impl Stage for Raw {
    type Record = Looked;

    const ZONE: Zone = Zone::Raw;

    async fn process(&self, work: &Work<'_>) -> Result<Done, ProcessError> {
        let mut done = Done::nothing(Self::ZONE);
        let mut connection = work.pool.acquire().await?;
        let (filter, batch) = (work.filter(), work.batch(work.settings.raw_batch));
        let mut after = None;
        loop {
            let page = leftover::hashes(&mut connection, &filter, after, batch).await?;
            let Some(last) = page.last().copied() else {
                return Ok(done);
            };
            after = Some(last);
            for hash in page {
                done.records += 1;
                if !work.settings.validation_enabled {
                    continue;
                }
                let found = match store::payloads::body(&mut connection, hash).await {
                    Ok(body) => Ok(body.is_some()),
                    Err(error @ sqlx::Error::Decode(_)) => Err(error.to_string()),
                    Err(error) => return Err(error.into()),
                };
                if let Err(why) = self.validate(work, &Looked { hash, found }) {
                    done.fail(&why);
                }
            }
        }
    }

    fn validate(&self, _: &Work<'_>, record: &Looked) -> Result<(), String> {
        match &record.found {
            Ok(true) => Ok(()),
            Ok(false) => Err(format!("payload {} is logged and not stored", record.hash)),
            Err(why) => Err(why.clone()),
        }
    }

    async fn score(&self, pool: &PgPool, _: &Pipeline) -> Result<Vec<Quality>, sqlx::Error> {
        quality::raw(pool).await
    }

    async fn promote(&self, work: &Work<'_>) -> Result<Option<Done>, ProcessError> {
        Staging.process(work).await.map(Some)
    }
}
