//! What the record says of new signals, before their game.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::PgPool;

use crate::analytics::recommendation::{Record, recommend};
use crate::store;
use crate::store::recommendations::RecordKey;

/// How presets' signals turned out, by preset, league and market.
pub type Records = HashMap<RecordKey, Record>;

/// Say of every signal by these presets, of a game to come, what its preset's record says, once. Returns of how many it was said.
pub async fn recommend_new(
    pool: &PgPool,
    presets: &[String],
    records: &Records,
    now: DateTime<Utc>,
) -> Result<u64, sqlx::Error> {
    let mut connection = pool.acquire().await?;
    let waiting = store::recommendations::waiting(&mut connection, presets, now).await?;
    let said: Vec<_> = waiting
        .into_iter()
        .map(|signal| {
            let record = records.get(&signal.record()).copied();
            let said = recommend(record.as_ref(), signal.priced);
            (signal, record, said)
        })
        .collect();
    store::recommendations::write(&mut connection, &said, now).await
}
