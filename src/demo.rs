//! The built-in market: a seeded simulator behind a loopback HTTP server that speaks the feeds' own formats.
//!
//! Everything is a pure function of (seed, games a day, simulated time): [`Market`] answers "as of t" and gives the
//! same answer whoever asks and however often. [`DemoServer`] puts a clock and HTTP in front of it, so that the very
//! client code that talks to the feeds runs against it. The bodies have the key paths, the types and the quirks of the
//! captured ones; `tests/demo.rs` and `tests/demo_feeds.rs` hold both. What no capture shows (standings of ESPN, American
//! scores of Goalserve) follows what clients in the wild read.
//!
//! ```text
//! shop, schedule, plot ─▶ latent (truth, score, planted events) ─▶ tape (ticks a book) ─▶ slate ─▶ market
//!                     action_network · odds_api ◀── market
//!     espn · mlb_stats · sbd · vsin · sbr · goalserve ◀── pregame, linescore, spelling ◀── market
//!                                        server ◀── clock
//! ```

mod action_network;
mod dice;
mod espn;
mod goalserve;
mod latent;
mod linescore;
mod market;
mod mlb_stats;
mod odds_api;
mod planted;
mod plot;
mod pregame;
mod price;
mod reply;
mod sbd;
mod sbr;
mod schedule;
mod server;
mod shop;
mod slate;
mod spelling;
mod splits;
mod tape;
mod vsin;

use chrono::{DateTime, Utc};

pub use market::Market;
pub use planted::{Moved, Planted, PlantedKind, Shares};
pub use reply::Reply;
pub use server::{DemoServer, ServerError};

/// The moment a fresh demo starts at: 10:00 Eastern on Saturday 12 July 2025, hours before the first pitch.
pub const EPOCH: DateTime<Utc> = match DateTime::from_timestamp(1_752_328_800, 0) {
    Some(time) => time,
    None => DateTime::UNIX_EPOCH,
};

/// Why the market cannot be built: a file that ships with linetape is malformed, which a test rules out.
#[derive(Debug, thiserror::Error)]
#[error("a file that ships with linetape is malformed; please report it: {0}")]
pub struct DemoError(#[from] toml::de::Error);
