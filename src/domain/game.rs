//! Games and their ids.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::source::Source;

/// linetape's id of a game: 63 bits of BLAKE3 of `source:source_game_id` of the feed that named it first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GameId(i64);

impl GameId {
    /// The id that `source_game_id` of `source` mints, without asking anyone.
    pub fn mint(source: Source, source_game_id: &str) -> Self {
        let hash = blake3::hash(format!("{source}:{source_game_id}").as_bytes());
        let mut first = [0_u8; 8];
        first.copy_from_slice(&hash.as_bytes()[..8]);
        Self((u64::from_be_bytes(first) >> 1) as i64)
    }

    /// From its stored number.
    pub const fn from_i64(id: i64) -> Self {
        Self(id)
    }

    /// The stored number, never negative.
    pub const fn as_i64(self) -> i64 {
        self.0
    }
}

impl fmt::Display for GameId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_stable_and_positive() {
        let id = GameId::mint(Source::ActionNetwork, "257653");
        assert_eq!(id, GameId::mint(Source::ActionNetwork, "257653"));
        assert!(id.as_i64() > 0);
        assert_ne!(id, GameId::mint(Source::OddsApi, "257653"));
    }
}
