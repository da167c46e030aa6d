//! One feed's way out: its own client, limit and headers.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use chrono::Utc;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultDirectRateLimiter, Quota as Rate, RateLimiter};
use reqwest::header::{ACCEPT, ACCEPT_LANGUAGE, HeaderMap, HeaderValue, LOCATION, ORIGIN, REFERER};
use reqwest::redirect::{Action, Attempt, Policy};
use reqwest::{Client, StatusCode};
use url::{Host as UrlHost, Origin, Url};

use super::{Host, HostError, after, body, shown_of};
use crate::config::settings::Http;
use crate::domain::source::Source;
use crate::sources::{FetchError, Request, Response};

/// Action Network answers library agents with 403.
const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
/// The site whose pages ask Action Network's API.
const SITE: HeaderValue = HeaderValue::from_static("https://www.actionnetwork.com");
const SITE_PAGE: HeaderValue = HeaderValue::from_static("https://www.actionnetwork.com/");
/// The wait after a 429 that names none.
const DEFAULT_WAIT: Duration = Duration::from_secs(5);
/// Redirects followed within a host.
const MOST_REDIRECTS: usize = 5;
/// A burst is at most what the limit allows in five seconds.
const BURSTS_PER_MINUTE: u32 = 12;

/// One feed's way out.
#[derive(Debug)]
pub(super) struct Lane {
    origin: Origin,
    host: String,
    /// Why there is no client: a machine without root certificates still runs on its other feeds.
    client: Result<Client, String>,
    limiter: DefaultDirectRateLimiter,
    clock: DefaultClock,
    settings: Http,
}

impl Lane {
    /// The way to `host`, or the sentence that says why there can be none.
    pub(super) fn new(settings: &Http, host: &Host) -> Result<Self, HostError> {
        let feed = host.source;
        let url = || shown_of(host);
        let base =
            Url::parse(&host.base_url).map_err(|_| HostError::NotAnAddress { feed, url: url() })?;
        let name = base
            .host_str()
            .ok_or_else(|| HostError::NotAnAddress { feed, url: url() })?;
        if !base.username().is_empty() || base.password().is_some() {
            return Err(HostError::NotAnAddress { feed, url: url() });
        }
        let loopback = is_loopback(&base);
        if base.scheme() != "https" && !(base.scheme() == "http" && loopback) {
            return Err(HostError::NotHttps { feed, url: url() });
        }
        let per_minute = NonZeroU32::new(host.per_minute).ok_or(HostError::NoRequests { feed })?;
        let burst = NonZeroU32::new(host.per_minute / BURSTS_PER_MINUTE).unwrap_or(NonZeroU32::MIN);
        let rate = Rate::per_minute(per_minute).allow_burst(burst);
        Ok(Self {
            host: name.to_owned(),
            client: client(settings, feed, loopback)?,
            limiter: RateLimiter::direct(rate),
            clock: DefaultClock::default(),
            settings: settings.clone(),
            origin: base.origin(),
        })
    }

    /// Whether `url` lies on this lane's server.
    pub(super) fn serves(&self, url: &Url) -> bool {
        self.origin == url.origin()
    }

    /// One GET, once the limit allows it.
    pub(super) async fn get(&self, request: &Request) -> Result<Response, FetchError> {
        let client = self.client.as_ref().map_err(|reason| FetchError::Connect {
            host: self.host.clone(),
            reason: reason.clone(),
        })?;
        self.turn().await;
        let sent = Instant::now();
        let response = client
            .get(request.url.clone())
            .send()
            .await
            .map_err(|error| body::failed(&error.without_url(), &self.host, &self.settings))?;
        self.check_status(&response)?;
        let status = response.status().as_u16();
        let quota = after::quota(response.headers());
        let body = body::read(response, &self.host, &self.settings).await?;
        Ok(Response {
            status,
            body,
            elapsed: sent.elapsed(),
            quota,
        })
    }

    async fn turn(&self) {
        while let Err(early) = self.limiter.check() {
            tokio::time::sleep(early.wait_time_from(self.clock.now())).await;
        }
    }

    fn check_status(&self, response: &reqwest::Response) -> Result<(), FetchError> {
        let status = response.status();
        if status.is_success() {
            return Ok(());
        }
        let host = self.host.clone();
        let retry_after = after::retry_after(response.headers(), Utc::now());
        Err(match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => FetchError::Refused {
                host,
                status: status.as_u16(),
            },
            StatusCode::TOO_MANY_REQUESTS => FetchError::TooMany {
                host,
                retry_after: retry_after.unwrap_or(DEFAULT_WAIT),
            },
            _ if status.is_redirection() && leads_away(response) => FetchError::Redirect { host },
            _ => FetchError::Status {
                host,
                status: status.as_u16(),
                retry_after,
            },
        })
    }
}

fn client(
    settings: &Http,
    source: Source,
    loopback: bool,
) -> Result<Result<Client, String>, HostError> {
    let agent = settings.user_agent.as_deref().unwrap_or(BROWSER);
    let agent = HeaderValue::from_str(agent).map_err(|_| HostError::UserAgent)?;
    let mut builder = Client::builder()
        .user_agent(agent)
        .default_headers(headers(source))
        .connect_timeout(settings.connect_timeout)
        .read_timeout(settings.read_timeout)
        .timeout(settings.total_timeout)
        .redirect(Policy::custom(within_host))
        // A Referer after a redirect would repeat the URL, key included.
        .referer(false);
    if loopback {
        // The demo's server needs neither a proxy nor the machine's certificates, and must work without both.
        builder = builder.no_proxy().tls_certs_only([]);
    }
    Ok(builder.build().map_err(|error| {
        format!(
            "the secure connection cannot be set up: {}; install the system's root certificates (ca-certificates)",
            error.without_url()
        )
    }))
}

fn headers(source: Source) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(
        ACCEPT,
        HeaderValue::from_static("application/json, text/plain, */*"),
    );
    if source == Source::ActionNetwork {
        headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static("en-US,en;q=0.9"));
        headers.insert(ORIGIN, SITE);
        headers.insert(REFERER, SITE_PAGE);
    }
    headers
}

/// Follow within the host only; what is not followed comes back as it is and becomes an error.
fn within_host(attempt: Attempt<'_>) -> Action {
    let follow = attempt.previous().len() <= MOST_REDIRECTS
        && attempt
            .previous()
            .last()
            .is_some_and(|from| stays(from, attempt.url()));
    if follow {
        attempt.follow()
    } else {
        attempt.stop()
    }
}

/// Whether a redirect stays on its server. From http to https of one host is a step up; back is never taken.
fn stays(from: &Url, to: &Url) -> bool {
    from.origin() == to.origin()
        || (from.host() == to.host() && from.scheme() == "http" && to.scheme() == "https")
}

fn leads_away(response: &reqwest::Response) -> bool {
    let to = response
        .headers()
        .get(LOCATION)
        .and_then(|location| location.to_str().ok())
        .and_then(|location| response.url().join(location).ok());
    to.is_some_and(|to| !stays(response.url(), &to))
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(UrlHost::Ipv4(ip)) => IpAddr::V4(ip).is_loopback(),
        Some(UrlHost::Ipv6(ip)) => IpAddr::V6(ip).is_loopback(),
        Some(UrlHost::Domain(name)) => name == "localhost",
        None => false,
    }
}
