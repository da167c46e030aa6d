//! The feeds' settings, one block a feed.

use std::time::Duration;

use secrecy::SecretString;
use serde::Deserialize;

use super::duration_text;

/// One block a feed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sources {
    /// Action Network.
    pub action_network: ActionNetwork,
    /// The Odds API.
    pub odds_api: OddsApi,
    /// ESPN.
    pub espn: Espn,
    /// MLB Stats API.
    pub mlb_stats: MlbStats,
    /// `SportsBettingDime`.
    pub sbd: Sbd,
    /// `VSiN`.
    pub vsin: Vsin,
    /// `SportsbookReview`.
    pub sbr: Sbr,
    /// Goalserve.
    pub goalserve: Goalserve,
}

/// Action Network.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ActionNetwork {
    /// Server; https, or http on loopback.
    pub base_url: String,
    /// Time between looks at a league's slate.
    #[serde(with = "duration_text")]
    pub every: Duration,
    /// Requests per minute to the host.
    pub per_minute: u32,
    /// Books asked for, by Action Network's ids.
    pub book_ids: Vec<u32>,
    /// Whether to fetch each game's tick history, when the game is first seen and again when its prices moved.
    pub history: bool,
    /// Shortest time between two looks at one game's tick history.
    #[serde(with = "duration_text")]
    pub history_every: Duration,
}

impl Default for ActionNetwork {
    fn default() -> Self {
        Self {
            base_url: "https://api.actionnetwork.com".into(),
            every: Duration::from_secs(15),
            per_minute: 60,
            book_ids: vec![15, 30, 68, 69, 71, 75, 79, 123, 2988, 1799, 2724, 78, 3],
            history: true,
            history_every: Duration::from_mins(5),
        }
    }
}

/// The Odds API.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OddsApi {
    /// Server; https, or http on loopback.
    pub base_url: String,
    /// Key; better given by `ODDS_API_KEY` or `ODDS_API_KEY_FILE`.
    pub key: Option<SecretString>,
    /// Shortest time between looks at a league's slate; credits that are few are spread over their month.
    #[serde(with = "duration_text")]
    pub every: Duration,
    /// Requests per minute to the host.
    pub per_minute: u32,
    /// Regions asked for; each costs a credit a market.
    pub regions: Vec<String>,
    /// Markets asked for; each costs a credit a region.
    pub markets: Vec<String>,
    /// Credits that are never spent.
    pub keep_credits: u32,
    /// Credits reserved at a time in the ledger that all collectors share, 1–1000000.
    pub reserve_credits: u32,
    /// Day of the month on which the plan grants new credits, 1–28.
    pub reset_day: u8,
    /// Time between looks at a league's list of games, which costs nothing.
    #[serde(with = "duration_text")]
    pub games_every: Duration,
    /// Time between looks at a league's scores, while a game of it is on or just over; each costs a credit or two.
    #[serde(with = "duration_text")]
    pub scores_every: Duration,
    /// Days back whose results are asked once when linetape starts, 0–3; none asks only for games it follows.
    pub scores_days: u8,
    /// Markets asked for game by game before the start; each costs a credit a game and region. Empty asks for none.
    pub event_markets: Vec<String>,
    /// Time between looks at one game's markets.
    #[serde(with = "duration_text")]
    pub event_every: Duration,
    /// How long before its start a game's markets are asked for.
    #[serde(with = "duration_text")]
    pub event_before: Duration,
    /// Credits below which single games are not asked for any more; the slates go on.
    pub event_keep_credits: u32,
}

impl Default for OddsApi {
    fn default() -> Self {
        Self {
            base_url: "https://api.the-odds-api.com".into(),
            key: None,
            every: Duration::from_mins(10),
            per_minute: 30,
            regions: vec!["us".into()],
            markets: vec!["h2h".into(), "spreads".into(), "totals".into()],
            keep_credits: 20,
            reserve_credits: 30,
            reset_day: 1,
            games_every: Duration::from_hours(1),
            scores_every: Duration::from_hours(4),
            scores_days: 0,
            event_markets: Vec::new(),
            event_every: Duration::from_hours(1),
            event_before: Duration::from_hours(3),
            event_keep_credits: 100,
        }
    }
}

