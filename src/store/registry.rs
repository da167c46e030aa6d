//! The registry of names: what a table of this program or of an earlier one is called today, and who fills it.

use std::cmp::Reverse;

use serde::Serialize;
use sqlx::{FromRow, PgPool};

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "lowercase")]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A table of linetape's.
    Table,
    /// A view of linetape's.
    View,
    /// A name that stands for another.
    Logical,
    /// A view under an earlier name.
    #[sqlx(rename = "compatibility view")]
    CompatibilityView,
    /// A function under an earlier name.
    #[sqlx(rename = "compatibility function")]
    CompatibilityFunction,
}

/// What became of a name in this database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "lowercase")]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It is linetape's own.
    Own,
    /// It stands for another name.
    Alias,
    /// It is not made yet.
    Waiting,
    /// It was made.
    Made,
    /// Somebody else's object has the name.
    Taken,
    /// A privilege is missing.
    Denied,
    /// It could not be made.
    Failed,
}

impl State {
    /// The word stored and printed.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Alias => "alias",
            Self::Waiting => "waiting",
            Self::Made => "made",
            Self::Taken => "taken",
            Self::Denied => "denied",
            Self::Failed => "failed",
        }
    }
}

/// One name. The fields are those of `database registry --json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromRow)]
pub struct Entry {
    /// The name as its program writes it; a function with the types of its arguments.
    pub name: String,
    /// What it stands for.
    pub kind: Kind,
    /// Where the rows are today.
    pub home: String,
    /// What became of it here.
    pub state: State,
    /// The name it was made under; differs where settings name another schema.
    pub made_as: Option<String>,
    /// Who writes it, or for what it is reserved.
    pub filled_by: Option<String>,
    /// Whether it waits for the part of linetape that fills it.
    pub reserved: bool,
    /// Why it was not made.
    pub detail: Option<String>,
}

impl Entry {
    /// The schema a qualified name is in; none for a logical name.
    pub fn schema(&self) -> Option<&str> {
        self.name.split_once('.').map(|(schema, _)| schema)
    }

    /// What to write in a statement to reach the rows.
    pub fn relation(&self) -> &str {
        match (self.kind, self.state) {
            (Kind::Table | Kind::View, _) => &self.name,
            (Kind::CompatibilityView, State::Made) => self.made_as.as_deref().unwrap_or(&self.name),
            _ => &self.home,
        }
    }
}

/// A name that the registry does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the registry has no {what} {given:?}; nearest: {}; `linetape database registry` lists all {}",
    .nearest.join(", "), .valid.len()
)]
pub struct UnknownName {
    /// `table` or `schema`.
    pub what: &'static str,
    /// What was asked for, cleaned.
    pub given: String,
    /// The names most like it, most alike first.
    pub nearest: Vec<String>,
    /// Every valid name.
    pub valid: Vec<String>,
}

/// How many names an error proposes.
const PROPOSALS: usize = 5;

/// Every name that this database knows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Registry {
    entries: Vec<Entry>,
}

impl Registry {
    /// Read it.
    pub async fn read(pool: &PgPool) -> Result<Self, sqlx::Error> {
        let entries = sqlx::query_as(
            "select name, kind, home, state, made_as, filled_by, reserved, detail
             from operational.table_registry order by name collate \"C\"",
        )
        .fetch_all(pool)
        .await?;
        Ok(Self { entries })
    }

    /// Every entry, by name.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The entry of a name: as registered, or an unqualified name of the schema `public`.
    pub fn entry(&self, name: &str) -> Result<&Entry, UnknownName> {
        let wanted = name.trim();
        let find = |name: &str| {
            self.entries
                .iter()
                .find(|entry| entry.name.eq_ignore_ascii_case(name))
        };
        find(wanted)
            .or_else(|| find(&format!("public.{wanted}")))
            .ok_or_else(|| {
                unknown(
                    "table",
                    wanted,
                    self.entries.iter().map(|e| e.name.as_str()),
                )
            })
    }

    /// What to write in a statement for a name: `raw_betting_splits` is `raw_data.raw_mlb_betting_splits`. A name that
    /// stands for another is followed as far as it leads.
    pub fn table(&self, name: &str) -> Result<&str, UnknownName> {
        let entry = self.entry(name)?;
        if entry.kind != Kind::Logical {
            return Ok(entry.relation());
        }
        // A name never stands for one that stands for another: the entry it leads to is a relation.
        Ok(self
            .entry(&entry.home)
            .map_or(entry.home.as_str(), Entry::relation))
    }

    /// A schema by its name, upper or lower case.
    pub fn schema(&self, name: &str) -> Result<&str, UnknownName> {
        let schemas = self.schemas();
        schemas
            .iter()
            .copied()
            .find(|schema| schema.eq_ignore_ascii_case(name.trim()))
            .ok_or_else(|| unknown("schema", name, schemas.iter().copied()))
    }

