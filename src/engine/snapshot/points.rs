//! The points of a series: changes, oldest first.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::domain::series::Price;

/// A price and the moment it began.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Market time.
    pub at: DateTime<Utc>,
    /// Price.
    pub price: Price,
}

/// Points, oldest first. A clone shares them all; adding to a clone copies at most one chunk.
#[derive(Debug, Clone, Default)]
pub struct PointLog {
    sealed: Arc<Vec<Arc<[Point]>>>,
    tail: Arc<Vec<Point>>,
}

/// Points in a sealed chunk.
const CHUNK: usize = 64;

impl PointLog {
    /// From points in any order; of equal times the first stays.
    pub fn from_points(mut points: Vec<Point>) -> Self {
        points.sort_by_key(|p| p.at);
        points.dedup_by_key(|p| p.at);
        let tail_from = points.len() - points.len() % CHUNK;
        let tail = points.split_off(tail_from);
        let sealed = points.chunks(CHUNK).map(Arc::from).collect();
        Self {
            sealed: Arc::new(sealed),
            tail: Arc::new(tail),
        }
    }

    /// Number of points.
    pub fn len(&self) -> usize {
        self.sealed.len() * CHUNK + self.tail.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The oldest point.
    pub fn first(&self) -> Option<&Point> {
        let oldest = self.sealed.first().and_then(|chunk| chunk.first());
        oldest.or_else(|| self.tail.first())
    }

    /// The newest point.
    pub fn last(&self) -> Option<&Point> {
        self.tail
            .last()
            .or_else(|| self.sealed.last().and_then(|chunk| chunk.last()))
    }

    /// Every point, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Point> {
        self.sealed
            .iter()
            .flat_map(|chunk| chunk.iter())
            .chain(self.tail.iter())
    }

    /// The point of an index, counted from the oldest.
    pub fn get(&self, index: usize) -> Option<&Point> {
        let tail = self.sealed.len() * CHUNK;
        match index.checked_sub(tail) {
            Some(index) => self.tail.get(index),
            None => self.sealed.get(index / CHUNK)?.get(index % CHUNK),
        }
    }

    /// The point in force at `at`: the latest that began no later.
    pub fn at(&self, at: DateTime<Utc>) -> Option<&Point> {
        let (piece, index) = self.place(at)?;
        self.piece(piece).get(index)
    }

    /// From the point in force at `at` on, oldest first; all of them where none was in force yet.
    pub fn since(&self, at: DateTime<Utc>) -> impl Iterator<Item = &Point> {
        let (piece, index) = self.place(at).unwrap_or_default();
        let begun = self.piece(piece).get(index..).unwrap_or_default();
        begun.iter().chain(self.pieces_from(piece + 1))
    }

    /// The newest change before `at`, and the oldest after it.
    pub fn beside(&self, at: DateTime<Utc>) -> (Option<DateTime<Utc>>, Option<DateTime<Utc>>) {
        let Some((piece, index)) = self.place(at) else {
            return (None, self.first().map(|point| point.at));
        };
        let index = piece * CHUNK + index;
        let change = |index: usize| self.get(index).map(|point| point.at);
        // No two points are of one moment.
        let before = change(index).filter(|before| *before < at);
        let before = before.or_else(|| change(index.checked_sub(1)?));
        (before, change(index + 1))
    }

    /// The first moment from which on the other one is not the same; none where it is the same throughout. What both
    /// share in memory is not looked at.
    pub fn parting(&self, other: &Self) -> Option<DateTime<Utc>> {
        if Arc::ptr_eq(&self.sealed, &other.sealed) && Arc::ptr_eq(&self.tail, &other.tail) {
            return None;
        }
        let both = self.sealed.iter().zip(other.sealed.iter());
        let shared = both.take_while(|(a, b)| Arc::ptr_eq(a, b)).count();
        let (mut here, mut there) = (self.pieces_from(shared), other.pieces_from(shared));
        loop {
            match (here.next(), there.next()) {
                (Some(one), Some(other)) if one == other => {}
                (one, other) => return one.into_iter().chain(other).map(|p| p.at).min(),
            }
        }
    }

    fn pieces_from(&self, piece: usize) -> impl Iterator<Item = &Point> {
        (piece..=self.sealed.len()).flat_map(|piece| self.piece(piece))
    }

