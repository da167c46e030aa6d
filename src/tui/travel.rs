//! Time travel: the moment shown instead of now, and how it moves.

use std::cell::RefCell;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::engine::snapshot::{Chronicle, GameView, Revisit, Snapshot};

/// Speeds of playing, stored seconds in a real one.
pub const SPEEDS: [u32; 7] = [1, 10, 30, 60, 120, 300, 600];
/// Frames a second while playing: smooth enough for prices that change in steps.
const STEP: Duration = Duration::from_millis(100);
/// The shortest stretch worth a timeline.
const LEAST: TimeDelta = TimeDelta::minutes(15);

/// What is known of the past: the histories in the newest snapshot, and what was noted of the rest as it passed.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// The newest snapshot.
    pub live: &'a Arc<Snapshot>,
    /// What passed in this run.
    pub chronicle: &'a Chronicle,
}

/// A moment of the past on the screen.
#[derive(Debug, Clone)]
pub struct Travel {
    /// Left and right end of the timeline.
    pub span: (DateTime<Utc>, DateTime<Utc>),
    /// Stored seconds in a real one while playing.
    pub speed: u32,
    at: DateTime<Utc>,
    /// Real time up to which it has played; none while it stands.
    played: Option<Duration>,
    shown: Arc<Snapshot>,
    games: Revisit,
    /// The bars of the timeline, counted anew only when a price came.
    counted: RefCell<Option<Counted>>,
}

#[derive(Debug, Clone)]
struct Counted {
    games: Arc<Vec<Arc<GameView>>>,
    span: (DateTime<Utc>, DateTime<Utc>),
    counts: Arc<[u32]>,
}

impl Travel {
    /// Stand at `at` of what is known. None where nothing has happened yet.
    pub fn begin(known: Known<'_>, at: DateTime<Utc>) -> Option<Self> {
        let live = known.live;
        let (first, last) = live.span()?;
        let to = live.now.max(last);
        let span = (first.min(to - LEAST), to);
        let mut travel = Self {
            span,
            speed: 60,
            at: to,
            played: None,
            shown: Arc::clone(live),
            games: Revisit::default(),
            counted: RefCell::default(),
        };
        travel.go(known, at);
        Some(travel)
    }

    /// The moment shown.
    pub const fn at(&self) -> DateTime<Utc> {
        self.at
    }

    /// What was known then.
    pub const fn shown(&self) -> &Arc<Snapshot> {
        &self.shown
    }

    /// How many changes fell into each of `columns` equal parts of the span.
    pub fn activity(&self, live: &Snapshot, columns: usize) -> Arc<[u32]> {
        let mut counted = self.counted.borrow_mut();
        let same = counted.as_ref().filter(|c| {
            Arc::ptr_eq(&c.games, &live.games) && c.span == self.span && c.counts.len() == columns
        });
        if let Some(same) = same {
            return Arc::clone(&same.counts);
        }
        let (from, to) = self.span;
        let counts: Arc<[u32]> = live.activity(from, to, columns).into();
        *counted = Some(Counted {
            games: Arc::clone(&live.games),
            span: self.span,
            counts: Arc::clone(&counts),
        });
        counts
    }

    /// Whether it plays.
    pub const fn is_playing(&self) -> bool {
        self.played.is_some()
    }

    /// Go to a moment, at most to either end.
    pub fn go(&mut self, known: Known<'_>, at: DateTime<Utc>) {
        let live = known.live;
        // More of the past may have been read since.
        if let Some((first, _)) = live.span() {
            self.span.0 = self.span.0.min(first);
        }
        self.at = at.clamp(self.span.0, self.span.1);
        let mut shown = self.games.at(live, self.at);
        if self.at < live.now {
            known.chronicle.recall(&mut shown);
        }
        self.shown = Arc::new(shown);
    }

    /// To the change before or after this moment.
    pub fn step(&mut self, known: Known<'_>, forward: bool) {
        let (before, after) = known.live.beside(self.at);
        let target = if forward {
            after.unwrap_or(self.span.1)
        } else {
            before.unwrap_or(self.span.0)
        };
        self.go(known, target);
    }

    /// Play or stand. From the end it plays from the beginning.
    pub fn toggle(&mut self, known: Known<'_>, elapsed: Duration) {
        self.played = match self.played {
            Some(_) => None,
            None => Some(elapsed),
        };
        if self.played.is_some() && self.at >= self.span.1 {
            self.go(known, self.span.0);
        }
    }

