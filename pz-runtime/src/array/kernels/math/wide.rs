//! Powers of two, logarithms and their kin in f64, for functions of f32 that need more precision on the way.
//!
//! Twice the width makes cancellation and long products harmless: a result is right to some 30 bits and is rounded
//! once. Multiplications and additions stay apart, so the baseline needs no emulated fused ones, and every CPU level
//! gives the same bits. Arguments are widened f32 numbers, hence never subnormal. The polynomials are fits of our own
//! at Chebyshev points, of relative error below 2e-10.

/// Adding and subtracting it rounds a number below 2^51 to an integer, which then stands in its low bits.
pub(super) const ROUNDER: f64 = 6_755_399_441_055_744.0;

/// The value of a polynomial at `x`, coefficients from the constant on.
#[inline(always)]
pub(super) fn polynomial<const N: usize>(x: f64, coefficients: [f64; N]) -> f64 {
    let mut sum = coefficients[N - 1];
    for c in coefficients[..N - 1].iter().rev() {
        sum = sum * x + c;
    }
    sum
}

/// 2^x; x beyond ±1000 is taken as ±1000, NaN stays.
#[inline(always)]
pub(super) fn exp2(x: f64) -> f64 {
    let x = if x > 1000.0 { 1000.0 } else { x };
    let x = if x < -1000.0 { -1000.0 } else { x };
    let rounded = x + ROUNDER;
    let f = x - (rounded - ROUNDER);
    let power = polynomial(
        f,
        [
            0.9999999999595618,
            0.6931471805568324,
            0.24022651213498092,
            0.055504109063258665,
            0.009618025613318034,
            0.0013333478473685416,
            0.00015469729214118296,
            1.5303700711365693e-5,
        ],
    );
    power * f64::from_bits(rounded.to_bits().wrapping_add(1023) << 52)
}

/// e^x, as [`exp2`].
#[inline(always)]
pub(super) fn exp(x: f64) -> f64 {
    exp2(x * std::f64::consts::LOG2_E)
}

/// The logarithm to base 2 of a positive normal number; anything for others.
#[inline(always)]
pub(super) fn log2(x: f64) -> f64 {
    const SQRT_HALF: u64 = std::f64::consts::FRAC_1_SQRT_2.to_bits();
    const ONE: u64 = 1f64.to_bits();
    const TWO_52: f64 = 4_503_599_627_370_496.0;
    let bits = x.to_bits().wrapping_add(ONE - SQRT_HALF);
    let e = f64::from_bits((bits >> 52) | TWO_52.to_bits()) - (TWO_52 + 1023.0);
    let m = f64::from_bits((bits & 0x000f_ffff_ffff_ffff).wrapping_add(SQRT_HALF));
    let s = (m - 1.0) / (m + 1.0);
    let series = polynomial(
        s * s,
        [
            2.885390081777927,
            0.9617966939243131,
            0.5770780172560378,
            0.41219840046505485,
            0.32061650335968256,
            0.26144042332141254,
            0.24296332611259117,
        ],
    );
    e + s * series
}
