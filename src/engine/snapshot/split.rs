//! Tickets and money of a side: the newest count, and those before it.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::domain::splits::{SplitKey, SplitValue};

/// Counts kept of a side, the newest: weeks of a feed that recounts every ten minutes and mostly repeats itself.
pub const SPLIT_POINTS: usize = 1_000;

/// A count and the moment it began to hold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SplitPoint {
    /// Market time.
    pub at: DateTime<Utc>,
    /// Shares and counts.
    pub value: SplitValue,
}

/// The splits of a side.
#[derive(Debug, Clone, PartialEq)]
pub struct SplitView {
    /// Series.
    pub key: SplitKey,
    /// The newest value.
    pub value: SplitValue,
    /// When it became so.
    pub at: DateTime<Utc>,
    /// Changes, oldest first, that one included; at most [`SPLIT_POINTS`]. Never empty.
    pub points: Arc<Vec<SplitPoint>>,
}

impl SplitView {
    /// A first count.
    pub fn new(key: SplitKey, value: SplitValue, at: DateTime<Utc>) -> Self {
        Self {
            key,
            value,
            at,
            points: Arc::new(vec![SplitPoint { at, value }]),
        }
    }

    /// Another count. One of a moment already passed takes its place among the earlier ones.
    pub fn change(&mut self, value: SplitValue, at: DateTime<Utc>) {
        let points = Arc::make_mut(&mut self.points);
        let place = points.partition_point(|point| point.at < at);
        if points.get(place).is_some_and(|point| point.at == at) {
            points.remove(place);
        }
        points.insert(place, SplitPoint { at, value });
        self.settle();
    }

    /// The stored counts take the place of those in memory; what came after them stays.
    pub fn load(&mut self, mut stored: Vec<SplitPoint>) {
        stored.sort_by_key(|point| point.at);
        stored.dedup_by_key(|point| point.at);
        let newest = stored.last().map(|point| point.at);
        let later = self.points.iter().filter(|point| Some(point.at) > newest);
        stored.extend(later.copied());
        if !stored.is_empty() {
            self.points = Arc::new(stored);
            self.settle();
        }
    }

    /// The count in force at a moment.
    pub fn at(&self, at: DateTime<Utc>) -> Option<SplitPoint> {
        let after = self.points.partition_point(|point| point.at <= at);
        self.points.get(after.checked_sub(1)?).copied()
    }

    /// What was known at a moment; none before the first count.
    pub fn until(&self, at: DateTime<Utc>) -> Option<Self> {
        if self.at <= at {
            return Some(self.clone());
        }
        let kept = self.points.partition_point(|point| point.at <= at);
        let last = *self.points.get(kept.checked_sub(1)?)?;
        Some(Self {
            key: self.key.clone(),
            value: last.value,
            at: last.at,
            points: Arc::new(self.points.iter().take(kept).copied().collect()),
        })
    }

    /// As many as are kept, and the newest in front.
    fn settle(&mut self) {
        let points = Arc::make_mut(&mut self.points);
        points.drain(..points.len().saturating_sub(SPLIT_POINTS));
        if let Some(last) = points.last() {
            (self.value, self.at) = (last.value, last.at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::game::GameId;
    use crate::domain::market::{Market, Period, Side};
    use crate::domain::source::Stream;

    fn value(tickets: f64) -> SplitValue {
        SplitValue {
            tickets_pct: Some(tickets),
            money_pct: Some(100.0 - tickets),
            tickets: None,
            money: None,
        }
    }

    fn second(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(second, 0).unwrap()
    }

    fn view() -> SplitView {
        let key = SplitKey {
            game_id: GameId::from_i64(1),
            stream: Stream::AnScoreboard,
            scope: "all".into(),
            market: Market::Moneyline,
            period: Period::Full,
            side: Side::Home,
        };
        SplitView::new(key, value(60.0), second(100))
    }

    #[test]
    fn counts_are_kept_in_order_and_read_at_any_moment() {
        let mut view = view();
        view.change(value(65.0), second(300));
        view.change(value(62.0), second(200));
        assert_eq!((view.at, view.value), (second(300), value(65.0)));
        let tickets = |at| view.at(second(at)).and_then(|p| p.value.tickets_pct);
        assert_eq!(
            [tickets(99), tickets(100), tickets(250), tickets(900)],
            [None, Some(60.0), Some(62.0), Some(65.0)]
        );
        let then = view.until(second(250)).unwrap();
        assert_eq!((then.at, then.points.len()), (second(200), 2));
        assert_eq!(view.until(second(99)), None);
        assert_eq!(view.until(second(900)).as_ref(), Some(&view));
        for n in 0..2_000 {
            view.change(value(50.0), second(1_000 + n));
        }
        assert_eq!(view.points.len(), SPLIT_POINTS);
        assert_eq!(view.at, second(2_999));
    }

    #[test]
    fn the_store_tells_what_was_before_and_memory_what_came_since() {
        let mut view = view();
        view.change(value(65.0), second(300));
        let stored = |at, tickets| SplitPoint {
            at: second(at),
            value: value(tickets),
        };
        view.load(vec![stored(100, 61.0), stored(20, 55.0)]);
        let read: Vec<_> = view
            .points
            .iter()
            .map(|p| (p.at.timestamp(), p.value.tickets_pct.unwrap()))
            .collect();
        assert_eq!(read, [(20, 55.0), (100, 61.0), (300, 65.0)]);
        view.load(vec![stored(400, 70.0)]);
        assert_eq!((view.at, view.points.len()), (second(400), 1));
        view.load(Vec::new());
        assert_eq!(view.points.len(), 1, "no word is no word against it");
    }
}
