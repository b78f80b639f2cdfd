//! The logarithm of 1 + x.
//!
//! What is lost when 1 + x is rounded is known exactly, and its share of the logarithm is added.

use super::{exp, log};

/// ln (1 + x), within 1.5 ULP; -∞ at -1, ∞ at ∞, ±0 at ±0, NaN below -1 and at NaN.
#[inline(always)]
pub(crate) fn lane(x: f32) -> f32 {
    let u = 1.0 + x;
    // Whichever of 1 and x is larger, the difference that is taken first is exact.
    let lost = if x > 1.0 { 1.0 - (u - x) } else { x - (u - 1.0) };
    let corrected = log::lane(u) + lost / u;
    let value = if (u == 0.0) | (u == f32::INFINITY) { log::lane(u) } else { corrected };
    if x == 0.0 { x } else { value }
}

/// ln (e^x + e^y): the larger, and the logarithm of what the smaller adds. Within 2 ULP, but where the two parts
/// cancel near 0: there within an ULP of the larger part. ∞ where either is, -∞ where both are, NaN at NaN.
#[inline(always)]
pub(crate) fn logaddexp_lane(x: f32, y: f32) -> f32 {
    let larger = if x > y { x } else { y };
    let gap = (x - y).abs();
    let sum = larger + lane(exp::lane(-gap));
    // Equal infinities have no gap.
    let sum = if x == y { x + std::f32::consts::LN_2 } else { sum };
    if x.is_nan() { x } else { sum }
}
