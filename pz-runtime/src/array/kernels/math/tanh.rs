//! The hyperbolic tangent.
//!
//! tanh a = t / (t + 1) with t = (e^2a - 1) / 2. Since 2a = n ln 2 + 2r, t is 2^n (r + 2 r² p(2r)) + (2^n - 1) / 2 with
//! the polynomial of [`exp`]: for n = 0, which is near 0, nothing cancels, so one formula serves everywhere.

use super::exp::{LN_2, P, ROUNDER};

/// tanh rounds to 1 from here on.
const ONE: f32 = 9.1;

/// tanh x, within 2.6 ULP; ±1 at ±∞, ±0 at ±0, NaN at NaN.
#[inline(always)]
pub(crate) fn lane(x: f32) -> f32 {
    let a = x.abs();
    let a = if a > ONE { ONE } else { a };
    let rounded = a.mul_add(2.0 * std::f32::consts::LOG2_E, ROUNDER);
    let r = (rounded - ROUNDER).mul_add(-0.5 * LN_2, a);
    let z = r * r;
    // The coefficients of 2 p(2r).
    let (p0, p1) = ((4.0 * P[1]).mul_add(r, 2.0 * P[0]), (16.0 * P[3]).mul_add(r, 8.0 * P[2]));
    let p = (32.0 * P[4]).mul_add(z, p1).mul_add(z, p0);
    let low = z.mul_add(p, r);
    // The low bits of `rounded` are n.
    let scale = f32::from_bits((rounded.to_bits() << 23).wrapping_add(1f32.to_bits()));
    let t = scale.mul_add(low, scale.mul_add(0.5, -0.5));
    (t / (t + 1.0)).copysign(x)
}
