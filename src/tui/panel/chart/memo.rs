//! Columns already worked out: a frame in which neither a price nor the window changed draws them again.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::subject::Subject;
use super::window::Window;
use crate::domain::market::Side;
use crate::engine::board::Selector;
use crate::engine::snapshot::GameView;
use crate::tui::kept::Kept;
use crate::tui::widget::step_chart::Column;

/// What columns hang on.
#[derive(Debug)]
pub(super) struct Wish {
    game: Arc<GameView>,
    selector: Selector,
    side: Side,
    by_line: bool,
    window: Window,
    /// The column that now falls into: those after it are empty.
    now: i64,
    /// How far its changes are drawn: a snapshot may be ahead of the screen's clock, and what it is ahead by comes later.
    until: Option<DateTime<Utc>>,
    /// Since when nobody has confirmed a book's price, book by book.
    unconfirmed: Vec<Option<i64>>,
}

impl Wish {
    pub(super) fn of(
        subject: &Subject<'_>,
        by_line: bool,
        window: Window,
        now: DateTime<Utc>,
        unconfirmed: Vec<Option<i64>>,
    ) -> Self {
        Self {
            game: Arc::clone(subject.game),
            selector: subject.selector.clone(),
            side: subject.side,
            by_line,
            window,
            now: (now.timestamp_millis() - window.from).div_euclid(window.column().max(1)),
            until: subject.game.changed_at.map(|changed| changed.min(now)),
            unconfirmed,
        }
    }
}

impl PartialEq for Wish {
    fn eq(&self, other: &Self) -> bool {
        // The same memory is the same game: it is held as long as it is compared.
        Arc::ptr_eq(&self.game, &other.game)
            && self.selector == other.selector
            && self.side == other.side
            && self.by_line == other.by_line
            && self.window == other.window
            && self.now == other.now
            && self.until == other.until
            && self.unconfirmed == other.unconfirmed
    }
}

/// The columns of a chart.
#[derive(Debug)]
pub(super) struct Columns {
    /// Of each book, in the order of the speakers.
    pub(super) books: Vec<Vec<Column>>,
    /// Of the shops' middle; empty where it is not drawn.
    pub(super) middle: Vec<Column>,
}

/// The columns of the last frames: of two charts beside each other, and of those before a step there and back.
pub(super) type Memo = Kept<Wish, Columns, 4>;

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::config::settings::ThemeName;
    use crate::tui::fixture;
    use crate::tui::panel::Panel;

    #[test]
    fn a_change_that_is_ahead_of_the_clock_is_drawn_when_the_clock_comes_to_it() {
        let ui = fixture::ui((120, 40), ThemeName::Dark);
        let subject = Subject::of(&ui.draw(Panel::Chart), &ui.board).unwrap();
        let newest = subject.game.changed_at.unwrap();
        let window = Window {
            from: newest.timestamp_millis() - 60_000,
            to: newest.timestamp_millis() + 60_000,
            columns: 1,
        };
        let at = |seconds: i64| {
            let now = newest + TimeDelta::seconds(seconds);
            Wish::of(&subject, false, window, now, Vec::new())
        };
        assert_ne!(at(-1), at(1), "the change came into view");
        assert_eq!(at(1), at(2), "nothing did");
        assert_ne!(at(1), at(61), "another column is now");
    }
}
