//! Getting PostgreSQL onto a machine that has none, with the system's own package manager.
//!
//! Nothing is installed behind anybody's back: a person says yes to the exact command, or has said so beforehand
//! (`--install`, `LINETAPE_INSTALL=1`, or root in CI). Otherwise the error is that one command.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;

use crate::domain::clean::clean;
use crate::store::embedded::programs::in_path;

/// Asks a person a yes-or-no question. May block.
pub trait Ask: Send + Sync {
    /// Whether the person agrees to running this command.
    fn agree(&self, command: &str) -> bool;
}

/// What to do on a machine without the PostgreSQL programs.
pub enum InstallPolicy {
    /// Say the command and fail.
    Refuse,
    /// Run it.
    Yes,
    /// Ask first.
    Ask(Box<dyn Ask>),
}

impl InstallPolicy {
    /// The policy from the `--install` flag, the environment, and, when there is a terminal, somebody to ask.
    pub fn choose(flag: bool, env: &BTreeMap<String, String>, asker: Option<Box<dyn Ask>>) -> Self {
        let is = |name: &str, values: &[&str]| {
            env.get(name)
                .is_some_and(|value| values.contains(&value.as_str()))
        };
        let yes = ["1", "true", "yes"];
        if flag || is("LINETAPE_INSTALL", &yes) || (is_root() && is("CI", &yes)) {
            return Self::Yes;
        }
        asker.map_or(Self::Refuse, Self::Ask)
    }
}

impl fmt::Debug for InstallPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Refuse => "Refuse",
            Self::Yes => "Yes",
            Self::Ask(_) => "Ask",
        })
    }
}

/// Why PostgreSQL was not installed.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    /// Nobody has said yes.
    #[error(
        "this machine has no PostgreSQL programs; install them with `{command}`, or run linetape with --install, or point DATABASE_URL at a server"
    )]
    NotAllowed {
        /// The exact command.
        command: String,
    },
    /// The system's package manager is not one linetape knows.
    #[error(
        "this machine has no PostgreSQL programs, and no package manager that linetape knows (apt-get, dnf, pacman, apk, brew); install PostgreSQL 15 to 18, set LINETAPE_PG_BIN, or point DATABASE_URL at a server"
    )]
    NoManager,
    /// The command failed.
    #[error("`{command}` failed: {output}; run it by hand, or point DATABASE_URL at a server")]
    Failed {
        /// The command.
        command: String,
        /// The last thing it said.
        output: String,
    },
    /// The command succeeded and the programs are still not to be found.
    #[error(
        "PostgreSQL was installed, but its programs are in none of the usual places; set LINETAPE_PG_BIN to the directory that has postgres and initdb"
    )]
    StillMissing,
}

/// A package manager's commands, in the order they are looked for.
struct Manager {
    program: &'static str,
    refresh: Option<&'static [&'static str]>,
    install: &'static [&'static str],
    /// Whether it needs root; Homebrew refuses root.
    root: bool,
}

const MANAGERS: [Manager; 5] = [
    Manager {
        program: "apt-get",
        refresh: Some(&["update"]),
        install: &["install", "-y", "postgresql"],
        root: true,
    },
    Manager {
        program: "dnf",
        refresh: None,
        install: &["install", "-y", "postgresql-server"],
        root: true,
    },
    Manager {
        program: "pacman",
        refresh: None,
        install: &["-Sy", "--noconfirm", "postgresql"],
        root: true,
    },
    Manager {
        program: "apk",
        refresh: None,
        install: &["add", "postgresql"],
        root: true,
    },
    Manager {
        program: "brew",
        refresh: None,
        install: &["install", "postgresql@17"],
        root: false,
    },
];

/// One command to run.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Step(Vec<String>);

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(" "))
    }
}

