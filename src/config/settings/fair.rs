//! Fair prices: whose opinion counts, and what is made of the others.

use std::time::Duration;

use serde::Deserialize;

use super::duration_text;

/// Fair prices and what others are worth against them.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Fair {
    /// Books whose opinion counts, `book=weight` or `book` for a weight of 1.
    pub anchors: Vec<String>,
    /// How the margin is taken out of their prices: a devig method, or `worst_case`.
    pub method: String,
    /// Anchors without which there is no fair price.
    pub min_anchors: u32,
    /// An anchor that was not seen for longer does not count.
    #[serde(with = "duration_text")]
    pub anchor_max_age: Duration,
    /// A price that was not seen for longer is stale: never best, in no arbitrage and no middle.
    #[serde(with = "duration_text")]
    pub max_age: Duration,
    /// Share of winnings that exchanges keep, `book=share`.
    pub commission: Vec<String>,
    /// Expected value from which a price is to be taken.
    pub take: f64,
    /// Change of expected value that is worth a row of its own.
    pub min_change: f64,
    /// How often a middle may have to hit to pay, at most.
    pub middle_break_even: f64,
}

impl Default for Fair {
    fn default() -> Self {
        let texts = |texts: &[&str]| texts.iter().map(|t| (*t).to_owned()).collect();
        Self {
            anchors: texts(&["pinnacle=3", "circa=2", "draftkings", "fanduel"]),
            method: "multiplicative".into(),
            min_anchors: 2,
            anchor_max_age: Duration::from_mins(60),
            max_age: Duration::from_mins(15),
            commission: texts(&["novig=0.02", "prophetx=0.02", "betfair=0.05"]),
            take: 0.045,
            min_change: 0.01,
            middle_break_even: 0.05,
        }
    }
}

impl Fair {
    /// A book and its number out of `book=number`, or `book` for 1. None where it is neither.
    pub fn pair(text: &str) -> Option<(&str, f64)> {
        let (book, number) = match text.split_once('=') {
            Some((book, number)) => (book, number.trim().parse().ok()?),
            None => (text, 1.0),
        };
        let book = book.trim();
        let is_slug = !book.is_empty()
            && book
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_.".contains(&b));
        (is_slug && f64::is_finite(number)).then_some((book, number))
    }
}
