//! Markets drawn from a seed.

/// The generator of Steele, Lea and Flood (2014).
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Uniform in 0 to 1.
    pub fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Fair probabilities of `n` outcomes down to 1e-4: uniform on a log scale, so that long shots are as frequent as others.
    pub fn fair(&mut self, n: usize) -> Vec<f64> {
        let weights: Vec<f64> = (0..n).map(|_| (-9.2 * self.unit()).exp()).collect();
        let sum: f64 = weights.iter().sum();
        let spare = 1.0 - 1e-4 * n as f64;
        weights.iter().map(|w| 1e-4 + spare * w / sum).collect()
    }

    /// Implied probabilities: 2 to 20 outcomes, a margin of −2 to 30 %, laid on in proportion, evenly on the log-odds, or by an
    /// exponent.
    pub fn market(&mut self) -> Vec<f64> {
        loop {
            let n = 2 + (self.unit() * 19.0) as usize;
            let margin = -0.02 + 0.32 * self.unit();
            let fair = self.fair(n);
            let kind = (self.unit() * 3.0) as usize;
            let implied: Vec<f64> = match kind {
                0 => fair.iter().map(|p| p * (1.0 + margin)).collect(),
                1 => laid_on(margin, |t, p| p * t.exp() / (1.0 - p + p * t.exp()), &fair),
                _ => laid_on(margin, |t, p| p.powf((-t).exp()), &fair),
            };
            if implied.iter().all(|p| *p > 1e-5 && *p < 0.9999) {
                return implied;
            }
        }
    }
}

/// `change` with the t that gives the margin.
fn laid_on(margin: f64, change: impl Fn(f64, f64) -> f64, fair: &[f64]) -> Vec<f64> {
    let (mut low, mut high) = (-3.0, 3.0);
    for _ in 0..50 {
        let middle = 0.5 * (low + high);
        if fair.iter().map(|p| change(middle, *p)).sum::<f64>() < 1.0 + margin {
            low = middle;
        } else {
            high = middle;
        }
    }
    fair.iter().map(|p| change(low, *p)).collect()
}
