//! Locks between processes. They are the kernel's (`flock`): a killed linetape holds none, and the postmaster does
//! not inherit them, because std opens files close-on-exec.

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, fchown};
use std::path::Path;
use std::time::{Duration, Instant};

use super::error::EmbeddedError;

/// Open a lock file, made when missing. It belongs to whom the directory belongs, so that root who once helped out in
/// a user's directory does not lock the user out; no link is followed there.
fn open(path: &Path) -> Result<File, EmbeddedError> {
    let make = || -> std::io::Result<File> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed())
            .open(path)?;
        if rustix::process::geteuid().is_root()
            && let Some(parent) = path.parent()
        {
            let owner = std::fs::metadata(parent)?;
            fchown(&file, Some(owner.uid()), Some(owner.gid()))?;
        }
        Ok(file)
    };
    make().map_err(EmbeddedError::io("open the lock", path))
}

/// Hold `path` exclusively, waiting at most `patience`. Dropping the file lets go.
pub(super) async fn exclusive(path: &Path, patience: Duration) -> Result<File, EmbeddedError> {
    let file = open(path)?;
    wait(path, patience, || file.try_lock()).await?;
    Ok(file)
}

/// Hold `path` together with others. Only a process that holds the start lock takes it exclusively, so the caller,
/// who holds the start lock, never waits long.
pub(super) async fn shared(path: &Path) -> Result<File, EmbeddedError> {
    let file = open(path)?;
    wait(path, Duration::from_secs(10), || file.try_lock_shared()).await?;
    Ok(file)
}

/// Turn a shared hold into the only one; false when others hold it too, and the file then holds nothing.
pub(super) fn alone(file: &File, path: &Path) -> Result<bool, EmbeddedError> {
    file.unlock().map_err(EmbeddedError::io("unlock", path))?;
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(why)) => Err(EmbeddedError::io("lock", path)(why)),
    }
}

/// Whether no other process holds the shared lock that `file` holds. Called under the start lock, so nobody can slip in
/// while the hold is changed and changed back.
pub(super) async fn is_sole(file: &File, path: &Path) -> Result<bool, EmbeddedError> {
    let sole = alone(file, path)?;
    file.unlock().map_err(EmbeddedError::io("unlock", path))?;
    wait(path, Duration::from_secs(10), || file.try_lock_shared()).await?;
    Ok(sole)
}

/// Poll: a blocking `flock` could not be given up when linetape is told to quit.
async fn wait(
    path: &Path,
    patience: Duration,
    mut attempt: impl FnMut() -> Result<(), TryLockError>,
) -> Result<(), EmbeddedError> {
    let begun = Instant::now();
    loop {
        match attempt() {
            Ok(()) => return Ok(()),
            Err(TryLockError::Error(why)) => return Err(EmbeddedError::io("lock", path)(why)),
            Err(TryLockError::WouldBlock) if begun.elapsed() >= patience => {
                return Err(EmbeddedError::Busy {
                    lock: path.to_path_buf(),
                    seconds: patience.as_secs(),
                });
            }
            Err(TryLockError::WouldBlock) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_last_to_leave_is_alone() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("users.lock");
        let (first, second) = (shared(&path).await.unwrap(), shared(&path).await.unwrap());
        assert!(!is_sole(&first, &path).await.unwrap());
        assert!(!alone(&first, &path).unwrap());
        assert!(is_sole(&second, &path).await.unwrap());
        assert!(alone(&second, &path).unwrap());
    }

    #[tokio::test]
    async fn a_held_start_lock_is_reported_not_waited_for_for_ever() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("start.lock");
        let _held = exclusive(&path, Duration::ZERO).await.unwrap();
        let error = exclusive(&path, Duration::from_millis(30))
            .await
            .unwrap_err();
        assert_eq!(error.exit_code(), 75);
    }
}
