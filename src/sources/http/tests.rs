use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

use super::*;
use crate::domain::payload::RequestIdentity;
use crate::domain::source::Stream;

const CANARY: &str = "canary-0123456789";

/// A raw server: each connection is answered with the next of `answers`, the last one again and again.
struct Server {
    base_url: String,
    asked: Arc<AtomicUsize>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn server(answers: Vec<Vec<u8>>) -> Server {
    server_that_holds(answers, Duration::ZERO).await
}

/// The same, keeping each connection open for a while after its answer.
async fn server_that_holds(answers: Vec<Vec<u8>>, hold: Duration) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    let task = tokio::spawn(async move {
        loop {
            let (mut socket, _) = listener.accept().await.unwrap();
            let head = read_head(&mut socket).await;
            assert!(head.starts_with("GET "), "{head}");
            let turn = counter.fetch_add(1, Ordering::SeqCst);
            let answer = answers[turn.min(answers.len() - 1)].clone();
            tokio::spawn(async move {
                // The client may hang up first: that is what some tests are about.
                let _ = socket.write_all(&answer).await;
                tokio::time::sleep(hold).await;
                let _ = socket.shutdown().await;
            });
        }
    });
    Server {
        base_url,
        asked,
        task,
    }
}

async fn read_head(socket: &mut TcpStream) -> String {
    let mut head = Vec::new();
    let mut byte = [0_u8; 1];
    while !head.ends_with(b"\r\n\r\n") && socket.read(&mut byte).await.unwrap_or(0) == 1 {
        head.push(byte[0]);
    }
    String::from_utf8_lossy(&head).into_owned()
}

fn answer(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let mut out = format!(
        "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n",
        body.len()
    )
    .into_bytes();
    out.extend_from_slice(body);
    out
}

fn quick() -> Http {
    Http {
        connect_timeout: Duration::from_millis(500),
        read_timeout: Duration::from_millis(250),
        total_timeout: Duration::from_secs(3),
        max_body_bytes: 100_000,
        retries: 2,
        retry_base: Duration::from_millis(5),
        retry_max: Duration::from_millis(20),
        user_agent: None,
    }
}

fn host(base_url: &str, source: Source, per_minute: u32) -> Host {
    Host {
        source,
        base_url: base_url.to_owned(),
        per_minute,
    }
}

async fn ask(server: &Server) -> Result<Response, FetchError> {
    ask_with(server, &quick()).await
}

async fn ask_with(server: &Server, settings: &Http) -> Result<Response, FetchError> {
    let hosts = [host(&server.base_url, Source::OddsApi, 6_000)];
    let client = HttpClient::new(settings, &hosts).unwrap();
    let answer = client.get(&request(&server.base_url)).await;
    if let Err(error) = &answer {
        let told = format!("{error} {error:?}");
        assert!(!told.contains(CANARY) && !told.contains("apiKey"), "{told}");
    }
    answer
}

fn request(base_url: &str) -> Request {
    Request {
        identity: RequestIdentity {
            stream: Stream::OddsApiOdds,
            url: format!("{base_url}/v4/sports/x/odds"),
            league: None,
            source_game_id: None,
        },
        url: Url::parse(&format!("{base_url}/v4/sports/x/odds?apiKey={CANARY}")).unwrap(),
    }
}

/// `{}` repeated, packed by gzip with stored blocks and no help of a library.
fn gzip_stored(body: &[u8]) -> Vec<u8> {
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let mut crc = u32::MAX;
    for byte in body {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 {
                (crc >> 1) ^ 0xEDB8_8320
            } else {
                crc >> 1
            };
        }
    }
    let chunks: Vec<&[u8]> = body.chunks(60_000).collect();
    for (index, chunk) in chunks.iter().enumerate() {
        out.push(u8::from(index + 1 == chunks.len()));
        let length = chunk.len() as u16;
        out.extend_from_slice(&length.to_le_bytes());
        out.extend_from_slice(&(!length).to_le_bytes());
        out.extend_from_slice(chunk);
    }
    out.extend_from_slice(&(!crc).to_le_bytes());
    out.extend_from_slice(&(body.len() as u32).to_le_bytes());
    out
}

#[tokio::test]
async fn reads_body_status_and_credits() {
    let server = server(vec![answer(
        "200 OK",
        "x-requests-remaining: 312\r\nx-requests-used: 188\r\nx-requests-last: 3\r\n",
        b"[]",
    )])
    .await;
    let response = ask(&server).await.unwrap();
    assert_eq!((response.status, &*response.body), (200, &b"[]"[..]));
    assert_eq!(response.quota.remaining, Some(312));
    assert_eq!(response.quota.last, Some(3));
}

