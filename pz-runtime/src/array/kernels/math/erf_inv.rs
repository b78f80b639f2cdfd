//! The inverse of the error function.
//!
//! Divided by x it is a smooth function of w = -ln (1 - x²), or of √w where x is near 1; for an f32 w is below 16. In
//! f64, since what w loses near 1 the result would lose too.

use super::wide;

/// Up to here a polynomial in w, beyond one in √w.
const FAR: f64 = 6.25;

/// The number whose error function is x, within 0.6 ULP; ±∞ at ±1, ±0 at ±0, NaN outside of [-1, 1] and at NaN.
#[inline(always)]
pub(crate) fn lane(x: f32) -> f32 {
    let wide_x = f64::from(x);
    let a = wide_x.abs();
    let w = wide::log2((1.0 - a) * (1.0 + a)) * -std::f64::consts::LN_2;
    let near = wide::polynomial(
        w / 3.125 - 1.0,
        [
            1.6536545626831027,
            0.7504943076479739,
            -0.05892256867466323,
            -0.022604096452118517,
            0.017808404971782328,
            -0.004140180720663968,
            -0.001272020629382619,
            0.001242690309156122,
            -0.00026338021033992225,
            -0.00013508115498416358,
            9.204976639988137e-5,
            1.5787972260420077e-6,
            -1.0903443438510941e-5,
        ],
    );
    let far = wide::polynomial(
        (w.sqrt() - 3.25) / 0.75,
        [
            3.0838856059231405,
            0.7539442263433169,
            0.0030213681802404154,
            -0.0015825699036345867,
            0.0007864657648313399,
            -0.0004003976383556657,
            0.0001748963896730516,
            -4.8105255586868396e-5,
            -3.751401118795084e-6,
            6.0628564486914715e-6,
        ],
    );
    let slope = if w < FAR { near } else { far };
    let slope = if a < 1.0 { slope } else { f64::INFINITY };
    // Written so that NaN is not.
    let slope = if a <= 1.0 { slope } else { f64::NAN };
    (wide_x * slope) as f32
}
