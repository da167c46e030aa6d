//! What is shown in the board's place until there is data.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Widget, Wrap};

use super::Draw;
use crate::engine::snapshot::{SourceHealth, StartupStep, StepState};
use crate::tui::widget::spark;

/// Steps of starting up, or why there is nothing after them.
pub fn view(draw: &Draw<'_>, area: Rect, buffer: &mut Buffer) {
    let theme = draw.theme;
    let mut lines = vec![Line::default()];
    let finished = draw
        .snapshot
        .startup
        .iter()
        .all(|s| matches!(s.state, StepState::Done(_)));
    for step in draw.snapshot.startup.iter() {
        let (sign, style, words) = match &step.state {
            StepState::Waiting => ("·", theme.muted, String::new()),
            StepState::Running(what) => ("▶", theme.accent, what.clone()),
            StepState::Done(what) => ("✓", theme.ok, what.clone()),
            StepState::Failed(why) => ("✗", theme.error, why.clone()),
        };
        lines.push(Line::from(vec![
            Span::styled(format!("  {sign} {:<12} ", step.name), style),
            Span::styled(words, theme.muted),
        ]));
    }
    for errand in draw.snapshot.errands.iter() {
        let Some(share) = errand.share() else {
            continue;
        };
        lines.push(Line::from(vec![
            Span::styled(format!("    {} ", spark::progress(share, 24)), theme.accent),
            Span::styled(
                format!(
                    "{} {}/{} ",
                    errand.title(),
                    errand.done,
                    errand.total.unwrap_or(0)
                ),
                theme.text,
            ),
            Span::styled(errand.note.clone(), theme.muted),
        ]));
    }
    let failed = |s: &StartupStep| matches!(s.state, StepState::Failed(_));
    if draw.snapshot.startup.iter().any(failed) {
        lines.push(Line::styled(
            "  What is collected meanwhile waits in the spool. 5 shows when Postgres is tried again.",
            theme.muted,
        ));
    }
    let down: Vec<Line<'static>> = draw
        .snapshot
        .sources
        .iter()
        .filter(|s| matches!(s.health, SourceHealth::Down))
        .filter_map(|s| Some((s.source.short(), s.reason.as_ref()?)))
        .map(|(source, reason)| {
            Line::styled(format!("  ✗ {source} is down: {reason}"), theme.error)
        })
        .collect();
    if finished || !down.is_empty() {
        lines.push(Line::default());
        if down.is_empty() {
            lines.push(Line::styled("  No games on today's slate yet.", theme.text));
        }
        lines.extend(down);
        lines.push(Line::styled(
            "  Press R to ask every source now, 7 to see how they do, b to fetch past days.",
            theme.muted,
        ));
    }
    Paragraph::new(lines)
        .wrap(Wrap { trim: false })
        .render(area, buffer);
}
