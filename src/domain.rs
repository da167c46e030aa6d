//! Pure types of the trade. No I/O, no clock, no settings.

pub mod bet;
pub mod book;
pub mod clean;
pub mod feed;
pub mod game;
pub mod identity;
pub mod job;
pub mod league;
pub mod market;
pub mod odds;
pub mod payload;
pub mod schedule;
pub mod season;
pub mod series;
pub mod source;
pub mod splits;
pub mod status;
pub mod tape;
pub mod team;
pub mod time;
