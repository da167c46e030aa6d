//! The staging zone: fetches that were not staged are decoded once more, as after an update that knows their form.

use std::sync::Arc;

use sqlx::PgPool;
use uuid::Uuid;

use super::Zone;
use super::curated;
use super::interface::{Stage, Work};
use super::process::{Done, ProcessError};
use crate::config::settings::Pipeline;
use crate::domain::payload::Payload;
use crate::engine::pipeline::stage;
use crate::engine::pipeline::write::Stager;
use crate::engine::reference::Reference;
use crate::store::leftover;
use crate::store::quality::{self, Quality};

/// The staging zone.
#[derive(Debug, Clone, Copy)]
pub struct Staging;

impl Stage for Staging {
    /// A response, and what its form is held against.
    type Record = (Payload, Arc<Reference>);

    const ZONE: Zone = Zone::Staging;

    async fn process(&self, work: &Work<'_>) -> Result<Done, ProcessError> {
        let mut done = Done::nothing(Self::ZONE);
        let reference = Arc::new(Reference::builtin()?);
        let mut stager = Stager::new(Arc::clone(&reference), work.request.demo, 1_000);
        let (filter, batch) = (work.filter(), work.batch(work.settings.staging_batch));
        let mut after = None;
        loop {
            let mut connection = work.pool.acquire().await?;
            let page = leftover::unstaged(&mut connection, &filter, after, batch).await?;
            let Some(last) = page.last() else {
                return Ok(done);
            };
            after = Some(last.place());
            let (mut again, mut tried) = (Vec::new(), Vec::new());
            for fetch in page {
                done.records += 1;
                let id = fetch.fetch_id;
                let Some(payload) = fetch.payload(&mut connection).await? else {
                    done.fail(&format!("the bytes of fetch {id} are no longer stored"));
                    continue;
                };
                let record = (payload, Arc::clone(&reference));
                // What cannot be decoded cannot be staged; whether that fails the run is a setting.
                if let Err(why) = self.validate(work, &record) {
                    if work.settings.validation_enabled {
                        done.fail(&format!("fetch {id}: {why}"));
                    }
                    continue;
                }
                let mut payload = record.0;
                // The log keeps the first try; this is a row of its own.
                payload.fetch_id = Uuid::now_v7();
                again.push(payload);
                tried.push(id);
            }
            drop(connection);
            if !work.request.dry_run && !again.is_empty() {
                stager.write(work.pool, &again).await?;
                leftover::settle(work.pool, &tried).await?;
            }
        }
    }

    fn validate(&self, _: &Work<'_>, (payload, reference): &Self::Record) -> Result<(), String> {
        let (at, request) = (payload.observed_at, &payload.request);
        stage::decode(&payload.body, request, at, reference)
            .map(drop)
            .map_err(|refusal| refusal.to_string())
    }

    async fn score(&self, pool: &PgPool, _: &Pipeline) -> Result<Vec<Quality>, sqlx::Error> {
        quality::staging(pool).await
    }

    async fn promote(&self, work: &Work<'_>) -> Result<Option<Done>, ProcessError> {
        let lacking = leftover::underived(work.pool, &work.filter()).await?;
        curated::derive(work, &lacking).await.map(Some)
    }
}
