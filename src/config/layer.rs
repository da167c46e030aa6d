//! The layers: config file, environment, flags. Each is a list of entries that know where they stand.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize as _;
use toml::de::{DeTable, DeValue, ValueDeserializer};
use toml::{Spanned, Table, Value};

use super::environment::Environment;
use super::origin::{Origin, Provenance};
use super::problem::{Problem, nearest};
use super::schema::{self, FREE, LEAVES};
use super::settings::Settings;

/// A value somebody set. Its value may be a secret: it has no `Display`.
#[derive(Clone)]
pub struct Entry {
    /// Dotted name: `collect.days`.
    pub path: String,
    /// The value as written.
    pub value: Value,
    /// Where it stands.
    pub origin: Origin,
}

impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} from {}", self.path, self.origin)
    }
}

impl Entry {
    /// A value given as a flag.
    pub fn flag(flag: &'static str, path: &str, value: impl Into<Value>) -> Self {
        Self {
            path: path.to_owned(),
            value: value.into(),
            origin: Origin::Flag(flag),
        }
    }
}

/// Variables that linetape reads although they are no settings.
const OTHER_VARIABLES: [&str; 4] = [
    "LINETAPE_CONFIG",
    "LINETAPE_PG_BIN",
    "LINETAPE_INSTALL",
    "LINETAPE_TEST_PANIC",
];

/// The entries of a TOML file. The outer error is a file that cannot be read or is no TOML.
pub fn from_file(file: &Path) -> Result<Vec<Result<Entry, Problem>>, Problem> {
    let text = std::fs::read_to_string(file).map_err(|error| Problem {
        origin: Origin::File {
            file: Arc::new(file.to_owned()),
            line: 1,
        },
        sentence: format!(
            "the config file cannot be read ({error}); linetape config init writes one"
        ),
    })?;
    from_text(file, &text)
}

/// The entries of a TOML text, as they stand in `file`. The outer error is what is no TOML.
pub fn from_text(file: &Path, text: &str) -> Result<Vec<Result<Entry, Problem>>, Problem> {
    let origin = Arc::new(file.to_owned());
    let at = |line| Origin::File {
        file: Arc::clone(&origin),
        line,
    };
    let lines = Lines::of(text);
    let table = DeTable::parse(text).map_err(|error| Problem {
        origin: at(error.span().map_or(1, |span| lines.at(span.start))),
        sentence: format!("this is not TOML: {}", error.message()),
    })?;
    let mut walk = Walk {
        lines,
        file: Arc::clone(&origin),
        found: Vec::new(),
    };
    walk.table("", table.into_inner());
    Ok(walk.found)
}

/// Byte offsets at which lines begin.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        let breaks = text.match_indices('\n').map(|(at, _)| at + 1);
        Self(std::iter::once(0).chain(breaks).collect())
    }

    /// The line, from 1, that holds the byte at `offset`.
    fn at(&self, offset: usize) -> usize {
        self.0.partition_point(|start| *start <= offset)
    }
}

struct Walk {
    lines: Lines,
    file: Arc<PathBuf>,
    found: Vec<Result<Entry, Problem>>,
}

impl Walk {
    fn table(&mut self, section: &str, table: DeTable<'_>) {
        for (key, value) in table {
            let path = if section.is_empty() {
                key.get_ref().to_string()
            } else {
                format!("{section}.{}", key.get_ref())
            };
            let origin = Origin::File {
                file: Arc::clone(&self.file),
                line: self.lines.at(key.span().start),
            };
            self.item(path, value, origin);
        }
    }

