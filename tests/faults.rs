//! What goes wrong outside linetape, made to happen: feeds that lie, stall and refuse, a Postgres that stops in the
//! middle, a process that is killed. What the spool acknowledged arrives, once, and the screen says what is wrong.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "faults/binary.rs"]
mod binary;
#[path = "faults/cluster.rs"]
mod cluster;
#[path = "faults/feeds.rs"]
mod feeds;
#[path = "faults/health.rs"]
mod health;
#[path = "faults/jobs.rs"]
mod jobs;
#[path = "faults/postgres.rs"]
mod outages;
#[path = "faults/polling.rs"]
mod polling;
#[path = "support/postgres.rs"]
mod postgres;
#[path = "faults/proxy.rs"]
mod proxy;
#[path = "faults/purses.rs"]
mod purses;
#[path = "faults/rig.rs"]
mod rig;
#[path = "faults/schema.rs"]
mod schema;
#[path = "faults/seasons.rs"]
mod seasons;
#[path = "support/tables.rs"]
mod tables;
#[path = "faults/turn.rs"]
mod turn;
#[path = "faults/wire.rs"]
mod wire;
#[path = "faults/year.rs"]
mod year;
