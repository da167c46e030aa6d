//! The market's arithmetic against numbers that others computed or published.
//!
//! The reference vectors lie outside the project, in `../shared/vectors`, and are skipped, aloud, where they are missing. The
//! properties and the second implementation need nothing from outside.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "vectors/devig.rs"]
mod devig;
#[path = "vectors/differential.rs"]
mod differential;
#[path = "vectors/file.rs"]
mod file;
#[path = "vectors/metrics.rs"]
mod metrics;
#[path = "vectors/money.rs"]
mod money;
#[path = "vectors/odds.rs"]
mod odds;
#[path = "vectors/properties.rs"]
mod properties;
#[path = "vectors/random.rs"]
mod random;
#[path = "vectors/ratings.rs"]
mod ratings;
#[path = "vectors/second.rs"]
mod second;
#[path = "vectors/settlement.rs"]
mod settlement;
#[path = "vectors/spread.rs"]
mod spread;
#[path = "vectors/wrong.rs"]
mod wrong;
