//! Reading and writing an open spool file.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, ErrorCode, OptionalExtension, Row, params};
use uuid::Uuid;

use super::file::settle;
use super::record::Record;
use super::store::{Fault, Head, Inserted, Quarantined, SpoolStore, StoreError, Totals};
use crate::domain::payload::PayloadHash;

/// Pages given back in one step: 16 MiB, a few milliseconds.
const COMPACT_PAGES: usize = 4_096;

/// Columns of a record, in the order [`record`] reads them.
pub(crate) const COLUMNS: &str = "fetch_id, version, request, status, observed_at, spooled_at, elapsed_ms, \
                                  reconstructed, error, hash, body_bytes, body";

/// As [`COLUMNS`], with an empty body: for lists.
pub(crate) const COLUMNS_WITHOUT_BODY: &str = "fetch_id, version, request, status, observed_at, spooled_at, \
                                               elapsed_ms, reconstructed, error, hash, body_bytes, x''";

/// An open spool file.
pub(crate) struct SqliteStore {
    connection: Connection,
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        let fault = match error.sqlite_error_code() {
            // A value the strict tables cannot hold: damage that the page checks did not see.
            None if matches!(
                error,
                rusqlite::Error::FromSqlConversionFailure(..)
                    | rusqlite::Error::InvalidColumnType(..)
                    | rusqlite::Error::IntegralValueOutOfRange(..)
            ) =>
            {
                Fault::Corrupt
            }
            Some(ErrorCode::DiskFull) => Fault::Full,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Fault::Busy,
            Some(ErrorCode::SystemIoFailure | ErrorCode::CannotOpen | ErrorCode::ReadOnly) => {
                Fault::Io
            }
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Fault::Corrupt,
            _ => Fault::Other,
        };
        Self {
            fault,
            reason: error.to_string(),
        }
    }
}

impl From<std::io::Error> for StoreError {
    fn from(error: std::io::Error) -> Self {
        let fault = match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Fault::Full,
            _ => Fault::Io,
        };
        Self {
            fault,
            reason: error.to_string(),
        }
    }
}

/// A record from a row whose columns from `first` on are [`COLUMNS`].
pub(crate) fn record(row: &Row<'_>, first: usize) -> rusqlite::Result<Record> {
    let hash: Vec<u8> = row.get(first + 9)?;
    let hash = PayloadHash::from_slice(&hash).ok_or(rusqlite::Error::InvalidColumnType(
        first + 9,
        "hash".into(),
        rusqlite::types::Type::Blob,
    ))?;
    let fetch_id: Vec<u8> = row.get(first)?;
    let fetch_id = Uuid::from_slice(&fetch_id).map_err(|_| {
        rusqlite::Error::InvalidColumnType(first, "fetch_id".into(), rusqlite::types::Type::Blob)
    })?;
    Ok(Record {
        fetch_id,
        version: row.get(first + 1)?,
        request: row.get(first + 2)?,
        status: row.get(first + 3)?,
        observed_at: DateTime::from_timestamp_nanos(row.get(first + 4)?),
        spooled_at: millis(row, first + 5)?,
        elapsed_ms: row.get(first + 6)?,
        reconstructed: row.get(first + 7)?,
        error: row.get(first + 8)?,
        hash,
        body_bytes: row.get::<_, i64>(first + 10)?.cast_unsigned(),
        body: row.get(first + 11)?,
    })
}

/// A stored time in milliseconds.
pub(crate) fn millis(row: &Row<'_>, index: usize) -> rusqlite::Result<DateTime<Utc>> {
    let value: i64 = row.get(index)?;
    DateTime::from_timestamp_millis(value)
        .ok_or(rusqlite::Error::IntegralValueOutOfRange(index, value))
}

/// Nanoseconds since 1970; [`Record::encode`] has refused what does not fit.
fn nanos(record: &Record) -> Result<i64, StoreError> {
    record.observed_at.timestamp_nanos_opt().ok_or(StoreError {
        fault: Fault::Other,
        reason: "the payload's time cannot be stored".into(),
    })
}

impl SqliteStore {
    /// A store over a connection whose tables are there.
    pub fn new(connection: Connection) -> Self {
        Self { connection }
    }

