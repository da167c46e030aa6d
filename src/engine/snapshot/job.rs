//! The daily jobs as a screen shows them.

use chrono::{DateTime, Utc};

use crate::domain::job::Job;

/// Every job, and whether its runs are known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct JobsView {
    /// One row a job; none before the engine has looked.
    pub rows: Vec<JobView>,
    /// Whether the runs on record were read.
    pub runs: RunsKnown,
}

/// Whether the runs on record were read. The schedules are known without them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum RunsKnown {
    /// Not yet.
    #[default]
    Reading,
    /// They stand in the rows.
    Read,
    /// They could not be read: why, cleaned.
    Unread(String),
}

/// A job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobView {
    /// Which.
    pub job: Job,
    /// What it does now.
    pub state: JobState,
    /// Its schedule in words: `At 03:00`; none when it has none.
    pub words: Option<String>,
    /// When it runs next; none while it is off.
    pub next_at: Option<DateTime<Utc>>,
    /// Its newest run, the one under way included.
    pub last: Option<JobRun>,
    /// Runs missed since the last one made.
    pub missed: u32,
}

/// What a job does now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobState {
    /// It waits for its time.
    Scheduled,
    /// It is under way, here or in another process; what it does just now, where that is known.
    Running(Option<String>),
    /// It is off: why.
    Off(&'static str),
    /// Its work comes later: with what.
    Later(&'static str),
}

/// A run of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobRun {
    /// When it was due, or asked for.
    pub due_at: DateTime<Utc>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// How.
    pub outcome: JobOutcome,
    /// What it did, or why it failed or was missed, cleaned.
    pub said: String,
    /// Asked for by a person.
    pub by_hand: bool,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobOutcome {
    /// It has not ended.
    Running,
    /// It did its work.
    Done,
    /// It did not.
    Failed,
    /// Nobody did it.
    Missed,
}
