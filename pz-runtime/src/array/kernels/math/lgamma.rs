//! The logarithm of the gamma function.
//!
//! For positive numbers without branches, in f64: from 1 to 3, where it passes through 0 at 1 and at 2, a polynomial
//! times what is 0 there; below 1 that of the number plus 1, less the number's logarithm; beyond 3 Stirling's formula,
//! whose correction is a polynomial in 1 / x². Numbers that are not positive are rare: they go to libm.

use super::wide;
use crate::array::kernels::cpu::multiversion;

/// Elements that [`lgamma`] looks at before it chooses the vector loop for them.
const CHUNK: usize = 64;

multiversion! {
    /// ln |Γ| of each element, within 0.6 ULP; ∞ at 0, at whole numbers below 0 and at ±∞, NaN at NaN.
    ///
    /// The two slices have the same length.
    pub(crate) fn lgamma(x: &[f32], out: &mut [f32]) {
        assert_eq!(x.len(), out.len());
        for (out, x) in out.chunks_mut(CHUNK).zip(x.chunks(CHUNK)) {
            let is_positive = x.iter().fold(true, |all, x| all & (*x > 0.0));
            for (out, x) in out.iter_mut().zip(x) {
                *out = lane(*x);
            }
            if !is_positive {
                for (out, x) in out.iter_mut().zip(x).filter(|(_, x)| **x <= 0.0 || x.is_nan()) {
                    *out = libm::lgamma(f64::from(*x)) as f32;
                }
            }
        }
    }
}

/// ln Γ(x) for x > 0; anything for others.
#[inline(always)]
fn lane(x: f32) -> f32 {
    let x = f64::from(x);
    let ln = wide::log2(x) * std::f64::consts::LN_2;
    let is_below_one = x < 1.0;
    let shifted = if is_below_one { x + 1.0 } else { x };
    let series = wide::polynomial(
        shifted - 2.0,
        [
            0.42278433509846713,
            -0.10031730153001821,
            0.03296500055213166,
            -0.012384199088411981,
            0.0049986444619814765,
            -0.0021080354202493846,
            0.0009153312963726914,
            -0.0004062952108244314,
            0.00018283370421637044,
            -8.119753686100794e-5,
            3.726165923978742e-5,
            -2.1069867673657713e-5,
            9.851317705107945e-6,
            -4.892146044701243e-7,
            2.0345105469746178e-7,
            -2.449431116074312e-6,
            1.1660443077756478e-6,
        ],
    );
    // Of numbers below 1 the first factor is the number itself, however small.
    let first = if is_below_one { x } else { x - 1.0 };
    let near = first * (shifted - 2.0) * series;
    // At 1 and at 2 it is 0 without a sign.
    let near = if is_below_one { near - ln } else { near + 0.0 };
    let inverse = 1.0 / x;
    let correction = wide::polynomial(
        // From 1 / x² = 0 to 1/9 the argument goes from -1 to 1.
        inverse * inverse * 18.0 - 1.0,
        [
            0.08318136697655196,
            -0.00014970008290229333,
            2.1834081124720607e-6,
            -7.802867119936072e-8,
            4.806163996858117e-9,
        ],
    );
    let half_ln_tau = 0.918_938_533_204_672_7;
    let far = (x - 0.5) * ln - x + half_ln_tau + inverse * correction;
    let far = if x == f64::INFINITY { x } else { far };
    (if x < 3.0 { near } else { far }) as f32
}
