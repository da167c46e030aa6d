//! Columns already worked out: a frame works out those in which something changed, and those that came into view. Live that
//! is the last one, and going through the past, too: what was before a moment is the same at every moment after it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};

use super::strip::Strip;
use super::subject::{Pin, Subject};
use super::window::Window;
use crate::engine::board::{Pairs, ShopId, Speaker};
use crate::engine::snapshot::PointLog;
use crate::tui::widget::step_chart::{Column, Level};

/// Charts remembered: two beside each other, and those before a step there and back.
const MOST: usize = 4;

/// What columns are of.
#[derive(Debug, PartialEq, Eq)]
struct Asked {
    chart: Pin,
    by_line: bool,
    /// Length of a column, and where the first one began.
    grid: (i64, i64),
}

/// The columns of a chart.
#[derive(Debug)]
pub(super) struct Sheet {
    asked: Asked,
    books: HashMap<ShopId, Book>,
    /// Of the shops' middle.
    pub(super) middle: Middle,
}

impl Sheet {
    /// The columns of a book.
    pub(super) fn book(&mut self, shop: &ShopId) -> &mut Book {
        self.books.entry(shop.clone()).or_default()
    }
}

/// The charts of the last frames. Copies share them.
#[derive(Debug, Clone, Default)]
pub(super) struct Memo(Arc<Mutex<Vec<Sheet>>>);

impl Memo {
    /// Take out the sheet of a chart, to be put back.
    pub(super) fn take(&self, subject: &Subject<'_>, by_line: bool, window: Window) -> Sheet {
        let asked = Asked {
            chart: subject.pin(),
            by_line,
            grid: window.grid(),
        };
        let mut sheets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = sheets.iter().position(|sheet| sheet.asked == asked);
        match known {
            Some(at) => sheets.remove(at),
            None => Sheet {
                asked,
                books: HashMap::new(),
                middle: Middle::default(),
            },
        }
    }

    /// Put a sheet back.
    pub(super) fn put(&self, sheet: Sheet) {
        let mut sheets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sheets.insert(0, sheet);
        sheets.truncate(MOST);
    }
}

/// What a speaker had said.
#[derive(Debug, Clone, Default)]
struct Said {
    points: PointLog,
    earlier: PointLog,
}

impl Said {
    fn of(speaker: &Speaker<'_>) -> Self {
        let earlier = speaker.earlier.map(|series| series.points.clone());
        Self {
            points: speaker.series.points.clone(),
            earlier: earlier.unwrap_or_default(),
        }
    }

    /// The first moment from which on the other one says something else.
    fn parting(&self, other: &Self) -> Option<DateTime<Utc>> {
        let points = self.points.parting(&other.points);
        let earlier = self.earlier.parting(&other.earlier);
        points.into_iter().chain(earlier).min()
    }
}

/// The columns of a book that are over, and what they were made of.
#[derive(Debug, Default)]
pub(super) struct Book {
    said: Said,
    strip: Strip<Column>,
}

impl Book {
    /// Its columns in a window. `unconfirmed` says since when nobody has confirmed its price. `work` makes columns.
    pub(super) fn columns(
        &mut self,
        speaker: &Speaker<'_>,
        window: Window,
        now: i64,
        unconfirmed: Option<i64>,
        work: impl FnMut(std::ops::Range<i64>) -> Vec<Column>,
    ) -> Vec<Column> {
        let said = Said::of(speaker);
        let same = changed(self.said.parting(&said), window);
        self.said = said;
        let numbers = window.numbers();
        // The last one also takes what falls on the window's edge.
        let over = window.number(now).min(numbers.end - 1);
        let over = unconfirmed.map_or(over, |since| over.min(window.number(since)));
        self.strip.columns(numbers, same, over, work)
    }
}

/// The shops' middle at the ends of columns that are over, and what it was made of.
#[derive(Debug, Default)]
pub(super) struct Middle {
    said: Vec<(ShopId, [Said; 2])>,
    strip: Strip<Level>,
}

