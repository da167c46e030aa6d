//! Under the board, where there is room: both sides of every market of the selected game.

use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::{MARKETS, State, ladder};
use crate::domain::market::{Market, QuoteStatus, Side};

use crate::domain::series::Price;
use crate::engine::board::{Speaker, best, opening, sides, speakers};
use crate::engine::snapshot::GameView;
use crate::tui::figures;
use crate::tui::panel::Draw;
use crate::tui::widget::table::{Column, Table};

/// Rows from which other lines of the game are shown below.
const LADDER: u16 = 5;

/// Draw it; nothing where there is no room for all of it.
pub(super) fn view(
    state: &State,
    draw: &Draw<'_>,
    game: &Arc<GameView>,
    area: Rect,
    buffer: &mut Buffer,
) {
    let theme = draw.theme;
    if area.height < 8 {
        return;
    }
    let start = game.starts_at.map_or_else(
        || "start not announced".to_owned(),
        |at| {
            format!(
                "{} {}",
                at.with_timezone(&draw.zone).format("%a %b %-d %H:%M"),
                figures::zone(at, draw.zone)
            )
        },
    );
    let head = format!(
        "{} at {} · {start} · {}",
        game.away.name, game.home.name, game.status
    );
    buffer.set_stringn(area.x, area.y, head, area.width.into(), theme.muted);
    let rows: Vec<(&str, Side, State)> = MARKETS
        .iter()
        .flat_map(|market| {
            let state = State {
                market: market.clone(),
                ..state.clone()
            };
            sides(market).map(|side| {
                (
                    if side == sides(market)[0] {
                        short(market.as_str())
                    } else {
                        ""
                    },
                    side,
                    state.clone(),
                )
            })
        })
        .collect();
    let columns = [
        Column::new("market", 6),
        Column::new("side", 5),
        Column::new("open", 9).right().rank(2),
        Column::new("best", 9).right(),
        Column::new("at", 14).flex(),
        Column::new("worst", 9).right().rank(3),
        Column::new("books", 5).right().rank(1),
        Column::new("moved", 6).right().rank(1),
    ];
    let table = Table {
        columns: &columns,
        rows: rows.len(),
        selected: None,
        selection: draw.selection(),
        heading: theme.heading,
    };
    let below = Rect {
        y: area.y + 1,
        height: area.height - 1,
        ..area
    };
    let under = Rect {
        y: area.y + 9,
        height: area.height.saturating_sub(9),
        ..area
    };
    if under.height >= LADDER {
        other_lines(state, draw, game, under, buffer);
    }
    table.render(below, buffer, |index| {
        let Some((market, side, state)) = rows.get(index) else {
            return Vec::new();
        };
        let quoted = speakers(game, &state.selector(game), *side);
        let best = best(&quoted);
        let text = |price: Price| figures::price(&price, &state.market);
        let side_name = game.side_name(*side).to_string();
        let open = |odds, line| Price {
            line,
            odds: Some(odds),
            status: QuoteStatus::Open,
        };
        let worst = best.and_then(|best| {
            quoted
                .iter()
                .filter(|s| s.is_shop())
                .filter_map(Speaker::open_price)
                .filter(|(line, _)| *line == best.line)
                .min_by(|a, b| a.1.to_decimal().total_cmp(&b.1.to_decimal()))
        });
        let at: Vec<&str> = best
            .map(|best| {
                quoted
                    .iter()
                    .filter(|s| best.is_at(s))
                    .map(Speaker::label)
                    .collect()
            })
            .unwrap_or_default();
        let moved = quoted.iter().map(|s| s.series.changed_at).max();
        vec![
            Line::styled(*market, theme.muted),
            Line::from(side_name),
            Line::styled(
                opening(&quoted).map(|o| text(o.price)).unwrap_or_default(),
                theme.muted,
            ),
            Line::styled(
                best.map(|b| text(open(b.odds, b.line))).unwrap_or_default(),
                theme.best,
            ),
            Line::styled(at.join(" "), theme.text),
            Line::styled(
                worst
                    .map(|(line, odds)| text(open(odds, line)))
                    .unwrap_or_default(),
                theme.muted,
            ),
            Line::styled(
                quoted
                    .iter()
                    .filter(|s| s.open_price().is_some())
                    .count()
                    .to_string(),
                theme.muted,
            ),
            Line::styled(
                moved.map(|at| draw.age(at)).unwrap_or_default(),
                theme.muted,
            ),
        ]
    });
}

/// The other lines of the board's market, or of the spread, toward the side shown.
fn other_lines(
    state: &State,
    draw: &Draw<'_>,
    game: &Arc<GameView>,
    area: Rect,
    buffer: &mut Buffer,
) {
    let wanted = [&state.market, &Market::Spread, &Market::Total];
    let found = wanted
        .into_iter()
        .find(|market| ladder::has_alternates(game, market));
    let Some(market) = found else { return };
    let state = State {
        market: market.clone(),
        ..state.clone()
    };
    let Some(side) = state.sides(game).first().copied() else {
        return;
    };
    let rungs = ladder::rungs(game, &state.selector(game), side);
    let head = format!("lines of the {market}, {}", game.side_name(side));
    buffer.set_stringn(area.x, area.y, head, area.width.into(), draw.theme.muted);
    let below = Rect {
        y: area.y + 1,
        height: area.height - 1,
        ..area
    };
    let main = rungs.iter().position(|rung| rung.main);
    // The main line stays in the middle; nothing is selected here.
    let shown = usize::from(below.height.saturating_sub(1)).max(1);
    let first = crate::tui::panel::first_row(main.unwrap_or(0), rungs.len(), shown);
    let seen = rungs.get(first..).unwrap_or_default();
    let sight = ladder::Sight::default();
    ladder::view(draw, game, market, seen, sight, below, buffer);
}

/// A name in six columns.
fn short(market: &str) -> &str {
    if market == "moneyline" {
        "money"
    } else {
        market
    }
}
