//! Pieces panels are drawn from.

pub mod axis;
pub mod follow;
pub mod input;
pub mod scale;
pub mod spark;
pub mod step_chart;
pub mod table;
pub mod timeline;
pub mod toast;