/// The steps for this machine; none when it has no manager we know. `lists` is where apt keeps its package lists.
fn plan(env: &BTreeMap<String, String>, root: bool, lists: &Path) -> Option<Vec<Step>> {
    let manager = MANAGERS
        .iter()
        .find(|manager| in_path(env, manager.program).is_some())?;
    let step = |arguments: &[&str]| {
        let sudo = manager.root && !root;
        let words = sudo.then_some("sudo").into_iter().chain([manager.program]);
        Step(
            words
                .chain(arguments.iter().copied())
                .map(str::to_owned)
                .collect(),
        )
    };
    let mut steps = Vec::new();
    if let Some(refresh) = manager.refresh.filter(|_| !has_lists(lists)) {
        steps.push(step(refresh));
    }
    steps.push(step(manager.install));
    Some(steps)
}

/// Whether apt knows any package: images are often shipped with the lists removed.
fn has_lists(lists: &Path) -> bool {
    std::fs::read_dir(lists).is_ok_and(|entries| {
        entries
            .filter_map(Result::ok)
            .any(|entry| entry.file_name().to_string_lossy().contains("_Packages"))
    })
}

/// The command that installs PostgreSQL here; none when no package manager is known.
pub fn command(env: &BTreeMap<String, String>) -> Option<String> {
    plan(env, is_root(), Path::new(APT_LISTS)).map(|steps| join(&steps))
}

const APT_LISTS: &str = "/var/lib/apt/lists";

