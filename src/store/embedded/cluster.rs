//! Making the cluster, and the settings it runs with.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::domain::clean::clean;

use super::account::Account;
use super::error::EmbeddedError;
use super::home::{Home, PORT, make_private_dir, sync_dir, write_as};
use super::programs::Programs;

/// The superuser of the cluster. Never named like a schema: `"$user"` is first in the default `search_path`.
pub const OWNER: &str = "linetape_owner";

/// Beginning of the names of directories that initdb is working in.
const UNFINISHED: &str = "data.new-";

/// What is in the place of the cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum State {
    /// Nothing.
    Missing,
    /// A whole cluster of this major release, as `PG_VERSION` has it.
    Made(String),
    /// Files, but no whole cluster.
    Broken,
}

/// Look at `data`.
pub(super) fn state(data: &Path) -> Result<State, EmbeddedError> {
    let entries = match fs::read_dir(data) {
        Ok(mut entries) => entries.next().is_some(),
        Err(why) if why.kind() == std::io::ErrorKind::NotFound => return Ok(State::Missing),
        Err(why) => return Err(EmbeddedError::io("read", data)(why)),
    };
    if !entries {
        return Ok(State::Missing);
    }
    match fs::read_to_string(data.join("PG_VERSION")) {
        // initdb writes pg_control late: without it the directory is a torso.
        Ok(version) if data.join("global/pg_control").is_file() => {
            Ok(State::Made(version.trim().to_owned()))
        }
        Ok(_) => Ok(State::Broken),
        Err(why) if why.kind() == std::io::ErrorKind::NotFound => Ok(State::Broken),
        Err(why) => Err(EmbeddedError::io("read", &data.join("PG_VERSION"))(why)),
    }
}

/// Remove what a killed initdb of ours left. Called under the start lock, so none is at work.
pub(super) fn sweep(home: &Home) -> Result<(), EmbeddedError> {
    let entries = fs::read_dir(home.dir()).map_err(EmbeddedError::io("read", home.dir()))?;
    for entry in entries.filter_map(Result::ok) {
        if entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
            fs::remove_dir_all(entry.path()).map_err(EmbeddedError::io("remove", &entry.path()))?;
        }
    }
    Ok(())
}

/// Put a torso out of the way. It was not made by linetape's atomic start, so it is kept; returns where.
pub(super) fn move_aside(home: &Home) -> Result<PathBuf, EmbeddedError> {
    let seconds = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    let data = home.data();
    let aside = home.dir().join(format!("data.broken-{seconds}"));
    fs::rename(&data, &aside).map_err(EmbeddedError::io("move aside", &data))?;
    Ok(aside)
}

/// Make the cluster: beside its place, synced, then renamed into it, so that it is there whole or not at all.
pub(super) async fn init(
    home: &Home,
    account: &Account,
    programs: &Programs,
    socket_dir: &Path,
) -> Result<(), EmbeddedError> {
    let data = home.data();
    let beside = home
        .dir()
        .join(format!("{UNFINISHED}{}", std::process::id()));
    make_private_dir(&beside, account)?;
    let output = account
        .command(&programs.program("initdb"))
        .arg("-D")
        .arg(&beside)
        .args([
            "--username",
            OWNER,
            "--encoding",
            "UTF8",
            "--data-checksums",
        ])
        // The C collation is the same on every machine and does not change with the C library under an index.
        .args(["--locale", "C", "--lc-messages", "C"])
        // Whoever can enter the 0700 directory of the socket is the account itself, or root.
        .args([
            "--auth-local",
            "trust",
            "--auth-host",
            "reject",
            "--no-instructions",
        ])
        .kill_on_drop(true)
        .output()
        .await
        .map_err(EmbeddedError::io("run initdb for", &data))?;
    if !output.status.success() {
        let _ = fs::remove_dir_all(&beside);
        return Err(EmbeddedError::Init {
            data,
            output: last_lines(&String::from_utf8_lossy(&output.stderr)),
        });
    }
    let main = beside.join("postgresql.conf");
    let stock = fs::read_to_string(&main).map_err(EmbeddedError::io("read", &main))?;
    write_as(
        account,
        &main,
        &format!(
            "{stock}\n# linetape's settings; lines below this one win over them.\ninclude_if_exists = 'linetape.conf'\n"
        ),
    )?;
    configure(&beside, account, socket_dir)?;
    sync_dir(&beside)?;
    // An empty directory in its place is replaced; anything else makes this fail.
    fs::rename(&beside, &data).map_err(EmbeddedError::io("put the new cluster in", &data))?;
    sync_dir(home.dir())
}

/// Write linetape's settings. They are in a file, not on the command line, so that a start by hand has them too.
pub(super) fn configure(
    data: &Path,
    account: &Account,
    socket_dir: &Path,
) -> Result<(), EmbeddedError> {
    let path = data.join("linetape.conf");
    let text = settings(socket_dir);
    if fs::read_to_string(&path).is_ok_and(|now| now == text) {
        return Ok(());
    }
    write_as(account, &path, &text)
}

/// The settings. Memory is small: 18–29 MB and the buffers beside a program that should stay light.
fn settings(socket_dir: &Path) -> String {
    format!(
        "# Written by linetape at every start. Your own settings go to the end of postgresql.conf.
listen_addresses = ''
port = {PORT}
unix_socket_directories = '\"{}\"'
unix_socket_permissions = 0700
max_connections = 60
superuser_reserved_connections = 3
fsync = on
full_page_writes = on
synchronous_commit = on
shared_buffers = 64MB
work_mem = 8MB
maintenance_work_mem = 64MB
min_wal_size = 80MB
max_wal_size = 1GB
checkpoint_completion_target = 0.9
wal_compression = on
jit = off
logging_collector = off
log_min_messages = warning
log_checkpoints = off
log_autovacuum_min_duration = -1
log_line_prefix = '%m [%p] %q%u@%d '
log_timezone = 'UTC'
timezone = 'UTC'
",
        socket_dir.display()
    )
}

/// The last four lines that say something, in one.
pub(super) fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    if lines.is_empty() {
        return "it printed nothing".into();
    }
    let last = lines.len().saturating_sub(4);
    let last: Vec<&str> = lines.into_iter().skip(last).collect();
    clean(&last.join(" · "), 800)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_torso_is_told_from_a_cluster() {
        let root = tempfile::tempdir().unwrap();
        let data = root.path().join("data");
        assert_eq!(state(&data).unwrap(), State::Missing);
        fs::create_dir(&data).unwrap();
        assert_eq!(state(&data).unwrap(), State::Missing);
        fs::write(data.join("PG_VERSION"), "15\n").unwrap();
        assert_eq!(state(&data).unwrap(), State::Broken);
        fs::create_dir(data.join("global")).unwrap();
        fs::write(data.join("global/pg_control"), "").unwrap();
        assert_eq!(state(&data).unwrap(), State::Made("15".into()));
    }

    #[test]
    fn the_last_lines_are_one_line() {
        assert_eq!(last_lines("a\n\nb\nc\nd\ne\n"), "b · c · d · e");
        assert_eq!(last_lines(" \n"), "it printed nothing");
    }
}
