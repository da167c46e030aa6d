//! Errands: work under way that somebody waits for. A refresh, a backfill, what is read at the start, a chart's history, a
//! job by hand are all one noun, so that every screen shows them alike and one key stops them.

use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::clock::Clock;
use super::hub::task::{HubHandle, HubMessage};
use super::snapshot::{ErrandKind, ErrandView};
use crate::domain::clean::clean;

/// Between two tellings: what begins and ends within it never shows, so that nothing flickers.
const TELL_EVERY: Duration = Duration::from_millis(200);
/// Longest note kept of a step, characters.
const NOTE: usize = 200;

/// What is under way, for whoever begins, stops or shows it.
#[derive(Debug, Clone)]
pub struct Errands {
    book: watch::Sender<Book>,
    clock: Clock,
}

#[derive(Debug, Default)]
struct Book {
    last: u64,
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    view: ErrandView,
    stop: Option<CancellationToken>,
}

impl Errands {
    /// Nothing under way.
    pub fn new(clock: Clock) -> Self {
        Self {
            book: watch::Sender::new(Book::default()),
            clock,
        }
    }

    /// Something begins: what it is about, how much there is to do where that is known, and what stops it where
    /// something can.
    pub fn begin(
        &self,
        kind: ErrandKind,
        what: &str,
        total: Option<u64>,
        stop: Option<CancellationToken>,
    ) -> Errand {
        let mut id = 0;
        self.book.send_modify(|book| {
            book.last += 1;
            id = book.last;
            let view = ErrandView {
                id,
                kind,
                what: clean(what, NOTE),
                note: String::new(),
                before: 0,
                done: 0,
                failed: 0,
                total,
                started_at: self.clock.now(),
                stepped_at: None,
                cancellable: stop.is_some(),
                stopping: false,
            };
            book.entries.push(Entry { view, stop });
        });
        Errand {
            id,
            kind,
            errands: self.clone(),
            begun: Instant::now(),
        }
    }

    /// Stop one. Fails with why it cannot be stopped.
    pub fn cancel(&self, id: u64) -> Result<String, String> {
        let mut outcome = Err("that is over already; nothing is left to stop".to_owned());
        self.book.send_modify(|book| {
            let Some(entry) = book.entries.iter_mut().find(|e| e.view.id == id) else {
                return;
            };
            let name = entry.view.title();
            outcome = match &entry.stop {
                None => Err(format!("{name} cannot be stopped; it ends by itself")),
                Some(stop) => {
                    stop.cancel();
                    entry.view.stopping = true;
                    Ok(format!("{name} stops; what is done stays"))
                }
            };
        });
        outcome
    }

    /// Tell the hub what is under way, until `stop`.
    pub async fn publish(self, hub: HubHandle, stop: CancellationToken) {
        let mut book = self.book.subscribe();
        let mut told = Vec::new();
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                changed = book.changed() => if changed.is_err() { return },
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(TELL_EVERY) => {}
            }
            let now: Vec<ErrandView> = {
                let book = book.borrow_and_update();
                book.entries.iter().map(|e| e.view.clone()).collect()
            };
            if now != told {
                told.clone_from(&now);
                hub.tell(HubMessage::Errands(now)).await;
            }
        }
    }

    fn change(&self, id: u64, change: impl FnOnce(&mut ErrandView)) {
        self.book.send_modify(|book| {
            if let Some(entry) = book.entries.iter_mut().find(|e| e.view.id == id) {
                change(&mut entry.view);
            }
        });
    }
}

/// One of them; over when it is dropped.
#[derive(Debug)]
pub struct Errand {
    id: u64,
    kind: ErrandKind,
    errands: Errands,
    begun: Instant,
}

impl Errand {
    /// Its number, for stopping it.
    pub const fn id(&self) -> u64 {
        self.id
    }

    /// How much there is to do is known now, and how much of it was done before it began.
    pub fn expect(&self, total: u64, before: u64) {
        self.errands.change(self.id, |view| {
            view.total = Some(total);
            view.before = before;
            view.done = view.done.max(before);
        });
    }

    /// So much is done.
    pub fn reach(&self, done: u64) {
        let now = self.errands.clock.now();
        self.errands.change(self.id, |view| {
            if done > view.done {
                view.stepped_at = Some(now);
            }
            view.done = done;
        });
    }

    /// One more is done, well or not.
    pub fn step(&self, well: bool) {
        let now = self.errands.clock.now();
        self.errands.change(self.id, |view| {
            view.stepped_at = Some(now);
            view.done += 1;
            view.failed += u64::from(!well);
        });
    }

    /// What is done just now.
    pub fn note(&self, text: &str) {
        self.errands
            .change(self.id, |view| view.note = clean(text, NOTE));
    }

    /// How long it has taken, real time.
    pub fn took(&self) -> Duration {
        self.begun.elapsed()
    }

    /// It is over: its last word, with the time it took.
    pub fn over(self, outcome: Result<String, String>) -> Result<String, String> {
        let took = self.took();
        let words = |text: String| format!("{}: {text} · took {}", self.kind.as_str(), span(took));
        outcome.map(words).map_err(words)
    }
}

impl Drop for Errand {
    fn drop(&mut self) {
        self.errands.book.send_modify(|book| {
            book.entries.retain(|entry| entry.view.id != self.id);
        });
    }
}

/// `0.4 s`, `12 s`, `3 min 20 s`.
pub fn span(took: Duration) -> String {
    let seconds = took.as_secs();
    match seconds {
        0..10 => format!("{:.1} s", took.as_secs_f64()),
        10..60 => format!("{seconds} s"),
        _ => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn views(errands: &Errands) -> Vec<ErrandView> {
        let book = errands.book.borrow();
        book.entries.iter().map(|e| e.view.clone()).collect()
    }

    #[test]
    fn an_errand_is_counted_stopped_and_over_when_dropped() {
        let errands = Errands::new(Clock::wall());
        let stop = CancellationToken::new();
        let refresh = errands.begin(ErrandKind::Refresh, "all feeds", None, Some(stop.clone()));
        let reading = errands.begin(ErrandKind::WarmUp, "charts", Some(8), None);
        refresh.expect(4, 0);
        refresh.step(true);
        refresh.step(false);
        let first = views(&errands).remove(0);
        assert_eq!((first.done, first.failed, first.total), (2, 1, Some(4)));
        let refused = errands.cancel(reading.id()).unwrap_err();
        assert_eq!(
            refused,
            "reading charts cannot be stopped; it ends by itself"
        );
        assert!(errands.cancel(refresh.id()).is_ok() && stop.is_cancelled());
        assert!(views(&errands)[0].stopping);
        let id = refresh.id();
        let said = refresh.over(Ok("an: 2 answers".into())).unwrap();
        assert!(
            said.starts_with("refresh: an: 2 answers · took 0."),
            "{said}"
        );
        assert!(errands.cancel(id).is_err(), "it is over");
        drop(reading);
        assert!(views(&errands).is_empty());
    }

    #[test]
    fn spans_read_as_people_say_them() {
        let text = |ms| span(Duration::from_millis(ms));
        assert_eq!(
            [text(400), text(12_300), text(200_000)],
            ["0.4 s", "12 s", "3 min 20 s"]
        );
    }
}
