//! Arbitrage: prices of several books that pay whatever happens.

use super::margin;
use super::refusal::Refusal;

/// Sums this near to 1 are no arbitrage: exact prices add up to 1 only within rounding.
const NOTHING: f64 = 1e-12;

/// The best price of each outcome, and what taking all of them is worth.
#[derive(Debug, Clone, PartialEq)]
pub struct Arbitrage {
    /// Σ1/d of the best prices; below 1 it is an arbitrage.
    pub book: f64,
    /// Best decimal odds of each outcome.
    pub best: Vec<f64>,
    /// Which book (from 0) has them; of equals the first.
    pub books: Vec<usize>,
    /// Share of the whole stake on each outcome, in proportion to 1/d; all 0 without an arbitrage.
    pub stakes: Vec<f64>,
    /// Profit on 1 staked in all, whatever happens: 1/Σ − 1; 0 without an arbitrage.
    pub guaranteed: f64,
}

impl Arbitrage {
    /// Whether Σ1/d is below 1.
    pub fn exists(&self) -> bool {
        self.book < 1.0 - NOTHING
    }
}

/// The best prices of a market: a row of decimal odds a book, none where it has no price. They must be of the same
/// outcomes under the same rules: period, line, listed pitchers, overtime.
///
/// Fails as [`margin::best`].
pub fn find(books: &[Vec<Option<f64>>]) -> Result<Arbitrage, Refusal> {
    let chosen = margin::best(books)?;
    let book: f64 = chosen.iter().map(|(_, decimal)| 1.0 / decimal).sum();
    let mut found = Arbitrage {
        book,
        best: chosen.iter().map(|(_, decimal)| *decimal).collect(),
        books: chosen.iter().map(|(book, _)| *book).collect(),
        stakes: vec![0.0; chosen.len()],
        guaranteed: 0.0,
    };
    if found.exists() {
        found.stakes = found.best.iter().map(|d| 1.0 / d / book).collect();
        found.guaranteed = 1.0 / book - 1.0;
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(odds: &[f64]) -> Vec<Option<f64>> {
        odds.iter().copied().map(Some).collect()
    }

    #[test]
    fn stakes_pay_the_same_whatever_happens() {
        let found = find(&[row(&[2.1, 1.9]), row(&[1.95, 2.05])]).unwrap();
        assert!(found.exists());
        for (stake, decimal) in found.stakes.iter().zip(&found.best) {
            assert!((stake * decimal - 1.0 - found.guaranteed).abs() < 1e-12);
        }
        assert!((found.stakes.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        assert_eq!(found.books, [0, 1]);
    }

    #[test]
    fn a_book_of_exactly_one_is_none() {
        for odds in [&[2.0, 2.0][..], &[1.5, 3.0], &[3.0, 3.0, 3.0], &[1.1, 11.0]] {
            let found = find(&[row(odds)]).unwrap();
            assert!(!found.exists(), "{odds:?}");
            assert!(found.guaranteed.abs() < 1e-15 && found.stakes.iter().all(|s| *s < 1e-15));
        }
    }
}
