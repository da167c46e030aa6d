//! Looking into spools from outside, also while their owners run.

use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use rusqlite::Connection;
use serde::Serialize;
use uuid::Uuid;

use super::directory;
use super::error::SpoolError;
use super::file;
use super::record::Record;
use super::sqlite;
use super::store::StoreError;
use crate::domain::payload::RequestIdentity;

/// One process's spool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SpoolFile {
    /// Its directory.
    pub directory: PathBuf,
    /// The process that holds it; none when its owner is gone and the next start takes it over.
    pub in_use_by: Option<u32>,
    /// Payloads waiting.
    pub depth: u64,
    /// Bytes they take (compressed).
    pub bytes: u64,
    /// When the payload at the head of the queue was received.
    pub oldest: Option<DateTime<Utc>>,
    /// Payloads put aside.
    pub quarantined: u64,
    /// Payloads dropped because the spool was full.
    pub dropped: u64,
    /// Damaged files that were set aside, for `spool recover`.
    pub damaged: Vec<PathBuf>,
    /// Why the file could not be read; the counts are zero then.
    pub problem: Option<String>,
}

/// One payload in a spool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Listed {
    /// Name of the directory it lies in.
    pub spool: String,
    /// Place in the queue; none once quarantined.
    pub seq: Option<u64>,
    /// Id of the fetch.
    pub fetch_id: Uuid,
    /// What was asked; none when the record is damaged.
    pub request: Option<RequestIdentity>,
    /// HTTP status; 0 when no answer came.
    pub status: u16,
    /// When it was received, by the engine's clock.
    pub observed_at: DateTime<Utc>,
    /// When it entered the spool, by the machine's clock.
    pub spooled_at: DateTime<Utc>,
    /// Whether it was fetched after the fact.
    pub reconstructed: bool,
    /// Why the fetch brought no body.
    pub error: Option<String>,
    /// Size of the body.
    pub body_bytes: u64,
    /// BLAKE3 of the body, hexadecimal.
    pub hash: String,
    /// Why it was put aside; none while it waits.
    pub quarantined: Option<String>,
}

/// Every spool of the database with this fingerprint, oldest first.
pub fn files(root: &Path, fingerprint: &str) -> Result<Vec<SpoolFile>, SpoolError> {
    directory::all(root, fingerprint)?
        .into_iter()
        .map(|directory| {
            let mut found = SpoolFile {
                in_use_by: directory::owner(&directory),
                damaged: damaged(&directory)?,
                directory,
                depth: 0,
                bytes: 0,
                oldest: None,
                quarantined: 0,
                dropped: 0,
                problem: None,
            };
            if let Err(error) = count(&mut found) {
                found.problem = Some(error.reason);
            }
            Ok(found)
        })
        .collect()
}

/// Every payload in every spool of the database with this fingerprint: each spool's queue in order, then what it has
/// put aside. Fails when a spool cannot be read; [`files`] tells which.
pub fn list(root: &Path, fingerprint: &str) -> Result<Vec<Listed>, SpoolError> {
    let mut listed = Vec::new();
    for directory in directory::all(root, fingerprint)? {
        visit(&directory, Bodies::Skip, |entry| {
            listed.push(Listed::new(&directory, &entry));
            Ok(())
        })?;
    }
    Ok(listed)
}

/// Whether a visit reads bodies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bodies {
    Read,
    Skip,
}

/// One row of a visit.
pub(crate) struct Entry {
    pub seq: Option<u64>,
    pub record: Record,
    pub quarantined: Option<String>,
}

