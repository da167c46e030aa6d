//! Watching linetape itself.

pub mod alert;
pub mod logs;
pub mod words;