/// ESPN.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Espn {
    /// Server; https, or http on loopback.
    pub base_url: String,
    /// Time between looks at a league's slate.
    #[serde(with = "duration_text")]
    pub every: Duration,
    /// Requests per minute to the host.
    pub per_minute: u32,
}

impl Default for Espn {
    fn default() -> Self {
        Self {
            base_url: "https://site.api.espn.com".into(),
            every: Duration::from_mins(2),
            per_minute: 30,
        }
    }
}

/// MLB Stats API.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MlbStats {
    /// Server; https, or http on loopback.
    pub base_url: String,
    /// Time between looks at the day's schedule.
    #[serde(with = "duration_text")]
    pub every: Duration,
    /// Requests per minute to the host.
    pub per_minute: u32,
}

impl Default for MlbStats {
    fn default() -> Self {
        Self {
            base_url: "https://statsapi.mlb.com".into(),
            every: Duration::from_mins(1),
            per_minute: 60,
        }
    }
}

/// `SportsBettingDime`.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sbd {
    /// Server; https, or http on loopback.
    pub base_url: String,
    /// Time between looks at a league's slate.
    #[serde(with = "duration_text")]
    pub every: Duration,
    /// Requests per minute to the host.
    pub per_minute: u32,
    /// Books asked for, by `SportsBettingDime`'s names.
    pub books: Vec<String>,
}

impl Default for Sbd {
    fn default() -> Self {
        Self {
            base_url: "https://srfeeds.sportsbettingdime.com".into(),
            every: Duration::from_mins(5),
            per_minute: 12,
            books: [
                "betmgm",
                "bet365",
                "fanatics",
                "draftkings",
                "caesars",
                "fanduel",
            ]
            .map(str::to_owned)
            .to_vec(),
        }
    }
}

/// `VSiN`.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Vsin {
    /// Server; https, or http on loopback.
    pub base_url: String,
    /// Time between looks at a league's page.
    #[serde(with = "duration_text")]
    pub every: Duration,
    /// Requests per minute to the host.
    pub per_minute: u32,
    /// Books whose view is asked for, by `VSiN`'s ids.
    pub books: Vec<String>,
}

impl Default for Vsin {
    fn default() -> Self {
        Self {
            base_url: "https://data.vsin.com".into(),
            every: Duration::from_mins(10),
            per_minute: 6,
            books: vec!["circa".into(), "dk".into()],
        }
    }
}

/// `SportsbookReview`.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sbr {
    /// Server; https, or http on loopback.
    pub base_url: String,
    /// Time between looks at a league's pages.
    #[serde(with = "duration_text")]
    pub every: Duration,
    /// Requests per minute to the host; a slate takes a page a market.
    pub per_minute: u32,
}

impl Default for Sbr {
    fn default() -> Self {
        Self {
            base_url: "https://www.sportsbookreview.com".into(),
            every: Duration::from_mins(10),
            per_minute: 6,
        }
    }
}

/// Goalserve.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Goalserve {
    /// Server; https, or http on loopback.
    pub base_url: String,
    /// Key; better given by `GOALSERVE_API_KEY` or `GOALSERVE_API_KEY_FILE`.
    pub key: Option<SecretString>,
    /// Time between looks at a league's prices.
    #[serde(with = "duration_text")]
    pub every: Duration,
    /// Requests per minute to the host; the feed allows one question for odds of a sport in ten seconds.
    pub per_minute: u32,
    /// Time between looks at a league's scores.
    #[serde(with = "duration_text")]
    pub scores_every: Duration,
}

impl Default for Goalserve {
    fn default() -> Self {
        Self {
            base_url: "https://www.goalserve.com".into(),
            key: None,
            every: Duration::from_mins(1),
            per_minute: 6,
            scores_every: Duration::from_mins(1),
        }
    }
}
