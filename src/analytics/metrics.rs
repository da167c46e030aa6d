//! How good forecasts and bets were.
//!
//! Every function says none of nothing, rather than 0 or NaN.

use super::normal;
use super::refusal::Refusal;

/// An estimate with its interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// The estimate.
    pub estimate: f64,
    /// Upper end.
    pub high: f64,
}

/// A forecast of what happens or does not, and whether it did.
pub type Forecast = (f64, bool);

fn checked(forecasts: &[Forecast]) -> Result<(), Refusal> {
    if forecasts.is_empty() {
        return Err(Refusal::Shape(
            "there are no forecasts to grade; give one or more",
        ));
    }
    forecasts
        .iter()
        .try_for_each(|(p, _)| Refusal::probability("a forecast", *p).map(drop))
}

fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let n = values.len() as f64;
    values.sum::<f64>() / n
}

/// Brier score: mean of (p − y)², 0 best, 0.25 for always saying one half (Brier 1950).
///
/// Fails without forecasts, and for what is no probability.
pub fn brier(forecasts: &[Forecast]) -> Result<f64, Refusal> {
    checked(forecasts)?;
    Ok(mean(forecasts.iter().map(|(p, happened)| {
        let off = p - f64::from(u8::from(*happened));
        off * off
    })))
}

/// Log loss: mean of −ln of the probability given to what happened, nats. Certainty that was wrong counts as a probability of
/// 2.2e-16, as scikit-learn has it.
///
/// Fails as [`brier`].
pub fn log_loss(forecasts: &[Forecast]) -> Result<f64, Refusal> {
    checked(forecasts)?;
    Ok(mean(forecasts.iter().map(|(p, happened)| {
        let given = if *happened { *p } else { 1.0 - p };
        -given.clamp(f64::EPSILON, 1.0 - f64::EPSILON).ln()
    })))
}

/// 538's points for a forecast: 25 − 100(p − y)², p rounded to two places, the result to one.
///
/// Fails for what is no probability.
pub fn points_538(p: f64, happened: bool) -> Result<f64, Refusal> {
    let p = (Refusal::probability("a forecast", p)? * 100.0).round() / 100.0;
    let off = p - f64::from(u8::from(happened));
    Ok(((25.0 - 100.0 * off * off) * 10.0).round() / 10.0)
}

/// Ranked probability score of one forecast over ordered outcomes (home, draw, away), 0 best: the mean over the n − 1 steps of
/// the squared difference of both cumulative distributions (Epstein 1969; Constantinou & Fenton 2012).
///
/// Fails for fewer than two outcomes, an `observed` beyond them, what is no probability, and a sum other than 1.
pub fn ranked_probability_score(forecast: &[f64], observed: usize) -> Result<f64, Refusal> {
    if forecast.len() < 2 || observed >= forecast.len() {
        return Err(Refusal::Shape(
            "give two outcomes or more, and one of them as observed",
        ));
    }
    let mut total = 0.0;
    for p in forecast {
        total += Refusal::probability("a forecast", *p)?;
    }
    if (total - 1.0).abs() > 1e-6 {
        let name = "all outcomes together";
        return Err(Refusal::Probability { name, value: total });
    }
    let (mut said, mut sum) = (0.0, 0.0);
    for (outcome, p) in forecast.iter().enumerate().take(forecast.len() - 1) {
        said += p;
        let off = said - f64::from(u8::from(observed <= outcome));
        sum += off * off;
    }
    Ok(sum / (forecast.len() - 1) as f64)
}

/// A bin of a calibration curve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bin {
    /// Forecasts in it.
    pub count: usize,
    /// Their mean.
    pub forecast: f64,
    /// Share of them that happened.
    pub happened: f64,
}

/// Forecasts in `bins` bins of the same width, without the empty ones; one on an edge is in the lower bin, as scikit-learn has
/// it.
///
/// Fails as [`brier`], and without a bin.
pub fn calibration(forecasts: &[Forecast], bins: usize) -> Result<Vec<Bin>, Refusal> {
    checked(forecasts)?;
    if bins == 0 {
        return Err(Refusal::Shape("a calibration needs bins; give one or more"));
    }
    let mut sums = vec![(0_usize, 0.0, 0.0); bins];
    for (p, happened) in forecasts {
        let below = (1..bins)
            .filter(|edge| *edge as f64 / (bins as f64) < *p)
            .count();
        if let Some((count, said, hits)) = sums.get_mut(below) {
            *count += 1;
            *said += p;
            *hits += f64::from(u8::from(*happened));
        }
    }
    let full = sums.into_iter().filter(|(count, ..)| *count > 0);
    let bin = |(count, said, hits): (usize, f64, f64)| Bin {
        count,
        forecast: said / count as f64,
        happened: hits / count as f64,
    };
    Ok(full.map(bin).collect())
}

