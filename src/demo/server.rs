//! The loopback server: a clock, keys, credits and HTTP in front of the market.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::market::Market;
use super::reply::{Params, Reply};
use crate::engine::clock::Clock;

/// Credits of the demo's key: the size of a large plan, so that days of polling fit.
const CREDITS: u64 = 5_000_000;

/// Why the demo's server did not start.
#[derive(Debug, thiserror::Error)]
#[error(
    "the demo market could not open a port on 127.0.0.1 ({0}); allow local connections and start the demo again"
)]
pub struct ServerError(#[from] std::io::Error);

/// The demo market on a loopback port. Dropping it closes the port.
#[derive(Debug)]
pub struct DemoServer {
    base_url: String,
    shutdown: DropGuard,
    serving: JoinHandle<std::io::Result<()>>,
}

struct Desk {
    market: Arc<Market>,
    clock: Clock,
    credits_used: AtomicU64,
}

impl DemoServer {
    /// Serve `market` as of `clock` on a free port of 127.0.0.1.
    ///
    /// Fails when no port can be opened.
    pub async fn start(market: Arc<Market>, clock: Clock) -> Result<Self, ServerError> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let base_url = format!("http://{}", listener.local_addr()?);
        let desk = Arc::new(Desk {
            market,
            clock,
            credits_used: AtomicU64::new(0),
        });
        let app = Router::new().fallback(respond).with_state(desk);
        let token = CancellationToken::new();
        let stop = token.clone();
        let serving = tokio::spawn(async move {
            axum::serve(listener, app)
                .with_graceful_shutdown(stop.cancelled_owned())
                .await
        });
        Ok(Self {
            base_url,
            shutdown: token.drop_guard(),
            serving,
        })
    }

    /// Where it listens, without a slash at the end: the base URL of Action Network and The Odds API. The others
    /// stand below it, under their own names.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Stop accepting and drop what is left of idle connections.
    pub async fn stop(self) {
        drop(self.shutdown);
        // A client that keeps its connection open must not hold up the end of the program.
        let grace = std::time::Duration::from_millis(250);
        let abort = self.serving.abort_handle();
        if tokio::time::timeout(grace, self.serving).await.is_err() {
            abort.abort();
        }
    }
}

async fn respond(State(desk): State<Arc<Desk>>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let query = request.uri().query().unwrap_or_default().to_owned();
    if request.method() != Method::GET {
        return write(Reply::page(405, "Method Not Allowed"), None);
    }
    let odds_api = path.starts_with("/v4/");
    let refusal = if odds_api {
        desk.refuse_key(&query)
    } else {
        refuse_agent(&path, request.headers())
    };
    if let Some(refusal) = refusal {
        return write(refusal, None);
    }
    let now = desk.clock.now();
    let market = Arc::clone(&desk.market);
    // The first question of a day builds its slate: not on the thread that drives the sockets.
    let answered = tokio::task::spawn_blocking(move || market.answer(&path, &query, now)).await;
    match answered {
        Ok(reply) => {
            let credits = odds_api.then(|| desk.charge(reply.cost));
            write(reply, credits)
        }
        Err(error) => write(Reply::page(500, &error.to_string()), None),
    }
}

/// Credits as told in headers: used, last.
type Credits = (u64, u32);

impl Desk {
    fn charge(&self, cost: u32) -> Credits {
        let cost_wide = u64::from(cost);
        let before = self.credits_used.fetch_add(cost_wide, Ordering::Relaxed);
        (before + cost_wide, cost)
    }

    /// The Odds API wants a key, and credits behind it.
    fn refuse_key(&self, query: &str) -> Option<Reply> {
        let (code, message) = if Params::parse(query).get("apiKey").is_none() {
            ("MISSING_KEY", "API key is missing")
        } else if self.credits_used.load(Ordering::Relaxed) >= CREDITS {
            (
                "OUT_OF_USAGE_CREDITS",
                "Usage quota has been reached. See usage plans at https://the-odds-api.com",
            )
        } else {
            return None;
        };
        Some(Reply::json(
            401,
            &json!({"message": message, "error_code": code}),
        ))
    }
}

/// Action Network serves browsers only.
fn refuse_agent(path: &str, headers: &HeaderMap) -> Option<Reply> {
    let agent = headers
        .get(header::USER_AGENT)
        .and_then(|agent| agent.to_str().ok());
    let browser = agent.is_some_and(|agent| agent.contains("Mozilla/"));
    (path.starts_with("/web/") && !browser).then(|| {
        Reply::page(
            403,
            "<!DOCTYPE html><html><head><title>Attention Required! | Cloudflare</title></head><body><h1>Sorry, you have \
             been blocked</h1></body></html>",
        )
    })
}

fn write(reply: Reply, credits: Option<Credits>) -> Response {
    let mut response = Response::new(Body::from(reply.body));
    *response.status_mut() =
        StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(reply.content_type),
    );
    if let Some((used, last)) = credits {
        for (name, value) in [
            ("x-requests-remaining", CREDITS.saturating_sub(used)),
            ("x-requests-used", used),
            ("x-requests-last", u64::from(last)),
        ] {
            headers.insert(HeaderName::from_static(name), HeaderValue::from(value));
        }
    }
    response
}
