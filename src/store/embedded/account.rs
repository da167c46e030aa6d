//! Who runs the cluster. PostgreSQL refuses uid 0, so root hands the work to an unprivileged account.

use std::collections::BTreeMap;
use std::io;
use std::os::unix::fs::{MetadataExt, fchown, lchown};
use std::path::Path;
use std::process::Stdio;

use tokio::process::Command;

use super::error::EmbeddedError;

/// The account that initdb and postgres run as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Account {
    /// Its name, for sentences and hints.
    pub(super) name: String,
    uid: u32,
    gid: u32,
    /// Whether it is another account than linetape's own.
    pub(super) switched: bool,
}

/// Accounts that root tries when none is configured: the distribution's, then the one every Unix has.
const USUAL: [&str; 2] = ["postgres", "nobody"];

impl Account {
    /// The account for the cluster in `data`, which may not exist yet.
    ///
    /// Not root: oneself. Root: the owner of an existing cluster (the server insists on it), else the configured
    /// account, else `postgres`, else `nobody`.
    pub(super) async fn choose(
        data: &Path,
        configured: Option<&str>,
    ) -> Result<Self, EmbeddedError> {
        let uid = rustix::process::geteuid().as_raw();
        let owner = std::fs::symlink_metadata(data)
            .ok()
            .map(|meta| (meta.uid(), meta.gid()));
        if uid != 0 {
            let me = Self {
                name: name_of(uid).await,
                uid,
                gid: rustix::process::getegid().as_raw(),
                switched: false,
            };
            return match owner {
                Some((other, _)) if other != uid => Err(foreign(data, other, me.name).await),
                _ => Ok(me),
            };
        }
        if let Some((uid, gid)) = owner.filter(|(uid, _)| *uid != 0) {
            if let Some(name) = configured {
                let wanted = lookup(name).await.map_err(|why| no_account(&why))?;
                if wanted.uid != uid {
                    return Err(foreign(data, uid, name.to_owned()).await);
                }
            }
            return Ok(Self {
                name: name_of(uid).await,
                uid,
                gid,
                switched: true,
            });
        }
        if let Some(name) = configured {
            return lookup(name).await.map_err(|why| no_account(&why));
        }
        for name in USUAL {
            if let Ok(account) = lookup(name).await {
                return Ok(account);
            }
        }
        Err(no_account(
            "this machine has neither a `postgres` nor a `nobody` account",
        ))
    }

    /// A command that runs `program` as this account, with an environment of our choosing: `PGPORT`, `PGDATA` and
    /// their kin would reach the server as defaults, and a locale would translate the messages that are read.
    pub(super) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("LC_ALL", "C")
            .env("TZ", "UTC")
            .current_dir("/")
            .stdin(Stdio::null());
        for name in ["PATH", "LD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        if self.switched {
            // std also drops root's supplementary groups when it changes the uid.
            command.uid(self.uid).gid(self.gid);
        }
        command
    }

    /// Whether this account can enter `dir`. The kernel is asked, by a child that changes into it, because mode
    /// bits do not tell the whole truth (ACLs, mount options, every directory above).
    pub(super) async fn can_enter(&self, dir: &Path) -> bool {
        if !self.switched {
            return dir.is_dir();
        }
        self.command(Path::new("/bin/sh"))
            .args(["-c", ":"])
            .current_dir(dir)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .await
            .is_ok_and(|status| status.success())
    }

    /// Give a path (never what a link points to) to this account.
    pub(super) fn own(&self, path: &Path) -> io::Result<()> {
        if self.switched {
            lchown(path, Some(self.uid), Some(self.gid))?;
        }
        Ok(())
    }

    /// Give an open file to this account.
    pub(super) fn own_file(&self, file: &std::fs::File) -> io::Result<()> {
        if self.switched {
            fchown(file, Some(self.uid), Some(self.gid))?;
        }
        Ok(())
    }

    /// Whether the path belongs to this account.
    pub(super) fn owns(&self, meta: &std::fs::Metadata) -> bool {
        meta.uid() == self.uid
    }

    /// The account's number.
    pub(super) fn uid(&self) -> u32 {
        self.uid
    }

    /// What a person types before a command to run it as this account.
    pub(super) fn shell_prefix(&self, env: &BTreeMap<String, String>) -> String {
        if !self.switched {
            return String::new();
        }
        let runuser = super::programs::in_path(env, "runuser").is_some();
        if runuser {
            format!("runuser -u {} -- ", self.name)
        } else {
            format!("sudo -u {} ", self.name)
        }
    }
}

/// Ask the system (which may know accounts from LDAP or Directory Services, not only /etc/passwd).
async fn lookup(name: &str) -> Result<Account, String> {
    let (uid, gid) = (id(&["-u", name]).await, id(&["-g", name]).await);
    let number = |text: Option<String>| text.and_then(|text| text.parse::<u32>().ok());
    match (number(uid), number(gid)) {
        (Some(0), _) => Err(format!("the account {name} is root itself")),
        (Some(uid), Some(gid)) => Ok(Account {
            name: name.to_owned(),
            uid,
            gid,
            switched: true,
        }),
        _ => Err(format!("this machine has no account {name}")),
    }
}

async fn name_of(uid: u32) -> String {
    match id(&["-un", &uid.to_string()]).await {
        Some(name) => name,
        None => format!("uid {uid}"),
    }
}

/// `id` with these arguments; none when it fails. Names that could be options are not asked for.
async fn id(arguments: &[&str]) -> Option<String> {
    if arguments.iter().skip(1).any(|name| name.starts_with('-')) {
        return None;
    }
    let output = Command::new("id")
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .await
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let text = text.trim();
    (output.status.success() && !text.is_empty()).then(|| text.to_owned())
}

fn no_account(tried: &str) -> EmbeddedError {
    EmbeddedError::NoAccount {
        tried: tried.to_owned(),
    }
}

async fn foreign(data: &Path, owner: u32, me: String) -> EmbeddedError {
    EmbeddedError::ForeignOwner {
        data: data.to_path_buf(),
        owner: name_of(owner).await,
        me,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[tokio::test]
    async fn unknown_accounts_and_root_itself_are_refused() {
        assert!(lookup("no-such-account-here").await.is_err());
        assert!(lookup("-n").await.is_err());
        assert!(lookup("root").await.is_err());
    }

    #[tokio::test]
    async fn the_account_is_never_root() {
        let account = Account::choose(Path::new("/nonexistent/data"), None)
            .await
            .unwrap();
        assert_ne!(account.uid(), 0);
    }

    #[tokio::test]
    async fn a_closed_directory_above_is_noticed() {
        let account = Account::choose(Path::new("/nonexistent/data"), None)
            .await
            .unwrap();
        if !account.switched {
            eprintln!("skipped: only root hands the cluster to another account");
            return;
        }
        let closed = tempfile::tempdir().unwrap();
        std::fs::set_permissions(closed.path(), std::fs::Permissions::from_mode(0o700)).unwrap();
        let inner = closed.path().join("inner");
        std::fs::create_dir(&inner).unwrap();
        account.own(&inner).unwrap();
        assert!(
            !account.can_enter(&inner).await,
            "the parent is 0700 and root's"
        );
        assert!(account.can_enter(Path::new("/")).await);
    }
}
