//! What a dead process left behind is drained by the next one.

use std::path::Path;

use super::directory::SpoolDirectory;
use super::error::SpoolError;
use super::file::SqliteDisk;
use super::journal::Journal;
use super::store::{Fault, SpoolDisk};
use crate::config::settings;

/// Open a journal for this process: in the oldest directory whose owner is gone, so that what waits there keeps its
/// place at the head of the queue and nothing is copied, else in a new one. Everything other orphans hold is moved in.
pub(crate) fn settle_in(
    root: &Path,
    fingerprint: &str,
    bounds: &settings::Spool,
) -> Result<(SpoolDirectory, Journal<SqliteDisk>), SpoolError> {
    let mut orphans = SpoolDirectory::claim_orphans(root, fingerprint)?.into_iter();
    let mut home = None;
    for orphan in orphans.by_ref() {
        match Journal::open(SqliteDisk::new(orphan.path()), bounds.clone()) {
            Ok(journal) => {
                home = Some((orphan, journal));
                break;
            }
            Err(error) => {
                tracing::warn!(%error, "a spool left by another process stays where it is");
            }
        }
    }
    let (directory, mut journal) = if let Some(home) = home {
        home
    } else {
        let directory = SpoolDirectory::create(root, fingerprint)?;
        let journal = Journal::open(SqliteDisk::new(directory.path()), bounds.clone())?;
        (directory, journal)
    };
    adopt(&mut journal, orphans);
    Ok((directory, journal))
}

/// Move in what processes that died since have left; returns how many payloads.
pub(crate) fn adopt_orphans(
    journal: &mut Journal<SqliteDisk>,
    root: &Path,
    fingerprint: &str,
) -> Result<u64, SpoolError> {
    let orphans = SpoolDirectory::claim_orphans(root, fingerprint)?;
    Ok(adopt(journal, orphans))
}

/// One orphan that cannot be moved now stays for another time; it never keeps the others or the start waiting.
fn adopt(
    journal: &mut Journal<SqliteDisk>,
    orphans: impl IntoIterator<Item = SpoolDirectory>,
) -> u64 {
    let mut moved = 0;
    for orphan in orphans {
        match adopt_one(journal, orphan) {
            Ok(records) => moved += records,
            Err(error) => {
                tracing::warn!(%error, "a spool left by another process could not be taken over yet");
            }
        }
    }
    if moved > 0 {
        tracing::info!(
            records = moved,
            "payloads left by other processes were taken over"
        );
    }
    moved
}

fn adopt_one(journal: &mut Journal<SqliteDisk>, orphan: SpoolDirectory) -> Result<u64, SpoolError> {
    let mut disk = SqliteDisk::new(orphan.path());
    let mut theirs = match disk.open(0) {
        Ok(store) => store,
        Err(error) => {
            if error.fault == Fault::Corrupt {
                let aside = disk
                    .set_aside()
                    .map_err(|error| SpoolError::disk(orphan.path(), error.reason))?;
                tracing::warn!(
                    file = %aside.display(),
                    "a spool left by another process is damaged; `linetape spool recover` reads what can still be read"
                );
            }
            return Err(SpoolError::disk(orphan.path(), error.reason));
        }
    };
    let moved = journal.adopt(&mut theirs)?;
    drop(theirs);
    orphan.remove_if_spent()?;
    Ok(moved)
}
