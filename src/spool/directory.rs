//! One directory a process: `<root>/<fingerprint>/<uuid>/`, owned through a lock on its `lock` file.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use uuid::Uuid;

use super::error::SpoolError;
use super::file;

const LOCK: &str = "lock";

/// A spool's directory, locked as long as this value lives.
#[derive(Debug)]
pub(crate) struct SpoolDirectory {
    path: PathBuf,
    _lock: File,
}

impl SpoolDirectory {
    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Make and lock a new directory.
    pub fn create(root: &Path, fingerprint: &str) -> Result<Self, SpoolError> {
        let home = home(root, fingerprint)?;
        make_private(root)?;
        make_private(&home)?;
        loop {
            // Version 7: names sort by age, which is the order orphans are adopted in.
            let path = home.join(Uuid::now_v7().to_string());
            make_private(&path)?;
            sync(&home)?;
            // Somebody adopting orphans may have been faster; then there is another name.
            if let Some(directory) = Self::claim(path)? {
                return Ok(directory);
            }
        }
    }

    /// Every directory of `fingerprint` whose owner is gone, locked, oldest first.
    pub fn claim_orphans(root: &Path, fingerprint: &str) -> Result<Vec<Self>, SpoolError> {
        let mut orphans = Vec::new();
        for path in all(root, fingerprint)? {
            orphans.extend(Self::claim(path)?);
        }
        Ok(orphans)
    }

    /// Lock `path`; none when another process holds it or has just removed it.
    fn claim(path: PathBuf) -> Result<Option<Self>, SpoolError> {
        let lock_path = path.join(LOCK);
        let at = |error: io::Error| SpoolError::disk(&lock_path, error);
        let opened = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .mode(0o600)
            .open(&lock_path);
        let mut lock = match opened {
            Ok(lock) => lock,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(at(error)),
        };
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(at(error)),
        }
        // A directory emptied between opening and locking leaves a lock on a file nobody else will ever find.
        let held = lock.metadata().map_err(at)?;
        if fs::metadata(&lock_path).map(|found| found.ino()).ok() != Some(held.ino()) {
            return Ok(None);
        }
        make_private(&path)?;
        lock.set_len(0).map_err(at)?;
        writeln!(lock, "{}", std::process::id()).map_err(at)?;
        Ok(Some(Self { path, _lock: lock }))
    }

    /// Remove the directory when nothing is left in it but an emptied spool. Damaged files set aside keep it.
    pub fn remove_if_spent(self) -> Result<(), SpoolError> {
        let at = |error: io::Error| SpoolError::disk(&self.path, error);
        let database = self.path.join(file::FILE);
        let own = [
            self.path.join(LOCK),
            file::suffixed(&database, "-wal"),
            file::suffixed(&database, "-shm"),
            database,
        ];
        for entry in fs::read_dir(&self.path).map_err(at)? {
            if !own.contains(&entry.map_err(at)?.path()) {
                return Ok(());
            }
        }
        // The lock goes last: until then nobody else may take what is half removed.
        for path in own.iter().skip(1).chain(own.first()) {
            match fs::remove_file(path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(at(error)),
                _ => {}
            }
        }
        fs::remove_dir(&self.path).map_err(at)
    }
}

/// Every spool directory of `fingerprint`, oldest first; none when nothing was ever spooled.
pub(crate) fn all(root: &Path, fingerprint: &str) -> Result<Vec<PathBuf>, SpoolError> {
    let home = home(root, fingerprint)?;
    let entries = match fs::read_dir(&home) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(SpoolError::disk(home, error)),
    };
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry
            .map_err(|error| SpoolError::disk(&home, error))?
            .path();
        let named = path
            .file_name()
            .and_then(|name| name.to_str())
            .is_some_and(|name| Uuid::try_parse(name).is_ok());
        if named && path.is_dir() {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// The process that holds `path`, as it wrote itself; none when nobody does.
pub(crate) fn owner(path: &Path) -> Option<u32> {
    let mut lock = File::open(path.join(LOCK)).ok()?;
    match lock.try_lock_shared() {
        Err(TryLockError::WouldBlock) => {
            let mut pid = String::new();
            lock.read_to_string(&mut pid).ok()?;
            pid.trim().parse().ok()
        }
        _ => None,
    }
}

fn home(root: &Path, fingerprint: &str) -> Result<PathBuf, SpoolError> {
    let plain = !fingerprint.is_empty()
        && !fingerprint.starts_with('.')
        && fingerprint
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
    if plain {
        Ok(root.join(fingerprint))
    } else {
        Err(SpoolError::Refused(format!(
            "{fingerprint:?} cannot name a directory; a database's fingerprint has letters, digits, '-', '_' and '.' only"
        )))
    }
}

/// Make `path` and its parents, readable by this account only.
fn make_private(path: &Path) -> Result<(), SpoolError> {
    let at = |error: io::Error| SpoolError::disk(path, error);
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(at)?;
    let mode = fs::metadata(path).map_err(at)?.mode();
    if mode & 0o077 != 0 {
        fs::set_permissions(path, Permissions::from_mode(0o700)).map_err(at)?;
    }
    Ok(())
}

fn sync(path: &Path) -> Result<(), SpoolError> {
    File::open(path)
        .and_then(|directory| directory.sync_all())
        .map_err(|error| SpoolError::disk(path, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_stays_inside_the_root() {
        let root = Path::new("root");
        for bad in ["", ".", "..", "a/b", "../up", "a b", ".hidden", "é"] {
            assert!(home(root, bad).is_err(), "{bad:?}");
        }
        assert!(home(root, "pg-15_abc.1").is_ok());
    }

    #[test]
    fn a_directory_has_one_owner() {
        let root = tempfile::tempdir().unwrap();
        let mine = SpoolDirectory::create(root.path(), "db").unwrap();
        assert_eq!(owner(mine.path()), Some(std::process::id()));
        assert!(
            SpoolDirectory::claim_orphans(root.path(), "db")
                .unwrap()
                .is_empty()
        );
        let path = mine.path().to_owned();
        drop(mine);
        assert_eq!(owner(&path), None);
        let found = SpoolDirectory::claim_orphans(root.path(), "db").unwrap();
        assert_eq!(found.len(), 1);
        assert!(
            SpoolDirectory::claim_orphans(root.path(), "other")
                .unwrap()
                .is_empty()
        );
    }

    #[test]
    fn only_a_spent_directory_is_removed() {
        let root = tempfile::tempdir().unwrap();
        let spent = SpoolDirectory::create(root.path(), "db").unwrap();
        let path = spent.path().to_owned();
        spent.remove_if_spent().unwrap();
        assert!(!path.exists());
        let kept = SpoolDirectory::create(root.path(), "db").unwrap();
        let path = kept.path().to_owned();
        fs::write(path.join("spool.db.corrupt-20250712T190000Z"), b"x").unwrap();
        kept.remove_if_spent().unwrap();
        assert!(path.exists());
    }
}
