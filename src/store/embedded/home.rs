//! Where the cluster lives, and who may go there.
//!
//! ```text
//! <data_dir>/postgres/            0700 (0711 and root's, when root runs the cluster as another account)
//!   start.lock  users.lock        who is starting it, who is using it
//!   socket                        the directory the server listens in, chosen once
//!   origin                        the data_dir this home belongs to, when it had to be put elsewhere
//!   run/                          the socket, 0700
//!   data/                         the cluster, 0700, the account's
//! ```
//!
//! When root's data directory lies behind a closed door (`/root` is 0700), `<data_dir>/postgres` becomes a link to a
//! directory under `/var/lib/linetape`, or `/var/tmp/linetape`. Doors of others are never opened (no chmod of parents).

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use super::account::Account;
use super::error::EmbeddedError;

/// Root's places for a cluster whose data directory the account cannot enter.
const ELSEWHERE: [&str; 2] = ["/var/lib/linetape", "/var/tmp/linetape"];

/// Longest path of a socket in bytes: `sun_path` less its final zero.
const SOCKET_PATH_MAX: usize = if cfg!(target_os = "macos") { 103 } else { 107 };

/// The port is only part of the socket's name; nothing listens on TCP.
pub(super) const PORT: u16 = 5432;

/// The directory of one cluster.
#[derive(Debug, Clone)]
pub(super) struct Home {
    dir: PathBuf,
}

impl Home {
    /// Where the cluster of `data_dir` is or would be, links followed. Creates nothing.
    pub(super) fn expected_data(data_dir: &Path) -> PathBuf {
        data_dir.join("postgres").join("data")
    }

    /// The home of `data_dir`'s cluster, made when missing, in a place that `account` can enter.
    pub(super) async fn open(data_dir: &Path, account: &Account) -> Result<Self, EmbeddedError> {
        make_dir(data_dir, account)?;
        let data_dir =
            fs::canonicalize(data_dir).map_err(EmbeddedError::io("resolve", data_dir))?;
        let wanted = data_dir.join("postgres");
        if let Ok(meta) = fs::symlink_metadata(&wanted)
            && meta.is_symlink()
        {
            return Self::follow(&wanted, account).await;
        }
        let made = make_dir(&wanted, account)?;
        if account.can_enter(&wanted).await {
            return Ok(Self { dir: wanted });
        }
        if !made && wanted.join("data").exists() {
            return Err(EmbeddedError::Unreachable {
                path: wanted,
                account: account.name.clone(),
                tried: "it holds a cluster already, which is not moved".into(),
            });
        }
        Self::elsewhere(&data_dir, &wanted, account).await
    }

    async fn follow(link: &Path, account: &Account) -> Result<Self, EmbeddedError> {
        let dir = fs::canonicalize(link).map_err(EmbeddedError::io("follow the link", link))?;
        if account.can_enter(&dir).await {
            return Ok(Self { dir });
        }
        Err(EmbeddedError::Unreachable {
            path: dir,
            account: account.name.clone(),
            tried: format!("{} leads there", link.display()),
        })
    }

    /// Make a home outside a closed data directory and leave a link to it where it would have been.
    async fn elsewhere(
        data_dir: &Path,
        wanted: &Path,
        account: &Account,
    ) -> Result<Self, EmbeddedError> {
        let mut tried = Vec::new();
        for base in ELSEWHERE.map(Path::new) {
            if let Err(why) = open_base(base) {
                tried.push(format!("{} {why}", base.display()));
                continue;
            }
            if !account.can_enter(base).await {
                tried.push(format!("{} is closed to it too", base.display()));
                continue;
            }
            let dir = base.join(label(data_dir));
            make_dir(&dir, account)?;
            let origin = dir.join("origin");
            fs::write(&origin, format!("{}\n", data_dir.display()))
                .map_err(EmbeddedError::io("write", &origin))?;
            // Only an empty directory is replaced; a second root that was faster has put its link there.
            if let Err(why) = fs::remove_dir(wanted)
                && !wanted.is_symlink()
            {
                return Err(EmbeddedError::io("replace", wanted)(why));
            }
            return match symlink(&dir, wanted) {
                Ok(()) => Ok(Self { dir }),
                Err(why) if why.kind() == io::ErrorKind::AlreadyExists => {
                    let _ = fs::remove_dir_all(&dir);
                    Self::follow(wanted, account).await
                }
                Err(why) => Err(EmbeddedError::io("link", wanted)(why)),
            };
        }
        Err(EmbeddedError::Unreachable {
            path: wanted.to_path_buf(),
            account: account.name.clone(),
            tried: tried.join(", "),
        })
    }

    /// The directory itself.
    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    /// The cluster.
    pub(super) fn data(&self) -> PathBuf {
        self.dir.join("data")
    }

