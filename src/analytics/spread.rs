//! Spread and moneyline, one from the other, through a model of the margin of victory.
//!
//! Two models: margins normal around what the spread predicts (Stern 1991), and for the NFL the same on whole margins, each
//! weighted by how much more often games end on it, so that 3 and 7 are worth what they are.

use super::ev::Chances;
use super::normal;
use super::refusal::Refusal;
use crate::domain::league::League;

/// Standard deviation of the margin around the spread, points: NFL 13.86 (Stern 1991), NBA 12, NCAAB 10, NCAAF 16. None for
/// leagues whose margins are not near to normal.
pub const fn sigma(league: League) -> Option<f64> {
    match league {
        League::Nfl => Some(13.86),
        League::Nba => Some(12.0),
        League::Ncaab => Some(10.0),
        League::Ncaaf => Some(16.0),
        _ => None,
    }
}

/// Share of NFL games that end on a margin, percent. Margins 1 to 8, 10 and 14: the 1,604 games of 2015 to 2020, after the
/// longer extra point changed the 6s and 7s; the others: the 5,852 games of 1999 to 2020 (538's file of NFL games).
const NFL_SHARES: [(u8, f64); 16] = [
    (0, 0.19),
    (1, 4.24),
    (2, 4.11),
    (3, 14.34),
    (4, 4.24),
    (5, 4.61),
    (6, 7.11),
    (7, 9.48),
    (8, 4.36),
    (10, 4.93),
    (11, 2.56),
    (13, 2.94),
    (14, 5.92),
    (17, 3.50),
    (20, 2.20),
    (21, 2.84),
];
/// Standard deviation of all NFL margins, spreads of every size together: what the shares are compared with.
const NFL_ALL: f64 = 14.7;
/// Margins beyond this have no weight in the model.
const FURTHEST: i32 = 80;

/// Where margins of victory fall.
#[derive(Debug, Clone, PartialEq)]
pub enum Margins {
    /// Normal with this standard deviation; a whole line pushes within half a point of it.
    Normal {
        /// Points.
        sigma: f64,
    },
    /// Whole margins, normal times the weight of each size.
    Weighted {
        /// Points.
        sigma: f64,
        /// Weight by size of the margin, from 0.
        weights: Vec<f64>,
    },
}

impl Margins {
    /// The normal model of a league; none where [`sigma`] has none.
    pub fn normal(league: League) -> Option<Self> {
        sigma(league).map(|sigma| Self::Normal { sigma })
    }

    /// The NFL's whole margins with their key numbers.
    pub fn nfl() -> Self {
        let share = |size: i32| {
            let (low, high) = (f64::from(size) - 0.5, f64::from(size) + 0.5);
            let one = normal::cumulative(high / NFL_ALL) - normal::cumulative(low / NFL_ALL);
            if size == 0 { one } else { 2.0 * one }
        };
        let listed: f64 = NFL_SHARES.iter().map(|(_, percent)| percent / 100.0).sum();
        let covered: f64 = NFL_SHARES.iter().map(|(n, _)| share(i32::from(*n))).sum();
        // Margins without a published share keep the normal model's proportions among themselves.
        let rest = (1.0 - listed) / (1.0 - covered);
        let weight = |size: i32| {
            let of_size = NFL_SHARES.iter().find(|(n, _)| i32::from(*n) == size);
            of_size.map_or(rest, |(_, percent)| percent / 100.0 / share(size))
        };
        Self::Weighted {
            sigma: 13.86,
            weights: (0..=FURTHEST).map(weight).collect(),
        }
    }

