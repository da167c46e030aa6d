//! Every book's value at the cursor, or now: change from the opening and age.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::{State, Subject};
use crate::domain::market::QuoteStatus;
use crate::domain::series::Price;
use crate::tui::figures;
use crate::tui::panel::Draw;
use crate::tui::theme::slot::Slot;
use crate::tui::widget::table::{Column, Table};

impl State {
    /// Every book's value at the cursor, or now: change from the opening and age.
    pub(super) fn readout(
        &self,
        draw: &Draw<'_>,
        subject: &Subject<'_>,
        area: Rect,
        buffer: &mut Buffer,
    ) {
        let theme = draw.theme;
        let at = self.cursor.unwrap_or(draw.now);
        let market = &subject.selector.market;
        let moment = if self.cursor.is_some() {
            format!("at {}", figures::clock(at, draw.zone))
        } else {
            "now".to_owned()
        };
        let wide = if market.has_line() { 11 } else { 7 };
        let columns = [
            Column::new(moment, 13),
            Column::new("price", wide).right(),
            Column::new("open", wide).right(),
            Column::new("Δ prob", 8).right(),
            Column::new("for", 5).right(),
            Column::new("moves", 6).right().rank(1),
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
                return vec![name, Line::styled("---", theme.faint)];
            };
            let opened = speaker.opening();
            let open_text = opened
                .map(|o| figures::price(&o.price, market))
                .unwrap_or_default();
            let drift = opened.and_then(|o| drift(&o.price, &point.price));
            let (drift, style) = match drift {
                Some(drift) if drift > 0.0005 => (format!("▲{:.1} %", drift * 100.0), theme.up),
                Some(drift) if drift < -0.0005 => (format!("▼{:.1} %", -drift * 100.0), theme.down),
                Some(_) => ("0.0 %".to_owned(), theme.muted),
                None => (String::new(), theme.muted),
            };
            vec![
                name,
                Line::styled(figures::price(&point.price, market), theme.strong),
                Line::styled(open_text, theme.muted),
                Line::styled(drift, style),
                Line::styled(figures::age(at - point.at), theme.muted),
                Line::styled(speaker.series.points.len().to_string(), theme.muted),
            ]
        });
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
