//! The hyperbolic tangent.
//!
//! Near 0 an odd polynomial, because 1 - 2 / (e^2x + 1) cancels there; that formula elsewhere.

use super::exp;

/// tanh x, within 1.5 ULP; ±1 at ±∞, ±0 at ±0, NaN at NaN.
#[inline(always)]
pub(crate) fn lane(x: f32) -> f32 {
    let a = x.abs();
    let z = a * a;
    let p = 0.002_147_543_2_f32
        .mul_add(z, -0.008_182_681)
        .mul_add(z, 0.021_702_97)
        .mul_add(z, -0.053_947_207)
        .mul_add(z, 0.133_332_1)
        .mul_add(z, -0.333_333_3);
    let near = (a * z).mul_add(p, a);
    let far = 1.0 - 2.0 / (exp::lane(a + a) + 1.0);
    let tanh = if a < 0.625 { near } else { far };
    tanh.copysign(x)
}
