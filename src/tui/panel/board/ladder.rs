//! The ladder of one side: every line somebody quotes beside the main one, each book's price at it, the best marked.

use std::collections::BTreeMap;
use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::domain;
use crate::domain::book::BookKind;
use crate::domain::market::{Market, QuoteStatus, Side};
use crate::domain::odds::Odds;
use crate::domain::series::LineSlot;
use crate::domain::status::GameStatus;
use crate::engine::board::{Selector, ShopId, best, speakers};
use crate::engine::snapshot::{GameView, SeriesView};
use crate::tui::figures;
use crate::tui::panel::Draw;
use crate::tui::widget::table::{Column, Table};

/// One line and who quotes it.
#[derive(Debug)]
pub struct Rung<'a> {
    /// The line.
    pub line: domain::market::Line,
    /// Whether it is the one most books have.
    pub main: bool,
    /// The series of each shop, by shop.
    pub shops: BTreeMap<ShopId, &'a Arc<SeriesView>>,
}

impl Rung<'_> {
    /// The best open price among shops.
    pub fn best(&self) -> Option<Odds> {
        let offers = self.shops.values().filter(|s| s.kind == BookKind::Book);
        let open = offers.filter(|s| s.price.status == QuoteStatus::Open);
        open.filter_map(|s| s.price.odds)
            .max_by(|a, b| a.to_decimal().total_cmp(&b.to_decimal()))
    }
}

/// Whether somebody quotes another line than the main one.
pub fn has_alternates(game: &GameView, market: &Market) -> bool {
    let mut all = game.series.iter();
    all.any(|s| s.key.market == *market && s.key.slot != LineSlot::Main)
}

/// The lines of one side, the lowest first. Of a shop's series at a line the primary id speaks, then the stream of lower
/// rank, as on the board.
pub fn rungs<'a>(game: &'a GameView, selector: &Selector, side: Side) -> Vec<Rung<'a>> {
    let mains = speakers(game, selector, side);
    let main = best(&mains).and_then(|best| best.line);
    let mut lines: BTreeMap<domain::market::Line, BTreeMap<ShopId, &Arc<SeriesView>>> =
        BTreeMap::new();
    // An opening is nobody's offer any more.
    let offered = mains.iter().filter(|s| s.series.kind != BookKind::Opener);
    for speaker in offered {
        if let Some(line) = speaker.series.price.line {
            let shops = lines.entry(line).or_default();
            shops.insert(speaker.shop.clone(), speaker.series);
        }
    }
    let mut others: Vec<(domain::market::Line, &Arc<SeriesView>)> = game
        .series
        .iter()
        .filter(|series| {
            let key = &series.key;
            key.market == selector.market
                && key.period == selector.period
                && key.phase == selector.phase
                && key.side == side
                && key.participant.is_empty()
        })
        .filter_map(|series| match series.key.slot {
            LineSlot::Main => None,
            LineSlot::Alternate(line) => Some((line, series)),
        })
        .collect();
    others.sort_by_key(|(_, s)| (!s.primary, s.key.stream.rank()));
    for (line, series) in others {
        let shops = lines.entry(line).or_default();
        shops.entry(ShopId::of(series)).or_insert(series);
    }
    let rungs = lines.into_iter().map(|(line, shops)| Rung {
        line,
        main: Some(line) == main,
        shops,
    });
    rungs.collect()
}

/// Everybody who quotes a rung, and how they are called. Whoever quotes most lines says most about a ladder and comes
/// first.
pub fn shops<'a>(rungs: &'a [Rung<'_>]) -> Vec<(&'a ShopId, &'a str)> {
    let mut labels: BTreeMap<&ShopId, (usize, &str)> = BTreeMap::new();
    for (shop, series) in rungs.iter().flat_map(|rung| &rung.shops) {
        labels.entry(shop).or_insert((0, &*series.label)).0 += 1;
    }
    let mut shops: Vec<(&ShopId, (usize, &str))> = labels.into_iter().collect();
    shops.sort_by(|a, b| (b.1.0, a.0).cmp(&(a.1.0, b.0)));
    shops.into_iter().map(|(shop, (_, l))| (shop, l)).collect()
}

/// Width in which so many shops have room: what stands before them, and for each a price with its two marks.
pub const fn width(shops: usize) -> u16 {
    (shops as u16).saturating_mul(8).saturating_add(16)
}

/// How many shops of so many can be walked past before the last one stands at the right edge.
pub fn furthest(shops: usize, room: u16) -> usize {
    let seen = (1..=shops).rev().find(|seen| width(*seen) <= room);
    shops.saturating_sub(seen.unwrap_or(1))
}

/// What of a ladder is in view.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sight {
    /// The selected rung; it is in view.
    pub row: Option<usize>,
    /// Shops walked past at the left.
    pub passed: usize,
}

/// Draw the rungs.
pub fn view(
    draw: &Draw<'_>,
    game: &GameView,
    market: &Market,
    rungs: &[Rung<'_>],
    sight: Sight,
    area: Rect,
    buffer: &mut Buffer,
) {
    let theme = draw.theme;
    let shops = shops(rungs);
    let passed = sight.passed.min(furthest(shops.len(), area.width));
    let shops = shops.get(passed..).unwrap_or_default();
    let mut columns = vec![
        Column::new("line", 6).right(),
        Column::new("", 1),
        Column::new("best  ", 7).right(),
    ];
    let heads = columns.len();
    for (nth, (_, label)) in shops.iter().enumerate() {
        let rank = u8::try_from(nth).unwrap_or(u8::MAX);
        columns.push(Column::new(format!("{label}  "), 7).right().rank(rank));
    }
    let table = Table {
        columns: &columns,
        rows: rungs.len(),
        selected: sight.row,
        selection: draw.selection(),
        heading: theme.heading,
    };
    let over = game.status == GameStatus::Final;
    table.render(area, buffer, |index| {
        let Some(rung) = rungs.get(index) else {
            return Vec::new();
        };
        let best = rung.best();
        let style = if rung.main { theme.strong } else { theme.text };
        let mut cells = vec![
            Line::styled(figures::line(rung.line, market), style),
            Line::styled(if rung.main { "●" } else { "" }, theme.accent),
            Line::styled(
                best.map_or_else(|| "---  ".to_owned(), |odds| format!("{odds}  ")),
                if best.is_some() {
                    theme.best
                } else {
                    theme.faint
                },
            ),
        ];
        cells.extend(shops.iter().map(|(shop, _)| {
            let Some(series) = rung.shops.get(shop) else {
                return Line::styled("---  ", theme.faint);
            };
            let price = &series.price;
            let unconfirmed = !over && draw.is_stale(series.key.stream.source(), series.seen_at);
            let is_open = price.status == QuoteStatus::Open && price.odds.is_some();
            let is_best = is_open && series.kind == BookKind::Book && price.odds == best;
            let style = match (is_open, unconfirmed, is_best) {
                (false, ..) => theme.muted,
                (_, true, _) => theme.stale,
                (_, _, true) => theme.best,
                _ => theme.text,
            };
            Line::from(vec![
                Span::styled(figures::price(price, &Market::Moneyline), style),
                Span::styled(if is_best { "★" } else { " " }, theme.best),
                Span::styled(if unconfirmed { "~" } else { " " }, theme.warn),
            ])
        }));
        cells
    });
    table.beyond(heads, passed > 0, theme.accent, area, buffer);
}
