//! The cube root.
//!
//! 2^(log2 x / 3) in f64 is good to some 30 bits; one of Newton's steps makes it as good as f64 is.

use super::wide;

/// The number whose cube is x, within 0.501 ULP, subnormal arguments included; ±0 at ±0, ±∞ at ±∞, NaN at NaN.
#[inline(always)]
pub(crate) fn lane(x: f32) -> f32 {
    let a = f64::from(x).abs();
    let root = wide::exp2(wide::log2(a) / 3.0);
    let root = root - (root - a / (root * root)) / 3.0;
    // What has no logarithm is its own root.
    let root = if (a > 0.0) & (a < f64::INFINITY) { root } else { a };
    (root as f32).copysign(x)
}
