//! What several books think together.
//!
//! Fair probabilities at the modal number, as their median and as a mean of log-odds weighted by book (Satopää et al. 2014).
//! Weights are shared out again over the books that are there, as no book is the sharpest in every market.

use std::collections::BTreeMap;

use crate::domain::market::Line;

/// One book's fair probability of a side, at its number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Opinion<'a> {
    /// The book's slug.
    pub book: &'a str,
    /// Its number; none for a moneyline.
    pub line: Option<Line>,
    /// Fair probability, in 0 to 1.
    pub fair: f64,
}

/// What a consensus asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Rules {
    /// Weight by book, above 0; books that are not named count nothing in the weighted mean. Empty: all count the same.
    pub weights: BTreeMap<String, f64>,
    /// Fewest books at the modal number.
    pub providers: usize,
    /// A book that must be among them.
    pub mandatory: Option<String>,
    /// Smallest change of the probability that is published.
    pub min_difference: f64,
}

impl Default for Rules {
    /// All books alike, two at least, every change.
    fn default() -> Self {
        Self {
            weights: BTreeMap::new(),
            providers: 2,
            mandatory: None,
            min_difference: 0.0,
        }
    }
}

/// The books' common view.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Consensus {
    /// The number most books have; none for a moneyline.
    pub line: Option<Line>,
    /// How many books have it.
    pub providers: usize,
    /// Median fair probability at it.
    pub median: f64,
    /// Weighted mean of log-odds at it, as a probability.
    pub weighted: f64,
}

/// Why there is no consensus.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoConsensus {
    /// Too few books.
    #[error(
        "{found} books at the common number, and {needed} are asked for; wait for more, or ask for fewer"
    )]
    TooFew {
        /// At the modal number.
        found: usize,
        /// Asked for.
        needed: usize,
    },
    /// The book that must be there is not.
    #[error(
        "{book} is not among the books at the common number, and must be; wait for it, or do without"
    )]
    Mandatory {
        /// Its slug.
        book: String,
    },
    /// No book that is there has a weight.
    #[error("none of the books at the common number has a weight above 0; give one a weight")]
    NoWeight,
    /// A probability is none.
    #[error("{book} gives no probability between 0 and 1; leave it out")]
    Probability {
        /// Its slug.
        book: String,
    },
}

/// The consensus of books, each named once.
///
/// The modal number is the one most books have; of equals the one nearest to the median of all numbers, then the lower.
/// Median and mean do not depend on the order of `opinions`.
pub fn consensus(opinions: &[Opinion<'_>], rules: &Rules) -> Result<Consensus, NoConsensus> {
    if let Some(wrong) = (opinions.iter()).find(|o| !(o.fair > 0.0 && o.fair < 1.0)) {
        let book = wrong.book.to_owned();
        return Err(NoConsensus::Probability { book });
    }
    let line = modal(opinions);
    let mut there: Vec<&Opinion<'_>> = opinions.iter().filter(|o| o.line == line).collect();
    // In one order, so that sums are the same to the last bit.
    there.sort_by(|a, b| a.book.cmp(b.book).then(a.fair.total_cmp(&b.fair)));
    let providers = there.len();
    if providers < rules.providers.max(1) {
        let (found, needed) = (providers, rules.providers.max(1));
        return Err(NoConsensus::TooFew { found, needed });
    }
    if let Some(book) = &rules.mandatory
        && !there.iter().any(|o| o.book == book)
    {
        return Err(NoConsensus::Mandatory { book: book.clone() });
    }
    let (mut sum, mut total) = (0.0, 0.0);
    for opinion in &there {
        let weight = if rules.weights.is_empty() {
            1.0
        } else {
            let given = rules.weights.get(opinion.book).copied();
            given.filter(|w| w.is_finite()).unwrap_or(0.0).max(0.0)
        };
        sum += weight * logit(opinion.fair);
        total += weight;
    }
    if total <= 0.0 {
        return Err(NoConsensus::NoWeight);
    }
    let fairs: Vec<f64> = there.iter().map(|o| o.fair).collect();
    Ok(Consensus {
        line,
        providers,
        median: median(&fairs).ok_or(NoConsensus::NoWeight)?,
        weighted: logistic(sum / total),
    })
}

/// Whether a new consensus differs enough from the one published before: the number moved, or the weighted probability by
/// `min_difference` or more.
pub fn publishes(before: Option<&Consensus>, now: &Consensus, min_difference: f64) -> bool {
    before.is_none_or(|before| {
        let moved = (now.weighted - before.weighted).abs();
        before.line != now.line || (moved > 0.0 && moved >= min_difference)
    })
}

/// Median; of an even count the mean of the middle two. None of nothing.
pub fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let upper = sorted.get(sorted.len() / 2)?;
    if sorted.len() % 2 == 1 {
        return Some(*upper);
    }
    let lower = sorted.get(sorted.len() / 2 - 1)?;
    Some(0.5 * (lower + upper))
}

/// Values in order, for the median of all but one of them.
#[derive(Debug)]
pub struct Ordered(Vec<f64>);

impl Ordered {
    /// These values.
    pub fn new(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        Self(values)
    }

    /// What [`median`] says of the others than `value`, which is one of them.
    pub fn median_without(&self, value: f64) -> Option<f64> {
        let taken = self.0.partition_point(|v| v.total_cmp(&value).is_lt());
        let at = |n: usize| self.0.get(n + usize::from(n >= taken)).copied();
        let others = self.0.len().checked_sub(1)?;
        let upper = at(others / 2)?;
        if others % 2 == 1 {
            return Some(upper);
        }
        Some(0.5 * (at((others / 2).checked_sub(1)?)? + upper))
    }
}

