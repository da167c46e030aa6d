//! Where a game stands.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize, Serializer};

use super::market::{UnknownName, names};

names! {
    /// Where a game stands.
    GameStatus, "game status" {
        /// Not started.
        Scheduled = "scheduled",
        /// In play.
        Live = "live",
        /// Over, the score stands.
        Final = "final",
        /// Moved to another time.
        Postponed = "postponed",
        /// Will not be played.
        Cancelled = "cancelled",
        /// Halted, may go on.
        Suspended = "suspended",
    }
}
