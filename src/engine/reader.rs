//! The screen without collecting: what somebody else stores, or stored once, as snapshots.
//!
//! It reads and never writes, so that a second screen on a desk, or a look at last month, disturbs nobody.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgPool;
use tokio::sync::{broadcast, mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::clock::Clock;
use super::command::Asked;
use super::event::Event;
use super::hub::{Hub, Warmth};
use super::reference::Reference;
use super::signals::presets::Presets;
use super::snapshot::{DatabaseState, FairBoard, Mode, SignalView, Snapshot, newest_moves};
use crate::analytics::fair::Devig;
use crate::domain::clean::clean;
use crate::domain::game::GameId;
use crate::store;
use crate::store::history::GameHistory;
use crate::store::signals::SignalFilter;

/// How often the store is looked at again.
const LOOK: Duration = Duration::from_secs(2);
/// Extraction rows read.
const EXTRACTIONS: i64 = 500;
/// Signals read.
const SIGNALS: i64 = 2_000;
/// How long before its start a game may be quoted and still belong to the span looked at.
const AHEAD: TimeDelta = TimeDelta::days(3);

/// Reads what is stored of a span of time.
#[derive(Debug)]
pub struct Reader {
    pool: PgPool,
    reference: Arc<Reference>,
    mode: Mode,
    /// How margins are taken out.
    method: &'static str,
    /// Presets whose signals are shown.
    shown: Vec<String>,
    /// Histories read so far, and the newest change that each holds.
    histories: HashMap<GameId, (Option<DateTime<Utc>>, Arc<GameHistory>)>,
}

impl Reader {
    /// A reader of a database.
    pub fn new(pool: PgPool, reference: Arc<Reference>, mode: Mode) -> Self {
        Self {
            pool,
            reference,
            mode,
            method: "",
            shown: Presets::default().shown(),
            histories: HashMap::new(),
        }
    }

    /// Margins are taken out by this method, where the screen shows fair probabilities; by its own where there is none
    /// of that name.
    #[must_use]
    pub fn with_method(mut self, named: &str) -> Self {
        self.method = named.parse().map_or("", Devig::as_str);
        self
    }

    /// The signals of these presets are shown, as far as a running linetape shows them.
    #[must_use]
    pub fn with_presets(mut self, presets: &Presets) -> Self {
        self.shown = presets.shown();
        self
    }

    /// Everything stored of the games that start between `from` and `to`, or soon after, as it is known at `now`.
    /// Fails when the store does not answer.
    pub async fn read(
        &mut self,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Snapshot, sqlx::Error> {
        let mut connection = self.pool.acquire().await?;
        let games = store::games::starting_between(&mut connection, from, to + AHEAD).await?;
        let ids: Vec<GameId> = games.iter().map(|g| g.known.game_id).collect();
        let series = store::history::current(&mut connection, &ids).await?;
        let mut newest: HashMap<GameId, DateTime<Utc>> = HashMap::new();
        for row in &series {
            let seen = newest.entry(row.key.game_id).or_insert(row.last_seen_at);
            *seen = row.last_seen_at.max(*seen);
        }
        let filter = SignalFilter {
            since: Some(from - AHEAD),
            limit: SIGNALS,
            presets: self.shown.clone(),
            ..SignalFilter::default()
        };
        let signals = store::signals::list(&mut connection, &filter).await?;
        let records = store::recommendations::records(&mut connection).await?;
        let warmth = Warmth {
            identity: store::identity::starting_since(&mut connection, from).await?,
            standings: store::games::standings(&mut connection, &ids).await?,
            splits: store::splits::latest(&mut connection, &ids).await?,
            // The histories have them all, and number them alike at each reading.
            moves: Vec::new(),
            extractions: store::writer::recent_extractions(&mut connection, EXTRACTIONS).await?,
            totals: store::metrics::totals(&mut connection).await?,
            series,
            games,
        };
        let mut hub = Hub::new(Arc::clone(&self.reference), self.mode.clone(), now);
        hub.warm(warmth);
        self.histories.retain(|id, _| ids.contains(id));
        for id in ids {
            let latest = newest.get(&id).copied();
            let known = self.histories.get(&id).filter(|(at, _)| *at == latest);
            let history = if let Some((_, history)) = known {
                Arc::clone(history)
            } else {
                let read = Arc::new(store::history::of_game(&mut connection, id).await?);
                self.histories.insert(id, (latest, Arc::clone(&read)));
                read
            };
            hub.load_history(id, history.as_ref().clone());
        }
        let shown = |signal: &&store::signals::StoredSignal| signal.detected_at <= to + AHEAD;
        let views = signals.iter().filter(shown);
        let views = views.map(|row| SignalView::of(row, records.get(&row.record())));
        hub.set_signals(views.collect());
        hub.set_fair(FairBoard {
            method: self.method,
            ..FairBoard::default()
        });
        hub.persistence(|p| p.database = DatabaseState::Up);
        let snapshot = hub.snapshot(now);
        Ok(Snapshot {
            tape: Arc::new(newest_moves(&snapshot.games)),
            ..snapshot.as_ref().clone()
        })
    }

    /// The first and the last moment that anything is stored of; none where nothing is.
    pub async fn span(&self) -> Result<Option<(DateTime<Utc>, DateTime<Utc>)>, sqlx::Error> {
        let mut connection = self.pool.acquire().await?;
        store::history::span(&mut connection).await
    }
}

/// Look again and again, and publish what there is; ends with `stop`. While the store does not answer, what was known
/// stays, and the screen says so.
pub async fn follow(
    mut reader: Reader,
    back: TimeDelta,
    clock: Clock,
    snapshots: watch::Sender<Arc<Snapshot>>,
    stop: CancellationToken,
) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = snapshots.closed() => return,
            () = tokio::time::sleep(LOOK) => {}
        }
        let now = clock.now();
        match reader.read(now - back, now, now).await {
            Ok(snapshot) => {
                snapshots.send_replace(Arc::new(snapshot));
            }
            Err(error) => {
                let mut stale = snapshots.borrow().as_ref().clone();
                let mut persistence = stale.persistence.as_ref().clone();
                persistence.database = DatabaseState::Down {
                    reason: clean(&error.to_string(), 200),
                    retry_in_s: LOOK.as_secs(),
                };
                stale.persistence = Arc::new(persistence);
                snapshots.send_replace(Arc::new(stale));
            }
        }
    }
}

/// Answer every wish with the same words: nothing is collected here.
pub fn refuse(why: &'static str) -> (mpsc::Sender<Asked>, broadcast::Receiver<Event>) {
    let (commands, mut asked) = mpsc::channel::<Asked>(16);
    let (events, heard) = broadcast::channel(16);
    tokio::spawn(async move {
        while let Some(Asked { generation, .. }) = asked.recv().await {
            // The screen may have closed meanwhile.
            let _ = events.send(Event::Reply {
                generation,
                outcome: Err(why.to_owned()),
            });
        }
    });
    (commands, heard)
}
