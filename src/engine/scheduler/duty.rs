//! Each question of an agenda, asked.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};

use super::Collector;
use super::agenda::{Duty, later};
use super::cycle::Cycle;
use super::fallback::Way;
use super::followed::AWAITED;
use super::look::Looked;
use super::pace::{self, Situation};
use super::progress::Progress;
use crate::cache::Family;
use crate::domain::clean::clean;
use crate::domain::feed::FeedGame;
use crate::domain::league::League;
use crate::domain::source::Source;
use crate::domain::status::GameStatus;
use crate::domain::time::slate_date;
use crate::sources::{Request, plan};
use crate::store;

/// Single games asked for in one cycle; the others follow a little later.
const EVENTS_A_CYCLE: usize = 6;
/// How much later.
const OTHERS_AFTER: Duration = Duration::from_mins(1);
/// What is not worth its credits now is weighed again at hours that are multiples of this, every league at once: games
/// become known, and the day ends.
const WEIGHED_AGAIN: TimeDelta = TimeDelta::hours(4);
/// Without the ledger of credits nothing dear is asked; it is looked for again after this.
const LEDGER_AFTER: Duration = Duration::from_secs(10);

/// When what is put off at `now` is weighed again.
fn weighed_again(now: DateTime<Utc>) -> DateTime<Utc> {
    let before = now.duration_trunc(WEIGHED_AGAIN).unwrap_or(now);
    before
        .checked_add_signed(WEIGHED_AGAIN)
        .unwrap_or(DateTime::<Utc>::MAX_UTC)
}

impl Collector {
    /// Ask `duty`. None when the cycle must end: no room, or the host fails.
    pub(super) async fn ask(
        &self,
        duty: Duty,
        cycle: &mut Cycle,
        progress: &mut Progress,
    ) -> Option<()> {
        match duty {
            Duty::Reference => self.ask_reference(cycle, progress).await,
            Duty::Games => self.ask_games(cycle, progress).await,
            Duty::Slate => self.ask_slate(cycle, progress).await,
            Duty::Scores => self.ask_scores(cycle, progress).await,
            Duty::Events => self.ask_events(cycle, progress).await,
        }
    }

    async fn ask_reference(&self, cycle: &mut Cycle, progress: &mut Progress) -> Option<()> {
        let asked = plan::references(self.source, &self.settings, &self.leagues);
        for request in asked.unwrap_or_default() {
            self.look(&request, cycle, progress).await.goes_on()?;
        }
        Some(())
    }

    async fn ask_games(&self, cycle: &mut Cycle, progress: &mut Progress) -> Option<()> {
        let today = slate_date(self.clock.now());
        for league in &self.leagues {
            let asked = plan::games(self.source, &self.settings, *league, today, self.days);
            // A league this feed does not carry is no failure: another feed may.
            if let Some(Ok(request)) = asked {
                self.look(&request, cycle, progress).await.goes_on()?;
            }
        }
        Some(())
    }

    /// Every league's slate, then tick histories that are still missing.
    async fn ask_slate(&self, cycle: &mut Cycle, progress: &mut Progress) -> Option<()> {
        let now = self.clock.now();
        let today = slate_date(now);
        let worth = self.worth(progress, now).await;
        let wished = std::mem::take(&mut progress.wished);
        for league in &self.leagues {
            if !progress.pace.is_due(*league, now) {
                continue;
            }
            let carried = plan::plan(self.source, &self.settings, *league, today).is_ok();
            if !carried {
                continue;
            }
            if let Some(worth) = worth.as_ref().filter(|_| !wished) {
                let again = weighed_again(now);
                let next = worth.get(league).copied().unwrap_or(again);
                if next > now {
                    progress.pace.put_off(*league, next.min(again));
                    continue;
                }
            }
            let mut answered = false;
            for day in 0..i64::from(self.days) {
                let date = today + TimeDelta::days(day);
                let Ok(requests) = plan::plan(self.source, &self.settings, *league, date) else {
                    continue;
                };
                let older = plan::fallback(self.source, &self.settings, *league, date);
                for request in requests {
                    let looked = match &older {
                        Some(older) => {
                            self.newer_or_older(*league, &request, older, cycle, progress)
                                .await
                        }
                        None => self.look(&request, cycle, progress).await,
                    };
                    answered |= matches!(looked, Looked::Games(_));
                    let games = looked.goes_on()?;
                    self.want_histories(games, progress).await;
                }
            }
            let wait = self.wait(*league, progress, now);
            if answered {
                progress.pace.looked(*league, now, wait);
            } else {
                progress.pace.put_off(*league, later(now, wait));
            }
        }
        for (id, league) in progress.histories.take() {
            if let Some(request) = plan::history(self.source, &self.settings, &id, league) {
                self.look(&request, cycle, progress).await.goes_on()?;
                progress.histories.done(id, now);
            }
        }
        Some(())
    }

