//! Games and books: one market at a time, every book's price, the best one, and how old each is.

mod detail;
mod gist;
pub mod ladder;
mod order;
mod query;
mod row;
mod sort;

use chrono::{DateTime, Utc};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::Draw;
use crate::domain::game::GameId;
use crate::domain::league::League;
use crate::domain::market::{Market, Period, Phase, Side};
use crate::domain::status::GameStatus;
use crate::engine::board::{Selector, ShopId, favourite, sides, speakers};
use crate::engine::snapshot::{GameView, SignalView, Snapshot, TapeEntry};
use crate::tui::action::Action;
use crate::tui::figures;
use crate::tui::panel::first_row;
use crate::tui::widget::table::{Column, Table, place};
use gist::Gists;
use query::Asked;
use row::Row;
pub use sort::Sort;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Which side of each game is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SideMode {
    /// The side shops hold likelier, over for totals.
    #[default]
    Favourite,
    /// Two rows a game.
    Both,
    /// Away or over.
    First,
    /// Home or under.
    Second,
}

/// Which prices are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PhaseMode {
    /// In-play prices of a game that is on and has some, else those before the start.
    #[default]
    Fitting,
    /// Before the start.
    Pregame,
    /// In play.
    Live,
}

/// What the board remembers; the chart draws the same game, market and side.
#[derive(Debug, Clone)]
pub struct State {
    /// Selected game; none selects the first.
    pub game: Option<GameId>,
    /// Market.
    pub market: Market,
    /// Part of the game.
    pub period: Period,
    /// Which prices.
    pub phase: PhaseMode,
    /// Which side.
    pub side: SideMode,
    /// Books scrolled out at the left.
    pub first_book: usize,
    /// In which order games stand.
    pub sort: Sort,
    /// Games that stand on top whatever the order.
    pub favourites: BTreeSet<GameId>,
    /// What is known of each game, so that it is worked out once.
    gists: Gists,
    /// Their order, so that it is worked out once.
    order: order::Order,
}

impl Default for State {
    fn default() -> Self {
        Self {
            game: None,
            market: Market::Moneyline,
            period: Period::Full,
            phase: PhaseMode::default(),
            side: SideMode::default(),
            first_book: 0,
            sort: Sort::default(),
            favourites: BTreeSet::new(),
            gists: Gists::default(),
            order: order::Order::default(),
        }
    }
}

/// Markets `m` goes through.
const MARKETS: [Market; 3] = [Market::Moneyline, Market::Spread, Market::Total];