    /// Chances of a bet that gives or gets `line` points (the bettor's sign) on a team expected to win by `mean`. Without a line
    /// of its own, a moneyline is line 0.
    ///
    /// Normal: P(win) = Φ((mean + line)/σ); on a whole line half a point on either side pushes. Whole margins: sums.
    ///
    /// Fails for a line that is neither whole nor half, and for what is not finite.
    pub fn chances(&self, mean: f64, line: f64) -> Result<Chances, Refusal> {
        if !mean.is_finite() || mean.abs() > 200.0 {
            return Err(Refusal::Number {
                name: "an expected margin",
                value: mean,
                wanted: "points between -200 and 200",
            });
        }
        if !line.is_finite() || line.abs() > 200.0 || (2.0 * line).fract() != 0.0 {
            return Err(Refusal::Number {
                name: "a line",
                value: line,
                wanted: "whole or half points",
            });
        }
        let (win, lose) = match self {
            Self::Normal { sigma } => {
                let push = if line.fract() == 0.0 { 0.5 } else { 0.0 };
                let win = normal::cumulative((mean + line - push) / sigma);
                (win, normal::cumulative(-(mean + line + push) / sigma))
            }
            Self::Weighted { sigma, weights } => {
                let (mut win, mut lose, mut all) = (0.0, 0.0, 0.0);
                for (size, weight) in weights.iter().enumerate() {
                    let size = size as f64;
                    for margin in if size == 0.0 {
                        vec![0.0]
                    } else {
                        vec![-size, size]
                    } {
                        let z = (margin - mean) / sigma;
                        let p = weight * normal::density(z);
                        all += p;
                        if margin + line > 0.0 {
                            win += p;
                        } else if margin + line < 0.0 {
                            lose += p;
                        }
                    }
                }
                if all <= 0.0 {
                    return Err(Refusal::Number {
                        name: "an expected margin",
                        value: mean,
                        wanted: "a margin that games end on",
                    });
                }
                (win / all, lose / all)
            }
        };
        let push = (1.0 - win - lose).max(0.0);
        Ok(Chances { win, push, lose })
    }

    /// The expected margin at which a bet with `line` wins with probability `p` where it is decided. The inverse of
    /// [`Margins::chances`], by bisection to 1e-12 points.
    ///
    /// Fails for p outside 0 to 1 (exclusive), and for a line as there.
    pub fn mean_for(&self, line: f64, p: f64) -> Result<f64, Refusal> {
        if !(p > 0.0 && p < 1.0) {
            let name = "a chance to cover";
            return Err(Refusal::Probability { name, value: p });
        }
        let (mut low, mut high) = (-100.0 - line, 100.0 - line);
        for _ in 0..60 {
            let middle = 0.5 * (low + high);
            let chances = self.chances(middle, line)?;
            if chances.decided().is_some_and(|decided| decided < p) {
                low = middle;
            } else {
                high = middle;
            }
        }
        Ok(0.5 * (low + high))
    }

    /// Probability of winning the game, ties left out, of a team that gives or gets `spread` points (its own sign) at even
    /// chances.
    ///
    /// Fails as [`Margins::chances`].
    pub fn win_probability(&self, spread: f64) -> Result<f64, Refusal> {
        if let Self::Normal { sigma } = self {
            // Stern's formula as published: no mass on a tie.
            self.chances(-spread, 0.0)?;
            return Ok(normal::cumulative(-spread / sigma));
        }
        let mean = self.mean_for(spread, 0.5)?;
        Ok(self.chances(mean, 0.0)?.decided().unwrap_or(0.5))
    }

    /// The spread, its own sign, of a team that wins the game with probability `p`: the inverse of
    /// [`Margins::win_probability`], not rounded to what books offer.
    ///
    /// Fails for p outside 0 to 1 (exclusive).
    pub fn spread_for(&self, p: f64) -> Result<f64, Refusal> {
        let refused = Refusal::Probability {
            name: "a chance to win",
            value: p,
        };
        match self {
            Self::Normal { sigma } => normal::quantile(p).map(|z| -z * sigma).ok_or(refused),
            Self::Weighted { .. } => Ok(-self.mean_for(0.0, p)?),
        }
    }

