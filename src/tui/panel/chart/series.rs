//! A book's quotes as a line of the chart.

use std::ops::Range;

use chrono::{DateTime, TimeDelta, Utc};

use super::measure::Measure;
use super::memo::Book;
use super::subject::Subject;
use super::window::Window;
use super::{State, fair};
use crate::domain::book::BookKind;
use crate::domain::market::{Market, QuoteStatus};
use crate::domain::series::Price;
use crate::engine::board::Speaker;
use crate::tui::figures;
use crate::tui::panel::Draw;
use crate::tui::theme::slot::Slot;
use crate::tui::widget::scale::{Scale, Unit};
use crate::tui::widget::step_chart::pen::Pen;
use crate::tui::widget::step_chart::{Column, Level, Track, reduce};

impl State {
    /// A book's name and looks, without its line.
    pub(super) fn dressed(&self, draw: &Draw<'_>, speaker: &Speaker<'_>) -> Track {
        let kind = speaker.series.kind;
        let focused = self.focus.as_ref() == Some(&speaker.shop);
        let slot = Slot::of(&speaker.shop);
        let style = if kind == BookKind::Opener {
            draw.theme.muted
        } else {
            draw.theme.series(slot)
        };
        let style = match (focused, self.focus.is_some(), draw.theme.is_mono()) {
            (true, ..) => style.patch(draw.theme.strong),
            (false, true, true) => style.patch(draw.theme.faint),
            (false, true, false) => draw.theme.faint,
            _ => style,
        };
        Track {
            label: speaker.label().to_owned(),
            value_text: String::new(),
            style,
            pen: pen(focused, kind, slot, draw.theme.is_mono()),
            importance: match (focused, kind) {
                (true, _) => Track::FRONT,
                (_, BookKind::Consensus) => 2,
                (_, BookKind::Book | BookKind::Exchange) => 1,
                (_, BookKind::Opener) => Track::REFERENCE,
            },
            columns: Vec::new(),
            seam: None,
        }
    }

    /// Every book's line or price over the window, and the shops' middle where prices are drawn.
    pub(super) fn tracks(
        &self,
        draw: &Draw<'_>,
        subject: &Subject<'_>,
        by_line: bool,
        window: Window,
    ) -> (Vec<Track>, Option<Track>) {
        let speakers = &subject.speakers;
        let mut sheet = self.memo.take(subject, by_line, window);
        let tracks = speakers.iter().map(|speaker| Track {
            value_text: value_text(&speaker.series.price, &subject.selector.market, by_line),
            columns: columns(draw, speaker, by_line, window, sheet.book(&speaker.shop)),
            seam: seam(speaker, window),
            ..self.dressed(draw, speaker)
        });
        let tracks = tracks.collect();
        let middle = if by_line {
            Vec::new()
        } else {
            fair::middle_columns(draw, subject, window, &mut sheet.middle)
        };
        self.memo.put(sheet);
        (tracks, fair::track(draw, middle))
    }
}

/// A book's levels over the window.
fn columns(
    draw: &Draw<'_>,
    speaker: &Speaker<'_>,
    by_line: bool,
    window: Window,
    known: &mut Book,
) -> Vec<Column> {
    let now = draw.now.timestamp_millis();
    let since = unconfirmed(draw, speaker);
    let newest = held(level(&speaker.series.price, by_line));
    let unconfirmed = since.map(|since| (since, newest));
    let work = |numbers: Range<i64>| {
        let (from, to) = (window.begins(numbers.start), window.begins(numbers.end));
        // A price that begins with the column enters it from the one before.
        let left = DateTime::from_timestamp_millis(from - 1).unwrap_or(draw.now);
        let levels = levels(speaker, left, by_line).chain(unconfirmed);
        // What falls on the window's edge belongs to its last column.
        let within = levels.take_while(|(at, _)| *at < to || to == window.to);
        let columns = (numbers.end - numbers.start).unsigned_abs() as usize;
        reduce(within, from, to, now, columns)
    };
    known.columns(speaker, window, now, since, work)
}

