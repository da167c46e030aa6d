//! How a command ends when it does not end well.

use std::io;
use std::path::Path;

use crate::config::problem::Problems;

/// Why, as a number that scripts can tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Anything without a number of its own: 1.
    Failure,
    /// The arguments make no sense: 2.
    Usage,
    /// PostgreSQL, Redis or a feed is down: 69.
    Unavailable,
    /// Reading or writing failed: 74.
    Io,
    /// Somebody else holds a lock: 75.
    Locked,
    /// Not allowed: 77.
    Permission,
    /// The settings are wrong: 78.
    Config,
    /// Interrupted by SIGINT: 130.
    Interrupted,
    /// Asked to end by SIGTERM or SIGHUP: 143.
    Terminated,
    /// Whoever read our output has gone: 0, and not a word.
    Closed,
}

impl Exit {
    /// The kind of failure behind an exit code of the library's errors.
    pub const fn of_code(code: u8) -> Self {
        match code {
            2 => Self::Usage,
            69 => Self::Unavailable,
            74 => Self::Io,
            75 => Self::Locked,
            77 => Self::Permission,
            78 => Self::Config,
            _ => Self::Failure,
        }
    }

    /// The exit code.
    pub const fn code(self) -> u8 {
        match self {
            Self::Closed => 0,
            Self::Failure => 1,
            Self::Usage => 2,
            Self::Unavailable => 69,
            Self::Io => 74,
            Self::Locked => 75,
            Self::Permission => 77,
            Self::Config => 78,
            Self::Interrupted => 130,
            Self::Terminated => 143,
        }
    }
}

/// A command's failure: the exit code, and a sentence with a next step.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct CliError {
    /// Why, as a number.
    pub exit: Exit,
    /// The sentence. Never holds a secret.
    pub message: String,
}

impl CliError {
    /// A failure with its sentence.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self {
            exit,
            message: message.into(),
        }
    }

    /// An end that needs no sentence: a signal somebody sent.
    pub const fn silent(exit: Exit) -> Self {
        Self {
            exit,
            message: String::new(),
        }
    }

    /// A file that cannot be dealt with: "`path` cannot be `done`: …".
    pub fn file(path: &Path, done: &str, error: &io::Error) -> Self {
        let (exit, next) = match error.kind() {
            io::ErrorKind::PermissionDenied => (Exit::Permission, "; check its owner and mode"),
            io::ErrorKind::NotFound => (Exit::Io, "; check the path"),
            io::ErrorKind::StorageFull => (Exit::Io, "; make room on the disk"),
            _ => (Exit::Io, ""),
        };
        let path = path.display();
        Self::new(exit, format!("{path} cannot be {done}: {error}{next}"))
    }

    /// Standard output that cannot be written to. A reader that has gone is no failure.
    pub fn stdout(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::new(Exit::Closed, ""),
            _ => Self::new(
                Exit::Io,
                format!("standard output cannot be written to: {error}"),
            ),
        }
    }
}

impl From<Problems> for CliError {
    fn from(problems: Problems) -> Self {
        Self::new(Exit::Config, problems.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_map_to_the_documented_codes() {
        let file = |kind: io::ErrorKind| CliError::file(Path::new("f"), "read", &kind.into()).exit;
        assert_eq!(file(io::ErrorKind::PermissionDenied).code(), 77);
        assert_eq!(file(io::ErrorKind::NotFound).code(), 74);
        assert_eq!(
            CliError::stdout(&io::ErrorKind::BrokenPipe.into())
                .exit
                .code(),
            0
        );
        assert_eq!(CliError::from(Problems(Vec::new())).exit.code(), 78);
    }
}
