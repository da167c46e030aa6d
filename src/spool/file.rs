//! The file on the disk: made, opened, checked, settled and set aside.

use std::fs;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OpenFlags, OptionalExtension};

use super::sqlite::SqliteStore;
use super::store::{Fault, SpoolDisk, StoreError};

/// Name of the file in a spool's directory.
pub(crate) const FILE: &str = "spool.db";

/// Format of the file. A later one is left alone.
const FORMAT: i64 = 1;

/// How long another connection (`linetape spool list`) may hold the file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

const SCHEMA: &str = "
    create table payload (
        seq           integer primary key autoincrement,
        fetch_id      blob    not null unique check (length(fetch_id) = 16),
        version       integer not null,
        spooled_at    integer not null, -- ms since 1970, this machine's clock
        observed_at   integer not null, -- ns since 1970, the engine's clock
        stored_bytes  integer not null check (stored_bytes >= 0),
        status        integer not null,
        elapsed_ms    integer not null,
        reconstructed integer not null check (reconstructed in (0, 1)),
        hash          blob    not null check (length(hash) = 32),
        body_bytes    integer not null check (body_bytes >= 0),
        error         text,
        request       text    not null, -- json
        body          blob    not null  -- zstd
    ) strict;
    create table quarantine (
        fetch_id      blob    primary key check (length(fetch_id) = 16),
        version       integer not null,
        spooled_at    integer not null,
        observed_at   integer not null,
        status        integer not null,
        elapsed_ms    integer not null,
        reconstructed integer not null,
        hash          blob    not null,
        body_bytes    integer not null,
        error         text,
        request       text    not null,
        body          blob    not null,
        reason        text    not null,
        at            integer not null  -- ms since 1970
    ) strict;
    create table counter (
        name  text    primary key,
        value integer not null
    ) strict;
";

/// The directory a spool file lives in.
#[derive(Debug)]
pub(crate) struct SqliteDisk {
    directory: PathBuf,
}

impl SqliteDisk {
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self {
            directory: directory.into(),
        }
    }
}

impl SpoolDisk for SqliteDisk {
    type Store = SqliteStore;

    fn open(&mut self, floor: u64) -> Result<SqliteStore, StoreError> {
        let path = self.path();
        // SQLite gives its -wal and -shm files the mode of the main file.
        fs::OpenOptions::new()
            .create(true)
            .append(true)
            .mode(0o600)
            .open(&path)?
            .set_permissions(fs::Permissions::from_mode(0o600))?;
        let connection = Connection::open(&path)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        // Read before anything is written: a later version's file must stay as it is.
        let found: i64 = connection.query_row("pragma user_version", [], |row| row.get(0))?;
        if found > FORMAT {
            return Err(StoreError {
                fault: Fault::Newer {
                    found,
                    known: FORMAT,
                },
                reason: "written by a later version".into(),
            });
        }
        if found == 0 {
            // Only takes effect before the first table.
            connection.execute_batch("pragma auto_vacuum = incremental")?;
        }
        connection.execute_batch(
            "pragma journal_mode = wal;
             pragma synchronous = full;
             pragma trusted_schema = off;
             pragma cell_size_check = on;
             pragma journal_size_limit = 67108864;",
        )?;
        if found == 0 {
            connection.execute_batch(&format!(
                "begin immediate; {SCHEMA} pragma user_version = {FORMAT}; commit"
            ))?;
            // The name of a new file is durable only once its directory is.
            fs::File::open(&self.directory)?.sync_all()?;
        } else {
            check(&connection)?;
        }
        settle(&connection)?;
        raise_sequence(&connection, floor)?;
        Ok(SqliteStore::new(connection))
    }

    fn set_aside(&mut self) -> Result<PathBuf, StoreError> {
        let path = self.path();
        let stamp = Utc::now().format("%Y%m%dT%H%M%S%.3fZ").to_string();
        let aside = suffixed(&path, &format!(".corrupt-{stamp}"));
        fs::rename(&path, &aside)?;
        // The write-ahead log holds the newest commits: it goes along, under the name SQLite will look for.
        match fs::rename(suffixed(&path, "-wal"), suffixed(&aside, "-wal")) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
        // The shared-memory index is rebuilt from the log, and a stale one would mislead the fresh file.
        match fs::remove_file(suffixed(&path, "-shm")) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
        Ok(aside)
    }

    fn free_bytes(&self) -> Option<u64> {
        let stat = rustix::fs::statvfs(&self.directory).ok()?;
        Some(stat.f_bavail.saturating_mul(stat.f_frsize))
    }

    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }

    fn path(&self) -> PathBuf {
        self.directory.join(FILE)
    }
}

/// `path` with `suffix` added to its last part.
pub(crate) fn suffixed(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Look for damage; a big file is read once, at about the speed of the disk.
fn check(connection: &Connection) -> Result<(), StoreError> {
    let verdict: String = connection.query_row("pragma quick_check(1)", [], |row| row.get(0))?;
    if verdict == "ok" {
        return Ok(());
    }
    Err(StoreError {
        fault: Fault::Corrupt,
        reason: verdict,
    })
}

/// Move the write-ahead log into the file and empty it. After a failed fsync the kernel may show pages that are not
/// on the disk: a log that went on behind such a hole would lose every later commit in a power cut. Copying makes
/// the pages dirty again, so that this fsync is about real writes.
pub(crate) fn settle(connection: &Connection) -> Result<(), StoreError> {
    let busy: i64 =
        connection.query_row("pragma wal_checkpoint(truncate)", [], |row| row.get(0))?;
    if busy == 0 {
        return Ok(());
    }
    Err(StoreError {
        fault: Fault::Busy,
        reason: "another program reads the spool file".into(),
    })
}

/// Sequence numbers of a fresh file begin above those given before: a reader's cursor stays true.
fn raise_sequence(connection: &Connection, floor: u64) -> Result<(), StoreError> {
    let floor = floor.cast_signed();
    let highest: Option<i64> = connection
        .query_row(
            "select seq from sqlite_sequence where name = 'payload'",
            [],
            |row| row.get(0),
        )
        .optional()?;
    match highest {
        None if floor > 0 => {
            connection.execute(
                "insert into sqlite_sequence (name, seq) values ('payload', ?1)",
                [floor],
            )?;
        }
        Some(highest) if highest < floor => {
            connection.execute(
                "update sqlite_sequence set seq = ?1 where name = 'payload'",
                [floor],
            )?;
        }
        _ => {}
    }
    Ok(())
}

/// Open a spool file for reading only, beside the process that owns it.
pub(crate) fn open_readonly(path: &Path) -> Result<Connection, StoreError> {
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.execute_batch("pragma trusted_schema = off; pragma cell_size_check = on")?;
    Ok(connection)
}