    /// For somebody who asks for ever earlier moments.
    pub fn rewind(&self) -> Rewind<'_> {
        Rewind {
            log: self,
            piece: self.sealed.len(),
            until: self.tail.len(),
        }
    }

    /// The sealed chunks, then the tail.
    fn piece(&self, index: usize) -> &[Point] {
        self.sealed.get(index).map_or(&self.tail, |chunk| chunk)
    }

    /// Piece and index of the point in force at `at`.
    fn place(&self, at: DateTime<Utc>) -> Option<(usize, usize)> {
        let begun = |piece: &[Point]| piece.first().is_some_and(|p| p.at <= at);
        let piece = if begun(&self.tail) {
            self.sealed.len()
        } else {
            let after = self.sealed.partition_point(|chunk| begun(chunk));
            after.checked_sub(1)?
        };
        let after = self.piece(piece).partition_point(|p| p.at <= at);
        Some((piece, after.checked_sub(1)?))
    }

    /// The points that began no later than `at`; what lies in whole chunks is shared.
    #[must_use]
    pub fn until(&self, at: DateTime<Utc>) -> Self {
        if self.last().is_none_or(|last| last.at <= at) {
            return self.clone();
        }
        let whole = self
            .sealed
            .partition_point(|chunk| chunk.last().is_some_and(|p| p.at <= at));
        // The chunk that holds the moment, or what was not sealed yet.
        let part: &[Point] = self.sealed.get(whole).map_or(&self.tail, |chunk| chunk);
        let kept = part.partition_point(|p| p.at <= at);
        let sealed = if whole == self.sealed.len() {
            Arc::clone(&self.sealed)
        } else {
            Arc::new(self.sealed.iter().take(whole).cloned().collect())
        };
        Self {
            sealed,
            tail: Arc::new(part.iter().take(kept).copied().collect()),
        }
    }

    /// Add a point; one out of order is put in its place.
    pub fn push(&mut self, point: Point) {
        if self.last().is_some_and(|last| last.at >= point.at) {
            let mut points: Vec<Point> = self.iter().copied().collect();
            points.retain(|p| p.at != point.at);
            points.push(point);
            *self = Self::from_points(points);
            return;
        }
        let tail = Arc::make_mut(&mut self.tail);
        tail.push(point);
        if tail.len() == CHUNK {
            Arc::make_mut(&mut self.sealed).push(tail.as_slice().into());
            tail.clear();
        }
    }
}

/// A way back through a log: each moment is looked for from where the one before it was found.
#[derive(Debug, Clone)]
pub struct Rewind<'a> {
    log: &'a PointLog,
    piece: usize,
    /// Points of the piece that still come into question.
    until: usize,
}

impl<'a> Rewind<'a> {
    /// The point in force at `at`, which must not be later than the moment asked for before.
    pub fn to(&mut self, at: DateTime<Utc>) -> Option<&'a Point> {
        loop {
            let piece = self.log.piece(self.piece);
            let open = piece.get(..self.until).unwrap_or(piece);
            if open.first().is_none_or(|first| first.at > at) {
                self.piece = self.piece.checked_sub(1)?;
                self.until = CHUNK;
                continue;
            }
            // The moments lie close together, so that the next point is a few steps away in memory.
            if let Some(index) = open.iter().rposition(|p| p.at <= at) {
                self.until = index + 1;
                return open.get(index);
            }
            self.piece = self.piece.checked_sub(1)?;
            self.until = CHUNK;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::market::QuoteStatus;
    use crate::domain::odds::Odds;

    fn point(second: i64, american: i64) -> Point {
        Point {
            at: DateTime::from_timestamp(second, 0).unwrap(),
            price: Price {
                line: None,
                odds: Odds::american(american).ok(),
                status: QuoteStatus::Open,
            },
        }
    }

    #[test]
    fn points_in_any_order_read_the_same() {
        let forward: PointLog = (0..200).fold(PointLog::default(), |mut log, n| {
            log.push(point(n, 100 + n));
            log
        });
        let backward = (0..200).rev().fold(PointLog::default(), |mut log, n| {
            log.push(point(n, 100 + n));
            log
        });
        assert_eq!(forward.len(), 200);
        assert!(forward.iter().eq(backward.iter()));
        for n in [0, 63, 64, 65, 150, 199] {
            assert_eq!(forward.at(point(n, 100).at), Some(&point(n, 100 + n)));
        }
        let mut back = forward.rewind();
        for n in (-2..230).rev() {
            let at = point(n, 100).at;
            assert_eq!(back.to(at), forward.at(at), "{n}");
            assert_eq!(back.to(at), forward.at(at), "asked twice: {n}");
            let from = forward.at(at).map_or(DateTime::UNIX_EPOCH, |p| p.at);
            let since = forward.iter().filter(|p| p.at >= from);
            assert!(forward.since(at).eq(since), "{n}");
            let before = forward.iter().rev().find(|p| p.at < at);
            let after = forward.iter().find(|p| p.at > at);
            let beside = (before.map(|p| p.at), after.map(|p| p.at));
            assert_eq!(forward.beside(at), beside, "{n}");
        }
        assert_eq!(forward.first(), forward.iter().next());
        assert!(
            (0..201)
                .map(|n| forward.get(n))
                .eq(forward.iter().map(Some).chain([None]))
        );
        assert_eq!(forward.at(point(-1, 100).at), None);
        assert_eq!(forward.at(point(900, 100).at), forward.last());
        for n in [-1, 0, 62, 63, 64, 127, 128, 198, 199, 500] {
            let until = forward.until(point(n, 100).at);
            let kept = forward.iter().filter(|p| p.at <= point(n, 100).at);
            assert!(until.iter().eq(kept), "{n}");
            let mut further = until.clone();
            further.push(point(900, 100));
            assert_eq!(further.len(), until.len() + 1);
            assert_eq!(until.parting(&until.clone()), None);
            assert_eq!(until.parting(&further), Some(point(900, 100).at));
            let cut = (n < 199).then(|| point(n + 1, 100).at);
            assert_eq!(forward.parting(&until), cut, "{n}");
            assert_eq!(backward.parting(&until), cut, "no memory is shared: {n}");
            let mut early = further.clone();
            early.push(point(-5, 100));
            assert_eq!(early.parting(&further), Some(point(-5, 100).at));
        }
    }
}
