//! Prices held against the fair ones, arbitrages and middles, the best first, and the bets of the selected one.

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Widget, Wrap};

use super::{Draw, list};
use crate::analytics::fair::offer::Class;
use crate::analytics::fair::row::Kind;
use crate::analytics::price::rounded_american;
use crate::engine::snapshot::{ChanceKey, ChanceView, LegView, Snapshot};
use crate::tui::figures;
use crate::tui::theme::Theme;
use crate::tui::widget::table::{Column, Table};

/// Rows from which the selected one is explained below the list.
const DETAIL: u16 = 14;

/// Room for a game's name.
const GAME: u16 = 10;

/// The chances the filter leaves.
pub fn rows<'a>(draw: &Draw<'a>) -> impl Iterator<Item = &'a ChanceView> {
    let snapshot: &'a Snapshot = draw.snapshot;
    let draw = *draw;
    let query = draw.query();
    snapshot.fair.chances.iter().filter(move |chance| {
        let words = || {
            let legs = chance.legs.iter();
            let bets: Vec<String> = legs
                .map(|leg| format!("{} {}", bet(&draw, chance, leg), leg.book))
                .collect();
            format!(
                "{} {} {} {} {} {}",
                what(chance),
                chance.kind.as_str(),
                title(&draw, chance),
                chance.market,
                figures::market_part(&chance.market, chance.period),
                bets.join(" ")
            )
        };
        draw.filter.is_empty() || query.keeps(words().as_str())
    })
}

fn what(chance: &ChanceView) -> &'static str {
    match (chance.kind, chance.class) {
        (Kind::Arbitrage, _) => "ARB",
        (Kind::Middle, _) => "MIDDLE",
        (Kind::Value, class) => class.as_str(),
    }
}

fn style(theme: &Theme, chance: &ChanceView) -> Style {
    match (chance.stale, chance.kind, chance.class) {
        (true, ..) => theme.muted,
        (_, Kind::Arbitrage, _) => theme.accent,
        (_, Kind::Middle, _) => theme.warn,
        (_, _, Class::Green) => theme.best,
        (_, _, Class::Amber) => theme.text,
        _ => theme.muted,
    }
}

fn title(draw: &Draw<'_>, chance: &ChanceView) -> String {
    let game = draw.game(chance.game_id);
    game.map_or_else(String::new, |game| figures::matchup(&game.title(), GAME))
}

/// The bet of a leg: `BAL −1½`, `over 8½`.
fn bet(draw: &Draw<'_>, chance: &ChanceView, leg: &LegView) -> String {
    let game = draw.game(chance.game_id);
    let side = game.map_or_else(|| leg.side.as_str().into(), |game| game.side_name(leg.side));
    match leg.line {
        Some(line) => format!("{side} {}", figures::line(line, &chance.market)),
        None => side.to_string(),
    }
}

fn american(decimal: f64) -> String {
    rounded_american(decimal).map_or_else(String::new, |price| {
        if price < 0 {
            format!("−{}", -price)
        } else {
            format!("+{price}")
        }
    })
}

fn worth(chance: &ChanceView) -> String {
    match (chance.ev, chance.break_even) {
        (Some(ev), _) => figures::signed_percent(ev),
        (None, Some(hits)) if hits > 0.0 => format!("1 in {:.0}", 1.0 / hits),
        (None, Some(_)) => "free".to_owned(),
        (None, None) => String::new(),
    }
}

/// Draw it.
pub fn view(draw: &Draw<'_>, state: &list::State<ChanceKey>, area: Rect, buffer: &mut Buffer) {
    let rows: Vec<&ChanceView> = rows(draw).collect();
    let aside = if state.selected.is_some() {
        "g follows the best"
    } else {
        ""
    };
    let inner = draw.frame("Opportunities", aside, area, buffer);
    if rows.is_empty() {
        let fair = &draw.snapshot.fair;
        let (what, next) = if !draw.filter.is_empty() {
            (
                "No opportunity has these words.",
                "Press / and clear the words to see all.",
            )
        } else if !fair.looked {
            (
                "Waiting for prices.",
                "Fair prices are made of the books named in fair.anchors, once they have answered; 7 shows the feeds.",
            )
        } else if fair.games.values().all(Vec::is_empty) {
            (
                "No game has a fair price.",
                "Too few of the books in fair.anchors price both sides; `linetape fair GAME --all` says which.",
            )
        } else {
            (
                "No price can be bet.",
                "Prices are held against the fair ones every few seconds; R asks every feed for newer ones.",
            )
        };
        draw.say(what, next, inner, buffer);
        return;
    }
    let keys: Vec<ChanceKey> = rows.iter().map(|chance| chance.key()).collect();
    let selected = state.row(&keys);
    let shown = rows.get(selected.unwrap_or(0)).copied();
    let (list, detail) = if inner.height >= DETAIL {
        let height = (inner.height / 3).clamp(5, 9);
        let [list, detail] =
            Layout::vertical([Constraint::Min(3), Constraint::Length(height)]).areas(inner);
        (list, Some(detail))
    } else {
        (inner, None)
    };
    let columns = [
        Column::new("EV", 7).right(),
        Column::new("class", 6).rank(2),
        Column::new("game", GAME).rank(1),
        Column::new("mkt", 6).rank(4),
        Column::new("bet", 10),
        Column::new("price", 5).right(),
        Column::new("book", 11).flex(),
        Column::new("fair", 5).right().rank(3),
        Column::new("seen", 4).right(),
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
            .map_or_else(Vec::new, |chance| cells(draw, chance))
    });
    if let Some((area, chance)) = detail.zip(shown) {
        explain(draw, chance, area, buffer);
    }
}

