//! Pure mathematics of the market: plain functions over values, no I/O, no clock, no settings.

pub mod devig;
pub mod health;
pub mod key_numbers;
pub mod movement;
pub mod normal;
pub mod signal;
