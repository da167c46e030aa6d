//! A body read with a cap on what it becomes, not on what was sent: a small archive may unpack to anything.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use crate::config::settings::Http;
use crate::domain::clean::clean;
use crate::sources::FetchError;

/// First allocation at most this large, whatever length the server announces.
const FIRST_CAPACITY: u64 = 1 << 20;

/// The whole body after transfer decoding.
pub(super) async fn read(
    mut response: reqwest::Response,
    host: &str,
    settings: &Http,
) -> Result<Arc<[u8]>, FetchError> {
    let limit = settings.max_body_bytes;
    let too_large = || FetchError::TooLarge {
        host: host.to_owned(),
        limit,
    };
    let announced = response.content_length().unwrap_or(0);
    if announced > limit {
        return Err(too_large());
    }
    let mut body = Vec::with_capacity(announced.min(FIRST_CAPACITY) as usize);
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(|error| failed(&error.without_url(), host, settings))?
    {
        if body.len() as u64 + chunk.len() as u64 > limit {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.into())
}

/// What a failed exchange means. `error` holds no URL.
pub(super) fn failed(error: &reqwest::Error, host: &str, settings: &Http) -> FetchError {
    let host = host.to_owned();
    if error.is_timeout() {
        let after = if error.is_connect() {
            settings.connect_timeout
        } else {
            limit_that_ran_out(settings)
        };
        return FetchError::Timeout { host, after };
    }
    let reason = innermost(error);
    if error.is_body() || error.is_decode() {
        FetchError::Body { host, reason }
    } else {
        FetchError::Connect { host, reason }
    }
}

/// The client does not say which limit ended a request; the tighter one is the likelier.
fn limit_that_ran_out(settings: &Http) -> Duration {
    settings.read_timeout.min(settings.total_timeout)
}

/// The last cause, which is what the system said.
fn innermost(error: &dyn Error) -> String {
    let mut cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    clean(&cause.to_string(), 200)
}
