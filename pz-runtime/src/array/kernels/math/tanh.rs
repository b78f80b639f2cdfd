//! The hyperbolic tangent.
//!
//! tanh a = t / (t + 1) with t = (e^2a - 1) / 2. Since 2a = n ln 2 + 2r, t is 2^n (r + 2 r² p(2r)) + (2^n - 1) / 2 with
//! the polynomial of [`exp`]: for n = 0, which is near 0, nothing cancels, so one formula serves everywhere.

use super::exp::{LN_2, P, ROUNDER, polynomial};
use crate::array::kernels::lane::Single;

/// tanh rounds to 1 from here on.
const ONE: f32 = 9.1;
/// The coefficients of 2 p(2r).
const Q: [f32; 5] = [2.0 * P[0], 4.0 * P[1], 8.0 * P[2], 16.0 * P[3], 32.0 * P[4]];

/// tanh x, within 2.6 ULP; ±1 at ±∞, ±0 at ±0, NaN at NaN.
#[inline(always)]
pub(crate) fn lane<L: Single>(x: L) -> L {
    let a = L::all(ONE).if_smaller(x.abs());
    let rounded = a.mul_add(L::all(2.0 * std::f32::consts::LOG2_E), L::all(ROUNDER));
    let r = rounded.sub(L::all(ROUNDER)).mul_add(L::all(-0.5 * LN_2), a);
    let low = polynomial(r, Q.map(L::all));
    let scale = rounded.power_of_two();
    let t = scale.mul_add(low, scale.mul_add(L::all(0.5), L::all(-0.5)));
    t.div(t.add(L::all(1.0))).with_sign_of(x)
}
