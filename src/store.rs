//! Postgres: the truth. One file a group of tables; each function holds the one statement it runs.

pub mod as_of;
pub mod backfills;
pub mod connect;
mod copy;
pub mod embedded;
pub mod export;
pub mod failure;
pub mod games;
pub mod history;
pub mod identity;
pub mod install;
pub mod lineage;
pub mod lines;
pub mod metrics;
pub mod migrate;
pub mod overview;
pub mod payloads;
pub mod pool;
pub mod reference;
pub mod registry;
pub mod roles;
pub mod splits;
pub mod status;
pub mod upkeep;
pub mod writer;
