//! Settings: what they are, where each value came from, and where files live.
//!
//! Four layers, each over the one before: defaults, the config file, the environment (with a `.env` in the current
//! directory below it), flags. [`load`] reads them all and reports every mistake at once.

pub mod environment;
pub mod expects;
pub mod hours;
pub mod layer;
pub mod origin;
pub mod paths;
pub mod problem;
pub mod schema;
pub mod secrets;
pub mod settings;

use std::path::{Path, PathBuf};

use environment::Environment;
use layer::Entry;
use origin::Provenance;
use paths::Paths;
use problem::{Problem, Problems};
use settings::Settings;

/// `config.example.toml`: every setting with its default and a comment.
pub const EXAMPLE: &str = include_str!("../config.example.toml");

/// What [`load`] starts from.
#[derive(Debug, Clone, Default)]
pub struct Inputs {
    /// The file named by `--config`; it must exist. None: `LINETAPE_CONFIG`, else the platform's place, if there.
    pub file: Option<PathBuf>,
    /// Environment, `.env` included.
    pub environment: Environment,
    /// Values given as flags.
    pub flags: Vec<Entry>,
}

/// Settings with what belongs to them.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The values in force.
    pub settings: Settings,
    /// Where each came from.
    pub provenance: Provenance,
    /// Where files live.
    pub paths: Paths,
    /// What a person should know although nothing is wrong: sentences.
    pub warnings: Vec<String>,
}

/// Read every layer.
///
/// Fails with every mistake found: unknown names, wrong types, values out of range, unreadable files.
pub fn load(inputs: &Inputs) -> Result<Loaded, Problems> {
    let mut problems = Vec::new();
    let mut warnings = inputs.environment.warnings().to_vec();
    let mut entries = Vec::new();

    let (file, named) = config_file(inputs);
    if let Some(file) = file.as_deref().filter(|file| named || file.exists()) {
        match layer::from_file(file) {
            Ok(found) => take(found, &mut entries, &mut problems),
            Err(problem) => problems.push(problem),
        }
        if let Some(warning) = readable_secrets(file, &entries) {
            warnings.push(warning);
        }
    }
    take(
        layer::from_environment(&inputs.environment),
        &mut entries,
        &mut problems,
    );
    entries.extend(inputs.flags.iter().cloned());
    problems.extend(entries.iter().filter_map(schema::check));

    if !problems.is_empty() {
        return Err(Problems(problems));
    }
    let (settings, provenance) = layer::merge(entries)?;
    problems.extend(schema::check_together(&settings, &provenance));
    if !problems.is_empty() {
        return Err(Problems(problems));
    }
    let paths = Paths::resolve(&settings.paths, file, &inputs.environment)?;
    if settings.database.url.is_some() && inputs.environment.get("DB_HOST").is_some() {
        warnings.push(format!(
            "both a database url ({}) and DB_HOST are given; the url is used",
            provenance.of("database.url")
        ));
    }
    Ok(Loaded {
        settings,
        provenance,
        paths,
        warnings,
    })
}

/// The config file, and whether somebody named it: then it has to exist.
pub fn config_file(inputs: &Inputs) -> (Option<PathBuf>, bool) {
    let named = inputs
        .file
        .clone()
        .or_else(|| inputs.environment.get("LINETAPE_CONFIG").map(PathBuf::from));
    match named {
        Some(file) => (Some(file), true),
        None => (Paths::platform_config_file(), false),
    }
}

fn take(found: Vec<Result<Entry, Problem>>, entries: &mut Vec<Entry>, problems: &mut Vec<Problem>) {
    for entry in found {
        match entry {
            Ok(entry) => entries.push(entry),
            Err(problem) => problems.push(problem),
        }
    }
}

/// A warning when others may read a file that holds a secret.
fn readable_secrets(file: &Path, entries: &[Entry]) -> Option<String> {
    use std::os::unix::fs::PermissionsExt as _;
    let secret = entries
        .iter()
        .find(|entry| schema::is_secret(&entry.path))?;
    let mode = std::fs::metadata(file).ok()?.permissions().mode() & 0o777;
    (mode & 0o077 != 0).then(|| {
        format!(
            "{} holds a secret ({}) and others may read it (mode {mode:03o}); run chmod 600 {}",
            file.display(),
            secret.path,
            file.display()
        )
    })
}