#[tokio::test]
async fn html_with_200_is_a_response() {
    let server = server(vec![answer(
        "200 OK",
        "content-type: text/html\r\n",
        b"<html>",
    )])
    .await;
    assert_eq!(&*ask(&server).await.unwrap().body, b"<html>");
}

#[tokio::test]
async fn retry_after_is_a_floor() {
    let server = server(vec![
        answer("429 Too Many Requests", "retry-after: 1\r\n", b""),
        answer("200 OK", "", b"[]"),
    ])
    .await;
    let start = Instant::now();
    ask(&server).await.unwrap();
    assert!(start.elapsed() >= Duration::from_secs(1));
    assert_eq!(server.asked.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_long_retry_after_is_handed_on() {
    let server = server(vec![answer(
        "429 Too Many Requests",
        "retry-after: 600\r\n",
        b"",
    )])
    .await;
    let start = Instant::now();
    let error = ask(&server).await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_mins(10)));
    assert!(start.elapsed() < Duration::from_secs(2));
    assert_eq!(server.asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn server_errors_are_tried_again_and_refusals_are_not() {
    let flaky = server(vec![
        answer("503 Service Unavailable", "", b""),
        answer("500 Internal Server Error", "", b""),
        answer("200 OK", "", b"[]"),
    ])
    .await;
    assert!(ask(&flaky).await.is_ok());
    assert_eq!(flaky.asked.load(Ordering::SeqCst), 3);

    for status in [401_u16, 403, 404, 422] {
        let firm = server(vec![answer(&format!("{status} No"), "", b"{}")]).await;
        assert_eq!(ask(&firm).await.unwrap_err().status(), Some(status));
        assert_eq!(firm.asked.load(Ordering::SeqCst), 1, "{status}");
    }
}

#[tokio::test]
async fn gzip_is_unpacked_and_a_truncated_one_is_an_error() {
    let packed = gzip_stored(&b"[1]".repeat(1_000));
    let gzip = "content-encoding: gzip\r\n";
    let whole = server(vec![answer("200 OK", gzip, &packed)]).await;
    assert_eq!(ask(&whole).await.unwrap().body.len(), 3_000);

    let cut = server(vec![answer("200 OK", gzip, &packed[..packed.len() - 500])]).await;
    let error = ask(&cut).await.unwrap_err();
    assert!(matches!(error, FetchError::Body { .. }), "{error:?}");
    assert_eq!(cut.asked.load(Ordering::SeqCst), 3, "it may pass by itself");
}

#[tokio::test]
async fn a_body_that_ends_early_is_an_error() {
    let mut short = answer("200 OK", "", &b"[1]".repeat(100));
    short.truncate(short.len() - 50);
    let server = server(vec![short]).await;
    let error = ask(&server).await.unwrap_err();
    assert!(matches!(error, FetchError::Body { .. }), "{error:?}");
}

#[tokio::test]
async fn the_cap_counts_decoded_bytes() {
    // One real deflate block: a run of a million zeros in about a thousand bytes.
    let bomb = zeros_gzip();
    assert!(bomb.len() < 10_000);
    let server = server(vec![answer("200 OK", "content-encoding: gzip\r\n", &bomb)]).await;
    assert!(matches!(
        ask(&server).await.unwrap_err(),
        FetchError::TooLarge { limit: 100_000, .. }
    ));
    assert_eq!(
        server.asked.load(Ordering::SeqCst),
        1,
        "it would not shrink"
    );
}

/// A fixed-Huffman deflate stream of zeros: one literal, then matches of length 258 at distance 1.
fn zeros_gzip() -> Vec<u8> {
    let mut bits: Vec<bool> = vec![true, true, false];
    let mut code = |value: u32, length: u32| {
        bits.extend((0..length).rev().map(|shift| value >> shift & 1 == 1));
    };
    code(0b0011_0000, 8);
    for _ in 0..4_000 {
        code(0b1100_0101, 8);
        code(0, 5);
    }
    code(0, 7);
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    out.extend(bits.chunks(8).map(|byte| {
        byte.iter()
            .enumerate()
            .fold(0_u8, |sum, (index, bit)| sum | (u8::from(*bit) << index))
    }));
    out.extend_from_slice(&[0; 8]);
    out
}

#[tokio::test]
async fn a_silent_body_runs_into_the_read_timeout() {
    let head = b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n[".to_vec();
    let server = server_that_holds(vec![head], Duration::from_secs(5)).await;
    let settings = Http {
        retries: 0,
        ..quick()
    };
    let error = ask_with(&server, &settings).await.unwrap_err();
    assert!(matches!(error, FetchError::Timeout { .. }), "{error:?}");
}

#[tokio::test]
async fn nobody_there_is_a_connect_error() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let client = HttpClient::new(&quick(), &[host(&base_url, Source::OddsApi, 6_000)]).unwrap();
    let error = client.get(&request(&base_url)).await.unwrap_err();
    assert!(matches!(error, FetchError::Connect { .. }), "{error:?}");
    assert!(!format!("{error} {error:?}").contains(CANARY));
}

#[tokio::test]
async fn redirects_stay_on_their_host() {
    let away = server(vec![answer(
        "302 Found",
        "location: http://127.0.0.2:9/x\r\n",
        b"",
    )])
    .await;
    assert!(matches!(
        ask(&away).await.unwrap_err(),
        FetchError::Redirect { .. }
    ));
    let within = server(vec![
        answer("302 Found", "location: /elsewhere\r\n", b""),
        answer("200 OK", "", b"[7]"),
    ])
    .await;
    assert_eq!(&*ask(&within).await.unwrap().body, b"[7]");
    let endless = server(vec![answer("302 Found", "location: /again\r\n", b"")]).await;
    assert_eq!(ask(&endless).await.unwrap_err().status(), Some(302));
}

#[tokio::test]
async fn another_server_is_never_asked() {
    let server = server(vec![answer("200 OK", "", b"[]")]).await;
    let hosts = [host("http://127.0.0.1:1", Source::OddsApi, 60)];
    let client = HttpClient::new(&quick(), &hosts).unwrap();
    assert!(client.get(&request(&server.base_url)).await.is_err());
    assert_eq!(server.asked.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn the_limit_spaces_requests() {
    let server = server(vec![answer("200 OK", "", b"[]")]).await;
    // 300 a minute: a burst of 25, then one each 200 ms.
    let hosts = [host(&server.base_url, Source::OddsApi, 300)];
    let client = HttpClient::new(&quick(), &hosts).unwrap();
    let start = Instant::now();
    for _ in 0..27 {
        client.get(&request(&server.base_url)).await.unwrap();
    }
    assert!(
        start.elapsed() >= Duration::from_millis(200),
        "{:?}",
        start.elapsed()
    );
}

#[test]
fn only_https_or_loopback() {
    let new = |base_url: &str, per_minute| {
        HttpClient::new(&quick(), &[host(base_url, Source::OddsApi, per_minute)]).map(drop)
    };
    let url = "http://example.com/?apiKey=".to_owned() + CANARY;
    let error = new(&url, 60).unwrap_err();
    assert!(matches!(error, HostError::NotHttps { .. }));
    assert!(!error.to_string().contains(CANARY), "{error}");
    assert!(matches!(
        new("https://user:secret@example.com", 60),
        Err(HostError::NotAnAddress { ref url, .. }) if !url.contains("secret")
    ));
    assert!(matches!(
        new("nonsense", 60),
        Err(HostError::NotAnAddress { .. })
    ));
    assert!(matches!(
        new("ftp://127.0.0.1", 60),
        Err(HostError::NotHttps { .. })
    ));
    assert!(matches!(
        new("https://example.com", 0),
        Err(HostError::NoRequests { .. })
    ));
    for good in [
        "https://example.com",
        "http://127.0.0.1:8080",
        "http://[::1]:80",
        "http://localhost",
    ] {
        assert_eq!(new(good, 60), Ok(()), "{good}");
    }
}

#[test]
fn a_request_is_shown_without_its_url() {
    let shown = format!("{:?}", request("http://127.0.0.1:1"));
    assert!(!shown.contains(CANARY), "{shown}");
}

#[test]
fn jitter_lies_between_the_floor_and_the_backoff() {
    let backoff = Some(Duration::from_secs(1));
    let error = FetchError::TooMany {
        host: String::new(),
        retry_after: Duration::from_secs(3),
    };
    let waits: Vec<Duration> = (0..50).filter_map(|_| wait_for(&error, backoff)).collect();
    assert_eq!(waits.len(), 50);
    assert!(waits.iter().all(|w| (3.0..=4.0).contains(&w.as_secs_f64())));
    assert!(waits.windows(2).any(|pair| pair[0] != pair[1]));
    assert_eq!(wait_for(&error, None), None);
}
