//! What can go wrong with the spool, each as a sentence with a next step.

use std::path::PathBuf;

/// Why the spool did not do what was asked. Nothing that failed has been acknowledged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SpoolError {
    /// A bound is reached; the sentence says which and what to do.
    #[error("{0}")]
    Full(String),
    /// One payload is larger than allowed.
    #[error(
        "a response of {bytes} bytes is larger than {setting} ({limit} bytes); raise that setting if it is expected"
    )]
    TooLarge {
        /// Size that was refused, bytes.
        bytes: u64,
        /// The bound, bytes.
        limit: u64,
        /// Name of the setting.
        setting: &'static str,
    },
    /// A payload that contradicts itself; storing it would store a lie.
    #[error("the payload was refused: {0}")]
    Refused(String),
    /// The disk or the file refused.
    #[error(
        "the spool at {} could not be used ({reason}); check the disk and its permissions, linetape tries again by itself",
        path.display()
    )]
    Disk {
        /// File or directory.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// The file was damaged and has been set aside.
    #[error(
        "the spool file was damaged ({reason}) and has been set aside; `linetape spool recover` reads what can still be read"
    )]
    Corrupt {
        /// What was found.
        reason: String,
    },
    /// The file was written by a later linetape.
    #[error(
        "the spool at {} was written by a later linetape (format {found}, this one knows {known}); run that version to drain it",
        path.display()
    )]
    Newer {
        /// File.
        path: PathBuf,
        /// Format of the file.
        found: i64,
        /// Newest format known here.
        known: i64,
    },
    /// The handle outlived its spool.
    #[error("the spool is closed; start linetape again to open it")]
    Closed,
}

impl SpoolError {
    /// An I/O error at `path`.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "an error is handed over by the `map_err` that ends it"
    )]
    pub(crate) fn disk(path: impl Into<PathBuf>, reason: impl ToString) -> Self {
        Self::Disk {
            path: path.into(),
            reason: reason.to_string(),
        }
    }
}
