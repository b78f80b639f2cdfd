//! The error function.
//!
//! Near 0 an odd polynomial; farther out 1 - e^p(x), where p fits the logarithm of erfc, whose relative error matters
//! less and less as erfc vanishes against 1.

use super::exp;

/// erf x rounds to 1 from here on.
const ONE: f32 = 4.0;

/// erf x, within 1.5 ULP; ±1 at ±∞, ±0 at ±0, NaN at NaN.
#[inline(always)]
pub(crate) fn lane(x: f32) -> f32 {
    let a = x.abs();
    let a = if a > ONE { ONE } else { a };
    let z = a * a;
    let near = 8.345_218_5e-5_f32
        .mul_add(z, -0.000_813_743_56)
        .mul_add(z, 0.005_200_634)
        .mul_add(z, -0.026_859_27)
        .mul_add(z, 0.112_836_94)
        .mul_add(z, -0.376_126_35)
        .mul_add(z, 0.128_379_17);
    let near = a.mul_add(near, a);
    let far = (-2.109_495_1e-5_f32)
        .mul_add(a, 0.000_434_461_5)
        .mul_add(a, -0.004_171_057_6)
        .mul_add(a, 0.025_119_415)
        .mul_add(a, -0.108_280_07)
        .mul_add(a, -0.633_346_9)
        .mul_add(a, -1.129_514_9)
        .mul_add(a, 0.000_174_682_69);
    let far = 1.0 - exp::lane(far);
    let erf = if a < 0.93 { near } else { far };
    erf.copysign(x)
}