/// Expected calibration error: `Σ n_b/N·|happened − forecast|` over the bins.
///
/// Fails as [`calibration`].
pub fn calibration_error(forecasts: &[Forecast], bins: usize) -> Result<f64, Refusal> {
    let bins = calibration(forecasts, bins)?;
    let off = |b: &Bin| b.count as f64 * (b.happened - b.forecast).abs();
    Ok(bins.iter().map(off).sum::<f64>() / forecasts.len() as f64)
}

/// Return on what was staked: profit over stakes. None without a stake.
pub fn roi(profit: f64, staked: f64) -> Option<f64> {
    (staked > 0.0 && profit.is_finite()).then(|| profit / staked)
}

/// Sharpe ratio of returns, not annualised: their mean over their standard deviation (n − 1). None below two returns, and where
/// they do not vary.
pub fn sharpe(returns: &[f64]) -> Option<f64> {
    if returns.len() < 2 {
        return None;
    }
    let middle = mean(returns.iter().copied());
    let squares: f64 = returns.iter().map(|r| (r - middle) * (r - middle)).sum();
    let deviation = (squares / (returns.len() - 1) as f64).sqrt();
    (deviation > 0.0 && deviation.is_finite()).then(|| middle / deviation)
}

/// Return of all periods together: Π(1 + r) − 1; 0 of nothing.
pub fn cumulative_return(returns: &[f64]) -> f64 {
    returns.iter().fold(1.0, |worth, r| worth * (1.0 + r)) - 1.0
}

/// Deepest fall from a peak of what grew by `returns`, as a share of the peak: 0 or below. The start is a peak.
pub fn drawdown(returns: &[f64]) -> f64 {
    let (mut worth, mut peak, mut deepest) = (1.0_f64, 1.0_f64, 0.0_f64);
    for r in returns {
        worth *= 1.0 + r;
        peak = peak.max(worth);
        deepest = deepest.min(worth / peak - 1.0);
    }
    deepest
}

