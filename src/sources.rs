//! The feeds: polite HTTP, and one folder a feed that knows its endpoints and decodes its format.

mod action_network;
mod collector;
mod espn;
mod feed;
mod goalserve;
pub mod http;
mod json;
mod mlb_stats;
mod odds_api;
pub mod plan;
mod reject;
mod sbd;
mod sbr;
mod vsin;
mod written;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use url::Url;

use crate::config::secrets::Secrets;
use crate::domain::book::Books;
use crate::domain::feed::Decoded;
use crate::domain::payload::RequestIdentity;
use crate::domain::source::{Source, Stream};
use crate::domain::team::Teams;

use feed::{Format, feed};

pub use feed::Cadence;
pub use plan::{PlanError, fallback, history, past_day, plan, references, scores};

/// A request to a feed. Its URL may hold a key; its identity never does.
#[derive(Clone)]
pub struct Request {
    /// What is asked, with every secret stripped.
    pub identity: RequestIdentity,
    /// Where to ask, key included. Never logged, never stored.
    pub url: Url,
}

/// The URL is left out: it may hold a key.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("identity", &self.identity)
            .finish_non_exhaustive()
    }
}

/// Credits as a feed's headers tell them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Quota {
    /// Credits left in the period.
    pub remaining: Option<u64>,
    /// Credits used in the period.
    pub used: Option<u64>,
    /// What the last call cost.
    pub last: Option<u64>,
}

/// A whole response with a good status.
#[derive(Debug, Clone)]
pub struct Response {
    /// HTTP status, 200–299.
    pub status: u16,
    /// Body after transfer decoding.
    pub body: Arc<[u8]>,
    /// Time from sending to the last byte.
    pub elapsed: Duration,
    /// Credits, where the feed tells them.
    pub quota: Quota,
}

/// Why a request brought nothing. No variant holds a URL with a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// Nobody answered at the address.
    #[error("{host} cannot be reached ({reason}); linetape tries again by itself")]
    Connect {
        /// Host.
        host: String,
        /// What the system said.
        reason: String,
    },
    /// No answer in time.
    #[error("{host} did not answer within {after:?}; linetape tries again by itself")]
    Timeout {
        /// Host.
        host: String,
        /// The limit that ran out.
        after: Duration,
    },
    /// The key is wrong, exhausted or barred: asking again would not help.
    #[error(
        "{host} refused the key or the client (HTTP {status}); check the key of this source, then press r"
    )]
    Refused {
        /// Host.
        host: String,
        /// 401 or 403.
        status: u16,
    },
    /// Too many requests.
    #[error("{host} asks to slow down (HTTP 429); next try in {retry_after:?}")]
    TooMany {
        /// Host.
        host: String,
        /// Its Retry-After, or our own floor.
        retry_after: Duration,
    },
    /// Any other bad status.
    #[error("{host} answered HTTP {status}")]
    Status {
        /// Host.
        host: String,
        /// Status.
        status: u16,
        /// Its Retry-After, if any.
        retry_after: Option<Duration>,
    },
    /// The body was larger than allowed.
    #[error("{host} sent more than {limit} bytes; raise http.max_body_bytes if that is expected")]
    TooLarge {
        /// Host.
        host: String,
        /// The limit.
        limit: u64,
    },
    /// The body ended early or could not be decompressed.
    #[error("{host} sent a broken body ({reason}); linetape tries again by itself")]
    Body {
        /// Host.
        host: String,
        /// What broke.
        reason: String,
    },
    /// The server pointed elsewhere.
    #[error("{host} redirects to another host, which is not followed")]
    Redirect {
        /// Host.
        host: String,
    },
}

impl FetchError {
    /// Whether a later try may do better without anyone's help.
    pub const fn is_transient(&self) -> bool {
        match self {
            Self::Connect { .. }
            | Self::Timeout { .. }
            | Self::TooMany { .. }
            | Self::Body { .. } => true,
            Self::Status { status, .. } => *status >= 500 || *status == 408,
            Self::Refused { .. } | Self::TooLarge { .. } | Self::Redirect { .. } => false,
        }
    }

    /// The server's own wish for the next try.
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::TooMany { retry_after, .. } => Some(*retry_after),
            Self::Status { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// The HTTP status, where one came.
    pub const fn status(&self) -> Option<u16> {
        match self {
            Self::Refused { status, .. } | Self::Status { status, .. } => Some(*status),
            Self::TooMany { .. } => Some(429),
            _ => None,
        }
    }
}

/// How bytes are got: HTTP in the program, a script in tests.
pub trait Fetch: Send + Sync {
    /// One GET with limits, retries and caps applied.
    fn get<'a>(&'a self, request: &'a Request) -> BoxFuture<'a, Result<Response, FetchError>>;
}

/// What a decoder may know besides the bytes.
#[derive(Debug, Clone, Copy)]
pub struct DecodeContext<'a> {
    /// Feed and endpoint.
    pub stream: Stream,
    /// The game the request asked for, where it asked for one.
    pub source_game_id: Option<&'a Arc<str>>,
    /// What was asked, without key ([`RequestIdentity::url`]); its `oddsFormat` wins over a guess from the prices.
    pub endpoint: Option<&'a str>,
    /// When the payload was received; none for a bare `inspect`.
    pub observed_at: Option<DateTime<Utc>>,
    /// Known books.
    pub books: &'a Books,
    /// Known teams.
    pub teams: &'a Teams,
}

