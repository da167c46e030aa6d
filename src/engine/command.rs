//! What a person may ask of the engine.

use chrono::{DateTime, NaiveDate, Utc};

use crate::domain::game::GameId;
use crate::domain::job::Job;
use crate::domain::league::League;
use crate::domain::series::SeriesKey;
use crate::domain::source::Source;

/// Number of the question, echoed in its reply, so that a late reply is known as late.
pub type Generation = u64;

/// A wish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Poll every source that carries the game now: its scoreboard and its tick history.
    Refresh(GameId),
    /// Poll every source now.
    RefreshAll,
    /// Fetch history for a range of days.
    Backfill(BackfillRequest),
    /// Stop an errand under way, by its number; what it has done stays.
    Cancel(u64),
    /// Stop polling; what is in the spool still drains.
    Pause,
    /// Poll again.
    Resume,
    /// Read a game's whole stored history into the snapshot.
    LoadHistory(GameId),
    /// Show the payload that brought the price of a series at a moment.
    Origin(Box<SeriesKey>, DateTime<Utc>),
    /// Load what the screen is likely to ask for.
    WarmCache,
    /// Do a job now.
    RunJob(Job),
}

/// Days of history to fetch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackfillRequest {
    /// Feed.
    pub source: Source,
    /// League.
    pub league: League,
    /// First slate day.
    pub from: NaiveDate,
    /// Last slate day, included.
    pub to: NaiveDate,
    /// Leave out days already complete.
    pub resume: bool,
}

/// A command and the generation that asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Echoed in the reply.
    pub generation: Generation,
    /// The wish.
    pub command: Command,
}