/// Wilson's interval of a share (1927): holds its coverage where shares are near 0 or 1 and counts small. `confidence` in 0 to 1,
/// like 0.95. None without trials, with more hits than trials, or for another confidence.
pub fn wilson(hits: u64, trials: u64, confidence: f64) -> Option<Interval> {
    if trials == 0 || hits > trials || !(confidence > 0.0 && confidence < 1.0) {
        return None;
    }
    let z = normal::quantile(0.5 + 0.5 * confidence)?;
    let (n, share) = (trials as f64, hits as f64 / trials as f64);
    let denominator = 1.0 + z * z / n;
    let centre = (share + z * z / (2.0 * n)) / denominator;
    let half = z * (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt() / denominator;
    Some(Interval {
        low: (centre - half).max(0.0),
        estimate: share,
        high: (centre + half).min(1.0),
    })
}

/// Bootstrap interval of a mean (percentile method, Efron 1979): `rounds` samples with replacement, drawn from `seed`, so that
/// the same call gives the same interval anywhere. None of nothing, without rounds, or for a confidence outside 0 to 1.
pub fn bootstrap(values: &[f64], confidence: f64, rounds: usize, seed: u64) -> Option<Interval> {
    if values.is_empty() || rounds == 0 || !(confidence > 0.0 && confidence < 1.0) {
        return None;
    }
    let mut next = split_mix(seed);
    let n = values.len();
    let mut means: Vec<f64> = (0..rounds)
        .map(|_| {
            let draw = |_| {
                let at = ((u128::from(next()) * n as u128) >> 64) as usize;
                values.get(at).copied().unwrap_or_default()
            };
            (0..n).map(draw).sum::<f64>() / n as f64
        })
        .collect();
    let (low, high) = middle(&mut means, confidence)?;
    Some(Interval {
        low,
        estimate: mean(values.iter().copied()),
        high,
    })
}

/// The same for a ratio of sums, like profit over stakes: pairs are drawn whole. None also where the denominators do not add up
/// to more than 0.
pub fn bootstrap_ratio(
    pairs: &[(f64, f64)],
    confidence: f64,
    rounds: usize,
    seed: u64,
) -> Option<Interval> {
    let ratio = |(top, bottom): (f64, f64)| roi(top, bottom);
    let add = |sum: (f64, f64), pair: &(f64, f64)| (sum.0 + pair.0, sum.1 + pair.1);
    let estimate = ratio(pairs.iter().fold((0.0, 0.0), add))?;
    if rounds == 0 || !(confidence > 0.0 && confidence < 1.0) {
        return None;
    }
    let mut next = split_mix(seed);
    let n = pairs.len();
    let mut ratios: Vec<f64> = (0..rounds)
        .filter_map(|_| {
            let draw = |_| {
                let at = ((u128::from(next()) * n as u128) >> 64) as usize;
                pairs.get(at).copied().unwrap_or_default()
            };
            let sum = (0..n).map(draw).fold((0.0, 0.0), |s, p| add(s, &p));
            ratio(sum)
        })
        .collect();
    let (low, high) = middle(&mut ratios, confidence)?;
    Some(Interval {
        low,
        estimate,
        high,
    })
}

/// `SplitMix64` (Steele, Lea & Flood 2014): its stream is its definition.
fn split_mix(seed: u64) -> impl FnMut() -> u64 {
    let mut state = seed;
    move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// The ends between which so much of `drawn` lies; none of nothing.
fn middle(drawn: &mut [f64], confidence: f64) -> Option<(f64, f64)> {
    drawn.sort_by(f64::total_cmp);
    let tail = 0.5 * (1.0 - confidence);
    let at = |share: f64| {
        let place = (share * drawn.len().checked_sub(1)? as f64).round() as usize;
        drawn.get(place).copied()
    };
    Some((at(tail)?, at(1.0 - tail)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(left: f64, right: f64) -> bool {
        (left - right).abs() < 1e-12
    }

    #[test]
    fn scores_of_two_forecasts_by_hand() {
        let two = [(0.8, true), (0.6, false)];
        assert!(close(brier(&two).unwrap(), 0.5 * (0.04 + 0.36)));
        assert!(close(
            log_loss(&two).unwrap(),
            -0.5 * (0.8_f64.ln() + 0.4_f64.ln())
        ));
        assert!(close(calibration_error(&two, 2).unwrap(), 0.2));
        assert!(close(points_538(0.67, true).unwrap(), 14.1));
        assert!(log_loss(&[(1.0, false)]).unwrap() > 36.0);
        for none in [&[][..], &[(1.1, true)], &[(f64::NAN, true)]] {
            assert!(brier(none).is_err() && log_loss(none).is_err());
            assert!(calibration_error(none, 5).is_err());
        }
        assert!(calibration(&two, 0).is_err());
    }

    #[test]
    fn a_miss_by_one_rank_is_half_a_miss_by_two() {
        assert!(close(
            ranked_probability_score(&[1.0, 0.0, 0.0], 1).unwrap(),
            0.5
        ));
        assert!(close(
            ranked_probability_score(&[1.0, 0.0, 0.0], 2).unwrap(),
            1.0
        ));
        assert!(ranked_probability_score(&[0.5, 0.4], 0).is_err());
        assert!(ranked_probability_score(&[1.0], 0).is_err());
        assert!(ranked_probability_score(&[0.5, 0.5], 2).is_err());
    }

    #[test]
    fn returns_and_their_fall() {
        let returns = [0.1, -0.5, 0.2, 1.0];
        assert!(close(
            cumulative_return(&returns),
            1.1 * 0.5 * 1.2 * 2.0 - 1.0
        ));
        assert!(close(drawdown(&returns), -0.5));
        assert!(close(drawdown(&[-0.1]), -0.1) && close(drawdown(&[]), 0.0));
        assert!(close(sharpe(&[1.0, 3.0]).unwrap(), 2.0 / 2.0_f64.sqrt()));
        assert_eq!((sharpe(&[1.0]), sharpe(&[1.0, 1.0])), (None, None));
        assert_eq!((roi(5.0, 100.0), roi(5.0, 0.0)), (Some(0.05), None));
    }

    #[test]
    fn intervals_hold_their_estimate() {
        // Wilson's interval of 5 in 10 is symmetric: ½ ± z√(n + z²)·/… by hand 0.2366 to 0.7634.
        let half = wilson(5, 10, 0.95).unwrap();
        assert!((half.low - 0.236_59).abs() < 1e-4 && (half.high - 0.763_41).abs() < 1e-4);
        let none = wilson(0, 10, 0.95).unwrap();
        assert!(none.low.abs() < 1e-15 && (none.high - 0.277_53).abs() < 1e-4);
        assert_eq!(wilson(0, 0, 0.95), None);
        assert_eq!(wilson(3, 2, 0.95), None);
        let values: Vec<f64> = (0..100).map(|n| f64::from(n % 10)).collect();
        let found = bootstrap(&values, 0.95, 2_000, 7).unwrap();
        assert_eq!(bootstrap(&values, 0.95, 2_000, 7), Some(found));
        assert_ne!(bootstrap(&values, 0.95, 2_000, 8), Some(found));
        // Standard error of the mean: 2.87/10.
        assert!(
            (found.high - found.low - 2.0 * 1.96 * 0.287).abs() < 0.1,
            "{found:?}"
        );
        assert!(found.low < 4.5 && found.high > 4.5);
        assert_eq!(bootstrap(&[], 0.95, 10, 1), None);
        // Of equal stakes the ratio is the mean.
        let pairs: Vec<(f64, f64)> = values.iter().map(|v| (*v, 1.0)).collect();
        assert_eq!(bootstrap_ratio(&pairs, 0.95, 2_000, 7), Some(found));
        assert_eq!(bootstrap_ratio(&[(1.0, 0.0)], 0.95, 10, 1), None);
        assert_eq!(bootstrap_ratio(&[], 0.95, 10, 1), None);
    }
}
