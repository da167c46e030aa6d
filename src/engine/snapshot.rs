//! What the engine knows at one moment, as a value. Copy-on-write per game: an unchanged game is the same `Arc`.

mod chronicle;
mod errand;
mod fair;
#[cfg(test)]
pub mod fixture;
mod game;
mod job;
mod past;
mod points;
mod revisit;
mod signal;
mod split;
mod upkeep;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};

pub use chronicle::Chronicle;
pub use errand::{ErrandKind, ErrandView};
pub use fair::{ChanceKey, ChanceView, FairBoard, FairView, LegView};
pub use game::{GameView, SeriesView, TapeEntry, TeamView};
pub use job::{JobOutcome, JobRun, JobState, JobView, JobsView, RunsKnown};
pub use past::newest_moves;
pub use points::{Point, PointLog, Rewind};
pub use revisit::Revisit;
pub use signal::{Moved, SignalKey, SignalView};
pub use split::{SPLIT_POINTS, SplitPoint, SplitView};
pub use upkeep::{
    BackfillState, BackfillView, Breaker, CacheView, DatabaseState, ExtractionStatus,
    ExtractionView, FamilyView, PersistenceView, SourceHealth, SourceView, TierView,
};

use super::event::LogLine;
use crate::domain::game::GameId;

/// Everything a subscriber may show.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// Counts publications.
    pub version: u64,
    /// The engine's clock at publication.
    pub now: DateTime<Utc>,
    /// Live, demo or somebody else's data.
    pub mode: Mode,
    /// Steps of starting up, in order.
    pub startup: Arc<Vec<StartupStep>>,
    /// Whether polling is on; off after a pause, or when the spool is full.
    pub collecting: Collecting,
    /// Games by start, then id.
    pub games: Arc<Vec<Arc<GameView>>>,
    /// Ids that were given up in this run, and the games they are now.
    pub redirects: Arc<BTreeMap<GameId, GameId>>,
    /// Moves as they happened, newest first, at most [`TAPE_LENGTH`].
    pub tape: Arc<Vec<TapeEntry>>,
    /// Signals of the presets that come first, newest first.
    pub signals: Arc<Vec<SignalView>>,
    /// Fair prices and chances of the games to come.
    pub fair: Arc<FairBoard>,
    /// Extraction log, newest first.
    pub extractions: Arc<Vec<ExtractionView>>,
    /// Spool and Postgres.
    pub persistence: Arc<PersistenceView>,
    /// Cache statistics.
    pub cache: Arc<CacheView>,
    /// One row a source.
    pub sources: Arc<Vec<SourceView>>,
    /// Work under way, the oldest first.
    pub errands: Arc<Vec<ErrandView>>,
    /// Running and recent backfills, newest first.
    pub backfills: Arc<Vec<BackfillView>>,
    /// The daily jobs.
    pub jobs: Arc<JobsView>,
    /// Recent log lines, newest first.
    pub logs: Arc<Vec<LogLine>>,
    /// Log lines lost because they came faster than they could be kept.
    pub logs_dropped: u64,
}

impl Snapshot {
    /// A game by the id it has or had.
    pub fn game(&self, id: GameId) -> Option<&Arc<GameView>> {
        let id = self.redirects.get(&id).copied().unwrap_or(id);
        self.games.iter().find(|game| game.id == id)
    }
}

/// Moves kept for the tape panel.
pub const TAPE_LENGTH: usize = 500;

/// Where the data comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mode {
    /// Real feeds.
    Live,
    /// The built-in market.
    Demo {
        /// Seed.
        seed: u64,
        /// Simulated seconds in a real one.
        speed: u32,
    },
    /// What another linetape stores.
    Watch,
    /// A stretch of stored time.
    Replay,
}

/// Whether polling is on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Collecting {
    /// Polling.
    On,
    /// Somebody paused it.
    Paused,
    /// It stopped itself; the sentence says why and what to do.
    Stopped(String),
}

/// One step of starting up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartupStep {
    /// What is done: `Postgres`, `migrations`, `spool`, `first data`.
    pub name: &'static str,
    /// How far.
    pub state: StepState,
}

/// How far a step is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepState {
    /// Not begun.
    Waiting,
    /// Under way, with what is being done.
    Running(String),
    /// Finished, with what came of it.
    Done(String),
    /// Did not work: why, and what to do.
    Failed(String),
}
