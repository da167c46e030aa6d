//! Payloads as plain files: for a look, for a repair by hand, for a machine without this database.

use std::fs::{DirBuilder, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use serde::Serialize;

use super::directory;
use super::error::SpoolError;
use super::listing::{Bodies, Entry, Listed, visit};

/// What an export wrote.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Exported {
    /// Lines of `index.ndjson`.
    pub payloads: u64,
    /// Files in `bodies/`: identical bodies share one.
    pub bodies: u64,
    /// Payloads whose body could not be read back; their lines say why.
    pub damaged: u64,
}

/// One line of `index.ndjson`.
#[derive(Serialize)]
struct Line<'a> {
    #[serde(flatten)]
    listed: &'a Listed,
    /// File of the body, relative to the index.
    body: Option<String>,
    /// Why there is no body.
    problem: Option<String>,
}

/// Write every payload in every spool of the database with this fingerprint to `out_dir`: `index.ndjson`, one line a
/// payload in queue order, and `bodies/<blake3>`, byte for byte as received. The spool stays as it is. An
/// `index.ndjson` already there is refused.
pub fn export(root: &Path, fingerprint: &str, out_dir: &Path) -> Result<Exported, SpoolError> {
    let bodies = out_dir.join("bodies");
    let index_path = out_dir.join("index.ndjson");
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&bodies)
        .map_err(|error| SpoolError::disk(&bodies, error))?;
    let at_index = |error: io::Error| SpoolError::disk(&index_path, error);
    let index = private(&index_path).map_err(at_index)?;
    let mut index = BufWriter::new(index);
    let mut exported = Exported::default();
    for directory in directory::all(root, fingerprint)? {
        visit(&directory, Bodies::Read, |entry| {
            let (body, problem) = write_body(&entry, &bodies, &mut exported)?;
            let listed = Listed::new(&directory, &entry);
            let line = Line {
                listed: &listed,
                body,
                problem,
            };
            serde_json::to_writer(&mut index, &line)
                .map_err(io::Error::from)
                .and_then(|()| index.write_all(b"\n"))
                .map_err(at_index)?;
            exported.payloads += 1;
            Ok(())
        })?;
    }
    index.flush().map_err(at_index)?;
    index.get_ref().sync_all().map_err(at_index)?;
    Ok(exported)
}

fn write_body(
    entry: &Entry,
    bodies: &Path,
    exported: &mut Exported,
) -> Result<(Option<String>, Option<String>), SpoolError> {
    let payload = match entry.record.decode() {
        Ok(payload) => payload,
        Err(problem) => {
            exported.damaged += 1;
            return Ok((None, Some(problem)));
        }
    };
    let name = payload.hash.to_string();
    let path = bodies.join(&name);
    match private(&path) {
        Ok(mut file) => {
            file.write_all(&payload.body)
                .and_then(|()| file.sync_all())
                .map_err(|error| SpoolError::disk(&path, error))?;
            exported.bodies += 1;
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(SpoolError::disk(&path, error)),
    }
    Ok((Some(format!("bodies/{name}")), None))
}

fn private(path: &Path) -> io::Result<std::fs::File> {
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
}
