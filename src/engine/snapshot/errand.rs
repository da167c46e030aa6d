//! Work under way as a screen shows it.

use chrono::{DateTime, Utc};

/// What kind of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrandKind {
    /// Feeds are asked because somebody wants it now.
    Refresh,
    /// Past days are fetched.
    Backfill,
    /// What is stored is read at a start.
    WarmUp,
    /// One game's stored history is read.
    History,
    /// A job is done by hand.
    Job,
}

impl ErrandKind {
    /// A word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Refresh => "refresh",
            Self::Backfill => "backfill",
            Self::WarmUp => "reading",
            Self::History => "history",
            Self::Job => "job",
        }
    }
}

/// One piece of work under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrandView {
    /// Number, for stopping it.
    pub id: u64,
    /// What kind.
    pub kind: ErrandKind,
    /// What it is about: a game, a range of days. Cleaned.
    pub what: String,
    /// What it does just now, where that is known. Cleaned.
    pub note: String,
    /// What of it was done before it began.
    pub before: u64,
    /// How much is done, that before included.
    pub done: u64,
    /// How much of that did not go well.
    pub failed: u64,
    /// How much there is to do; none where nobody knows.
    pub total: Option<u64>,
    /// When it began (engine's clock).
    pub started_at: DateTime<Utc>,
    /// When the last bit was done (engine's clock).
    pub stepped_at: Option<DateTime<Utc>>,
    /// Whether it can be stopped.
    pub cancellable: bool,
    /// Whether it was told to stop.
    pub stopping: bool,
}

impl ErrandView {
    /// `refresh MIA @ BAL`.
    pub fn title(&self) -> String {
        format!("{} {}", self.kind.as_str(), self.what)
    }

    /// How far it is, 0–1; none where nobody knows how much there is to do.
    pub fn share(&self) -> Option<f64> {
        let total = self.total.filter(|total| *total > 0)?;
        Some((self.done as f64 / total as f64).min(1.0))
    }

    /// Real seconds since it began, at `now`, where `speed` seconds of the engine's clock are one.
    pub fn elapsed_s(&self, now: DateTime<Utc>, speed: u32) -> u64 {
        let span = (now - self.started_at).num_seconds().max(0);
        span as u64 / u64::from(speed.max(1))
    }

    /// Real seconds left by the rate so far; none before the first bit, and where nobody knows how much there is.
    pub fn eta_s(&self, now: DateTime<Utc>, speed: u32) -> Option<u64> {
        let stepped = self.stepped_at?;
        let here = self.done.checked_sub(self.before).filter(|n| *n > 0)?;
        let left = self.total?.saturating_sub(self.done);
        let took = (stepped - self.started_at).num_milliseconds().max(0) as f64;
        let waited = (now - stepped).num_milliseconds().max(0) as f64;
        let left = (took / here as f64 * left as f64 - waited).max(0.0);
        Some((left / 1_000.0 / f64::from(speed.max(1))).ceil() as u64)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn time_left_follows_the_rate_of_what_was_done_here() {
        let start: DateTime<Utc> = "2025-07-12T20:00:00Z".parse().unwrap();
        let mut view = ErrandView {
            id: 1,
            kind: ErrandKind::Backfill,
            what: "mlb".into(),
            note: String::new(),
            before: 10,
            done: 10,
            failed: 0,
            total: Some(40),
            started_at: start,
            stepped_at: None,
            cancellable: true,
            stopping: false,
        };
        let at = |s| start + TimeDelta::seconds(s);
        assert_eq!(view.eta_s(at(5), 1), None, "nothing was done yet");
        (view.done, view.stepped_at) = (15, Some(at(50)));
        assert_eq!(view.eta_s(at(50), 1), Some(250));
        assert_eq!(
            view.eta_s(at(60), 1),
            Some(240),
            "it counts down in between"
        );
        assert_eq!(view.eta_s(at(50), 10), Some(25), "real seconds");
        assert_eq!(view.elapsed_s(at(60), 10), 6);
        view.total = None;
        assert_eq!((view.eta_s(at(60), 1), view.share()), (None, None));
    }
}
