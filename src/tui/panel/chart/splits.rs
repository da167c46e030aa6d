//! Under the chart: who bets on the side, by tickets and by money.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget as _;

use super::Subject;
use crate::engine::snapshot::SplitView;
use crate::tui::panel::Draw;
use crate::tui::widget::spark;

/// Cells of a bar.
const BAR: usize = 10;

/// The newest splits of the side, one a feed: those over all books before those of one.
pub(super) fn of<'a>(subject: &Subject<'a>) -> Vec<&'a SplitView> {
    let selector = &subject.selector;
    let mut found: Vec<&'a SplitView> = subject
        .game
        .splits
        .iter()
        .filter(|split| {
            split.key.market == selector.market
                && split.key.period == selector.period
                && split.key.side == subject.side
                && (split.value.tickets_pct.is_some() || split.value.money_pct.is_some())
        })
        .collect();
    found.sort_by_key(|split| (&*split.key.scope != "all", std::cmp::Reverse(split.at)));
    let mut feeds = Vec::new();
    found.retain(|split| {
        let source = split.key.stream.source();
        let first = !feeds.contains(&source);
        feeds.push(source);
        first
    });
    found
}

/// Draw them in one line.
pub(super) fn view(draw: &Draw<'_>, splits: &[&SplitView], area: Rect, buffer: &mut Buffer) {
    let theme = draw.theme;
    let mut line = Line::default();
    for split in splits {
        line.push_span(Span::styled(
            format!(
                " {} {} ",
                split.key.stream.source().short(),
                draw.age(split.at)
            ),
            theme.muted,
        ));
        for (what, share) in [
            ("tickets", split.value.tickets_pct),
            ("money", split.value.money_pct),
        ] {
            let Some(share) = share else { continue };
            line.push_span(Span::styled(format!("{what} "), theme.muted));
            line.push_span(Span::styled(
                spark::progress(share / 100.0, BAR),
                if what == "money" {
                    theme.accent
                } else {
                    theme.spark
                },
            ));
            line.push_span(Span::styled(format!(" {share:.0} % "), theme.text));
        }
    }
    line.render(area, buffer);
}