    /// Every schema that a name is in.
    pub fn schemas(&self) -> Vec<&str> {
        let mut schemas: Vec<&str> = self.entries.iter().filter_map(Entry::schema).collect();
        schemas.sort_unstable();
        schemas.dedup();
        schemas
    }
}

fn unknown<'a>(
    what: &'static str,
    given: &str,
    valid: impl Iterator<Item = &'a str>,
) -> UnknownName {
    let valid: Vec<String> = valid.map(str::to_owned).collect();
    let low = given.to_lowercase();
    let bare = |name: &str| {
        let after = name.rsplit_once('.').map_or(name, |(_, table)| table);
        after.to_lowercase()
    };
    // Like the whole name, or like the table's part of it.
    let likeness = |name: &str| {
        let whole = strsim::jaro_winkler(&low, &name.to_lowercase());
        let part = strsim::jaro_winkler(&bare(&low), &bare(name));
        (whole.max(part) * 1e6) as u32
    };
    let mut nearest = valid.clone();
    nearest.sort_by_cached_key(|name| (Reverse(likeness(name)), name.clone()));
    nearest.truncate(PROPOSALS);
    UnknownName {
        what,
        given: crate::domain::clean::clean(given, 80),
        nearest,
        valid,
    }
}

/// A compatibility name that could not be made.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct NotMade {
    /// The name.
    pub name: String,
    /// Why, as a word.
    pub state: State,
    /// Why, as a sentence.
    pub detail: Option<String>,
}

/// Make the compatibility names that are free; returns those that could not be made. Running it again changes nothing
/// but what was missing. `schemas` are an earlier schema and the name to use for it.
pub async fn make_compatibility(
    pool: &PgPool,
    schemas: &[(&str, &str)],
) -> Result<Vec<NotMade>, sqlx::Error> {
    let schemas: serde_json::Map<String, serde_json::Value> = schemas
        .iter()
        .map(|(earlier, now)| ((*earlier).to_owned(), (*now).into()))
        .collect();
    sqlx::query_as("select name, state, detail from operational.make_compatibility($1)")
        .bind(serde_json::Value::Object(schemas))
        .fetch_all(pool)
        .await
}

/// Detach the months of history that ended more than `months` whole months ago; returns the tables they are in now.
/// With 0 nothing is detached.
pub async fn detach_older(pool: &PgPool, months: u32) -> Result<Vec<String>, sqlx::Error> {
    if months == 0 {
        return Ok(Vec::new());
    }
    sqlx::query_scalar(
        "select core_betting.detach_partitions(
             date_trunc('month', now(), 'UTC') - make_interval(months => $1))",
    )
    .bind(i32::try_from(months).unwrap_or(i32::MAX))
    .fetch_all(pool)
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str, kind: Kind, home: &str, state: State) -> Entry {
        Entry {
            name: name.into(),
            kind,
            home: home.into(),
            state,
            made_as: (state == State::Made).then(|| name.replace("staging.", "stage.")),
            filled_by: None,
            reserved: false,
            detail: None,
        }
    }

    fn registry() -> Registry {
        Registry {
            entries: vec![
                entry(
                    "analytics.moneylines",
                    Kind::View,
                    "core_betting.lines_current",
                    State::Own,
                ),
                entry(
                    "staging.moneylines",
                    Kind::CompatibilityView,
                    "analytics.moneylines",
                    State::Made,
                ),
                entry(
                    "curated.moneylines",
                    Kind::CompatibilityView,
                    "analytics.moneylines",
                    State::Taken,
                ),
                entry(
                    "public.games_history",
                    Kind::CompatibilityView,
                    "core_betting.games_history",
                    State::Made,
                ),
                entry(
                    "moneyline",
                    Kind::Logical,
                    "staging.moneylines",
                    State::Alias,
                ),
            ],
        }
    }

    #[test]
    fn names_lead_to_relations_that_exist() {
        let registry = registry();
        for (name, relation) in [
            ("analytics.moneylines", "analytics.moneylines"),
            ("staging.moneylines", "stage.moneylines"),
            ("curated.moneylines", "analytics.moneylines"),
            ("games_history", "public.games_history"),
            ("MONEYLINE", "stage.moneylines"),
        ] {
            assert_eq!(registry.table(name).unwrap(), relation, "{name}");
        }
        assert_eq!(registry.schema("Staging").unwrap(), "staging");
    }

    #[test]
    fn an_unknown_name_is_told_its_nearest() {
        let registry = registry();
        let error = registry.table("staging.moneyline").unwrap_err();
        assert!(error.nearest[0].contains("moneyline"), "{error}");
        assert_eq!(error.valid.len(), 5);
        let text = registry.table("game_history").unwrap_err().to_string();
        assert!(
            text.contains("no table \"game_history\"; nearest: public.games_history"),
            "{text}"
        );
        let error = registry.schema("stagin").unwrap_err();
        assert_eq!(
            (error.what, error.nearest[0].as_str()),
            ("schema", "staging")
        );
    }
}