fn cells(draw: &Draw<'_>, chance: &ChanceView) -> Vec<Line<'static>> {
    let theme = draw.theme;
    let style = style(theme, chance);
    let Some(first) = chance.legs.first() else {
        return Vec::new();
    };
    let text = if chance.stale {
        theme.muted
    } else {
        theme.text
    };
    let more = match chance.legs.len() - 1 {
        0 => String::new(),
        more => format!(" +{more}"),
    };
    let seen = chance.seen_at().map_or_else(String::new, |at| draw.age(at));
    vec![
        Line::styled(worth(chance), style),
        Line::styled(what(chance), style),
        Line::styled(title(draw, chance), theme.muted),
        Line::styled(
            figures::market_part(&chance.market, chance.period),
            theme.muted,
        ),
        Line::styled(bet(draw, chance, first), text),
        Line::styled(american(first.decimal), text),
        Line::styled(format!("{}{more}", first.book), text),
        Line::styled(
            chance.fair.map_or_else(String::new, |p| american(1.0 / p)),
            theme.muted,
        ),
        Line::styled(
            seen,
            if chance.stale {
                theme.warn
            } else {
                theme.muted
            },
        ),
    ]
}

/// The bets, what each pays, how old each price is, and what the fair price rests on.
fn explain(draw: &Draw<'_>, chance: &ChanceView, area: Rect, buffer: &mut Buffer) {
    let theme = draw.theme;
    let rule = "─".repeat(area.width.into());
    let words = match chance.kind {
        Kind::Value if chance.class == Class::Grey => {
            "the best price, no better than fair".to_owned()
        }
        Kind::Value => "a price better than fair".to_owned(),
        Kind::Arbitrage => "pays whatever happens".to_owned(),
        Kind::Middle => "both may win; it must hit that often to pay".to_owned(),
    };
    let mut about = vec![
        Span::styled(format!("{} ", worth(chance)), style(theme, chance)),
        Span::styled(words, theme.text),
    ];
    if let Some(p) = chance.fair {
        about.push(Span::styled(
            format!(
                " · fair {:.1} % by {}",
                p * 100.0,
                draw.snapshot.fair.method
            ),
            theme.muted,
        ));
    }
    if chance.stale {
        about.push(Span::styled(" · stale: look before you bet", theme.warn));
    }
    let mut lines = vec![Line::styled(rule, theme.border), Line::from(about)];
    for leg in &chance.legs {
        let net = if (leg.net - leg.decimal).abs() > 1e-9 {
            format!(" ({} after commission)", american(leg.net))
        } else {
            String::new()
        };
        let stake = if chance.legs.len() > 1 {
            format!("{:>4.0} % ", leg.stake * 100.0)
        } else {
            String::new()
        };
        lines.push(Line::from(vec![
            Span::styled(stake, theme.muted),
            Span::styled(format!("{:<12}", bet(draw, chance, leg)), theme.strong),
            Span::styled(format!("{:>6}", american(leg.decimal)), theme.best),
            Span::styled(format!(" {}{net}", leg.book), theme.text),
            Span::styled(
                format!(
                    " · seen {}, changed {} ago",
                    draw.age(leg.seen_at),
                    draw.age(leg.changed_at)
                ),
                theme.muted,
            ),
        ]));
    }
    if !chance.participant.is_empty() {
        lines.push(Line::styled(chance.participant.to_string(), theme.muted));
    }
    Paragraph::new(lines)
        .wrap(Wrap { trim: false })
        .render(area, buffer);
}