    /// Held exclusively while starting or stopping.
    pub(super) fn start_lock(&self) -> PathBuf {
        self.dir.join("start.lock")
    }

    /// Held shared by every linetape that uses the cluster.
    pub(super) fn users_lock(&self) -> PathBuf {
        self.dir.join("users.lock")
    }

    /// The directory of the server's socket: the one chosen before when it is still good, else the first that is
    /// short enough of `run/`, `XDG_RUNTIME_DIR` and the temporary directory. Called under the start lock.
    pub(super) fn socket_dir(
        &self,
        account: &Account,
        runtime: Option<&Path>,
        temp: &Path,
    ) -> Result<PathBuf, EmbeddedError> {
        let note = self.dir.join("socket");
        let name = format!("linetape-{}-{}", account.uid(), short_hash(&self.dir));
        if let Ok(chosen) = fs::read_to_string(&note) {
            let chosen = PathBuf::from(chosen.trim_end());
            // The name is this directory's own; a copied directory's note has another, and there the server of the
            // first may listen. Where the name stands may differ: another TMPDIR does not move a running server.
            let ours = chosen == self.dir.join("run") || chosen.ends_with(&name);
            if ours && fits(&chosen) && private_dir(&chosen, account).is_ok() {
                return Ok(chosen);
            }
        }
        let mut choices = vec![self.dir.join("run")];
        // The runtime directory is the caller's own: no other account could enter it.
        choices.extend(
            runtime
                .filter(|_| !account.switched)
                .map(|dir| dir.join(&name)),
        );
        choices.push(temp.join(&name));
        choices.push(Path::new("/tmp").join(&name));
        let mut tried = Vec::new();
        for choice in choices {
            if !fits(&choice) {
                tried.push(format!("{} is too long a path", choice.display()));
                continue;
            }
            match private_dir(&choice, account) {
                Ok(()) => {
                    let text = format!("{}\n", choice.display());
                    write_as(account, &note, &text)?;
                    return Ok(choice);
                }
                Err(why) => tried.push(format!("{} {why}", choice.display())),
            }
        }
        Err(EmbeddedError::NoSocketDir {
            tried: tried.join(", "),
        })
    }
}

/// Write a file of the account's whole: a new file beside it, fsynced, then renamed over it. `create_new` follows no
/// link, so root cannot be led elsewhere from a directory that the account owns.
pub(super) fn write_as(account: &Account, path: &Path, text: &str) -> Result<(), EmbeddedError> {
    let beside = path.with_extension("new");
    let _ = fs::remove_file(&beside);
    let write = || -> io::Result<()> {
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&beside)?;
        file.write_all(text.as_bytes())?;
        account.own_file(&file)?;
        file.sync_all()?;
        fs::rename(&beside, path)
    };
    write().map_err(EmbeddedError::io("write", path))
}

/// Make a directory of the account's, 0700, or check that an existing one is just that and no link.
fn private_dir(dir: &Path, account: &Account) -> Result<(), String> {
    match DirBuilder::new().mode(0o700).create(dir) {
        Ok(()) => account.own(dir).map_err(|why| why.to_string()),
        Err(why) if why.kind() == io::ErrorKind::AlreadyExists => {
            let meta = fs::symlink_metadata(dir).map_err(|why| why.to_string())?;
            if !meta.is_dir() || !account.owns(&meta) {
                return Err(format!("is not a directory of {}", account.name));
            }
            if meta.mode() & 0o077 != 0 {
                return Err("is open to others".into());
            }
            Ok(())
        }
        Err(why) => Err(why.to_string()),
    }
}

/// A new empty directory for the account, for initdb to fill.
pub(super) fn make_private_dir(dir: &Path, account: &Account) -> Result<(), EmbeddedError> {
    DirBuilder::new()
        .mode(0o700)
        .create(dir)
        .and_then(|()| account.own(dir))
        .map_err(EmbeddedError::io("make", dir))
}

/// Make a directory and those above it; returns whether it was missing. Root's are 0711 when another account has to
/// pass through: it may enter, not list, and cannot put anything into them.
fn make_dir(dir: &Path, account: &Account) -> Result<bool, EmbeddedError> {
    if dir.is_dir() {
        return Ok(false);
    }
    let mode = if account.switched { 0o711 } else { 0o700 };
    DirBuilder::new()
        .recursive(true)
        .mode(mode)
        .create(dir)
        .map_err(EmbeddedError::io("make", dir))?;
    Ok(true)
}

