//! Where a value came from.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

/// Where a value came from, as `config show` prints it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Nobody set it.
    Default,
    /// The config file.
    File {
        /// The file.
        file: Arc<PathBuf>,
        /// Line, from 1.
        line: usize,
    },
    /// A variable of the environment.
    Env {
        /// Its name.
        name: String,
    },
    /// A variable set in a `.env` file.
    DotEnv {
        /// Its name.
        name: String,
        /// The file.
        file: Arc<PathBuf>,
        /// Line, from 1.
        line: usize,
    },
    /// The contents of a file that a variable points at (`ODDS_API_KEY_FILE`, `CREDENTIALS_DIRECTORY`).
    Pointed {
        /// The variable.
        name: String,
        /// The file.
        file: PathBuf,
    },
    /// A flag, with its dashes.
    Flag(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { file, line } => write!(f, "{}:{line}", file.display()),
            Self::Env { name } => write!(f, "env {name}"),
            Self::DotEnv { name, file, line } => {
                write!(f, "env {name} ({}:{line})", file.display())
            }
            Self::Pointed { name, file } => write!(f, "env {name} → {}", file.display()),
            Self::Flag(flag) => write!(f, "flag {flag}"),
        }
    }
}

/// Where each setting came from; what is not in it is a default.
#[derive(Debug, Clone, Default)]
pub struct Provenance(BTreeMap<String, Origin>);

impl Provenance {
    /// The origin of the setting at `path`, `collect.days`.
    pub fn of(&self, path: &str) -> &Origin {
        self.0.get(path).unwrap_or(&Origin::Default)
    }

    /// Remember that the value in force at `path` came from `origin`.
    pub fn set(&mut self, path: String, origin: Origin) {
        self.0.insert(path, origin);
    }
}
