//! Why lines move: signals, newest first, and what the selected one rests on.

use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Widget, Wrap};

use super::{Draw, list};
use crate::analytics::signal::Kind;
use crate::domain::book::BookSlug;
use crate::domain::market::{self, QuoteStatus};
use crate::domain::odds::Odds;
use crate::domain::series::Price;
use crate::engine::board::ShopId;
use crate::engine::snapshot::{Moved, SignalKey, SignalView, Snapshot};
use crate::tui::figures;
use crate::tui::theme::Theme;
use crate::tui::theme::slot::Slot;
use crate::tui::widget::spark;
use crate::tui::widget::table::{Column, Table};

/// Rows from which the selected signal is explained below the list.
const DETAIL: u16 = 14;

/// Room for a game's name.
const GAME: u16 = 10;

/// The signals the filter leaves.
pub fn rows<'a>(draw: &Draw<'a>) -> impl Iterator<Item = &'a SignalView> {
    let snapshot: &'a Snapshot = draw.snapshot;
    let draw = *draw;
    let query = draw.query();
    snapshot.signals.iter().filter(move |signal| {
        let words = || {
            format!(
                "{} {} {} {} {} {} {}",
                kind(signal),
                signal.preset,
                title(&draw, signal),
                side(&draw, signal),
                signal.market,
                signal.period,
                signal.reason
            )
        };
        draw.filter.is_empty() || query.keeps(words().as_str())
    })
}

/// A word for its kind.
pub const fn kind(signal: &SignalView) -> &'static str {
    match signal.kind {
        Some(Kind::Steam) => "STEAM",
        Some(Kind::Rlm) => "REVERSE",
        Some(Kind::Divergence) => "SPLIT",
        Some(Kind::LateMoney) => "LATE",
        Some(Kind::Consensus) => "HEAVY",
        Some(Kind::PublicFade) => "FADE",
        Some(Kind::BookConflict) => "APART",
        Some(Kind::Stale) => "STALE",
        Some(Kind::Opener) => "OPENER",
        Some(Kind::HeadFake) => "FEINT",
        None => "?",
    }
}

fn style(theme: &Theme, signal: &SignalView) -> Style {
    match signal.kind {
        Some(Kind::Steam | Kind::Rlm) => theme.accent,
        Some(Kind::Stale | Kind::BookConflict) => theme.best,
        Some(Kind::HeadFake | Kind::LateMoney | Kind::Opener) => theme.warn,
        _ => theme.text,
    }
}

fn title(draw: &Draw<'_>, signal: &SignalView) -> String {
    let game = draw.game(signal.game_id);
    let title = game.map_or_else(|| Arc::clone(&signal.game), |game| game.title());
    figures::matchup(&title, GAME)
}

fn side(draw: &Draw<'_>, signal: &SignalView) -> String {
    let game = draw.game(signal.game_id);
    game.map_or_else(
        || signal.side.as_str().to_owned(),
        |game| game.side_name(signal.side).to_string(),
    )
}

/// Draw it.
pub fn view(draw: &Draw<'_>, state: &list::State<SignalKey>, area: Rect, buffer: &mut Buffer) {
    let rows: Vec<&SignalView> = rows(draw).collect();
    let aside = if state.selected.is_some() {
        "a seen · enter chart · g follows the newest"
    } else {
        ""
    };
    let unseen = rows.iter().filter(|signal| !is_seen(draw, signal)).count();
    let title = match unseen {
        0 => "Signals".to_owned(),
        n => format!("Signals · {n} new"),
    };
    let inner = draw.frame(&title, aside, area, buffer);
    if rows.is_empty() {
        let (what, next) = if draw.filter.is_empty() && draw.store_is_away() {
            (
                "No signal can be made now.",
                "Signals are made of what is stored, and Postgres takes nothing; 5 says why and when it is tried again.",
            )
        } else if draw.filter.is_empty() {
            (
                "No signal yet.",
                "They are made as prices and splits are stored: steam, reverse moves, stale prices.",
            )
        } else {
            (
                "No signal has these words.",
                "Press / and clear the words to see all signals.",
            )
        };
        draw.say(what, next, inner, buffer);
        return;
    }
    let keys: Vec<SignalKey> = rows.iter().map(|signal| signal.key()).collect();
    let selected = state.row(&keys);
    let shown = rows.get(selected.unwrap_or(0)).copied();
    let (list, detail) = if inner.height >= DETAIL {
        let height = (inner.height / 2).clamp(7, 14);
        let [list, detail] =
            Layout::vertical([Constraint::Min(3), Constraint::Length(height)]).areas(inner);
        (list, Some(detail))
    } else {
        (inner, None)
    };
    let columns = [
        Column::new("time", 8),
        Column::new("signal", 7),
        Column::new("side", 5),
        Column::new("mkt", 7).rank(2),
        Column::new("game", GAME).rank(4),
        Column::new("str", 3).rank(3),
        Column::new("why", 20).flex(),
        Column::new("record", 12).rank(
            if rows
                .iter()
                .any(|s| s.outcome.is_some() || s.record.is_some())
            {
                1
            } else {
                5
            },
        ),
    ];
    let table = Table {
        columns: &columns,
        rows: rows.len(),
        selected,
        selection: draw.selection(),
        heading: draw.theme.heading,
    };
    table.render(list, buffer, |index| {
        rows.get(index)
            .map_or_else(Vec::new, |signal| cells(draw, signal))
    });
    if let Some((area, signal)) = detail.zip(shown) {
        explain(draw, signal, area, buffer);
    }
}

