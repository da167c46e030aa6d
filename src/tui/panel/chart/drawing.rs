//! The chart as numbers, for those who draw it elsewhere.

use chrono::{DateTime, Utc};
use ratatui::style::Color;

use super::{State, Subject, marks, series};
use crate::domain::market::{Market, Period, QuoteStatus, Side};
use crate::domain::series::Price;
use crate::engine::board::Speaker;
use crate::tui::panel::{Draw, board};
use crate::tui::theme::slot::Slot;
use crate::tui::widget::axis;

/// A book's line: what holds from each moment on, none while it was off the board.
#[derive(Debug, Clone, PartialEq)]
pub struct Steps {
    /// Book.
    pub label: String,
    /// Newest value as people write it.
    pub value: String,
    /// Its colour.
    pub colour: Color,
    /// Whether it is the one in front.
    pub front: bool,
    /// Milliseconds and value, oldest first.
    pub steps: Vec<(i64, Option<f64>)>,
}

/// The chart as numbers: moments in milliseconds, values in points of the line or implied probability.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawing {
    /// Game, market, side, range.
    pub title: String,
    /// Left edge.
    pub from: i64,
    /// Right edge.
    pub to: i64,
    /// Lowest and highest value.
    pub range: (f64, f64),
    /// Ticks of the value axis.
    pub values: Vec<(f64, String)>,
    /// Ticks of the time axis.
    pub times: Vec<(i64, String)>,
    /// Open, start, now, signals.
    pub marks: Vec<(i64, String)>,
    /// A line a book.
    pub lines: Vec<Steps>,
}

/// A stored change of the chart.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Market time.
    pub at: DateTime<Utc>,
    /// Book.
    pub book: String,
    /// Market.
    pub market: Market,
    /// Part of the game.
    pub period: Period,
    /// Side.
    pub side: Side,
    /// What holds from then on.
    pub price: Price,
}

impl State {
    /// What the chart shows, as numbers; none where nobody quotes it.
    pub fn drawing(&self, draw: &Draw<'_>, board: &board::State) -> Option<Drawing> {
        let subject = Subject::of(draw, board).filter(|subject| !subject.speakers.is_empty())?;
        let by_line = self.by_line(&subject);
        let (from, to) = self.window(draw, &subject.speakers);
        let lines: Vec<Steps> = subject
            .speakers
            .iter()
            .map(|speaker| self.steps(draw, &subject, speaker, by_line, from))
            .collect();
        let all = lines.iter().flat_map(|line| &line.steps);
        let (low, high) = all
            .filter_map(|(_, value)| *value)
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
                (low.min(value), high.max(value))
            });
        if low > high {
            return None;
        }
        let room = ((high - low) * 0.05).max(if by_line { 0.25 } else { 0.002 });
        let range = (low - room, high + room);
        let ticks = if by_line {
            axis::line_ticks(range.0, range.1, 12, &subject.selector.market)
        } else {
            axis::price_ticks(range.0, range.1, 12)
        };
        let game = subject.game;
        let (from_ms, to_ms) = (from.timestamp_millis(), to.timestamp_millis());
        Some(Drawing {
            title: format!(
                "{} at {} · {} · {} · {}",
                game.away.name,
                game.home.name,
                subject.selector.market,
                subject.side_name(),
                self.range.name()
            ),
            from: from_ms,
            to: to_ms,
            range,
            values: ticks
                .into_iter()
                .map(|tick| (tick.at, tick.label))
                .collect(),
            times: axis::time_ticks(from, to, draw.zone, 10)
                .into_iter()
                .map(|tick| (tick.at as i64, tick.label))
                .collect(),
            marks: marks(&subject, draw)
                .into_iter()
                .map(|mark| (mark.at, mark.label))
                .filter(|(at, _)| (from_ms..=to_ms).contains(at))
                .collect(),
            lines,
        })
    }

    fn steps(
        &self,
        draw: &Draw<'_>,
        subject: &Subject<'_>,
        speaker: &Speaker<'_>,
        by_line: bool,
        from: DateTime<Utc>,
    ) -> Steps {
        let mut steps: Vec<(i64, Option<f64>)> = Vec::new();
        for point in speaker.newest_first().filter(|point| point.at <= draw.now) {
            let open = point.price.status == QuoteStatus::Open;
            let value = if by_line {
                point.price.line.map(crate::domain::market::Line::points)
            } else {
                point.price.odds.map(crate::domain::odds::Odds::probability)
            };
            steps.push((point.at.timestamp_millis(), value.filter(|_| open)));
            if point.at <= from {
                break;
            }
        }
        steps.reverse();
        Steps {
            label: speaker.label().to_owned(),
            value: series::value_text(&speaker.series.price, &subject.selector.market, by_line),
            colour: draw
                .theme
                .series(Slot::of(&speaker.shop))
                .fg
                .unwrap_or(Color::Reset),
            front: self.focus.as_ref() == Some(&speaker.shop),
            steps,
        }
    }

    /// Every change the chart shows of every book, oldest first.
    pub fn changes(&self, draw: &Draw<'_>, board: &board::State) -> Vec<Change> {
        let Some(subject) = Subject::of(draw, board) else {
            return Vec::new();
        };
        let (from, to) = self.window(draw, &subject.speakers);
        let mut changes: Vec<Change> = subject
            .speakers
            .iter()
            .flat_map(|speaker| {
                let points = speaker.newest_first().filter(|point| point.at <= to);
                let mut shown: Vec<_> = Vec::new();
                for point in points {
                    shown.push(point);
                    // The one in force at the left edge is shown, too.
                    if point.at <= from {
                        break;
                    }
                }
                shown.into_iter().map(|point| Change {
                    at: point.at,
                    book: speaker.label().to_owned(),
                    market: subject.selector.market.clone(),
                    period: subject.selector.period,
                    side: subject.side,
                    price: point.price,
                })
            })
            .collect();
        changes.sort_by(|a, b| (a.at, &a.book).cmp(&(b.at, &b.book)));
        changes
    }
}
