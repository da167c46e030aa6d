//! The real program in a real pseudo-terminal, on the demo market.
//!
//! `story` has one story from end to end for each thing the cockpit is for; the rest holds it to the letter.
//!
//! Every test starts a cockpit of its own and looks at whole frames only. The databases lie side by side in the
//! cluster that all test binaries share.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "pty/cockpit.rs"]
mod cockpit;
#[path = "pty/frame.rs"]
mod frame;
#[path = "pty/launch.rs"]
mod launch;
#[path = "pty/modes.rs"]
mod modes;
#[path = "pty/mono.rs"]
mod mono;
#[path = "pty/pictures.rs"]
mod pictures;
#[path = "support/postgres.rs"]
mod postgres;
#[path = "pty/restore.rs"]
mod restore;
#[path = "pty/soak.rs"]
mod soak;
#[path = "pty/start.rs"]
mod start;
#[path = "pty/story.rs"]
mod story;
#[path = "pty/table.rs"]
mod table;
#[path = "pty/twin_queries.rs"]
mod twin_queries;
#[path = "pty/twins.rs"]
mod twins;
#[path = "pty/written.rs"]
mod written;
