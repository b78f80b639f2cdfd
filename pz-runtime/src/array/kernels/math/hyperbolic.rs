//! Hyperbolic sine and cosine.
//!
//! From e^x in f64, which holds what overflows f32 on the way. The sine has an odd polynomial below 1, where the two
//! exponentials cancel.

use super::wide;

/// sinh x, within 0.6 ULP; ±∞ at ±∞, ±0 at ±0, NaN at NaN.
#[inline(always)]
pub(crate) fn sinh_lane(x: f32) -> f32 {
    let wide_x = f64::from(x);
    let e = wide::exp(wide_x);
    let far = 0.5 * (e - 1.0 / e);
    let near = wide_x
        * wide::polynomial(
            wide_x * wide_x,
            [
                0.9999999999999205,
                0.16666666667239327,
                0.008333333266545869,
                0.00019841298317149254,
                2.755183485237489e-6,
                2.5538205221156536e-8,
            ],
        );
    (if x.abs() < 1.0 { near } else { far }) as f32
}

/// cosh x, within 0.6 ULP; ∞ at ±∞, NaN at NaN.
#[inline(always)]
pub(crate) fn cosh_lane(x: f32) -> f32 {
    let e = wide::exp(f64::from(x));
    (0.5 * (e + 1.0 / e)) as f32
}