/// A file or body that is no response of the feed, in a sentence that says what it is and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotAResponse(pub String);

/// Which stream a captured body belongs to, and the game its endpoint names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recognised {
    /// Feed and endpoint.
    pub stream: Stream,
    /// The game, where `endpoint` names one.
    pub source_game_id: Option<Arc<str>>,
}

/// Tell which endpoint of `source` a captured body came from: by `endpoint` when given, else by its shape.
///
/// `endpoint` is a URL, a path or the name of a stream (`odds_api/odds`, or `odds`). A file name is none of these, so
/// that what the file holds decides.
pub fn recognise(
    source: Source,
    body: &[u8],
    endpoint: Option<&str>,
) -> Result<Recognised, NotAResponse> {
    let feed = feed(source);
    let text = feed.text(body)?;
    let text = &*text;
    if let Some(endpoint) = endpoint {
        return by_endpoint(source, endpoint);
    }
    check_is_json_or_page(source, text)?;
    match (feed.recognise(text), json::quote_impossible_numbers(text)) {
        (Err(_), Some(repaired)) => feed.recognise(&repaired),
        (found, _) => found,
    }
}

/// Decode a body. What is not understood is in `rejects`; a body that is no response at all is an error.
pub fn decode(body: &[u8], context: &DecodeContext<'_>) -> Result<Decoded, NotAResponse> {
    let source = context.stream.source();
    let feed = feed(source);
    let text = feed.text(body)?;
    let text = &*text;
    check_is_json_or_page(source, text)?;
    let error = match feed.decode(text, context) {
        Ok(decoded) => return Ok(decoded),
        Err(Refusal::NotAResponse(error)) => return Err(error),
        Err(Refusal::Json(error)) => error,
    };
    // A number too large for any machine stops the parser; it costs its own field, not the payload.
    let repaired = json::quote_impossible_numbers(text).ok_or_else(|| broken_json(&error))?;
    feed.decode(&repaired, context)
        .map_err(|refusal| match refusal {
            Refusal::NotAResponse(error) => error,
            Refusal::Json(error) => broken_json(&error),
        })
}

/// Why a decoder stopped.
#[derive(Debug)]
enum Refusal {
    /// The body is well-formed and something else.
    NotAResponse(NotAResponse),
    /// The body is not JSON.
    Json(serde_json::Error),
}

impl From<NotAResponse> for Refusal {
    fn from(error: NotAResponse) -> Self {
        Self::NotAResponse(error)
    }
}

impl From<serde_json::Error> for Refusal {
    fn from(error: serde_json::Error) -> Self {
        Self::Json(error)
    }
}

fn broken_json(error: &serde_json::Error) -> NotAResponse {
    let broken = match error.classify() {
        serde_json::error::Category::Eof => "ends early",
        _ => "is broken",
    };
    NotAResponse(format!(
        "this JSON {broken} at line {} column {}; it is kept raw, and nothing is read from it",
        error.line(),
        error.column()
    ))
}

/// The body as text, without the mark some clients put before it.
fn text_of(body: &[u8]) -> Result<&str, NotAResponse> {
    let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    std::str::from_utf8(body).map_err(|error| {
        NotAResponse(format!(
            "this body is not text: byte {} is not UTF-8; if it is compressed, unpack it first",
            error.valid_up_to()
        ))
    })
}

fn check_is_json_or_page(source: Source, text: &str) -> Result<(), NotAResponse> {
    let start = text.trim_start();
    let feed = feed(source);
    let format = feed.format(text);
    let sentence = match start.chars().next() {
        None => "this body is empty; it is kept raw and the feed is asked again".to_owned(),
        Some('{' | '[') => return Ok(()),
        Some('<') if format != Format::Json => return Ok(()),
        Some('<') => format!(
            "this is a web page, most likely a block or error page; {} answers in JSON",
            feed.name()
        ),
        _ if format == Format::Text => return Ok(()),
        _ if start.lines().next().is_some_and(|line| line.contains(',')) => {
            "this is a CSV file, not a response of the feed; there is nothing to decode in it"
                .to_owned()
        }
        _ => {
            "this is neither JSON nor a page, so no response of the feed; check --source".to_owned()
        }
    };
    Err(NotAResponse(sentence))
}

fn by_endpoint(source: Source, endpoint: &str) -> Result<Recognised, NotAResponse> {
    let path = endpoint.split(['?', '#']).next().unwrap_or_default();
    let path = path.trim_end_matches('/');
    let named = Stream::ALL
        .iter()
        .copied()
        .filter(|stream| stream.source() == source)
        .find(|stream| {
            let name = stream.as_str();
            name == path
                || name
                    .rsplit_once('/')
                    .is_some_and(|(_, short)| short == path)
        });
    if let Some(stream) = named {
        return Ok(Recognised {
            stream,
            source_game_id: None,
        });
    }
    feed(source).by_endpoint(path).ok_or_else(|| {
        let known: Vec<&str> = Stream::ALL
            .iter()
            .filter(|stream| stream.source() == source)
            .map(|stream| stream.as_str())
            .collect();
        NotAResponse(format!(
            "{:?} is no endpoint of {source}; give its URL, or one of: {}",
            crate::domain::clean::clean(&Secrets::default().redact(path), 100),
            known.join(", ")
        ))
    })
}