impl Middle {
    /// The middle at the end of each column of a window, and of the one before it. `work` makes levels.
    pub(super) fn levels(
        &mut self,
        pairs: &Pairs<'_>,
        window: Window,
        now: i64,
        work: impl FnMut(std::ops::Range<i64>) -> Vec<Level>,
    ) -> Vec<Level> {
        let both = pairs.shops().map(|(one, other)| {
            let said = [Said::of(one), Said::of(other)];
            (one.shop.clone(), said)
        });
        let said: Vec<(ShopId, [Said; 2])> = both.collect();
        let before = std::mem::replace(&mut self.said, said);
        let shops = before.iter().map(|(shop, _)| shop);
        let same = if shops.eq(self.said.iter().map(|(shop, _)| shop)) {
            let partings = before.iter().zip(&self.said).flat_map(|(then, now)| {
                let sides = then.1.iter().zip(&now.1);
                sides.filter_map(|(then, now)| then.parting(now))
            });
            changed(partings.min(), window)
        } else {
            i64::MIN
        };
        let numbers = window.numbers();
        let numbers = numbers.start - 1..numbers.end;
        let over = window.number(now);
        self.strip.columns(numbers, same, over, work)
    }
}

/// The first column that is not what it was.
fn changed(at: Option<DateTime<Utc>>, window: Window) -> i64 {
    at.map_or(i64::MAX, |at| window.number(at.timestamp_millis()))
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::config::settings::ThemeName;
    use crate::engine::snapshot::{Point, SeriesView};
    use crate::tui::fixture;
    use crate::tui::panel::chart::State;
    use crate::tui::panel::{Draw, Panel};
    use crate::tui::widget::step_chart::Track;

    /// Numbers as if by chance, the same in every run.
    struct Chance(u64);

    impl Chance {
        fn below(&mut self, limit: i64) -> i64 {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005);
            self.0 = self.0.wrapping_add(1_442_695_040_888_963_407);
            ((self.0 >> 33) as i64).rem_euclid(limit)
        }
    }

    #[test]
    fn what_is_kept_is_what_would_be_worked_out_anew() {
        let ui = fixture::ui((120, 40), ThemeName::Dark);
        let mut live = ui.live.as_ref().clone();
        let kept = State::default();
        let mut chance = Chance(7);
        let (first, last) = live.span().unwrap();
        let whole = (last - first).num_milliseconds();
        let (mut now, mut drawn) = (last, 0);
        for _ in 0..600 {
            let by = match chance.below(10) {
                0 => chance.below(whole) - whole / 2,
                _ => chance.below(whole / 50) - whole / 100,
            };
            now = (now + TimeDelta::milliseconds(by)).clamp(first, last + TimeDelta::minutes(5));
            if chance.below(40) == 0 {
                come_late(&mut live, now - TimeDelta::minutes(chance.below(90)));
            }
            // As it was then, or with more than the clock has come to.
            let snapshot = match chance.below(3) {
                0 => live.clone(),
                _ => live.at(now),
            };
            let draw = Draw {
                snapshot: &snapshot,
                now,
                ..ui.draw(Panel::Chart)
            };
            let Some(subject) = Subject::of(&draw, &ui.board) else {
                continue;
            };
            let column = [20_000, 60_000, 61_001][chance.below(3) as usize];
            let columns = 30 + chance.below(3);
            let from = (now.timestamp_millis().div_euclid(column) + 1 - columns) * column;
            let window = Window {
                from,
                to: from + columns * column,
                columns: columns as usize,
            };
            for by_line in [false, true] {
                let anew = State::default().tracks(&draw, &subject, by_line, window);
                let again = kept.tracks(&draw, &subject, by_line, window);
                drawn += anew.0.len();
                let all = |(books, middle): (Vec<Track>, Option<Track>)| {
                    books.into_iter().chain(middle).collect::<Vec<_>>()
                };
                let (anew, again) = (all(anew), all(again));
                assert_eq!(anew.len(), again.len(), "at {now}");
                for (anew, again) in anew.iter().zip(&again) {
                    let both = anew.columns.iter().zip(&again.columns);
                    for (column, (anew, again)) in both.enumerate() {
                        assert_eq!(anew, again, "column {column} at {now}");
                    }
                }
                assert!(anew == again, "at {now}");
            }
        }
        assert!(drawn > 1_000, "{drawn}");
    }

    /// A price of every series that moved since, told late.
    fn come_late(live: &mut crate::engine::snapshot::Snapshot, at: DateTime<Utc>) {
        let games = Arc::make_mut(&mut live.games);
        for game in games {
            for series in &mut Arc::make_mut(game).series {
                let series: &mut SeriesView = Arc::make_mut(series);
                let price = series.points.first().map(|point| point.price);
                if let Some(price) = price.filter(|_| series.changed_at > at) {
                    series.points.push(Point { at, price });
                }
            }
        }
    }
}
