//! A bet: one outcome that can be bet on, whoever offers it.
//!
//! Its id is a hash of what it settles on — game, market, part of the game, team or player, line and side — and of nothing
//! that is only said about it. The ids of Fair-Edge, kept beside it for whoever has its rows, were hashes of descriptions:
//! both sides of a moneyline shared one, and "Tomorrow" became another bet at midnight ([`seed`]).

pub mod seed;
pub mod text;

use std::fmt;

use sha2::{Digest as _, Sha256};

use super::game::GameId;
use super::market::{Line, Market, Period, Side};

/// Id of a bet: 64 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BetId(String);

impl BetId {
    /// SHA-256 over the parts, each after its length: no two bets share their bytes.
    pub fn of(
        game: GameId,
        market: &Market,
        period: Period,
        participant: &str,
        line: Option<Line>,
        side: Side,
    ) -> Self {
        let number = line.map_or_else(String::new, |line| line.hundredths().to_string());
        let game = game.as_i64().to_string();
        let parts = [
            "linetape bet 1",
            &game,
            market.as_str(),
            period.as_str(),
            participant,
            &number,
            side.as_str(),
        ];
        let mut hash = Sha256::new();
        for part in parts {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        Self(hex(&hash.finalize()))
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for BetId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Lower-case hexadecimal digits.
fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS.get(usize::from(nibble)).copied().unwrap_or(b'?'));
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}

#[cfg(test)]
mod tests;
