//! Middles: two bets of which both may win.
//!
//! A result is the total, or the margin of the team that the first bet is on. The *upper* bet wins above its number, the
//! *lower* bet below its own: over 50 and under 51; or −2.5 on a team (above 2.5) and +3.5 on its opponent (below 3.5).

use super::refusal::Refusal;

/// One of the two bets.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Leg {
    /// The number; a result on it pushes.
    pub number: f64,
    /// Decimal odds.
    pub decimal: f64,
    /// What is staked.
    pub stake: f64,
}

impl Leg {
    fn checked(&self) -> Result<(), Refusal> {
        Refusal::decimal(self.decimal)?;
        Refusal::at_least("a stake", 0.0, self.stake, "0 or more")?;
        let doubled = self.number * 2.0;
        if doubled.is_finite() && doubled.fract() == 0.0 {
            Ok(())
        } else {
            Err(Refusal::Number {
                name: "a line",
                value: self.number,
                wanted: "a whole or half number",
            })
        }
    }

    /// Profit where the bet wins (greater), pushes (equal) or loses (less).
    fn profit(&self, order: std::cmp::Ordering) -> f64 {
        match order {
            std::cmp::Ordering::Greater => self.stake * (self.decimal - 1.0),
            std::cmp::Ordering::Equal => 0.0,
            std::cmp::Ordering::Less => -self.stake,
        }
    }
}

/// Two bets on either side of a window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Middle {
    upper: Leg,
    lower: Leg,
}

impl Middle {
    /// `upper` wins above its number, `lower` below its own.
    ///
    /// Fails for odds not above 1, stakes below 0, and numbers that are neither whole nor half.
    pub fn new(upper: Leg, lower: Leg) -> Result<Self, Refusal> {
        upper.checked()?;
        lower.checked()?;
        Ok(Self { upper, lower })
    }

    /// Two bets on opposing teams by their own lines: the result is the first team's margin.
    ///
    /// Fails as [`Middle::new`].
    pub fn spreads(first: Leg, second: Leg) -> Result<Self, Refusal> {
        let first = Leg {
            number: -first.number,
            ..first
        };
        Self::new(first, second)
    }

    /// Profit of both bets together at a result.
    pub fn profit(&self, result: f64) -> f64 {
        self.upper.profit(result.total_cmp(&self.upper.number))
            + self.lower.profit(self.lower.number.total_cmp(&result))
    }

    /// The whole results at which both bets win: lowest and highest. None where there are none.
    pub fn window(&self) -> Option<(f64, f64)> {
        let lowest = self.upper.number.floor() + 1.0;
        let highest = self.lower.number.ceil() - 1.0;
        (lowest <= highest).then_some((lowest, highest))
    }

    /// The whole results at which one bet wins and the other pushes.
    pub fn pushes(&self) -> Vec<f64> {
        let on = |n: f64| n.fract() == 0.0 && self.upper.number < self.lower.number;
        let ends = [self.upper.number, self.lower.number];
        ends.into_iter().filter(|n| on(*n)).collect()
    }

    /// Profit where both win.
    pub fn hit(&self) -> f64 {
        self.upper.profit(std::cmp::Ordering::Greater)
            + self.lower.profit(std::cmp::Ordering::Greater)
    }

    /// Profit above the window: only the upper bet wins.
    pub fn above(&self) -> f64 {
        self.upper.profit(std::cmp::Ordering::Greater) + self.lower.profit(std::cmp::Ordering::Less)
    }

    /// Profit below the window: only the lower bet wins.
    pub fn below(&self) -> f64 {
        self.upper.profit(std::cmp::Ordering::Less) + self.lower.profit(std::cmp::Ordering::Greater)
    }

    /// How often both must win for nothing to be lost, at the worse of the two other ends: m/(hit + m), m its loss. 0 where
    /// neither end loses. At −110 on both sides 1/21.
    pub fn break_even(&self) -> f64 {
        let loss = -self.above().min(self.below());
        if loss <= 0.0 {
            return 0.0;
        }
        loss / (self.hit() + loss)
    }

    /// Expected profit over results and their probabilities.
    ///
    /// Fails where one is no probability, or they do not add up to 1 within a millionth.
    pub fn expected(&self, results: &[(f64, f64)]) -> Result<f64, Refusal> {
        let mut total = 0.0;
        let mut sum = 0.0;
        for (result, p) in results {
            total += Refusal::probability("a result", *p)?;
            sum += p * self.profit(*result);
        }
        if (total - 1.0).abs() > 1e-6 {
            let name = "all results together";
            return Err(Refusal::Probability { name, value: total });
        }
        Ok(sum)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leg(number: f64, decimal: f64, stake: f64) -> Leg {
        Leg {
            number,
            decimal,
            stake,
        }
    }

    #[test]
    fn half_points_give_two_wins_between_them() {
        let middle = Middle::spreads(
            leg(-2.5, 1.0 + 10.0 / 11.0, 110.0),
            leg(3.5, 1.0 + 10.0 / 12.0, 120.0),
        )
        .unwrap();
        assert_eq!(middle.window(), Some((3.0, 3.0)));
        assert!(middle.pushes().is_empty());
        for (margin, profit) in [(4.0, -20.0), (3.0, 200.0), (2.0, -10.0), (-7.0, -10.0)] {
            assert!((middle.profit(margin) - profit).abs() < 1e-9, "{margin}");
        }
        assert!((middle.break_even() - 20.0 / 220.0).abs() < 1e-12);
    }

    #[test]
    fn whole_numbers_give_a_win_and_a_push() {
        let middle = Middle::new(leg(50.0, 1.909, 100.0), leg(51.0, 2.0, 100.0)).unwrap();
        assert_eq!(middle.window(), None);
        assert_eq!(middle.pushes(), [50.0, 51.0]);
        assert!((middle.profit(50.0) - 100.0).abs() < 1e-9);
        assert!((middle.profit(51.0) - 90.9).abs() < 1e-9);
        let wide = Middle::new(leg(48.0, 1.9, 1.0), leg(51.0, 1.9, 1.0)).unwrap();
        assert_eq!(wide.window(), Some((49.0, 50.0)));
        // The other way round both lose between the numbers.
        let gap = Middle::new(leg(51.0, 1.9, 1.0), leg(48.0, 1.9, 1.0)).unwrap();
        assert_eq!((gap.window(), gap.pushes()), (None, Vec::new()));
        assert!((gap.profit(49.0) + 2.0).abs() < 1e-12);
    }

    #[test]
    fn numbers_that_no_book_has_are_refused() {
        assert!(Middle::new(leg(2.25, 1.9, 1.0), leg(3.0, 1.9, 1.0)).is_err());
        assert!(Middle::new(leg(2.5, 1.0, 1.0), leg(3.0, 1.9, 1.0)).is_err());
        assert!(Middle::new(leg(2.5, 1.9, -1.0), leg(3.0, 1.9, 1.0)).is_err());
        let middle = Middle::new(leg(2.5, 1.9, 1.0), leg(3.5, 1.9, 1.0)).unwrap();
        assert!(middle.expected(&[(3.0, 0.5)]).is_err());
    }
}
