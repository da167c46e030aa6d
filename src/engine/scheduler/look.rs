//! One request and its way in.

use tokio_util::sync::CancellationToken;

use super::Collector;
use super::credits;
use super::cycle::{Cycle, ends_cycle};
use super::progress::Progress;
use crate::domain::clean::clean;
use crate::domain::feed::FeedGame;
use crate::sources::{FetchError, Request, Response, plan};

/// What a request came to.
#[derive(Debug)]
pub(super) enum Looked {
    /// An answer, and the games it names.
    Games(Vec<FeedGame>),
    /// No answer, or none that can be read: why.
    Nothing(String),
    /// The cycle must end: no room, or the host fails.
    End,
}

impl Looked {
    /// The games, if any; none when the cycle must end.
    pub(super) fn goes_on(self) -> Option<Vec<FeedGame>> {
        match self {
            Self::Games(games) => Some(games),
            Self::Nothing(_) => Some(Vec::new()),
            Self::End => None,
        }
    }
}

impl Collector {
    /// Ask `request` and take in what it brings, unless the credits left forbid it.
    pub(super) async fn look(
        &self,
        request: &Request,
        cycle: &mut Cycle,
        progress: &mut Progress,
    ) -> Looked {
        let called_off = progress.called_off.as_ref();
        if called_off.is_some_and(CancellationToken::is_cancelled) {
            cycle.called_off = true;
            return Looked::End;
        }
        if let Err(reason) = self.intake.room() {
            cycle.stopped = Some(reason);
            return Looked::End;
        }
        let remaining = progress.purse.remaining(self.clock.now());
        if let Some(reason) = credits::refusal(request, &self.settings.odds_api, remaining) {
            cycle.short_of_credits = true;
            cycle.notes.push(reason.clone());
            return Looked::Nothing(reason);
        }
        let cost = plan::credits(request);
        let pool = if progress.purse.holds(cost, self.clock.now()) {
            self.pool()
        } else {
            self.ledger().await
        };
        let taken = progress.purse.take(cost, pool.as_ref(), self.clock.now());
        if let Err(reason) = taken.await {
            cycle.short_of_credits = true;
            cycle.notes.push(reason.clone());
            return Looked::Nothing(reason);
        }
        self.before_asking(progress).await;
        let answer: Result<Response, FetchError> = self.fetch.get(request).await;
        match &answer {
            Ok(response) => {
                cycle.fetched += 1;
                progress.view.fetched += 1;
                progress.view.last_ms = u32::try_from(response.elapsed.as_millis()).ok();
                progress.view.quota_remaining =
                    response.quota.remaining.or(progress.view.quota_remaining);
                progress.view.quota_used = response.quota.used.or(progress.view.quota_used);
                let (told, now) = (response.quota, self.clock.now());
                progress.purse.told(told, cost, pool.as_ref(), now).await;
                progress.view.quota_gone_at = progress.purse.exhausted_at(now);
            }
            Err(error) => {
                progress.view.failed += 1;
                tracing::warn!(source = %self.source, error = %clean(&error.to_string(), 300), "a look brought nothing");
                cycle.failures.push(error.clone());
            }
        }
        let taken = self
            .intake
            .take(request.identity.clone(), answer.as_ref(), false)
            .await;
        let taken = match taken {
            Ok(taken) => taken,
            Err(error) => {
                let reason = error.to_string();
                tracing::error!(%reason, "the spool takes nothing");
                cycle.stopped = Some(reason);
                return Looked::End;
            }
        };
        self.after_asking(request, answer.as_ref(), &taken, progress);
        match (answer, taken.refused) {
            (Err(error), _) if ends_cycle(&error) || progress.record.breaker.is_open() => {
                Looked::End
            }
            (Err(error), _) => Looked::Nothing(clean(&error.to_string(), 300)),
            (Ok(_), Some(reason)) => {
                cycle.refusals.push(reason.clone());
                Looked::Nothing(reason)
            }
            (Ok(_), None) => {
                progress.followed.note(&taken.heard.games);
                Looked::Games(taken.heard.games)
            }
        }
    }
}
