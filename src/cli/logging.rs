//! Where log lines go: a daily file in the state directory, and the log panel. Never the screen.

use std::io::{self, Write};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use tokio::sync::mpsc;
use tracing_appender::non_blocking::WorkerGuard;
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Registry, fmt};

use super::context::Context;
use super::error::{CliError, Exit};
use crate::config::secrets::Secrets;
use crate::engine::event::LogLine;
use crate::engine::hub::task::LogFeed;
use crate::monitor::logs;

/// Lines that may wait for the hub; more are dropped and counted.
const PANEL_QUEUE: usize = 1_024;
/// Lines that may wait for the disk; more are dropped by the appender.
const FILE_QUEUE: usize = 16_384;

/// Logging under way. Keep it until the end: dropping it writes out what waits.
#[derive(Debug)]
pub struct Logging {
    /// Lines for the log panel.
    pub lines: mpsc::Receiver<LogLine>,
    /// Lines the panel lost because they came too fast.
    pub dropped: Arc<AtomicU64>,
    _guard: WorkerGuard,
}

impl Logging {
    /// The lines' way to the hub; a second call gives a way that never brings one.
    pub fn feed(&mut self) -> LogFeed {
        let (_, empty) = mpsc::channel(1);
        LogFeed {
            lines: std::mem::replace(&mut self.lines, empty),
            dropped: Arc::clone(&self.dropped),
        }
    }
}

/// Start logging as the settings and `-v` say. Once a process; fails when the directory cannot be written to.
pub fn start(context: &Context) -> Result<Logging, CliError> {
    let filter = filter(&context.settings.log.filter, context.verbose);
    let (subscriber, logging) = build(
        &context.paths.logs(),
        context.settings.log.keep_files,
        &filter,
        &context.secrets,
    )?;
    subscriber.try_init().map_err(|error| {
        CliError::new(
            Exit::Failure,
            format!("logging was started twice ({error})"),
        )
    })?;
    Ok(logging)
}

/// The filter, raised by `-v` (linetape's own modules) and `-vv` (to the finest).
fn filter(setting: &str, verbose: u8) -> String {
    match verbose {
        0 => setting.to_owned(),
        1 => format!("{setting},linetape=debug"),
        _ => format!("{setting},linetape=trace"),
    }
}

fn build(
    dir: &Path,
    keep_files: usize,
    filter: &str,
    secrets: &Arc<Secrets>,
) -> Result<(impl tracing::Subscriber + Send + Sync + use<>, Logging), CliError> {
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(dir)
        .map_err(|error| CliError::file(dir, "made", &error))?;
    let appender = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix("linetape")
        .filename_suffix("log")
        .max_log_files(keep_files)
        .build(dir)
        .map_err(|error| {
            let message = format!(
                "no log file can be opened in {}: {error}; check its owner and mode",
                dir.display()
            );
            CliError::new(Exit::Io, message)
        })?;
    let redacting = Redacting {
        inner: appender,
        secrets: Arc::clone(secrets),
    };
    let (writer, guard) = tracing_appender::non_blocking::NonBlockingBuilder::default()
        .buffered_lines_limit(FILE_QUEUE)
        .finish(redacting);
    let filter = EnvFilter::try_new(filter).map_err(|error| {
        CliError::new(
            Exit::Config,
            format!("log.filter is not understood: {error}"),
        )
    })?;
    let (tap, lines, dropped) = logs::tap(PANEL_QUEUE, Arc::clone(secrets));
    let subscriber = Registry::default()
        .with(filter)
        .with(fmt::layer().with_ansi(false).with_writer(writer))
        .with(tap);
    let logging = Logging {
        lines,
        dropped,
        _guard: guard,
    };
    Ok((subscriber, logging))
}

/// Takes secrets out of each line. The formatter hands over whole lines.
struct Redacting<W> {
    inner: W,
    secrets: Arc<Secrets>,
}

impl<W: Write> Write for Redacting<W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(line);
        self.inner
            .write_all(self.secrets.redact(&text).as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::settings::Settings;

    #[test]
    fn no_secret_reaches_the_file_or_the_panel() {
        let dir = tempfile::tempdir().unwrap();
        let mut settings = Settings::default();
        settings.sources.odds_api.key = Some("key-canary".to_owned().into());
        settings.database.url = Some("postgres://u:pass-canary@h/d".to_owned().into());
        let secrets = Arc::new(Secrets::of(
            &settings,
            &crate::config::environment::Environment::default(),
        ));
        let (subscriber, mut logging) = build(dir.path(), 2, &filter("warn", 1), &secrets).unwrap();
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!(target: "linetape::sources", url = "https://x/?apiKey=key-canary", "asked \u{1b}[2J");
            tracing::debug!(target: "linetape::store", "cannot reach postgres://u:pass-canary@h/d");
            tracing::info!(target: "sqlx", "below the filter");
        });
        let first = logging.lines.try_recv().unwrap();
        let second = logging.lines.try_recv().unwrap();
        assert!(logging.lines.try_recv().is_err());
        assert_eq!(
            (first.target.as_str(), second.target.as_str()),
            ("sources", "store")
        );
        drop(logging);
        let mut text = format!("{first:?}{second:?}");
        for entry in std::fs::read_dir(dir.path()).unwrap() {
            text += &std::fs::read_to_string(entry.unwrap().path()).unwrap();
        }
        assert_eq!(text.matches("<secret>").count(), 4, "{text}");
        assert!(!text.contains("canary"), "{text}");
        assert!(!text.contains('\u{1b}'), "{text}");
    }

    #[test]
    fn verbosity_raises_the_filter() {
        assert_eq!(filter("info", 0), "info");
        assert_eq!(filter("info", 1), "info,linetape=debug");
        assert_eq!(filter("info", 3), "info,linetape=trace");
    }
}