    /// Probability to cover `to`, where it is decided, of a team that covers `from` with probability `p`: a price at one
    /// number told at another.
    ///
    /// Fails for p outside 0 to 1 (exclusive), and for lines as [`Margins::chances`].
    pub fn translate(&self, p: f64, from: f64, to: f64) -> Result<f64, Refusal> {
        let mean = self.mean_for(from, p)?;
        Ok(self.chances(mean, to)?.decided().unwrap_or(p))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_favourite_of_one_sigma() {
        let margins = Margins::normal(League::Nba).unwrap();
        assert!((margins.win_probability(-12.0).unwrap() - 0.841_344_746_068_542_9).abs() < 1e-14);
        assert!((margins.spread_for(0.841_344_746_068_542_9).unwrap() + 12.0).abs() < 1e-12);
        let even = margins.chances(3.0, -3.0).unwrap();
        assert!((even.win - even.lose).abs() < 1e-15 && even.push > 0.03);
        let half = margins.chances(3.0, -3.5).unwrap();
        assert!(half.push.abs() < 1e-15 && half.win < 0.5);
        assert_eq!(Margins::normal(League::Mlb), None);
    }

    #[test]
    fn key_numbers_are_worth_more() {
        let nfl = Margins::nfl();
        let push = |line: f64| nfl.chances(-line, line).unwrap().push;
        // A favourite of three lands on three about once in eleven.
        assert!((0.07..0.12).contains(&push(-3.0)), "{}", push(-3.0));
        assert!(push(-3.0) > 2.0 * push(-4.0) && push(-7.0) > 1.5 * push(-8.0));
        let worth = |from: f64, to: f64| nfl.translate(0.5, from, to).unwrap() - 0.5;
        assert!(worth(-3.5, -2.5) > 2.0 * worth(-5.5, -4.5));
        // Fair moneylines of −3 and −7 within the ranges that charts give.
        assert!((0.57..0.61).contains(&nfl.win_probability(-3.0).unwrap()));
        assert!((0.68..0.74).contains(&nfl.win_probability(-7.0).unwrap()));
        assert!((nfl.win_probability(0.0).unwrap() - 0.5).abs() < 1e-9);
    }

    #[test]
    fn over_all_spreads_the_weights_give_the_shares_back() {
        let Margins::Weighted { weights, .. } = Margins::nfl() else {
            panic!("the NFL's margins are weighted")
        };
        let spread = normal::cumulative(3.5 / NFL_ALL) - normal::cumulative(2.5 / NFL_ALL);
        assert!((weights[3] * 2.0 * spread - 0.1434).abs() < 1e-12);
        assert!(weights[3] > 2.0 && weights[9] < 1.0, "{weights:?}");
    }

    #[test]
    fn there_and_back() {
        for margins in [Margins::normal(League::Nfl).unwrap(), Margins::nfl()] {
            for line in [-10.5, -7.0, -3.0, -2.5, 0.0, 3.5] {
                let there = margins.translate(0.55, line, -6.5).unwrap();
                let back = margins.translate(there, -6.5, line).unwrap();
                assert!((back - 0.55).abs() < 1e-9, "{line}");
            }
            let spread = margins.spread_for(0.7).unwrap();
            let p = margins.chances(-spread, 0.0).unwrap().decided().unwrap();
            assert!((p - 0.7).abs() < 0.01);
        }
    }

    #[test]
    fn lines_off_the_grid_are_refused() {
        let margins = Margins::nfl();
        for line in [0.25, f64::NAN, f64::INFINITY, 1e9] {
            assert!(margins.chances(3.0, line).is_err(), "{line}");
        }
        assert!(margins.chances(f64::NAN, 3.0).is_err());
        assert!(margins.mean_for(3.0, 0.0).is_err() && margins.mean_for(3.0, 1.0).is_err());
        assert!(margins.spread_for(f64::NAN).is_err());
    }
}
