//! Signals: the rows they are made of, and what was made of them.

mod game;
mod grade;
mod listed;
mod preset;
mod settling;

pub use game::{
    Reach, SignalGame, SignalLine, SignalSplit, game, games_since, lines, reach, splits,
};
pub use grade::{
    Grade, Record, Ungraded, gradable, line_scores, records, to_grade, untold, write_grades,
};
pub use listed::{SignalFilter, StoredSignal, list};
pub use preset::seed_presets;
pub use settling::{Settled, settle};
