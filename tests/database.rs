//! The `database` commands against real databases: what they print, the roles, and keeping a copy.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "database/archive.rs"]
mod archive;
#[path = "database/check_data.rs"]
mod check_data;
#[path = "database/copies.rs"]
mod copies;
#[path = "database/jobs.rs"]
mod jobs;
#[path = "support/postgres.rs"]
mod postgres;
#[path = "database/program.rs"]
mod program;
#[path = "database/roles.rs"]
mod roles;
#[path = "database/session.rs"]
mod session;
#[path = "support/tables.rs"]
mod tables;
#[path = "database/unmatched.rs"]
mod unmatched;
