//! Alerts where there is no screen: written into the log, as grave as their rule says.

use std::sync::Arc;
use std::time::Instant;

use chrono_tz::Tz;
use tokio::sync::watch;

use super::words;
use crate::domain::clean::clean;
use crate::engine::alert::{Call, News, Watchman};
use crate::engine::event::Severity;
use crate::engine::snapshot::Snapshot;

/// Longest sentence, characters.
const LONGEST: usize = 300;

/// What somebody is called for, as a sentence.
pub fn sentence(call: &Call<'_>) -> String {
    let said = match call.news {
        News::Signal(signal) => words::signal(signal, &call.game),
        News::Move(entry) => words::moved(entry),
    };
    let said = clean(&said, LONGEST);
    match call.more {
        0 => said,
        more => format!("{said} (and {more} more)"),
    }
}

/// Write it into the log.
pub fn log(call: &Call<'_>) {
    let said = sentence(call);
    match call.level {
        Severity::Debug | Severity::Info => tracing::info!("{said}"),
        Severity::Warning => tracing::warn!("{said}"),
        Severity::Error => tracing::error!("{said}"),
    }
}

/// Watch until nothing more is published, and write into the log what the rules call for.
pub async fn follow(
    mut snapshots: watch::Receiver<Arc<Snapshot>>,
    mut watchman: Watchman,
    zone: Tz,
) {
    let begun = Instant::now();
    loop {
        let snapshot = Arc::clone(&snapshots.borrow_and_update());
        for call in watchman.look(&snapshot, zone, begun.elapsed()) {
            log(&call);
        }
        if snapshots.changed().await.is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::snapshot::fixture;

    #[tokio::test]
    async fn what_the_rules_call_for_is_in_the_log_and_nothing_else() {
        use tracing_subscriber::layer::SubscriberExt as _;

        let (tap, mut lines, _) = crate::monitor::logs::tap(8, Arc::default());
        let listening = tracing::subscriber::set_default(tracing_subscriber::registry().with(tap));
        let before = fixture::snapshot();
        let mut after = before.clone();
        let mut news = before.tape[0].clone();
        (news.serial, news.at) = (news.serial + 1, before.now);
        Arc::make_mut(&mut after.tape).insert(0, news);
        let watchman = Watchman::new(&crate::config::settings::Alerts {
            rules: vec!["warning move".into(), "alarm signal".into()],
            ..Default::default()
        });
        let (sender, snapshots) = watch::channel(Arc::new(before));
        let following = follow(snapshots, watchman.unwrap(), Tz::UTC);
        let publishing = async {
            // What was there when the watch began is looked at first, and is no news.
            tokio::task::yield_now().await;
            sender.send(Arc::new(after)).unwrap();
            tokio::task::yield_now().await;
            drop(sender);
        };
        tokio::join!(following, publishing);
        drop(listening);
        let line = lines.try_recv().unwrap();
        assert_eq!(
            (line.severity, &*line.target),
            (Severity::Warning, "monitor::alert")
        );
        assert!(line.message.starts_with("MIA at BAL "), "{}", line.message);
        assert!(lines.try_recv().is_err());
    }

    #[test]
    fn what_calls_is_said_in_words() {
        let mut snapshot = fixture::snapshot();
        let signals = Arc::make_mut(&mut snapshot.signals);
        signals[0].reason = "3 books to −187\u{1b}[2J".into();
        let call = |news, more| Call {
            level: Severity::Error,
            game: "CHC @ MIL".into(),
            news,
            more,
            rings: true,
            desktop: false,
        };
        let said = sentence(&call(News::Signal(&snapshot.signals[0]), 4));
        assert!(
            said.ends_with(" CHC at MIL: 3 books to -187[2J (and 4 more)"),
            "{said}"
        );
        assert!(said.is_ascii(), "{said:?}");
        let entry = &snapshot.tape[0];
        let said = sentence(&call(News::Move(entry), 0));
        assert!(
            said.starts_with("MIA at BAL ") && said.contains(" to "),
            "{said}"
        );
    }
}
