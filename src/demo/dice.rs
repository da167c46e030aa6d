//! Seeded randomness. Streams come from `ChaCha8`, whose output is promised to stay the same.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// A stream of random numbers that belongs to one place in the market.
pub(super) struct Dice(ChaCha8Rng);

impl Dice {
    /// The stream of `place` under `seed`: another place or seed, another stream.
    pub(super) fn new(seed: u64, place: &[u64]) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&seed.to_le_bytes());
        for part in place {
            hasher.update(&part.to_le_bytes());
        }
        Self(ChaCha8Rng::from_seed(*hasher.finalize().as_bytes()))
    }

    /// Uniform in [0, 1).
    pub(super) fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Uniform in [low, high).
    pub(super) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// True with probability `p`.
    pub(super) fn chance(&mut self, p: f64) -> bool {
        self.unit() < p
    }

    /// Uniform in 0..n; 0 for an empty range.
    pub(super) fn below(&mut self, n: usize) -> usize {
        ((self.unit() * n as f64) as usize).min(n.saturating_sub(1))
    }

    /// Standard normal (Box–Muller).
    pub(super) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.unit()).cos()
    }

    /// Log-normal with the given median and a spread of about half to double.
    pub(super) fn lag(&mut self, median: f64) -> f64 {
        median * (0.6 * self.normal()).exp()
    }

    /// Poisson (Knuth); for the small rates of scoring.
    pub(super) fn poisson(&mut self, rate: f64) -> u16 {
        let floor = (-rate).exp();
        let mut product = self.unit();
        let mut count = 0;
        while product > floor && count < 30 {
            product *= self.unit();
            count += 1;
        }
        count
    }

    /// The items in random order (Fisher–Yates).
    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

/// A number that depends on nothing but its parts: for quirks that must hold still while time goes on.
pub(super) fn mix(parts: &[u64]) -> u64 {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    for part in parts {
        // SplitMix64's finaliser over the running state.
        state = state
            .wrapping_add(*part)
            .wrapping_add(0x9e37_79b9_7f4a_7c15);
        state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        state ^= state >> 31;
    }
    state
}

/// [`mix`] as a number in [0, 1).
pub(super) fn mix_unit(parts: &[u64]) -> f64 {
    (mix(parts) >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_place_one_stream() {
        let draw = |seed, place: &[u64]| Dice::new(seed, place).unit().to_bits();
        assert_eq!(draw(7, &[1, 2]), draw(7, &[1, 2]));
        assert_ne!(draw(7, &[1, 2]), draw(8, &[1, 2]));
        assert_ne!(draw(7, &[1, 2]), draw(7, &[2, 1]));
    }

    #[test]
    fn draws_have_the_moments_they_promise() {
        let mut dice = Dice::new(1, &[]);
        let n = 20_000;
        let mean = (0..n).map(|_| dice.normal()).sum::<f64>() / f64::from(n);
        let runs = (0..n).map(|_| f64::from(dice.poisson(0.5))).sum::<f64>() / f64::from(n);
        assert!(mean.abs() < 0.03, "{mean}");
        assert!((runs - 0.5).abs() < 0.03, "{runs}");
    }
}
