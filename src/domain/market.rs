//! What is bet on: market, period, phase, side and line.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize, Serializer};

/// A name that belongs to no known value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind} {given:?} is not known; use one of: {known}")]
pub struct UnknownName {
    pub(crate) kind: &'static str,
    pub(crate) given: String,
    pub(crate) known: &'static str,
}

macro_rules! names {
    ($(#[$meta:meta])* $name:ident, $kind:literal { $($(#[$vmeta:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$vmeta])* $variant),+ }

        impl $name {
            /// Every value, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name used in tables, files and `--json`.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.pad(self.as_str()) }
        }

        impl FromStr for $name {
            type Err = UnknownName;
            fn from_str(text: &str) -> Result<Self, UnknownName> {
                match text {
                    $($text => Ok(Self::$variant),)+
                    _ => Err(UnknownName { kind: $kind, given: text.to_owned(), known: concat!($($text, " "),+) }),
                }
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}
pub(crate) use names;

names! {
    /// Part of the game a market settles on.
    Period, "period" {
        /// The whole game, overtime as the book's rules say.
        Full = "full",
        /// First half.
        Half1 = "1h",
        /// Second half.
        Half2 = "2h",
        /// First quarter.
        Quarter1 = "1q",
        /// Second quarter.
        Quarter2 = "2q",
        /// Third quarter.
        Quarter3 = "3q",
        /// Fourth quarter.
        Quarter4 = "4q",
        /// First period (hockey).
        Period1 = "1p",
        /// Second period (hockey).
        Period2 = "2p",
        /// Third period (hockey).
        Period3 = "3p",
        /// First inning.
        Inning1 = "f1",
        /// First three innings.
        Innings3 = "f3",
        /// First five innings.
        Innings5 = "f5",
        /// First seven innings.
        Innings7 = "f7",
    }
}

names! {
    /// Before the start or after it.
    Phase, "phase" {
        /// Before the start.
        Pregame = "pregame",
        /// In play.
        Live = "live",
    }
}

names! {
    /// The side of a market a price is for.
    Side, "side" {
        /// The home team.
        Home = "home",
        /// The away team.
        Away = "away",
        /// Over the total.
        Over = "over",
        /// Under the total.
        Under = "under",
        /// Neither team, in three-way markets.
        Draw = "draw",
    }
}

impl Side {
    /// The other side of a two-way market; a draw has none.
    pub const fn opposite(self) -> Option<Self> {
        match self {
            Self::Home => Some(Self::Away),
            Self::Away => Some(Self::Home),
            Self::Over => Some(Self::Under),
            Self::Under => Some(Self::Over),
            Self::Draw => None,
        }
    }
}

names! {
    /// Whether a price can be bet.
    QuoteStatus, "quote status" {
        /// Can be bet.
        Open = "open",
        /// Shown but locked.
        Suspended = "suspended",
        /// Off the board: no price at all.
        Off = "off",
    }
}

/// A kind of bet.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Market {
    /// Who wins.
    Moneyline,
    /// Who wins after the line is added.
    Spread,
    /// Both scores added.
    Total,
    /// One team's score; the team is the participant.
    TeamTotal,
    /// Anything else a feed names, under the feed's key in lower case; the player or subject is the participant.
    Prop(Arc<str>),
}

impl Market {
    /// The name used in tables, files and `--json`.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Moneyline => "moneyline",
            Self::Spread => "spread",
            Self::Total => "total",
            Self::TeamTotal => "team_total",
            Self::Prop(key) => key,
        }
    }

    /// The market of a stored name; unknown names are props.
    pub fn from_name(name: &str) -> Self {
        match name {
            "moneyline" => Self::Moneyline,
            "spread" => Self::Spread,
            "total" => Self::Total,
            "team_total" => Self::TeamTotal,
            other => Self::Prop(Arc::from(other)),
        }
    }

    /// Whether a price of this market needs a line.
    pub const fn has_line(&self) -> bool {
        matches!(self, Self::Spread | Self::Total | Self::TeamTotal)
    }

    /// Whether `side` can be bet in this market.
    pub const fn allows(&self, side: Side) -> bool {
        match self {
            Self::Moneyline => matches!(side, Side::Home | Side::Away | Side::Draw),
            Self::Spread => matches!(side, Side::Home | Side::Away),
            Self::Total | Self::TeamTotal => matches!(side, Side::Over | Side::Under),
            Self::Prop(_) => true,
        }
    }
}

impl fmt::Display for Market {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Serialize for Market {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Market {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::from_name(&String::deserialize(deserializer)?))
    }
}

/// A handicap or total in hundredths of a point, so that lines compare exactly.
///
/// The line of a spread is the bettor's sign for its own side (home −1.5 ⇔ away +1.5); a total's line is on both sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Line(i32);

impl Line {
    /// From points; refused when not finite, not on a quarter point, or beyond ±2000.
    pub fn from_points(points: f64) -> Option<Self> {
        if !points.is_finite() || points.abs() > 2000.0 {
            return None;
        }
        // Halves are off the quarter points anyway, so that adding one rounds well enough, and without a call.
        let hundredths = (points * 100.0 + 0.5_f64.copysign(points)) as i32;
        ((points * 100.0 - f64::from(hundredths)).abs() < 1e-6 && hundredths % 25 == 0)
            .then_some(Self(hundredths))
    }

    /// From hundredths of a point, as stored.
    pub const fn from_hundredths(hundredths: i32) -> Self {
        Self(hundredths)
    }

    /// Hundredths of a point.
    pub const fn hundredths(self) -> i32 {
        self.0
    }

    /// Points.
    pub fn points(self) -> f64 {
        f64::from(self.0) / 100.0
    }
}

impl fmt::Display for Line {
    /// Plain decimal without needless zeros: `-1.5`, `8`, `2.25`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.points())
    }
}

impl Serialize for Line {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.points())
    }
}

impl<'de> Deserialize<'de> for Line {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let points = f64::deserialize(deserializer)?;
        Self::from_points(points)
            .ok_or_else(|| serde::de::Error::custom("a line lies on a quarter point"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_exact() {
        assert_eq!(Line::from_points(-1.5), Line::from_points(-1.50));
        assert_eq!(
            Line::from_points(46.0).map(|l| l.to_string()).as_deref(),
            Some("46")
        );
        assert_eq!(Line::from_points(2.25).map(Line::hundredths), Some(225));
        assert_eq!(Line::from_points(1.3), None);
        assert_eq!(Line::from_points(f64::NAN), None);
    }

    #[test]
    fn sides_belong_to_markets() {
        assert!(Market::Spread.allows(Side::Away));
        assert!(!Market::Spread.allows(Side::Draw));
        assert!(!Market::Total.allows(Side::Home));
    }

    #[test]
    fn names_round_trip() {
        for period in Period::ALL {
            assert_eq!(period.as_str().parse::<Period>().as_ref(), Ok(period));
        }
        assert!("fifth".parse::<Period>().is_err());
        assert_eq!(Market::from_name("player_points").as_str(), "player_points");
    }
}
