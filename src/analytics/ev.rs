//! Expected value of a bet.

use super::refusal::Refusal;

/// How a bet may end: win, push and lose, adding up to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Chances {
    /// Probability of a win.
    pub win: f64,
    /// Probability that the stake comes back.
    pub push: f64,
    /// The rest.
    pub lose: f64,
}

impl Chances {
    /// From the probabilities of a win and of a push; what is left loses.
    ///
    /// Fails where one is no probability, or both exceed 1 together.
    pub fn new(win: f64, push: f64) -> Result<Self, Refusal> {
        Refusal::probability("a win", win)?;
        Refusal::probability("a push", push)?;
        let lose = 1.0 - win - push;
        if lose < -1e-12 {
            let value = win + push;
            let name = "win and push together";
            return Err(Refusal::Probability { name, value });
        }
        let lose = lose.max(0.0);
        Ok(Self { win, push, lose })
    }

    /// Probability of a win where the bet is decided: win/(win + lose). None where it always pushes.
    pub fn decided(&self) -> Option<f64> {
        let decided = self.win + self.lose;
        (decided > 0.0).then(|| self.win / decided)
    }
}

/// Expected profit on 1 staked: `p_win·(d−1) − p_lose`; without a push p·d − 1. A push returns the stake.
///
/// Fails where `decimal` is not above 1.
pub fn expected_value(decimal: f64, chances: &Chances) -> Result<f64, Refusal> {
    let profit = Refusal::decimal(decimal)? - 1.0;
    Ok(chances.win * profit - chances.lose)
}

/// The decimal odds at which a bet is worth nothing: `1 + p_lose/p_win`. None where it never wins, or never loses.
pub fn break_even(chances: &Chances) -> Option<f64> {
    (chances.win > 0.0 && chances.lose > 0.0).then(|| 1.0 + chances.lose / chances.win)
}

/// Decimal odds after an exchange's commission on winnings, a share in 0 to 1: 1 + (d−1)(1−c).
///
/// Fails where either is out of range.
pub fn after_commission(decimal: f64, commission: f64) -> Result<f64, Refusal> {
    Refusal::probability("a commission", commission)?;
    Ok(1.0 + (Refusal::decimal(decimal)? - 1.0) * (1.0 - commission))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_push_gives_the_stake_back() {
        let plain = Chances::new(0.52, 0.0).unwrap();
        // +120 at 52 %: 0.52·2.2 − 1 = 14.4 %.
        assert!((expected_value(2.2, &plain).unwrap() - 0.144).abs() < 1e-12);
        let pushing = Chances::new(0.5, 0.1).unwrap();
        assert!((expected_value(2.0, &pushing).unwrap() - 0.1).abs() < 1e-12);
        assert!((pushing.decided().unwrap() - 5.0 / 9.0).abs() < 1e-12);
        let fair = break_even(&pushing).unwrap();
        assert!((fair - 1.8).abs() < 1e-12);
        assert!(expected_value(fair, &pushing).unwrap().abs() < 1e-12);
        assert!((after_commission(3.0, 0.02).unwrap() - 2.96).abs() < 1e-12);
    }

    #[test]
    fn what_is_no_bet_is_refused() {
        for (win, push) in [(-0.1, 0.0), (1.1, 0.0), (0.6, 0.5), (f64::NAN, 0.0)] {
            assert!(Chances::new(win, push).is_err(), "{win} {push}");
        }
        let even = Chances::new(0.5, 0.0).unwrap();
        for decimal in [1.0, 0.0, f64::NAN, f64::INFINITY] {
            assert!(expected_value(decimal, &even).is_err(), "{decimal}");
        }
        assert_eq!(Chances::new(0.0, 1.0).unwrap().decided(), None);
    }
}
