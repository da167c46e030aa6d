//! From a price on the chart to the bytes it came in.

use std::sync::Arc;

use chrono::{DateTime, SecondsFormat, Utc};
use sqlx::PgPool;

use crate::domain::clean::clean;
use crate::domain::series::SeriesKey;
use crate::store;

/// A payload longer than this is cut on the screen; `linetape database payload` has it whole.
const MOST: usize = 1 << 20;

/// A payload, and what it was asked for.
#[derive(Debug, Clone)]
pub struct Found {
    /// Request, time, hash and place of the price.
    pub title: String,
    /// The bytes as text.
    pub text: Arc<str>,
}

/// The payload that brought the price of a series that began at `at`. Fails with a sentence.
pub async fn of(pool: &PgPool, key: &SeriesKey, at: DateTime<Utc>) -> Result<Found, String> {
    let sentence = |error: sqlx::Error| clean(&error.to_string(), 300);
    let mut connection = pool.acquire().await.map_err(sentence)?;
    let origin = store::lineage::origin(&mut connection, key, at)
        .await
        .map_err(sentence)?
        .ok_or("this price is not stored yet; it waits in the spool, ask again in a moment")?;
    let body = store::payloads::body(&mut connection, origin.payload_hash)
        .await
        .map_err(|error| clean(&error.to_string(), 300))?
        .ok_or_else(|| {
            format!(
                "the bytes of payload {} are no longer stored; its rows and their hash are",
                origin.payload_hash
            )
        })?;
    let mut text = String::from_utf8_lossy(&body).into_owned();
    if text.len() > MOST {
        let end = text.floor_char_boundary(MOST);
        text.truncate(end);
        text.push_str("\n… the rest is left out here");
    }
    Ok(Found {
        title: format!(
            "quote {} of {} · {} · {} bytes · {}",
            origin.ordinal,
            clean(origin.request.as_deref().unwrap_or("a stored payload"), 200),
            origin
                .observed_at
                .to_rfc3339_opts(SecondsFormat::Millis, true),
            body.len(),
            origin.payload_hash,
        ),
        text: text.into(),
    })
}
