//! The server's log: one file in the cluster's directory, bounded.
//!
//! The server writes to it directly (a pipe would break when linetape is killed), opened for appending, so it can be
//! cut while the server runs. When it is past its bound the newest part moves to `postgres.log.1`.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::account::Account;
use super::error::EmbeddedError;
use super::home::write_as;

/// The file is cut when it is longer than this, bytes.
const BOUND: u64 = 8 << 20;
/// How much of a cut file is kept, bytes.
const KEPT: u64 = 1 << 20;

/// The log of the cluster in `data`.
#[derive(Debug, Clone)]
pub(super) struct LogFile {
    path: PathBuf,
    account: Account,
}

impl LogFile {
    pub(super) fn of(data: &Path, account: &Account) -> Self {
        Self {
            path: data.join("postgres.log"),
            account: account.clone(),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Open for the server to write to; the account's, so that `pg_ctl -l` by hand can write to it too.
    pub(super) fn open(&self) -> Result<File, EmbeddedError> {
        let file = options()
            .append(true)
            .create(true)
            .mode(0o600)
            .open(&self.path)
            .map_err(EmbeddedError::io("open the log", &self.path))?;
        self.account
            .own_file(&file)
            .map_err(EmbeddedError::io("give away", &self.path))?;
        Ok(file)
    }

    /// Its length in bytes, 0 when missing.
    pub(super) fn len(&self) -> u64 {
        std::fs::symlink_metadata(&self.path).map_or(0, |meta| meta.len())
    }

    /// What was written from `offset` on, at most the last 4 kB of it.
    pub(super) fn since(&self, offset: u64) -> String {
        let start = offset.max(self.len().saturating_sub(4096));
        self.read_from(start).unwrap_or_default()
    }

    /// Cut the file when it is past its bound.
    pub(super) fn trim(&self) -> Result<(), EmbeddedError> {
        let len = self.len();
        if len <= BOUND {
            return Ok(());
        }
        let newest = self
            .read_from(len - KEPT)
            .map_err(EmbeddedError::io("read", &self.path))?;
        write_as(&self.account, &self.path.with_extension("log.1"), &newest)?;
        options()
            .write(true)
            .open(&self.path)
            .and_then(|file| file.set_len(0))
            .map_err(EmbeddedError::io("cut", &self.path))
    }

    fn read_from(&self, offset: u64) -> std::io::Result<String> {
        let mut file = options().read(true).open(&self.path)?;
        file.seek(SeekFrom::Start(offset))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}

/// No links: the directory is the account's, and root must not be led out of it.
fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed());
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_long_log_keeps_its_newest_part() {
        let root = tempfile::tempdir().unwrap();
        let account = Account::choose(Path::new("/nonexistent/data"), None)
            .await
            .unwrap();
        let log = LogFile::of(root.path(), &account);
        let mut text = vec![b'a'; (BOUND + 10) as usize];
        text.extend_from_slice(b"the end");
        std::fs::write(log.path(), text).unwrap();
        log.trim().unwrap();
        assert_eq!(log.len(), 0);
        let kept = std::fs::read(root.path().join("postgres.log.1")).unwrap();
        assert_eq!(kept.len() as u64, KEPT);
        assert!(kept.ends_with(b"the end"));
    }
}
