//! Sine, cosine and tangent.
//!
//! x = n π/2 + r with |r| ≤ π/4, and π/2 in three parts: the first product and difference are exact when fused, and
//! the other two lose nothing that counts while |x| ≤ [`REACH`]. The quadrant says which polynomial, and which sign.
//! The tangent divides one by the other, in f64.

use super::exp::ROUNDER;
use super::wide;

/// The largest |x| for which the error bounds of this file hold.
pub(crate) const REACH: f32 = 1e5;

const HALF_PI: f32 = std::f32::consts::FRAC_PI_2;
/// π/2 less its nearest f32, and what is left after that.
const HALF_PI_REST: f32 = -4.371_139e-8;
const HALF_PI_LAST: f32 = -1.715_124_6e-15;

/// sin x for x in radians, within 1.6 ULP for |x| ≤ [`REACH`]; ±0 at ±0, NaN at ±∞ and NaN.
#[inline(always)]
pub(crate) fn sin_lane(x: f32) -> f32 {
    let (quadrant, r) = reduce(x.abs());
    let sin = of_quadrant(quadrant, r);
    // The sign of x flips the result; ±0 keeps its own.
    f32::from_bits(sin.to_bits() ^ (x.to_bits() & 0x8000_0000))
}

/// cos x for x in radians, within 1.6 ULP for |x| ≤ [`REACH`]; NaN at ±∞ and NaN.
#[inline(always)]
pub(crate) fn cos_lane(x: f32) -> f32 {
    let (quadrant, r) = reduce(x.abs());
    of_quadrant(quadrant.wrapping_add(1), r)
}

/// The multiple of π/2 that is nearest to x, modulo 2^22, and what is left of x.
#[inline(always)]
fn reduce(x: f32) -> (u32, f32) {
    let rounded = x.mul_add(std::f32::consts::FRAC_2_PI, ROUNDER);
    let n = rounded - ROUNDER;
    let r = n.mul_add(-HALF_PI, x);
    let r = n.mul_add(-HALF_PI_REST, r);
    let r = n.mul_add(-HALF_PI_LAST, r);
    (rounded.to_bits().wrapping_sub(ROUNDER.to_bits()), r)
}

/// sin (quadrant · π/2 + r).
#[inline(always)]
fn of_quadrant(quadrant: u32, r: f32) -> f32 {
    let z = r * r;
    let p =
        2.718_162_7e-6_f32.mul_add(z, -0.000_198_393_19).mul_add(z, 0.008_333_329).mul_add(z, -0.166_666_67);
    let sin = (r * z).mul_add(p, r);
    let p = 2.443_167e-5_f32.mul_add(z, -0.001_388_730_4).mul_add(z, 0.041_666_646);
    let cos = (z * z).mul_add(p, z.mul_add(-0.5, 1.0));
    let value = if quadrant & 1 == 0 { sin } else { cos };
    f32::from_bits(value.to_bits() ^ ((quadrant & 2) << 30))
}

/// tan x for x in radians, within 0.6 ULP for |x| ≤ [`REACH`]; ±0 at ±0, NaN at ±∞ and NaN.
#[inline(always)]
pub(crate) fn tan_lane(x: f32) -> f32 {
    /// π/2 to 31 bits, so that its multiples are exact, and the rest.
    const FIRST: f64 = 1.5707963267341256;
    const REST: f64 = 6.077100506506192e-11;
    let x = f64::from(x);
    let rounded = x * std::f64::consts::FRAC_2_PI + wide::ROUNDER;
    let n = rounded - wide::ROUNDER;
    let r = (x - n * FIRST) - n * REST;
    let z = r * r;
    let sin = r * wide::polynomial(
        z,
        [
            0.9999999999999957,
            -0.16666666666616434,
            0.008333333323840354,
            -0.00019841263278795547,
            2.7555267811628643e-6,
            -2.4756264849559612e-8,
        ],
    );
    let cos = wide::polynomial(
        z,
        [
            1.0,
            -0.49999999999999245,
            0.041666666666471334,
            -0.0013888888869903067,
            2.480157851231878e-5,
            -2.7555229727213816e-7,
            2.06302094218755e-9,
        ],
    );
    let is_odd = rounded.to_bits() & 1 == 1;
    let (over, under) = if is_odd { (-cos, sin) } else { (sin, cos) };
    (over / under) as f32
}
