//! e^x - 1.
//!
//! With x = n ln 2 + r as in [`exp`]: 2^n (e^r - 1) + (2^n - 1), where the first bracket comes from its own polynomial
//! without cancellation and the second is exact, or does not matter.

use super::exp;

/// e^x - 1, within 1.5 ULP; -1 at -∞, ∞ at ∞, ±0 at ±0, NaN at NaN.
#[inline(always)]
pub(crate) fn lane(x: f32) -> f32 {
    // Below -18 the result rounds to -1, whose power of two must not become subnormal.
    let (low, rounded) = exp::reduced(if x < -18.0 { -18.0 } else { x });
    // 2^n is beyond f32 for n = 128, where results are still finite: one factor of 2 goes on last.
    let scale = exp::power_of_two(exp::whole(rounded).wrapping_sub(1));
    let value = (scale.mul_add(low, scale - 0.5)) * 2.0;
    // Here the second term of the series is below half an ULP, and halving could leave the range of f32.
    if x.abs() < 5e-8 { x } else { value }
}
