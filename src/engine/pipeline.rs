//! From payload to rows: decode, stage, keep changes, write. The hub and the writer go through the same pure functions.

pub mod drain;
pub mod replay;
pub mod stage;
pub mod write;
pub mod zone;