/// Log-odds ln(p/(1−p)).
pub fn logit(p: f64) -> f64 {
    p.ln() - (-p).ln_1p()
}

/// Probability of log-odds: 1/(1+e^(−x)).
pub fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

fn modal(opinions: &[Opinion<'_>]) -> Option<Line> {
    let mut counts: BTreeMap<Option<Line>, usize> = BTreeMap::new();
    for opinion in opinions {
        *counts.entry(opinion.line).or_default() += 1;
    }
    let lines: Vec<f64> = opinions
        .iter()
        .filter_map(|o| Some(o.line?.points()))
        .collect();
    let middle = median(&lines).unwrap_or(0.0);
    let off = |line: Option<Line>| line.map_or(0.0, |line| (line.points() - middle).abs());
    let best = counts.into_iter().min_by(|(a, n), (b, m)| {
        let by_count = m.cmp(n);
        by_count.then(off(*a).total_cmp(&off(*b))).then(a.cmp(b))
    });
    best.and_then(|(line, _)| line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(book: &str, line: f64, fair: f64) -> Opinion<'_> {
        let line = Line::from_points(line);
        Opinion { book, line, fair }
    }

    fn weights(of: &[(&str, f64)]) -> Rules {
        Rules {
            weights: of.iter().map(|(b, w)| ((*b).to_owned(), *w)).collect(),
            ..Rules::default()
        }
    }

    #[test]
    fn the_median_of_the_others() {
        for n in 0..9 {
            let values: Vec<f64> = (0..n).map(|k| f64::from((k * 5) % 7)).collect();
            let ordered = Ordered::new(values.clone());
            for (own, value) in values.iter().enumerate() {
                let mut others = values.clone();
                others.remove(own);
                assert_eq!(
                    ordered.median_without(*value),
                    median(&others),
                    "{values:?}"
                );
            }
        }
    }

    #[test]
    fn the_modal_number_and_the_median_there() {
        let opinions = [
            at("a", -3.0, 0.52),
            at("b", -3.5, 0.50),
            at("c", -3.0, 0.55),
            at("d", -3.0, 0.53),
        ];
        let found = consensus(&opinions, &Rules::default()).unwrap();
        assert_eq!((found.line, found.providers), (Line::from_points(-3.0), 3));
        assert!((found.median - 0.53).abs() < 1e-15);
        let mut turned = opinions;
        turned.reverse();
        assert_eq!(consensus(&turned, &Rules::default()), Ok(found));
        // Of two numbers with as many books the one nearer to the middle.
        let tied = [
            at("a", -3.0, 0.5),
            at("b", -3.0, 0.5),
            at("c", -2.5, 0.5),
            at("d", -2.5, 0.5),
            at("e", -1.0, 0.5),
        ];
        assert_eq!(
            consensus(&tied, &Rules::default()).unwrap().line,
            Line::from_points(-2.5)
        );
    }

    #[test]
    fn weights_are_shared_out_over_the_books_that_are_there() {
        let opinions = [at("suprabets", 0.0, 0.6), at("1xbet", 0.0, 0.5)];
        let rules = weights(&[("bet105", 400.0), ("suprabets", 75.0), ("1xbet", 25.0)]);
        let found = consensus(&opinions, &rules).unwrap();
        // Odds of 1.5 to the power of three quarters.
        let odds = 1.5_f64.powf(0.75);
        assert!((found.weighted - odds / (1.0 + odds)).abs() < 1e-15);
        assert!((found.median - 0.55).abs() < 1e-15);
        let nobody = weights(&[("bet105", 1.0)]);
        assert_eq!(consensus(&opinions, &nobody), Err(NoConsensus::NoWeight));
    }

    #[test]
    fn what_is_asked_for_must_be_there() {
        let one = [at("pinnacle", 0.0, 0.6)];
        let few = consensus(&one, &Rules::default());
        assert_eq!(
            few,
            Err(NoConsensus::TooFew {
                found: 1,
                needed: 2
            })
        );
        assert!(consensus(&[], &Rules::default()).is_err());
        let alone = Rules {
            providers: 1,
            mandatory: Some("circa".into()),
            ..Rules::default()
        };
        let missing = consensus(&one, &alone);
        assert_eq!(
            missing,
            Err(NoConsensus::Mandatory {
                book: "circa".into()
            })
        );
        let wrong = [at("a", 0.0, 1.0), at("b", 0.0, 0.5)];
        assert!(matches!(
            consensus(&wrong, &Rules::default()),
            Err(NoConsensus::Probability { .. })
        ));
    }

    #[test]
    fn small_changes_are_not_published() {
        let of = |weighted| Consensus {
            line: None,
            providers: 3,
            median: 0.5,
            weighted,
        };
        assert!(publishes(None, &of(0.5), 0.01));
        assert!(!publishes(Some(&of(0.5)), &of(0.505), 0.01));
        assert!(publishes(Some(&of(0.5)), &of(0.515), 0.01));
        assert!(!publishes(Some(&of(0.5)), &of(0.5), 0.0));
        let moved = Consensus {
            line: Line::from_points(1.0),
            ..of(0.5)
        };
        assert!(publishes(Some(&of(0.5)), &moved, 0.01));
    }
}