impl State {
    /// The games the filter leaves, in the board's order: favourites first, then as sorted.
    pub fn games<'a>(&self, draw: &Draw<'a>) -> Vec<&'a Arc<GameView>> {
        let snapshot: &'a Snapshot = draw.snapshot;
        self.gists.keep(&snapshot.games);
        let wish = order::Wish {
            games: Arc::clone(&snapshot.games),
            filter: draw.filter.to_owned(),
            sort: self.sort,
            favourites: self.favourites.clone(),
            now: draw.now,
            view: self.view_key(),
        };
        let order = self.order.answer(wish, || self.ordered(draw));
        let game = |index: &usize| snapshot.games.get(*index);
        order.iter().filter_map(game).collect()
    }

    /// What is shown of a game; whatever else is shown is another view.
    fn view_key(&self) -> gist::View {
        (self.market.clone(), self.period, self.phase, self.side)
    }

    fn ordered(&self, draw: &Draw<'_>) -> Arc<[usize]> {
        let query = draw.query();
        let mut games: Vec<(usize, &Arc<GameView>)> = draw
            .snapshot
            .games
            .iter()
            .enumerate()
            .filter(|(_, game)| {
                // A row that a feed mixed in from a league nobody follows is found by its words only.
                if draw.filter.is_empty() {
                    game.league != League::Other
                } else {
                    query.keeps(&Asked {
                        board: self,
                        game,
                        now: draw.now,
                    })
                }
            })
            .collect();
        self.sort(&mut games, draw.now);
        games.into_iter().map(|(index, _)| index).collect()
    }

    /// The selected game, or the first while that one is not in view.
    pub fn selected<'a>(&self, draw: &Draw<'a>) -> Option<&'a Arc<GameView>> {
        let snapshot: &'a Snapshot = draw.snapshot;
        // Most often it is there, and nothing has to be sorted or filtered to know it.
        let chosen = snapshot
            .games
            .iter()
            .find(|game| Some(game.id) == self.game && draw.filter.is_empty());
        if chosen.is_some() {
            return chosen;
        }
        let games = self.games(draw);
        let found = games.iter().find(|game| Some(game.id) == self.game);
        found.or(games.first()).copied()
    }

    /// Put the selected game on top for good, or let it go again; whether it is a favourite now.
    pub fn star(&mut self, game: GameId) -> bool {
        if self.favourites.remove(&game) {
            return false;
        }
        self.favourites.insert(game);
        true
    }

    /// Market, period and phase for one game.
    pub fn selector(&self, game: &Arc<GameView>) -> Selector {
        self.gists.selector(self, game)
    }

    /// The sides shown of one game, top first.
    pub fn sides(&self, game: &Arc<GameView>) -> Vec<Side> {
        self.gists.sides(self, game)
    }

    fn select(&self, game: &GameView) -> Selector {
        let live = Selector {
            market: self.market.clone(),
            period: self.period,
            phase: Phase::Live,
        };
        let pregame = Selector {
            phase: Phase::Pregame,
            ..live.clone()
        };
        let quoted_live = || {
            sides(&self.market)
                .into_iter()
                .any(|side| !speakers(game, &live, side).is_empty())
        };
        let wants_live = match self.phase {
            PhaseMode::Pregame => false,
            PhaseMode::Live => true,
            PhaseMode::Fitting => game.status == GameStatus::Live && quoted_live(),
        };
        if wants_live { live } else { pregame }
    }

    fn sides_of(&self, game: &GameView, selector: &Selector) -> Vec<Side> {
        let [first, second] = sides(&self.market);
        match self.side {
            SideMode::Favourite => vec![favourite(game, selector)],
            SideMode::Both => vec![first, second],
            SideMode::First => vec![first],
            SideMode::Second => vec![second],
        }
    }

    /// Next or previous market.
    pub fn step_market(&mut self, step: isize) {
        let at = MARKETS.iter().position(|m| *m == self.market).unwrap_or(0);
        let next = (at as isize + step).rem_euclid(MARKETS.len() as isize) as usize;
        if let Some(market) = MARKETS.get(next) {
            self.market = market.clone();
        }
    }

    /// Show a market, if the board has it.
    pub fn follow_market(&mut self, market: &Market) -> bool {
        let has = MARKETS.contains(market);
        if has {
            self.market = market.clone();
        }
        has
    }

    /// The game of a row of the table drawn in `area`, for the mouse.
    pub fn select_row(&mut self, draw: &Draw<'_>, area: Rect, y: u16) {
        let games = self.games(draw);
        let rows: Vec<GameId> = games
            .iter()
            .flat_map(|game| self.sides(game).into_iter().map(|_| game.id))
            .collect();
        let selected = rows.iter().position(|id| Some(*id) == self.game);
        let height = usize::from(area.height.saturating_sub(4)).max(1);
        let first = super::first_row(selected.unwrap_or(0), rows.len(), height);
        // The frame and the heads lie above.
        let row = usize::from(y.saturating_sub(area.y + 2)) + first;
        if y >= area.y + 2
            && let Some(game) = rows.get(row)
        {
            self.game = Some(*game);
        }
    }

    /// Next part of the game that somebody quotes.
    pub fn next_period(&mut self, snapshot: &Snapshot) {
        let mut quoted: Vec<Period> = snapshot
            .games
            .iter()
            .flat_map(|game| game.series.iter().map(|series| series.key.period))
            .collect();
        quoted.sort_unstable();
        quoted.dedup();
        let after = quoted.iter().copied().find(|period| *period > self.period);
        self.period = after.or(quoted.first().copied()).unwrap_or(Period::Full);
    }

    /// Fitting, before the start, in play.
    pub fn next_phase(&mut self) {
        self.phase = match self.phase {
            PhaseMode::Fitting => PhaseMode::Pregame,
            PhaseMode::Pregame => PhaseMode::Live,
            PhaseMode::Live => PhaseMode::Fitting,
        };
    }

    /// Favourite, both, away or over, home or under.
    pub fn next_side(&mut self) {
        self.side = match self.side {
            SideMode::Favourite => SideMode::Both,
            SideMode::Both => SideMode::First,
            SideMode::First => SideMode::Second,
            SideMode::Second => SideMode::Favourite,
        };
    }

    /// Select what a move on the tape is about.
    pub fn show(&mut self, entry: &TapeEntry) {
        self.game = Some(entry.game_id);
        if MARKETS.contains(&entry.market) {
            self.market = entry.market.clone();
        }
        self.period = entry.period;
        self.phase = match entry.phase {
            Phase::Pregame => PhaseMode::Pregame,
            Phase::Live => PhaseMode::Live,
        };
        let [first, _] = sides(&self.market);
        self.side = if entry.side == first {
            SideMode::First
        } else {
            SideMode::Second
        };
    }

    /// Select what a signal is about.
    pub fn show_signal(&mut self, signal: &SignalView) {
        self.game = Some(signal.game_id);
        self.market = signal.market.clone();
        self.period = signal.period;
        self.phase = PhaseMode::Pregame;
        let [first, _] = sides(&self.market);
        self.side = if signal.side == first {
            SideMode::First
        } else {
            SideMode::Second
        };
    }

    /// Move the selection, or the books of a board so wide.
    pub fn handle(&mut self, action: Action, draw: &Draw<'_>, width: u16) {
        let ids: Vec<GameId> = self.games(draw).iter().map(|game| game.id).collect();
        let at = ids
            .iter()
            .position(|id| Some(*id) == self.game)
            .unwrap_or(0);
        let last = ids.len().saturating_sub(1);
        let target = match action {
            Action::Up => at.saturating_sub(1),
            Action::Down => (at + 1).min(last),
            Action::PageUp => at.saturating_sub(10),
            Action::PageDown => (at + 10).min(last),
            Action::First => 0,
            Action::Last => last,
            Action::Left | Action::Right => {
                let books = self.gists.shops(self, &self.games(draw));
                let furthest = self.furthest(&books, width);
                self.first_book = match action {
                    Action::Left => self.first_book.min(furthest).saturating_sub(1),
                    _ => (self.first_book + 1).min(furthest),
                };
                return;
            }
            _ => return,
        };
        self.game = ids.get(target).copied();
    }

    /// Draw it.
    pub fn view(&self, draw: &Draw<'_>, area: Rect, buffer: &mut Buffer) {
        let title = format!(
            "Board · {} · {}{}",
            self.market,
            self.period,
            self.phase_words()
        );
        let mut aside = match self.side {
            SideMode::Favourite => "favourites",
            SideMode::Both => "both sides",
            SideMode::First => "away / over",
            SideMode::Second => "home / under",
        }
        .to_owned();
        if self.sort != Sort::default() {
            aside = format!("{aside} · by {}", self.sort.name());
        }
        let inner = draw.frame(&title, &aside, area, buffer);
        if draw.snapshot.games.is_empty() {
            super::startup::view(draw, inner, buffer);
            return;
        }
        let selected = self.selected(draw).map(|game| game.id);
        let games = self.games(draw);
        let rows: Vec<(&Arc<GameView>, Side, bool)> = games
            .iter()
            .flat_map(|game| {
                let sides = self.sides(game).into_iter().enumerate();
                sides.map(|(index, side)| (*game, side, index == 0))
            })
            .collect();
        if rows.is_empty() {
            draw.say(
                "No game has these words.",
                "Press 0 to show all games, or / to change the words.",
                inner,
                buffer,
            );
            return;
        }
        let books = self.gists.shops(self, &games);
        if books.is_empty() {
            let what = format!(
                "Nobody quotes the {} ({}) {}.",
                self.market,
                self.period,
                match self.phase {
                    PhaseMode::Live => "in play",
                    _ => "of these games",
                }
            );
            draw.say(
                &what,
                "Press m for another market, o for another period, v for another phase.",
                inner,
                buffer,
            );
            return;
        }
        let passed = match self.first_book {
            0 => 0,
            walked => walked.min(self.furthest(&books, inner.width)),
        };
        let shown: Vec<&(ShopId, Arc<str>)> = books.iter().skip(passed).collect();
        let columns = self.columns(&shown);
        let age_row = inner.height > 4;
        let table_height = (rows.len() as u16 + 1).min(inner.height - u16::from(age_row));
        let table_area = Rect {
            height: table_height,
            ..inner
        };
        let table = Table {
            columns: &columns,
            rows: rows.len(),
            selected: rows.iter().position(|row| Some(row.0.id) == selected),
            selection: draw.selection(),
            heading: draw.theme.heading,
        };
        // Only what is in view is asked for its prices.
        let height = usize::from(table_height.saturating_sub(1));
        let top = first_row(table.selected.unwrap_or(0), rows.len(), height);
        let in_view: Vec<Row<'_>> = rows
            .iter()
            .skip(top)
            .take(height)
            .map(|(game, side, first)| Row::new(self, game, *side, *first))
            .collect();
        table.render(table_area, buffer, |index| {
            let Some(row) = index.checked_sub(top).and_then(|at| in_view.get(at)) else {
                return Vec::new();
            };
            let mut cells = row.head(self, draw);
            cells.extend(
                shown
                    .iter()
                    .map(|(shop, _)| row.cell(draw, shop, &self.market)),
            );
            cells
        });
        let heads = columns.len() - shown.len();
        let passed = shown.len() < books.len();
        table.beyond(heads, passed, draw.theme.accent, table_area, buffer);
        if age_row {
            let mut cells = vec![Line::styled("age", draw.theme.muted)];
            cells.resize(heads, Line::default());
            cells.extend(shown.iter().map(|(shop, _)| age(draw, &in_view, shop)));
            let foot = Rect {
                y: table_area.bottom(),
                height: 1,
                ..inner
            };
            table.row(&cells, foot, buffer);
            let rest = Rect {
                y: foot.bottom() + 1,
                height: inner.bottom().saturating_sub(foot.bottom() + 1),
                ..inner
            };
            if let Some(game) = self.selected(draw) {
                detail::view(self, draw, game, rest, buffer);
            }
        }
    }

    /// Game, start, side where two are shown, open, best, and the books as far as there is room.
    /// How many books can be walked past before the last one stands at the right edge.
    fn furthest(&self, books: &[(ShopId, Arc<str>)], width: u16) -> usize {
        let fits = |passed: &usize| {
            let shown: Vec<_> = books.iter().skip(*passed).collect();
            let places = place(&self.columns(&shown), width);
            places.iter().rev().take(shown.len()).all(Option::is_some)
        };
        let least = (0..books.len()).rev().take_while(fits).last();
        least.unwrap_or_else(|| books.len().saturating_sub(1))
    }

    fn columns(&self, shown: &[&(ShopId, Arc<str>)]) -> Vec<Column> {
        let wide = if self.market.has_line() { 9 } else { 5 };
        let side = if self.side == SideMode::Both {
            Column::new("side", 5)
        } else {
            Column::new("", 0)
        };
        let mut columns = vec![
            Column::new("game", 12),
            Column::new("start", 6).right().rank(8),
            side.rank(3),
            Column::new("fair", 5).right().rank(24),
            Column::new("open", wide).right().rank(10),
            Column::new("Δopen", 6).right().rank(18),
            Column::new("Δ1h", 6).right().rank(22),
            Column::new("hold", 5).right().rank(26),
            Column::new("best", wide + 5).right().rank(20),
        ];
        for (index, (_, label)) in shown.iter().enumerate() {
            // Three books stay whatever comes, five matter more than what is worked out of them, the rest less.
            let rank = match index {
                0..3 => 0,
                3..5 => 12 + index as u8,
                _ => (index as u8).saturating_add(30),
            };
            // The cell ends in two marks; heads stand over the digits.
            columns.push(
                Column::new(format!("{label}  "), wide + 2)
                    .right()
                    .rank(rank),
            );
        }
        columns
    }

    fn phase_words(&self) -> &'static str {
        match self.phase {
            PhaseMode::Fitting => "",
            PhaseMode::Pregame => " · pregame",
            PhaseMode::Live => " · live",
        }
    }
}

/// When a book's column was last confirmed: the newest of its prices in view.
fn age(draw: &Draw<'_>, rows: &[Row<'_>], shop: &ShopId) -> Line<'static> {
    let newest: Option<(DateTime<Utc>, bool)> = rows
        .iter()
        .filter_map(|row| row.speaker(shop))
        .map(|s| {
            (
                s.series.seen_at,
                draw.is_stale(s.series.key.stream.source(), s.series.seen_at),
            )
        })
        .max_by_key(|(at, _)| *at);
    newest.map_or_else(Line::default, |(at, stale)| {
        let (mark, style) = if stale {
            ("~", draw.theme.warn)
        } else {
            (" ", draw.theme.muted)
        };
        Line::from(Span::styled(
            format!("{}{mark} ", figures::age(draw.now - at)),
            style,
        ))
    })
}
