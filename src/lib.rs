//! linetape: a terminal cockpit for betting-line movement.
//!
//! One engine collects odds feeds, keeps every payload and every move in Postgres and publishes snapshots; the
//! screen is only one of its subscribers. `ARCHITECTURE.md` shows the way in.

// Unit tests may unwrap: a failed unwrap is a failed test.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

// Each layer imports only from those below it; `tests/layers.rs` holds this.
pub mod analytics;
pub mod cache;
pub mod cli;
pub mod config;
pub mod demo;
pub mod domain;
pub mod engine;
pub mod monitor;
pub mod sources;
pub mod spool;
pub mod store;
pub mod tui;