    fn item(&mut self, path: String, value: Spanned<DeValue<'_>>, origin: Origin) {
        let is_table = value.get_ref().is_table();
        let wrong = |sentence| {
            Err(Problem {
                origin: origin.clone(),
                sentence,
            })
        };
        if schema::is_section(&path) {
            match value.into_inner() {
                DeValue::Table(table) => self.table(&path, table),
                _ => self.found.push(wrong(format!(
                    "{path} is a section; write [{path}] on a line of its own and its settings below"
                ))),
            }
            return;
        }
        if schema::find(&path).is_some() {
            self.found
                .push(match Value::deserialize(ValueDeserializer::from(value)) {
                    Ok(value) => Ok(Entry {
                        path,
                        value,
                        origin,
                    }),
                    Err(error) => wrong(format!("{path} cannot be read: {}", error.message())),
                });
            return;
        }
        let sentence = if is_table {
            let hint = nearest(&path, schema::sections());
            unknown("section", &path, hint)
        } else {
            let hint = nearest(&path, LEAVES.iter().map(|leaf| leaf.path));
            unknown("setting", &path, hint)
        };
        self.found.push(wrong(sentence));
    }
}

fn unknown(kind: &str, name: &str, hint: Option<&str>) -> String {
    let hint = hint.map_or_else(
        || "linetape config show lists them all".to_owned(),
        |hint| format!("did you mean {hint}?"),
    );
    format!("there is no {kind} {name}; {hint}")
}

/// The entries of the environment, weakest first: well-known names, then `LINETAPE_SECTION__FIELD`.
pub fn from_environment(env: &Environment) -> Vec<Result<Entry, Problem>> {
    let mut found = Vec::new();
    let mut known = |name: &str, path: &str| {
        if let Some(value) = env.get(name) {
            found.push(Ok(Entry {
                path: path.to_owned(),
                value: Value::String(value.to_owned()),
                origin: env.origin(name),
            }));
        }
    };
    known("DATABASE_URL", "database.url");
    known("ODDS_API_KEY", "sources.odds_api.key");
    known("GOALSERVE_API_KEY", "sources.goalserve.key");
    known("REDIS_URL", "cache.redis_url");
    if env.get("REDIS_URL").is_none() {
        found.extend(redis_by_host(env));
    }
    found.extend(pointed(
        env,
        "ODDS_API_KEY_FILE",
        "odds_api_key",
        "sources.odds_api.key",
    ));
    found.extend(pointed(
        env,
        "GOALSERVE_API_KEY_FILE",
        "goalserve_api_key",
        "sources.goalserve.key",
    ));
    let own = env
        .as_map()
        .keys()
        .filter(|name| name.starts_with("LINETAPE_") && !OTHER_VARIABLES.contains(&name.as_str()));
    for name in own {
        let Some(text) = env.get(name) else { continue };
        found.push(variable(env, name, text));
    }
    found
}

/// `LINETAPE_SECTION__FIELD`.
fn variable(env: &Environment, name: &str, text: &str) -> Result<Entry, Problem> {
    let path = name
        .strip_prefix("LINETAPE_")
        .unwrap_or(name)
        .replace("__", ".")
        .to_ascii_lowercase();
    match schema::find(&path) {
        Some(leaf) if !FREE.contains(&path.as_str()) => Ok(Entry {
            value: leaf.expects.read(text),
            path,
            origin: env.origin(name),
        }),
        _ => {
            let names: Vec<String> = LEAVES.iter().map(|leaf| variable_name(leaf.path)).collect();
            let all = names.iter().map(String::as_str).chain(OTHER_VARIABLES);
            Err(Problem {
                origin: env.origin(name),
                sentence: unknown("variable", name, nearest(name, all)),
            })
        }
    }
}

/// The variable of a setting: `LINETAPE_COLLECT__DAYS`.
pub fn variable_name(path: &str) -> String {
    format!("LINETAPE_{}", path.replace('.', "__").to_ascii_uppercase())
}

