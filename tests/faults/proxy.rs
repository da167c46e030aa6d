//! A proxy in front of a feed that does to its answers what networks and servers do to them.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::{CancellationToken, DropGuard};

/// What is done to an answer.
#[derive(Debug, Clone)]
pub enum Fault {
    /// Nothing before this time.
    Latency(Duration),
    /// The whole answer, this many bytes at a time, with a pause after each piece.
    Trickle(usize, Duration),
    /// The connection is reset at once.
    Reset,
    /// The request is read and never answered.
    BlackHole,
    /// The connection ends after this many bytes of the answer, headers included.
    CutAfter(usize),
    /// A good status and this body.
    Body(&'static str, Vec<u8>),
    /// A good status and the first half of a gzip archive.
    TruncatedGzip,
    /// This status, with this Retry-After if any.
    Status(u16, Option<u64>),
}

/// A page where JSON is expected: a captive portal, a block page.
pub fn page() -> Fault {
    let page =
        b"<!DOCTYPE html><html><title>Sign in to the Wi-Fi</title><body>Welcome</body></html>";
    Fault::Body("text/html; charset=utf-8", page.to_vec())
}

/// Bytes that are no text.
pub fn garbage() -> Fault {
    let noise = (0..2_048_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8);
    Fault::Body("application/json", noise.collect())
}

/// A request that came through.
#[derive(Debug, Clone)]
pub struct Asked {
    pub at: Instant,
    pub path: String,
}

#[derive(Debug, Default)]
struct Script {
    /// What is done to paths that hold a text; the first that fits counts.
    faults: Vec<(&'static str, Fault)>,
    asked: Vec<Asked>,
}

/// A running proxy; dropping it ends it.
#[derive(Debug)]
pub struct Proxy {
    pub base_url: String,
    script: Arc<Mutex<Script>>,
    open: watch::Sender<bool>,
    _stop: DropGuard,
}

impl Proxy {
    /// A proxy in front of `upstream`, `http://127.0.0.1:port`, that does no harm yet.
    pub async fn start(upstream: &str) -> Self {
        let upstream: SocketAddr = upstream.strip_prefix("http://").unwrap().parse().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let script = Arc::new(Mutex::new(Script::default()));
        let (open, opened) = watch::channel(true);
        let stop = CancellationToken::new();
        let serving = serve(listener, address, upstream, Arc::clone(&script), opened);
        tokio::spawn(stop.clone().run_until_cancelled_owned(serving));
        Self {
            base_url: format!("http://{address}"),
            script,
            open,
            _stop: stop.drop_guard(),
        }
    }

    /// From now on do this to paths that hold `path`.
    pub fn hurt(&self, path: &'static str, fault: Fault) {
        let mut script = self.script.lock().unwrap();
        script.faults.retain(|(p, _)| *p != path);
        script.faults.push((path, fault));
    }

    /// Let everything through again.
    pub fn heal(&self) {
        self.script.lock().unwrap().faults.clear();
        self.open.send_replace(true);
    }

    /// Close the port: whoever comes is refused.
    pub fn refuse(&self) {
        self.open.send_replace(false);
    }

    /// Requests so far whose path holds `path`.
    pub fn asked(&self, path: &str) -> Vec<Asked> {
        let script = self.script.lock().unwrap();
        let fits = |a: &&Asked| a.path.contains(path);
        script.asked.iter().filter(fits).cloned().collect()
    }
}

async fn serve(
    listener: TcpListener,
    address: SocketAddr,
    upstream: SocketAddr,
    script: Arc<Mutex<Script>>,
    mut open: watch::Receiver<bool>,
) {
    let mut listener = Some(listener);
    loop {
        if !*open.borrow_and_update() {
            listener = None;
            open.changed().await.unwrap();
            continue;
        }
        let Some(listening) = &listener else {
            listener = Some(TcpListener::bind(address).await.unwrap());
            continue;
        };
        tokio::select! {
            accepted = listening.accept() => {
                let (client, _) = accepted.unwrap();
                let script = Arc::clone(&script);
                // A client that leaves in the middle is what some tests are about.
                tokio::spawn(async move { answer(client, upstream, &script).await.ok() });
            }
            _ = open.changed() => {}
        }
    }
}

/// One request a connection: the answer says so.
async fn answer(
    mut client: TcpStream,
    upstream: SocketAddr,
    script: &Mutex<Script>,
) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let byte = client.read_u8().await?;
        head.push(byte);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let fault = {
        let mut script = script.lock().unwrap();
        let fault = script.faults.iter().find(|(p, _)| path.contains(p));
        let fault = fault.map(|(_, fault)| fault.clone());
        script.asked.push(Asked {
            at: Instant::now(),
            path,
        });
        fault
    };
    match fault {
        None => client.write_all(&pass(&head, upstream).await?).await?,
        Some(Fault::Latency(wait)) => {
            tokio::time::sleep(wait).await;
            client.write_all(&pass(&head, upstream).await?).await?;
        }
        Some(Fault::Trickle(piece, pause)) => {
            for bytes in pass(&head, upstream).await?.chunks(piece) {
                client.write_all(bytes).await?;
                tokio::time::sleep(pause).await;
            }
        }
        Some(Fault::Reset) => client.set_zero_linger()?,
        Some(Fault::BlackHole) => {
            // Until the client gives up.
            let _ = client.read_u8().await;
        }
        Some(Fault::CutAfter(bytes)) => {
            let whole = pass(&head, upstream).await?;
            client
                .write_all(&whole[..bytes.min(whole.len() - 1)])
                .await?;
        }
        Some(Fault::Body(kind, body)) => {
            client
                .write_all(&response(200, &format!("content-type: {kind}\r\n"), &body))
                .await?;
        }
        Some(Fault::TruncatedGzip) => {
            let headers = "content-type: application/json\r\ncontent-encoding: gzip\r\n";
            client
                .write_all(&response(200, headers, &half_an_archive()))
                .await?;
        }
        Some(Fault::Status(status, retry_after)) => {
            let wish = retry_after.map_or_else(String::new, |s| format!("retry-after: {s}\r\n"));
            client
                .write_all(&response(status, &wish, b"{\"message\": \"no\"}"))
                .await?;
        }
    }
    client.shutdown().await
}

/// The upstream's whole answer.
async fn pass(head: &str, upstream: SocketAddr) -> std::io::Result<Vec<u8>> {
    let mut server = TcpStream::connect(upstream).await?;
    let kept = head.trim_end().split("\r\n").filter(|line| {
        let name = line.split(':').next().unwrap_or_default();
        !name.eq_ignore_ascii_case("connection")
    });
    let request = kept.collect::<Vec<_>>().join("\r\n") + "\r\nconnection: close\r\n\r\n";
    server.write_all(request.as_bytes()).await?;
    let mut whole = Vec::new();
    server.read_to_end(&mut whole).await?;
    Ok(whole)
}

fn response(status: u16, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status} Scripted\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n"
    );
    [head.as_bytes(), body].concat()
}

/// A gzip header and a stored block that announces more bytes than come.
fn half_an_archive() -> Vec<u8> {
    let mut archive = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1];
    let announced = 4_000_u16;
    archive.extend(announced.to_le_bytes());
    archive.extend((!announced).to_le_bytes());
    archive.extend(b"{\"games\": [".iter().cycle().take(900));
    archive
}
