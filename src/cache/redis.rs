//! The second tier: a Redis server, optional, shared, and allowed to fail.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use futures_util::future::{BoxFuture, FutureExt};
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, ErrorKind, RedisError, RedisResult, ServerErrorKind, Value};
use secrecy::{ExposeSecret, SecretString};

use super::circuit::Circuit;
use super::glob;
use super::tier::{Stored, Tier, TierError};
use crate::domain::clean::clean;

/// How long connecting may take in the background; callers wait no longer than for any other answer.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// Failures in a row after which a connection that only times out is given up: the peer may be gone without a word.
const PATIENCE: u32 = 3;

/// Keys looked at in one step of a scan.
const SCAN_STEP: u32 = 500;

/// Characters kept of a reason.
const REASON_LENGTH: usize = 160;

/// A Redis server, connected when first asked.
pub(crate) struct RedisTier {
    /// Or why the URL is none.
    client: Result<Client, String>,
    connection: Mutex<Option<ConnectionManager>>,
    timeout: Duration,
    prefix: String,
    circuit: Circuit,
}

/// What a failed call means for the next one.
enum Verdict {
    /// The server is not to be asked for a while; the connection may be good.
    Slow,
    /// The server is not to be asked for a while, and then over a new connection.
    Broken,
    /// This key or this command only.
    Harmless,
}

impl RedisTier {
    /// A tier at `url`; a wrong URL makes a tier that is down and says so. Nothing is connected yet.
    pub fn new(url: &SecretString, prefix: &str, timeout: Duration) -> Self {
        // The error is not repeated: it may quote the URL, and with it a password.
        let client = Client::open(url.expose_secret())
            .map_err(|_| "cache.redis_url cannot be read; write redis://host:port/db".to_owned());
        Self {
            client,
            connection: Mutex::new(None),
            timeout,
            prefix: prefix.to_owned(),
            circuit: Circuit::new("redis"),
        }
    }

    /// Run `command` unless the server is resting, for at most `within`.
    async fn ask<T, F>(
        &self,
        within: Duration,
        command: impl FnOnce(ConnectionManager) -> F,
    ) -> Result<T, TierError>
    where
        F: Future<Output = RedisResult<T>>,
    {
        let within = within.min(self.timeout);
        self.circuit
            .permit(Instant::now(), within.saturating_mul(2))
            .map_err(TierError::Resting)?;
        let connection = match self.connect() {
            Ok(connection) => connection,
            Err(why) => {
                self.circuit.failed(Instant::now(), why.clone());
                return Err(TierError::Failed(why));
            }
        };
        let (verdict, why) = match tokio::time::timeout(within, command(connection)).await {
            Ok(Ok(answer)) => {
                self.circuit.succeeded();
                return Ok(answer);
            }
            Ok(Err(error)) => (judge(&error), clean(&error.to_string(), REASON_LENGTH)),
            Err(_) => (Verdict::Slow, format!("no answer within {within:?}")),
        };
        match verdict {
            Verdict::Harmless => self.circuit.succeeded(),
            Verdict::Slow => {
                if self.circuit.failed(Instant::now(), why.clone()) >= PATIENCE {
                    self.disconnect();
                }
            }
            Verdict::Broken => {
                self.circuit.failed(Instant::now(), why.clone());
                self.disconnect();
            }
        }
        Err(TierError::Failed(why))
    }

    /// The connection, made when there is none. Returns at once: connecting goes on beside the first command.
    fn connect(&self) -> Result<ConnectionManager, String> {
        let mut connection = self.lock();
        if let Some(connection) = &*connection {
            return Ok(connection.clone());
        }
        let client = self.client.clone()?;
        let config = ConnectionManagerConfig::new()
            .set_number_of_retries(1)
            .set_min_delay(Duration::from_millis(10))
            .set_max_delay(Duration::from_millis(100))
            .set_connection_timeout(Some(CONNECT_TIMEOUT))
            // Ours runs out first; this one frees what nobody waits for any more.
            .set_response_timeout(Some(self.timeout.saturating_mul(2)));
        let made = ConnectionManager::new_lazy_with_config(client, config)
            .map_err(|error| clean(&error.to_string(), REASON_LENGTH))?;
        // Commands give up sooner than a TLS handshake over a slow line; this one keeps the connecting alive. What
        // it is answered does not matter: the next command finds out.
        let mut warming = made.clone();
        tokio::spawn(async move {
            drop(redis::cmd("PING").query_async::<Value>(&mut warming).await);
        });
        *connection = Some(made.clone());
        Ok(made)
    }

    /// The manager keeps a refused login for good, so a broken connection goes as a whole.
    fn disconnect(&self) {
        *self.lock() = None;
    }

    fn lock(&self) -> MutexGuard<'_, Option<ConnectionManager>> {
        self.connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn key(&self, key: &str) -> String {
        format!("{}{key}", self.prefix)
    }

    async fn read(&self, key: &str, within: Duration) -> Result<Option<Stored>, TierError> {
        let key = self.key(key);
        let answers: Vec<RedisResult<Value>> = self
            .ask(within, |mut connection| {
                let key = &key;
                async move {
                    redis::pipe()
                        .get(key)
                        .pttl(key)
                        .ignore_errors()
                        .query_async(&mut connection)
                        .await
                }
            })
            .await?;
        let mut answers = answers.into_iter();
        let (Some(value), Some(ttl)) = (answers.next(), answers.next()) else {
            return Err(TierError::Failed("Redis answered too little".into()));
        };
        let value = match value {
            Ok(value) => value,
            Err(error) => return Err(self.refused(&key, &error, within).await),
        };
        let failed = |reason: &dyn fmt::Display| {
            TierError::Failed(clean(&reason.to_string(), REASON_LENGTH))
        };
        let value: Option<Vec<u8>> = redis::from_redis_value(value).map_err(|e| failed(&e))?;
        let ttl: i64 = ttl
            .map_err(|e| failed(&e))
            .and_then(|ttl| redis::from_redis_value(ttl).map_err(|e| failed(&e)))?;
        Ok(value.map(|value| Stored {
            value: value.into(),
            // -1: somebody took the expiry away; then the family's own life bounds it.
            ttl: u64::try_from(ttl).map_or(Duration::MAX, Duration::from_millis),
        }))
    }

