//! Whether a feed's format drifts: of the JSON that is stored, one payload in ten minutes is compared with what the
//! stream's payloads looked like so far.
//!
//! It looks at what is committed, off the way that prices take, and drops a sample rather than make anybody wait. Pages
//! and XML have no such baseline: there rejects, and answers without rows, tell.

mod shape;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgPool;
use tokio::sync::mpsc;
use tokio::time::Instant;

pub use self::shape::{Change, Kind, Shape};
use super::hub::task::{HubHandle, HubMessage};
use crate::domain::clean::clean;
use crate::domain::league::League;
use crate::domain::payload::Payload;
use crate::domain::source::Stream;
use crate::store;
use crate::store::drift::{Baseline, DriftRow};

/// Between two samples of a stream and league, by the feed's time.
const EVERY: TimeDelta = TimeDelta::minutes(10);
/// And by real time, where the feed's is simulated.
const EVERY_REAL: Duration = Duration::from_secs(2);
/// Samples waiting.
const QUEUE: usize = 8;
/// Changes kept of one payload: more, and the whole format is another.
const MOST: usize = 100;
/// Paths named in a sentence.
const NAMED: usize = 3;

type Asked = HashMap<(Stream, Option<League>), (DateTime<Utc>, Instant)>;

/// Picks samples.
#[derive(Debug)]
pub struct Sampler {
    samples: mpsc::Sender<(PgPool, Payload)>,
    asked: Mutex<Asked>,
}

impl Sampler {
    /// Start looking; changes are told to `hub`. It ends with the sampler.
    pub fn start(hub: HubHandle) -> Self {
        let (samples, mut waiting) = mpsc::channel::<(PgPool, Payload)>(QUEUE);
        tokio::spawn(async move {
            while let Some((pool, payload)) = waiting.recv().await {
                let stream = payload.request.stream;
                match look(&pool, &payload).await {
                    Ok(Some(sentence)) => {
                        tracing::warn!(%stream, "{sentence}");
                        hub.tell(HubMessage::Drift(stream.source(), sentence)).await;
                    }
                    Ok(None) => {}
                    Err(error) => {
                        tracing::debug!(%stream, %error, "the format could not be compared; the next sample is");
                    }
                }
            }
        });
        Self {
            samples,
            asked: Mutex::default(),
        }
    }

    /// Look at those of these stored payloads whose turn it is.
    pub fn offer(&self, pool: &PgPool, payloads: &[Payload]) {
        for payload in payloads {
            let is_json = payload
                .body
                .iter()
                .find(|byte| !byte.is_ascii_whitespace())
                .is_some_and(|byte| matches!(byte, b'{' | b'['));
            if payload.error.is_some() || payload.reconstructed || !is_json {
                continue;
            }
            let (stream, league) = (payload.request.stream, payload.request.league);
            if !self.is_turn(stream, league, payload.observed_at) {
                continue;
            }
            // Full: the next payload will do as well.
            if self
                .samples
                .try_send((pool.clone(), payload.clone()))
                .is_err()
            {
                let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
                asked.remove(&(stream, league));
            }
        }
    }

    fn is_turn(&self, stream: Stream, league: Option<League>, at: DateTime<Utc>) -> bool {
        let now = Instant::now();
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let is_turn = asked
            .get(&(stream, league))
            .is_none_or(|(last, real)| at - *last >= EVERY && now - *real >= EVERY_REAL);
        if is_turn {
            asked.insert((stream, league), (at, now));
        }
        is_turn
    }
}

/// Compare a stored payload with what is known of its stream, and learn it. A sentence when something changed.
pub async fn look(pool: &PgPool, payload: &Payload) -> Result<Option<String>, String> {
    let sentence = |error: sqlx::Error| clean(&error.to_string(), 300);
    let outcomes = store::payloads::outcomes(pool, &[payload.fetch_id])
        .await
        .map_err(sentence)?;
    // A body that is no answer of the feed tells nothing of its format.
    if outcomes.values().all(|outcome| outcome.fate == "refused") {
        return Ok(None);
    }
    let (body, at) = (Arc::clone(&payload.body), payload.observed_at);
    let shape = tokio::task::spawn_blocking(move || Shape::of(&body, at)).await;
    let Ok(Some(seen)) = shape else {
        return Ok(None);
    };
    let found = compare(pool, payload, seen).await.map_err(sentence)?;
    Ok(told(payload.request.stream, &found))
}

