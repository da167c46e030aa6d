//! A wire to PostgreSQL that breaks at the worst moment: the server has committed, and its answer is lost.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, UnixStream};
use tokio_util::sync::{CancellationToken, DropGuard};

/// The server's answer to `commit`: `CommandComplete`, its length, its tag.
const COMMITTED: &[u8] = b"C\x00\x00\x00\x0bCOMMIT\x00";

/// A TCP port in front of a server's socket.
#[derive(Debug)]
pub struct Wire {
    pub address: SocketAddr,
    /// How many more answers to `commit` are swallowed, the connection with them.
    pub swallow: Arc<AtomicU32>,
    _stop: DropGuard,
}

impl Wire {
    /// A wire that lets everything through.
    pub async fn start(socket: &Path) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let swallow = Arc::new(AtomicU32::new(0));
        let stop = CancellationToken::new();
        let serving = serve(listener, socket.to_owned(), Arc::clone(&swallow));
        tokio::spawn(stop.clone().run_until_cancelled_owned(serving));
        Self {
            address,
            swallow,
            _stop: stop.drop_guard(),
        }
    }
}

async fn serve(listener: TcpListener, socket: PathBuf, swallow: Arc<AtomicU32>) {
    loop {
        let (client, _) = listener.accept().await.unwrap();
        let server = UnixStream::connect(&socket).await.unwrap();
        let swallow = Arc::clone(&swallow);
        tokio::spawn(async move {
            let (mut from_client, mut to_client) = client.into_split();
            let (mut from_server, mut to_server) = server.into_split();
            let up = tokio::io::copy(&mut from_client, &mut to_server);
            let down = async {
                let mut bytes = vec![0; 64 << 10];
                loop {
                    let count = from_server.read(&mut bytes).await?;
                    let piece = &bytes[..count];
                    let committed = piece.windows(COMMITTED.len()).any(|w| w == COMMITTED);
                    let left = swallow.load(Ordering::Relaxed);
                    if count == 0 || (committed && left > 0) {
                        swallow.store(left.saturating_sub(1), Ordering::Relaxed);
                        return std::io::Result::Ok(());
                    }
                    to_client.write_all(piece).await?;
                }
            };
            tokio::select! {
                _ = up => {}
                _ = down => {}
            }
        });
    }
}