/// Root's own base directory elsewhere; one that somebody else has put there is not used.
fn open_base(base: &Path) -> Result<(), String> {
    match DirBuilder::new().mode(0o711).create(base) {
        Ok(()) => fs::set_permissions(base, fs::Permissions::from_mode(0o711))
            .map_err(|why| why.to_string()),
        Err(why) if why.kind() == io::ErrorKind::AlreadyExists => {
            let meta = fs::symlink_metadata(base).map_err(|why| why.to_string())?;
            if meta.is_dir() && meta.uid() == 0 && meta.mode() & 0o022 == 0 {
                Ok(())
            } else {
                Err("is not root's alone".into())
            }
        }
        Err(why) => Err(why.to_string()),
    }
}

/// A name for the home of `data_dir` elsewhere. The time in it gives a data directory that was removed and made
/// again a new cluster, as it would have had in place.
fn label(data_dir: &Path) -> String {
    let nanos = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_nanos());
    format!("{}-{nanos:x}", short_hash(data_dir))
}

fn short_hash(path: &Path) -> String {
    let hash = blake3::hash(path.as_os_str().as_encoded_bytes()).to_hex();
    hash.chars().take(12).collect()
}

/// Whether a server can listen in `dir`, and psql's `host=` can name it: short, and without the comma that
/// separates hosts there, or a line end.
fn fits(dir: &Path) -> bool {
    let socket = dir.join(format!(".s.PGSQL.{PORT}"));
    dir.is_absolute()
        && socket.as_os_str().len() <= SOCKET_PATH_MAX
        && dir
            .to_str()
            .is_some_and(|text| !text.contains([',', '\n', '\r', '"', '\'', '\\']))
}

/// Make a rename in `dir` durable.
pub(super) fn sync_dir(dir: &Path) -> Result<(), EmbeddedError> {
    File::open(dir)
        .and_then(|dir| dir.sync_all())
        .map_err(EmbeddedError::io("sync", dir))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_directory_is_short_and_nameable() {
        assert!(fits(Path::new("/run/user/1000/linetape-1000-abcdef012345")));
        assert!(fits(Path::new(&format!(
            "/{}",
            "x".repeat(SOCKET_PATH_MAX - 15)
        ))));
        assert!(!fits(Path::new(&format!(
            "/{}",
            "x".repeat(SOCKET_PATH_MAX - 14)
        ))));
        assert!(!fits(Path::new("/tmp/a,b")));
        assert!(!fits(Path::new("relative")));
    }

    #[tokio::test]
    async fn a_long_home_listens_in_a_short_place_and_keeps_to_it() {
        let root = tempfile::tempdir_in("/tmp").unwrap();
        fs::set_permissions(root.path(), fs::Permissions::from_mode(0o711)).unwrap();
        let long = root.path().join("x".repeat(100));
        let account = Account::choose(&Home::expected_data(&long), None)
            .await
            .unwrap();
        let home = Home::open(&long, &account).await.unwrap();
        let first = home.socket_dir(&account, None, root.path()).unwrap();
        assert!(fits(&first) && first.starts_with(root.path()));
        let other = tempfile::tempdir_in("/tmp").unwrap();
        let second = home.socket_dir(&account, None, other.path()).unwrap();
        assert_eq!(first, second, "another TMPDIR does not move the socket");
    }

    #[tokio::test]
    async fn a_copied_home_does_not_listen_where_the_first_does() {
        let root = tempfile::tempdir_in("/tmp").unwrap();
        fs::set_permissions(root.path(), fs::Permissions::from_mode(0o711)).unwrap();
        let (short, long) = (root.path().join("a"), root.path().join("x".repeat(100)));
        let account = Account::choose(&Home::expected_data(&short), None)
            .await
            .unwrap();
        for first in [short, long] {
            let home = Home::open(&first, &account).await.unwrap();
            let chosen = home.socket_dir(&account, None, root.path()).unwrap();
            let copy = Home::open(&first.with_extension("copy"), &account)
                .await
                .unwrap();
            fs::copy(home.dir().join("socket"), copy.dir().join("socket")).unwrap();
            let own = copy.socket_dir(&account, None, root.path()).unwrap();
            assert_ne!(own, chosen);
            let note = fs::read_to_string(copy.dir().join("socket")).unwrap();
            assert_eq!(note.trim_end(), own.to_str().unwrap(), "noted anew");
            let again = copy.socket_dir(&account, None, root.path()).unwrap();
            assert_eq!(own, again);
        }
    }

    #[tokio::test]
    async fn a_socket_directory_of_another_shape_is_refused() {
        let root = tempfile::tempdir().unwrap();
        let account = Account::choose(Path::new("/nonexistent/data"), None)
            .await
            .unwrap();
        let open = root.path().join("open");
        fs::create_dir(&open).unwrap();
        account.own(&open).unwrap();
        fs::set_permissions(&open, fs::Permissions::from_mode(0o755)).unwrap();
        assert!(private_dir(&open, &account).is_err());
        let link = root.path().join("link");
        symlink(&open, &link).unwrap();
        assert!(private_dir(&link, &account).is_err());
    }
}