async fn compare(
    pool: &PgPool,
    payload: &Payload,
    mut seen: Shape,
) -> Result<Vec<DriftRow>, sqlx::Error> {
    let (stream, at) = (payload.request.stream.as_str(), payload.observed_at);
    let league = payload.request.league.map_or("", League::as_str);
    let mut transaction = pool.begin().await?;
    let stored = store::drift::baseline(&mut transaction, stream, league).await?;
    if stored.as_ref().is_some_and(|b| at - b.last_at < EVERY) {
        return Ok(Vec::new());
    }
    let known = stored
        .as_ref()
        .and_then(|b| serde_json::from_value::<Shape>(b.paths.clone()).ok());
    let mut rows = Vec::new();
    let known = if let Some(mut known) = known {
        let mut changes = known.changes(&mut seen, at);
        changes.sort_by_key(|change| change.kind != Kind::Missing);
        changes.truncate(MOST);
        rows.extend(changes.into_iter().map(|change| DriftRow {
            stream: stream.to_owned(),
            league: league.to_owned(),
            path: change.path,
            change: change.kind.as_str().to_owned(),
            detail: change.detail,
            observed_at: at,
            payload_hash: payload.hash.0.to_vec(),
        }));
        let missing = store::drift::missing(&mut transaction, stream, league).await?;
        let back: Vec<String> = missing.into_iter().filter(|path| seen.has(path)).collect();
        store::drift::end_missing(&mut transaction, stream, league, &back, at).await?;
        known.learn(seen);
        known
    } else {
        seen
    };
    let rows = store::drift::note(&mut transaction, rows).await?;
    let baseline = Baseline {
        observations: stored.as_ref().map_or(0, |b| b.observations) + 1,
        first_at: stored.as_ref().map_or(at, |b| b.first_at),
        last_at: at,
        paths: serde_json::to_value(&known).map_err(|e| sqlx::Error::Encode(e.into()))?,
    };
    store::drift::write_baseline(&mut transaction, stream, league, &baseline, &payload.hash)
        .await?;
    transaction.commit().await?;
    Ok(rows)
}

/// What changed, in a sentence.
fn told(stream: Stream, rows: &[DriftRow]) -> Option<String> {
    let parts: Vec<String> = [
        (Kind::Missing, "gone"),
        (Kind::Type, "of another type"),
        (Kind::New, "new"),
    ]
    .into_iter()
    .filter_map(|(kind, word)| {
        let paths: Vec<&str> = rows
            .iter()
            .filter(|row| row.change == kind.as_str())
            .map(|row| row.path.as_str())
            .collect();
        let more = paths.len().saturating_sub(NAMED);
        let named = paths.iter().take(NAMED).copied().collect::<Vec<_>>();
        let more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        (!paths.is_empty()).then(|| format!("{}{more} {word}", named.join(", ")))
    })
    .collect();
    (!parts.is_empty()).then(|| {
        let what = clean(&parts.join("; "), 240);
        format!("the format of {stream} changed: {what}; `linetape data status` lists it, the payload is kept")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_told_in_a_sentence_the_gone_first() {
        let row = |path: &str, kind: Kind| DriftRow {
            stream: "action_network/scoreboard".into(),
            league: "mlb".into(),
            path: path.into(),
            change: kind.as_str().into(),
            detail: "text".into(),
            observed_at: DateTime::UNIX_EPOCH,
            payload_hash: vec![0; 32],
        };
        assert_eq!(told(Stream::AnScoreboard, &[]), None);
        let rows = [
            row("a", Kind::New),
            row("b", Kind::New),
            row("c", Kind::New),
            row("d", Kind::New),
            row("games[].home", Kind::Missing),
        ];
        assert_eq!(
            told(Stream::AnScoreboard, &rows).unwrap(),
            "the format of action_network/scoreboard changed: games[].home gone; a, b, c and 1 more new; `linetape data status` lists it, the payload is kept"
        );
    }
}