/// `REDIS_HOST` and `REDIS_PORT`.
fn redis_by_host(env: &Environment) -> Option<Result<Entry, Problem>> {
    let name = ["REDIS_HOST", "REDIS_PORT"]
        .into_iter()
        .find(|name| env.get(name).is_some())?;
    let host = env.get("REDIS_HOST").unwrap_or("127.0.0.1");
    let port = env.get("REDIS_PORT").unwrap_or("6379");
    if !port.parse::<u16>().is_ok_and(|port| port > 0) {
        return Some(Err(Problem {
            origin: env.origin("REDIS_PORT"),
            sentence: "REDIS_PORT is not a port; write a number from 1 to 65535".into(),
        }));
    }
    // An IPv6 address needs brackets before a port.
    let host = if host.contains(':') && !host.starts_with('[') {
        format!("[{host}]")
    } else {
        host.to_owned()
    };
    Some(Ok(Entry {
        path: "cache.redis_url".into(),
        value: Value::String(format!("redis://{host}:{port}/0")),
        origin: env.origin(name),
    }))
}

/// A feed's key out of a file: the one `variable` names, or systemd's `credential`, which wins.
fn pointed(
    env: &Environment,
    variable: &'static str,
    credential: &str,
    path: &str,
) -> Option<Result<Entry, Problem>> {
    let credential = env
        .get("CREDENTIALS_DIRECTORY")
        .map(|dir| ("CREDENTIALS_DIRECTORY", Path::new(dir).join(credential)))
        .filter(|(_, file)| file.exists());
    let (name, file) = credential.or_else(|| {
        env.get(variable)
            .map(|file| (variable, PathBuf::from(file)))
    })?;
    Some(match std::fs::read_to_string(&file) {
        Ok(text) => Ok(Entry {
            path: path.into(),
            value: Value::String(text.trim().to_owned()),
            origin: Origin::Pointed {
                name: name.into(),
                file,
            },
        }),
        Err(error) => Err(Problem {
            origin: env.origin(name),
            sentence: format!(
                "the key's file {} cannot be read ({error}); correct {name} or unset it",
                file.display()
            ),
        }),
    })
}

/// Lay the entries over the defaults, later over earlier.
pub fn merge(entries: Vec<Entry>) -> Result<(Settings, Provenance), Problem> {
    let mut table = Table::new();
    let mut provenance = Provenance::default();
    for Entry {
        path,
        value,
        origin,
    } in entries
    {
        insert(&mut table, &path, value);
        provenance.set(path, origin);
    }
    // Each entry was checked against the schema before; this reports a place where the two disagree.
    let settings = serde_path_to_error::deserialize(Value::Table(table)).map_err(|error| {
        let path = error.path().to_string();
        let shown = if schema::is_secret(&path) {
            "its value is not understood".to_owned()
        } else {
            error.inner().message().to_owned()
        };
        Problem {
            origin: provenance.of(&path).clone(),
            sentence: format!("{path}: {shown}"),
        }
    })?;
    Ok((settings, provenance))
}

fn insert(table: &mut Table, path: &str, value: Value) {
    // Free names may hold dots; everything else nests by them.
    let (head, rest) = match schema::free(path) {
        Some((section, name)) => (section, Some(name)),
        None => match path.rsplit_once('.') {
            Some((section, field)) => (section, Some(field)),
            None => (path, None),
        },
    };
    let Some(field) = rest else {
        table.insert(head.to_owned(), value);
        return;
    };
    let mut at = table;
    for section in head.split('.') {
        let next = at
            .entry(section.to_owned())
            .or_insert_with(|| Value::Table(Table::new()));
        let Value::Table(next) = next else { return };
        at = next;
    }
    at.insert(field.to_owned(), value);
}

/// The value in force of every setting, in the file's order; of a section of free names one row a name.
pub fn rows(settings: &Settings) -> Vec<(String, Option<Value>)> {
    let mut rows = Vec::new();
    for leaf in LEAVES {
        match (leaf.value)(settings) {
            Some(Value::Table(names)) if !names.is_empty() => {
                let names = names.into_iter();
                rows.extend(
                    names.map(|(name, value)| (format!("{}.{name}", leaf.path), Some(value))),
                );
            }
            value => rows.push((leaf.path.to_owned(), value)),
        }
    }
    rows
}
