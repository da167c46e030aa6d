//! Watching linetape itself.

pub mod logs;
