//! The environment, with a `.env` file below it.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::origin::Origin;

/// Names and values. What the real environment sets, `.env` does not override.
#[derive(Clone, Default)]
pub struct Environment {
    values: BTreeMap<String, String>,
    /// Where the names that `.env` added stand.
    dotenv: BTreeMap<String, (Arc<PathBuf>, usize)>,
    warnings: Vec<String>,
}

/// Values may be secrets, so only names are shown.
impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.values.keys()).finish()
    }
}

impl<K: Into<String>, V: Into<String>> FromIterator<(K, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        let values = pairs
            .into_iter()
            .map(|(name, value)| (name.into(), value.into()))
            .collect();
        Self {
            values,
            ..Self::default()
        }
    }
}

impl Environment {
    /// This process's environment and the `.env` of the current directory, if there is one.
    ///
    /// Variables that are not UTF-8 are left out: no setting can be read from them.
    pub fn of_process() -> Self {
        let real: Self = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        real.with_dotenv(Path::new(".env"))
    }

    /// With the variables of `file` below those already there. A file that is missing adds nothing; one that cannot
    /// be read, or a line that says nothing, is a warning.
    #[must_use]
    pub fn with_dotenv(mut self, file: &Path) -> Self {
        let text = match std::fs::read_to_string(file) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return self,
            Err(error) => {
                self.warnings
                    .push(format!("{} is not read: {error}", file.display()));
                return self;
            }
        };
        let file = Arc::new(file.to_owned());
        for (index, line) in text.lines().enumerate() {
            match assignment(line) {
                Ok(None) => {}
                Ok(Some((name, value))) => {
                    let from_dotenv = self.dotenv.contains_key(name);
                    if from_dotenv || !self.values.contains_key(name) {
                        self.values.insert(name.to_owned(), value);
                        self.dotenv
                            .insert(name.to_owned(), (Arc::clone(&file), index + 1));
                    }
                }
                Err(NotAnAssignment) => self.warnings.push(format!(
                    "{}:{} is not NAME=value and is left out",
                    file.display(),
                    index + 1
                )),
            }
        }
        self
    }

    /// The value of `name`; an empty one counts as not set.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values
            .get(name)
            .map(String::as_str)
            .filter(|v| !v.is_empty())
    }

    /// Every name and value, for those who read rules of their own (`DB_*`, `PG*`).
    pub fn as_map(&self) -> &BTreeMap<String, String> {
        &self.values
    }

    /// Where `name` was set.
    pub fn origin(&self, name: &str) -> Origin {
        let name = name.to_owned();
        match self.dotenv.get(&name) {
            Some((file, line)) => Origin::DotEnv {
                name,
                file: Arc::clone(file),
                line: *line,
            },
            None => Origin::Env { name },
        }
    }

    /// What was left out of `.env`, and why.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }
}

struct NotAnAssignment;

/// `NAME=value`, `export NAME="value"`; none for blank lines and comments.
fn assignment(line: &str) -> Result<Option<(&str, String)>, NotAnAssignment> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return Ok(None);
    }
    let line = line.strip_prefix("export ").unwrap_or(line);
    let (name, value) = line.split_once('=').ok_or(NotAnAssignment)?;
    let name = name.trim();
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if name.is_empty() || !name.chars().all(is_name) {
        return Err(NotAnAssignment);
    }
    let value = value.trim();
    for quote in ['"', '\''] {
        if let Some(rest) = value.strip_prefix(quote) {
            let (inner, _comment) = rest.rsplit_once(quote).ok_or(NotAnAssignment)?;
            return Ok(Some((name, inner.to_owned())));
        }
    }
    // A mark inside a word belongs to it (`pass#word`); after a blank it begins a comment.
    let end = value.find(" #").unwrap_or(value.len());
    let bare = value.get(..end).unwrap_or(value).trim_end();
    Ok(Some((name, bare.to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dotenv_lies_below_the_real_environment() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join(".env");
        let text = "# keys\nexport ODDS_API_KEY=\"a#b c\"\nHOME=/from/dotenv\n\nnot a line\nX = y # why\nP=a#b\nX=z";
        std::fs::write(&file, text).unwrap();
        let env: Environment = [("HOME", "/real")].into_iter().collect();
        let env = env.with_dotenv(&file);
        assert_eq!(env.get("HOME"), Some("/real"));
        assert_eq!(env.get("ODDS_API_KEY"), Some("a#b c"));
        assert_eq!(env.get("X"), Some("z"));
        assert_eq!(env.get("P"), Some("a#b"));
        assert!(env.origin("ODDS_API_KEY").to_string().ends_with(".env:2)"));
        assert_eq!(env.origin("HOME").to_string(), "env HOME");
        assert_eq!(env.warnings().len(), 1);
        assert!(
            env.warnings()
                .iter()
                .all(|w| w.contains(".env:5 is not NAME=value"))
        );
    }

    #[test]
    fn a_missing_dotenv_adds_nothing_and_values_are_not_shown() {
        let env: Environment = [("TOKEN", "canary")].into_iter().collect();
        let env = env.with_dotenv(Path::new("no/such/.env"));
        assert_eq!(env.as_map().len(), 1);
        assert_eq!(format!("{env:?}"), r#"{"TOKEN"}"#);
    }
}
