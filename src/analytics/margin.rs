//! What a book keeps: overround, margin and hold.

use super::devig::DevigError;
use super::refusal::Refusal;

/// How much a set of prices adds up to. Many tools call the margin "hold"; they differ (4.76 % and 4.55 % at −110/−110).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Margin {
    /// B = Σ1/d, around 1.
    pub overround: f64,
    /// B − 1.
    pub margin: f64,
    /// 1 − 1/B: the share of a balanced handle that the book keeps. Below 0 the prices are an arbitrage.
    pub hold: f64,
}

/// The margin of a market by the implied probabilities (1/d) of all its outcomes.
///
/// Fails with [`DevigError::Degenerate`] for fewer than two outcomes, and for what is not between 0 and 1.
pub fn of(implied: &[f64]) -> Result<Margin, DevigError> {
    let overround = super::devig::overround(implied)?;
    Ok(Margin {
        overround,
        margin: overround - 1.0,
        hold: 1.0 - 1.0 / overround,
    })
}

/// The margin a bettor faces who takes the best decimal odds of each outcome: a row a book, a column an outcome, none where
/// a book has no price.
///
/// Fails where an outcome has no price at any book, or rows differ in length.
pub fn synthetic(books: &[Vec<Option<f64>>]) -> Result<Margin, Refusal> {
    let best = best(books)?;
    let overround: f64 = best.iter().map(|(_, decimal)| 1.0 / decimal).sum();
    Ok(Margin {
        overround,
        margin: overround - 1.0,
        hold: 1.0 - 1.0 / overround,
    })
}

/// Per outcome the book (row, from 0) with the best decimal odds and those odds; of equals the first.
///
/// Fails as [`synthetic`], and for odds that are not above 1.
pub fn best(books: &[Vec<Option<f64>>]) -> Result<Vec<(usize, f64)>, Refusal> {
    let outcomes = books.first().map_or(0, Vec::len);
    if outcomes < 2 {
        return Err(Refusal::Shape(
            "a market has two outcomes or more; give the odds of each",
        ));
    }
    if books.iter().any(|row| row.len() != outcomes) {
        return Err(Refusal::Shape(
            "the books have different numbers of outcomes; give each book's odds of the same outcomes in the same order",
        ));
    }
    let column = |outcome: usize| {
        let mut best: Option<(usize, f64)> = None;
        for (book, row) in books.iter().enumerate() {
            let Some(decimal) = row.get(outcome).copied().flatten() else {
                continue;
            };
            let decimal = Refusal::decimal(decimal)?;
            if best.is_none_or(|(_, most)| decimal > most) {
                best = Some((book, decimal));
            }
        }
        best.ok_or(Refusal::Shape(
            "an outcome has no odds at any book; give them, or leave the outcome out everywhere",
        ))
    };
    (0..outcomes).map(column).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn margin_and_hold_differ() {
        let both = of(&[11.0 / 21.0, 11.0 / 21.0]).unwrap();
        assert!((both.margin - 1.0 / 21.0).abs() < 1e-15);
        assert!((both.hold - 1.0 / 22.0).abs() < 1e-15);
        assert!(of(&[0.5]).is_err() && of(&[0.5, 1.0]).is_err());
    }

    #[test]
    fn the_best_of_each_side_may_leave_nothing_for_the_books() {
        let books = [vec![Some(2.1), Some(1.8)], vec![None, Some(2.0)]];
        assert_eq!(best(&books).unwrap(), [(0, 2.1), (1, 2.0)]);
        assert!(synthetic(&books).unwrap().hold < 0.0);
        assert!(best(&[vec![Some(2.0), None], vec![Some(2.0), None]]).is_err());
        assert!(best(&[vec![Some(2.0), Some(2.0)], vec![Some(2.0)]]).is_err());
        assert!(best(&[vec![Some(1.0), Some(2.0)]]).is_err());
        assert!(best(&[]).is_err());
    }
}
