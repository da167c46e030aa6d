//! What the filter asks of a game.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::State;
use crate::domain::book::BookSlug;
use crate::engine::board::{Speaker, speakers};
use crate::engine::query::{Field, Row};
use crate::engine::snapshot::GameView;

/// A game and the board it is asked on.
pub(super) struct Asked<'a> {
    pub(super) board: &'a State,
    pub(super) game: &'a Arc<GameView>,
    pub(super) now: DateTime<Utc>,
}

impl Row for Asked<'_> {
    /// Teams, league, state, and the books that quote the game.
    fn words(&self) -> String {
        let game = self.game;
        format!(
            "{} {} {} {}",
            teams(game),
            game.league,
            game.status,
            books(game)
        )
    }

    fn small_words(&self) -> Arc<str> {
        self.board.gists.words(self.board, self.game).all
    }

    fn text(&self, field: Field) -> String {
        let game = self.game;
        match field {
            Field::Team => teams(game),
            Field::Book => books(game),
            Field::League => game.league.to_string(),
            Field::Status => game.status.to_string(),
            Field::Market => {
                let mut markets: Vec<String> = game
                    .series
                    .iter()
                    .map(|s| s.key.market.to_string())
                    .collect();
                markets.sort_unstable();
                markets.dedup();
                markets.join(" ")
            }
            Field::Is if self.board.favourites.contains(&game.id) => "fav favourite starred".into(),
            Field::Is => String::new(),
            _ => self.words(),
        }
    }

    fn small_text(&self, field: Field) -> Arc<str> {
        match field {
            Field::Book => self.board.gists.words(self.board, self.game).books,
            _ => self.text(field).to_lowercase().into(),
        }
    }

    fn number(&self, field: Field) -> Option<f64> {
        let reading = || self.board.gists.reading(self.board, self.game, self.now);
        match field {
            Field::Moved => reading().since_open.map(|drift| drift.size()),
            Field::Hold => reading().hold.map(|hold| hold * 100.0),
            Field::Books => {
                let side = self.board.sides(self.game).first().copied()?;
                let quoted = speakers(self.game, &self.board.selector(self.game), side);
                Some(quoted.iter().filter(|s| Speaker::is_shop(s)).count() as f64)
            }
            Field::Start => {
                let start = self.game.starts_at?;
                Some((start - self.now).num_minutes() as f64 / 60.0)
            }
            Field::Age => {
                let changed = self.game.changed_at?;
                Some((self.now - changed).num_seconds() as f64 / 60.0)
            }
            _ => None,
        }
    }
}

/// Abbreviations and names of both teams.
fn teams(game: &GameView) -> String {
    format!(
        "{} {} {} {}",
        game.away.abbr, game.home.abbr, game.away.name, game.home.name
    )
}

/// Labels and names of every book that quotes anything of the game.
fn books(game: &GameView) -> String {
    let mut names: Vec<&str> = Vec::new();
    for series in &game.series {
        names.push(&series.label);
        names.extend(series.book.as_ref().map(BookSlug::as_str));
    }
    names.sort_unstable();
    names.dedup();
    names.join(" ")
}
