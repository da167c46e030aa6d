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
        /// ESPN's site API: scoreboards with one book's prices, results, teams, standings. Key-free.
        Espn = "espn",
        /// MLB Stats API: schedules, results, teams, standings. Key-free, no prices.
        MlbStats = "mlb_stats",
        /// `SportsBettingDime`: tickets and money of each game, and several books' prices. Key-free.
        Sbd = "sbd",
        /// `VSiN`: tickets and handle as single books see them. Key-free.
        Vsin = "vsin",
        /// `SportsbookReview`: openers and current prices of each book, and results. Key-free.
        Sbr = "sbr",
        /// Goalserve: scores, schedules and prices, needs a key.
        Goalserve = "goalserve",
    }
}

impl Source {
    /// The short name shown on narrow panels and accepted on the command line.
    pub const fn short(self) -> &'static str {
        match self {
            Self::ActionNetwork => "an",
            Self::OddsApi => "oddsapi",
            Self::Espn => "espn",
            Self::MlbStats => "mlb",
            Self::Sbd => "sbd",
            Self::Vsin => "vsin",
            Self::Sbr => "sbr",
            Self::Goalserve => "gs",
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
        /// `/apis/site/v2/sports/{sport}/{league}/scoreboard`: games, results, and one book's prices before the start.
        EspnScoreboard = "espn/scoreboard",
        /// `/apis/v3/sports/{sport}/{league}/odds`: the odds page, several books.
        EspnOdds = "espn/odds",
        /// `/v2/sports/{sport}/leagues/{league}/events/{id}/competitions/{id}/odds`: one game, several books.
        EspnCoreOdds = "espn/core_odds",
        /// `/apis/site/v2/sports/{sport}/{league}/teams`: no prices.
        EspnTeams = "espn/teams",
        /// `/apis/v2/sports/{sport}/{league}/standings`: no prices.
        EspnStandings = "espn/standings",
        /// `/api/v1/schedule`: games and results.
        MlbSchedule = "mlb_stats/schedule",
        /// `/api/v1.1/game/{pk}/feed/live`: one game's result by inning.
        MlbLive = "mlb_stats/live",
        /// `/api/v1/teams`: no prices.
        MlbTeams = "mlb_stats/teams",
        /// `/api/v1/standings`: no prices.
        MlbStandings = "mlb_stats/standings",
        /// `/v2/matchups/{league}/betting-splits`: splits and several books' prices.
        SbdSplits = "sbd/splits",
        /// `/betting-splits/`: a page of splits as one book sees them.
        VsinSplits = "vsin/splits",
        /// `/betting-odds/{league}/…`: a page of one market, every book's opener and current price, and scores.
        SbrOdds = "sbr/odds",
        /// The withdrawn GraphQL service's answers: openers, current prices and ticks.
        SbrGraphql = "sbr/graphql",
        /// A season's file of openers, closes and results.
        SbrArchive = "sbr/archive",
        /// `/getodds/…`: prices before the start.
        GoalserveOdds = "goalserve/odds",
        /// `/{sport}/{day}`: schedule and scores.
        GoalserveScores = "goalserve/scores",
    }
}

impl Stream {
    /// The feed the stream belongs to: the first part of its name.
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
            Self::EspnScoreboard
            | Self::EspnOdds
            | Self::EspnCoreOdds
            | Self::EspnTeams
            | Self::EspnStandings => Source::Espn,
            Self::MlbSchedule | Self::MlbLive | Self::MlbTeams | Self::MlbStandings => {
                Source::MlbStats
            }
            Self::SbdSplits => Source::Sbd,
            Self::VsinSplits => Source::Vsin,
            Self::SbrOdds | Self::SbrGraphql | Self::SbrArchive => Source::Sbr,
            Self::GoalserveOdds | Self::GoalserveScores => Source::Goalserve,
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
            // Second hand: a site that shows other shops' prices, and seldom.
            Self::EspnScoreboard | Self::EspnOdds | Self::EspnCoreOdds => 6,
            Self::SbrOdds | Self::GoalserveOdds => 7,
            Self::SbdSplits | Self::VsinSplits => 8,
            Self::AnBooks
            | Self::OddsApiSports
            | Self::OddsApiEvents
            | Self::OddsApiScores
            | Self::EspnTeams
            | Self::EspnStandings
            | Self::MlbSchedule
            | Self::MlbLive
            | Self::MlbTeams
            | Self::MlbStandings
            | Self::SbrGraphql
            | Self::SbrArchive
            | Self::GoalserveScores => 9,
        }
    }

    /// Whether a payload tells a book's opener beside its current price, as another quote of the same outcome.
    pub const fn tells_openers(self) -> bool {
        matches!(
            self,
            Self::EspnScoreboard
                | Self::EspnOdds
                | Self::EspnCoreOdds
                | Self::SbrOdds
                | Self::SbrArchive
        )
    }

    /// Whether prices carry the time of each change (ticks), rather than the time of a look (polls).
    pub const fn is_ticks(self) -> bool {
        matches!(self, Self::AnHistory | Self::SbrGraphql)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_named_after_its_source() {
        for stream in Stream::ALL {
            let (source, _) = stream.as_str().split_once('/').unwrap();
            assert_eq!(source, stream.source().as_str());
        }
    }

    #[test]
    fn accepts_short_names() {
        assert_eq!(Source::parse_lenient("an"), Ok(Source::ActionNetwork));
        assert_eq!(Source::parse_lenient("odds-api"), Ok(Source::OddsApi));
        assert!(Source::parse_lenient("espnn").is_err());
    }
}
