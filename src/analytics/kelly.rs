//! How much of a bankroll to stake (Kelly 1956).

use super::ev::Chances;
use super::refusal::Refusal;

/// A stake and what it makes of the bankroll.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stake {
    /// Share of the bankroll, in 0 to 1; 0 where the bet is not worth taking.
    pub fraction: f64,
    /// Expected logarithm of the bankroll after the bet over before.
    pub growth: f64,
}

/// The stake that makes the bankroll grow fastest, times `share` (1 full Kelly, 0.25 a quarter).
///
/// `f* = (b·p_win − p_lose)/(b·(p_win + p_lose))` with b = d − 1, and 0 where that is negative; a push changes neither side. A
/// share c of it keeps about 2c − c² of the growth: a quarter keeps 44 %.
///
/// Fails where `decimal` is not above 1 or `share` not in 0 to 1.
pub fn stake(decimal: f64, chances: &Chances, share: f64) -> Result<Stake, Refusal> {
    let profit = Refusal::decimal(decimal)? - 1.0;
    Refusal::probability("a share of full Kelly", share)?;
    let decided = chances.win + chances.lose;
    let full = if decided > 0.0 {
        ((profit * chances.win - chances.lose) / (profit * decided)).max(0.0)
    } else {
        0.0
    };
    let fraction = share * full;
    let growth = growth(profit, chances, fraction);
    Ok(Stake { fraction, growth })
}

/// `p_win·ln(1 + f·b) + p_lose·ln(1 − f)`; what cannot happen counts nothing.
fn growth(profit: f64, chances: &Chances, fraction: f64) -> f64 {
    let part = |p: f64, change: f64| if p > 0.0 { p * change.ln_1p() } else { 0.0 };
    part(chances.win, fraction * profit) + part(chances.lose, -fraction)
}

/// Stakes on outcomes of which one at most comes true.
#[derive(Debug, Clone, PartialEq)]
pub struct Exclusive {
    /// Share of the bankroll on each outcome, in the order given.
    pub stakes: Vec<f64>,
    /// Expected logarithm of the bankroll after over before.
    pub growth: f64,
}

