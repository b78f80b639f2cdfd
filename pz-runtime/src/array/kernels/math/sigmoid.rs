//! The logistic function 1 / (1 + e^-x).
//!
//! Written in e^-|x|, which cannot overflow, so that results keep their relative precision down to the subnormals.

use super::exp;

/// The logistic function of x, within 2.5 ULP; 0 at -∞, 1 at ∞, NaN at NaN.
#[inline(always)]
pub(crate) fn lane(x: f32) -> f32 {
    let e = exp::lane(-x.abs());
    let over = if x < 0.0 { e } else { 1.0 };
    over / (1.0 + e)
}