    /// The next faster or slower speed.
    pub fn change_speed(&mut self, faster: bool) {
        let next = if faster {
            SPEEDS.iter().find(|speed| **speed > self.speed)
        } else {
            SPEEDS.iter().rev().find(|speed| **speed < self.speed)
        };
        self.speed = next.copied().unwrap_or(self.speed);
    }

    /// When it wants to move on by itself, since the screen opened.
    pub fn due(&self) -> Option<Duration> {
        self.played.map(|played| played + STEP)
    }

    /// Real time went on: whether another moment is shown. At the end it stands.
    pub fn play(&mut self, known: Known<'_>, elapsed: Duration) -> bool {
        let Some(played) = self.played.filter(|played| elapsed >= *played + STEP) else {
            return false;
        };
        let real = elapsed.saturating_sub(played);
        let passed = TimeDelta::from_std(real * self.speed).unwrap_or(TimeDelta::days(1));
        self.played = Some(elapsed);
        self.go(known, self.at + passed);
        if self.at >= self.span.1 {
            self.played = None;
        }
        true
    }
}

/// A moment as people type it: `19:42`, `19:42:07` (of the day of `now` in `zone`, the day before where that is still to
/// come), `2025-07-12 19:42`, `-2h`, `-30m`, or RFC 3339.
pub fn moment(
    text: &str,
    now: DateTime<Utc>,
    zone: chrono_tz::Tz,
) -> Result<DateTime<Utc>, &'static str> {
    const HOW: &str = "write 19:42, 2025-07-12 19:42, -2h or -30m";
    let text = text.trim();
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Ok(at.to_utc());
    }
    if let Some(ago) = text.strip_prefix(['-', '−']) {
        let unit = ago.chars().last().ok_or(HOW)?;
        let number: i64 = ago
            .strip_suffix(unit)
            .unwrap_or_default()
            .parse()
            .map_err(|_| HOW)?;
        let span = match unit {
            's' => TimeDelta::try_seconds(number),
            'm' => TimeDelta::try_minutes(number),
            'h' => TimeDelta::try_hours(number),
            'd' => TimeDelta::try_days(number),
            _ => None,
        };
        return span
            .and_then(|span| now.checked_sub_signed(span))
            .ok_or(HOW);
    }
    let time = |text: &str| {
        chrono::NaiveTime::parse_from_str(text, "%H:%M:%S")
            .or_else(|_| chrono::NaiveTime::parse_from_str(text, "%H:%M"))
    };
    let local = |day: chrono::NaiveDate, time| {
        let wall = day.and_time(time).and_local_timezone(zone);
        wall.earliest()
            .map(|at| at.to_utc())
            .ok_or("the clock skips this time of that day")
    };
    if let Some((day, clock)) = text.split_once([' ', 'T']) {
        let day = day.parse().map_err(|_| HOW)?;
        return local(day, time(clock.trim()).map_err(|_| HOW)?);
    }
    let clock = time(text).map_err(|_| HOW)?;
    let today = now.with_timezone(&zone).date_naive();
    let at = local(today, clock)?;
    if at <= now {
        return Ok(at);
    }
    local(today.pred_opt().unwrap_or(today), clock)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::settings::ThemeName;
    use crate::tui::fixture;

    fn live() -> Arc<Snapshot> {
        Arc::clone(&fixture::ui((120, 40), ThemeName::Dark).live)
    }

    #[test]
    fn every_price_is_the_one_of_that_moment() {
        let live = live();
        let (from, to) = live.span().unwrap();
        for share in 0..=20 {
            let at = from + (to - from) * share / 20;
            let past = live.at(at);
            for (then, now) in past.games.iter().zip(live.games.iter()) {
                let known = now.series.iter().filter(|s| s.points.at(at).is_some());
                let changed_later =
                    |key| now.series.iter().any(|s| s.key == key && s.changed_at > at);
                assert_eq!(then.series.len(), known.count());
                for series in &then.series {
                    assert!(series.changed_at <= at && series.points.iter().all(|p| p.at <= at));
                    if changed_later(series.key.clone()) {
                        assert_eq!(series.points.last().unwrap().price, series.price);
                    }
                }
            }
            assert!(past.tape.iter().all(|entry| entry.at <= at));
            assert!(past.tape.is_sorted_by(|a, b| a.at >= b.at));
            assert!(past.signals.iter().all(|signal| signal.at <= at));
        }
    }

    #[test]
    fn a_game_in_which_nothing_happened_is_not_made_again() {
        let live = live();
        let (from, to) = live.span().unwrap();
        let mut revisit = Revisit::default();
        let mut kept = 0;
        let mut last: Option<Snapshot> = None;
        for share in (0..=100).chain((0..=100).rev()) {
            let at = from + (to - from) * share / 100;
            let shown = revisit.at(&live, at);
            let alone = live.at(at);
            for (game, alone) in shown.games.iter().zip(alone.games.iter()) {
                // All but when it was confirmed, which within the stretch is always.
                for (a, b) in game.series.iter().zip(&alone.series) {
                    assert_eq!((&a.key, &a.price), (&b.key, &b.price), "{at}");
                    assert_eq!((a.changed_at, a.opening), (b.changed_at, b.opening), "{at}");
                    assert!(a.points.iter().eq(b.points.iter()), "{at}");
                    assert_eq!(a.seen_at.min(at), b.seen_at, "{at}");
                }
                assert_eq!(game.series.len(), alone.series.len(), "{at}");
                assert_eq!(game.splits, alone.splits, "{at}");
                assert_eq!(
                    (game.status, game.score),
                    (alone.status, alone.score),
                    "{at}"
                );
                assert_eq!(game.changed_at, alone.changed_at, "{at}");
            }
            assert_eq!(shown.tape, alone.tape, "{at}");
            let same = |n: usize| {
                let before = last.as_ref()?.games.get(n)?;
                Some(Arc::ptr_eq(before, shown.games.get(n)?))
            };
            kept += (0..shown.games.len())
                .filter(|n| same(*n) == Some(true))
                .count();
            last = Some(shown);
        }
        assert!(kept > 100, "only {kept} were kept");
    }

    #[test]
    fn a_move_keeps_its_number_when_others_come() {
        let live = live();
        let now = crate::engine::snapshot::newest_moves(&live.games);
        let earlier = live.at(now[now.len() / 2].at);
        let then = crate::engine::snapshot::newest_moves(&earlier.games);
        assert!(then.len() > 1 && now.first() != then.first());
        for entry in &then {
            let same = now.iter().find(|e| e.serial == entry.serial);
            assert!(same.is_none_or(|same| (same.at, same.after) == (entry.at, entry.after)));
        }
        assert!(
            then.iter()
                .any(|entry| now.iter().any(|e| e.serial == entry.serial))
        );
        let numbers: std::collections::HashSet<u64> = now.iter().map(|e| e.serial).collect();
        assert_eq!(numbers.len(), now.len(), "and no two have one");
    }

    #[test]
    fn steps_go_from_change_to_change_and_back() {
        let (live, chronicle) = (live(), Chronicle::default());
        let known = Known {
            live: &live,
            chronicle: &chronicle,
        };
        let mut travel = Travel::begin(known, live.now).unwrap();
        travel.step(known, false);
        let newest = travel.at();
        assert!(newest < live.now);
        travel.step(known, false);
        assert!(travel.at() < newest);
        travel.step(known, true);
        assert_eq!(travel.at(), newest);
    }

    #[test]
    fn playing_moves_by_its_speed_and_stands_at_the_end() {
        let (live, chronicle) = (live(), Chronicle::default());
        let known = Known {
            live: &live,
            chronicle: &chronicle,
        };
        let mut travel = Travel::begin(known, live.now - TimeDelta::hours(1)).unwrap();
        let begun = travel.at();
        travel.toggle(known, Duration::ZERO);
        assert!(!travel.play(known, Duration::from_millis(50)), "too early");
        assert!(travel.play(known, Duration::from_secs(2)));
        assert_eq!(travel.at() - begun, TimeDelta::seconds(120));
        travel.change_speed(true);
        assert_eq!(travel.speed, 120);
        assert!(travel.play(known, Duration::from_secs(3_600)));
        assert_eq!(travel.at(), travel.span.1);
        assert!(!travel.is_playing());
    }

    #[test]
    fn moments_are_read_as_people_write_them() {
        let now: DateTime<Utc> = "2025-07-12T23:42:00Z".parse().unwrap();
        let zone = chrono_tz::US::Eastern;
        let read = |text| moment(text, now, zone).map(|at| at.to_string());
        assert_eq!(read("19:05").unwrap(), "2025-07-12 23:05:00 UTC");
        // Still to come today, so it was yesterday.
        assert_eq!(read("22:00").unwrap(), "2025-07-12 02:00:00 UTC");
        assert_eq!(read("2025-07-01 12:00").unwrap(), "2025-07-01 16:00:00 UTC");
        assert_eq!(read("-2h").unwrap(), "2025-07-12 21:42:00 UTC");
        assert_eq!(
            read("2025-07-12T20:00:00Z").unwrap(),
            "2025-07-12 20:00:00 UTC"
        );
        for wrong in [
            "",
            "-",
            "noon",
            "25:00",
            "-2x",
            "2025-13-01 10:00",
            "-999999999999999d",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
