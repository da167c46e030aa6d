//! Every decoder against what the feeds really send.
//!
//! The captured payloads lie outside the project and are skipped, aloud, where they are missing. What a payload holds is
//! counted here a second time, by walking it as plain JSON, so that the decoder is not its own witness.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "contract/action_network.rs"]
mod action_network;
#[path = "contract/espn.rs"]
mod espn;
#[path = "contract/fuzz.rs"]
mod fuzz;
#[path = "contract/goalserve.rs"]
mod goalserve;
#[path = "contract/hostile.rs"]
mod hostile;
#[path = "contract/mlb_stats.rs"]
mod mlb_stats;
#[path = "contract/odds_api.rs"]
mod odds_api;
#[path = "contract/payloads.rs"]
mod payloads;
#[path = "contract/sbd.rs"]
mod sbd;
#[path = "contract/sbr.rs"]
mod sbr;
#[path = "contract/speed.rs"]
mod speed;
#[path = "../fuzz/targets.rs"]
mod targets;
#[path = "contract/traps.rs"]
mod traps;
#[path = "contract/vsin.rs"]
mod vsin;
