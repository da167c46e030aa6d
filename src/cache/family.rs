//! What is cached, by kind.

use std::fmt;
use std::time::Duration;

/// A kind of key. Its name is the first part of every key of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Family {
    /// A game's price history, `history:{game}:{version}`: the version changes with the history.
    History,
    /// A game's facts, `game:{game}`.
    Game,
}

impl Family {
    /// Every family, in the order shown.
    pub const ALL: [Self; 2] = [Self::History, Self::Game];

    /// The name shown, and the first part of a key.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::History => "history",
            Self::Game => "game",
        }
    }

    /// How long a value of this family is good for.
    pub const fn ttl(self) -> Duration {
        match self {
            Self::History => Duration::from_mins(5),
            Self::Game => Duration::from_hours(24),
        }
    }

    /// The whole key, without the prefix Redis keys have: `game:{key}`.
    pub fn key(self, key: &str) -> String {
        format!("{}:{key}", self.as_str())
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
