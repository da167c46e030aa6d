//! Reading what can still be read from a damaged spool file.

use std::collections::BTreeSet;
use std::path::Path;

use rusqlite::Connection;
use serde::Serialize;

use super::directory::SpoolDirectory;
use super::error::SpoolError;
use super::file::{self, SqliteDisk};
use super::record::Record;
use super::sqlite;
use super::store::{Inserted, SpoolDisk, SpoolStore, StoreError};

/// Most single places tried between the readable ends of a damaged file.
const MAX_PROBES: u64 = 1_000_000;

/// Records in one commit.
const STEP: usize = 64;

/// What a recovery found.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Recovered {
    /// Payloads put back into the spool; the next start drains them.
    pub payloads: u64,
    /// Records found whose body is damaged: left where they are.
    pub damaged: u64,
    /// Why reading ended early, where it did.
    pub problem: Option<String>,
}

/// Read what can be read from `path`, a spool file that was set aside, and put it into a spool of its own for the
/// database with this fingerprint, which the next start takes over. The damaged file is only read, never changed or
/// removed. Repeating a recovery adds what was drained meanwhile again; the store knows it by its fetch id.
pub fn recover(path: &Path, root: &Path, fingerprint: &str) -> Result<Recovered, SpoolError> {
    if !path.is_file() {
        return Err(SpoolError::disk(
            path,
            "there is no such file; `linetape spool status` names those that were set aside",
        ));
    }
    let mut recovered = Recovered::default();
    let (connection, found) = match find_what_remains(path) {
        Ok((connection, found, problem)) => {
            recovered.problem = problem;
            (connection, found)
        }
        Err(error) => {
            recovered.problem = Some(error.reason);
            return Ok(recovered);
        }
    };
    if found.is_empty() {
        return Ok(recovered);
    }
    let directory = SpoolDirectory::create(root, fingerprint)?;
    let at = |error: StoreError| SpoolError::disk(directory.path(), error.reason);
    let mut store = SqliteDisk::new(directory.path()).open(0).map_err(at)?;
    for (index, seq) in found.iter().enumerate() {
        // Read again one at a time: a damaged spool may be larger than memory.
        match read_one(&connection, *seq) {
            Ok(record) if record.decode().is_ok() => {
                if let Inserted::New(_) = store.insert(&record).map_err(at)? {
                    recovered.payloads += 1;
                }
            }
            _ => recovered.damaged += 1,
        }
        if index % STEP == STEP - 1 {
            store.commit().map_err(at)?;
        }
    }
    store.commit().map_err(at)?;
    drop(store);
    if recovered.payloads == 0 {
        directory.remove_if_spent()?;
    }
    Ok(recovered)
}

/// Places of every readable record of the queue: forwards to the first damage, backwards to the last, then place by
/// place between the two; and what the damage was.
fn find_what_remains(
    path: &Path,
) -> Result<(Connection, BTreeSet<u64>, Option<String>), StoreError> {
    let connection = file::open_readonly(path)?;
    let mut found = BTreeSet::new();
    let Some(problem) = scan(&connection, "asc", &mut found) else {
        return Ok((connection, found, None));
    };
    let before = found.last().copied().unwrap_or(0);
    // The same damage met from the other side.
    drop(scan(&connection, "desc", &mut found));
    let after = found.range(before + 1..).next().copied();
    let last = after.or_else(|| highest(&connection)).unwrap_or(before);
    for seq in before + 1..=last.min(before.saturating_add(MAX_PROBES)) {
        if read_one(&connection, seq).is_ok() {
            found.insert(seq);
        }
    }
    Ok((connection, found, Some(problem)))
}

fn read_one(connection: &Connection, seq: u64) -> rusqlite::Result<Record> {
    let sql = format!("select {} from payload where seq = ?1", sqlite::COLUMNS);
    connection
        .prepare_cached(&sql)?
        .query_row([seq.cast_signed()], |row| sqlite::record(row, 0))
}

/// Read until the end (none) or the first damage (why). Bodies are read too, for theirs are most of the pages.
fn scan(connection: &Connection, direction: &str, found: &mut BTreeSet<u64>) -> Option<String> {
    let sql = format!(
        "select seq, {} from payload order by seq {direction}",
        sqlite::COLUMNS
    );
    let mut read = || -> rusqlite::Result<()> {
        let mut statement = connection.prepare(&sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            sqlite::record(row, 1)?;
            found.insert(row.get::<_, i64>(0)?.cast_unsigned());
        }
        Ok(())
    };
    read().err().map(|error| error.to_string())
}

fn highest(connection: &Connection) -> Option<u64> {
    connection
        .query_row(
            "select seq from sqlite_sequence where name = 'payload'",
            [],
            |row| row.get::<_, i64>(0),
        )
        .ok()
        .map(i64::cast_unsigned)
}
