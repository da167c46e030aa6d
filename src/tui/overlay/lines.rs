//! The selected game's other lines, over the panels.

use std::sync::Arc;

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{Outcome, centred};
use crate::domain::market::{Market, Side};
use crate::engine::board::sides;
use crate::engine::snapshot::GameView;
use crate::tui::layout;
use crate::tui::panel::board::ladder::{self, Rung, Sight};
use crate::tui::panel::{Draw, Panel};
use crate::tui::ui::Ui;

/// Markets that have lines.
const MARKETS: [Market; 2] = [Market::Spread, Market::Total];

/// Least width of the box, so that it does not jump from one side to the other.
const LEAST: u16 = 112;

/// Which ladder is shown, the row in view (none is the main line's), and how many books lie out of it at the left.
#[derive(Debug, Clone)]
pub struct Lines {
    market: Market,
    second: bool,
    row: Option<usize>,
    passed: usize,
}

/// The market to begin with, where the game has other lines: the board's, else one that has some.
fn first_market(game: &GameView, wanted: &Market) -> Option<Market> {
    let has = |market: &&Market| ladder::has_alternates(game, market);
    let wanted = MARKETS.iter().find(|m| *m == wanted).filter(has);
    wanted.or_else(|| MARKETS.iter().find(has)).cloned()
}

/// Why there is nothing to show; none when there is.
pub fn hindrance(ui: &Ui) -> Option<&'static str> {
    match ui.selected_game() {
        None => Some("no game is selected; the board fills once a source has answered"),
        Some(game) if first_market(game, &ui.board.market).is_none() => Some(
            "no book quotes other lines of this game; r asks the feeds, oddsapi brings them near the start",
        ),
        Some(_) => None,
    }
}

/// The frame at both sides.
const FRAME: u16 = 2;

/// Width of the box: all books, where the screen has room for them.
fn width(shops: usize, body: Rect) -> u16 {
    let wanted = ladder::width(shops).saturating_add(FRAME);
    wanted.max(LEAST).min(body.width.max(FRAME))
}

impl Lines {
    /// The board's market and side; none where the selected game has no other lines.
    pub fn new(ui: &Ui) -> Option<Self> {
        let game = ui.selected_game()?;
        let market = first_market(game, &ui.board.market)?;
        let mut board = ui.board.clone();
        board.market = market.clone();
        let second = board.sides(game).first() == sides(&market).get(1);
        Some(Self {
            market,
            second,
            row: None,
            passed: 0,
        })
    }

    fn side(&self) -> Side {
        let [first, second] = sides(&self.market);
        if self.second { second } else { first }
    }

    fn rungs<'a>(&self, ui: &Ui, game: &'a Arc<GameView>) -> Vec<Rung<'a>> {
        let mut selector = ui.board.selector(game);
        selector.market = self.market.clone();
        ladder::rungs(game, &selector, self.side())
    }

    fn row(&self, rungs: &[Rung<'_>]) -> usize {
        let main = || rungs.iter().position(|rung| rung.main);
        let row = self.row.or_else(main).unwrap_or(0);
        row.min(rungs.len().saturating_sub(1))
    }

    /// Arrows walk the ladder and its books, `s` and `m` turn it as they turn the board, any other key leaves.
    pub fn key(&mut self, key: KeyEvent, ui: &Ui) -> Outcome {
        let Some(game) = ui.selected_game() else {
            return Outcome::Cancel;
        };
        let rungs = self.rungs(ui, game);
        let row = self.row(&rungs);
        let [_, _, _, body, _, _] = layout::frame(ui);
        let shops = ladder::shops(&rungs).len();
        let furthest = ladder::furthest(shops, width(shops, body) - FRAME);
        match key.code {
            KeyCode::Up | KeyCode::Char('k') => self.row = Some(row.saturating_sub(1)),
            KeyCode::Down | KeyCode::Char('j') => self.row = Some(row + 1),
            KeyCode::Left | KeyCode::Char('h') => {
                self.passed = self.passed.min(furthest).saturating_sub(1);
            }
            KeyCode::Right | KeyCode::Char('l') => self.passed = (self.passed + 1).min(furthest),
            KeyCode::Char('s') => (self.second, self.row) = (!self.second, None),
            KeyCode::Char('m') => {
                let other = MARKETS.into_iter().find(|market| *market != self.market);
                (self.market, self.row) = (other.unwrap_or(Market::Spread), None);
            }
            _ => return Outcome::Cancel,
        }
        Outcome::Stay
    }

    /// Draw it.
    pub fn view(&self, ui: &Ui, body: Rect, buffer: &mut Buffer) {
        let Some(game) = ui.selected_game() else {
            return;
        };
        let rungs = self.rungs(ui, game);
        let height = (rungs.len() as u16 + 3).max(6);
        let wide = width(ladder::shops(&rungs).len(), body);
        let area = centred(body, wide, height, buffer);
        let draw = Draw {
            focused: true,
            filter: "",
            of_now: false,
            ..ui.draw(Panel::Board)
        };
        let side = game.side_name(self.side());
        let title = format!("Lines · {} · {} · {side}", game.title(), self.market);
        let aside = "←→ books · s side · m market · Esc";
        let inner = draw.frame(&title, aside, area, buffer);
        if rungs.is_empty() {
            draw.say(
                "Nobody quotes this market of the game now.",
                "Press m for the other market, or r on the board to ask the feeds.",
                inner,
                buffer,
            );
            return;
        }
        let sight = Sight {
            row: Some(self.row(&rungs)),
            passed: self.passed,
        };
        ladder::view(&draw, game, &self.market, &rungs, sight, inner, buffer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::settings::ThemeName;
    use crate::domain::status::GameStatus;
    use crate::tui::action::Action;
    use crate::tui::fixture;
    use crate::tui::overlay::Overlay;
    use crate::tui::update::act;

    #[test]
    fn the_ladder_has_each_line_and_marks_the_best_price_of_it() {
        let mut ui = fixture::ui((120, 40), ThemeName::Dark);
        act(&mut ui, Action::Alternates);
        let Some(Overlay::Lines(lines)) = ui.overlays.last() else {
            panic!("{:?}", ui.toasts);
        };
        let game = ui.selected_game().unwrap();
        assert_eq!(game.status, GameStatus::Scheduled);
        assert_eq!((&lines.market, lines.side()), (&Market::Spread, Side::Home));
        let rungs = lines.rungs(&ui, game);
        let told: Vec<_> = rungs
            .iter()
            .map(|rung| (rung.line.hundredths(), rung.main, rung.shops.len()))
            .collect();
        assert_eq!(told, [(-250, false, 1), (-150, true, 9)]);
        let dearest = rungs[1].shops.values().filter_map(|s| s.price.odds);
        let dearest = dearest.max_by(|a, b| a.to_decimal().total_cmp(&b.to_decimal()));
        assert_eq!(rungs[1].best(), dearest);
        let live = std::sync::Arc::make_mut(&mut ui.live);
        for game in std::sync::Arc::make_mut(&mut live.games) {
            let game = std::sync::Arc::make_mut(game);
            game.series
                .retain(|s| s.key.slot == crate::domain::series::LineSlot::Main);
        }
        ui.overlays.clear();
        act(&mut ui, Action::Alternates);
        assert!(ui.overlays.is_empty() && ui.toasts[0].text.contains("no book quotes other lines"));
    }
}
