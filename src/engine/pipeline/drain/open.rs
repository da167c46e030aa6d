//! Opening the database for the drain: connect, bring the schema up to date, and give the hub what is stored. A schema
//! that is not this program's is read, and not written.

use std::sync::Arc;
use std::time::Duration;

use sqlx::PgPool;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{BATCH_BYTES, BATCH_PAYLOADS, Drain, DrainState, Heard};
use crate::domain::clean::clean;
use crate::domain::game::GameId;
use crate::domain::payload::Payload;
use crate::engine::clock::Clock;
use crate::engine::errand::Errand;
use crate::engine::hub::Warmth;
use crate::engine::hub::task::HubMessage;
use crate::engine::snapshot::{DatabaseState, ErrandKind, StepState};
use crate::store;
use crate::store::migrate::SchemaError;

/// How often a schema that is not ours is looked at again.
const LOOK_AGAIN: Duration = Duration::from_secs(5);
/// Games of this span around now are in view.
const VIEW: (chrono::TimeDelta, chrono::TimeDelta) =
    (chrono::TimeDelta::hours(18), chrono::TimeDelta::days(3));
/// Readings that the screen starts with: games, who they are, prices, splits, moves, extractions, and the spool.
const READINGS: u64 = 7;
/// Moves and extraction rows read at start.
const TAPE: i64 = 500;

/// Why the database cannot be written to.
pub(super) enum Closed {
    /// It does not answer: try again soon.
    Down(String),
    /// Its schema is not this program's.
    Unusable(String, PgPool),
}

impl From<String> for Closed {
    fn from(reason: String) -> Self {
        Self::Down(reason)
    }
}

impl Drain {
    /// Connect, bring the schema up to date, and the first time give the hub what the store holds.
    pub(super) async fn open(&self, state: &watch::Sender<DrainState>) -> Result<PgPool, Closed> {
        let (progress, mut steps) = tokio::sync::mpsc::channel::<String>(16);
        let tell = move |text: String| {
            let _ = progress.try_send(text);
        };
        let connecting = self.connect.connect(&tell);
        tokio::pin!(connecting);
        let connected = loop {
            tokio::select! {
                connected = &mut connecting => break connected?,
                Some(text) = steps.recv() => {
                    self.step("Postgres", StepState::Running(text.clone())).await;
                    if !state.borrow().warmed {
                        self.hub.tell(HubMessage::Database(DatabaseState::Starting(text))).await;
                    }
                }
            }
        };
        let pool = connected.pool;
        self.step("Postgres", StepState::Done(connected.server.clone()))
            .await;
        self.hub.tell(HubMessage::Server(connected.server)).await;
        self.step(
            "schema",
            StepState::Running("bringing the schema up to date".into()),
        )
        .await;
        let version = match store::migrate::migrate(&pool).await {
            Ok(version) => version,
            Err(error) => {
                let reason = schema_sentence(&error);
                self.step("schema", StepState::Failed(reason.clone())).await;
                return Err(if error.passes() {
                    Closed::Down(reason)
                } else {
                    Closed::Unusable(reason, pool)
                });
            }
        };
        store::reference::seed(&pool, &self.reference.books, &self.reference.teams)
            .await
            .map_err(|e| sentence(&e))?;
        self.step("schema", StepState::Done(format!("version {version}")))
            .await;
        if !state.borrow().warmed {
            self.warm(&pool, state).await?;
        }
        self.hub.tell(HubMessage::Database(DatabaseState::Up)).await;
        state.send_modify(|s| {
            s.pool = Some(pool.clone());
            s.warmed = true;
        });
        Ok(pool)
    }

    /// Give the hub what the store holds.
    async fn warm(&self, pool: &PgPool, state: &watch::Sender<DrainState>) -> Result<(), String> {
        let warmed = self.try_warm(pool, state).await;
        if warmed.is_err() {
            self.hub.tell(HubMessage::NotWarmed).await;
        }
        warmed
    }

    async fn try_warm(
        &self,
        pool: &PgPool,
        state: &watch::Sender<DrainState>,
    ) -> Result<(), String> {
        self.step(
            "history",
            StepState::Running("reading what is stored".into()),
        )
        .await;
        let (note, _) = self.fill_hub(pool, state).await?;
        self.step("history", StepState::Done(note)).await;
        Ok(())
    }

    /// Put what the store holds, and what is on its way there, in the place of what the hub remembers. Returns a note, and
    /// the games.
    async fn fill_hub(
        &self,
        pool: &PgPool,
        state: &watch::Sender<DrainState>,
    ) -> Result<(String, Vec<GameId>), String> {
        self.hub.tell(HubMessage::Warming).await;
        let reading =
            self.errands
                .begin(ErrandKind::WarmUp, "what is stored", Some(READINGS), None);
        let (warmth, heard) = warmth(pool, &self.clock, &reading)
            .await
            .map_err(|e| sentence(&e))?;
        let note = format!(
            "{} games, {} moves",
            warmth.games.len(),
            warmth.totals.changes
        );
        let games = warmth.games.iter().map(|g| g.known.game_id).collect();
        let tail = self.whole_spool().await.map_err(|e| e.to_string())?;
        self.hub
            .tell(HubMessage::Warm {
                warmth: Box::new(warmth),
                tail,
            })
            .await;
        drop(reading);
        state.send_modify(|s| s.heard = heard);
        Ok((note, games))
    }

