//! The standard normal distribution.

use std::f64::consts::{FRAC_1_SQRT_2, PI};

// Wichura, M. J. (1988), Algorithm AS 241: The Percentage Points of the Normal Distribution, Applied Statistics 37(3),
// 477–484: numerators and denominators of three rational approximations, highest power first.
const CENTRE_TOP: [f64; 8] = [
    2_509.080_928_730_122_7,
    33_430.575_583_588_13,
    67_265.770_927_008_7,
    45_921.953_931_549_87,
    13_731.693_765_509_46,
    1_971.590_950_306_551_3,
    133.141_667_891_784_38,
    3.387_132_872_796_366_5,
];
const CENTRE_BOTTOM: [f64; 8] = [
    5_226.495_278_852_854,
    28_729.085_735_721_943,
    39_307.895_800_092_71,
    21_213.794_301_586_597,
    5_394.196_021_424_751,
    687.187_007_492_057_9,
    42.313_330_701_600_91,
    1.0,
];
const NEAR_TOP: [f64; 8] = [
    0.000_774_545_014_278_341_4,
    0.022_723_844_989_269_184,
    0.241_780_725_177_450_6,
    1.270_458_252_452_368_4,
    3.647_848_324_763_204_5,
    5.769_497_221_460_691,
    4.630_337_846_156_546,
    1.423_437_110_749_683_5,
];
const NEAR_BOTTOM: [f64; 8] = [
    1.050_750_071_644_416_9e-9,
    0.000_547_593_808_499_534_5,
    0.015_198_666_563_616_457,
    0.148_103_976_427_480_08,
    0.689_767_334_985_1,
    1.676_384_830_183_803_8,
    2.053_191_626_637_759,
    1.0,
];
const FAR_TOP: [f64; 8] = [
    2.010_334_399_292_288_1e-7,
    2.711_555_568_743_487_6e-5,
    0.001_242_660_947_388_078_4,
    0.026_532_189_526_576_124,
    0.296_560_571_828_504_87,
    1.784_826_539_917_291_3,
    5.463_784_911_164_114,
    6.657_904_643_501_103,
];
const FAR_BOTTOM: [f64; 8] = [
    2.044_263_103_389_939_7e-15,
    1.421_511_758_316_446e-7,
    1.846_318_317_510_054_8e-5,
    0.000_786_869_131_145_613_3,
    0.014_875_361_290_850_615,
    0.136_929_880_922_735_8,
    0.599_832_206_555_888,
    1.0,
];

/// Probability of a value up to `z`: Φ(z) = erfc(−z/√2)/2, in 0 to 1. Small probabilities keep their relative precision.
#[inline]
pub fn cumulative(z: f64) -> f64 {
    let x = z * FRAC_1_SQRT_2;
    if x.abs() < MIDDLE {
        return 0.5 + 0.5 * middle_erf(x);
    }
    0.5 * libm::erfc(-x)
}

/// Where [`middle_erf`] holds.
const MIDDLE: f64 = 0.84375;

/// erf(x) for |x| below [`MIDDLE`]: the rational approximation of fdlibm (Sun Microsystems 1993, `s_erf.c`), which libm has
/// too, in an order whose sums do not wait for each other.
#[inline]
fn middle_erf(x: f64) -> f64 {
    let z = x * x;
    let z2 = z * z;
    let top = (0.128_379_167_095_512_56 + z * -0.325_042_107_247_001_5)
        + z2 * ((-0.028_481_749_575_598_51 + z * -0.005_770_270_296_489_442)
            + z2 * -2.376_301_665_665_016_3e-5);
    let bottom = (1.0 + z * 0.397_917_223_959_155_35)
        + z2 * ((0.065_022_249_988_767_3 + z * 0.005_081_306_281_875_766)
            + z2 * (0.000_132_494_738_004_321_64 + z * -3.960_228_278_775_368e-6));
    x + x * (top / bottom)
}

/// Density at `z`: φ(z) = exp(−z²/2)/√(2π).
pub fn density(z: f64) -> f64 {
    (-0.5 * z * z).exp() / (2.0 * PI).sqrt()
}

/// The value that `p` of the mass lies below: Φ⁻¹(p), to about 1e-16 of itself (AS 241). None outside 0 < p < 1.
pub fn quantile(p: f64) -> Option<f64> {
    if !(p > 0.0 && p < 1.0) {
        return None;
    }
    let centred = p - 0.5;
    if centred.abs() <= 0.425 {
        let r = 0.180_625 - centred * centred;
        return Some(centred * polynomial(&CENTRE_TOP, r) / polynomial(&CENTRE_BOTTOM, r));
    }
    let tail = if centred <= 0.0 { p } else { 1.0 - p };
    let r = (-tail.ln()).sqrt();
    let size = if r <= 5.0 {
        polynomial(&NEAR_TOP, r - 1.6) / polynomial(&NEAR_BOTTOM, r - 1.6)
    } else {
        polynomial(&FAR_TOP, r - 5.0) / polynomial(&FAR_BOTTOM, r - 5.0)
    };
    Some(size.copysign(centred))
}

/// A polynomial, by Estrin's scheme: its sums do not wait for each other as Horner's do.
#[inline]
fn polynomial(c: &[f64; 8], x: f64) -> f64 {
    let x2 = x * x;
    let high = (c[0] * x + c[1]) * x2 + (c[2] * x + c[3]);
    let low = (c[4] * x + c[5]) * x2 + (c[6] * x + c[7]);
    high * (x2 * x2) + low
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_points_and_both_ways() {
        assert!((cumulative(1.96) - 0.975_002_104_851_779_5).abs() < 1e-15);
        assert!((cumulative(-6.0) / 9.865_876_450_376_946e-10 - 1.0).abs() < 1e-13);
        assert!((density(0.0) - 0.398_942_280_401_432_7).abs() < 1e-16);
        let p975 = quantile(0.975).unwrap();
        assert!((p975 - 1.959_963_984_540_054).abs() < 1e-14);
        for p in [1e-300, 1e-12, 1e-4, 0.02, 0.3, 0.5, 0.7, 0.9999] {
            let back = cumulative(quantile(p).unwrap());
            assert!((back / p - 1.0).abs() < 1e-12, "{p}: {back}");
        }
        for none in [0.0, 1.0, -0.1, 1.1, f64::NAN] {
            assert_eq!(quantile(none), None);
        }
    }
}
