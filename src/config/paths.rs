//! Where files live: the platform's directories, unless told otherwise.

use std::path::{Path, PathBuf};

use directories::ProjectDirs;

use super::environment::Environment;
use super::origin::Origin;
use super::problem::Problem;
use super::settings;

/// Where files live. All absolute; none is created by looking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    /// The config file, whether or not it exists; none when the platform names no place for it.
    pub config_file: Option<PathBuf>,
    /// The embedded cluster, the spool and the demo's clock.
    pub data: PathBuf,
    /// Logs and crash reports.
    pub state: PathBuf,
    /// What can be made again.
    pub cache: PathBuf,
}

impl Paths {
    /// `$XDG_CONFIG_HOME/linetape/config.toml`, or the platform's equal.
    pub fn platform_config_file() -> Option<PathBuf> {
        platform().map(|dirs| dirs.config_dir().join("config.toml"))
    }

    /// The settings' directories, else the platform's. `~/` is the home directory; a relative path starts at the
    /// current directory. Fails when neither names a data directory, as for an account without a home.
    pub fn resolve(
        settings: &settings::Paths,
        config_file: Option<PathBuf>,
        env: &Environment,
    ) -> Result<Self, Problem> {
        let dirs = platform();
        let given = |path: Option<&Path>| path.map(|path| absolute(path, env));
        let data = given(settings.data_dir.as_deref())
            .or_else(|| dirs.as_ref().map(|d| d.data_dir().to_owned()))
            .ok_or_else(|| Problem {
                origin: Origin::Default,
                sentence:
                    "this account has no home directory; set HOME, or name a place with --data-dir"
                        .into(),
            })?;
        let state = given(settings.state_dir.as_deref())
            .or_else(|| dirs.as_ref()?.state_dir().map(Path::to_owned))
            .unwrap_or_else(|| data.join("state"));
        let cache = given(settings.cache_dir.as_deref())
            .or_else(|| dirs.as_ref().map(|d| d.cache_dir().to_owned()))
            .unwrap_or_else(|| data.join("cache"));
        Ok(Self {
            config_file: config_file.map(|file| absolute(&file, env)),
            data,
            state,
            cache,
        })
    }

    /// Daily log files.
    pub fn logs(&self) -> PathBuf {
        self.state.join("logs")
    }

    /// Crash reports.
    pub fn crashes(&self) -> PathBuf {
        self.state.join("crashes")
    }
}

fn platform() -> Option<ProjectDirs> {
    ProjectDirs::from("", "", "linetape")
}

fn absolute(path: &Path, env: &Environment) -> PathBuf {
    let expanded = match (path.strip_prefix("~"), env.get("HOME")) {
        (Ok(rest), Some(home)) => Path::new(home).join(rest),
        _ => path.to_owned(),
    };
    // Fails only without a current directory; then the path as given is the best there is.
    std::path::absolute(&expanded).unwrap_or(expanded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_directories_win_and_are_absolute() {
        let env: Environment = [("HOME", "/home/ann")].into_iter().collect();
        let settings = settings::Paths {
            data_dir: Some("~/tape".into()),
            state_dir: Some("here".into()),
            cache_dir: Some("/var/cache/lt".into()),
        };
        let paths = Paths::resolve(&settings, None, &env).unwrap();
        assert_eq!(paths.data, Path::new("/home/ann/tape"));
        assert!(paths.state.is_absolute() && paths.state.ends_with("here"));
        assert_eq!(paths.cache, Path::new("/var/cache/lt"));
        assert!(paths.logs().ends_with("here/logs"));
    }
}