fn join(steps: &[Step]) -> String {
    let steps: Vec<String> = steps.iter().map(Step::to_string).collect();
    steps.join(" && ")
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Install PostgreSQL if the policy allows it; what the package manager prints goes to `progress`, cleaned.
pub async fn install(
    policy: &InstallPolicy,
    env: &BTreeMap<String, String>,
    progress: &(dyn Fn(String) + Sync),
) -> Result<(), InstallError> {
    let steps = plan(env, is_root(), Path::new(APT_LISTS)).ok_or(InstallError::NoManager)?;
    let command = join(&steps);
    let agreed = match policy {
        InstallPolicy::Refuse => false,
        InstallPolicy::Yes => true,
        InstallPolicy::Ask(asker) => asker.agree(&command),
    };
    if !agreed {
        return Err(InstallError::NotAllowed { command });
    }
    for step in steps {
        progress(format!("running `{step}`"));
        run(
            &step,
            matches!(policy, InstallPolicy::Ask(_)),
            env,
            progress,
        )
        .await?;
    }
    Ok(())
}

async fn run(
    step: &Step,
    person: bool,
    env: &BTreeMap<String, String>,
    progress: &(dyn Fn(String) + Sync),
) -> Result<(), InstallError> {
    let failed = |output: String| InstallError::Failed {
        command: step.to_string(),
        output,
    };
    let Some((program, arguments)) = step.0.split_first() else {
        return Ok(());
    };
    let path = in_path(env, program).ok_or_else(|| failed(format!("{program} is not in PATH")))?;
    let mut command = Command::new(path);
    command
        .args(arguments)
        .env("DEBIAN_FRONTEND", "noninteractive")
        // sudo asks on the terminal; where nobody sits it must fail at once.
        .stdin(if person {
            Stdio::inherit()
        } else {
            Stdio::null()
        })
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    let mut child = command.spawn().map_err(|why| failed(why.to_string()))?;
    let mut last = String::from("it printed nothing");
    let (Some(out), Some(err)) = (child.stdout.take(), child.stderr.take()) else {
        return Err(failed("its output could not be read".into()));
    };
    let (mut out, mut err) = (BufReader::new(out).lines(), BufReader::new(err).lines());
    let (mut out_open, mut err_open) = (true, true);
    while out_open || err_open {
        let (line, is_error) = tokio::select! {
            line = out.next_line(), if out_open => (line, false),
            line = err.next_line(), if err_open => (line, true),
        };
        match line {
            Ok(Some(line)) => {
                let line = clean(line.trim(), 200);
                if !line.is_empty() {
                    progress(line.clone());
                    last = line;
                }
            }
            Ok(None) | Err(_) if is_error => err_open = false,
            Ok(None) | Err(_) => out_open = false,
        }
    }
    let status = child.wait().await.map_err(|why| failed(why.to_string()))?;
    if status.success() {
        return Ok(());
    }
    Err(failed(format!("{last} ({status})")))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::sync::Mutex;

    use super::*;

    /// A directory with one program in it, and the environment that has it as its PATH.
    fn machine(program: &str, script: &str) -> (tempfile::TempDir, BTreeMap<String, String>) {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join(program);
        std::fs::write(&path, script).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        let env = BTreeMap::from([("PATH".to_owned(), root.path().display().to_string())]);
        (root, env)
    }

    #[test]
    fn the_command_is_exact() {
        let lists = tempfile::tempdir().unwrap();
        let (_root, env) = machine("apt-get", "");
        let text = |root| join(&plan(&env, root, lists.path()).unwrap());
        assert_eq!(
            text(true),
            "apt-get update && apt-get install -y postgresql"
        );
        std::fs::write(
            lists
                .path()
                .join("deb.example.org_main_binary-amd64_Packages.lz4"),
            "",
        )
        .unwrap();
        assert_eq!(text(true), "apt-get install -y postgresql");
        assert_eq!(text(false), "sudo apt-get install -y postgresql");
        let (_root, env) = machine("brew", "");
        assert_eq!(
            join(&plan(&env, false, lists.path()).unwrap()),
            "brew install postgresql@17"
        );
        assert!(plan(&BTreeMap::new(), true, lists.path()).is_none());
    }

    #[test]
    fn yes_is_said_beforehand_or_asked() {
        let env = |name: &str, value: &str| BTreeMap::from([(name.to_owned(), value.to_owned())]);
        let none = BTreeMap::new();
        assert!(matches!(
            InstallPolicy::choose(false, &none, None),
            InstallPolicy::Refuse
        ));
        assert!(matches!(
            InstallPolicy::choose(true, &none, None),
            InstallPolicy::Yes
        ));
        let installs = env("LINETAPE_INSTALL", "1");
        assert!(matches!(
            InstallPolicy::choose(false, &installs, None),
            InstallPolicy::Yes
        ));
        let zero = env("LINETAPE_INSTALL", "0");
        assert!(matches!(
            InstallPolicy::choose(false, &zero, None),
            InstallPolicy::Refuse
        ));
        let ci = InstallPolicy::choose(false, &env("CI", "true"), None);
        assert_eq!(matches!(ci, InstallPolicy::Yes), is_root());
        let asks = InstallPolicy::choose(false, &none, Some(Box::new(Answer(false))));
        assert!(matches!(asks, InstallPolicy::Ask(_)));
    }

    struct Answer(bool);

    impl Ask for Answer {
        fn agree(&self, command: &str) -> bool {
            assert!(command.contains("install"));
            self.0
        }
    }

    #[tokio::test]
    async fn nothing_runs_without_a_yes() {
        let (root, env) = machine(
            "brew",
            "#!/bin/sh\n: > \"$(dirname \"$0\")/ran\"\necho pouring\n",
        );
        let said = Mutex::new(Vec::new());
        let progress = |line: String| said.lock().unwrap().push(line);
        for policy in [
            InstallPolicy::Refuse,
            InstallPolicy::Ask(Box::new(Answer(false))),
        ] {
            let error = install(&policy, &env, &progress)
                .await
                .unwrap_err()
                .to_string();
            assert!(error.contains("`brew install postgresql@17`"), "{error}");
            assert!(!root.path().join("ran").exists());
        }
        install(&InstallPolicy::Ask(Box::new(Answer(true))), &env, &progress)
            .await
            .unwrap();
        assert!(said.lock().unwrap().contains(&"pouring".to_owned()));
    }

    #[tokio::test]
    async fn a_failing_manager_is_quoted() {
        let (_root, env) = machine("brew", "#!/bin/sh\necho 'no bottle' >&2\nexit 3\n");
        let error = install(&InstallPolicy::Yes, &env, &|_| {})
            .await
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("no bottle") && error.contains("brew install"),
            "{error}"
        );
    }
}
