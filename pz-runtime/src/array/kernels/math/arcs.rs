//! Arc sine, arc cosine and arc tangent, of one number and of two.
//!
//! Polynomials in f64 on short ranges: the arc sine of numbers below ½, and beyond through that of √((1 - x) / 2); the
//! arc tangent of numbers below tan π/8, and beyond by the rules for 1 / x and for differences. One division each.

use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, PI};

use super::wide;

/// asin a / a as a polynomial in a², for a ≤ ½.
#[inline(always)]
fn asin_series(z: f64) -> f64 {
    wide::polynomial(
        z,
        [
            0.999999999999949,
            0.16666666670739985,
            0.07499999465541901,
            0.044643127795630184,
            0.03037502667647575,
            0.022472881657891398,
            0.016470893198077496,
            0.018646328134526484,
            -0.002874145509656018,
            0.03196080310674931,
        ],
    )
}

/// asin x, within 0.6 ULP; ±0 at ±0, NaN outside of [-1, 1] and at NaN.
#[inline(always)]
pub(crate) fn asin_lane(x: f32) -> f32 {
    let a = f64::from(x).abs();
    let is_far = a > 0.5;
    let z = if is_far { 0.5 * (1.0 - a) } else { a * a };
    let side = if is_far { z.sqrt() } else { a };
    let arc = side * asin_series(z);
    let arc = if is_far { FRAC_PI_2 - 2.0 * arc } else { arc };
    (arc as f32).copysign(x)
}

/// acos x, within 0.6 ULP; NaN outside of [-1, 1] and at NaN.
#[inline(always)]
pub(crate) fn acos_lane(x: f32) -> f32 {
    let wide_x = f64::from(x);
    let a = wide_x.abs();
    let is_far = a > 0.5;
    let z = if is_far { 0.5 * (1.0 - a) } else { a * a };
    let side = if is_far { z.sqrt() } else { wide_x };
    let arc = side * asin_series(z);
    let far = if x < 0.0 { PI - 2.0 * arc } else { 2.0 * arc };
    (if is_far { far } else { FRAC_PI_2 - arc }) as f32
}

/// The arc tangent of `n / d` for numbers that are not negative, not both 0 and not both ∞.
#[inline(always)]
fn first_quadrant(n: f64, d: f64) -> f64 {
    const TAN_PI_8: f64 = std::f64::consts::SQRT_2 - 1.0;
    let is_steep = n > d;
    let (short, long) = if is_steep { (d, n) } else { (n, d) };
    let is_far = short > TAN_PI_8 * long;
    let over = if is_far { short - long } else { short };
    let under = if is_far { short + long } else { long };
    let t = over / under;
    let series = wide::polynomial(
        t * t,
        [
            0.9999999999992406,
            -0.3333333327665221,
            0.1999999302540986,
            -0.142853854666178,
            0.11103437092731207,
            -0.08992368875138163,
            0.06973355596975836,
            -0.03764005089998715,
        ],
    );
    let arc = t * series;
    let arc = if is_far { arc + FRAC_PI_4 } else { arc };
    if is_steep { FRAC_PI_2 - arc } else { arc }
}

/// atan x, within 0.6 ULP; ±π/2 at ±∞, ±0 at ±0, NaN at NaN.
#[inline(always)]
pub(crate) fn atan_lane(x: f32) -> f32 {
    (first_quadrant(f64::from(x).abs(), 1.0) as f32).copysign(x)
}

/// The angle of the point (x, y), within 0.6 ULP, for zeros and infinities as IEEE 754 has it; NaN at NaN.
#[inline(always)]
pub(crate) fn atan2_lane(y: f32, x: f32) -> f32 {
    let (n, d) = (f64::from(y).abs(), f64::from(x).abs());
    let both = (n == f64::INFINITY) & (d == f64::INFINITY);
    let (n, d) = if both { (1.0, 1.0) } else { (n, d) };
    let d = if (n == 0.0) & (d == 0.0) { 1.0 } else { d };
    let arc = first_quadrant(n, d);
    let arc = if x.is_sign_negative() { PI - arc } else { arc };
    let angle = (arc as f32).copysign(y);
    if x.is_nan() | y.is_nan() { f32::NAN } else { angle }
}
