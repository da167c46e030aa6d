//! What the engine tells besides snapshots.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::command::Generation;

/// How grave a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// For the curious.
    Debug,
    /// Worth a line.
    Info,
    /// Something is off; linetape copes.
    Warning,
    /// Something does not work.
    Error,
}

/// One line of the log panel. Cleaned text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// When, by the machine's clock.
    pub at: DateTime<Utc>,
    /// How grave.
    pub severity: Severity,
    /// Module without the crate's name.
    pub target: String,
    /// The sentence.
    pub message: String,
}

/// What the engine tells besides snapshots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A command was carried out, or why not.
    Reply {
        /// Which question.
        generation: Generation,
        /// A sentence: what was done, or what is wrong and what to do.
        outcome: Result<String, String>,
    },
    /// A text that somebody asked for.
    Document {
        /// Which question.
        generation: Generation,
        /// What it is.
        title: String,
        /// The text as it was received: not cleaned, never to be written to a terminal as it is.
        text: Arc<str>,
    },
    /// Something a person should hear of even when the panel that shows it is not in view.
    Notice {
        /// How grave.
        severity: Severity,
        /// The sentence.
        message: String,
    },
}