    /// A read that the server refused. Something that is no string under a key of ours is nobody else's: it goes.
    async fn refused(&self, key: &str, error: &RedisError, within: Duration) -> TierError {
        if error.code() == Some("WRONGTYPE") {
            tracing::warn!(key, "a cached key had the wrong type and was removed");
            if let Err(error) = self.unlink(&[key.to_owned()], within).await {
                return error;
            }
        } else if let Verdict::Slow | Verdict::Broken = judge(error) {
            self.circuit
                .failed(Instant::now(), clean(&error.to_string(), REASON_LENGTH));
        }
        TierError::Failed(clean(&error.to_string(), REASON_LENGTH))
    }

    /// Remove whole keys, all of them ours.
    async fn unlink(&self, keys: &[String], within: Duration) -> Result<u64, TierError> {
        self.ask(within, |mut connection| async move {
            redis::cmd("UNLINK")
                .arg(keys)
                .query_async(&mut connection)
                .await
        })
        .await
    }

    async fn remove_matching(&self, pattern: &str, within: Duration) -> Result<u64, TierError> {
        let pattern = format!(
            "{}{}",
            glob::literal_for_redis(&self.prefix),
            glob::for_redis(pattern)
        );
        let mut cursor = 0_u64;
        let mut removed = 0;
        loop {
            let (next, keys): (u64, Vec<Vec<u8>>) = self
                .ask(within, |mut connection| {
                    let pattern = &pattern;
                    async move {
                        redis::cmd("SCAN")
                            .arg(cursor)
                            .arg("MATCH")
                            .arg(pattern)
                            .arg("COUNT")
                            .arg(SCAN_STEP)
                            .query_async(&mut connection)
                            .await
                    }
                })
                .await?;
            let ours: Vec<String> = keys
                .into_iter()
                .filter_map(|key| String::from_utf8(key).ok())
                .filter(|key| key.starts_with(&self.prefix))
                .collect();
            if !ours.is_empty() {
                removed += self.unlink(&ours, within).await?;
            }
            cursor = next;
            if cursor == 0 {
                return Ok(removed);
            }
        }
    }
}

/// What an error means for the next call.
fn judge(error: &RedisError) -> Verdict {
    if error.is_timeout() {
        return Verdict::Slow;
    }
    match error.kind() {
        // A replica, a full server or a missing permission refuses some commands; reads may go on.
        ErrorKind::Server(
            ServerErrorKind::ReadOnly
            | ServerErrorKind::ResponseError
            | ServerErrorKind::NoPerm
            | ServerErrorKind::CrossSlot,
        )
        | ErrorKind::UnexpectedReturnType => Verdict::Harmless,
        ErrorKind::Server(_) => Verdict::Slow,
        ErrorKind::Extension => match error.code() {
            Some("WRONGTYPE" | "OOM" | "MISCONF") => Verdict::Harmless,
            _ => Verdict::Broken,
        },
        _ => Verdict::Broken,
    }
}

impl Tier for RedisTier {
    fn get<'a>(
        &'a self,
        key: &'a str,
        within: Duration,
    ) -> BoxFuture<'a, Result<Option<Stored>, TierError>> {
        self.read(key, within).boxed()
    }

    fn set<'a>(
        &'a self,
        key: &'a str,
        stored: Stored,
        within: Duration,
    ) -> BoxFuture<'a, Result<(), TierError>> {
        async move {
            let key = self.key(key);
            // Redis refuses a life of 0 ms.
            let ttl = u64::try_from(stored.ttl.as_millis())
                .unwrap_or(u64::MAX)
                .clamp(1, i64::MAX as u64 / 2);
            self.ask(within, |mut connection| async move {
                redis::cmd("SET")
                    .arg(key)
                    .arg(&*stored.value)
                    .arg("PX")
                    .arg(ttl)
                    .query_async(&mut connection)
                    .await
            })
            .await
        }
        .boxed()
    }

    fn delete<'a>(
        &'a self,
        key: &'a str,
        within: Duration,
    ) -> BoxFuture<'a, Result<(), TierError>> {
        async move {
            self.unlink(&[self.key(key)], within).await?;
            Ok(())
        }
        .boxed()
    }

    fn clear<'a>(
        &'a self,
        pattern: &'a str,
        within: Duration,
    ) -> BoxFuture<'a, Result<u64, TierError>> {
        self.remove_matching(pattern, within).boxed()
    }

    fn entries(&self) -> Option<u64> {
        // Only a scan of the whole server could tell.
        None
    }

    fn state(&self) -> String {
        match &self.client {
            Ok(_) => self.circuit.sentence(),
            Err(why) => format!("down: {why}"),
        }
    }
}

/// A tier for [`super::Cache`].
pub(crate) fn tier(url: &SecretString, prefix: &str, timeout: Duration) -> Arc<dyn Tier> {
    Arc::new(RedisTier::new(url, prefix, timeout))
}
