//! Polite HTTP: limits by host, timeouts, a cap on the decoded size, and retries that spare the server.

mod after;
mod body;
mod lane;

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use futures_util::future::BoxFuture;

use self::lane::Lane;
use super::feed::feed;
use super::plan::shown;
use super::{Fetch, FetchError, Request, Response};
use crate::config::settings::{Http, Sources};
use crate::domain::source::Source;

/// A longer wish of the server is not slept through here: the scheduler waits, and the screen shows until when.
const LONGEST_SLEEP: Duration = Duration::from_secs(30);

/// A server that may be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// The feed it serves.
    pub source: Source,
    /// Its address: https, or http on loopback.
    pub base_url: String,
    /// Requests per minute, at least 1.
    pub per_minute: u32,
}

impl Host {
    /// Every feed's server as the settings name it.
    pub fn all(sources: &Sources) -> Vec<Self> {
        Source::ALL
            .iter()
            .map(|source| {
                let (base_url, per_minute) = feed(*source).host(sources);
                Self {
                    source: *source,
                    base_url: base_url.to_owned(),
                    per_minute,
                }
            })
            .collect()
    }
}

/// Why a server in the settings cannot be asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HostError {
    /// No address.
    #[error(
        "base_url {url:?} of {feed} is not a server's address; write one like https://api.example.com"
    )]
    NotAnAddress {
        /// Feed.
        feed: Source,
        /// What the settings say, without secrets.
        url: String,
    },
    /// Plain HTTP to another machine.
    #[error(
        "base_url {url:?} of {feed} is not https; plain http is allowed on loopback only, because a key travels in it"
    )]
    NotHttps {
        /// Feed.
        feed: Source,
        /// What the settings say, without secrets.
        url: String,
    },
    /// A limit of nothing.
    #[error(
        "per_minute of {feed} is 0, so it could never be asked; set 1 or more, or leave the feed out of collect.sources"
    )]
    NoRequests {
        /// Feed.
        feed: Source,
    },
    /// The name sent to feeds cannot be sent.
    #[error("http.user_agent holds characters that cannot be sent; use printable ASCII")]
    UserAgent,
}

/// The client of every feed. Cheap to share behind an `Arc`; requests of one feed share its limit.
#[derive(Debug)]
pub struct HttpClient {
    lanes: HashMap<Source, Lane>,
    settings: Http,
}

impl HttpClient {
    /// A client that may ask `hosts` and nobody else.
    ///
    /// Fails with a sentence when an address or limit in the settings cannot be right.
    pub fn new(settings: &Http, hosts: &[Host]) -> Result<Self, HostError> {
        let lanes = hosts
            .iter()
            .map(|host| Ok((host.source, Lane::new(settings, host)?)))
            .collect::<Result<_, HostError>>()?;
        Ok(Self {
            lanes,
            settings: settings.clone(),
        })
    }

    async fn try_until_done(&self, request: &Request) -> Result<Response, FetchError> {
        let source = request.identity.stream.source();
        let lane = self
            .lanes
            .get(&source)
            .filter(|lane| lane.serves(&request.url))
            .ok_or_else(|| FetchError::Connect {
                host: request.url.host_str().unwrap_or("this server").to_owned(),
                reason: format!("it is not the server configured for {source}"),
            })?;
        let waits = ExponentialBuilder::default()
            .with_min_delay(self.settings.retry_base)
            .with_max_delay(self.settings.retry_max)
            .with_max_times(self.settings.retries as usize);
        (|| lane.get(request))
            .retry(waits)
            .when(FetchError::is_transient)
            .adjust(wait_for)
            .notify(|error, wait| tracing::debug!(%source, ?wait, "trying again: {error}"))
            .await
    }
}

impl Fetch for HttpClient {
    fn get<'a>(&'a self, request: &'a Request) -> BoxFuture<'a, Result<Response, FetchError>> {
        Box::pin(self.try_until_done(request))
    }
}

/// Full jitter (uniform from nothing to the back-off, which spreads clients best), with the server's own wish as floor;
/// none when it wishes for longer than is slept here.
fn wait_for(error: &FetchError, backoff: Option<Duration>) -> Option<Duration> {
    let wait = backoff?.mul_f64(random_share());
    match error.retry_after() {
        Some(floor) if floor > LONGEST_SLEEP => None,
        Some(floor) => Some(floor + wait),
        None => Some(wait),
    }
}

/// Uniform in 0–1. The standard library keys each hasher anew, which is all the chance that jitter needs.
fn random_share() -> f64 {
    let bits = RandomState::new().hash_one(0_u8) >> 11;
    bits as f64 / (1_u64 << 53) as f64
}

/// For the errors of this module: the address as it may be shown.
fn shown_of(host: &Host) -> String {
    shown(&host.base_url)
}

#[cfg(test)]
mod tests;
