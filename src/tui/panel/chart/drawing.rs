//! The chart as numbers, for those who draw it elsewhere.

use chrono::{DateTime, Utc};
use ratatui::style::Color;

use super::State;
use super::fair::{self, Margin};
use super::measure::Measure;
use super::memo::Middle;
use super::plot::{marks, ticks};
use super::series;
use super::subject::{Shown, Subject};
use super::window::Window;
use crate::domain::market::{Market, Period, QuoteStatus, Side};
use crate::domain::series::Price;
use crate::engine::board::Speaker;
use crate::tui::panel::{Draw, board};
use crate::tui::theme::slot::Slot;
use crate::tui::widget::axis;
use crate::tui::widget::step_chart::{Level, Track};

/// Moments at which the shops' middle is worked out: the plot of a sheet has two points for each.
const MOMENTS: usize = 480;

/// A book's line: what holds from each moment on.
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
    /// Milliseconds and level, oldest first.
    pub steps: Vec<(i64, Level)>,
    /// Where it stood last, suspended or not; none where it never stood anywhere.
    pub newest: Option<f64>,
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
    /// A line a book, and the shops' middle where the screen draws it.
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
        let shown = Shown {
            pinned: None,
            main: Subject::of(draw, board).filter(|subject| !subject.speakers.is_empty())?,
        };
        let (from, to) = self.window(draw, &shown);
        let subject = shown.main;
        let measure = self.measure(&subject);
        let mut margin = Margin::of(draw);
        let mut lines: Vec<Steps> = subject
            .speakers
            .iter()
            .map(|speaker| self.steps(draw, &subject, speaker, (measure, &mut margin), from))
            .collect();
        lines.extend(self.middle(draw, &subject, measure, (from, to)));
        let all = lines.iter().flat_map(|line| &line.steps);
        let (low, high) = all
            .filter_map(|(_, level)| level.value())
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
                (low.min(value), high.max(value))
            });
        if low > high {
            return None;
        }
        let least = if measure == Measure::Line {
            0.25
        } else {
            0.002
        };
        let room = ((high - low) * 0.05).max(least);
        let range = (low - room, high + room);
        let game = subject.game;
        let (from_ms, to_ms) = (from.timestamp_millis(), to.timestamp_millis());
        Some(Drawing {
            title: format!(
                "{} at {} · {} · {} · {}",
                game.away.name,
                game.home.name,
                self.measured(&subject, from),
                subject.side_name(),
                self.range.name()
            ),
            from: from_ms,
            to: to_ms,
            range,
            values: ticks(measure, &subject, range, 12)
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

    /// The shops' middle without the margin, which the screen lists among the books.
    fn middle(
        &self,
        draw: &Draw<'_>,
        subject: &Subject<'_>,
        measure: Measure,
        (from, to): (DateTime<Utc>, DateTime<Utc>),
    ) -> Option<Steps> {
        let window = Window {
            from: from.timestamp_millis(),
            to: to.timestamp_millis(),
            columns: MOMENTS,
        };
        let track = match measure {
            Measure::Line => None,
            Measure::Price => {
                let columns = fair::middle_columns(draw, subject, window, &mut Middle::default());
                fair::track(draw, columns)
            }
            Measure::Fair => self.fair_tracks(draw, subject, window).1,
        }?;
        let newest = track.newest();
        let Track {
            label,
            value_text,
            style,
            columns,
            ..
        } = track;
        let begins = (0_i64..).map(|column| window.from + column * window.column());
        let mut steps: Vec<(i64, Level)> = begins
            .zip(columns.iter().map(|column| column.last))
            .collect();
        steps.dedup_by_key(|(_, level)| *level);
        Some(Steps {
            label,
            value: value_text,
            colour: style.fg.unwrap_or(Color::Reset),
            front: false,
            steps,
            newest,
        })
    }

    fn steps(
        &self,
        draw: &Draw<'_>,
        subject: &Subject<'_>,
        speaker: &Speaker<'_>,
        (measure, margin): (Measure, &mut Margin),
        from: DateTime<Utc>,
    ) -> Steps {
        let other = subject.other(&speaker.shop);
        let mut steps: Vec<(i64, Level)> = Vec::new();
        let until_left = |points: &mut dyn Iterator<Item = DateTime<Utc>>| {
            let mut entered = false;
            points
                .filter(|at| *at <= draw.now)
                // The one in force at the left edge is shown, too.
                .take_while(|at| !std::mem::replace(&mut entered, *at <= from))
                .collect::<Vec<_>>()
        };
        let mut at = until_left(&mut speaker.newest_first().map(|point| point.at));
        if let (Measure::Fair, Some(other)) = (measure, other) {
            at.extend(until_left(&mut other.newest_first().map(|point| point.at)));
        }
        at.sort_unstable();
        at.dedup();
        let by_line = measure == Measure::Line;
        let mut stood = None;
        for at in at {
            let Some(point) = speaker.at(at) else {
                continue;
            };
            let level = match measure {
                Measure::Fair => margin.at(subject.side, speaker, other, at),
                Measure::Line | Measure::Price => series::level(&point.price, by_line),
            };
            let level = match (level, stood) {
                // A lock without a price holds the price before it.
                (Level::Gone, Some(stood)) if point.price.status == QuoteStatus::Suspended => {
                    Level::Held(stood)
                }
                _ => level,
            };
            stood = level.value().or(stood);
            steps.push((at.timestamp_millis(), level));
        }
        let newest = steps.last().and_then(|(_, level)| level.quoted());
        Steps {
            label: speaker.label().to_owned(),
            value: match (measure, newest) {
                (Measure::Fair, Some(fair)) => fair::percent(fair),
                _ => series::value_text(&speaker.series.price, &subject.selector.market, by_line),
            },
            colour: draw
                .theme
                .series(Slot::of(&speaker.shop))
                .fg
                .unwrap_or(Color::Reset),
            front: self.focus.as_ref() == Some(&speaker.shop),
            steps,
            newest: stood,
        }
    }

    /// Every change the chart shows of every book, oldest first.
    pub fn changes(&self, draw: &Draw<'_>, board: &board::State) -> Vec<Change> {
        let Some(main) = Subject::of(draw, board) else {
            return Vec::new();
        };
        let shown = Shown { main, pinned: None };
        let (from, to) = self.window(draw, &shown);
        let subject = &shown.main;
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
