//! Feeds: how they do, how often they are asked, what is left of the quota.

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Widget, Wrap};

use super::{Draw, list};
use crate::analytics::health::Grade;
use crate::domain::source::Source;
use crate::engine::snapshot::{Breaker, SourceHealth, SourceView};
use crate::tui::figures;
use crate::tui::theme::Theme;
use crate::tui::widget::table::{Column, Table};

/// Sign, word and style of a health.
pub fn health(health: SourceHealth, theme: &Theme) -> (&'static str, &'static str, Style) {
    match health {
        SourceHealth::Unknown => ("·", "not asked", theme.muted),
        SourceHealth::Healthy => ("✓", "healthy", theme.ok),
        SourceHealth::Degraded => ("!", "degraded", theme.warn),
        SourceHealth::Down => ("✗", "down", theme.error),
        SourceHealth::Off => ("○", "off", theme.muted),
    }
}

/// How far a source can be trusted.
fn confidence(source: &SourceView, theme: &Theme) -> Line<'static> {
    let style = match source.assessed.grade() {
        None => theme.muted,
        Some(Grade::Healthy) => theme.ok,
        Some(Grade::Degraded) => theme.warn,
        Some(Grade::Critical) => theme.error,
    };
    // Cut, not rounded: what is not wholly trusted must not look as if it were.
    let share = source.assessed.confidence;
    let text = share.map(|share| format!("{:.2}", (share * 100.0 + 1e-9).floor() / 100.0));
    Line::styled(text.unwrap_or_default(), style)
}

fn breaker(breaker: Breaker, theme: &Theme) -> Line<'static> {
    match breaker {
        Breaker::Closed => Line::styled("closed", theme.muted),
        Breaker::Open => Line::styled("open", theme.error),
        Breaker::HalfOpen => Line::styled("half-open", theme.warn),
    }
}

/// What a person should know of a source, each with what to do.
fn sentences(source: &SourceView) -> Vec<String> {
    let state = match source.breaker {
        Breaker::Closed => "",
        Breaker::Open => "breaker open, one question decides: ",
        Breaker::HalfOpen => "breaker half-open, one question is under way: ",
    };
    let reason = source.reason.as_ref().map(|r| format!("{state}{r}"));
    let pattern = source.assessed.patterns.first().map(|p| p.sentence());
    let pattern = pattern.filter(|p| source.reason.as_deref() != Some(p));
    reason
        .into_iter()
        .chain(pattern.map(ToOwned::to_owned))
        .chain(source.drift.clone())
        .collect()
}

/// Draw it.
pub fn view(draw: &Draw<'_>, state: &list::State<Source>, area: Rect, buffer: &mut Buffer) {
    let theme = draw.theme;
    let sources: &[SourceView] = &draw.snapshot.sources;
    let inner = draw.frame("Sources", "", area, buffer);
    if sources.is_empty() {
        draw.say(
            "No source is set up.",
            "Name some under [collect] sources in the settings.",
            inner,
            buffer,
        );
        return;
    }
    let keys: Vec<Source> = sources.iter().map(|s| s.source).collect();
    let columns = [
        Column::new("source", 7),
        Column::new("", 1),
        Column::new("health", 9).rank(6),
        Column::new("conf", 4).right().rank(1),
        Column::new("breaker", 9).rank(8),
        Column::new("last", 4).right(),
        Column::new("next", 5).right(),
        Column::new("every", 5).right().rank(5),
        Column::new("ok", 5).right().rank(2),
        Column::new("fail", 4).right().rank(2),
        Column::new("changes", 7).right().rank(3),
        Column::new("rej", 4).right().rank(4),
        Column::new("took", 7).right().rank(7),
        Column::new("quota", 6).right().rank(1),
    ];
    let reasons: Vec<Line<'static>> = sources
        .iter()
        .flat_map(|source| {
            let (sign, _, style) = health(source.health, theme);
            sentences(source).into_iter().map(move |sentence| {
                Line::from(vec![
                    Span::styled(format!("{sign} {} ", source.source.short()), style),
                    Span::styled(sentence, theme.muted),
                ])
            })
        })
        .collect();
    let table_height = (sources.len() as u16 + 2).min(inner.height);
    let [top, rest] =
        Layout::vertical([Constraint::Length(table_height), Constraint::Min(0)]).areas(inner);
    let table = Table {
        columns: &columns,
        rows: sources.len(),
        selected: state.row(&keys),
        selection: draw.selection(),
        heading: theme.heading,
    };
    table.render(top, buffer, |index| {
        let Some(source) = sources.get(index) else {
            return Vec::new();
        };
        let (sign, word, style) = health(source.health, theme);
        let next = source
            .next_at
            .map(|at| figures::age(at - draw.now))
            .unwrap_or_default();
        let bad = |count: u64| if count > 0 { theme.warn } else { theme.muted };
        vec![
            Line::from(source.source.short()),
            Line::styled(sign, style),
            Line::styled(word, style),
            confidence(source, theme),
            breaker(source.breaker, theme),
            Line::styled(
                source
                    .last_success
                    .map_or_else(|| "never".into(), |at| draw.age(at)),
                theme.strong,
            ),
            Line::styled(next, theme.muted),
            Line::styled(figures::seconds(source.every_s), theme.muted),
            Line::styled(figures::short(source.fetched), theme.muted),
            Line::styled(figures::short(source.failed), bad(source.failed)),
            Line::styled(figures::short(source.changes), theme.muted),
            Line::styled(figures::short(source.rejects), bad(source.rejects)),
            Line::styled(
                source
                    .last_ms
                    .map(|ms| figures::millis(ms as f32))
                    .unwrap_or_default(),
                theme.muted,
            ),
            Line::styled(
                source
                    .quota_remaining
                    .map(figures::short)
                    .unwrap_or_default(),
                theme.strong,
            ),
        ]
    });
    Paragraph::new(reasons)
        .wrap(Wrap { trim: false })
        .render(rest, buffer);
}
