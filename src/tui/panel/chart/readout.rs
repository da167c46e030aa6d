//! Every book's value at the cursor, or now: change from the opening and age. Of two charts beside each other.

use chrono::{DateTime, Utc};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::State;
use super::fair::{self, Margin};
use super::measure::Measure;
use super::subject::{Shown, Subject};
use crate::domain::market::QuoteStatus;
use crate::domain::series::Price;
use crate::engine::board::Speaker;
use crate::engine::snapshot::Point;
use crate::tui::figures;
use crate::tui::panel::Draw;
use crate::tui::theme::slot::Slot;
use crate::tui::widget::table::{Column, Table};

impl State {
    /// Every book's value of what is shown.
    pub(super) fn readout(
        &self,
        draw: &Draw<'_>,
        shown: &Shown<'_>,
        area: Rect,
        buffer: &mut Buffer,
    ) {
        let at = self.cursor.unwrap_or(draw.now);
        let moment = if self.cursor.is_some() {
            format!("at {}", figures::clock(at, draw.zone))
        } else {
            "now".to_owned()
        };
        let Some(pinned) = &shown.pinned else {
            self.values(draw, &shown.main, &moment, area, buffer);
            return;
        };
        let width = area.width.saturating_sub(2) / 2;
        let one = Rect { width, ..area };
        let two = Rect {
            x: area.right() - width,
            ..one
        };
        self.values(draw, &shown.main, &moment, one, buffer);
        let named = figures::matchup(&pinned.game.title(), 13);
        self.values(draw, pinned, &named, two, buffer);
    }

    fn values(
        &self,
        draw: &Draw<'_>,
        subject: &Subject<'_>,
        heading: &str,
        area: Rect,
        buffer: &mut Buffer,
    ) {
        let theme = draw.theme;
        let at = self.cursor.unwrap_or(draw.now);
        let market = &subject.selector.market;
        let by_fair = self.measure(subject) == Measure::Fair;
        let mut margin = Margin::of(draw);
        let wide = if market.has_line() { 11 } else { 7 };
        let fair = Column::new(
            if by_fair { "fair" } else { "" },
            if by_fair { 6 } else { 0 },
        );
        let change = if by_fair { "Δ fair" } else { "Δ prob" };
        let columns = [
            Column::new(heading, 13),
            fair.right(),
            Column::new("price", wide).right(),
            Column::new("open", wide).right().rank(1),
            Column::new(change, 8).right(),
            Column::new("for", 5).right().rank(2),
            Column::new("moves", 6).right().rank(3),
        ];
        let selected = subject
            .speakers
            .iter()
            .position(|s| Some(&s.shop) == self.focus.as_ref());
        let table = Table {
            columns: &columns,
            rows: subject.speakers.len(),
            selected,
            selection: draw.selection(),
            heading: theme.heading,
        };
        table.render(area, buffer, |index| {
            let Some(speaker) = subject.speakers.get(index) else {
                return Vec::new();
            };
            let name = Line::from(vec![
                Span::styled("● ", theme.series(Slot::of(&speaker.shop))),
                Span::raw(speaker.label().to_owned()),
            ]);
            let Some(point) = speaker.at(at) else {
                let nothing = Line::styled("---", theme.faint);
                return vec![name, Line::default(), nothing];
            };
            let opened = speaker.opening();
            let open_text = opened
                .map(|o| figures::price(&o.price, market))
                .unwrap_or_default();
            let fair = by_fair.then(|| fairs(&mut margin, subject, speaker, (opened, *point), at));
            let drift = match &fair {
                Some(fair) => fair.drift,
                None => opened.and_then(|o| drift(&o.price, &point.price)),
            };
            let (drift, style) = match drift {
                Some(drift) if drift > 0.0005 => (format!("▲{:.1} %", drift * 100.0), theme.up),
                Some(drift) if drift < -0.0005 => (format!("▼{:.1} %", -drift * 100.0), theme.down),
                Some(_) => ("0.0 %".to_owned(), theme.muted),
                None => (String::new(), theme.muted),
            };
            let share = fair.map(|fair| fair.now.map_or_else(|| "---".to_owned(), fair::percent));
            vec![
                name,
                Line::styled(share.unwrap_or_default(), theme.strong),
                Line::styled(figures::price(&point.price, market), theme.strong),
                Line::styled(open_text, theme.muted),
                Line::styled(drift, style),
                Line::styled(figures::age(at - point.at), theme.muted),
                Line::styled(speaker.changes().to_string(), theme.muted),
            ]
        });
    }
}

/// A book's probability without its margin, and how far that is from its opening's.
struct Fairs {
    now: Option<f64>,
    drift: Option<f64>,
}

fn fairs(
    margin: &mut Margin,
    subject: &Subject<'_>,
    speaker: &Speaker<'_>,
    (opened, point): (Option<Point>, Point),
    at: DateTime<Utc>,
) -> Fairs {
    let other = subject.other(&speaker.shop);
    let now = margin.at(subject.side, speaker, other, at).value();
    let before = opened
        .zip(other.and_then(Speaker::opening))
        .filter(|(one, _)| one.price.line == point.price.line)
        .and_then(|(one, other)| {
            let level = margin.level(subject.side, &one.price, &other.price);
            level.value()
        });
    Fairs {
        now,
        drift: now.zip(before).map(|(now, before)| now - before),
    }
}

/// Change of implied probability between two prices at one line; none across lines or without a price.
fn drift(from: &Price, to: &Price) -> Option<f64> {
    let (before, after) = (
        from.odds?,
        to.odds.filter(|_| to.status == QuoteStatus::Open)?,
    );
    (from.line == to.line).then(|| after.probability() - before.probability())
}