/// Show `see` every record of the spool in `directory`; nothing when there is no file yet.
pub(crate) fn visit(
    directory: &Path,
    bodies: Bodies,
    mut see: impl FnMut(Entry) -> Result<(), SpoolError>,
) -> Result<(), SpoolError> {
    let path = directory.join(file::FILE);
    if !path.exists() {
        return Ok(());
    }
    let at = |error: StoreError| SpoolError::disk(&path, error.reason);
    let sql_at = |error: rusqlite::Error| at(error.into());
    let connection = file::open_readonly(&path).map_err(at)?;
    if !has_tables(&connection).map_err(sql_at)? {
        return Ok(());
    }
    let columns = match bodies {
        Bodies::Read => sqlite::COLUMNS,
        Bodies::Skip => sqlite::COLUMNS_WITHOUT_BODY,
    };
    // One transaction: a record on its way to the quarantine is seen once.
    let transaction = connection.unchecked_transaction().map_err(sql_at)?;
    for sql in [
        format!("select seq, {columns}, null from payload order by seq"),
        format!("select null, {columns}, reason from quarantine order by at, fetch_id"),
    ] {
        let mut statement = transaction.prepare(&sql).map_err(sql_at)?;
        let mut rows = statement.query([]).map_err(sql_at)?;
        while let Some(row) = rows.next().map_err(sql_at)? {
            let entry = (|| {
                Ok(Entry {
                    seq: row.get::<_, Option<i64>>(0)?.map(i64::cast_unsigned),
                    record: sqlite::record(row, 1)?,
                    quarantined: row.get(13)?,
                })
            })()
            .map_err(sql_at)?;
            see(entry)?;
        }
    }
    Ok(())
}

impl Listed {
    pub(crate) fn new(directory: &Path, entry: &Entry) -> Self {
        let record = &entry.record;
        Self {
            spool: directory
                .file_name()
                .map(|name| name.to_string_lossy().into_owned())
                .unwrap_or_default(),
            seq: entry.seq,
            fetch_id: record.fetch_id,
            request: serde_json::from_str(&record.request).ok(),
            status: record.status,
            observed_at: record.observed_at,
            spooled_at: record.spooled_at,
            reconstructed: record.reconstructed,
            error: record.error.clone(),
            body_bytes: record.body_bytes,
            hash: record.hash.to_string(),
            quarantined: entry.quarantined.clone(),
        }
    }
}

/// A file whose owner has not finished making it has none.
fn has_tables(connection: &Connection) -> rusqlite::Result<bool> {
    let format: i64 = connection.query_row("pragma user_version", [], |row| row.get(0))?;
    Ok(format > 0)
}

fn count(found: &mut SpoolFile) -> Result<(), StoreError> {
    let path = found.directory.join(file::FILE);
    if !path.exists() {
        return Ok(());
    }
    let connection = file::open_readonly(&path)?;
    if !has_tables(&connection)? {
        return Ok(());
    }
    connection.query_row(
        "select (select count(*) from payload),
                (select coalesce(sum(stored_bytes), 0) from payload),
                (select observed_at from payload order by seq limit 1),
                (select count(*) from quarantine),
                (select coalesce(sum(value), 0) from counter where name = 'dropped')",
        [],
        |row| {
            found.depth = row.get::<_, i64>(0)?.cast_unsigned();
            found.bytes = row.get::<_, i64>(1)?.cast_unsigned();
            found.oldest = row
                .get::<_, Option<i64>>(2)?
                .map(DateTime::from_timestamp_nanos);
            found.quarantined = row.get::<_, i64>(3)?.cast_unsigned();
            found.dropped = row.get::<_, i64>(4)?.cast_unsigned();
            Ok(())
        },
    )?;
    Ok(())
}

fn damaged(directory: &Path) -> Result<Vec<PathBuf>, SpoolError> {
    let at = |error: std::io::Error| SpoolError::disk(directory, error);
    let mut damaged = Vec::new();
    for entry in fs::read_dir(directory).map_err(at)? {
        let path = entry.map_err(at)?.path();
        let aside = path
            .file_name()
            .and_then(|name| name.to_str())
            .is_some_and(|name| {
                name.starts_with("spool.db.corrupt-")
                    && !name.ends_with("-wal")
                    && !name.ends_with("-shm")
            });
        if aside {
            damaged.push(path);
        }
    }
    damaged.sort();
    Ok(damaged)
}
