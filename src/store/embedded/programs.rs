//! Finding the PostgreSQL programs that are already on the machine.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::account::Account;
use super::error::EmbeddedError;

/// The programs that the cluster needs; a directory counts only when it has all of them.
const NEEDED: [&str; 3] = ["postgres", "initdb", "pg_ctl"];

/// The majors linetape is built and tested for.
pub const SUPPORTED: std::ops::RangeInclusive<u16> = 15..=18;

/// Where distributions put the programs. One `*` stands for any run of characters in one component.
const USUAL: [&str; 11] = [
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/usr/local/pgsql/bin",
    "/usr/libexec/postgresql*",
    "/usr/lib/postgresql*/bin",
    "/usr/lib64/postgresql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/home/linuxbrew/.linuxbrew/opt/postgresql@*/bin",
    "/opt/local/lib/postgresql*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
];

/// One complete set of PostgreSQL programs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Programs {
    /// The directory that holds them.
    pub dir: PathBuf,
    /// The major release, 15–18.
    pub major: u16,
    /// The whole version, `15.18`.
    pub version: String,
}

impl Programs {
    /// The path of one of the programs.
    pub fn program(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }
}

/// What a search found.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Complete, supported and runnable sets, newest major first.
    pub(super) sets: Vec<Programs>,
    /// Majors that are here but not supported.
    pub(super) unsupported: BTreeSet<u16>,
}

impl Found {
    /// The set for an existing cluster's major, or the newest one.
    pub(super) fn choose(&self, major: Option<u16>) -> Option<&Programs> {
        self.sets
            .iter()
            .find(|set| major.is_none_or(|major| set.major == major))
    }

    /// Whether the machine has no PostgreSQL at all, supported or not.
    pub(super) fn is_empty(&self) -> bool {
        self.sets.is_empty() && self.unsupported.is_empty()
    }

    /// The majors found, for a sentence.
    pub(super) fn majors(&self) -> String {
        let all: BTreeSet<u16> = self
            .sets
            .iter()
            .map(|set| set.major)
            .chain(self.unsupported.iter().copied())
            .collect();
        if all.is_empty() {
            return "no release".into();
        }
        let all: Vec<String> = all.iter().map(u16::to_string).collect();
        all.join(", ")
    }
}

/// All sets that `account` can run. A directory named by the settings or `LINETAPE_PG_BIN` is the only one looked at.
pub(super) async fn search(
    named: Option<&Path>,
    env: &BTreeMap<String, String>,
    account: &Account,
) -> Result<Found, EmbeddedError> {
    let named = named.map(Path::to_path_buf).or_else(|| {
        env.get("LINETAPE_PG_BIN")
            .filter(|dir| !dir.is_empty())
            .map(PathBuf::from)
    });
    let dirs = match &named {
        Some(dir) => {
            let missing: Vec<&str> = NEEDED
                .into_iter()
                .filter(|name| !dir.join(name).is_file())
                .collect();
            if !missing.is_empty() {
                return Err(incomplete(dir, &missing.join(", ")));
            }
            vec![dir.clone()]
        }
        None => candidates(env),
    };
    let mut found = Found::default();
    for dir in dirs {
        let Some((major, version)) = version_of(&dir, account).await else {
            continue;
        };
        if SUPPORTED.contains(&major) {
            found.sets.push(Programs {
                dir,
                major,
                version,
            });
        } else {
            found.unsupported.insert(major);
        }
    }
    if let Some(dir) = named.filter(|_| found.is_empty()) {
        return Err(incomplete(
            &dir,
            &format!("`postgres --version`, run as {},", account.name),
        ));
    }
    // Stable: within a major, PATH comes before the usual places.
    found.sets.sort_by_key(|set| std::cmp::Reverse(set.major));
    Ok(found)
}

fn incomplete(dir: &Path, missing: &str) -> EmbeddedError {
    EmbeddedError::Incomplete {
        dir: dir.to_path_buf(),
        missing: missing.to_owned(),
    }
}

