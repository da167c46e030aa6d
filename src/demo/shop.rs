//! The demo's shops and divisions, from `assets/demo.toml`.

use std::collections::HashMap;

use serde::Deserialize;

use crate::domain::league::League;

/// How a shop comes by its prices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Role {
    /// Moves within seconds of the truth.
    Leader,
    /// Moves some time after it.
    Follower,
    /// Repeats another shop.
    Clone,
    /// Action Network's average over shops.
    Consensus,
    /// Action Network's first line.
    Opener,
}

/// What sets a shop apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Trait {
    /// Prices in play; others freeze at the start.
    Live,
    Alternates,
    TeamTotals,
    /// Is gone from the feed once the game is over.
    Vanishes,
    MoneylineOnly,
    /// Has lay prices.
    Exchange,
}

/// One shop, or one of Action Network's two ids that are no shops.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Shop {
    /// Action Network's id; none where it does not carry the shop.
    pub(super) an: Option<u32>,
    pub(super) parent: Option<u32>,
    pub(super) parent_name: Option<String>,
    pub(super) core: Option<u32>,
    /// The Odds API's key; none where it does not carry the shop.
    pub(super) key: Option<String>,
    pub(super) region: Option<String>,
    pub(super) title: String,
    pub(super) source_name: String,
    pub(super) abbr: Option<String>,
    pub(super) state: Option<String>,
    pub(super) role: Role,
    /// Key of the shop a clone repeats.
    pub(super) of: Option<String>,
    /// Median seconds behind the truth.
    pub(super) lag: f64,
    /// Step of its American prices.
    pub(super) grid: i32,
    /// Overround.
    pub(super) margin: f64,
    #[serde(default)]
    pub(super) bias: f64,
    /// Change of fair probability that makes it move.
    pub(super) threshold: f64,
    /// Hours from 10:00 Eastern of the slate's day at which it opens, about.
    #[serde(default = "opens_the_night_before")]
    pub(super) opens: f64,
    #[serde(default)]
    pub(super) missing: f64,
    #[serde(default)]
    traits: Vec<Trait>,
}

const fn opens_the_night_before() -> f64 {
    -17.0
}

impl Shop {
    /// Whether it is Action Network's opener, whose outcomes have another key set.
    pub(super) fn is_opener(&self) -> bool {
        self.role == Role::Opener
    }

    /// Whether it has a trait.
    pub(super) fn has(&self, wanted: Trait) -> bool {
        self.traits.contains(&wanted)
    }

    /// Whether it takes bets.
    pub(super) fn takes_bets(&self) -> bool {
        !matches!(self.role, Role::Consensus | Role::Opener)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DemoFile {
    shop: Vec<Shop>,
    division: Vec<DivisionRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DivisionRow {
    league: League,
    conference: String,
    division: String,
    teams: Vec<String>,
}

/// Conference and division of a team.
#[derive(Debug, Clone)]
pub(super) struct Division {
    pub(super) conference: String,
    pub(super) division: String,
}

/// What the file holds.
#[derive(Debug)]
pub(super) struct Cast {
    /// Shops, in the file's order: a shop's place in it is its number.
    pub(super) shops: Vec<Shop>,
    divisions: HashMap<String, Division>,
}

impl Cast {
    /// The shops and divisions that ship with linetape.
    pub(super) fn builtin() -> Result<Self, toml::de::Error> {
        let file: DemoFile = toml::from_str(include_str!("../../assets/demo.toml"))?;
        let divisions = file
            .division
            .into_iter()
            .flat_map(|row| {
                let division = Division {
                    conference: row.conference,
                    division: row.division,
                };
                row.teams
                    .into_iter()
                    .map(move |team| (format!("{}:{team}", row.league), division.clone()))
            })
            .collect();
        Ok(Self {
            shops: file.shop,
            divisions,
        })
    }

    /// The division of a team's slug.
    pub(super) fn division(&self, slug: &str) -> Option<&Division> {
        self.divisions.get(slug)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::book::Books;
    use crate::domain::source::Source;
    use crate::domain::team::Teams;

    #[test]
    fn every_shop_and_team_is_known() {
        let (cast, books, teams) = (
            Cast::builtin().unwrap(),
            Books::builtin().unwrap(),
            Teams::builtin().unwrap(),
        );
        for shop in &cast.shops {
            if let Some(id) = shop.an {
                assert!(
                    books.find(Source::ActionNetwork, &id.to_string()).is_some(),
                    "{id}"
                );
            }
            if let Some(key) = &shop.key {
                assert!(books.find(Source::OddsApi, key).is_some(), "{key}");
            }
            let copied = shop.of.as_ref();
            assert!(copied.is_none_or(|of| cast.shops.iter().any(|s| s.key.as_ref() == Some(of))));
        }
        for league in [League::Mlb, League::Nfl] {
            for team in teams.of_league(league) {
                assert!(cast.division(team.slug.as_str()).is_some(), "{}", team.slug);
            }
        }
    }
}
