//! Names of earlier programs on linetape's database: their statements run as they are printed, their DDL on scratch
//! databases; and the catalogue of today's tables is whole.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "seeds/catalogue.rs"]
mod catalogue;
#[path = "seeds/compatibility.rs"]
mod compatibility;
#[path = "seeds/opportunities.rs"]
mod opportunities;
#[path = "support/postgres.rs"]
mod postgres;
#[path = "seeds/printed.rs"]
mod printed;
#[path = "support/tables.rs"]
mod tables;
