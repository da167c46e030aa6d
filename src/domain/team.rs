//! Teams: canonical slugs and the names feeds use for them.

use std::fmt;
use std::sync::Arc;

use foldhash::{HashMap, HashMapExt};
use serde::{Deserialize, Serialize};

use super::league::League;

/// Canonical team: league and nickname, `mlb:marlins`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TeamSlug(Arc<str>);

impl TeamSlug {
    /// A slug as stored.
    pub fn new(slug: impl Into<Arc<str>>) -> Self {
        Self(slug.into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TeamSlug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A canonical team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Team {
    /// Canonical slug.
    pub slug: TeamSlug,
    /// League.
    pub league: League,
    /// Full name: `Miami Marlins`.
    pub name: Arc<str>,
    /// Abbreviation shown: `MIA`.
    pub abbr: Arc<str>,
}

/// Every known team, from `assets/teams.toml`.
#[derive(Debug, Clone)]
pub struct Teams {
    all: Vec<Arc<Team>>,
    names: Vec<(String, Arc<Team>)>,
    by_name: HashMap<(League, String), Arc<Team>>,
    by_slug: HashMap<TeamSlug, Arc<Team>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TeamsFile {
    team: Vec<TeamRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TeamRow {
    league: League,
    slug: String,
    name: String,
    abbr: Vec<String>,
    #[serde(default)]
    names: Vec<String>,
}

/// Letters and digits only, lower case, accents folded: the same on store and on lookup.
fn normalise(name: &str) -> String {
    if name.is_ascii() {
        let mut out = String::with_capacity(name.len());
        let kept = name.bytes().filter(u8::is_ascii_alphanumeric);
        out.extend(kept.map(|byte| char::from(byte.to_ascii_lowercase())));
        return out;
    }
    name.chars()
        .flat_map(char::to_lowercase)
        .map(|c| match c {
            'é' | 'è' | 'ê' => 'e',
            'á' | 'à' | 'â' => 'a',
            'ó' | 'ô' => 'o',
            other => other,
        })
        .filter(|c| c.is_alphanumeric())
        .collect()
}

impl Teams {
    /// The teams that ship with linetape.
    ///
    /// Fails when `assets/teams.toml` is malformed, which a test rules out.
    pub fn builtin() -> Result<Self, toml::de::Error> {
        let file: TeamsFile = toml::from_str(include_str!("../../assets/teams.toml"))?;
        let mut teams = Vec::new();
        let mut spelt = Vec::new();
        let mut by_name = HashMap::new();
        let mut by_slug = HashMap::new();
        for row in file.team {
            let team = Arc::new(Team {
                slug: TeamSlug::new(format!("{}:{}", row.league, row.slug)),
                league: row.league,
                name: row.name.as_str().into(),
                abbr: row.abbr.first().map_or("?", String::as_str).into(),
            });
            let names = std::iter::once(&row.name)
                .chain(&row.names)
                .chain(&row.abbr);
            for name in names {
                spelt.push((name.clone(), Arc::clone(&team)));
                by_name.insert((row.league, normalise(name)), Arc::clone(&team));
            }
            by_slug.insert(team.slug.clone(), Arc::clone(&team));
            teams.push(team);
        }
        Ok(Self {
            all: teams,
            names: spelt,
            by_name,
            by_slug,
        })
    }

    /// The team a feed names, by full name or abbreviation. Never a guess: an unknown name is none.
    pub fn find(&self, league: League, name: &str) -> Option<&Arc<Team>> {
        self.by_name.get(&(league, normalise(name)))
    }

    /// The team of a slug.
    pub fn get(&self, slug: &TeamSlug) -> Option<&Arc<Team>> {
        self.by_slug.get(slug)
    }

    /// Every team.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Team>> {
        self.all.iter()
    }

    /// Every name a feed may use for a team, as it is spelt: full names and abbreviations.
    pub fn names(&self) -> impl Iterator<Item = (&str, &Arc<Team>)> {
        self.names.iter().map(|(name, team)| (name.as_str(), team))
    }

    /// Every team of a league.
    pub fn of_league(&self, league: League) -> impl Iterator<Item = &Arc<Team>> {
        self.all.iter().filter(move |t| t.league == league)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_by_any_known_name() {
        let teams = Teams::builtin().unwrap();
        let slug = |league, name| teams.find(league, name).map(|t| t.slug.to_string());
        assert_eq!(
            slug(League::Mlb, "Miami Marlins").as_deref(),
            Some("mlb:marlins")
        );
        assert_eq!(
            slug(League::Mlb, "St Louis Cardinals").as_deref(),
            Some("mlb:cardinals")
        );
        assert_eq!(
            slug(League::Nfl, "Cardinals"),
            None,
            "a nickname alone is a guess"
        );
        assert_eq!(slug(League::Mlb, "OAK").as_deref(), Some("mlb:athletics"));
        assert_eq!(
            slug(League::Nhl, "Montréal Canadiens").as_deref(),
            Some("nhl:canadiens")
        );
    }

    #[test]
    fn every_league_is_whole() {
        let teams = Teams::builtin().unwrap();
        let count = |league| teams.of_league(league).count();
        assert_eq!(
            [League::Mlb, League::Nfl, League::Nba, League::Nhl].map(count),
            [30, 32, 30, 32]
        );
    }
}
