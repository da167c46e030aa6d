//! When linetape itself is wrong: a crash report in the state directory, a log line, and one line on stderr.

use std::backtrace::Backtrace;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::panic::PanicHookInfo;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::config::secrets::Secrets;
use crate::domain::clean::clean;

/// Take over what happens at a panic. Install it before the screen's own hook, which restores the terminal first.
pub fn install(crashes: PathBuf, secrets: Arc<Secrets>) {
    std::panic::set_hook(Box::new(move |info| {
        let now = Utc::now();
        let line = clean(&secrets.redact(&sentence(info)), 500);
        let backtrace = Backtrace::force_capture().to_string();
        let report = secrets
            .redact(&format!(
                "linetape {} crashed at {now}\n{line}\n\n{backtrace}\n",
                env!("CARGO_PKG_VERSION")
            ))
            .into_owned();
        let written = write(&crashes, now, &report);
        tracing::error!(target: "linetape::crash", "{line}");
        let mut stderr = std::io::stderr().lock();
        // A closed stderr must not turn one panic into two.
        let _ = match written {
            Ok(file) => writeln!(
                stderr,
                "linetape: {line}; a report is in {}",
                file.display()
            ),
            Err(error) => writeln!(
                stderr,
                "linetape: {line}; no report could be written ({error})"
            ),
        };
    }));
}

fn sentence(info: &PanicHookInfo<'_>) -> String {
    let payload = info.payload();
    let what = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message");
    let thread = std::thread::current();
    let thread = thread.name().unwrap_or("unnamed");
    match info.location() {
        Some(at) => format!(
            "this is a bug in linetape: {what} ({}:{}, thread {thread})",
            at.file(),
            at.line()
        ),
        None => format!("this is a bug in linetape: {what} (thread {thread})"),
    }
}

fn write(dir: &Path, now: DateTime<Utc>, report: &str) -> std::io::Result<PathBuf> {
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(dir)?;
    let file = dir.join(format!("crash-{}.txt", now.format("%Y%m%dT%H%M%S%.6fZ")));
    let mut out = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&file)?;
    out.write_all(report.as_bytes())?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn reports_are_private_and_never_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path().join("crashes");
        let now = Utc::now();
        let file = write(&dir, now, "why").unwrap();
        assert_eq!(
            std::fs::metadata(&file).unwrap().permissions().mode() & 0o777,
            0o600
        );
        assert!(write(&dir, now, "again").is_err());
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "why");
    }
}
