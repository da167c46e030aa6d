//! Small scripted markets through decode, stage, tape and writer on one side, and through the hub on the other: the
//! rows say what happened, and the screen's snapshot says the same.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "sim/demo_hour.rs"]
mod demo_hour;
#[path = "sim/eight.rs"]
mod eight;
#[path = "sim/incremental.rs"]
mod incremental;
#[path = "sim/join.rs"]
mod join;
#[path = "sim/merge.rs"]
mod merge;
#[path = "sim/past.rs"]
mod past;
#[path = "support/postgres.rs"]
mod postgres;
#[path = "sim/rejects.rs"]
mod rejects;
#[path = "sim/script.rs"]
mod script;
#[path = "sim/scripted.rs"]
mod scripted;
#[path = "support/tables.rs"]
mod tables;
#[path = "sim/teams.rs"]
mod teams;
#[path = "sim/world.rs"]
mod world;