    /// Everything up to the commit is one transaction.
    fn begin(&self) -> Result<(), StoreError> {
        if self.connection.is_autocommit() {
            self.connection.execute_batch("begin immediate")?;
        }
        Ok(())
    }

    fn waiting(&self, fetch_id: Uuid) -> Result<Option<u64>, StoreError> {
        let seq: Option<i64> = self
            .connection
            .prepare_cached("select seq from payload where fetch_id = ?1")?
            .query_row([fetch_id.as_bytes().as_slice()], |row| row.get(0))
            .optional()?;
        Ok(seq.map(i64::cast_unsigned))
    }
}

impl SpoolStore for SqliteStore {
    fn insert(&mut self, record: &Record) -> Result<Inserted, StoreError> {
        self.begin()?;
        if let Some(seq) = self.waiting(record.fetch_id)? {
            return Ok(Inserted::Known(seq));
        }
        self.connection
            .prepare_cached(
                "insert into payload (fetch_id, version, request, status, observed_at, spooled_at, elapsed_ms,
                                      reconstructed, error, hash, body_bytes, body, stored_bytes)
                 values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
            )?
            .execute(params![
                record.fetch_id.as_bytes().as_slice(),
                record.version,
                record.request,
                record.status,
                nanos(record)?,
                record.spooled_at.timestamp_millis(),
                record.elapsed_ms,
                record.reconstructed,
                record.error,
                record.hash.0.as_slice(),
                record.body_bytes.cast_signed(),
                record.body,
                record.stored_bytes().cast_signed(),
            ])?;
        Ok(Inserted::New(
            self.connection.last_insert_rowid().cast_unsigned(),
        ))
    }

    fn remove(&mut self, seqs: &[u64]) -> Result<(u64, u64), StoreError> {
        self.begin()?;
        let mut delete = self
            .connection
            .prepare_cached("delete from payload where seq = ?1 returning stored_bytes")?;
        let mut removed = (0, 0);
        for seq in seqs {
            let bytes: Option<i64> = delete
                .query_row([seq.cast_signed()], |row| row.get(0))
                .optional()?;
            if let Some(bytes) = bytes {
                removed.0 += 1;
                removed.1 += bytes.cast_unsigned();
            }
        }
        Ok(removed)
    }

    fn put_aside(
        &mut self,
        seq: u64,
        reason: &str,
        at: DateTime<Utc>,
    ) -> Result<Option<u64>, StoreError> {
        self.begin()?;
        let sql = format!(
            "insert or ignore into quarantine ({COLUMNS}, reason, at)
             select {COLUMNS}, ?2, ?3 from payload where seq = ?1"
        );
        self.connection.prepare_cached(&sql)?.execute(params![
            seq.cast_signed(),
            reason,
            at.timestamp_millis()
        ])?;
        let (records, bytes) = self.remove(&[seq])?;
        Ok((records > 0).then_some(bytes))
    }

    fn count_dropped(&mut self, records: u64) -> Result<(), StoreError> {
        self.begin()?;
        self.connection
            .prepare_cached(
                "insert into counter (name, value) values ('dropped', ?1)
                 on conflict (name) do update set value = value + excluded.value",
            )?
            .execute([records.cast_signed()])?;
        Ok(())
    }

    fn insert_quarantined(&mut self, quarantined: &Quarantined) -> Result<bool, StoreError> {
        self.begin()?;
        let record = &quarantined.record;
        let sql = format!(
            "insert or ignore into quarantine ({COLUMNS}, reason, at)
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)"
        );
        let added = self.connection.prepare_cached(&sql)?.execute(params![
            record.fetch_id.as_bytes().as_slice(),
            record.version,
            record.request,
            record.status,
            nanos(record)?,
            record.spooled_at.timestamp_millis(),
            record.elapsed_ms,
            record.reconstructed,
            record.error,
            record.hash.0.as_slice(),
            record.body_bytes.cast_signed(),
            record.body,
            quarantined.reason,
            quarantined.at.timestamp_millis(),
        ])?;
        Ok(added > 0)
    }

    fn remove_quarantined(&mut self, fetch_id: Uuid) -> Result<(), StoreError> {
        self.begin()?;
        self.connection
            .prepare_cached("delete from quarantine where fetch_id = ?1")?
            .execute([fetch_id.as_bytes().as_slice()])?;
        Ok(())
    }

    fn commit(&mut self) -> Result<(), StoreError> {
        if !self.connection.is_autocommit() {
            self.connection.execute_batch("commit")?;
        }
        Ok(())
    }

    fn rollback(&mut self) {
        // SQLite has rolled back by itself after some errors; then there is nothing to do.
        if !self.connection.is_autocommit()
            && let Err(error) = self.connection.execute_batch("rollback")
        {
            tracing::debug!(%error, "rolling back in the spool failed");
        }
    }

    fn read(
        &mut self,
        after: u64,
        max_records: usize,
        max_bytes: u64,
    ) -> Result<Vec<(u64, Record)>, StoreError> {
        let sql =
            format!("select seq, {COLUMNS} from payload where seq > ?1 order by seq limit ?2");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let limit = i64::try_from(max_records.max(1)).unwrap_or(i64::MAX);
        let mut rows = statement.query(params![after.cast_signed(), limit])?;
        let mut read = Vec::new();
        let mut bytes = 0_u64;
        while let Some(row) = rows.next()? {
            let record = record(row, 1)?;
            bytes = bytes.saturating_add(record.body_bytes);
            if bytes > max_bytes && !read.is_empty() {
                break;
            }
            read.push((row.get::<_, i64>(0)?.cast_unsigned(), record));
        }
        Ok(read)
    }

    fn heads(&mut self, limit: usize) -> Result<Vec<Head>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "select seq, stored_bytes, observed_at, spooled_at from payload order by seq limit ?1",
        )?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let heads = statement
            .query_map([limit], |row| {
                Ok(Head {
                    seq: row.get::<_, i64>(0)?.cast_unsigned(),
                    stored_bytes: row.get::<_, i64>(1)?.cast_unsigned(),
                    observed_at: DateTime::from_timestamp_nanos(row.get(2)?),
                    spooled_at: millis(row, 3)?,
                })
            })?
            .collect::<Result<_, _>>()?;
        Ok(heads)
    }

    fn quarantined(&mut self, limit: usize) -> Result<Vec<Quarantined>, StoreError> {
        let sql =
            format!("select {COLUMNS}, reason, at from quarantine order by at, fetch_id limit ?1");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let quarantined = statement
            .query_map([limit], |row| {
                Ok(Quarantined {
                    record: record(row, 0)?,
                    reason: row.get(12)?,
                    at: millis(row, 13)?,
                })
            })?
            .collect::<Result<_, _>>()?;
        Ok(quarantined)
    }

    fn totals(&mut self) -> Result<Totals, StoreError> {
        let totals = self.connection.query_row(
            "select (select count(*) from payload),
                    (select coalesce(sum(stored_bytes), 0) from payload),
                    (select count(*) from quarantine),
                    (select coalesce(sum(value), 0) from counter where name = 'dropped'),
                    (select coalesce(max(seq), 0) from sqlite_sequence where name = 'payload')",
            [],
            |row| {
                let at = |index| row.get::<_, i64>(index).map(i64::cast_unsigned);
                Ok(Totals {
                    depth: at(0)?,
                    bytes: at(1)?,
                    quarantined: at(2)?,
                    dropped: at(3)?,
                    highest: at(4)?,
                })
            },
        )?;
        Ok(totals)
    }

    fn compact(&mut self) -> Result<bool, StoreError> {
        // Each row stepped frees one page; executing the statement once would free only one.
        let mut freed = 0;
        {
            let sql = format!("pragma incremental_vacuum({COMPACT_PAGES})");
            let mut statement = self.connection.prepare(&sql)?;
            let mut rows = statement.query([])?;
            while rows.next()?.is_some() {
                freed += 1;
            }
        }
        let left: i64 = self
            .connection
            .query_row("pragma freelist_count", [], |row| row.get(0))?;
        if left > 0 && freed > 0 {
            return Ok(true);
        }
        // The log kept its high-water mark too; a reader in the way only postpones this.
        match settle(&self.connection) {
            Err(error) if error.fault != Fault::Busy => Err(error),
            _ => Ok(false),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::file::{SqliteDisk, open_readonly};
    use super::super::record::tests::payload;
    use super::super::store::SpoolDisk;
    use super::*;

    fn record(n: u128, bytes: usize) -> Record {
        let mut body = vec![0; bytes];
        blake3::Hasher::new()
            .update(&n.to_be_bytes())
            .finalize_xof()
            .fill(&mut body);
        Record::encode(&payload(n, &body), Utc::now()).unwrap()
    }

    #[test]
    fn every_commit_is_an_fsync() {
        let directory = tempfile::tempdir().unwrap();
        for _ in 0..2 {
            let store = SqliteDisk::new(directory.path()).open(0).unwrap();
            let pragma = |name| -> String {
                let sql = format!("select cast({name} as text) from pragma_{name}");
                store
                    .connection
                    .query_row(&sql, [], |row| row.get(0))
                    .unwrap()
            };
            assert_eq!(pragma("journal_mode"), "wal");
            assert_eq!(pragma("synchronous"), "2", "full");
            assert_eq!(pragma("auto_vacuum"), "2", "incremental");
        }
    }

    #[test]
    fn a_full_file_is_a_clean_error_and_the_same_handle_goes_on() {
        let directory = tempfile::tempdir().unwrap();
        let mut store = SqliteDisk::new(directory.path()).open(0).unwrap();
        store.insert(&record(1, 1_000)).unwrap();
        store.commit().unwrap();
        let limit = |store: &SqliteStore, pages: u32| {
            store
                .connection
                .query_row(&format!("pragma max_page_count = {pages}"), [], |_| Ok(()))
                .unwrap();
        };
        limit(&store, 20);
        let error = store
            .insert(&record(2, 500_000))
            .and_then(|_| store.commit())
            .unwrap_err();
        assert_eq!(error.fault, Fault::Full);
        store.rollback();
        store.insert(&record(3, 1_000)).unwrap();
        store.commit().unwrap();
        limit(&store, 1_000_000);
        store.insert(&record(2, 500_000)).unwrap();
        store.commit().unwrap();
        let read = store.read(0, 10, u64::MAX).unwrap();
        let ids: Vec<u128> = read.iter().map(|(_, r)| r.fetch_id.as_u128()).collect();
        assert_eq!(ids, [1, 3, 2]);
    }

    #[test]
    fn places_begin_above_the_floor() {
        let directory = tempfile::tempdir().unwrap();
        let mut disk = SqliteDisk::new(directory.path());
        let mut store = disk.open(41).unwrap();
        assert_eq!(store.insert(&record(1, 10)), Ok(Inserted::New(42)));
        store.commit().unwrap();
        drop(store);
        let mut store = disk.open(7).unwrap();
        assert_eq!(store.insert(&record(2, 10)), Ok(Inserted::New(43)));
        assert_eq!(store.insert(&record(1, 10)), Ok(Inserted::Known(42)));
        store.commit().unwrap();
        drop(store);
        let mut store = disk.open(99).unwrap();
        assert_eq!(store.insert(&record(3, 10)), Ok(Inserted::New(100)));
    }

    #[test]
    fn what_is_not_committed_is_gone() {
        let directory = tempfile::tempdir().unwrap();
        let mut disk = SqliteDisk::new(directory.path());
        let mut store = disk.open(0).unwrap();
        store.insert(&record(1, 10)).unwrap();
        store.rollback();
        store.insert(&record(2, 10)).unwrap();
        drop(store);
        let mut store = disk.open(0).unwrap();
        assert_eq!(store.totals().unwrap().depth, 0);
    }

    #[test]
    fn the_log_goes_aside_with_its_file() {
        let directory = tempfile::tempdir().unwrap();
        let mut disk = SqliteDisk::new(directory.path());
        let mut store = disk.open(0).unwrap();
        store.insert(&record(1, 10)).unwrap();
        store.commit().unwrap();
        // The owner dies with the newest commit still in the log.
        std::mem::forget(store);
        let aside = disk.set_aside().unwrap();
        let connection = open_readonly(&aside).unwrap();
        let waiting: i64 = connection
            .query_row("select count(*) from payload", [], |row| row.get(0))
            .unwrap();
        assert_eq!(waiting, 1);
        assert_eq!(disk.open(0).unwrap().totals().unwrap().depth, 0);
    }
}
