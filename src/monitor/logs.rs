//! Log lines on their way to the log panel: cleaned, without secrets, over a bounded queue.

use std::fmt::{Debug, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::Utc;
use tokio::sync::mpsc;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

use crate::config::secrets::Secrets;
use crate::domain::clean::clean;
use crate::engine::event::{LogLine, Severity};

/// Longest message kept, characters.
const LONGEST: usize = 500;

/// A layer of `tracing` that copies lines to the panel and never waits.
#[derive(Debug)]
pub struct LogTap {
    lines: mpsc::Sender<LogLine>,
    dropped: Arc<AtomicU64>,
    secrets: Arc<Secrets>,
}

/// A tap, the lines it yields, and the count of those it dropped because `capacity` lines were waiting.
pub fn tap(
    capacity: usize,
    secrets: Arc<Secrets>,
) -> (LogTap, mpsc::Receiver<LogLine>, Arc<AtomicU64>) {
    let (lines, receiver) = mpsc::channel(capacity);
    let dropped = Arc::new(AtomicU64::new(0));
    let tap = LogTap {
        lines,
        dropped: Arc::clone(&dropped),
        secrets,
    };
    (tap, receiver, dropped)
}

impl<S: Subscriber> Layer<S> for LogTap {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        // Formatting for nobody would cost the most when lines come fastest.
        let Ok(place) = self.lines.try_reserve() else {
            self.dropped.fetch_add(1, Ordering::Relaxed);
            return;
        };
        let mut text = Text::default();
        event.record(&mut text);
        let metadata = event.metadata();
        let target = metadata.target();
        place.send(LogLine {
            at: Utc::now(),
            severity: severity(*metadata.level()),
            target: clean(target.strip_prefix("linetape::").unwrap_or(target), 80),
            message: clean(&self.secrets.redact(&text.whole()), LONGEST),
        });
    }
}

fn severity(level: Level) -> Severity {
    match level {
        Level::ERROR => Severity::Error,
        Level::WARN => Severity::Warning,
        Level::INFO => Severity::Info,
        _ => Severity::Debug,
    }
}

/// A message and its fields: `stored rows=5`.
#[derive(Default)]
struct Text {
    message: String,
    fields: String,
}

impl Text {
    fn whole(self) -> String {
        match (self.message.is_empty(), self.fields.is_empty()) {
            (_, true) => self.message,
            (true, false) => self.fields,
            (false, false) => format!("{} {}", self.message, self.fields),
        }
    }

    fn add(&mut self, field: &Field, value: &dyn Debug) {
        // Writing to a String cannot fail.
        if field.name() == "message" {
            let _ = write!(self.message, "{value:?}");
            return;
        }
        let gap = if self.fields.is_empty() { "" } else { " " };
        let _ = write!(self.fields, "{gap}{}={value:?}", field.name());
    }
}

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.add(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        // A text's quotes and escapes say nothing on a panel.
        self.add(field, &format_args!("{value}"));
    }
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;

    #[test]
    fn lines_that_come_too_fast_are_counted() {
        let (tap, mut lines, dropped) = tap(2, Arc::default());
        let subscriber = tracing_subscriber::registry().with(tap);
        tracing::subscriber::with_default(subscriber, || {
            tracing::warn!(target: "linetape::engine::hub", rows = 5, book = "DK", "stored");
            for _ in 0..4 {
                tracing::info!("more");
            }
        });
        let first = lines.try_recv().unwrap();
        assert_eq!(first.message, "stored rows=5 book=DK");
        assert_eq!(
            (first.severity, first.target.as_str()),
            (Severity::Warning, "engine::hub")
        );
        assert!(lines.try_recv().is_ok());
        assert!(lines.try_recv().is_err());
        assert_eq!(dropped.load(Ordering::Relaxed), 3);
    }
}