    /// Whether a zone was rolled back or made anew since the hub was given what the store holds.
    pub(super) async fn has_turned(
        &self,
        pool: &PgPool,
        state: &watch::Sender<DrainState>,
    ) -> Result<bool, sqlx::Error> {
        let mut connection = pool.acquire().await?;
        let turn = store::known::latest_turn(&mut connection).await?;
        Ok(turn != state.borrow().heard.turn)
    }

    /// Other rows are stored than those the hub was given: it is given them anew, charts that were open too. When that
    /// fails, it is done after the next connection.
    pub(super) async fn turn_hub(
        &self,
        pool: &PgPool,
        state: &watch::Sender<DrainState>,
    ) -> Result<(), String> {
        tracing::info!("what is stored was rolled back or made anew; the screen reads it again");
        let charted = self.hub.charted().await;
        match self.fill_hub(pool, state).await {
            Ok((_, games)) => {
                self.touched.rewritten(games.iter().copied());
                // What was cached of them is of other rows.
                state.send_modify(|s| {
                    for game in games {
                        *s.rewrites.entry(game).or_default() += 1;
                    }
                });
                self.reread(pool, &charted, state).await;
                Ok(())
            }
            Err(reason) => {
                self.hub.tell(HubMessage::NotWarmed).await;
                state.send_modify(|s| s.warmed = false);
                Err(reason)
            }
        }
    }

    /// Everything in the spool, for the hub. Read in slices, so that no slice holds up appends for long.
    async fn whole_spool(&self) -> Result<Vec<(u64, Arc<Payload>)>, crate::spool::SpoolError> {
        let mut tail = Vec::new();
        let mut after = None;
        loop {
            let slice = self.spool.peek(after, BATCH_PAYLOADS, BATCH_BYTES).await?;
            let Some(last) = slice.last() else {
                return Ok(tail);
            };
            after = Some(last.seq);
            tail.extend(slice.into_iter().map(|s| (s.seq, Arc::new(s.payload))));
        }
    }

    /// Say once that the schema is not this program's, show what can be read of it, and wait until it has changed.
    pub(super) async fn unusable(
        &self,
        state: &watch::Sender<DrainState>,
        reason: String,
        pool: &PgPool,
        stop: &CancellationToken,
    ) {
        tracing::error!(%reason, "nothing is written; payloads wait in the spool");
        if !state.borrow().warmed {
            // Another version's tables may lack what is asked for; then the screen begins with what the feeds say.
            match self.warm(pool, state).await {
                Ok(()) => state.send_modify(|s| s.warmed = true),
                Err(why) => self.step("history", StepState::Failed(why)).await,
            }
        }
        self.hub
            .tell(HubMessage::Database(DatabaseState::Unusable(
                reason.clone(),
            )))
            .await;
        state.send_modify(|s| {
            s.pool = None;
            s.read_only = Some(pool.clone());
            s.unusable = Some(reason.clone());
        });
        let mut look = Instant::now() + LOOK_AGAIN;
        while !stop.is_cancelled() {
            self.report_spool().await;
            tokio::select! {
                () = tokio::time::sleep(Duration::from_secs(1)) => {}
                () = stop.cancelled() => break,
            }
            if Instant::now() >= look {
                look = Instant::now() + LOOK_AGAIN;
                match store::migrate::migrate(pool).await {
                    Err(still) if !still.passes() && schema_sentence(&still) == reason => {}
                    _ => break,
                }
            }
        }
        state.send_modify(|s| {
            s.read_only = None;
            s.unusable = None;
        });
    }
}

fn sentence(error: &sqlx::Error) -> String {
    clean(&error.to_string(), 300)
}

/// A server's words may be in it.
fn schema_sentence(error: &SchemaError) -> String {
    clean(&error.to_string(), 400)
}

/// What the screen starts with.
async fn warmth(
    pool: &PgPool,
    clock: &Clock,
    reading: &Errand,
) -> Result<(Warmth, Heard), sqlx::Error> {
    let mut connection = pool.acquire().await?;
    let now = clock.now();
    // Asked first: what is done in between is then told again, which does no harm.
    let heard = Heard {
        identity_revision: store::identity::revision(&mut connection).await?,
        turn: store::known::latest_turn(&mut connection).await?,
    };
    let games = store::games::starting_between(&mut connection, now - VIEW.0, now + VIEW.1).await?;
    let ids: Vec<_> = games.iter().map(|g| g.known.game_id).collect();
    let next = |what: &str| {
        reading.step(true);
        reading.note(what);
    };
    next("identities");
    let identity = store::identity::starting_since(&mut connection, now - VIEW.0).await?;
    let standings = store::games::standings(&mut connection, &ids).await?;
    next("prices");
    let series = store::history::current(&mut connection, &ids).await?;
    next("splits");
    let splits = store::splits::latest(&mut connection, &ids).await?;
    next("moves");
    let moves = store::history::latest_moves(&mut connection, TAPE).await?;
    next("extractions");
    let extractions = store::writer::recent_extractions(&mut connection, TAPE).await?;
    let totals = store::metrics::totals(&mut connection).await?;
    next("what waits in the spool");
    let warmth = Warmth {
        games,
        standings,
        series,
        splits,
        moves,
        extractions,
        identity,
        totals,
    };
    Ok((warmth, heard))
}