    /// How long until the next look at `league`.
    fn wait(&self, league: League, progress: &Progress, now: DateTime<Utc>) -> Duration {
        let situation = Situation {
            live: progress.followed.is_on(league, now),
            starts: progress.followed.starts(league, now),
            changed_at: pace::changed_at(&self.snapshots.borrow(), league),
        };
        let fastest = plan::cadence(self.source, &self.settings).slate;
        situation.wait(fastest, now)
    }

    /// A slate by the newer endpoint, or by the older one while the newer fails.
    async fn newer_or_older(
        &self,
        league: League,
        newer: &Request,
        older: &Request,
        cycle: &mut Cycle,
        progress: &mut Progress,
    ) -> Looked {
        if progress.fallback.way(league) == Way::Newer {
            match self.look(newer, cycle, progress).await {
                Looked::Nothing(reason) => progress.fallback.failed(league, reason),
                looked @ Looked::Games(_) => {
                    progress.fallback.answered(league);
                    return looked;
                }
                Looked::End
                    if cycle.called_off || cycle.stopped.is_some() || cycle.host_failed() =>
                {
                    return Looked::End;
                }
                // The host is there, and only this endpoint fails.
                Looked::End => {
                    let reason = cycle.failures.last().map(ToString::to_string);
                    progress.fallback.failed(league, reason.unwrap_or_default());
                    if progress.fallback.reason(league).is_none() {
                        return Looked::End;
                    }
                }
            }
        }
        let Some(reason) = progress.fallback.reason(league) else {
            return Looked::Games(Vec::new());
        };
        cycle.notes.push(reason);
        self.look(older, cycle, progress).await
    }

    /// The scores of games that are on or just over.
    async fn ask_scores(&self, cycle: &mut Cycle, progress: &mut Progress) -> Option<()> {
        let first = !std::mem::replace(&mut progress.scored, true);
        let now = self.clock.now();
        if first {
            self.recall(progress).await;
        }
        let past = self.settings.odds_api.scores_days;
        for league in &self.leagues {
            let awaited = progress.followed.awaited(*league, now);
            let (days, ids) = if first && past > 0 {
                (Some(past), Vec::new())
            } else if awaited.ids.is_empty() {
                continue;
            } else {
                // Without it the feed lists no game that is over.
                (awaited.maybe_over.then_some(1), awaited.ids)
            };
            let asked = plan::scores(self.source, &self.settings, *league, days, &ids);
            let Some(Ok(request)) = asked else { continue };
            // Prices before a start cannot be had later; a result can.
            if self.can_spare(plan::credits(&request), progress, now).await {
                self.look(&request, cycle, progress).await.goes_on()?;
            }
        }
        Some(())
    }

    /// Games that started before this run and have no result yet.
    async fn recall(&self, progress: &mut Progress) {
        let Some(pool) = self.drain.borrow().pool.clone() else {
            return;
        };
        let now = self.clock.now();
        match store::games::without_result(&pool, self.source, now - AWAITED, now).await {
            Ok(games) => {
                for (id, league, starts_at) in games {
                    progress.followed.learn(&id, league, Some(starts_at), false);
                }
            }
            Err(error) => {
                tracing::debug!(%error, "games of an earlier run could not be read; their results come with the next look at them");
            }
        }
    }

