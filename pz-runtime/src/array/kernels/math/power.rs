//! x to the power of y.
//!
//! 2^(y log2 x) in f64: the product may be as large as 150, and what it lacks in precision the result lacks 100-fold,
//! so f32 would not do. Signs, zeros and infinities are put right after, as IEEE 754 has them.

use super::wide;

/// x^y, within 0.6 ULP, subnormal results included. 1 where y is 0 or x is 1, whatever the other; NaN where x is
/// below 0 and y is not whole.
#[inline(always)]
pub(crate) fn lane(x: f32, y: f32) -> f32 {
    let a = x.abs();
    let power = wide::exp2(f64::from(y) * wide::log2(f64::from(a))) as f32;
    let truncated = y.trunc();
    let is_whole = truncated == y;
    // From 2^24 on every f32 is even.
    let half = 0.5 * y;
    let is_odd = is_whole & (half.trunc() != half) & (y.abs() < 16_777_216.0);
    let grows = (a > 1.0) == (y > 0.0);
    // What a is decides where it has no logarithm; what y is where the product is no number.
    let power = if (a == 0.0) | (a == f32::INFINITY) | (y.abs() == f32::INFINITY) {
        if grows { f32::INFINITY } else { 0.0 }
    } else {
        power
    };
    let power = if (a == 1.0) & (y.abs() == f32::INFINITY) { 1.0 } else { power };
    let is_negative = x.to_bits() >> 31 == 1;
    let power = if is_negative & is_odd { -power } else { power };
    let is_nowhere = (x < 0.0) & !is_whole & (a != f32::INFINITY);
    let power = if is_nowhere | (x.is_nan() | y.is_nan()) { f32::NAN } else { power };
    if (y == 0.0) | (x == 1.0) { 1.0 } else { power }
}
