//! e to the power of x.
//!
//! x = n ln 2 + r with |r| ≤ ln 2 / 2, so e^x is 2^n e^r, with a polynomial for e^r. The scale goes on in two halves,
//! because 2^n alone leaves the range of f32 before e^x does, on both sides.

use crate::array::kernels::lane::Single;

/// Adding and subtracting it rounds a number below 2^22 to an integer, which then stands in its low bits.
pub(super) const ROUNDER: f32 = 12_582_912.0;

pub(super) const LN_2: f32 = std::f32::consts::LN_2;
/// ln 2 less its nearest f32.
const LN_2_REST: f32 = -1.904_654_2e-9;
/// e^r is r² p(r) + r + 1, p with these coefficients from the constant on.
pub(super) const P: [f32; 5] = [0.499_999_94, 0.166_665_15, 0.041_668_456, 0.008_369_419, 0.001_381_314_1];
/// e^x is infinite from here on.
const TOO_LARGE: f32 = 89.0;
/// e^x rounds to 0 from here down.
const TOO_SMALL: f32 = -104.0;

/// e^x, within 1.1 ULP, subnormal results included; 0 at -∞, ∞ at ∞, NaN at NaN.
#[inline(always)]
pub(crate) fn lane<L: Single>(x: L) -> L {
    let least = L::all(TOO_SMALL);
    let (less_one, rounded) = reduced(least.if_larger(x));
    less_one.one_more_scaled(rounded.sub(L::all(ROUNDER)), rounded, x, least)
}

/// e^r - 1, and a number that has n in its low bits, for x = n ln 2 + r. From [`TOO_LARGE`] on as there.
#[inline(always)]
pub(super) fn reduced<L: Single>(x: L) -> (L, L) {
    // NaN goes through: of a comparison with it, the other is taken.
    let x = L::all(TOO_LARGE).if_smaller(x);
    let rounded = x.mul_add(L::all(std::f32::consts::LOG2_E), L::all(ROUNDER));
    let n = rounded.sub(L::all(ROUNDER));
    let r = n.mul_add(L::all(-LN_2_REST), n.mul_add(L::all(-LN_2), x));
    (polynomial(r, P.map(L::all)), rounded)
}

/// r + r² p(r), p with these coefficients.
#[inline(always)]
pub(super) fn polynomial<L: Single>(r: L, p: [L; 5]) -> L {
    let z = r.mul(r);
    // In three chains, which a core works on at the same time.
    let (p0, p1) = (p[1].mul_add(r, p[0]), p[3].mul_add(r, p[2]));
    z.mul_add(p[4].mul_add(z, p1).mul_add(z, p0), r)
}

/// n of the second result of [`reduced`].
#[inline(always)]
pub(super) fn whole(rounded: f32) -> i32 {
    rounded.to_bits().wrapping_sub(ROUNDER.to_bits()).cast_signed()
}

/// 2^n for n in -126..=127.
#[inline(always)]
pub(super) fn power_of_two(n: i32) -> f32 {
    f32::from_bits((n.wrapping_add(127) as u32) << 23)
}
