//! What a source's looks brought of late, and what that says of it.

use std::collections::VecDeque;

use chrono::TimeDelta;

use super::Collector;
use super::breaker::Breaker;
use super::progress::Progress;
use crate::analytics::health::{self, Look, Outcome, Pattern};
use crate::engine::hub::task::HubMessage;
use crate::engine::intake::Taken;
use crate::engine::snapshot::{Breaker as State, SourceHealth, SourceView};
use crate::sources::{FetchError, Request, Response};
use crate::store;

/// The latest looks of a source.
#[derive(Debug, Default)]
pub(super) struct Record {
    looks: VecDeque<Look>,
    /// Whether those of an earlier run are among them, or cannot be had.
    recalled: bool,
    /// Whether it is asked at its cadence.
    pub(super) breaker: Breaker,
}

impl Record {
    fn keep(&mut self, look: Look) {
        if self.looks.len() >= health::WINDOW {
            self.looks.pop_front();
        }
        self.looks.push_back(look);
    }
}

impl Collector {
    /// Before a question: tell when it is the one that decides.
    pub(super) async fn before_asking(&self, progress: &mut Progress) {
        self.recall_looks(progress).await;
        if progress.record.breaker.ask() {
            progress.view.breaker = progress.record.breaker.state();
            self.hub
                .tell(HubMessage::Source(progress.view.clone()))
                .await;
        }
    }

    /// After it: keep what it brought, and judge anew.
    pub(super) fn after_asking(
        &self,
        request: &Request,
        answer: Result<&Response, &FetchError>,
        taken: &Taken,
        progress: &mut Progress,
    ) {
        let record = &mut progress.record;
        record.breaker.note(answer.err());
        if progress.view.breaker != record.breaker.state() {
            match record.breaker.state() {
                State::Open => {
                    tracing::warn!(source = %self.source, "the breaker is open: it is asked less and less, one question at a time");
                }
                State::Closed => {
                    tracing::info!(source = %self.source, "the breaker is closed: it is asked at its cadence again");
                }
                State::HalfOpen => {}
            }
        }
        progress.view.breaker = record.breaker.state();
        let outcome = match answer {
            Ok(_) if taken.refused.is_some() => Outcome::Unreadable,
            Ok(_) => Outcome::Answered,
            Err(error) => outcome_of(error),
        };
        // An answer that the hub had heard before says nothing of its rows.
        if outcome != Outcome::Answered || taken.heard.rows.is_some() {
            record.keep(Look {
                at: taken.observed_at,
                request: request.identity.url.as_str().into(),
                outcome,
                rows: taken.heard.rows.unwrap_or(0),
                rejects: taken.heard.rejects,
                elapsed_ms: answer.map_or(0, |response| {
                    u32::try_from(response.elapsed.as_millis()).unwrap_or(u32::MAX)
                }),
            });
        }
        let every = TimeDelta::seconds(i64::try_from(progress.view.every_s).unwrap_or(i64::MAX));
        let now = self.clock.now();
        progress.view.assessed = health::assess(record.looks.iter(), every, now);
        progress.view.assessed_at = Some(now);
    }

    /// Once the store answers: what earlier runs brought.
    async fn recall_looks(&self, progress: &mut Progress) {
        if progress.record.recalled {
            return;
        }
        let Some(pool) = self.drain.borrow().pool.clone() else {
            return;
        };
        progress.record.recalled = true;
        let before = progress
            .record
            .looks
            .front()
            .map_or_else(|| self.clock.now(), |look| look.at);
        match store::health::looks(&pool, self.source, before).await {
            Ok(earlier) => {
                let room = health::WINDOW.saturating_sub(progress.record.looks.len());
                for look in earlier.into_iter().rev().take(room) {
                    progress.record.looks.push_front(look);
                }
            }
            Err(error) => {
                tracing::debug!(source = %self.source, %error, "looks of an earlier run could not be read; this run's tell");
            }
        }
    }
}

/// What a failure is in the log's words; `raw_data.look_outcome` tells the same by status and sentence.
const fn outcome_of(error: &FetchError) -> Outcome {
    match error {
        FetchError::Connect { .. } => Outcome::Unreachable,
        FetchError::Timeout { .. } => Outcome::TimedOut,
        FetchError::Refused { .. } => Outcome::Refused,
        FetchError::TooMany { .. } => Outcome::RateLimited,
        FetchError::Status { .. } => Outcome::BadStatus,
        FetchError::TooLarge { .. } | FetchError::Body { .. } | FetchError::Redirect { .. } => {
            Outcome::Broken
        }
    }
}

/// A source that answers and brings nothing is not healthy.
pub(super) fn doubt(view: &mut SourceView) {
    let pattern = Pattern::SchemaChange;
    if view.health == SourceHealth::Healthy && view.assessed.patterns.contains(&pattern) {
        view.health = SourceHealth::Degraded;
        view.reason = Some(pattern.sentence().to_owned());
    }
}
