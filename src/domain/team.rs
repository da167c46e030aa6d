//! Teams: canonical slugs and the names feeds use for them.

use std::fmt;
use std::sync::Arc;

use chrono::NaiveDate;
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

/// Every known team, from `assets/teams/`.
#[derive(Debug, Clone)]
pub struct Teams {
    all: Vec<Arc<Team>>,
    names: Vec<(String, Arc<Team>)>,
    /// None for a name that fits several teams.
    by_name: HashMap<(League, String), Option<Arc<Team>>>,
    once: Vec<Once>,
    ambiguous: Vec<(League, String)>,
    by_slug: HashMap<TeamSlug, Arc<Team>>,
}

/// A name that was one team's until a day.
#[derive(Debug, Clone)]
struct Once {
    name: String,
    until: NaiveDate,
    team: Arc<Team>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LeagueFile {
    ambiguous: Vec<String>,
    team: Vec<TeamRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TeamRow {
    slug: String,
    name: String,
    abbr: Vec<String>,
    #[serde(default)]
    names: Vec<String>,
    #[serde(default)]
    once: Vec<OnceRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OnceRow {
    name: String,
    until: NaiveDate,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SchoolsFile {
    ambiguous: Vec<String>,
    school: Vec<SchoolRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SchoolRow {
    slug: String,
    place: String,
    nickname: String,
    abbr: Vec<String>,
    football: Option<Subdivision>,
    #[serde(default)]
    places: Vec<String>,
    #[serde(default)]
    names: Vec<String>,
}

/// Where a school plays football.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Subdivision {
    Fbs,
    Fcs,
}

impl SchoolRow {
    /// The school's team, under every place alone and with the nickname.
    fn team(&self) -> TeamRow {
        let full = |place: &str| format!("{place} {}", self.nickname);
        let places = std::iter::once(&self.place).chain(&self.places);
        let mut names: Vec<String> = places.flat_map(|p| [full(p), p.clone()]).collect();
        names.extend(self.names.iter().cloned());
        TeamRow {
            slug: self.slug.clone(),
            name: names.remove(0),
            abbr: self.abbr.clone(),
            names,
            once: Vec::new(),
        }
    }
}

const LEAGUES: [(League, &str); 5] = [
    (League::Mlb, include_str!("../../assets/teams/mlb.toml")),
    (League::Nfl, include_str!("../../assets/teams/nfl.toml")),
    (League::Nba, include_str!("../../assets/teams/nba.toml")),
    (League::Nhl, include_str!("../../assets/teams/nhl.toml")),
    (League::Wnba, include_str!("../../assets/teams/wnba.toml")),
];
const SCHOOLS: &str = include_str!("../../assets/teams/schools.toml");

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
            'é' | 'è' | 'ê' | 'ë' => 'e',
            'á' | 'à' | 'â' | 'ä' | 'ã' => 'a',
            'ó' | 'ò' | 'ô' | 'ö' | 'õ' => 'o',
            'í' | 'ì' | 'î' | 'ï' => 'i',
            'ú' | 'ù' | 'û' | 'ü' => 'u',
            'ñ' => 'n',
            'ç' => 'c',
            // Letters to Unicode, apostrophes to Hawaiʻi.
            '\u{2bb}' | '\u{2bc}' => '\'',
            other => other,
        })
        // An accent that stands after its letter is no letter.
        .filter(|c| c.is_alphanumeric())
        .collect()
}

impl Teams {
    /// The teams that ship with linetape.
    ///
    /// Fails when a file of `assets/teams/` is malformed, which a test rules out.
    pub fn builtin() -> Result<Self, toml::de::Error> {
        let mut teams = Self {
            all: Vec::new(),
            names: Vec::new(),
            by_name: HashMap::new(),
            once: Vec::new(),
            ambiguous: Vec::new(),
            by_slug: HashMap::new(),
        };
        for (league, text) in LEAGUES {
            let file: LeagueFile = toml::from_str(text)?;
            teams.take(league, file.ambiguous, file.team);
        }
        let schools: SchoolsFile = toml::from_str(SCHOOLS)?;
        let in_league = |plays: fn(&SchoolRow) -> bool| {
            let rows = schools.school.iter().filter(|row| plays(row));
            rows.map(SchoolRow::team).collect()
        };
        let football = in_league(|row| row.football.is_some());
        teams.take(League::Ncaaf, schools.ambiguous.clone(), football);
        teams.take(
            League::Ncaab,
            schools.ambiguous.clone(),
            in_league(|_| true),
        );
        Ok(teams)
    }

    fn take(&mut self, league: League, ambiguous: Vec<String>, rows: Vec<TeamRow>) {
        for row in rows {
            let team = Arc::new(Team {
                slug: TeamSlug::new(format!("{league}:{}", row.slug)),
                league,
                name: row.name.as_str().into(),
                abbr: row.abbr.first().map_or("?", String::as_str).into(),
            });
            let names = std::iter::once(row.name).chain(row.names).chain(row.abbr);
            for name in names {
                let known = self
                    .by_name
                    .entry((league, normalise(&name)))
                    .or_insert_with(|| Some(Arc::clone(&team)));
                if known.as_ref().is_some_and(|had| had.slug != team.slug) {
                    *known = None;
                }
                self.names.push((name, Arc::clone(&team)));
            }
            self.once.extend(row.once.iter().map(|once| Once {
                name: normalise(&once.name),
                until: once.until,
                team: Arc::clone(&team),
            }));
            self.by_slug.insert(team.slug.clone(), Arc::clone(&team));
            self.all.push(team);
        }
        for name in ambiguous {
            self.by_name.insert((league, normalise(&name)), None);
            self.ambiguous.push((league, name));
        }
        let by_name = &self.by_name;
        self.names.retain(|(name, team)| {
            let known = by_name.get(&(team.league, normalise(name)));
            known.is_some_and(Option::is_some)
        });
    }

    /// The team a feed names, by any of its names or abbreviations in that league. Never a guess: an unknown name is
    /// none, and so is one that fits two teams.
    pub fn find(&self, league: League, name: &str) -> Option<&Arc<Team>> {
        self.by_name.get(&(league, normalise(name)))?.as_ref()
    }

    /// The team an archive meant on a day: `Los Angeles` played football alone until 2017.
    pub fn find_on(&self, league: League, name: &str, date: NaiveDate) -> Option<&Arc<Team>> {
        self.find(league, name).or_else(|| {
            let name = normalise(name);
            let fits = |once: &&Once| {
                once.team.league == league && once.name == name && date <= once.until
            };
            let mut found = self.once.iter().filter(fits);
            found
                .next()
                .filter(|_| found.next().is_none())
                .map(|once| &once.team)
        })
    }

    /// Names known to fit several teams of a league: they resolve to none.
    pub fn ambiguous(&self) -> impl Iterator<Item = (League, &str)> {
        self.ambiguous
            .iter()
            .map(|(league, name)| (*league, name.as_str()))
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
mod tests;
