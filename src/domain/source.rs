//! The feeds and their streams.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize, Serializer};

use super::market::{UnknownName, names};

names! {
    /// A feed: one service with its own ids for games and books.
    Source, "source" {
        /// Action Network, key-free.
        ActionNetwork = "action_network",
        /// The Odds API v4, needs a key.
        OddsApi = "odds_api",
    }
}

impl Source {
    /// The short name shown on narrow panels and accepted on the command line.
    pub const fn short(self) -> &'static str {
        match self {
            Self::ActionNetwork => "an",
            Self::OddsApi => "oddsapi",
        }
    }

    /// A source by name or short name.
    pub fn parse_lenient(text: &str) -> Result<Self, UnknownName> {
        let wanted = text.trim().to_ascii_lowercase().replace('-', "_");
        Self::ALL
            .iter()
            .copied()
            .find(|s| s.as_str() == wanted || s.short() == wanted)
            .map_or_else(|| wanted.parse(), Ok)
    }
}

names! {
    /// A feed and one of its endpoints. Prices of one shop through two streams are two series.
    Stream, "stream" {
        /// `/web/v2/scoreboard/{league}`: a snapshot of the slate with every book's prices.
        AnScoreboard = "action_network/scoreboard",
        /// `/web/v1/scoreboard/{league}`: the older flat rows.
        AnScoreboardV1 = "action_network/scoreboard_v1",
        /// `/web/v2/markets/event/{id}/history`: ticks with their own times.
        AnHistory = "action_network/history",
        /// `/web/v1/books`: no prices.
        AnBooks = "action_network/books",
        /// `/v4/sports`: no prices.
        OddsApiSports = "odds_api/sports",
        /// `/v4/sports/{sport}/events`: games without prices.
        OddsApiEvents = "odds_api/events",
        /// `/v4/sports/{sport}/odds`: a snapshot of the slate.
        OddsApiOdds = "odds_api/odds",
        /// `/v4/sports/{sport}/events/{id}/odds`: one game, any market.
        OddsApiEventOdds = "odds_api/event_odds",
        /// `/v4/sports/{sport}/scores`: results.
        OddsApiScores = "odds_api/scores",
        /// `/v4/historical/…`: a snapshot as it stood at a past instant.
        OddsApiHistorical = "odds_api/historical",
    }
}

impl Stream {
    /// The feed the stream belongs to.
    pub const fn source(self) -> Source {
        match self {
            Self::AnScoreboard | Self::AnScoreboardV1 | Self::AnHistory | Self::AnBooks => {
                Source::ActionNetwork
            }
            Self::OddsApiSports
            | Self::OddsApiEvents
            | Self::OddsApiOdds
            | Self::OddsApiEventOdds
            | Self::OddsApiScores
            | Self::OddsApiHistorical => Source::OddsApi,
        }
    }

    /// Which stream speaks for a shop when several carry it: lower wins on board, chart and summary.
    pub const fn rank(self) -> u8 {
        match self {
            Self::AnScoreboard => 0,
            Self::OddsApiOdds => 1,
            Self::OddsApiEventOdds => 2,
            Self::AnScoreboardV1 => 3,
            Self::AnHistory => 4,
            Self::OddsApiHistorical => 5,
            Self::AnBooks | Self::OddsApiSports | Self::OddsApiEvents | Self::OddsApiScores => 9,
        }
    }

    /// Whether prices carry the time of each change (ticks), rather than the time of a look (polls).
    pub const fn is_ticks(self) -> bool {
        matches!(self, Self::AnHistory)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_short_names() {
        assert_eq!(Source::parse_lenient("an"), Ok(Source::ActionNetwork));
        assert_eq!(Source::parse_lenient("odds-api"), Ok(Source::OddsApi));
        assert!(Source::parse_lenient("espnn").is_err());
    }
}