/// The stakes on mutually exclusive outcomes that make the bankroll grow fastest, all together at most `most` of it.
///
/// Outcomes are taken in the order of their p·d while it exceeds the part held back, R = (1 − Σp)/(1 − Σ1/d) over those
/// taken; then f = p − R/d (Smoczynski & Tomkins 2010). Where that stakes more than `most`, R is 1 − `most` and
/// f = λp − R/d with λ such that the stakes add up to `most`. Probabilities may add up to less than 1: the rest loses all.
///
/// Fails where the lists differ in length, for odds not above 1, for probabilities outside 0 to 1 or above 1 together, and
/// for `most` outside 0 to 1.
pub fn exclusive(decimals: &[f64], chances: &[f64], most: f64) -> Result<Exclusive, Refusal> {
    if decimals.len() != chances.len() || decimals.is_empty() {
        return Err(Refusal::Shape(
            "give as many probabilities as odds, one for each outcome",
        ));
    }
    Refusal::probability("the most to stake", most)?;
    for (decimal, p) in decimals.iter().zip(chances) {
        Refusal::decimal(*decimal)?;
        Refusal::probability("an outcome", *p)?;
    }
    let total: f64 = chances.iter().sum();
    if total > 1.0 + 1e-9 {
        let name = "all outcomes together";
        return Err(Refusal::Probability { name, value: total });
    }
    let mut order: Vec<(usize, f64, f64)> = decimals
        .iter()
        .zip(chances)
        .enumerate()
        .map(|(outcome, (decimal, p))| (outcome, *decimal, *p))
        .collect();
    order.sort_by(|a, b| (b.1 * b.2).total_cmp(&(a.1 * a.2)));

    let (mut p_taken, mut book, mut held) = (0.0, 0.0, 1.0);
    let mut taken = 0;
    for (_, decimal, p) in &order {
        let left = 1.0 - book - 1.0 / decimal;
        if p * decimal <= held || left <= 0.0 {
            break;
        }
        taken += 1;
        p_taken += p;
        book += 1.0 / decimal;
        held = (1.0_f64 - p_taken).max(0.0) / left;
    }
    let mut scale = 1.0;
    if 1.0 - held > most {
        held = 1.0 - most;
        // As before, with what is held back given: the factor follows from the sum of the stakes.
        (p_taken, book, taken) = (0.0, 0.0, 0);
        scale = f64::INFINITY;
        for (_, decimal, p) in &order {
            if scale * p * decimal <= held {
                break;
            }
            taken += 1;
            p_taken += p;
            book += 1.0 / decimal;
            scale = (most + held * book) / p_taken;
        }
    }
    let mut stakes = vec![0.0; decimals.len()];
    for (outcome, decimal, p) in order.iter().take(taken) {
        if let Some(stake) = stakes.get_mut(*outcome) {
            *stake = (scale * p - held / decimal).max(0.0);
        }
    }
    let spent: f64 = stakes.iter().sum();
    let part = |p: f64, change: f64| if p > 0.0 { p * change.ln_1p() } else { 0.0 };
    let sides = stakes.iter().zip(decimals).zip(chances);
    let growth = sides
        .map(|((stake, decimal), p)| part(*p, stake * decimal - spent))
        .sum::<f64>()
        + part((1.0 - total).max(0.0), -spent);
    Ok(Exclusive { stakes, growth })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn even(win: f64) -> Chances {
        Chances::new(win, 0.0).unwrap()
    }

    #[test]
    fn a_coin_that_falls_right_six_times_in_ten() {
        let full = stake(2.0, &even(0.6), 1.0).unwrap();
        assert!((full.fraction - 0.2).abs() < 1e-15);
        assert!((full.growth - (0.6 * 1.2_f64.ln() + 0.4 * 0.8_f64.ln())).abs() < 1e-15);
        let quarter = stake(2.0, &even(0.6), 0.25).unwrap();
        assert!((quarter.growth / full.growth - 0.4375).abs() < 0.01);
        let none = stake(1.8, &even(0.4), 1.0).unwrap();
        assert_eq!((none.fraction, none.growth), (0.0, 0.0));
        let sure = stake(1.5, &even(1.0), 1.0).unwrap();
        assert!((sure.fraction - 1.0).abs() < 1e-15 && (sure.growth - 1.5_f64.ln()).abs() < 1e-15);
    }

    #[test]
    fn a_push_only_makes_the_bet_rarer() {
        let pushing = Chances::new(0.48, 0.2).unwrap();
        let found = stake(2.0, &pushing, 1.0).unwrap();
        assert!((found.fraction - 0.2).abs() < 1e-15);
        let unpushed = stake(2.0, &even(0.6), 1.0).unwrap();
        assert!((found.growth - 0.8 * unpushed.growth).abs() < 1e-15);
    }

    #[test]
    fn stakes_on_exclusive_outcomes_beat_their_neighbours() {
        let (decimals, chances) = ([2.5, 3.0, 2.2], [0.45, 0.35, 0.15]);
        let best = exclusive(&decimals, &chances, 1.0).unwrap();
        for (found, hand) in best.stakes.iter().zip([0.15, 0.10, 0.0]) {
            assert!((found - hand).abs() < 1e-12, "{best:?}");
        }
        let growth = |stakes: &[f64; 3]| {
            let spent: f64 = stakes.iter().sum();
            let won = |n: usize| chances[n] * (1.0 + stakes[n] * decimals[n] - spent).ln();
            won(0) + won(1) + won(2) + 0.05 * (1.0 - spent).ln()
        };
        for n in 0..2 {
            for step in [-0.01, 0.01] {
                let mut other = [best.stakes[0], best.stakes[1], best.stakes[2]];
                other[n] += step;
                assert!(growth(&other) < best.growth);
            }
        }
        // One outcome alone is the plain formula.
        let single = exclusive(&[2.0], &[0.6], 1.0).unwrap();
        assert!((single.stakes[0] - 0.2).abs() < 1e-15);
        // An arbitrage takes all that may be staked.
        let all = exclusive(&[2.1, 2.1], &[0.5, 0.5], 0.99).unwrap();
        assert!((all.stakes[0] - 0.495).abs() < 1e-12);
        assert!(exclusive(&[2.1, 2.1], &[0.6, 0.5], 1.0).is_err());
        assert!(exclusive(&[2.1], &[0.6, 0.3], 1.0).is_err());
    }
}