/// Directories with a complete set, each once, PATH first.
fn candidates(env: &BTreeMap<String, String>) -> Vec<PathBuf> {
    let mut dirs: Vec<PathBuf> = Vec::new();
    let mut add = |dir: PathBuf| {
        let dir = fs::canonicalize(&dir).unwrap_or(dir);
        let complete = NEEDED.iter().all(|name| dir.join(name).is_file());
        if complete && !dirs.contains(&dir) {
            dirs.push(dir);
        }
    };
    for dir in path_dirs(env) {
        // PATH may hold links to a few of the programs only (Debian's own bin directory does not): follow the link.
        if let Some(home) = fs::canonicalize(dir.join("postgres"))
            .ok()
            .as_deref()
            .and_then(Path::parent)
        {
            add(home.to_path_buf());
        }
        add(dir);
    }
    for pattern in USUAL {
        for dir in expand(pattern) {
            add(dir);
        }
    }
    dirs
}

fn path_dirs(env: &BTreeMap<String, String>) -> Vec<PathBuf> {
    env.get("PATH")
        .map(|path| {
            std::env::split_paths(path)
                .filter(|dir| dir.is_absolute())
                .collect()
        })
        .unwrap_or_default()
}

/// A program in `PATH`.
pub(in crate::store) fn in_path(env: &BTreeMap<String, String>, name: &str) -> Option<PathBuf> {
    path_dirs(env)
        .into_iter()
        .map(|dir| dir.join(name))
        .find(|path| path.is_file())
}

/// The directories that a pattern with one `*` stands for.
fn expand(pattern: &str) -> Vec<PathBuf> {
    let Some((before, after)) = pattern.split_once('*') else {
        return vec![PathBuf::from(pattern)];
    };
    let Some((parent, prefix)) = before.rsplit_once('/') else {
        return Vec::new();
    };
    let Ok(entries) = fs::read_dir(parent) else {
        return Vec::new();
    };
    entries
        .filter_map(Result::ok)
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix))
        .map(|entry| match after.trim_start_matches('/') {
            "" => entry.path(),
            rest => entry.path().join(rest),
        })
        .collect()
}

/// Major and version of the server in `dir`; none when the account cannot run it or it answers something else.
async fn version_of(dir: &Path, account: &Account) -> Option<(u16, String)> {
    let output = account
        .command(&dir.join("postgres"))
        .arg("--version")
        .output()
        .await
        .ok()
        .filter(|output| output.status.success())?;
    parse_version(&String::from_utf8_lossy(&output.stdout))
}

/// `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)` → 15, `15.18`.
fn parse_version(text: &str) -> Option<(u16, String)> {
    let version = text
        .split_once("(PostgreSQL)")?
        .1
        .split_whitespace()
        .next()?;
    let digits: String = version.chars().take_while(char::is_ascii_digit).collect();
    Some((digits.parse().ok()?, version.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_what_the_server_prints() {
        let debian = parse_version("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n");
        assert_eq!(debian, Some((15, "15.18".into())));
        assert_eq!(
            parse_version("postgres (PostgreSQL) 19beta2"),
            Some((19, "19beta2".into()))
        );
        assert_eq!(parse_version("mysqld 8.0"), None);
    }

    #[test]
    fn links_to_some_of_the_programs_lead_to_the_whole_set() {
        let root = tempfile::tempdir().unwrap();
        let (whole, links) = (root.path().join("whole"), root.path().join("links"));
        fs::create_dir(&whole).unwrap();
        fs::create_dir(&links).unwrap();
        for name in NEEDED {
            fs::write(whole.join(name), "").unwrap();
        }
        std::os::unix::fs::symlink(whole.join("postgres"), links.join("postgres")).unwrap();
        let env = BTreeMap::from([("PATH".to_owned(), links.display().to_string())]);
        let found = candidates(&env);
        assert_eq!(found.first(), Some(&fs::canonicalize(&whole).unwrap()));
        assert!(!found.contains(&fs::canonicalize(&links).unwrap()));
    }

    #[test]
    fn a_star_stands_for_one_component() {
        let root = tempfile::tempdir().unwrap();
        for name in ["pgsql-15", "pgsql-17", "other"] {
            fs::create_dir_all(root.path().join(name).join("bin")).unwrap();
        }
        let mut dirs = expand(&format!("{}/pgsql-*/bin", root.path().display()));
        dirs.sort();
        assert_eq!(
            dirs,
            [
                root.path().join("pgsql-15/bin"),
                root.path().join("pgsql-17/bin")
            ]
        );
    }
}