fn is_seen(draw: &Draw<'_>, signal: &SignalView) -> bool {
    draw.seen.is_some_and(|seen| seen.contains(&signal.key()))
}

fn cells(draw: &Draw<'_>, signal: &SignalView) -> Vec<Line<'static>> {
    let theme = draw.theme;
    let strength = spark::progress(signal.strength, 3);
    let record = match (&signal.outcome, signal.clv) {
        (Some(outcome), Some(clv)) => format!("{outcome} {}", figures::signed_percent(clv)),
        (Some(outcome), None) => outcome.to_string(),
        _ => signal.record.map_or_else(String::new, |record| {
            let hits = record.hit_rate().unwrap_or_default() * 100.0;
            format!("{}: {hits:.0} %", record.graded)
        }),
    };
    let reason = if is_seen(draw, signal) {
        theme.faint
    } else if draw.is_recent(signal.at) {
        theme.text
    } else {
        theme.muted
    };
    vec![
        Line::styled(figures::clock(signal.at, draw.zone), theme.muted),
        Line::styled(kind(signal), style(theme, signal)),
        Line::styled(side(draw, signal), theme.strong),
        Line::styled(
            figures::market_part(&signal.market, signal.period),
            theme.muted,
        ),
        Line::styled(title(draw, signal), theme.muted),
        Line::styled(strength, style(theme, signal)),
        Line::styled(signal.reason.to_string(), reason),
        Line::styled(record, theme.muted),
    ]
}

/// What a signal rests on: its sentence, who moved when and how far, who did not, what could be bet.
fn explain(draw: &Draw<'_>, signal: &SignalView, area: Rect, buffer: &mut Buffer) {
    let theme = draw.theme;
    let rule = "─".repeat(area.width.into());
    let mut lines = vec![
        Line::styled(rule, theme.border),
        Line::from(vec![
            Span::styled(format!("{} ", kind(signal)), style(theme, signal)),
            Span::styled(signal.reason.to_string(), theme.text),
        ]),
    ];
    let preset = format!(
        "{} · {} · strength {:.0} %",
        signal.preset,
        figures::clock(signal.at, draw.zone),
        signal.strength * 100.0
    );
    let mut about = vec![Span::styled(preset, theme.muted)];
    if let Some((shop, line, american)) = &signal.available {
        let price = Price {
            line: line.and_then(market::Line::from_points),
            odds: Odds::american((*american).into()).ok(),
            status: QuoteStatus::Open,
        };
        let price = figures::price(&price, &signal.market);
        about.push(Span::styled(" · best then ", theme.muted));
        about.push(Span::styled(format!("{price} {shop}"), theme.best));
    }
    lines.push(Line::from(about));
    let record = signal.record.map_or_else(
        || "record: no results yet".to_owned(),
        |record| {
            let hits = record
                .hit_rate()
                .map_or_else(|| "-".to_owned(), |rate| format!("{:.0} %", rate * 100.0));
            let roi = record
                .roi
                .map_or_else(|| "-".to_owned(), figures::signed_percent);
            format!("record {}: {hits} hits · ROI {roi}", record.graded)
        },
    );
    let ungraded = signal.ungraded.map(|why| format!(" · no grade: {why}"));
    lines.push(Line::styled(
        record + &ungraded.unwrap_or_default(),
        theme.muted,
    ));
    let mut shops = |label: &str, list: &[Moved], mark: &str| {
        for (n, moved) in list.iter().enumerate() {
            let head = if n == 0 { label } else { "" };
            let shop = ShopId::Known(BookSlug::new(Arc::clone(&moved.shop)));
            lines.push(Line::from(vec![
                Span::styled(format!("{head:<9}"), theme.muted),
                Span::styled(figures::clock(moved.at, draw.zone), theme.muted),
                Span::raw(" "),
                Span::styled(format!("{:<14}", moved.shop), theme.series(Slot::of(&shop))),
                Span::styled(
                    format!("{mark}{:>5.1} points", moved.delta * 100.0).replace('-', "−"),
                    theme.text,
                ),
            ]));
        }
    };
    shops("moved", &signal.movers, "");
    shops("waiting", &signal.waiting, "−");
    Paragraph::new(lines)
        .wrap(Wrap { trim: false })
        .render(area, buffer);
}