/// A book's levels from the one in force at a moment on.
fn levels(
    speaker: &Speaker<'_>,
    from: DateTime<Utc>,
    by_line: bool,
) -> impl Iterator<Item = (i64, Level)> {
    let is_lock = move |price: &Price| {
        price.status == QuoteStatus::Suspended && level(price, by_line) == Level::Gone
    };
    // A lock without a price holds the price before it.
    let mut before = speaker.at(from);
    while let Some(lock) = before.filter(|point| is_lock(&point.price)) {
        before = speaker.at(lock.at - TimeDelta::nanoseconds(1));
    }
    let mut before = before.map_or(Level::Gone, |point| level(&point.price, by_line));
    speaker.since(from).map(move |point| {
        before = if is_lock(&point.price) {
            held(before)
        } else {
            level(&point.price, by_line)
        };
        (point.at.timestamp_millis(), before)
    })
}

/// The column where the speaking series took over from the tick history.
fn seam(speaker: &Speaker<'_>, window: Window) -> Option<usize> {
    let (from, to) = (window.from, window.to);
    let at = speaker.seam()?.timestamp_millis();
    let share = (at - from) as f64 / (to - from).max(1) as f64;
    (from..to)
        .contains(&at)
        .then_some((share * window.columns as f64) as usize)
}

/// Since when nobody has confirmed a price that should have been, milliseconds.
pub(super) fn unconfirmed(draw: &Draw<'_>, speaker: &Speaker<'_>) -> Option<i64> {
    let series = speaker.series;
    let stale = draw.is_stale(series.key.stream.source(), series.seen_at);
    stale.then(|| series.seen_at.timestamp_millis())
}

pub(super) fn level(price: &Price, by_line: bool) -> Level {
    let value = if by_line {
        price.line.map(crate::domain::market::Line::points)
    } else {
        price.odds.map(crate::domain::odds::Odds::probability)
    };
    match (price.status, value) {
        (QuoteStatus::Off, _) | (_, None) => Level::Gone,
        (QuoteStatus::Suspended, Some(value)) => Level::Held(value),
        (QuoteStatus::Open, Some(value)) => Level::Quoted(value),
    }
}

const fn held(level: Level) -> Level {
    match level {
        Level::Quoted(value) | Level::Held(value) => Level::Held(value),
        Level::Gone => Level::Gone,
    }
}

pub(super) fn value_text(price: &Price, market: &Market, by_line: bool) -> String {
    match (price.status, price.line, price.odds) {
        (QuoteStatus::Open, Some(line), Some(_)) if by_line => figures::line(line, market),
        (QuoteStatus::Open, _, Some(odds)) => odds.to_string(),
        _ => figures::price(price, market),
    }
}

/// What a book's line looks like. Where there are no hues, patterns take turns.
const fn pen(focused: bool, kind: BookKind, slot: Slot, mono: bool) -> Pen {
    match (focused, kind) {
        (true, _) => Pen::Heavy,
        (_, BookKind::Consensus) => Pen::Double,
        (_, BookKind::Opener) => Pen::Fine,
        _ if mono => match slot.turn(3) {
            0 => Pen::Light,
            1 => Pen::Dashed,
            _ => Pen::Fine,
        },
        _ if slot.second_round() => Pen::Dashed,
        _ => Pen::Light,
    }
}

/// Rows for everything the books did. An opener is a reference and widens them by a quarter at most; further off, its
/// label at the edge says where it is.
pub(super) fn scale(tracks: &[Track], measure: Measure, rows: u16) -> Scale {
    let unit = match measure {
        Measure::Line => Unit::Line,
        Measure::Price => Unit::Price,
        Measure::Fair => Unit::Probability,
    };
    let span = |of: &dyn Fn(&Track) -> bool| {
        tracks
            .iter()
            .filter(|track| of(track))
            .flat_map(|track| track.columns.iter().filter_map(|column| column.span))
            .reduce(|(low, high), span| (low.min(span.0), high.max(span.1)))
    };
    let all = span(&|_| true);
    let books = span(&|track| track.importance > Track::REFERENCE);
    let (low, high) = match (books, all) {
        (Some(books), Some(all)) if all.1 - all.0 <= (books.1 - books.0) * 1.25 => all,
        (Some(books), _) => books,
        (None, Some(all)) => all,
        (None, None) => (0.5, 0.5),
    };
    Scale::fit(unit, low, high, rows)
}
