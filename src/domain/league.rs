//! Leagues and what differs between them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize, Serializer};

use super::market::{UnknownName, names};

names! {
    /// A league.
    League, "league" {
        /// Major League Baseball.
        Mlb = "mlb",
        /// National Football League.
        Nfl = "nfl",
        /// National Basketball Association.
        Nba = "nba",
        /// National Hockey League.
        Nhl = "nhl",
        /// College football.
        Ncaaf = "ncaaf",
        /// Men's college basketball.
        Ncaab = "ncaab",
        /// Women's National Basketball Association.
        Wnba = "wnba",
        /// Association football.
        Soccer = "soccer",
        /// A league linetape does not model; prices are kept all the same.
        Other = "other",
    }
}
