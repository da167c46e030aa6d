//! Spool and Postgres.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Widget, Wrap};

use super::Draw;
use crate::engine::snapshot::DatabaseState;
use crate::tui::figures;
use crate::tui::widget::spark;

/// Draw it.
pub fn view(draw: &Draw<'_>, area: Rect, buffer: &mut Buffer) {
    let theme = draw.theme;
    let state = &draw.snapshot.persistence;
    let aside = match state.database {
        DatabaseState::Starting(_) => "starting",
        DatabaseState::Up => "up",
        DatabaseState::Down { .. } => "down",
        DatabaseState::Unusable(_) => "unusable",
    };
    let inner = draw.frame("Persistence", aside, area, buffer);
    let label = |text: &'static str| Span::styled(text, theme.muted);
    let number = |text: String| Span::styled(text, theme.strong);
    let alarm = |count: u64| if count > 0 { theme.error } else { theme.strong };

    let width = usize::from(inner.width).saturating_sub(24).clamp(6, 60);
    let rate = state.rate.iter().map(|n| Some(f64::from(*n)));
    let now = state.rate.last().copied().unwrap_or(0);
    let mut lines = Vec::new();
    let waiting = format!(
        "{} payloads wait, {}",
        figures::short(state.spool_depth),
        figures::bytes(state.spool_bytes)
    );
    match &state.database {
        DatabaseState::Starting(what) => {
            lines.push(Line::styled(format!("▶ {what}"), theme.accent));
        }
        DatabaseState::Up => {}
        DatabaseState::Down { reason, retry_in_s } => {
            let left = retry_in_s.saturating_sub(draw.real_seconds_since());
            lines.push(Line::from(vec![
                Span::styled("✗ writes wait in the spool", theme.error),
                Span::styled(format!("  next try in {left}s"), theme.warn),
            ]));
            lines.push(Line::styled(waiting, theme.warn));
            lines.push(Line::styled(reason.clone(), theme.warn));
        }
        DatabaseState::Unusable(reason) => {
            lines.push(Line::styled("✗ writes wait in the spool", theme.error));
            lines.push(Line::styled(waiting, theme.warn));
            lines.push(Line::styled(reason.clone(), theme.warn));
        }
    }
    lines.push(Line::from(vec![
        Span::styled(spark::bars(rate, width, None), theme.spark),
        number(format!(" {:>5}/s", figures::short(now.into()))),
        label("  lag "),
        number(state.lag_ms.map_or_else(|| "–".into(), figures::millis)),
    ]));
    lines.push(Line::from(vec![
        Span::styled(
            spark::bars(
                state.batch_ms.iter().map(|ms| Some(f64::from(*ms))),
                width,
                None,
            ),
            theme.spark,
        ),
        label("  batch "),
        number(figures::short(state.last_batch_rows.into())),
        label("  p95 "),
        number(
            state
                .batch_p95_ms
                .map_or_else(|| "–".into(), figures::millis),
        ),
    ]));
    let mut spool = vec![label("spool ")];
    if state.spool_depth == 0 {
        spool.push(number("empty".into()));
    } else {
        spool.push(Span::styled(state.spool_depth.to_string(), theme.warn));
        spool.push(number(format!("  {}", figures::bytes(state.spool_bytes))));
    }
    if let Some(oldest) = state.spool_oldest_s {
        spool.push(label("  oldest "));
        spool.push(number(figures::seconds(oldest)));
    }
    lines.push(Line::from(spool));
    let pair = |a: &'static str, av: String, b: &'static str, bv: String, style: Style| {
        Line::from(vec![
            Span::styled(format!("{a:<9}"), theme.muted),
            Span::styled(format!("{av:>10}  "), theme.strong),
            Span::styled(format!("{b:<8}"), theme.muted),
            Span::styled(bv, style),
        ])
    };
    lines.push(pair(
        "payloads",
        figures::whole(state.payloads),
        "errors",
        state.errors.to_string(),
        alarm(state.errors),
    ));
    lines.push(pair(
        "changes",
        figures::whole(state.changes),
        "rejects",
        figures::whole(state.rejects),
        theme.strong,
    ));
    lines.push(pair(
        "seen",
        figures::whole(state.observations),
        "aside",
        state.quarantined.to_string(),
        alarm(state.quarantined),
    ));
    if state.spool_dropped > 0 {
        lines.push(Line::styled(
            format!(
                "✗ {} payloads dropped: the spool was full",
                state.spool_dropped
            ),
            theme.error,
        ));
    }
    let size = state
        .database_bytes
        .and_then(|bytes| u64::try_from(bytes).ok())
        .map(|bytes| format!("  {}", figures::bytes(bytes)))
        .unwrap_or_default();
    lines.push(Line::from(vec![
        Span::styled(state.server.clone(), theme.muted),
        number(size),
    ]));
    if let Some(error) = &state.last_error {
        lines.push(Line::styled(error.clone(), theme.error));
    }
    Paragraph::new(lines)
        .wrap(Wrap { trim: false })
        .render(inner, buffer);
}
