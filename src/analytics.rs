//! Pure mathematics of the market: plain functions over values, no I/O, no clock, no settings.

pub mod arbitrage;
pub mod backtest;
pub mod clv;
pub mod consensus;
pub mod devig;
pub mod elo;
pub mod ev;
pub mod features;
pub mod health;
pub mod kelly;
pub mod key_numbers;
pub mod lead_lag;
pub mod margin;
pub mod metrics;
pub mod middle;
pub mod movement;
pub mod normal;
pub mod price;
pub mod pythagorean;
pub mod recommendation;
pub mod refusal;
pub mod settlement;
pub mod signal;
pub mod spread;
pub mod staleness;
pub mod wager;
