//! Bets, offers, fair odds and chances: the rows they are made of, and what was made of them.

mod bets;
mod chances;
mod fair;
mod game;
mod offers;
pub mod report;
mod settling;

pub use chances::legs;
pub use game::{Game, Reach, TapeLine, game, is_first_hand, lines, reach};
pub use settling::{Bet, Rows, Written, add, settle};