    /// More markets of games that start soon.
    async fn ask_events(&self, cycle: &mut Cycle, progress: &mut Progress) -> Option<()> {
        let (now, odds) = (self.clock.now(), &self.settings.odds_api);
        let span = |duration| TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX);
        let (before, every) = (span(odds.event_before), span(odds.event_every));
        let soon = progress.followed.soon(now, before, every);
        for (id, league) in soon.iter().take(EVENTS_A_CYCLE) {
            let Some(request) = plan::game_markets(self.source, &self.settings, id, *league) else {
                continue;
            };
            self.look(&request, cycle, progress).await.goes_on()?;
            if cycle.short_of_credits {
                break;
            }
            progress.followed.asked(id, now);
        }
        Some(())
    }

    /// When what a cycle left over is asked.
    pub(super) fn follow_up(&self, cycle: &Cycle, progress: &mut Progress) {
        let (now, odds) = (self.clock.now(), &self.settings.odds_api);
        let span = |duration| TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX);
        if progress.purse.remaining(now).is_some() {
            // It costs nothing, and tells that there are new credits as soon as there are.
            let reset = progress.purse.resets_at(now);
            progress.agenda.want(Duty::Reference, reset);
        }
        if cycle.short_of_credits {
            if self.pool().is_none() {
                progress.agenda.put(Duty::Slate, later(now, LEDGER_AFTER));
                return;
            }
            // It costs nothing, and tells whether there are credits again.
            progress.agenda.want(
                Duty::Reference,
                later(now, progress.agenda.every(Duty::Slate)),
            );
        } else if !progress
            .followed
            .soon(now, span(odds.event_before), span(odds.event_every))
            .is_empty()
        {
            progress.agenda.want(Duty::Events, later(now, OTHERS_AFTER));
        }
    }

    /// Note the games whose tick history nobody has fetched yet, in this run or an earlier one, and those with news.
    async fn want_histories(&self, games: Vec<FeedGame>, progress: &mut Progress) {
        if self.source != Source::ActionNetwork || !self.settings.action_network.history {
            return;
        }
        let now = self.clock.now();
        let every = TimeDelta::from_std(self.settings.action_network.history_every);
        let every = every.unwrap_or(TimeDelta::MAX);
        let changed = self.changes();
        for game in games {
            let open = matches!(
                game.status,
                None | Some(GameStatus::Scheduled | GameStatus::Live)
            );
            let id = game.source_game_id;
            if !open {
                continue;
            }
            if progress.histories.knows(&id) {
                if let Some(changed_at) = changed.get(&id) {
                    progress
                        .histories
                        .news(&id, game.league, *changed_at, every, now);
                }
            } else if self.history_stored(&id).await {
                progress.histories.stored(id, now);
            } else {
                progress.histories.want(id, game.league);
            }
        }
    }

    /// When a price of each of this source's games last changed, at any source.
    fn changes(&self) -> HashMap<Arc<str>, DateTime<Utc>> {
        let snapshot = self.snapshots.borrow();
        let games = snapshot.games.iter();
        games
            .flat_map(|game| {
                let own = game.sources.iter().filter(|(of, _)| *of == self.source);
                own.filter_map(|(_, id)| Some((Arc::clone(id), game.changed_at?)))
            })
            .collect()
    }

    /// Whether a game's tick history is in the store. Without a database nobody knows: it is fetched again, which
    /// adds no row.
    async fn history_stored(&self, source_game_id: &Arc<str>) -> bool {
        let pool = self.drain.borrow().pool.clone();
        let (source, id) = (self.source, Arc::clone(source_game_id));
        let load = || async move {
            let Some(pool) = pool else { return Ok(None) };
            let stored = store::payloads::history_stored(&pool, source, &id).await;
            stored
                .map(|stored| stored.then_some(true))
                .map_err(|e| clean(&e.to_string(), 300))
        };
        let key = format!("{}:{source_game_id}:history", self.source.short());
        let known: Result<Option<Arc<bool>>, Arc<String>> = self
            .cache
            .get_or_load(Family::Game, &key, Family::Game.ttl(), load)
            .await;
        matches!(known, Ok(Some(_)))
    }
}
